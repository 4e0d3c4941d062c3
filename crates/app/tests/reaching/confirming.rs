//! A yes that has to be confirmed by e-mail is none until it is, by one press that no scanner makes; and is forgotten if it never is.

use app::acts::consent::{self, Given};
use app::acts::person::{self, NewPerson};
use app::acts::{health, hold, merging, objection};
use app::fault::Fault;
use app::jobs::{night, outbox};
use axum::http::StatusCode;
use custody::id::PersonId;
use custody::life::Scope;
use custody::proof::Obligation;
use jiff::civil::date;
use policy::activity::Purpose;
use store::suppression::Forbids;
use store::{policy_version, prove, suppression};

use crate::at_a_glance;
use crate::common::{changed, newcomer};
use crate::town::{NEWS, Town};

/// Adopts a policy that asks for news to be confirmed, and lets its day come.
fn asks(town: &Town) {
    let changes = [
        ("version     3, from 2026-11-02", "version     4, from 2026-11-10"),
        ("basis     consent, opt-in  ", "basis     consent, opt-in, confirmed by e-mail within 7 days  "),
    ];
    let policy = changed("cti", &changes);
    let now = town.instance().clock.now();
    town.instance().store.write(|tx| policy_version::adopt(tx, &policy, now, None)).unwrap();
    town.go_to(date(2026, 11, 20));
    town.instance().refresh_policy().unwrap();
}

/// Somebody who sells to us and supports us.
fn supporter(town: &Town, email: &str) -> PersonId {
    let sam = town.somebody(("supplier", "the person"), "Sam Hill", email, None);
    town.act(|acting, tx| {
        let supporter = acting.policy.category_named("supporter").ok_or(Fault::NotFound)?.id;
        store::person::give_category(tx, &acting.policy, sam, supporter, acting.today, None)?;
        acting.settle(tx, sam)
    })
    .unwrap();
    sam
}

/// The link in the message that asks for it.
fn link(town: &Town) -> String {
    let sql = "SELECT body FROM message WHERE body LIKE '%/agree/%' ORDER BY id DESC LIMIT 1";
    let body = town.instance().store.read(|tx| tx.one(sql, &[], |row| row.text(0))).unwrap();
    assert!(body.contains("you can follow what we do"), "the words stand in it: {body}");
    assert!(body.contains("we, CTI, wrote down") && body.contains("/privacy"), "and who asks: {body}");
    let token = body.split("/agree/").nth(1).unwrap().split_whitespace().next().unwrap();
    format!("/agree/{token}")
}

fn broken(town: &Town) -> Vec<String> {
    let instance = town.instance();
    let (policy, now, today) = (instance.policy(), instance.clock.now(), instance.clock.today());
    let activity = policy.activity_named(NEWS).unwrap().id;
    assert!(
        custody::proof::obligations(&policy)["CTI-18"].contains(&Obligation::ConfirmedFirst { activity }),
        "the promise stands on it"
    );
    prove::obligation(&instance.store, &policy, &Obligation::ConfirmedFirst { activity }, now, today)
        .unwrap()
        .broken
}

fn run(town: &Town, sql: &str) {
    assert!(town.instance().store.write(|tx| tx.exec(sql, &[])).unwrap() > 0, "{sql}");
}

fn says(town: &Town, words: &str) {
    let found = broken(town);
    assert!(found.iter().any(|said| said.contains(words)), "{words}: {found:?}");
}

const NOBODY: [&str; 0] = [];

both! {
    /// Opening the link confirms nothing, however often; one press does, once; and the proof sees what is changed behind that.
    fn a_yes_counts_once_it_is_confirmed(town) {
        asks(town);
        let sam = supporter(town, "sam@post.example");
        town.agrees(sam);
        assert_eq!(town.mailing(), NOBODY, "nobody has confirmed anything");
        town.act(|acting, tx| Ok(at_a_glance::compare(acting, tx, false))).unwrap().unwrap();
        assert_eq!(broken(town), Vec::<String>::new());
        let link = link(town);
        let rows = |town: &Town| {
            ["consent", "told", "log_event", "ground", "invitation"]
                .map(|table| town.count(&format!("SELECT COUNT(*) FROM {table}")))
        };
        let before = rows(town);
        for _ in 0..3 {
            let page = town.get(&link);
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text.contains("Do you agree?") && page.text.contains("follow what we do"), "{}", page.text);
        }
        assert_eq!(rows(town), before, "opening it changes nothing");
        assert_eq!(town.mailing(), NOBODY);
        let waits = town.signed_in("GET", &format!("/people/{sam}"), "").text;
        assert!(waits.contains("for them to confirm it by e-mail, and does not count yet"), "{waits}");
        let page = town.post(&link, "");
        assert!(page.text.contains("it counts from now on"), "{}", page.text);
        assert_eq!(town.mailing(), ["sam@post.example"]);
        assert!(town.post(&link, "").text.contains("This link works no more"), "it works once");
        assert_eq!(town.count("SELECT COUNT(*) FROM log_event WHERE act = 'consent.confirmed'"), 1);
        assert_eq!(broken(town), Vec::<String>::new());

        run(town, "UPDATE consent SET confirmed_on = NULL");
        says(town, "before they confirmed that they agree");
        says(town, "rests on a consent that nobody confirmed");
        run(town, "UPDATE consent SET confirmed_on = '2026-11-20'");
        assert_eq!(broken(town), Vec::<String>::new());
        run(town, "UPDATE message SET queued_on = '2026-11-19' WHERE sort = 'mailing'");
        says(town, "before they confirmed that they agree");
        run(town, "UPDATE message SET queued_on = '2026-11-20' WHERE sort = 'mailing'");
        run(town, "UPDATE consent SET confirm_by = NULL, confirmed_on = NULL");
        says(town, "counts and was never to be confirmed");
    }

    /// What nobody confirmed goes by itself, and the link with it.
    fn what_nobody_confirms_is_forgotten(town) {
        asks(town);
        let sam = supporter(town, "sam@post.example");
        town.agrees(sam);
        let link = link(town);
        town.later(7);
        night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM consent"), 1, "the last day has not passed");
        town.later(1);
        says(town, "was to be confirmed by 2026-11-27 and is still held");
        assert!(town.post(&link, "").text.contains("This link works no more"));
        night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM consent"), 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM log_event WHERE act = 'consent.not confirmed'"), 1);
        assert_eq!(broken(town), Vec::<String>::new());
        assert_eq!(town.mailing(), NOBODY);
    }

    /// One that cannot be dealt with stops no other, nor the rest of the night.
    fn one_that_cannot_be_read_stops_no_other(town) {
        asks(town);
        let (sam, una) = (supporter(town, "sam@post.example"), supporter(town, "una@post.example"));
        town.agrees(sam);
        town.agrees(una);
        night::run(town.instance(), town.instance().clock.today()).unwrap();
        let waits = |who: PersonId| town.count(&format!("SELECT COUNT(*) FROM consent WHERE person_id = {who}"));
        assert_eq!((waits(sam), waits(una)), (1, 1));
        town.later(8);
        run(town, &format!("UPDATE person_category SET since = '2026-13-99' WHERE person_id = {sam}"));
        night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert_eq!((waits(sam), waits(una)), (1, 0));
        // Today names whoever it could not be done for, until it can be.
        let named = || {
            let said = town.instance().store.read(|tx| health::undecided(town.instance(), tx)).unwrap();
            said.iter().any(|one| one.person == Some(sam) && one.words.contains("what they never confirmed could not be forgotten"))
        };
        assert!(named());
        run(town, &format!("UPDATE person_category SET since = '2026-11-20' WHERE person_id = {sam}"));
        town.later(1);
        night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert!(waits(sam) == 0 && !named());
    }

    /// Whoever cannot be settled as a version of the policy begins is named, and tried again, though nothing of theirs is due.
    fn whoever_cannot_be_settled_under_a_new_version_is_tried_again(town) {
        let sam = supporter(town, "sam@post.example");
        let sql = format!("SELECT MIN(since) FROM person_category WHERE person_id = {sam}");
        let since = town.instance().store.read(|tx| tx.one(&sql, &[], |row| row.text(0))).unwrap();
        run(town, &format!("UPDATE person_category SET since = '2026-13-99' WHERE person_id = {sam}"));
        asks(town);
        let named = || {
            let said = town.instance().store.read(|tx| health::undecided(town.instance(), tx)).unwrap();
            said.iter().any(|one| one.person == Some(sam))
        };
        for _ in 0..2 {
            night::run(town.instance(), town.instance().clock.today()).unwrap();
            assert!(named());
            town.later(1);
        }
        run(town, &format!("UPDATE person_category SET since = '{since}' WHERE person_id = {sam}"));
        night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert!(!named() && town.count("SELECT COUNT(*) FROM setting WHERE name = 'settle everybody'") == 0);
    }

    /// While a hold stands nothing of theirs is let go of: not what nobody confirmed either.
    fn what_nobody_confirms_waits_while_a_hold_stands(town) {
        asks(town);
        let sam = supporter(town, "sam@post.example");
        town.agrees(sam);
        let asking = hold::Asking {
            work: None,
            why: "A claim of theirs".to_owned(),
            owner: None,
            helpers: Vec::new(),
            review_on: Some(date(2027, 1, 4)),
        };
        let hold = town.act(|acting, tx| hold::place(acting, tx, sam, &asking)).unwrap();
        let consents = || town.count("SELECT COUNT(*) FROM consent");
        town.later(9);
        night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert_eq!((consents(), broken(town)), (1, Vec::<String>::new()));
        town.act(|acting, tx| hold::end(acting, tx, hold, "It is settled")).unwrap();
        town.later(2);
        says(town, "was to be confirmed by 2026-11-27 and is still held");
        night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert_eq!((consents(), broken(town)), (0, Vec::<String>::new()));
    }

    /// Whoever was erased confirms nothing by a link that lies in their mailbox, and the yes it asked for is not kept as if it counted.
    fn a_yes_that_waited_goes_with_an_erasure_and_its_link_with_it(town) {
        asks(town);
        let (sam, una) = (supporter(town, "sam@post.example"), supporter(town, "una@post.example"));
        town.agrees(una);
        let unas = link(town);
        town.agrees(sam);
        let sams = link(town);
        outbox::play(town.instance()).unwrap();
        town.erase(sam);
        assert_eq!(town.count(&format!("SELECT COUNT(*) FROM consent WHERE person_id = {sam}")), 0);
        assert_eq!(town.count(&format!("SELECT COUNT(*) FROM invitation WHERE person_id = {sam}")), 0);
        let grounds = format!("SELECT COUNT(*) FROM ground WHERE person_id = {sam} AND activity = '{NEWS}' AND state = 'active'");
        assert_eq!(town.count(&grounds), 0);
        assert!(town.get(&sams).text.contains("This link works no more"));
        assert!(town.post(&sams, "").text.contains("This link works no more"));
        assert_eq!(town.count(&grounds), 0, "nothing of theirs begins again by it");
        assert_eq!(town.count("SELECT COUNT(*) FROM log_event WHERE act = 'consent.not confirmed'"), 1);
        assert_eq!(broken(town), Vec::<String>::new());
        assert!(town.post(&unas, "").text.contains("it counts from now on"), "others confirm theirs");
        assert_eq!(town.mailing(), ["una@post.example"]);
    }

    /// What is held is held as it is; the link leads nowhere all the same.
    fn a_yes_that_waited_is_kept_while_a_hold_stands_and_nobody_confirms_it(town) {
        asks(town);
        let sam = supporter(town, "sam@post.example");
        town.agrees(sam);
        let link = link(town);
        town.act(|acting, tx| {
            let hold = hold::Asking {
                work: None,
                why: "A claim of theirs".to_owned(),
                owner: None,
                helpers: Vec::new(),
                review_on: Some(date(2027, 1, 4)),
            };
            hold::place(acting, tx, sam, &hold)
        })
        .unwrap();
        town.erase(sam);
        assert_eq!(town.count("SELECT COUNT(*) FROM consent"), 1);
        assert!(town.post(&link, "").text.contains("This link works no more"));
        assert_eq!(town.mailing(), NOBODY);
    }

    /// Nothing asks to confirm a yes that a later no has overtaken: not as it is written down, nor as the message leaves.
    fn nobody_is_asked_to_confirm_after_their_no(town) {
        asks(town);
        let asking = |state: &str| {
            town.count(&format!("SELECT COUNT(*) FROM message WHERE body LIKE '%/agree/%' AND state = '{state}'"))
        };
        let objects = |who: PersonId, scope: Scope| {
            town.act(|acting, tx| objection::record(acting, tx, who, &scope, (acting.today, "telephone"))).unwrap();
        };
        let sam = supporter(town, "sam@post.example");
        objects(sam, Scope::Purpose(Purpose::DirectMarketing));
        let before = Given::said(date(2026, 11, 19), "asked us");
        let fault = town.act(|acting, tx| consent::give(acting, tx, sam, NEWS, before)).unwrap_err();
        assert!(fault.to_string().contains("they said no since"), "{fault}");
        assert_eq!(asking("queued"), 0);

        let (una, ed, ivy) =
            (supporter(town, "una@post.example"), supporter(town, "ed@post.example"), supporter(town, "ivy@post.example"));
        for who in [una, ed, ivy] {
            town.agrees(who);
        }
        objects(una, Scope::AllContact);
        town.act(|acting, tx| consent::withdraw(acting, tx, ed, NEWS, None)).unwrap();
        outbox::play(town.instance()).unwrap();
        assert_eq!((asking("refused"), asking("sent")), (2, 1), "only the one who said nothing since is asked");
    }

    /// An address at which somebody asked us never to write again is found in either spelling of its domain.
    fn nobody_is_asked_to_confirm_at_an_address_that_is_never_written_to(town) {
        asks(town);
        let sam = supporter(town, "sam@xn--mnchen-3ya.example");
        let never = town.act(|acting, tx| {
            let hash = acting.instance.store.keys().hash("email", "sam@m\u{fc}nchen.example");
            Ok(suppression::add_hash(tx, ("email", &hash), Forbids::AllContact, acting.today, "link", acting.now)?)
        });
        assert!(never.unwrap());
        let given = Given::said(town.instance().clock.today(), "asked us");
        let fault = town.act(|acting, tx| consent::give(acting, tx, sam, NEWS, given)).unwrap_err();
        assert!(fault.to_string().contains("asked us never to write to it again"), "{fault}");
    }

    /// Whoever was put together with another entry of theirs meanwhile confirms it all the same.
    fn a_yes_is_confirmed_after_two_entries_were_put_together(town) {
        asks(town);
        let (older, newer) = (supporter(town, "sam@post.example"), supporter(town, "hill@post.example"));
        town.agrees(newer);
        let link = link(town);
        town.act(|acting, tx| merging::together(acting, tx, (older, newer), None)).unwrap();
        let page = town.post(&link, "");
        assert!(page.text.contains("it counts from now on"), "{}", page.text);
        assert_eq!(town.mailing(), ["sam@post.example"]);
    }

    /// What they pressed themselves behind a link that was mailed to them is confirmed by that; what no e-mail reaches cannot be.
    fn their_own_press_is_enough_and_without_an_address_there_is_none(town) {
        asks(town);
        let sam = supporter(town, "sam@post.example");
        town.act(|acting, tx| {
            let given = Given::themselves(acting.today, "by the link in our message");
            consent::give(acting, tx, sam, NEWS, given)
        })
        .unwrap();
        assert_eq!(town.mailing(), ["sam@post.example"]);
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE body LIKE '%/agree/%'"), 0);
        assert_eq!(broken(town), Vec::<String>::new());

        let una = supporter(town, "");
        let given = || Given::said(town.instance().clock.today(), "asked us");
        let fault = town.act(|acting, tx| consent::give(acting, tx, una, NEWS, given())).unwrap_err();
        assert!(fault.to_string().contains("no address of theirs is here"), "{fault}");
        assert_eq!(town.count("SELECT COUNT(*) FROM consent"), 1, "nothing was written down");
        // Nobody is held for it alone before it counts.
        let new = NewPerson {
            agreed: vec![NEWS.into()],
            shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
            offers: false,
            ..newcomer("supporter", "the person", &[("name", "Ed Low"), ("email", "ed@post.example")])
        };
        let fault = town.act(|acting, tx| person::add(acting, tx, &new)).unwrap_err();
        assert!(matches!(fault, Fault::Refused(_)), "{fault}");
    }
}
