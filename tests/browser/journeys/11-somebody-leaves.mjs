// A member of staff leaves: their browser is signed out at once, their work and tasks are handed over, and they cannot
// come back; an invited colleague comes in by a one-time link.
import { look, must, says, signIn } from "../house.mjs";

export default async function ({ page, browser, instance }) {
  const theirs = await browser.newContext({ baseURL: instance.address });
  const ruth = await theirs.newPage();
  await signIn(ruth, instance, "coach");
  await ruth.goto("/work");
  const rows = await ruth.locator("main tbody tr").allInnerTexts();
  must(rows.length > 0, "the coach has no work to hand over");
  const work = await ruth.locator("main tbody tr a").first().getAttribute("href");
  await ruth.goto(work);
  await says(ruth, "assigned to Ruth Adler");

  // The administrator says who takes over; what will happen is said before it happens.
  await signIn(page, instance);
  await page.goto("/admin/staff");
  const row = page.locator("main .rows > li").filter({ has: page.locator("strong", { hasText: "Ruth Adler" }) });
  await row.locator("summary").click();
  await look(page, "staff-leaving");
  await row.getByLabel(/hand their work to/).selectOption({ label: "Owen Pryce" });
  await row.getByRole("button", { name: "They have left" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog[open]");
  await says(page, "Ruth Adler is signed out everywhere now, and their work is handed over.");
  await dialog.getByRole("button", { name: "They have left" }).click();
  await page.waitForURL(/said=left/);
  await says(page, "They have left: signed out everywhere", "left on Mon 23 Nov 2026");

  // At once: the open browser, the password, and the key of a program are worth nothing.
  await ruth.goto(work);
  must(ruth.url().includes("/sign-in"), `she still reads ${ruth.url()}`);
  const password = instance.said().match(/password: (.+)/i)[1].trim();
  await ruth.fill("#email", "ruth.adler@cti.example");
  await ruth.fill("#password", password);
  await ruth.click("form button.main");
  await says(ruth, "The e-mail or the password is not right.");
  await theirs.close();

  // The work is the other coach's, who finds it without being told where.
  const heirs = await browser.newContext({ baseURL: instance.address });
  const owen = await heirs.newPage();
  await owen.goto("/sign-in");
  await owen.fill("#email", "owen.pryce@cti.example");
  await owen.fill("#password", password);
  await owen.click("form button.main");
  await owen.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  await owen.goto(work);
  await says(owen, "assigned to Owen Pryce");
  await heirs.close();

  // Somebody new is invited by a link that works once.
  await page.fill("#name", "Nia Bevan");
  await page.fill("#email", "nia.bevan@cti.example");
  await page.check('input[name="role"][value="coach"]');
  await page.getByRole("button", { name: "Invite" }).click();
  const link = await page.locator("code.secret").innerText();
  const hers = await browser.newContext({ baseURL: instance.address });
  const nia = await hers.newPage();
  await nia.goto(new URL(link).pathname);
  await says(nia, "Choose your password", "You will sign in as nia.bevan@cti.example");
  await look(nia, "set-up-invited");
  await nia.fill("#password", "kettle bramble yard");
  await nia.fill("#again", "kettle bramble yards");
  await nia.click("form button.main");
  await says(nia, "The two passwords are not the same.");
  await nia.fill("#password", "kettle bramble yard");
  await nia.fill("#again", "kettle bramble yard");
  await nia.click("form button.main");
  await says(nia, "Today", "Nia Bevan");
  const again = await nia.goto(new URL(link).pathname);
  must(again.status() === 404, `the link answers ${again.status()} the second time`);
  await hers.close();
}
