//! Texts that speak of somebody who was erased, about somebody whose data must stay as it is: a hold or a restriction stands.
//! Where they are to be masked stands in a task, by place and never by name, and is done the night nothing keeps the text as
//! it is any more. A text that somebody changed meanwhile is looked through by hand.

use std::collections::{BTreeMap, BTreeSet};

use custody::Life;
use custody::id::{EntryId, PersonId, RequestId, StaffId, TaskId};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::Policy;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::own::{Own, masked};
use super::{prose, texts};
use crate::schema::{self, KindOf};
use crate::task::{self, HAS_GONE, Kind, NewTask, Task};
use crate::{Error, Keys, Result, Tx, life, log, params, person, sweep};

/// Where a text is to be masked.
#[derive(Serialize, Deserialize)]
struct Noted {
    table: String,
    id: i64,
    instead: String,
    columns: Vec<Column>,
}

/// A column of it: places in bytes, and a keyed hash of all that stands in it, so that a changed text is told.
#[derive(Serialize, Deserialize)]
struct Column {
    name: String,
    mark: String,
    places: Vec<(usize, usize)>,
}

/// Whether what is written about somebody has to stay as it is.
#[must_use]
pub fn stays(life: &Life) -> bool {
    life.hold.is_some() || life.restriction.is_some()
}

/// Those of some people of whom all has to stay as it is.
///
/// # Errors
/// Whatever the database says.
pub fn held(
    tx: &Tx<'_>,
    policy: &Policy,
    people: impl IntoIterator<Item = PersonId>,
    today: Date,
) -> Result<BTreeMap<PersonId, Life>> {
    let all: BTreeSet<PersonId> = people.into_iter().collect();
    let all: Vec<PersonId> = all.into_iter().collect();
    let lives = life::load_many(tx, policy, &all, today)?;
    Ok(lives.into_iter().filter(stays).map(|life| (life.person, life)).collect())
}

/// Why that is, and when somebody looks at it again.
#[must_use]
pub fn because(life: &Life) -> (&'static str, Option<Date>) {
    match (&life.hold, &life.restriction) {
        (Some(hold), _) => ("on hold", Some(hold.review_on)),
        (None, standing) => ("restricted", standing.as_ref().map(|restriction| restriction.review_on)),
    }
}

/// The erasure that takes somebody out of texts of others.
#[derive(Clone, Copy, Debug)]
pub struct Erasure<'a> {
    /// What it answers.
    pub request: RequestId,
    /// Who granted it.
    pub by: Option<StaffId>,
    /// What stands in a text instead.
    pub instead: &'a str,
    /// The day.
    pub today: Date,
    /// When.
    pub now: Timestamp,
}

/// Notes where a text speaks of somebody who is erased, in a task of whoever granted that; it is about somebody of whom all has to
/// stay as it is for now. Nothing where it does not speak of them.
///
/// # Errors
/// Whatever the database says.
pub fn put_off(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    own: &Own,
    (table, id): (&str, i64),
    held: &Life,
    erasure: &Erasure<'_>,
) -> Result<Option<TaskId>> {
    let there = texts::places(tx, own, (table, id))?;
    if there.is_empty() {
        return Ok(None);
    }
    let columns = there.into_iter().map(|(name, text, places)| Column {
        name: name.to_owned(),
        mark: mark(keys, &text),
        places: places.into_iter().map(|place| (place.start, place.end)).collect(),
    });
    let noted = Noted {
        table: table.to_owned(),
        id,
        instead: erasure.instead.to_owned(),
        columns: columns.collect(),
    };
    let noted = serde_json::to_string(&noted).map_err(|error| Error::Malformed(error.to_string()))?;
    let (stands, until) = because(held);
    let what = format!(
        "Take somebody who was erased out of {}: it is about somebody who is {stands}, stays as it is until that ends, and is masked \
         by itself the night after",
        prose::called(table)
    );
    let new = NewTask {
        person: Some(held.person),
        request: Some(erasure.request),
        owner: erasure.by,
        due_on: until.or(Some(erasure.today)),
        mask: Some(&noted),
        entry: (table == "entry").then_some(EntryId(id)),
        rule: kept_under(tx, policy, (table, id), held)?,
        ..NewTask::new(Kind::Mask, &what)
    };
    task::add(tx, &new, erasure.now).map(Some)
}

/// The clause that keeps such a text of somebody: the promise that breaks where it is not masked in the end.
fn kept_under<'p>(
    tx: &Tx<'_>,
    policy: &'p Policy,
    (table, id): (&str, i64),
    held: &Life,
) -> Result<Option<&'p str>> {
    let Some(declared) = schema::table(table) else { return Ok(None) };
    let kind = match declared.kind {
        KindOf::Column(column) => {
            let sql = format!("SELECT {column} FROM {} WHERE id = ?1", declared.name);
            tx.maybe(&sql, params![id], |row| row.opt_text(0))?.flatten()
        }
        KindOf::Record(name) => Some(name.to_owned()),
        KindOf::None | KindOf::Part => None,
    };
    let theirs = held.grounds.iter().filter_map(|ground| policy.rules.get(ground.rule.index()));
    let keeps = |kind: &str| {
        let kind = policy.kind_named(kind)?.id;
        let mut rules = theirs.clone().chain(&policy.rules);
        rules.find(|rule| rule.kinds.contains(kind)).map(|rule| rule.key.as_str())
    };
    Ok(kind.as_deref().and_then(keeps).or_else(|| keeps("request record")))
}

fn mark(keys: &Keys, text: &str) -> String {
    blake3::Hash::from(keys.hash("a text to be masked", text)).to_hex().to_string()
}

/// Masks what waited for a hold or a restriction that stands no more. What could not be, each with why: it stops no other text, and
/// waits for another night.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn night(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    today: Date,
    now: Timestamp,
) -> Result<Vec<String>> {
    let mut texts: BTreeMap<(String, i64), Vec<(Task, Noted)>> = BTreeMap::new();
    for task in task::masking(tx)? {
        let noted = task.mask.as_deref().and_then(|noted| serde_json::from_str::<Noted>(noted).ok());
        match noted {
            Some(noted) => texts.entry((noted.table.clone(), noted.id)).or_default().push((task, noted)),
            None => by_hand(tx, policy, &task, today)?,
        }
    }
    let mut problems = Vec::new();
    for ((table, id), waiting) in &texts {
        let masked = tx.attempt(|tx| {
            let about = prose::whom(tx, table, *id)?;
            if !held(tx, policy, about.iter().copied(), today)?.is_empty() {
                return Ok(());
            }
            take_out(tx, (policy, keys), (table, *id), waiting, today, now)?;
            match about.first().filter(|_| table == "item") {
                Some(whose) => person::refind(tx, policy, *whose),
                None => Ok(()),
            }
        });
        match masked {
            Ok(()) => {}
            Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
            Err(error) => problems.push(format!("a text that waits to be masked, {table} {id}: {error}")),
        }
    }
    Ok(problems)
}

/// Masks one text where those who were erased since stand in it, all together: each masking moves what stands behind it.
fn take_out(
    tx: &Tx<'_>,
    (policy, keys): (&Policy, &Keys),
    (table, id): (&str, i64),
    waiting: &[(Task, Noted)],
    today: Date,
    now: Timestamp,
) -> Result<bool> {
    let mut changed: BTreeSet<TaskId> = BTreeSet::new();
    let mut columns = Vec::new();
    let mut there = false;
    let Some(prose) = prose::of(table) else { return Ok(false) };
    for column in &prose.columns {
        let sql = format!("SELECT {column} FROM {} WHERE id = ?1", prose.table.name);
        let Some(text) = tx.maybe(&sql, params![id], |row| row.opt_text(0))? else { continue };
        there = true;
        let text = text.unwrap_or_default();
        let now_marked = mark(keys, &text);
        let mut places = Vec::new();
        for (task, noted) in waiting {
            for noted in noted.columns.iter().filter(|noted| noted.name == *column) {
                match noted.mark == now_marked {
                    true => places.extend(noted.places.iter().map(|(start, end)| *start..*end)),
                    false => drop(changed.insert(task.id)),
                }
            }
        }
        places.sort_by_key(|place| (place.start, place.end));
        places.dedup_by(|next, one| {
            let meets = next.start < one.end;
            one.end = if meets { one.end.max(next.end) } else { one.end };
            meets
        });
        let instead = waiting.first().map_or("", |(_, noted)| noted.instead.as_str());
        columns.extend(masked(&text, &places, instead).map(|text| (*column, text)));
    }
    let any = texts::rewrite(tx, (table, id), &columns)?;
    for (task, _) in waiting {
        if changed.contains(&task.id) {
            by_hand(tx, policy, task, today)?;
            continue;
        }
        let outcome = if there { "masked" } else { HAS_GONE };
        task::done(tx, task.id, today, None, Some(outcome))?;
        let about: Vec<_> = task.person.into_iter().collect();
        let body = json!({ "task": task.id.0, "kind": task.kind.name() });
        log::append(tx, now, sweep::ACTOR, "task.confirmed", &about, &body)?;
    }
    Ok(any)
}

/// The text is another than it was: somebody looks through it.
fn by_hand(tx: &Tx<'_>, policy: &Policy, task: &Task, today: Date) -> Result<()> {
    let what = "Look through what is written about them for traces of somebody who was erased: it was changed while it had to \
        stay as it was. Mask them, or keep them with a reason";
    let within = policy.days(policy::periods::Own::Traces);
    task::look_through(tx, task.id, what, today.checked_add(within.days()).unwrap_or(today))
}
