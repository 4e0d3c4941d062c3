//! What arrived in the mailbox: filed to the person whose address it came from, by the same act and decision as a line that
//! is typed; what is nobody's waits for somebody to say whose it is. Nobody is added, and nothing is answered, by itself.
//!
//! The address a message says it comes from proves nothing: to file it is to say where it seems to come from, and never who
//! wrote it.

use custody::Refusal;
use custody::id::{EntryId, PersonId, TaskId};
use custody::life::{Objection, Scope};
use custody::refusal::Question;
use jiff::civil::Date;
use policy::Policy;
use policy::activity::Purpose;
use policy::channel::{Channel, Received};
use policy::policy::Clause;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::entry::{BY_FORM, BY_MAIL, Direction};
use store::mailbox::{self, Lies};
use store::normal::Shape;
use store::objection::NewObjection;
use store::task::{self, Kind, NewTask};

use ::read::{Attached, Came, Letter};

use super::document::{self, NewPiece, Place, Upload};
use super::entry::{self, BODY_BYTES_MAX, NewNote};
use super::{Acting, came_back, objection, request};
use crate::attachment::Reader;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::inbox::Found;

pub mod asks;
pub mod waiting;

/// The name under which the program takes mail.
pub const INTAKE: &str = "intake";

/// How an objection reached us that nobody wrote to us.
const UNWANTED: &str = "by their mail provider: they called a message unwanted";

/// For how many days whoever is asked may take to decide what a message is.
const ASKED_DAYS: i64 = 3;

/// A message that was fetched and read.
pub struct Arrived {
    /// The day it arrived.
    pub on: Date,
    /// What it says.
    pub letter: Letter,
    /// What hangs on it.
    files: Vec<File>,
    hash: [u8; 32],
}

/// A file that hangs on a message: what is taken of it, or why it is not.
struct File {
    name: String,
    piece: Result<NewPiece, String>,
}

impl Arrived {
    /// The names of the files that hang on it.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.name.as_str())
    }
}

/// What becomes of e-mail under a policy; nothing is taken where it says nothing.
#[must_use]
pub fn received(policy: &Policy) -> Option<(&Channel, &Received)> {
    policy.channels.iter().find_map(|channel| channel.received.as_ref().map(|received| (channel, received)))
}

/// Reads a message as it was fetched, in a process of its own.
#[must_use]
pub fn read(instance: &Instance, reader: &Reader, found: &Found) -> Arrived {
    let (mut letter, attached) = reader.letter(&found.bytes).unwrap_or_else(|_| {
        let why = "it took too long to read, or too much memory, and was stopped".to_owned();
        let nothing = Letter {
            identity: None,
            came: Came::Letter,
            from: None,
            name: String::new(),
            subject: String::new(),
            text: String::new(),
            left_out: vec![why],
        };
        (nothing, Vec::new())
    });
    if !found.whole {
        letter.left_out.push("what comes after its first 25 MB".to_owned());
    }
    let today = instance.clock.today();
    // A practice instance may be at a day that is before the mail's.
    let on = found.arrived.map_or(today, |at| instance.clock.on(at)).min(today);
    let identity = letter.identity.clone().unwrap_or_else(|| blake3::hash(&found.bytes).to_hex().to_string());
    let hash = instance.store.keys().hash("mail", &identity);
    let kind = received(&instance.policy())
        .and_then(|(_, received)| received.attachments)
        .and_then(|kind| instance.policy().kind(kind).map(|kind| kind.name.clone()));
    let files = attached.into_iter().map(|file| piece(kind.as_deref(), on, file)).collect();
    Arrived { on, letter, files, hash }
}

fn piece(kind: Option<&str>, on: Date, (name, bytes): Attached) -> File {
    let piece = match kind {
        None => Err("the policy has no place for what is attached".to_owned()),
        Some(kind) => match Upload::take("file", bytes) {
            Ok(upload) => Ok(NewPiece { kind: kind.to_owned(), on, place: Place::File(upload) }),
            Err(_) => Err("it is empty, too large, or no sort of file that is kept".to_owned()),
        },
    };
    File { name, piece }
}

/// Takes a message, once, however often it is found.
///
/// # Errors
/// Whatever the store says: then nothing of it is written, and it is found again.
pub fn take(acting: &Acting<'_>, tx: &Tx<'_>, lies: &Lies<'_>, new: &mut Arrived) -> Result<(), Fault> {
    if !mailbox::taken(tx, &new.hash, new.on)? {
        mailbox::lies_now(tx, lies, &new.hash)?;
        return Ok(());
    }
    let became = match tx.attempt(|tx| taken_as(acting, tx, lies, new)) {
        // It waits for somebody with what is from nobody known, and stops nothing that comes after it.
        Err(Fault::Store(error)) if error.is_unreadable() => {
            tracing::error!(%error, "a message could not be taken");
            mailbox::wait(tx, lies, &new.hash, new.on, (UNREADABLE, None))?;
            "waiting"
        }
        became => became?,
    };
    mailbox::became(tx, &new.hash, became)?;
    acting.log(tx, "mail.taken", &[], &json!({ "became": became }))
}

/// What becomes of a message that is new, in a word.
fn taken_as(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    lies: &Lies<'_>,
    new: &mut Arrived,
) -> Result<&'static str, Fault> {
    Ok(match new.letter.came.clone() {
        Came::Letter => from_somebody(acting, tx, lies, new)?,
        Came::Automatic => "automatic",
        Came::List => "list",
        Came::Challenge => {
            mailbox::wait(tx, lies, &new.hash, new.on, ("challenge", None))?;
            "waiting"
        }
        Came::UnderWay { .. } => "late",
        Came::Bounce { hard, whom, of } => {
            let report = came_back::Report { hard, whom: &whom, of: of.as_deref(), on: new.on };
            came_back::reported(acting, tx, &report)?;
            if hard { "hard bounce" } else { "bounce" }
        }
        Came::Unwanted { whom, of } => {
            let people = match came_back::ours(acting, tx, of.as_deref())? {
                Some(sent) => vec![sent.person],
                None => known(acting, tx, &whom)?,
            };
            for person in people {
                unwanted(acting, tx, person, new.on)?;
            }
            "unwanted"
        }
    })
}

/// Why a message waits about somebody of whom what is stored cannot be read.
pub const UNREADABLE: &str = "unreadable";

/// Somebody called a message of ours unwanted, as their provider says: what promotes us stops at once, as if they had objected
/// themselves, and somebody finds out whether they ask for more.
fn unwanted(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, on: Date) -> Result<(), Fault> {
    let scope = &Scope::Purpose(Purpose::DirectMarketing);
    let life = acting.life(tx, person)?;
    let stops = |made: &Objection| made.scope == *scope && objection::stands(acting, &life, made);
    if !life.objections.iter().any(stops) {
        let new =
            NewObjection { person, scope, made_on: on, how: UNWANTED, words: None, request: None, by: None };
        objection::write(acting, tx, &new)?;
    }
    let asked = task::open_of_person(tx, person)?;
    if asked.iter().any(|task| task.kind == Kind::Asks && task.entry.is_none()) {
        return Ok(());
    }
    ask(acting, tx, (person, None), "advertising", on)
}

/// The people some addresses belong to, each address to one.
fn known(acting: &Acting<'_>, tx: &Tx<'_>, addresses: &[String]) -> Result<Vec<PersonId>, Fault> {
    let mut known = Vec::new();
    for address in addresses {
        if let [one] = having(acting, tx, address)?.as_slice() {
            known.push(*one);
        }
    }
    known.sort_unstable();
    known.dedup();
    Ok(known)
}

/// Everybody who has an address.
///
/// # Errors
/// Whatever the store says.
pub fn having(acting: &Acting<'_>, tx: &Tx<'_>, address: &str) -> Result<Vec<PersonId>, Fault> {
    request::having(acting, tx, Shape::Email, address)
}

/// Whether it comes from an address we write from ourselves: a copy of what we sent.
fn is_ours(acting: &Acting<'_>, from: &str) -> bool {
    acting.policy.contact.email.eq_ignore_ascii_case(from) || acting.instance.config.sends_from(from)
}

/// What becomes of what somebody wrote.
fn from_somebody(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    lies: &Lies<'_>,
    new: &mut Arrived,
) -> Result<&'static str, Fault> {
    let asks = asks::suggested(&new.letter.subject, &new.letter.text);
    let Some(from) = new.letter.from.clone() else {
        mailbox::wait(tx, lies, &new.hash, new.on, ("unread", asks))?;
        return Ok("waiting");
    };
    if is_ours(acting, &from) {
        return Ok("ours");
    }
    let people = having(acting, tx, &from)?;
    let why = match people.as_slice() {
        [one] => match tx.attempt(|tx| file(acting, tx, *one, new)) {
            Ok(_) => return Ok("filed"),
            Err(Fault::Store(error)) => return Err(Fault::Store(error)),
            Err(_) => "refused",
        },
        [] => "unknown",
        _ => "several",
    };
    mailbox::wait(tx, lies, &new.hash, new.on, (why, asks))?;
    Ok("waiting")
}

/// Files a message to somebody: what it says as a line of their timeline, what hangs on it as documents where the policy has a
/// place for them. What may be a request counts as no contact until somebody has decided what it is.
///
/// # Errors
/// [`Fault::Refused`] naming the clause, if this has no place about them.
pub fn file(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, new: &mut Arrived) -> Result<EntryId, Fault> {
    let policy = acting.policy.clone();
    let (channel, received) = received(&policy).ok_or(Fault::NotFound)?;
    let kind = policy.kind(received.kind).ok_or(Fault::NotFound)?;
    from_them(&policy, channel.id, received)?;
    let asks = asks::suggested(&new.letter.subject, &new.letter.text);
    let mut not_kept = new.letter.left_out.clone();
    for held in &mut new.files {
        let kept = match &mut held.piece {
            Ok(piece) => match tx.attempt(|tx| document::add_to(acting, tx, person, piece)) {
                Ok(_) => continue,
                Err(Fault::Store(error)) => return Err(Fault::Store(error)),
                Err(_) => "the policy has no place for it about them",
            },
            Err(why) => why.as_str(),
        };
        not_kept.push(format!("the file \u{201c}{}\u{201d}: {kept}", held.name));
    }
    let note = NewNote {
        kind: kind.name.clone(),
        body: body(&new.letter, &not_kept),
        on: new.on,
        direction: asks.is_none().then_some(Direction::In),
        engagement: None,
    };
    let entry = entry::add_from(acting, tx, person, &note, BY_MAIL)?;
    if let Some(asks) = asks {
        ask(acting, tx, (person, Some(entry)), asks, new.on)?;
    }
    Ok(entry)
}

/// Refuses mail where nothing of its kind may come from the person themselves.
fn from_them(policy: &Policy, channel: policy::ChannelId, received: &Received) -> Result<(), Fault> {
    let mut holding = policy.activities.iter().filter(|activity| activity.kinds.contains(received.kind));
    let theirs = |from: &Vec<String>| from.is_empty() || from.iter().any(|from| from == "the person");
    if holding.any(|activity| theirs(&activity.from)) {
        return Ok(());
    }
    let because = "no activity that holds this may have it from the person themselves".to_owned();
    let next = "Change the policy first.".to_owned();
    let clause = Some(Clause::Received(channel));
    Err(Refusal::by(policy, Question::Ground, clause, because, next).into())
}

/// A message as a line of a timeline.
fn body(letter: &Letter, not_kept: &[String]) -> String {
    let mut body = String::new();
    if !letter.subject.is_empty() {
        body.push_str(&format!("{}\n\n", letter.subject));
    }
    body.push_str(if letter.text.is_empty() { "(no words)" } else { &letter.text });
    let mut room = BODY_BYTES_MAX.saturating_sub(body.len() + 100);
    for (place, what) in not_kept.iter().enumerate() {
        let line = format!("{}\nNot kept here: {what}.", if place == 0 { "\n" } else { "" });
        if line.len() > room {
            break;
        }
        room -= line.len();
        body.push_str(&line);
    }
    body
}

/// Somebody is to decide whether this is a request, and which.
fn ask(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, entry): (PersonId, Option<EntryId>),
    asks: &str,
    on: Date,
) -> Result<(), Fault> {
    let what = match entry {
        Some(_) => "Decide whether an e-mail of theirs is a request or a complaint",
        None => {
            "Find out whether they ask for more: they called a message of ours unwanted, and advertising to them has stopped"
        }
    };
    let made = to_decide(acting, tx, (person, entry), (what, asks), on)?;
    acting.log(tx, "mail.asks", &[person], &json!({ "task": made.0, "asks": asks }))
}

/// The task of deciding whether what somebody wrote on a day is a request, and which.
pub(super) fn to_decide(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, entry): (PersonId, Option<EntryId>),
    (what, asks): (&str, &str),
    on: Date,
) -> Result<TaskId, Fault> {
    let new = NewTask {
        person: Some(person),
        entry,
        about: Some(asks),
        owner: super::task::whoever(acting, tx, Deed::AnswerRequests, &[])?,
        due_on: Some(on.checked_add(jiff::Span::new().days(ASKED_DAYS))?),
        ..NewTask::new(Kind::Asks, what)
    };
    Ok(task::add(tx, &new, acting.now)?)
}

/// It is no request: from now on it counts as the contact it was.
///
/// # Errors
/// As [`super::task::confirm`].
pub fn no_request(acting: &Acting<'_>, tx: &Tx<'_>, task: TaskId, on: Date) -> Result<request::Done, Fault> {
    acting.must(Deed::AnswerRequests)?;
    let found = super::task::mine(acting, tx, task)?;
    let done = super::task::confirm(acting, tx, task, (on, "no request"))?;
    if let (Some(entry), Some(person)) = (found.entry, found.person) {
        store::entry::direct(tx, entry, Direction::In)?;
        acting.settle(tx, person)?;
    }
    Ok(done)
}

/// What opened a request from a message: the question is answered with it.
///
/// # Errors
/// [`Fault::NotFound`] if it is somebody else's, or answered already.
pub fn is_request(acting: &Acting<'_>, tx: &Tx<'_>, task: TaskId) -> Result<(), Fault> {
    let found = super::task::mine(acting, tx, task)?;
    if found.kind != Kind::Asks {
        return Err(Fault::NotFound);
    }
    task::done(tx, task, acting.today, acting.staff_id(), Some("opened"))?;
    let people: Vec<_> = found.person.into_iter().collect();
    acting.log(tx, "task.confirmed", &people, &json!({ "task": task.0, "kind": found.kind.name() }))
}

/// The words of the message a question is about, with what opens them; nothing once it is gone.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn asked(acting: &Acting<'_>, tx: &Tx<'_>, task: TaskId) -> Result<Option<Asked>, Fault> {
    let found = super::task::mine(acting, tx, task)?;
    let (Kind::Asks, None, Some(person)) = (found.kind, found.done_on, found.person) else {
        return Ok(None);
    };
    let life = acting.life(tx, person)?;
    let grant = request::answering(acting, &[&life])?;
    let entry = found.entry.map(|entry| store::entry::one(tx, &acting.policy, entry)).transpose()?;
    acting.opens("mail.read", &grant);
    let words = entry.as_ref().map(|entry| entry.body.clone()).filter(|words| words.open(&grant).is_ok());
    let how = match entry.as_ref().map(|entry| entry.source.as_str()) {
        Some(BY_FORM) => "form",
        _ => "e-mail",
    };
    let on = entry.map_or(acting.today, |entry| entry.on);
    Ok(Some(Asked { person, asks: found.about.unwrap_or_default(), how, on, words, grant }))
}

/// A message that may be a request, as the form that opens one is filled from it.
pub struct Asked {
    /// Whose it is.
    pub person: PersonId,
    /// What it may be asking.
    pub asks: String,
    /// By which way it came, as requests name ways.
    pub how: &'static str,
    /// The day it arrived.
    pub on: Date,
    /// What it says.
    pub words: Option<custody::Sealed>,
    /// What opens that.
    pub grant: custody::Grant,
}
