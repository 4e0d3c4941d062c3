//! A text that stays for its work and nobody is in any more: its task opens, is given to somebody, and is answered with what
//! became of the text.

use axum::http::StatusCode;

use super::WORLD;
use super::common::House;

#[tokio::test]
async fn a_text_that_nobody_is_in_any_more_is_looked_through_by_its_task() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen").await;
    let who = house.person(&house.key("helen"), "Tara").await;
    let work = house.count("SELECT id FROM engagement");
    let task = house
        .instance
        .store
        .write(|tx| {
            let policy = house.instance.policy();
            let now = house.instance.clock.now();
            let new = store::document::NewDocument {
                kind: policy.kind_named("consent form").unwrap().id,
                title: "a form",
                place: store::document::Where::Paper("the blue cabinet"),
                on: house.instance.clock.today(),
                source: "the person",
                people: &[(custody::id::PersonId(who), custody::coverage::Role::Subject)],
                engagements: &[(custody::id::EngagementId(work), None)],
                by: None,
            };
            let document = store::document::add(tx, &policy, &new, now)?;
            tx.exec("DELETE FROM document_person WHERE document_id = ?1", &[document.0.into()])?;
            let mut new =
                store::task::NewTask::new(store::task::Kind::Mask, "Look through this consent form");
            new.document = Some(document);
            store::task::add(tx, &new, now)
        })
        .unwrap();
    let path = format!("/tasks/{task}");
    let page = house.get(&path, &helen).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains(&format!("/work/{work}")), "where it stands: {}", page.text);
    let given = house.post(&format!("{path}/owner"), &helen, "staff=").await;
    assert_eq!(house.get(given.place(), &helen).await.status, StatusCode::OK);
    let today = house.instance.clock.today();
    for (form, words) in
        [("", "Choose what became of it."), ("&outcome=kept&note=", "Write why they have to stay in it.")]
    {
        let wrong = house.post(&path, &helen, &format!("on={today}{form}")).await;
        assert!(
            wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains(words),
            "{}",
            wrong.text
        );
    }
    let done = house.post(&path, &helen, &format!("on={today}&outcome=kept&note=it+is+the+client%27s")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(
        house.count("SELECT COUNT(*) FROM task WHERE outcome LIKE 'kept: %' AND done_on IS NOT NULL"),
        1
    );
}
