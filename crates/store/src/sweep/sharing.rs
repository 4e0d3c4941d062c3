//! Who is tried together: whoever is in the same row as somebody else leaves it in their turn, and what becomes of it hangs on
//! who left before. A night that is kept sees that by itself; one that is only tried sees it within one transaction alone.

use std::collections::BTreeMap;

use custody::id::PersonId;

use super::AT_ONCE;
use crate::asked::asked;
use crate::schema::{self, Owner};
use crate::{Error, Result, Tx};

/// People, whose numbers ascend, in parts that share no row with each other, each in the order of their numbers.
pub(super) fn apart(tx: &Tx<'_>, people: &[PersonId]) -> Result<Vec<Vec<PersonId>>> {
    let mut first: Vec<usize> = (0..people.len()).collect();
    for table in schema::personal() {
        let Owner::Links { table: links, column } = table.owner else { continue };
        let sql = format!("SELECT DISTINCT {column}, person_id FROM {links} WHERE person_id {{people}}");
        let mut in_it: BTreeMap<i64, usize> = BTreeMap::new();
        for asked in asked(tx, people)? {
            tx.each(&asked.sql(&sql), &asked.values, |row| {
                let (id, person) = (row.int(0)?, PersonId(row.int(1)?));
                if let Ok(at) = people.binary_search(&person) {
                    let other = *in_it.entry(id).or_insert(at);
                    join(&mut first, at, other);
                }
                Ok::<(), Error>(())
            })?;
        }
    }
    let mut groups: BTreeMap<usize, Vec<PersonId>> = BTreeMap::new();
    for (at, person) in people.iter().enumerate() {
        groups.entry(root(&first, at)).or_default().push(*person);
    }
    let mut parts: Vec<Vec<PersonId>> = Vec::new();
    for group in groups.into_values() {
        match parts.last_mut() {
            Some(part) if part.len() + group.len() <= AT_ONCE as usize => part.extend(group),
            _ => parts.push(group),
        }
    }
    parts.iter_mut().for_each(|part| part.sort_unstable());
    Ok(parts)
}

/// The first of those that are joined with somebody.
fn root(first: &[usize], mut at: usize) -> usize {
    while let Some(before) = first.get(at).copied().filter(|before| *before != at) {
        at = before;
    }
    at
}

fn join(first: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(first, one), root(first, other));
    if let Some(place) = first.get_mut(one.max(other)) {
        *place = one.min(other);
    }
}
