//! The doors by which details come in, and what is set in browsers: who was told by which notice is on record, whoever was
//! not is owed it, and nothing is set that the cookies page does not list.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

mod browsers;
#[path = "../common/mod.rs"]
mod common;
mod visits;

use app::acts::person::{self, NewPerson};
use app::acts::{self, Acting};
use app::instance::Instance;
use app::jobs::outbox;
use app::world::Pack;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::{House, changed, newcomer};
use custody::id::{MessageId, OrganisationId, PersonId, TaskId};
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use policy::Policy;
use serde_json::json;
use store::keys::Secret;
use store::message::{self, NewMessage};
use store::reach::{Part, Reach};
use store::told::{self, Told, Way};
use store::{policy_version, prove};

const TODAY: Date = date(2026, 11, 20);

const WORLD: &str = concat!(
    include_str!("../common/office.toml"),
    r#"
[[person]]
key = "sue"
as = "supporter"
agreed = ["supporters"]
on = "2026-11-04"
name = "Sue Dale"
email = "sue.dale@post.example"
"#
);

/// Somebody whom an assistant may not see.
const HIDDEN: &str = concat!(
    include_str!("../common/assistant.toml"),
    r#"
[[person]]
key = "tara"
as = "coaching client"
on = "2026-11-05"
name = "Tara Whitfield"
email = "tara.whitfield@post.example"
"#
);

fn told(house: &House, person: i64) -> Vec<Told> {
    house.instance.store.read(|tx| told::of_person(tx, PersonId(person))).unwrap()
}

fn broken(house: &House, obligation: &Obligation) -> Vec<String> {
    let (policy, now) = (house.instance.policy(), house.instance.clock.now());
    prove::obligation(&house.instance.store, &policy, obligation, now, house.instance.clock.today())
        .unwrap()
        .broken
}

async fn add(house: &House, key: &str, name: &str, told: Option<&str>) -> i64 {
    let email = format!("{name}@northbank.example");
    let category = "organisation contact";
    let organisation =
        house.instance.store.read(|tx| tx.one("SELECT id FROM organisation", &[], |row| row.int(0))).unwrap();
    let items = json!({ "name": name, "email": email });
    let mut new = json!({ "category": category, "items": items, "offers": true, "organisation": organisation, "source": "the person" });
    if let Some(told) = told {
        new["told"] = told.into();
    }
    let answer = house.api("POST", "/api/v1/people", key, &new).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

#[tokio::test]
async fn whoever_comes_in_was_told_or_is_owed_it() {
    let house = House::of(WORLD);
    let key = house.key("helen");
    let cookie = house.sign_in("helen").await;
    let ann = add(&house, &key, "ann", Some("staff")).await;
    assert_eq!(told(&house, ann), [Told { on: TODAY, way: Way::Staff, version: Some(3) }]);
    assert_eq!(broken(&house, &Obligation::ToldWhenGiven), Vec::<String>::new());

    // By the form, without a word about it: they are owed it, on their page and on Today.
    let form = "category=organisation+contact&name=Bea&email=bea%40northbank.example&source=the+person&collected=2026-11-20&told=";
    let answer = house.post("/people", &cookie, form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = answer.place().split('?').next().unwrap().to_owned();
    let bea: i64 = page.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(told(&house, bea), []);
    assert!(house.get(&page, &cookie).await.text.contains("Nobody has told them yet."));
    let waiting = |reach: &Reach| house.instance.store.read(|tx| told::untold(tx, reach, 10)).unwrap();
    assert_eq!(waiting(&Reach::Everyone), [(PersonId(bea), TODAY)]);
    let coaches = Part { categories: vec!["client".to_owned()], assigned_to: None, today: TODAY };
    assert_eq!(waiting(&Reach::Some(vec![coaches])), [], "out of reach is not found");
    let found = broken(&house, &Obligation::ToldWhenGiven);
    assert!(found.iter().any(|one| one.starts_with(&format!("person {bea} gave item"))), "{found:?}");

    // Somebody else's word does not stand for ours where they gave us their details themselves; ours does.
    let answer = house.post(&format!("{page}/told"), &cookie, "way=source&on=2026-11-20").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert!(!broken(&house, &Obligation::ToldWhenGiven).is_empty());
    house.post(&format!("{page}/told"), &cookie, "way=staff&on=2026-11-20").await;
    assert_eq!(told(&house, bea).len(), 2);
    assert_eq!(broken(&house, &Obligation::ToldWhenGiven), Vec::<String>::new());
    assert!(!house.page(&page, &cookie).await.contains("Nobody has told them yet."));
    let tomorrow = house.post(&format!("{page}/told"), &cookie, "way=staff&on=2026-11-21").await;
    assert_eq!(tomorrow.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody was told on a day to come");
    let anyhow = house.post(&format!("{page}/told"), &cookie, "way=anyhow&on=2026-11-20").await;
    assert_eq!(anyhow.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody says how");
}

#[tokio::test]
async fn a_first_message_that_leads_to_the_notice_tells_them() {
    let house = House::of(WORLD);
    let key = house.key("helen");
    let cal = add(&house, &key, "cal", None).await;
    let policy = house.instance.policy();
    let channel = policy.channel_named("personal email").unwrap();
    let footer = channel.footer.clone().unwrap();
    let address = house.instance.public_address();
    let body =
        format!("Dear Cal,\n\nhere we are.\n\n{}", footer.replace("{notice}", &format!("{address}/privacy")));
    house
        .instance
        .store
        .write(|tx| {
            let new = NewMessage {
                person: Some(PersonId(cal)),
                mailing: None,
                sort: message::Sort::Personal,
                activity: Some("tailored offers"),
                channel: "personal email",
                address: "cal@northbank.example",
                subject: "Hello",
                body: &body,
                html: None,
                token: Some(b"cal"),
                not_before: None,
                request: None,
                by: None,
            };
            message::queue(tx, &new, TODAY, house.instance.clock.now())
        })
        .unwrap();
    outbox::play(&house.instance).unwrap();
    let refused = house
        .instance
        .store
        .read(|tx| tx.all("SELECT COALESCE(refusal, state) FROM message", &[], |row| row.text(0)));
    assert_eq!(told(&house, cal), [Told { on: TODAY, way: Way::Message, version: Some(3) }], "{refused:?}");
}

#[tokio::test]
async fn whoever_adds_somebody_hears_first_who_is_here_already_and_what_they_asked() {
    let house = House::of(&format!("{WORLD}{HIDDEN}"));
    let cookie = house.sign_in("helen").await;
    let people = || house.instance.store.read(store::person::count).unwrap();
    let form = |name: &str, email: &str, more: &str| {
        format!(
            "category=organisation+contact&name={name}&email={email}&source=the+person&collected=2026-11-20&told=staff{more}"
        )
    };
    let answer = house.post("/people", &cookie, &form("S.+Dale", "SUE.DALE%40post.example", "")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(
        answer.text.contains("Already here?") && answer.text.contains(">Sue Dale</a>"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("value=\"S. Dale\"") && answer.text.contains("Add all the same"));
    assert_eq!(people(), 2, "nothing is added yet");
    let answer = house.post("/people", &cookie, &form("Sue+Dale", "", "")).await;
    assert!(answer.text.contains("Already here?"), "a name alone is a question too");
    // An assistant sees no clients: that one of them has this address is not theirs to know.
    let ivo = house.sign_in("ivo").await;
    let answer = house.post("/people", &ivo, &form("Tara", "tara.whitfield%40post.example", "")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);

    let sue: i64 =
        house.instance.store.read(|tx| tx.one("SELECT min(id) FROM person", &[], |row| row.int(0))).unwrap();
    let answer = house
        .post(
            &format!("/people/{sue}/preferences"),
            &cookie,
            "choice-all-contact=no&how=by+telephone&on=2026-11-20",
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let answer = house.post("/people", &cookie, &form("Sue", "sue.dale%40post.example", "")).await;
    assert!(answer.text.contains("asked us never to be in touch again, by this email"), "{}", answer.text);
    assert_eq!(people(), 3);
    let answer = house.post("/people", &cookie, &form("Sue", "sue.dale%40post.example", "&anyway=yes")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(people(), 4);
}

#[tokio::test]
async fn details_come_from_where_the_policy_says_and_from_nowhere_else() {
    let house = House::of(WORLD);
    let key = house.key("helen");
    let mut new = json!({ "category": "organisation contact", "items": { "name": "Ann", "email": "ann@northbank.example" } });
    let unsaid = house.api("POST", "/api/v1/people", &key, &new).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unsaid.text);
    assert!(unsaid.text.contains("the person, their organisation or published sources"), "{}", unsaid.text);
    new["source"] = "the moon".into();
    let refused = house.api("POST", "/api/v1/people", &key, &new).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert!(
        refused.text.contains("and from nowhere else") && refused.text.contains(": from"),
        "{}",
        refused.text
    );
    new["source"] = "Their organisation".into();
    let added = house.api("POST", "/api/v1/people", &key, &new).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let items = format!("/api/v1/people/{}/items", added.json()["id"]);
    let phone = json!({ "kind": "phone", "value": "01632 960311", "source": "the sun" });
    assert_eq!(house.api("POST", &items, &key, &phone).await.status, StatusCode::FORBIDDEN);
    let sources: Vec<String> = house
        .instance
        .store
        .read(|tx| tx.all("SELECT DISTINCT source FROM item ORDER BY source", &[], |row| row.text(0)))
        .unwrap();
    assert_eq!(sources, ["the person", "their organisation"], "as the policy spells it");
}

#[tokio::test]
async fn a_file_that_is_hardly_a_list_takes_no_lists_place() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen").await;
    let load = async |numbers: &str, more: &str| {
        let part = |name: &str, value: &str| {
            format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = [
            part("register", "tps"),
            part("dated", "2026-11-20"),
            more.to_owned(),
            "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"tps.txt\"\r\n\r\n".to_owned(),
            format!("{numbers}\r\n--X--\r\n"),
        ]
        .concat();
        let request = Request::post("/calls/files")
            .header(header::HOST, "probity.test")
            .header(header::ORIGIN, "http://probity.test")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X");
        house.send(request.body(Body::from(body)).unwrap()).await
    };
    let many: Vec<String> = (0..300).map(|n| format!("01632960{n:03}")).collect();
    assert_eq!(load(&many.join("\n"), "").await.status, StatusCode::SEE_OTHER);
    let few = load("01632960999", "").await;
    assert_eq!(few.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(few.text.contains("This file has 1 number, and the list before had 300 numbers"), "{}", few.text);
    let junk = load("hello\n01632960424\nabc", "").await;
    assert!(junk.text.contains("2 lines of this file hold no number: line 1, 3"), "{}", junk.text);
    assert!(house.get("/calls", &cookie).await.text.contains("300 numbers"), "the list there was stays");
    let yes = "--X\r\nContent-Disposition: form-data; name=\"as-it-is\"\r\n\r\nyes\r\n";
    assert_eq!(load("hello\n01632960424", yes).await.status, StatusCode::SEE_OTHER);
    assert!(house.get("/calls", &cookie).await.text.contains("1 number (1 line held none)"));
}

/// CMP's office, with an organisation that has an address of its own and one that has none.
const SENDERS: &str = r#"
begins = "2026-11-02"
today = "2026-11-20"
person = []
[[staff]]
key = "nadia"
name = "Nadia Frost"
email = "nadia.frost@cmp.example"
role = "information manager"
[[organisation]]
key = "acorn"
name = "Acorn Homes"
email = "office@acorn.example"
[[organisation]]
key = "mill"
name = "Millrace Foods Ltd"
"#;

fn senders() -> (Instance, common::Data) {
    senders_under(Pack::named("cmp").unwrap().policy().unwrap())
}

fn senders_under(policy: Policy) -> (Instance, common::Data) {
    let data = common::Data::new();
    (common::played(&data, &Secret::random().unwrap(), policy, SENDERS), data)
}

#[test]
fn whoever_sent_details_gets_the_link_to_pass_on_and_we_tell_the_people_all_the_same() {
    let (instance, _data) = senders();
    let store = &instance.store;
    let named = |name: &str| {
        let sql = "SELECT id FROM organisation WHERE name = ?1";
        store.read(|tx| tx.one(sql, &[name.into()], |row| Ok(OrganisationId(row.int(0)?)))).unwrap()
    };
    let (acorn, mill) = (named("Acorn Homes"), named("Millrace Foods Ltd"));
    let acting = Acting::system(&instance, "intake");
    let add = |name: &str, at: OrganisationId, source: &str| {
        let new = NewPerson {
            organisation: Some(at),
            offers: false,
            ..newcomer("learner", source, &[("name", name)])
        };
        store.write(|tx| person::add(&acting, tx, &new)).unwrap()
    };
    let freya = add("Freya Munn", acorn, "their organisation");
    let ola = add("Ola Berg", acorn, "their organisation");
    let per = add("Per Lind", mill, "their organisation");
    let own = add("Una Moss", mill, "the person");
    let on_record = |who: PersonId| {
        let sql = "SELECT message_id, task_id, done_on FROM sender_told WHERE person_id = ?1";
        let of = |tx: &store::Tx<'_>| {
            tx.all(sql, &[who.into()], |row| {
                Ok((row.opt_int(0)?.is_some(), row.opt_int(1)?, row.opt_date(2)?))
            })
        };
        store.read(of).unwrap()
    };
    assert_eq!(on_record(freya), [(true, None, None)]);
    assert_eq!(on_record(own), [], "who gave us their own details sent nobody's");
    let messages = "SELECT body FROM message WHERE address = 'office@acorn.example'";
    let bodies = store.read(|tx| tx.all(messages, &[], |row| row.text(0))).unwrap();
    assert_eq!(bodies.len(), 1, "one message for all of a day: {bodies:?}");
    assert!(bodies[0].contains("/privacy") && bodies[0].contains("sent us details of people"), "{bodies:?}");
    assert!(!bodies[0].contains("Freya"), "the organisation knows whom it sent");

    outbox::play(&instance).unwrap();
    assert_eq!(on_record(freya), [(true, None, Some(TODAY))]);
    assert_eq!(on_record(ola), [(true, None, Some(TODAY))]);
    let [(false, Some(task), None)] = on_record(per)[..] else { panic!("{:?}", on_record(per)) };
    store
        .write(|tx| acts::task::confirm(&acting, tx, TaskId(task), (TODAY, "told them on the telephone")))
        .unwrap();
    assert_eq!(on_record(per), [(false, Some(task), Some(TODAY))]);
    let untold = |who: PersonId| store.read(|tx| told::owed_since(tx, who)).unwrap();
    assert_eq!([untold(freya), untold(per)], [Some(TODAY); 2], "the duty to tell them stays ours");
    let policy = instance.policy();
    let now = instance.clock.now();
    let seen = prove::obligation(store, &policy, &Obligation::SenderTold, now, TODAY).unwrap();
    assert_eq!(seen.broken, Vec::<String>::new(), "{seen:?}");
    assert!(seen.figure.starts_with("3 times whoever sent details"), "{seen:?}");
}

/// The line of CMP's policy with these words.
fn line_of_cmp(words: &str) -> String {
    let policy = Pack::named("cmp").unwrap().policy().unwrap();
    policy.files[0].text.lines().find(|line| line.contains(words)).unwrap().to_owned()
}

/// CMP's policy as it is begins to count on 21 November; the next day comes.
fn promises_more(instance: &Instance) {
    let promises = changed("cmp", &[("version     1, from 2026-11-02", "version     2, from 2026-11-21")]);
    instance.store.write(|tx| policy_version::adopt(tx, &promises, instance.clock.now(), None)).unwrap();
    instance.set_practice_clock(instance.clock.at(date(2026, 11, 22), 9)).unwrap();
    instance.refresh_policy().unwrap();
}

/// Whoever came before the policy promised to tell people is owed nothing by it, and whoever came since is.
#[test]
fn a_promise_to_tell_people_counts_from_its_day() {
    for (words, obligation) in
        [("shown     on every form", Obligation::ToldWhenGiven), ("at first contact", Obligation::ToldInTime)]
    {
        let (instance, _data) = senders_under(changed("cmp", &[(&line_of_cmp(words), "")]));
        let store = &instance.store;
        let add = |name: &str| {
            let new = NewPerson { offers: false, ..newcomer("learner", "the person", &[("name", name)]) };
            store.write(|tx| person::add(&Acting::system(&instance, "intake"), tx, &new)).unwrap()
        };
        add("Freya Munn");
        promises_more(&instance);
        let ola = add("Ola Berg");
        let later = date(2027, 2, 10);
        let (policy, now) = (instance.policy(), instance.clock.at(later, 9));
        let found = prove::obligation(store, &policy, &obligation, now, later).unwrap().broken;
        assert!(found.len() == 1 && found[0].contains(&format!("person {ola} ")), "{words}: {found:?}");
    }
}

/// What came before the policy promised it is accused of nothing, and what came since is.
#[test]
fn a_promise_about_whoever_sends_details_counts_from_its_day() {
    let through = line_of_cmp("through whoever sent the details");
    let (instance, _data) = senders_under(changed("cmp", &[(&through, "")]));
    let store = &instance.store;
    let add = |name: &str| {
        let new = NewPerson { offers: false, ..newcomer("learner", "their organisation", &[("name", name)]) };
        store.write(|tx| person::add(&Acting::system(&instance, "intake"), tx, &new)).unwrap()
    };
    add("Freya Munn");
    assert_eq!(store.read(|tx| tx.count("SELECT COUNT(*) FROM sender_told", &[])).unwrap(), 0);
    promises_more(&instance);
    let ola = add("Ola Berg");
    let broken = || {
        let (policy, now) = (instance.policy(), instance.clock.now());
        prove::obligation(store, &policy, &Obligation::SenderTold, now, date(2026, 11, 22)).unwrap().broken
    };
    assert_eq!(broken(), Vec::<String>::new());
    store.write(|tx| tx.exec("DELETE FROM sender_told", &[])).unwrap();
    let found = broken();
    assert!(found.len() == 1 && found[0].contains(&format!("details of person {ola} came")), "{found:?}");
}

/// Details of somebody came from an organisation that has an address of its own: the message to it.
fn sent_by_acorn(instance: &Instance) -> MessageId {
    let store = &instance.store;
    let acorn = "SELECT id FROM organisation WHERE name = 'Acorn Homes'";
    let acorn = store.read(|tx| tx.one(acorn, &[], |row| Ok(OrganisationId(row.int(0)?)))).unwrap();
    let new = NewPerson {
        organisation: Some(acorn),
        offers: false,
        ..newcomer("learner", "their organisation", &[("name", "Freya Munn")])
    };
    store.write(|tx| person::add(&Acting::system(instance, "intake"), tx, &new)).unwrap();
    let message = "SELECT message_id FROM sender_told";
    MessageId(store.read(|tx| tx.one(message, &[], |row| row.int(0))).unwrap())
}

/// How many times somebody has the link to give to whoever sent details.
fn by_hand(instance: &Instance) -> i64 {
    let stands = "SELECT COUNT(*) FROM sender_told s JOIN task t ON t.id = s.task_id
        WHERE s.message_id IS NULL AND s.done_on IS NULL AND t.done_on IS NULL AND t.due_on = '2026-12-20'";
    instance.store.read(|tx| tx.count(stands, &[])).unwrap()
}

#[test]
fn a_link_that_the_mail_server_does_not_take_is_given_by_hand() {
    let (instance, _data) = senders();
    let message = sent_by_acorn(&instance);
    assert_eq!(by_hand(&instance), 0);
    let acting = Acting::system(&instance, "intake");
    instance.store.write(|tx| outbox::withdraw(&acting, tx, message, "given up")).unwrap();
    assert_eq!(by_hand(&instance), 1);
}

#[test]
fn a_link_to_where_somebody_said_no_since_is_given_by_hand() {
    let (instance, _data) = senders();
    sent_by_acorn(&instance);
    let (keys, now) = (instance.store.keys(), instance.clock.now());
    let no = |tx: &store::Tx<'_>| {
        let never = store::suppression::Forbids::AllContact;
        store::suppression::add(tx, keys, "email", "Office@acorn.example", never, TODAY, "link", now)
    };
    assert!(instance.store.write(no).unwrap());
    outbox::play(&instance).unwrap();
    assert_eq!(by_hand(&instance), 1);
    let refused = "SELECT COUNT(*) FROM message WHERE address = 'office@acorn.example' AND state = 'refused'";
    assert_eq!(instance.store.read(|tx| tx.count(refused, &[])).unwrap(), 1);
}
