//! Who is perhaps here twice: pairs of people whose names, birthdays, addresses and numbers agree so far that it is no
//! chance. It proposes; somebody looks at the two and says. What somebody said of a pair stays.
//!
//! Of why two are thought to be one only the sort is kept ("the same e-mail address"), never a value. Whoever may only be
//! stored is not compared.

mod facts;
mod keys;
mod name;
mod score;
mod sign;

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

pub use facts::{Crowd, Sort};
pub use keys::{Compared, compare};
pub use score::Pair;
pub use sign::Sign;

use crate::asked::listed;
use crate::reach::Reach;
use crate::{Error, Result, Store, Tx, Value, id, mention, normal, params, ring_duty, setting};

/// The setting that says when it was looked last, in milliseconds.
const LOOKED_AT: &str = "alike looked at";
/// Pairs written in one transaction.
const AT_ONCE: usize = 200;
/// A pair somebody has not looked at yet.
const OPEN: &str = "open";
/// A pair of whom somebody said that they are two.
const APART: &str = "apart";

/// What a look over everybody came to.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, serde::Serialize)]
pub struct Found {
    /// How many people were compared.
    pub people: usize,
    /// How many pairs stand to be looked at.
    pub pairs: usize,
    /// How many of them are new.
    pub new: usize,
    /// How many comparisons were made.
    pub compared: u64,
    /// How many groups of people with something in common were so large that not all were compared with each other.
    pub in_part: u64,
}

/// Two who are perhaps one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposed {
    /// The one, of the lower number.
    pub one: PersonId,
    /// The other.
    pub other: PersonId,
    /// What agrees.
    pub why: Vec<Sign>,
    /// Since when it is proposed.
    pub found_on: Date,
}

/// Compares everybody, and writes down which pairs stand.
///
/// # Errors
/// Whatever the database says.
pub fn look(store: &Store, policy: &Policy, today: Date, now: Timestamp) -> Result<Found> {
    let mut crowd = store.read(|tx| everybody(tx, policy))?;
    crowd.ready();
    let compared = compare(&crowd);
    let mut found = Found {
        people: crowd.len(),
        pairs: 0,
        new: 0,
        compared: compared.compared,
        in_part: compared.in_part,
    };
    drop(crowd);
    let known = store.read(known)?;
    let stands: BTreeSet<(PersonId, PersonId)> =
        compared.pairs.iter().map(|pair| (pair.one, pair.other)).collect();
    let fresh: Vec<&Pair> =
        compared.pairs.iter().filter(|pair| !known.contains_key(&(pair.one, pair.other))).collect();
    for some in fresh.chunks(AT_ONCE) {
        store.write(|tx| {
            for pair in some {
                found.new += usize::from(propose(tx, pair, today)?);
            }
            Ok::<_, Error>(())
        })?;
    }
    // What no longer agrees is not asked about; what somebody decided stays decided.
    let over: Vec<(PersonId, PersonId)> =
        known.iter().filter(|(pair, open)| **open && !stands.contains(pair)).map(|(pair, _)| *pair).collect();
    for some in over.chunks(AT_ONCE) {
        store.write(|tx| some.iter().try_for_each(|(one, other)| forget(tx, *one, *other)))?;
    }
    store.write(|tx| {
        let gone =
            "other_person_id IS NULL OR NOT EXISTS (SELECT 1 FROM person p WHERE p.id = other_person_id)";
        ring_duty::delete(tx, "alike", gone, &[])?;
        setting::set(tx, LOOKED_AT, &now.as_millisecond().to_string())
    })?;
    found.pairs = known.iter().filter(|(pair, open)| **open && stands.contains(pair)).count() + found.new;
    Ok(found)
}

/// When everybody was compared last, if ever.
///
/// # Errors
/// Whatever the database says.
pub fn looked_at(tx: &Tx<'_>) -> Result<Option<Timestamp>> {
    let said = setting::get(tx, LOOKED_AT)?.and_then(|said| said.parse().ok());
    Ok(said.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
}

/// Everybody who may be compared.
fn everybody(tx: &Tx<'_>, policy: &Policy) -> Result<Crowd> {
    let restricted = "SELECT DISTINCT person_id FROM restriction WHERE lifted_on IS NULL";
    let restricted: BTreeSet<PersonId> =
        tx.all(restricted, &[], |row| Ok(PersonId(row.int(0)?)))?.into_iter().collect();
    let kinds = sorts(policy);
    let mut crowd = Crowd::default();
    if !kinds.is_empty() {
        let (values, list) = listed(kinds.keys().map(|kind| Value::from(*kind)));
        // Nearly every detail is of such a kind: all of them in the order in which they lie are read many times faster than those
        // that an index on the kind names, one by one.
        let sql = format!("SELECT person_id, kind, value FROM item WHERE kind || '' IN ({list})");
        tx.each(&sql, &values, |row| {
            let person = PersonId(row.int(0)?);
            // What cannot be read says nothing of whom it is.
            if let (false, Some(sort), Ok(value)) =
                (restricted.contains(&person), kinds.get(row.str(1)?), row.str(2))
            {
                crowd.add(person, *sort, value);
            }
            Ok::<(), Error>(())
        })?;
    }
    let belong = "SELECT b.person_id, o.name FROM belonging b JOIN organisation o ON o.id = b.organisation_id
        WHERE b.until IS NULL";
    tx.each(belong, &[], |row| {
        let person = PersonId(row.int(0)?);
        if !restricted.contains(&person) {
            crowd.add(person, Sort::Organisation, row.str(1)?);
        }
        Ok::<(), Error>(())
    })?;
    Ok(crowd)
}

/// The kinds of the policy by which people are compared.
fn sorts(policy: &Policy) -> BTreeMap<&str, Sort> {
    let kinds = policy.kinds.iter().filter(|kind| kind.sort == policy::Sort::Item);
    kinds.filter_map(|kind| Some((kind.name.as_str(), Sort::of(&kind.name)?))).collect()
}

/// Every pair that is written down, the lower number first, and whether it is open.
fn known(tx: &Tx<'_>) -> Result<BTreeMap<(PersonId, PersonId), bool>> {
    let sql = "SELECT person_id, other_person_id, state FROM alike WHERE person_id < other_person_id";
    let all =
        tx.all(sql, &[], |row| Ok(((PersonId(row.int(0)?), PersonId(row.int(1)?)), row.str(2)? == OPEN)))?;
    Ok(all.into_iter().collect())
}

/// Writes a pair down from either side, so that with either of the two all of it goes. Whether both are still here, and neither
/// has become somebody else's since they were compared.
fn propose(tx: &Tx<'_>, pair: &Pair, today: Date) -> Result<bool> {
    let why = pair.why.iter().map(|sign| sign.code()).collect::<Vec<_>>().join(", ");
    for (one, other) in [(pair.one, pair.other), (pair.other, pair.one)] {
        let made = tx.exec(
            "INSERT INTO alike (id, person_id, other_person_id, why, state, found_on)
                SELECT CAST(?1 AS BIGINT), p.id, o.id, ?4, ?5, ?6 FROM person p JOIN person o ON o.id = ?3 WHERE p.id = ?2
                    AND p.into_person_id IS NULL AND o.into_person_id IS NULL
                    AND NOT EXISTS (SELECT 1 FROM alike a WHERE a.person_id = p.id AND a.other_person_id = o.id)",
            params![id::next(), one, other, why.as_str(), OPEN, today],
        )?;
        if made == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn forget(tx: &Tx<'_>, one: PersonId, other: PersonId) -> Result<()> {
    let both = "(person_id = ?1 AND other_person_id = ?2) OR (person_id = ?2 AND other_person_id = ?1)";
    ring_duty::delete(tx, "alike", both, params![one, other])?;
    Ok(())
}

/// The pairs that stand to be looked at, of whom both are within reach, oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn open(tx: &Tx<'_>, reach: &Reach, limit: u32) -> Result<Vec<Proposed>> {
    let mut values = params![OPEN].to_vec();
    let within = within(reach, &mut values);
    values.push(limit.into());
    let sql = format!(
        "SELECT a.person_id, a.other_person_id, a.why, a.found_on FROM alike a WHERE a.state = ?1
            AND a.person_id < a.other_person_id AND {within} ORDER BY a.found_on, a.id LIMIT ?{}",
        values.len()
    );
    tx.all(&sql, &values, |row| {
        Ok(Proposed {
            one: PersonId(row.int(0)?),
            other: PersonId(row.int(1)?),
            why: signs(row.str(2)?),
            found_on: row.date(3)?,
        })
    })
}

/// How many there are, counted up to so many.
///
/// # Errors
/// Whatever the database says.
pub fn open_count(tx: &Tx<'_>, reach: &Reach, most: i64) -> Result<i64> {
    let mut values = params![OPEN].to_vec();
    let within = within(reach, &mut values);
    values.push(most.into());
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT a.id FROM alike a WHERE a.state = ?1 AND a.person_id < a.other_person_id AND {within}
            LIMIT ?{}) AS some_of_them",
        values.len()
    );
    tx.count(&sql, &values)
}

fn within(reach: &Reach, values: &mut Vec<Value<'static>>) -> String {
    format!("{} AND {}", reach.sql("a.person_id", values), reach.sql("a.other_person_id", values))
}

/// What two have in common, if they are proposed.
///
/// # Errors
/// Whatever the database says.
pub fn why(tx: &Tx<'_>, one: PersonId, other: PersonId) -> Result<Vec<Sign>> {
    let sql = "SELECT why FROM alike WHERE person_id = ?1 AND other_person_id = ?2 AND state = ?3";
    let why = tx.maybe(sql, params![one, other, OPEN], |row| Ok(signs(row.str(0)?)))?;
    Ok(why.unwrap_or_default())
}

fn signs(why: &str) -> Vec<Sign> {
    why.split(", ").filter_map(Sign::named).collect()
}

/// Writes down that two are two: they are not proposed again.
///
/// # Errors
/// [`Error::Missing`] if either is not here.
pub fn apart(
    tx: &Tx<'_>,
    one: PersonId,
    other: PersonId,
    today: Date,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    let pair = Pair { one: one.min(other), other: one.max(other), why: Vec::new() };
    propose(tx, &pair, today)?;
    let both = "(person_id = ?1 AND other_person_id = ?2) OR (person_id = ?2 AND other_person_id = ?1)";
    let set = format!("UPDATE alike SET state = ?3, decided_by = ?4, decided_at = ?5 WHERE {both}");
    match tx.exec(&set, params![one, other, APART, by, now])? {
        2 => ring_duty::kept(tx, "alike", both, params![one, other]),
        _ => Err(Error::Missing),
    }
}

/// What somebody said of the pairs of one is said of another, who becomes the same, unless it was said of them already. The
/// rows that are the other's now.
pub(crate) fn hand_over(tx: &Tx<'_>, from: PersonId, to: PersonId) -> Result<Vec<i64>> {
    let mut all = Vec::new();
    for (own, beside) in [("person_id", "other_person_id"), ("other_person_id", "person_id")] {
        // A pair that nobody has looked at yet gives way to one that somebody has.
        let asked = format!(
            "{own} = ?2 AND state = '{OPEN}'
                AND {beside} IN (SELECT a.{beside} FROM alike a WHERE a.{own} = ?1 AND a.state = '{APART}')"
        );
        ring_duty::delete(tx, "alike", &asked, params![from, to])?;
        let said = format!(
            "SELECT a.id FROM alike a WHERE a.{own} = ?1 AND a.state = '{APART}' AND a.{beside} <> ?2
                AND NOT EXISTS (SELECT 1 FROM alike k WHERE k.{own} = ?2 AND k.{beside} = a.{beside}) ORDER BY a.id"
        );
        let rows = tx.all(&said, params![from, to], |row| row.int(0))?;
        for row in &rows {
            tx.exec(&format!("UPDATE alike SET {own} = ?2 WHERE id = ?1"), params![*row, to])?;
            ring_duty::kept(tx, "alike", "id = ?1", params![*row])?;
        }
        all.extend(rows);
    }
    Ok(all)
}

/// Gives such rows back.
pub(crate) fn hand_back(tx: &Tx<'_>, rows: &[i64], from: PersonId, to: PersonId) -> Result<()> {
    for row in rows {
        for own in ["person_id", "other_person_id"] {
            let sql = format!("UPDATE alike SET {own} = ?3 WHERE id = ?1 AND {own} = ?2");
            tx.exec(&sql, params![*row, from, to])?;
        }
        ring_duty::kept(tx, "alike", "id = ?1", params![*row])?;
    }
    Ok(())
}

/// Whoever may be the same as somebody of this name: exactly, turned round, by a short form or an initial.
///
/// # Errors
/// Whatever the database says.
pub fn of_name(tx: &Tx<'_>, kind: &str, value: &str) -> Result<Vec<PersonId>> {
    let turned_back = name::words(value).join(" ");
    let mut forms = mention::own::forms(&normal::name(value));
    forms.extend(mention::own::forms(&turned_back));
    let (mut values, list) = listed(forms.iter().map(|form| Value::from(form.as_str())));
    values.push(kind.into());
    let sql = format!(
        "SELECT DISTINCT person_id FROM item WHERE kind = ?{} AND normal IN ({list}) ORDER BY person_id LIMIT 50",
        values.len()
    );
    tx.all(&sql, &values, |row| Ok(PersonId(row.int(0)?)))
}
