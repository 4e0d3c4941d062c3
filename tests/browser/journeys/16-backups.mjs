// Backups by somebody who has no command line at hand: one is made, a restore is tried with one button while people work, the
// report is read and printed, and stays; the recovery sheet as a PDF.
import { readFileSync } from "node:fs";
import { look, must, says, signIn, until } from "../house.mjs";

export default async function ({ page, instance }) {
  await signIn(page, instance);
  await page.goto("/admin/backups");
  await says(page, "Backups", "No backup yet");
  await look(page, "backups-none");
  await page.getByRole("button", { name: "Make one now" }).click();
  await page.waitForURL(/said=backed-up/);
  await says(page, "No restore has been tried yet", "everything", "--at");
  await page.getByRole("button", { name: "Try a restore now" }).click();
  await says(page, "A restore is being tried");
  await look(page, "backups-drill-going-on");
  // People go on working.
  await page.goto("/people");
  await says(page, "People");
  await page.goto("/admin/backups");
  await until("the restore is tried", async () => (await page.locator("main").innerText()).includes("Everything was as it must be"), 240);
  await page.goto("/admin/backups");
  await says(page, "a restore was tried, and everything was found as it must be");
  await look(page, "backups");
  await page.locator("#drill .rows a").first().click();
  await says(page, "Nothing that was let go of is back", "Nobody is missing", "The log is whole", "Details taken by chance");
  await look(page, "backups-report");
  await page.emulateMedia({ media: "print" });
  must(await page.getByText("Nobody is missing").isVisible(), "the report is not on paper");
  must(!(await page.getByRole("button", { name: "Print" }).isVisible()), "a button is on paper");
  await page.emulateMedia({ media: "screen" });
  await page.goto("/admin");
  await says(page, "a restore was tried");
  await look(page, "admin");

  await page.goto("/admin/key");
  await says(page, "This is practice");
  const password = instance.said().match(/password: (.+)/i)[1].trim();
  await page.fill("#password", password);
  if (await page.locator("#code").count()) await page.fill("#code", await page.locator("[data-practice-code]").innerText());
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "As a PDF" }).click(),
  ]);
  must(file.suggestedFilename() === "recovery-sheet.pdf", `the file is called ${file.suggestedFilename()}`);
  must(readFileSync(await file.path()).subarray(0, 4).toString() === "%PDF", "it is no PDF");
}
