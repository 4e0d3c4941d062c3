//! Lists of subscribers at processors: which addresses lie there because of us, whose they are, and what became of them there. An
//! address is kept as what the processor calls it, sealed, and by a keyed hash; what lies there outlives whoever it belonged to here,
//! so that it can be taken away there. It reaches nothing outside.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::PersonId;
use jiff::civil::Date;
use policy::Policy;

use crate::asked::{asked, placeholders};
use crate::{Result, Row, Tx, Value, id, line, params, ring_duty};

/// What became of somebody on such a list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// They get what is sent to it.
    There,
    /// We stopped it.
    Stopped,
    /// They left there by themselves: we never put them back.
    Left,
    /// Their address takes nothing.
    Bounced,
    /// The processor does not take the address.
    Refused,
}

impl State {
    const ALL: &[(Self, &'static str)] = &[
        (Self::There, "there"),
        (Self::Stopped, "stopped"),
        (Self::Left, "left"),
        (Self::Bounced, "bounced"),
        (Self::Refused, "refused"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("refused", |(_, name)| name)
    }

    fn named(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == name).map_or(Self::Refused, |(state, _)| *state)
    }
}

/// An address that lies at a processor because of us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Its row.
    pub id: i64,
    /// What the processor calls it, sealed.
    pub member: Vec<u8>,
    /// The keyed hash of that.
    pub found_by: [u8; 32],
    /// Whose it is; nobody once they have gone here, or have another address.
    pub whose: Option<Whose>,
}

/// Whose an address at a processor is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whose {
    /// The row that says so.
    pub row: i64,
    /// Who.
    pub person: PersonId,
    /// What became of them there.
    pub state: State,
    /// The keyed hash of which versions of their details were sent last.
    pub sent: Option<Vec<u8>>,
}

const SELECT: &str =
    "SELECT m.id, m.member, m.found_by, p.id, p.person_id, p.state, p.sent FROM processor_member m
    LEFT JOIN processor_person p ON p.member_id = m.id";

/// Those at the processor `?1` who are not there for the activity `?2`.
const ANOTHER: &str = "(activity IS NULL OR activity <> ?2) AND member_id IN (SELECT id FROM processor_member WHERE processor = ?1)";

fn read(row: &Row<'_>) -> Result<Member> {
    let whose = match (row.opt_int(3)?, row.opt_int(4)?, row.opt_text(5)?) {
        (Some(id), Some(person), Some(state)) => Some(Whose {
            row: id,
            person: PersonId(person),
            state: State::named(&state),
            sent: row.opt_bytes(6)?,
        }),
        _ => None,
    };
    Ok(Member { id: row.int(0)?, member: row.bytes(1)?, found_by: row.hash(2)?, whose })
}

/// Every address at a processor.
///
/// # Errors
/// Whatever the database says.
pub fn all(tx: &Tx<'_>, processor: &str) -> Result<Vec<Member>> {
    tx.all(&format!("{SELECT} WHERE m.processor = ?1 ORDER BY m.id"), params![processor], read)
}

/// The address at a processor that has this keyed hash.
///
/// # Errors
/// Whatever the database says.
pub fn found(tx: &Tx<'_>, processor: &str, found_by: &[u8; 32]) -> Result<Option<Member>> {
    let sql = format!("{SELECT} WHERE m.processor = ?1 AND m.found_by = ?2 ORDER BY p.id DESC");
    tx.maybe(&sql, params![processor, found_by], read)
}

/// The addresses of a person at a processor.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, processor: &str, person: PersonId) -> Result<Vec<Member>> {
    let sql = format!("{SELECT} WHERE m.processor = ?1 AND p.person_id = ?2 ORDER BY m.id");
    tx.all(&sql, params![processor, person], read)
}

/// What became of these people at a processor, whose numbers must ascend, and what was sent of each last; a row for each address.
///
/// # Errors
/// Whatever the database says.
pub fn of_people(tx: &Tx<'_>, processor: &str, people: &[PersonId]) -> Result<Vec<Whose>> {
    let mut all = Vec::new();
    for asked in asked(tx, people)? {
        let next = asked.values.len() + 1;
        let sql = asked.sql(&format!(
            "SELECT p.id, p.person_id, p.state, p.sent FROM processor_person p JOIN processor_member m ON m.id = p.member_id
                WHERE p.person_id {{people}} AND m.processor = ?{next}"
        ));
        let values: Vec<Value<'_>> =
            asked.values.iter().cloned().chain([Value::from(processor.to_owned())]).collect();
        all.extend(tx.all(&sql, &values, |row| {
            Ok(Whose {
                row: row.int(0)?,
                person: PersonId(row.int(1)?),
                state: State::named(&row.text(2)?),
                sent: row.opt_bytes(3)?,
            })
        })?);
    }
    Ok(all)
}

/// The kinds of address, and where they stand among the values of a query after so many others.
fn address_kinds(policy: &Policy, after: usize) -> (Vec<Value<'static>>, String) {
    let kinds = line::email_kinds(policy, None);
    let named = kinds.iter().filter_map(|kind| policy.kind(kind));
    let names: Vec<Value<'static>> = named.map(|kind| Value::from(kind.name.clone())).collect();
    let list = if names.is_empty() { "NULL".to_owned() } else { placeholders(after, names.len()) };
    (names, list)
}

/// Those at a processor that belong to nobody here any more: whoever had it has gone, or no address of theirs is left.
///
/// # Errors
/// Whatever the database says.
pub fn nobodys(tx: &Tx<'_>, policy: &Policy, processor: &str, limit: u32) -> Result<Vec<Member>> {
    let (names, list) = address_kinds(policy, 2);
    let sql = format!(
        "{SELECT} WHERE m.processor = ?1 AND (p.id IS NULL OR NOT EXISTS (SELECT 1 FROM item i
            WHERE i.person_id = p.person_id AND i.kind IN ({list}))) ORDER BY m.id LIMIT ?2"
    );
    let mut values: Vec<Value<'_>> = params![processor, limit].to_vec();
    values.extend(names);
    tx.all(&sql, &values, read)
}

/// Every address of these people, whose numbers must ascend, as it is compared.
///
/// # Errors
/// Whatever the database says.
pub fn addresses(tx: &Tx<'_>, policy: &Policy, people: &[PersonId]) -> Result<Vec<(PersonId, String)>> {
    let wanted: BTreeSet<PersonId> = people.iter().copied().collect();
    let mut found = Vec::new();
    for asked in asked(tx, people)? {
        let (names, list) = address_kinds(policy, asked.values.len());
        let sql = asked.sql(&format!(
            "SELECT person_id, normal FROM item WHERE person_id {{people}} AND kind IN ({list})"
        ));
        let values: Vec<Value<'_>> = asked.values.iter().cloned().chain(names).collect();
        found.extend(tx.all(&sql, &values, |row| Ok((PersonId(row.int(0)?), row.text(1)?)))?);
    }
    found.retain(|(person, _)| wanted.contains(person));
    Ok(found)
}

/// Whether an address lies at a processor because of us.
///
/// # Errors
/// Whatever the database says.
pub fn any(tx: &Tx<'_>, processor: &str) -> Result<bool> {
    tx.any("SELECT 1 FROM processor_member WHERE processor = ?1 LIMIT 1", params![processor])
}

/// The processors at which addresses lie because of us, each with how many.
///
/// # Errors
/// Whatever the database says.
pub fn lists(tx: &Tx<'_>) -> Result<Vec<(String, i64)>> {
    tx.all(
        "SELECT processor, count(*) FROM processor_member GROUP BY processor ORDER BY processor",
        &[],
        |row| Ok((row.text(0)?, row.int(1)?)),
    )
}

/// Writes down that an address goes to a processor, before it goes, whose it is and for which activity.
///
/// # Errors
/// Whatever the database says.
pub fn put(
    tx: &Tx<'_>,
    (processor, activity): (&str, &str),
    (sealed, found_by): (&[u8], &[u8; 32]),
    person: PersonId,
    on: Date,
) -> Result<Member> {
    let member = match found(tx, processor, found_by)? {
        Some(known) => known.id,
        None => {
            let member = id::next();
            tx.exec(
                "INSERT INTO processor_member (id, processor, member, found_by) VALUES (?1, ?2, ?3, ?4)",
                params![member, processor, sealed, found_by],
            )?;
            member
        }
    };
    // Whoever has the address now has it; it is one member there, whoever had it before.
    ring_duty::delete(tx, "processor_person", "member_id = ?1 AND person_id <> ?2", params![member, person])?;
    let known = "SELECT 1 FROM processor_person WHERE member_id = ?1 AND person_id = ?2";
    if !tx.any(known, params![member, person])? {
        tx.exec(
            "INSERT INTO processor_person (id, person_id, member_id, activity, state, changed_on) VALUES (?1, ?2, ?3, ?4, 'there', ?5)",
            params![id::next(), person, member, activity, on],
        )?;
    }
    tx.one(&format!("{SELECT} WHERE m.id = ?1"), params![member], read)
}

/// Whether somebody's address lies at a processor for another activity than this one, or nothing says for which.
///
/// # Errors
/// Whatever the database says.
pub fn for_another(tx: &Tx<'_>, processor: &str, activity: &str) -> Result<bool> {
    tx.any(&format!("SELECT 1 FROM processor_person WHERE {ANOTHER} LIMIT 1"), params![processor, activity])
}

/// Everybody at a processor is there for this activity from now on.
///
/// # Errors
/// Whatever the database says.
pub fn are_for(tx: &Tx<'_>, processor: &str, activity: &str) -> Result<()> {
    let sql = format!("UPDATE processor_person SET activity = ?2 WHERE {ANOTHER}");
    tx.exec(&sql, params![processor, activity])?;
    Ok(())
}

/// Writes down what became of somebody there, and with `sent` what was sent of them.
///
/// # Errors
/// Whatever the database says.
pub fn became(tx: &Tx<'_>, row: i64, state: State, sent: Option<&[u8; 32]>, on: Date) -> Result<()> {
    tx.exec(
        "UPDATE processor_person SET state = ?2, sent = ?3, changed_on = ?4 WHERE id = ?1",
        params![row, state.name(), sent, on],
    )?;
    Ok(())
}

/// An address there is no longer somebody's: it is to be taken away.
///
/// # Errors
/// Whatever the database says.
pub fn unlink(tx: &Tx<'_>, row: i64) -> Result<()> {
    ring_duty::delete(tx, "processor_person", "id = ?1", params![row])?;
    Ok(())
}

/// No address at a processor is anybody's any longer: all are to be taken away. How many they are.
///
/// # Errors
/// Whatever the database says.
pub fn unlink_all(tx: &Tx<'_>, processor: &str) -> Result<i64> {
    let theirs = "member_id IN (SELECT id FROM processor_member WHERE processor = ?1)";
    ring_duty::delete(tx, "processor_person", theirs, params![processor])?;
    tx.count("SELECT COUNT(*) FROM processor_member WHERE processor = ?1", params![processor])
}

/// An address lies there no longer.
///
/// # Errors
/// Whatever the database says.
pub fn gone(tx: &Tx<'_>, member: i64) -> Result<()> {
    ring_duty::delete(tx, "processor_person", "member_id = ?1", params![member])?;
    ring_duty::delete(tx, "processor_member", "id = ?1", params![member])?;
    Ok(())
}

/// How many there are at a processor in each state, and how many of nobody here any more.
///
/// # Errors
/// Whatever the database says.
pub fn counts(tx: &Tx<'_>, processor: &str) -> Result<BTreeMap<Option<State>, i64>> {
    let found = tx.all(
        "SELECT p.state, count(*) FROM processor_member m LEFT JOIN processor_person p ON p.member_id = m.id
            WHERE m.processor = ?1 GROUP BY p.state",
        params![processor],
        |row| Ok((row.opt_text(0)?.as_deref().map(State::named), row.int(1)?)),
    )?;
    Ok(found.into_iter().collect())
}
