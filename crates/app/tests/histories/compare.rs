//! Holding the store against the model: who is there, which rows, which grounds with which dates, what may be used for what,
//! what is owed, what is suppressed.

use std::collections::{BTreeMap, BTreeSet};

use custody::act::Asked;
use custody::{Act, Actor, Gate, Verb};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::activity::Purpose;
use store::Row as Read;

use crate::house::House;
use crate::plain::Row;
use crate::plain::used::{self, Use};
use crate::world::{About, Lying, World};

/// What the database has, of people the model knows or not.
pub struct Seen {
    pub people: BTreeSet<i64>,
    pub rows: BTreeMap<(String, i64), Row>,
}

pub fn seen(house: &House) -> Seen {
    let people = house.people();
    Seen { rows: house.rows(&people), people: people.into_iter().map(|person| person.0).collect() }
}

/// What all rows say of themselves.
fn abouts(house: &House) -> BTreeMap<(String, i64), About> {
    let policy = house.instance.policy();
    let local = |at: Option<Timestamp>| at.map(|at| store::life::local_date(&policy, at));
    let mut all: BTreeMap<(String, i64), About> = BTreeMap::new();
    house.read(|tx| {
        let mut of =
            |table: &str, columns: &str, read: &dyn Fn(&Read<'_>, &mut About) -> store::Result<()>| {
                tx.each(&format!("SELECT id, {columns} FROM {table}"), &[], |row| {
                    read(row, all.entry((table.to_owned(), row.int(0)?)).or_default())
                })
            };
        of("item", "collected_on, normal, value, kind", &|row, about| {
            about.on = Some(row.date(1)?);
            about.value = Some(if row.str(4)? == "date of birth" { row.text(3)? } else { row.text(2)? });
            Ok(())
        })?;
        of("entry", "on_date, direction", &|row, about| {
            about.on = Some(row.date(1)?);
            about.direction = row.opt_text(2)?;
            Ok(())
        })?;
        of("document", "on_date", &|row, about| {
            about.on = Some(row.date(1)?);
            Ok(())
        })?;
        of("message", "sent_at, state, queued_at", &|row, about| {
            about.on = local(row.opt_at(3)?);
            about.sent = local(row.opt_at(1)?);
            about.state = Some(row.text(2)?);
            Ok(())
        })?;
        of("request", "closed_on, kind, answered_on, due_on", &|row, about| {
            about.closed = row.opt_date(1)?;
            let needs = ["access", "portability", "restriction"].contains(&row.str(2)?);
            if needs && about.closed.is_none() && row.opt_date(3)?.is_none() {
                about.access_until = row.opt_date(4)?;
            }
            Ok(())
        })?;
        of("engagement", "closed_on", &|row, about| {
            about.closed = row.opt_date(1)?;
            Ok(())
        })?;
        of("belonging", "until", &|row, about| {
            about.closed = row.opt_date(1)?;
            Ok(())
        })
    });
    all
}

/// Shows the model what an act wrote. Nothing may have gone, and what came must be covered once everybody is looked at.
pub fn show(house: &House, world: &mut World) -> Result<Vec<Lying>, String> {
    erasures_closed(house, world)?;
    let (seen, mut abouts) = (seen(house), abouts(house));
    let mut new = Vec::new();
    for (key, row) in seen.rows {
        let about = abouts.remove(&key).unwrap_or_default();
        match world.rows.get_mut(&key) {
            Some(lying) => lying.about = about,
            None => {
                let lying = Lying { row, written: world.today, about };
                let whose = if key.0 == "objection" { lying.row.people.first() } else { None };
                if let Some((who, _)) = whose {
                    world.wrote_down(*who, key.1);
                }
                world.rows.insert(key, lying.clone());
                new.push(lying);
            }
        }
    }
    if let Some(who) = world.not_shown() {
        return Err(format!("an objection of {who} goes on, and no row says so"));
    }
    world.look();
    for Lying { row, about, .. } in &new {
        let open = row.table == "request" && about.closed.is_none();
        if !open && !row.people.iter().any(|(who, _)| world.covered(*who, row, world.today)) {
            return Err(format!("stored without a ground: {row:?}"));
        }
    }
    Ok(new)
}

/// An erasure that waited for something is closed once that is done, and its request is nobody's from then on.
fn erasures_closed(house: &House, world: &mut World) -> Result<(), String> {
    let nobodys =
        "SELECT id FROM request WHERE kind = 'erasure' AND closed_on IS NOT NULL AND person_id IS NULL";
    for number in house.read(|tx| tx.all(nobodys, &[], |row| row.int(0))) {
        let key = ("request".to_owned(), number);
        let whose = world.rows.get(&key).map(|lying| lying.row.people.clone()).unwrap_or_default();
        if !whose.is_empty() {
            world.remove(&key);
        }
        for (who, _) in whose {
            let waits = |task: &(&str, String, i64)| {
                let theirs = world.rows.get(&(task.1.clone(), task.2));
                theirs.is_some_and(|lying| lying.row.people.iter().any(|(about, _)| *about == who))
            };
            let by_hand = |kind: &str| ["return", "deliver", "destroy paper"].contains(&kind);
            if let Some(task) = world.tasks.iter().find(|task| by_hand(task.0) && waits(task)) {
                return Err(format!(
                    "the erasure {number} of {who} is closed, and {task:?} is still to be done"
                ));
            }
            world.look_at(who, world.today);
            world.leave_if_empty(who);
        }
    }
    Ok(())
}

fn differs<T: PartialEq + std::fmt::Debug>(what: &str, program: &T, model: &T) -> Result<(), String> {
    if program == model { Ok(()) } else { Err(format!("{what}\n  program {program:?}\n  model   {model:?}")) }
}

/// Holds everything against everything.
pub fn agree(house: &House, world: &World) -> Result<(), String> {
    let seen = seen(house);
    differs("who is held", &seen.people, &world.people.keys().copied().collect())?;
    let model: BTreeMap<_, _> =
        world.rows.iter().map(|(key, lying)| (key.clone(), lying.row.clone())).collect();
    for (key, row) in &seen.rows {
        match model.get(key) {
            None => return Err(format!("still there, and should have gone: {row:?}")),
            Some(expected) => differs("a row", row, expected)?,
        }
    }
    if let Some((_, row)) = model.iter().find(|(key, _)| !seen.rows.contains_key(*key)) {
        return Err(format!("gone, and should be there: {row:?}"));
    }
    for who in world.people.keys() {
        person(house, world, *who)?;
    }
    let sql =
        "SELECT CASE WHEN mask IS NULL THEN kind ELSE 'mask later' END, document_id, entry_id, what FROM task
        WHERE done_on IS NULL AND kind IN ('return', 'deliver', 'destroy paper', 'mask') ORDER BY id";
    let tasks: BTreeMap<(String, String, i64), String> = house.read(|tx| {
        let all = tx.all(sql, &[], |row| {
            let (document, entry) = (row.opt_int(1)?, row.opt_int(2)?);
            let table = if document.is_some() { "document" } else { "entry" };
            Ok(((row.text(0)?, table.to_owned(), document.or(entry).unwrap_or_default()), row.text(3)?))
        });
        Ok(all?.into_iter().collect())
    });
    let model: BTreeSet<(String, String, i64)> =
        world.tasks.iter().map(|(kind, table, row)| ((*kind).to_owned(), table.clone(), *row)).collect();
    let more = tasks.iter().find(|(task, _)| !model.contains(*task));
    if let Some(task) = more.map(|(task, _)| task).or(model.iter().find(|task| !tasks.contains_key(*task))) {
        let row = seen.rows.get(&(task.1.clone(), task.2));
        return Err(format!(
            "to be done by hand: program {:?}, model {:?}, of {row:?}",
            more,
            model.get(task)
        ));
    }
    differs("certificates", &house.count("SELECT COUNT(*) FROM certificate"), &world.certificates.len())?;
    let suppressed = house.count("SELECT COUNT(*) FROM suppression WHERE lifted_on IS NULL");
    differs("suppressions", &suppressed, &world.suppressed.len())
}

type Standing = (String, Option<i64>, Date, Option<Date>, Option<Date>);

fn person(house: &House, world: &World, who: i64) -> Result<(), String> {
    let policy = house.instance.policy();
    let today = world.today;
    let id = custody::id::PersonId(who);
    let life = house.read(|tx| store::life::load(tx, &policy, id, today));
    let mut program: Vec<Standing> = life
        .grounds
        .iter()
        .filter(|ground| ground.active(today))
        .map(|ground| {
            let key = policy.rules[ground.rule.index()].key.clone();
            (key, ground.engagement.map(|on| on.0), ground.opened_on, ground.due_on, ground.review_on)
        })
        .collect();
    program.sort();
    let known = &world.people[&who];
    let mut model: Vec<Standing> = known
        .grounds
        .iter()
        .filter(|ground| ground.holds(today))
        .map(|ground| {
            (ground.key.clone(), ground.work, ground.opened, ground.last.map(|last| last.day), ground.review)
        })
        .collect();
    model.sort();
    if program != model {
        let only = |a: &[Standing], b: &[Standing]| {
            a.iter().filter(|one| !b.contains(one)).cloned().collect::<Vec<_>>()
        };
        return Err(format!(
            "grounds of {who} (rule, work, opened, last day, review)\n  only the program has {:?}\n  only the model has {:?}\n  {:#?}",
            only(&program, &model),
            only(&model, &program),
            world.person(who)
        ));
    }
    // Every act writes what its rows change: also the day on which the first of them goes by itself.
    differs("stored dates that are not so", &custody::ground::stale(&policy, &life, today), &Vec::new())?;
    let facts = world.person(who);
    for (purpose, _) in Purpose::ALL {
        let may = used::kinds(&world.policy, &facts, &known.grounds, *purpose, Use::Change, today);
        differs(
            &format!("what of {who} may be used for {purpose:?}"),
            &granted(&policy, &life, *purpose, today),
            &may,
        )?;
    }
    Ok(())
}

/// What a decision lets be changed for a purpose.
fn granted(policy: &Policy, life: &custody::Life, purpose: Purpose, today: Date) -> BTreeSet<String> {
    let act = Act {
        verb: Verb::Change,
        deed: None,
        kinds: Asked::WhatMayBeSeen(policy.kinds.iter().map(|kind| kind.id).collect()),
        purpose: Some(purpose),
        activity: None,
        engagement: None,
        channel: None,
        recipient: None,
    };
    let actor = Actor::System("intake");
    // The model counts in days: what ends within this one is looked at as the day begins.
    let begins = today.to_zoned(store::life::zone(policy)).unwrap().timestamp();
    match custody::decide(policy, &actor, &act, &[life], &Gate::default(), begins, today) {
        Err(_) => BTreeSet::new(),
        Ok(grant) => {
            let kinds = policy.kinds.iter().filter(|kind| grant.covers(life.person, kind.id));
            kinds.map(|kind| kind.name.clone()).collect()
        }
    }
}
