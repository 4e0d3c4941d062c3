//! Whom a text speaks of beside the person it was written about: people we know, however they are written, and what
//! identifies somebody by its form. It finds what can be found; it never says that a text is clean.
//!
//! Who may be meant is asked of the database by what the texts say, and by who has to do with the person; nobody is
//! compared with everybody.

pub mod elsewhere;
pub mod find;
pub mod later;
pub(crate) mod ordinary;
pub mod own;
pub mod pattern;
pub mod prose;
pub mod texts;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use custody::id::PersonId;
use policy::{Policy, Sort};

pub use find::{Index, Known, find};

use crate::asked::listed;
use crate::normal::{self, Shape};
use crate::{Result, Tx, Value, params};

/// The most people who have to do with somebody and are looked for by a part of their name alone.
const CIRCLE_MAX: i64 = 2_000;
/// The most people of one surname who are looked for by their initial alone.
const BEGUN_MAX: usize = 50;
/// How many surnames one question to the database is about.
const SURNAMES_AT_ONCE: usize = 64;
/// How many values one question to the database carries.
const ASKED_AT_ONCE: usize = crate::asked::AT_ONCE;

/// A place where a text speaks of somebody else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mention {
    /// Where, in bytes.
    pub span: Range<usize>,
    /// Whom or what.
    pub what: What,
}

/// Whom or what a place speaks of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum What {
    /// Somebody we know; one of several where a part of a name fits them all.
    People(Vec<PersonId>),
    /// An e-mail address of nobody we know.
    Email,
    /// A telephone number.
    Phone,
    /// A bank account.
    Iban,
    /// A payment card.
    Card,
    /// A National Insurance number.
    NationalInsurance,
    /// An NHS number.
    Nhs,
    /// A postcode.
    Postcode,
    /// What looks like a name of somebody we do not know.
    Name,
}

impl What {
    /// What it is, in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::People(_) => "another person",
            Self::Email => "an e-mail address",
            Self::Phone => "a telephone number",
            Self::Iban => "a bank account",
            Self::Card => "a card number",
            Self::NationalInsurance => "a National Insurance number",
            Self::Nhs => "an NHS number",
            Self::Postcode => "a postcode",
            Self::Name => "perhaps a name",
        }
    }
}

/// What whoever asks is known by, and everybody who may be meant in these texts.
///
/// # Errors
/// Whatever the database says.
pub fn index<'a>(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    texts: impl Iterator<Item = &'a str>,
) -> Result<Index> {
    let mut own = known(tx, &BTreeSet::from([person]))?.remove(&person).unwrap_or_default();
    let mut people = circle(tx, person)?;
    let (mut asked, mut reached) = (find::Asked::default(), BTreeSet::new());
    for text in texts {
        asked.text(text);
        reached.extend(
            pattern::formed(text)
                .into_iter()
                .filter(|one| matches!(one.what, What::Email | What::Phone))
                .map(|one| one.normal),
        );
    }
    let begun = begun(tx, policy, &asked)?;
    people.extend(having(tx, policy, &asked.names.into_iter().chain(reached).collect::<Vec<_>>())?);
    let all: BTreeSet<PersonId> = people.union(&begun).copied().filter(|other| *other != person).collect();
    let mut known = known(tx, &all)?;
    for (_, held) in known.iter_mut().filter(|(other, _)| !people.contains(other)) {
        held.distant = true;
    }
    once(tx, person, &known, &mut own)?;
    Ok(Index::new(&own, &known))
}

/// Adds what somebody was known by once, and where they asked to be answered: it is their own still, unless somebody else is known
/// by it now.
fn once(tx: &Tx<'_>, person: PersonId, others: &BTreeMap<PersonId, Known>, own: &mut Known) -> Result<()> {
    for (_, what, value) in before(tx, person)? {
        if !others.values().any(|other| other.reached.contains(&value) || other.names.contains(&value)) {
            own.add(what, value);
        }
    }
    Ok(())
}

/// What somebody is known by, and was once, unless somebody else is known by that now.
fn ever(tx: &Tx<'_>, person: PersonId) -> Result<Known> {
    let mut own = known(tx, &BTreeSet::from([person]))?.remove(&person).unwrap_or_default();
    for (kind, what, value) in before(tx, person)? {
        let somebodys = "SELECT 1 FROM item WHERE kind = ?1 AND normal = ?2 AND person_id <> ?3";
        if !tx.any(somebodys, params![kind.as_str(), value.as_str(), person])? {
            own.add(what, value);
        }
    }
    Ok(own)
}

/// What somebody was known by once, and where they asked to be answered: of which kind, what that is to them, in its normal form.
fn before(tx: &Tx<'_>, person: PersonId) -> Result<Vec<(String, Identifies, String)>> {
    let sql = "SELECT i.kind, h.value FROM item_history h JOIN item i ON i.id = h.item_id WHERE h.person_id = ?1
        UNION SELECT t.kind, t.value FROM held_then t JOIN request q ON q.id = t.request_id WHERE q.person_id = ?1 AND t.origin = 'item'
        UNION SELECT 'email', q.reach FROM request q WHERE q.person_id = ?1 AND q.unknown_since IS NULL AND q.behalf IS NULL AND q.reach IS NOT NULL
        UNION SELECT 'phone', q.reach FROM request q WHERE q.person_id = ?1 AND q.unknown_since IS NULL AND q.behalf IS NULL AND q.reach IS NOT NULL";
    let mut before = Vec::new();
    tx.each(sql, params![person], |row| {
        let (kind, text) = (row.text(0)?, row.text(1)?);
        let value = match Shape::of(&kind) {
            Shape::Email => normal::email(&text),
            Shape::Phone => normal::phone(&text),
            Shape::Words => Some(normal::name(&text)),
        };
        if let Some((what, value)) = identifies(&kind).zip(value.filter(|value| !value.is_empty())) {
            before.push((kind, what, value));
        }
        Ok::<(), crate::Error>(())
    })?;
    Ok(before)
}

impl Known {
    /// Adds what they are known by as well.
    fn add(&mut self, what: Identifies, value: String) {
        let theirs = match what {
            Identifies::Name => &mut self.names,
            Identifies::Reached => &mut self.reached,
            Identifies::Address => &mut self.addresses,
        };
        if !theirs.contains(&value) {
            theirs.push(value);
        }
    }
}

/// Whoever is meant by an initial and a surname, where the text has no more of their name, or what is kept of them has not.
/// Where more fit than anybody can mean, a few of them.
fn begun(tx: &Tx<'_>, policy: &Policy, asked: &find::Asked) -> Result<BTreeSet<PersonId>> {
    let mut found = BTreeSet::new();
    let kinds = policy.kinds.iter().filter(|kind| kind.sort == Sort::Item);
    for kind in kinds.filter(|kind| identifies(&kind.name) == Some(Identifies::Name)) {
        for (texts, short) in [(&asked.begun, false), (&asked.whole, true)] {
            let mut initials: BTreeMap<char, BTreeSet<&str>> = BTreeMap::new();
            for (initial, surname) in texts {
                initials.entry(*initial).or_default().insert(surname);
            }
            for (initial, surnames) in initials {
                let surnames: Vec<&str> = surnames.into_iter().collect();
                for some in surnames.chunks(SURNAMES_AT_ONCE) {
                    beginning(tx, &kind.name, (initial, short), some, &mut found)?;
                }
            }
        }
    }
    Ok(found)
}

/// Whose name begins with a letter and ends with one of these surnames. `short` says that the letter is all of the first name.
fn beginning(
    tx: &Tx<'_>,
    kind: &str,
    (initial, short): (char, bool),
    surnames: &[&str],
    found: &mut BTreeSet<PersonId>,
) -> Result<()> {
    // "p nair" and "p. nair": whatever comes between a blank and a point.
    let (from, to) = if short {
        (format!("{initial} "), format!("{initial}/"))
    } else {
        (initial.to_string(), format!("{initial}\u{10ffff}"))
    };
    let mut values: Vec<Value<'_>> = vec![kind.into(), from.into(), to.into()];
    let mut fits = Vec::new();
    if !short {
        // A few lengths only, so that few statements are prepared.
        let length = [1, 8, SURNAMES_AT_ONCE]
            .into_iter()
            .find(|length| surnames.len() <= *length)
            .unwrap_or(surnames.len());
        for surname in surnames.iter().chain(surnames.last().into_iter().cycle()).take(length) {
            values.push(format!("% {}", crate::search::part_of(surname).trim_matches('%')).into());
            fits.push(format!("normal LIKE ?{} ESCAPE '\\'", values.len()));
        }
    }
    let fits = if fits.is_empty() { String::new() } else { format!(" AND ({})", fits.join(" OR ")) };
    let sql =
        format!("SELECT person_id, normal FROM item WHERE kind = ?1 AND normal >= ?2 AND normal < ?3{fits}");
    let mut of_each: BTreeMap<String, usize> = BTreeMap::new();
    tx.each(&sql, &values, |row| {
        let name = row.str(1)?;
        let rest = name.split_once(' ').map_or("", |(_, rest)| rest);
        if short && !surnames.contains(&rest) {
            return Ok(());
        }
        let last = name.rsplit(' ').next().unwrap_or_default();
        let count = of_each.entry(last.to_owned()).or_default();
        *count += 1;
        if *count <= BEGUN_MAX {
            found.insert(PersonId(row.int(0)?));
        }
        Ok::<(), crate::Error>(())
    })
}

/// Whoever shares a line, a document, a piece of work or an organisation with somebody.
fn circle(tx: &Tx<'_>, person: PersonId) -> Result<BTreeSet<PersonId>> {
    let mut found = BTreeSet::new();
    for (table, by) in [
        ("entry_person", "entry_id"),
        ("document_person", "document_id"),
        ("engagement_person", "engagement_id"),
        ("belonging", "organisation_id"),
    ] {
        let sql = format!(
            "SELECT DISTINCT o.person_id FROM {table} AS m JOIN {table} AS o ON o.{by} = m.{by}
                WHERE m.person_id = ?1 AND o.person_id <> ?1 ORDER BY o.person_id LIMIT {CIRCLE_MAX}"
        );
        found.extend(tx.all(&sql, params![person], |row| Ok(PersonId(row.int(0)?)))?);
    }
    Ok(found)
}

/// Whoever has one of these names, addresses or numbers.
fn having(tx: &Tx<'_>, policy: &Policy, normals: &[String]) -> Result<BTreeSet<PersonId>> {
    let kinds = policy.kinds.iter().filter(|kind| kind.sort == Sort::Item).map(|kind| &kind.name);
    let kinds = kinds.filter(|kind| identifies(kind).is_some_and(|sort| sort != Identifies::Address));
    let mut found = BTreeSet::new();
    for kind in kinds {
        let shape = Shape::of(kind);
        let fit: Vec<&String> = normals
            .iter()
            .filter(|normal| match shape {
                Shape::Email => normal.contains('@'),
                Shape::Phone => normal.starts_with('+'),
                Shape::Words => !normal.contains('@') && !normal.starts_with('+'),
            })
            .collect();
        for some in fit.chunks(ASKED_AT_ONCE) {
            let (mut values, list) = listed(some.iter().map(|normal| Value::from(normal.as_str())));
            values.push(kind.as_str().into());
            let sql = format!(
                "SELECT DISTINCT person_id FROM item WHERE kind = ?{} AND normal IN ({list})",
                values.len()
            );
            found.extend(tx.all(&sql, &values, |row| Ok(PersonId(row.int(0)?)))?);
        }
    }
    Ok(found)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Identifies {
    Name,
    Reached,
    Address,
}

/// What values of a kind are to somebody, judged by the kind's own name, as [`Shape::of`] does.
fn identifies(kind: &str) -> Option<Identifies> {
    if Shape::of(kind) != Shape::Words {
        return Some(Identifies::Reached);
    }
    let said = |word: &str| kind.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
    if said("address") {
        return Some(Identifies::Address);
    }
    (said("name") || said("names") || said("nickname") || kind.contains("known as"))
        .then_some(Identifies::Name)
}

/// What people are known by.
fn known(tx: &Tx<'_>, people: &BTreeSet<PersonId>) -> Result<BTreeMap<PersonId, Known>> {
    let mut known: BTreeMap<PersonId, Known> = BTreeMap::new();
    let people: Vec<PersonId> = people.iter().copied().collect();
    for some in people.chunks(ASKED_AT_ONCE) {
        let (values, list) = listed(some.iter().map(Value::from));
        let sql =
            format!("SELECT person_id, kind, normal FROM item WHERE person_id IN ({list}) AND normal <> ''");
        tx.each(&sql, &values, |row| {
            let held = known.entry(PersonId(row.int(0)?)).or_default();
            let value = row.text(2)?;
            match identifies(row.str(1)?) {
                Some(Identifies::Name) => held.names.push(value),
                Some(Identifies::Reached) => held.reached.push(value),
                Some(Identifies::Address) => held.addresses.push(value),
                None => {}
            }
            Ok::<(), crate::Error>(())
        })?;
    }
    Ok(known)
}

/// The form in which two writings of the same thing are the same: what decisions about it are kept under.
#[must_use]
pub fn same(what: &What, said: &str) -> String {
    match what {
        What::People(people) => {
            people.iter().map(|person| person.0.to_string()).collect::<Vec<_>>().join(" ")
        }
        What::Email => normal::email(said).unwrap_or_else(|| normal::name(said)),
        What::Phone => normal::phone(said).unwrap_or_else(|| normal::name(said)),
        What::Name => normal::name(said),
        _ => words::plain(said),
    }
}
