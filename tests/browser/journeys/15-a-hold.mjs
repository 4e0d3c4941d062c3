// A hold: somebody's data is held for a claim; what the staff see, and when it is to be looked at again; an erasure stops at it;
// it ends, and somebody looks at the erasure again.
import { find, look, must, says, set, signIn } from "../house.mjs";

export default async function ({ page, instance }) {
  await signIn(page, instance);
  await find(page, "Moreau", "Delphine Moreau");
  const person = new URL(page.url()).pathname;
  await page.getByRole("link", { name: "Hold it for a claim, an inquiry or a complaint" }).click();
  await page.waitForURL(/\/hold$/);
  await says(page, "Hold what we have", "Nothing has happened yet");
  await page.getByText("Name others who need to read it for this").click();
  await look(page, "hold-place");

  // Without a reason nothing is held, and nothing typed is lost. By keyboard alone.
  await page.evaluate(() => document.querySelectorAll("form [required]").forEach((field) => field.removeAttribute("required")));
  await page.getByLabel("Look again by").fill("2027-01-15");
  await page.getByRole("button", { name: "Hold it" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("One thing to put right").waitFor();
  await says(page, "One thing to put right", "Write why, in a sentence.");
  must((await page.getByLabel("Look again by").inputValue()) === "2027-01-15", "what was typed is lost");
  await look(page, "hold-wrong");
  await page.getByLabel("Why", { exact: true }).fill("Her invoice of August is before the small claims court");
  await page.getByRole("button", { name: "Hold it" }).click();
  await page.waitForURL(/said=held/);
  await says(page, "On hold.", "answers for it, and looks again by Fri 15 Jan 2027", "Why: Her invoice of August is before the small claims court");
  await look(page, "person-on-hold");

  // What she asks to have erased stays, with the reason.
  await page.goto(`${person}/erasure`);
  await says(page, "A hold stands: legal claims (Art 17(3)(e))");
  await page.getByRole("combobox", { name: "Why" }).selectOption("asked");
  await page.getByRole("combobox", { name: "How did they ask?" }).selectOption({ index: 1 });
  await page.getByRole("radio", { name: /^I have told them/ }).check();
  await page.getByLabel("How they are told").fill("by telephone");
  await page.getByRole("button", { name: "Refuse, with these reasons" }).click();
  await page.waitForURL(/said=not-erased/);
  await says(page, "Refused: nothing of it may go now.", "What stays, why and until when");
  await look(page, "erasure-refused");

  // The day comes.
  await set(page, "2027-01-16");
  await page.goto("/");
  await says(page, "Delphine Moreau on hold: does that still have to be so?", "Fri 15 Jan 2027 (yesterday)");
  await page.locator("main li").filter({ hasText: "Delphine Moreau on hold: does that still" }).getByRole("link", { name: /^Look at it/ }).click();
  await page.waitForURL(/\/holds\/\d+/);
  await says(page, "Does this still have to be held?", "Her invoice of August is before the small claims court");
  await look(page, "hold");
  await page.getByLabel("Why it ends").fill("The court has decided");
  await page.getByRole("button", { name: "End the hold" }).click();
  await page.locator("dialog[open]").getByRole("button", { name: "End it" }).click();
  await page.waitForURL(/said=saved/);
  must(!(await page.locator("main").innerText()).includes("On hold."), "it has ended");

  // And the erasure is looked at again.
  await page.goto("/");
  await says(page, "Look again at the erasure they asked for: the hold that stood in its way has ended");
  await page.locator("main li").filter({ hasText: "Look again at the erasure" }).getByRole("link", { name: /^Confirm/ }).click();
  await look(page, "task-look-again");
  await page.getByRole("link", { name: "See what erasing them would do" }).click();
  await page.waitForURL(/\/erasure$/);
}
