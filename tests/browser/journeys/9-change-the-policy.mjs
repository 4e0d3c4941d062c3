// Changing the policy: written with findings while one types, weighed against the people held, adopted on a date,
// taken back; and what the public then reads: the notice, its versions, its PDF, the cookies page.
import { accessible, fits, look, must, says, signIn, NARROW, WIDE } from "../house.mjs";

export default async function ({ page, context, browser, instance }) {
  // Everybody.
  await page.goto("/privacy/cookies");
  await says(page, "Cookies of CTI", "All you can accept or refuse is that we count your visits");
  await look(page, "privacy-cookies");
  await page.goto("/privacy/versions");
  await look(page, "privacy-versions");
  const pdf = await page.request.get("/privacy.pdf");
  must(pdf.ok() && (await pdf.body()).subarray(0, 4).toString() === "%PDF", "the notice is there as a PDF");
  must((await context.cookies()).length === 0, "reading sets no cookie");

  await signIn(page, instance);
  await page.goto("/policy/versions");
  await says(page, "Version 3", "This instance began with it");
  await look(page, "policy-versions");

  // The findings follow while one types, and lead into the text.
  await page.click('main a[href="/policy/edit"]');
  await says(page, "Change the policy", "Nothing is saved yet.");
  const text = page.locator("#text");
  const whole = await text.inputValue();
  const version = whole.match(/version\s+4, from (\d{4}-\d\d-\d\d)/);
  must(version, "the text begins with the next number and a later date");
  const asked = page.waitForResponse((answer) => answer.url().includes("/policy/edit/check"));
  await text.fill(whole.replace("3 months after last contact", "indefinitely"));
  await asked;
  await page.waitForSelector("[data-found] .finding");
  await says(page, "E-INDEFINITE");
  await look(page, "policy-edit");
  const line = page.locator('[data-found] a[data-line]').first();
  const number = Number(await line.getAttribute("data-line"));
  await line.focus();
  await page.keyboard.press("Enter");
  const at = await text.evaluate((box) => box.value.slice(0, box.selectionStart).split("\n").length);
  must(at === number, `the finding of line ${number} leads to line ${at}`);

  // What it would do, and why it cannot be adopted like this.
  await page.click('button[value="preview"]');
  await says(page, "It cannot be adopted like this", "Nothing has changed yet.");
  await look(page, "policy-preview-stopped");

  // A shorter period: who goes earlier, by name.
  await page.goto("/policy/edit");
  await text.fill(whole.replace("3 months after last contact", "1 month after last contact"));
  await page.click('button[value="preview"]');
  await says(page, "What version 4 would do", "how long: before: 3 months", "would go earlier", "people must be told");
  await page.locator(".effects summary").first().click();
  await look(page, "policy-preview");
  await page.click('main form button.main');
  await page.waitForURL(/versions\?said=adopted/);
  await says(page, "Adopted. It can be taken back", "Will be in force from", "Take version 4 back");
  await look(page, "policy-versions-adopted");
  await page.goto("/privacy/versions/4");
  await says(page, "Will be in force from", "What is new since version 3", "Now: 1 month after");
  await look(page, "privacy-version");

  // By keyboard alone: back, and the draft thrown away.
  await page.goto("/policy/versions");
  await page.locator('form[action$="/withdrawal"] button').focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/said=undone/);
  await page.goto("/policy/edit");
  await says(page, "A draft, saved by");
  await page.locator('button[value="discard"]').focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/said=removed/);
  await says(page, "Nothing is saved yet.");

  // Without scripts the same page works with its button.
  const plain = await browser.newContext({ baseURL: instance.address, javaScriptEnabled: false, storageState: await context.storageState() });
  const still = await plain.newPage();
  await still.goto("/policy/edit");
  await still.fill("#text", whole.replace("3 months after last contact", "indefinitely"));
  await still.click('button[value="check"]');
  must((await still.locator("[data-found]").innerText()).includes("E-INDEFINITE"), "the button checks without scripts");
  await still.click('button[value="discard"]');
  await plain.close();

  await page.goto("/policy/register");
  await says(page, "Workbook (XLSX)", "Companies that work for us", "Texts the policy rests on");
  for (const size of [WIDE, NARROW]) {
    await page.setViewportSize(size);
    await accessible(page, "register");
    await fits(page, "register");
  }
  const book = await page.request.get("/policy/register/register.xlsx");
  must(book.ok() && (await book.body()).subarray(0, 2).toString() === "PK", "the register is there as a workbook");
}
