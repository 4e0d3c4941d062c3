//! Deciding: with a reason the law knows, by somebody, and read again by a second person.

use custody::id::RequestId;
use serde_json::json;
use store::Tx;
use store::redaction::{self, About, Answer, New, Place};

use crate::acts::Acting;
use crate::acts::request::on_desk;
use crate::fault::Fault;

/// A reason: its word, how it reads, what it rests on, and whether it needs a sentence of one's own.
#[derive(Clone, Copy, Debug)]
pub struct Why {
    /// The word it is kept under.
    pub word: &'static str,
    /// How it reads.
    pub says: &'static str,
    /// The rule of law.
    pub law: &'static str,
    /// Whether it says little without a sentence more.
    pub note: bool,
}

const fn why(word: &'static str, says: &'static str, law: &'static str, note: bool) -> Why {
    Why { word, says, law, note }
}

/// Reasons for what stays.
pub const KEEP: &[Why] = &[
    why("agreed", "They agreed that it is shown", "DPA 2018 Sch 2 para 16(2)(a)", false),
    why(
        "reasonable",
        "It is reasonable without their consent, because ...",
        "DPA 2018 Sch 2 para 16(2)(b)",
        true,
    ),
    why("known", "Whoever asks knows it already, or told us themselves", "DPA 2018 Sch 2 para 16(3)", false),
    why("worker", "A health, social-work or education worker in that role", "DPA 2018 Sch 2 para 17", false),
    why("nobody", "It identifies nobody", "", false),
];

/// Reasons for what is taken out: others, and the exemptions, each for what it covers and no more.
pub const REMOVE: &[Why] = &[
    why("others", "It is about another person who did not agree", "DPA 2018 Sch 2 para 16", false),
    why("crime", "Telling would hinder the prevention of crime, or tax", "DPA 2018 Sch 2 para 2", true),
    why("immigration", "Telling would hinder immigration control", "DPA 2018 Sch 2 para 4", true),
    why("proceedings", "It is needed for legal proceedings or advice", "DPA 2018 Sch 2 para 5", true),
    why("protection", "Telling would hinder protecting the public", "DPA 2018 Sch 2 para 7", true),
    why("privilege", "It is covered by legal privilege", "DPA 2018 Sch 2 para 19", true),
    why("incrimination", "It would show that we committed an offence", "DPA 2018 Sch 2 para 20", true),
    why("forecasts", "It is management planning that telling would harm", "DPA 2018 Sch 2 para 22", true),
    why("negotiations", "It says what we intend in negotiations with them", "DPA 2018 Sch 2 para 23", true),
    why("reference", "It is a reference given in confidence", "DPA 2018 Sch 2 para 24", true),
    why("exams", "It is an exam script, or marks before their day", "DPA 2018 Sch 2 para 25", true),
    why("harm", "Telling would seriously harm somebody's health", "DPA 2018 Sch 3", true),
];

/// Whether a reason is an exemption with a scope, and not only somebody else's place.
#[must_use]
pub fn is_exemption(word: &str) -> bool {
    word != "others" && REMOVE.iter().any(|why| why.word == word)
}

/// The longest sentence beside a reason, in bytes.
const NOTE_MAX: usize = 1_000;

/// A decision as it is given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// `remove` or `keep`.
    pub answer: String,
    /// Under which mark, in hexadecimal digits.
    pub mark: String,
    /// Only at this place: the text's mark, from, to.
    pub place: Option<(String, i64, i64)>,
    /// The reason, a word of [`KEEP`] or [`REMOVE`].
    pub why: String,
    /// More about it.
    pub note: String,
    /// The decision that was seen, 0 for none.
    pub seen: i64,
}

/// A mark as forms send it, in hexadecimal digits.
///
/// # Errors
/// [`Fault::NotFound`] if it is none.
pub fn marked(hex: &str) -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return Err(Fault::NotFound);
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        let two = hex.get(place * 2..place * 2 + 2).ok_or(Fault::NotFound)?;
        *byte = u8::from_str_radix(two, 16).map_err(|_| Fault::NotFound)?;
    }
    Ok(bytes)
}

/// The most places that are kept with one decision.
const PLACES_MAX: usize = 20_000;

/// Decides, and keeps the places it is about as they are found now ([`super::Review::places_of`]): whoever is erased before the
/// pack is made is taken out of them all the same.
///
/// # Errors
/// [`Fault::Invalid`] without an answer, a reason or the sentence it needs; [`Fault::Changed`] if somebody decided about
/// it in the meantime; [`Fault::NotFound`] if whoever asked is gone. A closed request is decided too: its copy is still taken.
pub fn decide(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    given: &Given,
    places: &[Place],
) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let person = asked.person.ok_or(Fault::NotFound)?;
    let answer = Answer::named(&given.answer)
        .ok_or_else(|| Fault::field("reading", "Choose whether it stays or is taken out."))?;
    let reasons = if answer == Answer::Keep { KEEP } else { REMOVE };
    let why = reasons.iter().find(|why| why.word == given.why);
    let why = why.ok_or_else(|| Fault::field("reading", "Choose the reason."))?;
    let note = given.note.trim();
    if (why.note && note.is_empty()) || note.len() > NOTE_MAX {
        return Err(Fault::field(
            "reading",
            "Write why, in a sentence: what it covers, and what telling would do.",
        ));
    }
    let place = match &given.place {
        Some((text, start, end)) => Some(Place { text: marked(text)?, start: *start, end: *end }),
        None => None,
    };
    let new = New {
        about: About { mark: marked(&given.mark)?, place },
        answer,
        why: why.word,
        note: Some(note).filter(|note| !note.is_empty()),
    };
    let decision = redaction::decide(tx, request, &new, given.seen, acting.today, acting.staff_id())?;
    let decision = decision.ok_or(Fault::Changed)?;
    if place.is_none() {
        redaction::keep(tx, request, decision, places.get(..PLACES_MAX).unwrap_or(places))?;
    }
    let body = json!({ "request": request.0, "answer": answer.word(), "why": why.word, "everywhere": place.is_none() });
    acting.log(tx, "request.redaction_decided", &[person], &body)
}

/// Takes a decision back.
///
/// # Errors
/// [`Fault::NotFound`] if whoever asked is gone. A closed request is decided too: its copy is still taken.
pub fn take_back(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, decision: i64) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let person = asked.person.ok_or(Fault::NotFound)?;
    redaction::take_back(tx, request, decision)?;
    acting.log(tx, "request.redaction_taken_back", &[person], &json!({ "request": request.0 }))
}

/// A second person has read what was decided by others.
///
/// # Errors
/// [`Fault::Invalid`] if there is nothing that somebody else decided. What was decided after `newest` they have not seen.
pub fn check(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, newest: i64) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let person = asked.person.ok_or(Fault::NotFound)?;
    let by = acting.staff_id().ok_or(Fault::NotFound)?;
    if redaction::checked(tx, request, (by, newest), acting.today)? == 0 {
        return Err(Fault::field(
            "reading",
            "Nothing here was decided by somebody else and not yet read again.",
        ));
    }
    store::request::step(tx, request, acting.today, "redactions checked", None, Some(by), acting.now)?;
    acting.log(tx, "request.redactions_checked", &[person], &json!({ "request": request.0 }))
}
