//! Reading before a copy of somebody's data leaves: texts about them that also speak of somebody else are shown, and
//! of each somebody decides whether it goes into the copy. Neither answer is right by itself (DPA 2018 Sch 2 para 16).

use custody::id::{EntryId, PersonId, RequestId};
use custody::{Grant, Sealed};
use jiff::civil::Date;
use policy::KindId;
use serde_json::json;
use store::pack_choice::{self, Choice};
use store::request::SubjectRequest;
use store::{Tx, entry, mention};

use super::Acting;
use super::request::{answering, on_desk};
use crate::fault::Fault;
use crate::print::copy;

/// All of a person's texts.
const ALL: u32 = u32::MAX / 4;

/// A text that also speaks of somebody else.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Which.
    pub entry: EntryId,
    /// Its version.
    pub version: i64,
    /// The day it is of.
    pub on: Date,
    /// Its kind.
    pub kind: KindId,
    /// What it says.
    pub body: Sealed,
    /// Whom of, in words: counts, never a name.
    pub of: String,
    /// What was decided about it as it stands.
    pub choice: Option<Choice>,
}

/// The texts about whoever asks that also speak of others, the oldest first, with the grant that opens them.
///
/// # Errors
/// [`Fault::Refused`] unless the role may read all of it to answer.
pub fn texts(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    person: PersonId,
) -> Result<(Vec<Reading>, Grant), Fault> {
    let life = acting.life(tx, person)?;
    let grant = answering(acting, &[&life])?;
    let choices = pack_choice::of_request(tx, request)?;
    let mut found = Vec::new();
    let mut lines = entry::of_person(tx, &acting.policy, person, (None, None), ALL)?;
    lines.reverse();
    for line in lines.into_iter().filter(|line| grant.covers(person, line.kind)) {
        let linked = line.people.iter().filter(|(who, _)| *who != person).count();
        let mentions = mention::of_others(tx, person, &copy::text(&line.body, &grant)?)?;
        if linked == 0 && !mentions.any() {
            continue;
        }
        let choice =
            choices.iter().find(|choice| choice.entry == line.id && choice.version == line.version).cloned();
        found.push(Reading {
            entry: line.id,
            version: line.version,
            on: line.on,
            kind: line.kind,
            body: line.body,
            of: of(linked, mentions),
            choice,
        });
    }
    if !found.is_empty() {
        acting.opens("request.read", &grant);
    }
    Ok((found, grant))
}

fn of(linked: usize, mentions: mention::Mentions) -> String {
    let mut said = Vec::new();
    let mut say = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => said.push(one.to_owned()),
        count => said.push(format!("{count} {many}")),
    };
    say(linked, "it is also about somebody else", "other people it is also about");
    say(mentions.names, "the name of somebody we hold", "names of people we hold");
    say(mentions.emails, "an e-mail address that is not theirs", "e-mail addresses that are not theirs");
    say(mentions.phones, "a telephone number that is not theirs", "telephone numbers that are not theirs");
    said.join(", ")
}

/// Decides whether a text goes into the copy, with the reason.
///
/// # Errors
/// [`Fault::Invalid`] without an answer or a reason; [`Fault::NotFound`] if it is none of those to be read;
/// [`Fault::Changed`] if it says something else by now.
pub fn decide(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    (entry, version): (EntryId, i64),
    (answer, reason): (&str, &str),
) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let person = asked.person.filter(|_| asked.closed_on.is_none()).ok_or(Fault::NotFound)?;
    let included = match answer {
        "include" => true,
        "withhold" => false,
        _ => return Err(Fault::field("reading", "Choose whether it goes into the pack.")),
    };
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > 1_000 {
        return Err(Fault::field("reading", "Write why, in a sentence: whoever asked is told."));
    }
    let (texts, _) = texts(acting, tx, request, person)?;
    let text = texts.into_iter().find(|text| text.entry == entry).ok_or(Fault::NotFound)?;
    if text.version != version {
        return Err(Fault::Changed);
    }
    let choice = Choice { entry, version, included, reason: reason.to_owned() };
    pack_choice::choose(tx, request, &choice, acting.today, acting.staff_id())?;
    let body = json!({ "request": request.0, "entry": entry.0, "included": included });
    acting.log(tx, "request.text_decided", &[person], &body)
}

/// What was decided for a copy, once of every text something was.
///
/// # Errors
/// [`Fault::Invalid`] naming how many texts nobody has decided about.
pub fn decided(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Vec<Choice>, Fault> {
    let person = asked.person.ok_or(Fault::NotFound)?;
    let (texts, _) = texts(acting, tx, asked.id, person)?;
    let open = texts.iter().filter(|text| text.choice.is_none()).count();
    if open > 0 {
        let words = format!(
            "{open} {} also {} of somebody else. Read {} below, and decide of each whether it goes into the pack.",
            if open == 1 { "text" } else { "texts" },
            if open == 1 { "speaks" } else { "speak" },
            if open == 1 { "it" } else { "them" }
        );
        return Err(Fault::field("reading", words));
    }
    Ok(texts.into_iter().filter_map(|text| text.choice).collect())
}
