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

const browser = await startBrowser();
let failed = 0;
for (const file of files) {
  const { default: journey, demo = [], mail: wantsMail = false, own } = await import(join(here, "journeys", file));
  const started = Date.now();
  let instance;
  let mail;
  try {
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
    await journey({ page, context, instance, browser, mail });
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    await context.close();
    console.log(`ok      ${file}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${file}  ${error.stack || error}\n${instance ? instance.said().slice(-2000) : ""}`);
  } finally {
    if (instance) await instance.stop();
    if (mail) mail.stop();
  }
}
await browser.close();
console.log(`${files.length} journeys, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
