//! One walk past everybody, in the order of their numbers, by several at once: whoever's stored grounds are not what the facts say, and
//! whoever has something that no ground of their own carries, to be looked at more closely.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use custody::ground::GroundChange;
use custody::id::PersonId;
use custody::life::{Ground, Life, State, StopCause};
use jiff::civil::Date;
use policy::{KindId, KindSet, RuleId, Sort};

use super::found::Found;
use super::held::holds;
use super::run::{AT_ONCE_MAX, Run};
use super::{Prover, unread};
use crate::asked::asked;
use crate::life::Readable;
use crate::schema::{self, KindOf, Owner};
use crate::{Error, Result, Row, ground, life, params};

/// How many people are looked at together.
const AT_ONCE: usize = 1024;

/// Into how many shares for each walker people are split, so that none goes on alone for long.
const SHARES: usize = 16;

/// One part of the walk, by itself.
enum Part<'p> {
    People(&'p [PersonId]),
    Works,
    /// What links the rows of a table to people and to work.
    Links(&'static str, Sort),
}

/// The parts of a walk past people, in the order of their numbers. What takes long and is in one piece comes first.
fn parts(people: &[PersonId], walkers: usize) -> Vec<Part<'_>> {
    let share = people.len().div_ceil(walkers * SHARES).max(AT_ONCE);
    let whole = [Part::Links("entry", Sort::Entry), Part::Links("document", Sort::Document), Part::Works];
    whole.into_iter().chain(people.chunks(share).map(Part::People)).collect()
}

/// What the walk found.
#[derive(Default)]
pub(super) struct Everybody {
    /// Stored dates and states that are not what the facts say, by the clause.
    pub stale: BTreeMap<RuleId, Vec<String>>,
    /// Rows held past their own end, by the clause that let them go.
    pub late: BTreeMap<RuleId, Vec<String>>,
    /// Who has details, entries or documents of a kind that may have no ground.
    pub doubtful: BTreeMap<KindId, Vec<PersonId>>,
    /// Kinds of which there are rows of nobody that was walked past.
    pub strays: KindSet,
    /// Kinds of which rows that nobody is in may lie on work.
    pub of_works: KindSet,
    /// Tables of which every row that is about somebody was walked past.
    pub walked: BTreeSet<&'static str>,
    /// Whether something of somebody could not be read.
    unread: bool,
    /// How many details of each kind those have who were walked past.
    items: BTreeMap<String, usize>,
    /// How many rows of what the program keeps of its own there are about them, by the table.
    records: BTreeMap<&'static str, usize>,
}

impl Everybody {
    /// Adds what another part of the walk found, of people with higher numbers.
    fn add(&mut self, other: Self) {
        for (rule, said) in other.stale {
            self.stale.entry(rule).or_default().extend(said);
        }
        for (rule, said) in other.late {
            self.late.entry(rule).or_default().extend(said);
        }
        for (kind, people) in other.doubtful {
            self.doubtful.entry(kind).or_default().extend(people);
        }
        for (kind, rows) in other.items {
            *self.items.entry(kind).or_default() += rows;
        }
        for (table, rows) in other.records {
            *self.records.entry(table).or_default() += rows;
        }
        self.unread |= other.unread;
        self.strays = self.strays.or(other.strays);
        self.of_works = self.of_works.or(other.of_works);
    }
}

impl Run<'_> {
    /// The walk, made ahead of everything else by several side by side. How many they were.
    pub(super) fn walk(self, found: &Found) -> Result<usize> {
        let people = self.with_prover(found, |prover| prover.people())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let walkers = cores.min(AT_ONCE_MAX).min(people.len().div_ceil(AT_ONCE)).max(1);
        let parts =
            self.beside(walkers, &parts(&people, walkers), found, |prover, part| prover.part(part))?;
        let joined = self.with_prover(found, |prover| prover.joined(parts))?;
        found.everybody.or(|| Ok(joined))?;
        Ok(walkers)
    }
}

impl Prover<'_, '_> {
    /// The walk, made once: here, if nobody made it ahead.
    pub(super) fn everybody(&self) -> Result<Arc<Everybody>> {
        self.found.everybody.or(|| {
            let people = self.people()?;
            self.joined(parts(&people, 1).iter().map(|part| self.part(part)))
        })
    }

    fn people(&self) -> Result<Vec<PersonId>> {
        let sql = "SELECT id FROM person WHERE into_person_id IS NULL ORDER BY id";
        self.tx.all(sql, &[], |row| Ok(PersonId(row.int(0)?)))
    }

    fn joined(&self, parts: impl IntoIterator<Item = Result<Everybody>>) -> Result<Arc<Everybody>> {
        let mut found = Everybody::default();
        for part in parts {
            found.add(part?);
        }
        // What somebody added or took away meanwhile makes a count differ, too.
        if found.items.values().sum::<usize>() == self.count("SELECT COUNT(*) FROM item", &[])? {
            self.found.held.or("item", || Ok(Arc::new(found.items.clone())))?;
        } else if self.about_nobody("item", "person_id")? {
            self.stray(Sort::Item, &mut found.strays);
        }
        for (table, column, _) in records() {
            let about_somebody = format!("SELECT COUNT(*) FROM {table} WHERE {column} IS NOT NULL");
            if found.records.get(table).copied().unwrap_or(0) == self.count(&about_somebody, &[])?
                || (!found.unread && !self.about_nobody(table, column)?)
            {
                found.walked.insert(table);
            }
        }
        Ok(Arc::new(found))
    }

    /// Whether a row of a table is about somebody who is not walked past.
    fn about_nobody(&self, table: &str, column: &str) -> Result<bool> {
        let sql = format!(
            "SELECT 1 FROM {table} t WHERE t.{column} IS NOT NULL AND NOT EXISTS
                (SELECT 1 FROM person p WHERE p.id = t.{column} AND p.into_person_id IS NULL) LIMIT 1"
        );
        self.tx.any(&sql, &[])
    }

    fn part(&self, part: &Part<'_>) -> Result<Everybody> {
        let mut found = Everybody::default();
        match part {
            Part::People(people) => {
                for some in people.chunks(AT_ONCE) {
                    self.past(some, &mut found)?;
                }
            }
            Part::Works => self.past_works(&mut found)?,
            Part::Links(table, sort) => self.count_links(table, *sort, &mut found)?,
        }
        Ok(found)
    }

    /// Walks past the pieces of work that hold something for themselves.
    fn past_works(&self, found: &mut Everybody) -> Result<()> {
        let mut after = custody::id::EngagementId(0);
        loop {
            let some = ground::works_after(self.tx, self.policy, after, 256)?;
            let Some(last) = some.last() else { return Ok(()) };
            after = *last;
            let (lives, unread) = life::readable_works(self.tx, self.policy, &some, self.today)?;
            for life in &lives {
                self.settle_again(life, &mut found.stale);
            }
            for work in unread {
                let whose = "person_id IS NULL AND engagement_id = ?1";
                self.not_read(("work", work.0), whose, &mut found.stale)?;
            }
        }
    }

    /// Whether everything in a table is linked to somebody who is walked past, or to work.
    fn count_links(&self, table: &'static str, sort: Sort, found: &mut Everybody) -> Result<()> {
        let linked = self.count(
            &format!("SELECT COUNT(*) FROM (SELECT DISTINCT {table}_id FROM {table}_person) AS linked"),
            &[],
        )?;
        let to_nobody = format!(
            "SELECT 1 FROM (SELECT DISTINCT person_id FROM {table}_person) AS whom
                WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.id = whom.person_id AND p.into_person_id IS NULL) LIMIT 1"
        );
        // What lies on work and nobody is in is the work's own.
        let of_works = self.count(
            &format!(
                "SELECT COUNT(*) FROM (SELECT DISTINCT x.{table}_id FROM {table}_work x
                    WHERE NOT EXISTS (SELECT 1 FROM {table}_person p WHERE p.{table}_id = x.{table}_id)) AS alone"
            ),
            &[],
        )?;
        if of_works > 0 {
            self.stray(sort, &mut found.of_works);
        }
        if linked + of_works != self.rows(table)? || self.tx.any(&to_nobody, &[])? {
            self.stray(sort, &mut found.strays);
        }
        Ok(())
    }

    /// Walks past some people.
    fn past(&self, people: &[PersonId], found: &mut Everybody) -> Result<()> {
        let read = life::load_readable(self.tx, self.policy, people, self.today, life::For::Clocks)?;
        for life in &read.lives {
            self.settle_again(life, &mut found.stale);
            self.late_rows(life, &mut found.late)?;
        }
        for who in &read.unread {
            self.not_read(("person", who.0), "person_id = ?1", &mut found.stale)?;
        }
        self.look_at(people, &read, found)
    }

    /// Notes of somebody, or of work, of which something cannot be read, that it could not be looked at, under each clause that
    /// holds or held something of it that has not gone.
    fn not_read(
        &self,
        (what, number): (&str, i64),
        whose: &str,
        found: &mut BTreeMap<RuleId, Vec<String>>,
    ) -> Result<()> {
        let sql = format!(
            "SELECT DISTINCT rule FROM ground WHERE {whose} AND (state <> 'stopped' OR swept_at IS NULL) ORDER BY rule"
        );
        for key in self.tx.all(&sql, params![number], |row| row.text(0))? {
            if let Some(rule) = self.policy.rule_keyed(&key) {
                found.entry(rule.id).or_default().push(unread(&format!("{what} {number}")));
            }
        }
        Ok(())
    }

    fn stray(&self, sort: Sort, strays: &mut KindSet) {
        self.policy.kinds.iter().filter(|kind| kind.sort == sort).for_each(|kind| strays.insert(kind.id));
    }

    /// Settles somebody again, in memory: whatever would change is a stored date or state that is not what the facts
    /// say.
    fn settle_again(&self, life: &Life, found: &mut BTreeMap<RuleId, Vec<String>>) {
        let what = if life.alone { "work" } else { "person" };
        let person = life.person;
        let rule_of = |id| life.grounds.iter().find(|held| held.id == id).map(|held| held.rule);
        for change in custody::ground::stale(self.policy, life, self.today) {
            let (rule, said) = match &change {
                GroundChange::Redate { ground, due_on, row, .. } => {
                    let due = due_on.map_or_else(|| "no last day yet".to_owned(), |due| due.to_string());
                    let row =
                        row.map_or_else(String::new, |row| format!(", and {} for its next row", row.on));
                    (
                        rule_of(*ground),
                        format!("ground {ground} of {what} {person}: the facts say {due}{row}"),
                    )
                }
                // A clock that ran out today or yesterday waits for its sweep.
                GroundChange::Stop { on, .. } if *on > self.cut => continue,
                GroundChange::Stop { cause: StopCause::Due, .. } => continue,
                GroundChange::Stop { ground, on, .. } => (
                    rule_of(*ground),
                    format!("ground {ground} of {what} {person} ended on {on} and still stands"),
                ),
                // What is held without the ground it needs is found by what is held.
                GroundChange::Open { .. } | GroundChange::Reopen { .. } => continue,
            };
            if let Some(rule) = rule {
                found.entry(rule).or_default().push(said);
            }
        }
    }

    /// Notes who has something of a kind that no ground of theirs carries by itself, and whoever has something of it and cannot be
    /// read: of them each row is looked at. And how many rows they have.
    fn look_at(&self, people: &[PersonId], read: &Readable, found: &mut Everybody) -> Result<()> {
        let Everybody { doubtful, items, records, unread, .. } = found;
        *unread |= !read.unread.is_empty();
        let mut carried = BTreeMap::new();
        for life in &read.lives {
            let mut of_items = KindSet::none();
            let mut of_lines = KindSet::none();
            for held in life.grounds.iter().filter(|held| carries(held, self.cut)) {
                let Some(rule) = self.policy.rules.get(held.rule.index()) else { continue };
                of_items = of_items.or(rule.kinds);
                // A ground of somebody's work carries only what is on that work.
                if held.engagement.is_none() {
                    of_lines = of_lines.or(rule.kinds);
                }
            }
            let mut uncarried = KindSet::none();
            for (table, kind) in life.records.iter().map(|kept| (kept.datum.table, kept.datum.kind)) {
                let by = match table {
                    "entry" | "document" => of_lines,
                    _ if life::in_lives(table) => {
                        *records.entry(table).or_default() += 1;
                        of_items
                    }
                    _ => continue,
                };
                if !by.contains(kind) {
                    uncarried.insert(kind);
                }
            }
            for kind in uncarried.iter() {
                doubtful.entry(kind).or_default().push(life.person);
            }
            carried.insert(life.person, of_items);
        }
        for who in &read.unread {
            for table in ["entry", "document"] {
                let sql = format!(
                    "SELECT DISTINCT t.kind FROM {table}_person p JOIN {table} t ON t.id = p.{table}_id
                        WHERE p.person_id = ?1 ORDER BY t.kind"
                );
                for kind in self.tx.all(&sql, params![*who], |row| row.text(0))? {
                    if let Some(kind) = self.policy.kind_named(&kind) {
                        doubtful.entry(kind.id).or_default().push(*who);
                    }
                }
            }
            carried.insert(*who, KindSet::none());
        }
        let sql =
            "SELECT person_id, COUNT(*), kind FROM item WHERE person_id {people} GROUP BY person_id, kind";
        for asked in asked(self.tx, people)? {
            let mut take = |row: &Row<'_>, kind: &str, rows: &mut usize| {
                let person = PersonId(row.int(0)?);
                let Some(carried) = carried.get(&person) else { return Ok(()) };
                *rows += usize::try_from(row.int(1)?).unwrap_or(0);
                if let Some(kind) = self.policy.kind_named(kind).filter(|kind| !carried.contains(kind.id)) {
                    doubtful.entry(kind.id).or_default().push(person);
                }
                Ok::<(), Error>(())
            };
            self.tx.each(&asked.sql(sql), &asked.values, |row| {
                let kind = row.str(2)?;
                match items.get_mut(kind) {
                    Some(rows) => take(row, kind, rows),
                    None => take(row, kind, items.entry(kind.to_owned()).or_default()),
                }
            })?;
            for (table, column, kind) in self::records().filter(|(table, ..)| !life::in_lives(table)) {
                let sql = format!(
                    "SELECT {column}, COUNT(*) FROM {table} WHERE {column} {{people}} GROUP BY {column}"
                );
                let rows = records.entry(table).or_default();
                self.tx.each(&asked.sql(&sql), &asked.values, |row| take(row, kind, rows))?;
            }
        }
        Ok(())
    }
}

/// The tables of what the program keeps of its own about one person in each row, the columns that say about whom, and of what kind
/// it is.
fn records() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    schema::personal().filter_map(|table| match (table.owner, table.kind) {
        (Owner::Person(column), KindOf::Record(kind)) if holds(table, kind, Sort::Record) => {
            Some((table.name, column, kind))
        }
        _ => None,
    })
}

/// Whether a ground still carries what it covers: active and in time, or stopped so lately that the sweep of the
/// coming night takes it. `cut` is the day before which it is late.
fn carries(held: &Ground, cut: Date) -> bool {
    match &held.state {
        State::Active => held.due_on.is_none_or(|due| due >= cut),
        State::Stopped { on, cause: StopCause::Due } => *on > cut,
        State::Stopped { on, .. } => *on >= cut,
    }
}
