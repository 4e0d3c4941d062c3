// Before something ends: the question whether it shall go on, its link, which changes nothing by being opened; what a
// policy's own facts and events are, asked for on the pages of those whose periods hang on them, and nowhere else.
import { find, look, must, says, set, signIn, until } from "../house.mjs";

export const mail = true;

export default async function ({ page, context, instance, mail }) {
  await signIn(page, instance);

  // Nights pass until somebody's consent comes near its end.
  const asked = () => mail.mails().find((one) => /^Subject: Shall it go on\?/m.test(one));
  for (let week = 1; week < 110 && !asked(); week += 1) {
    await set(page, new Date(Date.UTC(2026, 10, 23 + 7 * week)).toISOString().slice(0, 10));
  }
  const message = await until("somebody is asked", asked);
  const body = message.replace(/=\r?\n/g, "").replace(/=3D/g, "=");
  must(body.includes("Opening it alone changes nothing") && body.includes("If you do nothing, it ends on that day"), body);
  const link = body.match(/https?:\/\/[^\s>"<]+\/answer\/[0-9a-f]+/)[0];
  must(link.startsWith(instance.address), `the link leads elsewhere: ${link}`);

  const visitor = await (await context.browser().newContext()).newPage();
  await visitor.goto(link);
  await says(visitor, "Shall it go on?", "Do you want this to go on?", "If you do nothing, it ends on that day.");
  await look(visitor, "answer-stay");
  await visitor.reload();
  must(!(await visitor.locator("body").innerText()).includes("You said"), "opening the link answered it");
  await visitor.getByRole("button", { name: "Yes, go on" }).focus();
  await Promise.all([visitor.waitForEvent("load"), visitor.keyboard.press("Enter")]);
  await says(visitor, "You said yes on");
  await look(visitor, "answer-stay-answered");

  // A policy with an event of its suppliers, and a fact about its associates.
  await page.goto("/policy/edit");
  const text = page.locator("#text");
  const lines = (await text.inputValue()).split("\n");
  let activity = "";
  const written = [];
  for (const line of lines) {
    if (line.startsWith("activity ")) activity = line;
    if (line.startsWith("work programme")) {
      written.push('event payment "we paid you"', 'fact worked abroad "you worked abroad for us": yes or no', "");
    }
    if (/^ +keep /.test(line) && activity.startsWith("activity suppliers ")) {
      written.push("  keep      6 years after last payment, at most 10 years after last contact  promise CTI-17");
    } else if (/^ +keep /.test(line) && activity.startsWith("activity associate news")) {
      written.push("  keep      10 years after no longer associate, if worked abroad", "    was     associate news", "  keep      1 year after no longer associate, otherwise");
    } else {
      written.push(line);
    }
  }
  await text.fill(written.join("\n"));
  await page.click('button[value="preview"]');
  await page.waitForLoadState();
  await says(page, "What version");
  await page.click("main form button.main");
  await page.waitForURL(/versions\?said=adopted/);
  const from = written.join("\n").match(/version\s+\d+, from (\d{4}-\d\d-\d\d)/)[1];
  await set(page, new Date(Date.parse(from) + 86_400_000).toISOString().slice(0, 10));

  // A supplier: nobody is asked for what hangs on nothing of theirs.
  await page.goto("/people?category=supplier");
  await page.locator('main a[href^="/people/"]:not([href$=new])').first().click();
  await page.waitForURL(/\/people\/\d+/);
  await says(page, "What decides how long", "Payment", "we paid you", "Not recorded", "6 years after we last paid them");
  must(!(await page.locator("main").innerText()).includes("Worked abroad"), "a supplier is asked for an associate's fact");
  await look(page, "person-known");
  await page.locator("#known summary").first().focus();
  await page.keyboard.press("Enter");
  const day = page.locator('#known input[name="on"]').first();
  await day.fill("2039-01-01");
  await page.locator('#known form[action$="/events"] button').first().click();
  await says(page, "This day has not come yet.");
  await look(page, "person-known-wrong");
  await day.fill(from);
  await page.locator('#known form[action$="/events"] button').first().click();
  await page.waitForURL(/said=recorded/);
  await says(page, "The last payment was on", "Record it anew");
  must(await page.getByRole("button", { name: /Take it back.*Payment/ }).count() === 1, "nothing takes it back");
  await look(page, "person-known-recorded");
  await page.locator('#known form[action$="/undo"] button').first().click();
  await page.waitForURL(/said=undone/);
  await says(page, "Not recorded");
}
