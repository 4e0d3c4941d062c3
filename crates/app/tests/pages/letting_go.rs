//! What is kept on, by whom and why: holds and reviews, on the pages and by the API. And that what is erased by a page lies
//! nowhere on the disk any more, not even for somebody who has the key.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

#[path = "../common/looked_through.rs"]
mod looked_through;
#[expect(dead_code, reason = "the tests of the store look for single words, too")]
#[path = "../../../store/tests/it/lying.rs"]
mod lying;

use axum::http::StatusCode;
use jiff::civil::date;
use serde_json::json;

use super::common::{self, House, night};

const ERASE: &str = "why=asked&asked-how=telephone&known=known&tell=told&how=by+letter&request=";
const WORLD: &str = concat!(
    include_str!("../common/office.toml"),
    include_str!("../common/assistant.toml"),
    r#"
[[person]]
key = "tara"
as = "coaching client"
on = "2026-11-03"
name = "Tara Whitfield"
email = "tara.whitfield@post.example"
story = [
  "2026-11-03 starts programme with ruth",
  "2026-11-10 signs consent form",
  "2026-11-10 milestone: agreed",
]
[[person]]
key = "priya"
as = "organisation contact"
on = "2026-11-04"
at = "northbank"
name = "Zerlinda Quagmire"
email = "zerlinda.quagmire@northbank.example"
story = [
  "2026-11-05 they ring: Zerlinda Quagmire asks about the quagmire",
]
"#
);

const PETRA: &str = r#"
[[person]]
key = "petra"
as = "supplier"
on = "2026-11-03"
name = "Petra Simmonds"
email = "petra@simmonds.example"
"#;

#[tokio::test]
async fn a_hold_is_placed_seen_looked_at_again_and_ended() {
    let house = House::of(WORLD);
    let (helen, ivo) = (house.sign_in("helen").await, house.sign_in("ivo").await);
    let key = house.key("helen");
    let who = house.person(&key, "Zerlinda").await;
    let page = format!("/people/{who}");
    let place = format!("{page}/hold");

    // Whoever may not is told so, and is not offered it.
    assert!(house.get(&page, &helen).await.text.contains(&place));
    assert!(!house.page(&page, &ivo).await.contains(&place));
    assert_eq!(house.post(&place, &ivo, "why=x&review=2027-01-31").await.status, StatusCode::FORBIDDEN);

    // What is missing is asked for, and nothing typed is lost.
    let form = house.get(&place, &helen).await;
    assert!(form.text.contains("value=\"2027-02-18\""), "90 days on: {}", form.text);
    let wrong = house.post(&place, &helen, "why=&owner=&review=2026-11-20&helper-7=1").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Write why, in a sentence."), "{}", wrong.text);
    let late = house.post(&place, &helen, "why=The+Northbank+claim&review=2026-11-20").await;
    assert!(
        late.text.contains("Choose a day to come") && late.text.contains("The Northbank claim"),
        "{}",
        late.text
    );
    let nobody = house.post(&place, &helen, "why=x&review=2027-01-31&helper-7=1").await;
    assert!(nobody.text.contains("Choose somebody who is on the staff."), "{}", nobody.text);
    assert_eq!(house.count("SELECT COUNT(*) FROM hold"), 0);

    let ivo_id = house.count("SELECT id FROM staff WHERE name = 'Ivo Lane'");
    let done = house
        .post(&place, &helen, &format!("why=The+Northbank+claim&review=2026-12-10&helper-{ivo_id}=1"))
        .await;
    assert_eq!((done.status, done.place()), (StatusCode::SEE_OTHER, format!("{page}?said=held").as_str()));
    let shown = house.get(&page, &helen).await.text;
    for words in [
        "On hold.",
        "Helen Marsh answers for it, with Ivo Lane",
        "10 Dec 2026",
        "Why: The Northbank claim",
        "/holds/",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let hold = house.count("SELECT id FROM hold");
    assert!(house.get("/", &helen).await.text.contains(&format!("/holds/{hold}")), "seen ahead on Today");
    assert!(!house.page("/", &ivo).await.contains(&format!("/holds/{hold}")));
    assert_eq!(house.get(&format!("/holds/{hold}"), &ivo).await.status, StatusCode::NOT_FOUND);
    assert!(house.get(&page, &ivo).await.text.contains("On hold."), "named with it");

    // Passed by: late on Today, and the promises and the page on how the instance is say so.
    night(&house.instance, date(2026, 12, 11));
    let today = house.get("/", &helen).await.text;
    assert!(
        today.contains("on hold: does that still have to be so?") && today.contains("Overdue"),
        "{today}"
    );
    assert!(house.get("/admin", &helen).await.text.contains("A hold was to be looked at again, and was not"));
    let broken = app::acts::proof::look(&house.instance, None).unwrap().found;
    let says = format!("hold {hold} was to be looked at again by 2026-12-10");
    assert!(broken.iter().any(|found| found.counterexamples.contains(&says)), "{broken:?}");

    let look = house.get(&format!("/holds/{hold}"), &helen).await.text;
    assert!(look.contains("Zerlinda Quagmire") && look.contains("The Northbank claim"), "{look}");
    let ruth = house.count("SELECT id FROM staff WHERE name = 'Ruth Adler'");
    let on = format!("why=It+goes+to+court&review=2027-03-01&owner={ruth}");
    assert_eq!(house.post(&format!("/holds/{hold}"), &helen, &on).await.status, StatusCode::SEE_OTHER);
    let shown = house.get(&page, &helen).await.text;
    assert!(shown.contains("Ruth Adler answers for it, and looks again by Mon 1 Mar 2027"), "{shown}");
    assert!(shown.contains("Why: It goes to court"), "{shown}");

    // Erasing stops at it; its end asks to look again, and what was due meanwhile goes.
    let erasing = house.get(&format!("{page}/erasure"), &helen).await.text;
    let version = erasing.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let erase = format!("{ERASE}&version={version}");
    assert_eq!(house.post(&format!("{page}/erasure"), &helen, &erase).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.count(&format!("SELECT COUNT(*) FROM item WHERE person_id = {who}")), 2, "held");
    let end = format!("/holds/{hold}/end");
    assert_eq!(house.post(&end, &ivo, "ended=settled").await.status, StatusCode::NOT_FOUND);
    let wrong = house.post(&end, &helen, "ended=").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("href=\"#ended\""), "{}", wrong.text);
    assert_eq!(house.post(&end, &helen, "ended=settled").await.status, StatusCode::SEE_OTHER);
    let task = house.count("SELECT id FROM task WHERE done_on IS NULL AND kind = 'other'");
    let task = house.get(&format!("/tasks/{task}"), &helen).await.text;
    assert!(task.contains("the hold that stood in its way has ended"), "{task}");
    assert!(task.contains(&format!("{page}/erasure")), "{task}");
    assert!(!house.get(&page, &helen).await.text.contains("On hold."));
    assert_eq!(house.get(&format!("/holds/{hold}"), &helen).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_hold_is_placed_and_ended_by_the_api_and_on_everybodys_work() {
    let house = House::of(WORLD);
    let (key, other) = (house.key("helen"), house.key("ivo"));
    let who = house.person(&key, "Tara").await;
    let path = format!("/api/v1/people/{who}/holds");
    let work = house.count("SELECT id FROM engagement");
    let asking = json!({ "why": "a complaint", "review_on": "2027-01-31", "engagement": work });
    assert_eq!(house.api("POST", &path, &other, &asking).await.status, StatusCode::FORBIDDEN);
    let strange = json!({ "why": "a complaint", "review_on": "2027-01-31", "engagement": 5 });
    assert_eq!(house.api("POST", &path, &key, &strange).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        house.api("POST", &path, &key, &json!({ "review_on": "2027-01-31" })).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let placed = house.api("POST", &path, &key, &asking).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text);
    let hold = placed.json()["id"].as_i64().unwrap();
    let listed = house.api("GET", &path, &key, &json!({})).await.json();
    let found = &listed["holds"][0];
    assert_eq!((found["id"].as_i64(), found["why"].as_str()), (Some(hold), Some("a complaint")), "{listed}");
    assert_eq!(found["engagement"].as_i64(), Some(work));
    let page = house.get(&format!("/people/{who}"), &house.sign_in("helen").await).await.text;
    assert!(page.contains("about everybody on this"), "{page}");

    let on = json!({ "why": "it goes on", "review_on": "2027-06-30" });
    assert_eq!(
        house.api("PUT", &format!("/api/v1/holds/{hold}"), &key, &on).await.status,
        StatusCode::NO_CONTENT
    );
    let end = format!("/api/v1/holds/{hold}/end");
    assert_eq!(
        house.api("POST", &end, &other, &json!({ "why": "settled" })).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house.api("POST", &end, &key, &json!({ "why": "" })).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        house.api("POST", &end, &key, &json!({ "why": "settled" })).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(house.api("POST", &end, &key, &json!({ "why": "again" })).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.api("GET", &path, &key, &json!({})).await.json()["holds"], json!([]));
}

#[tokio::test]
async fn what_is_kept_on_after_a_review_says_why_and_by_whom() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen").await;
    let key = house.key("helen");
    let who = house.person(&key, "Zerlinda").await;
    let ground = house.count(&format!(
        "SELECT id FROM ground WHERE person_id = {who} AND state = 'active' AND review_on IS NOT NULL ORDER BY id LIMIT 1"
    ));
    let review = format!("/people/{who}/reviews/{ground}");
    let wrong = house.post(&review, &helen, "why=+").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Write why it is still needed"), "{}", wrong.text);
    let done = house.post(&review, &helen, "why=She+buys+every+spring").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = house.get(&format!("/people/{who}"), &helen).await.text;
    assert!(
        page.contains("Looked at by Helen Marsh on Fri 20 Nov 2026, and still needed: She buys every spring"),
        "{page}"
    );
    let api = format!("/api/v1/people/{who}/reviews/{ground}");
    assert_eq!(
        house.api("POST", &api, &key, &json!({ "why": "" })).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        house.api("POST", &api, &key, &json!({ "why": "Still" })).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(house.count("SELECT COUNT(*) FROM ground WHERE reviewed_why = 'Still'"), 1);
}

/// What lies in the database and in its log, as somebody reads it who has the key.
fn on_disk(house: &House) -> (Vec<u8>, Vec<u8>) {
    let all = lying::everything(&house.instance.store);
    let of = |name: &str| {
        all.iter().filter(|(place, _)| place.ends_with(name)).flat_map(|(_, bytes)| bytes.clone()).collect()
    };
    (of("/probity.db"), of("/probity.db-wal"))
}

/// What stands around the first of what is looked for.
fn around(bytes: &[u8]) -> String {
    let lower = bytes.to_ascii_lowercase();
    let at = lower.windows(8).position(|window| window == b"quagmire" || window == b"zerlinda").unwrap_or(0);
    String::from_utf8_lossy(&bytes[at.saturating_sub(200)..(at + 200).min(bytes.len())]).into_owned()
}

fn says(bytes: &[u8]) -> bool {
    let lower: Vec<u8> = bytes.to_ascii_lowercase();
    ["quagmire", "zerlinda"].iter().any(|canary| lower.windows(8).any(|window| window == canary.as_bytes()))
}

#[tokio::test]
async fn what_a_page_erases_lies_neither_in_the_database_nor_in_its_log() {
    if std::env::var("PROBITY_TEST_ON").as_deref() == Ok("postgres") {
        return eprintln!("skipped: on PostgreSQL there is no file to look into");
    }
    let house = House::of(WORLD);
    let helen = house.sign_in("helen").await;
    let who = house.person(&house.key("helen"), "Zerlinda").await;
    house.instance.store.scrub().unwrap();
    // Written once more, so that the log has it as well.
    let entry = house.count(&format!("SELECT entry_id FROM entry_person WHERE person_id = {who}"));
    let sql = "UPDATE entry SET body = 'Zerlinda of the quagmire rang' WHERE id = ?1";
    house.instance.store.write(|tx| tx.exec(sql, &[entry.into()])).unwrap();
    let (database, log) = on_disk(&house);
    assert!(says(&database) && says(&log), "what is looked for is found while it is there");

    let page = format!("/people/{who}/erasure");
    let erasing = house.get(&page, &helen).await.text;
    let version = erasing.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("{ERASE}&version={version}");
    let done = house.post(&page, &helen, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let (database, log) = on_disk(&house);
    assert!(!says(&log), "it lies in the write-ahead log: {}", around(&log));
    assert!(!says(&database), "it lies in the database: {}", around(&database));

    // While somebody reads, it cannot be cleared, and is not forgotten; the job does it when they have done.
    let other = house.person(&house.key("helen"), "Tara").await;
    let store = &house.instance.store;
    store
        .read(|tx| {
            tx.count("SELECT COUNT(*) FROM item", &[])?;
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let gone = |tx: &store::Tx<'_>| {
                        store::ring_duty::delete(tx, "item", "person_id = ?1", &[other.into()])
                    };
                    house.instance.store.write(gone).unwrap();
                    app::acts::backup::forget(&house.instance).unwrap();
                    app::acts::residue::clear(&house.instance).unwrap();
                });
            });
            Ok::<_, store::Error>(())
        })
        .unwrap();
    assert!(store.read(store::residue::since).unwrap().is_some());
    app::acts::residue::clear(&house.instance).unwrap();
    assert_eq!(store.read(store::residue::since).unwrap(), None);
}

#[tokio::test]
async fn what_only_a_hold_keeps_is_not_said_to_go_tonight() {
    let house = House::of(&(WORLD.to_owned() + PETRA));
    let (helen, key) = (house.sign_in("helen").await, house.key("helen"));
    let page = format!("/people/{}", house.person(&key, "Petra").await);
    let held = house.post(&format!("{page}/hold"), &helen, "why=A+claim&review=2027-01-31").await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text);
    let ends = json!({ "no_longer": "supplier" });
    let ended = house.api("POST", &format!("/api/v1{page}/endings"), &key, &ends).await;
    assert_eq!(ended.status, StatusCode::CREATED, "{}", ended.text);
    let shown = house.get(&page, &helen).await.text;
    assert!(shown.contains("The hold keeps it; it goes the night the hold ends."), "{shown}");
    assert!(!shown.contains("at two tonight"), "{shown}");
}

#[tokio::test]
async fn what_is_written_about_others_is_masked_by_the_page_or_left_as_it_is() {
    let house = House::of(&(WORLD.to_owned() + PETRA));
    let helen = house.sign_in("helen").await;
    let key = house.key("helen");
    let (tara, who) = (house.person(&key, "Tara").await, house.person(&key, "Zerlinda").await);
    let petra = house.person(&key, "Petra").await;
    let why = "why=The+claim+of+Zerlinda+Quagmire&review=2027-01-31";
    assert_eq!(house.post(&format!("/people/{tara}/hold"), &helen, why).await.status, StatusCode::SEE_OTHER);
    let task = |id: i64, whose: Option<i64>| {
        let sql = "INSERT INTO task (id, kind, person_id, what, blocks, created_at) VALUES (?1, 'other', ?2, 'Ask Zerlinda Quagmire', 0, 0)";
        house.instance.store.write(|tx| tx.exec(sql, &[id.into(), whose.into()])).unwrap();
    };
    task(7, Some(tara));
    task(8, None);
    task(9, None);
    // A line about two people, the second of them on hold.
    let line = "INSERT INTO entry (id, kind, on_date, body, source, version, recorded_at, updated_at)
        VALUES (10, 'contact record', '2026-11-19', 'They met Zerlinda Quagmire', 'us', 1, 0, 0)";
    let links =
        "INSERT INTO entry_person (entry_id, person_id, role) VALUES (10, ?1, 'author'), (10, ?2, 'subject')";
    let linked = house.instance.store.write(|tx| {
        tx.exec(line, &[])?;
        tx.exec(links, &[petra.into(), tara.into()])
    });
    linked.unwrap();
    // A draft to many, and an organisation that is called after her.
    let draft = "INSERT INTO mailing (id, title, activity, channel, subject, body, state, created_at, version)
        VALUES (11, 'Tea', 'news for organisations', 'mailing', 'Meet Zerlinda Quagmire', 'Come!', 'draft', 0, 1)";
    let friends = house.instance.store.write(|tx| {
        tx.exec(draft, &[])?;
        store::organisation::named(tx, "Friends of Zerlinda Quagmire", house.instance.clock.now())
    });
    let friends = friends.unwrap();

    let page = format!("/people/{who}/erasure");
    let text = house.get(&page, &helen).await.text;
    for box_of in ["mailing-11".to_owned(), format!("organisation_name-{friends}")] {
        assert!(text.contains(&format!("value=\"{box_of}\" checked")), "{box_of}: {text}");
    }
    for words in ["A hold&#39;s reason", "A task", "about Tara Whitfield", "The draft of the mailing Tea"] {
        assert!(text.contains(words) || text.contains(&words.replace("&#39;", "'")), "{words}: {text}");
    }
    let label = text.split("value=\"entry-10\"").nth(1).unwrap().split("</label>").next().unwrap();
    for words in ["about Petra Simmonds", "on hold, looked at again by"] {
        assert!(label.contains(words), "{words}: {label}");
    }
    let of = |name: &str| text.split(name).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (version, listed) = (of("name=\"version\" value=\""), of("name=\"listed\" value=\""));
    for task in ["task-7", "task-8", "task-9"] {
        assert!(listed.contains(task), "{listed}");
    }
    let form = format!(
        "{ERASE}&version={version}&listed={}&mask=task-7&mask=task-8&mask=mailing-11",
        listed.trim().replace(' ', "+")
    );
    let done = house.post(&page, &helen, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let said = |sql: &str| house.instance.store.read(|tx| tx.one(sql, &[], |row| row.text(0))).unwrap();
    let what = |id: i64| said(&format!("SELECT what FROM task WHERE id = {id}"));
    assert_eq!(what(8), "Ask [somebody who asked to be erased]");
    assert_eq!(what(9), "Ask Zerlinda Quagmire", "left alone, as was said");
    assert_eq!(what(7), "Ask Zerlinda Quagmire", "about somebody on hold, and held as it is");
    assert_eq!(said("SELECT reason FROM hold"), "The claim of Zerlinda Quagmire");
    assert_eq!(said("SELECT subject FROM mailing WHERE id = 11"), "Meet [somebody who asked to be erased]");
    let called = said(&format!("SELECT name FROM organisation WHERE id = {friends}"));
    assert_eq!(called, "Friends of Zerlinda Quagmire", "left alone, as was said");
    // It is not Tara's name that goes.
    assert!(house.get("/", &helen).await.text.contains("what becomes of the name of somebody who has gone"));
    assert!(
        house.get(done.place(), &helen).await.text.contains("were left as they are by whoever granted this")
    );
}

#[tokio::test]
async fn what_ends_by_a_slip_is_foretold_and_taken_back_on_a_page_that_is_there() {
    let house = House::of(&(WORLD.to_owned() + PETRA));
    let (helen, ivo, ruth) =
        (house.sign_in("helen").await, house.sign_in("ivo").await, house.sign_in("ruth").await);
    let key = house.key("helen");
    let (petra, priya) = (house.person(&key, "Petra").await, house.person(&key, "Zerlinda").await);

    // No longer a supplier: the numbers first, and nothing is recorded by looking.
    let sql = "SELECT id FROM ground WHERE state = 'active' AND review_on IS NOT NULL AND person_id = ";
    let ground = house.count(&format!("{sql}{petra} ORDER BY id LIMIT 1"));
    let page = format!("/people/{petra}");
    let ending = format!("{page}/no-longer");
    let review = house.get(&format!("{page}/reviews/{ground}"), &helen).await.text;
    assert!(review.contains("See what would happen") && review.contains(&ending), "{review}");
    for who in [&helen, &ivo] {
        let shown = house.get(&page, who).await.text;
        assert!(shown.contains("They are no longer a supplier") && shown.contains(&ending), "{shown}");
    }
    let ahead = house.get(&format!("{ending}?category=supplier"), &helen).await;
    assert_eq!(ahead.status, StatusCode::OK, "{}", ahead.text);
    assert!(ahead.text.contains("Tonight go: 2 details"), "{}", ahead.text);
    let early = house.get(&format!("{ending}?category=supplier&on=2026-12-24"), &helen).await.text;
    assert!(
        early.contains("id=\"on-error\"") && early.contains("Tonight go: 2 details"),
        "beside its field: {early}"
    );
    let done = house.post(&ending, &helen, "category=supplier&on=2026-11-20&seen=2026-11-20").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let to = done.place().to_owned();
    let over = house.get(to.split('#').next().unwrap(), &helen).await;
    assert_eq!(over.status, StatusCode::OK, "{}", over.text);
    for words in ["Petra Simmonds", "They are no longer a supplier", "Take it back", "Tonight go: 2 details"]
    {
        assert!(over.text.contains(words), "{words}: {}", over.text);
    }
    assert!(!over.text.contains("petra@simmonds.example"), "it is not used meanwhile: {}", over.text);
    assert!(house.get(&page, &ivo).await.text.contains("Take it back"), "whoever could have recorded it");
    let hers = house.get(&page, &ruth).await;
    assert!(hers.status.is_client_error() && !hers.text.contains("Simmonds"), "she may not: {}", hers.text);
    let row = over.text.split("name=\"row\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let back = house.post(&format!("{page}/ended/undo"), &helen, &format!("sort=category&row={row}")).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
    let again = house.get(&page, &helen).await;
    assert!(
        again.text.contains("petra@simmonds.example") && !again.text.contains("Take it back"),
        "{}",
        again.text
    );
    night(&house.instance, date(2026, 11, 21));
    assert_eq!(house.count(&format!("SELECT COUNT(*) FROM item WHERE person_id = {petra}")), 2);

    // They have left their organisation: the same.
    let firm = house.count(&format!("SELECT organisation_id FROM belonging WHERE person_id = {priya}"));
    let left = format!("/organisations/{firm}/people/{priya}/left");
    assert!(house.get(&format!("/organisations/{firm}"), &helen).await.text.contains(&left));
    let ahead = house.get(&left, &helen).await;
    assert!(ahead.text.contains("They have left Northbank Housing Trust"), "{}", ahead.text);
    assert!(ahead.text.contains("Will go tonight"), "{}", ahead.text);
    // For another day than the page spoke of it is worked out again first.
    let other = house.post(&left, &helen, "on=2026-11-10&seen=2026-11-21").await;
    assert_eq!(other.place(), format!("{left}?category=&on=2026-11-10"));
    let open = format!("SELECT COUNT(*) FROM belonging WHERE until IS NULL AND person_id = {priya}");
    assert_eq!(house.count(&open), 1, "not yet");
    let done = house.post(&left, &helen, "on=2026-11-21&seen=2026-11-21").await;
    let over = house.get(done.place().split('#').next().unwrap(), &helen).await;
    assert!(
        over.text.contains("They have left Northbank Housing Trust, since Sat 21 Nov 2026"),
        "{}",
        over.text
    );
    let row = house.count(&format!("SELECT id FROM belonging WHERE person_id = {priya}"));
    house.post(&format!("/people/{priya}/ended/undo"), &helen, &format!("sort=organisation&row={row}")).await;
    assert_eq!(house.count(&open), 1);
}

#[tokio::test]
async fn whatever_ends_everything_answers_with_what_was_recorded_and_what_goes() {
    let world = ["sue", "ada"].iter().fold(WORLD.to_owned(), |world, key| {
        world
            + &format!(
                r#"
[[person]]
key = "{key}"
as = "supporter"
on = "2026-11-03"
name = "Quenby {key}"
email = "{key}@quenby.example"
agreed = ["supporters"]
"#
            )
    });
    let house = House::of(&world);
    let (helen, ivo, ruth) =
        (house.sign_in("helen").await, house.sign_in("ivo").await, house.sign_in("ruth").await);
    let number =
        |name: &str| house.count(&format!("SELECT person_id FROM item WHERE value = 'Quenby {name}'"));
    let (sue, ada) = (format!("/people/{}", number("sue")), format!("/people/{}", number("ada")));

    let done = house.post(&format!("{sue}/consents/withdrawal"), &helen, "activity=supporters").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let no = "choice-marketing=no&how=by+telephone&on=2026-11-20";
    let told = house.post(&format!("{ada}/preferences"), &ivo, no).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    for (page, to, words) in [
        (
            &sue,
            done.place(),
            "They took back what they agreed to: News for our supporters, on Fri 20 Nov 2026",
        ),
        (&ada, told.place(), "They objected: being told what we offer, on Fri 20 Nov 2026"),
    ] {
        let over = house.get(to, &helen).await;
        assert_eq!(over.status, StatusCode::OK, "{}", over.text);
        for words in [words, "Tonight go: 2 details", "Only they can take it back"] {
            assert!(over.text.contains(words), "{words}: {}", over.text);
        }
        assert!(
            !over.text.contains("quenby.example") && !over.text.contains("Take it back"),
            "{}",
            over.text
        );
        // The same on every later visit; whoever may not see the record of it sees what goes.
        assert_eq!(house.get(page, &helen).await.status, StatusCode::OK);
        let theirs = house.get(page, &ivo).await;
        assert!(
            theirs.text.contains("Tonight go: 2 details") && !theirs.text.contains(words),
            "{}",
            theirs.text
        );
        let hers = house.get(page, &ruth).await;
        assert!(hers.status.is_client_error() && !hers.text.contains("Quenby"), "{}", hers.text);
    }
    night(&house.instance, date(2026, 11, 21));
    assert_eq!(house.count("SELECT COUNT(*) FROM item WHERE value LIKE '%quenby.example'"), 0);
}

#[tokio::test]
async fn whose_account_ends_is_no_longer_what_they_were_held_as_once_somebody_says_so() {
    let world = WORLD.to_owned()
        + r#"
[[person]]
key = "owen"
as = "supplier"
on = "2026-11-03"
name = "Ruth Adler"
email = "ruth@cti.example"
"#;
    let house = House::of(&world);
    let helen = house.sign_in("helen").await;
    let person = house.count("SELECT person_id FROM item WHERE value = 'ruth@cti.example'");
    let [ruth, ivo] = ["Ruth Adler", "Ivo Lane"]
        .map(|name| house.count(&format!("SELECT id FROM staff WHERE name = '{name}'")));
    let offer = format!("/people/{person}/no-longer?category=supplier&amp;on=2026-11-20");
    assert!(!house.page("/admin/staff", &helen).await.contains(&offer));
    let left = house.post(&format!("/admin/staff/{ruth}/left"), &helen, &format!("heir={ivo}")).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text);
    let staff = house.get("/admin/staff", &helen).await.text;
    assert!(
        staff.contains("Held as a supplier: they no longer are")
            && staff.contains("no-longer?category=supplier"),
        "{staff}"
    );
    let page = house.get(&format!("/people/{person}"), &helen).await.text;
    assert!(page.contains("Their account here ended on Fri 20 Nov 2026."), "{page}");

    // By the API: first what would follow, then in earnest, and back.
    let (key, at) = (house.key("helen"), format!("/api/v1/people/{person}/endings"));
    let tried = house.api("POST", &at, &key, &json!({ "no_longer": "supplier", "dry_run": true })).await;
    assert_eq!(tried.json()["goes"][0]["count"], 2, "{} {}", tried.status, tried.text);
    let active = format!(
        "SELECT COUNT(*) FROM ground WHERE state = 'active' AND person_id = {person} AND activity LIKE 'supplier%'"
    );
    assert_eq!(house.count(&active), 2);
    let ended = house.api("POST", &at, &key, &json!({ "no_longer": "supplier" })).await;
    assert_eq!((ended.status, house.count(&active)), (StatusCode::CREATED, 0), "{}", ended.text);
    let listed = house.api("GET", &at, &key, &json!({})).await;
    let row = house.count(&format!("SELECT id FROM person_category WHERE person_id = {person}"));
    assert_eq!(listed.json()["recorded"][0]["row"], row, "{}", listed.text);
    assert!(!house.page("/admin/staff", &helen).await.contains("Held as"));
    let back = house.api("DELETE", &format!("{at}/category/{row}"), &key, &json!({})).await;
    assert_eq!((back.status, house.count(&active)), (StatusCode::NO_CONTENT, 2), "{}", back.text);
}

#[tokio::test]
async fn what_a_page_removes_lies_not_in_the_log_either() {
    if std::env::var("PROBITY_TEST_ON").as_deref() == Ok("postgres") {
        return eprintln!("skipped: on PostgreSQL there is no file to look into");
    }
    let house = House::of(WORLD);
    let helen = house.sign_in("helen").await;
    let who = house.person(&house.key("helen"), "Zerlinda").await;
    let entry = house.count(&format!("SELECT entry_id FROM entry_person WHERE person_id = {who}"));
    let sql = "UPDATE entry SET body = 'about kumquats' WHERE id = ?1";
    house.instance.store.write(|tx| tx.exec(sql, &[entry.into()])).unwrap();
    let lies = || {
        let (database, log) = on_disk(&house);
        [database, log].iter().any(|bytes| bytes.windows(8).any(|window| window == b"kumquats"))
    };
    assert!(lies(), "what is looked for is found while it is there");
    let version = house.count(&format!("SELECT version FROM entry WHERE id = {entry}"));
    let removal = format!("/entries/{entry}/removal");
    let done = house.post(&removal, &helen, &format!("version={version}")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(!lies(), "said to be gone, and is");
}
