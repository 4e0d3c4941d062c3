//! Two entries about one person put together, and taken apart again. Every row about the one becomes the other's, by the
//! schema, and is written down; nothing is deleted but what would stand twice, and that is kept to be put back. The younger
//! number stays as an empty shell that leads to the older, so that what is written elsewhere about it still means somebody.
//!
//! It never decides that two are one: somebody who may see both does. It settles nothing, and remembers no objection at an
//! address: who calls it does.

pub(crate) mod rows;
mod strict;

use std::collections::BTreeSet;

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use crate::{Error, Result, Tx, alike, id, life, params, person, ring_duty, search};

pub use strict::HOW;

/// What was put together: a row of the table `merge`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MergeId(pub i64);

/// Two entries that were put together and still are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// Its row.
    pub id: MergeId,
    /// The number that stayed.
    pub kept: PersonId,
    /// The number that leads to it.
    pub was: PersonId,
    /// On which day.
    pub on: Date,
    /// By whom of the staff.
    pub by: Option<StaffId>,
}

/// Who puts together, and when.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// Who of the staff.
    pub staff: Option<StaffId>,
    /// The day.
    pub today: Date,
    /// The instant.
    pub now: Timestamp,
}

/// Puts two entries together: the older number stays. What either was not to be used for stays so.
///
/// # Errors
/// [`Error::Missing`] if either is not here, or both are one number.
pub fn put_together(
    tx: &Tx<'_>,
    policy: &Policy,
    (one, other): (PersonId, PersonId),
    by: &By,
) -> Result<Merged> {
    let (keep, lose) = (one.min(other), one.max(other));
    if keep == lose || !person::exists(tx, keep)? || !person::exists(tx, lose)? {
        return Err(Error::Missing);
    }
    let before = [life::load(tx, policy, keep, by.today)?, life::load(tx, policy, lose, by.today)?];
    let merge = MergeId(id::next());
    tx.put(
        "INSERT INTO merge (id, person_id, was_person_id, merged_on, merged_at, merged_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![merge.0, keep, lose, by.today, by.now, by.staff],
    )?;
    join(tx, policy, merge, keep, lose)?;
    for kept in strict::stays(policy, &before, &life::load(tx, policy, keep, by.today)?, by.today) {
        let row = strict::say(tx, policy, keep, &kept, by)?;
        rows::note(tx, merge, "objection", row.0, rows::Did::Said)?;
    }
    remember(tx, merge)?;
    Ok(Merged { id: merge, kept: keep, was: lose, on: by.today, by: by.staff })
}

/// Makes one entry of the rows of two, under a merge that is written down.
fn join(tx: &Tx<'_>, policy: &Policy, merge: MergeId, keep: PersonId, lose: PersonId) -> Result<()> {
    for row in alike::hand_over(tx, lose, keep)? {
        rows::note(tx, merge, "alike", row, rows::Did::Moved)?;
    }
    let either = "person_id = ?1 OR other_person_id = ?1";
    ring_duty::delete(tx, "alike", either, params![lose])?;
    rows::move_all(tx, merge, keep, lose)?;
    tx.exec(
        "UPDATE person SET into_person_id = ?2, version = version + 1 WHERE id = ?1",
        params![lose, keep],
    )?;
    tx.exec("UPDATE person SET version = version + 1 WHERE id = ?1", params![keep])?;
    search::forget(tx, lose)?;
    person::refind(tx, policy, keep)
}

/// What must not be forgotten by a restore: that they are one, and which row was whose.
fn remember(tx: &Tx<'_>, merge: MergeId) -> Result<()> {
    ring_duty::kept(tx, "merge", "id = ?1", params![merge.0])?;
    ring_duty::kept(tx, "merge_row", "merge_id = ?1", params![merge.0])
}

/// What stands of a person: the entries that were put together into theirs, the latest first. One that came after the point to which
/// an instance was restored is not there to be taken apart.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, whom: PersonId) -> Result<Vec<Merged>> {
    tx.all(
        "SELECT id, person_id, was_person_id, merged_on, merged_by FROM merge
            WHERE person_id = ?1 AND undone_at IS NULL AND was_person_id IS NOT NULL
                AND EXISTS (SELECT 1 FROM person p WHERE p.id = merge.was_person_id) ORDER BY id DESC",
        params![whom],
        |row| {
            Ok(Merged {
                id: MergeId(row.int(0)?),
                kept: PersonId(row.int(1)?),
                was: PersonId(row.int(2)?),
                on: row.date(3)?,
                by: row.opt_int(4)?.map(StaffId),
            })
        },
    )
}

/// The tables whose rows go with somebody who is put together with another.
#[must_use]
pub fn moved() -> BTreeSet<&'static str> {
    rows::all().map(|(table, _)| table).collect()
}

/// The number a shell leads to, if it is one.
///
/// # Errors
/// Whatever the database says.
pub fn into(tx: &Tx<'_>, was: PersonId) -> Result<Option<PersonId>> {
    let sql = "SELECT into_person_id FROM person WHERE id = ?1 AND into_person_id IS NOT NULL";
    tx.maybe(sql, params![was], |row| Ok(PersonId(row.int(0)?)))
}

/// Whether two entries can still be taken apart: it is the latest of what was put together there, and nothing that came
/// from either has been let go of.
///
/// # Errors
/// Whatever the database says.
pub fn may_take_apart(tx: &Tx<'_>, merged: &Merged) -> Result<bool> {
    let latest = of_person(tx, merged.kept)?.first().is_some_and(|latest| latest.id == merged.id);
    Ok(latest && rows::all_there(tx, merged)?)
}

/// Takes two entries apart again, as they were. What came since stays with the older number; an objection that came since
/// stands for both, since nobody knows whose it was.
///
/// # Errors
/// [`Error::Malformed`] if it cannot be any more: see [`may_take_apart`].
pub fn take_apart(tx: &Tx<'_>, policy: &Policy, merged: &Merged, by: &By) -> Result<()> {
    if !may_take_apart(tx, merged)? {
        return Err(Error::Malformed("something that was put together has been let go since".into()));
    }
    tx.exec(
        "UPDATE merge SET undone_at = ?2, undone_by = ?3 WHERE id = ?1",
        params![merged.id.0, by.now, by.staff],
    )?;
    sunder(tx, policy, merged)?;
    alike::apart(tx, merged.kept, merged.was, by.today, by.staff, by.now)?;
    let since = "SELECT id FROM objection WHERE person_id = ?1 AND id > ?2 AND lifted_on IS NULL
        AND NOT EXISTS (SELECT 1 FROM merge_row r WHERE r.merge_id = ?2 AND r.table_name = 'objection' AND r.row_id = objection.id)
        ORDER BY id";
    for row in tx.all(since, params![merged.kept, merged.id.0], |row| row.int(0))? {
        let copied = id::next();
        tx.exec(
            "INSERT INTO objection (id, person_id, scope, named, made_on, upheld_on, how, words, request_id, recorded_by, recorded_at)
                SELECT CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), scope, named, made_on, upheld_on, how, words, request_id, recorded_by, recorded_at FROM objection WHERE id = ?1",
            params![row, copied, merged.was],
        )?;
        ring_duty::kept(tx, "objection", "id = ?1", params![copied])?;
    }
    remember(tx, merged.id)
}

fn sunder(tx: &Tx<'_>, policy: &Policy, merged: &Merged) -> Result<()> {
    tx.exec(
        "UPDATE person SET into_person_id = NULL, version = version + 1 WHERE id = ?1",
        params![merged.was],
    )?;
    tx.exec("UPDATE person SET version = version + 1 WHERE id = ?1", params![merged.kept])?;
    rows::move_back(tx, merged)?;
    alike::hand_back(tx, &rows::noted(tx, merged.id, "alike")?, merged.kept, merged.was)?;
    person::refind(tx, policy, merged.kept)?;
    person::refind(tx, policy, merged.was)
}

/// After a restore to an earlier point: who was put together since is so again, and who was taken apart is two. Whoever, and whatever,
/// came after the point is not there: what they said no to stands with whom they became. How many were brought in line.
///
/// # Errors
/// Whatever the database says.
pub fn after_restore(tx: &Tx<'_>, policy: &Policy) -> Result<u32> {
    let all = tx.all(
        "SELECT id, person_id, was_person_id, merged_on, undone_at FROM merge WHERE was_person_id IS NOT NULL ORDER BY id",
        &[],
        |row| {
            let merged = Merged {
                id: MergeId(row.int(0)?),
                kept: PersonId(row.int(1)?),
                was: PersonId(row.int(2)?),
                on: row.date(3)?,
                by: None,
            };
            Ok((merged, row.opt_int(4)?.is_some()))
        },
    )?;
    let mut brought = 0;
    for (merged, undone) in all {
        let leads = into(tx, merged.was)? == Some(merged.kept);
        match (undone, leads) {
            (false, false) if person::exists(tx, merged.kept)? => {
                if person::exists(tx, merged.was)? {
                    join(tx, policy, merged.id, merged.kept, merged.was)?;
                } else if into(tx, merged.was)?.is_some() {
                    // It leads to another yet, who becomes the same in turn.
                    continue;
                }
                rows::forget_what_came_later(tx, &merged)?;
            }
            (true, true) => sunder(tx, policy, &merged)?,
            _ => continue,
        }
        remember(tx, merged.id)?;
        brought += 1;
    }
    Ok(brought)
}
