//! Made anonymous: counts of enough people stay, nothing else; what does not hold is seen.

use std::collections::BTreeMap;

use custody::coverage::Role;
use custody::id::PersonId;
use custody::proof::Verdict;
use jiff::civil::{Date, date};
use policy::Policy;
use store::entry::NewEntry;
use store::{Error, Store, anonymous, certificate, entry, params, policy_version, prove, sweep};

use crate::harness::pack;
use crate::prove::run_sql;
use crate::story::{noon, settle, someone};

const RULE: &str = "research";
const ASKED: Date = date(2025, 3, 3);
const OVER: Date = date(2026, 3, 4);

fn answers(store: &Store, policy: &Policy, who: PersonId, on: Date) -> i64 {
    let new = NewEntry {
        kind: policy.kind_named("survey answers").unwrap().id,
        on,
        direction: None,
        body: "they listened",
        source: "the person",
        import: None,
        people: &[(who, Role::Subject)],
        engagements: &[],
        author: None,
    };
    store
        .write(|tx| {
            let entry = entry::add(tx, policy, &new, noon(on))?;
            settle(tx, policy, who, on)?;
            Ok::<_, Error>(entry.0)
        })
        .unwrap()
}

fn nurse(store: &Store, policy: &Policy, n: usize) -> PersonId {
    let name = format!("Ada {n}");
    let who = someone(store, policy, "client", ASKED, &[("name", &name), ("occupation", "Nurse ")]);
    answers(store, policy, who, ASKED);
    answers(store, policy, who, ASKED);
    who
}

fn night(store: &Store, policy: &Policy, on: Date) -> sweep::Report {
    let report = sweep::run(store, policy, on, &|| noon(on), false).unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    report
}

fn look(store: &Store, policy: &Policy, on: Date) -> custody::proof::Finding {
    prove::promise(store, policy, "CLI-25", noon(on), on).unwrap().unwrap()
}

fn counts(store: &Store) -> (Vec<anonymous::Count>, i64) {
    store.read(|tx| anonymous::of_rule(tx, RULE)).unwrap()
}

both! {
    fn a_count_stands_from_five_people_on_and_grows_by_as_many(store) {
        let policy = pack("cli");
        store.write(|tx| policy_version::adopt(tx, &policy, noon(ASKED), None)).unwrap();
        let four: Vec<PersonId> = (0..4).map(|n| nurse(store, &policy, n)).collect();
        assert_eq!(night(store, &policy, date(2026, 3, 3)).disposed.get("survey answers"), None, "the last day itself");
        assert_eq!(night(store, &policy, OVER).disposed.get("survey answers"), Some(&8));
        assert_eq!(counts(store), (Vec::new(), 12), "four people's answers and occupations wait");
        let said = store.read(|tx| tx.count("SELECT COUNT(*) FROM anonymous_waiting WHERE kind LIKE '%nurse%' OR rule LIKE '%nurse%'", &[])).unwrap();
        assert_eq!(said, 0);
        let written = store.read(|tx| certificate::of_person(tx, four[0])).unwrap();
        assert!(written.iter().any(|one| one.disposal.contains("anonymise") && one.counts.get("survey answers") == Some(&2)), "{written:?}");
        assert_eq!(look(store, &policy, OVER).verdict, Verdict::Kept, "{:?}", look(store, &policy, OVER));

        nurse(store, &policy, 4);
        night(store, &policy, OVER);
        let (stand, waits) = counts(store);
        let by = BTreeMap::from([("occupation".to_owned(), "nurse".to_owned())]);
        let answered = stand.iter().find(|count| count.kind == "survey answers").unwrap();
        assert_eq!((answered.year, &answered.by, answered.people, answered.rows, waits), (2025, &by, 5, 10, 0));

        // A sixth alone changes nothing that anybody can see.
        nurse(store, &policy, 5);
        night(store, &policy, OVER);
        assert_eq!(counts(store).0, stand);
        assert!(counts(store).1 > 0);
        let found = look(store, &policy, OVER);
        assert_eq!(found.verdict, Verdict::Kept, "{found:?}");
        assert!(found.figure.contains("rows made anonymous and counted"), "{found:?}");
    }

    fn whose_rows_go_on_several_nights_is_one_person_all_the_same(store) {
        let policy = pack("cli");
        store.write(|tx| policy_version::adopt(tx, &policy, noon(ASKED), None)).unwrap();
        let ada = someone(store, &policy, "client", ASKED, &[("name", "Ada")]);
        let days: Vec<Date> = (0..8).map(|n| ASKED.checked_add(jiff::Span::new().days(n)).unwrap()).collect();
        for day in &days {
            answers(store, &policy, ada, *day);
        }
        let mut gone = 0;
        for night_of in &days {
            let over = night_of.checked_add(jiff::Span::new().years(1).days(1)).unwrap();
            gone += night(store, &policy, over).disposed.get("survey answers").copied().unwrap_or(0);
        }
        assert_eq!(gone, 8);
        assert_eq!(counts(store), (Vec::new(), 8), "eight nights make no eight people");
    }

    fn a_count_of_one_and_a_row_that_still_has_its_person_are_seen(store) {
        let policy = pack("cli");
        store.write(|tx| policy_version::adopt(tx, &policy, noon(ASKED), None)).unwrap();
        (0..5).for_each(|n| {
            nurse(store, &policy, n);
        });
        night(store, &policy, OVER);
        assert_eq!(look(store, &policy, OVER).verdict, Verdict::Kept);

        run_sql(store, "INSERT INTO anonymous (rule, kind, year, counted_by, people, how_many)
            VALUES ('research', 'survey answers', 2025, '{\"occupation\":\"ferryman\"}', 1, 2)");
        let found = look(store, &policy, OVER);
        assert_eq!(found.verdict, Verdict::Broken);
        assert!(found.counterexamples.iter().any(|one| one.contains("is of 1 people only")), "{found:?}");
        run_sql(store, "DELETE FROM anonymous WHERE people = 1");

        run_sql(store, "INSERT INTO anonymous (rule, kind, year, counted_by, people, how_many)
            VALUES ('research', 'survey answers', 2025, '{\"name\":\"ada 1\"}', 5, 5)");
        let found = look(store, &policy, OVER);
        assert!(found.counterexamples.iter().any(|one| one.contains("split by name")), "{found:?}");
        run_sql(store, "DELETE FROM anonymous WHERE counted_by LIKE '%name%'");
        assert_eq!(look(store, &policy, OVER).verdict, Verdict::Kept);

        // An answer that was to be anonymous, with the person it is of.
        let late = someone(store, &policy, "client", OVER, &[("name", "Bea Late"), ("occupation", "Nurse")]);
        let left = answers(store, &policy, late, OVER);
        store.write(|tx| {
            tx.exec("UPDATE ground SET state = 'stopped', stopped_on = '2026-03-04', cause = 'due', swept_at = 1 WHERE person_id = ?1 AND rule = ?2 AND state = 'active'", params![late, RULE])?;
            Ok::<_, Error>(())
        }).unwrap();
        let found = look(store, &policy, date(2026, 3, 5));
        assert!(found.counterexamples.iter().any(|one| one.contains("not anonymous") && one.contains(&left.to_string())), "{found:?}");
    }
}
