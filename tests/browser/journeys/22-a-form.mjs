// Writing by a public form, without signing in and without a script: what is missing is said, nothing typed is lost, a reference and
// what happens next. Then somebody here finds it on Today, reads it and answers, and it waits no longer.
import { look, must, says, signIn } from "../house.mjs";

const fill = async (page, answers) => {
  for (const [field, value] of Object.entries(answers)) await page.fill(`#${field}`, value);
};
const send = (page) => page.getByRole("button", { name: "Send it", exact: true }).click();

export default async function ({ page, instance, browser }) {
  // Without JavaScript, from the foot of the notice.
  const plain = await browser.newContext({ baseURL: instance.address, javaScriptEnabled: false });
  const visitor = await plain.newPage();
  await visitor.goto("/privacy");
  await visitor.getByRole("link", { name: "Write to us" }).click();
  await visitor.waitForURL(/\/forms\/enquiry$/);
  await fill(visitor, { name: "Wren Novak", email: "wren.novak@elsewhere.example" });
  await send(visitor);
  await says(visitor, "Write what you want to tell us.", "Choose what it is about.");
  must((await visitor.inputValue("#name")) === "Wren Novak", "nothing typed is lost");
  await visitor.check("input[name=about][value='organisation contact under enquiries']");
  await fill(visitor, { organisation: "Novak and Daughters", enquiry: "Do you teach managers to listen?" });
  await send(visitor);
  await says(visitor, "We have it", "What happens next");
  must((await visitor.locator("#reference").innerText()).length > 3, "there is a reference");
  await plain.close();

  await page.goto("/forms/enquiry");
  await look(page, "form");
  await page.locator("#notice summary").first().click();
  await look(page, "form-notice");
  await send(page);
  await look(page, "form-wrong");

  await signIn(page, instance);
  const waits = page.locator("main .rows > li", { hasText: "Wren Novak" }).filter({ hasText: "answer what they wrote by our form" });
  await page.goto("/");
  must((await waits.count()) === 1, "it waits for an answer on Today");
  await look(page, "today-with-a-form");
  await waits.getByRole("link", { name: /^Answer/ }).click();
  await page.waitForURL(/\/tasks\/\d+/);
  await look(page, "form-task");
  await page.getByRole("link", { name: "Read it and answer it" }).click();
  await page.waitForURL(/\/people\/\d+/);
  await says(page, "Do you teach managers to listen?", "by the form on our website", "Novak and Daughters");
  const person = new URL(page.url()).pathname;
  await page.goto(`${person}/mail`);
  const about = page.locator("input[name=activity][value=enquiries]");
  if (await about.count()) await about.check();
  await page.fill("#subject", "Your question");
  await page.fill("#text", "Dear Wren, yes: in March.");
  await page.getByRole("button", { name: "Send it", exact: true }).click();
  await page.waitForURL((url) => url.pathname === person);
  await page.goto("/");
  must((await waits.count()) === 0, "what was answered waits no longer");
}
