//! Whoever is here already becomes something else to us as well, by what the policy asks about it and by nothing less.

use app::acts::{consent, event};
use app::jobs::night;
use axum::http::StatusCode;
use custody::id::PersonId;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;

use crate::town::{NEWS, Town};

fn categories(town: &Town, who: PersonId) -> i64 {
    town.count(&format!(
        "SELECT COUNT(*) FROM person_category WHERE person_id = {who} AND until IS NULL AND annulled_at IS NULL"
    ))
}

both! {
    /// With their yes and what shows it they are written to; without one nothing would be done with them as that, and nothing is recorded.
    fn a_contact_becomes_a_supporter_by_their_yes(town) {
        let tom = town.contact("Tom Vale", "tom@brightwell.example");
        let page = format!("/people/{tom}/categories");
        assert!(town.signed_in("GET", &format!("/people/{tom}"), "").text.contains(&page));
        let offered = town.signed_in("GET", &page, "").text;
        assert!(offered.contains("value=\"supporter\"") && !offered.contains("type=\"radio\" name=\"category\" value=\"organisation contact\""), "{offered}");
        let asks = town.signed_in("GET", &format!("{page}?category=supporter"), "").text;
        assert!(asks.contains("News for our supporters") && asks.contains("name=\"evidence\""), "{asks}");
        let today = town.instance().clock.today();
        let bare = town.signed_in("POST", &page, &format!("category=supporter&since={today}"));
        assert_eq!(bare.status, StatusCode::FORBIDDEN);
        assert!(bare.text.contains("would be done with them as a supporter"), "{}", bare.text);
        let silent = town.signed_in("POST", &page, &format!("category=supporter&since={today}&agreed={NEWS}"));
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
        let tomorrow = today.checked_add(1.day()).unwrap();
        let yes = |on: Date| format!("category=supporter&since={on}&agreed={NEWS}&evidence=in+person&note=said+so+to+Helen");
        assert_eq!(town.signed_in("POST", &page, &yes(tomorrow)).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!((categories(town, tom), town.mailing()), (1, Vec::new()), "nothing is recorded by halves");
        assert_eq!(town.signed_in("POST", &page, &yes(today)).status, StatusCode::SEE_OTHER);
        assert_eq!(categories(town, tom), 2);
        assert_eq!(town.mailing(), ["tom@brightwell.example"]);
        assert_eq!(town.signed_in("POST", &page, &yes(today)).status, StatusCode::UNPROCESSABLE_ENTITY, "once");
    }

    /// A slip is taken back on its day, for somebody of whom something else is done; later it is a matter of what ended.
    fn a_slip_is_taken_back_until_the_night(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let page = format!("/people/{sam}/categories");
        let back = |town: &Town, category: &str| {
            town.signed_in("POST", &format!("{page}/undo"), &format!("category={category}")).status
        };
        assert_eq!(back(town, "supporter"), StatusCode::UNPROCESSABLE_ENTITY, "nothing else would hold them");
        assert_eq!(categories(town, sam), 1);
        let supplier = json!({ "category": "supplier" });
        let became = town.api("POST", &format!("/api/v1{page}"), &supplier);
        assert_eq!(became.status, StatusCode::CREATED, "{}", became.text);
        assert!(town.signed_in("GET", &page, "").text.contains("They never were: take it back"));
        assert_eq!(back(town, "supplier"), StatusCode::SEE_OTHER);
        assert_eq!(back(town, "supplier"), StatusCode::NOT_FOUND);
        assert_eq!(categories(town, sam), 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM ground WHERE activity = 'suppliers' AND state = 'active'"), 0);
        let una = town.supporter("Una Hill", "una@post.example");
        let page = format!("/people/{una}/categories");
        assert_eq!(town.api("POST", &format!("/api/v1{page}"), &supplier).status, StatusCode::CREATED);
        town.later(1);
        let late = town.signed_in("POST", &format!("{page}/undo"), "category=supplier");
        assert_eq!((late.status, categories(town, una)), (StatusCode::NOT_FOUND, 2));
    }

    /// A program says it alike; nobody is entered in what promotes us for having become something, and what was over is not made undone.
    fn a_supporter_becomes_a_supplier_and_is_told_of_no_offers(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let una = town.supporter("Una Hill", "una@post.example");
        let at = |who: PersonId| format!("/api/v1/people/{who}/categories");
        let listed = town.signed_in("GET", &at(sam), "").text;
        assert!(listed.contains("\"supplier\"") && !listed.contains("\"category\":\"supporter\""), "{listed}");
        let became = |who: PersonId, also: serde_json::Value| town.api("POST", &at(who), &also).status;
        assert_eq!(became(sam, json!({ "category": "supplier" })), StatusCode::CREATED);
        assert_eq!(became(una, json!({ "category": "supplier", "offers": true })), StatusCode::CREATED);
        assert_eq!(became(una, json!({ "category": "pirate" })), StatusCode::UNPROCESSABLE_ENTITY);
        let shown = json!({ "category": "associate", "evidence": "in person", "note": "said so" });
        assert_eq!(became(una, shown), StatusCode::UNPROCESSABLE_ENTITY, "what shows nothing is not dropped");
        let out = |who: PersonId| {
            let sql = format!("SELECT COUNT(*) FROM not_entered WHERE person_id = {who} AND activity = 'supplier news'");
            town.count(&sql)
        };
        assert_eq!((out(sam), out(una)), (1, 0));
        let began = town.instance().clock.today();
        town.later(5);
        let ends = json!({ "no_longer": "supplier" });
        let ended = town.api("POST", &format!("/api/v1/people/{sam}/endings"), &ends);
        assert_eq!(ended.status, StatusCode::CREATED, "{}", ended.text);
        let again = |on: Date| json!({ "category": "supplier", "since": on.to_string() });
        assert_eq!(became(sam, again(began)), StatusCode::UNPROCESSABLE_ENTITY);
    }

    /// Whoever only was something, and stays for another reason, becomes it again by what the policy asks about it, once a night
    /// has dealt with what ended.
    fn whoever_stays_for_another_reason_becomes_again_what_they_were(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let page = format!("/people/{sam}/categories");
        let supplier = json!({ "category": "supplier" });
        assert_eq!(town.api("POST", &format!("/api/v1{page}"), &supplier).status, StatusCode::CREATED);
        let offered = |town: &Town| town.signed_in("GET", &page, "").text.contains("type=\"radio\" name=\"category\" value=\"supporter\"");
        assert!(!offered(town), "they are one");
        town.act(|acting, tx| consent::withdraw(acting, tx, sam, NEWS, None)).unwrap();
        assert!(!offered(town), "what ended may still be taken back");
        town.later(1);
        let today = town.instance().clock.today();
        night::run(town.instance(), today).unwrap();
        assert!(offered(town), "nothing is done with them as one");
        let yes = |on: Date| {
            let body = format!("category=supporter&since={on}&agreed={NEWS}&evidence=in+person&note=said+so+to+Helen");
            town.signed_in("POST", &page, &body).status
        };
        assert_eq!(yes(today.checked_sub(9.days()).unwrap()), StatusCode::UNPROCESSABLE_ENTITY, "they were one then");
        assert_eq!(yes(today), StatusCode::SEE_OTHER);
        assert_eq!(categories(town, sam), 2, "the time before has ended");
        assert_eq!(town.mailing(), ["sam@post.example"]);
        assert!(!offered(town));
    }

    /// Whose number changed becomes a contact anew once a night has dealt with it, and is told by phone what we offer only if somebody
    /// says that they may be.
    fn whose_number_changed_becomes_a_contact_anew(town) {
        let (tom, una) = (town.contact("Tom Vale", "tom@brightwell.example"), town.contact("Una Vale", "una@brightwell.example"));
        let page = |who: PersonId| format!("/people/{who}/categories");
        let told = |town: &Town, who: PersonId, how: &str| {
            let sql = format!("SELECT COUNT(*) FROM ground WHERE person_id = {who} AND activity = '{how}' AND state = 'active'");
            town.count(&sql)
        };
        let anew = |town: &Town, who: PersonId| {
            town.signed_in("GET", &page(who), "").text.contains("type=\"radio\" name=\"category\" value=\"organisation contact\"")
        };
        for who in [tom, una] {
            assert_eq!((told(town, who, "offers by phone"), anew(town, who)), (1, false));
            town.act(|acting, tx| event::record(acting, tx, who, ("phone changes", acting.today))).unwrap();
            assert_eq!((told(town, who, "offers by phone"), anew(town, who)), (0, false), "it may still be taken back");
        }
        town.later(1);
        let today = town.instance().clock.today();
        night::run(town.instance(), today).unwrap();
        let asks = town.signed_in("GET", &format!("{}?category=organisation+contact", page(tom)), "").text;
        assert!(asks.contains("Telling organisations what we offer, by phone"), "{asks}");
        assert!(!asks.contains("by personal e-mail"), "that goes on: {asks}");
        for (who, offers, calls) in [(tom, "", 0), (una, "&offers=yes", 1)] {
            assert!(anew(town, who) && told(town, who, "offers by phone") == 0);
            let body = format!("category=organisation+contact&since={today}{offers}");
            let became = town.signed_in("POST", &page(who), &body);
            assert_eq!(became.status, StatusCode::SEE_OTHER, "{}", became.text);
            assert_eq!((told(town, who, "offers by phone"), told(town, who, "tailored offers")), (calls, 1));
            assert_eq!(categories(town, who), 1, "the time before has ended");
        }
    }
}
