//! The mailbox, looked into again and again: each new message is fetched, read in a process of its own, and taken in one
//! transaction. A stop in between neither loses one nor takes it twice.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use store::mailbox::{self as noted, Folder, Lies};
use store::setting;

use crate::acts::{Acting, mailbox};
use crate::attachment::Reader;
use crate::clock::machine;
use crate::config::{Imap, Then};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::inbox::{Found, Inbox, InboxError};

/// How many messages are taken at one turn; more wait for the next.
const AT_ONCE: usize = 200;
/// For how many days the keyed hash of a message is kept, so that it is not taken twice.
const REMEMBERED_DAYS: i64 = 180;
/// How soon a mailbox that could not be read is tried again.
const AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// When the mailbox was last read, in milliseconds.
pub const READ: &str = "mailbox read";
/// Since when it cannot be read, in milliseconds, and why.
const TROUBLE: &str = "mailbox trouble";

/// How it went last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// When it was last tried.
    pub last: Option<Timestamp>,
    /// Since when it cannot be read, and why.
    pub trouble: Option<(Timestamp, String)>,
}

/// Why a turn ended early.
enum Stop {
    /// The server does not answer or let us.
    Inbox(InboxError),
    /// Something here.
    Fault(Fault),
}

impl From<InboxError> for Stop {
    fn from(error: InboxError) -> Self {
        Self::Inbox(error)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// Reads the mailbox, if it is time.
///
/// # Errors
/// Whatever the store says. A mail server that does not answer is no fault of this job: the health page says so.
pub fn when_due(instance: &Instance) -> Result<(), Fault> {
    let Some(imap) = &instance.config.imap else { return Ok(()) };
    let State { last, trouble } = instance.store.read(state)?;
    let every = SignedDuration::try_from(imap.every).unwrap_or(AGAIN);
    let every = if trouble.is_some() { every.min(AGAIN) } else { every };
    if last.is_some_and(|last| machine().duration_since(last).abs() < every) {
        return Ok(());
    }
    let reader = Reader::this().map_err(|error| Fault::Other(error.to_string()))?;
    run(instance, imap, &reader).map(drop)
}

/// Reads the mailbox now. How many messages were taken.
///
/// # Errors
/// Whatever the store says.
pub fn run(instance: &Instance, imap: &Imap, reader: &Reader) -> Result<usize, Fault> {
    if mailbox::received(&instance.policy()).is_none() {
        return Ok(0);
    }
    let mut taken = 0;
    let turn = turn(instance, (imap, reader), &mut taken);
    let now = machine().as_millisecond().to_string();
    match turn {
        Ok(more) => instance.store.write(|tx| {
            setting::clear(tx, TROUBLE)?;
            if !more {
                setting::set(tx, READ, &now)?;
            }
            Ok::<_, Fault>(())
        })?,
        Err(Stop::Inbox(error)) => {
            tracing::warn!(%error, "the mailbox could not be read");
            instance.store.write(|tx| {
                if setting::get(tx, TROUBLE)?.is_none() {
                    setting::set(tx, TROUBLE, &format!("{now} {error}"))?;
                }
                setting::set(tx, READ, &now)
            })?;
        }
        Err(Stop::Fault(fault)) => return Err(fault),
    }
    Ok(taken)
}

/// When the mailbox was last tried, and since when it cannot be read, with the reason.
///
/// # Errors
/// Whatever the store says.
pub fn state(tx: &store::Tx<'_>) -> Result<State, Fault> {
    let at = |text: &str| text.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    let last = setting::get(tx, READ)?.and_then(|text| at(&text));
    let trouble = setting::get(tx, TROUBLE)?;
    let trouble = trouble.and_then(|text| {
        let (since, why) = text.split_once(' ')?;
        Some((at(since)?, why.to_owned()))
    });
    Ok(State { last, trouble })
}

/// One look into each folder; whether there is more than one turn takes.
fn turn(instance: &Instance, (imap, reader): (&Imap, &Reader), taken: &mut usize) -> Result<bool, Stop> {
    let mut inbox = Inbox::open(imap)?;
    let mut more = false;
    for folder in &imap.folders {
        let there = inbox.enter(folder, imap.then != Then::Leave)?;
        let known = instance
            .store
            .write(|tx| noted::enter(tx, folder, there.validity.into(), there.next.into(), machine()))?;
        let new = inbox.after(known.last, since(instance, &known)?)?;
        more |= new.len() > AT_ONCE;
        for uid in new.into_iter().take(AT_ONCE) {
            let lies = Lies { folder, validity: known.validity, uid: uid.into() };
            if let Some(found) = inbox.message(uid)?.filter(|found| is_new(&known, uid, found)) {
                take(instance, reader, &lies, &found)?;
                *taken += 1;
                match &imap.then {
                    Then::Leave => {}
                    Then::Seen => inbox.seen(uid)?,
                    Then::Move(to) => inbox.move_to(uid, to)?,
                }
            }
            instance.store.write(|tx| noted::passed(tx, &lies))?;
        }
    }
    inbox.close();
    let before = instance.clock.on(machine()).checked_sub(REMEMBERED_DAYS.days());
    let before = before.map_err(Fault::from)?;
    instance.store.write(|tx| noted::forget(tx, before))?;
    Ok(more)
}

/// From which day on messages are looked for. Where the folder was numbered anew, none is looked for that is older than
/// what is remembered: it could not be told from one that was taken.
fn since(instance: &Instance, known: &Folder) -> Result<Date, Fault> {
    if known.old_until == 0 || known.last >= known.old_until {
        return Ok(Date::constant(1970, 1, 1));
    }
    let remembered = instance.clock.on(machine()).checked_sub((REMEMBERED_DAYS - 1).days())?;
    // A server counts days in a zone of its own.
    let began = instance.clock.on(known.began_at).yesterday()?;
    Ok(remembered.max(began))
}

/// Whether a message may be new: of those that were there when the folder was numbered anew, what came since it is read.
fn is_new(known: &Folder, uid: u32, found: &Found) -> bool {
    i64::from(uid) > known.old_until
        || found.arrived.is_none_or(|at| at.as_second() >= known.began_at.as_second())
}

fn take(instance: &Instance, reader: &Reader, lies: &Lies<'_>, found: &Found) -> Result<(), Fault> {
    let mut arrived = mailbox::read(instance, reader, found);
    instance.store.write(|tx| {
        let acting = Acting::system(instance, mailbox::INTAKE);
        mailbox::take(&acting, tx, lies, &mut arrived)?;
        acting.into_views().iter().try_for_each(|view| view.write(tx))?;
        Ok(())
    })
}
