// A mailing: who will and who will not before anything leaves, the policy's footer, RFC 8058 headers, a link that
// stops nothing by being opened and everything by one press, and the person left out of the next. A template with a picture, and a
// mailing that begins with it.
import { readFileSync } from "node:fs";
import { look, must, says, signIn, until } from "../house.mjs";

export const mail = true;

const drawing = readFileSync(new URL("../../../crates/app/tests/corpus/picture/drawing.png", import.meta.url));

async function draft(page, activity) {
  await page.goto("/outreach/new");
  await look(page, "outreach-new");
  await page.check(`input[name="activity"][value="${activity}"]`);
  await page.click("text=Go on");
  await page.waitForURL(/\/outreach\/\d+/);
  await page.fill("#subject", "Spring dates for leaders");
  await page.fill("#text", "Dear {name},\n\nour **spring dates** are out.");
  await page.click("text=Save the draft");
  await page.waitForURL(/said=saved/);
  const will = Number((await page.locator(".sum strong").first().innerText()).replace(/\D/g, ""));
  const not = Number((await page.locator(".sum strong").nth(1).innerText()).replace(/\D/g, ""));
  return { will, not };
}

export default async function ({ page, context, instance, mail }) {
  await signIn(page, instance);
  // An audience is asked for before anything is begun: its address is the view.
  await page.goto("/outreach/audience");
  await page.selectOption("#activity", "news for organisations");
  await page.getByRole("button", { name: "Go on" }).click();
  await says(page, "Would receive today", "in all", "By what nobody is picked out here");
  await look(page, "audience");
  await page.fill("#not-written-since", "2000-01-01");
  await page.getByRole("button", { name: "Show who that is" }).click();
  await page.waitForURL(/not-written-since=2000-01-01/);
  await says(page, "not written to about this since 1 Jan 2000");
  await page.click("text=Keep this audience");
  await page.fill("#name", "Never written to");
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.waitForURL(/outreach\/audiences\?said=saved/);
  await says(page, "Never written to", "yours");
  await look(page, "audiences");
  const first = await draft(page, "news for organisations");
  must(first.will > 2 && first.not > 0, `will ${first.will}, not ${first.not}`);
  await says(page, "Will receive", "Will not", "objected");
  await look(page, "mailing-draft");
  await page.click("text=Send to");
  const confirm = page.locator("dialog[open]").getByRole("button", { name: "Send", exact: true });
  if (await confirm.count()) await confirm.click();
  await page.waitForURL(/said=leaving/);
  await look(page, "mailing-leaving");
  await page.click("text=Send it now");
  await until("every message left", () => mail.mails().length === first.will);
  await page.reload();
  await until("the mailing counts as sent", async () => {
    await page.reload();
    return (await page.locator("main").innerText()).includes("sent");
  });
  await says(page, "delivered, as far as we know", "Stopped by its link");
  await look(page, "mailing-results");

  const message = mail.mails()[0];
  must(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m.test(message), "no one-click header");
  const unfolded = message.replace(/\r?\n[ \t]/g, " ");
  const link = unfolded.match(/^List-Unsubscribe: <(.+?)>/m)[1];
  must(link.startsWith(instance.address), `the link leads elsewhere: ${link}`);
  const body = message.replace(/=\r?\n/g, "").replace(/=3D/g, "=");
  must(body.includes("your time and your privacy matter to us"), "the policy's footer is missing");

  // Opening the link changes nothing; a mail program's one-click POST, without cookies or origin, stops it.
  const visitor = await (await context.browser().newContext()).newPage();
  await visitor.goto(link);
  await says(visitor, "Nothing has changed yet");
  await look(visitor, "unsubscribe");
  const one = await draft(page, "news for organisations");
  must(one.will === first.will, "opening the link unsubscribed somebody");
  const answer = await fetch(link, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "List-Unsubscribe=One-Click",
  });
  must(answer.ok, `one click was answered ${answer.status}`);
  await visitor.goto(link);
  await says(visitor, "You will get no more");
  await look(visitor, "unsubscribed");
  const two = await draft(page, "news for organisations");
  must(two.will === first.will - 1 && two.not === first.not + 1, `then ${two.will} will and ${two.not} will not`);

  // Taking it back is as easy.
  await visitor.click("text=That was a mistake");
  await says(visitor, "Nothing has changed yet");
  const three = await draft(page, "news for organisations");
  must(three.will === first.will, "the undo did not count");

  await page.goto("/outreach/templates/new");
  await look(page, "template-new");
  await page.fill("#name", "Spring");
  await page.check('input[name="activity"][value="news for organisations"]');
  await page.fill("#subject", "For {given name}");
  await page.fill("#text", "Dear {name},\n\n![](picture:1)");
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.waitForURL(/templates\/\d+\?said=saved/);
  await page.setInputFiles("#picture", { name: "door.png", mimeType: "image/png", buffer: drawing });
  await page.fill("#alt", "A red door");
  await page.getByRole("button", { name: "Add the picture" }).click();
  await page.waitForURL(/said=added/);
  await look(page, "template");
  await page.click("text=Begin a mailing with it");
  await page.waitForURL(/new\?template=\d+/);
  await page.click("text=Go on");
  await page.waitForURL(/\/outreach\/\d+/);
  const shown = page.locator("#example img[alt='A red door']");
  must((await shown.count()) === 1, "the preview shows no picture");
  must(await shown.evaluate((picture) => picture.complete && picture.naturalWidth > 0), "the picture cannot be seen");
  await look(page, "mailing-with-a-picture");
}
