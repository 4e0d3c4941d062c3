//! Who is here twice: proposed to whoever may see both, put together with nothing lost and the strictest word kept, taken
//! apart again; by page, by the API and without JavaScript.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

use app::acts::{Acting, consent, duplicates};
use axum::http::StatusCode;
use custody::id::PersonId;
use serde_json::{Value, json};
use store::{alike, merge, params, person, ring_duty, suppression};

use super::common::House;

const WORLD: &str = concat!(
    include_str!("../common/office.toml"),
    r#"
[[person]]
key = "kate"
as = "organisation contact"
on = "2026-11-03"
at = "northbank"
name = "Katherine Ashworth"
email = "k.ashworth@northbank.example"
phone = "01632 960123"
[[person]]
key = "same"
as = "supplier"
on = "2026-11-05"
at = "northbank"
name = "Ashworth, Kate"
email = "kate@post.example"
phone = "01632 960123"
[[person]]
key = "tom"
as = "organisation contact"
on = "2026-11-06"
at = "northbank"
name = "Thomas Ashworth"
email = "k.ashworth@northbank.example"
phone = "01632 960123"
"#
);

async fn look(house: &House, key: &str) -> Vec<(i64, i64)> {
    duplicates::look(&house.instance).unwrap();
    let found = house.api("GET", "/api/v1/duplicates", key, &json!({})).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text);
    let pairs: Value = found.json();
    let number = |pair: &Value, which: &str| pair[which].as_i64().unwrap();
    pairs["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (number(pair, "one"), number(pair, "other")))
        .collect()
}

#[tokio::test]
async fn two_entries_are_put_together_by_whoever_may_see_both() {
    let house = House::of(WORLD);
    let (cookie, key) = (house.sign_in("helen").await, house.key("helen"));
    let (kate, same) = (house.person(&key, "Katherine").await, house.person(&key, "Kate").await);
    assert_eq!(look(&house, &key).await, [(kate, same)], "a couple is two, and the two entries are one");

    // Whoever may not see them sees no pair, and puts nobody together.
    let coach = house.sign_in("ruth").await;
    let list = house.get("/duplicates", &coach).await;
    assert!(!list.text.contains("Ashworth"), "{}", list.text);
    let pair = format!("/duplicates/{kate}/{same}");
    for answer in [house.get(&pair, &coach).await, house.post(&pair, &coach, "are=one&one=1&other=1").await] {
        assert!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&answer.status), "{}", answer.text);
    }

    let list = house.get("/duplicates", &cookie).await;
    assert!(list.text.contains("Katherine Ashworth and Ashworth, Kate"), "{}", list.text);
    assert!(house.get("/people", &cookie).await.text.contains("1 pair perhaps here twice"));
    // Where there are many, not all are counted on every view.
    let asked = "INSERT INTO alike (id, person_id, other_person_id, why, state, found_on)
        VALUES (?1, ?2, ?3, '', 'open', '2026-11-20')";
    let store = &house.instance.store;
    let far = kate + 1_000_000_000;
    store.write(|tx| (1..=100_i64).try_for_each(|n| tx.put(asked, params![n, kate, far + n]))).unwrap();
    assert!(house.get("/people", &cookie).await.text.contains("100 or more pairs perhaps here twice"));
    store.write(|tx| ring_duty::delete(tx, "alike", "id <= 100", &[])).unwrap();
    let side = house.get(&pair, &cookie).await;
    for words in [
        "kate@post.example",
        "k.ashworth@northbank.example",
        "the same telephone number",
        "They are two people",
    ] {
        assert!(side.text.contains(words), "{words}: {}", side.text);
    }
    // The two are found from the page of either as well, where nothing proposed them.
    let twin = format!("/people/{kate}/here-twice");
    let own = house.get(&format!("/people/{kate}"), &cookie).await;
    assert!(own.text.contains(&format!("href=\"{twin}\"")), "{}", own.text);
    let found = house.get(&format!("{twin}?other-find=ashworth&find=other"), &cookie).await;
    assert!(
        found.status == StatusCode::OK && found.text.contains(&format!("value=\"{same}\"")),
        "{}",
        found.text
    );
    let chosen = house.get(&format!("{twin}?other={same}"), &cookie).await;
    assert_eq!((chosen.status, chosen.place()), (StatusCode::SEE_OTHER, pair.as_str()));
    let itself = house.get(&format!("{twin}?other={kate}"), &cookie).await;
    assert!(itself.text.contains("choose the other one"), "{}", itself.text);
    // They said no to marketing at the younger entry.
    let said = house
        .post(
            &format!("/people/{same}/preferences"),
            &cookie,
            "choice-marketing=no&how=by+letter&on=2026-11-20",
        )
        .await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text);
    let side = house.get(&pair, &cookie).await;
    assert!(side.text.contains("Said no to being told what we offer on"), "{}", side.text);
    let stale = house.post(&pair, &cookie, "are=one&one=7&other=1").await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text);
    let nothing = house.post(&pair, &cookie, "are=&one=1&other=1").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = house.post(&pair, &cookie, "are=one&one=1&other=1").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(done.place(), format!("/people/{kate}?said=saved"));

    let page = house.get(&format!("/people/{kate}"), &cookie).await;
    for words in ["kate@post.example", "k.ashworth@northbank.example", "Put together from two entries"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let moved = house.get(&format!("/people/{same}"), &cookie).await;
    assert_eq!((moved.status, moved.place()), (StatusCode::SEE_OTHER, format!("/people/{kate}").as_str()));
    let gone = house.api("GET", &format!("/api/v1/people/{same}"), &key, &json!({})).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let barred = |address: &str| {
        let keys = house.instance.store.keys();
        house.instance.store.read(|tx| suppression::bars(tx, keys, "email", address, true, false)).unwrap()
    };
    assert!(barred("kate@post.example") && barred("k.ashworth@northbank.example"), "the no is of both");
    assert!(look(&house, &key).await.is_empty());

    // Two after all.
    let merges = house.api("GET", &format!("/api/v1/people/{kate}/merges"), &key, &json!({})).await.json();
    let number = merges["merges"][0]["merge"]["id"].as_i64().unwrap();
    let undo = format!("/people/{kate}/merges/{number}");
    assert!(house.get(&undo, &cookie).await.text.contains("Take them apart?"));
    let apart = house.post(&undo, &cookie, "").await;
    assert_eq!(apart.status, StatusCode::SEE_OTHER, "{}", apart.text);
    let page = house.get(&format!("/people/{same}"), &cookie).await;
    assert!(page.text.contains("kate@post.example") && !page.text.contains("k.ashworth"), "{}", page.text);
    assert!(
        barred("kate@post.example") && barred("k.ashworth@northbank.example"),
        "no address is written to again"
    );
    // What somebody said of a pair stays said.
    assert!(look(&house, &key).await.is_empty());
    let proof = app::acts::proof::look(&house.instance, Some("CTI-21")).unwrap();
    assert_ne!(proof.found[0].verdict, "broken", "{proof:?}");
}

#[tokio::test]
async fn what_was_let_go_of_since_is_not_taken_apart_and_two_stay_two() {
    let house = House::of(WORLD);
    let key = house.key("helen");
    let (kate, same) = (house.person(&key, "Katherine").await, house.person(&key, "Kate").await);
    let tom = house.person(&key, "Thomas").await;
    look(&house, &key).await;
    let two = house.api("DELETE", &format!("/api/v1/duplicates/{same}/{kate}"), &key, &json!({})).await;
    assert_eq!(two.status, StatusCode::NO_CONTENT, "{}", two.text);
    assert!(look(&house, &key).await.is_empty());
    // Said wrongly: somebody may still put them together.
    let path = format!("/api/v1/people/{same}/merges");
    let merged = house.api("POST", &path, &key, &json!({ "with": kate })).await;
    assert_eq!(merged.status, StatusCode::CREATED, "{}", merged.text);
    assert_eq!((merged.json()["person"].as_i64(), merged.json()["was"].as_i64()), (Some(kate), Some(same)));
    let itself =
        house.api("POST", &format!("/api/v1/people/{kate}/merges"), &key, &json!({ "with": kate })).await;
    assert_eq!(itself.status, StatusCode::NOT_FOUND, "{}", itself.text);
    // Another is put to them, and then the first cannot be taken out of the middle.
    let also =
        house.api("POST", &format!("/api/v1/people/{tom}/merges"), &key, &json!({ "with": kate })).await;
    assert_eq!(also.status, StatusCode::CREATED, "{}", also.text);
    let first = format!("/api/v1/people/{kate}/merges/{}", merged.json()["id"]);
    let middle = house.api("DELETE", &first, &key, &json!({})).await;
    assert_eq!(middle.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", middle.text);
    let last = format!("/api/v1/people/{kate}/merges/{}", also.json()["id"]);
    assert_eq!(house.api("DELETE", &last, &key, &json!({})).await.status, StatusCode::OK);
    // A detail of theirs goes: then nothing says any more which of the two the rest was.
    let items = house.api("GET", &format!("/api/v1/people/{kate}"), &key, &json!({})).await.json();
    let theirs =
        items["items"].as_array().unwrap().iter().find(|item| item["value"] == "kate@post.example").unwrap();
    let item = format!("/api/v1/people/{kate}/items/{}?version=1", theirs["id"]);
    let removed = house.api("DELETE", &item, &key, &json!({ "version": 1 })).await;
    assert!(removed.status.is_success(), "{}", removed.text);
    let late = house.api("DELETE", &first, &key, &json!({})).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", late.text);
    let merges = house.instance.store.read(|tx| merge::of_person(tx, PersonId(kate))).unwrap();
    assert_eq!(merges.len(), 1);
    assert_eq!(
        house.instance.store.read(|tx| alike::open_count(tx, &store::reach::Reach::Everyone, 10)).unwrap(),
        0
    );
}

#[tokio::test]
async fn an_entry_without_details_is_put_together_only_by_whoever_may_find_it() {
    let assistant = include_str!("../common/assistant.toml");
    let house = House::of(&format!("{WORLD}{assistant}"));
    let (helen, ivo) = (house.key("helen"), house.key("ivo"));
    let (kate, same) = (house.person(&helen, "Katherine").await, house.person(&helen, "Kate").await);
    let now = Acting::system(&house.instance, "intake").now;
    let bare = house.instance.store.write(|tx| person::add(tx, now)).unwrap().0;
    let with = format!("/api/v1/people/{bare}/merges");
    let body = json!({ "with": kate });
    let refused = house.api("POST", &with, &ivo, &body).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text);
    let two = house.api("DELETE", &format!("/api/v1/duplicates/{bare}/{kate}"), &ivo, &json!({})).await;
    assert_eq!(two.status, StatusCode::NOT_FOUND, "{}", two.text);
    // Whom they may find and change they may say something of, and who may find everybody may put the two together.
    let two = house.api("DELETE", &format!("/api/v1/duplicates/{kate}/{same}"), &ivo, &json!({})).await;
    assert_eq!(two.status, StatusCode::NO_CONTENT, "{}", two.text);
    let merged = house.api("POST", &with, &helen, &body).await;
    assert_eq!(merged.status, StatusCode::CREATED, "{}", merged.text);
}

#[tokio::test]
async fn a_no_that_a_later_yes_ended_bars_nothing_of_the_one_they_become() {
    let twice = r#"
[[person]]
key = "sue"
as = "supporter"
on = "2026-11-03"
name = "Sue Larch"
email = "sue@larch.example"
agreed = ["supporters"]
[[person]]
key = "susan"
as = "organisation contact"
on = "2026-11-04"
at = "northbank"
name = "Susan Larch"
email = "s.larch@northbank.example"
"#;
    let house = House::of(&format!("{WORLD}{twice}"));
    let (cookie, key) = (house.sign_in("helen").await, house.key("helen"));
    let store = &house.instance.store;
    let of = |address: &str| {
        let sql = format!("SELECT person_id FROM item WHERE value = '{address}'");
        store.read(|tx| tx.count(&sql, &[])).unwrap()
    };
    let addresses = ["sue@larch.example", "s.larch@northbank.example"];
    let (sue, susan) = (of(addresses[0]), of(addresses[1]));
    let barred = || {
        addresses.map(|address| {
            store.read(|tx| suppression::bars(tx, store.keys(), "email", address, true, false)).unwrap()
        })
    };
    let no = "choice-marketing=no&how=by+letter&on=2026-11-10";
    let said = house.post(&format!("/people/{sue}/preferences"), &cookie, no).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text);
    assert_eq!(barred(), [true, false]);
    let acting = Acting::system(&house.instance, "intake");
    let yes = consent::Given::said(acting.today, "by letter");
    store.write(|tx| consent::give(&acting, tx, PersonId(sue), "supporters", yes)).unwrap();
    assert_eq!(barred(), [false, false]);

    let path = format!("/api/v1/people/{sue}/merges");
    let merged = house.api("POST", &path, &key, &json!({ "with": susan })).await;
    assert_eq!(merged.status, StatusCode::CREATED, "{}", merged.text);
    assert_eq!(barred(), [false, false], "what they said last counts");
    let undo = format!("{path}/{}", merged.json()["id"]);
    assert_eq!(house.api("DELETE", &undo, &key, &json!({})).await.status, StatusCode::OK);
    assert_eq!(barred(), [false, false]);
}
