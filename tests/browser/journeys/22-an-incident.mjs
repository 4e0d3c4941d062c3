// Something has gone wrong: a coach writes it down and sees no more of it; whoever looks into it is told by Today, takes each step to its
// end, writes to whose data it was, and has the register.
import { look, must, says, signIn } from "../house.mjs";

export default async function ({ page, browser, instance }) {
  const theirs = await browser.newContext({ baseURL: instance.address });
  const ruth = await theirs.newPage();
  await signIn(ruth, instance, "coach");
  await ruth.goto("/incidents");
  await says(ruth, "What you write down reaches them at once");
  await look(ruth, "incident-new");
  await ruth.fill("#what", "A laptop was left on the train.");
  await ruth.getByRole("button", { name: "Write it down", exact: true }).click();
  await ruth.waitForURL(/said=incident/);
  must((await ruth.getByText("A laptop was left").count()) === 0, "a coach reads no incident");
  await theirs.close();

  await signIn(page, instance);
  await page.goto("/");
  await says(page, "An incident is open, and the regulator is to be told by");
  await page.goto("/incidents");
  await look(page, "incidents");
  await page.getByRole("link", { name: "A laptop was left on the train." }).click();
  await page.waitForURL(/\/incidents\/\d+/);
  await says(page, "The law gives 72 hours");
  await page.locator("#whom-find").fill("tara");
  await page.getByRole("radio", { name: /Tara Whitfield/ }).check();
  await look(page, "incident");
  await page.getByRole("button", { name: "Theirs, too" }).click();
  await page.waitForURL(/said=saved/);

  // Of a whole list it is said who that is before anybody joins.
  await page.locator("summary", { hasText: "Many at once" }).click();
  await page.fill("#list", "priya.nair@northbank.example\nnobody@post.example");
  await page.getByRole("button", { name: "Look who that is" }).click();
  await says(page, "1 person would join. By one line nobody was found whom you may see:", "nobody@post.example");
  must((await page.inputValue("#list")).includes("priya.nair"), "what was pasted is still there");
  await look(page, "incident-many");
  must((await page.getByRole("button", { name: "Add 1 person" }).count()) === 1, "they join by a second press");

  await page.check('input[name="risk-risk"][value="a high risk"]');
  await page.fill("#risk-why", "Names and notes, and nobody knows who has it.");
  await page.click('button[name="step"][value="risk"]');
  for (const [whom, tell] of [["regulator", "yes"], ["people", "yes"], ["organisations", "no"], ["police", "no"]]) {
    await page.check(`input[name="${whom}-tell"][value="${tell}"]`);
    await page.fill(`#${whom}-why`, "As it stands.");
    await page.click(`button[name="step"][value="${whom}-considered"]`);
    await page.locator(`#${whom} .badge`, { hasText: tell === "yes" ? "To be told" : "need not be told" }).first().waitFor();
  }
  await page.fill("#regulator-how", "by their form");
  await page.fill("#regulator-reference", "IC-1");
  await page.click('button[name="step"][value="regulator-told"]');
  await page.getByText("Their reference: IC-1").waitFor();
  await page.fill("#measures", "Laptops stay in the bag, and their disks are encrypted.");
  await page.click('button[name="step"][value="prevented"]');
  await page.locator("blockquote", { hasText: "Laptops stay in the bag" }).first().waitFor();

  // Too early it says what is left; a letter tells whose data it was.
  await page.click('button[name="step"][value="close"]');
  await says(page, "Still to do: tell the people.");
  await look(page, "incident-to-close");
  await page.getByText("Write to them").click();
  await page.locator('textarea[name="letter-why"]').fill("Your name and notes of your sessions were on it.");
  await page.getByRole("button", { name: "Draft it" }).click();
  await page.waitForURL(/\/letters\/\d+/);
  must((await page.inputValue("#body")).includes("was lost") || (await page.inputValue("#body")).includes("wrong hands"), "the letter says what happened");
  await look(page, "incident-letter");
  await page.click("text=Send it now");
  await page.waitForURL(/\/incidents\/\d+/);
  await page.click('button[name="step"][value="close"]');
  await page.getByText("Closed on").first().waitFor();
  await look(page, "incident-closed");
  await page.locator("#reopen summary").click();
  await page.fill("#reopen-why", "The laptop was for sale at the market.");
  await page.click('button[name="step"][value="reopen"]');
  await page.getByText("Opened again").first().waitFor();
  await says(page, "The laptop was for sale at the market.");
  await page.click('button[name="step"][value="close"]');
  await page.getByText("Closed on").first().waitFor();
  await page.goto("/incidents/register");
  await says(page, "A laptop was left on the train.", "IC-1", "Laptops stay in the bag");
  await look(page, "incident-register");
}
