//! Statistics: how many people of some categories came how far with each kind of work, and the tables of it that were made. What is kept of
//! a table is what may be shown of it, and never who was counted or what was hidden.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{PersonId, StaffId};
use custody::statistics::{Before, Line, shown};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::policy::{Statistics, Work};
use policy::{CategoryId, Policy};

use crate::{Error, Result, Row, Tx, id, params};

/// The row that says how many they are in all; no step of any work has an empty name.
const ALL: &str = "";

/// A table that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Release {
    /// Its row.
    pub id: i64,
    /// What the policy calls it.
    pub title: String,
    /// Whom it counts, by the names of their categories; empty for everybody.
    pub whom: Vec<String>,
    /// From how many people on a number is shown.
    pub least: u64,
    /// The day it was made.
    pub made_on: Date,
    /// Who made it.
    pub made_by: Option<StaffId>,
}

/// One line of it: who was on one kind of work that began in one year.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The kind of work, by name.
    pub work: String,
    /// The year.
    pub year: i64,
    /// The numbers.
    pub line: Line,
}

/// A table with its lines, by work and year.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// What was made.
    pub release: Release,
    /// Its lines.
    pub parts: Vec<Part>,
}

/// The categories that statistics count, by name.
#[must_use]
pub fn whom(policy: &Policy, stated: &Statistics) -> Vec<String> {
    let named = stated.of.iter().filter_map(|id| policy.categories.get(id.index()));
    named.map(|category| category.name.clone()).collect()
}

/// The kinds of work that somebody of these categories has a part in; without any, every kind.
pub fn works<'p>(policy: &'p Policy, of: &'p [CategoryId]) -> impl Iterator<Item = &'p Work> {
    policy
        .works
        .iter()
        .filter(move |work| of.is_empty() || work.parts.iter().any(|part| of.contains(&part.category)))
}

/// How far work of a kind can have come, in order: its steps but the last, which ends it, each without and with that end.
#[must_use]
pub fn steps(work: &Work) -> Vec<String> {
    let none = "no step yet".to_owned();
    let Some((end, steps)) = work.milestones.split_last() else { return vec![none] };
    let mut names = vec![none, end.clone()];
    for step in steps {
        names.extend([step.clone(), format!("{step}, then {end}")]);
    }
    names
}

/// Which of [`steps`] a piece of work has come to.
fn come_to(work: &Work, happened: &BTreeSet<String>) -> usize {
    let Some((end, steps)) = work.milestones.split_last() else { return 0 };
    let furthest = steps.iter().rposition(|step| happened.contains(step)).map_or(0, |at| at + 1);
    furthest * 2 + usize::from(happened.contains(end))
}

/// The first year that a table counts, whose last year is this one.
#[must_use]
pub fn first_year(stated: &Statistics, until: i64) -> i64 {
    until - i64::from(stated.years) + 1
}

/// Of each kind of work and year in which it began, how far whoever had a part in it came.
pub type Reached = BTreeMap<(String, i64), BTreeMap<PersonId, usize>>;

/// Counts from a day on, each person once, where they came furthest; only parts that somebody of these categories has, without any all.
///
/// # Errors
/// Whatever the database says.
pub fn reached(tx: &Tx<'_>, policy: &Policy, of: &[CategoryId], from: Date) -> Result<Reached> {
    let mut happened: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    tx.each(
        "SELECT m.engagement_id, m.name FROM milestone m JOIN engagement e ON e.id = m.engagement_id
            WHERE m.undone_at IS NULL AND e.opened_on >= ?1",
        params![from],
        |row| {
            happened.entry(row.int(0)?).or_default().insert(row.text(1)?);
            Ok::<_, Error>(())
        },
    )?;
    let (mut found, nothing) = (Reached::new(), BTreeSet::new());
    tx.each(
        "SELECT e.id, e.work, e.opened_on, p.person_id, p.part FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id
            WHERE e.opened_on >= ?1",
        params![from],
        |row| {
            let Some(work) = policy.work_named(row.str(1)?) else { return Ok(()) };
            let played = row.str(4)?;
            let counts = |part: &policy::policy::Part| {
                part.name == played && (of.is_empty() || of.contains(&part.category))
            };
            if work.parts.iter().any(counts) {
                let step = come_to(work, happened.get(&row.int(0)?).unwrap_or(&nothing));
                let year = i64::from(row.date(2)?.year());
                let people = found.entry((work.name.clone(), year)).or_default();
                let furthest = people.entry(PersonId(row.int(3)?)).or_insert(step);
                *furthest = step.max(*furthest);
            }
            Ok::<_, Error>(())
        },
    )?;
    Ok(found)
}

/// The lines of a table up to a year: of those who may be counted, with as much hidden as must be beside the tables before it, the oldest
/// of these first.
#[must_use]
pub fn table(
    policy: &Policy,
    stated: &Statistics,
    (found, may): (&Reached, &BTreeSet<PersonId>),
    until: i64,
    earlier: &[Made],
) -> Vec<Part> {
    let (whom, least) = (whom(policy, stated), u64::from(policy.least_count()));
    let mut parts = Vec::new();
    for work in works(policy, &stated.of) {
        for year in first_year(stated, until)..=until {
            let key = (work.name.clone(), year);
            let came = found.get(&key).into_iter().flatten().filter(|(person, _)| may.contains(*person));
            let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
            came.for_each(|(_, step)| *counts.entry(*step).or_default() += 1);
            let count = |(at, step): (usize, String)| (step, counts.get(&at).copied().unwrap_or_default());
            let line = Line::of(steps(work).into_iter().enumerate().map(count).collect());
            let line = shown(line, &before(earlier, &whom, (work.name.as_str(), year)), least);
            parts.push(Part { work: work.name.clone(), year, line });
        }
    }
    parts
}

/// Keeps a table.
///
/// # Errors
/// Whatever the database says.
pub fn keep(tx: &Tx<'_>, release: &Release, parts: &[Part], now: Timestamp) -> Result<i64> {
    let number = id::next();
    tx.exec(
        "INSERT INTO statistics_release (id, title, whom, shown_from, made_on, made_by, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            number,
            &release.title,
            release.whom.join("; "),
            whole(release.least),
            release.made_on,
            release.made_by,
            now
        ],
    )?;
    for Part { work, year, line } in parts {
        let cells = line.cells.iter().map(|(step, count)| (step.as_str(), *count)).chain([(ALL, line.all)]);
        for (place, (step, count)) in (0_i64..).zip(cells) {
            tx.put(
                "INSERT INTO statistics_cell (release_id, work, year, place, step, people) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![number, work, *year, place, step, count.map(whole)],
            )?;
        }
    }
    Ok(number)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

const RELEASE: &str = "SELECT id, title, whom, shown_from, made_on, made_by FROM statistics_release";

fn release(row: &Row<'_>) -> Result<Release> {
    Ok(Release {
        id: row.int(0)?,
        title: row.text(1)?,
        whom: row.str(2)?.split("; ").filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        least: row.int(3)?.unsigned_abs(),
        made_on: row.date(4)?,
        made_by: row.opt_int(5)?.map(StaffId),
    })
}

/// Every table that was made, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Made>> {
    let releases = tx.all(&format!("{RELEASE} ORDER BY id"), &[], release)?;
    let mut made: BTreeMap<i64, Made> =
        releases.into_iter().map(|release| (release.id, Made { release, parts: Vec::new() })).collect();
    tx.each(&format!("{CELLS} ORDER BY release_id, work, year, place"), &[], |row| {
        let Some(Made { parts, .. }) = made.get_mut(&row.int(0)?) else { return Ok(()) };
        add(parts, row)
    })?;
    Ok(made.into_values().collect())
}

/// One of them with its numbers.
///
/// # Errors
/// Whatever the database says.
pub fn with_numbers(tx: &Tx<'_>, release: Release) -> Result<Made> {
    let mut parts = Vec::new();
    let sql = format!("{CELLS} WHERE release_id = ?1 ORDER BY work, year, place");
    tx.each(&sql, params![release.id], |row| add(&mut parts, row))?;
    Ok(Made { release, parts })
}

const CELLS: &str = "SELECT release_id, work, year, step, people FROM statistics_cell";

/// Adds a number to the lines of a table, of which the last is the one that it may belong to.
fn add(parts: &mut Vec<Part>, row: &Row<'_>) -> Result<()> {
    let (work, year, step) = (row.text(1)?, row.int(2)?, row.text(3)?);
    let count = row.opt_int(4)?.map(i64::unsigned_abs);
    if parts.last().is_none_or(|part| part.work != work || part.year != year) {
        parts.push(Part { work, year, line: Line::default() });
    }
    if let Some(Part { line, .. }) = parts.last_mut() {
        if step == ALL {
            line.all = count;
        } else {
            line.cells.push((step, count));
        }
    }
    Ok(())
}

/// The tables that were made, the newest first, without their numbers.
///
/// # Errors
/// Whatever the database says.
pub fn releases(tx: &Tx<'_>) -> Result<Vec<Release>> {
    tx.all(&format!("{RELEASE} ORDER BY id DESC"), &[], release)
}

/// One of them, without its numbers.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, number: i64) -> Result<Release> {
    tx.one(&format!("{RELEASE} WHERE id = ?1"), params![number], release)
}

/// The last one before another of the same people, without its numbers; nothing where there is none.
///
/// # Errors
/// Whatever the database says.
pub fn one_before(tx: &Tx<'_>, later: &Release) -> Result<Option<Release>> {
    let sql = format!("{RELEASE} WHERE id < ?1 AND whom = ?2 ORDER BY id DESC LIMIT 1");
    tx.maybe(&sql, params![later.id, later.whom.join("; ")], release)
}

/// What was shown of one kind of work and year before, for a table that counts these categories; tables are given the oldest first.
#[must_use]
pub fn before<'m>(earlier: &'m [Made], whom: &[String], (work, year): (&str, i64)) -> Before<'m> {
    let mut found = Before::default();
    for Made { release, parts } in earlier.iter().rev() {
        let line = parts.iter().find(|part| part.work == work && part.year == year).map(|part| &part.line);
        let Some(line) = line else { continue };
        let everybody = release.whom.is_empty() || whom.is_empty();
        if release.whom == whom {
            found.same.push(line);
        } else if everybody || release.whom.iter().any(|name| whom.contains(name)) {
            found.others.push(line);
        }
    }
    found
}
