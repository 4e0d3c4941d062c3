//! A yes is written down with what stood there on the day it was given, whenever somebody gets round to it, and with what
//! shows it.

use app::acts::consent::{self, Given};
use app::acts::entry::{self, NewNote};
use app::acts::merging;
use app::fault::Fault;
use custody::id::{ConsentId, EntryId, PersonId};
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use store::consent::{Evidence, Shows};
use store::entry::Direction;
use store::{params, policy_version, prove};

use crate::common::changed;
use crate::town::{NEWS, Town};

/// The day from which the next version is in force, which says more in the words people agree to and asks for more.
const NEXT: Date = date(2026, 11, 10);

const MORE: &str = r#"activity invitations "Invitations for our supporters"
  for       supporter
  so that   "you can come to what we do"
  purpose   DirectMarketing
  basis     consent, opt-in
  data      name, email
  from      the person
  send      by mailing
  keep      until consent withdrawn; ask again every 2 years, no answer ends it
  then      erase

# ---- Housekeeping:"#;

/// Adopts the next version and lets its day come.
fn next_version(town: &Town) {
    let more = [
        ("you can follow what we do, for", "you can follow what we do and plan, for"),
        ("# ---- Housekeeping:", MORE),
    ];
    next_version_with(town, &more);
}

/// The same, with these changes.
fn next_version_with(town: &Town, edits: &[(&str, &str)]) {
    let version = ("version     3, from 2026-11-02", "version     4, from 2026-11-10");
    let policy = changed("cti", &[edits, &[version]].concat());
    assert_eq!(policy.from, NEXT);
    let now = town.instance().clock.now();
    town.instance().store.write(|tx| policy_version::adopt(tx, &policy, now, None)).unwrap();
    town.go_to(date(2026, 11, 20));
    town.instance().refresh_policy().unwrap();
    assert_eq!(town.instance().policy().version, 4);
}

fn gives(town: &Town, who: PersonId, activity: &str, on: Date) -> Result<ConsentId, Fault> {
    town.act(|acting, tx| consent::give(acting, tx, who, activity, Given::said(on, "asked us")))
}

/// The words of a consent and the version they stood in.
fn written(town: &Town, consent: ConsentId) -> (String, i64) {
    let sql = "SELECT wording, notice_version FROM consent WHERE id = ?1";
    let row = |row: &store::Row<'_>| Ok((row.text(0)?, row.int(1)?));
    town.instance().store.read(|tx| tx.one(sql, params![consent], row)).unwrap()
}

fn broken(town: &Town, obligation: &Obligation) -> Vec<String> {
    let instance = town.instance();
    let (policy, now, today) = (instance.policy(), instance.clock.now(), instance.clock.today());
    prove::obligation(&instance.store, &policy, obligation, now, today).unwrap().broken
}

/// What they wrote, on their timeline.
fn writes(town: &Town, who: PersonId) -> EntryId {
    let today = town.instance().clock.today();
    let body = "Yes please, send me your news.".to_owned();
    let note = NewNote {
        kind: "contact record".to_owned(),
        body,
        on: today,
        direction: Some(Direction::In),
        engagement: None,
    };
    town.act(|acting, tx| entry::add(acting, tx, who, &note)).unwrap()
}

fn shown(town: &Town, who: PersonId, evidence: Evidence<'_>) -> Result<ConsentId, Fault> {
    town.act(|acting, tx| consent::give(acting, tx, who, NEWS, Given::shown(acting.today, evidence)))
}

/// Whether what shows the consent is there still, and whether it has been let go of.
fn standing_evidence(town: &Town, consent: ConsentId) -> (Option<i64>, bool) {
    let sql = "SELECT evidence_id, evidence_gone FROM consent WHERE id = ?1";
    let row = |row: &store::Row<'_>| Ok((row.opt_int(0)?, row.bool(1)?));
    town.instance().store.read(|tx| tx.one(sql, params![consent], row)).unwrap()
}

both! {
    /// What somebody agreed to is what the policy said on that day, and not what it says when it is written down.
    fn a_yes_written_down_later_has_the_words_of_its_day(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        next_version(town);
        let before = gives(town, sam, NEWS, date(2026, 11, 9)).unwrap();
        let (wording, version) = written(town, before);
        assert!(wording.contains("follow what we do, for") && version == 3, "{wording} {version}");
        let since = gives(town, sam, NEWS, NEXT).unwrap();
        let (wording, version) = written(town, since);
        assert!(wording.contains("follow what we do and plan, for") && version == 4, "{wording} {version}");
        assert_eq!(broken(town, &Obligation::VersionsKept), Vec::<String>::new());
    }

    /// Nobody can have agreed to what nobody was asked.
    fn a_yes_to_what_was_not_asked_on_its_day_is_none(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        next_version(town);
        let fault = gives(town, sam, "invitations", date(2026, 11, 9)).unwrap_err();
        assert!(fault.to_string().contains("asked nobody to agree to this"), "{fault}");
        gives(town, sam, "invitations", NEXT).unwrap();
    }

    /// A yes that nothing shows is not written down, and what is somebody else's shows nothing.
    fn a_yes_is_shown_by_something_of_theirs(town) {
        let (sam, una) = (town.supporter("Sam Hill", "sam@post.example"), town.supporter("Una Moor", "una@post.example"));
        let (theirs, others) = (writes(town, sam), writes(town, una));
        let mail = |row| Evidence { shows: Shows::Mail, row, note: None };
        for (evidence, says) in [
            (mail(None), "Choose what shows it"),
            (mail(Some(others.0)), "Nothing of theirs"),
            (mail(Some(theirs.0 + 1_000_000)), "Nothing of theirs"),
            (Evidence { shows: Shows::Form, ..mail(Some(theirs.0)) }, "Nothing of theirs"),
            (Evidence { shows: Shows::InPerson, row: None, note: Some(" ") }, "Write what they said"),
            (Evidence { shows: Shows::Paper, row: None, note: None }, "where it is kept"),
            (Evidence { shows: Shows::Before, row: None, note: None }, "Say what shows"),
        ] {
            let fault = shown(town, sam, evidence).unwrap_err();
            assert!(matches!(fault, Fault::Invalid(_)) && fault.to_string().contains(says), "{evidence:?}: {fault}");
        }
        let consent = shown(town, sam, mail(Some(theirs.0))).unwrap();
        assert_eq!(standing_evidence(town, consent), (Some(theirs.0), false));
        shown(town, sam, Evidence { shows: Shows::Paper, row: None, note: Some("cabinet 2") }).unwrap();
    }

    /// What is out of sight on their page shows nothing to whoever looks, neither offered nor by a number that is typed.
    fn a_line_that_has_ended_shows_no_yes(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let over = writes(town, sam);
        let ends = ("  from      the person\n  keep      2 years after last contact", "  from      the person\n  keep      30 days after recorded");
        next_version_with(town, &[ends]);
        let fresh = writes(town, sam);
        // The first has ended, and waits for the night.
        town.go_to(date(2026, 12, 10));
        assert_eq!(town.count("SELECT COUNT(*) FROM entry"), 2);
        let page = town.signed_in("GET", &format!("/people/{sam}"), "");
        assert_eq!(page.text.matches("Yes please, send me your news.").count(), 1, "{}", page.text);
        let path = format!("/people/{sam}/consents");
        let page = town.signed_in("GET", &path, "");
        let offered = |on: &str| page.text.contains(&format!("Contact record, {on}"));
        assert!(offered("Fri 20 Nov 2026") && !offered("Tue 3 Nov 2026"), "{}", page.text);
        let by = |line: EntryId| Evidence { shows: Shows::Mail, row: Some(line.0), note: None };
        let fault = shown(town, sam, by(over)).unwrap_err();
        assert!(fault.to_string().contains("Nothing of theirs has this number"), "{fault}");
        let typed = format!("activity=supporters&agreed=2026-12-10&evidence=mail&row={over}&note=");
        let typed = town.signed_in("POST", &path, &typed);
        assert!(typed.status == 422 && typed.text.contains("Nothing of theirs has this number"), "{}", typed.text);
        shown(town, sam, by(fresh)).unwrap();
    }

    /// The same of what a role may not see.
    fn a_line_that_a_role_may_not_see_shows_it_no_yes(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let line = writes(town, sam);
        let by = Evidence { shows: Shows::Mail, row: Some(line.0), note: None };
        shown(town, sam, by).unwrap();
        let less = ("  may see   everything except coaching notes\n", "  may see   everything except coaching notes, contact record\n");
        next_version_with(town, &[less]);
        let page = town.signed_in("GET", &format!("/people/{sam}/consents"), "");
        assert!(page.status == 200 && !page.text.contains("Contact record"), "{}", page.text);
        let fault = shown(town, sam, by).unwrap_err();
        assert!(fault.to_string().contains("Nothing of theirs has this number"), "{fault}");
    }

    /// Whoever is added with a yes is added with what shows it, in words of whoever took it down.
    fn a_yes_that_came_with_the_details_is_shown_by_something_too(town) {
        let ask = |by: &str, note: &str| {
            let items = serde_json::json!({ "name": "Ed Low", "email": "ed@post.example" });
            let body = serde_json::json!({
                "category": "supporter", "agreed": [NEWS], "agreed_by": by, "agreed_note": note, "items": items
            });
            town.api("POST", "/api/v1/people", &body)
        };
        for (by, note, says) in [
            ("", "", "Say how they agreed"),
            ("mail", "Yes please", "Of somebody new only what they said or signed"),
            ("in person", " ", "Write what they said"),
        ] {
            let refused = ask(by, note);
            assert_eq!(refused.status.as_u16(), 422, "{by}: {}", refused.text);
            assert!(refused.text.contains(says), "{by}: {}", refused.text);
        }
        // What shows a yes is not passed over where nothing is ticked that it could show.
        let nothing = "category=supplier&name=Una+Moor&email=una%40post.example&source=the+person&collected=2026-11-03&told=staff";
        for shows in ["agreed-by=paper&agreed-note=cabinet+3", "agreed-by=&agreed-note=cabinet+3"] {
            let again = town.signed_in("POST", "/people", &format!("{nothing}&{shows}"));
            assert_eq!(again.status.as_u16(), 422, "{shows}: {}", again.text);
            assert!(again.text.contains("Say what they agreed to"), "{shows}: {}", again.text);
        }
        // A yes to what nobody like them is asked would rest on nothing.
        let odd = serde_json::json!({
            "category": "supplier", "agreed": [NEWS], "agreed_by": "paper", "agreed_note": "cabinet 3",
            "items": { "name": "Una Moor", "email": "una@post.example" }, "source": "the person"
        });
        let odd = town.api("POST", "/api/v1/people", &odd);
        assert!(odd.status.as_u16() == 422 && odd.text.contains("Nobody like them"), "{}", odd.text);
        assert_eq!(town.count("SELECT COUNT(*) FROM person"), 0, "nobody was added");
        assert_eq!(ask("in person", "Yes please, to Helen").status.as_u16(), 201);
        let form = "category=supporter&name=Una+Moor&email=una%40post.example&source=the+person&collected=2026-11-03&told=staff&agreed=supporters";
        let again = town.signed_in("POST", "/people", form);
        assert_eq!(again.status.as_u16(), 422);
        assert!(again.text.contains("Say how they agreed") && again.text.contains("value=\"Una Moor\""), "{}", again.text);
        let added = town.signed_in("POST", "/people", &format!("{form}&agreed-by=paper&agreed-note=cabinet+3"));
        assert_eq!(added.status.as_u16(), 303, "{}", added.text);
        let sql = "SELECT evidence, evidence_note FROM consent ORDER BY id";
        let shown = town.instance().store.read(|tx| tx.all(sql, &[], |row| Ok((row.text(0)?, row.text(1)?)))).unwrap();
        let wanted = [("in person", "Yes please, to Helen"), ("paper", "cabinet 3")];
        assert_eq!(shown, wanted.map(|(by, note)| (by.to_owned(), note.to_owned())));
    }

    /// Where a form comes back every box that was ticked in it still is, so that no yes is lost on the way.
    fn a_form_that_comes_back_has_every_box_that_was_ticked(town) {
        next_version(town);
        let both = format!("category=supporter&agreed={NEWS}&agreed=invitations");
        let boxes = |page: &crate::common::Answer| {
            let ticked = |name: &str| page.text.contains(&format!("name=\"agreed\" value=\"{name}\" checked"));
            (ticked(NEWS), ticked("invitations"))
        };
        let new = format!("{both}&name=Una+Moor&email=una%40post.example&source=the+person&collected=2026-11-20&told=staff");
        let again = town.signed_in("POST", "/people", &new);
        assert_eq!((again.status.as_u16(), boxes(&again)), (422, (true, true)), "{}", again.text);
        let finding = town.signed_in("POST", "/people", &format!("{new}&organisation-find=Bright&find=organisation"));
        assert_eq!((finding.status.as_u16(), boxes(&finding)), (200, (true, true)), "{}", finding.text);
        let sam = town.contact("Sam Hill", "sam@brightwell.example");
        let page = format!("/people/{sam}/categories");
        let again = town.signed_in("POST", &page, &format!("{both}&since=2026-11-20"));
        assert_eq!((again.status.as_u16(), boxes(&again)), (422, (true, true)), "{}", again.text);
        let one = town.signed_in("POST", &page, &format!("category=supporter&agreed={NEWS}&since=2026-11-20"));
        assert_eq!(boxes(&one), (true, false), "and none that was not: {}", one.text);
    }

    /// Of whom nothing is in use any more a yes is written down all the same: it is what brings it into use.
    fn somebody_of_whom_nothing_is_in_use_can_agree(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.act(|acting, tx| consent::withdraw(acting, tx, sam, NEWS, None)).unwrap();
        assert_eq!(town.mailing(), [] as [&str; 0]);
        let over = town.signed_in("GET", &format!("/people/{sam}"), "").text;
        let path = format!("/people/{sam}/consents");
        assert!(over.contains(&format!("href=\"{path}\"")) && !over.contains("Sam Hill"), "{over}");
        let asks = town.signed_in("GET", &path, "");
        assert_eq!(asks.status.as_u16(), 200, "{}", asks.text);
        assert!(asks.text.contains("What did they agree to?") && !asks.text.contains("Sam Hill"), "{}", asks.text);
        let form = "activity=supporters&agreed=2026-11-03&evidence=in+person&row=&note=Yes+after+all%2C+to+Helen";
        let done = town.signed_in("POST", &path, form);
        assert_eq!(done.status.as_u16(), 303, "{}", done.text);
        assert_eq!(town.mailing(), ["sam@post.example"]);
        let nobody = town.signed_in("GET", "/people/999999/consents", "");
        assert_eq!(nobody.status.as_u16(), 404);
    }

    /// One press behind the link of a message takes back what they agreed to, and another gives it again; both records stay.
    fn one_press_takes_one_consent_back_and_another_gives_it_again(town) {
        let (sam, una) = (town.supporter("Sam Hill", "sam@post.example"), town.supporter("Una Moor", "una@post.example"));
        town.mailing();
        let link = town.link("sam@post.example");
        let of = |who: PersonId| {
            let sql = "SELECT id FROM consent WHERE person_id = ?1 ORDER BY id DESC LIMIT 1";
            town.instance().store.read(|tx| tx.one(sql, params![who], |row| row.int(0))).unwrap()
        };
        let before = town.count("SELECT COUNT(*) FROM log_event");
        let page = town.get(&link).text;
        assert!(page.contains("What you agreed to") && page.contains("News for our supporters"), "{page}");
        assert_eq!(town.count("SELECT COUNT(*) FROM log_event"), before, "opening it takes nothing back");
        town.post(&format!("{link}/consents"), &format!("one={}", of(una)));
        assert_eq!(town.mailing(), ["sam@post.example", "una@post.example"], "nobody takes back what is another's");
        let page = town.post(&format!("{link}/consents"), &format!("one={}", of(sam))).text;
        assert!(page.contains("You took this back") && page.contains("That was a mistake: I agree"), "{page}");
        assert_eq!(town.mailing(), ["una@post.example"]);
        assert_eq!(town.count("SELECT COUNT(*) FROM objection"), 0, "they objected to nothing");
        let page = town.post(&format!("{link}/consents/again"), &format!("one={NEWS}")).text;
        assert!(!page.contains("You took this back"), "{page}");
        assert_eq!(town.mailing(), ["sam@post.example", "una@post.example"]);
        let sql = "SELECT COUNT(*) FROM consent WHERE withdrawn_on IS NOT NULL AND withdrawn_how = 'by the link in our message'";
        assert_eq!((town.count(sql), town.count("SELECT COUNT(*) FROM consent")), (1, 3));
        // Nobody agrees by this to what they never took back here.
        town.post(&format!("{link}/consents/again"), &format!("one={NEWS}"));
        assert_eq!(town.count("SELECT COUNT(*) FROM consent"), 3);
        let seen = town.signed_in("GET", &format!("/people/{sam}"), "").text;
        assert!(seen.contains("until Fri 3 Nov 2028 unless they renew it"), "{seen}");
        let listed = town.api("GET", &format!("/api/v1/people/{sam}/consents"), &serde_json::Value::Null);
        assert!(listed.text.contains("\"lapses_on\":\"2028-11-03\""), "{}", listed.text);
    }

    /// The line that shows a yes stays while that stands, and goes by its own clause all the same: the consent says so.
    fn what_shows_a_yes_is_not_taken_away_by_hand(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let (line, other, last) = (writes(town, sam), writes(town, sam), writes(town, sam));
        let by = |line: EntryId| Evidence { shows: Shows::Mail, row: Some(line.0), note: None };
        let (first, second) = (shown(town, sam, by(line)).unwrap(), shown(town, sam, by(other)).unwrap());
        let third = shown(town, sam, by(last)).unwrap();
        let removed = |line| town.act(|acting, tx| entry::remove(acting, tx, line, 1, ""));
        let fault = removed(last).unwrap_err();
        assert!(fault.to_string().contains("shows that somebody agreed"), "{fault}");
        // They said yes again since, and that is what stands.
        removed(line).unwrap();
        assert_eq!(standing_evidence(town, first), (None, true));
        town.act(|acting, tx| consent::withdraw(acting, tx, sam, NEWS, None)).unwrap();
        removed(last).unwrap();
        assert_eq!(standing_evidence(town, third), (None, true));
        assert_eq!(standing_evidence(town, second), (Some(other.0), false));
        town.later(1000);
        app::jobs::night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM entry"), 0, "kept 2 years after the last contact");
        assert_eq!(standing_evidence(town, second), (None, true));
    }

    /// On somebody who is here already a yes is written down by the page and by the API, as easily as it is taken back.
    fn a_yes_of_somebody_who_is_here_already(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.also_supplies(sam);
        town.act(|acting, tx| consent::withdraw(acting, tx, sam, NEWS, None)).unwrap();
        assert_eq!(town.mailing(), [""; 0]);
        town.later(2);
        let line = writes(town, sam);
        let path = format!("/people/{sam}/consents");
        let page = town.signed_in("GET", &path, "");
        assert!(page.text.contains("Contact record, Thu 5 Nov 2026") && !page.text.contains("Yes please"), "{}", page.text);
        let form = |on: &str, row: &str| format!("activity=supporters&agreed={on}&evidence=mail&row={row}&note=");
        let none = town.signed_in("POST", &path, &form("2026-11-05", ""));
        assert!(none.status == 422 && none.text.contains("Choose what shows it"), "{}", none.text);
        let wrong = town.signed_in("POST", &path, &form("2026-11-05", "7x"));
        assert!(wrong.status == 422 && wrong.text.contains("Nothing of theirs has this number"), "{}", wrong.text);
        let early = town.signed_in("POST", &path, &form("2026-11-02", &line.to_string()));
        assert!(early.status == 422 && early.text.contains("they said no since"), "{}", early.text);
        assert_eq!(town.count("SELECT COUNT(*) FROM consent"), 1, "what would not stand is not kept");
        let done = town.signed_in("POST", &path, &form("2026-11-05", &line.to_string()));
        assert_eq!(done.status, 303, "{}", done.text);
        assert_eq!(town.mailing(), ["sam@post.example"]);
        let page = town.signed_in("GET", &format!("/people/{sam}"), "");
        assert!(page.text.contains("By e-mail or letter, version 3 of our notice"), "{}", page.text);

        let json = serde_json::json!({ "activity": NEWS, "evidence": "in person", "note": "At the summer fair, to Helen" });
        let made = town.api("POST", &format!("/api/v1{path}"), &json);
        assert_eq!(made.status, 201, "{}", made.text);
        let all = town.api("GET", &format!("/api/v1{path}"), &serde_json::Value::Null).json();
        assert_eq!(all["consents"][0]["note"], "At the summer fair, to Helen", "{all}");
        assert_eq!(all["consents"][1]["row"], line.0);
        let page_only = serde_json::json!({ "activity": NEWS, "evidence": "page" });
        let refused = town.api("POST", &format!("/api/v1{path}"), &page_only);
        assert_eq!(refused.status, 422, "only they can have done it on our page: {}", refused.text);
    }

    /// Whoever agreed can be given a receipt, in the shape of ISO/IEC TS 27560: with the words and the notice of the day, what
    /// is done under it, how they take it back, and what came of it. No address stands in it.
    fn a_receipt_says_what_was_agreed_and_what_came_of_it(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        next_version(town);
        let consent = gives(town, sam, NEWS, date(2026, 11, 9)).unwrap();
        let path = format!("/api/v1/people/{sam}/consents/{consent}/receipt");
        let answer = town.api("GET", &path, &serde_json::Value::Null);
        assert_eq!(answer.headers["content-type"], "application/ld+json", "{}", answer.text);
        assert!(!answer.text.contains("Sam Hill") && !answer.text.contains("post.example"), "{}", answer.text);
        let all = answer.json();
        let node = |sort: &str| {
            let nodes = all["@graph"].as_array().unwrap();
            nodes.iter().find(|node| node["@type"] == sort).unwrap_or_else(|| panic!("{sort}: {all}")).clone()
        };
        let (receipt, record) = (node("dpv:ConsentReceipt"), node("dpv:ConsentRecord"));
        assert_eq!(receipt["dct:conformsTo"]["@id"], "https://w3id.org/dpv/schema/dpv-27560#receipt");
        assert_eq!(receipt["dpv:hasRecordOfActivity"]["@id"], record["@id"]);
        for field in [
            "dct:conformsTo", "dct:identifier", "dct:language", "hasDataSubject", "hasDataController", "hasProcess",
            "hasStorageCondition", "dpv:hasNotice", "dpv:hasJurisdiction", "dpv:hasConsentControl", "dpv:hasConsentStatus",
        ] {
            assert!(!record[field].is_null(), "{field}: {record}");
        }
        let process = node("dpv:Process");
        for field in ["hasPurpose", "hasLegalBasis", "hasPersonalData", "hasStorageCondition", "hasRight", "hasDataSource"] {
            assert!(!process[field].is_null(), "{field}: {process}");
        }
        // The words, the version and its text are those of the day, not those in force.
        let notice = &record["dpv:hasNotice"];
        assert_eq!(notice["dct:hasVersion"], "3");
        assert!(notice["description"].as_str().unwrap().contains("follow what we do, for"), "{notice}");
        let text = town.instance().store.read(|tx| {
            tx.one("SELECT files FROM policy_version WHERE version = 3", &[], |row| row.text(0))
        });
        let hash = store::keys::hex(blake3::hash(text.unwrap().as_bytes()).as_bytes());
        assert_eq!(notice["dct:identifier"], format!("blake3:{hash}"));
        assert!(process["hasPurpose"]["description"].as_str().unwrap().contains("follow what we do, for"), "{process}");
        let events = record["dpv:hasConsentStatus"].as_array().unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["@type"], "dpv:ConsentGiven");
        assert_eq!(events[0]["dpv:isIndicatedAtTime"], "2026-11-09");

        town.act(|acting, tx| consent::withdraw(acting, tx, sam, NEWS, None)).unwrap();
        let all = town.api("GET", &path, &serde_json::Value::Null).json();
        let record = all["@graph"].as_array().unwrap().iter().find(|node| node["@type"] == "dpv:ConsentRecord").unwrap();
        let last = &record["dpv:hasConsentStatus"][1];
        assert_eq!(last["@type"], "dpv:ConsentWithdrawn");
        assert_eq!(last["dpv:isIndicatedAtTime"], "2026-11-20");
        assert_eq!(town.api("GET", "/api/v1/people/1/consents/1/receipt", &serde_json::Value::Null).status, 404);
    }

    /// What one of two entries showed shows it still when they were put together, and what is a third person's does not.
    fn what_is_a_third_persons_shows_nothing_after_two_were_put_together(town) {
        let (sam, twin) = (town.supporter("Sam Hill", "sam@post.example"), town.supporter("Sam Hill", "hill@post.example"));
        let una = town.supporter("Una Moor", "una@post.example");
        let (line, others) = (writes(town, twin), writes(town, una));
        let by = Evidence { shows: Shows::Mail, row: Some(line.0), note: None };
        let consent = shown(town, twin, by).unwrap();
        town.act(|acting, tx| merging::together(acting, tx, (sam, twin), None)).unwrap();
        let activity = town.instance().policy().activity_named(NEWS).unwrap().id;
        assert_eq!(broken(town, &Obligation::ConsentShown { activity }), Vec::<String>::new());
        let spoilt = "UPDATE consent SET evidence_id = ?2 WHERE id = ?1";
        town.instance().store.write(|tx| tx.exec(spoilt, params![consent, others])).unwrap();
        let found = broken(town, &Obligation::ConsentShown { activity });
        assert!(found.iter().any(|said| said.contains("nothing of theirs shows consent")), "{found:?}");
    }

    /// What was only noted goes when somebody is erased, and the consent says so; what was done on our page is shown as before.
    fn an_erasure_lets_go_of_the_note_that_alone_showed_a_yes(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let page = |on: Date| Given::themselves(on, "by the link in our message");
        town.act(|acting, tx| consent::give(acting, tx, sam, NEWS, page(acting.today))).unwrap();
        town.erase(sam);
        let sql = "SELECT evidence, evidence_gone FROM consent ORDER BY id";
        let row = |row: &store::Row<'_>| Ok((row.text(0)?, row.bool(1)?));
        let left: Vec<(String, bool)> = town.instance().store.read(|tx| tx.all(sql, &[], row)).unwrap();
        assert_eq!(left, [("in person".to_owned(), true), ("page".to_owned(), false)]);
    }

    /// What showed a yes and was let go of since comes back by no restore, and is not missed.
    fn what_showed_a_yes_and_went_is_not_missed_after_a_restore(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let line = writes(town, sam);
        let by = Evidence { shows: Shows::Mail, row: Some(line.0), note: None };
        let consent = shown(town, sam, by).unwrap();
        let activity = town.instance().policy().activity_named(NEWS).unwrap().id;
        assert_eq!(broken(town, &Obligation::ConsentShown { activity }), Vec::<String>::new());
        let backup = town.back_up();
        town.act(|acting, tx| consent::withdraw(acting, tx, sam, NEWS, None)).unwrap();
        town.act(|acting, tx| entry::remove(acting, tx, line, 1, "")).unwrap();
        assert_eq!(standing_evidence(town, consent), (None, true));
        town.restore(&backup);
        assert_eq!(town.count("SELECT COUNT(*) FROM entry"), 0, "it comes back by no restore");
        assert_eq!(standing_evidence(town, consent), (None, true));
        assert_eq!(broken(town, &Obligation::ConsentShown { activity }), Vec::<String>::new());
        // Deleted behind the program's back it is missed.
        let gone = "UPDATE consent SET evidence_id = 4, evidence_gone = 0 WHERE id = ?1";
        town.instance().store.write(|tx| tx.exec(gone, params![consent])).unwrap();
        let found = broken(town, &Obligation::ConsentShown { activity });
        assert!(found.iter().any(|said| said.contains("nothing of theirs shows consent")), "{found:?}");
        // Beside another notice than that of its day none stands, but for those that were written down before anybody was asked.
        let set = |sql: &str| town.instance().store.write(|tx| tx.exec(sql, params![consent])).unwrap();
        set("UPDATE consent SET notice_version = 1 WHERE id = ?1");
        let other = || {
            let found = broken(town, &Obligation::ConsentShown { activity });
            found.iter().any(|said| said.contains("names version 1 of the notice"))
        };
        assert!(other());
        set("UPDATE consent SET evidence = 'not written down' WHERE id = ?1");
        assert!(!other());
    }
}
