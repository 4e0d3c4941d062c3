// The first run of a real instance: the one-time link, the administrator, the second proof by a picture that a scanner
// reads, the recovery codes on a page to print; then signing in with a code and, the telephone lost, with a recovery code.
import { createHmac } from "node:crypto";
import jsQR from "jsqr";
import { look, must, says, startReal } from "../house.mjs";

export const own = () => startReal("cli");

/** What a scanner reads in the picture on the page. */
async function scanned(page) {
  const { width, path } = await page.locator("svg.qr").evaluate((svg) => ({
    width: svg.viewBox.baseVal.width,
    path: svg.querySelector("path").getAttribute("d"),
  }));
  const scale = 4;
  const pixels = new Uint8ClampedArray((width * scale) ** 2 * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let down = 0; down < scale; down += 1) {
      for (let along = 0; along < scale; along += 1) {
        const at = ((y * scale + down) * width * scale + x * scale + along) * 4;
        pixels.fill(0, at, at + 3);
      }
    }
  }
  const found = jsQR(pixels, width * scale, width * scale);
  must(found, "a scanner finds no code in the picture");
  return new URL(found.data);
}

/** The code an authenticator shows for a base32 secret, so many steps of thirty seconds from now. */
function code(secret, ahead = 0) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const hash = createHmac("sha1", key).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function password(page) {
  await page.goto("/sign-in");
  await page.fill("#email", "ada@org.example");
  await page.fill("#password", "kettle bramble yard");
  await page.click("form button.main");
  await page.waitForURL(/sign-in\/code/);
}

export default async function ({ page, context, instance }) {
  // The link: a weak password is told beside its field, and nothing typed is lost.
  const link = new URL(instance.link).pathname;
  await page.goto(link);
  await says(page, "Welcome. Let us set up your sign-in", "encrypted with your key");
  must(!(await page.locator("body").innerText()).includes("Practice."), "a real instance says it is practice");
  await look(page, "set-up");
  await page.fill("#name", "Ada Marlowe");
  await page.fill("#email", "ada@org.example");
  await page.fill("#password", "password1234");
  await page.fill("#again", "password1234");
  await page.click("form button.main");
  await says(page, "One thing to put right");
  must((await page.inputValue("#name")) === "Ada Marlowe", "the name is lost");
  await page.fill("#password", "kettle bramble yard");
  await page.fill("#again", "kettle bramble yard");
  await page.keyboard.press("Enter");
  await page.waitForURL(/second-factor/);

  // The role sees special-category data, so the policy asks for a second proof before anything else.
  await says(page, "Set up your second proof", "data protection manager");
  await look(page, "second-proof");
  await page.goto("/people");
  must(!page.url().endsWith("/people"), "people are shown before the second proof");
  await page.goto("/me/second-factor");
  const scan = await scanned(page);
  must(scan.protocol === "otpauth:" && decodeURIComponent(scan.pathname).endsWith(":ada@org.example"), `the picture says ${scan}`);
  const secret = scan.searchParams.get("secret");
  must((await page.locator("code.secret").innerText()).replace(/\s/g, "") === secret, "the picture and the words differ");
  await page.fill("#code", "000000");
  await page.click("form button.main");
  await says(page, "This code is not right");
  await page.fill("#code", code(secret));
  await page.click("form button.main");
  await says(page, "Keep these recovery codes", "only now");
  const codes = await page.locator(".codes code").allInnerTexts();
  must(codes.length === 10 && new Set(codes).size === 10, `codes: ${codes.length}`);
  await look(page, "recovery-codes");
  await page.emulateMedia({ media: "print" });
  must(await page.locator(".codes code").first().isVisible(), "the codes are not on paper");
  must(!(await page.getByRole("link", { name: "I have them" }).isVisible()), "a button is on paper");
  await page.emulateMedia({ media: "screen" });
  await page.getByRole("link", { name: "I have them" }).click();
  await says(page, "Today", "Ada Marlowe");
  await look(page, "today-empty");
  const again = await page.request.get(link);
  must(again.status() === 404, `the link answers ${again.status()} the second time`);
  for (const [path, name] of [["/people", "people-empty"], ["/work", "work-empty"], ["/requests", "requests-empty"], ["/organisations", "organisations-empty"], ["/admin", "admin-new"]]) {
    await page.goto(path);
    await look(page, name);
  }

  // Signing in again: the password, then the code of the next half minute.
  await context.clearCookies();
  await password(page);
  await look(page, "sign-in-code");
  await page.fill("#code", code(secret, 1));
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/");
  await says(page, "Today");

  // The telephone is lost: a recovery code, written as people write, once.
  await context.clearCookies();
  await password(page);
  await page.fill("#code", codes[3].toUpperCase().replaceAll("-", " "));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/me\?said=recovery/);
  await says(page, "9 recovery codes left of 10.");
  await page.getByText("Make new recovery codes").click();
  await look(page, "me-second-proof");
  await page.fill("#recovery-password", "kettle bramble yard");
  await page.getByRole("button", { name: "Make them" }).click();
  await says(page, "Keep these recovery codes");
  const renewed = await page.locator(".codes code").allInnerTexts();
  await context.clearCookies();
  await password(page);
  await page.fill("#code", codes[4]);
  await page.click("form button.main");
  await says(page, "This code is not right");
  await page.fill("#code", renewed[0]);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/me\?said=recovery/);
}
