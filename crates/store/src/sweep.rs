//! The sweep: every night what ran out or was stopped is let go of. It reads only what is due, a few people in
//! each transaction; what it cannot decide it reports and leaves; run twice, it does nothing the second time.

mod anew;
mod by_hand;
mod sharing;
mod turn;
mod works;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use custody::coverage::Suspended;
use custody::id::{EngagementId, PersonId};
use custody::moment::Now;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::departure::{self, Cause, Departed};
use crate::dispose::Bytes;
use crate::mention::later;
use crate::{
    Error, Keys, Result, Store, Tx, erase, files, ground, id, log, params, ring_duty, search, setting,
    unowned,
};

pub(crate) use anew::{ALL_WORK, again as settle_again};
pub use by_hand::{confirm, in_document};
pub use works::{due_works, settle_all as settle_works, work};
use works::{on, works};

/// How many people one transaction takes at most: what is common to them in the database is written once.
pub(crate) const AT_ONCE: u32 = 4;

/// How many rows of nobody's one transaction takes.
const OF_NOBODY_AT_ONCE: u32 = 50;

/// The setting that holds what the latest sweep of an hour could not decide.
const BY_HOUR: &str = "undecided by the hour";

/// The name under which the sweep stands in the log.
pub const ACTOR: &str = "system sweep";

/// What a sweep came to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// People something was due for.
    pub people: u32,
    /// Changes to grounds.
    pub settled: u32,
    /// Rows that went, by kind.
    pub disposed: BTreeMap<String, u32>,
    /// People who are gone altogether.
    pub gone: u32,
    /// Links cut in rows that stay for somebody else.
    pub cut: u32,
    /// Tasks made: paper to destroy, originals to give back.
    pub tasks: u32,
    /// Rows left because of a hold.
    pub held: u32,
    /// Rows left because of a restriction: somebody decides.
    pub restricted: u32,
    /// Rows left because of an open request that needs them.
    #[serde(alias = "for_access")]
    pub for_requests: u32,
    /// Rows left because their person has not been told yet that they go.
    pub untold: u32,
    /// What could not be decided: ids and reasons, never a value.
    pub problems: Vec<String>,
    /// Whom these were about.
    pub undecided: BTreeSet<i64>,
}

impl Report {
    fn add(&mut self, departed: &Departed) {
        for (kind, count) in &departed.counts {
            *self.disposed.entry(kind.clone()).or_insert(0) += count;
        }
        self.gone += u32::from(departed.gone);
        self.cut += departed.cut;
        self.tasks += departed.tasks;
        for (why, count) in &departed.kept {
            match why {
                Suspended::Hold => self.held += count,
                Suspended::Restriction => self.restricted += count,
                Suspended::Request(_) => self.for_requests += count,
                Suspended::Untold => self.untold += count,
            }
        }
    }

    /// How many rows went.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.disposed.values().sum()
    }
}

/// Everybody something is due for: the last day of a ground or of a row of it has passed, or a ground stopped and what
/// it covered is still here. Also whoever has in its place what is no date and stands after all of them: it would never come.
///
/// # Errors
/// Whatever the database says.
pub fn due(tx: &Tx<'_>, today: Date) -> Result<Vec<PersonId>> {
    // In no order, and with a `+` before whose they are: else SQLite goes through everybody's grounds in the order of their
    // people instead of through what is due.
    let found = tx.all(
        "SELECT person_id FROM ground WHERE state = 'active' AND due_on IS NOT NULL AND due_on < ?1 AND +person_id IS NOT NULL
            UNION ALL SELECT person_id FROM ground
                WHERE state = 'active' AND row_on IS NOT NULL AND row_on < ?1 AND +person_id IS NOT NULL
            UNION ALL SELECT person_id FROM ground
                WHERE state = 'stopped' AND swept_at IS NULL AND stopped_on <= ?1 AND +person_id IS NOT NULL
            UNION ALL SELECT p.person_id FROM ground g JOIN engagement_person p ON p.engagement_id = g.engagement_id
                WHERE g.state = 'active' AND g.due_on IS NOT NULL AND g.due_on < ?1 AND +g.person_id IS NULL
            UNION ALL SELECT p.person_id FROM ground g JOIN engagement_person p ON p.engagement_id = g.engagement_id
                WHERE g.state = 'stopped' AND g.swept_at IS NULL AND g.stopped_on <= ?1 AND +g.person_id IS NULL
            UNION ALL SELECT person_id FROM ground WHERE state = 'active' AND due_on IS NOT NULL AND due_on > '9999-12-31' AND +person_id IS NOT NULL
            UNION ALL SELECT person_id FROM ground
                WHERE state = 'stopped' AND swept_at IS NULL AND stopped_on > '9999-12-31' AND +person_id IS NOT NULL",
        params![today],
        |row| Ok(PersonId(row.int(0)?)),
    )?;
    Ok(in_order(found))
}

/// Each once, in the order of their numbers.
fn in_order<T: Ord>(mut found: Vec<T>) -> Vec<T> {
    found.sort_unstable();
    found.dedup();
    found
}

/// Everybody of whom a row kept by the hour has ended.
///
/// # Errors
/// Whatever the database says.
pub fn due_by_hour(tx: &Tx<'_>, now: Timestamp) -> Result<Vec<PersonId>> {
    let found = tx.all(
        "SELECT person_id FROM ground WHERE state = 'active' AND row_at IS NOT NULL AND row_at <= ?1 AND +person_id IS NOT NULL",
        params![now],
        |row| Ok(PersonId(row.int(0)?)),
    )?;
    Ok(in_order(found))
}

/// Sweeps one person: settles their grounds and lets go of what these no longer cover.
///
/// # Errors
/// [`Error::Missing`] if the instance holds nobody of this number.
pub fn person(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    who: PersonId,
    today: Date,
    now: Timestamp,
) -> Result<(u32, Departed)> {
    let settled = ground::settle(tx, policy, who, today, ACTOR, now)?;
    // Who they are is known until they have gone.
    let owed = erase::owed(tx, who)?;
    let cause = Cause { name: "sweep", actor: ACTOR, by: None, request: None };
    let departed = departure::carry_out(tx, policy, keys, &settled.life, &cause, today, now)?;
    // What nobody can decide on, or waits until something is handed over, is looked at again the next night.
    let settled_all = departed.kept.is_empty() && departed.undeclared.is_empty() && departed.waits.is_empty();
    if !departed.gone && settled_all {
        if let Some(own) = &owed {
            erase::spare_owed(tx, who, own)?;
        }
        swept(tx, who, today, now)?;
    }
    let mut changes = settled.changes.len();
    if !departed.gone && departed.rows() + departed.cut > 0 {
        // Clocks that counted from what has gone wait for the next of it, and which row is the next to go is another one.
        changes += ground::settle(tx, policy, who, today, ACTOR, now)?.changes.len();
    }
    Ok((u32::try_from(changes).unwrap_or(u32::MAX), departed))
}

/// Marks a person's stopped grounds as dealt with, so that the next night does not read them again.
pub(crate) fn swept(tx: &Tx<'_>, who: PersonId, today: Date, now: Timestamp) -> Result<()> {
    let dealt_with = "person_id = ?1 AND state = 'stopped' AND swept_at IS NULL AND stopped_on <= ?2";
    // Why it was once still needed says something about them, and goes with what it was about.
    let lost = format!("{dealt_with} AND reviewed_why IS NOT NULL");
    ring_duty::lost(tx, "ground", &lost, params![who, today])?;
    tx.put(
        &format!("UPDATE ground SET swept_at = ?3, reviewed_why = NULL WHERE {dealt_with}"),
        params![who, today, now],
    )?;
    Ok(())
}

/// Why a transaction of the sweep ended without being kept.
enum Halt {
    /// The sweep only tries what it would do.
    Dry(Box<(Report, Bytes)>),
    /// It failed.
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Runs the night's sweep, or tries it without keeping anything. `clock` is asked when it began and ended.
///
/// # Errors
/// If the database goes away; what was swept before stays swept, and the next run goes on from there.
pub fn run(
    store: &Store,
    policy: &Policy,
    today: Date,
    clock: &dyn Fn() -> Timestamp,
    dry: bool,
) -> Result<Report> {
    let started = clock();
    let (mut report, mut anew) = (Report::default(), Vec::new());
    if !dry {
        // Bytes whose rows went and that would not go then, or whose row never came.
        match files::tidy(store) {
            Ok(tidied) => report.problems.extend(tidied.left),
            Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
            Err(error) => report.problems.push(format!("files of nothing could not be looked for: {error}")),
        }
        // Whoever goes is taken out of each piece of the search index: the fewer there are, the shorter anybody waits.
        if let Err(error) = search::join(store) {
            report.problems.push(format!("the search index could not be put together: {error}"));
        }
        anew = anew::settle_all(store, policy, today, clock, &mut report)?;
    }
    // What work still owes is known before the last of those on it goes.
    anew.extend(store.read(|tx| due(tx, today))?);
    let due = in_order(anew);
    let of_work = store.read(|tx| due_works(tx, today))?;
    for one in of_work.chunks(1) {
        let now = clock();
        let batch = kept_or_tried(store, dry, |tx| works(tx, policy, store.keys(), one, today, now))?;
        join(&mut report, batch.0);
        finish(store, &batch.1, dry, &mut report);
    }
    take(store, policy, (&due, &of_work), today, clock, dry, &mut report)?;
    of_nobody(store, policy, today, clock, (false, dry), &mut report)?;
    if !dry {
        // After what has gone: what was held until today may be masked now.
        let now = clock();
        match store.write(|tx| later::night(tx, policy, store.keys(), today, now)) {
            Ok(problems) => report.problems.extend(problems),
            Err(error) => report.problems.push(format!("texts that wait to be masked: {error}")),
        }
    }
    report.problems.sort();
    report.problems.dedup();
    if !dry {
        store.write(|tx| {
            undecided(tx, &report, clock())?;
            record(tx, &report, today, started, clock())
        })?;
    }
    Ok(report)
}

/// What could not be decided goes into the log: how many things, and whom they are about. What and why stands in the
/// record of the sweep, which Today and health show.
fn undecided(tx: &Tx<'_>, report: &Report, now: Timestamp) -> Result<()> {
    if report.problems.is_empty() {
        return Ok(());
    }
    let people: Vec<PersonId> = report.undecided.iter().map(|who| PersonId(*who)).collect();
    log::append(tx, now, ACTOR, "sweep.undecided", &people, &json!({ "things": report.problems.len() }))?;
    Ok(())
}

/// What the latest sweep of an hour could not decide; nothing once a later one could.
///
/// # Errors
/// Whatever the database says.
pub fn undecided_by_hour(tx: &Tx<'_>) -> Result<Vec<String>> {
    let kept = setting::get(tx, BY_HOUR)?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
}

/// Takes what is due of these people, up to [`AT_ONCE`] in each transaction. `of_work` is the work of which something is due: where this
/// night is only tried, theirs has not gone before them yet.
fn take(
    store: &Store,
    policy: &Policy,
    (due, of_work): (&[PersonId], &[EngagementId]),
    today: Date,
    clock: &dyn Fn() -> Timestamp,
    dry: bool,
    report: &mut Report,
) -> Result<()> {
    let parts = match dry {
        true => store.read(|tx| sharing::apart(tx, due))?,
        false => due.chunks(AT_ONCE as usize).map(<[PersonId]>::to_vec).collect(),
    };
    for some in &parts {
        let mut rest = some.as_slice();
        while !rest.is_empty() {
            let now = clock();
            let taken = Cell::new(0);
            let go = |apart: bool| {
                kept_or_tried(store, dry, |tx| {
                    if dry {
                        works(tx, policy, store.keys(), &on(tx, rest, of_work)?, today, now)?;
                    }
                    let longest = if dry { Duration::MAX } else { turn::LONGEST };
                    let (part, bytes, seen) =
                        people(tx, policy, store.keys(), (rest, longest), apart, today, now)?;
                    taken.set(seen);
                    Ok((part, bytes))
                })
            };
            // Where one of them cannot be decided each is taken so that what fails of them takes nobody else back.
            let batch = match go(false) {
                Err(error) if !matches!(error, Error::Contended | Error::Away(_)) => go(true)?,
                done => done?,
            };
            join(report, batch.0);
            finish(store, &batch.1, dry, report);
            rest = rest.get(taken.get()..).unwrap_or_default();
        }
    }
    Ok(())
}

/// Runs the hour's sweep: rows kept by the hour whose moment has come, of the people who have such. What went and
/// what could not be decided stands in the log of the night as well, which looks again.
///
/// # Errors
/// If the database goes away; what was swept before stays swept.
pub fn hour(store: &Store, policy: &Policy, today: Date, clock: &dyn Fn() -> Timestamp) -> Result<Report> {
    let mut report = Report::default();
    let now = clock();
    let due = store.read(|tx| due_by_hour(tx, now))?;
    take(store, policy, (&due, &[]), today, clock, false, &mut report)?;
    of_nobody(store, policy, today, clock, (true, false), &mut report)?;
    report.problems.sort();
    report.problems.dedup();
    if store.read(undecided_by_hour)? != report.problems {
        store.write(|tx| {
            undecided(tx, &report, now)?;
            let kept = serde_json::to_string(&report.problems)
                .map_err(|error| Error::Database(error.to_string()))?;
            if report.problems.is_empty() {
                setting::clear(tx, BY_HOUR)
            } else {
                setting::set(tx, BY_HOUR, &kept)
            }
        })?;
    }
    Ok(report)
}

/// Runs a part of the sweep in a transaction that is kept, or in one that is not.
fn kept_or_tried(
    store: &Store,
    dry: bool,
    f: impl Fn(&Tx<'_>) -> Result<(Report, Bytes)>,
) -> Result<(Report, Bytes)> {
    let done = store.write(|tx| {
        let done = f(tx).map_err(Halt::Failed)?;
        if dry { Err(Halt::Dry(Box::new(done))) } else { Ok(done) }
    });
    match done {
        Ok(done) => Ok(done),
        Err(Halt::Dry(done)) => Ok(*done),
        Err(Halt::Failed(error)) => Err(error),
    }
}

/// Takes what is due and about nobody known, up to [`OF_NOBODY_AT_ONCE`] rows in each transaction. What cannot be taken is gone past.
fn of_nobody(
    store: &Store,
    policy: &Policy,
    today: Date,
    clock: &dyn Fn() -> Timestamp,
    (by_hour, dry): (bool, bool),
    report: &mut Report,
) -> Result<()> {
    let mut from = Some(unowned::Place::default());
    while let Some(place) = from {
        let now = Now::at(today, clock());
        let next = Cell::new(None);
        let (part, bytes) = kept_or_tried(store, dry, |tx| {
            let (mut part, mut bytes) = (Report::default(), Bytes::default());
            let most = (&place, OF_NOBODY_AT_ONCE);
            let (went, reached) =
                unowned::sweep(tx, policy, (now, by_hour), most, &mut part.problems, &mut bytes)?;
            part.disposed = went;
            next.set(reached);
            Ok((part, bytes))
        })?;
        join(report, part);
        finish(store, &bytes, dry, report);
        from = next.take();
    }
    Ok(())
}

/// Takes what is due of these people, of one at least and of others until this has taken so long. How many they were comes with it.
/// Taken `apart`, what fails of one is a problem, and else an error.
fn people(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    (some, longest): (&[PersonId], Duration),
    apart: bool,
    today: Date,
    now: Timestamp,
) -> Result<(Report, Bytes, usize)> {
    let mut report = Report::default();
    let mut bytes = Bytes::default();
    let (began, mut seen) = (Instant::now(), 0);
    for who in some {
        if !turn::takes_another(seen, began.elapsed(), longest) {
            break;
        }
        seen += 1;
        let one = |tx: &Tx<'_>| person(tx, policy, keys, *who, today, now);
        match if apart { tx.attempt(one) } else { Ok(one(tx)?) } {
            Ok((settled, departed)) => {
                report.people += 1;
                report.settled += settled;
                if !departed.undeclared.is_empty() {
                    report.undecided.insert(who.0);
                    let kinds: Vec<String> =
                        departed.undeclared.iter().map(|(kind, rows)| format!("{rows} {kind}")).collect();
                    let kinds = kinds.join(", ");
                    report.problems.push(format!("person {who}: the policy declares no such kind: {kinds}"));
                }
                report.add(&departed);
                bytes.files.extend(departed.bytes.files);
            }
            Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
            Err(Error::Missing) => {}
            // One record that cannot be decided never stops the others.
            Err(error) => {
                report.undecided.insert(who.0);
                report.problems.push(format!("person {who}: {error}"));
            }
        }
    }
    Ok((report, bytes, seen))
}

fn join(report: &mut Report, part: Report) {
    report.people += part.people;
    report.settled += part.settled;
    report.gone += part.gone;
    report.cut += part.cut;
    report.tasks += part.tasks;
    report.held += part.held;
    report.restricted += part.restricted;
    report.for_requests += part.for_requests;
    report.untold += part.untold;
    report.problems.extend(part.problems);
    report.undecided.extend(part.undecided);
    for (kind, count) in part.disposed {
        *report.disposed.entry(kind).or_insert(0) += count;
    }
}

/// Takes the bytes of files whose rows are gone. Bytes that will not go are unreadable already, and named; every night tries again.
fn finish(store: &Store, bytes: &Bytes, dry: bool, report: &mut Report) {
    for name in bytes.files.iter().filter(|_| !dry) {
        if let Err(error) = files::remove(store, name) {
            report.problems.push(format!("file {name}: {error}"));
        }
    }
}

fn record(tx: &Tx<'_>, report: &Report, today: Date, started: Timestamp, ended: Timestamp) -> Result<()> {
    let detail = serde_json::to_string(report).map_err(|error| Error::Database(error.to_string()))?;
    tx.exec(
        "INSERT INTO sweep_run (id, on_date, started_at, ended_at, settled, disposed, held, tasks, detail)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            id::next(),
            today,
            started,
            ended,
            report.settled,
            report.rows(),
            report.held + report.restricted + report.for_requests + report.untold,
            report.tasks,
            detail
        ],
    )?;
    Ok(())
}

/// One night's sweep, as it was recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// The night.
    pub on: Date,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Rows that went.
    pub disposed: i64,
    /// Rows that would have gone, but something kept them.
    pub held: i64,
    /// Tasks made.
    pub tasks: i64,
    /// All of it, as JSON.
    pub detail: Option<String>,
}

/// The last sweeps, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn runs(tx: &Tx<'_>, limit: u32) -> Result<Vec<Run>> {
    tx.all(
        "SELECT on_date, started_at, ended_at, disposed, held, tasks, detail FROM sweep_run ORDER BY id DESC LIMIT ?1",
        params![limit],
        |row| {
            Ok(Run {
                on: row.date(0)?,
                started_at: row.at(1)?,
                ended_at: row.opt_at(2)?,
                disposed: row.int(3)?,
                held: row.int(4)?,
                tasks: row.int(5)?,
                detail: row.opt_text(6)?,
            })
        },
    )
}
