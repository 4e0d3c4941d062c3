//! Letting go: the night's sweep and a granted erasure, beside plain deletes of the same rows from the same tables.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use app::cli::Failure;
use custody::id::PersonId;
use store::request::{self, Kind, NewRequest};
use store::{Tx, erase as erasure, life, params, setting, sweep as nightly};

use super::http::{Asked, drive};
use super::measure::{Row, Target, median, per_second, quantile, since, timed};
use super::reading::CLIENTS;
use super::seed::{NIGHT, Seeded, TODAY};

/// People in one transaction of the plain deletes: more than the sweep takes, which must let others write in between.
const AT_ONCE: usize = 16;

/// Erases people one by one, each durable; whatever the policy lets end.
pub fn erase(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let policy = seeded.instance.policy();
    let (mut took, mut plain) = (Vec::new(), Vec::new());
    for (who, other) in seeded.to_erase.iter().zip(&seeded.to_erase_plainly) {
        let now = seeded.now();
        let request = seeded.store().write(|tx| {
            let new = NewRequest {
                kind: Kind::Erasure,
                person: *who,
                name: "Bench Person",
                organisation: None,
                received_on: TODAY,
                channel: "letter",
                words: None,
                owner: None,
                by: Some(seeded.account.id),
            };
            request::open(tx, &policy, &new, now)
        })?;
        let began = Instant::now();
        seeded.store().write(|tx| {
            let life = life::load(tx, &policy, *who, TODAY)?;
            let parts = erasure::proposal(&policy, &life, TODAY);
            let keep: BTreeSet<_> =
                parts.iter().filter(|part| part.refused.is_some()).map(|part| part.ground).collect();
            let keys = seeded.store().keys();
            erasure::grant(
                tx,
                &policy,
                keys,
                *who,
                &keep,
                request,
                Some(seeded.account.id),
                "staff 1",
                TODAY,
                now,
            )
        })?;
        took.push(since(began));
        let began = Instant::now();
        seeded.store().write(|tx| gone(tx, *other))?;
        plain.push(since(began));
    }
    let left = seeded.store().read(|tx| {
        let first = seeded.to_erase.first().copied().unwrap_or(PersonId(0));
        tx.count("SELECT count(*) FROM item WHERE person_id = ?1", params![first])
    })?;
    if left > 0 {
        return Err(Failure(format!("{left} details of somebody erased are still here")));
    }
    Ok(vec![
        Row::held("erase a person, p50", median(&took), "ms", Some(median(&plain)), Target::Most(10.0)),
        Row::held(
            "erase a person, p99",
            quantile(&took, 0.99),
            "ms",
            Some(quantile(&plain, 0.99)),
            Target::Most(50.0),
        ),
    ])
}

/// Sweeps everybody who is due.
pub fn sweep(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let policy = seeded.instance.policy();
    let (plain, _) = timed(|| {
        for some in seeded.due_plainly.chunks(AT_ONCE) {
            seeded.store().write(|tx| some.iter().try_for_each(|who| gone(tx, *who)))?;
        }
        Ok(())
    })?;
    let due = seeded.store().read(|tx| nightly::due(tx, TODAY))?.len();
    if due != seeded.due.len() {
        return Err(Failure(format!("{due} people are due, not {}", seeded.due.len())));
    }
    let clock = || seeded.now();
    let (ms, report) = timed(|| Ok(nightly::run(seeded.store(), &policy, TODAY, &clock, false)?))?;
    if report.gone as usize != due || !report.problems.is_empty() {
        return Err(Failure(format!(
            "{} of {due} are gone; problems: {:?}",
            report.gone,
            report.problems.first()
        )));
    }
    let (again, _) = timed(|| Ok(nightly::run(seeded.store(), &policy, TODAY, &clock, false)?))?;
    let name = format!("sweep of {due} people, all they have");
    Ok(vec![
        Row::held(
            name,
            per_second(due, ms),
            "/s",
            Some(per_second(seeded.due_plainly.len(), plain)),
            Target::Share(0.5),
        ),
        Row::plain("sweep with nothing due", again, "ms"),
    ])
}

/// Sweeps those who are due first while people work: what they wait for then, beside what they wait for by day.
pub fn night(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let pages = |each: usize| {
        let ask = |client: usize, n: usize| {
            Asked::get(format!("/people/{}", seeded.person((client * 7919 + n) * 104_729).0))
        };
        Ok::<_, Failure>(drive(seeded.address, &seeded.key, CLIENTS, each, ask)?.took)
    };
    let write = |n: usize| {
        let began = Instant::now();
        seeded.store().write(|tx| setting::set(tx, "bench", &n.to_string()))?;
        Ok::<_, Failure>(since(began))
    };
    pages(10)?;
    let by_day = pages(seeded.times(40))?;
    let alone = (0..seeded.times(100)).map(write).collect::<Result<Vec<_>, _>>()?;
    let policy = seeded.instance.policy();
    let clock = || seeded.now();
    let done = AtomicBool::new(false);
    let going = || !done.load(Ordering::Relaxed);
    let (report, by_night, writes) = std::thread::scope(|scope| {
        let sweeping = scope.spawn(|| {
            let report = nightly::run(seeded.store(), &policy, NIGHT, &clock, false);
            done.store(true, Ordering::Relaxed);
            report
        });
        let writing = scope.spawn(|| {
            let mut took = Vec::new();
            while going() {
                took.push(write(took.len())?);
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            Ok::<_, Failure>(took)
        });
        let mut took = Vec::new();
        while going() {
            took.extend(pages(5)?);
        }
        let ended = |_| Failure("a thread ended early".to_owned());
        let report = sweeping.join().map_err(ended)??;
        Ok::<_, Failure>((report, took, writing.join().map_err(ended)??))
    })?;
    if report.gone as usize != seeded.due_first.len() {
        return Err(Failure(format!("{} of {} are gone", report.gone, seeded.due_first.len())));
    }
    let (day, night) = (quantile(&by_day, 0.99), quantile(&by_night, 0.99));
    Ok(vec![
        Row::held("page of a person during a sweep, p99", night, "ms", Some(day), Target::Most(2.0 * day)),
        Row::held(
            "a write during a sweep, p99",
            quantile(&writes, 0.99),
            "ms",
            Some(quantile(&alone, 0.99)),
            Target::Most(50.0),
        ),
        Row::held(
            "a write during a sweep, longest",
            quantile(&writes, 1.0),
            "ms",
            Some(quantile(&alone, 1.0)),
            Target::Most(50.0),
        ),
    ])
}

/// Deletes a person from every table they stand in, without a question asked and without a certificate.
fn gone(tx: &Tx<'_>, who: PersonId) -> store::Result<()> {
    let entries =
        tx.all("SELECT entry_id FROM entry_person WHERE person_id = ?1", params![who], |row| row.int(0))?;
    tx.exec("DELETE FROM entry_person WHERE person_id = ?1", params![who])?;
    for entry in entries {
        tx.exec("DELETE FROM entry WHERE id = ?1", params![entry])?;
    }
    for table in ["item", "belonging", "consent", "objection", "person_category", "ground"] {
        tx.exec(&format!("DELETE FROM {table} WHERE person_id = ?1"), params![who])?;
    }
    tx.exec("DELETE FROM search_text WHERE id = ?1", params![who])?;
    tx.exec("DELETE FROM person WHERE id = ?1", params![who])?;
    Ok(())
}
