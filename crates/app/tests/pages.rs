//! The pages around the acts: every one answers, none without signing in but the public ones; the notice speaks of
//! every activity; the proof of a world played fairly breaks nothing, and going behind the program's back shows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod common;

use app::acts::confirmation::Telling;
use app::acts::import::{self, Importing, Naming};
use app::acts::person::NewPerson;
use app::acts::{self, Acting, erasure, proof};
use app::fault::Fault;
use app::instance::Instance;
use app::intake::column;
use app::world::{Pack, World, play};
use axum::http::StatusCode;
use common::{Answer, Data, House};
use jiff::civil::date;
use serde_json::json;
use store::keys::Secret;

const WORLD: &str = r#"
begins = "2026-11-03"
today = "2026-11-20"
[[staff]]
key = "helen"
name = "Helen Marsh"
email = "helen.marsh@cti.example"
role = "business manager"
[[staff]]
key = "ruth"
name = "Ruth Adler"
email = "ruth.adler@cti.example"
role = "coach"
[[organisation]]
key = "northbank"
name = "Northbank Housing Trust"
website = "northbank.example"
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
  "2026-11-11 milestone: first session",
]
[[person]]
key = "priya"
as = "organisation contact"
on = "2026-11-04"
at = "northbank"
name = "Priya Nair"
email = "priya.nair@northbank.example"
"#;

/// Every page of the frame, that a business manager may open.
const PAGES: &[&str] = &[
    "/policy",
    "/policy/findings",
    "/policy/register",
    "/policy/proof",
    "/policy/proof/print",
    "/leaving",
    "/incidents",
    "/incidents/register",
    "/statistics",
    "/policy/source",
    "/admin",
    "/admin/staff",
    "/admin/log",
    "/admin/gone",
    "/admin/webhooks",
    "/organisations",
    "/processors",
    "/processors/address-book/enquiries",
    "/me",
    "/help",
];

/// What the latest look at everything finds broken.
fn broken(house: &House) -> Vec<String> {
    let found = proof::look(&house.instance, None).unwrap().found;
    found.into_iter().filter(|found| found.verdict == "broken").map(|found| found.id).collect()
}

#[tokio::test]
async fn every_page_answers_whoever_is_signed_in_and_nobody_else() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen.marsh").await;
    for path in PAGES {
        let answer = house.get(path, &cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.text.matches("<h1").count(), 1, "{path} has one heading");
        let answer = house.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} without signing in");
        assert!(answer.place().starts_with("/sign-in"), "{path}");
    }
}

#[tokio::test]
async fn a_coach_administers_nothing() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("ruth.adler").await;
    for path in ["/admin", "/admin/staff", "/admin/log", "/admin/webhooks"] {
        assert_eq!(house.get(path, &cookie).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/policy/proof", "/admin/backup", "/policy/attestations/0"] {
        assert_eq!(house.post(path, &cookie, "evidence=").await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn the_notice_speaks_of_every_activity_to_anybody() {
    let house = House::of(WORLD);
    let page = house.get("/privacy", "").await;
    assert_eq!(page.status, StatusCode::OK);
    let (page, markdown) = (page.text, house.get("/privacy.md", "").await.text);
    let policy = house.instance.policy();
    for activity in &policy.activities {
        assert!(page.contains(&activity.title), "the page on {}", activity.name);
        assert!(markdown.contains(&activity.title), "the text on {}", activity.name);
    }
    assert!(page.contains(&format!("Version {}, in force from", policy.version)));
}

#[tokio::test]
async fn the_sum_of_a_file_that_waits_adds_up_when_somebody_in_it_is_erased() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen.marsh").await;
    let instance = &house.instance;
    let account = instance.store.read(|tx| store::staff::by_email(tx, "helen.marsh@cti.example"));
    let helen = Acting::staff(instance, account.unwrap().unwrap()).unwrap();
    let file = b"Name,E-mail\nQuentin Marrow,quentin@marrow.example\nRita Fern,rita@fern.example\n";
    let (received, sheet) = import::receive(instance, &helen, "people.csv", file).unwrap();
    let naming = Naming {
        activity: "enquiries".into(),
        category: "organisation contact".into(),
        source: "their organisation".into(),
        collected_on: Some(date(2026, 11, 20)),
        told: "nobody".into(),
        offers: false,
    };
    let planned = instance.store.write(|tx| {
        let id = import::keep(&helen, tx, &received)?;
        import::name_it(&helen, tx, id, &naming)?;
        let importing = Importing::load(&helen.policy, tx, id)?;
        let guesses = column::guess(&sheet, "enquiries", &importing.kinds);
        let columns: Vec<String> = guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
        import::plan(&helen, tx, id, &sheet, &columns)?;
        Ok::<_, Fault>(id)
    });
    let rows = format!("/import/{}/rows", planned.unwrap());
    let before = house.get(&rows, &cookie).await.text;
    assert!(
        before.contains("<b>2</b> <small>rows in the file") && !before.contains("left out: erased"),
        "{before}"
    );
    // Somebody whom a row is about comes in by hand, and goes.
    let values = [("name", "Quentin Marrow"), ("email", "quentin@marrow.example")];
    let new = NewPerson {
        category: "organisation contact".into(),
        values: values.iter().map(|(kind, value)| ((*kind).into(), (*value).into())).collect(),
        source: "their organisation".into(),
        offers: true,
        ..NewPerson::default()
    };
    let quentin = instance.store.write(|tx| {
        let organisation = Some(store::organisation::named(tx, "Marrow and Sons", helen.now)?);
        acts::person::add(&helen, tx, &NewPerson { organisation, ..new.clone() })
    });
    let quentin = quentin.unwrap();
    let why = erasure::Reason::NotNeeded.known();
    let erased = instance
        .store
        .write(|tx| erasure::carry_out(&helen, tx, quentin, None, (why, None), Telling::Nobody));
    erased.unwrap();
    let after = house.get(&format!("{rows}?show=all"), &cookie).await.text;
    let counts = after.split("class=\"tally card\"").nth(1).unwrap().split("</p>").next().unwrap();
    let counts =
        counts.split("<b>").skip(1).map(|rest| rest.split('<').next().unwrap().parse::<u64>().unwrap());
    let counts: Vec<u64> = counts.collect();
    let (total, parts) = counts.split_last().unwrap();
    assert_eq!((*total, parts.iter().sum::<u64>()), (2, 2), "{after}");
    for words in ["left out: erased since", "The person it is about was erased"] {
        assert!(after.contains(words), "{words}: {after}");
    }
}

#[tokio::test]
async fn the_policy_page_sets_each_promise_beside_what_keeps_it() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen.marsh").await;
    let page = house.get("/policy", &cookie).await.text;
    for promise in house.instance.policy().promises.keys() {
        assert!(page.contains(&format!("/policy/proof#{promise}")), "{promise} is on the page");
    }
}

#[tokio::test]
async fn a_world_played_fairly_breaks_nothing_else_and_sabotage_shows() {
    let house = House::of(WORLD);
    assert!(broken(&house).is_empty(), "{:?}", broken(&house));
    let deep = "UPDATE staff SET password = 'practice makes perfect' WHERE email = 'ruth.adler@cti.example'";
    house.instance.store.write(|tx| tx.exec(deep, &[])).unwrap();
    assert_eq!(broken(&house), ["CTI-03"]);
    proof::run(&house.instance, proof::NIGHT).unwrap();
    let today = house.get("/", &house.sign_in("helen.marsh").await).await.text;
    assert!(today.contains("One promise is broken"), "{today}");
    let cookie = house.sign_in("helen.marsh").await;
    let status = house.post("/policy/proof", &cookie, "").await.status;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = house.get("/policy/proof", &cookie).await.text;
    assert!(page.contains("is not kept as a slow hash"), "the counter-example is named");
    assert!(page.contains("1 broken"));
}

#[tokio::test]
async fn nobody_signs_in_anothers_place() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen.marsh").await;
    let status = house.post("/policy/attestations/0", &cookie, "evidence=walked+round").await.status;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = house.get("/policy/proof", &cookie).await.text;
    assert!(page.contains("Signed by Helen Marsh"), "the signature stands beside its promise");
    let signed: i64 =
        house.instance.store.read(|tx| tx.count("SELECT count(*) FROM attestation", &[])).unwrap();
    assert_eq!(signed, 1 + house.instance.policy().attestations.len() as i64);
}

#[tokio::test]
async fn a_sheet_is_taken_from_its_page_and_nothing_goes_to_the_mailer() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen.marsh").await;
    let page = house.get("/processors", &cookie).await.text;
    assert!(page.contains("Privacy Shield ended 2020-07-16") && page.contains("CTI-24"), "{page}");
    let Answer { status, text: page, .. } = house.post("/processors/mailer/enquiries", &cookie, "").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(page.contains("processor mailer"), "the clause is named: {page}");
    assert_eq!(house.get("/processors/newspaper/enquiries", &cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_question_of_the_last_day_is_answered_on_its_own_page() {
    let house = House::of(WORLD);
    let find = "SELECT token FROM message WHERE asks IS NOT NULL ORDER BY id LIMIT 1";
    let token =
        house.instance.store.read(|tx| tx.maybe(find, &[], |row| row.opt_bytes(0))).unwrap().flatten();
    let token: String = token.expect("the story asks").iter().map(|byte| format!("{byte:02x}")).collect();
    let href = format!("/answer/{token}");
    let Answer { status, text: page, .. } = house.get(&href, "").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(
        page.contains("value=\"yes\"") && !page.contains("checked") && !page.contains("You said"),
        "{page}"
    );
    let Answer { status, text: page, .. } = house.post(&href, "", "answer=no").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("You said no on"), "{page}");
    assert_eq!(house.get(&format!("/answer/{}", "0".repeat(32)), "").await.status, StatusCode::OK);
    assert_eq!(house.get("/answer/nonsense", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whether_somebody_was_let_go_is_asked_on_the_page() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen.marsh").await;
    let Answer { status, text: page, .. } =
        house.post("/admin/gone", &cookie, "said=nobody%40elsewhere.example").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("No: nobody of this address") && !page.contains("nobody@elsewhere"), "{page}");
    let page = house.post("/admin/gone", &cookie, "said=").await.text;
    assert!(page.contains("Type an e-mail address"), "{page}");
}

#[tokio::test]
async fn one_of_very_many_is_found_while_typing_and_without_a_script() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let key = house.key("helen.marsh");
    let tara = house.person(&key, "Whitfield").await;

    // While typing: the answers alone, of the category and nobody else; the one chosen stays.
    let found = house.get("/pick/people?name=client&category=coaching+client&q=whit", &helen).await;
    assert!(
        found.text.contains("Tara Whitfield") && found.text.contains("1 to choose from."),
        "{}",
        found.text
    );
    let priya = house.get("/pick/people?name=client&category=coaching+client&q=priya", &helen).await;
    assert!(priya.text.contains("Nothing matches") && !priya.text.contains("Priya Nair"), "{}", priya.text);
    let kept = house
        .get(&format!("/pick/people?name=client&category=coaching+client&q=zz&chosen={tara}"), &helen)
        .await;
    assert!(kept.text.contains("Tara Whitfield") && kept.text.contains("checked"), "{}", kept.text);
    let place = house.get("/pick/organisations?name=payer&q=north", &helen).await;
    assert!(place.text.contains("Northbank Housing Trust"), "{}", place.text);
    assert!(
        house
            .get("/pick/people?name=client&category=coaching+client", "")
            .await
            .place()
            .starts_with("/sign-in")
    );

    // Without a script: the button finds, nothing typed is lost; a name typed and nobody chosen starts nothing.
    let find = "kind=programme&client=&client-find=whit&payer=&payer-find=north&opened=2026-11-19";
    let step = house.post("/work", &helen, &format!("{find}&find=client")).await;
    assert_eq!(step.status, StatusCode::OK);
    for said in ["Tara Whitfield", "Northbank Housing Trust", "value=\"whit\""] {
        assert!(step.text.contains(said), "{said} is missing: {}", step.text);
    }
    let unchosen = house.post("/work", &helen, find).await;
    assert_eq!(unchosen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unchosen.text.contains("Choose one of those found"), "{}", unchosen.text);
    let started =
        format!("kind=programme&client={tara}&client-find=whit&payer=person&payer-find=&opened=2026-11-19");
    let started = house.post("/work", &helen, &started).await;
    assert!(started.place().starts_with("/work/"), "{}", started.text);
}

#[tokio::test]
async fn whoever_asks_is_answered_the_same_and_a_flood_is_held_up_without_losing_a_word() {
    let house = House::of(WORLD);
    let asks = |kind: &str, reach: &str, step: &str| {
        format!("kind={kind}&name=Priya+Nair&reach={reach}&words=All+of+it&step={step}")
    };
    let page = house.get("/ask", "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("<script"), "it works without");
    let wrong = house.post("/ask", "", "step=check").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Choose what you want us to do."));
    let held = house.post("/ask", "", &asks("access", "priya.nair%40northbank.example", "send")).await;
    let strange = house.post("/ask", "", &asks("access", "nobody%40elsewhere.example", "send")).await;
    assert_eq!((held.status, strange.status), (StatusCode::OK, StatusCode::OK));
    let same = |text: &str| {
        let (before, rest) = text.split_once("id=\"reference\">").unwrap();
        format!("{before}{}", rest.split_once('<').unwrap().1)
    };
    assert_eq!(same(&held.text), same(&strange.text), "but for the reference nothing differs");
    assert!(held.text.contains("Mon 21 Dec 2026"), "received on 20 November");
    let mut last = strange;
    for _ in 0..30 {
        last = house.post("/ask", "", &asks("access", "nobody%40elsewhere.example", "send")).await;
        if last.status != StatusCode::OK {
            break;
        }
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.text.contains("All of it") && last.text.contains("Nothing you wrote is lost"));
}

#[tokio::test]
async fn a_public_form_asks_what_the_policy_declares_shows_its_notice_and_says_what_happens_next() {
    let house = House::of(WORLD);
    let notice = house.get("/privacy", "").await;
    assert!(
        notice.text.contains("<a href=\"/forms/enquiry\">Write to us</a>"),
        "it is found from the other pages"
    );
    let page = house.get("/forms/enquiry", "").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(!page.text.contains("<script"), "it works without");
    let asked: Vec<&str> =
        page.text.split(" name=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let known = ["viewport", "color-scheme", "robots", "referrer", "notice", "about", "about"];
    assert_eq!(asked, [&known[..], &["name", "email", "phone", "organisation", "enquiry"]].concat());
    assert!(
        page.text.contains("Version 3, in force from")
            && page.text.contains("All that our notice says of it")
    );
    assert!(!page.text.contains("checked>"), "nothing is chosen for anybody");

    let wrong = house.post("/forms/enquiry", "", "notice=3&name=Wren+Novak&email=wren").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "This is no e-mail address",
        "Write what you want to tell us.",
        "Choose what it is about.",
        "Wren Novak",
    ] {
        assert!(wrong.text.contains(words), "{words}");
    }
    let sent = |email: &str, notice: &str| {
        let about = "organisation+contact+under+enquiries";
        format!("notice={notice}&about={about}&name=Wren+Novak&email={email}&enquiry=Do+you+teach%3F")
    };
    let older = house.post("/forms/enquiry", "", &sent("wren%40elsewhere.example", "2")).await;
    assert_eq!(older.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(older.text.contains("Our privacy notice has changed") && older.text.contains("Do you teach?"));

    let held = house.post("/forms/enquiry", "", &sent("priya.nair%40northbank.example", "3")).await;
    let strange = house.post("/forms/enquiry", "", &sent("wren%40elsewhere.example", "3")).await;
    assert_eq!((held.status, strange.status), (StatusCode::OK, StatusCode::OK), "{}", strange.text);
    assert!(strange.text.contains("What happens next"));
    let same = |text: &str| {
        let (before, rest) = text.split_once("id=\"reference\">").unwrap();
        format!("{before}{}", rest.split_once('<').unwrap().1)
    };
    assert_eq!(same(&held.text), same(&strange.text), "but for the reference nothing differs");
    assert_eq!(house.get("/forms/survey", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.post("/forms/survey", "", "name=Wren").await.status, StatusCode::NOT_FOUND);

    // It is on Today of whoever is to answer it, and read and answered from there.
    let helen = house.sign_in("helen.marsh").await;
    let today = house.get("/", &helen).await;
    assert!(today.text.contains("answer what they wrote by our form"), "{}", today.text);

    let mut last = strange;
    for _ in 0..30 {
        last = house.post("/forms/enquiry", "", &sent("wren%40elsewhere.example", "3")).await;
        if last.status != StatusCode::OK {
            break;
        }
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.text.contains("Do you teach?") && last.text.contains("Nothing you wrote is lost"));
}

#[tokio::test]
async fn a_program_may_stand_where_a_form_stands_and_says_which_notice_it_showed() {
    let house = House::of(WORLD);
    let key = house.key("helen.marsh");
    let forms = house.api("GET", "/api/v1/forms", &key, &json!({})).await.json();
    let form = &forms["forms"][0];
    assert_eq!((form["form"].as_str(), form["address"].as_str()), (Some("enquiry"), Some("/forms/enquiry")));
    assert_eq!(form["asks"], json!(["name", "email", "phone", "organisation", "enquiry"]));
    assert_eq!((&form["notice"], &form["files"][0]["by_consent"]), (&json!(3), &json!(false)));
    let sent = |notice: u32| {
        let values =
            json!({ "name": "Wren Novak", "email": "wren@elsewhere.example", "enquiry": "Do you teach?" });
        json!({ "values": values, "about": form["files"][0]["about"], "notice": notice })
    };
    let taken = house.api("POST", "/api/v1/forms/enquiry", &key, &sent(3)).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
    assert!(taken.json()["reference"].as_str().is_some_and(|reference| !reference.is_empty()));
    assert!(house.person(&key, "Wren").await > 0, "it is a record by itself");
    let older = house.api("POST", "/api/v1/forms/enquiry", &key, &sent(2)).await;
    assert_eq!(older.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A coach adds nobody.
    let refused = house.api("POST", "/api/v1/forms/enquiry", &house.key("ruth.adler"), &sent(3)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_incident_is_written_down_by_anybody_and_seen_to_on_its_page() {
    let house = House::of(WORLD);
    let (helen, ruth) = (house.sign_in("helen.marsh").await, house.sign_in("ruth.adler").await);
    let number = |sql: &str| house.instance.store.read(|tx| tx.count(sql, &[])).unwrap();
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
    let page = format!("/incidents/{}", number("SELECT id FROM incident"));
    assert_eq!(house.get(&page, &ruth).await.status, StatusCode::FORBIDDEN);
    let by = "the regulator is to be told by Mon 23 Nov 2026, 00:00";
    assert!(house.get("/", &helen).await.text.contains(by));
    assert!(!house.get("/", &ruth).await.text.contains(by));

    let step = async |fields: &str| {
        let form = format!("version={}&{fields}", number("SELECT version FROM incident"));
        house.post(&page, &helen, &form).await
    };
    let wrong = step("step=risk&risk-risk=unlikely").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("id=\"risk-why-error\""), "{}", wrong.text);
    let wrong = step("step=regulator-considered&regulator-tell=no&regulator-why=no").await;
    assert!(wrong.text.contains("unless it is unlikely to hurt anybody"), "{}", wrong.text);
    let tara = number("SELECT person_id FROM item WHERE value = 'Tara Whitfield'");
    let form = format!("version={}&whom={tara}", number("SELECT version FROM incident"));
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
    for fields in &steps {
        let done = step(fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{fields}: {}", done.text);
    }
    let left = step("step=close").await;
    assert!(left.text.contains("Still to do: tell the police."), "{}", left.text);
    let told = step("step=police-told&police-on=2026-11-20&police-at=00:00&police-how=by+telephone").await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    assert_eq!(step("step=close").await.status, StatusCode::SEE_OTHER);
    let closed = house.get(&page, &helen).await.text;
    for said in
        ["Closed on Fri 20 Nov 2026", "Tara Whitfield", "Police considered: to be told", "by telephone"]
    {
        assert!(closed.contains(said), "{said}: {closed}");
    }
    assert!(!closed.contains("name=\"step\""), "nothing is changed any more");
    for register in ["/incidents/register", "/incidents/register?all=yes", "/incidents/register/csv"] {
        let text = house.get(register, &helen).await.text;
        for said in [
            "Laptops stay in the bag",
            "need not be told: encrypted",
            "told Fri 20 Nov 2026, 00:00",
            "Ruth Adler",
        ] {
            assert!(text.contains(said), "{said} in {register}: {text}");
        }
        assert_eq!(house.get(register, &ruth).await.status, StatusCode::FORBIDDEN, "{register}");
    }
    assert!(broken(&house).is_empty(), "{:?}", broken(&house));
}

#[tokio::test]
async fn programs_write_incidents_down_and_take_each_step_as_the_pages_do() {
    let house = House::of(WORLD);
    let (helen, ruth) = (house.key("helen.marsh"), house.key("ruth.adler"));
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
        json!({ "step": "noted", "note": "they gave it back unopened" }),
        json!({ "step": "assessed", "risk": "unlikely", "why": "unopened" }),
        json!({ "step": "considered", "whom": "regulator", "tell": false, "why": "unopened" }),
        json!({ "step": "considered", "whom": "people", "tell": true, "why": "she would want to know" }),
        json!({ "step": "told", "whom": "people", "how": "by telephone" }),
        json!({ "step": "considered", "whom": "organisations", "tell": false, "why": "none" }),
        json!({ "step": "considered", "whom": "police", "tell": false, "why": "no crime" }),
        json!({ "step": "prevented", "measures": "addresses are read twice" }),
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
    assert_eq!((&found["still_to_do"], &found["hidden"]), (&json!([]), &json!(0)));
    assert_eq!(found["steps"].as_array().map(Vec::len), Some(steps.len()), "{found}");
    let stale = json!({ "version": 1, "step": "noted", "note": "more" });
    assert_eq!(house.api("POST", &format!("{one}/steps"), &helen, &stale).await.status, StatusCode::CONFLICT);
    assert!(broken(&house).is_empty(), "{:?}", broken(&house));
}

/// The same town under a policy that states statistics.
fn telling_numbers() -> House {
    let mut files = Pack::named("cti").unwrap().policy().unwrap().files;
    let stated =
        "\nstatistics \"What we tell our funders\" of coaching client; hide counts under 5\n\nform enquiry ";
    files[0].text = files[0].text.replace("\nform enquiry ", stated);
    let policy = policy::Policy::read(files).0.unwrap();
    let (data, world) = (Data::new(), World::read(WORLD).unwrap());
    let secret = Secret::random().unwrap();
    let instance =
        Instance::create(data.path(), data.url().as_deref(), &secret, policy, Some(world.begins)).unwrap();
    play(&instance, &world).unwrap();
    House::around(instance, data)
}

#[tokio::test]
async fn a_table_of_statistics_says_what_it_hides_and_shows_nobody() {
    let house = telling_numbers();
    let (helen, ruth) = (house.sign_in("helen.marsh").await, house.sign_in("ruth.adler").await);
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

    let key = house.key("helen.marsh");
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
