//! What somebody must decide is within reach of whoever may decide it, and what two people wrote is never lost.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

use app::acts::soft_opt_in::{self, Got};
use app::acts::{Acting, mailing};
use app::fault::Fault;
use app::jobs::outbox;
use axum::http::StatusCode;
use custody::id::PersonId;
use jiff::civil::date;
use policy::Policy;
use store::item::NewItem;
use store::keys::Secret;

use super::common::{Data, House, edited, played};

const WORLD: &str = r#"
begins = "2025-12-20"
today = "2026-01-09"
[[staff]]
key = "helen"
name = "Helen Marsh"
email = "helen.marsh@cti.example"
role = "business manager"
[[staff]]
key = "rhona"
name = "Rhona Blake"
email = "rhona.blake@cti.example"
role = "business manager"
[[staff]]
key = "jo"
name = "Jo Whitlam"
email = "jo.whitlam@cti.example"
role = "assistant"
[[organisation]]
key = "northbank"
name = "Northbank Housing Trust"
website = "northbank.example"
[[person]]
key = "delphine"
as = "associate"
on = "2025-12-22"
name = "Delphine Oyelaran"
email = "delphine.oyelaran@work.example"
[[person]]
key = "priya"
as = "organisation contact"
on = "2026-01-06"
at = "northbank"
name = "Priya Nair"
email = "priya.nair@northbank.example"
phone = "01632 960201"
"#;

/// The number of whoever is called so.
fn called(house: &House, name: &str) -> i64 {
    let sql = "SELECT i.person_id FROM item i WHERE i.value LIKE ?1 ORDER BY i.id LIMIT 1";
    house.instance.store.read(|tx| tx.count(sql, &[format!("{name}%").into()])).unwrap()
}

/// The house under another policy.
fn under(policy: Policy) -> House {
    let data = Data::new();
    House::around(played(&data, &Secret::random().unwrap(), policy, WORLD), data)
}

/// The first address on a page that begins and ends so.
fn link(page: &str, begins: &str, has: &str) -> String {
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let found = hrefs.into_iter().find(|href| href.starts_with(begins) && href.contains(has));
    found.unwrap_or_else(|| panic!("no link {begins}..{has} in {page}")).to_owned()
}

/// To whoever may not decide about somebody no page and no answer of the API says that they are there.
async fn nobody_there(house: &House, cookie: &str, (q, name): (&str, &str)) {
    let list = house.page(&format!("/people?q={q}"), cookie).await;
    assert!(
        !list.contains(name) && !list.contains("1 more") && list.contains("Nobody and nothing matches"),
        "{list}"
    );
    let glance = house.page(&format!("/people?fragment=1&q={q}"), cookie).await;
    assert!(!glance.contains(name) && glance.contains("Nobody matches"), "{glance}");
    let pick = house.page(&format!("/pick/people?name=client&category=&q={q}"), cookie).await;
    assert!(!pick.contains(name) && pick.contains("Nothing matches"), "{pick}");
    let all = house.page("/people", cookie).await;
    assert!(!all.contains(name) && !all.contains("whose data is kept and not used"), "{all}");
    let key = house.key("jo.whitlam");
    for said in [format!("/api/v1/people?q={q}"), "/api/v1/people".to_owned()] {
        let answer = house.api("GET", &said, &key, &serde_json::json!({})).await;
        assert!(answer.status == StatusCode::OK && !answer.text.contains(name), "{}", answer.text);
    }
}

#[tokio::test]
async fn whose_review_has_passed_is_found_decided_about_and_back() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    assert!(house.post("/practice/clock", &helen, "date=2028-01-10").await.status.is_redirection());
    let today = house.get("/", &helen).await;
    assert!(today.text.contains("Delphine Oyelaran"), "the row has a name: {}", today.text);
    let review = link(&today.text, "/people/", "/reviews/");
    let found = house.get("/people?q=delphine", &helen).await;
    assert!(found.text.contains("Delphine") && found.text.contains("restricted"), "{}", found.text);
    let glance = house.get("/people?fragment=1&q=delphine", &helen).await;
    assert!(glance.text.contains("Delphine"), "{}", glance.text);
    let page = format!("/people/{}", called(&house, "Delphine"));
    let shown = house.get(&page, &helen).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(shown.text.contains("The review of") && shown.text.contains("/reviews/"), "{}", shown.text);
    // Whoever may not decide is not told that there is somebody.
    let jo = house.sign_in("jo.whitlam").await;
    nobody_there(&house, &jo, ("delphine", "Delphine Oyelaran")).await;
    let asked = house.get(&review, &helen).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    // The same activity may hold them twice: each review is decided.
    loop {
        let today = house.get("/", &helen).await;
        let Some(at) = today.text.find("/reviews/") else { break };
        let start = today.text[..at].rfind("href=\"").unwrap() + 6;
        let which = today.text[start..].split('"').next().unwrap().to_owned();
        let done = house.post(&which, &helen, "why=we+still+work+with+them").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    }
    assert!(house.get("/people?q=delphine", &jo).await.text.contains("Delphine Oyelaran"), "she is back");
    assert!(!house.get(&page, &helen).await.text.contains("The review of"));
}

/// Whoever may not be seen takes nobody else's place, however many they are.
#[tokio::test]
async fn who_may_be_seen_is_found_behind_those_who_may_not() {
    let names = ["Abel", "Bert", "Cora", "Dora", "Elsa", "Fred", "Gina", "Hugo", "Ivan", "Zoe"];
    let person = |name: &str| {
        let key = name.to_lowercase();
        format!(
            "[[person]]\nkey = \"{key}\"\nas = \"organisation contact\"\non = \"2026-01-06\"\nat = \"northbank\"\n\
             name = \"{name} Quill\"\nemail = \"{key}@quill.example\"\n"
        )
    };
    let people: String = names.iter().map(|name| person(name)).collect();
    let house = House::of(&(WORLD.to_owned() + &people));
    let (helen, jo) = (house.sign_in("helen.marsh").await, house.sign_in("jo.whitlam").await);
    for name in names.iter().filter(|name| **name != "Zoe") {
        let restrict = format!("/people/{}/restriction", called(&house, &format!("{name} Quill")));
        let done = house.post(&restrict, &helen, "why=they+dispute+it&on=2026-01-09").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    }
    for address in ["/people?fragment=1&q=quill", "/pick/people?name=client&category=&q=quill"] {
        let found = house.page(address, &jo).await;
        assert!(found.contains("Zoe Quill") && !found.contains("Abel Quill"), "{address}: {found}");
    }
}

#[tokio::test]
async fn who_is_restricted_stays_findable_and_it_can_be_lifted_by_another() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let page = format!("/people/{}", called(&house, "Priya"));
    let jo = house.sign_in("jo.whitlam").await;
    assert!(house.get("/people?q=priya", &jo).await.text.contains("Priya Nair"));
    let done = house.post(&format!("{page}/restriction"), &helen, "why=she+disputes+it&on=2026-01-09").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    nobody_there(&house, &jo, ("priya", "Priya Nair")).await;
    nobody_there(&house, &jo, ("priya.nair%40northbank.example", "Priya Nair")).await;
    let rhona = house.sign_in("rhona.blake").await;
    let listed = house.get("/people?q=priya", &rhona).await;
    assert!(listed.text.contains("Priya Nair") && listed.text.contains("restricted"), "{}", listed.text);
    let shown = house.get(&page, &rhona).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    let lift = link(&shown.text, &page, "restriction");
    let look = house.get(&lift, &rhona).await;
    assert!(look.text.contains("Does this still have to be restricted?"), "{}", look.text);
    assert!(look.text.contains("she disputes it") && look.text.contains("Helen Marsh"), "{}", look.text);
    let on =
        house.post(&format!("{lift}/review"), &rhona, "why=the+body+still+looks&review=2026-01-02").await;
    assert_eq!(on.status, StatusCode::UNPROCESSABLE_ENTITY, "a day that has passed");
    assert!(on.text.contains("the body still looks"), "what was typed stays: {}", on.text);
    let on =
        house.post(&format!("{lift}/review"), &rhona, "why=the+body+still+looks&review=2026-07-01").await;
    assert_eq!(on.status, StatusCode::SEE_OTHER, "{}", on.text);
    let look = house.get(&lift, &rhona).await.text;
    assert!(look.contains("the body still looks") && look.contains("Wed 1 Jul 2026"), "{look}");
    let note = "kind=contact+record&text=Rang&on=2026-01-09";
    assert_eq!(house.post(&format!("{page}/entries"), &rhona, note).await.status, StatusCode::FORBIDDEN);
    let lifted = house.post(&format!("{lift}/lift"), &rhona, "told=by+letter&known=known").await;
    assert_eq!(lifted.status, StatusCode::SEE_OTHER, "{}", lifted.text);
    assert_eq!(house.post(&format!("{page}/entries"), &rhona, note).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn of_two_who_write_at_once_both_are_on_the_page() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    // A name of an organisation.
    let list = house.get("/organisations", &helen).await;
    let organisation = link(&list.text, "/organisations/", "");
    assert_eq!(
        house.post(&organisation, &helen, "version=1&name=Northbank+Homes").await.status,
        StatusCode::SEE_OTHER
    );
    let late = house.post(&organisation, &helen, "version=1&name=Northbank+Living").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text.contains("Northbank Homes") && late.text.contains("value=\"Northbank Living\""),
        "{}",
        late.text
    );
    // A draft of a mailing.
    let new = house.get("/outreach/new", &helen).await;
    let activity = new.text.split("name=\"activity\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    // How many it reaches is worked out of the one that is asked about, and of no other.
    assert!(!new.text.contains(" today, "), "{}", new.text);
    let one = house.get(&format!("/outreach/new?activity={}", activity.replace(' ', "+")), &helen).await;
    assert_eq!(one.text.matches(" today, ").count(), 1, "{}", one.text);
    assert!(one.text.contains(&format!("value=\"{activity}\" checked")), "{}", one.text);
    let draft = house.post("/outreach", &helen, &format!("activity={}", activity.replace(' ', "+"))).await;
    assert_eq!(draft.status, StatusCode::SEE_OTHER, "{}", draft.text);
    let draft = draft.place().split('?').next().unwrap().to_owned();
    assert_eq!(
        house.post(&draft, &helen, "version=1&subject=Spring&text=Her+words").await.status,
        StatusCode::SEE_OTHER
    );
    let late = house.post(&draft, &helen, "version=1&subject=Summer&text=My+words").await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    for words in ["Spring", "Her words", "value=\"Summer\"", ">My words</textarea>"] {
        assert!(late.text.contains(words), "{words}: {}", late.text);
    }
}

#[tokio::test]
async fn a_clock_that_waits_for_a_contact_that_never_came_shows_on_today() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    assert!(!house.page("/", &helen).await.contains("no last day yet"));
    assert!(house.post("/practice/clock", &helen, "date=2026-04-20").await.status.is_redirection());
    let today = house.get("/", &helen).await;
    assert!(today.text.contains("no last day yet"), "{}", today.text);
}

#[tokio::test]
async fn offers_are_written_to_an_address_of_a_company_and_to_no_other() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let list = house.get("/organisations", &helen).await;
    let organisation = link(&list.text, "/organisations/", "");
    let draft = house.post("/outreach", &helen, "activity=news+for+organisations").await;
    let draft = draft.place().split('?').next().unwrap().to_owned();
    let shown = house.page(&draft, &helen).await;
    assert!(!shown.contains("PECR 2003 reg 22"), "{shown}");
    let will = format!("{draft}/people?of=will");
    assert!(house.get(&will, &helen).await.text.contains("Priya Nair"));
    // What the page says of the organisation decides, and she is left out where it does not say that it is a company.
    let left_out = async |form: &str| {
        let done = house.post(&organisation, &helen, &format!("{form}&name=Northbank+Housing+Trust")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let shown = house.get(&draft, &helen).await.text;
        let out = shown.contains("PECR 2003 reg 22");
        if out {
            let why = house.get(&format!("{draft}/people?of=0"), &helen).await.text;
            assert!(why.contains("Priya Nair") && why.contains("Ask for their consent"), "{why}");
        }
        assert_ne!(out, house.get(&will, &helen).await.text.contains("Priya Nair"));
        out
    };
    assert!(left_out("version=1&subscriber=individual&website=").await);
    assert!(left_out("version=2&subscriber=unknown").await);
    assert!(left_out("version=3&subscriber=corporate").await, "nothing says where its addresses are");
    assert!(
        left_out("version=4&website=www.northbank-trust.example").await,
        "her address is not one of theirs"
    );
    assert!(!left_out("version=5&website=https://northbank.example/").await);
    // A partnership has no site of its own: what was typed stays, and nothing is saved.
    let wrong = house.post(&organisation, &helen, "version=6&name=Northbank&subscriber=individual").await;
    assert!(
        wrong.status.is_client_error() && wrong.text.contains("Only a company has details"),
        "{}",
        wrong.text
    );
}

/// CTI's policy, with news for associates that may go to whoever gave their address as the soft opt-in asks.
fn with_soft_opt_in() -> Policy {
    with_soft_opt_in_and(|text| text)
}

/// The same, edited.
fn with_soft_opt_in_and(edit: impl Fn(String) -> String) -> Policy {
    edited("cti", |text| {
        let (before, news) = text.split_once("activity associate news").unwrap();
        let rests = "basis     legitimate interests, assessed";
        let news =
            news.replacen(rests, "basis     legitimate interests, soft opt-in of customers, assessed", 1);
        edit(format!("{before}activity associate news{news}"))
    })
}

#[tokio::test]
async fn how_we_got_an_address_lets_us_write_to_it_and_to_no_other() {
    let house = under(with_soft_opt_in());
    let helen = house.sign_in("helen.marsh").await;
    let draft = house.post("/outreach", &helen, "activity=associate+news").await;
    let will = format!("{}/people?of=will", draft.place().split('?').next().unwrap());
    let hers = async || house.get(&will, &helen).await.text.contains("Delphine Oyelaran");
    assert!(!hers().await, "nobody asked her");
    let person = called(&house, "Delphine");
    let base = format!("/people/{person}");
    let shown = house.get(&base, &helen).await.text;
    let page = link(&shown, &base, "soft-opt-in");
    assert!(house.get(&page, &helen).await.text.contains("News for our associates"));
    // Every condition is said, or nothing is recorded.
    let whole = "activity=associate+news&how=she+asked+for+our+course&refusal=a+box+to+tick&own=yes";
    for left_out in
        ["how=she+asked+for+our+course", "refusal=a+box+to+tick", "own=yes", "activity=associate+news"]
    {
        let form = whole.replace(left_out, "x=");
        let wrong = house.post(&page, &helen, &form).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}: {}", wrong.text);
    }
    assert!(!hers().await);
    let done = house.post(&page, &helen, whole).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(hers().await);
    // It is that address's: another is not covered, and the same again is.
    let item = "SELECT id FROM item WHERE person_id = ?1 AND kind = 'email'";
    let item = house.instance.store.read(|tx| tx.count(item, &[person.into()])).unwrap();
    let change = async |version: i64, address: &str| {
        let form = format!("version={version}&value={address}");
        let done = house.post(&format!("{base}/items/{item}"), &helen, &form).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    };
    change(1, "delphine@home.example").await;
    assert!(!hers().await);
    change(2, "Delphine.Oyelaran@work.example").await;
    assert!(hers().await);
    // A slip is taken back, and nothing leaves on it.
    let shown = house.get(&page, &helen).await.text;
    let undo = shown
        .split("action=\"")
        .find(|rest| rest.contains("/undo\""))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(house.post(&undo, &helen, "").await.status, StatusCode::SEE_OTHER);
    assert!(!hers().await);
    assert_eq!(house.post(&undo, &helen, "").await.status, StatusCode::NOT_FOUND);
    // Nobody gave theirs for what rests on something else.
    let priya = format!("/people/{}/soft-opt-in", called(&house, "Priya"));
    assert!(house.get(&priya, &helen).await.text.contains("without having agreed"));
    // Nor does it count where somebody else gave the address.
    let sql = "UPDATE item SET source = 'their organisation' WHERE id = ?1";
    house.instance.store.write(|tx| tx.exec(sql, &[item.into()])).unwrap();
    let wrong = house.post(&page, &helen, whole).await;
    assert!(wrong.text.contains("it must have come from them"), "{}", wrong.text);
}

/// Of several kinds of address mail goes to the one that the policy names first, whichever was given first; and so what is on
/// record of how we got it is of that one.
#[test]
fn what_is_on_record_of_an_address_is_of_the_one_that_mail_goes_to() {
    let two = |text: String| {
        let (before, news) = text.split_once("activity associate news").unwrap();
        let before = before.replacen(
            "item     phone ",
            "item     work email \"your e-mail address at work\"\nitem     phone ",
            1,
        );
        let news = news.replacen("data      name, email\n", "data      name, email, work email\n", 1);
        format!("{before}activity associate news{news}")
    };
    let house = under(with_soft_opt_in_and(two));
    let (instance, policy) = (&house.instance, house.instance.policy());
    let who = PersonId(called(&house, "Delphine"));
    let account = instance.store.read(store::staff::all).unwrap().remove(0);
    let home = "delphine@home.example";
    let got = Got {
        activity: "associate news".into(),
        how: "she asked for our course".into(),
        refusal: "a box to tick".into(),
        own: true,
    };
    let mailing = instance.store.write(|tx| {
        let work = "UPDATE item SET kind = 'work email' WHERE person_id = ?1 AND kind = 'email'";
        assert_eq!(tx.exec(work, &[who.into()])?, 1);
        let new = NewItem {
            person: who,
            kind: policy.kind_named("email").unwrap().id,
            value: home,
            source: "the person",
            collected_on: date(2025, 12, 23),
            import: None,
            by: None,
        };
        store::item::add(tx, &policy, &new, instance.clock.now())?;
        let acting = Acting::staff(instance, account.clone()).unwrap();
        soft_opt_in::record(&acting, tx, who, &got)?;
        let mailing = mailing::begin(&acting, tx, "associate news")?;
        mailing::write(&acting, tx, mailing, 1, "Spring news", "Dear {name}, there is news.")?;
        mailing::send(&acting, tx, mailing, 2)?;
        mailing::hurry(&acting, tx, mailing)?;
        Ok::<_, Fault>(mailing)
    });
    outbox::play(instance).unwrap();
    let sent = "SELECT address FROM message WHERE mailing_id = ?1 AND state = 'sent'";
    let sent = instance.store.read(|tx| tx.all(sent, &[mailing.unwrap().into()], |row| row.text(0))).unwrap();
    assert_eq!(sent, [home]);
}
