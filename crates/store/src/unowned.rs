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
use crate::{Error, Result, Row, Tx, Value, forgotten, life, params, ring_duty};

/// How many rows of a table are looked at in one transaction.
const AT_ONCE: u32 = 200;

/// A table with rows that may be about nobody known, and what its clocks can count from.
struct Unowned {
    table: &'static str,
    kind: &'static str,
    /// Civil dates of `recorded`, `closed`, `consent given` and `left`, instants of `sent` and of when it was written.
    dates: &'static str,
    /// Which of its rows are about nobody known.
    only: &'static str,
    /// The day by which the oldest comes first.
    by: &'static str,
    /// Whether a later row is never due before an earlier one, so that the first not due ends the search, unless it is so only because
    /// it left late.
    in_order: bool,
}

const NO_DATE: &str = "CAST(NULL AS TEXT)";
const NO_INSTANT: &str = "CAST(NULL AS BIGINT)";

const TABLES: &[Unowned] = &[
    Unowned {
        table: "certificate",
        kind: "certificate",
        dates: "on_date, {d}, {d}, {d}, {i}, at",
        only: "on_date IS NOT NULL",
        by: "on_date",
        in_order: true,
    },
    Unowned {
        table: "suppression",
        kind: "suppression",
        dates: "since, {d}, lifted_on, {d}, {i}, recorded_at",
        only: "lifted_on IS NOT NULL",
        by: "lifted_on",
        in_order: false,
    },
    Unowned {
        table: "request",
        kind: "request record",
        dates: "received_on, closed_on, {d}, {d}, {i}, recorded_at",
        only: "person_id IS NULL AND closed_on IS NOT NULL",
        by: "closed_on",
        in_order: true,
    },
    Unowned {
        table: "complaint",
        kind: "complaint record",
        dates: "received_on, closed_on, {d}, {d}, {i}, recorded_at",
        only: "person_id IS NULL AND closed_on IS NOT NULL",
        by: "closed_on",
        in_order: true,
    },
    Unowned {
        table: "incident",
        kind: "incident record",
        dates: "{d}, closed_on, {d}, {d}, {i}, recorded_at",
        only: "closed_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM incident_person p WHERE p.incident_id = incident.id)",
        by: "closed_on",
        in_order: true,
    },
    Unowned {
        table: "call",
        kind: "call record",
        dates: "on_date, {d}, {d}, {d}, {i}, at",
        only: "person_id IS NULL",
        by: "on_date",
        in_order: true,
    },
    Unowned {
        table: "screening",
        kind: "call record",
        dates: "on_date, {d}, {d}, {d}, {i}, recorded_at",
        only: "person_id IS NULL",
        by: "on_date",
        in_order: true,
    },
    Unowned {
        table: "not_objecting",
        kind: "call record",
        dates: "said_on, {d}, {d}, {d}, {i}, recorded_at",
        only: "person_id IS NULL",
        by: "said_on",
        in_order: true,
    },
    Unowned {
        table: "message",
        kind: "message record",
        dates: "queued_on, {d}, {d}, {d}, sent_at, queued_at",
        only: "person_id IS NULL",
        by: "queued_on",
        in_order: true,
    },
    Unowned {
        table: "staff",
        kind: "staff record",
        dates: "{d}, until, {d}, until, {i}, {i}",
        only: "until IS NOT NULL AND email <> ''",
        by: "until",
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

/// How far a walk through the tables has come: which of them is next, and the last of its rows that was looked at.
#[derive(Debug, Default)]
pub(crate) struct Place {
    table: usize,
    after: Option<(String, i64)>,
}

/// What one transaction takes away, and how many rows more it may.
struct Taking<'a> {
    counts: BTreeMap<String, u32>,
    /// The last day of a certificate that went.
    through: Option<Date>,
    left: u32,
    problems: &'a mut Vec<String>,
    bytes: &'a mut Bytes,
}

/// Lets go of such rows whose last day has passed, from a place on and so many at most; how many of each kind went, and from where the
/// next transaction goes on, if any is left to be looked at. A table no clause covers is named among the problems, and its rows stay.
/// `by_hour` looks only at what a clause keeps by the hour.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn sweep(
    tx: &Tx<'_>,
    policy: &Policy,
    at: (Now, bool),
    (from, most): (&Place, u32),
    problems: &mut Vec<String>,
    bytes: &mut Bytes,
) -> Result<(BTreeMap<String, u32>, Option<Place>)> {
    let (now, by_hour) = at;
    let mut taking = Taking { counts: BTreeMap::new(), through: None, left: most, problems, bytes };
    let mut next = None;
    for (place, unowned) in TABLES.iter().enumerate().skip(from.table) {
        let rules = rules(policy, unowned.kind);
        if by_hour
            && !rules
                .iter()
                .filter_map(|rule| policy.rules.get(rule.index()))
                .any(|rule| rule.phrase.in_hours())
        {
            continue;
        }
        let after = from.after.as_ref().filter(|_| place == from.table);
        let rows = rows(tx, unowned, after)?;
        if rows.is_empty() {
            continue;
        }
        if rules.is_empty() {
            taking.problems.push(format!(
                "{}: no clause of the policy says how long a {} is kept",
                unowned.table, unowned.kind
            ));
            continue;
        }
        if taking.left == 0 {
            next = Some(Place { table: place, after: None });
            break;
        }
        if let Some(last) = take(tx, policy, at, (unowned, &rules), rows, &mut taking)? {
            next = Some(Place { table: place, after: Some(last) });
            break;
        }
    }
    let Taking { counts, through, .. } = taking;
    if !counts.is_empty() {
        let mut body = serde_json::json!({ "cause": "sweep", "counts": counts });
        if let (Some(through), Some(body)) = (through, body.as_object_mut()) {
            // Whoever looks for a certificate later must know that its time was over.
            body.insert("certificates_through".to_owned(), through.to_string().into());
        }
        let at = now.at.unwrap_or_default();
        crate::log::append(tx, at, crate::sweep::ACTOR, "let go", &[], &body)?;
    }
    Ok((counts, next))
}

/// Lets go of what is due among some rows of a table; the last that was looked at, if any after it may be due.
fn take(
    tx: &Tx<'_>,
    policy: &Policy,
    (now, by_hour): (Now, bool),
    (unowned, rules): (&Unowned, &[RuleId]),
    rows: Vec<Looked>,
    taking: &mut Taking<'_>,
) -> Result<Option<(String, i64)>> {
    let more = rows.len() >= AT_ONCE as usize;
    let mut last = None;
    for Looked { id, by, row } in rows {
        if taking.left == 0 {
            return Ok(last);
        }
        last = Some((by, id));
        let gone = match row {
            Ok(row) => match last_day(policy, rules, &row, now.today) {
                Some(end) if end.over(now) => {
                    // What ends with a day goes in its night.
                    if by_hour && end.at.is_none() {
                        continue;
                    }
                    tx.attempt(|tx| let_go(tx, policy, unowned, rules, &row)).map(|gone| (gone, row.recorded))
                }
                _ if unowned.in_order && !left_late(policy, rules, &row, now) => return Ok(None),
                _ => continue,
            },
            Err(error) => Err(error),
        };
        // What will not go takes as long as what goes.
        taking.left = taking.left.saturating_sub(1);
        match gone {
            Ok((gone, recorded)) => {
                taking.bytes.files.extend(gone.files);
                if unowned.table == "certificate" {
                    taking.through = taking.through.max(recorded);
                }
                *taking.counts.entry(unowned.kind.to_owned()).or_insert(0) += 1;
            }
            Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
            // One row that cannot be read, or will not go, stops no other.
            Err(error) => taking.problems.push(format!("{} {id}: {error}", unowned.table)),
        }
    }
    Ok(last.filter(|_| more))
}

/// Whether a row that is not due would be, had it left at once: what left in time after it may be due.
fn left_late(policy: &Policy, rules: &[RuleId], row: &Dated, now: Now) -> bool {
    let at_once = Dated { sent: None, ..*row };
    row.sent.is_some() && last_day(policy, rules, &at_once, now.today).is_some_and(|last| last.over(now))
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
    let waiting = tx.all(&sql, &[], |row| Ok(dated(row)))?;
    let rules = rules(policy, "message record");
    let over = |row: &Dated| last_day(policy, &rules, row, now.today).is_some_and(|last| last.over(now));
    // What cannot be read stops no other: the sweep names it.
    Ok(waiting.into_iter().flatten().filter(over).map(|row| MessageId(row.id)).collect())
}

/// A row that is looked at: its number, the day it stands in its order by, and what its clock counts from, or why that cannot be read.
struct Looked {
    id: i64,
    by: String,
    row: Result<Dated>,
}

/// The next rows of a table, after one of them.
fn rows(tx: &Tx<'_>, unowned: &Unowned, after: Option<&(String, i64)>) -> Result<Vec<Looked>> {
    let Unowned { table, dates, only, by, .. } = unowned;
    let dates = dates.replace("{d}", NO_DATE).replace("{i}", NO_INSTANT);
    let (mut values, mut later) = (vec![Value::from(AT_ONCE)], String::new());
    if let Some((day, id)) = after {
        values.extend([Value::from(day), Value::from(id)]);
        later = format!(" AND ({by}, id) > (?2, ?3)");
    }
    let sql = format!("SELECT id, {dates}, {by} FROM {table} WHERE {only}{later} ORDER BY {by}, id LIMIT ?1");
    tx.all(&sql, &values, |row| Ok(Looked { id: row.int(0)?, by: row.text(7)?, row: dated(row) }))
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
