//! Disclosures: to whom a person's details were passed, which kinds, why, and under what safeguard. Whoever
//! must be told of a correction or an erasure is found here.

use custody::id::{EngagementId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{KindSet, Policy};

mod telling;
mod untold;

pub(crate) use telling::fill;
pub use telling::{Telling, UNTOLD};
pub(crate) use untold::{OF_ONE, OF_THEM, a_detail, counted};
pub use untold::{Untold, untold};

use crate::task::HAS_GONE;
use crate::{Error, Result, Row, Tx, hashed, id, params, ring_duty};

/// What a disclosure was for that was the person's own wish: no policy names to whom.
pub const TAKEN_ALONG: &str = "taken to another organisation, as they asked (UK GDPR Art 20)";

/// A disclosure about to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewDisclosure<'a> {
    /// Whose details.
    pub person: PersonId,
    /// To whom, as the policy names them: `the coach`, `regulator`, a processor.
    pub recipient: &'a str,
    /// To which person, where the recipient is one the instance knows. Their name belongs nowhere here.
    pub recipient_person: Option<PersonId>,
    /// Which kinds.
    pub kinds: KindSet,
    /// Under which activity, by name.
    pub activity: &'a str,
    /// What for, in the policy's words.
    pub reason: &'a str,
    /// On which work.
    pub engagement: Option<EngagementId>,
    /// The safeguard, for a place elsewhere.
    pub safeguard: Option<&'a str>,
    /// Where it went.
    pub place: Option<&'a str>,
    /// The day.
    pub on: Date,
    /// Who passed it on.
    pub by: Option<StaffId>,
}

/// A disclosure.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Its row.
    pub id: i64,
    /// Whose details.
    pub person: PersonId,
    /// To whom.
    pub recipient: Sealed,
    /// To which person.
    pub recipient_person: Option<PersonId>,
    /// Which kinds, by name.
    pub kinds: Vec<String>,
    /// Under which activity.
    pub activity: String,
    /// What for.
    pub reason: String,
    /// On which work.
    pub engagement: Option<EngagementId>,
    /// The safeguard.
    pub safeguard: Option<String>,
    /// The day.
    pub on: Date,
    /// The recipient's leave to use it ended.
    pub ended_on: Option<Date>,
}

/// Records a disclosure.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn record(tx: &Tx<'_>, policy: &Policy, new: &NewDisclosure<'_>, now: Timestamp) -> Result<i64> {
    let disclosure = id::next();
    tx.exec(
        "INSERT INTO disclosure (id, person_id, recipient, recipient_person_id, kinds, activity, reason, engagement_id, safeguard,
            place, on_date, disclosed_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            disclosure, new.person, new.recipient, new.recipient_person, kinds_text(policy, new.kinds), new.activity, new.reason,
            new.engagement, new.safeguard, new.place, new.on, new.by, now
        ],
    )?;
    Ok(disclosure)
}

/// Kinds as one column holds them: `name, email`.
#[must_use]
pub fn kinds_text(policy: &Policy, kinds: KindSet) -> String {
    let names: Vec<&str> =
        kinds.iter().filter_map(|kind| policy.kind(kind)).map(|kind| kind.name.as_str()).collect();
    names.join(", ")
}

/// Records that a recipient's leave to use what they got has ended: another was chosen, the work is complete.
///
/// # Errors
/// [`Error::Missing`] if there is no such disclosure, or it ended already.
pub fn end(tx: &Tx<'_>, disclosure: i64, on: Date) -> Result<()> {
    match tx.exec(
        "UPDATE disclosure SET ended_on = ?2 WHERE id = ?1 AND ended_on IS NULL",
        params![disclosure, on],
    )? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// To whom a person's details went, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Disclosure>> {
    let kind = policy.kind_named("disclosure record").map(|kind| kind.id).ok_or(Error::Missing)?;
    tx.all(
        "SELECT id, recipient, recipient_person_id, kinds, activity, reason, engagement_id, safeguard, on_date, ended_on
            FROM disclosure WHERE person_id = ?1 ORDER BY on_date DESC, id DESC",
        params![person],
        |row: &Row<'_>| {
            Ok(Disclosure {
                id: row.int(0)?,
                person,
                recipient: Sealed::new(person, kind, row.text(1)?),
                recipient_person: row.opt_int(2)?.map(PersonId),
                kinds: row.str(3)?.split(", ").filter(|kind| !kind.is_empty()).map(str::to_owned).collect(),
                activity: row.text(4)?,
                reason: row.text(5)?,
                engagement: row.opt_int(6)?.map(EngagementId),
                safeguard: row.opt_text(7)?,
                on: row.date(8)?,
                ended_on: row.opt_date(9)?,
            })
        },
    )
}

/// A disclosure, as it is followed up: as the program sees to it, no value in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Its row.
    pub id: i64,
    /// To whom, as the policy names them.
    pub recipient: String,
    /// To which person.
    pub recipient_person: Option<PersonId>,
    /// Which kinds, by name.
    pub kinds: Vec<String>,
    /// Under which activity, by name.
    pub activity: String,
    /// On which work.
    pub engagement: Option<EngagementId>,
    /// The day.
    pub on: Date,
    /// The recipient's leave to use it ended.
    pub ended_on: Option<Date>,
}

/// Whether whoever has what was passed on does with it only what we say: a processor, which we tell by what we send to it, or a network,
/// out of whose audience somebody takes people by a task of its own.
pub(crate) fn does_as_told(policy: &Policy, recipient: &str) -> bool {
    policy.processors.iter().any(|one| one.name.eq_ignore_ascii_case(recipient))
        || hashed::ways(policy).iter().any(|way| way.with.eq_ignore_ascii_case(recipient))
}

/// Whether what was passed on lies with a processor that somebody has to tell: not where the program takes people off a list there by
/// itself.
pub(crate) fn keeps_for_us(tx: &Tx<'_>, policy: &Policy, recipient: &str, person: PersonId) -> Result<bool> {
    let known = policy.processors.iter().find(|one| one.name.eq_ignore_ascii_case(recipient));
    let Some(processor) = known else { return Ok(false) };
    let listed = "SELECT 1 FROM processor_person p JOIN processor_member m ON m.id = p.member_id
        WHERE p.person_id = ?1 AND m.processor = ?2";
    Ok(!tx.any(listed, params![person, &processor.name])?)
}

/// A disclosure `d` whose recipient still has what they got, as far as we know: a leave that has ended takes no copy away, and only
/// that they confirmed it says that none is left.
pub(crate) fn still_had() -> String {
    format!(
        "NOT (d.ended_on IS NOT NULL AND EXISTS (SELECT 1 FROM task c WHERE c.person_id = d.person_id AND c.told IN ('{}', '{}')
            AND c.recipient = d.recipient AND c.done_on >= d.ended_on
            AND COALESCE(c.outcome, '') <> '{HAS_GONE}' AND COALESCE(c.engagement_id, 0) = COALESCE(d.engagement_id, 0)))",
        Telling::NoCopy.name(),
        Telling::TakenOut.name()
    )
}

/// The disclosures of a person's details whose recipients' leave has not ended, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Standing>> {
    those(tx, person, "d.ended_on IS NULL")
}

/// Of whom something was passed on under an activity by leave that has not ended.
///
/// # Errors
/// Whatever the database says.
pub fn standing_under(tx: &Tx<'_>, activity: &str) -> Result<Vec<PersonId>> {
    let sql = "SELECT DISTINCT d.person_id FROM disclosure d JOIN person p ON p.id = d.person_id
        WHERE d.activity = ?1 AND d.ended_on IS NULL ORDER BY d.person_id";
    tx.all(sql, params![activity], |row| row.int(0).map(PersonId))
}

/// The disclosures of a person's details whose recipients still have what they got, whether or not their leave has ended: whom a
/// correction, a restriction or an objection concerns (UK GDPR Art 19). The oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn having(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Standing>> {
    those(tx, person, &still_had())
}

fn those(tx: &Tx<'_>, person: PersonId, which: &str) -> Result<Vec<Standing>> {
    tx.all(
        &format!(
            "SELECT d.id, d.recipient, d.recipient_person_id, d.kinds, d.activity, d.engagement_id, d.on_date, d.ended_on FROM disclosure d
                WHERE d.person_id = ?1 AND {which} ORDER BY d.on_date, d.id"
        ),
        params![person],
        |row: &Row<'_>| {
            Ok(Standing {
                id: row.int(0)?,
                recipient: row.text(1)?,
                recipient_person: row.opt_int(2)?.map(PersonId),
                kinds: row.str(3)?.split(", ").filter(|kind| !kind.is_empty()).map(str::to_owned).collect(),
                activity: row.text(4)?,
                engagement: row.opt_int(5)?.map(EngagementId),
                on: row.date(6)?,
                ended_on: row.opt_date(7)?,
            })
        },
    )
}

/// The disclosures of a person's details whose recipients' leave has ended and who still have what they got, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn ended(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Standing>> {
    those(tx, person, &format!("d.ended_on IS NOT NULL AND {}", still_had()))
}

/// Takes back that a recipient's leave ended, and with it the task that was made of that, if it is still open: they may use what they got
/// as before. Whoever is to be taken out somewhere for something else still is.
///
/// # Errors
/// Whatever the database says.
pub fn goes_on(tx: &Tx<'_>, person: PersonId, one: &Standing, asked: Option<Telling>) -> Result<()> {
    tx.exec("UPDATE disclosure SET ended_on = NULL WHERE id = ?1", params![one.id])?;
    let Some(asked) = asked else { return Ok(()) };
    let others = |other: &Standing| other.recipient == one.recipient;
    // One task has somebody taken out, however often they were passed on.
    if asked == Telling::TakenOut && ended(tx, person)?.iter().any(others) {
        return Ok(());
    }
    let newest =
        "id = (SELECT MAX(k.id) FROM task k WHERE k.person_id = ?1 AND k.recipient = ?2 AND k.told = ?3
        AND COALESCE(k.engagement_id, 0) = ?4 AND k.done_on IS NULL)";
    let engagement = one.engagement.map_or(0, |engagement| engagement.0);
    ring_duty::delete(tx, "task", newest, params![person, &one.recipient, asked.name(), engagement])?;
    Ok(())
}

/// What a recipient was given of somebody who may be with them no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outlived {
    /// Its row.
    pub id: i64,
    /// Whose details.
    pub person: PersonId,
    /// Whether anything is held of them that says who they are.
    pub known: bool,
}

/// What was passed to a recipient under an activity and is with them still, of whoever is held under it on a day no more: of one
/// person, or of everybody. The oldest of each person first.
///
/// # Errors
/// Whatever the database says.
pub fn outlived(
    tx: &Tx<'_>,
    (activity, recipient): (&str, &str),
    of: Option<PersonId>,
    on: Date,
) -> Result<Vec<Outlived>> {
    let (first, last) = of.map_or((0, i64::MAX), |person| (person.0, person.0));
    tx.all(
        "SELECT d.id, d.person_id, CASE WHEN EXISTS (SELECT 1 FROM item i WHERE i.person_id = d.person_id) THEN 1 ELSE 0 END
            FROM disclosure d
            WHERE d.person_id BETWEEN ?1 AND ?2 AND d.activity = ?3 AND d.recipient = ?4 AND d.ended_on IS NULL
            AND NOT EXISTS (SELECT 1 FROM ground g WHERE g.person_id = d.person_id AND g.activity = d.activity AND g.state = 'active'
                AND (g.due_on IS NULL OR g.due_on >= ?5))
            ORDER BY d.person_id, d.id",
        params![first, last, activity, recipient, on],
        |row| Ok(Outlived { id: row.int(0)?, person: PersonId(row.int(1)?), known: row.int(2)? == 1 }),
    )
}

/// How many people's details a recipient got, and when last.
///
/// # Errors
/// Whatever the database says.
pub fn given(tx: &Tx<'_>, recipient: &str) -> Result<(i64, Option<Date>)> {
    tx.one(
        "SELECT count(DISTINCT person_id), MAX(on_date) FROM disclosure WHERE recipient = ?1",
        params![recipient],
        |row| Ok((row.int(0)?, row.opt_date(1)?)),
    )
}

/// Recipients who still have a person's details, each once, by the policy's name for them.
pub(crate) fn recipients_having(tx: &Tx<'_>, person: PersonId) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT DISTINCT d.recipient FROM disclosure d WHERE d.person_id = ?1 AND {} ORDER BY d.recipient",
        still_had()
    );
    tx.all(&sql, params![person], |row| row.text(0))
}
