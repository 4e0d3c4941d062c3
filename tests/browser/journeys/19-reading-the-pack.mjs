// Reading a pack before it leaves: two hundred places that speak of others, decided without touching the mouse; what was
// removed is in nothing that leaves, and it leaves by a link with a code; the same page works without a script and on a narrow screen.
import { accessible, fits, find, look, must, says, signIn, NARROW, WIDE } from "../house.mjs";

const NOTES = 10;
const EACH = 20;

export default async function ({ page, context, browser, instance }) {
  await signIn(page, instance);
  await find(page, "Priya Nair");
  const person = page.url().match(/people\/(\d+)/)[1];
  const kind = await page.locator('form[action$="/entries"] [name="kind"]').first().evaluate((field) => field.value);
  for (let note = 0; note < NOTES; note++) {
    const whom = Array.from({ length: EACH }, (_, place) => `ask somebody${note}x${place}@elsewhere.example`).join("; ");
    const body = new URLSearchParams({ kind, text: `Note ${note}. ${whom}.`, on: "2026-11-19", direction: "" });
    const answer = await page.request.post(`/people/${person}/entries`, { headers: { origin: instance.address, "content-type": "application/x-www-form-urlencoded" }, data: body.toString() });
    must(answer.ok(), `the note was answered ${answer.status()}`);
  }
  await page.goto(`/people/${person}`);
  await page.click("text=show what we hold");
  await page.check('input[name="kind"][value="access"]');
  await page.fill("#received", "2026-11-20");
  await page.click("text=Open the request");
  await page.waitForURL(/\/requests\/\d+/);
  const request = page.url().split("?")[0];
  if (await page.locator('form[action$="/identity"]').count()) {
    await page.locator('form[action$="/identity"] button').click();
    await page.waitForLoadState();
  }
  await says(page, "Reading it first");
  await page.goto(`${request}/review`);
  await says(page, "Reading the pack", "decided");
  await look(page, "review");
  await page.setViewportSize(NARROW);
  await fits(page);
  await accessible(page);
  await page.setViewportSize(WIDE);

  // Without scripts the buttons do the same.
  const plain = await browser.newContext({ baseURL: instance.address, javaScriptEnabled: false, storageState: await context.storageState() });
  const still = await plain.newPage();
  await still.goto(`${request}/review`);
  await still.click("[data-remove]");
  must(/\b1 of \d+ decided/.test(await still.locator("[data-progress]").innerText()), "a button decides without scripts");
  await plain.close();

  // By keys alone: on and back, the first kept, every other one removed.
  await page.goto(`${request}/review`);
  const said = () => page.locator("[data-progress]").innerText();
  const now = () => page.locator("#now h2").innerText();
  const first = await now();
  await page.keyboard.press("j");
  await page.waitForFunction((was) => document.querySelector("#now h2")?.innerText !== was, first);
  await page.keyboard.press("k");
  await page.waitForFunction((was) => document.querySelector("#now h2")?.innerText === was, first);
  const kept = await now();
  const began = Date.now();
  let pressed = 0;
  for (;;) {
    const before = await said();
    const [, decided, all] = before.match(/(\d+) of (\d+) decided/);
    if (decided === all) break;
    must(++pressed <= NOTES * EACH + 40, `${pressed} keys were not enough: ${before}`);
    await page.keyboard.press(pressed === 1 ? "a" : "r");
    await page.waitForFunction((was) => document.querySelector("[data-progress]")?.innerText !== was, before);
  }
  must(pressed >= NOTES * EACH - 1, `only ${pressed} keys were pressed`);
  console.log(`      ${pressed} decisions by keyboard in ${Math.round((Date.now() - began) / 1000)} s`);
  await says(page, "All is decided");
  await look(page, "review-done");

  const json = await (await page.request.get(`${request}/pack.json`)).text();
  must(json.includes(kept) && json.includes("[removed: an e-mail address]"), "what was kept stays, what was removed is marked");
  const left = json.match(/somebody\d+x\d+@elsewhere\.example/g) || [];
  must(left.every((one) => one === kept), `still in it: ${left.slice(0, 3)}`);
  const zip = await page.request.get(`${request}/pack.zip`);
  must(zip.ok(), `the pack was answered ${zip.status()}`);

  // It leaves by a link with a code, as it was read.
  await page.goto(request);
  await page.getByRole("button", { name: "Make the pack" }).click();
  await page.waitForURL(/said=saved/);
  await page.getByRole("button", { name: "Hand it over by a link with a code" }).click();
  await look(page, "pack-offer");
  const [link, code] = await page.locator("code.secret").allInnerTexts();
  const outside = await browser.newContext({ baseURL: instance.address, javaScriptEnabled: false });
  const theirs = await outside.newPage();
  await theirs.goto(new URL(link).pathname);
  await theirs.fill("#code", "AAAAAAAA");
  await theirs.click("text=Take my copy");
  must((await theirs.getByText("This is not the code").count()) === 1, "a wrong code is said");
  await theirs.fill("#code", code.toLowerCase());
  const [download] = await Promise.all([theirs.waitForEvent("download"), theirs.click("text=Take my copy")]);
  must(download.suggestedFilename() === "your-data.zip", "the copy is taken");
  await outside.close();
  await page.goto(new URL(link).pathname);
  await look(page, "pack-fetch");
}
