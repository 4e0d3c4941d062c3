//! Importing people: what comes in, what is held back, what the same file does twice, and taking it out again.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeMap;

use app::acts::Acting;
use app::acts::import::{self, Importing, Naming};
use app::fault::Fault;
use app::instance::Instance;
use app::intake::column;
use app::world::Pack;
use custody::id::{ImportId, PersonId, RequestId};
use jiff::civil::{Date, date};
use store::hold::{self, NewHold};
use store::import::{self as batches, Outcome, State};
use store::suppression::{self, Forbids};
use store::{alike, item, merge, organisation, person};

const TODAY: Date = date(2026, 12, 1);

mod common;
#[path = "import/steps.rs"]
mod steps;

struct House {
    instance: Instance,
    _data: common::Data,
}

impl House {
    fn new() -> Self {
        let data = common::Data::new();
        let instance = common::begun(&data, Pack::named("cti").unwrap().policy().unwrap(), TODAY);
        Self { instance, _data: data }
    }

    fn acting(&self) -> Acting<'_> {
        Acting::system(&self.instance, "intake")
    }

    /// Plans a file under an activity as the guesses say.
    fn plan(&self, activity: &str, file: &[u8]) -> Result<ImportId, Fault> {
        self.plan_as(activity, file, false)
    }

    fn plan_as(&self, activity: &str, file: &[u8], offers: bool) -> Result<ImportId, Fault> {
        let acting = self.acting();
        let (received, sheet) = import::receive(&self.instance, &acting, "list.csv", file)?;
        let naming = Naming {
            activity: activity.into(),
            source: if activity == "supporters" { "the person" } else { "their organisation" }.into(),
            collected_on: Some(date(2026, 11, 20)),
            told: "nobody".into(),
            offers,
            ..Naming::default()
        };
        self.instance.store.write(|tx| {
            let acting = self.acting();
            let id = import::keep(&acting, tx, &received)?;
            import::name_it(&acting, tx, id, &naming)?;
            let importing = Importing::load(&acting.policy, tx, id)?;
            let guesses = column::guess(&sheet, activity, &importing.kinds);
            let words: Vec<String> =
                guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
            import::plan(&acting, tx, id, &sheet, &words)?;
            Ok(id)
        })
    }

    fn run(&self, id: ImportId) -> BTreeMap<Outcome, u64> {
        self.instance.store.write(|tx| import::start(&self.acting(), tx, id)).unwrap();
        let mut last = 0;
        import::run(&self.instance, id, |tally| {
            assert!(tally.done >= last && tally.done <= tally.total);
            last = tally.done;
        })
        .unwrap();
        self.counts(id)
    }

    fn import(&self, activity: &str, file: &[u8]) -> (ImportId, BTreeMap<Outcome, u64>) {
        let id = self.plan(activity, file).unwrap();
        (id, self.run(id))
    }

    fn counts(&self, id: ImportId) -> BTreeMap<Outcome, u64> {
        let counts = self.instance.store.read(|tx| batches::counts(tx, id)).unwrap();
        let rows = self.instance.store.read(|tx| batches::one(tx, id)).unwrap().rows;
        assert_eq!(i64::try_from(counts.values().sum::<u64>()).unwrap(), rows, "the sum adds up to the file");
        counts
    }

    fn undo(&self, id: ImportId) -> BTreeMap<Outcome, u64> {
        self.instance.store.write(|tx| import::start_undo(&self.acting(), tx, id)).unwrap();
        import::run_undo(&self.instance, id).unwrap();
        self.counts(id)
    }

    fn people(&self) -> i64 {
        self.instance.store.read(person::count).unwrap()
    }

    fn having(&self, kind: &str, value: &str) -> Vec<PersonId> {
        self.instance.store.read(|tx| item::having(tx, kind, value)).unwrap()
    }

    fn rows(&self, id: ImportId) -> Vec<batches::ImportRow> {
        self.instance.store.read(|tx| batches::rows(tx, id, &[], 0, 1000)).unwrap()
    }

    /// Every stored count that an import may change, to see that nothing did.
    fn everything(&self) -> Vec<i64> {
        let tables =
            ["person", "item", "person_category", "belonging", "organisation", "ground", "search_text"];
        self.instance
            .store
            .read(|tx| {
                tables
                    .iter()
                    .map(|table| tx.count(&format!("SELECT COUNT(*) FROM {table}"), &[]))
                    .collect::<store::Result<_>>()
            })
            .unwrap()
    }
}

fn files_under(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files_under(&path) } else { 1 })
        .sum()
}

fn of(pairs: &[(Outcome, u64)]) -> BTreeMap<Outcome, u64> {
    pairs.iter().copied().collect()
}

const GOOGLE: &[u8] = include_bytes!("fixtures/intake/google.csv");
const OUTLOOK: &[u8] = include_bytes!("fixtures/intake/outlook.csv");
const HUBSPOT: &[u8] = include_bytes!("fixtures/intake/hubspot.csv");

#[test]
fn exports_come_in_with_no_mapping_and_the_same_file_twice_changes_nothing() {
    let house = House::new();
    for (file, first, again) in [
        (
            GOOGLE,
            of(&[(Outcome::Created, 3), (Outcome::Skipped, 1)]),
            of(&[(Outcome::Unchanged, 3), (Outcome::Skipped, 1)]),
        ),
        (OUTLOOK, of(&[(Outcome::Created, 3)]), of(&[(Outcome::Unchanged, 3)])),
        (
            HUBSPOT,
            of(&[(Outcome::Created, 2), (Outcome::Skipped, 1)]),
            of(&[(Outcome::Unchanged, 2), (Outcome::Skipped, 1)]),
        ),
    ] {
        assert_eq!(house.import("tailored offers", file).1, first);
        let before = house.everything();
        assert_eq!(house.import("tailored offers", file).1, again);
        assert_eq!(house.everything(), before);
    }
    assert_eq!(house.people(), 8);
    // The grounds an import opens are those the facts ask for: settling again changes nothing.
    let policy = house.instance.policy();
    for person in house.having("email", "zoe@muller.example") {
        let settled = house.instance.store.write(|tx| {
            store::ground::settle(tx, &policy, person, TODAY, "test", house.instance.clock.now())
        });
        let settled = settled.unwrap();
        assert!(settled.changes.is_empty() && !settled.life.grounds.is_empty(), "{:?}", settled.changes);
    }
    let zoe = house.having("phone", "07700 900123");
    assert_eq!(zoe, house.having("email", "ZOE@muller.example"));
    let belongs = house.instance.store.read(|tx| organisation::of_people(tx, &zoe)).unwrap();
    assert_eq!(belongs[0].name, "Harbour Housing");
}

#[test]
fn what_the_policy_does_not_declare_is_nowhere() {
    let house = House::new();
    let id = house.plan("tailored offers", GOOGLE).unwrap();
    for row in house.rows(id) {
        let raw = row.raw.unwrap();
        assert!(
            !raw.contains("1980-02-29") && !raw.contains("Quay Street") && !raw.contains("Prefers mornings"),
            "{raw}"
        );
    }
    house.run(id);
    let kinds = house
        .instance
        .store
        .read(|tx| tx.all("SELECT DISTINCT kind FROM item ORDER BY kind", &[], |row| row.text(0)));
    assert_eq!(kinds.unwrap(), ["email", "job title", "name", "phone"]);
    let batch = house.instance.store.read(|tx| batches::one(tx, id)).unwrap();
    assert!(
        batch.file.is_none() && batch.state == State::Finished,
        "the file goes when its rows are settled"
    );
    assert_eq!(files_under(&house.instance.store.data().join("files")), 0);
}

#[test]
fn who_is_brought_in_for_one_thing_is_not_marketed_to_unless_that_was_said() {
    let file =
        b"Name,E-mail,Phone\r\nJo Bell,jo.bell@vale.example,01632 960311\r\nMa Lin,ma.lin@vale.example,\r\n";
    let marketing = |house: &House| {
        let sql = "SELECT COUNT(*) FROM ground WHERE state = 'active'
            AND activity IN ('offers by phone', 'tailored offers', 'news for organisations')";
        house.instance.store.read(|tx| tx.count(sql, &[])).unwrap()
    };
    let house = House::new();
    let id = house.plan("enquiries", file).unwrap();
    let said = house
        .instance
        .store
        .read(|tx| Importing::load(&house.instance.policy(), tx, id).map(|i| i.said))
        .unwrap();
    assert_eq!((said.offers, said.phones, said.emails), (false, 1, 2), "the wizard says it in numbers");
    let before = marketing(&house);
    house.run(id);
    assert_eq!(marketing(&house), before, "nothing but what they were brought in for begins");
    let (jo, out) = house
        .instance
        .store
        .read(|tx| {
            let jo = store::search::find(tx, "jo.bell", &store::reach::Reach::Everyone, 2)?[0];
            Ok::<_, store::Error>((jo, store::not_entered::standing(tx, jo)?))
        })
        .unwrap();
    let names: Vec<&str> = out.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["news for organisations", "offers by phone", "tailored offers"]);
    // Nor by any later night; only by hand, and with a reason.
    let helen = common::hired(&house.instance, "Helen Marsh", "business manager");
    let acting = Acting::staff(&house.instance, helen).unwrap();
    let called = house.instance.store.read(|tx| app::acts::call::decide(&acting, tx, &acting.life(tx, jo)?));
    let Err(Fault::Refused(refusal)) = called else { panic!("{called:?}") };
    assert!(refusal.because.contains("they were not entered in offers by phone"), "{}", refusal.because);
    let enter = |why: &str| {
        house.instance.store.write(|tx| app::acts::person::enter(&acting, tx, jo, "offers by phone", why))
    };
    assert!(matches!(enter(" "), Err(Fault::Invalid(_))));
    enter("he rang and asked for it").unwrap();
    assert_eq!(marketing(&house), before + 1);

    // With the box ticked all of them begin.
    let house = House::new();
    let before = marketing(&house);
    let id = house.plan_as("enquiries", file, true).unwrap();
    house.run(id);
    assert_eq!(marketing(&house), before + 6);
}

#[test]
fn a_column_cannot_become_what_is_undeclared() {
    let house = House::new();
    let acting = house.acting();
    let file = b"Name,Born\r\nJo Bell,1970-05-01\r\n";
    let (received, sheet) = import::receive(&house.instance, &acting, "l.csv", file).unwrap();
    let naming = Naming {
        activity: "tailored offers".into(),
        source: "their organisation".into(),
        collected_on: Some(TODAY),
        told: "we".into(),
        ..Naming::default()
    };
    let refused = house.instance.store.write(|tx| {
        let id = import::keep(&acting, tx, &received)?;
        import::name_it(&acting, tx, id, &naming)?;
        import::plan(&acting, tx, id, &sheet, &["name:full".into(), "item:date of birth".into()])
    });
    let Err(Fault::Invalid(errors)) = refused else { panic!("{refused:?}") };
    assert_eq!(errors[0].words, "The policy does not declare date of birth for tailored offers.");
}

#[test]
fn where_consent_is_asked_for_a_file_brings_none() {
    let house = House::new();
    let Err(Fault::Refused(refusal)) = house.plan("supporters", HUBSPOT) else {
        panic!("a file is no consent")
    };
    assert!(refusal.because.contains("opted in"), "{}", refusal.because);
    assert_eq!(house.people(), 0);
}

#[test]
fn rows_about_people_who_are_here_add_to_them_and_strangers_who_share_an_address_stay_two() {
    let house = House::new();
    house.import(
        "tailored offers",
        b"Name,Email\r\nJo Bell,office@quarry.example\r\nAnn Reed,ann@reed.example\r\n",
    );
    let file = b"Name,Email,Phone,Job title\r\n\
        Jo Bell,OFFICE@quarry.example,01632 960301,Buyer\r\n\
        Sam Price,office@quarry.example,,\r\n\
        Ann M. Reed,ann@reed.example,,\r\n\
        Ann Reed,annie@reed.example,,\r\n";
    let (id, counts) = house.import("tailored offers", file);
    assert_eq!(counts, of(&[(Outcome::Updated, 1), (Outcome::Created, 2), (Outcome::Unchanged, 1)]));
    assert_eq!(house.rows(id)[0].reason.as_deref(), Some("phone, job title"));
    assert_eq!(house.having("email", "office@quarry.example").len(), 2);
    assert_eq!(house.having("name", "Ann M. Reed").len(), 0, "a name that is here stays as it is");
}

#[test]
fn two_people_of_one_name_stay_two_and_one_person_in_two_rows_is_one() {
    let house = House::new();
    let file =
        b"Name,Email\r\nJo Bell,\r\nJo Bell,\r\nAnn Reed,ann@reed.example\r\nAnn Reed,ann@reed.example\r\n";
    let id = house.plan("tailored offers", file).unwrap();
    assert_eq!(house.counts(id), of(&[(Outcome::Create, 3), (Outcome::Same, 1)]));
    assert_eq!(house.rows(id)[3].reason.as_deref(), Some("the same person as in row 3"));
    assert_eq!(house.run(id), of(&[(Outcome::Created, 3), (Outcome::Unchanged, 1)]));
    let before = house.everything();
    assert_eq!(house.import("tailored offers", file).1, of(&[(Outcome::Unchanged, 4)]));
    assert_eq!(house.everything(), before);
}

#[test]
fn a_row_is_put_right_in_place() {
    let house = House::new();
    let id = house
        .plan("tailored offers", b"Name,Email\r\nJo Bell,jo at bell.example\r\nAnn,ann@reed.example,x\r\n")
        .unwrap();
    assert_eq!(house.counts(id), of(&[(Outcome::Wrong, 2)]));
    assert_eq!(house.rows(id)[0].reason.as_deref(), Some("Email: not an e-mail address"));
    let fix = |line, column, value: &str| {
        let cells = [(column, value.to_owned())].into();
        house.instance.store.write(|tx| import::put_right(&house.acting(), tx, id, line, &cells))
    };
    assert_eq!(fix(1, 1, "still wrong").unwrap(), Outcome::Wrong);
    assert_eq!(fix(1, 1, "jo@bell.example").unwrap(), Outcome::Create);
    assert_eq!(fix(2, 0, "Ann Reed").unwrap(), Outcome::Create);
    assert!(fix(1, 1, "other@bell.example").is_err(), "a row that is right is not put right again");
    assert_eq!(house.run(id), of(&[(Outcome::Created, 2)]));
    assert_eq!(house.having("email", "jo@bell.example").len(), 1);
}

#[test]
fn who_objected_is_held_back_and_comes_in_only_on_their_own_word() {
    let house = House::new();
    let store = &house.instance.store;
    let now = house.instance.clock.now();
    store
        .write(|tx| {
            suppression::add(
                tx,
                store.keys(),
                "email",
                "ann@reed.example",
                Forbids::AllContact,
                TODAY,
                "asked",
                now,
            )?;
            suppression::add(
                tx,
                store.keys(),
                "email",
                "bob@reed.example",
                Forbids::Marketing,
                TODAY,
                "asked",
                now,
            )
        })
        .unwrap();
    let file = b"Name,Email\r\nAnn Reed,Ann@Reed.example\r\nBob Reed,bob@reed.example\r\nEve Moss,eve@moss.example\r\n";
    let id = house.plan("tailored offers", file).unwrap();
    assert_eq!(house.counts(id), of(&[(Outcome::Held, 2), (Outcome::Create, 1)]));
    assert_eq!(
        house.rows(id)[0].reason.as_deref(),
        Some("asked us never to be in touch again, by this email")
    );
    assert_eq!(house.run(id), of(&[(Outcome::LeftOut, 2), (Outcome::Created, 1)]));
    assert!(house.rows(id)[0].raw.is_none(), "what was left out is not kept");

    // Not for marketing: only the one who wants no contact at all is held back.
    let id = house.plan("enquiries", file).unwrap();
    assert_eq!(house.counts(id), of(&[(Outcome::Held, 1), (Outcome::Create, 1), (Outcome::Same, 1)]));
    store.write(|tx| import::welcome_back(&house.acting(), tx, id, 1)).unwrap();
    assert_eq!(house.run(id), of(&[(Outcome::Created, 2), (Outcome::Unchanged, 1)]));
    let still = store
        .read(|tx| suppression::bars(tx, store.keys(), "email", "ann@reed.example", true, false))
        .unwrap();
    assert!(still, "coming back is no consent to be written to");
}

#[test]
fn who_was_erased_does_not_come_back_by_a_file() {
    let house = House::new();
    house.import("tailored offers", OUTLOOK);
    let chloe = house.having("email", "chloe@ohanlon.example")[0];
    let store = &house.instance.store;
    let (policy, now) = (house.instance.policy(), house.instance.clock.now());
    store
        .write(|tx| {
            let keep = std::collections::BTreeSet::new();
            store::erase::grant(
                tx,
                &policy,
                store.keys(),
                chloe,
                &keep,
                RequestId(1),
                None,
                "test",
                TODAY,
                now,
            )
        })
        .unwrap();
    assert!(house.having("email", "chloe@ohanlon.example").is_empty());
    let id = house.plan("tailored offers", OUTLOOK).unwrap();
    assert_eq!(house.counts(id), of(&[(Outcome::Held, 1), (Outcome::Same, 2)]));
    assert_eq!(
        house.rows(id)[0].reason.as_deref(),
        Some("was erased on request on Tue 1 Dec 2026, known by the email")
    );
    let before = house.everything();
    assert_eq!(house.run(id), of(&[(Outcome::LeftOut, 1), (Outcome::Unchanged, 2)]));
    assert_eq!(house.everything(), before);
}

#[test]
fn an_import_is_undone_but_for_what_was_worked_on() {
    let house = House::new();
    house.import("tailored offers", b"Name,Email\r\nJo Bell,jo@bell.example\r\n");
    let before = house.everything();
    let file = b"Name,Email,Phone,Organisation\r\nJo Bell,jo@bell.example,01632 960301,Quarry Ltd\r\nAnn Reed,ann@reed.example,,Quarry Ltd\r\nEve Moss,eve@moss.example,,\r\n";
    let (id, counts) = house.import("tailored offers", file);
    assert_eq!(counts, of(&[(Outcome::Updated, 1), (Outcome::Created, 2)]));
    // Somebody changes what the import brought of Eve.
    let eve = house.having("email", "eve@moss.example")[0];
    let store = &house.instance.store;
    store
        .write(|tx| {
            let policy = house.instance.policy();
            let first = item::of_person(tx, &policy, eve)?.remove(0);
            item::set(tx, &policy, first.id, first.version, "Eve Mosse", None, house.instance.clock.now())
        })
        .unwrap();
    assert_eq!(house.undo(id), of(&[(Outcome::Gone, 2), (Outcome::Stayed, 1)]));
    assert!(
        house.having("email", "ann@reed.example").is_empty()
            && house.having("phone", "01632 960301").is_empty()
    );
    assert_eq!(house.having("email", "eve@moss.example"), [eve]);
    assert_eq!(house.having("email", "jo@bell.example").len(), 1);
    let after = house.everything();
    // Eve with two items, one category and her grounds; the organisation, which is nobody's data.
    assert_eq!((after[0], after[1], after[3]), (before[0] + 1, before[1] + 2, before[3]));
    let again = store.write(|tx| import::start_undo(&house.acting(), tx, id));
    assert!(matches!(again, Err(Fault::Changed)), "once: {again:?}");
}

#[test]
fn the_undoing_of_an_import_goes_on_after_a_stop() {
    let house = House::new();
    house.import("tailored offers", b"Name,Email\r\nJo Bell,jo@bell.example\r\n");
    let file = b"Name,Email,Phone\r\nAnn Reed,ann@reed.example,\r\nEve Moss,eve@moss.example,\r\nJo Bell,jo@bell.example,01632 960301\r\n";
    let (id, counts) = house.import("tailored offers", file);
    assert_eq!(counts, of(&[(Outcome::Updated, 1), (Outcome::Created, 2)]));
    let store = &house.instance.store;
    let jo = house.having("email", "jo@bell.example")[0];
    let since = |day: &str| {
        let sql = "UPDATE person_category SET since = ?2 WHERE person_id = ?1";
        store.write(|tx| tx.exec(sql, store::params![jo, day])).unwrap();
    };
    // The last of them cannot be read.
    since("2026-13-99");
    store.write(|tx| import::start_undo(&house.acting(), tx, id)).unwrap();
    assert!(import::run_undo(&house.instance, id).is_err());
    assert_eq!(house.counts(id).get(&Outcome::Updated), Some(&1), "nothing of it half gone");
    since("2026-11-20");
    assert_eq!(import::resume(&house.instance).unwrap(), 1);
    assert_eq!(house.counts(id), of(&[(Outcome::Gone, 3)]));
    assert_eq!(
        (house.having("email", "ann@reed.example"), house.having("email", "jo@bell.example")),
        (vec![], vec![jo])
    );
}

#[test]
fn whoever_is_perhaps_here_twice_goes_with_the_import_that_brought_them() {
    let house = House::new();
    let store = &house.instance.store;
    house.import("tailored offers", b"Name,Email,Phone\r\nJo Bell,jo@bell.example,01632 960301\r\n");
    let before = house.everything();
    let file = b"Name,Email,Phone\r\nBell Jo,j.bell@work.example,01632 960301\r\n";
    let (id, counts) = house.import("tailored offers", file);
    assert_eq!(counts, of(&[(Outcome::Created, 1)]));
    let now = house.instance.clock.now();
    let found = alike::look(store, &house.instance.policy(), TODAY, now).unwrap();
    assert_eq!(found.pairs, 1, "{found:?}");
    assert_eq!(house.undo(id), of(&[(Outcome::Gone, 1)]));
    assert_eq!(house.everything()[..4], before[..4]);
    assert_eq!(store.read(|tx| tx.count("SELECT COUNT(*) FROM alike", &[])).unwrap(), 0);
}

#[test]
fn undoing_an_import_takes_nothing_from_whoever_was_put_together_since() {
    let house = House::new();
    house.import("tailored offers", b"Name,Email\r\nJo Bell,jo@bell.example\r\n");
    let file = b"Name,Email,Organisation\r\nJo Bell,jo@bell.example,Quarry Ltd\r\nAnn Reed,ann@reed.example,Quarry Ltd\r\n";
    let (id, counts) = house.import("tailored offers", file);
    assert_eq!(counts, of(&[(Outcome::Updated, 1), (Outcome::Created, 1)]));
    let (jo, ann) =
        (house.having("email", "jo@bell.example")[0], house.having("email", "ann@reed.example")[0]);
    let acting = house.acting();
    let by = merge::By { staff: None, today: TODAY, now: acting.now };
    house.instance.store.write(|tx| merge::put_together(tx, &acting.policy, (jo, ann), &by)).unwrap();
    let before = house.everything();
    assert_eq!(house.undo(id), of(&[(Outcome::Stayed, 2)]));
    assert_eq!(house.everything(), before);
    let (kept, gone) = (jo.min(ann), jo.max(ann));
    assert_eq!(house.having("email", "ann@reed.example"), [kept]);
    assert!(house.instance.store.read(|tx| person::exists(tx, kept)).unwrap());
    assert!(!house.instance.store.read(|tx| person::exists(tx, gone)).unwrap());
}

#[test]
fn undoing_an_import_takes_nothing_from_whoever_is_on_hold() {
    let house = House::new();
    let owner = common::hired(&house.instance, "Helen Marsh", "business manager").id;
    house.import("tailored offers", b"Name,Email\r\nJo Bell,jo@bell.example\r\n");
    let file = b"Name,Email,Phone\r\nJo Bell,jo@bell.example,01632 960301\r\n";
    let (id, counts) = house.import("tailored offers", file);
    assert_eq!(counts, of(&[(Outcome::Updated, 1)]));
    let jo = house.having("email", "jo@bell.example")[0];
    let (person, review_on) = (Some(jo), date(2027, 3, 1));
    let new = NewHold { person, engagement: None, reason: "a claim", owner, since: TODAY, review_on };
    house.instance.store.write(|tx| hold::place(tx, &new, house.instance.clock.now())).unwrap();
    assert_eq!(house.undo(id), of(&[(Outcome::Stayed, 1)]));
    assert_eq!(house.having("phone", "01632 960301"), [jo], "nothing is let go while it stands");
}

#[test]
fn undoing_the_only_import_leaves_nothing_of_anybody() {
    let house = House::new();
    let nothing = house.everything();
    let (id, _) = house.import("tailored offers", OUTLOOK);
    assert_eq!(house.undo(id), of(&[(Outcome::Gone, 3)]));
    let left = house.everything();
    assert_eq!(
        [left[0], left[1], left[2], left[3], left[5], left[6]],
        [nothing[0], nothing[1], nothing[2], nothing[3], nothing[5], nothing[6]]
    );
}

#[test]
fn an_import_that_was_interrupted_goes_on() {
    let house = House::new();
    let mut file = String::from("Name,Email\n");
    for n in 0..250 {
        file.push_str(&format!("Person {n},person{n}@many.example\n"));
    }
    let id = house.plan("tailored offers", file.as_bytes()).unwrap();
    house.instance.store.write(|tx| import::start(&house.acting(), tx, id)).unwrap();
    let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        import::run(&house.instance, id, |tally| assert!(tally.done < 200, "the power goes"))
    }));
    assert!(stopped.is_err() && house.people() == 200);
    assert_eq!(import::resume(&house.instance).unwrap(), 1);
    assert_eq!((house.people(), house.counts(id)), (250, of(&[(Outcome::Created, 250)])));
}

#[test]
fn a_preview_nobody_finishes_is_forgotten() {
    let house = House::new();
    let id = house.plan("tailored offers", GOOGLE).unwrap();
    let later = house.instance.clock.now() + jiff::SignedDuration::from_hours(24 * 6);
    import::tidy(&house.instance, later, &mut app::acts::undone::Undone::default()).unwrap();
    assert!(house.instance.store.read(|tx| batches::one(tx, id)).is_ok());
    import::tidy(
        &house.instance,
        later + jiff::SignedDuration::from_hours(48),
        &mut app::acts::undone::Undone::default(),
    )
    .unwrap();
    assert!(house.instance.store.read(|tx| batches::one(tx, id)).is_err());
    assert_eq!(files_under(&house.instance.store.data().join("files")), 0);
}
