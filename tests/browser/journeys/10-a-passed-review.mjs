// A review that passed: what is held is stored and not used until somebody decides; what the staff see; that it is
// still needed, or that it goes, and what is left of it.
import { find, look, must, says, set, signIn } from "../house.mjs";

/** Whether somebody would get a mailing of a purpose, and the reason if not. */
async function reached(page, activity, name) {
  await page.goto("/outreach/new");
  await page.check(`input[name="activity"][value="${activity}"]`);
  await page.click("text=Go on");
  await page.waitForURL(/\/outreach\/\d+/);
  const draft = new URL(page.url()).pathname;
  await page.goto(`${draft}/people?of=will`);
  return (await page.locator("main").innerText()).includes(name);
}

export default async function ({ page, instance }) {
  await signIn(page, instance);
  await page.goto("/");
  await says(page, "Delphine Moreau: do we still need what we hold under “Working with our associates”?", "Thu 3 Dec 2026");
  must(await reached(page, "supplier news", "Petra Simmonds"), "she gets our news while her review is to come");
  must(!(await reached(page, "associate news", "Delphine Moreau")), "a person gets news that she was never asked about");

  // The day passes and nobody has decided.
  await set(page, "2026-12-05");
  await page.goto("/");
  await says(page, "Delphine Moreau: do we still need", "Thu 3 Dec 2026 (2 days ago)");
  await look(page, "today-review-passed");
  await find(page, "Moreau", "Delphine Moreau");
  await says(page, "by 3 Dec 2026");
  await look(page, "person-review-passed");
  must((await page.locator(".who").innerText()).includes("E-mail about their own affairs: no"), "her page says that she may be written to");

  // Somebody decides, by keyboard alone: it is still needed.
  for (let left = 2; left > 0; left -= 1) {
    await page.goto("/");
    const review = page.locator("main li").filter({ hasText: "Delphine Moreau: do we still need" }).getByRole("link", { name: /^Review/ }).first();
    await review.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/reviews\/\d+/);
    await says(page, "Do we still need this?", "That day has passed, so it is stored and not used.");
    if (left === 2) await look(page, "review");
    await page.getByLabel("Why").focus();
    await page.keyboard.type("She coaches for us every spring");
    await page.keyboard.press("Enter");
    await page.waitForURL(/said=recorded/);
  }
  await says(page, "Delphine Moreau", "We look at it again by 5 Dec 2028", "still needed: She coaches for us every spring");
  must((await page.locator(".who").innerText()).includes("E-mail about their own affairs: yes"), "what is needed is not used again");

  // Of somebody else nothing is needed any more: that they are no longer a supplier ends what was kept for it, that night.
  await set(page, "2026-12-12");
  must(!(await reached(page, "supplier news", "Petra Simmonds")), "what nobody has looked at is still used");
  await find(page, "Simmonds", "Petra Simmonds");
  const gone = new URL(page.url()).pathname;
  await page.goto("/");
  await page.locator("main li").filter({ hasText: "Petra Simmonds: do we still need" }).getByRole("link", { name: /^Review/ }).first().click();
  await says(page, "They are no longer a supplier");
  await page.getByRole("button", { name: "See what would happen" }).click();
  await says(page, "What will happen, before it happens", "Will go tonight");
  await look(page, "ending");
  await page.getByRole("button", { name: "Record it" }).click();
  await page.waitForURL(/said=ended/);
  await says(page, "They are no longer a supplier");
  await look(page, "person-no-longer");
  must((await page.getByRole("button", { name: /^Take it back ?: They are no longer a supplier/ }).count()) === 1, "a slip can be taken back");
  await page.goto("/");
  must(!(await page.locator("main").innerText()).includes("Petra Simmonds: do we still need"), "Today still asks what is decided");
  await set(page, "2026-12-13");
  await page.goto(gone);
  const left = await page.locator("main").innerText();
  must(/There is nothing here/.test(left) || /goes after|so we remove it after/.test(left), `what is left says no last day: ${left}`);

}
