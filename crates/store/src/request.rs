//! Requests: what people ask of us under their rights, by when the law and our own promise want an answer, what
//! was done about it, and the registers. The register of erasures ends with initials and knows nobody.

use custody::id::{PersonId, RequestId, StaffId};
use custody::life::Needs;
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::law::uk;
use policy::{KindId, Policy};

mod clock;
mod correcting;
mod held_then;
mod organisation;
mod outcome;
mod tied;
mod waiting;

pub(crate) use clock::all_moves;
use clock::redate;
pub use clock::{Clock, Events, MOVES, Made, Move, clock, moved};
pub use correcting::{
    CORRECTED, NOTED, UNCORRECTED, corrected_since, correcting, noted, stands_corrected, stands_noted,
};
pub(crate) use held_then::forget_then;
pub use held_then::{Awaited, CHANGED, REMOVED, Touched, awaited, keep_then, kept_then};
pub use organisation::mask_organisation;
pub(crate) use organisation::mask_organisations;
pub use outcome::{Stayed, came_to};
pub use tied::{SOMEBODY, TIED, UNKNOWN, UNTIED, tie, unknown, untie};
pub(crate) use tied::{letters, tied_at};
pub use waiting::{Waiting, keep_on, waiting};

use crate::dispose::{self, Bytes};
use crate::{Error, Result, Row, Tx, id, letter, normal, params, ring_duty, task};

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// To see what we hold (UK GDPR Art 15).
    Access,
    /// To be erased (Art 17).
    Erasure,
    /// To be corrected (Art 16).
    Rectification,
    /// To be stored only (Art 18).
    Restriction,
    /// That we stop (Art 21).
    Objection,
    /// To take their data elsewhere (Art 20).
    Portability,
    /// Never to be contacted again: an objection with a register of its own.
    NoContact,
}

/// The kinds of request that need what is held while they are open, in SQL: those of which [`Kind::needs`] says what for.
pub(crate) const NEEDING: &str = "('access', 'portability', 'restriction')";

/// The outcome of a request of which nothing was done.
pub const REFUSED: &str = "refused";

/// The outcome of an erasure that ended uses of what is held and erased nothing: all of it is still needed for something else.
pub const NOTHING_YET: &str = "nothing erased yet";

/// The outcome of a request of somebody of whom nothing else is held.
pub const NOTHING_HELD: &str = "nothing held";

/// The outcome of a request of which nothing was left when whoever made it was erased.
pub const ENDED: &str = "ended";

/// The step that says so.
pub const ENDED_STEP: &str = "ended with their erasure";

/// The channel of a request that nobody made: an erasure of our own decision.
pub const OUR_OWN: &str = "our own decision";

/// The step that says that a message was written which tells whoever was erased.
pub const WRITTEN: &str = "confirmation written";

/// The step that says that they took back something they had agreed to; its note says what.
pub const TAKEN_BACK: &str = "consent taken back";

/// The step that says that somebody told them.
pub const TOLD: &str = "told that it is done";

/// The step that says that somebody told them what of it was done, and what was not.
pub const TOLD_PART: &str = "told what came of it";

/// The step that says that somebody told them that nothing of it may go.
pub const TOLD_REFUSED: &str = "told that it is refused";

impl Kind {
    /// Every kind with its name in the database and in a policy's registers.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Access, "access"),
        (Self::Erasure, "erasure"),
        (Self::Rectification, "rectification"),
        (Self::Restriction, "restriction"),
        (Self::Objection, "objection"),
        (Self::Portability, "portability"),
        (Self::NoContact, "no contact"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of a name. A policy's register of corrections lists what the law calls rectification.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "correction" { "rectification" } else { name };
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// What such a request needs what is held for while it is open, if it does.
    #[must_use]
    pub fn needs(self) -> Option<Needs> {
        match self {
            Self::Access => Some(Needs::Access),
            Self::Portability => Some(Needs::Portability),
            Self::Restriction => Some(Needs::Restriction),
            Self::Erasure | Self::Rectification | Self::Objection | Self::NoContact => None,
        }
    }

    pub(crate) fn law(self) -> uk::Kind {
        match self {
            Self::Access => uk::Kind::Access,
            Self::Erasure => uk::Kind::Erasure,
            Self::Rectification => uk::Kind::Rectification,
            Self::Restriction => uk::Kind::Restriction,
            Self::Objection | Self::NoContact => uk::Kind::Objection,
            Self::Portability => uk::Kind::Portability,
        }
    }
}

/// A request about to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewRequest<'a> {
    /// What is asked.
    pub kind: Kind,
    /// Whose data it is about. Whoever is not held yet is added first: the request is their first record.
    pub person: PersonId,
    /// Their name, as the register keeps it; an erasure keeps its initials only.
    pub name: &'a str,
    /// Their organisation.
    pub organisation: Option<&'a str>,
    /// The day it reached anybody here.
    pub received_on: Date,
    /// By what: "letter", "telephone", "form".
    pub channel: &'a str,
    /// In their words.
    pub words: Option<&'a str>,
    /// Who sees to it.
    pub owner: Option<StaffId>,
    /// Who recorded it; nobody where the person did it themselves.
    pub by: Option<StaffId>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct SubjectRequest {
    /// Its row.
    pub id: RequestId,
    /// What is asked.
    pub kind: Kind,
    /// Whose data it is about; nobody once an erasure is closed.
    pub person: Option<PersonId>,
    /// Their name, as the register keeps it.
    pub name: Option<Sealed>,
    /// Their initials, which is all the register of erasures has.
    pub initials: Option<String>,
    /// Their organisation.
    pub organisation: Option<String>,
    /// The day it reached anybody here.
    pub received_on: Date,
    /// By what.
    pub channel: String,
    /// In their words.
    pub words: Option<Sealed>,
    /// The last day for the answer; nothing while it is paused.
    pub due_on: Option<Date>,
    /// The day we asked who they are.
    pub identity_asked_on: Option<Date>,
    /// The day we knew.
    pub identity_proved_on: Option<Date>,
    /// Since when it waits for what exactly they want.
    pub paused_on: Option<Date>,
    /// The day it was extended.
    pub extended_on: Option<Date>,
    /// The day we asked for a fee.
    pub fee_asked_on: Option<Date>,
    /// The day it was paid.
    pub fee_paid_on: Option<Date>,
    /// Where they want to be answered, as they gave it.
    pub reach: Option<Sealed>,
    /// Who asks for them, if they do not ask themselves.
    pub behalf: Option<Sealed>,
    /// What lets that person ask: a parent, a power of attorney.
    pub authority: Option<Sealed>,
    /// The day somebody here saw it. Nothing of it is kept.
    pub authority_seen_on: Option<Date>,
    /// Since when nobody knows whose it is: nobody we hold was known by what they gave, or several were.
    pub unknown_since: Option<Date>,
    /// The day somebody here said whose it is.
    pub tied_on: Option<Date>,
    /// Answered.
    pub answered_on: Option<Date>,
    /// What we answered.
    pub answer: Option<Sealed>,
    /// What it came to: `done`, `partly`, `refused`.
    pub outcome: Option<String>,
    /// What stayed of an erasure, and why.
    pub stays: Vec<Stayed>,
    /// Closed.
    pub closed_on: Option<Date>,
    /// Who sees to it.
    pub owner: Option<StaffId>,
    /// Its version.
    pub version: i64,
}

/// Something done about a request.
#[derive(Clone, Debug)]
pub struct Step {
    /// The day.
    pub on: Date,
    /// What: `received`, `identity asked`, `paused`, `searched`, `erased`.
    pub step: String,
    /// More about it.
    pub note: Option<Sealed>,
    /// Who did it.
    pub by: Option<StaffId>,
}

/// The step that says that whoever asks confirmed where their data shall go.
pub const ONWARD_CONFIRMED: &str = "other organisation confirmed";

/// Opens a request and computes when its answer is due. The caller settles the person's grounds.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn open(tx: &Tx<'_>, policy: &Policy, new: &NewRequest<'_>, now: Timestamp) -> Result<RequestId> {
    let request = RequestId(id::next());
    let name = (new.kind != Kind::Erasure).then_some(new.name);
    tx.exec(
        "INSERT INTO request (id, kind, person_id, asked_by, initials, organisation, received_on, channel, words, state, owner_id,
            recorded_by, recorded_at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'open', ?10, ?11, ?12, 1)",
        params![
            request, new.kind.name(), new.person, name, normal::initials(new.name), new.organisation, new.received_on, new.channel,
            new.words, new.owner, new.by, now
        ],
    )?;
    step(tx, request, new.received_on, "received", None, new.by, now)?;
    redate(tx, policy, request)?;
    Ok(request)
}

/// Where somebody wants to be answered, and who asks for them on what authority.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct From<'a> {
    /// Where they want to be answered.
    pub reach: Option<&'a str>,
    /// Who asks for them.
    pub behalf: Option<&'a str>,
    /// On what authority.
    pub authority: Option<&'a str>,
    /// The day somebody here saw it.
    pub seen_on: Option<Date>,
}

/// Writes down where a request is to be answered and who made it for its person.
///
/// # Errors
/// [`Error::Missing`] if there is no such open request.
pub fn asked_from(tx: &Tx<'_>, request: RequestId, from: &From<'_>) -> Result<()> {
    let sql = "UPDATE request SET reach = ?2, behalf = ?3, authority = ?4, authority_seen_on = ?5, version = version + 1
        WHERE id = ?1 AND closed_on IS NULL";
    match tx.exec(sql, params![request, from.reach, from.behalf, from.authority, from.seen_on])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Writes down on which day somebody looked at what lets another ask.
///
/// # Errors
/// [`Error::Missing`] if there is no such open request.
pub fn authority_seen(tx: &Tx<'_>, request: RequestId, on: Date) -> Result<()> {
    let sql = "UPDATE request SET authority_seen_on = ?2, version = version + 1 WHERE id = ?1 AND closed_on IS NULL";
    match tx.exec(sql, params![request, on])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// How many requests of a person came before one of theirs, in a time up to the day of that one.
///
/// # Errors
/// Whatever the database says.
pub fn earlier(
    tx: &Tx<'_>,
    person: PersonId,
    (request, received): (RequestId, Date),
    within: &jiff::Span,
) -> Result<usize> {
    let since = received.checked_sub(*within).unwrap_or(Date::MIN);
    let earlier = tx.count(
        "SELECT COUNT(*) FROM request WHERE person_id = ?1 AND received_on > ?4 AND (received_on < ?3 OR (received_on = ?3 AND id < ?2))",
        params![person, request, received, since],
    )?;
    Ok(usize::try_from(earlier).unwrap_or(0))
}

/// Writes down something done about a request.
///
/// # Errors
/// [`Error::Referred`] if there is no such request.
pub fn step(
    tx: &Tx<'_>,
    request: RequestId,
    on: Date,
    step: &str,
    note: Option<&str>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    tx.exec(
        "INSERT INTO request_step (id, request_id, on_date, step, note, recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![id::next(), request, on, step, note, by, now],
    )?;
    // Whoever has the page from before it open does not know of it.
    tx.exec("UPDATE request SET version = version + 1 WHERE id = ?1", params![request])?;
    Ok(())
}

/// Gives a request to somebody, or to nobody.
///
/// # Errors
/// [`Error::Missing`] if there is no such open request.
pub fn assign(tx: &Tx<'_>, request: RequestId, owner: Option<StaffId>) -> Result<()> {
    match tx.exec(
        "UPDATE request SET owner_id = ?2, version = version + 1 WHERE id = ?1 AND closed_on IS NULL",
        params![request, owner],
    )? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Records the answer.
///
/// # Errors
/// [`Error::Missing`] if there is no such open request.
pub fn answer(
    tx: &Tx<'_>,
    request: RequestId,
    on: Date,
    text: &str,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE request SET answered_on = ?2, answer = ?3, state = 'answered', version = version + 1
        WHERE id = ?1 AND closed_on IS NULL";
    if tx.exec(sql, params![request, on, text])? == 0 {
        return Err(Error::Missing);
    }
    step(tx, request, on, "answered", None, by, now)
}

/// Closes an answered request. An erasure keeps initials, organisation and the days of what was done, and the
/// person is gone if nothing else is held; that the organisation's name is not theirs is seen to by [`mask_organisation`], while
/// they are still known. The files to be removed once this is committed.
///
/// # Errors
/// [`Error::Missing`] if there is no such answered request; [`Error::Malformed`] while a task keeps it open.
pub fn close(
    tx: &Tx<'_>,
    policy: &Policy,
    request: RequestId,
    on: Date,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Bytes> {
    let was = one(tx, policy, request)?;
    if was.closed_on.is_some() || was.answered_on.is_none() {
        return Err(Error::Missing);
    }
    if task::blocking(tx, request)? {
        return Err(Error::Malformed("a task keeps this request open: paper must be destroyed first".into()));
    }
    step(tx, request, on, "closed", None, by, now)?;
    tx.exec(
        "UPDATE request SET closed_on = ?2, state = 'closed', version = version + 1 WHERE id = ?1",
        params![request, on],
    )?;
    let mut bytes = Bytes::default();
    forget_then(tx, "request_id = ?1", params![request])?;
    // Of somebody who was refused whole everything is still here, and why too.
    if was.kind == Kind::Erasure && was.outcome.as_deref() != Some(REFUSED) {
        let closed = "request_id = ?1 AND done_on IS NOT NULL";
        ring_duty::lost(tx, "request", "id = ?1", params![request])?;
        ring_duty::lost(tx, "request_step", "request_id = ?1", params![request])?;
        ring_duty::lost(tx, "task", closed, params![request])?;
        tx.exec(
            "UPDATE request SET person_id = NULL, asked_by = NULL, words = NULL, answer = NULL, extended_why = NULL, reach = NULL,
                behalf = NULL, authority = NULL, tied_from = NULL WHERE id = ?1",
            params![request],
        )?;
        tx.exec("UPDATE request_step SET note = NULL WHERE request_id = ?1", params![request])?;
        letter::forget(tx, request)?;
        // That somebody was told, and what they answered, stays with the request: who they are says whom they had to do with.
        let told = "kind = 'tell recipient'";
        let forget = format!(
            "UPDATE task SET person_id = NULL, what = CASE WHEN {told} THEN 'Tell whoever had the details from us' ELSE '' END,
                recipient = NULL, outcome = CASE WHEN {told} THEN outcome ELSE NULL END WHERE {closed}"
        );
        tx.exec(&forget, params![request])?;
        if let Some(person) = was.person {
            dispose::leave_if_empty(tx, person, &mut bytes)?;
        }
    }
    Ok(bytes)
}

const SELECT: &str = "SELECT id, kind, person_id, asked_by, initials, organisation, received_on, channel, words, due_on, identity_asked_on,
    identity_proved_on, paused_on, extended_on, answered_on, answer, closed_on, owner_id, version, fee_asked_on, fee_paid_on, reach, behalf,
    authority, authority_seen_on, outcome, stays, unknown_since, tied_on FROM request";

fn read(policy: &Policy, row: &Row<'_>) -> Result<SubjectRequest> {
    let person = row.opt_int(2)?.map(PersonId);
    let whose = person.zip(policy.kind_named("request record").map(|kind| kind.id));
    let seal =
        |text: Option<String>| whose.zip(text).map(|((person, kind), text)| Sealed::new(person, kind, text));
    Ok(SubjectRequest {
        id: RequestId(row.int(0)?),
        kind: Kind::named(row.str(1)?).ok_or_else(|| Error::Malformed("the kind of a request".into()))?,
        person,
        name: seal(row.opt_text(3)?),
        initials: row.opt_text(4)?,
        organisation: row.opt_text(5)?,
        received_on: row.date(6)?,
        channel: row.text(7)?,
        words: seal(row.opt_text(8)?),
        due_on: row.opt_date(9)?,
        identity_asked_on: row.opt_date(10)?,
        identity_proved_on: row.opt_date(11)?,
        paused_on: row.opt_date(12)?,
        extended_on: row.opt_date(13)?,
        answered_on: row.opt_date(14)?,
        answer: seal(row.opt_text(15)?),
        closed_on: row.opt_date(16)?,
        owner: row.opt_int(17)?.map(StaffId),
        version: row.int(18)?,
        fee_asked_on: row.opt_date(19)?,
        fee_paid_on: row.opt_date(20)?,
        reach: seal(row.opt_text(21)?),
        behalf: seal(row.opt_text(22)?),
        authority: seal(row.opt_text(23)?),
        authority_seen_on: row.opt_date(24)?,
        outcome: row.opt_text(25)?,
        stays: outcome::read(row.opt_str(26)?)?,
        unknown_since: row.opt_date(27)?,
        tied_on: row.opt_date(28)?,
    })
}

/// One request.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, policy: &Policy, request: RequestId) -> Result<SubjectRequest> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![request], |row| read(policy, row))
}

/// What was done about a request, oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn steps(tx: &Tx<'_>, policy: &Policy, request: &SubjectRequest) -> Result<Vec<Step>> {
    let whose = request.person.zip(policy.kind_named("request record").map(|kind| kind.id));
    let sql = "SELECT on_date, step, note, recorded_by FROM request_step WHERE request_id = ?1 ORDER BY on_date, id";
    steps_by(tx, sql, request.id.0, whose)
}

/// When it was searched last, by the step of that name, and how many lines, details, files and messages about others have come since.
///
/// # Errors
/// Whatever the database says.
pub fn searched(tx: &Tx<'_>, request: RequestId, step: &str) -> Result<Option<(Date, i64)>> {
    let sql = "SELECT id, on_date FROM request_step WHERE request_id = ?1 AND step = ?2
        AND id > (SELECT COALESCE(MAX(u.id), 0) FROM request_step u WHERE u.request_id = ?1 AND u.step = ?3) ORDER BY id DESC LIMIT 1";
    let last = tx.maybe(sql, params![request, step, UNTIED], |row| Ok((row.int(0)?, row.date(1)?)))?;
    let Some((last, on)) = last else { return Ok(None) };
    let new = "SELECT (SELECT COUNT(*) FROM entry e WHERE e.id > ?1 AND NOT EXISTS (SELECT 1 FROM entry_person l JOIN request q
            ON q.person_id = l.person_id WHERE q.id = ?2 AND l.entry_id = e.id))
        + (SELECT COUNT(*) FROM item i WHERE i.id > ?1 AND i.person_id <> COALESCE((SELECT q.person_id FROM request q WHERE q.id = ?2), 0))
        + (SELECT COUNT(*) FROM document d WHERE d.id > ?1 AND NOT EXISTS (SELECT 1 FROM document_person l JOIN request q
            ON q.person_id = l.person_id WHERE q.id = ?2 AND l.document_id = d.id))
        + (SELECT COUNT(*) FROM message m WHERE m.id > ?1 AND (m.person_id = (SELECT q.person_id FROM request q WHERE q.id = ?2)) IS NOT TRUE)";
    Ok(Some((on, tx.count(new, params![last, request])?)))
}

/// The steps that a query finds by one number; their notes are about `whose`.
pub(crate) fn steps_by(
    tx: &Tx<'_>,
    sql: &str,
    id: i64,
    whose: Option<(PersonId, KindId)>,
) -> Result<Vec<Step>> {
    tx.all(sql, params![id], |row| {
        Ok(Step {
            on: row.date(0)?,
            step: row.text(1)?,
            note: whose.zip(row.opt_text(2)?).map(|((person, kind), note)| Sealed::new(person, kind, note)),
            by: row.opt_int(3)?.map(StaffId),
        })
    })
}

/// Open requests, those due first; those that wait for the person last.
///
/// # Errors
/// Whatever the database says.
pub fn open_ones(tx: &Tx<'_>, policy: &Policy, limit: u32) -> Result<Vec<SubjectRequest>> {
    tx.all(
        &format!("{SELECT} WHERE closed_on IS NULL ORDER BY CASE WHEN due_on IS NULL THEN 1 ELSE 0 END, due_on, id LIMIT ?1"),
        params![limit],
        |row| read(policy, row),
    )
}

/// Closed requests, the newest first, after one of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn closed_ones(
    tx: &Tx<'_>,
    policy: &Policy,
    after: Option<RequestId>,
    limit: u32,
) -> Result<Vec<SubjectRequest>> {
    let after = after.map_or(i64::MAX, |after| after.0);
    tx.all(
        &format!("{SELECT} WHERE closed_on IS NOT NULL AND id < ?1 ORDER BY id DESC LIMIT ?2"),
        params![after, limit],
        |row| read(policy, row),
    )
}

/// The requests of a person, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<SubjectRequest>> {
    tx.all(
        &format!("{SELECT} WHERE person_id = ?1 ORDER BY received_on DESC, id DESC"),
        params![person],
        |row| read(policy, row),
    )
}

/// A page of the register of a kind, the newest first, after a request of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn register(
    tx: &Tx<'_>,
    policy: &Policy,
    kind: Kind,
    after: Option<RequestId>,
    limit: u32,
) -> Result<Vec<SubjectRequest>> {
    let after = after.map_or(i64::MAX, |after| after.0);
    tx.all(
        &format!("{SELECT} WHERE kind = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"),
        params![kind.name(), after, limit],
        |row| read(policy, row),
    )
}
