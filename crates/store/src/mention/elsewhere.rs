//! Where else somebody is spoken of: whatever is written about others that has their name, address or number, and people
//! who may be them twice. It goes from the newest back and says how far it came.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use custody::id::{DocumentId, EngagementId, PersonId};
use jiff::civil::Date;
use policy::Policy;

use super::own::{Own, Surely, own};
use super::prose::{scan, whose};
use super::words::{Word, parts, plain, words as words_of};
use super::{circle, ever, having};
use crate::{Result, Tx, params};

/// The most that are listed.
pub(super) const LISTED: usize = 200;
/// The most rows of which it is then looked whom they are about.
pub(super) const HITS_MAX: usize = 20_000;
/// The most words of one's own that are looked for, and the fewest letters of one.
const ALSO_MAX: usize = 40;
const ALSO_LETTERS: usize = 3;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Elsewhere {
    /// What was looked for everywhere, as it is compared.
    pub words: Vec<String>,
    /// What was looked for where they may be meant: initials, parts and short forms of the name.
    pub near: Vec<String>,
    /// Words that whoever looked added.
    pub also: Vec<String>,
    /// Lines of others' timelines, newest first.
    pub lines: Vec<i64>,
    /// Of whom something else has it: a message, a detail, a reason, a title.
    pub people: Vec<PersonId>,
    /// Lines about those who have to do with them that perhaps mean them: by initials, or a part of the name.
    pub lines_perhaps: Vec<i64>,
    /// The same of messages and details.
    pub people_perhaps: Vec<PersonId>,
    /// In which tables those of whom something has it are named.
    pub within: BTreeMap<PersonId, BTreeSet<&'static str>>,
    /// People with the same name however it is written, address or number.
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

/// What somebody is looked for by.
#[derive(Clone, Debug)]
pub struct Sought {
    own: Own,
    words: Vec<String>,
    also: Vec<(String, Vec<String>)>,
    circle: BTreeSet<PersonId>,
}

impl Sought {
    /// What somebody is known by, and words that whoever looks adds, one a line.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn of(tx: &Tx<'_>, person: PersonId, also: &str) -> Result<Self> {
        let also = also.lines().map(str::trim).filter(|line| plain(line).chars().count() >= ALSO_LETTERS);
        let also = also.take(ALSO_MAX).map(|line| (line.to_owned(), parts(line))).collect();
        Ok(Self { own: own(tx, person)?, words: words(tx, person)?, also, circle: circle(tx, person)? })
    }

    /// What is looked for everywhere.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Words that were added.
    #[must_use]
    pub fn also(&self) -> Vec<String> {
        self.also.iter().map(|(line, _)| line.clone()).collect()
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.words.is_empty() && self.also.is_empty()
    }

    /// How a text speaks of them.
    #[must_use]
    pub fn spoken_of(&self, text: &str) -> Option<Surely> {
        if !self.also.is_empty() {
            let there = plain(text);
            let may = |word: &[String]| there.contains(&word.concat());
            if self.also.iter().any(|(_, word)| may(word)) {
                let there = parts(text);
                if self.also.iter().any(|(_, word)| there.windows(word.len().max(1)).any(|some| some == word))
                {
                    return Some(Surely(true));
                }
            }
        }
        self.own.spoken_of(text)
    }

    /// Where a text speaks of them first: surely, if it does anywhere.
    #[must_use]
    pub fn place(&self, text: &str) -> Option<Range<usize>> {
        let there = words_of(text);
        let mut also = self.also.iter().filter(|(_, word)| !word.is_empty());
        let also = also.find_map(|(_, word)| {
            let same = |some: &&[Word<'_>]| some.iter().map(|one| &one.plain).eq(word.iter());
            let found = there.windows(word.len()).find(same)?;
            Some(found.first()?.start..found.last()?.end)
        });
        self.own.first(text).or(also)
    }

    /// Whether a row of others is about somebody who has to do with them, so that a part of a name may mean them.
    fn is_near(&self, tx: &Tx<'_>, sql: &str, id: i64) -> Result<bool> {
        let mut near = false;
        tx.each(sql, params![id], |row| {
            near |= self.circle.contains(&PersonId(row.int(0)?));
            Ok::<(), crate::Error>(())
        })?;
        Ok(near)
    }
}

/// Looks for somebody in what is held about others, as long as `going` says so; also for words that whoever looks adds.
///
/// # Errors
/// Whatever the database says.
pub fn elsewhere(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    also: &str,
    going: &dyn Fn() -> bool,
) -> Result<Elsewhere> {
    let sought = Sought::of(tx, person, also)?;
    let words = sought.words.clone();
    let mut alike = having(tx, policy, &words.iter().cloned().chain(sought.own.forms()).collect::<Vec<_>>())?;
    alike.remove(&person);
    let near = if words.is_empty() { Vec::new() } else { sought.own.also() };
    let mut found = Elsewhere {
        words,
        near,
        also: sought.also(),
        alike: alike.into_iter().collect(),
        whole: true,
        ..Elsewhere::default()
    };
    if sought.is_nothing() {
        return Ok(found);
    }
    let mut hits = Vec::new();
    let looked = scan(tx, person, going, &mut |table, row| {
        if hits.len() < HITS_MAX {
            hits.extend(sought.spoken_of(&row.text).map(|Surely(sure)| (table, row.id, sure)));
        }
    })?;
    let cut = hits.len() >= HITS_MAX;
    let about = "SELECT person_id FROM entry_person WHERE entry_id = ?1";
    for (table, id, sure) in hits {
        let (lines, people) = if sure {
            (&mut found.lines, &mut found.people)
        } else {
            (&mut found.lines_perhaps, &mut found.people_perhaps)
        };
        if table == "entry" {
            if lines.len() < LISTED && (sure || sought.is_near(tx, about, id)?) {
                lines.push(id);
            }
        } else if people.len() < LISTED {
            let of = whose(tx, table, id)?.filter(|of| *of != person);
            if let Some(of) = of.filter(|of| sure || sought.circle.contains(of)) {
                found.within.entry(of).or_default().insert(table);
                if !people.contains(&of) {
                    people.push(of);
                }
            }
        }
    }
    Ok(Elsewhere {
        looked: looked.rows,
        back_to: looked.back_to.filter(|_| looked.ran_out_in.is_some()),
        whole: looked.ran_out_in.is_none() && !cut,
        ran_out_in: looked.ran_out_in,
        ..found
    })
}

/// What somebody is looked for by, as it is compared: whole names, addresses, numbers.
///
/// # Errors
/// Whatever the database says.
pub fn words(tx: &Tx<'_>, person: PersonId) -> Result<Vec<String>> {
    let own = ever(tx, person)?;
    let names = own.names.iter().filter(|name| name.split_whitespace().count() > 1);
    Ok(names.chain(&own.reached).cloned().collect())
}

/// A file that is not somebody's.
#[derive(Clone, Debug)]
pub struct OfOthers {
    /// Which document it is of.
    pub document: DocumentId,
    /// Its kind, by name.
    pub kind: String,
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

/// Whether a file is about somebody who has to do with whoever is looked for, or lies on work of theirs.
///
/// # Errors
/// Whatever the database says.
pub fn is_near(tx: &Tx<'_>, sought: &Sought, person: PersonId, document: DocumentId) -> Result<bool> {
    let about = "SELECT person_id FROM document_person WHERE document_id = ?1";
    let works = "SELECT 1 FROM document_work w JOIN engagement_person p ON p.engagement_id = w.engagement_id
        WHERE w.document_id = ?1 AND p.person_id = ?2";
    Ok(sought.is_near(tx, about, document.0)? || tx.any(works, params![document.0, person])?)
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
                (SELECT MIN(w.engagement_id) FROM document_work w WHERE w.document_id = d.id), d.kind
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
            kind: row.text(8)?,
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
