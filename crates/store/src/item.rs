//! Items: one value about a person, of a kind the policy declares, with its source and the day it was
//! collected. A change carries the version it saw; what was there before is kept for undo, nowhere else.

use std::collections::BTreeSet;

use custody::id::{ImportId, ItemId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{KindId, KindSet, Policy};

use crate::asked::{asked, listed};
use crate::{Error, Result, Row, Tx, Value, id, normal, params, person, ring_duty};

/// An item, its value sealed.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its row.
    pub id: ItemId,
    /// Whose.
    pub person: PersonId,
    /// Its kind.
    pub kind: KindId,
    /// The value.
    pub value: Sealed,
    /// Where it came from, as told.
    pub source: String,
    /// The day it was collected.
    pub collected_on: Date,
    /// The import that brought it.
    pub import: Option<ImportId>,
    /// Its version: a change names the one it saw.
    pub version: i64,
    /// When it was written or changed last.
    pub updated_at: Timestamp,
}

/// An item about to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewItem<'a> {
    /// Whose.
    pub person: PersonId,
    /// Its kind.
    pub kind: KindId,
    /// The value.
    pub value: &'a str,
    /// Where it came from: "the person", "their employer".
    pub source: &'a str,
    /// The day it was collected.
    pub collected_on: Date,
    /// The import that brings it.
    pub import: Option<ImportId>,
    /// Who stores it; nobody where the person or the program does.
    pub by: Option<StaffId>,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Changed {
    /// It is stored, under this version.
    Stored(i64),
    /// Somebody changed it since the version seen: what it says now.
    Conflict(Item),
}

const COLUMNS: &str = "id, person_id, kind, value, source, collected_on, import_id, version, updated_at";

/// Reads a row of [`COLUMNS`]; `None` where the policy no longer declares its kind.
fn read(policy: &Policy, row: &Row<'_>) -> Result<Option<Item>> {
    let person = PersonId(row.int(1)?);
    let Some(kind) = policy.kind_named(row.str(2)?).map(|kind| kind.id) else { return Ok(None) };
    Ok(Some(Item {
        id: ItemId(row.int(0)?),
        person,
        kind,
        value: Sealed::new(person, kind, row.text(3)?),
        source: row.text(4)?,
        collected_on: row.date(5)?,
        import: row.opt_int(6)?.map(ImportId),
        version: row.int(7)?,
        updated_at: row.at(8)?,
    }))
}

/// Stores a new item and keeps the person findable by it.
///
/// # Errors
/// [`Error::Missing`] if the policy has no such kind; [`Error::Referred`] if there is no such person.
pub fn add(tx: &Tx<'_>, policy: &Policy, new: &NewItem<'_>, now: Timestamp) -> Result<ItemId> {
    let item = add_unfound(tx, policy, new, now)?;
    person::refind(tx, policy, new.person)?;
    Ok(item)
}

/// Stores a new item without making the person findable by it yet: for many items of one person, after
/// which [`person::refind`] is called once.
///
/// # Errors
/// As [`add`].
pub fn add_unfound(tx: &Tx<'_>, policy: &Policy, new: &NewItem<'_>, now: Timestamp) -> Result<ItemId> {
    let kind = &policy.kind(new.kind).ok_or(Error::Missing)?.name;
    let item = ItemId(id::next());
    tx.put(
        "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, import_id, recorded_by, version, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10)",
        params![
            item, new.person, kind, new.value, sought(policy, new.kind, new.value), new.source, new.collected_on, new.import, new.by, now
        ],
    )?;
    Ok(item)
}

/// The normal form kept beside a value: only of what people are looked up by, so that a life history is
/// not kept twice.
fn sought(policy: &Policy, kind: KindId, value: &str) -> String {
    match policy.kind(kind) {
        Some(kind) if kind.sensitivity == policy::Sensitivity::Ordinary => normal::value(&kind.name, value),
        _ => String::new(),
    }
}

/// Changes an item's value, if it still is at the version seen.
///
/// # Errors
/// [`Error::Missing`] if there is no such item, or the policy no longer declares its kind.
pub fn set(
    tx: &Tx<'_>,
    policy: &Policy,
    item: ItemId,
    seen: i64,
    value: &str,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Changed> {
    set_from(tx, policy, (item, seen), (value, None), by, now)
}

/// The same, with where it is from now and the day it was collected; nothing where that stays as it was. What was there before, and where
/// that was from, is kept.
///
/// # Errors
/// As [`set`].
pub fn set_from(
    tx: &Tx<'_>,
    policy: &Policy,
    (item, seen): (ItemId, i64),
    (value, from): (&str, Option<(&str, Date)>),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Changed> {
    let was = one(tx, policy, item)?;
    if was.version != seen {
        return Ok(Changed::Conflict(was));
    }
    let (source, collected_on) = from.unwrap_or((was.source.as_str(), was.collected_on));
    tx.exec(
        "INSERT INTO item_history (id, item_id, person_id, version, value, source, collected_on, changed_at, changed_by)
            SELECT ?2, id, person_id, version, value, source, collected_on, ?3, ?4 FROM item
            WHERE id = ?1 AND (value <> ?5 OR source <> ?6 OR collected_on <> ?7)",
        params![item, id::next(), now, by, value, source, collected_on],
    )?;
    tx.exec(
        "UPDATE item SET value = ?2, normal = ?3, source = ?5, collected_on = ?6, version = version + 1, updated_at = ?4,
            bounced_on = CASE WHEN value <> ?2 THEN NULL ELSE bounced_on END
            WHERE id = ?1 AND (value <> ?2 OR source <> ?5 OR collected_on <> ?6)",
        params![item, value, sought(policy, was.kind, value), now, source, collected_on],
    )?;
    person::refind(tx, policy, was.person)?;
    Ok(Changed::Stored(one(tx, policy, item)?.version))
}

/// Whether an item says anything else than this.
///
/// # Errors
/// Whatever the database says.
pub fn differs(tx: &Tx<'_>, item: ItemId, value: &str) -> Result<bool> {
    tx.any("SELECT 1 FROM item WHERE id = ?1 AND value <> ?2", params![item, value])
}

/// Takes the last change of an item back, with where it was from. Undoing twice brings it back again.
///
/// # Errors
/// [`Error::Missing`] if it was never changed.
pub fn undo(
    tx: &Tx<'_>,
    policy: &Policy,
    item: ItemId,
    seen: i64,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Changed> {
    let before = "SELECT value, source, collected_on FROM item_history WHERE item_id = ?1 ORDER BY version DESC, id DESC LIMIT 1";
    let (value, source, on) =
        tx.one(before, params![item], |row| Ok((row.text(0)?, row.opt_text(1)?, row.opt_date(2)?)))?;
    // What an older program changed does not say where it was from.
    set_from(tx, policy, (item, seen), (&value, source.as_deref().zip(on)), by, now)
}

/// Takes an item away by hand, with what it said before.
///
/// # Errors
/// [`Error::Missing`] if there is no such item.
pub fn remove(tx: &Tx<'_>, policy: &Policy, item: ItemId) -> Result<()> {
    let whose =
        tx.one("SELECT person_id FROM item WHERE id = ?1", params![item], |row| Ok(PersonId(row.int(0)?)))?;
    ring_duty::delete(tx, "item_history", "item_id = ?1", params![item])?;
    ring_duty::delete(tx, "item", "id = ?1", params![item])?;
    person::refind(tx, policy, whose)
}

/// One item.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, policy: &Policy, item: ItemId) -> Result<Item> {
    tx.one(&format!("SELECT {COLUMNS} FROM item WHERE id = ?1"), params![item], |row| read(policy, row))?
        .ok_or(Error::Missing)
}

/// Every item of several people of the kinds the policy declares, each person's in the policy's order.
///
/// # Errors
/// Whatever the database says.
pub fn of_people(tx: &Tx<'_>, policy: &Policy, people: &[PersonId]) -> Result<Vec<Item>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, list) = listed(people.iter().map(Value::from));
    let sql = format!("SELECT {COLUMNS} FROM item WHERE person_id IN ({list}) ORDER BY person_id, id");
    let found = tx.all(&sql, &ids, |row| read(policy, row))?;
    let mut items: Vec<Item> = found.into_iter().flatten().collect();
    items.sort_by_key(|item| (item.person, item.kind));
    Ok(items)
}

/// Every item of one person.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Item>> {
    of_people(tx, policy, &[person])
}

/// Whoever has an item of one of these kinds; among them everybody of some people, asked for in ascending order.
///
/// # Errors
/// Whatever the database says.
pub fn holding(
    tx: &Tx<'_>,
    policy: &Policy,
    people: &[PersonId],
    kinds: KindSet,
) -> Result<BTreeSet<PersonId>> {
    let mut holding = BTreeSet::new();
    for asked in asked(tx, people)? {
        tx.each(
            &asked.sql("SELECT person_id, kind FROM item WHERE person_id {people}"),
            &asked.values,
            |row| {
                if policy.kind_named(row.str(1)?).is_some_and(|kind| kinds.contains(kind.id)) {
                    holding.insert(PersonId(row.int(0)?));
                }
                Ok::<(), Error>(())
            },
        )?;
    }
    Ok(holding)
}

/// Whoever has an item of this kind with this normal form: the same address or number, however written.
///
/// # Errors
/// Whatever the database says.
pub fn having(tx: &Tx<'_>, kind: &str, value: &str) -> Result<Vec<PersonId>> {
    let forms = normal::forms(kind, value);
    let (first, before) = (forms.first().map_or("", String::as_str), forms.last().map_or("", String::as_str));
    tx.all(
        "SELECT DISTINCT person_id FROM item WHERE kind = ?1 AND normal IN (?2, ?3) ORDER BY person_id LIMIT 50",
        params![kind, first, before],
        |row| Ok(PersonId(row.int(0)?)),
    )
}
