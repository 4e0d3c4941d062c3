//! What came back of the mail we sent, as a report in the mailbox or the mail server itself says. It is noted with its message.
//! Where nobody has the address, or three in a row came back on different days, somebody is asked to find out, and nothing that
//! promotes us leaves to it until they say that it is right, or it is changed. A report proves nothing and ends nothing by itself. A
//! mailing of which too much came back pauses until somebody says why it may go on.

use custody::id::{MailingId, PersonId, TaskId};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::came_back::{self, Back, Sent};
use store::mailing::{self, Mailing};
use store::message::Message;
use store::task::{self, Kind, NewTask};

use super::request::Done;
use super::{Acting, mailbox, organisation};
use crate::config::PAUSE_AT_PERCENT;
use crate::fault::Fault;
use crate::mail::post;

/// On how many days in a row what was refused for now counts as refused for good.
const DAYS_IN_A_ROW: usize = 3;
/// How long after a message left a report that does not say of which it speaks may still be about it.
const RECENT_DAYS: i64 = 14;
/// Of fewer that left no share is taken.
const LEFT_MIN: i64 = 50;

/// Why a mailing may go on of which too much came back: the word that is kept, and what whoever decides reads.
pub const REASONS: &[(&str, &str)] = &[
    ("addresses", "The addresses of those it has still to go to are known to be right"),
    ("mended", "What was wrong with our mail or its server is mended"),
    ("others", "We know why they came back, and it does not concern the others"),
];

/// For how many days whoever is asked may take to find out.
const ASKED_DAYS: i64 = 14;

/// What a report in the mailbox says.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    /// Nobody has the address there.
    pub hard: bool,
    /// To whom the message went.
    pub whom: &'r [String],
    /// Its Message-ID.
    pub of: Option<&'r str>,
    /// The day the report arrived.
    pub on: Date,
}

/// Takes a report: by the number of the message it speaks of, or else as one about the latest message to the address it names.
///
/// # Errors
/// Whatever the store says.
pub fn reported(acting: &Acting<'_>, tx: &Tx<'_>, report: &Report<'_>) -> Result<(), Fault> {
    let back = if report.hard { Back::Hard } else { Back::Soft };
    if let Some(sent) = ours(acting, tx, report.of)? {
        return one(acting, tx, sent, (back, report.on));
    }
    let keys = acting.instance.store.keys();
    let since = report.on.checked_sub(RECENT_DAYS.days())?;
    for address in report.whom {
        let people = mailbox::having(acting, tx, address)?;
        let [person] = people.as_slice() else { continue };
        match came_back::latest(tx, keys, (*person, address), since)? {
            Some(sent) => one(acting, tx, sent, (back, report.on))?,
            None if report.hard => gone(acting, tx, (*person, address), report.on)?,
            None => {}
        }
    }
    Ok(())
}

/// Takes it from whoever sends for us that nobody has the address of somebody's any more.
///
/// # Errors
/// Whatever the store says.
pub fn learned(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, address: &str) -> Result<(), Fault> {
    gone(acting, tx, (person, address), acting.today)
}

/// Notes at somebody's address that nobody has it, and asks.
fn gone(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, address): (PersonId, &str),
    on: Date,
) -> Result<(), Fault> {
    came_back::mark(tx, acting.instance.store.keys(), person, address, on)?;
    doubt(acting, tx, person)
}

/// Takes it from the mail server itself that it does not take a message for good: because nobody has the address that it was about to go
/// to, or for another reason, such as a text that is disliked.
///
/// # Errors
/// Whatever the store says.
pub fn refused(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message, nobody: bool) -> Result<(), Fault> {
    let Some(person) = held.person else { return Ok(()) };
    let sent = Sent { message: held.id, person, mailing: held.mailing };
    let back = if nobody { Back::Hard } else { Back::Soft };
    one(acting, tx, sent, (back, acting.today))
}

/// The message of ours that a Message-ID names, as [`post::outgoing`] wrote it: only whoever had it in hand knows its number.
///
/// # Errors
/// Whatever the store says.
pub fn ours(acting: &Acting<'_>, tx: &Tx<'_>, message_id: Option<&str>) -> Result<Option<Sent>, Fault> {
    let keys = acting.instance.store.keys();
    match message_id.and_then(|id| post::numbered(keys, id)) {
        Some(message) => Ok(came_back::message(tx, message)?),
        None => Ok(None),
    }
}

/// Notes of one message that it came back, and asks where its address may be wrong.
fn one(acting: &Acting<'_>, tx: &Tx<'_>, sent: Sent, (back, on): (Back, Date)) -> Result<(), Fault> {
    if !came_back::note(tx, sent.message, on, back)? {
        return Ok(());
    }
    let body = json!({ "message": sent.message.0, "back": back.name() });
    acting.log(tx, "message.came back", &[sent.person], &body)?;
    let keys = acting.instance.store.keys();
    let for_good = back == Back::Hard || came_back::days_in_a_row(tx, keys, sent)? >= DAYS_IN_A_ROW;
    if for_good && came_back::mark_of(tx, keys, sent, on)? {
        doubt(acting, tx, sent.person)?;
    }
    sent.mailing.map_or(Ok(()), |mailing| too_many(acting, tx, mailing))
}

/// How many messages of a mailing left, how many of them came back, and how many in a hundred may; nothing where no more did.
///
/// # Errors
/// Whatever the store says.
fn too_much(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<Option<(i64, i64, i64)>, Fault> {
    let (left, back) = came_back::share(tx, mailing, came_back::went_on_at(tx, mailing)?)?;
    let smtp = acting.instance.config.smtp.as_ref();
    let percent = smtp.map_or(PAUSE_AT_PERCENT, |smtp| smtp.pause_at_percent);
    let much = left >= LEFT_MIN && back * 100 > left * percent;
    Ok(much.then_some((left, back, percent)))
}

/// Lets nothing more of a mailing leave where too much of it came back, and has somebody say whether it goes on.
fn too_many(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<(), Fault> {
    let Some((left, back, _)) = too_much(acting, tx, mailing)? else { return Ok(()) };
    if !came_back::pause(tx, mailing, acting.now)? {
        return Ok(());
    }
    let held = mailing::one(tx, mailing)?;
    let first: Vec<_> = held.created_by.into_iter().collect();
    let owner = super::task::whoever(acting, tx, Deed::Send, &first)?;
    let what = what(acting, &held);
    let new = NewTask { owner, due_on: Some(acting.today), ..NewTask::new(Kind::Other, &what) };
    task::add(tx, &new, acting.now)?;
    acting.log(tx, "mailing.paused", &[], &json!({ "mailing": mailing.0, "left": left, "came_back": back }))
}

fn what(acting: &Acting<'_>, held: &Mailing) -> String {
    let zone = acting.instance.clock.zone();
    let at = zone.to_datetime(held.sent_at.unwrap_or(held.created_at));
    format!(
        "Say on the mailing \u{201c}{}\u{201d} of {} whether it goes on: so much of it came back that it pauses",
        held.draft.title,
        at.strftime("%-d %b %Y, %H:%M")
    )
}

/// Why a mailing pauses by itself, in a sentence; nothing where it does not.
///
/// # Errors
/// Whatever the store says.
pub fn pauses(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<Option<String>, Fault> {
    if !came_back::pauses(tx, mailing)? {
        return Ok(None);
    }
    let counted = match too_much(acting, tx, mailing)? {
        Some((left, back, percent)) => {
            format!("{back} of {left} messages that left came back: more than {percent} in a hundred.")
        }
        // The records of some have gone since.
        None => "Too much of what left came back.".to_owned(),
    };
    Ok(Some(format!("{counted} Mail providers take no more from whoever goes on like that.")))
}

/// Lets a mailing go on of which too much came back, for one of [`REASONS`]; what comes back from now on is counted anew.
///
/// # Errors
/// [`Fault::Refused`] if this role may not send; [`Fault::Invalid`] without a reason; [`Fault::Changed`] if it does not pause for that.
pub fn go_on(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId, why: &str) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    if !REASONS.iter().any(|(reason, _)| *reason == why) {
        return Err(Fault::field("why", "Say why it may go on."));
    }
    match came_back::go_on(tx, mailing, acting.now) {
        Err(store::Error::Missing) => return Err(Fault::Changed),
        done => done?,
    }
    decided(acting, tx, mailing, "it goes on")?;
    acting.log(tx, "mailing.went on", &[], &json!({ "mailing": mailing.0, "why": why }))
}

/// Nobody has to say any more whether a mailing goes on.
///
/// # Errors
/// Whatever the store says.
pub fn decided(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId, how: &str) -> Result<(), Fault> {
    if let Some(open) = task::open_of_words(tx, &what(acting, &mailing::one(tx, mailing)?))? {
        task::done(tx, open, acting.today, acting.staff_id(), Some(how))?;
    }
    Ok(())
}

/// Asks, once, whether somebody's address is right: where what is held of them ends when they have left their organisation, that.
fn doubt(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<(), Fault> {
    if organisation::doubted(acting, tx, person)? {
        return Ok(());
    }
    if task::open_of_person(tx, person)?.iter().any(|task| task.kind == Kind::CameBack) {
        return Ok(());
    }
    let life = acting.life(tx, person)?;
    let near: Vec<_> = life.assigned.iter().map(|(staff, _)| *staff).collect();
    let new = NewTask {
        person: Some(person),
        owner: super::task::whoever(acting, tx, Deed::AddPeople, &near)?,
        due_on: Some(acting.today.checked_add(ASKED_DAYS.days())?),
        ..NewTask::new(
            Kind::CameBack,
            "Mail to them comes back: find out whether their address is right, and whether they have left",
        )
    };
    let made = task::add(tx, &new, acting.now)?;
    acting.log(tx, "address.doubted", &[person], &json!({ "task": made.0 }))
}

/// Answers the question whether an address that mail came back from is right: then it is written to again.
///
/// # Errors
/// As [`super::task::confirm`].
pub fn answered(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    task: TaskId,
    (right, on): (bool, Date),
) -> Result<Done, Fault> {
    let found = super::task::mine(acting, tx, task)?;
    let person = found.person.ok_or(Fault::NotFound)?;
    let how = if right { "the address is right" } else { "the address is not right" };
    let done = super::task::confirm(acting, tx, task, (on, how))?;
    if right {
        came_back::confirm(tx, person)?;
        acting.log(tx, "address.confirmed", &[person], &json!({ "task": task.0 }))?;
    }
    Ok(done)
}
