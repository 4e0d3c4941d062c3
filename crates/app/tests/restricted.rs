//! Restricted is stored and nothing else, whichever door somebody tries: every address that changes anything is asked about
//! somebody whose data is restricted, and about their twin whose data is not. A new address without an answer here fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::House;

const STAFF: &str = r#"
begins = "2026-11-03"
today = "2026-11-20"
[[staff]]
key = "helen"
name = "Helen Marsh"
email = "helen@cti.example"
role = "business manager"
[[staff]]
key = "ruth"
name = "Ruth Adler"
email = "ruth@cti.example"
role = "coach"
[[staff]]
key = "ivo"
name = "Ivo Lane"
email = "ivo@cti.example"
role = "assistant"
[[organisation]]
key = "northbank"
name = "Northbank Housing Trust"
website = "northbank.example"
"#;

const TWIN: &str = r#"
[[person]]
key = "KEY"
as = "organisation contact"
on = "2026-11-03"
at = "northbank"
name = "NAME"
email = "KEY@northbank.example"
phone = "01632 960PHONE"
story = [
  "2026-11-03 is also a coaching client",
  "2026-11-03 is also a supplier",
  "2026-11-04 they ring: NAME asks about coaching",
  "2026-11-05 starts programme with ruth",
  "2026-11-10 signs consent form",
  "2026-11-10 milestone: agreed",
]
"#;

/// What an address says to whoever would change somebody's data while it is restricted.
enum Says {
    /// No. The address about somebody, and what is sent there.
    No(&'static str, Sent),
    /// The same, where the twin is told no as well, for a reason of their own.
    NoToBoth(&'static str, Sent),
    /// It is about nobody whose data we hold, or decides about each by themselves; where that is tested.
    NotThere(&'static str),
    /// Their own right, word or will, which a restriction does not take away.
    Theirs(&'static str),
}

#[derive(Clone, Copy)]
enum Sent {
    Form(&'static str),
    Json(&'static str, &'static str),
    File(&'static [(&'static str, &'static str)]),
}

use Says::{No, NoToBoth, NotThere, Theirs};
use Sent::{File, Form, Json};

const ACCOUNT: Says = NotThere("an account of the staff");
const POLICY: Says = NotThere("the policy");
const NETWORK: Says = NotThere("a list: whoever is restricted is left out, tests/reaching/networks.rs");
const COMPANY: Says = NotThere("what is known of a company itself");
const LINES: Says =
    NotThere("lines of a file: what is stored of somebody is decided line by line when it runs");
const MAILING: Says = NotThere("a text: whoever it goes to is decided one by one, as it leaves");
const TEMPLATE: Says = NotThere("a text about nobody: whoever is written to with it is decided then");
const PHONE: Says =
    NotThere("only read: whoever is restricted is in no address book, tests/reaching/phones.rs");
const WEBHOOK: Says = NotThere("where another program is told of events, by number");
const AUDIENCE: Says = NotThere("what is asked of people, and never who they are");
const RIGHT: Says = Theirs("answering what they asked goes on");
const OWN: Says = Theirs("their own word, by a link only they have");

/// Every address that changes something, as `routes.rs` has it. `{P}` is the person's number, `{I}` their e-mail address's,
/// `{E}` a line's, `{G}` a ground's, `{W}` their work's, `{O}` their organisation's, `{B}` their belonging's, `{T}` a task's.
const TABLE: &[(&str, Says)] = &[
    ("/sign-in", ACCOUNT),
    ("/sign-in/code", ACCOUNT),
    ("/me/second-factor", ACCOUNT),
    ("/me/second-factor/another", ACCOUNT),
    ("/me/recovery", ACCOUNT),
    ("/set-up/{token}", ACCOUNT),
    ("/sign-out", ACCOUNT),
    ("/me/keys", ACCOUNT),
    ("/me/password", ACCOUNT),
    ("/me/sessions", ACCOUNT),
    ("/admin/staff", ACCOUNT),
    ("/admin/staff/{id}/phones", ACCOUNT),
    ("/admin/staff/{id}/phones/{phone}/end", ACCOUNT),
    ("/hooks/{hook}", NotThere("asks a processor at once what it would be asked later")),
    ("/.well-known/carddav", PHONE),
    ("/dav/", PHONE),
    ("/dav/{*rest}", PHONE),
    ("/admin/staff/{id}/link", ACCOUNT),
    ("/admin/staff/{id}/second-factor", ACCOUNT),
    ("/admin/staff/{id}/left", ACCOUNT),
    ("/admin/staff/{id}/role", ACCOUNT),
    ("/admin/dns", NotThere("what the DNS says of our own domain")),
    ("/admin/backup", NotThere("everything, sealed")),
    ("/admin/backups/drill", NotThere("everything, sealed")),
    ("/admin/key/sheet", NotThere("the key")),
    ("/admin/key/confirmation", NotThere("the key")),
    ("/admin/quarantine", NotThere("the instance")),
    ("/admin/webhooks", WEBHOOK),
    ("/admin/webhooks/{id}", WEBHOOK),
    ("/admin/webhooks/{id}/secret", WEBHOOK),
    ("/admin/webhooks/{id}/switch", WEBHOOK),
    ("/admin/webhooks/{id}/trial", WEBHOOK),
    ("/admin/webhooks/{id}/removal", WEBHOOK),
    ("/api/v1/webhooks", WEBHOOK),
    ("/api/v1/webhooks/{id}", WEBHOOK),
    ("/api/v1/webhooks/{id}/secret", WEBHOOK),
    ("/api/v1/webhooks/{id}/trial", WEBHOOK),
    ("/admin/gone", NotThere("keyed hashes of who has gone")),
    ("/practice/clock", NotThere("the clock")),
    ("/policy/proof", POLICY),
    ("/policy/attestations/{place}", POLICY),
    ("/policy/edit", POLICY),
    ("/policy/edit/check", POLICY),
    ("/policy/adoption", POLICY),
    ("/policy/versions/{number}/withdrawal", POLICY),
    ("/unsubscribe/{token}", OWN),
    ("/unsubscribe/{token}/undo", OWN),
    ("/unsubscribe/{token}/topics", OWN),
    ("/unsubscribe/{token}/consents", OWN),
    ("/unsubscribe/{token}/consents/again", OWN),
    ("/answer/{token}", OWN),
    ("/ask", OWN),
    ("/pack/{token}", OWN),
    ("/known/{token}", OWN),
    ("/onward/{token}", OWN),
    ("/agree/{token}", OWN),
    ("/people", NotThere("somebody new")),
    ("/api/v1/people", NotThere("somebody new")),
    ("/people/{id}/erasure", Theirs("by asking for erasure they give the restriction up")),
    ("/people/{id}/restriction", Theirs("the restriction itself")),
    ("/people/{id}/restriction/review", Theirs("the restriction itself")),
    ("/people/{id}/restriction/lift", Theirs("the restriction itself")),
    ("/people/{id}/hold", Theirs("a restriction is most often for a claim, and so is a hold")),
    ("/holds/{id}", Theirs("a restriction is most often for a claim, and so is a hold")),
    ("/holds/{id}/end", Theirs("a restriction is most often for a claim, and so is a hold")),
    ("/api/v1/people/{id}/holds", Theirs("a restriction is most often for a claim, and so is a hold")),
    ("/api/v1/holds/{id}", Theirs("a restriction is most often for a claim, and so is a hold")),
    ("/api/v1/holds/{id}/end", Theirs("a restriction is most often for a claim, and so is a hold")),
    ("/people/{id}/preferences", Theirs("an objection is always taken")),
    ("/people/{id}/consents", Theirs("what they agree to is their own word, and is written down")),
    ("/api/v1/people/{id}/consents", Theirs("what they agree to is their own word, and is written down")),
    ("/people/{id}/consents/withdrawal", Theirs("as easily as it was given")),
    ("/api/v1/people/{id}/consents/withdrawal", Theirs("as easily as it was given")),
    ("/requests", RIGHT),
    ("/requests/{id}/identity", RIGHT),
    ("/requests/{id}/whose", RIGHT),
    ("/requests/{id}/whose/undo", RIGHT),
    ("/requests/{id}/uses", RIGHT),
    ("/requests/{id}/pause", RIGHT),
    ("/requests/{id}/resume", RIGHT),
    ("/requests/{id}/extend", RIGHT),
    ("/requests/{id}/search", RIGHT),
    ("/requests/{id}/pack", RIGHT),
    ("/requests/{id}/pack/link", RIGHT),
    ("/requests/{id}/onward", RIGHT),
    ("/requests/{id}/onward/confirmed", RIGHT),
    ("/requests/{id}/onward/link", RIGHT),
    ("/requests/{id}/words", RIGHT),
    ("/requests/{id}/review", RIGHT),
    ("/requests/{id}/corrected", RIGHT),
    (
        "/requests/{id}/correction-note",
        NotThere("a note of theirs: it is written by the same act as a typed line, which decides"),
    ),
    ("/requests/{id}/answer", RIGHT),
    ("/requests/{id}/code", RIGHT),
    ("/requests/{id}/seen", RIGHT),
    ("/requests/{id}/taken-back", RIGHT),
    ("/requests/{id}/files", RIGHT),
    ("/requests/{id}/keep", RIGHT),
    ("/mail/{id}", NotThere("mail that waits: it is filed by the same act as a typed line, which decides")),
    ("/requests/{id}/letters", RIGHT),
    ("/requests/{id}/owner", RIGHT),
    ("/letters/{id}", RIGHT),
    ("/complaints/{id}", RIGHT),
    ("/complaints/{id}/letters", RIGHT),
    ("/complaints/{id}/whose", RIGHT),
    ("/organisations", COMPANY),
    ("/organisations/{id}", COMPANY),
    ("/organisations/{id}/call", COMPANY),
    ("/organisations/{id}/call/check", COMPANY),
    ("/import", LINES),
    ("/import/{id}/columns", LINES),
    ("/import/{id}/rows/{n}", LINES),
    ("/import/{id}/held/{n}", LINES),
    ("/import/{id}/run", LINES),
    ("/import/{id}/undo", LINES),
    (
        "/processors/{processor}/{activity}",
        NotThere("a list: whoever is restricted is left out, tests/rights/limits.rs"),
    ),
    ("/networks/{recipient}/{activity}/{network}", NETWORK),
    ("/api/v1/networks/{recipient}/{activity}/{network}", NETWORK),
    ("/outreach", MAILING),
    ("/api/v1/mailings", MAILING),
    ("/api/v1/audiences/saved", AUDIENCE),
    ("/outreach/audience/mailing", MAILING),
    ("/outreach/audiences", AUDIENCE),
    ("/outreach/audiences/{id}/forget", AUDIENCE),
    ("/outreach/{id}", MAILING),
    ("/outreach/{id}/template", MAILING),
    ("/outreach/{id}/sender", MAILING),
    ("/outreach/{id}/pictures", MAILING),
    ("/outreach/{id}/pictures/{n}/remove", MAILING),
    ("/outreach/templates", TEMPLATE),
    ("/outreach/templates/{id}", TEMPLATE),
    ("/outreach/templates/{id}/forget", TEMPLATE),
    ("/outreach/templates/{id}/pictures", TEMPLATE),
    ("/outreach/templates/{id}/pictures/{n}/remove", TEMPLATE),
    ("/outreach/{id}/uncertain", MAILING),
    ("/api/v1/mailings/{id}/send", MAILING),
    ("/api/v1/mailings/{id}/pause", MAILING),
    ("/api/v1/mailings/{id}/pace", MAILING),
    ("/api/v1/mailings/{id}/sender", MAILING),
    ("/api/v1/templates", TEMPLATE),
    ("/outreach/{id}/test", MAILING),
    ("/outreach/{id}/send", MAILING),
    ("/outreach/{id}/schedule", MAILING),
    ("/outreach/{id}/draft", MAILING),
    ("/outreach/{id}/pace", MAILING),
    ("/outreach/{id}/pause", MAILING),
    ("/outreach/{id}/resume", MAILING),
    ("/outreach/{id}/now", MAILING),
    ("/outreach/{id}/cancel", MAILING),
    ("/calls/files", NotThere("a public register")),
    ("/tasks/{id}/owner", NotThere("who of the staff sees to something")),
    (
        "/people/{id}/items",
        No("/people/{P}/items", Form("kind=job+title&value=Clerk&source=the+person&collected=2026-11-20")),
    ),
    ("/people/{id}/items/{item}", No("/people/{P}/items/{I}", Form("version=1&value=new@northbank.example"))),
    ("/people/{id}/items/{item}/undo", No("/people/{P}/items/{I}/undo?version=1", Form(""))),
    (
        "/people/{id}/entries",
        No("/people/{P}/entries", Form("kind=contact+record&text=They+rang&on=2026-11-20")),
    ),
    ("/entries/{id}", No("/entries/{E}", Form("text=They+rang+twice&version=1"))),
    ("/entries/{id}/undo", No("/entries/{E}/undo?version=1", Form(""))),
    ("/entries/{id}/removal", No("/entries/{E}/removal", Form("version=1"))),
    (
        "/people/{id}/entered",
        NoToBoth("/people/{P}/entered", Form("activity=news+for+organisations&why=they+said+so")),
    ),
    ("/duplicates/{one}/{other}", NoToBoth("/duplicates/{P}/1", Form("are=one&one=1&other=1"))),
    ("/people/{id}/merges/{merge}", NoToBoth("/people/{P}/merges/1", Form(""))),
    ("/api/v1/duplicates/{one}/{other}", NoToBoth("/api/v1/duplicates/{P}/1", Json("DELETE", "{}"))),
    ("/api/v1/people/{id}/merges", NoToBoth("/api/v1/people/{P}/merges", Json("POST", r#"{"with":1}"#))),
    ("/api/v1/people/{id}/merges/{merge}", NoToBoth("/api/v1/people/{P}/merges/1", Json("DELETE", "{}"))),
    (
        "/people/{id}/soft-opt-in",
        No("/people/{P}/soft-opt-in", Form("activity=news&how=at+a+course&refusal=a+box&own=yes")),
    ),
    (
        "/api/v1/people/{id}/soft-opt-ins",
        No(
            "/api/v1/people/{P}/soft-opt-ins",
            Json("POST", r#"{"activity":"news","how":"at a course","refusal":"a box","own":true}"#),
        ),
    ),
    (
        "/api/v1/people/{id}/soft-opt-ins/{row}",
        NoToBoth("/api/v1/people/{P}/soft-opt-ins/1", Json("DELETE", "{}")),
    ),
    ("/people/{id}/soft-opt-in/{row}/undo", NoToBoth("/people/{P}/soft-opt-in/1/undo", Form(""))),
    ("/people/{id}/told", No("/people/{P}/told", Form("way=staff&on=2026-11-20"))),
    ("/people/{id}/facts", No("/people/{P}/facts", Form("name=rank&value=x&on=2026-11-20"))),
    ("/people/{id}/facts/undo", NoToBoth("/people/{P}/facts/undo", Form("name=rank&row=1"))),
    ("/people/{id}/events", No("/people/{P}/events", Form("name=confirmed&on=2026-11-20"))),
    ("/people/{id}/events/undo", NoToBoth("/people/{P}/events/undo", Form("name=confirmed&row=1"))),
    ("/people/{id}/mail", No("/people/{P}/mail", Form("activity=suppliers&subject=Terms&text=Ours+are+new"))),
    ("/people/{id}/passing-on", No("/people/{P}/passing-on", Form("to=associate&kinds=name"))),
    ("/people/{id}/reviews/{ground}", NoToBoth("/people/{P}/reviews/{G}", Form("why=we+need+it"))),
    (
        "/people/{id}/reviews/{ground}/let-go",
        NoToBoth("/people/{P}/reviews/{G}/let-go", Form("on=2026-11-20&seen=2026-11-20")),
    ),
    (
        "/people/{id}/no-longer",
        No("/people/{P}/no-longer", Form("category=supplier&on=2026-11-20&seen=2026-11-20")),
    ),
    (
        "/work/{id}/people/{person}/left",
        No("/work/{W}/people/{P}/left", Form("on=2026-11-20&seen=2026-11-20")),
    ),
    (
        "/organisations/{id}/people/{person}/left",
        No("/organisations/{O}/people/{P}/left", Form("on=2026-11-20&seen=2026-11-20")),
    ),
    ("/people/{id}/ended/undo", No("/people/{P}/ended/undo", Form("sort=organisation&row={B}"))),
    ("/tasks/{id}", No("/tasks/{T}", Form("on=2026-11-20&note=shredded"))),
    ("/calls/{id}", NoToBoth("/calls/{P}", Form("result=talked&text="))),
    ("/calls/{id}/check", NoToBoth("/calls/{P}/check", Form(""))),
    ("/work", No("/work", Form("kind=programme&client={P}&payer=person&opened=2026-11-20"))),
    ("/work/{id}/people", No("/work/{W}/people", Form("part=coach&coach={P}"))),
    ("/work/{id}/assigned", No("/work/{W}/assigned", Form("staff="))),
    ("/work/{id}/move", No("/work/{W}/move", Form("to=first+session"))),
    (
        "/work/{id}/milestones",
        No("/work/{W}/milestones", Form("milestone=first+session&milestone-on=2026-11-20")),
    ),
    ("/work/{id}/milestones/undo", No("/work/{W}/milestones/undo", Form("milestone=first+session"))),
    ("/work/{id}/agreed", NoToBoth("/work/{W}/agreed", Form("months=12&by=client&by=coach"))),
    ("/work/{id}/facts", No("/work/{W}/facts", Form("name=rank&value=x&on=2026-11-20&person={P}"))),
    ("/work/{id}/facts/undo", NoToBoth("/work/{W}/facts/undo", Form("name=rank&row=1&person={P}"))),
    (
        "/work/{id}/answer",
        NoToBoth("/work/{W}/answer", Form("activity=greetings&answer=yes&answered=2026-11-20")),
    ),
    (
        "/work/{id}/entries",
        NoToBoth("/work/{W}/entries", Form("kind=coaching+notes&text=We+met&on=2026-11-20")),
    ),
    ("/work/{id}/consent", No("/work/{W}/consent", File(&[("signed", "2026-11-09"), ("place", "drawer 2")]))),
    (
        "/work/{id}/documents",
        No(
            "/work/{W}/documents",
            File(&[("class", "consent form"), ("dated", "2026-11-09"), ("place", "drawer 2")]),
        ),
    ),
    (
        "/work/{id}/completion",
        No("/work/{W}/completion", Form("on=2026-11-20&seen=2026-11-20&milestone=completed")),
    ),
    (
        "/api/v1/people/{id}/items",
        No("/api/v1/people/{P}/items", Json("POST", r#"{"kind":"job title","value":"Clerk"}"#)),
    ),
    (
        "/api/v1/people/{id}/items/{item}",
        No("/api/v1/people/{P}/items/{I}", Json("PUT", r#"{"value":"x@northbank.example","version":1}"#)),
    ),
    (
        "/api/v1/people/{id}/entries",
        No("/api/v1/people/{P}/entries", Json("POST", r#"{"kind":"contact record","text":"They rang"}"#)),
    ),
    (
        "/api/v1/people/{id}/reviews/{ground}",
        NoToBoth("/api/v1/people/{P}/reviews/{G}", Json("POST", r#"{"why":"we need it"}"#)),
    ),
    (
        "/api/v1/people/{id}/endings",
        No("/api/v1/people/{P}/endings", Json("POST", r#"{"no_longer":"supplier"}"#)),
    ),
    (
        "/api/v1/people/{id}/endings/{sort}/{row}",
        NoToBoth("/api/v1/people/{P}/endings/organisation/{B}", Json("DELETE", "{}")),
    ),
    (
        "/api/v1/people/{id}/disclosures",
        No("/api/v1/people/{P}/disclosures", Json("POST", r#"{"to":"associate","kinds":["name"]}"#)),
    ),
    (
        "/api/v1/people/{id}/documents",
        NoToBoth(
            "/api/v1/people/{P}/documents",
            File(&[("class", "consent form"), ("dated", "2026-11-09"), ("place", "drawer 2")]),
        ),
    ),
    (
        "/api/v1/engagements",
        No(
            "/api/v1/engagements",
            Json("POST", r#"{"work":"programme","people":{"client":{P}},"payer":"person"}"#),
        ),
    ),
    (
        "/api/v1/engagements/{id}/milestones",
        No("/api/v1/engagements/{W}/milestones", Json("POST", r#"{"milestone":"first session"}"#)),
    ),
    (
        "/api/v1/engagements/{id}/milestones/{milestone}",
        No("/api/v1/engagements/{W}/milestones/agreed", Json("DELETE", "{}")),
    ),
    (
        "/api/v1/engagements/{id}/facts",
        No("/api/v1/engagements/{W}/facts", Json("POST", r#"{"fact":"rank","value":"x"}"#)),
    ),
    (
        "/api/v1/engagements/{id}/facts/{fact}",
        NoToBoth("/api/v1/engagements/{W}/facts/1", Json("DELETE", "{}")),
    ),
    (
        "/api/v1/people/{id}/facts",
        No("/api/v1/people/{P}/facts", Json("POST", r#"{"fact":"rank","value":"x"}"#)),
    ),
    ("/api/v1/people/{id}/facts/{fact}", NoToBoth("/api/v1/people/{P}/facts/1", Json("DELETE", "{}"))),
    ("/api/v1/people/{id}/events", No("/api/v1/people/{P}/events", Json("POST", r#"{"event":"confirmed"}"#))),
    ("/api/v1/people/{id}/events/{event}", NoToBoth("/api/v1/people/{P}/events/1", Json("DELETE", "{}"))),
    (
        "/api/v1/engagements/{id}/agreed",
        NoToBoth("/api/v1/engagements/{W}/agreed", Json("PUT", r#"{"months":12,"by":["client"]}"#)),
    ),
    (
        "/api/v1/engagements/{id}/entries",
        NoToBoth(
            "/api/v1/engagements/{W}/entries",
            Json("POST", r#"{"kind":"coaching notes","text":"We met"}"#),
        ),
    ),
    (
        "/api/v1/engagements/{id}/consents",
        No("/api/v1/engagements/{W}/consents", File(&[("signed", "2026-11-09"), ("place", "drawer 2")])),
    ),
    (
        "/api/v1/engagements/{id}/documents",
        No(
            "/api/v1/engagements/{W}/documents",
            File(&[("class", "consent form"), ("dated", "2026-11-09"), ("place", "drawer 2")]),
        ),
    ),
];

/// The addresses of `routes.rs` to which something can be sent.
fn addresses() -> BTreeSet<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/routes.rs")).unwrap();
    let (_, routes) = text.split_once("Router::new()").unwrap();
    let one = |route: &str| {
        let (address, how) = route.split_once('"').unwrap().1.split_once('"').unwrap();
        let only_read =
            how.trim_start_matches([',', ' ', '\n']).starts_with("get(") && !how.contains(").post(");
        (!only_read).then(|| address.to_owned())
    };
    routes.split(".route(").skip(1).filter_map(one).collect()
}

#[test]
fn every_address_that_changes_something_has_an_answer() {
    let known: BTreeSet<String> = TABLE.iter().map(|(address, _)| (*address).to_owned()).collect();
    assert_eq!(known.len(), TABLE.len(), "an address stands here twice");
    let why = |says: &Says| matches!(says, NotThere(why) | Theirs(why) if why.is_empty());
    assert!(!TABLE.iter().any(|(_, says)| why(says)), "an answer says why");
    let there = addresses();
    let unanswered: Vec<_> = there.difference(&known).collect();
    assert!(unanswered.is_empty(), "say in TABLE what these do with somebody restricted: {unanswered:?}");
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(gone.is_empty(), "no address any more: {gone:?}");
}

struct Twins {
    house: House,
    cookie: String,
    key: String,
}

impl Twins {
    async fn new() -> Self {
        let twin = |key: &str, name: &str, phone: &str| {
            TWIN.replace("KEY", key).replace("NAME", name).replace("PHONE", phone)
        };
        let world =
            [STAFF.to_owned(), twin("tara", "Tara Quill", "123"), twin("ursula", "Ursula Vane", "124")];
        let house = House::of(&world.concat());
        let (cookie, key) = (house.sign_in("helen").await, house.key("helen"));
        Self { house, cookie, key }
    }

    fn number(&self, sql: &str) -> i64 {
        self.house.instance.store.read(|tx| tx.count(sql, &[])).unwrap()
    }

    /// The numbers of what is held about somebody, by their letters in the table.
    fn numbers(&self, name: &str) -> BTreeMap<&'static str, i64> {
        let person = self.number(&format!("SELECT person_id FROM item WHERE value = '{name}'"));
        let of = |sql: &str| self.number(&sql.replace("{P}", &person.to_string()));
        BTreeMap::from([
            ("{P}", person),
            ("{I}", of("SELECT id FROM item WHERE person_id = {P} AND kind = 'email'")),
            ("{E}", of("SELECT entry_id FROM entry_person WHERE person_id = {P} ORDER BY entry_id LIMIT 1")),
            ("{G}", of("SELECT MIN(id) FROM ground WHERE person_id = {P} AND state = 'active'")),
            ("{W}", of("SELECT engagement_id FROM engagement_person WHERE person_id = {P}")),
            ("{O}", of("SELECT organisation_id FROM belonging WHERE person_id = {P}")),
            ("{B}", of("SELECT id FROM belonging WHERE person_id = {P}")),
            ("{T}", of("SELECT id FROM task WHERE person_id = {P} AND kind = 'destroy paper'")),
        ])
    }

    async fn send(&self, to: &str, sent: Sent, numbers: &BTreeMap<&'static str, i64>) -> StatusCode {
        let put = |text: &str| {
            numbers.iter().fold(text.to_owned(), |text, (at, n)| text.replace(at, &n.to_string()))
        };
        let to = put(to);
        match sent {
            Form(form) => self.house.post(&to, &self.cookie, &put(form)).await.status,
            Json(method, json) => {
                let to =
                    if method == "DELETE" && to.contains("/items/") { format!("{to}?version=1") } else { to };
                let json = serde_json::from_str(&put(json)).unwrap();
                self.house.api(method, &to, &self.key, &json).await.status
            }
            File(fields) => {
                let mut body = String::new();
                for (name, value) in fields {
                    body.push_str(&format!(
                        "--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    ));
                }
                body.push_str("--part--\r\n");
                let request = Request::post(&to)
                    .header(header::CONTENT_TYPE, "multipart/form-data; boundary=part")
                    .header(header::COOKIE, if to.starts_with("/api") { "" } else { &self.cookie })
                    .header(
                        header::AUTHORIZATION,
                        if to.starts_with("/api") { format!("Bearer {}", self.key) } else { String::new() },
                    );
                self.house.send(request.body(Body::from(body)).unwrap()).await.status
            }
        }
    }

    /// All that is held about anybody.
    fn everything(&self) -> Vec<String> {
        self.house
            .instance
            .store
            .read(|tx| {
                let mut all = Vec::new();
                for table in store::schema::tables().filter(|table| table.about_person().is_some()) {
                    if table.name.starts_with("log_") {
                        continue;
                    }
                    let columns =
                        table.columns.iter().filter(|column| column.form != store::schema::Form::Bytes);
                    let columns: Vec<String> = columns
                        .map(|column| format!("COALESCE(CAST({} AS TEXT), '-')", column.name))
                        .collect();
                    let sql = format!("SELECT {} FROM {}", columns.join(" || '|' || "), table.name);
                    all.extend(tx.all(&sql, &[], |row| Ok(format!("{}: {}", table.name, row.text(0)?)))?);
                }
                all.sort();
                Ok::<_, store::Error>(all)
            })
            .unwrap()
    }
}

#[tokio::test]
async fn whatever_is_tried_with_somebody_restricted_is_refused_and_changes_nothing() {
    let twins = Twins::new().await;
    let house = &twins.house;
    for name in ["Tara Quill", "Ursula Vane"] {
        let person = twins.number(&format!("SELECT person_id FROM item WHERE value = '{name}'"));
        paper_to_destroy(house, person);
    }
    let (tara, ursula) = (twins.numbers("Tara Quill"), twins.numbers("Ursula Vane"));
    let restrict = format!("/people/{}/restriction", tara["{P}"]);
    let why = "why=they+dispute+it&on=2026-11-20&review=2027-01-20";
    let restricted = house.post(&restrict, &twins.cookie, why).await;
    assert_eq!(restricted.status, StatusCode::SEE_OTHER, "{}", restricted.text);

    let mut wrong: Vec<String> = Vec::new();
    let mut before = twins.everything();
    for (address, says) in TABLE {
        let (No(to, sent) | NoToBoth(to, sent)) = says else { continue };
        let status = twins.send(to, *sent, &tara).await;
        if !matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
            wrong.push(format!("{address}: {status} about somebody restricted"));
        }
        let after = twins.everything();
        let new: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
        if !new.is_empty() || after.len() != before.len() {
            wrong.push(format!("{address} changed {new:?}"));
        }
        before = after;
    }
    // The same is not refused for anybody whose data is not restricted: it is the restriction that refuses.
    for (address, says) in TABLE {
        let No(to, sent) = says else { continue };
        let status = twins.send(to, *sent, &ursula).await;
        if matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) || status.is_server_error() {
            wrong.push(format!("{address}: {status} about somebody who is not restricted"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A paper file of somebody, and the task to destroy it.
fn paper_to_destroy(house: &House, person: i64) {
    use custody::id::PersonId;
    use store::task::{Kind, NewTask};
    let now = house.instance.clock.now();
    let task = NewTask {
        person: Some(PersonId(person)),
        ..NewTask::new(Kind::DestroyPaper, "Destroy the old file")
    };
    house
        .instance
        .store
        .write(|tx| store::task::add(tx, &task, now))
        .unwrap_or_else(|fault| panic!("{fault}"));
}
