//! Objections (UK GDPR Art 21): what a person asked us to stop. A record is never rewritten: it is weighed and then upheld,
//! answered, or lifted by the person's own later word, each with its day.

use custody::id::{LetterId, ObjectionId, PersonId, RequestId, StaffId};
use custody::life::Scope;
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::activity::Purpose;

use crate::request::TAKEN_BACK;
use crate::{Error, Result, Tx, id, params, ring_duty};

/// An objection about to be recorded.
#[derive(Clone, Debug)]
pub struct NewObjection<'a> {
    /// Who objects.
    pub person: PersonId,
    /// To what.
    pub scope: &'a Scope,
    /// On which day.
    pub made_on: Date,
    /// How it reached us: "by the link in our message", "on the telephone".
    pub how: &'a str,
    /// Their words, where they used any.
    pub words: Option<&'a str>,
    /// The request it came with.
    pub request: Option<RequestId>,
    /// Who recorded it; nobody where the person did it themselves.
    pub by: Option<StaffId>,
}

/// A scope's name in the database, and what it names.
#[must_use]
pub fn scope_name<'p>(policy: &'p Policy, scope: &Scope) -> (&'static str, Option<&'p str>) {
    match scope {
        Scope::Purpose(purpose) => {
            ("purpose", Purpose::ALL.iter().find(|(known, _)| known == purpose).map(|(_, name)| *name))
        }
        Scope::Activity(activity) => {
            ("activity", policy.activity(*activity).map(|activity| activity.name.as_str()))
        }
        Scope::Calls => ("calls", None),
        Scope::AllContact => ("all contact", None),
    }
}

/// The scope of a name; `None` where the policy no longer has its activity.
#[must_use]
pub fn scope_named(policy: &Policy, scope: &str, named: Option<&str>) -> Option<Scope> {
    match (scope, named) {
        ("purpose", Some(name)) => {
            Purpose::ALL.iter().find(|(_, known)| *known == name).map(|(purpose, _)| Scope::Purpose(*purpose))
        }
        ("activity", Some(name)) => policy.activity_named(name).map(|activity| Scope::Activity(activity.id)),
        ("calls", _) => Some(Scope::Calls),
        ("all contact", _) => Some(Scope::AllContact),
        _ => None,
    }
}

/// Records an objection. The caller adds suppressions and settles the person's grounds afterwards.
///
/// # Errors
/// [`Error::Referred`] if there is no such person; whatever else the database says.
pub fn record(tx: &Tx<'_>, policy: &Policy, new: &NewObjection<'_>, now: Timestamp) -> Result<ObjectionId> {
    let objection = ObjectionId(id::next());
    let (scope, named) = scope_name(policy, new.scope);
    tx.put(
        "INSERT INTO objection (id, person_id, scope, named, made_on, how, words, request_id, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![objection, new.person, scope, named, new.made_on, new.how, new.words, new.request, new.by, now],
    )?;
    ring_duty::kept(tx, "objection", "id = ?1", params![objection])?;
    Ok(objection)
}

/// Decides an objection in the person's favour: what was objected to ends for good.
///
/// # Errors
/// [`Error::Missing`] if it was decided already, or never made.
pub fn uphold(tx: &Tx<'_>, objection: ObjectionId, on: Date) -> Result<()> {
    let sql = "UPDATE objection SET upheld_on = ?2 WHERE id = ?1 AND upheld_on IS NULL AND lifted_on IS NULL";
    once(tx.exec(sql, params![objection, on])?)?;
    ring_duty::kept(tx, "objection", "id = ?1", params![objection])
}

/// What was decided of a use that somebody objects to. It is done when they are told, and can be decided anew until then.
#[derive(Clone, Debug)]
pub enum Weighed {
    /// It stops.
    Stops,
    /// It goes on, for this reason.
    GoesOn(Sealed),
    /// It goes on: what they ask is about something else, and they do not object to this.
    NotMeant,
}

/// What somebody decides of a use that may be objected to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It stops.
    Stops,
    /// It goes on, for a reason.
    GoesOn,
    /// They do not object to it.
    NotMeant,
}

/// An objection that is weighed, and stands undecided or untold.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its row.
    pub id: ObjectionId,
    /// Against what.
    pub scope: Scope,
    /// Made.
    pub made_on: Date,
    /// The request it came with.
    pub request: Option<RequestId>,
    /// What was decided, if anything was.
    pub weighed: Option<Weighed>,
}

/// How what stops is kept, what goes on, and what they do not object to.
const STOPS: &str = "stops";
const GOES_ON: &str = "goes on";
const NOT_MEANT: &str = "not meant";

/// A person's objections that are weighed, and stand undecided or untold, the oldest first. Those to marketing never are.
///
/// # Errors
/// Whatever the database says.
pub fn waiting(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Waiting>> {
    let kind = policy.kind_named("objection record").map(|kind| kind.id).ok_or(Error::Missing)?;
    let sql = "SELECT id, scope, named, made_on, request_id, weighed, because FROM objection
        WHERE person_id = ?1 AND scope IN ('purpose', 'activity') AND upheld_on IS NULL AND lifted_on IS NULL ORDER BY id";
    let mut found = Vec::new();
    tx.each(sql, params![person], |row| {
        let Some(scope) = scope_named(policy, row.str(1)?, row.opt_text(2)?.as_deref()) else {
            return Ok::<_, Error>(());
        };
        let why = row.opt_text(6)?.unwrap_or_default();
        let weighed = match row.opt_text(5)?.as_deref() {
            Some(STOPS) => Some(Weighed::Stops),
            Some(NOT_MEANT) => Some(Weighed::NotMeant),
            Some(_) => Some(Weighed::GoesOn(Sealed::new(person, kind, why))),
            None => None,
        };
        if !is_marketing(policy, &scope) {
            let (id, made_on) = (ObjectionId(row.int(0)?), row.date(3)?);
            found.push(Waiting { id, scope, made_on, request: row.opt_int(4)?.map(RequestId), weighed });
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whether anything was put in doubt by a request already.
///
/// # Errors
/// Whatever the database says.
pub fn weighs(tx: &Tx<'_>, request: RequestId) -> Result<bool> {
    tx.any("SELECT 1 FROM objection WHERE request_id = ?1 AND scope = 'activity'", params![request])
}

/// The step that says that it was decided of each use.
pub const DECIDED: &str = "uses decided";

/// Whether it was decided of the uses of a request anew, or something they had agreed to was taken back, after what was written about
/// them.
///
/// # Errors
/// Whatever the database says.
pub fn decided_since(tx: &Tx<'_>, request: RequestId, letter: LetterId) -> Result<bool> {
    let sql = "SELECT 1 FROM request_step WHERE request_id = ?1 AND step IN (?2, ?3) AND id > ?4";
    tx.any(sql, params![request, DECIDED, TAKEN_BACK, letter.0])
}

/// Keeps what was decided of an objection, and why where it goes on. Nothing happens by it yet.
///
/// # Errors
/// [`Error::Missing`] if it was carried out or lifted already, or never made.
pub fn weigh(tx: &Tx<'_>, objection: ObjectionId, verdict: Verdict, because: Option<&str>) -> Result<()> {
    let again = "id = ?1 AND because IS NOT NULL AND upheld_on IS NULL AND lifted_on IS NULL";
    ring_duty::lost(tx, "objection", again, params![objection])?;
    let word = match verdict {
        Verdict::Stops => STOPS,
        Verdict::GoesOn => GOES_ON,
        Verdict::NotMeant => NOT_MEANT,
    };
    let sql = "UPDATE objection SET weighed = ?2, because = ?3 WHERE id = ?1 AND upheld_on IS NULL AND lifted_on IS NULL";
    once(tx.exec(sql, params![objection, word, because])?)?;
    ring_duty::kept(tx, "objection", "id = ?1", params![objection])
}

/// Whether an objection to this is one to marketing of any kind, calls and all contact among it. They may say no to that without a
/// reason, and it is never weighed (UK GDPR Art 21(3)).
#[must_use]
pub fn is_marketing(policy: &Policy, scope: &Scope) -> bool {
    match scope {
        Scope::Purpose(purpose) => *purpose == Purpose::DirectMarketing,
        Scope::Activity(id) => {
            policy.activity(*id).is_some_and(|activity| activity.purpose == Purpose::DirectMarketing)
        }
        Scope::Calls | Scope::AllContact => true,
    }
}

/// Ends an objection: answered with reasons for going on, or lifted by the person's own later consent.
///
/// # Errors
/// [`Error::Missing`] if it was lifted already, or never made.
pub fn lift(tx: &Tx<'_>, objection: ObjectionId, on: Date) -> Result<()> {
    once(tx.exec(
        "UPDATE objection SET lifted_on = ?2 WHERE id = ?1 AND lifted_on IS NULL",
        params![objection, on],
    )?)?;
    ring_duty::kept(tx, "objection", "id = ?1", params![objection])
}

/// The objections of a person that stand undecided and reached us in a certain way since a day.
///
/// # Errors
/// Whatever the database says.
pub fn reached(tx: &Tx<'_>, person: PersonId, how: &str, since: Date) -> Result<Vec<ObjectionId>> {
    tx.all(
        "SELECT id FROM objection WHERE person_id = ?1 AND how = ?2 AND made_on >= ?3 AND lifted_on IS NULL ORDER BY id",
        params![person, how, since],
        |row| Ok(ObjectionId(row.int(0)?)),
    )
}

/// When an objection was written down.
///
/// # Errors
/// [`Error::Missing`] if it was never made.
pub fn recorded_at(tx: &Tx<'_>, objection: ObjectionId) -> Result<Timestamp> {
    tx.one("SELECT recorded_at FROM objection WHERE id = ?1", params![objection], |row| row.at(0))
}

/// Whoever has an objection that was not lifted.
///
/// # Errors
/// Whatever the database says.
pub fn who_objected(tx: &Tx<'_>) -> Result<Vec<PersonId>> {
    let sql = "SELECT DISTINCT person_id FROM objection WHERE lifted_on IS NULL AND person_id IS NOT NULL ORDER BY person_id";
    tx.all(sql, &[], |row| Ok(PersonId(row.int(0)?)))
}

fn once(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Missing) }
}

/// The objections that came with a request and stand undecided, and against what: nothing where the policy no longer has it.
///
/// # Errors
/// Whatever the database says.
pub fn of_request(
    tx: &Tx<'_>,
    policy: &Policy,
    request: RequestId,
) -> Result<Vec<(ObjectionId, Option<Scope>)>> {
    tx.all(
        "SELECT id, scope, named FROM objection WHERE request_id = ?1 AND upheld_on IS NULL AND lifted_on IS NULL ORDER BY id",
        params![request],
        |row| Ok((ObjectionId(row.int(0)?), scope_named(policy, row.str(1)?, row.opt_text(2)?.as_deref()))),
    )
}
