// Runs every journey (or those named) in a real browser against a practice instance of its own.
//   node tests/browser/run.mjs [JOURNEY ...]
import { readdirSync } from "node:fs";
import { join, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { startInstance, startBrowser, startMail } from "./house.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(join(here, "journeys")).filter((file) => file.endsWith(".mjs")).sort()
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)));

// No journey takes this long; one that does has met something that waits for ever, and says so.
const LONGEST = 30 * 60_000;
const within = (what) => {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error(`not done in ${LONGEST / 60_000} minutes`)), LONGEST)));
  return Promise.race([what, late]).finally(() => clearTimeout(timer));
};

/** One journey from a new browser and a new instance to nothing left of either; "died" if the browser itself ended. */
async function run(file) {
  const { default: journey, demo = [], mail: wantsMail = false, own } = await import(join(here, "journeys", file));
  const started = Date.now();
  let instance;
  let mail;
  let browser;
  try {
    // A browser each: one that dies takes no other journey with it.
    browser = await startBrowser();
    if (wantsMail) mail = await startMail();
    instance = own ? await own() : await startInstance(demo, mail?.toml);
    const context = await browser.newContext({ baseURL: instance?.address });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(`script error: ${error.message}`));
    page.on("console", (line) => {
      if (line.type() === "error" && !/status of (4\d\d)/.test(line.text())) complaints.push(line.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(instance?.address) && !request.url().startsWith("data:")) {
        complaints.push(`asked somebody else: ${request.url()}`);
      }
    });
    await within(journey({ page, context, instance, browser, mail }));
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    console.log(`ok      ${file}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return "ok";
  } catch (error) {
    const died = browser && !browser.isConnected();
    console.log(`${died ? "DIED  " : "FAILED"}  ${file}  ${error.stack || error}\n${instance ? instance.said().slice(-2000) : ""}`);
    return died ? "died" : "failed";
  } finally {
    await browser?.close();
    if (mail) mail.stop();
    if (instance) await instance.stop();
  }
}

// Two at a time, the longest first: a browser and a server hardly fill one core each.
const LONG = "13-every-page.mjs";
const waiting = files.sort((one, other) => (other === LONG) - (one === LONG));
const asked = waiting.length;
let failed = 0;
async function walker() {
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    let how = await run(file);
    // A browser that was killed says nothing about the product: once more, and only once.
    if (how === "died") how = await run(file);
    if (how !== "ok") failed += 1;
  }
}
await Promise.all([walker(), walker()]);
console.log(`${asked} journeys, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
