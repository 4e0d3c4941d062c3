//! Letting go: the night's sweep and a granted erasure, beside plain deletes of the same rows from the same tables.

use std::collections::BTreeSet;
use std::time::Instant;

use app::cli::Failure;
use custody::id::PersonId;
use store::request::{self, Kind, NewRequest};
use store::{Tx, erase as erasure, life, params, sweep as nightly};

use super::measure::{Row, Target, median, per_second, quantile, since, timed};
use super::seed::{Seeded, TODAY};

/// People in one transaction of the plain deletes: as many as the sweep takes.
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
