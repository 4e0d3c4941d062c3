// Every kind of page of all five organisations, found by following links as whoever runs each: it answers, nobody scrolls
// sideways on a phone, and the accessibility engine finds nothing. CTI's are looked at by the other journeys as well.
import { accessible, fits, must, signIn, startInstance, NARROW, WIDE } from "../house.mjs";

export const own = () => null;

const ORGANISATIONS = (process.env.PROBITY_ORGANISATIONS || "cti,cmp,cli,blue-turtle,chorus").split(",");
const FIRST = ["/", "/people", "/work", "/outreach", "/requests", "/policy", "/admin", "/me", "/help", "/import",
  "/organisations", "/processors", "/registers", "/privacy", "/privacy/cookies", "/privacy/versions"];

/** What sort of page an address is: its numbers and values do not matter, but for the first of each work and category. */
const kind = (address) => {
  const [path, query = ""] = address.split("?");
  const keys = query.split("&").map((pair) => pair.split("=")[0]).filter((key) => key && key !== "said");
  return path.replace(/\/\d+/g, "/N").replace(/^(\/processors\/)[^/]+\/[^/]+/, "$1X/Y") + (keys.length ? `?${keys}` : "");
};

async function walk(browser, organisation) {
  const instance = await startInstance(["--org", organisation]);
  try {
    const context = await browser.newContext({ baseURL: instance.address });
    const page = await context.newPage();
    await signIn(page, instance, instance.said().match(/\((.+?)\)/)[1]);
    const seen = new Set();
    const queue = [...FIRST];
    let looked = 0;
    while (queue.length > 0) {
      const address = queue.shift();
      const sort = kind(address);
      if (seen.has(sort) || /\.(pdf|csv|xlsx|jsonld|zip|json|md)$|\/csv$|\/documents\/\d+$/.test(address)) continue;
      seen.add(sort);
      const answer = await page.goto(address);
      must(answer.status() === 200, `${organisation}: ${address} answers ${answer.status()}`);
      looked += 1;
      await page.setViewportSize(NARROW);
      await fits(page, `${organisation}: ${address}`);
      await accessible(page, `${organisation}: ${address}`);
      await page.setViewportSize(WIDE);
      await fits(page, `${organisation}: ${address}`);
      const links = await page.locator("a[href^='/']").evaluateAll((all) => all.map((link) => link.getAttribute("href").split("#")[0]));
      queue.push(...links);
    }
    must(looked > 50, `${organisation}: only ${looked} kinds of page were found`);
    await context.close();
    return looked;
  } finally {
    await instance.stop();
  }
}

export default async function ({ browser }) {
  for (const organisation of ORGANISATIONS) {
    const looked = await walk(browser, organisation);
    console.log(`        ${organisation}: ${looked} kinds of page`);
  }
}
