//! Incidents and statistics, as staff and programs see them.

use app::acts::Acting;
use app::acts::incident::{self, Seen, many};
use app::acts::person;
use app::fault::Fault;
use axum::http::StatusCode;
use serde_json::json;
use store::incident::Sort;
use store::keys::Secret;

use super::common::{Data, House, account, changed, newcomer, played};
use super::{WORLD, broken};

#[tokio::test]
async fn an_incident_is_written_down_by_anybody_and_seen_to_on_its_page() {
    let house = House::of(WORLD);
    let (helen, ruth) = (house.sign_in("helen").await, house.sign_in("ruth").await);
    let list = house.get("/incidents", &ruth).await.text;
    assert!(list.contains("Something has gone wrong") && list.contains("The business manager."), "{list}");
    let form = |what: &str| {
        format!(
            "what={what}&sort=lost&found-on=2026-11-20&found-at=00:00&found-by=Ruth+Adler&happened=2026-11-19"
        )
    };
    let empty = house.post("/incidents", &ruth, &form("")).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("id=\"what-error\"") && empty.text.contains("2026-11-19"), "{}", empty.text);
    let written = house.post("/incidents", &ruth, &form("A+laptop+was+left+on+the+train")).await;
    assert_eq!(written.place(), "/incidents?said=incident", "{}", written.text);
    let page = format!("/incidents/{}", house.count("SELECT id FROM incident"));
    assert_eq!(house.get(&page, &ruth).await.status, StatusCode::FORBIDDEN);
    let by = "the regulator is to be told by Mon 23 Nov 2026, 00:00";
    assert!(house.get("/", &helen).await.text.contains(by));
    assert!(!house.page("/", &ruth).await.contains(by));

    let step = async |fields: &str| {
        let form = format!("version={}&{fields}", house.count("SELECT version FROM incident"));
        house.post(&page, &helen, &form).await
    };
    let wrong = step("step=risk&risk-risk=unlikely").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("id=\"risk-why-error\""), "{}", wrong.text);
    let wrong = step("step=regulator-considered&regulator-tell=no&regulator-why=no").await;
    assert!(wrong.text.contains("unless it is unlikely to hurt anybody"), "{}", wrong.text);
    let tara = house.count("SELECT person_id FROM item WHERE value = 'Tara Whitfield'");
    let many = async |pressed: &str| {
        let list = "list=tara.whitfield%40post.example%0D%0Anobody%40post.example";
        let form = format!("version={}&{list}&{pressed}", house.count("SELECT version FROM incident"));
        house.post(&format!("{page}/people"), &helen, &form).await
    };
    let joined = || house.count("SELECT COUNT(*) FROM incident_person");
    let looked = many("many=look").await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.text);
    let would = "1 person would join. By one line nobody was found whom you may see:";
    for said in [would, "<li>nobody@post.example</li>", "Add 1 person"] {
        assert!(looked.text.contains(said), "{said}: {}", looked.text);
    }
    let other = many("many=join&found=1").await;
    assert_eq!((other.status, joined()), (StatusCode::UNPROCESSABLE_ENTITY, 0), "{}", other.text);
    let mark = looked.text.split("name=\"found\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    // Another list of as many people was not looked at.
    let whom =
        "SELECT person_id FROM item WHERE person_id <> ?1 AND kind = 'name' ORDER BY person_id LIMIT 1";
    let another = house.instance.store.read(|tx| tx.count(whom, &[tara.into()])).unwrap();
    let form = format!("version={}&list={another}&many=", house.count("SELECT version FROM incident"));
    let other = house.post(&format!("{page}/people"), &helen, &format!("{form}look")).await;
    assert!(other.text.contains("1 person would join."), "{}", other.text);
    let other = house.post(&format!("{page}/people"), &helen, &format!("{form}join&found={mark}")).await;
    assert_eq!((other.status, joined()), (StatusCode::UNPROCESSABLE_ENTITY, 0), "{}", other.text);
    let join = format!("many=join&found={mark}");
    assert_eq!((many(&join).await.status, joined()), (StatusCode::SEE_OTHER, 1));
    let again = many("many=look").await.text;
    assert!(again.contains("0 people would join. One more is in it already."), "{again}");
    let form = format!("version={}&whom={tara}", house.count("SELECT version FROM incident"));
    let theirs = house.post(&format!("{page}/people"), &helen, &form).await;
    assert_eq!(theirs.status, StatusCode::SEE_OTHER, "{}", theirs.text);
    let stale = house.post(&page, &helen, "version=1&step=noted&note=The+railway+has+it").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text.contains("<blockquote data-typed=\"note\">The railway has it"), "{}", stale.text);
    let mut steps = vec!["step=risk&risk-risk=unlikely&risk-why=encrypted".to_owned()];
    for whom in ["regulator", "people", "organisations"] {
        steps.push(format!("step={whom}-considered&{whom}-tell=no&{whom}-why=encrypted"));
    }
    steps.push("step=police-considered&police-tell=yes&police-why=stolen".to_owned());
    steps.push("step=prevented&measures=Laptops+stay+in+the+bag".to_owned());
    steps.push("step=extent&extent=Some+forty+clients".to_owned());
    for fields in &steps {
        let done = step(fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{fields}: {}", done.text);
    }
    let left = step("step=close").await;
    assert!(left.text.contains("Still to do: tell the police."), "{}", left.text);
    let wrong = step("step=police-told&police-on=2026-11-20&police-at=00:03&police-how=").await;
    assert!(
        wrong.text.contains("police-how-error") && wrong.text.contains("value=\"00:03\""),
        "{}",
        wrong.text
    );
    let told = step("step=police-told&police-on=2026-11-20&police-at=00:00&police-how=by+telephone").await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    assert_eq!(step("step=close").await.status, StatusCode::SEE_OTHER);
    let closed = house.get(&page, &helen).await.text;
    for said in
        ["Closed on Fri 20 Nov 2026", "Tara Whitfield", "Police considered: to be told", "by telephone"]
    {
        assert!(closed.contains(said), "{said}: {closed}");
    }
    assert_eq!(closed.matches("name=\"step\"").count(), 1, "nothing but that it is opened again");
    assert!(step("step=reopen&reopen-why=").await.text.contains("reopen-why-error"));
    assert_eq!(step("step=reopen&reopen-why=It+was+found").await.status, StatusCode::SEE_OTHER);
    assert!(house.get(&page, &helen).await.text.contains("Opened again"));
    assert_eq!(step("step=close").await.status, StatusCode::SEE_OTHER);
    for register in ["/incidents/register", "/incidents/register?all=yes", "/incidents/register/csv"] {
        let text = house.get(register, &helen).await.text;
        for said in [
            "Laptops stay in the bag",
            "Some forty clients",
            "need not be told: encrypted",
            "told Fri 20 Nov 2026, 00:00",
            "Ruth Adler",
        ] {
            assert!(text.contains(said), "{said} in {register}: {text}");
        }
        assert_eq!(house.get(register, &ruth).await.status, StatusCode::FORBIDDEN, "{register}");
    }
    let sheet = house.get("/incidents/register/csv", &helen).await.text;
    assert!(sheet.starts_with("\u{feff}Reference,Found,"), "as a spreadsheet reads accents: {sheet}");
    assert!(broken(&house).is_empty(), "{:?}", broken(&house));
}

#[tokio::test]
async fn of_very_many_whose_data_it_was_a_hundred_are_on_a_page() {
    let house = House::of(WORLD);
    let helen = account(&house.instance, "helen");
    let id = house.instance.store.write(|tx| {
        let acting = Acting::staff(&house.instance, helen.clone())?;
        let mut all = Vec::new();
        for number in 0..102 {
            let name = format!("Wren Number {number}");
            let new = newcomer("organisation contact", "their organisation", &[("name", &name)]);
            all.push(person::add(&acting, tx, &new)?);
        }
        let seen = Seen {
            sort: Sort::Lost,
            what: "A list was left on the train.".into(),
            found_at: acting.now,
            found_by: String::new(),
            happened_at: None,
        };
        let id = incident::open(&acting, tx, &seen)?;
        assert_eq!(many::join(&acting, tx, id, &all)?, 102);
        Ok::<_, Fault>(id)
    });
    let page = format!("/incidents/{}", id.unwrap());
    let helen = house.sign_in("helen").await;
    let first = house.get(&page, &helen).await.text;
    assert!(first.contains("102 people in all, 100 on a page."), "{first}");
    let names = |page: &str| page.matches(">Not theirs<").count();
    assert_eq!(names(&first), 100);
    let after = first.split("?after=").nth(1).unwrap().split('#').next().unwrap();
    let next = house.get(&format!("{page}?after={after}"), &helen).await.text;
    assert_eq!(names(&next), 2, "{next}");
    // What is wrong with a letter to somebody far down stands where they do.
    let last = next.rsplit("name=\"step\" value=\"unlink-").next().unwrap().split('"').next().unwrap();
    let wrong = house.post(&format!("{page}/people/{last}/letters"), &helen, "sort=incident").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text);
    assert!(wrong.text.contains(&format!("id=\"why-{last}-error\"")), "{}", wrong.text);
    // A letter stands with whom it is to, and all are counted wherever the page begins.
    let begins = "sort=incident&letter-why=Your+name+was+on+it";
    let begun = house.post(&format!("{page}/people/{last}/letters"), &helen, begins).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let letter = format!("href=\"{}\"", begun.place());
    for (from, stands) in [(String::new(), false), (format!("?after={after}"), true)] {
        let shown = house.get(&format!("{page}{from}"), &helen).await.text;
        assert!(shown.contains("102 people in all, 100 on a page."), "{shown}");
        assert_eq!(shown.contains(&letter), stands, "{letter}: {shown}");
    }
    let beyond = house.get(&format!("{page}?after={}", i64::MAX), &helen).await.text;
    assert_eq!(names(&beyond), 100, "after whom there is nobody it begins anew: {beyond}");
    let register = house.get("/incidents/register", &helen).await.text;
    assert!(register.contains("102 people"), "{register}");
}

#[tokio::test]
async fn programs_write_incidents_down_and_take_each_step_as_the_pages_do() {
    let house = House::of(WORLD);
    let (helen, ruth) = (house.key("helen"), house.key("ruth"));
    let new = json!({ "what": "A letter went to the wrong house", "sort": "seen" });
    let opened = house.api("POST", "/api/v1/incidents", &ruth, &new).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text);
    let one = format!("/api/v1/incidents/{}", opened.json()["id"]);
    for (method, address) in [("GET", "/api/v1/incidents"), ("GET", one.as_str())] {
        assert_eq!(house.api(method, address, &ruth, &json!({})).await.status, StatusCode::FORBIDDEN);
    }
    let tara = house.person(&helen, "Tara").await;
    let steps = [
        json!({ "step": "linked", "person": tara }),
        json!({ "step": "noted", "note": "they gave it back unopened", "sort": "lost" }),
        json!({ "step": "extent", "extent": "one client, her name" }),
        json!({ "step": "assessed", "risk": "unlikely", "why": "unopened" }),
        json!({ "step": "considered", "whom": "regulator", "tell": false, "why": "unopened" }),
        json!({ "step": "considered", "whom": "people", "tell": true, "why": "she would want to know" }),
        json!({ "step": "told", "whom": "people", "how": "by telephone" }),
        json!({ "step": "considered", "whom": "organisations", "tell": false, "why": "none" }),
        json!({ "step": "considered", "whom": "police", "tell": false, "why": "no crime" }),
        json!({ "step": "prevented", "measures": "addresses are read twice" }),
        json!({ "step": "closed" }),
        json!({ "step": "reopened", "why": "there was a second letter" }),
        json!({ "step": "closed" }),
    ];
    for step in &steps {
        let version = house.api("GET", &one, &helen, &json!({})).await.json()["version"].clone();
        let mut step = step.clone();
        step["version"] = version;
        let done = house.api("POST", &format!("{one}/steps"), &helen, &step).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{step}: {}", done.text);
    }
    let found = house.api("GET", &one, &helen, &json!({})).await.json();
    assert_eq!((&found["closed_on"], &found["people"]), (&json!("2026-11-20"), &json!([tara])));
    assert_eq!((&found["sort"], &found["extent"]), (&json!("lost"), &json!("one client, her name")));
    assert_eq!((&found["still_to_do"], &found["hidden"]), (&json!([]), &json!(0)));
    assert_eq!(found["tell_regulator"], json!(false));
    assert_eq!(found["steps"].as_array().map(Vec::len), Some(steps.len()), "{found}");
    let stale = json!({ "version": 1, "step": "noted", "note": "more" });
    assert_eq!(house.api("POST", &format!("{one}/steps"), &helen, &stale).await.status, StatusCode::CONFLICT);
    for odd in [
        json!({ "version": 1, "step": "told", "whom": "people", "how": "by post", "when": "2026-11-20T08:00:00Z" }),
        json!({ "version": 1, "step": "closed", "when": "today" }),
        json!({ "step": "closed" }),
    ] {
        let refused = house.api("POST", &format!("{one}/steps"), &helen, &odd).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd}: {}", refused.text);
        let about = if odd["version"].is_null() { "version" } else { "when" };
        assert!(refused.text.contains(about), "{odd}: {}", refused.text);
    }
    assert!(broken(&house).is_empty(), "{:?}", broken(&house));
}

/// The same town under a policy that states statistics.
fn telling_numbers() -> House {
    let stated =
        "\nstatistics \"What we tell our funders\" of coaching client; hide counts under 5\n\nform enquiry ";
    let policy = changed("cti", &[("\nform enquiry ", stated)]);
    let data = Data::new();
    House::around(played(&data, &Secret::random().unwrap(), policy, WORLD), data)
}

#[tokio::test]
async fn a_table_of_statistics_says_what_it_hides_and_shows_nobody() {
    let house = telling_numbers();
    let (helen, ruth) = (house.sign_in("helen").await, house.sign_in("ruth").await);
    let list = house.get("/statistics", &helen).await.text;
    assert!(list.contains("What we tell our funders") && list.contains("None was made yet."), "{list}");
    assert!(house.get("/policy", &helen).await.text.contains("href=\"/statistics\""), "a tab leads there");
    assert_eq!(house.get("/statistics", &ruth).await.status, StatusCode::FORBIDDEN);
    let title = "title=What+we+tell+our+funders";
    assert_eq!(house.post("/statistics", &ruth, title).await.status, StatusCode::FORBIDDEN);
    let unknown = house.post("/statistics", &helen, "title=Everything").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = house.post("/statistics", &helen, title).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let table = made.place().split('?').next().unwrap().to_owned();
    let page = house.get(&table, &helen).await.text;
    for said in ["Coaching programme", "First session, then completed", "are hidden: of fewer than 5 people"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Tara"), "{page}");
    assert!(house.get("/statistics", &helen).await.text.contains(&table));
    assert_eq!(house.get(&table, &ruth).await.status, StatusCode::FORBIDDEN);
    let csv = house.get(&format!("{table}/csv"), &helen).await;
    assert!(csv.text.contains("programme,2026,first session,hidden"), "{}", csv.text);

    let key = house.key("helen");
    let asked = json!({ "title": "What we tell our funders" });
    let again = house.api("POST", "/api/v1/statistics", &key, &asked).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
    let release = again.json()["release"].as_i64().unwrap();
    let shown = house.api("GET", &format!("/api/v1/statistics/{release}"), &key, &json!({})).await.json();
    assert_eq!((&shown["of"], &shown["least"]), (&json!(["coaching client"]), &json!(5)));
    let part = shown["parts"].as_array().unwrap().iter().find(|part| part["year"] == 2026).unwrap().clone();
    assert!(part["all"].is_null() && part["steps"][0]["people"].is_null(), "one person is no number: {part}");
    let all = house.api("GET", "/api/v1/statistics", &key, &json!({})).await.json();
    assert_eq!(all["releases"].as_array().unwrap().len(), 2);
}
