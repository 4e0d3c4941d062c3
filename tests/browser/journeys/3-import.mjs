// Importing: a Google export comes in without mapping, a row is put right in place, the sum adds up, the same
// file twice changes nothing, 10,000 rows show how far they are, and an import is undone.
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { look, must, says, root } from "../house.mjs";

const fixture = (name) => join(root, "crates/app/tests/fixtures/intake", name);

async function signIn(page, instance) {
  const [, password] = instance.said().match(/password: (.+)/i);
  const [, email] = instance.said().match(/(\S+@\S+)\s.*business manager/i);
  await page.goto("/sign-in");
  await page.fill("#email", email);
  await page.fill("#password", password.trim());
  await page.click("form button.main");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

async function name(page, file, activity) {
  await page.goto("/import/new");
  await page.setInputFiles("#file", file);
  await page.check(`input[name="activity"][value^="${activity}|"]`);
  await page.selectOption("#source", { label: "Their organisation" });
  await page.fill("#collected", "2026-11-01");
  await page.check('input[name="told"][value="nobody"]');
  await page.click("text=Look at the columns");
  await page.waitForURL(/\/columns$/);
}

async function finish(page) {
  await page.waitForURL(/\/result$/, { timeout: 300_000 });
}

export default async function ({ page, instance }) {
  await signIn(page, instance);
  await page.goto("/import/new");
  await look(page, "import-what");

  // A refused answer never loses the file.
  await page.setInputFiles("#file", fixture("google.csv"));
  await page.check('input[name="activity"][value^="tailored offers|"]');
  await page.fill("#collected", "2026-11-01");
  await page.click("text=Look at the columns");
  await says(page, "Say where it comes from: ", "Say who told these people.", "google.csv, 4 rows.");
  await look(page, "import-what-wrong");
  await page.selectOption("#source", { label: "Their organisation" });
  await page.check('input[name="told"][value="nobody"]');
  await page.click("text=Look at the columns");
  await page.waitForURL(/\/columns$/);
  await says(page, "google.csv: 4 rows, written by Google Contacts, in UTF-8",
    "The policy does not declare date of birth for tailored offers.", "zoe.muller@harbour.example");
  must(!(await page.content()).includes("1980-02-29"), "what the policy does not declare is shown");
  await look(page, "import-columns");
  await page.click("text=Look at the rows");
  await page.waitForURL(/\/rows/);
  await says(page, "3 new", "1 skipped unless put right", "4 rows in the file", "is not an e-mail address");
  await look(page, "import-rows-wrong");
  await page.locator('input[value="comfort.adeyemi at mail.example"]').fill("comfort.adeyemi@mail.example");
  await page.click("text=Save row 4");
  await says(page, "4 new");
  await page.click("nav >> text=All 4");
  await says(page, "Zoë Anne Müller", "Comfort Adeyemi");
  await look(page, "import-rows-all");
  await page.click("button:has-text('Import')");
  await finish(page);
  await says(page, "4 created", "4 rows in the file", "Nobody has told these 4 people yet");
  await look(page, "import-result");

  // Found by a part of a number; the same file twice changes nothing.
  await page.goto("/people?q=900123");
  await says(page, "Zoë Anne Müller");
  await name(page, fixture("google.csv"), "tailored offers");
  await page.click("text=Look at the rows");
  await says(page, "3 the same already");

  // What asks for consent takes no file.
  await page.goto("/import/new");
  await page.setInputFiles("#file", fixture("hubspot.csv"));
  await page.check('input[name="activity"][value^="supporters|"]');
  await page.selectOption("#source", { label: "The person" });
  await page.fill("#collected", "2026-11-01");
  await page.check('input[name="told"][value="nobody"]');
  await page.click("text=Look at the columns");
  await says(page, "opted in");

  // Ten thousand rows: how far they are is shown, and all of them go again.
  const many = join(instance.data, "many.csv");
  const rows = Array.from({ length: 10_000 }, (_, n) => `Person,Number${n},person${n}@many.example`);
  writeFileSync(many, "First Name,Last Name,E-mail\r\n" + rows.join("\r\n") + "\r\n");
  await name(page, many, "enquiries");
  await page.click("text=Look at the rows");
  await page.waitForURL(/\/rows/, { timeout: 60_000 });
  await says(page, "10000 new");
  const began = Date.now();
  await page.click("button:has-text('Import')");
  await page.waitForURL(/\/(progress|result)$/);
  if (page.url().endsWith("progress")) {
    await says(page, "of 10,000 rows");
    await look(page, "import-progress");
    await page.goto(page.url());
  }
  await finish(page);
  console.log(`        10,000 rows in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  await says(page, "10000 created");
  await page.click("text=Undo this import");
  const yes = page.locator("dialog >> text=Undo the import");
  if (await yes.isVisible().catch(() => false)) await yes.click();
  await page.waitForURL(/\/(progress|result)$/);
  await finish(page);
  await says(page, "Undone on", "10,000 rows taken out again");
  await page.goto("/people?q=person77@many");
  must(!(await page.locator("body").innerText()).includes("Number77"), "somebody stayed after the import was undone");
  await page.goto("/import");
  await says(page, "google.csv", "many.csv", "undone");
  await look(page, "imports");
}
