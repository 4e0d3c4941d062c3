// Choosing one of very many, by keyboard, by touch and without scripts: a few stand there, typing finds others, what is
// chosen stays, and a form sent too early loses nothing.
import { look, must, says, signIn } from "../house.mjs";

export default async function ({ page, browser, context, instance }) {
  await signIn(page, instance);
  await page.goto("/work/new?work=programme");
  await says(page, "Start a coaching programme", "Who pays?");
  await look(page, "work-new");
  const options = await page.locator("option").count();
  must(options < 20, `${options} choices are listed at once`);

  // By keyboard alone: type, go down to the answers, choose with the space bar.
  const client = page.locator("#client-find");
  await client.focus();
  await page.keyboard.type("tara");
  const found = page.locator("#client [data-picked] label");
  await page.waitForFunction(() => document.querySelector("#client-said").textContent === "1 to choose from.");
  must((await found.count()) === 1, "the answers follow while one types");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  must(await found.getByRole("radio").isChecked(), "the space bar chooses");
  // Typing on keeps whoever is chosen.
  await client.fill("zzz");
  await page.waitForFunction(() => document.querySelector("#client-said").textContent.startsWith("Nothing matches"));
  must((await page.locator("#client input:checked").count()) === 1, "who is chosen is lost by typing on");
  await page.locator("#payer-find").fill("ferry");
  await page.getByRole("radio", { name: /Ferrybridge Foods Ltd/ }).check();
  await look(page, "work-new-found");
  await page.getByRole("button", { name: "Start", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/work\/\d+/);
  await says(page, "client Tara Whitfield", "paid by Ferrybridge Foods Ltd");

  // Adding a person who belongs somewhere.
  await page.goto("/people/new?category=organisation%20contact");
  await page.fill("#name", "Bryn Howells");
  await page.locator("#organisation-find").fill("northbank");
  await page.getByRole("radio", { name: /Northbank Housing Trust/ }).check();
  await look(page, "person-new");

  // Without scripts: the button finds and nothing typed is lost; sent too early the page says what to do.
  const plain = await browser.newContext({ baseURL: instance.address, javaScriptEnabled: false, storageState: await context.storageState() });
  const still = await plain.newPage();
  await still.goto("/people/new?category=organisation%20contact");
  await still.fill("#name", "Bryn Howells");
  await still.fill("#email", "bryn.howells@northbank.example");
  await still.fill("#organisation-find", "northbank");
  await still.getByRole("button", { name: "Find", exact: true }).click();
  must((await still.inputValue("#name")) === "Bryn Howells", "the name is lost by looking for the organisation");
  await still.getByRole("button", { name: "Add", exact: true }).click();
  await says(still, "Choose one of those found, or empty the box.");
  await still.getByRole("radio", { name: /Northbank Housing Trust/ }).check();
  await still.getByRole("button", { name: "Add", exact: true }).click();
  await still.waitForURL(/\/people\/\d+/);
  await says(still, "Bryn Howells", "Northbank Housing Trust");
  await plain.close();
}
