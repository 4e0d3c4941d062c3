// What leaves us in the next twelve months: from Today to the months, from a number to the people it counts, from one of
// them to their page; by activity, and what has no day yet.
import { look, must, says, signIn } from "../house.mjs";

const lines = (page) => page.locator("#list tbody tr").count();

export default async function ({ page, instance }) {
  await signIn(page, instance);
  await page.getByRole("link", { name: "What leaves us in the next twelve months" }).click();
  await says(page, "Leaving us", "As the facts stand today", "By month", "Not by itself", "No day yet");
  await look(page, "leaving");

  // A number opens as many lines as it says.
  const month = page.locator("table.bars tbody td.number a").first();
  const many = Number((await month.innerText()).match(/\d+/)[0]);
  await month.focus();
  await Promise.all([page.waitForURL(/month=/), page.keyboard.press("Enter")]);
  must((await lines(page)) === Math.min(many, 25), `${many} are counted and ${await lines(page)} listed`);
  await page.locator("#list tbody a").first().click();
  await says(page, "Why do we hold this?");

  await page.goto("/leaving");
  await page.selectOption("#activity", "coaching");
  await page.locator("#list form button").click();
  await page.waitForURL(/activity=coaching/);
  const all = Number((await page.locator("table.bars tfoot td.number").first().innerText()).match(/\d+/)[0]);
  must((await lines(page)) === Math.min(all, 25), `coaching has ${all} last days and ${await lines(page)} are listed`);
  await page.getByRole("link", { name: "Show everything" }).click();

  await page.locator("aside").getByRole("link", { name: "Reviews due" }).click();
  await says(page, "somebody decides whether it is still needed");
  await page.locator("aside").getByRole("link", { name: "Coaching sessions" }).click();
  await page.waitForURL(/awaits=completed/);
  await says(page, "waiting for \u201ccompleted\u201d");
  await look(page, "leaving-no-day-yet");
}
