// The notice as anybody reads it, the policy beside its proof, the findings, the register, proving again, and the
// pages that say how the instance is.
import { look, must, says, signIn } from "../house.mjs";

export default async function ({ page, instance }) {
  // Anybody reads the notice, without signing in.
  await page.goto("/privacy");
  await says(page, "Privacy notice of CTI", "Version 3, in force from", "What do we hold about me?", "Coaching sessions");
  await look(page, "privacy");
  const markdown = await page.request.get("/privacy.md");
  must((await markdown.text()).startsWith("# Privacy notice of CTI"), "the notice is there as Markdown");

  await signIn(page, instance);
  await page.click('nav a[href="/policy"]');
  await says(page, "promises:", "activity coaching, line", "Every ground of coaching stands on its stated basis.");
  await look(page, "policy");

  await page.click('.tab-list a[href="/policy/findings"]');
  await says(page, "E-SHIELD", "Accepted", "we are moving to a service under the data bridge");
  await look(page, "policy-findings");

  await page.click('.tab-list a[href="/policy/register"]');
  await says(page, "Register of processing", "Article 6(1)(a) - consent");
  await look(page, "policy-register");
  // A number opens the people it counts.
  const counted = page.locator("#coaching dd a").first();
  const many = Number((await counted.innerText()).match(/\d+/)[0]);
  await counted.click();
  const listed = await page.locator("main table tbody tr").count();
  must(listed === Math.min(many, 50), `${many} are counted under coaching and ${listed} are listed`);

  await page.goto("/policy/proof");
  await look(page, "policy-proof");
  await page.click('button[form="prove"]');
  await page.waitForURL(/said=proved/);
  await says(page, "Looked at everything again.", "Checked", "CTI-13");
  // What became of each promise over time, and the same for trustees, on the page and on paper.
  await says(page, "Kept since", "in each of the last 2 runs", "Never seen broken");
  await page.getByRole("link", { name: "Report for trustees" }).click();
  await says(page, "Proof of our promises", "Looked at 2 times in the last twelve months", "Signed by the business manager");
  await look(page, "proof-report");
  const report = await page.request.get("/policy/proof/report.pdf");
  must((await report.body()).subarray(0, 4).toString() === "%PDF", "the report is there as a PDF");
  await page.goto("/policy/proof");

  const signatures = page.locator(".signature details").first();
  await signatures.locator("summary").click();
  await signatures.locator("input").fill("Walked round; the cabinet was locked.");
  await signatures.locator("button").click();
  await page.waitForURL(/said=signed/);
  await says(page, "Signed by");

  await page.goto("/policy/source");
  await look(page, "policy-source");
  for (const [path, name] of [
    ["/admin", "admin"],
    ["/admin/staff", "admin-staff"],
    ["/admin/log", "admin-log"],
    ["/admin/gone", "admin-gone"],
    ["/organisations", "organisations"],
    ["/me", "me"],
    ["/help", "help"],
  ]) {
    await page.goto(path);
    await look(page, name);
  }
}
