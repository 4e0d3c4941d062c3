//! Something that is stored of one cannot be read: they are left out, and no other with them, wherever somebody looks or does something.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use app::acts::{Acting, engagement, proof};
use app::fault::Fault;
use axum::http::StatusCode;
use custody::id::EngagementId;
use serde_json::json;
use store::{Tx, params};

use super::common::{House, account};

const WORLD: &str = include_str!("../../../../worlds/cti.toml");

/// What a list says of the one it leaves out.
const LEFT_OUT: &str = "One more is left out here, since what is stored of them cannot be read.";

/// A piece of work under way, whom it is for, and somebody else on it.
fn on_work(house: &House) -> (i64, i64, i64) {
    let sql = "SELECT c.engagement_id, c.person_id, o.person_id FROM engagement_person c
        JOIN engagement_person o ON o.engagement_id = c.engagement_id AND o.part <> c.part
        JOIN engagement e ON e.id = c.engagement_id
        WHERE c.part = 'client' AND e.closed_on IS NULL AND c.until IS NULL AND o.until IS NULL ORDER BY c.engagement_id LIMIT 1";
    let read = |tx: &Tx<'_>| tx.one(sql, &[], |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)));
    house.instance.store.read(read).unwrap()
}

/// Nothing can be read of somebody from now on.
fn spoil(house: &House, person: i64) {
    let spoil = "UPDATE ground SET opened_on = '2026-13-99' WHERE person_id = ?1";
    let spoilt = house.instance.store.write(|tx| tx.exec(spoil, params![person])).unwrap();
    assert!(spoilt > 0, "something is held of them");
}

/// As [`on_work`], and of the other nothing can be read.
fn spoiled(house: &House) -> (i64, i64, i64) {
    let (work, client, other) = on_work(house);
    spoil(house, other);
    (work, client, other)
}

#[tokio::test]
async fn they_are_left_out_of_every_list_and_take_nobody_along() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let (work, _, _) = spoiled(&house);
    let row = "<th scope=\"row\">";
    for (address, other) in [
        ("/people?category=associate", row),
        ("/work", row),
        ("/work?as=board&kind=coaching%20programme", "data-card"),
    ] {
        let page = house.page(address, &helen).await;
        assert!(page.contains(LEFT_OUT), "{address}: {page}");
        assert!(page.contains(other), "{address}: others are there: {page}");
    }
    let page = house.page(&format!("/work/{work}"), &helen).await;
    assert!(page.contains(LEFT_OUT), "{page}");
    for address in [
        "/people",
        "/leaving",
        "/leaving?what=review",
        "/duplicates",
        "/calls",
        "/outreach",
        "/organisations",
        "/requests",
    ] {
        assert_eq!(house.get(address, &helen).await.status, StatusCode::OK, "{address}");
    }
    assert_eq!(house.get(&format!("/work/{work}/completion"), &helen).await.status, StatusCode::OK);
    let key = house.key("helen.marsh");
    for (address, list) in [("people?category=associate", "people"), ("engagements", "engagements")] {
        let told = house.api("GET", &format!("/api/v1/{address}"), &key, &json!({})).await.json();
        assert_eq!(told["unread"], json!(1), "{address}: {told}");
        assert!(told[list].as_array().is_some_and(|list| !list.is_empty()), "{address}: {told}");
    }
}

/// Nor does a piece of work take others along.
#[tokio::test]
async fn work_that_cannot_be_read_is_left_out_alone() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let (work, _, _) = on_work(&house);
    let spoil = "UPDATE engagement SET opened_on = '2026-13-99' WHERE id = ?1";
    assert_eq!(house.instance.store.write(|tx| tx.exec(spoil, params![work])).unwrap(), 1);
    for (address, other) in
        [("/work", "<th scope=\"row\">"), ("/work?as=board&kind=coaching%20programme", "data-card")]
    {
        let page = house.page(address, &helen).await;
        assert!(page.contains("left out here"), "{address}: {page}");
        assert!(page.contains(other), "{address}: others are there: {page}");
        assert!(!page.contains(&format!("/work/{work}\"")), "{address}: {page}");
    }
    let told = house.api("GET", "/api/v1/engagements", &house.key("helen.marsh"), &json!({})).await.json();
    assert!(told["unread"].as_u64().is_some_and(|unread| unread > 0), "{told}");
    assert!(told["engagements"].as_array().is_some_and(|list| !list.is_empty()), "{told}");
}

/// Of whom a piece of work is for tells where it stands, and nobody else on it: where they cannot be read, it is not listed.
#[tokio::test]
async fn where_work_stands_is_not_told_by_somebody_else_on_it() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let (work, client, _) = on_work(&house);
    let listed = |told: serde_json::Value| {
        told["engagements"].as_array().unwrap().iter().any(|line| line["id"] == json!(work))
    };
    let key = house.key("helen.marsh");
    let told = house.api("GET", "/api/v1/engagements", &key, &json!({})).await.json();
    assert!(listed(told));
    spoil(&house, client);
    assert!(!house.page("/work", &helen).await.contains(&format!("/work/{work}\"")));
    let told = house.api("GET", "/api/v1/engagements", &key, &json!({})).await.json();
    assert!(!listed(told));
}

/// They may be restricted: whoever does not decide about such people is not told that there is one more, neither of those of a category
/// nor of those who belong somewhere.
#[tokio::test]
async fn only_whoever_decides_about_them_is_told_that_they_are_there() {
    let house = House::of(WORLD);
    let first = "SELECT b.person_id, b.organisation_id FROM belonging b JOIN search_text t ON t.id = b.person_id
        JOIN person_category c ON c.person_id = b.person_id JOIN ground g ON g.person_id = b.person_id
        WHERE c.category = 'organisation contact' AND c.until IS NULL AND b.until IS NULL ORDER BY t.normal, t.id LIMIT 1";
    let (person, place) =
        house.instance.store.read(|tx| tx.one(first, &[], |row| Ok((row.int(0)?, row.int(1)?)))).unwrap();
    spoil(&house, person);
    let (list, there) = ("people?category=organisation%20contact", format!("/organisations/{place}"));
    for (who, told) in [("helen.marsh", true), ("jo.whitlam", false)] {
        let (cookie, key) = (house.sign_in(who).await, house.key(who));
        for address in [format!("/{list}"), there.clone()] {
            let page = house.page(&address, &cookie).await;
            assert_eq!(page.contains(LEFT_OUT), told, "{who}, {address}: {page}");
        }
        let answer = house.api("GET", &format!("/api/v1/{list}"), &key, &json!({})).await.json();
        assert_eq!(answer["unread"], json!(i64::from(told)), "{who}: {answer}");
        assert!(answer["people"].as_array().is_some_and(|all| !all.is_empty()), "{who}: {answer}");
    }
}

/// Of a list everybody else is found page by page, also where the one who cannot be read stands on it.
#[tokio::test]
async fn the_list_goes_on_after_them() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let (page, people) = (house.page("/people", &helen).await, house.count("SELECT COUNT(*) FROM person"));
    assert!(
        people > 51 && page.contains("rel=\"next\""),
        "there are {people}, and they take more than one page"
    );
    // One of the first.
    let spoil = "UPDATE ground SET opened_on = '2026-13-99' WHERE person_id = (SELECT t.id FROM search_text t
        WHERE EXISTS (SELECT 1 FROM ground g WHERE g.person_id = t.id) ORDER BY t.normal, t.id LIMIT 1)";
    assert!(house.instance.store.write(|tx| tx.exec(spoil, &[])).unwrap() > 0);
    let page = house.page("/people", &helen).await;
    assert!(page.contains(LEFT_OUT) && page.contains("rel=\"next\""), "{page}");
}

#[tokio::test]
async fn what_would_be_done_to_them_is_refused_and_what_others_share_with_them_is_shown() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let (work, client, other) = spoiled(&house);
    let manager = Acting::staff(&house.instance, account(&house.instance, "helen.marsh")).unwrap();
    let done = house
        .instance
        .store
        .write(|tx| engagement::record(&manager, tx, EngagementId(work), "completed", manager.today));
    let Err(Fault::Refused(refusal)) = done else {
        panic!("it is recorded of somebody who cannot be read: {done:?}")
    };
    assert_eq!(refusal.because, "what is stored of them cannot be read");
    let share = "INSERT INTO entry_person (entry_id, person_id, role)
        SELECT MAX(entry_id), ?2, 'subject' FROM entry_person
            WHERE person_id = ?1 AND entry_id NOT IN (SELECT entry_id FROM entry_person WHERE person_id = ?2)";
    house.instance.store.write(|tx| tx.exec(share, params![client, other])).unwrap();
    assert_eq!(house.get(&format!("/people/{client}"), &helen).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_proof_names_them_and_looks_at_everything_else() {
    let house = House::of(WORLD);
    let before = proof::look(&house.instance, None).unwrap();
    let (_, _, other) = spoiled(&house);
    let after = proof::look(&house.instance, None).unwrap();
    let said: Vec<&String> = after.found.iter().flat_map(|found| &found.counterexamples).collect();
    let theirs = format!("person {other} could not be looked at: what is stored of it cannot be read");
    assert!(said.iter().any(|said| **said == theirs), "{said:?}");
    assert!(!said.iter().any(|said| said.contains("wrong form")), "{said:?}");
    let broken = |proof: &proof::Proof| proof.found.iter().filter(|found| found.verdict == "broken").count();
    assert!(broken(&after) > broken(&before));
    for found in &after.found {
        let known = before.of(&found.id).unwrap();
        let others = found.counterexamples.iter().filter(|said| !said.contains(&format!("person {other}")));
        assert!(others.eq(known.counterexamples.iter()), "{}: {found:?}", found.id);
    }
}
