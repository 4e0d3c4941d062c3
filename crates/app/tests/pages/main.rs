//! The pages around the acts: every one answers, none without signing in but the public ones; the notice speaks of
//! every activity; the proof of a world played fairly breaks nothing, and going behind the program's back shows. And by what they
//! show, a file each: one program, since each would hold all of the pages once more.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod adoption;
#[path = "../common/mod.rs"]
mod common;
mod decisions;
mod forms;
mod handing;
mod house;
mod known;
mod leaving;
mod letting_go;
mod merging;
mod passing;
mod proofs;
mod registers;
mod undecided;
mod unreadable;

use app::acts::confirmation::Telling;
use app::acts::import::{self, Importing, Naming};
use app::acts::person::NewPerson;
use app::acts::{self, Acting, erasure, proof, sign_in};
use app::fault::Fault;
use app::intake::column;
use axum::http::StatusCode;
use common::{Answer, House, account, newcomer};
use jiff::civil::date;

const WORLD: &str = concat!(
    include_str!("../common/office.toml"),
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
  "2026-11-11 milestone: first session",
]
[[person]]
key = "priya"
as = "organisation contact"
on = "2026-11-04"
at = "northbank"
name = "Priya Nair"
email = "priya.nair@northbank.example"
"#
);

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
    let cookie = house.sign_in("helen").await;
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
    let cookie = house.sign_in("ruth").await;
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
    let cookie = house.sign_in("helen").await;
    let instance = &house.instance;
    let helen = Acting::staff(instance, account(instance, "helen")).unwrap();
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
    let new = newcomer("organisation contact", "their organisation", &values);
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
    let cookie = house.sign_in("helen").await;
    let page = house.get("/policy", &cookie).await.text;
    for promise in house.instance.policy().promises.keys() {
        assert!(page.contains(&format!("/policy/proof#{promise}")), "{promise} is on the page");
    }
}

#[tokio::test]
async fn a_world_played_fairly_breaks_nothing_else_and_sabotage_shows() {
    let house = House::of(WORLD);
    assert!(broken(&house).is_empty(), "{:?}", broken(&house));
    let deep = "UPDATE staff SET password = 'practice makes perfect' WHERE email = 'ruth@cti.example'";
    house.instance.store.write(|tx| tx.exec(deep, &[])).unwrap();
    assert_eq!(broken(&house), ["CTI-03"]);
    proof::run(&house.instance, proof::NIGHT).unwrap();
    let today = house.get("/", &house.sign_in("helen").await).await.text;
    assert!(today.contains("One promise is broken"), "{today}");
    let cookie = house.sign_in("helen").await;
    let status = house.post("/policy/proof", &cookie, "").await.status;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = house.get("/policy/proof", &cookie).await.text;
    assert!(page.contains("is not kept as a slow hash"), "the counter-example is named");
    assert!(page.contains("1 broken"));
}

#[tokio::test]
async fn nobody_signs_in_anothers_place() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen").await;
    let status = house.post("/policy/attestations/0", &cookie, "evidence=walked+round").await.status;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = house.get("/policy/proof", &cookie).await.text;
    assert!(page.contains("Signed by Helen Marsh"), "the signature stands beside its promise");
    let signed = house.count("SELECT count(*) FROM attestation");
    assert_eq!(signed, 1 + house.instance.policy().attestations.len() as i64);
}

#[tokio::test]
async fn a_sheet_is_taken_from_its_page_and_nothing_goes_to_the_mailer() {
    let house = House::of(WORLD);
    let cookie = house.sign_in("helen").await;
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
    let cookie = house.sign_in("helen").await;
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
    let helen = house.sign_in("helen").await;
    let key = house.key("helen");
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

#[test]
fn a_home_that_takes_many_addresses_guesses_passwords_no_more_often_than_one_address() {
    let house = House::of(WORLD);
    let guess = |home: u32, n: u32| {
        let from = sign_in::From { address: Some(format!("2001:db8:7:{home}::{n:x}")), agent: None };
        let nobody = format!("nobody.{n}@cti.example");
        let guessed = sign_in::sign_in(&house.instance, &nobody, &"wrong wrong wrong".into(), &from);
        guessed.unwrap_err().to_string()
    };
    for n in 1..=25 {
        assert!(guess(42, n).contains("is not right"), "{n}");
    }
    assert!(guess(42, 26).contains("Too many attempts"), "another address of the same home");
    assert!(guess(43, 27).contains("is not right"), "another home");
}
