// A coaching programme in a browser: no note before the signed form, the agreed period, completing, the certificate.
import { look, must, says } from "../house.mjs";

const form = { name: "signed.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 signed by the client\n") };

/** Opens the programme of somebody from the list of work. */
async function open(page, name, view = "/work") {
  await page.goto(view);
  await page.getByRole("row").filter({ hasText: name }).getByRole("link").first().click();
  await page.waitForURL(/\/work\/\d+/);
  return new URL(page.url()).pathname;
}

export default async function ({ page, instance }) {
  const password = /password: (.+)/.exec(instance.said());
  must(password, "the demo does not say the password");
  const enter = async (email) => {
    await page.context().clearCookies();
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password[1].trim());
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL((address) => !address.pathname.startsWith("/sign-in"));
  };

  // A coach finds their own clients' programmes and nobody else's.
  await enter("owen.pryce@cti.example");
  await page.goto("/work");
  await says(page, "Umar Farooqi");
  must(!(await page.locator("main").innerText()).includes("Celia Brandt"), "another coach's client is on the list");
  await look(page, "work-list");

  // Before the signed form is on file there is no place for notes, and the page says why.
  const programme = await open(page, "Umar Farooqi");
  await says(page, "Not on file", "Until the signed consent form is on file there is no place for notes");
  must((await page.locator("input[name=kind][value='coaching notes']").count()) === 0, "there is a place for notes already");
  await look(page, "work-consent-awaited");
  const refused = await page.request.post(`/api/v1/engagements/${programme.split("/").pop()}/entries`, {
    data: { kind: "coaching notes", text: "He wants to lead well." },
  });
  must(refused.status() === 403, `a note before consent answers ${refused.status()}`);
  const why = await refused.json();
  must(why.clause === "coaching: basis" && why.promises.includes("CTI-14"), `the refusal says ${JSON.stringify(why)}`);

  // The form is put on file, and the place for notes is there at once.
  await page.setInputFiles("#form", form);
  await page.getByRole("button", { name: "Put it on file" }).click();
  await says(page, "On file", "Signed on");
  await page.getByRole("radio", { name: "Coaching notes" }).check();
  await page.getByLabel("What happened").fill("He wants to lead well. First steps agreed.");
  await page.getByRole("button", { name: "Save", exact: true }).first().click();
  await says(page, "First steps agreed.");
  await page.getByRole("button", { name: "Record first session" }).click();
  await says(page, "First session");

  // The period is theirs to agree; more than is normal wants a reason beside the field.
  await page.getByText("Agree another period with them").click();
  await page.getByLabel("Months after it is completed").fill("72");
  await page.getByLabel(/Whoever pays has no say/).check();
  await page.locator("form[action$='/agreed']").getByRole("button", { name: "Save" }).click();
  await says(page, "6 years is longer than the policy says is normal");
  await page.getByLabel("Months after it is completed").fill("12");
  await page.getByLabel(/Whoever pays has no say/).check();
  await page.locator("form[action$='/agreed']").getByRole("button", { name: "Save" }).click();
  await says(page, "kept 1 year after completed");
  await look(page, "work-running");

  // Completing says what will happen, in numbers, before it happens; the manager completes it.
  await enter("helen.marsh@cti.example");
  await page.goto(programme);
  await page.getByRole("link", { name: "Complete it" }).click();
  await says(page, "1 note, 2 documents and the client's details go after Tue 23 Nov 2027.", "Ask them with the evaluation form");
  await look(page, "work-completion");
  await page.getByRole("button", { name: "Complete it" }).click();
  await says(page, "Completed.", "go after Tue 23 Nov 2027", "silence is no consent");
  await look(page, "work-completed");

  // A slip is taken back, and the clock with it.
  await page.getByRole("button", { name: /Take it back.*Completed/ }).click();
  await says(page, "kept 1 year after completed");
  await page.goto(`${programme}/completion`);
  await page.getByRole("button", { name: "Complete it" }).click();
  await says(page, "go after Tue 23 Nov 2027");

  // A year and a night later it is gone, and a certificate says so.
  const set = async (date) => {
    await page.goto("/work");
    await page.locator("form[action='/practice/clock'] input[name=date]").fill(date);
    await page.locator("form[action='/practice/clock'] button").click({ timeout: 60_000 });
    await page.waitForLoadState();
  };
  await set("2027-11-23");
  await page.goto(programme);
  await says(page, "go after Tue 23 Nov 2027");
  await set("2027-11-24");
  await page.goto(programme);
  await says(page, "There is nothing here");
  await page.goto("/admin/gone");
  await says(page, "1 coaching note", "6 months after completed", "CTI-13");
  await look(page, "gone");
}
