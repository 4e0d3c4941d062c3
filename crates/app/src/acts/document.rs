//! Documents: files and papers of kinds the policy declares, stored on a piece of work and opened again.
//! A file is written encrypted before its row; nothing of it ever stands on the disk in clear.

use custody::act::Asked;
use custody::coverage::{Datum, Role};
use custody::id::{DocumentId, EngagementId, PersonId};
use custody::{Act, Gate, Grant, Life, Verb};
use jiff::civil::Date;
use policy::role::Deed;
use policy::{Kind, KindId, Policy, Sort};
use serde_json::json;
use store::Tx;
use store::document::{self, Document, NewDocument, Where};
use store::files::{self, StoredFile};
use store::task::{self, Kind as Task};
use zeroize::Zeroizing;

use super::engagement::{OnHand, on_hand};
use super::entry::in_sight;
use super::{Acting, engagement};
use crate::fault::Fault;
use crate::print::letter::Letter;

/// The largest document, in bytes.
pub const FILE_BYTES_MAX: usize = 20 * 1024 * 1024;

/// Media types that are taken, each with the bytes it begins with.
const MEDIA: &[(&[u8], &str)] = &[
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
];

/// How archives begin, and what stands among the bytes of those that are documents.
const ARCHIVE: &[u8] = b"PK\x03\x04";
const PACKED: &[(&[u8], &str)] = &[
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (
        b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    (b"word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

/// What was uploaded: its bytes, and where they lie once they are written.
pub struct Upload {
    content: Zeroizing<Vec<u8>>,
    media: &'static str,
    written: Option<StoredFile>,
}

impl Upload {
    /// Takes what was uploaded, if it is a document.
    ///
    /// # Errors
    /// [`Fault::Invalid`] on this field if it is empty, too large, or nothing that is taken.
    pub fn take(field: &str, content: Vec<u8>) -> Result<Self, Fault> {
        let content = Zeroizing::new(content);
        if content.is_empty() {
            return Err(Fault::field(field, "This file is empty."));
        }
        if content.len() > FILE_BYTES_MAX {
            return Err(Fault::field(field, "This file is too large: 20 MB at most."));
        }
        let media = media(&content).ok_or_else(|| {
            Fault::field(field, "Choose a PDF, a photograph or scan (JPEG, PNG, TIFF), a file of a word processor or a spreadsheet (.docx, .odt, .xlsx, .ods), a message (.eml), or plain text. Save an older file (.doc, .xls, .msg) as one of these first.")
        })?;
        Ok(Self { content, media, written: None })
    }

    /// What sort of file it is.
    #[must_use]
    pub fn media(&self) -> &'static str {
        self.media
    }

    /// Writes the file encrypted, once, however often the act around it is tried.
    fn written(&mut self, acting: &Acting<'_>) -> Result<StoredFile, Fault> {
        if let Some(written) = &self.written {
            return Ok(written.clone());
        }
        let written = files::write(&acting.instance.store, self.content.as_slice())?;
        self.written = Some(written.clone());
        Ok(written)
    }
}

/// The media type of a document's bytes; its name and what the browser said do not count.
fn media(content: &[u8]) -> Option<&'static str> {
    if content.starts_with(ARCHIVE) {
        let has = |words: &[u8]| content.windows(words.len()).any(|window| window == words);
        return PACKED.iter().find(|(words, _)| has(words)).map(|(_, media)| *media);
    }
    if let Some((_, media)) = MEDIA.iter().find(|(start, _)| content.starts_with(start)) {
        return Some(media);
    }
    if ::read::is_mail(content) && !content.contains(&0) {
        return Some("message/rfc822");
    }
    let is_text = std::str::from_utf8(content).is_ok_and(|text| !text.contains('\0'));
    is_text.then_some("text/plain; charset=utf-8")
}

/// Where a new document is.
pub enum Place {
    /// In what was uploaded.
    File(Upload),
    /// On paper, in this place.
    Paper(String),
    /// No paper, and not here: on a laptop, in another program, in this place.
    Elsewhere(String),
}

/// A document about to be put on file.
pub struct NewPiece {
    /// Its kind, as the policy names it.
    pub kind: String,
    /// The day it is of.
    pub on: Date,
    /// Where it is.
    pub place: Place,
}

/// Puts a document on file on a piece of work.
///
/// # Errors
/// [`Fault::Refused`] if no active ground covers such a document there; [`Fault::Invalid`] without a place.
pub fn add(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    new: &mut NewPiece,
) -> Result<DocumentId, Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    let life = hand.life()?;
    let kind = kind(&acting.policy, &new.kind, life)?;
    may_store(acting, life, kind.id, engagement)?;
    let document = write(acting, tx, &hand, kind, new)?;
    let life = acting.settle(tx, hand.client)?;
    let lies = super::entry::written(document.0, "document", kind.id, hand.client, Some(engagement));
    acting.must_be_kept(&life, &lies)?;
    settled_by(acting, tx, engagement, kind)?;
    acting.log(
        tx,
        "document.added",
        &[hand.client],
        &json!({ "engagement": engagement.0, "kind": kind.name, "document": document.0 }),
    )?;
    Ok(document)
}

/// Puts a document on file about a person that belongs to no work: an invoice, a contract of employment.
///
/// # Errors
/// [`Fault::Refused`] if no active ground covers such a document; [`Fault::Invalid`] without a place.
pub fn add_to(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    new: &mut NewPiece,
) -> Result<DocumentId, Fault> {
    let life = acting.life(tx, person)?;
    let kind = kind(&acting.policy, &new.kind, &life)?;
    let kinds = Asked::Exactly([kind.id].into_iter().collect());
    acting.decide(
        &super::person::act(Verb::Store, Some(Deed::AddPeople), kinds),
        &[&life],
        &Gate::default(),
    )?;
    let document = write_from(acting, tx, (person, None), kind, new, "the person")?;
    acting.settle(tx, person)?;
    let body = json!({ "kind": kind.name, "document": document.0 });
    acting.log(tx, "document.added", &[person], &body)?;
    Ok(document)
}

/// The document kind of a name, or the refusal that says the policy declares none.
fn kind<'p>(policy: &'p Policy, name: &str, life: &Life) -> Result<&'p Kind, Fault> {
    match policy.kind_named(name) {
        Some(kind) if kind.sort == Sort::Document => Ok(kind),
        _ => Err(super::person::undeclared(policy, "document", name, Some(life)).into()),
    }
}

/// Asks whether a document of a kind may be stored about a person on a piece of work.
///
/// # Errors
/// [`Fault::Refused`] naming the clause.
pub fn may_store(acting: &Acting<'_>, life: &Life, kind: KindId, on: EngagementId) -> Result<(), Fault> {
    let kinds = Asked::Exactly([kind].into_iter().collect());
    let act = Act { engagement: Some(on), ..super::person::act(Verb::Store, Some(Deed::RunWork), kinds) };
    acting.decide(&act, &[life], &Gate::default())?;
    Ok(())
}

/// Writes a document's file and row, and a paper's place. The caller decides and settles.
pub(super) fn write(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    kind: &Kind,
    new: &mut NewPiece,
) -> Result<DocumentId, Fault> {
    write_from(acting, tx, (hand.client, Some(hand.engagement.id)), kind, new, "the person")
}

/// Where a document that the program wrote comes from.
pub const OURS: &str = "us";

/// Puts a text that the program wrote on file, as a document of a kind. The caller decides and settles.
pub(super) fn write_ours(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    kind: &Kind,
    text: &str,
) -> Result<DocumentId, Fault> {
    let place = Place::File(Upload::take("text", text.as_bytes().to_vec())?);
    let mut piece = NewPiece { kind: kind.name.clone(), on: acting.today, place };
    write_from(acting, tx, (hand.client, Some(hand.engagement.id)), kind, &mut piece, OURS)
}

fn write_from(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, on): (PersonId, Option<EngagementId>),
    kind: &Kind,
    new: &mut NewPiece,
    source: &str,
) -> Result<DocumentId, Fault> {
    if new.on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let stored;
    let place = match &mut new.place {
        Place::File(upload) => {
            stored = upload.written(acting)?;
            Where::File(&stored, upload.media)
        }
        Place::Paper(place) if place.trim().is_empty() => {
            return Err(Fault::field("place", "Choose the file, or say where the paper is kept."));
        }
        Place::Elsewhere(place) if place.trim().is_empty() => {
            return Err(Fault::field("place", "Say where it lies."));
        }
        Place::Paper(place) => Where::Paper(place.trim()),
        Place::Elsewhere(place) => Where::Elsewhere(place.trim()),
    };
    let row = NewDocument {
        kind: kind.id,
        title: &kind.name,
        place,
        on: new.on,
        source,
        people: &[(person, Role::Subject)],
        engagements: &on.map(|on| (on, None)).into_iter().collect::<Vec<_>>(),
        by: acting.staff_id(),
    };
    Ok(document::add(tx, &acting.policy, &row, acting.now)?)
}

/// A document that a task waited for settles it.
fn settled_by(acting: &Acting<'_>, tx: &Tx<'_>, engagement: EngagementId, kind: &Kind) -> Result<(), Fault> {
    let waits = format!("Send the {}", kind.name);
    for open in task::of_engagement(tx, engagement)? {
        if open.kind == Task::Other && open.what.starts_with(&waits) {
            task::done(tx, open.id, acting.today, acting.staff_id(), Some("on file"))?;
        }
    }
    Ok(())
}

/// The documents of a piece of work that may be shown: the grant covers the kind, and a ground that holds today
/// covers the document itself.
///
/// # Errors
/// Whatever the store says.
pub fn shown(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    grant: &Grant,
) -> Result<Vec<Document>, Fault> {
    let life = hand.life()?;
    let found = document::of_engagement(tx, &acting.policy, hand.engagement.id)?;
    let of = |life: &Life, document: &Document| {
        document.title.person() == life.person && in_sight(acting, grant, life, &datum(document))
    };
    let stands = |document: &Document| {
        of(life, document) || hand.alone.as_ref().is_some_and(|alone| of(alone, document))
    };
    Ok(found.into_iter().filter(stands).collect())
}

/// A document as grounds see it.
#[must_use]
pub fn datum(document: &Document) -> Datum {
    Datum {
        table: "document",
        id: document.id.0,
        kind: document.kind,
        people: document.people.clone(),
        engagements: document.engagements.iter().map(|engagement| (*engagement, None)).collect(),
        paper: document.file.is_none(),
    }
}

/// A document's bytes on their way to whoever asked.
pub struct Opened {
    /// Its bytes.
    pub content: Zeroizing<Vec<u8>>,
    /// Its media type.
    pub media: String,
    /// A name for it that says nothing about anybody: `consent-form-2026-11-02.pdf`.
    pub name: String,
    /// What to print, where it is a letter of ours: then it is taken as a PDF.
    pub letter: Option<Letter>,
}

/// Opens a document of a piece of work.
///
/// # Errors
/// [`Fault::NotFound`] if it is not there, not in reach, on paper, or may no longer be used.
pub fn open(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    which: DocumentId,
) -> Result<Opened, Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    let whose: Vec<&Life> = std::iter::once(hand.life()?).chain(&hand.alone).collect();
    let grant = engagement::reading(acting, &whose)?;
    let found = shown(acting, tx, &hand, &grant)?;
    let document =
        found.into_iter().find(|document| document.id == which && document.usable).ok_or(Fault::NotFound)?;
    read(acting, document, &grant)
}

/// Reads the file of a document by what opens it, and notes that it was opened.
///
/// # Errors
/// [`Fault::NotFound`] if it is on paper.
pub(super) fn read(acting: &Acting<'_>, document: Document, grant: &Grant) -> Result<Opened, Fault> {
    let (name, key) = document.file.ok_or(Fault::NotFound)?;
    let content = files::read(&acting.instance.store, &name, &key)?;
    acting.opens("document.read", grant);
    let media = document.media.unwrap_or_else(|| "application/octet-stream".to_owned());
    let kind = acting.policy.kind(document.kind).map_or("document", |kind| kind.name.as_str());
    let letter = (document.source == OURS).then(|| Letter::of(acting, kind, document.on, &content));
    let ending = if letter.is_some() { "pdf" } else { crate::print::copy::ending(&media) };
    let name = format!("{}-{}.{ending}", kind.replace(' ', "-"), document.on);
    Ok(Opened { content, media, name, letter })
}
