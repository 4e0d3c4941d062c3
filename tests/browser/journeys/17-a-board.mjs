// Work as a board: the same work as the table, moved by a menu, by hand, and by keys; what a move would end is seen first.
import { look, must, says, signIn } from "../house.mjs";

export const demo = ["--org", "cmp"];

export default async function ({ page, instance }) {
  await signIn(page, instance, "information manager");
  await page.goto("/work");
  await look(page, "work-table");
  await page.getByRole("link", { name: "Show as a board" }).click();
  await page.waitForURL(/as=board/);
  await page.getByRole("link", { name: "Qualification", exact: true }).click();
  await page.waitForURL(/kind=qualification/);
  await look(page, "work-board");

  const cards = page.locator("[data-card]");
  must((await cards.count()) > 0, "there is work under way");
  const stageOf = (card) => card.evaluate((one) => one.closest("[data-stage]").dataset.stage);

  // By keys alone, back to the stage before.
  const card = page.locator("[data-card]:has(button[value=back])").first();
  const whose = await card.locator("h3").innerText();
  const from = await stageOf(card);
  const to = await card.locator("button[value=back]").getAttribute("data-to");
  await card.locator("summary").focus();
  await page.keyboard.press("Enter");
  await card.locator("button[value=back]").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/said=undone/);
  const moved = page.locator(`[data-stage="${to}"] [data-card]`).filter({ hasText: whose }).first();
  must((await moved.count()) === 1, `${whose} stands under ${to}`);

  // And on again, by hand.
  await moved.dragTo(page.locator(`[data-stage="${from}"]`));
  await page.waitForURL(/said=recorded/);
  must((await page.locator(`[data-stage="${from}"] [data-card]`).filter({ hasText: whose }).count()) > 0, `${whose} is there again`);

  // What ends something is looked at first.
  const last = page.locator("[data-card]:has(small)").first();
  const ending = last.locator("li:has(small) button[name=to]").first();
  await last.locator("summary").click();
  await ending.click();
  await page.waitForURL(/\/completion/);
  await says(page, "tonight");

  await page.goto("/work?as=board&state=completed");
  await look(page, "work-board-completed");
}
