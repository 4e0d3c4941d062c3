// Rights: an access request with its date, the pack as PDF and JSON, its answer in the register; then an erasure,
// after which nobody finds the person and the register has initials only.
import { find, look, must, says, signIn } from "../house.mjs";

async function confirmed(page) {
  const dialog = page.locator("dialog[open]");
  if (await dialog.count()) await dialog.getByRole("button", { name: "Erase", exact: true }).click();
}

async function open(page, kind) {
  await page.check(`input[name="kind"][value="${kind}"]`);
  await page.fill("#received", "2026-11-20");
  await page.click("text=Open the request");
  await page.waitForURL(/\/requests\/\d+/);
}

export default async function ({ page, instance }) {
  await signIn(page, instance);
  await page.goto("/requests");
  await look(page, "requests");

  // Access: received 20 November 2026, so answered by Monday 21 December (20 December is a Sunday).
  await find(page, "Priya Nair");
  await page.click("text=show what we hold");
  await look(page, "request-new");
  await open(page, "access");
  await says(page, "21 Dec 2026");
  const request = page.url().split("?")[0];
  if (await page.locator(`form[action$="/identity"]`).count()) {
    await page.locator(`form[action$="/identity"] button`).click();
    await page.waitForLoadState();
  }
  // What speaks of others is decided first.
  await page.goto(`${request}/review`);
  for (let more = 0; more < 60 && !/Nothing|^(\d+) of \1 decided/.test(await page.locator("[data-progress]").innerText()); more++) {
    await page.click("[data-allow]");
    await page.waitForLoadState();
  }
  await page.goto(request);
  await page.locator(`form[action$="/pack"] button`).click();
  await page.waitForURL((url) => url.href !== request || true);
  await page.goto(request);
  await look(page, "request");
  const pdf = await page.request.get(`${request}/pack.pdf`);
  must(pdf.ok() && (await pdf.body()).subarray(0, 5).toString() === "%PDF-", `the PDF was answered ${pdf.status()}`);
  const json = await page.request.get(`${request}/pack.json`);
  must(json.ok() && (await json.text()).includes("Priya Nair"), "the JSON does not hold her name");
  const form = page.locator(`form[action$="/answer"]`);
  for (const box of await form.locator("textarea").all()) await box.fill("Sent the pack by post.");
  for (const name of new Set(await form.locator("input[type=radio]").evaluateAll((all) => all.map((one) => one.name)))) {
    await form.locator(`input[type=radio][name="${name}"]`).first().check();
  }
  await form.locator("button.main").click();
  await page.goto("/registers/access");
  await says(page, "Priya Nair");
  await look(page, "register-access");

  // Erasure: a preview in numbers first, then gone.
  await find(page, "Rashid Karim");
  const person = page.url().match(/people\/(\d+)/)[1];
  await page.click("text=erase what we hold");
  await open(page, "erasure");
  const erasure = page.url().split("?")[0];
  if (await page.locator(`form[action$="/identity"]`).count()) {
    await page.locator(`form[action$="/identity"] button`).click();
    await page.waitForLoadState();
  }
  await page.goto(erasure);
  await page.click("text=See what would happen");
  await look(page, "erasure");
  await page.selectOption("#why", "asked");
  must((await page.locator('input[name="tell"]:checked').count()) === 0, "how they hear of it is nobody's but whoever erases to say");
  must((await page.locator('input[name="tell"][value="nobody"]').count()) === 0, "they asked, so they hear of it");
  await page.check('input[name="tell"][value="told"]');
  await page.fill("#how", "by letter");
  await page.locator(`form[action$="/erasure"] button.main`).click();
  await confirmed(page);
  await page.waitForURL((url) => !url.pathname.endsWith("/erasure"));
  await page.goto("/people?q=rashid");
  must(!(await page.locator("main").innerText()).includes("Rashid Karim"), "he is still found");
  const left = await (await page.request.get(`/api/v1/people/${person}`)).text();
  must(!/Rashid|Karim|960413/.test(left), `the API still says: ${left}`);
  await page.goto("/registers/erasure");
  const register = await page.locator("main").innerText();
  must(/R\.?\s?K/.test(register) && !/Rashid|Karim/.test(register), `the register says: ${register}`);
  await look(page, "register-erasure");
}
