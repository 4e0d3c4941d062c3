//! Rows go one by one: by the hour, rolling, by version, record by record; and a row that stays is named.

use custody::coverage::Role;
use custody::id::{DocumentId, EngagementId, EntryId, PersonId, StaffId};
use custody::proof::Verdict;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use policy::Policy;
use store::document::{NewDocument, Where};
use store::entry::NewEntry;
use store::message::{NewMessage, Sort};
use store::{
    Error, Of, Store, certificate, document, engagement, entry, files, forgotten, ground, hold, message,
    prove, setting, staff, sweep,
};

use crate::harness::policy as cti;
use crate::story::{ACTOR, noon, someone};

fn policy() -> Policy {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../policy/tests/each.policy");
    let text = std::fs::read_to_string(path).unwrap();
    let (policy, found) = Policy::read(vec![policy::source::File { name: "each.policy".into(), text }]);
    policy.unwrap_or_else(|| panic!("{found:?}"))
}

fn at(on: Date, hour: i8, minute: i8) -> Timestamp {
    on.at(hour, minute, 0, 0).to_zoned(policy::law::uk::london()).unwrap().timestamp()
}

fn resident(store: &Store, policy: &Policy, name: &str) -> PersonId {
    someone(store, policy, "resident", date(2020, 1, 2), &[("name", name)])
}

fn settle(store: &Store, policy: &Policy, who: PersonId, on: Date, now: Timestamp) {
    store.write(|tx| ground::settle(tx, policy, who, on, ACTOR, now)).unwrap();
}

fn writes(store: &Store, policy: &Policy, kind: &str, people: &[PersonId], on: Date, now: Timestamp) -> i64 {
    writes_on(store, policy, (kind, None), people, on, now)
}

/// Somebody moves in.
fn stays(store: &Store, policy: &Policy, who: PersonId, on: Date) -> EngagementId {
    let new = engagement::NewEngagement {
        work: policy.work_named("stay").unwrap().id,
        title: "A stay",
        opened_on: on,
        paid_by_organisation: None,
        paid_by_person: None,
    };
    let stay = store.write(|tx| {
        let stay = engagement::open(tx, policy, &new, noon(on))?;
        engagement::join(tx, stay, who, "resident", on)?;
        Ok::<_, Error>(stay)
    });
    settle(store, policy, who, on, noon(on));
    stay.unwrap()
}

fn writes_on(
    store: &Store,
    policy: &Policy,
    (kind, stay): (&str, Option<EngagementId>),
    people: &[PersonId],
    on: Date,
    now: Timestamp,
) -> i64 {
    let on_work: Vec<_> = stay.into_iter().map(|stay| (stay, None)).collect();
    let people: Vec<_> = people.iter().map(|who| (*who, Role::Subject)).collect();
    let new = NewEntry {
        kind: policy.kind_named(kind).unwrap().id,
        on,
        direction: None,
        body: "what was seen",
        source: "us",
        import: None,
        people: &people,
        engagements: &on_work,
        author: None,
    };
    let entry = store.write(|tx| entry::add(tx, policy, &new, now)).unwrap();
    people.iter().for_each(|(who, _)| settle(store, policy, *who, on, now));
    entry.0
}

fn files_away(store: &Store, policy: &Policy, who: PersonId, on: Date) -> i64 {
    let file = files::write(store, &b"could fall"[..]).unwrap();
    let new = NewDocument {
        kind: policy.kind_named("risk assessment").unwrap().id,
        title: "Risks",
        place: Where::File(&file, "text/plain"),
        on,
        source: "us",
        people: &[(who, Role::Subject)],
        engagements: &[],
        by: None,
    };
    let document = store.write(|tx| document::add(tx, policy, &new, noon(on))).unwrap();
    settle(store, policy, who, on, noon(on));
    document.0
}

fn sends(store: &Store, policy: &Policy, who: PersonId, on: Date) -> i64 {
    let new = NewMessage {
        person: Some(who),
        mailing: None,
        sort: Sort::Rights,
        activity: None,
        channel: "email",
        address: "a@home.example",
        subject: "Yours",
        body: "Dear you",
        html: None,
        token: None,
        not_before: Some(noon(on)),
        request: None,
        by: None,
    };
    let id = store
        .write(|tx| {
            let id = message::queue(tx, &new, on, noon(on))?;
            message::claim(tx, policy, id, noon(on))?;
            message::sent(tx, id, noon(on))?;
            Ok::<_, Error>(id.0)
        })
        .unwrap();
    settle(store, policy, who, on, noon(on));
    id
}

fn night(store: &Store, policy: &Policy, on: Date) -> sweep::Report {
    let report = sweep::run(store, policy, on, &|| at(on, 2, 0), false).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    report
}

fn there(store: &Store, table: &str) -> Vec<i64> {
    store.read(|tx| tx.all(&format!("SELECT id FROM {table} ORDER BY id"), &[], |row| row.int(0))).unwrap()
}

/// Every promise of the policy, as one looks at half past nine.
fn proof(store: &Store, policy: &Policy, on: Date) -> Vec<custody::proof::Finding> {
    prove::run(store, policy, at(on, 9, 30), on).unwrap()
}

fn all_kept(store: &Store, policy: &Policy, on: Date) {
    for finding in proof(store, policy, on) {
        assert_eq!(finding.verdict, Verdict::Kept, "{on}: {finding:?}");
    }
}

/// Rows of a table that no backup may bring back any more.
fn gone_from_backups(store: &Store, table: &str) -> i64 {
    let told = format!("SELECT COUNT(*) FROM ring_duty WHERE table_name = '{table}' AND what = 'gone'");
    store.read(|tx| tx.count(&told, &[])).unwrap()
}

fn run_sql(store: &Store, sql: &str) {
    store.write(|tx| tx.exec(sql, &[])).unwrap();
}

both! {
    fn one_row_is_read_for_whom_it_is_about_and_for_the_work_it_is_on_and_for_nobody_else(store) {
        let policy = policy();
        let (ada, bo) = (resident(store, &policy, "Ada Quill"), resident(store, &policy, "Bo Lane"));
        let day = date(2026, 3, 1);
        let stay = stays(store, &policy, ada, day);
        let line = EntryId(writes_on(store, &policy, ("visit note", Some(stay)), &[ada], day, noon(day)));
        writes(store, &policy, "visit note", &[ada, bo], day, noon(day));
        let of = |who| store.read(|tx| entry::one_of(tx, &policy, line, Of::Person(who))).unwrap();
        assert_eq!(of(ada).map(|found| (found.id, found.body.person())), Some((line, ada)));
        assert!(of(bo).is_none());
        let on = |work| store.read(|tx| entry::one_of(tx, &policy, line, Of::Work(work))).unwrap();
        assert_eq!(on(stay).map(|found| found.id), Some(line));
        assert!(on(EngagementId(1)).is_none());
        let paper = DocumentId(files_away(store, &policy, ada, day));
        let of = |who| store.read(|tx| document::one_of(tx, &policy, paper, Of::Person(who))).unwrap();
        assert_eq!(of(ada).map(|found| (found.id, found.title.person())), Some((paper, ada)));
        assert!(of(bo).is_none());
        assert!(store.read(|tx| document::one_of(tx, &policy, paper, Of::Work(stay))).unwrap().is_none());
    }

    fn what_is_kept_by_the_hour_goes_within_the_hour(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        let (day, next) = (date(2026, 3, 1), date(2026, 3, 2));
        writes(store, &policy, "door log", &[ada], day, at(day, 14, 30));
        let hour = |hour, minute| sweep::hour(store, &policy, next, &|| at(next, hour, minute)).unwrap().rows();
        assert_eq!(night(store, &policy, next).rows(), 0, "the night comes before its end");
        assert_eq!(hour(16, 29), 0);
        assert_eq!(hour(16, 31), 1);
        assert_eq!(hour(16, 41), 0, "twice is once");
        assert!(there(store, "entry").is_empty());
        assert_eq!(gone_from_backups(store, "entry"), 1);
        let left = store.read(|tx| certificate::of_person(tx, ada)).unwrap();
        assert!(left[0].reasons.contains(&"door log 26 hours after recorded".to_owned()), "{left:?}");
        assert_eq!(left[0].counts.get("door log"), Some(&1));
        // She lives here still: the next one has its place, and its own end. The clocks go forward in between.
        let spring = date(2026, 3, 28);
        writes(store, &policy, "door log", &[ada], spring, at(spring, 20, 0));
        let sunday = date(2026, 3, 29);
        let hour = |hour, minute| sweep::hour(store, &policy, sunday, &|| at(sunday, hour, minute)).unwrap().rows();
        assert_eq!(hour(22, 30), 0, "26 hours are 26 hours");
        assert_eq!(hour(23, 0), 1);
        all_kept(store, &policy, date(2026, 3, 31));
    }

    fn a_night_makes_up_for_hours_nobody_swept(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        let day = date(2026, 3, 1);
        writes(store, &policy, "door log", &[ada], day, at(day, 14, 30));
        assert_eq!(night(store, &policy, date(2026, 3, 3)).disposed.get("door log"), Some(&1));
    }

    fn rolling_rows_are_counted_and_forgotten_one_by_one(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        writes(store, &policy, "visit note", &[ada], date(2026, 3, 1), noon(date(2026, 3, 1)));
        writes(store, &policy, "visit note", &[ada], date(2026, 3, 1), at(date(2026, 3, 1), 15, 0));
        let later = writes(store, &policy, "visit note", &[ada], date(2026, 3, 10), noon(date(2026, 3, 10)));
        assert_eq!(night(store, &policy, date(2026, 3, 31)).rows(), 0, "the 31st is the last day");
        assert_eq!(night(store, &policy, date(2026, 4, 1)).disposed.get("visit note"), Some(&2));
        assert_eq!(there(store, "entry"), [later]);
        assert_eq!(gone_from_backups(store, "entry"), 2);
        let counted = store.read(|tx| forgotten::of_rule(tx, "living/visit note")).unwrap();
        assert_eq!(counted, [(date(2026, 3, 1), "visit note".to_owned(), 2)]);
        assert!(store.read(|tx| certificate::of_person(tx, ada)).unwrap().is_empty(), "nothing says whose they were");
        let told = "SELECT COUNT(*) FROM log_event e JOIN log_subject s ON s.event_id = e.id WHERE e.act = 'counted and forgot'";
        assert_eq!(store.read(|tx| tx.count(told, &[])).unwrap(), 0);
        all_kept(store, &policy, date(2026, 4, 1));
        let said = proof(store, &policy, date(2026, 4, 1)).into_iter().find(|found| found.id == "ACME-02").unwrap();
        assert!(said.figure.contains("2 rows counted and let go before"), "{said:?}");
        // The rest goes in its own time, and she stays.
        assert_eq!(night(store, &policy, date(2026, 4, 10)).rows(), 1);
        writes(store, &policy, "visit note", &[ada], date(2026, 4, 11), noon(date(2026, 4, 11)));
        all_kept(store, &policy, date(2026, 4, 11));
    }

    fn of_versions_the_newest_stays_and_the_old_ones_go(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        let first = files_away(store, &policy, ada, date(2020, 5, 1));
        let second = files_away(store, &policy, ada, date(2022, 5, 1));
        assert_eq!(night(store, &policy, date(2023, 5, 1)).rows(), 0);
        assert_eq!(night(store, &policy, date(2023, 5, 2)).disposed.get("risk assessment"), Some(&1));
        assert_eq!(there(store, "document"), [second]);
        assert_eq!(gone_from_backups(store, "document"), 1);
        assert_ne!(first, second);
        assert_eq!(night(store, &policy, date(2025, 5, 2)).rows(), 0, "old, and the newest there is");
        let third = files_away(store, &policy, ada, date(2026, 2, 1));
        assert_eq!(night(store, &policy, date(2026, 2, 2)).disposed.get("risk assessment"), Some(&1));
        assert_eq!(there(store, "document"), [third]);
        all_kept(store, &policy, date(2026, 2, 2));
    }

    fn a_detail_under_the_latest_goes_when_another_takes_its_place(store) {
        let policy = policy();
        let ada = someone(store, &policy, "resident", date(2026, 1, 2), &[("name", "Ada"), ("meter reading", "100")]);
        let reading = |value: &str, on: Date| {
            let new = store::item::NewItem {
                person: ada, kind: policy.kind_named("meter reading").unwrap().id, value, source: "the person", collected_on: on,
                import: None, by: None,
            };
            store.write(|tx| store::item::add(tx, &policy, &new, noon(on))).unwrap();
            settle(store, &policy, ada, on, noon(on));
        };
        reading("180", date(2026, 2, 2));
        assert_eq!(night(store, &policy, date(2026, 2, 3)).disposed.get("meter reading"), Some(&1));
        assert_eq!(there(store, "item").len(), 2);
        all_kept(store, &policy, date(2026, 2, 3));
    }

    fn records_go_one_by_one(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        sends(store, &policy, ada, date(2026, 3, 1));
        let later = sends(store, &policy, ada, date(2026, 3, 3));
        assert_eq!(night(store, &policy, date(2026, 3, 4)).disposed.get("message record"), Some(&1));
        assert_eq!(there(store, "message"), [later]);
        assert_eq!(gone_from_backups(store, "message"), 1);
        all_kept(store, &policy, date(2026, 3, 4));
        assert_eq!(night(store, &policy, date(2026, 3, 6)).rows(), 1);
    }

    fn whoever_writes_every_year_keeps_no_older_records_with_the_newer(store) {
        let policy = cti();
        let sue = someone(store, &policy, "supporter", date(2024, 1, 2), &[("name", "Sue Vale"), ("email", "sue@home.example")]);
        let first = sends(store, &policy, sue, date(2024, 3, 1));
        let second = sends(store, &policy, sue, date(2025, 3, 1));
        assert_eq!(night(store, &policy, date(2026, 3, 1)).disposed.get("message record"), None);
        assert_eq!(night(store, &policy, date(2026, 3, 2)).disposed.get("message record"), Some(&1));
        assert_eq!(there(store, "message"), [second]);
        assert_ne!(first, second);
    }

    fn a_row_about_two_people_goes_for_both(store) {
        let policy = policy();
        let (ada, bea) = (resident(store, &policy, "Ada Quill"), resident(store, &policy, "Bea Quill"));
        let day = date(2026, 3, 1);
        writes(store, &policy, "visit note", &[ada, bea], day, noon(day));
        assert_eq!(night(store, &policy, date(2026, 4, 1)).rows(), 1);
        assert!(there(store, "entry").is_empty());
        all_kept(store, &policy, date(2026, 4, 1));
    }

    fn a_hold_keeps_a_row_past_its_end_and_no_longer(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        let day = date(2026, 3, 1);
        writes(store, &policy, "visit note", &[ada], day, noon(day));
        let held = store.write(|tx| {
            let account = staff::NewAccount { name: "Cleo", email: "cleo@acme.example", role: "manager", person: None, since: day };
            let owner: StaffId = staff::add(tx, &account, noon(day))?;
            let new = hold::NewHold {
                person: Some(ada), engagement: None, reason: "a claim", owner, since: day, review_on: date(2026, 12, 1),
            };
            hold::place(tx, &new, noon(day))
        }).unwrap();
        settle(store, &policy, ada, day, noon(day));
        assert_eq!(night(store, &policy, date(2026, 4, 1)).held, 1);
        settle(store, &policy, ada, date(2026, 4, 2), noon(date(2026, 4, 2)));
        all_kept(store, &policy, date(2026, 4, 2));
        store.write(|tx| hold::end(tx, held, date(2026, 5, 1), "settled", None)).unwrap();
        settle(store, &policy, ada, date(2026, 5, 1), noon(date(2026, 5, 1)));
        assert_eq!(night(store, &policy, date(2026, 5, 1)).disposed.get("visit note"), Some(&1));
        all_kept(store, &policy, date(2026, 5, 2));
    }

    fn whoever_has_left_goes_with_their_last_row(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        let (seen, gone) = (date(2024, 2, 20), date(2024, 3, 1));
        writes(store, &policy, "visit note", &[ada], seen, noon(seen));
        run_sql(store, &format!("UPDATE person_category SET until = '{gone}' WHERE person_id = {ada}"));
        settle(store, &policy, ada, gone, noon(gone));
        assert_eq!(night(store, &policy, date(2024, 3, 21)).rows(), 0, "the row keeps its ground");
        assert_eq!(night(store, &policy, date(2024, 3, 22)).rows(), 1);
        all_kept(store, &policy, date(2024, 3, 22));
        night(store, &policy, date(2026, 3, 2));
        assert!(!store.read(|tx| store::person::exists(tx, ada)).unwrap());
    }

    fn a_row_put_back_behind_the_programs_back_is_named_and_swept(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        let today = date(2026, 6, 1);
        let stay = stays(store, &policy, ada, today);
        for (kind, on) in [("door log", None), ("visit note", None), ("care note", Some(stay))] {
            writes_on(store, &policy, (kind, on), &[ada], today, at(today, 8, 0));
        }
        files_away(store, &policy, ada, today);
        sends(store, &policy, ada, today);
        all_kept(store, &policy, today);
        let yesterday = at(date(2026, 5, 31), 4, 0).as_millisecond();
        let april = noon(date(2026, 4, 1)).as_millisecond();
        let old = noon(date(2020, 4, 1)).as_millisecond();
        let entry = |kind: &str, ms: i64| {
            format!("INSERT INTO entry (id, kind, on_date, body, source, version, recorded_at, updated_at)
                VALUES (77, '{kind}', '2020-04-01', 'x', 'us', 1, {ms}, {ms})")
        };
        let linked = format!("INSERT INTO entry_person (entry_id, person_id, role) VALUES (77, {ada}, 'subject')");
        let ways = [
            ("ACME-01", "door log 77", entry("door log", yesterday), "entry"),
            ("ACME-02", "visit note 77", entry("visit note", april), "entry"),
            ("ACME-05", "care note 77", entry("care note", old), "entry"),
            ("ACME-03", "risk assessment 77",
                format!("INSERT INTO document (id, kind, title, on_date, source, usable, version, recorded_at)
                    VALUES (77, 'risk assessment', 'x', '2020-04-01', 'us', 1, 1, {old})"), "document"),
            ("ACME-04", "meter reading 77",
                format!("INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                    VALUES (77, {ada}, 'meter reading', '1', '1', 'us', '2020-04-01', 1, {old})"), "item"),
            ("ACME-06", "message record 77",
                format!("INSERT INTO message (id, person_id, sort, channel, address, subject, body, state, queued_on, queued_at, sent_at, attempts)
                    VALUES (77, {ada}, 'rights', 'email', 'a', 'b', 'c', 'sent', '2020-04-01', {old}, {old}, 1)"), "message"),
            // One that never left is kept no longer than one that did.
            ("ACME-06", "message record 77",
                format!("INSERT INTO message (id, person_id, sort, channel, address, subject, body, state, queued_on, queued_at, attempts)
                    VALUES (77, {ada}, 'rights', 'email', 'a', 'b', 'c', 'queued', '2020-04-01', {old}, 0)"), "message"),
        ];
        for (promise, named, sql, table) in &ways {
            run_sql(store, sql);
            match *table {
                "entry" => {
                    run_sql(store, &linked);
                    if named.starts_with("care") {
                        run_sql(store, &format!("INSERT INTO entry_work (entry_id, engagement_id) VALUES (77, {stay})"));
                    }
                }
                "document" => run_sql(store, &linked.replace("entry", "document")),
                "item" => run_sql(store, &sql.replace("(77,", "(78,").replace("2020-04-01", "2026-05-01")),
                _ => {}
            }
            let found = prove::promise(store, &policy, promise, at(today, 9, 30), today).unwrap().unwrap();
            assert_eq!(found.verdict, Verdict::Broken, "{promise}: {found:?}");
            let said = format!("{named} of person {ada} outlived its own end");
            assert!(found.counterexamples.contains(&said), "{promise}: {found:?}");
            // The next act about her finds it, and the next night takes it.
            settle(store, &policy, ada, today, at(today, 9, 30));
            let swept = sweep::run(store, &policy, today.tomorrow().unwrap(), &|| at(today, 9, 40), false).unwrap();
            assert!(swept.rows() >= 1, "{promise}: {swept:?}");
            assert!(!there(store, table).contains(&77), "{promise}");
            let mended = prove::promise(store, &policy, promise, at(today, 9, 50), today).unwrap().unwrap();
            assert_eq!(mended.verdict, Verdict::Kept, "{promise}: {mended:?}");
        }
    }

    fn the_first_night_after_an_upgrade_finds_what_the_program_before_did_not_store(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        let day = date(2026, 3, 1);
        writes(store, &policy, "visit note", &[ada], day, noon(day));
        // As an instance of before has it when this program opens it.
        run_sql(store, "UPDATE ground SET row_on = NULL, row_at = NULL");
        run_sql(store, "INSERT INTO setting (name, value) VALUES ('settle everybody', 'yes')");
        assert_eq!(night(store, &policy, date(2026, 4, 1)).disposed.get("visit note"), Some(&1));
        assert_eq!(night(store, &policy, date(2026, 4, 2)).settled, 0, "once is enough");
        all_kept(store, &policy, date(2026, 4, 2));
    }

    fn whoever_is_to_be_settled_anew_since_the_night_began_is_not_forgotten(store) {
        let (policy, today) = (policy(), date(2026, 4, 1));
        let says = |whom: &str| store.write(|tx| setting::set(tx, "settle everybody", whom)).unwrap();
        let stands = || store.read(|tx| setting::get(tx, "settle everybody")).unwrap();
        let (ada, bo) = (resident(store, &policy, "Ada Quill"), resident(store, &policy, "Bo Reed"));
        let both = format!("[{ada},{bo}]");
        says(&format!("[{ada}]"));
        let asked = std::cell::Cell::new(0);
        let clock = || {
            asked.set(asked.get() + 1);
            // The night knows by now whom it settles.
            if asked.get() == 2 {
                says(&both);
            }
            noon(today)
        };
        sweep::run(store, &policy, today, &clock, false).unwrap();
        assert_eq!(stands().as_deref(), Some(both.as_str()));
        night(store, &policy, date(2026, 4, 2));
        assert_eq!(stands(), None);
    }

    fn a_stored_end_of_a_row_that_is_not_so_is_named(store) {
        let policy = policy();
        let ada = resident(store, &policy, "Ada Quill");
        let today = date(2026, 6, 1);
        writes(store, &policy, "visit note", &[ada], today, noon(today));
        all_kept(store, &policy, today);
        run_sql(store, "UPDATE ground SET row_on = '2099-01-01' WHERE row_on = '2026-07-01'");
        let found = prove::promise(store, &policy, "ACME-02", at(today, 13, 0), today).unwrap().unwrap();
        assert!(found.counterexamples.iter().any(|said| said.contains("2026-07-01 for its next row")), "{found:?}");
    }
}
