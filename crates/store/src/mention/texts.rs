//! Texts of others that speak of somebody: found, so that whoever is erased can be taken out of them where that is said.

use std::collections::BTreeSet;
use std::ops::Range;

use custody::id::{MailingId, OrganisationId, PersonId};
use jiff::civil::Date;

use super::circle;
use super::elsewhere::{HITS_MAX, LISTED};
use super::own::{self, Own, Surely, own};
use super::prose::{self, scan, whom};
use crate::{Error, Result, Row, Tx, params, ring_duty};

/// The most drafts to many that are looked through.
const DRAFTS_MAX: usize = 2_000;

/// What the name of an organisation is listed under: what is noted of it is a text of its own.
pub const NAME: &str = "organisation_name";

/// What an organisation is reached by: the same may be somebody's number or address, and its own all the same.
const ITS_LINE: &[&str] = &["phone", "email"];

/// How many organisations one question to the database is about.
const CALLED_AT_ONCE: usize = 2_000;

/// A text of somebody else that speaks of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// In which table.
    pub table: &'static str,
    /// Its row.
    pub id: i64,
    /// Everybody it is about.
    pub about: Vec<PersonId>,
    /// Its day.
    pub on: Option<Date>,
    /// Whether it is sure that it speaks of them: by their whole name, an address or a number. Else it is about somebody who
    /// has to do with them, and has a part of their name.
    pub sure: bool,
}

impl Text {
    /// Whom it is about; the first of several.
    #[must_use]
    pub fn whose(&self) -> Option<PersonId> {
        self.about.first().copied()
    }
}

/// An organisation that is called after somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Called {
    /// Which.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Whether it is sure: by their whole name. Else they belong or belonged to it, and it has a part of their name.
    pub sure: bool,
}

/// Texts of others that speak of somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts {
    /// The texts, those that are sure before those that are not, the newest of each table first.
    pub found: Vec<Text>,
    /// Drafts to many that name them, with their titles.
    pub drafts: Vec<(MailingId, String)>,
    /// Mailings that have left and name them.
    pub left: Vec<MailingId>,
    /// Organisations that are called after them, those that are sure before those that are not.
    pub organisations: Vec<Called>,
    /// Whether everything was looked at, and everything found is listed.
    pub whole: bool,
}

impl Texts {
    /// Whatever surely names them and can be masked, by table and row: texts, drafts to many, names of organisations.
    #[must_use]
    pub fn sure(&self) -> Vec<(&'static str, i64)> {
        let texts = self.found.iter().filter(|text| text.sure).map(|text| (text.table, text.id));
        let drafts = self.drafts.iter().map(|(draft, _)| ("mailing", draft.0));
        let called = self.organisations.iter().filter(|called| called.sure);
        let called = called.map(|called| (NAME, called.id.0));
        texts.chain(drafts).chain(called).collect()
    }
}

/// The texts of others that speak of somebody, as long as `going` says so.
///
/// # Errors
/// Whatever the database says.
pub fn texts(tx: &Tx<'_>, person: PersonId, going: &dyn Fn() -> bool) -> Result<Texts> {
    let own = own(tx, person)?;
    let mut found = Texts { whole: true, ..Texts::default() };
    if own.is_nothing() {
        return Ok(found);
    }
    called(tx, person, &own, going, &mut found)?;
    let mut hits = Vec::new();
    let looked = scan(tx, person, going, &mut |table, row| {
        let Some(Surely(sure)) = own.spoken_of(&row.text) else { return };
        match hits.len() < HITS_MAX {
            true => hits.push(Text { table, id: row.id, about: Vec::new(), on: row.on, sure }),
            false => found.whole = false,
        }
    })?;
    found.whole &= looked.ran_out_in.is_none();
    list(tx, (person, &own), hits, going, &mut found)?;
    let drafts = format!("{MAILINGS} WHERE state = 'draft' ORDER BY id DESC LIMIT {DRAFTS_MAX}");
    let mut seen = 0;
    tx.each(&drafts, &[], |row| {
        seen += 1;
        if named(&own, row)? {
            found.drafts.push((MailingId(row.int(0)?), row.text(1)?));
        }
        Ok::<_, Error>(())
    })?;
    found.whole &= seen < DRAFTS_MAX;
    found.left = left(tx, &own)?;
    Ok(found)
}

/// Lists the organisations that are called after somebody: all are looked at, since names are written in many ways. Those they belong
/// or belonged to also by a part of their name.
fn called(
    tx: &Tx<'_>,
    person: PersonId,
    own: &Own,
    going: &dyn Fn() -> bool,
    found: &mut Texts,
) -> Result<()> {
    let theirs = "SELECT DISTINCT organisation_id FROM belonging WHERE person_id = ?1";
    let theirs = tx.all(theirs, params![person], |row| row.int(0))?;
    let theirs: BTreeSet<i64> = theirs.into_iter().collect();
    let some = format!("SELECT id, name FROM organisation WHERE id > ?1 ORDER BY id LIMIT {CALLED_AT_ONCE}");
    let mut last = Some(0);
    while let Some(after) = last.take() {
        if !going() {
            found.whole = false;
            break;
        }
        tx.each(&some, params![after], |row| {
            let (id, name) = (row.int(0)?, row.str(1)?);
            last = Some(id);
            let sure = !own.places(name).is_empty();
            if sure || (theirs.contains(&id) && !own.places_in_name(name).is_empty()) {
                match found.organisations.len() < LISTED {
                    true => found.organisations.push(Called {
                        id: OrganisationId(id),
                        name: name.to_owned(),
                        sure,
                    }),
                    false => found.whole = false,
                }
            }
            Ok::<_, Error>(())
        })?;
    }
    found.organisations.sort_by_key(|called| !called.sure);
    Ok(())
}

/// Mailings, as [`named`] reads them.
const MAILINGS: &str = "SELECT id, title, subject, body, whom FROM mailing";

/// Whether a mailing surely names somebody, in its title, its subject, its text, or the place that somebody typed to narrow to whom
/// it goes.
fn named(own: &Own, row: &Row<'_>) -> Result<bool> {
    let whom = row.opt_text(4)?.unwrap_or_default();
    let texts = [row.str(1)?, row.str(2)?, row.str(3)?, whom.as_str()];
    Ok(texts.into_iter().any(|text| !own.places(text).is_empty()))
}

/// Mailings that surely name somebody and have left: nobody can change them any more.
///
/// # Errors
/// Whatever the database says.
pub fn left(tx: &Tx<'_>, own: &Own) -> Result<Vec<MailingId>> {
    let mut found = Vec::new();
    tx.each(&format!("{MAILINGS} WHERE state <> 'draft' ORDER BY id DESC"), &[], |row| {
        if named(own, row)? {
            found.push(MailingId(row.int(0)?));
        }
        Ok::<_, Error>(())
    })?;
    Ok(found)
}

/// Lists what was found: whatever is sure, and of the rest what is about somebody who has to do with them.
fn list(
    tx: &Tx<'_>,
    (person, own): (PersonId, &Own),
    hits: Vec<Text>,
    going: &dyn Fn() -> bool,
    found: &mut Texts,
) -> Result<()> {
    let circle = circle(tx, person)?;
    let (sure, perhaps): (Vec<Text>, Vec<Text>) = hits.into_iter().partition(|text| text.sure);
    for some in [sure, perhaps] {
        let from = found.found.len();
        for mut text in some {
            if found.found.len() - from == LISTED || !going() {
                found.whole = false;
                break;
            }
            text.about = whom(tx, text.table, text.id)?;
            if text.sure || text.about.iter().any(|who| circle.contains(who)) {
                text.sure &= text.table != "organisation" || !is_its_line(tx, own, text.id)?;
                found.found.push(text);
            }
        }
    }
    found.found.sort_by_key(|text| !text.sure);
    Ok(())
}

/// Whether nothing of an organisation speaks of a person but what it is reached by: somebody has to say whose that is.
fn is_its_line(tx: &Tx<'_>, own: &Own, organisation: i64) -> Result<bool> {
    let there = places(tx, own, ("organisation", organisation))?;
    Ok(there.iter().all(|(column, ..)| ITS_LINE.contains(column)))
}

/// A column, what it says, and the places in it.
pub(super) type Placed = (&'static str, String, Vec<Range<usize>>);

/// What a row says in its columns.
fn said(tx: &Tx<'_>, prose: &prose::Prose, id: i64) -> Result<Vec<(&'static str, String)>> {
    let sql = format!("SELECT {} FROM {} WHERE id = ?1", prose.columns.join(", "), prose.table.name);
    let mut said = Vec::new();
    tx.each(&sql, params![id], |row| {
        for (at, column) in prose.columns.iter().enumerate() {
            said.extend(row.opt_text(at)?.map(|text| (*column, text)));
        }
        Ok::<_, Error>(())
    })?;
    Ok(said)
}

/// Where a person stands in a text of somebody else, by its columns: where it is sure; if it is sure nowhere in it, where they
/// may be meant, since somebody has read it and says that they are.
pub(super) fn places(tx: &Tx<'_>, own: &Own, (table, id): (&str, i64)) -> Result<Vec<Placed>> {
    let Some(prose) = prose::of(table) else { return Ok(Vec::new()) };
    let texts = said(tx, &prose, id)?;
    let there = |places: &dyn Fn(&str) -> Vec<Range<usize>>| {
        let all = texts.iter().map(|(column, text)| (*column, text.clone(), places(text)));
        all.filter(|(.., places)| !places.is_empty()).collect::<Vec<_>>()
    };
    let sure = there(&|text| own.places(text));
    Ok(if sure.is_empty() { there(&|text| own.places_perhaps(text)) } else { sure })
}

/// Whether a text, a mailing or the name of an organisation is there and surely speaks of a person; a text perhaps, too, if
/// it surely does nowhere.
///
/// # Errors
/// Whatever the database says.
pub fn speaks(tx: &Tx<'_>, own: &Own, (table, id): (&str, i64)) -> Result<bool> {
    let said = match table {
        "mailing" => tx.maybe(&format!("{MAILINGS} WHERE id = ?1"), params![id], |row| named(own, row))?,
        NAME => {
            let sql = "SELECT name FROM organisation WHERE id = ?1";
            tx.maybe(sql, params![id], |row| Ok(!own.places(row.str(0)?).is_empty()))?
        }
        _ => Some(!places(tx, own, (table, id))?.is_empty()),
    };
    Ok(said.unwrap_or(false))
}

/// Takes a person's name, addresses and numbers out of a text of somebody else. Whether it had any. A picture that shows them by its
/// own words goes whole: without the words it would still show them, and nobody could take it out of a mailing that has left.
///
/// # Errors
/// Whatever the database says.
pub fn mask(tx: &Tx<'_>, own: &Own, which: (&str, i64), instead: &str) -> Result<bool> {
    let there = places(tx, own, which)?;
    if let (false, ("picture", id)) = (there.is_empty(), which) {
        return Ok(ring_duty::delete(tx, "picture", "id = ?1", params![id])? > 0);
    }
    let masked = there
        .iter()
        .filter_map(|(column, text, places)| Some((*column, own::masked(text, places, instead)?)));
    rewrite(tx, which, &masked.collect::<Vec<_>>())
}

/// Takes out of what a row says whatever stands at the places that `places` finds in the text of a column.
pub(crate) fn mask_at(
    tx: &Tx<'_>,
    (table, id): (&str, i64),
    places: impl Fn(&str, &str) -> Vec<Range<usize>>,
    instead: &str,
) -> Result<()> {
    let Some(prose) = prose::of(table) else { return Ok(()) };
    let said = said(tx, &prose, id)?;
    let masked = said
        .iter()
        .filter_map(|(column, text)| Some((*column, own::masked(text, &places(column, text), instead)?)));
    rewrite(tx, (table, id), &masked.collect::<Vec<_>>()).map(drop)
}

/// Writes other words into columns of a text, so that what stood there is in no version and comes back from no backup. Whether
/// there was anything to write.
pub(crate) fn rewrite(tx: &Tx<'_>, (table, id): (&str, i64), columns: &[(&str, String)]) -> Result<bool> {
    let Some(prose) = prose::of(table).filter(|_| !columns.is_empty()) else { return Ok(false) };
    let table = prose.table.name;
    ring_duty::lost(tx, table, "id = ?1", params![id])?;
    // What it said before says it all again.
    if let Some((history, of)) = prose.before() {
        ring_duty::delete(tx, history, of, params![id])?;
    }
    for (column, text) in columns {
        // A number or an address with other words in it is none.
        let text = (table != "organisation" || !ITS_LINE.contains(column)).then_some(text);
        tx.exec(&format!("UPDATE {table} SET {column} = ?2 WHERE id = ?1"), params![id, text])?;
        if (table, *column) == ("organisation", "phone") {
            tx.exec("UPDATE organisation SET phone_normal = NULL WHERE id = ?1", params![id])?;
        }
        if (table, *column) == ("item", "value") {
            // What it is compared by says the same.
            tx.exec("UPDATE item SET normal = '' WHERE id = ?1", params![id])?;
        }
    }
    if prose.table.columns.iter().any(|column| column.name == "version") {
        tx.exec(&format!("UPDATE {table} SET version = version + 1 WHERE id = ?1"), params![id])?;
    }
    Ok(true)
}
