//! "Who wins" of `docs/meaning.md` section 5, a test for each of its rows, on both databases. Merging is in `merging.rs`.

use crate::FORMS;
use crate::house::{House, On, read, server};
use app::acts::confirmation::Telling;
use app::acts::document::{NewPiece, Place, Upload};
use app::acts::engagement::{self, NewWork, Payer};
use app::acts::entry::NewNote;
use app::acts::hold::{self, Asking};
use app::acts::import::{self, Importing, Naming};
use app::acts::person::NewPerson;
use app::acts::request::{Arrived, Outcome, Who};
use app::acts::{
    self, Acting, adoption, consent, document, entry, erasure, mailing, objection, request, restriction,
};
use app::fault::Fault;
use app::intake::column;
use custody::act::Asked;
use custody::id::{ImportId, PersonId, RequestId};
use custody::life::Scope;
use custody::{Act, Actor, Gate, Verb};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use policy::activity::Purpose;
use policy::source::File;
use store::entry::Direction;
use store::import as batches;
use store::staff::{self, NewAccount};
use store::suppression::{self, Forbids};
use store::task;

const TODAY: Date = date(2026, 12, 1);
/// For how many people offers stand. By e-mail none of them hears of it: nobody here is at a company.
const OFFERED: &str = "SELECT COUNT(*) FROM ground WHERE activity = 'offers' AND state = 'active'";

/// Stamps a test on both databases.
macro_rules! both {
    ($($(#[$doc:meta])* fn $name:ident($house:ident) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports, reason = "not every row needs all of it")]
            use super::*;

            fn on($house: &House) $body

            #[test]
            fn sqlite() {
                on(&House::new(read("forms.policy", FORMS), TODAY, On::Sqlite));
            }

            #[test]
            fn postgres() {
                match server() {
                    Some(_) => on(&House::new(read("forms.policy", FORMS), TODAY, On::Postgres)),
                    None => eprintln!("skipped: PROBITY_TEST_POSTGRES names no database"),
                }
            }
        }
    )*};
}

fn add(house: &House, category: &str, name: &str, agreed: &[&str], offers: bool) -> PersonId {
    let first = name.split(' ').next().unwrap().to_lowercase();
    let values = [
        ("name", name.to_owned()),
        ("email", format!("{first}@post.example")),
        ("phone", "01632 960123".to_owned()),
    ];
    let new = NewPerson {
        category: category.to_owned(),
        values: values.into_iter().map(|(kind, value)| (kind.to_owned(), value)).collect(),
        source: "the person".to_owned(),
        collected_on: Some(house.instance.clock.today()),
        organisation: None,
        agreed: agreed.iter().map(|name| (*name).to_owned()).collect(),
        shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
        offers,
        told: None,
    };
    house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap()
}

fn note(house: &House, who: PersonId, kind: &str) -> Result<custody::id::EntryId, Fault> {
    house.act(|acting, tx| {
        let new = NewNote {
            kind: kind.to_owned(),
            body: "What was said.".to_owned(),
            on: acting.today,
            direction: Some(Direction::In),
            engagement: None,
        };
        entry::add(acting, tx, who, &new)
    })
}

pub(super) fn nights(house: &House, until: Date) {
    house.nights_until(until).unwrap();
}

fn later(days: i64) -> Date {
    TODAY.checked_add(days.days()).unwrap()
}

pub(super) fn held(house: &House, who: PersonId) -> bool {
    house.people().contains(&who)
}

/// How many rows of a kind there are about somebody.
fn rows(house: &House, who: PersonId, kind: &str) -> usize {
    house.rows(&[who]).values().filter(|row| row.kind == kind).count()
}

/// Whether a kind may be used for a purpose by the program itself.
fn may(house: &House, who: PersonId, kind: &str, purpose: Purpose) -> bool {
    decided(house, &Actor::System("intake"), who, Verb::Change, kind, Some(purpose)).is_ok()
}

fn decided(
    house: &House,
    actor: &Actor,
    who: PersonId,
    verb: Verb,
    kind: &str,
    purpose: Option<Purpose>,
) -> Result<(), custody::Refusal> {
    let policy = house.instance.policy();
    let today = house.instance.clock.today();
    let life = house.read(|tx| store::life::load(tx, &policy, who, today));
    let act = Act {
        verb,
        deed: None,
        kinds: Asked::Exactly([policy.kind_named(kind).unwrap().id].into_iter().collect()),
        purpose,
        activity: None,
        engagement: None,
        channel: None,
        recipient: None,
    };
    custody::decide(&policy, actor, &act, &[&life], &Gate::default(), house.instance.clock.now(), today)
        .map(drop)
}

pub(super) fn opened(house: &House, ask: &str, who: Who) -> RequestId {
    let new = Arrived {
        ask: ask.to_owned(),
        who,
        received_on: house.instance.clock.today(),
        channel: "letter".to_owned(),
        words: "Please.".to_owned(),
    };
    house.act(|acting, tx| request::open(acting, tx, &new)).unwrap()
}

pub(super) fn erased(house: &House, who: PersonId) -> erasure::Carried {
    let (why, told) = ((erasure::Reason::Asked.known(), None), Telling::Already("by letter"));
    house.act(|acting, tx| erasure::carry_out(acting, tx, who, None, why, told)).unwrap()
}

fn placed(house: &House, who: PersonId) -> i64 {
    let asking = Asking { why: "a claim".into(), review_on: Some(later(90)), ..Asking::default() };
    house.act(|acting, tx| hold::place(acting, tx, who, &asking)).unwrap()
}

/// Who may have a mailing under an activity today.
fn reached(house: &House, activity: &str) -> Vec<PersonId> {
    house
        .act(|acting, tx| {
            let id = mailing::begin(acting, tx, activity)?;
            let mailing = store::mailing::one(tx, id)?;
            Ok(mailing::audience(acting, tx, &mailing)?.will)
        })
        .unwrap()
}

/// A mailing is queued to whoever may have it: how many they are.
pub(super) fn queued(house: &House, activity: &str) -> i64 {
    house
        .act(|acting, tx| {
            let id = mailing::begin(acting, tx, activity)?;
            mailing::write(acting, tx, id, 1, "News", "Here is our news.")?;
            mailing::send(acting, tx, id, store::mailing::one(tx, id)?.version)?;
            Ok(tx.count("SELECT COUNT(*) FROM message WHERE mailing_id = ?1", &[id.into()])?)
        })
        .unwrap()
}

/// What may leave leaves; the states the messages end in.
pub(super) fn post(house: &House) -> Vec<String> {
    let now = house.instance.clock.now().checked_add(jiff::SignedDuration::from_mins(11)).unwrap();
    house.instance.clock.set(now);
    app::jobs::outbox::play(&house.instance).unwrap();
    house.read(|tx| tx.all("SELECT state FROM message ORDER BY id", &[], |row| row.text(0)))
}

/// A list collected on a day, about to be brought in.
fn planned(
    house: &House,
    (activity, category): (&str, &str),
    file: &[u8],
    days_ago: i64,
    offers: bool,
) -> ImportId {
    let acting = house.acting();
    let (received, sheet) = import::receive(&house.instance, &acting, "list.csv", file).unwrap();
    house
        .act(|acting, tx| {
            let id = import::keep(acting, tx, &received)?;
            let naming = Naming {
                activity: activity.to_owned(),
                category: category.to_owned(),
                source: "the person".to_owned(),
                collected_on: Some(acting.today.checked_sub(days_ago.days()).unwrap()),
                told: "nobody".to_owned(),
                offers,
            };
            import::name_it(acting, tx, id, &naming)?;
            let importing = Importing::load(&acting.policy, tx, id)?;
            let guesses = column::guess(&sheet, activity, &importing.kinds);
            let words: Vec<String> =
                guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
            import::plan(acting, tx, id, &sheet, &words)?;
            Ok(id)
        })
        .unwrap()
}

pub(super) fn imported(
    house: &House,
    activity: &str,
    category: &str,
    file: &[u8],
) -> (ImportId, Vec<(batches::Outcome, u64)>) {
    let id = planned(house, (activity, category), file, 3, true);
    house.act(|acting, tx| import::start(acting, tx, id)).unwrap();
    import::run(&house.instance, id, |_| {}).unwrap();
    (id, house.read(|tx| batches::counts(tx, id)).into_iter().collect())
}

both! {
    /// Two grounds, different dates: shared data lives to the later; each use stops with its own ground.
    fn two_grounds_of_different_dates(house) {
        let who = add(house, "follower", "Una Drake", &[], true);
        note(house, who, "enquiry").unwrap();
        assert!(may(house, who, "email", Purpose::CommunicationManagement));
        // The enquiry's year is over on its day; offers go on for three.
        nights(house, date(2027, 12, 1));
        assert!(may(house, who, "email", Purpose::CommunicationManagement), "the last day is a whole day");
        house.go_to(date(2027, 12, 2));
        assert!(!may(house, who, "email", Purpose::CommunicationManagement), "no job need have run");
        assert!(may(house, who, "email", Purpose::DirectMarketing));
        nights(house, date(2027, 12, 3));
        assert_eq!((rows(house, who, "enquiry"), rows(house, who, "email")), (0, 1));
        nights(house, date(2029, 12, 2));
        assert!(!held(house, who), "with the later the person goes");
    }

    /// Consent withdrawn, contract remains: the data stays, the consented use stops at once.
    fn consent_withdrawn_and_a_contract_remains(house) {
        let who = add(house, "member", "Mo Birch", &["news"], false);
        assert_eq!(reached(house, "news"), [who]);
        house.act(|acting, tx| consent::withdraw(acting, tx, who, "news", None)).unwrap();
        assert!(reached(house, "news").is_empty(), "at once");
        assert!(!may(house, who, "email", Purpose::DirectMarketing));
        nights(house, later(1));
        assert!(may(house, who, "email", Purpose::ServiceProvision));
        assert_eq!(rows(house, who, "email"), 1);
    }

    /// Objection to marketing: ends it on every basis at once; the person's own later consent in the same scope lifts the
    /// suppression, and both records stay.
    fn objection_to_marketing_and_a_later_consent(house) {
        let who = add(house, "follower", "Una Drake", &["news"], true);
        assert_eq!((reached(house, "news"), reached(house, "offers"), house.count(OFFERED)), (vec![who], vec![], 1));
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        house.act(|acting, tx| objection::record(acting, tx, who, &marketing, (TODAY, "letter"))).unwrap();
        assert!(reached(house, "news").is_empty() && house.count(OFFERED) == 0, "on every basis");
        assert!(!may(house, who, "email", Purpose::DirectMarketing));
        let stand = || house.count("SELECT COUNT(*) FROM suppression WHERE lifted_on IS NULL");
        assert_eq!(stand(), 2, "the address and the number");
        nights(house, later(10));
        house.act(|acting, tx| consent::give(acting, tx, who, "news", consent::Given::said(later(10), "by letter"))).unwrap();
        assert_eq!(stand(), 0, "their own later word lifts it");
        assert_eq!(reached(house, "news"), [who]);
        assert!(house.count(OFFERED) == 0, "what they did not agree to stays ended");
        assert_eq!(rows(house, who, "objection record"), 1);
        assert_eq!(rows(house, who, "consent record"), 2);
        assert_eq!(house.count("SELECT COUNT(*) FROM suppression"), 2, "that it stood is remembered");
    }

    /// Any other objection: restricts until decided, with reasons and an answer.
    fn any_other_objection(house) {
        let who = add(house, "adviser", "Ada Finch", &[], false);
        let asked = opened(house, "objection", Who::Held(who));
        let known = |asked| house.act(|acting, tx| app::acts::identity::known(acting, tx, asked, ("known", acting.today))).unwrap();
        known(asked);
        assert!(!may(house, who, "email", Purpose::VendorManagement), "until it is decided it is stored only");
        nights(house, later(5));
        assert_eq!(rows(house, who, "email"), 1);
        let bare = house.act(|acting, tx| request::answer(acting, tx, asked, Outcome::Refused, ("", acting.today)));
        assert!(bare.is_err(), "a refusal has its reasons");
        house
            .act(|acting, tx| request::answer(acting, tx, asked, Outcome::Refused, ("We need it for the accounts.", acting.today)))
            .unwrap();
        assert!(may(house, who, "email", Purpose::VendorManagement));
        let again = opened(house, "objection", Who::Held(who));
        known(again);
        house.act(|acting, tx| request::answer(acting, tx, again, Outcome::Done, ("You are right.", acting.today))).unwrap();
        assert!(!may(house, who, "email", Purpose::VendorManagement));
        nights(house, later(6));
        assert_eq!(rows(house, who, "email"), 0, "upheld, it goes with the next night");
        assert_eq!(rows(house, who, "request record"), 2, "{:?}", house.rows(&[who]));
    }

    /// Hold on something due: not disposed of; its owner may read and disclose it for the hold's purpose, nothing else; the night
    /// the hold ends it goes.
    fn a_hold_on_something_due(house) {
        let who = add(house, "follower", "Una Drake", &[], false);
        note(house, who, "enquiry").unwrap();
        let hold = placed(house, who);
        let other = house.act(|acting, tx| {
            let role = acting.account.as_ref().unwrap().role.clone();
            let new = NewAccount { name: "Rhona Blake", email: "rhona@house.example", role: &role, person: None, since: TODAY };
            let id = staff::add(tx, &new, acting.now)?;
            Ok(staff::get(tx, id)?)
        }).unwrap();
        nights(house, date(2028, 1, 10));
        assert_eq!((rows(house, who, "enquiry"), rows(house, who, "email")), (1, 1), "held");
        let (owner, another) = (house.acting().actor, Acting::staff(&house.instance, other.clone()).unwrap().actor);
        let use_it = |by: &Actor, verb| decided(house, by, who, verb, "email", Some(Purpose::CommunicationManagement));
        let uses = [Verb::Change, Verb::Export, Verb::Send];
        assert_eq!(decided(house, &owner, who, Verb::Read, "enquiry", None), Ok(()), "read by its owner");
        for (verb, kind) in [(Verb::Read, "enquiry"), (Verb::Disclose, "email")] {
            assert!(decided(house, &another, who, verb, kind, None).is_err(), "{verb:?} by anybody else");
        }
        assert!(uses.iter().all(|verb| use_it(&owner, *verb).is_err()));
        assert!(!may(house, who, "email", Purpose::CommunicationManagement));
        let asking = Asking { why: "goes on".into(), review_on: Some(date(2028, 6, 1)), helpers: vec![other.id], ..Asking::default() };
        house.act(|acting, tx| hold::prolong(acting, tx, hold, &asking)).unwrap();
        assert_eq!(decided(house, &another, who, Verb::Read, "enquiry", None), Ok(()), "a named helper");
        assert!(uses.iter().all(|verb| use_it(&another, *verb).is_err()));
        house.act(|acting, tx| hold::end(acting, tx, hold, "settled")).unwrap();
        assert!(decided(house, &owner, who, Verb::Read, "enquiry", None).is_err(), "it has ended");
        nights(house, date(2028, 1, 11));
        assert!(!held(house, who), "the night it ends it goes");
    }

    /// Hold and erasure request: what is held is refused with the exemption and a review date, all else erased; looked at again by
    /// itself when the hold ends.
    fn a_hold_and_an_erasure_request(house) {
        let who = add(house, "follower", "Una Drake", &[], false);
        note(house, who, "enquiry").unwrap();
        let asked = opened(house, "erasure", Who::Held(who));
        let hold = placed(house, who);
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, who, Some(asked))).unwrap();
        assert!(preview.go.is_empty(), "{:?}", preview.go);
        assert!(preview.stay.iter().any(|stays| stays.because.contains("Art 17(3)(e)")), "{:?}", preview.stay);
        erased(house, who);
        assert_eq!((rows(house, who, "enquiry"), rows(house, who, "email")), (1, 1));
        assert_eq!(house.read(|tx| tx.one("SELECT review_on FROM hold", &[], |row| row.date(0))), later(90), "somebody looks again");
        house.act(|acting, tx| hold::end(acting, tx, hold, "settled")).unwrap();
        let says = |task: &task::Task| task.what.contains("the hold that stood in its way") && task.due_on == Some(later(14));
        assert!(matches!(house.read(|tx| task::of_request(tx, asked)).as_slice(), [task] if says(task)));
        erased(house, who);
        assert_eq!((rows(house, who, "enquiry"), rows(house, who, "email")), (0, 0), "nothing stands in the way any more");
    }

    /// Contract or legal duty still needs it, and an erasure request: that part refused with its reason and end date; consent,
    /// marketing and interest grounds end anyway.
    fn a_contract_and_an_erasure_request(house) {
        let who = add(house, "buyer", "Bo Lark", &[], true);
        let work = house
            .act(|acting, tx| {
                let parts = vec![("buyer".to_owned(), who)];
                let new = NewWork { work: "order".into(), parts, staff: None, payer: Payer::Nobody, opened_on: acting.today };
                let id = engagement::start(acting, tx, &new)?;
                engagement::record(acting, tx, id, "placed", acting.today)?;
                engagement::record(acting, tx, id, "order closed", acting.today)?;
                Ok(id)
            })
            .unwrap();
        assert_eq!(house.count(OFFERED), 1);
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, who, None)).unwrap();
        let orders = preview.stay.iter().find(|stays| stays.stayed.activity == "Orders").unwrap();
        assert!(orders.because.contains("contract") && orders.because.contains("Until "), "{}", orders.because);
        erased(house, who);
        assert!(may(house, who, "email", Purpose::ServiceProvision), "the order still needs it");
        assert!(house.count(OFFERED) == 0);
        for purpose in [Purpose::DirectMarketing, Purpose::CommunicationManagement] {
            assert!(!may(house, who, "email", purpose) && !may(house, who, "name", purpose), "{purpose:?} ends anyway");
        }
        nights(house, later(2));
        let register = "SELECT COUNT(*) FROM request WHERE kind = 'erasure' AND closed_on IS NOT NULL";
        assert_eq!(house.count(register), 1, "what was asked stays in its register");
        assert_eq!(house.count(&format!("SELECT COUNT(*) FROM engagement WHERE id = {}", work.0)), 1);
    }

    /// Restricted and due: the sweep leaves it and a person decides; the person may give the restriction up by asking for erasure.
    fn restricted_and_due(house) {
        let who = add(house, "follower", "Una Drake", &[], false);
        note(house, who, "enquiry").unwrap();
        house.act(|acting, tx| restriction::place(acting, tx, who, &restriction::Asking { why: "they dispute it".into(), ..Default::default() })).unwrap();
        nights(house, date(2028, 1, 10));
        assert_eq!((rows(house, who, "enquiry"), rows(house, who, "email")), (1, 1), "left");
        let report = house.read(|tx| store::sweep::runs(tx, 1)).remove(0);
        assert!(report.held > 0, "and said: {report:?}");
        erased(house, who);
        assert_eq!((rows(house, who, "enquiry"), rows(house, who, "email")), (0, 0), "their own word gives it up");
    }

    /// Open access request and something due: unusable but kept until the pack is made, at most to the request's due date; the pack
    /// says so.
    fn an_access_request_and_something_due(house) {
        let who = add(house, "follower", "Una Drake", &[], false);
        note(house, who, "enquiry").unwrap();
        nights(house, date(2027, 11, 28));
        let asked = opened(house, "access", Who::Held(who));
        nights(house, date(2027, 12, 10));
        assert_eq!(rows(house, who, "enquiry"), 1, "kept for the answer");
        assert!(!may(house, who, "enquiry", Purpose::CommunicationManagement), "and not used");
        let pack = house.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, asked)).unwrap();
        assert!(pack.to_json().unwrap().contains("What was said."), "it is in the pack");
        house
            .act(|acting, tx| {
                app::acts::identity::known(acting, tx, asked, ("known", acting.today))?;
                request::noted(acting, tx, asked, "pack made", "")?;
                request::answer(acting, tx, asked, Outcome::Done, ("by post", acting.today))
            })
            .unwrap();
        nights(house, date(2027, 12, 11));
        assert_eq!((rows(house, who, "enquiry"), rows(house, who, "email")), (0, 0));
    }

    /// The same, and nobody answers: at most to the request's due date.
    fn an_access_request_nobody_answers(house) {
        let who = add(house, "follower", "Una Drake", &[], false);
        note(house, who, "enquiry").unwrap();
        nights(house, date(2027, 11, 28));
        opened(house, "access", Who::Held(who));
        nights(house, date(2027, 12, 28));
        assert_eq!(rows(house, who, "enquiry"), 1, "the month is not over");
        nights(house, date(2027, 12, 30));
        assert_eq!(rows(house, who, "enquiry"), 0);
    }

    /// The same, and the clock is paused until they answer us: what is due waits with it.
    fn an_access_request_that_is_paused(house) {
        let who = add(house, "follower", "Una Drake", &[], false);
        note(house, who, "enquiry").unwrap();
        nights(house, date(2027, 11, 28));
        let asked = opened(house, "access", Who::Held(who));
        house
            .act(|acting, tx| request::moved(acting, tx, asked, store::request::Move::Paused, acting.today))
            .unwrap();
        nights(house, date(2028, 1, 20));
        assert_eq!(rows(house, who, "enquiry"), 1, "a person decides, not the night");
        assert!(!may(house, who, "enquiry", Purpose::CommunicationManagement));
    }

    /// Restricted, objected or suppressed after a message was queued: decided again, and claimed for sending, in one transaction at
    /// the moment of leaving.
    fn a_message_queued_before(house) {
        let names = ["Una Drake", "Ida Stone", "Lou Marsh", "Kit Heron"];
        let all: Vec<PersonId> = names.iter().map(|name| add(house, "follower", name, &["news"], false)).collect();
        assert_eq!(queued(house, "news"), 4);
        house.act(|acting, tx| restriction::place(acting, tx, all[0], &restriction::Asking { why: "they dispute it".into(), ..Default::default() })).unwrap();
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        house.act(|acting, tx| objection::record(acting, tx, all[1], &marketing, (acting.today, "letter"))).unwrap();
        house
            .act(|acting, tx| {
                let keys = acting.instance.store.keys();
                Ok(suppression::add(tx, keys, "email", "lou@post.example", Forbids::Marketing, acting.today, "objection", acting.now)?)
            })
            .unwrap();
        assert_eq!(post(house), ["refused", "refused", "refused", "sent"]);
    }

    /// Undo of an import: those since written to, joined or answered stay and are listed; objections stay.
    fn undo_of_an_import(house) {
        let file = b"Name,Email\r\nAnn Reed,ann@reed.example\r\nEve Moss,eve@moss.example\r\nJo Bell,jo@bell.example\r\nTom Oak,tom@oak.example\r\n";
        let (id, _) = imported(house, "offers", "follower", file);
        let having = |value: &str| house.read(|tx| store::item::having(tx, "email", value));
        let (eve, jo, tom) = (having("eve@moss.example")[0], having("jo@bell.example")[0], having("tom@oak.example")[0]);
        note(house, eve, "enquiry").unwrap();
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        house.act(|acting, tx| objection::record(acting, tx, jo, &marketing, (acting.today, "letter"))).unwrap();
        opened(house, "access", Who::Held(tom));
        house.act(|acting, tx| import::start_undo(acting, tx, id)).unwrap();
        import::run_undo(&house.instance, id).unwrap();
        assert!(having("ann@reed.example").is_empty(), "nobody touched her");
        assert_eq!(having("eve@moss.example"), [eve], "written down since");
        assert_eq!(having("tom@oak.example"), [tom], "asked since");
        let counts: Vec<_> = house.read(|tx| batches::counts(tx, id)).into_iter().collect();
        assert!(counts.iter().any(|(outcome, n)| *outcome == batches::Outcome::Stayed && *n >= 2), "and listed: {counts:?}");
        assert_eq!(house.count("SELECT COUNT(*) FROM suppression WHERE lifted_on IS NULL"), 1, "the objection stays");
        let (_, again) = imported(house, "offers", "follower", b"Name,Email\r\nJo Bell,jo@bell.example\r\n");
        assert!(!again.iter().any(|(outcome, _)| *outcome == batches::Outcome::Created), "{again:?}");
    }

    /// Import or form brings back someone let go: held back and shown; their own new enquiry is new; an objection is always
    /// accepted, even from nobody we hold.
    fn an_import_brings_back_someone_let_go(house) {
        let who = add(house, "follower", "Una Drake", &[], false);
        note(house, who, "enquiry").unwrap();
        erased(house, who);
        assert!(!house.people().contains(&who) || rows(house, who, "email") == 0);
        let file = b"Name,Email\r\nUna Drake,una@post.example\r\nAnn Reed,ann@reed.example\r\n";
        let id = planned(house, ("enquiries", "follower"), file, 3, true);
        let plan: Vec<_> = house.read(|tx| batches::counts(tx, id)).into_iter().collect();
        house.act(|acting, tx| import::start(acting, tx, id)).unwrap();
        import::run(&house.instance, id, |_| {}).unwrap();
        let having = |value: &str| house.read(|tx| store::item::having(tx, "email", value));
        assert!(having("una@post.example").is_empty(), "held back: {plan:?}");
        assert_eq!(having("ann@reed.example").len(), 1);
        let shown = house.read(|tx| batches::rows(tx, id, &[], 0, 10));
        assert!(shown.iter().any(|row| row.person.is_none() && row.reason.is_some()), "and shown: {shown:?}");
        let anew = add(house, "follower", "Una Drake", &[], false);
        note(house, anew, "enquiry").unwrap();
        assert!(may(house, anew, "email", Purpose::CommunicationManagement), "their own new enquiry is new");
        opened(house, "advertising", Who::Said("nobody@elsewhere.example".to_owned()));
        let keys = house.instance.store.keys();
        let (what, hash) = suppression::hash(keys, "email", "nobody@elsewhere.example").unwrap();
        let sql = "SELECT COUNT(*) FROM suppression WHERE what = ?1 AND hash = ?2 AND lifted_on IS NULL";
        assert_eq!(house.read(|tx| tx.count(sql, &[what.into(), (&hash).into()])), 1, "an objection is taken from anybody");
    }

    /// The same, of a list collected so long ago that what it says is past due already: the row is held back and shown.
    fn an_import_of_what_is_past_due(house) {
        let file = b"Name,Email,Job title\r\nAnn Reed,ann@reed.example,Quarry clerk\r\n";
        let bring = |days_ago| {
            let id = planned(house, ("workers", "worker"), file, days_ago, false);
            house.act(|acting, tx| import::start(acting, tx, id)).unwrap();
            import::run(&house.instance, id, |_| {}).unwrap();
            let shown = house.read(|tx| batches::rows(tx, id, &[], 0, 10));
            (house.count("SELECT COUNT(*) FROM item WHERE kind = 'job title'"), shown)
        };
        let (there, shown) = bring(20 * 365);
        assert!(there == 0 && shown.iter().any(|row| row.reason.is_some()), "held back, and shown: {shown:?}");
        assert_eq!(bring(7).0, 1, "so it is the age that held it back");
    }

    /// Policy version adopted: next due dates computed beforehand; the preview lists every datum that would go, and nothing goes
    /// before it was confirmed.
    fn a_policy_version_adopted(house) {
        let who = add(house, "follower", "Una Drake", &[], false);
        note(house, who, "enquiry").unwrap();
        nights(house, later(100));
        let from = later(110);
        let text = FORMS
            .replacen("version     1, from 2024-01-01", &format!("version     2, from {from}"), 1)
            .replacen("keep      12 months after last contact, or sooner if asked", "keep      3 months after last contact, or sooner if asked", 1);
        let files = vec![File { name: "forms.policy".to_owned(), text }];
        let mut weighed = adoption::weigh(&house.instance, files.clone()).unwrap();
        // An organisation that nobody has need not be one that a lawyer likes.
        weighed.stops.retain(|stop| !stop.contains("still stand"));
        assert!(weighed.stops.is_empty(), "{:?}", weighed.stops);
        let preview = weighed.preview.as_ref().unwrap();
        assert!(!preview.earlier.is_empty(), "who would go earlier is listed");
        nights(house, later(105));
        assert_eq!(rows(house, who, "enquiry"), 1, "a preview takes nothing");
        let other = house.act(|acting, tx| adoption::adopt(acting, tx, &weighed, "another mark"));
        assert!(matches!(other, Err(Fault::Changed)), "only what was seen is adopted");
        house.act(|acting, tx| adoption::adopt(acting, tx, &weighed, &weighed.mark)).unwrap();
        nights(house, from.yesterday().unwrap());
        assert_eq!(rows(house, who, "enquiry"), 1, "and nothing before its day");
        nights(house, from);
        assert_eq!(house.instance.policy().version, 2);
        assert_eq!(rows(house, who, "enquiry"), 0, "three months were over by then");
    }
}

/// A document is owed back when its own ground stops, though another keeps a copy: section 4, as a row of who wins.
#[test]
fn a_document_is_owed_back_though_something_else_keeps_it() {
    let house = House::new(read("forms.policy", FORMS), TODAY, On::Sqlite);
    let who = add(&house, "client", "Cy Wren", &[], false);
    house
        .act(|acting, tx| {
            let new = NewWork {
                work: "matter".into(),
                parts: vec![("client".to_owned(), who)],
                staff: None,
                payer: Payer::Nobody,
                opened_on: acting.today,
            };
            let id = engagement::start(acting, tx, &new)?;
            let place = Place::File(Upload::take("file", b"papers".to_vec())?);
            let mut piece = NewPiece { kind: "papers".into(), on: acting.today, place };
            document::add(acting, tx, id, &mut piece)?;
            for name in ["opened", "matter closed"] {
                engagement::record(acting, tx, id, name, acting.today)?;
            }
            Ok(())
        })
        .unwrap();
    nights(&house, date(2032, 12, 3));
    let tasks = house.read(|tx| store::task::open(tx, None, 10));
    assert!(tasks.iter().any(|task| task.kind == store::task::Kind::Return), "{tasks:?}");
    let unusable = house.count("SELECT COUNT(*) FROM document WHERE usable = 0");
    assert_eq!(unusable, 1, "unusable at once, the bytes wait");
}
