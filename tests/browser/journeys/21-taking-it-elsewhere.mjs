// Finding somebody by words of one's own, and sending what they gave us to another organisation: nothing goes before they
// confirmed where, and it goes by a link and a code.
import { accessible, fits, find, look, must, says, signIn, NARROW, WIDE } from "../house.mjs";

export default async function ({ page, browser, instance }) {
  await signIn(page, instance);
  await find(page, "Priya Nair");
  const person = page.url().match(/people\/(\d+)/)[1];
  await page.goto(`/people/${person}`);
  await page.click("text=show what we hold");
  await page.check('input[name="kind"][value="portability"]');
  await page.fill("#received", "2026-11-20");
  await page.click("text=Open the request");
  await page.waitForURL(/\/requests\/\d+/);
  const request = page.url().split("?")[0];
  if (await page.locator('form[action$="/identity"]').count()) {
    await page.locator('form[action$="/identity"] button').click();
    await page.waitForLoadState();
  }

  // Words of one's own are looked for beside what is known, and go on record.
  await page.goto(`${request}/words`);
  await says(page, "Where else they are spoken of", "however they are written");
  await page.fill("#also", "the lighthouse\nroom nine");
  await page.click("text=Look again");
  await says(page, "words of our own: the lighthouse, room nine");
  must((await page.inputValue("#also")).includes("room nine"), "what was typed stays");
  await look(page, "words");
  await accessible(page);
  await page.setViewportSize(NARROW);
  await fits(page);
  await page.setViewportSize(WIDE);
  await page.click("text=Put this search on record");
  await page.waitForURL(/\/requests\/\d+/);
  await says(page, "the lighthouse");

  // Whatever speaks of others is taken out.
  await page.goto(`${request}/review`);
  for (let pressed = 0; pressed < 80; pressed++) {
    const said = await page.locator("[data-progress]").innerText();
    const [, decided, all] = said.match(/(\d+) of (\d+) decided/) || [];
    if (decided === all) break;
    await page.keyboard.press("r");
    await page.waitForFunction((was) => document.querySelector("[data-progress]")?.innerText !== was, said);
  }
  await page.goto(request);
  await page.click("text=Make the pack");
  await says(page, "Take the whole pack");

  // Where it shall go is written down; nothing can be sent before they confirmed it.
  await page.click("text=They want it sent to another organisation");
  await page.fill("#organisation", "Northfield Learning");
  await page.fill("#onward-address", "intake@northfield.example");
  await page.click("text=Write it down");
  await says(page, "Northfield Learning", "waits for their confirmation");
  must((await page.locator('form[action$="/onward/link"]').count()) === 0, "nothing can be sent yet");
  await look(page, "onward");
  await accessible(page);
  await page.setViewportSize(NARROW);
  await fits(page);
  await page.setViewportSize(WIDE);
  await page.fill("#onward-how", "read back to us on the telephone");
  await page.click("text=They confirmed this address");
  await says(page, "confirmed by them");
  await page.click("text=Send it there by a link with a code");
  await says(page, "Send it to another organisation", "intake@northfield.example");
  const [link, code] = await page.locator("code.secret").allInnerTexts();
  await accessible(page);

  // The other organisation takes it, and that stands among what was passed on.
  const there = await browser.newContext({ baseURL: instance.address, acceptDownloads: true });
  const taking = await there.newPage();
  await taking.goto(new URL(link).pathname);
  await taking.fill("#code", code);
  const [download] = await Promise.all([taking.waitForEvent("download"), taking.click("text=Take my copy")]);
  must(download.suggestedFilename() === "your-data.zip", "it is one archive");
  await there.close();
  await page.goto(request);
  await says(page, "They took it on");
}
