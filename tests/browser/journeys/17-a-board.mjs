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
  const movable = page.locator("[data-card]:has(button[data-to])");

  // By keys alone: the menu of the first card that can go on without ending anything.
  const plain = page.locator("[data-card] li:not(:has(small)) button[name=to]:not([value=back])").first();
  const to = await plain.getAttribute("value");
  const card = movable.filter({ has: plain }).first();
  const whose = await card.locator("h3").innerText();
  const from = await stageOf(card);
  await card.locator("summary").focus();
  await page.keyboard.press("Enter");
  await plain.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/said=recorded/);
  const moved = page.locator(`[data-stage="${to}"] [data-card]`).filter({ hasText: whose }).first();
  must((await moved.count()) === 1, `${whose} stands under ${to}`);

  // And back, by hand.
  await moved.dragTo(page.locator(`[data-stage="${from}"]`));
  await page.waitForURL(/said=undone/);
  must((await page.locator(`[data-stage="${from}"] [data-card]`).filter({ hasText: whose }).count()) > 0, `${whose} is back`);

  // What ends something is looked at first.
  const last = page.locator("[data-card]:has(small)").first();
  const ending = last.locator("li:has(small) button[name=to]").first();
  await last.locator("summary").click();
  await ending.click();
  await page.waitForURL(/\/completion/);
  await says(page, "tonight");

  // A stage that a card cannot go to takes nothing.
  await page.goto("/work?as=board&state=completed");
  await look(page, "work-board-completed");
}
