//! Where else somebody is spoken of: whatever is written about others that has their name, address or number, and people
//! who may be them twice. It goes from the newest back and says how far it came.

use std::collections::BTreeSet;

use custody::id::{DocumentId, EngagementId, PersonId};
use jiff::civil::Date;
use policy::Policy;

use super::prose::{scan, whose};
use super::{What, having, known, pattern};
use crate::{Result, Tx, normal, params};

/// The most that are listed.
pub(super) const LISTED: usize = 200;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Elsewhere {
    /// What was looked for, as it is compared.
    pub words: Vec<String>,
    /// Lines of others' timelines, newest first.
    pub lines: Vec<i64>,
    /// Of whom something else has it: a message, a detail, a reason, a title.
    pub people: Vec<PersonId>,
    /// People with the same name, address or number.
    pub alike: Vec<PersonId>,
    /// How many rows were looked at.
    pub looked: u64,
    /// The day of the oldest line that was looked at, where it did not come to the end.
    pub back_to: Option<Date>,
    /// Whether everything was looked at.
    pub whole: bool,
    /// In which table it was looking when time ran out: what comes after it was not looked in.
    pub ran_out_in: Option<&'static str>,
}

/// Looks for somebody in what is held about others, as long as `going` says so.
///
/// # Errors
/// Whatever the database says.
pub fn elsewhere(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    going: &dyn Fn() -> bool,
) -> Result<Elsewhere> {
    let words = words(tx, person)?;
    let mut found = Elsewhere { words: words.clone(), whole: true, ..Elsewhere::default() };
    let mut alike = having(tx, policy, &words)?;
    alike.remove(&person);
    found.alike = alike.into_iter().collect();
    if words.is_empty() {
        return Ok(found);
    }
    let mut hits = Vec::new();
    let looked = scan(tx, person, going, &mut |table, row| {
        if !has(&row.text, &words) {
            return;
        }
        if table != "entry" {
            hits.push((table, row.id));
        } else if found.lines.len() < LISTED {
            found.lines.push(row.id);
        }
    })?;
    for (table, id) in hits {
        let of = whose(tx, table, id)?.filter(|of| *of != person && !found.people.contains(of));
        if found.people.len() < LISTED {
            found.people.extend(of);
        }
    }
    Ok(Elsewhere {
        looked: looked.rows,
        back_to: looked.back_to.filter(|_| looked.ran_out_in.is_some()),
        whole: looked.ran_out_in.is_none(),
        ran_out_in: looked.ran_out_in,
        ..found
    })
}

/// What somebody is looked for by, as it is compared: whole names, addresses, numbers.
///
/// # Errors
/// Whatever the database says.
pub fn words(tx: &Tx<'_>, person: PersonId) -> Result<Vec<String>> {
    let own = known(tx, &BTreeSet::from([person]))?.remove(&person).unwrap_or_default();
    let names = own.names.iter().filter(|name| name.split_whitespace().count() > 1);
    Ok(names.chain(&own.reached).cloned().collect())
}

/// A file that is not somebody's.
#[derive(Clone, Debug)]
pub struct OfOthers {
    /// Which document it is of.
    pub document: DocumentId,
    /// What sort of file it says it is.
    pub media: String,
    /// Its name and wrapped key, for [`crate::files::read`].
    pub file: (String, Vec<u8>),
    /// Its size in bytes.
    pub size: i64,
    /// The day it is of.
    pub on: Date,
    /// Somebody it is about, or the work it belongs to.
    pub whose: Option<PersonId>,
    /// A piece of work it is on.
    pub work: Option<EngagementId>,
}

const FILES: &str = "FROM document d WHERE d.id < ?2 AND d.file IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM document_person p WHERE p.document_id = d.id AND p.person_id = ?1)";

/// Files that are not somebody's, from before a document back.
///
/// # Errors
/// Whatever the database says.
pub fn files(tx: &Tx<'_>, person: PersonId, before: i64, limit: u32) -> Result<Vec<OfOthers>> {
    let sql = format!(
        "SELECT d.id, d.media, d.file, d.file_key, d.size, d.on_date,
                (SELECT MIN(p.person_id) FROM document_person p WHERE p.document_id = d.id),
                (SELECT MIN(w.engagement_id) FROM document_work w WHERE w.document_id = d.id)
            {FILES} ORDER BY d.id DESC LIMIT {limit}"
    );
    tx.all(&sql, params![person, before], |row| {
        Ok(OfOthers {
            document: DocumentId(row.int(0)?),
            media: row.opt_text(1)?.unwrap_or_default(),
            file: (row.text(2)?, row.bytes(3)?),
            size: row.opt_int(4)?.unwrap_or(0),
            on: row.date(5)?,
            whose: row.opt_int(6)?.map(PersonId),
            work: row.opt_int(7)?.map(EngagementId),
        })
    })
}

/// How many files that are not somebody's there are from before a document back.
///
/// # Errors
/// Whatever the database says.
pub fn files_left(tx: &Tx<'_>, person: PersonId, before: i64) -> Result<i64> {
    tx.count(&format!("SELECT COUNT(*) {FILES}"), params![person, before])
}

/// Whether a text has one of these, however numbers are written.
#[must_use]
pub fn has(text: &str, words: &[String]) -> bool {
    let plain = normal::name(text);
    words.iter().any(|word| plain.contains(word.as_str()))
        || (words.iter().any(|word| word.starts_with('+'))
            && pattern::formed(text).iter().any(|one| one.what == What::Phone && words.contains(&one.normal)))
}
