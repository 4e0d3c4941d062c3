//! Texts of others that speak of somebody: found, so that whoever is erased can be taken out of them where that is said.

use custody::id::{MailingId, PersonId};
use jiff::civil::Date;

use super::elsewhere::{LISTED, has, scan, words};
use super::own::{Own, own};
use crate::{Result, Tx, params, ring_duty};

/// A text of somebody else that speaks of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// In which table: `entry`, `item` or `message`.
    pub table: &'static str,
    /// Its row.
    pub id: i64,
    /// Whose it is; of a line, the first it is about.
    pub whose: Option<PersonId>,
    /// Its day.
    pub on: Option<Date>,
}

/// Texts of others that speak of somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts {
    /// The texts, the newest of each table first.
    pub found: Vec<Text>,
    /// Drafts to many that name them, with their titles.
    pub drafts: Vec<(MailingId, String)>,
    /// Whether everything was looked at, and everything found is listed.
    pub whole: bool,
}

/// The texts of others that speak of somebody, as long as `going` says so.
///
/// # Errors
/// Whatever the database says.
pub fn texts(tx: &Tx<'_>, person: PersonId, going: &dyn Fn() -> bool) -> Result<Texts> {
    let own = own(tx, person)?;
    let words = words(tx, person)?;
    let mut found = Texts { whole: true, ..Texts::default() };
    if words.is_empty() {
        return Ok(found);
    }
    let looked = scan(tx, person, going, &mut |table, row| {
        if !has(&row.text, &words) || own.places(&row.text).is_empty() {
            return;
        }
        if found.found.len() < LISTED {
            let whose = Some(row.whose).filter(|whose| *whose != 0).map(PersonId);
            found.found.push(Text { table, id: row.id, whose, on: row.on });
        } else {
            found.whole = false;
        }
    })?;
    found.whole &= looked.ran_out_in.is_none();
    for text in found.found.iter_mut().filter(|text| text.table == "entry") {
        let first = "SELECT person_id FROM entry_person WHERE entry_id = ?1 ORDER BY role, person_id LIMIT 1";
        text.whose = tx.maybe(first, params![text.id], |row| Ok(PersonId(row.int(0)?)))?;
    }
    let drafts = tx.all(
        "SELECT id, title, subject, body FROM mailing WHERE state = 'draft' ORDER BY id DESC",
        &[],
        |row| {
            Ok((MailingId(row.int(0)?), row.text(1)?, [row.text(1)?, row.text(2)?, row.text(3)?].join("\n")))
        },
    )?;
    let named = drafts.into_iter().filter(|(_, _, text)| !own.places(text).is_empty());
    found.drafts = named.map(|(id, title, _)| (id, title)).collect();
    Ok(found)
}

/// Takes a person's name, addresses and numbers out of a text of somebody else. Whether it had any.
///
/// # Errors
/// Whatever the database says.
pub fn mask(tx: &Tx<'_>, own: &Own, (table, id): (&str, i64), instead: &str) -> Result<bool> {
    let (table, columns, before): (_, &[&str], _) = match table {
        "entry" => ("entry", &["body"], Some(("entry_history", "entry_id = ?1"))),
        "item" => ("item", &["value"], Some(("item_history", "item_id = ?1"))),
        "message" => ("message", &["subject", "body", "html"], None),
        _ => return Ok(false),
    };
    let mut any = false;
    for column in columns {
        let sql = format!("SELECT {column} FROM {table} WHERE id = ?1");
        let text = tx.maybe(&sql, params![id], |row| row.opt_text(0))?.flatten();
        let Some(masked) = text.and_then(|text| own.masked(&text, instead)) else { continue };
        if !any {
            ring_duty::lost(tx, table, "id = ?1", params![id])?;
            // What it said before says it all again.
            if let Some((history, of)) = before {
                ring_duty::delete(tx, history, of, params![id])?;
            }
        }
        any = true;
        tx.exec(&format!("UPDATE {table} SET {column} = ?2 WHERE id = ?1"), params![id, masked])?;
    }
    if any && before.is_some() {
        tx.exec(&format!("UPDATE {table} SET version = version + 1 WHERE id = ?1"), params![id])?;
    }
    Ok(any)
}
