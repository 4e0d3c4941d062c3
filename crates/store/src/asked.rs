//! People asked for in one query: by their numbers, or by the ends of a stretch of numbers where nearly everybody
//! in between is meant. Rows of those in between who are not meant must be passed over by the caller.

use std::fmt::Write as _;

use custody::id::PersonId;

use crate::{Result, Tx, Value, params};

/// How many numbers stand in one list.
pub(crate) const AT_ONCE: usize = 256;
/// How many people a stretch is looked at for.
const STRETCH: usize = 1024;
/// A stretch is worth its while if at most this many times those meant lie in it.
const SPARSE: usize = 2;

/// Some people, as the values of a query and the condition on a column: `person_id {people}`.
pub(crate) struct Asked {
    pub(crate) values: Vec<Value<'static>>,
    condition: String,
    length: usize,
}

impl Asked {
    /// How many numbers stand in its list; none for a stretch. Two of the same length have the same condition.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// A statement with its condition filled in.
    pub(crate) fn sql(&self, text: &str) -> String {
        text.replace("{people}", &self.condition)
    }
}

/// Splits people, whose numbers must ascend, into as many queries as need be.
pub(crate) fn asked(tx: &Tx<'_>, people: &[PersonId]) -> Result<Vec<Asked>> {
    let mut all = Vec::new();
    for some in people.chunks(STRETCH) {
        if let Some(stretch) = stretch(tx, some)? {
            all.push(stretch);
            continue;
        }
        all.extend(some.chunks(AT_ONCE).map(|some| {
            let (values, list) = listed(some.iter().map(|person| Value::from(*person)));
            Asked { length: values.len(), values, condition: format!("IN ({list})") }
        }));
    }
    Ok(all)
}

fn stretch(tx: &Tx<'_>, people: &[PersonId]) -> Result<Option<Asked>> {
    let (Some(first), Some(last)) = (people.first(), people.last()) else { return Ok(None) };
    if people.len() < AT_ONCE {
        return Ok(None);
    }
    let most = i64::try_from(people.len() * SPARSE).unwrap_or(i64::MAX);
    let within = tx.count(
        "SELECT COUNT(*) FROM (SELECT id FROM person WHERE id BETWEEN ?1 AND ?2 LIMIT ?3) AS p",
        params![*first, *last, most + 1],
    )?;
    let values = params![*first, *last].to_vec();
    Ok((within <= most).then(|| Asked { values, condition: "BETWEEN ?1 AND ?2".to_owned(), length: 0 }))
}

/// Values and as many placeholders for them, of a few lengths only, so that few statements are prepared: the last
/// value stands several times.
pub(crate) fn listed<'v>(ids: impl Iterator<Item = Value<'v>>) -> (Vec<Value<'v>>, String) {
    let mut ids: Vec<Value<'v>> = ids.collect();
    let length = [1, 16, 64, AT_ONCE].into_iter().find(|length| ids.len() <= *length).unwrap_or(ids.len());
    if let Some(last) = ids.last().cloned() {
        ids.resize(length, last);
    }
    let list = placeholders(0, ids.len());
    (ids, list)
}

/// As many placeholders as there are values after so many others: `?3, ?4, ?5` for three after two.
pub(crate) fn placeholders(after: usize, n: usize) -> String {
    let mut list = String::with_capacity(n * 5);
    for i in after + 1..=after + n {
        let comma = if i == after + 1 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(list, "{comma}?{i}");
    }
    list
}

/// The question which of some tables has a row under its condition: the places of those that do.
pub(crate) fn standing_sql<'c>(tables: impl Iterator<Item = (&'c str, &'c str)>) -> String {
    let each = tables.enumerate().map(|(place, (table, condition))| {
        format!("SELECT {place} WHERE EXISTS (SELECT 1 FROM {table} WHERE {condition})")
    });
    each.collect::<Vec<_>>().join(" UNION ALL ")
}

/// Its answer, ascending; nothing is asked about no tables.
pub(crate) fn standing(tx: &Tx<'_>, sql: &str, values: &[Value<'_>]) -> Result<Vec<usize>> {
    if sql.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = tx.all(sql, values, |row| Ok(usize::try_from(row.int(0)?).unwrap_or(usize::MAX)))?;
    found.sort_unstable();
    Ok(found)
}
