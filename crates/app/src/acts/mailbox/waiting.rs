//! Mail that waits for somebody to say whose it is. Of it only where it lies, the day and why it waits are held; what it says
//! is read from the mailbox while somebody looks, and goes again with the page.

use custody::id::{EntryId, PersonId};
use jiff::ToSpan;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::mailbox::{self, Waiting};

use super::{Arrived, read};
use crate::acts::Acting;
use crate::attachment::Reader;
use crate::config::Imap;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::inbox::Inbox;

/// How many are listed.
const ROWS: u32 = 200;

/// Whether whoever acts sees what waits: whoever adds people, and whoever answers what people ask.
#[must_use]
pub fn may(acting: &Acting<'_>) -> bool {
    acting.may(Deed::AddPeople) || acting.may(Deed::AnswerRequests)
}

/// Refuses whoever does not.
fn must(acting: &Acting<'_>) -> Result<(), Fault> {
    if may(acting) { Ok(()) } else { acting.must(Deed::AddPeople) }
}

/// What waits, the earliest first.
///
/// # Errors
/// [`Fault::Refused`] unless the role adds people or answers requests.
pub fn all(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Waiting>, Fault> {
    must(acting)?;
    Ok(mailbox::waiting(tx, ROWS)?)
}

/// One that waits.
///
/// # Errors
/// As [`all`]; [`Fault::NotFound`] if it waits no longer.
pub fn one(acting: &Acting<'_>, tx: &Tx<'_>, id: i64) -> Result<Waiting, Fault> {
    must(acting)?;
    Ok(mailbox::one(tx, id)?)
}

/// What it says, from the mailbox; nothing if it lies there no longer. It blocks, and no transaction may be open.
///
/// # Errors
/// In words, if the mailbox does not answer.
pub fn fetched(
    instance: &Instance,
    imap: &Imap,
    reader: &Reader,
    waiting: &Waiting,
) -> Result<Option<Arrived>, String> {
    let mut inbox = Inbox::open(imap).map_err(|error| error.0)?;
    let there = inbox.enter(&waiting.folder, false).map_err(|error| error.0)?;
    let found =
        match u32::try_from(waiting.uid).ok().filter(|_| i64::from(there.validity) == waiting.validity) {
            Some(uid) => inbox.message(uid).map_err(|error| error.0)?,
            None => None,
        };
    inbox.close();
    Ok(found.map(|found| read(instance, reader, &found)))
}

/// Files it to somebody, as whoever acts may write about them.
///
/// # Errors
/// [`Fault::Refused`] naming the clause, if it has no place about them.
pub fn file(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: i64,
    person: PersonId,
    new: &mut Arrived,
) -> Result<EntryId, Fault> {
    one(acting, tx, id)?;
    if !store::person::exists(tx, person)? {
        return Err(Fault::NotFound);
    }
    let entry = super::file(acting, tx, person, new)?;
    mailbox::settled(tx, id, "filed")?;
    acting.log(tx, "mail.filed", &[person], &json!({ "entry": entry.0 }))?;
    Ok(entry)
}

/// It is left in the mailbox, and nothing of it is held.
///
/// # Errors
/// As [`one`].
pub fn leave(acting: &Acting<'_>, tx: &Tx<'_>, id: i64) -> Result<(), Fault> {
    one(acting, tx, id)?;
    mailbox::settled(tx, id, "left")?;
    acting.log(tx, "mail.left", &[], &json!({ "became": "left" }))
}

/// A request or complaint was opened with it.
///
/// # Errors
/// As [`one`].
pub fn opened(acting: &Acting<'_>, tx: &Tx<'_>, id: i64) -> Result<(), Fault> {
    one(acting, tx, id)?;
    mailbox::settled(tx, id, "opened")?;
    acting.log(tx, "mail.left", &[], &json!({ "became": "opened" }))
}

/// What the last week brought, in words: "12 filed, 3 automatic replies".
///
/// # Errors
/// Whatever the store says.
pub fn week(instance: &Instance, tx: &Tx<'_>) -> Result<String, Fault> {
    const WORDS: &[(&str, &str)] = &[
        ("filed", "filed"),
        ("waiting", "waiting for somebody to say whose they are"),
        ("left", "left in the mailbox"),
        ("opened", "opened as requests"),
        ("automatic", "automatic replies"),
        ("list", "of mailing lists"),
        ("ours", "copies of what we sent"),
        ("late", "late, or reported as arrived"),
        ("bounce", "come back for now"),
        ("hard bounce", "come back for good"),
        ("unwanted", "called unwanted"),
    ];
    let counts = mailbox::counts(tx, instance.clock.today().checked_sub(7.days())?)?;
    let said = WORDS.iter().filter_map(|(became, words)| {
        let (_, count) = counts.iter().find(|(known, _)| known == became)?;
        Some(policy::count::said(usize::try_from(*count).ok()?, words))
    });
    Ok(said.collect::<Vec<_>>().join(", "))
}
