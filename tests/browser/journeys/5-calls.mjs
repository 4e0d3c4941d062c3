// Marketing calls: nobody is called unscreened, a listed number is refused unless its subscriber does not object, and
// a file gets too old on its twenty-eighth day.
import { find, look, must, says, signIn } from "../house.mjs";

async function load(page, register, dated, numbers, asItIs = false) {
  if (!asItIs) await page.goto("/calls");
  await page.locator("details.more").evaluate((more) => (more.open = true));
  if (asItIs) await page.check("#as-it-is");
  await page.selectOption("#register", register);
  await page.fill("#dated", dated);
  await page.setInputFiles("#file", { name: `${register}.txt`, mimeType: "text/plain", buffer: Buffer.from(numbers) });
  await page.click("text=Load it");
  await page.waitForLoadState();
}

async function callPage(page, name) {
  await find(page, name);
  const person = page.url().match(/people\/(\d+)/)[1];
  await page.goto(`/calls/${person}`);
}

export default async function ({ page, instance }) {
  await signIn(page, instance);
  const tps = "01632960411\n+441632960999\nno number\n";
  await load(page, "tps", "2026-11-20", tps);
  // What looks like half a list takes the place of the one there was only when somebody says so.
  await says(page, "1 line of this file holds no number: line 3", "202 numbers");
  await look(page, "calls-doubtful");
  await load(page, "tps", "2026-11-20", tps, true);
  await says(page, "2 numbers (1 line held none)");
  await load(page, "ctps", "2026-11-20", "01632 960998\n");
  await says(page, "This file has 1 number, and the list before had 202 numbers");
  await load(page, "ctps", "2026-11-20", "01632 960998\n", true);
  await look(page, "calls");

  // Listed: refused, naming the promise.
  await callPage(page, "Oluwaseun Adeyemi");
  await says(page, "do not call", "preference list", "CTI-07");
  must(!(await page.content()).includes("960411"), "the number is shown though it may not be called");
  await look(page, "call-refused");

  // Not listed: the number and what to say, and what came of it is kept.
  await callPage(page, "Rashid Karim");
  await says(page, "may be called", "960413");
  await look(page, "call");
  await page.check('input[name="result"][value="asked not to call"]');
  await page.click("main form:has(input[name=result]) button");
  await page.waitForURL(/\/people\/\d+\?said=recorded/);
  await callPage(page, "Rashid Karim");
  await says(page, "do not call");

  // A file dated 28 or more days ago screens nothing.
  await page.goto("/");
  await page.fill('input[name="date"]', "2026-12-18");
  await page.locator('form[action="/practice/clock"] button').click();
  await page.waitForURL(/said=clock/);
  await callPage(page, "Ingrid Halvorsen");
  await says(page, "28 days old", "fewer than 28");
  await page.goto("/calls");
  await says(page, "Too old");
}
