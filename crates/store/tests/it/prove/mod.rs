//! Every obligation is kept on a world that acts made, and broken, with the counter-example named, once
//! somebody changes the database behind the program's back.

mod asked;
mod basis;
mod certified;
mod held;
mod sent;
mod shared;
mod world;

use std::collections::BTreeMap;

use custody::proof::{Finding, Verdict};
use jiff::civil::{Date, date};
use policy::Policy;
use store::{Error, Store, policy_version, prove, sweep};

use crate::harness::policy;
use crate::story::{complete, noon, tara};
use world::{World, world};

const TODAY: Date = date(2026, 12, 1);

fn proof(store: &Store, policy: &Policy) -> BTreeMap<String, Finding> {
    prove::run(store, policy, noon(TODAY), TODAY)
        .unwrap()
        .into_iter()
        .map(|finding| (finding.id.clone(), finding))
        .collect()
}

/// One way of breaking a promise behind the program's back, and of mending it again.
pub(crate) struct Sabotage {
    pub(crate) promise: &'static str,
    /// What the counter-example must say.
    pub(crate) says: &'static str,
    pub(crate) breaks: String,
    pub(crate) mends: String,
}

pub(crate) fn sabotage(
    promise: &'static str,
    says: &'static str,
    breaks: impl Into<String>,
    mends: impl Into<String>,
) -> Sabotage {
    Sabotage { promise, says, breaks: breaks.into(), mends: mends.into() }
}

fn every_way(w: &World) -> Vec<Sabotage> {
    [held::ways(w), basis::ways(w), sent::ways(w), shared::ways(w), asked::ways(w)]
        .into_iter()
        .flatten()
        .collect()
}

pub(crate) fn run_sql(store: &Store, sql: &str) {
    store
        .write(|tx| {
            for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
                // Tokens are unique: each gets its own back.
                if statement.contains("html_token") {
                    for id in
                        tx.all("SELECT id FROM message WHERE channel = 'mailing'", &[], |row| row.int(0))?
                    {
                        tx.exec(
                            "UPDATE message SET token = ?2 WHERE id = ?1",
                            store::params![id, id.to_le_bytes()],
                        )?;
                    }
                    continue;
                }
                tx.exec(statement, &[])?;
            }
            Ok::<_, Error>(())
        })
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

both! {
    fn every_promise_is_kept_until_somebody_breaks_it(store) {
        let policy = policy();
        let world = world(store, &policy);
        let before = proof(store, &policy);
        for finding in before.values() {
            assert_ne!(finding.verdict, Verdict::Broken, "{finding:?}");
        }
        for id in ["CTI-01", "CTI-02", "CTI-04", "CTI-12", "CTI-15", "CTI-24", "CTI-07", "CTI-08", "CTI-09", "CTI-10", "CTI-13", "CTI-14", "CTI-17", "CTI-18", "CTI-19", "CTI-20", "CTI-21", "CTI-23", "CTI-25"] {
            assert_eq!(before[id].verdict, Verdict::Kept, "{:?}", before[id]);
        }
        let said = "1 disclosures to address book in UK, within what it may hold; nothing goes to mailer in USA: Privacy Shield ended 2020-07-16";
        assert_eq!(before["CTI-04"].figure, said);
        assert_eq!(before["CTI-03"].verdict, Verdict::Attested, "{:?}", before["CTI-03"]);
        let mut wrong = Vec::new();
        for way in every_way(&world) {
            run_sql(store, &way.breaks);
            let found = prove::promise(store, &policy, way.promise, noon(TODAY), TODAY).unwrap().unwrap();
            run_sql(store, &way.mends);
            if found.verdict != Verdict::Broken || !found.counterexamples.iter().any(|example| example.contains(way.says)) {
                wrong.push(format!("{} by `{}`: {found:?}", way.promise, way.breaks));
            }
            let mended = prove::promise(store, &policy, way.promise, noon(TODAY), TODAY).unwrap().unwrap();
            if mended.verdict == Verdict::Broken {
                wrong.push(format!("{} was not mended by `{}`: {:?}", way.promise, way.mends, mended.counterexamples));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }

    /// What is stored of one cannot be read: that is said of them, and what is wrong with others is found all the same.
    fn one_who_cannot_be_read_hides_nothing_of_others(store) {
        let policy = policy();
        let world = world(store, &policy);
        let (gwen, sue) = (world.gwen, world.sue);
        run_sql(store, &format!("UPDATE ground SET opened_on = '2026-13-99' WHERE person_id = {gwen}"));
        run_sql(store, &format!("UPDATE ground SET due_on = '2035-01-01' WHERE person_id = {sue} AND activity = 'supporters'"));
        let found = proof(store, &policy);
        let said: Vec<&String> = found.values().flat_map(|finding| &finding.counterexamples).collect();
        for words in [
            format!("person {gwen} could not be looked at: what is stored of it cannot be read"),
            format!("of person {sue}: the facts say"),
        ] {
            assert!(said.iter().any(|said| said.contains(&words)), "{words}: {said:?}");
        }
        assert!(!said.iter().any(|said| said.contains("wrong form")), "{said:?}");
    }

    /// The records that the program keeps of what it did, like anything else: of whoever is walked past, and of whoever is not since
    /// they are in another's record, and left rows behind.
    fn records_of_the_program_s_own_are_held_on_a_ground_too(store) {
        let policy = policy();
        let world = world(store, &policy);
        let obligation = custody::proof::Obligation::NothingUndeclared { activity: policy.activity_named("proof").unwrap().id };
        let broken = || prove::obligation(store, &policy, &obligation, noon(TODAY), TODAY).unwrap().broken;
        assert_eq!(broken(), Vec::<String>::new());
        let named = |who: custody::id::PersonId| {
            let end = format!("of person {who} is held without a ground");
            broken().iter().any(|said| said.contains(" record ") && said.ends_with(&end))
        };
        let stop = |who| format!("UPDATE ground SET state = 'stopped', stopped_on = '2026-11-01', cause = 'withdrawn' WHERE person_id = {who} AND activity = 'proof'");
        run_sql(store, &stop(world.omar));
        assert!(named(world.omar) && !named(world.sue), "{:?}", broken());
        run_sql(store, &format!("{}; UPDATE person SET into_person_id = {} WHERE id = {}", stop(world.sue), world.gwen, world.sue));
        assert!(named(world.omar) && named(world.sue), "{:?}", broken());
        let sue = world.sue;
        run_sql(store, &format!(
            "INSERT INTO entry (id, kind, on_date, body, source, version, recorded_at, updated_at) VALUES (2, 'coaching notes', '2026-11-02', 'x', 'x', 1, 0, 0);
             INSERT INTO entry_person (entry_id, person_id, role) VALUES (2, {sue}, 'subject')"
        ));
        let obligation = custody::proof::Obligation::NothingUndeclared { activity: policy.activity_named("coaching").unwrap().id };
        let broken = prove::obligation(store, &policy, &obligation, noon(TODAY), TODAY).unwrap().broken;
        let says = format!("coaching notes 2 of person {sue} is held without a ground");
        assert!(broken.contains(&says), "{broken:?}");
    }

    /// Of many people several shares are walked past at once, and what is wrong with the first and the last is found as by one alone.
    fn many_people_are_walked_past_in_shares(store) {
        let policy = policy();
        let world = world(store, &policy);
        let last = 9_000_000;
        store
            .write(|tx| {
                (0..2_500).try_for_each(|n| {
                    let sql = "INSERT INTO person (id, created_at, version) VALUES (?1, 0, 1)";
                    tx.exec(sql, store::params![last - n]).map(drop)
                })
            })
            .unwrap();
        run_sql(store, &format!("UPDATE ground SET due_on = '2035-01-01' WHERE person_id = {} AND activity = 'coaching'", world.gwen));
        run_sql(store, &format!(
            "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                VALUES (1, {last}, 'phone', '01632 960275', '', 'x', '2026-11-01', 1, 0);
             INSERT INTO objection (id, person_id, scope, made_on, how, recorded_at) VALUES (99, {last}, 'calls', '2026-11-01', 'x', 0);
             INSERT INTO belonging (id, person_id, organisation_id) VALUES (99, {last}, (SELECT MIN(id) FROM organisation))"
        ));
        let together = proof(store, &policy);
        for says in [
            "the facts say 2032-11-01".to_owned(),
            format!("phone 1 of person {last} is held without a ground"),
            format!("objection record 99 of person {last} is held without a ground"),
            format!("organisation 99 of person {last} is held without a ground"),
        ] {
            assert!(together.values().any(|finding| finding.counterexamples.iter().any(|said| said.contains(&says))), "{says}");
        }
        for (id, obligations) in custody::proof::obligations(&policy) {
            let Ok(alone) = prove::several(store, &policy, &obligations, noon(TODAY), TODAY) else { continue };
            let alone: std::collections::BTreeSet<String> = alone.into_iter().flat_map(|seen| seen.broken).collect();
            assert_eq!(together[&id].counterexamples, Vec::from_iter(alone), "{id}");
        }
    }

    fn what_the_sweep_should_have_taken_is_late_from_three_in_the_morning(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        let obligation = custody::proof::Obligation::GoneInTime { rule: policy.rule_keyed("coaching").unwrap().id };
        let day = date(2026, 10, 1);
        let at = |hour| day.at(hour, 30, 0, 0).to_zoned(policy::law::uk::london()).unwrap().timestamp();
        let look = |hour| prove::obligation(store, &policy, &obligation, at(hour), day).unwrap().broken;
        let late = |found: &Vec<String>| found.iter().any(|said| said.contains("was due 2026-09-30") );
        assert!(!late(&look(2)), "{:?}", look(2));
        assert!(late(&look(3)), "{:?}", look(3));
        sweep::run(store, &policy, day, &|| at(4), false).unwrap();
        assert_eq!(look(5), Vec::<String>::new());
    }

    fn files_that_are_not_encrypted_are_named(store) {
        let policy = policy();
        let plain = store.data().join("files").join("ab");
        std::fs::create_dir_all(&plain).unwrap();
        std::fs::write(plain.join("ab".repeat(16)), "Dear Tara").unwrap();
        let seen = prove::obligation(store, &policy, &custody::proof::Obligation::EncryptedAtRest, noon(TODAY), TODAY).unwrap();
        assert!(seen.broken.iter().any(|said| said.contains("is not encrypted")), "{seen:?}");
    }

    fn a_notice_without_a_contact_is_named(store) {
        let policy = policy();
        let obligation = custody::proof::Obligation::NoticeSays { part: "contact".to_owned() };
        let seen = prove::obligation(store, &policy, &obligation, noon(TODAY), TODAY).unwrap();
        assert_eq!(seen.broken, ["no version of the policy was adopted"]);
        store.write(|tx| policy_version::adopt(tx, &policy, noon(TODAY), None)).unwrap();
        assert!(prove::obligation(store, &policy, &obligation, noon(TODAY), TODAY).unwrap().broken.is_empty());
        run_sql(store, "UPDATE policy_version SET files = replace(files, 'privacy@cti.example', 'nobody@x')");
        assert!(prove::obligation(store, &policy, &obligation, noon(TODAY), TODAY).is_err(), "the text is not what was adopted");
    }
}
