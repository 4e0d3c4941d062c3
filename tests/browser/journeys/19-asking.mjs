// Asking without signing in, by keyboard and without a script: ordinary words, the answers once more, a reference and a day.
// Then the desk: a letter is drafted, two people change it at once, it leaves and stops the clock; a complaint to its outcome.
import { accessible, look, must, says, signIn } from "../house.mjs";

async function ask(page, kind, more = {}) {
  await page.goto("/ask");
  await page.check(`input[name="kind"][value="${kind}"]`);
  for (const [field, value] of Object.entries(more)) await page.fill(`#${field}`, value);
  await page.click("text=Go on: check your answers");
}

export default async function ({ page, instance, browser }) {
  // Without JavaScript.
  const plain = await browser.newContext({ baseURL: instance.address, javaScriptEnabled: false });
  const visitor = await plain.newPage();
  await visitor.goto("/ask");
  await visitor.getByText("Go on: check your answers").click();
  must((await visitor.getByText("Choose what you want us to do.").count()) > 0, "what is missing is said");
  await ask(visitor, "access", { name: "Wren Novak", reach: "wren.novak@elsewhere.example", words: "Everything since 2020." });
  must((await visitor.getByText("Nothing has been sent yet.").count()) === 1, "the answers stand there once more");
  await visitor.click("text=Change something");
  must((await visitor.inputValue("#words")) === "Everything since 2020.", "nothing typed is lost");
  await visitor.getByText("Go on: check your answers").click();
  await visitor.getByRole("button", { name: "Send it", exact: true }).click();
  must((await visitor.locator("#due").innerText()).includes("20"), "the day stands there");
  const reference = await visitor.locator("#reference").innerText();
  await plain.close();

  await page.goto("/ask");
  await look(page, "ask");
  await page.click("text=Go on: check your answers");
  await look(page, "ask-wrong");
  await ask(page, "complaint", { name: "Wren Novak", reach: "wren.novak@elsewhere.example", words: "You wrote to my old address." });
  await look(page, "ask-check");
  await page.getByRole("button", { name: "Send it", exact: true }).click();
  await says(page, "that we have it");
  await look(page, "ask-taken");

  await signIn(page, instance);
  await page.goto("/requests");
  await page.getByRole("link", { name: /Wren Novak/ }).first().click();
  await page.waitForURL(/\/requests\/\d+/);
  await says(page, reference);
  const request = page.url().split("?")[0];
  await look(page, "request-asked");

  // A letter, by two people at once.
  await page.click("text=Write a letter");
  await page.check('input[name="sort"][value="clarification"]');
  await page.fill("#letter-why", "which of the three courses it is about");
  await page.click("text=Draft it");
  await page.waitForURL(/\/letters\/\d+/);
  await look(page, "letter");
  const letter = page.url();
  const other = await page.context().newPage();
  await other.goto(letter);
  await other.fill("#subject", "Which course is it about?");
  await other.click("text=Keep it as a draft");
  await page.fill("#body", "Mine, written at the same time.");
  await page.click("text=Keep it as a draft");
  await says(page, "Somebody else was quicker");
  must((await page.inputValue("#subject")) === "Which course is it about?", "theirs stands in the field");
  must((await page.locator("#yours").innerText()).includes("Mine, written at the same time."), "and what I wrote beside it");
  await accessible(page, "letter, changed by two");
  await page.screenshot({ path: "target/pictures/letter-conflict.png", fullPage: true });
  await page.goto(`${letter}/paper`);
  await look(page, "letter-paper");
  await page.goto(letter);
  await page.click("text=Send it now");
  await page.waitForURL(/\/requests\/\d+/);
  await says(page, "Paused since");
  // A form opened before that does nothing any more, and loses nothing.
  await other.goto(request);
  await page.goto(request);
  await page.getByRole("button", { name: "We have it: go on" }).click();
  await page.waitForURL(/said=saved/);
  await other.getByRole("button", { name: "Give it to them" }).click();
  await says(other, "Somebody else has changed this request since you opened it");
  await other.close();
  await page.goto(request);
  await page.click("text=We need longer");
  await look(page, "request-longer");

  // The complaint.
  await page.goto("/complaints");
  await look(page, "complaints");
  await page.getByRole("link", { name: /Wren Novak/ }).first().click();
  await look(page, "complaint");
  await page.click("text=Write a letter");
  await page.check('input[name="sort"][value="acknowledgement"]');
  await page.click("text=Draft it");
  await page.waitForURL(/\/letters\/\d+/);
  await page.click("text=Send it now");
  await page.waitForURL(/\/complaints\/\d+/);
  await says(page, "acknowledged");
  await page.fill("#told", "The old list is gone, and we have said sorry.");
  await page.click("text=Record the outcome");
  await says(page, "Answered and closed");
  await look(page, "complaint-closed");
  await page.goto("/requests/new");
  await page.click("text=Somebody asks for them");
  await look(page, "request-new-for");
}
