// The first run of a real instance: the one-time link, the administrator, the second proof by a picture that a scanner
// reads, the recovery codes on a page to print, the recovery sheet of the key, printed and confirmed; then signing in with
// a code and, the telephone lost, with a recovery code.
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
  return found.data;
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

/** The code of the next half minute that none was shown of yet: each opens once. */
let shown = 0;
async function next(secret) {
  const step = () => Math.floor(Date.now() / 30_000) + 1;
  while (step() <= shown) await new Promise((done) => setTimeout(done, 500));
  shown = step();
  return code(secret, 1);
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
  const scan = new URL(await scanned(page));
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

  // Then the recovery sheet: asked for until somebody holds it.
  await page.waitForURL(/\/admin\/key$/);
  await says(page, "Nobody has confirmed yet", "Without it a lost key is final");
  await look(page, "recovery-sheet-asked");
  await page.goto("/");
  await says(page, "Nobody has confirmed yet that they hold the recovery sheet of the key");
  await page.getByRole("link", { name: "See to it" }).first().click();
  await page.fill("#password", "not my password");
  await page.fill("#code", code(secret, 1));
  await page.getByRole("button", { name: "Show the sheet" }).click();
  await says(page, "This is not your password");
  await page.fill("#password", "kettle bramble yard");
  await page.fill("#code", "000000");
  await page.getByRole("button", { name: "Show the sheet" }).click();
  await says(page, "This code is not right");
  must(!(await page.locator(".key-lines").count()), "the key is shown without a code");
  await page.fill("#password", "kettle bramble yard");
  await page.fill("#code", await next(secret));
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/admin/key/sheet")),
    page.getByRole("button", { name: "Show the sheet" }).click(),
  ]);
  must(answer.headers()["cache-control"] === "no-store", "the sheet may be kept");
  await says(page, "Recovery sheet", "nobody can bring them back", "probity restore", "No second place is named");
  const lines = await page.locator(".key-lines code").allInnerTexts();
  must(lines.length === 4 && lines.every((line) => /^([0-9a-f]{4} ){4}[0-9a-f]{4}$/.test(line)), `lines: ${lines.length}`);
  must((await scanned(page)).toLowerCase() === lines.join("").replaceAll(" ", ""), "the picture and the lines differ");
  await look(page, "recovery-sheet");
  await page.emulateMedia({ media: "print" });
  must(await page.locator(".key-lines code").first().isVisible(), "the key is not on paper");
  must(!(await page.getByRole("link", { name: "It is printed" }).isVisible()), "a button is on paper");
  await page.emulateMedia({ media: "screen" });
  await page.getByRole("link", { name: "It is printed" }).click();
  await page.fill("#group", "zzzz");
  await page.getByRole("button", { name: "I hold the sheet" }).click();
  await says(page, "That is not the last group");
  await page.fill("#group", lines[3].slice(-4).toUpperCase());
  await page.getByRole("button", { name: "I hold the sheet" }).click();
  await says(page, "Confirmed. Lock the sheet away");
  await look(page, "recovery-sheet-confirmed");
  await page.goto("/");
  must(!(await page.locator("main").innerText()).includes("recovery sheet"), "it is still asked for");
  must(!instance.said().includes(lines[0].slice(0, 9)), "the key is in what the program says");
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
  await page.fill("#code", await next(secret));
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
