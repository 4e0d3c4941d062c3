//! Finding people by any part of a name, an address, a number or an organisation.
//!
//! Accents, case, punctuation and `+44` against `0` make no difference. One row of `search_text` for a
//! person holds all they are found by; the index follows it inside the database.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::PersonId;
use jiff::civil::Date;
use policy::{KindId, Policy, Sensitivity};

use crate::asked::listed;
use crate::dialect::{self, Dialect};
use crate::normal::Shape;
use crate::reach::Reach;
use crate::{Error, Result, Store, Tx, Value, normal, organisation, params};

/// The fewest characters of a word that the index can find anywhere in a text.
const WHOLE_WORD: usize = 3;
/// The fewest digits of a number of the UK without its 0: fewer after 44 may as well stand inside a number.
const NATIONAL: usize = 9;
/// How many candidates are put in order; beyond this a query is too broad to be worth reading.
const CANDIDATES: i64 = 500;

/// Something a person is found by. The name stands first, and results are in its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FoundBy {
    /// A name, an organisation, a title.
    Words,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
}

impl FoundBy {
    /// What a detail of a kind is to the index.
    pub(crate) fn of(kind: &str) -> Self {
        match Shape::of(kind) {
            Shape::Email => Self::Email,
            Shape::Phone => Self::Phone,
            Shape::Words => Self::Words,
        }
    }
}

/// Makes a person findable by these texts and by no others; by none if there are none.
///
/// # Errors
/// Whatever the database says.
pub fn index(tx: &Tx<'_>, person: PersonId, texts: &[(FoundBy, &str)]) -> Result<()> {
    let normal = texts
        .iter()
        .map(|(by, text)| stored(*by, text))
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    if normal.is_empty() {
        return forget(tx, person);
    }
    tx.put(
        "INSERT INTO search_text (id, normal) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET normal = excluded.normal WHERE search_text.normal <> excluded.normal",
        params![person, normal],
    )?;
    Ok(())
}

/// Puts the pieces of the index together that adding people left, a little in each transaction. What this costs follows what
/// was added since the last time. On PostgreSQL there is nothing to do.
///
/// # Errors
/// Whatever the database says.
pub fn join(store: &Store) -> Result<()> {
    while store.write(dialect::join_search)? {}
    Ok(())
}

/// Makes a person findable by nothing.
///
/// # Errors
/// Whatever the database says.
pub fn forget(tx: &Tx<'_>, person: PersonId) -> Result<()> {
    tx.put("DELETE FROM search_text WHERE id = ?1", params![person])?;
    Ok(())
}

/// The people within reach who have every word of the query somewhere in what they are found by, in the
/// order of their names. A single word of one or two characters finds whose name begins with it.
///
/// # Errors
/// Whatever the database says.
pub fn find(tx: &Tx<'_>, query: &str, reach: &Reach, limit: u32) -> Result<Vec<PersonId>> {
    find_in(tx, query, reach, None, limit)
}

/// The same among those who have a category on a day.
///
/// # Errors
/// Whatever the database says.
pub fn find_in(
    tx: &Tx<'_>,
    query: &str,
    reach: &Reach,
    category: Option<(&str, Date)>,
    limit: u32,
) -> Result<Vec<PersonId>> {
    let words = asked(query);
    let Some(longest) = words.iter().max_by_key(|word| word.chars().count()) else { return Ok(Vec::new()) };
    let mut params: Vec<Value<'static>> = Vec::new();
    let candidates = if longest.chars().count() < WHOLE_WORD {
        params.push(longest.clone().into());
        params.push(format!("{longest}\u{10ffff}").into());
        "t.normal >= ?1 AND t.normal < ?2".to_owned()
    } else {
        dialect::containing(tx.dialect(), &words, WHOLE_WORD, &mut params)
    };
    let mut also = String::new();
    for word in words.iter().filter(|word| word.chars().count() < WHOLE_WORD) {
        params.push(part_of(word).into());
        also.push_str(&format!(" AND t.normal LIKE ?{} ESCAPE '\\'", params.len()));
    }
    if let Some((category, day)) = category {
        let n = params.len() + 1;
        also.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM person_category c WHERE c.person_id = t.id AND c.category = ?{n}
                AND c.annulled_at IS NULL AND c.since <= ?{d} AND (c.until IS NULL OR c.until > ?{d}))",
            d = n + 1
        ));
        params.push(category.to_owned().into());
        params.push(day.into());
    }
    let within = reach.sql("t.id", &mut params);
    params.push(CANDIDATES.into());
    let sql = format!(
        "SELECT id FROM (SELECT t.id AS id, t.normal AS normal FROM {} WHERE {candidates}{also} AND {within} LIMIT ?{}) AS found
         ORDER BY normal, id LIMIT ?{}",
        match tx.dialect() {
            Dialect::Sqlite if longest.chars().count() >= WHOLE_WORD => "search_index AS i JOIN search_text AS t ON t.id = i.rowid",
            _ => "search_text AS t",
        },
        params.len(),
        params.len() + 1
    );
    params.push(limit.into());
    dialect::planned_by_values(tx, || tx.all(&sql, &params, |row| row.int(0).map(PersonId)))
}

/// Those of these people, whom the index found ([`find_in`]), in whose details that may be seen every word of the query stands. Nobody
/// is found by a detail that is out of use, or that is not for whoever looks: that alone would say whose it is. `sees` says of whom which
/// kinds may be seen.
///
/// # Errors
/// Whatever the database says.
pub fn by_what_is_seen(
    tx: &Tx<'_>,
    policy: &Policy,
    query: &str,
    people: &[PersonId],
    sees: &dyn Fn(PersonId, KindId) -> bool,
) -> Result<BTreeSet<PersonId>> {
    if people.is_empty() {
        return Ok(BTreeSet::new());
    }
    let searched = |name: &str| {
        let kind = policy.kind_named(name).filter(|kind| kind.sensitivity == Sensitivity::Ordinary);
        kind.map(|kind| kind.id)
    };
    let belongs = organisation::kinds(policy);
    let sees_where = |person: PersonId| belongs.is_empty() || belongs.iter().any(|kind| sees(person, kind));
    // Of most people all is seen that they are found by, and what the index found stands. Only of the others it is read again: also of
    // whoever has details of a kind by which nobody is found any more, since the index may have them from before the policy said so.
    let (ids, list) = listed(people.iter().map(Value::from));
    let mut partly: BTreeSet<PersonId> = BTreeSet::new();
    let held = format!("SELECT DISTINCT person_id, kind FROM item WHERE person_id IN ({list})");
    tx.each(&held, &ids, |row| {
        let person = PersonId(row.int(0)?);
        if !searched(row.str(1)?).is_some_and(|kind| sees(person, kind)) {
            partly.insert(person);
        }
        Ok::<(), Error>(())
    })?;
    let somewhere =
        format!("SELECT DISTINCT person_id FROM belonging WHERE person_id IN ({list}) AND until IS NULL");
    tx.each(&somewhere, &ids, |row| {
        let person = PersonId(row.int(0)?);
        if !sees_where(person) {
            partly.insert(person);
        }
        Ok::<(), Error>(())
    })?;
    let mut found: BTreeSet<PersonId> =
        people.iter().copied().filter(|person| !partly.contains(person)).collect();
    if partly.is_empty() {
        return Ok(found);
    }
    let mut texts: BTreeMap<PersonId, String> = BTreeMap::new();
    let mut add = |person: PersonId, by: FoundBy, text: &str| {
        let all = texts.entry(person).or_default();
        all.push_str(&stored(by, text));
        all.push('\n');
    };
    let (ids, list) = listed(partly.iter().map(Value::from));
    let items = format!("SELECT person_id, kind, value FROM item WHERE person_id IN ({list}) ORDER BY id");
    tx.each(&items, &ids, |row| {
        let (person, name) = (PersonId(row.int(0)?), row.str(1)?);
        // What cannot be read finds nobody.
        if let (Some(kind), Ok(value)) = (searched(name), row.str(2))
            && sees(person, kind)
        {
            add(person, FoundBy::of(name), value);
        }
        Ok::<(), Error>(())
    })?;
    let organisations = format!(
        "SELECT b.person_id, o.name FROM belonging b JOIN organisation o ON o.id = b.organisation_id
            WHERE b.person_id IN ({list}) AND b.until IS NULL ORDER BY b.id"
    );
    tx.each(&organisations, &ids, |row| {
        let person = PersonId(row.int(0)?);
        if sees_where(person) {
            add(person, FoundBy::Words, row.str(1)?);
        }
        Ok::<(), Error>(())
    })?;
    let words = asked(query);
    let all = |text: &String| words.iter().all(|word| text.contains(word.as_str()));
    found.extend(texts.into_iter().filter(|(_, text)| all(text)).map(|(person, _)| person));
    Ok(found)
}

/// A pattern for `LIKE ... ESCAPE '\'` that finds a word anywhere.
pub(crate) fn part_of(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A text as it is kept: a number of the UK as `01632960001`, another as its digits.
fn stored(by: FoundBy, text: &str) -> String {
    match by {
        FoundBy::Words => squeezed(text),
        // A domain with letters beyond ASCII is found in either of its spellings.
        FoundBy::Email => match (normal::email(text), normal::before("email", text)) {
            (Some(ascii), Some(letters)) => format!("{} {}", squeezed(&letters), squeezed(&ascii)),
            _ => squeezed(text),
        },
        FoundBy::Phone => {
            let digits = normal::phone(text).unwrap_or_else(|| text.to_owned());
            let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
            match digits.strip_prefix("44") {
                Some(national) => format!("0{national}"),
                None => digits,
            }
        }
    }
}

/// What is asked for: the digits of a number as one word, or words.
fn asked(query: &str) -> Vec<String> {
    let digits = query.chars().filter(char::is_ascii_digit).count();
    let number = digits >= WHOLE_WORD && query.chars().all(|c| c.is_ascii_digit() || " +()-./".contains(c));
    if number {
        let digits: String = query.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
        let whole = query.trim_start().starts_with('+') || digits.starts_with("00");
        let digits = digits.strip_prefix("00").unwrap_or(&digits);
        return vec![match digits.strip_prefix("44") {
            Some(national) if whole || national.len() >= NATIONAL => format!("0{national}"),
            _ => digits.to_owned(),
        }];
    }
    squeezed(query).split_whitespace().map(str::to_owned).collect()
}

/// Lower case, without accents, and without the signs that people write names with or without.
fn squeezed(text: &str) -> String {
    normal::name(text)
        .chars()
        .filter(|c| !matches!(c, '\'' | '\u{2019}' | '`' | '-' | '\u{2010}' | '.' | ',' | '"'))
        .collect()
}
