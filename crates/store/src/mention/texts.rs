//! Texts of others that speak of somebody: found, so that whoever is erased can be taken out of them where that is said.

use custody::id::{MailingId, OrganisationId, PersonId};
use jiff::civil::Date;

use super::elsewhere::{LISTED, has, words};
use super::own::{Own, own};
use super::prose::{self, scan, whose};
use crate::{Result, Tx, params, ring_duty};

/// A text of somebody else that speaks of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// In which table.
    pub table: &'static str,
    /// Its row.
    pub id: i64,
    /// Whom it is about; the first of several.
    pub whose: Option<PersonId>,
    /// Its day.
    pub on: Option<Date>,
}

/// Texts of others that speak of somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts {
    /// The texts, the newest of each table first.
    pub found: Vec<Text>,
    /// Mailings to many that name them, drafted or sent, with their titles.
    pub drafts: Vec<(MailingId, String)>,
    /// Organisations that are called after them.
    pub organisations: Vec<(OrganisationId, String)>,
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
            found.found.push(Text { table, id: row.id, whose: None, on: row.on });
        } else {
            found.whole = false;
        }
    })?;
    found.whole &= looked.ran_out_in.is_none();
    for text in &mut found.found {
        text.whose = whose(tx, text.table, text.id)?;
    }
    let drafts =
        tx.all("SELECT id, title, subject, body FROM mailing ORDER BY id DESC LIMIT 2000", &[], |row| {
            Ok((MailingId(row.int(0)?), row.text(1)?, [row.text(1)?, row.text(2)?, row.text(3)?].join("\n")))
        })?;
    let named = drafts.into_iter().filter(|(_, _, text)| !own.places(text).is_empty());
    found.drafts = named.map(|(id, title, _)| (id, title)).collect();
    for name in words.iter().filter(|word| word.contains(' ')) {
        let called = "SELECT id, name FROM organisation WHERE normal LIKE ?1 ORDER BY id LIMIT 20";
        let called = tx.all(called, params![format!("%{name}%")], |row| {
            Ok((OrganisationId(row.int(0)?), row.text(1)?))
        })?;
        found.organisations.extend(called);
    }
    Ok(found)
}

/// Takes a person's name, addresses and numbers out of a text of somebody else. Whether it had any.
///
/// # Errors
/// Whatever the database says.
pub fn mask(tx: &Tx<'_>, own: &Own, (table, id): (&str, i64), instead: &str) -> Result<bool> {
    let Some(prose) = prose::of(table) else { return Ok(false) };
    let table = prose.table.name;
    let mut any = false;
    for column in &prose.columns {
        let sql = format!("SELECT {column} FROM {table} WHERE id = ?1");
        let text = tx.maybe(&sql, params![id], |row| row.opt_text(0))?.flatten();
        let Some(masked) = text.and_then(|text| own.masked(&text, instead)) else { continue };
        if !any {
            ring_duty::lost(tx, table, "id = ?1", params![id])?;
            // What it said before says it all again.
            if let Some((history, of)) = prose.before() {
                ring_duty::delete(tx, history, of, params![id])?;
            }
        }
        any = true;
        tx.exec(&format!("UPDATE {table} SET {column} = ?2 WHERE id = ?1"), params![id, masked])?;
        if (table, *column) == ("item", "value") {
            // What it is compared by says the same.
            tx.exec("UPDATE item SET normal = '' WHERE id = ?1", params![id])?;
        }
    }
    if any && prose.table.columns.iter().any(|column| column.name == "version") {
        tx.exec(&format!("UPDATE {table} SET version = version + 1 WHERE id = ?1"), params![id])?;
    }
    Ok(any)
}
