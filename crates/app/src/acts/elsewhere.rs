//! Where else we looked for whoever asks: what is linked to them is in the copy already; this looks for their names,
//! addresses and numbers, and words that whoever looks adds, in what is held about others, and for themselves a second
//! time, and puts on record what was looked for, and how far.

use std::time::{Duration, Instant};

use custody::id::{DocumentId, RequestId};
use jiff::civil::Date;
use serde_json::json;
use store::Tx;
use store::mention::elsewhere::{Elsewhere, OfOthers, Sought, elsewhere, files, files_left, is_near};
use store::mention::own::Surely;
use store::mention::prose::called;
use store::request::SubjectRequest;

use super::Acting;
use super::request::on_desk;
use crate::attachment::Reader;
use crate::fault::Fault;
use crate::instance::Instance;

/// How long it looks before it says how far it came.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most that is taken of words of one's own, in bytes.
const ALSO_MAX: usize = 2_000;

/// Looks, also for words of one's own, one a line, and changes nothing.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests; [`Fault::NotFound`] if nobody known asks; [`Fault::Invalid`] on
/// `also` for too many words.
pub fn look(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, also: &str) -> Result<Elsewhere, Fault> {
    if also.len() > ALSO_MAX {
        return Err(Fault::field(
            "also",
            "These are too many words for one search: look for them in several.",
        ));
    }
    let asked = on_desk(acting, tx, request)?;
    let person = asked.person.ok_or(Fault::NotFound)?;
    let life = acting.life(tx, person)?;
    let grant = super::request::answering(acting, &[&life])?;
    acting.opens("request.searched", &grant);
    let began = Instant::now();
    Ok(elsewhere(tx, &acting.policy, person, also, &|| began.elapsed() < PATIENCE)?)
}

/// What was looked for and found, in sentences for the record.
#[must_use]
pub fn words(found: &Elsewhere) -> String {
    let back = found.back_to.map_or_else(
        || "none of them, since time ran out".to_owned(),
        |on| format!("from the newest back to {}, where time ran out", crate::web::frame::words(on)),
    );
    let far = match found.ran_out_in {
        None => "everything written about others, from lines and details to reasons and titles (all of it)"
            .to_owned(),
        Some(table) => format!(
            "what is written about others, as far as {}, {back}; what comes after it was not looked in",
            called(table)
        ),
    };
    let mut said = format!(
        "{} rows about others: {far}; for {}.",
        found.looked,
        sought_words(&found.words, &found.near, &found.also)
    );
    let lines = |some: &[i64]| policy::count::said(some.len(), "lines");
    said.push_str(&format!(
        " Found in {} and in what is held about {} others; perhaps meant in {} and in what is held about {}; {} may be the same \
         person. The insides of files of others are looked in apart.",
        lines(&found.lines),
        found.people.len(),
        lines(&found.lines_perhaps),
        found.people_perhaps.len(),
        policy::count::said(found.alike.len(), "people")
    ));
    said
}

/// What somebody is looked for by, to show where a text speaks of them.
///
/// # Errors
/// Whatever the store says.
pub fn sought(tx: &Tx<'_>, asked: &SubjectRequest, also: &str) -> Result<Sought, Fault> {
    Ok(Sought::of(tx, asked.person.ok_or(Fault::NotFound)?, also)?)
}

/// The step that says that what is held about others was searched.
pub const SEARCHED: &str = "searched by words";

/// The step that says that it was searched, and not to the end: time ran out, or too much was found.
pub const PART: &str = "searched by words in part";

/// The step that says that files of others were looked inside.
pub const INSIDE: &str = "searched inside files";

/// How the search stands before a copy is made: nothing where it is on record and nothing came since.
///
/// # Errors
/// Whatever the store says.
pub fn unsearched(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Option<String>, Fault> {
    let searched = store::request::searched(tx, asked.id, SEARCHED)?;
    let part = store::request::searched(tx, asked.id, PART)?;
    if let Some((on, _)) = part.filter(|_| searched.is_none()) {
        return Ok(Some(format!(
            "It was searched on {} what is held about others, and not to the end: the record of it says how far. Search it again.",
            crate::web::frame::day(on, acting.today).words
        )));
    }
    let Some((on, new)) = searched else {
        let words = "Nobody has searched yet what is held about others for their name, addresses and numbers. What speaks of them there is \
                     theirs to see, too.";
        return Ok(Some(words.to_owned()));
    };
    Ok((new > 0).then(|| {
        format!(
            "It was searched on {} what is held about others. Since then {} came in that nobody has looked through.",
            crate::web::frame::day(on, acting.today).words,
            policy::count::said(usize::try_from(new).unwrap_or(usize::MAX), "lines, details, files and messages")
        )
    }))
}

/// What was looked for, in words.
fn sought_words(words: &[String], near: &[String], also: &[String]) -> String {
    let mut said = match words {
        [] => "no name, address or number, since none is known".to_owned(),
        words => format!("{}, however they are written", words.join(", ")),
    };
    if !near.is_empty() {
        said.push_str(&format!(
            "; where it is about those who have to do with them, also for {}",
            near.join(", ")
        ));
    }
    if !also.is_empty() {
        said.push_str(&format!("; and for words of our own: {}", also.join(", ")));
    }
    said
}

/// Files of others that are looked inside in one go, and their bytes altogether.
const FILES_AT_ONCE: u32 = 40;
const BYTES_AT_ONCE: i64 = 48 * 1024 * 1024;

/// What is looked inside next.
#[derive(Clone, Debug)]
pub struct Batch {
    sought: Sought,
    /// Each with whether it is about somebody who has to do with them.
    files: Vec<(OfOthers, bool)>,
}

/// What looking inside files found.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    /// What was looked for.
    pub words: Vec<String>,
    /// How many files were looked inside.
    pub looked: usize,
    /// Words of whoever looks.
    pub also: Vec<String>,
    /// Those that have it.
    pub found: Vec<OfOthers>,
    /// Those that perhaps mean them: by initials, or a part of the name.
    pub perhaps: Vec<OfOthers>,
    /// Those that could not be read, or not whole.
    pub unread: Vec<OfOthers>,
    /// The last that was looked inside: what is left lies before it.
    pub last: Option<(DocumentId, Date)>,
}

impl Inside {
    /// The same, and what was looked inside after it.
    #[must_use]
    pub fn and(mut self, next: Self) -> Self {
        self.looked += next.looked;
        self.found.extend(next.found);
        self.perhaps.extend(next.perhaps);
        self.unread.extend(next.unread);
        Self { words: next.words, also: next.also, last: next.last.or(self.last), ..self }
    }
}

/// The next files of others to look inside, from the newest back; nothing once all were.
///
/// # Errors
/// As [`look`].
pub fn next(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    (before, also): (i64, &str),
) -> Result<Option<Batch>, Fault> {
    let asked = on_desk(acting, tx, request)?;
    let person = asked.person.ok_or(Fault::NotFound)?;
    super::request::answering(acting, &[&acting.life(tx, person)?])?;
    let mut bytes = 0;
    let mut files = files(tx, person, before, FILES_AT_ONCE)?;
    // A first one that is larger than all of it is looked inside by itself.
    let fits = files.iter().take_while(|file| {
        bytes += file.size;
        bytes <= BYTES_AT_ONCE
    });
    let fits = fits.count().max(1);
    files.truncate(fits);
    let sought = Sought::of(tx, person, also)?;
    if files.is_empty() || sought.is_nothing() {
        return Ok(None);
    }
    let near = |file: OfOthers| {
        let near = is_near(tx, &sought, person, file.document)?;
        Ok((file, near))
    };
    let files = files.into_iter().map(near).collect::<store::Result<_>>()?;
    Ok(Some(Batch { sought, files }))
}

/// Looks inside them, apart from the database.
///
/// # Errors
/// If a file cannot be read from the disk.
pub fn inside(instance: &Instance, reader: &Reader, batch: Batch) -> Result<Inside, Fault> {
    let mut contents = Vec::with_capacity(batch.files.len());
    for (file, _) in &batch.files {
        let (name, key) = &file.file;
        let bytes = store::files::read(&instance.store, name, key)?.to_vec();
        // The reader goes by what a file is called; what it is called here may speak of somebody.
        contents.push((format!("file.{}", crate::print::copy::ending(&file.media)), bytes));
    }
    let readings = reader.texts(&contents);
    let mut seen = Inside {
        words: batch.sought.words().to_vec(),
        also: batch.sought.also(),
        looked: batch.files.len(),
        last: batch.files.last().map(|(file, _)| (file.document, file.on)),
        ..Inside::default()
    };
    for ((file, near), reading) in batch.files.into_iter().zip(readings) {
        let said: Vec<Surely> =
            reading.parts.iter().filter_map(|part| batch.sought.spoken_of(&part.text)).collect();
        if said.contains(&Surely(true)) {
            seen.found.push(file);
        } else if near && !said.is_empty() {
            seen.perhaps.push(file);
        } else if !reading.unread.is_empty() {
            seen.unread.push(file);
        }
    }
    Ok(seen)
}

/// Puts on record which files of others were looked inside; how many are left.
///
/// # Errors
/// [`Fault::NotFound`] if the request is closed.
pub fn record_inside(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    seen: &Inside,
) -> Result<i64, Fault> {
    let person = on_desk(acting, tx, request)?.person.ok_or(Fault::NotFound)?;
    let Some((last, on)) = seen.last else { return Ok(0) };
    let left = files_left(tx, person, last.0)?;
    let note = format!(
        "{} of others, of the newest back to {}; {left} left; for {}. Found in {}; perhaps meant in {}; {} not read, or not whole.",
        policy::count::said(seen.looked, "files"),
        crate::web::frame::words(on),
        sought_words(&seen.words, &[], &seen.also),
        seen.found.len(),
        seen.perhaps.len(),
        seen.unread.len()
    );
    super::request::noted(acting, tx, request, INSIDE, &note)?;
    let body = json!({ "request": request.0, "files": seen.looked, "found": seen.found.len(), "left": left });
    acting.log(tx, "request.searched", &[person], &body)?;
    Ok(left)
}

/// Puts on record what [`look`] found: looking takes its time, and keeps nobody from writing.
///
/// # Errors
/// [`Fault::NotFound`] if the request is closed.
pub fn record(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, found: &Elsewhere) -> Result<(), Fault> {
    let step = if found.whole { SEARCHED } else { PART };
    super::request::noted(acting, tx, request, step, &words(found))?;
    let asked = on_desk(acting, tx, request)?;
    let people: Vec<_> = asked.person.into_iter().collect();
    let body = json!({ "request": request.0, "looked": found.looked, "lines": found.lines.len(), "whole": found.whole });
    acting.log(tx, "request.searched", &people, &body)
}
