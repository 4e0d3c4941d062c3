//! Who of those already here a row of a file is about, and what it would add. Values are compared here and
//! never leave the store.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{ImportId, PersonId};
use policy::{KindId, Policy};

use crate::asked::{AT_ONCE, listed};
use crate::normal::{self, Shape};
use crate::{Error, Keys, Result, Tx, Value, params, suppression};

/// A row of a file as it would be stored.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The values, each with its kind.
    pub items: &'a [(KindId, String)],
    /// The organisation the person belongs to.
    pub organisation: Option<&'a str>,
    /// The category they would have, by name.
    pub category: &'a str,
}

/// What a row would add to somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Addition {
    /// Which of the row's items are new, by their place in it.
    pub items: Vec<usize>,
    /// Whether the category is new.
    pub category: bool,
    /// Whether the organisation is new.
    pub organisation: bool,
}

impl Addition {
    /// Whether the row would change nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.items.is_empty() && !self.category && !self.organisation
    }
}

/// How sure a match is; the surest wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    /// One of the two has no name.
    Nameless,
    /// The names share a part.
    Alike,
    /// The names are the same.
    Same,
}

/// The person a row is about, if they are here: whoever has its address, unless their names have nothing in
/// common; whoever has its number and its name; and where a row has neither address nor number, somebody of
/// that name of whom neither is held, once for each row. `place` is the import and the row's line.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    tx: &Tx<'_>,
    policy: &Policy,
    place: (ImportId, i64),
    row: &Incoming<'_>,
) -> Result<Option<PersonId>> {
    let mut best: Option<(Sure, PersonId)> = None;
    let mut reachable = false;
    let mut consider = |sure: Option<Sure>, person: PersonId| {
        if let Some(sure) = sure
            && best.is_none_or(|(before, _)| sure > before)
        {
            best = Some((sure, person));
        }
    };
    let name = name_of(policy, row);
    for (kind, value) in row.items {
        let kind = &policy.kind(*kind).ok_or(Error::Missing)?.name;
        let shape = Shape::of(kind);
        if shape.identifies().is_none() {
            continue;
        }
        reachable = true;
        for person in crate::item::having(tx, kind, value)? {
            let sure = alike(tx, name.as_ref(), person)?;
            // Colleagues and families share telephones.
            let enough = |sure: &Sure| shape == Shape::Email || *sure == Sure::Same || name.is_none();
            consider(sure.filter(enough), person);
        }
    }
    if let Some((_, person)) = best {
        return Ok(Some(person));
    }
    match name {
        Some((kind, name)) if !reachable => known_by_name_only(tx, policy, place, &kind, &name),
        _ => Ok(None),
    }
}

/// Which of some addresses and numbers, each with the name of its kind, anything at all is known of: that somebody has
/// it, that it is suppressed, or that it was let go. Of the others nothing need be asked one by one.
///
/// # Errors
/// Whatever the database says.
pub fn known_of(tx: &Tx<'_>, keys: &Keys, identities: &[(&str, &str)]) -> Result<BTreeSet<usize>> {
    let mut known = BTreeSet::new();
    let mut values: BTreeMap<&str, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
    let mut hashes: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
    for (at, (kind, value)) in identities.iter().enumerate() {
        for form in normal::forms(kind, value) {
            values.entry(kind).or_default().entry(form).or_default().push(at);
        }
        for (_, hash) in suppression::hashes_of(keys, kind, value) {
            hashes.entry(hash).or_default().push(at);
        }
    }
    for (kind, places) in &values {
        let normals: Vec<&String> = places.keys().collect();
        for some in normals.chunks(AT_ONCE) {
            let (mut values, list) = listed(some.iter().map(|normal| Value::from(*normal)));
            values.push((*kind).into());
            let sql =
                format!("SELECT normal FROM item WHERE kind = ?{} AND normal IN ({list})", values.len());
            tx.each(&sql, &values, |row| {
                known.extend(places.get(row.str(0)?).into_iter().flatten());
                Ok::<(), Error>(())
            })?;
        }
    }
    let all: Vec<&[u8; 32]> = hashes.keys().collect();
    for some in all.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|hash| Value::from(*hash)));
        let sql = format!(
            "SELECT hash FROM suppression WHERE hash IN ({list}) UNION ALL SELECT hash FROM certificate_hash WHERE hash IN ({list})"
        );
        tx.each(&sql, &values, |row| {
            known.extend(hashes.get(&row.hash(0)?).into_iter().flatten());
            Ok::<(), Error>(())
        })?;
    }
    Ok(known)
}

/// The row's name with its kind, in the form it is compared in.
fn name_of(policy: &Policy, row: &Incoming<'_>) -> Option<(String, String)> {
    row.items.iter().find_map(|(kind, value)| {
        let kind = policy.kind(*kind)?;
        matches!(kind.name.as_str(), "name" | "full name").then(|| (kind.name.clone(), normal::name(value)))
    })
}

fn alike(tx: &Tx<'_>, name: Option<&(String, String)>, person: PersonId) -> Result<Option<Sure>> {
    let Some((kind, name)) = name else { return Ok(Some(Sure::Nameless)) };
    let sql = "SELECT value FROM item WHERE person_id = ?1 AND kind = ?2";
    let theirs = tx.all(sql, params![person, kind], |row| Ok(normal::name(row.str(0)?)))?;
    if theirs.is_empty() {
        return Ok(Some(Sure::Nameless));
    }
    if theirs.contains(name) {
        return Ok(Some(Sure::Same));
    }
    let parts = |name: &str| -> BTreeSet<String> {
        name.split(|c: char| !c.is_alphanumeric())
            .filter(|part| part.chars().count() > 1)
            .map(str::to_owned)
            .collect()
    };
    let ours = parts(name);
    Ok(theirs.iter().any(|theirs| !parts(theirs).is_disjoint(&ours)).then_some(Sure::Alike))
}

/// Somebody of exactly this name of whom neither an address nor a number is held, and whom no other row of
/// this import is about: two people of one name in one file stay two.
fn known_by_name_only(
    tx: &Tx<'_>,
    policy: &Policy,
    (import, line): (ImportId, i64),
    kind: &str,
    name: &str,
) -> Result<Option<PersonId>> {
    let mut values = params![kind, name, import, line].to_vec();
    let mut reached = Vec::new();
    for kind in policy.kinds.iter().filter(|kind| Shape::of(&kind.name).identifies().is_some()) {
        values.push(kind.name.clone().into());
        reached.push(format!("?{}", values.len()));
    }
    let unreached = match reached.as_slice() {
        [] => String::new(),
        reached => format!(
            " AND NOT EXISTS (SELECT 1 FROM item o WHERE o.person_id = i.person_id AND o.kind IN ({}))",
            reached.join(", ")
        ),
    };
    let sql = format!(
        "SELECT i.person_id FROM item i WHERE i.kind = ?1 AND i.normal = ?2
            AND NOT EXISTS (SELECT 1 FROM import_row r WHERE r.person_id = i.person_id AND r.import_id = ?3 AND r.line <> ?4)
            {unreached} ORDER BY i.person_id LIMIT 1"
    );
    tx.maybe(&sql, &values, |row| Ok(PersonId(row.int(0)?)))
}

/// What a row would add to somebody. An address or number is added beside those held; of every other kind a
/// value already held stays, since a file is no better witness than what is here.
///
/// # Errors
/// Whatever the database says.
pub fn addition(tx: &Tx<'_>, policy: &Policy, person: PersonId, row: &Incoming<'_>) -> Result<Addition> {
    let held = tx.all("SELECT kind, normal FROM item WHERE person_id = ?1", params![person], |row| {
        Ok((row.text(0)?, row.text(1)?))
    })?;
    let mut addition = Addition::default();
    for (at, (kind, value)) in row.items.iter().enumerate() {
        let kind = &policy.kind(*kind).ok_or(Error::Missing)?.name;
        let is_held = match Shape::of(kind).identifies() {
            Some(_) => {
                let forms = normal::forms(kind, value);
                held.iter().any(|(theirs, normal)| theirs == kind && forms.contains(normal))
            }
            None => held.iter().any(|(theirs, _)| theirs == kind),
        };
        if !is_held {
            addition.items.push(at);
        }
    }
    let category = "SELECT 1 FROM person_category WHERE person_id = ?1 AND category = ?2 AND until IS NULL AND annulled_at IS NULL";
    addition.category = !tx.any(category, params![person, row.category])?;
    if let Some(organisation) = row.organisation {
        let belongs = "SELECT 1 FROM belonging b JOIN organisation o ON o.id = b.organisation_id
            WHERE b.person_id = ?1 AND o.normal = ?2";
        addition.organisation = !tx.any(belongs, params![person, normal::name(organisation)])?;
    }
    Ok(addition)
}
