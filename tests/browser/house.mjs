// Starts a practice instance and a browser, and offers the few verbs the journeys are written in.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, mkdirSync, readdirSync, rmSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "../..");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.PROBITY_PICTURES || join(root, "target/pictures");

export const WIDE = { width: 1280, height: 860 };
export const NARROW = { width: 360, height: 780 };

/** A practice instance on a free port, with its data in a folder of its own, holding `toml` as its probity.toml. */
export async function startInstance(extra = [], toml = "") {
  const data = mkdtempSync(join(tmpdir(), "probity-browser-"));
  if (toml) {
    mkdirSync(join(data, "instance"));
    writeFileSync(join(data, "instance", "probity.toml"), toml);
  }
  const port = 20000 + Math.floor(Math.random() * 12000);
  const binary = process.env.PROBITY_BINARY || join(root, "target/debug/probity");
  const child = spawn(binary, ["demo", "--port", String(port), "--data", join(data, "instance"), ...extra], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  const address = `http://127.0.0.1:${port}`;
  for (let waited = 0; ; waited += 250) {
    if (child.exitCode !== null) throw new Error(`the instance ended:\n${said}`);
    const up = await fetch(`${address}/healthz`).then((answer) => answer.ok, () => false);
    if (up && /password/i.test(said)) break;
    if (waited > 180_000) throw new Error(`the instance did not start:\n${said}`);
    await new Promise((done) => setTimeout(done, 250));
  }
  return {
    address,
    data,
    said: () => said,
    binary,
    stop() {
      return ended(child, data);
    },
  };
}

/** A real instance of an organisation, made as an operator makes one; `link` is the one-time link it printed. */
export async function startReal(organisation) {
  const place = mkdtempSync(join(tmpdir(), "probity-browser-"));
  const binary = process.env.PROBITY_BINARY || join(root, "target/debug/probity");
  const where = ["--data", join(place, "instance"), "--key-file", join(place, "key")];
  const made = execFileSync(binary, ["init", ...where, "--policy", join(root, `policies/${organisation}.policy`)], { encoding: "utf8" });
  const port = 20000 + Math.floor(Math.random() * 12000);
  const child = spawn(binary, ["serve", ...where, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "pipe"] });
  let said = made;
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  const address = `http://127.0.0.1:${port}`;
  await until(`the instance starts:\n${said}`, () => fetch(`${address}/healthz`).then((answer) => answer.ok, () => false), 120);
  return {
    address,
    link: made.match(/https?:\/\/\S+\/set-up\/\S+/)[0],
    said: () => said,
    stop() {
      return ended(child, place);
    },
  };
}

/** Asks a server to end, and tidies its data away. One that does not end is a fault, and no reason to wait for ever. */
function ended(child, data) {
  return new Promise((done, fail) => {
    const late = setTimeout(() => (child.kill("SIGKILL"), fail(new Error("the instance did not end when it was asked to"))), 60_000);
    const gone = () => (clearTimeout(late), rmSync(data, { recursive: true, force: true }), done());
    if (child.exitCode !== null || child.signalCode !== null) return gone();
    child.on("exit", gone);
    child.kill("SIGTERM");
  });
}

export async function startBrowser() {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** Fails unless the accessibility engine finds nothing against WCAG 2.2 AA on the page as it stands. */
export async function accessible(page, name) {
  // The page's own policy forbids scripts from elsewhere, so the engine is evaluated by the test's own channel.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  if (violations.length > 0) {
    const lines = violations.map((found) => `  ${found.id}: ${found.help}\n    ${found.nodes.map((node) => node.html).slice(0, 3).join("\n    ")}`);
    throw new Error(`${name} (${page.url()}) is not accessible:\n${lines.join("\n")}`);
  }
}

/** Fails if the page is wider than its window: nobody scrolls sideways on a phone. */
export async function fits(page, name) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 1) throw new Error(`${name} (${page.url()}) is ${over} px wider than its window`);
}

/** Looks at a page wide and narrow, light and dark, checks each and keeps a picture. */
export async function look(page, name) {
  mkdirSync(pictures, { recursive: true });
  // What a link led to shows its words before its style has come.
  await page.waitForLoadState("load");
  for (const [width, size] of [["wide", WIDE], ["narrow", NARROW]]) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await accessible(page, `${name}, ${width}, ${colorScheme}`);
      await fits(page, `${name}, ${width}`);
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: "light" });
}

/** Fails with a sentence. */
export function must(truth, sentence) {
  if (!truth) throw new Error(sentence);
}

/** Fails unless the page's text has all of these. */
export async function says(page, ...words) {
  const text = (await page.locator("body").innerText()).replace(/\s+/g, " ");
  for (const word of words) must(text.includes(word), `${page.url()} does not say "${word}"; it says: ${text.slice(0, 1500)}`);
}

/** Signs in as one of the people the practice instance prints; the business manager unless said. */
export async function signIn(page, instance, role = "business manager") {
  const password = instance.said().match(/password: (.+)/i)[1].trim();
  const email = instance.said().match(new RegExp(`^\\s*(\\S+@\\S+).*\\(${role}\\)`, "m"))[1];
  await page.goto("/sign-in");
  await page.fill("#email", email);
  await page.fill("#password", password);
  await page.click("form button.main");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  // Where the policy asks for a second proof, a practice instance says what an app would show.
  if (/second-factor|sign-in\/code/.test(page.url())) {
    await page.fill("#code", await page.locator("[data-practice-code]").innerText());
    await page.click("form button.main");
    await page.waitForLoadState();
    const sheet = page.getByRole("link", { name: "I have them" });
    if (await sheet.count()) await sheet.click();
  }
  await page.waitForURL((url) => !/^\/(sign-in|me\/)/.test(url.pathname));
}

/** Sets the practice clock. */
export async function set(page, date) {
  await page.goto("/help");
  await page.locator("form[action='/practice/clock'] input[name=date]").fill(date);
  await page.locator("form[action='/practice/clock'] button").click();
  await page.waitForLoadState();
}

/** Opens somebody's page by any part of what they are known by. */
export async function find(page, words, name = words) {
  await page.goto(`/people?q=${encodeURIComponent(words)}`);
  await page.locator("main").getByRole("link", { name, exact: false }).first().click();
  await page.waitForURL(/\/people\/\d+/);
}

/** A real mail server that keeps what it is sent; `mails()` are the messages so far. */
export async function startMail() {
  const folder = mkdtempSync(join(tmpdir(), "probity-mail-"));
  const python = process.env.PROBITY_TEST_PYTHON || join(root, "target/python/bin/python");
  const child = spawn(python, [join(root, "bin/smtp-for-tests"), folder], { stdio: ["pipe", "pipe", "inherit"] });
  const port = await new Promise((done, fail) => {
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const listening = said.match(/listening (\d+)\n/);
      if (listening) done(listening[1]);
    });
    child.on("exit", () => fail(new Error("the mail server did not start")));
  });
  return {
    toml: `[smtp]\nhost = "127.0.0.1"\nport = ${port}\nsecurity = "none"\nfrom = "CTI <hello@cti.example>"\n`,
    mails: () => readdirSync(folder).filter((name) => name.endsWith(".eml")).sort()
      .map((name) => readFileSync(join(folder, name), "utf8")),
    stop() {
      child.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A real mailbox that mail arrives in; `arrives` puts a message into it. */
export async function startMailbox() {
  const port = 32000 + Math.floor(Math.random() * 8000);
  const child = spawn(join(root, "bin/imap-for-tests"), [String(port), String(port + 8000)], { stdio: ["pipe", "pipe", "inherit"] });
  const folder = await new Promise((done, fail) => {
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const listening = said.match(/listening (\S+)\n/);
      if (listening) done(listening[1]);
    });
    child.on("exit", () => fail(new Error("the mailbox did not start")));
  });
  const mailbox = join(folder, "mail/privacy");
  for (const part of ["", "cur", "new", "tmp"]) {
    mkdirSync(join(mailbox, part), { recursive: true });
    chmodSync(join(mailbox, part), 0o777);
  }
  writeFileSync(join(folder, "password"), "secret\n");
  let number = 0;
  return {
    toml: `[imap]\nhost = "127.0.0.1"\nport = ${port}\nsecurity = "none"\nuser = "privacy"\npassword_file = "${join(folder, "password")}"\nevery_minutes = 1\n`,
    arrives(from, subject, text) {
      number += 1;
      const name = join(mailbox, "new", `1700000000.${number}.here`);
      writeFileSync(name, `From: ${from}\r\nSubject: ${subject}\r\nMessage-ID: <${number}@journey>\r\n\r\n${text}\r\n`);
      chmodSync(name, 0o666);
    },
    stop() {
      child.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until something is so, looking every quarter of a second. */
export async function until(sentence, truth, seconds = 30) {
  for (let waited = 0; waited < seconds * 4; waited += 1) {
    const found = await truth();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`not within ${seconds} s: ${sentence}`);
}
