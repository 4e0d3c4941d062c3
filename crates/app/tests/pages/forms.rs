//! The policy's public forms as pages, and for a program that stands in their place.

use axum::http::StatusCode;
use jiff::civil::date;
use serde_json::json;

use super::WORLD;
use super::common::{Data, House, begun, changed};

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
    let again = house.post("/forms/enquiry", "", &sent("wren%40elsewhere.example", "3")).await;
    assert_eq!(again.text, strange.text, "pressed twice, it is one message with one reference");
    let kept = house.count("SELECT COUNT(*) FROM submission");
    assert_eq!(kept, 2);
    assert_eq!(house.get("/forms/survey", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.post("/forms/survey", "", "name=Wren").await.status, StatusCode::NOT_FOUND);

    // It is on Today of whoever is to answer it, and read and answered from there.
    let helen = house.sign_in("helen").await;
    let today = house.get("/", &helen).await;
    assert!(today.text.contains("answer what they wrote by our form"), "{}", today.text);
    // Whoever asks what became of it has nothing but the reference.
    let (_, reference) = strange.text.split_once("id=\"reference\">").unwrap();
    let reference = reference.split('<').next().unwrap();
    let found = house.get(&format!("/people?q={reference}"), &helen).await;
    assert!(found.text.contains("Wren Novak"), "{}", found.text);

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
async fn what_a_form_brings_and_the_policy_has_no_place_for_is_not_lost() {
    let files = "organisation contact under enquiries, coaching client under coach search ";
    let wrong =
        "supplier under enquiries, coaching client under coach search, organisation contact under enquiries ";
    let data = Data::new();
    let house = House::around(begun(&data, changed("cti", &[(files, wrong)]), date(2026, 11, 3)), data);
    let page = house.get("/forms/enquiry", "").await.text;
    assert_eq!(page.matches("All that our notice says of it").count(), 2, "of each activity once: {page}");
    assert!(
        page.contains("Answering enquiries and working for organisations: "),
        "who they are tells them apart"
    );
    assert_eq!(page.matches("One way to reach you is enough.").count(), 2);

    // No activity named there is for suppliers: whoever wrote can do nothing about it, and loses nothing.
    let sent = "notice=3&about=supplier+under+enquiries&name=Wren+Novak&email=wren%40elsewhere.example&enquiry=Do+you+teach%3F";
    let refused = house.post("/forms/enquiry", "", sent).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert!(refused.text.contains("Do you teach?") && refused.text.contains("that this form does not work"));
    let kept = "SELECT (SELECT COUNT(*) FROM person) + (SELECT COUNT(*) FROM submission)";
    assert_eq!(house.count(kept), 0);
}

#[tokio::test]
async fn a_program_may_stand_where_a_form_stands_and_says_which_notice_it_showed() {
    let house = House::of(WORLD);
    let key = house.key("helen");
    let forms = house.api("GET", "/api/v1/forms", &key, &json!({})).await.json();
    let form = &forms["forms"][0];
    assert_eq!((form["form"].as_str(), form["address"].as_str()), (Some("enquiry"), Some("/forms/enquiry")));
    assert_eq!(form["asks"], json!(["name", "email", "phone", "organisation", "enquiry"]));
    assert_eq!((&form["notice"], &form["files"][0]["by_consent"]), (&json!(3), &json!(false)));
    let sent = |notice: u32| {
        let values = json!({ "name": "Wren Novak", "email": "wren@elsewhere.example", "organisation": "Kiln Works", "enquiry": "Do you teach?" });
        json!({ "values": values, "about": form["files"][0]["about"], "notice": notice })
    };
    let taken = house.api("POST", "/api/v1/forms/enquiry", &key, &sent(3)).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
    assert!(taken.json()["reference"].as_str().is_some_and(|reference| !reference.is_empty()));
    let wren = house.person(&key, "Wren").await;
    assert!(wren > 0, "it is a record by itself");
    let other = json!({ "kind": "organisation", "value": "Quarry Works", "source": "the person" });
    let other = house.api("POST", &format!("/api/v1/people/{wren}/items"), &key, &other).await;
    assert_eq!(other.status, StatusCode::CREATED, "{}", other.text);
    let shown = house.api("GET", &format!("/api/v1/people/{wren}"), &key, &json!({})).await.json();
    let theirs = &shown["organisations"];
    assert_eq!((&theirs[0]["name"], &theirs[1]["name"]), (&json!("Kiln Works"), &json!("Quarry Works")));
    assert_eq!(theirs[1]["id"], other.json()["organisation"]);
    let endings = format!("/api/v1/people/{wren}/endings");
    let may = house.api("GET", &endings, &key, &json!({})).await;
    let quarry = json!({ "organisation": theirs[1]["id"], "name": "Quarry Works" });
    assert_eq!(may.json()["may_leave"][1], quarry, "{}", may.text);
    // Whoever sees nothing of her learns nothing of her, and not that nothing of hers may end.
    let coach = house.api("GET", &endings, &house.key("ruth"), &json!({})).await;
    assert_eq!(coach.status, StatusCode::NOT_FOUND, "{}", coach.text);
    let older = house.api("POST", "/api/v1/forms/enquiry", &key, &sent(2)).await;
    assert_eq!(older.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A coach adds nobody.
    let refused = house.api("POST", "/api/v1/forms/enquiry", &house.key("ruth"), &sent(3)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
