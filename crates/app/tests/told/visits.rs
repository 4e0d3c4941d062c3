//! Visits to the public pages: counted after a yes and never else, and gone when the policy says.

use axum::body::Body;
use axum::http::{Request, header};
use custody::proof::Obligation;
use jiff::civil::date;
use store::keys::Secret;

use super::common::{Data, House, changed, played};
use super::{TODAY, WORLD, broken};

#[tokio::test]
async fn a_visit_is_counted_after_a_yes_only_and_goes_when_the_policy_says() {
    let house = House::of(WORLD);
    let asked = "May we count your visit?";
    let held = || {
        app::acts::visit::write_down(&house.instance).unwrap();
        house.count("SELECT COUNT(*) FROM visit")
    };
    // Whoever said nothing is asked, and not counted.
    assert!(house.get("/privacy", "").await.text.contains(asked));
    assert_eq!(held(), 0);
    for (said, cookie) in [("no", "visits=no"), ("yes", "visits=yes.2026-11-20")] {
        let answer = house.post("/privacy/cookies", "", &format!("visits={said}&back=%2Fprivacy")).await;
        assert_eq!(answer.headers.get(header::LOCATION).unwrap(), "/privacy");
        let set = answer.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap().to_owned();
        assert!(set.starts_with(&format!("{cookie}; ")) && set.contains("Max-Age=15552000"), "{set}");
        assert!(!house.page("/privacy", cookie).await.contains(asked), "{said}: asked again");
        house.get("/healthz", cookie).await;
        house.get("/privacy/versions/99", cookie).await;
    }
    assert_eq!(held(), 1, "one page was read after the yes");
    // Nobody is sent elsewhere, and a button nobody has sets nothing.
    let odd = house.post("/privacy/cookies", "", "visits=yes&back=https%3A%2F%2Felsewhere.example%2F").await;
    assert_eq!(odd.headers.get(header::LOCATION).unwrap(), "/privacy/cookies");
    let none = house.post("/privacy/cookies", "", "visits=perhaps").await;
    assert!(none.headers.get(header::SET_COOKIE).is_none());
    // A form is a page like any other, what is sent by it is no visit, and nobody is asked there while they write.
    let form = house.get("/forms/enquiry", "").await.text;
    assert!(form.contains("Your message") && !form.contains(asked), "{form}");
    let followed = Request::get("/forms/enquiry").header("cookie", "visits=yes.2026-11-20");
    let followed = followed.header("referer", "https://Search.example/q?name=wren").body(Body::empty());
    house.send(followed.unwrap()).await;
    house.get("/forms/nowhere", "visits=yes.2026-11-20").await;
    house.post("/forms/enquiry", "visits=yes.2026-11-20", "notice=3&name=Wren+Novak").await;
    assert_eq!(held(), 2);
    // A browser that says no to all is not asked and not counted, whatever it kept.
    let refuses = |path: &'static str| {
        let request = Request::get(path).header("sec-gpc", "1").header("cookie", "visits=yes.2026-11-20");
        house.send(request.body(Body::empty()).unwrap())
    };
    assert!(!refuses("/privacy").await.text.contains(asked));
    assert!(refuses("/privacy/cookies").await.text.contains("Your browser tells every site"));
    assert_eq!(held(), 2);
    // The cookies page says what was said, and staff read numbers.
    let said = house.get("/privacy/cookies", "visits=yes.2026-11-20").await.text;
    assert!(said.contains("You said yes on Fri 20 Nov 2026"), "{said}");
    assert_eq!(held(), 3);
    let staff = house.sign_in("helen").await;
    let page = house.get("/admin/visits", &staff).await.text;
    assert!(
        page.contains("Privacy notice") && page.contains("Our forms") && page.contains("Fri 20 Nov 2026"),
        "{page}"
    );
    let (_, sites) = page.split_once("Where they came from").unwrap();
    assert!(sites.contains("search.example") && !page.contains("wren"), "{page}");
    for what in [Obligation::VisitsAsStated, Obligation::CookiesListed] {
        assert_eq!(broken(&house, &what), Vec::<String>::new());
    }
    // The single visits go after their thirty days, and the numbers stay.
    house.instance.clock.set(house.instance.clock.at(date(2026, 12, 20), 9));
    app::acts::visit::let_go(&house.instance).unwrap();
    assert_eq!(held(), 3, "the last day");
    house.instance.clock.set(house.instance.clock.at(date(2026, 12, 21), 9));
    app::acts::visit::let_go(&house.instance).unwrap();
    assert_eq!(held(), 0);
    let counted = house.instance.store.read(|tx| store::visit::counts(tx, TODAY)).unwrap();
    assert_eq!(counted.iter().map(|count| count.visits).sum::<u64>(), 3);
    assert!(house.instance.store.read(store::visit::sites).unwrap().is_empty());
}

#[tokio::test]
async fn a_visitor_is_asked_again_when_the_policy_says() {
    let says = "\nperiods\n  visitors  asked again after 30 days\n\nrequests\n";
    let (data, policy) = (Data::new(), changed("cti", &[("\nrequests\n", says)]));
    let instance = played(&data, &Secret::of([5; 32]), policy, WORLD);
    let house = House::around(instance, data);
    let answer = house.post("/privacy/cookies", "", "visits=yes&back=%2Fprivacy").await;
    let set = answer.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
    assert!(set.contains("Max-Age=2592000"), "{set}");
    let asked = "May we count your visit?";
    assert!(!house.page("/privacy", "visits=yes.2026-10-21").await.contains(asked), "the last day");
    assert!(house.page("/privacy", "visits=yes.2026-10-20").await.contains(asked));
    let said = house.page("/privacy/cookies", "visits=yes.2026-11-20").await;
    assert!(
        said.contains("For 30 days, then we ask again") && said.contains("We ask again 30 days after that")
    );
    assert!(house.page("/privacy", "").await.contains("We ask you again after 30 days."));
}
