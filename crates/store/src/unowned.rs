//! Records about nobody the instance still knows: certificates, suppressions, requests of people who were
//! erased, calls to numbers without a person, accounts of staff who left. Each row has a clock of its own.

use std::collections::BTreeMap;

use custody::id::MessageId;
use custody::moment::{Last, Now};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::clock::{self, Facts, Outcome};
use policy::{Policy, RuleId};

use crate::dispose::{self, Bytes};
use crate::{Error, Result, Row, Tx, forgotten, life, params, ring_duty};

/// How many rows of a table are looked at in one transaction.
const AT_ONCE: i64 = 200;

/// A table with rows that may be about nobody known, and what its clocks can count from.
struct Unowned {
    table: &'static str,
    kind: &'static str,
    /// `id`, civil dates of `recorded`, `closed`, `consent given` and `left`, instants of `sent` and of when it was
    /// written; oldest first.
    sql: &'static str,
    /// Whether a later row is never due before an earlier one, so that the first not due ends the search.
    in_order: bool,
}

const NO_DATE: &str = "CAST(NULL AS TEXT)";
const NO_INSTANT: &str = "CAST(NULL AS BIGINT)";

const TABLES: &[Unowned] = &[
    Unowned {
        table: "certificate",
        kind: "certificate",
        sql: "SELECT id, on_date, {d}, {d}, {d}, {i}, at FROM certificate ORDER BY on_date, id LIMIT ?1",
        in_order: true,
    },
    Unowned {
        table: "suppression",
        kind: "suppression",
        sql: "SELECT id, since, {d}, lifted_on, {d}, {i}, recorded_at FROM suppression WHERE lifted_on IS NOT NULL ORDER BY lifted_on, id LIMIT ?1",
        in_order: false,
    },
    Unowned {
        table: "request",
        kind: "request record",
        sql: "SELECT id, received_on, closed_on, {d}, {d}, {i}, recorded_at FROM request
            WHERE person_id IS NULL AND closed_on IS NOT NULL ORDER BY closed_on, id LIMIT ?1",
        in_order: true,
    },
    Unowned {
        table: "complaint",
        kind: "complaint record",
        sql: "SELECT id, received_on, closed_on, {d}, {d}, {i}, recorded_at FROM complaint
            WHERE person_id IS NULL AND closed_on IS NOT NULL ORDER BY closed_on, id LIMIT ?1",
        in_order: true,
    },
    Unowned {
        table: "incident",
        kind: "incident record",
        sql: "SELECT i.id, {d}, i.closed_on, {d}, {d}, {i}, i.recorded_at FROM incident i WHERE i.closed_on IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM incident_person p WHERE p.incident_id = i.id) ORDER BY i.closed_on, i.id LIMIT ?1",
        in_order: true,
    },
    Unowned {
        table: "call",
        kind: "call record",
        sql: "SELECT id, on_date, {d}, {d}, {d}, {i}, at FROM call WHERE person_id IS NULL ORDER BY on_date, id LIMIT ?1",
        in_order: true,
    },
    Unowned {
        table: "screening",
        kind: "call record",
        sql: "SELECT id, on_date, {d}, {d}, {d}, {i}, recorded_at FROM screening WHERE person_id IS NULL ORDER BY on_date, id LIMIT ?1",
        in_order: true,
    },
    Unowned {
        table: "not_objecting",
        kind: "call record",
        sql: "SELECT id, said_on, {d}, {d}, {d}, {i}, recorded_at FROM not_objecting WHERE person_id IS NULL ORDER BY said_on, id LIMIT ?1",
        in_order: true,
    },
    Unowned {
        table: "message",
        kind: "message record",
        sql: "SELECT id, queued_on, {d}, {d}, {d}, sent_at, queued_at FROM message WHERE person_id IS NULL ORDER BY queued_on, id LIMIT ?1",
        in_order: true,
    },
    Unowned {
        table: "staff",
        kind: "staff record",
        sql: "SELECT id, {d}, until, {d}, until, {i}, {i} FROM staff WHERE until IS NOT NULL AND email <> '' ORDER BY until, id LIMIT ?1",
        in_order: true,
    },
];

/// A row with the days its clock may count from.
struct Dated {
    id: i64,
    recorded: Option<Date>,
    closed: Option<Date>,
    consent: Option<Date>,
    left: Option<Date>,
    sent: Option<Timestamp>,
    written: Option<Timestamp>,
}

/// Lets go of such rows whose last day has passed, a batch of each table and so many at most; how many of each kind went. Call it
/// until nothing goes. A table no clause covers is named among the problems, and its rows stay. `by_hour` looks only
/// at what a clause keeps by the hour.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn sweep(
    tx: &Tx<'_>,
    policy: &Policy,
    (now, by_hour): (Now, bool),
    most: u32,
    problems: &mut Vec<String>,
    bytes: &mut Bytes,
) -> Result<BTreeMap<String, u32>> {
    let (mut counts, mut left) = (BTreeMap::new(), most);
    let mut through: Option<Date> = None;
    for unowned in TABLES {
        let rules = rules(policy, unowned.kind);
        if by_hour
            && !rules
                .iter()
                .filter_map(|rule| policy.rules.get(rule.index()))
                .any(|rule| rule.phrase.in_hours())
        {
            continue;
        }
        let rows = rows(tx, unowned)?;
        if rows.is_empty() {
            continue;
        }
        if rules.is_empty() {
            problems.push(format!(
                "{}: no clause of the policy says how long a {} is kept",
                unowned.table, unowned.kind
            ));
            continue;
        }
        for row in rows {
            if left == 0 {
                break;
            }
            let row = match row {
                Ok(row) => row,
                // One row that cannot be read stops no other.
                Err((id, error)) => {
                    problems.push(format!("{} {id}: {error}", unowned.table));
                    continue;
                }
            };
            match last_day(policy, &rules, &row, now.today) {
                // What ends with a day goes in its night.
                Some(last) if by_hour && last.at.is_none() => {}
                Some(last) if last.over(now) => {
                    match tx.attempt(|tx| let_go(tx, policy, unowned, &rules, &row)) {
                        Ok(gone) => bytes.files.extend(gone.files),
                        Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
                        Err(error) => {
                            problems.push(format!("{} {}: {error}", unowned.table, row.id));
                            continue;
                        }
                    }
                    if unowned.table == "certificate" {
                        through = through.max(row.recorded);
                    }
                    *counts.entry(unowned.kind.to_owned()).or_insert(0) += 1;
                    left -= 1;
                }
                _ if unowned.in_order => break,
                _ => {}
            }
        }
    }
    if !counts.is_empty() {
        let mut body = serde_json::json!({ "cause": "sweep", "counts": counts });
        if let (Some(through), Some(body)) = (through, body.as_object_mut()) {
            // Whoever looks for a certificate later must know that its time was over.
            body.insert("certificates_through".to_owned(), through.to_string().into());
        }
        let at = now.at.unwrap_or_default();
        crate::log::append(tx, at, crate::sweep::ACTOR, "let go", &[], &body)?;
    }
    Ok(counts)
}

/// Takes one row away. The files to be removed once this is committed.
fn let_go(tx: &Tx<'_>, policy: &Policy, unowned: &Unowned, rules: &[RuleId], row: &Dated) -> Result<Bytes> {
    let mut bytes = Bytes::default();
    count(tx, policy, rules, unowned.kind, row)?;
    if unowned.table == "staff" {
        forget_account(tx, row.id)?;
    } else {
        dispose::remove(tx, unowned.table, row.id, &mut bytes)?;
    }
    Ok(bytes)
}

/// The end of a certificate of that moment under the clause that keeps it longest, once known.
pub(crate) fn certificate_until(policy: &Policy, at: Timestamp, today: Date) -> Option<Last> {
    let row = Dated {
        id: 0,
        recorded: Some(life::local_date(policy, at)),
        closed: None,
        consent: None,
        left: None,
        sent: None,
        written: Some(at),
    };
    last_day(policy, &rules(policy, "certificate"), &row, today)
}

/// Messages to nobody the instance knows that wait to leave though their time is over.
pub(crate) fn outlived(tx: &Tx<'_>, policy: &Policy, now: Now) -> Result<Vec<MessageId>> {
    let sql = format!(
        "SELECT id, queued_on, {NO_DATE}, {NO_DATE}, {NO_DATE}, sent_at, queued_at FROM message
            WHERE person_id IS NULL AND state IN ('queued', 'claimed', 'uncertain') ORDER BY queued_on, id"
    );
    let waiting = tx.all(&sql, &[], read)?;
    let rules = rules(policy, "message record");
    let over = |row: &Dated| last_day(policy, &rules, row, now.today).is_some_and(|last| last.over(now));
    // What cannot be read stops no other: the sweep names it.
    Ok(waiting.into_iter().flatten().filter(over).map(|row| MessageId(row.id)).collect())
}

/// A row, or the number of one that cannot be read, and why.
type Read = std::result::Result<Dated, (i64, Error)>;

fn rows(tx: &Tx<'_>, unowned: &Unowned) -> Result<Vec<Read>> {
    let sql = unowned.sql.replace("{d}", NO_DATE).replace("{i}", NO_INSTANT);
    tx.all(&sql, params![AT_ONCE], read)
}

fn read(row: &Row<'_>) -> Result<Read> {
    let id = row.int(0)?;
    Ok(dated(row).map_err(|error| (id, error)))
}

fn dated(row: &Row<'_>) -> Result<Dated> {
    Ok(Dated {
        id: row.int(0)?,
        recorded: row.opt_date(1)?,
        closed: row.opt_date(2)?,
        consent: row.opt_date(3)?,
        left: row.opt_date(4)?,
        sent: row.opt_at(5)?,
        written: row.opt_at(6)?,
    })
}

/// The clauses for everyone that cover records of a kind.
fn rules(policy: &Policy, kind: &str) -> Vec<RuleId> {
    let Some(kind) = policy.kind_named(kind).map(|kind| kind.id) else { return Vec::new() };
    let everyone = policy
        .activities
        .iter()
        .filter(|activity| activity.for_everyone)
        .flat_map(|activity| &activity.rules);
    everyone
        .filter(|rule| policy.rules.get(rule.index()).is_some_and(|rule| rule.kinds.contains(kind)))
        .copied()
        .collect()
}

/// Where every clause that kept a row says `count and forget`, it leaves a number.
fn count(tx: &Tx<'_>, policy: &Policy, rules: &[RuleId], kind: &str, row: &Dated) -> Result<()> {
    let kept: Vec<_> = rules.iter().filter_map(|rule| policy.rules.get(rule.index())).collect();
    if let (Some(rule), true) = (kept.first(), kept.iter().all(|rule| rule.then == policy::Disposal::Count))
        && let Some(on) = row.recorded.or(row.closed)
    {
        forgotten::count(tx, &rule.key, kind, on)?;
    }
    Ok(())
}

/// The end of a row under the clause that keeps it longest; nothing while one of them has no last day yet.
fn last_day(policy: &Policy, rules: &[RuleId], row: &Dated, today: Date) -> Option<Last> {
    let mut facts = Facts { opened: row.recorded.or(row.closed), ..Facts::default() };
    let events = [
        ("recorded", row.recorded),
        ("closed", row.closed),
        ("consent given", row.consent),
        ("left", row.left),
    ];
    for (name, on) in events {
        facts.events.extend(on.map(|on| (name.to_owned(), vec![on])));
    }
    let sent = row.sent.map(|at| life::local_date(policy, at)).or(row.recorded);
    facts.events.extend(sent.map(|on| ("sent".to_owned(), vec![on])));
    for (name, at) in [("recorded", row.written), ("sent", row.sent.or(row.written))] {
        facts.times.extend(at.map(|at| (name.to_owned(), at.to_zoned(life::zone(policy)))));
    }
    let mut latest: Option<Last> = None;
    for rule in rules.iter().filter_map(|rule| policy.rules.get(rule.index())) {
        // A review says that somebody looks at it, not that it goes.
        let clock = clock::clock(&rule.phrase, None, None, &facts, today);
        match clock.outcome {
            Outcome::Due { on, at_once } => {
                let last = match at_once {
                    true => Last { on: on.yesterday().ok()?, at: None },
                    false => Last { on, at: clock.at },
                };
                latest = Some(latest.map_or(last, |known| known.max(last)));
            }
            Outcome::Awaiting(_) | Outcome::Never => return None,
        }
    }
    latest
}

/// Rows that a member of staff wrote name them by number; what the number stood for goes.
fn forget_account(tx: &Tx<'_>, staff: i64) -> Result<()> {
    tx.exec("DELETE FROM session WHERE staff_id = ?1", params![staff])?;
    ring_duty::delete(tx, "phone", "staff_id = ?1", params![staff])?;
    ring_duty::lost(tx, "staff", "id = ?1", params![staff])?;
    tx.exec(
        "UPDATE staff SET name = '', email = '', password = NULL, totp = NULL, totp_confirmed = 0, person_id = NULL, version = version + 1
            WHERE id = ?1",
        params![staff],
    )?;
    Ok(())
}
