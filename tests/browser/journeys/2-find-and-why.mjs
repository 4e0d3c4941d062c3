// Signing in, Today, finding anyone by a part of anything, why we hold them, a note, taking back what was just done,
// and no place for what the policy does not declare.
import { find, look, must, says, signIn } from "../house.mjs";

export default async function ({ page, instance }) {
  await page.goto("/sign-in");
  await look(page, "sign-in");
  await signIn(page, instance);
  await look(page, "today");

  await page.goto("/people");
  await look(page, "people");
  for (const part of ["adeyemi", "o.adeyemi@ashdown", "960411", "Ashdown Care"]) {
    await page.goto(`/people?q=${encodeURIComponent(part)}`);
    await says(page, "Oluwaseun Adeyemi");
  }
  await page.goto("/people?q=nobodyofthisname");
  await look(page, "people-nothing-matches");

  await find(page, "Adeyemi", "Oluwaseun Adeyemi");
  await says(page, "Why do we hold this?", "legitimate interests", "organisation contact");
  await look(page, "person");

  await page.fill(".composer textarea", "Rang about the pilots; will ring again in January.");
  await page.click(".composer button.main");
  await page.waitForURL(/said=/);
  await says(page, "Rang about the pilots; will ring again in January.");

  // What was just done can be taken back: a line changed, a detail changed, a line written.
  const text = async () => (await page.locator("main").innerText()).replace(/\s+/g, " ");
  const undo = async () => {
    await page.locator(".flash").getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/said=undone/);
    await says(page, "Taken back.");
  };
  await page.locator(".timeline li").filter({ hasText: "Rang about the pilots" }).getByRole("link", { name: /^Change/ }).click();
  await look(page, "line");
  await page.fill("#text", "Rang about the pilots; will ring again in March.");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await says(page, "will ring again in March.");
  await undo();
  await says(page, "will ring again in January.");
  const phone = page.locator(".facts > div").filter({ hasText: "01632 960411" });
  await phone.locator("summary").click();
  await phone.locator("input[name=value]").fill("01632 960499");
  await phone.getByRole("button", { name: "Save" }).click();
  await says(page, "Saved.", "01632 960499");
  await undo();
  must((await text()).includes("01632 960411") && !(await text()).includes("01632 960499"), "the old number is not back");
  await page.fill(".composer textarea", "A line written by mistake.");
  await page.click(".composer button.main");
  await says(page, "A line written by mistake.");
  await undo();
  must(!(await text()).includes("written by mistake"), "the line is still there");

  // There is no place for what the policy does not declare: not in the form, and not by the API.
  const kinds = await page.locator('.composer input[name="kind"]').evaluateAll((all) => all.map((kind) => kind.value));
  must(kinds.length > 0 && !kinds.includes("coaching notes"), `these are offered: ${kinds}`);
  const person = page.url().match(/people\/(\d+)/)[1];
  const refused = await page.request.post(`/api/v1/people/${person}/items`, {
    data: { kind: "date of birth", value: "1980-01-01", source: "the person" },
  });
  must(refused.status() === 403, `the API answered ${refused.status()}`);
  const said = await refused.json();
  must(/declares no item/.test(said.because) && said.clause, JSON.stringify(said));
  const notes = await page.request.post(`/api/v1/people/${person}/entries`, {
    data: { kind: "coaching notes", text: "Not for this page.", on: "2026-11-20" },
  });
  must(notes.status() === 403, `the API answered ${notes.status()}: ${await notes.text()}`);
}
