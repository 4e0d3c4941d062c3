//! Suppressions: that an address or a number is not to be contacted, kept as a keyed hash which nobody can
//! read back. It survives erasure, edit, merge, import and undo, and allows no use of anything.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use custody::id::{ItemId, PersonId, RequestId};
use custody::life::Scope;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::activity::Purpose;

use crate::asked::{AT_ONCE, asked, listed};
use crate::normal::{self, Shape};
use crate::{Error, Keys, Result, Tx, Value, id, params, ring_duty};

/// Before any day on which somebody could have said something.
const EVER: Date = Date::constant(1, 1, 1);

/// What a suppression forbids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Forbids {
    /// Marketing by any channel.
    Marketing,
    /// Marketing calls.
    Calls,
    /// Any contact, answers to rights requests and breach notices excepted.
    AllContact,
}

impl Forbids {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Calls => "calls",
            Self::AllContact => "all contact",
        }
    }

    /// What an objection of a scope leaves behind when the person is gone; one against a single activity
    /// that sends nothing leaves nothing.
    #[must_use]
    pub fn by(scope: &Scope) -> Option<Self> {
        match scope {
            Scope::Purpose(Purpose::DirectMarketing) => Some(Self::Marketing),
            Scope::Calls => Some(Self::Calls),
            Scope::AllContact => Some(Self::AllContact),
            Scope::Purpose(_) | Scope::Activity(_) => None,
        }
    }

    /// What somebody objects to who says so.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Marketing => Scope::Purpose(Purpose::DirectMarketing),
            Self::Calls => Scope::Calls,
            Self::AllContact => Scope::AllContact,
        }
    }

    /// Whether it stands against such a message or call.
    fn bars(self, marketing: bool, call: bool) -> bool {
        match self {
            Self::AllContact => true,
            Self::Marketing => marketing,
            Self::Calls => marketing && call,
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Marketing, Self::Calls, Self::AllContact].into_iter().find(|known| known.name() == name)
    }
}

/// The keyed hash of an address or number of a kind, with what it was made for; `None` where the value is
/// neither an address nor a number, so that nothing unfindable is kept.
#[must_use]
pub fn hash(keys: &Keys, kind: &str, value: &str) -> Option<(&'static str, [u8; 32])> {
    let shape = Shape::of(kind);
    let normal = match shape {
        Shape::Email => normal::email(value),
        Shape::Phone => normal::phone(value),
        Shape::Words => None,
    }?;
    let what = shape.identifies()?;
    Some((what, keys.hash(what, &normal)))
}

/// The keyed hashes under which an address or number of a kind may be on record: [`hash`] first, and what an earlier release made of
/// the same address.
pub(crate) fn hashes_of(keys: &Keys, kind: &str, value: &str) -> Vec<(&'static str, [u8; 32])> {
    let Some((what, first)) = hash(keys, kind, value) else { return Vec::new() };
    let before = normal::before(kind, value).map(|form| (what, keys.hash(what, &form)));
    std::iter::once((what, first)).chain(before).collect()
}

/// Suppresses an address or a number. Suppressing twice for the same cause is suppressing once; whether it was new.
///
/// # Errors
/// Whatever the database says.
#[expect(
    clippy::too_many_arguments,
    reason = "what is suppressed, how far, since when, why and when that was written"
)]
pub fn add(
    tx: &Tx<'_>,
    keys: &Keys,
    kind: &str,
    value: &str,
    forbids: Forbids,
    since: Date,
    cause: &str,
    now: Timestamp,
) -> Result<bool> {
    let Some((what, hash)) = hash(keys, kind, value) else { return Ok(false) };
    add_hash(tx, (what, &hash), forbids, since, cause, now)
}

/// Suppresses an address or number of which no more is known than its keyed hash. Whether it was new.
///
/// # Errors
/// Whatever the database says.
pub fn add_hash(
    tx: &Tx<'_>,
    (what, hash): (&str, &[u8; 32]),
    forbids: Forbids,
    since: Date,
    cause: &str,
    now: Timestamp,
) -> Result<bool> {
    if stands_since(tx, (what, hash), forbids, cause, EVER)? {
        return Ok(false);
    }
    tx.exec(
        "INSERT INTO suppression (id, hash, what, scope, since, cause, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![id::next(), hash, what, forbids.name(), since, cause, now],
    )?;
    ring_duty::kept(tx, "suppression", "hash = ?1", params![hash])?;
    Ok(true)
}

/// Suppresses every address and number the instance holds of a person. How many were new.
///
/// # Errors
/// Whatever the database says.
pub fn add_person(
    tx: &Tx<'_>,
    keys: &Keys,
    person: PersonId,
    forbids: Forbids,
    since: Date,
    cause: &str,
    now: Timestamp,
) -> Result<u32> {
    let mut added = 0;
    for (what, hash) in hashes(tx, keys, person)? {
        added += u32::from(add_hash(tx, (what, &hash), forbids, since, cause, now)?);
    }
    Ok(added)
}

/// Suppresses the address or number that an item is, where nothing of the sort stands against it. Whether it was new.
///
/// # Errors
/// [`Error::Missing`] if there is no such item.
pub fn add_item(
    tx: &Tx<'_>,
    keys: &Keys,
    item: ItemId,
    forbids: Forbids,
    since: Date,
    cause: &str,
    now: Timestamp,
) -> Result<bool> {
    let sql = format!("SELECT kind, {SOUGHT} FROM item WHERE id = ?1");
    let (kind, value) = tx.one(&sql, params![item], |row| Ok((row.text(0)?, row.text(1)?)))?;
    if standing(tx, keys, &kind, &value)?.contains(&forbids) {
        return Ok(false);
    }
    add(tx, keys, &kind, &value, forbids, since, cause, now)
}

/// Which of what stands at an address or number is lifted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lifted<'a> {
    /// Everything: the person's own later word.
    All,
    /// What was said before a day, on which they agreed again.
    Before(Date),
    /// What was said for one cause.
    Cause(&'a str),
    /// What one objection left for a cause: made on a day, and written down at an instant or since. What others said at the same
    /// address stands.
    Made(&'a str, (Date, Timestamp)),
    /// What was written with a request or since it came: it was not theirs. What stood there before stands.
    With(RequestId),
}

impl<'a> Lifted<'a> {
    /// The condition beside address and scope, with its values from the fifth on.
    fn sql(self) -> (&'static str, Vec<Value<'a>>) {
        match self {
            Self::All => ("", Vec::new()),
            Self::Before(day) => (" AND since < ?5", vec![day.into()]),
            Self::Cause(cause) => (" AND cause = ?5", vec![cause.into()]),
            Self::Made(cause, (on, at)) => (
                " AND cause = ?5 AND since = ?6 AND recorded_at >= ?7",
                vec![cause.into(), on.into(), at.into()],
            ),
            Self::With(request) => (
                " AND recorded_at >= (SELECT q.recorded_at FROM request q WHERE q.id = ?5)",
                vec![request.into()],
            ),
        }
    }
}

/// Lifts what stands against an address or number of which its keyed hash is known. The record of it stays. How many were lifted.
///
/// # Errors
/// Whatever the database says.
pub fn lift(
    tx: &Tx<'_>,
    (what, hash): (&str, &[u8; 32]),
    forbids: Forbids,
    which: Lifted<'_>,
    on: Date,
) -> Result<u64> {
    let (condition, more) = which.sql();
    let sql = format!(
        "UPDATE suppression SET lifted_on = ?4 WHERE hash = ?1 AND what = ?2 AND scope = ?3 AND lifted_on IS NULL{condition}"
    );
    let mut values: Vec<Value<'_>> = vec![hash.into(), what.into(), forbids.name().into(), on.into()];
    values.extend(more);
    let lifted = tx.exec(&sql, &values)?;
    if lifted > 0 {
        ring_duty::kept(tx, "suppression", "hash = ?1", params![hash])?;
    }
    Ok(lifted)
}

/// [`lift`] for every address and number the instance holds of a person.
///
/// # Errors
/// Whatever the database says.
pub fn lift_person(
    tx: &Tx<'_>,
    keys: &Keys,
    person: PersonId,
    forbids: Forbids,
    which: Lifted<'_>,
    on: Date,
) -> Result<u64> {
    let mut lifted = 0;
    for what in ["email", "phone"] {
        lifted += lift_at(tx, keys, person, what, (forbids, which), on)?;
    }
    Ok(lifted)
}

/// [`lift`] for every address (`email`) or every number (`phone`) the instance holds of a person.
///
/// # Errors
/// Whatever the database says.
pub fn lift_at(
    tx: &Tx<'_>,
    keys: &Keys,
    person: PersonId,
    what: &str,
    (forbids, which): (Forbids, Lifted<'_>),
    on: Date,
) -> Result<u64> {
    let mut lifted = 0;
    for (its, hash) in hashes(tx, keys, person)?.iter().filter(|(its, _)| *its == what) {
        lifted += lift(tx, (its, hash), forbids, which, on)?;
    }
    Ok(lifted)
}

/// Whether an address or number stands suppressed for a cause, since a day or later.
///
/// # Errors
/// Whatever the database says.
pub fn stands_since(
    tx: &Tx<'_>,
    (what, hash): (&str, &[u8; 32]),
    forbids: Forbids,
    cause: &str,
    since: Date,
) -> Result<bool> {
    tx.any(
        "SELECT 1 FROM suppression WHERE hash = ?1 AND what = ?2 AND scope = ?3 AND cause = ?4 AND since >= ?5 AND lifted_on IS NULL",
        params![hash, what, forbids.name(), cause, since],
    )
}

/// Whether an address or number stands suppressed for anything but a cause.
///
/// # Errors
/// Whatever the database says.
pub fn stands_otherwise(tx: &Tx<'_>, (what, hash): (&str, &[u8; 32]), cause: &str) -> Result<bool> {
    tx.any(
        "SELECT 1 FROM suppression WHERE hash = ?1 AND what = ?2 AND cause <> ?3 AND lifted_on IS NULL",
        params![hash, what, cause],
    )
}

/// What stands against an address or number.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, keys: &Keys, kind: &str, value: &str) -> Result<BTreeSet<Forbids>> {
    let mut stands = BTreeSet::new();
    for (what, hash) in hashes_of(keys, kind, value) {
        stands.extend(standing_hash(tx, (what, &hash))?);
    }
    Ok(stands)
}

/// What stands against an address or number of which no more is known than its keyed hash.
///
/// # Errors
/// Whatever the database says.
pub fn standing_hash(tx: &Tx<'_>, (what, hash): (&str, &[u8; 32])) -> Result<BTreeSet<Forbids>> {
    let found = tx.all(
        "SELECT scope FROM suppression WHERE hash = ?1 AND what = ?2 AND lifted_on IS NULL",
        params![hash, what],
        |row| Ok(Forbids::named(row.str(0)?)),
    )?;
    // What this program cannot read forbids everything.
    Ok(found.into_iter().map(|forbids| forbids.unwrap_or(Forbids::AllContact)).collect())
}

/// What stands against any address or number that is held of a person; nothing at all where none is held.
///
/// # Errors
/// Whatever the database says.
pub fn standing_person(tx: &Tx<'_>, keys: &Keys, person: PersonId) -> Result<Option<BTreeSet<Forbids>>> {
    let hashes = hashes(tx, keys, person)?;
    let mut stands = BTreeSet::new();
    for (what, hash) in &hashes {
        stands.extend(standing_hash(tx, (what, hash))?);
    }
    Ok((!hashes.is_empty()).then_some(stands))
}

/// Whether this address or number may not be used for such a message or call.
///
/// # Errors
/// Whatever the database says.
pub fn bars(tx: &Tx<'_>, keys: &Keys, kind: &str, value: &str, marketing: bool, call: bool) -> Result<bool> {
    Ok(standing(tx, keys, kind, value)?.into_iter().any(|forbids| forbids.bars(marketing, call)))
}

/// How many words were written down against an address or number, whoever's it is, of those whose ids are at least this.
///
/// # Errors
/// Whatever the database says.
pub fn count_since(tx: &Tx<'_>, since: i64) -> Result<i64> {
    tx.count("SELECT COUNT(*) FROM suppression WHERE id >= ?1", params![since])
}

/// Those of some people, asked for in ascending order, of whom no address (`email`) or no number (`phone`) may be used for such a
/// message or call, because one of them is suppressed: whoever said no at one address meant it. A number stands against no letter:
/// many share the one of a house.
///
/// # Errors
/// Whatever the database says.
pub fn barred(
    tx: &Tx<'_>,
    keys: &Keys,
    people: &[PersonId],
    what: &str,
    marketing: bool,
    call: bool,
) -> Result<BTreeSet<PersonId>> {
    let mut barred = BTreeSet::new();
    if !tx.any("SELECT 1 FROM suppression WHERE what = ?1 AND lifted_on IS NULL LIMIT 1", params![what])? {
        return Ok(barred);
    }
    for asked in asked(tx, people)? {
        let mut hashes = BTreeMap::new();
        let sql =
            asked.sql(&format!("SELECT person_id, kind, {SOUGHT} FROM item WHERE person_id {{people}}"));
        tx.each(&sql, &asked.values, |row| {
            for (its, hash) in hashes_of(keys, row.str(1)?, row.str(2)?) {
                if its == what {
                    hashes.entry(hash).or_insert_with(Vec::new).push(PersonId(row.int(0)?));
                }
            }
            Ok::<(), Error>(())
        })?;
        let hashes_of: Vec<&[u8; 32]> = hashes.keys().collect();
        for some in hashes_of.chunks(AT_ONCE) {
            let (values, list) = listed(some.iter().map(|hash| Value::from(*hash)));
            let sql =
                format!("SELECT hash, scope FROM suppression WHERE hash IN ({list}) AND lifted_on IS NULL");
            tx.each(&sql, &values, |row| {
                // What this program cannot read forbids everything.
                let forbids = Forbids::named(row.str(1)?).unwrap_or(Forbids::AllContact);
                if forbids.bars(marketing, call) {
                    barred.extend(hashes.get(&row.hash(0)?).into_iter().flatten());
                }
                Ok::<(), Error>(())
            })?;
        }
    }
    Ok(barred)
}

/// The keyed hash of every address (`email`) or number (`phone`) that may not be used for such a message or call.
pub(crate) fn barring(tx: &Tx<'_>, what: &str, marketing: bool, call: bool) -> Result<HashSet<[u8; 32]>> {
    let mut barring = HashSet::new();
    tx.each(
        "SELECT hash, scope FROM suppression WHERE what = ?1 AND lifted_on IS NULL",
        params![what],
        |row| {
            // What this program cannot read forbids everything.
            if Forbids::named(row.str(1)?).unwrap_or(Forbids::AllContact).bars(marketing, call) {
                barring.insert(row.hash(0)?);
            }
            Ok::<(), Error>(())
        },
    )?;
    Ok(barring)
}

/// Remembers what a person objected to, each since its day and for its cause, at each address and number they have by now, once:
/// where it was remembered and then lifted it stays lifted. How many were new.
///
/// # Errors
/// Whatever the database says.
pub fn keep_up(
    tx: &Tx<'_>,
    keys: &Keys,
    person: PersonId,
    objected: &[(Forbids, Date, &str)],
    now: Timestamp,
) -> Result<u32> {
    let known = "SELECT 1 FROM suppression WHERE hash = ?1 AND what = ?2 AND scope = ?3 AND cause = ?4
        AND (since >= ?5 OR lifted_on IS NULL)";
    let mut added = 0;
    for (what, hash) in hashes(tx, keys, person)? {
        for (forbids, since, cause) in objected {
            if !tx.any(known, params![&hash, what, forbids.name(), *cause, since])? {
                added += u32::from(add_hash(tx, (what, &hash), *forbids, *since, cause, now)?);
            }
        }
    }
    Ok(added)
}

/// An address or number that a person has and at which somebody said no: its keyed hash, and what since when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    hash: [u8; 32],
    /// Whether it is a number, which many may share.
    pub number: bool,
    /// What is forbidden there, and since when it was last said.
    pub stands: Vec<(Forbids, Date)>,
}

/// What stands against the address or number that an item is; nothing where nobody said no there.
///
/// # Errors
/// [`Error::Missing`] if there is no such item.
pub fn of_item(tx: &Tx<'_>, keys: &Keys, item: ItemId) -> Result<Option<Said>> {
    let sql = format!("SELECT kind, {SOUGHT} FROM item WHERE id = ?1");
    let (kind, value) = tx.one(&sql, params![item], |row| Ok((row.text(0)?, row.text(1)?)))?;
    let all = hashes_of(keys, &kind, &value);
    let Some((what, hash)) = all.first().copied() else { return Ok(None) };
    let before = all.last().map_or(hash, |(_, before)| *before);
    let stands = tx.all(
        "SELECT scope, MAX(since) FROM suppression WHERE hash IN (?1, ?3) AND what = ?2 AND lifted_on IS NULL GROUP BY scope",
        params![&hash, what, &before],
        |row| Ok((Forbids::named(row.str(0)?).unwrap_or(Forbids::AllContact), row.date(1)?)),
    )?;
    Ok(Some(Said { hash, number: what == "phone", stands }).filter(|said| !said.stands.is_empty()))
}

/// What stands against any address or number of a person, before some of them are taken away together.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, keys: &Keys, person: PersonId) -> Result<Vec<Said>> {
    let items = "SELECT id FROM item WHERE person_id = ?1 ORDER BY id";
    let items = tx.all(items, params![person], |row| Ok(ItemId(row.int(0)?)))?;
    let said = items.into_iter().map(|item| of_item(tx, keys, item)).collect::<Result<Vec<_>>>()?;
    Ok(said.into_iter().flatten().collect())
}

/// Whether a person still has the address or number at which something was said.
///
/// # Errors
/// Whatever the database says.
pub fn still_has(tx: &Tx<'_>, keys: &Keys, person: PersonId, said: &Said) -> Result<bool> {
    Ok(hashes(tx, keys, person)?.iter().any(|(_, hash)| *hash == said.hash))
}

/// What an address or number is hashed from: of a kind that nobody is looked up by no normal form is kept.
const SOUGHT: &str = "CASE WHEN normal = '' THEN value ELSE normal END";

/// The keyed hashes of a person's addresses and numbers, with what each was made for, in every form they may be on record in.
pub(crate) fn hashes(tx: &Tx<'_>, keys: &Keys, person: PersonId) -> Result<Vec<(&'static str, [u8; 32])>> {
    Ok(hashes_of_many(tx, keys, &[person])?.remove(&person).unwrap_or_default())
}

/// The same of several people; nothing of whoever has none.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn hashes_of_many(tx: &Tx<'_>, keys: &Keys, people: &[PersonId]) -> Result<Hashes> {
    let mut found = Hashes::new();
    for some in people.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|person| Value::from(*person)));
        let sql =
            format!("SELECT person_id, kind, {SOUGHT} FROM item WHERE person_id IN ({list}) ORDER BY id");
        tx.each(&sql, &values, |row| {
            let theirs = found.entry(PersonId(row.int(0)?)).or_default();
            theirs.extend(hashes_of(keys, row.str(1)?, row.str(2)?));
            Ok::<(), Error>(())
        })?;
    }
    Ok(found)
}

/// The keyed hashes of several people's addresses and numbers, with what each was made for.
pub(crate) type Hashes = BTreeMap<PersonId, Vec<(&'static str, [u8; 32])>>;
