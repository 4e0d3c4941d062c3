//! What the days of the worlds are judged by, a second time and without the program's own answers: plain and slow, from what
//! stands in the tables and from what each clause names. No coverage, no settling and no proof of the program is called here.
//! Rows that a clause lets go one by one are not judged; the model of the histories does that.

use std::collections::{BTreeMap, BTreeSet};

use app::acts::{Acting, person};
use app::instance::Instance;
use custody::act::Asked;
use custody::id::PersonId;
use custody::{Gate, Verb};
use jiff::civil::Date;
use policy::{KindSet, Policy, Sort};
use store::log::Frontier;
use store::schema::{self, KindOf, Owner, Table};
use store::{Tx, item, params};

/// A ground as it is stored.
struct Ground {
    person: Option<i64>,
    work: Option<i64>,
    rule: String,
    activity: String,
}

/// A row with whom and what it is on.
struct Row {
    table: &'static str,
    id: i64,
    kind: String,
    people: Vec<i64>,
    works: Vec<(i64, Option<String>)>,
    /// Of a consent, what it is for.
    activity: Option<String>,
    /// Of a request, whether it is closed.
    closed: bool,
}

/// What stands in the tables on a day.
pub struct Day {
    rows: Vec<Row>,
    grounds: Vec<Ground>,
    /// People of whom something is kept for now, though nothing covers it.
    wait: BTreeSet<i64>,
    /// Work on hold.
    held: BTreeSet<i64>,
    /// Rows about which somebody still has to do something by hand.
    tasks: BTreeSet<(&'static str, i64)>,
}

fn numbers(tx: &Tx<'_>, sql: &str, day: Date) -> store::Result<BTreeSet<i64>> {
    let with_day: &[store::Value<'_>] = params![day];
    let values = if sql.contains("?1") { with_day } else { &[] };
    Ok(tx.all(sql, values, |row| row.int(0))?.into_iter().collect())
}

/// The column that names the person of a table whose rows are theirs, or the table of links.
fn rows_of(tx: &Tx<'_>, table: &'static Table) -> store::Result<Vec<Row>> {
    let kind = match table.kind {
        KindOf::Column(column) => format!("t.{column}"),
        KindOf::Record(name) => format!("'{name}'"),
        KindOf::None | KindOf::Part => return Ok(Vec::new()),
    };
    let has = |name: &str| table.columns.iter().any(|column| column.name == name);
    let people = match table.owner {
        Owner::Person(column)
            if table.columns.iter().any(|known| known.name == column && known.refers == Some("person")) =>
        {
            format!("SELECT t.id, t.{column} FROM {} t WHERE t.{column} IS NOT NULL", table.name)
        }
        Owner::Links { table: links, column } => format!("SELECT {column}, person_id FROM {links}"),
        _ => return Ok(Vec::new()),
    };
    let column = |name: &str| if has(name) { format!("t.{name}") } else { "NULL".to_owned() };
    let (activity, closed) = match table.name {
        "consent" => (column("activity"), "NULL".to_owned()),
        "request" => ("NULL".to_owned(), column("closed_on")),
        _ => ("NULL".to_owned(), "NULL".to_owned()),
    };
    let sql = format!(
        "SELECT t.id, {kind}, CAST({activity} AS TEXT), CASE WHEN {closed} IS NULL THEN 0 ELSE 1 END FROM {} t",
        table.name
    );
    let mut rows: BTreeMap<i64, Row> = BTreeMap::new();
    tx.each(&sql, &[], |row| {
        let id = row.int(0)?;
        let (kind, activity, closed) = (row.text(1)?, row.opt_text(2)?, row.bool(3)?);
        rows.insert(
            id,
            Row { table: table.name, id, kind, people: Vec::new(), works: Vec::new(), activity, closed },
        );
        Ok::<_, store::Error>(())
    })?;
    tx.each(&people, &[], |row| {
        if let Some(found) = rows.get_mut(&row.int(0)?) {
            found.people.push(row.int(1)?);
        }
        Ok::<_, store::Error>(())
    })?;
    if matches!(table.name, "entry" | "document") {
        let sql = format!("SELECT {0}_id, engagement_id, class FROM {0}_work", table.name);
        tx.each(&sql, &[], |row| {
            if let Some(found) = rows.get_mut(&row.int(0)?) {
                found.works.push((row.int(1)?, row.opt_text(2)?));
            }
            Ok::<_, store::Error>(())
        })?;
    }
    Ok(rows.into_values().collect())
}

impl Day {
    /// Reads all of it.
    pub fn read(instance: &Instance, day: Date) -> Self {
        let policy = instance.policy();
        let read = |tx: &Tx<'_>| {
            let mut rows = Vec::new();
            for table in schema::personal() {
                rows.extend(rows_of(tx, table)?);
            }
            let sql = "SELECT person_id, engagement_id, rule, activity FROM ground WHERE state = 'active' AND (due_on IS NULL OR due_on >= ?1)";
            let grounds = tx.all(sql, params![day], |row| {
                Ok(Ground {
                    person: row.opt_int(0)?,
                    work: row.opt_int(1)?,
                    rule: row.text(2)?,
                    activity: row.text(3)?,
                })
            })?;
            let held = "SELECT engagement_id FROM hold WHERE engagement_id IS NOT NULL AND (ended_on IS NULL OR ended_on >= ?1)";
            let mut wait = BTreeSet::new();
            for sql in [
                "SELECT person_id FROM hold WHERE person_id IS NOT NULL AND (ended_on IS NULL OR ended_on >= ?1)",
                "SELECT p.person_id FROM engagement_person p JOIN hold h ON h.engagement_id = p.engagement_id
                    WHERE h.ended_on IS NULL OR h.ended_on >= ?1",
                "SELECT person_id FROM restriction WHERE lifted_on IS NULL",
                "SELECT person_id FROM request WHERE kind IN ('access', 'portability', 'restriction') AND person_id IS NOT NULL AND answered_on IS NULL
                    AND closed_on IS NULL AND (due_on IS NULL OR due_on >= ?1)",
            ] {
                wait.extend(numbers(tx, sql, day)?);
            }
            // Whoever is to be told before, and has not been.
            let told: BTreeSet<&str> = policy
                .rules
                .iter()
                .filter(|rule| rule.tell_before.is_some())
                .map(|rule| rule.key.as_str())
                .collect();
            tx.each("SELECT person_id, rule FROM ground WHERE person_id IS NOT NULL AND swept_at IS NULL AND state = 'stopped'", &[], |row| {
                if told.contains(row.str(1)?) {
                    wait.insert(row.int(0)?);
                }
                Ok::<_, store::Error>(())
            })?;
            let mut tasks = BTreeSet::new();
            for table in ["entry", "document", "paper", "engagement"] {
                let sql =
                    format!("SELECT {table}_id FROM task WHERE done_on IS NULL AND {table}_id IS NOT NULL");
                tasks.extend(numbers(tx, &sql, day)?.into_iter().map(|id| (table, id)));
            }
            Ok::<_, store::Error>(Self { rows, grounds, wait, held: numbers(tx, held, day)?, tasks })
        };
        instance.store.read(read).unwrap()
    }

    /// Rows, each with a person in it, that no stored ground carries and that nothing keeps.
    pub fn held_for_nothing(&self, policy: &Policy) -> Vec<String> {
        let mut of: BTreeMap<i64, Vec<&Ground>> = BTreeMap::new();
        let mut on: BTreeMap<i64, Vec<&Ground>> = BTreeMap::new();
        for ground in &self.grounds {
            if let Some(person) = ground.person {
                of.entry(person).or_default().push(ground);
            }
            if let Some(work) = ground.work {
                on.entry(work).or_default().push(ground);
            }
        }
        let mut wrong = Vec::new();
        for row in &self.rows {
            let kept = self.tasks.contains(&(row.table, row.id))
                || row.people.iter().any(|person| self.wait.contains(person))
                || row.works.iter().any(|(work, _)| self.held.contains(work))
                || (row.table == "request" && !row.closed)
                || (row.table == "engagement" && on.contains_key(&row.id));
            for person in row.people.iter().filter(|_| !kept) {
                let own = of.get(person).map_or(&[][..], Vec::as_slice);
                let works = row.works.iter().filter_map(|(work, _)| on.get(work)).flatten();
                let of_work = works.filter(|ground| ground.person.is_none());
                if !own.iter().copied().chain(of_work.copied()).any(|ground| carries(policy, ground, row)) {
                    wrong.push(format!("{} {} ({}) of {person}", row.table, row.id, row.kind));
                }
            }
        }
        wrong
    }

    /// Rows of a day before that are not there any more although a ground that still stands carries them by its clause.
    pub fn lost(&self, before: &Self, policy: &Policy) -> Vec<String> {
        let there: BTreeSet<(&str, i64)> = self.rows.iter().map(|row| (row.table, row.id)).collect();
        let gone = before.rows.iter().filter(|row| !there.contains(&(row.table, row.id)));
        let by_row = |ground: &Ground| policy.rule_keyed(&ground.rule).is_some_and(|rule| rule.by_row);
        gone.filter(|row| {
            self.grounds.iter().any(|ground| {
                let theirs = ground.person.is_some_and(|person| row.people.contains(&person));
                theirs && !by_row(ground) && row.table != "consent" && carries(policy, ground, row)
            })
        })
        .map(|row| format!("{} {} ({}) went, and a ground keeps it", row.table, row.id, row.kind))
        .collect()
    }

    /// Whether a ground of somebody names a kind at all.
    fn names(&self, policy: &Policy, person: PersonId, kind: policy::KindId) -> bool {
        let on = |work: i64| {
            self.rows
                .iter()
                .any(|row| row.table == "engagement" && row.id == work && row.people.contains(&person.0))
        };
        self.grounds.iter().any(|ground| {
            let theirs =
                ground.person == Some(person.0) || (ground.person.is_none() && ground.work.is_some_and(on));
            let rule = policy.rule_keyed(&ground.rule);
            theirs && rule.is_some_and(|rule| rule.kinds.contains(kind))
        })
    }
}

/// Whether a ground carries a row: as its clause names kinds, on the work where it is of one.
fn carries(policy: &Policy, ground: &Ground, row: &Row) -> bool {
    let Some(rule) = policy.rule_keyed(&ground.rule) else { return false };
    let Some(kind) = policy.kind_named(&row.kind) else { return false };
    match ground.work {
        Some(work) if matches!(kind.sort, Sort::Entry | Sort::Document) => {
            row.works.iter().filter(|(on, _)| *on == work).any(|(_, class)| match class {
                None => rule.kinds.contains(kind.id),
                Some(class) => policy
                    .kind_named(class)
                    .is_some_and(|kind| rule.kinds.contains(kind.id) && !rule.except.contains(kind.id)),
            })
        }
        // Whoever relies on a consent must be able to show it.
        _ => rule.kinds.contains(kind.id) || row.activity.as_ref() == Some(&ground.activity),
    }
}

/// No grant, no access: what is granted of somebody is only what a ground of theirs names, and opens nothing else and nobody
/// else's.
pub fn nothing_opens_without_a_grant(instance: &Instance, on: &Day, day: Date, who: &[PersonId]) -> usize {
    let policy = instance.policy();
    let at = usize::try_from(day.day_of_year()).unwrap();
    let (Some(one), Some(other)) = (who.get(at % who.len().max(1)), who.get((at + 1) % who.len().max(1)))
    else {
        return 0;
    };
    let staff = instance.store.read(store::staff::all).unwrap();
    let mut tried = 0;
    for account in staff.into_iter().filter(|account| account.until.is_none()) {
        let acting = Acting::staff(instance, account).unwrap();
        tried += instance
            .store
            .read(|tx| {
                let life = acting.life(tx, *one)?;
                let all: KindSet = policy.kinds.iter().map(|kind| kind.id).collect();
                let reads = person::act(Verb::Read, None, Asked::WhatMayBeSeen(all));
                let Ok(grant) = acting.decide(&reads, &[&life], &Gate::default()) else { return Ok(0) };
                let reviewed = life.grounds.iter().any(|ground| ground.review_on.is_some_and(|on| on < day));
                if !on.wait.contains(&one.0) && !reviewed {
                    for kind in policy.kinds.iter().filter(|kind| grant.covers(*one, kind.id)) {
                        assert!(
                            on.names(&policy, *one, kind.id),
                            "{} of {one} may be read, and no ground names it, {day}",
                            kind.name
                        );
                    }
                }
                let mut tried = 0;
                for found in item::of_people(
                    tx,
                    &policy,
                    &BTreeSet::from([*one, *other]).into_iter().collect::<Vec<_>>(),
                )? {
                    let may = found.person == *one && grant.covers(*one, found.kind);
                    assert_eq!(
                        found.value.open(&grant).is_ok(),
                        may,
                        "item {} of {}, {day}",
                        found.id,
                        found.person
                    );
                    tried += 1;
                }
                Ok::<_, app::fault::Fault>(tried)
            })
            .unwrap();
    }
    tried
}

/// The log as far as it was followed, leaf by leaf, as somebody follows it who keeps every root.
#[derive(Default)]
pub struct Followed(Frontier);

impl Followed {
    /// Follows what came since, and holds every checkpoint that was signed since against it.
    pub fn follow(&mut self, instance: &Instance) {
        let store = &instance.store;
        let now = instance.clock.now();
        while store.write(|tx| store::log::sequence(tx, store.keys(), now)).unwrap() {}
        let after = i64::try_from(self.0.size()).unwrap();
        let (leaves, roots) = store
            .read(|tx| {
                let leaves = tx.all(
                    "SELECT place, hash FROM log_leaf WHERE place >= ?1 ORDER BY place",
                    params![after],
                    |row| Ok((row.int(0)?, row.hash(1)?)),
                )?;
                let roots = tx.all(
                    "SELECT size, root FROM log_checkpoint WHERE size > ?1 ORDER BY size",
                    params![after],
                    |row| Ok((row.int(0)?, row.hash(1)?)),
                )?;
                Ok::<_, store::Error>((leaves, roots))
            })
            .unwrap();
        let mut roots = roots.into_iter().peekable();
        for (place, leaf) in leaves {
            assert_eq!(u64::try_from(place).unwrap(), self.0.size(), "a leaf of the log is missing");
            self.0.push(leaf);
            if let Some((_, root)) = roots.next_if(|(size, _)| u64::try_from(*size).unwrap() == self.0.size())
            {
                assert_eq!(root, self.0.root(), "a checkpoint is not of these leaves");
            }
        }
        assert!(roots.next().is_none(), "a checkpoint of leaves that are not there");
    }
}
