//! Facts and events that periods hang on: the pages and the API ask for those that somebody's clauses want to know, and
//! for no others; recording one settles the period, taking it back unsettles it.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use app::acts::Acting;
use app::acts::engagement::{self, NewWork, Payer};
use app::acts::person;
use app::fault::Fault;
use app::world::{PASSWORD, happen};
use axum::http::StatusCode;
use custody::id::{EngagementId, PersonId};
use jiff::civil::{Date, date};
use serde_json::json;
use store::Tx;
use store::staff;

use super::common::{Data, House, account, begun, edited, hired, newcomer};

const BEGINS: Date = date(2026, 12, 1);

/// CTI's policy with an event of its suppliers, a fact about its associates, and a fact of its programmes.
fn policy(text: &str) -> String {
    let mut activity = String::new();
    let mut out = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("activity ") {
            head.clone_into(&mut activity);
        }
        if line.starts_with("work programme") {
            out.push("event payment \"we paid you\"".to_owned());
            out.push("fact worked abroad \"you worked abroad for us\": yes or no".to_owned());
            out.push(String::new());
        }
        let keeps = line.trim_start().starts_with("keep ");
        match (keeps, activity.split(' ').next().unwrap_or("")) {
            (true, "suppliers") => out.push(
                "  keep      6 years after last payment, at most 10 years after last contact  promise CTI-17"
                    .into(),
            ),
            (true, "associate") => {
                out.push("  keep      10 years after no longer associate, if worked abroad".into());
                out.push("  keep      1 year after no longer associate, otherwise".into());
            }
            (true, "coaching") => {
                out.push(
                    "  keep      6 years after completed, if paid for by an insurer  promise CTI-13".into(),
                );
                out.push("  keep      6 months after completed, otherwise".into());
            }
            (false, "coaching") if line.contains("or as agreed by client and coach") => {}
            _ => out.push(line.to_owned()),
        }
        if line.trim_start().starts_with("milestones") && !out.iter().any(|line| line.contains("insurer \""))
        {
            out.push("  facts       paid for by an insurer \"an insurer paid for it\": yes or no".into());
        }
    }
    out.join("\n") + "\n"
}

struct Place {
    house: House,
    supplier: PersonId,
    associate: PersonId,
    client: PersonId,
    work: EngagementId,
}

fn act<T>(house: &House, mut act: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
    let helen = Acting::staff(&house.instance, account(&house.instance, "helen"))?;
    house.instance.store.write(|tx| act(&helen, tx))
}

fn place() -> Place {
    let data = Data::new();
    let instance = begun(&data, edited("cti", policy), BEGINS);
    let hash = app::password::hash(&PASSWORD.into()).unwrap();
    for (name, role) in [("Helen", "business manager"), ("Callum", "coach")] {
        let account = hired(&instance, name, role).id;
        instance.store.write(|tx| staff::set_password(tx, account, &hash)).unwrap();
    }
    let house = House::around(instance, data);
    let add = |category: &str, name: &str| {
        let new = newcomer(
            category,
            "the person",
            &[("name", name), ("email", &format!("{category}@home.example").replace(' ', "."))],
        );
        act(&house, |acting, tx| person::add(acting, tx, &new)).unwrap()
    };
    let (supplier, associate, client) = (
        add("supplier", "Sam Example"),
        add("associate", "Ada Example"),
        add("coaching client", "Cy Example"),
    );
    let new = NewWork {
        work: "programme".into(),
        parts: vec![("client".into(), client)],
        staff: None,
        payer: Payer::Person,
        opened_on: BEGINS,
    };
    let work = act(&house, |acting, tx| engagement::start(acting, tx, &new)).unwrap();
    Place { house, supplier, associate, client, work }
}

impl Place {
    fn due(&self, who: PersonId, activity: &str) -> Vec<String> {
        let sql = "SELECT rule, due_on, awaiting FROM ground WHERE person_id = ?1 AND activity = ?2 AND state = 'active' ORDER BY rule";
        let read = |row: &store::Row<'_>| {
            let due = row.opt_text(1)?.or(row.opt_text(2)?).unwrap_or_default();
            Ok(format!("{}: {due}", row.text(0)?))
        };
        self.house.instance.store.read(|tx| tx.all(sql, &[who.0.into(), activity.into()], read)).unwrap()
    }
}

#[tokio::test]
async fn an_event_of_the_policys_own_is_recorded_on_the_persons_page() {
    let place = place();
    let (house, who) = (&place.house, place.supplier);
    let cookie = house.sign_in("helen").await;
    let page = house.get(&format!("/people/{who}"), &cookie).await.text;
    assert!(page.contains("What decides how long") && page.contains("we paid you"), "{page}");
    assert!(!page.contains("Worked abroad"), "what hangs on nothing of theirs is not asked");
    assert!(page.contains("href=\"#known\""), "what would change it leads there");

    let form = format!("name=payment&person={who}&on=2030-01-01");
    let late = house.post(&format!("/people/{who}/events"), &cookie, &form).await;
    assert!(
        late.text.contains("This day has not come yet.") && late.text.contains("value=\"2030-01-01\""),
        "{}",
        late.text
    );
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);

    let form = format!("name=payment&person={who}&on=2026-12-01");
    let done = house.post(&format!("/people/{who}/events"), &cookie, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(place.due(who, "suppliers"), ["suppliers: 2032-12-01"]);
    let page = house.get(&format!("/people/{who}"), &cookie).await.text;
    let row = page.split("name=\"row\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let done =
        house.post(&format!("/people/{who}/events/undo"), &cookie, &format!("row={row}&name=payment")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_ne!(place.due(who, "suppliers"), ["suppliers: 2032-12-01"]);

    // By the API, and never what the policy does not know.
    let key = house.key("helen");
    let path = format!("/api/v1/people/{who}/events");
    let wrong = house.api("POST", &path, &key, &json!({ "event": "birthday" })).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text);
    let made = house.api("POST", &path, &key, &json!({ "event": "payment", "on": "2026-11-30" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(place.due(who, "suppliers"), ["suppliers: 2032-11-30"]);
    let gone = house.api("DELETE", &format!("{path}/{}", made.json()["id"]), &key, &json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    let of_another = format!("/api/v1/people/{}/events/{}", place.associate, made.json()["id"]);
    assert_eq!(house.api("DELETE", &of_another, &key, &json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn that_a_number_is_somebody_elses_now_is_recorded_without_a_call() {
    let place = place();
    let house = &place.house;
    let values = [("name", "Omar Finch"), ("phone", "01632 960555")];
    let new = newcomer("organisation contact", "their organisation", &values);
    let who = act(house, |acting, tx| person::add(acting, tx, &new)).unwrap();
    let cookie = house.sign_in("helen").await;
    let page = house.get(&format!("/people/{who}"), &cookie).await.text;
    assert!(page.contains("Phone changes") && page.contains("your number changes"), "{page}");
    let hint = "Record below that it changed: what is kept until then ends.";
    assert_eq!(page.matches(hint).count(), 1, "beside the number, and beside nothing else");
    assert_eq!(place.due(who, "offers by phone").len(), 1);
    let early = format!("name=phone+changes&person={who}&on=2026-11-05");
    let wrong = house.post(&format!("/people/{who}/events"), &cookie, &early).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("We did not know them yet on this day."), "{}", wrong.text);
    let form = format!("name=phone+changes&person={who}&on=2026-12-01");
    let done = house.post(&format!("/people/{who}/events"), &cookie, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(place.due(who, "offers by phone").is_empty(), "it ends at once");
    // Nothing that goes on asks for it any more: it stands with what ended, and a slip is taken back there.
    let page = house.get(&format!("/people/{who}"), &cookie).await.text;
    assert!(page.contains("Phone changes, since Tue 1 Dec 2026"), "{page}");
    let changed = "SELECT id FROM life_event WHERE name = 'phone changes'";
    let row = house.instance.store.read(|tx| tx.count(changed, &[])).unwrap();
    assert!(
        page.contains(&format!(
            "name=\"sort\" value=\"event\"><input type=\"hidden\" name=\"row\" value=\"{row}\""
        )),
        "{page}"
    );
    let back = format!("sort=event&row={row}");
    let done = house.post(&format!("/people/{who}/ended/undo"), &cookie, &back).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(place.due(who, "offers by phone").len(), 1, "a slip is taken back until the night");
}

#[tokio::test]
async fn whoever_is_known_to_be_nowhere_is_recorded_as_having_left_on_their_own_page() {
    let place = place();
    let house = &place.house;
    let (cookie, key) = (house.sign_in("helen").await, house.key("helen"));
    let added = |organisation, email| {
        let values = [("name", "Omar Finch"), ("email", email)];
        let new = newcomer("organisation contact", "their organisation", &values);
        act(house, |acting, tx| person::add(acting, tx, &person::NewPerson { organisation, ..new.clone() }))
            .unwrap()
    };
    let now = house.instance.clock.now();
    let firm = house.instance.store.write(|tx| store::organisation::named(tx, "Finch Ltd", now)).unwrap();
    let (nowhere, there) = (added(None, "omar@post.example"), added(Some(firm), "o.finch@finch.example"));
    let left = json!({ "event": "left the organisation", "on": "2026-12-01" });
    let path = |who: PersonId| format!("/api/v1/people/{who}/events");
    // Where it is known where somebody is, that is said of the organisation.
    assert!(!house.get(&format!("/people/{there}"), &cookie).await.text.contains("Left the organisation"));
    let wrong = house.api("POST", &path(there), &key, &left).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text);
    assert!(wrong.text.contains("Record it with the organisation"), "{}", wrong.text);

    let page = house.get(&format!("/people/{nowhere}"), &cookie).await.text;
    assert!(page.contains("Left the organisation"), "{page}");
    assert_eq!(place.due(nowhere, "tailored offers").len(), 1);
    let made = house.api("POST", &path(nowhere), &key, &left).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert!(place.due(nowhere, "tailored offers").is_empty(), "it ends at once");
    let page = house.get(&format!("/people/{nowhere}"), &cookie).await.text;
    assert!(page.contains("They have left their organisation, since Tue 1 Dec 2026"), "{page}");
    let back = format!("sort=event&row={}", made.json()["id"]);
    let done = house.post(&format!("/people/{nowhere}/ended/undo"), &cookie, &back).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(place.due(nowhere, "tailored offers").len(), 1, "a slip is taken back until the night");
}

#[tokio::test]
async fn a_fact_of_a_person_settles_which_period_holds_and_may_be_taken_back() {
    let place = place();
    let (house, who) = (&place.house, place.associate);
    let cookie = house.sign_in("helen").await;
    let both = place.due(who, "associate news");
    assert!(both.len() == 2 && both.iter().all(|due| due.contains("whether")), "both wait: {both:?}");
    let page = house.get(&format!("/people/{who}"), &cookie).await.text;
    assert!(page.contains("Worked abroad") && page.contains("Not known yet"), "{page}");
    assert!(page.contains("It is not known yet whether"), "{page}");

    let empty = format!("name=worked+abroad&person={who}&value=&on=2026-12-01");
    let wrong = house.post(&format!("/people/{who}/facts"), &cookie, &empty).await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("Choose one of: yes, no."),
        "{}",
        wrong.text
    );
    assert!(wrong.text.contains("aria-invalid"), "the error stands beside its field");
    let yes = format!("name=worked+abroad&person={who}&value=yes&on=2026-12-01");
    assert_eq!(
        house.post(&format!("/people/{who}/facts"), &cookie, &yes).await.status,
        StatusCode::SEE_OTHER
    );
    let one = place.due(who, "associate news");
    assert!(one.len() == 1 && one[0].starts_with("associate news if worked abroad"), "{one:?}");
    let page = house.get(&format!("/people/{who}"), &cookie).await.text;
    assert!(page.contains("Yes, since Tue 1 Dec 2026"), "{page}");
    let row = page.split("name=\"row\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let undo = format!("row={row}&name=worked+abroad");
    assert_eq!(
        house.post(&format!("/people/{who}/facts/undo"), &cookie, &undo).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(place.due(who, "associate news"), both);
}

#[tokio::test]
async fn a_fact_of_work_stands_on_its_page() {
    let place = place();
    let (house, who, work) = (&place.house, place.client, place.work);
    act(house, |acting, tx| {
        let paper = app::acts::document::Place::Paper("drawer 2".into());
        app::acts::consent::sign(acting, tx, work, acting.today, &mut Some(paper))
    })
    .unwrap();
    let cookie = house.sign_in("helen").await;
    let page = house.get(&format!("/work/{work}"), &cookie).await.text;
    assert!(page.contains("Paid for by an insurer") && page.contains("Not known yet"), "{page}");
    let person = house.get(&format!("/people/{who}"), &cookie).await.text;
    assert!(
        person.contains(&format!("href=\"/work/{work}#known\"")),
        "the person's page leads to the work's"
    );

    // A box that somebody emptied is empty when their note comes back.
    assert!(page.contains("name=\"spoke\" value=\"yes\" checked"), "{page}");
    let bare = "kind=contact+record&text=&on=2026-12-01";
    let bare = house.post(&format!("/work/{work}/entries"), &cookie, bare).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", bare.text);
    assert!(bare.text.contains("name=\"spoke\" value=\"yes\"><span>"), "{}", bare.text);

    let yes = format!("name=paid+for+by+an+insurer&person={who}&value=yes&on=2026-12-01");
    let done = house.post(&format!("/work/{work}/facts"), &cookie, &yes).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(place.due(who, "coaching").len(), 1);
    let coach = house.sign_in("callum").await;
    let refused = house.post(&format!("/work/{work}/facts"), &coach, &yes).await;
    assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&refused.status), "{}", refused.status);
    let page = house.get(&format!("/work/{work}"), &cookie).await.text;
    let row = page.split("name=\"row\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let undo = format!("row={row}&person={who}&name=x");
    assert_eq!(
        house.post(&format!("/work/{work}/facts/undo"), &cookie, &undo).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(place.due(who, "coaching").len(), 2);
}

#[test]
fn stories_tell_facts_and_events() {
    let place = place();
    let instance = &place.house.instance;
    let helen = account(instance, "helen");
    let mut cast = happen::Cast::new([("helen".to_owned(), helen.clone())].into(), helen);
    cast.people = [("sam".to_owned(), place.supplier), ("ada".to_owned(), place.associate)].into();
    happen::happen(instance, &mut cast, ("sam", None), "had payment").unwrap();
    assert_eq!(place.due(place.supplier, "suppliers"), ["suppliers: 2032-12-01"]);
    happen::happen(instance, &mut cast, ("ada", None), "is recorded: worked abroad is no").unwrap();
    assert_eq!(place.due(place.associate, "associate news").len(), 1);
    assert!(happen::happen(instance, &mut cast, ("sam", None), "had birthday").is_err());
}
