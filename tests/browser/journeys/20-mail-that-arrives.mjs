// Mail arrives: from somebody known it is filed, and may be a request; from a stranger it waits, is read from the mailbox
// while somebody looks, and becomes somebody's, a request, or nothing.
import { find, look, must, says, signIn, startInstance, startMailbox, until } from "../house.mjs";

let mailbox;

export async function own() {
  mailbox = await startMailbox();
  return startInstance([], mailbox.toml);
}

export default async function ({ page, instance }) {
  try {
    await signIn(page, instance);
    await page.goto("/mail");
    await says(page, "Every message that came is somebody’s");
    await page.goto("/admin");
    await until("the mailbox is looked into", async () => {
      await page.reload();
      return (await page.locator("body").innerText()).includes("was last read on");
    }, 60);
    mailbox.arrives("Priya Nair <priya.nair@northbank.example>", "Thursday", "Shall we say nine?");
    mailbox.arrives("Priya Nair <priya.nair@northbank.example>", "A question", "Could you send me a copy of my data?");
    mailbox.arrives("Zadie Unknown <zadie@elsewhere.example>", "Coaching", "Hello,\r\n\r\ndo you coach people who work nights? This is quite a long line, so that one sees how the page breaks it on a phone: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.\r\n\r\nZadie");
    mailbox.arrives("Yan Elsewhere <yan@elsewhere.example>", "Data", "Please delete my details.");
    await until("the messages are taken", async () => {
      await page.goto("/mail");
      return (await page.locator("main .rows > li").count()) === 2;
    }, 120);
    await look(page, "mail-waiting");

    // Known: on her page, and a question on Today that opens the request filled in.
    await find(page, "priya.nair", "Priya Nair");
    await says(page, "Shall we say nine?");
    await page.goto("/");
    await says(page, "decide whether what they wrote is a request", "2 messages wait for somebody to say whose they are");
    await look(page, "today-with-mail");
    await page.locator("main a[href^='/tasks/']", { hasText: "decide whether what they wrote" }).first().click();
    await says(page, "It is no request");
    await look(page, "mail-asks");
    await page.getByRole("link", { name: "Open a request or a complaint with it" }).click();
    must(await page.isChecked("input[name=kind][value=access]"), "the kind is not suggested");
    must((await page.inputValue("#words")).includes("copy of my data"), "the words are not filled in");
    await look(page, "request-from-mail");
    await page.getByRole("button", { name: "Open the request" }).click();
    await page.waitForURL(/\/requests\/\d+/);
    await page.goto("/");
    must(!(await page.locator("body").innerText()).includes("decide whether an e-mail"), "the question still stands");

    // Unknown: read while somebody looks, added, filed.
    await page.goto("/mail");
    const open = (words) => until(`the message of ${words}`, async () => {
      await page.goto("/mail");
      for (const href of await page.locator("main .rows > li strong").locator("..").evaluateAll((all) => all.map((a) => a.getAttribute("href")))) {
        await page.goto(href);
        if ((await page.locator("body").innerText()).includes(words)) return true;
      }
      return false;
    });
    await open("work nights");
    await says(page, "From an address we do not know", "Zadie Unknown", "zadie@elsewhere.example", "not who wrote it");
    await look(page, "mail-message");
    const message = page.url();
    await page.selectOption("#category", "organisation contact");
    await page.getByRole("button", { name: "Go on" }).click();
    must((await page.inputValue("#email")) === "zadie@elsewhere.example", "the form is not filled in");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.waitForURL(/\/people\/\d+/);
    await page.goto(message);
    must(await page.locator("input[name=person]:checked").count(), "whoever has the address is not chosen");
    await page.getByRole("button", { name: "File it to them" }).click();
    await page.waitForURL(/\/people\/\d+/);
    await says(page, "do you coach people who work nights?");

    await open("delete my details");
    await page.getByRole("button", { name: "Open a request or a complaint with it" }).click();
    must(await page.isChecked("input[name=kind][value=erasure]"), "the kind is not suggested");
    await page.goto("/mail");
    await page.locator("main .rows > li a.button").click();
    await page.getByRole("button", { name: "Leave it there" }).click();
    await says(page, "Left in the mailbox", "Every message that came is somebody’s");

    await page.goto("/admin");
    await says(page, "1 left in the mailbox");
    await look(page, "admin-with-mailbox");
  } finally {
    mailbox.stop();
  }
}
