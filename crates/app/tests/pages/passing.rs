//! Passing details on, by page and API: to whom the policy names, what it names and while it says so; what ended is ended
//! with the work, and whoever has what was corrected must be told.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use app::acts::proof;
use axum::http::StatusCode;
use custody::id::PersonId;
use serde_json::json;

use super::common::House;

const WORLD: &str = concat!(
    include_str!("../common/office.toml"),
    r#"
[[person]]
key = "dana"
as = "associate"
on = "2026-11-03"
name = "Dana Kerr"
email = "dana.kerr@post.example"
[[person]]
key = "tara"
as = "coaching client"
on = "2026-11-03"
name = "Tara Whitfield"
email = "tara.whitfield@post.example"
story = [
  "2026-11-03 starts programme, coach is dana",
  "2026-11-10 signs consent form",
  "2026-11-10 milestone: agreed",
  "2026-11-11 milestone: first session",
  "2026-11-11 gives life history: left school at 15",
]
"#
);

fn open_tasks(house: &House) -> Vec<String> {
    let open = house.instance.store.read(|tx| store::task::open(tx, None, 100)).unwrap();
    open.into_iter().map(|task| task.what).collect()
}

#[tokio::test]
async fn what_goes_to_whom_is_decided_written_down_and_followed_up() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen").await;
    let key = house.key("helen");
    let tara = house.person(&key, "Tara").await;
    let path = format!("/people/{tara}/passing-on");

    let page = house.get(&path, &cookie).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("The coach") && page.text.contains("Record that it goes"), "{}", page.text);
    let nothing = house.post(&path, &cookie, "to=the+coach").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text.contains("Choose what goes."));
    let refused = house.post(&path, &cookie, "to=the+coach&kinds=life+history").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let passed = house.post(&path, &cookie, "to=the+coach&kinds=name&kinds=email").await;
    assert_eq!(passed.status, StatusCode::SEE_OTHER, "{}", passed.text);

    let api = format!("/api/v1/people/{tara}/disclosures");
    let refused = house.api("POST", &api, &key, &json!({ "to": "a newspaper", "kinds": ["name"] })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let unheld = house.api("POST", &api, &key, &json!({ "to": "the coach", "kinds": ["phone"] })).await;
    assert_eq!(unheld.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unheld.text);

    let standing =
        || house.instance.store.read(|tx| store::disclosure::standing(tx, PersonId(tara))).unwrap();
    let known = standing();
    assert_eq!(known.len(), 1, "{known:?}");
    assert_eq!((known[0].recipient.as_str(), known[0].kinds.len()), ("the coach", 2));
    assert!(known[0].recipient_person.is_some(), "the coach is one of our people");

    // Whom it is about, what became of it and what is right now stand in the letter on her request.
    let form =
        format!("person={tara}&kind=rectification&how=telephone&received=2026-11-20&words=&known=known");
    let desk = house.post("/requests", &cookie, &form).await.place().split('?').next().unwrap().to_owned();
    let items = house.api("GET", &format!("/api/v1/people/{tara}"), &key, &json!({})).await.json();
    let item = items["items"].as_array().unwrap().iter().find(|item| item["kind"] == "name").unwrap();
    let put = format!("/api/v1/people/{tara}/items/{}", item["id"]);
    let changed =
        house.api("PUT", &put, &key, &json!({ "value": "Tara Whitfeld", "version": item["version"] })).await;
    assert!(changed.status.is_success(), "{}", changed.text);
    let told = "Tell the coach that the name we passed on is corrected";
    assert!(open_tasks(&house).iter().any(|task| task == told), "{:?}", open_tasks(&house));

    let letters = async || {
        let page = house.get(&desk, &cookie).await.text;
        let after = |before: &str| {
            let all = page.split(before).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
            all.collect::<Vec<_>>()
        };
        let version = after("name=\"version\" value=\"").swap_remove(0);
        let task = after("name=\"task\" value=\"").pop().unwrap();
        let form = format!("version={version}&sort=recipient&task={task}&letter-why=");
        let drafted = house.post(&format!("{desk}/letters"), &cookie, &form).await;
        assert_eq!(drafted.status, StatusCode::SEE_OTHER, "{}", drafted.text);
        house.get(drafted.place(), &cookie).await.text
    };
    let letter = letters().await;
    let says = "data about Tara Whitfeld from us. We have to tell you that the name we passed on is corrected. What is right now: Tara \
                Whitfeld. Please";
    assert!(letter.contains(says), "{letter}");

    let work = known[0].engagement.unwrap();
    let done = json!({ "milestone": "completed", "on": "2026-11-20" });
    let ended = house.api("POST", &format!("/api/v1/engagements/{}/milestones", work.0), &key, &done).await;
    assert!(ended.status.is_success(), "{}", ended.text);
    assert!(standing().is_empty(), "the coach's leave ended with the programme");
    let slip = format!("/api/v1/engagements/{}/milestones/completed", work.0);
    let back = house.api("DELETE", &slip, &key, &json!({})).await;
    assert!(back.status.is_success(), "{}", back.text);
    assert_eq!(standing(), known, "it was a slip: the coach goes on with what they have");
    let ended = house.api("POST", &format!("/api/v1/engagements/{}/milestones", work.0), &key, &done).await;
    assert!(ended.status.is_success() && standing().is_empty(), "{}", ended.text);

    // They have what they got all the same: of what is corrected now they are told, too.
    let version = item["version"].as_i64().unwrap() + 1;
    let again = house.api("PUT", &put, &key, &json!({ "value": "Tara Whitfield", "version": version })).await;
    assert!(again.status.is_success(), "{}", again.text);
    assert_eq!(open_tasks(&house).iter().filter(|task| *task == told).count(), 2, "{:?}", open_tasks(&house));
    let letter = letters().await;
    assert!(
        letter.contains("the name we passed on is corrected. Please"),
        "they may not have it any more: {letter}"
    );

    // Behind the program's back it goes on: the proof says so.
    let lives_on = "UPDATE disclosure SET ended_on = NULL, on_date = '2026-12-24'";
    house.instance.store.write(|tx| tx.exec(lives_on, &[])).unwrap();
    let found = proof::look(&house.instance, Some("CTI-11")).unwrap();
    assert_eq!(found.found[0].verdict, "broken", "{found:?}");
}
