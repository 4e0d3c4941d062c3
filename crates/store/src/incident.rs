//! Incidents: personal data that was lost, seen by the wrong eyes, changed or out of reach (UK GDPR Art 33, 34). What happened, whose
//! data it was, and each step with when it was done and by whom. It tells nobody, and decides nothing.

use custody::id::{IncidentId, NOBODY, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use policy::law::uk;
use policy::{KindId, Policy};

use crate::{Error, Result, Row, Tx, id, params, ring_duty};

mod what;
mod whose;

pub use what::{Risk, Sort, Whom};
pub use whose::{all_told_at, how_many, of_these, people, some_people, whether_told};

/// The step that says that it was written down.
pub const WRITTEN: &str = "written down";
/// A step that notes what was found out.
pub const NOTED: &str = "looked into";
/// The step that says about how many people it is, and what of theirs.
pub const EXTENT: &str = "how much it is";
/// The step that says how bad it is.
pub const ASSESSED: &str = "risk assessed";
/// The step that says what keeps it from happening again.
pub const PREVENTED: &str = "prevented from happening again";
/// The step that says that a letter to somebody whose data it was did not leave: not all of them were told.
pub const UNHEARD: &str = "letter did not leave";
/// The step that says that somebody more was found to be in it once the people were told: not all of them were.
pub const ANOTHER: &str = "one more whose data it is";
/// The step that says that it was found, or happened, at another moment than stood there.
pub const PUT_RIGHT: &str = "hours put right";
/// The step that ends it.
pub const CLOSED: &str = "closed";
/// The step that says that it was not over.
pub const REOPENED: &str = "opened again";

/// What a step that considers somebody comes to where they are to be told.
pub const TELL: &str = "tell";
/// What it comes to where they are not.
pub const NO_NEED: &str = "no need";

/// An incident about to be written down.
#[derive(Clone, Copy, Debug)]
pub struct NewIncident<'a> {
    /// What went wrong.
    pub sort: Sort,
    /// What happened.
    pub what: &'a str,
    /// When somebody here became aware of it.
    pub found_at: Timestamp,
    /// Who found it.
    pub found_by: &'a str,
    /// When it happened, if anybody knows.
    pub happened_at: Option<Timestamp>,
    /// Who sees to it.
    pub owner: Option<StaffId>,
    /// Who wrote it down.
    pub by: Option<StaffId>,
}

/// An incident. What it says is sealed for the first whose data it is.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Its row.
    pub id: IncidentId,
    /// For whom it is sealed: [`NOBODY`] while nobody we hold is known to be in it.
    pub whose: PersonId,
    /// What went wrong.
    pub sort: Sort,
    /// What happened.
    pub what: Sealed,
    /// When somebody here became aware of it.
    pub found_at: Timestamp,
    /// Who found it.
    pub found_by: Option<Sealed>,
    /// When it happened, if anybody knows.
    pub happened_at: Option<Timestamp>,
    /// Until when the regulator is told, if they must be.
    pub due_at: Option<Timestamp>,
    /// About how many people it is, and what of theirs.
    pub extent: Option<Sealed>,
    /// How bad it may be.
    pub risk: Option<Risk>,
    /// Whether the regulator must be told, once decided.
    pub tell: Option<bool>,
    /// When the regulator was told.
    pub regulator_told_at: Option<Timestamp>,
    /// How the regulator refers to it.
    pub regulator_reference: Option<Sealed>,
    /// When the people whose data it is were told.
    pub people_told_at: Option<Timestamp>,
    /// What keeps it from happening again.
    pub measures: Option<Sealed>,
    /// Closed.
    pub closed_on: Option<Date>,
    /// Who sees to it.
    pub owner: Option<StaffId>,
    /// Its version.
    pub version: i64,
}

impl Incident {
    /// Until when the regulator is still to be told; nothing once they were or need not be, or it is closed.
    #[must_use]
    pub fn still_due(&self) -> Option<Timestamp> {
        let over = self.closed_on.is_some() || self.regulator_told_at.is_some() || self.tell == Some(false);
        self.due_at.filter(|_| !over)
    }
}

/// What was done about an incident.
#[derive(Clone, Debug)]
pub struct Step {
    /// What.
    pub step: String,
    /// What it came to: `a high risk`, `tell`, `no need`.
    pub outcome: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Why, or more about it.
    pub note: Option<Sealed>,
    /// Who wrote it down.
    pub by: Option<StaffId>,
}

/// Whether somebody was considered, and told; the last word of the steps counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Considered {
    /// Nobody has.
    NotYet,
    /// They need not be told.
    NoNeed,
    /// They are to be told and were not.
    ToTell,
    /// They were told.
    Told,
}

/// How it stands with telling somebody. That they need not be told is said again once it looks worse.
#[must_use]
pub fn considered(steps: &[Step], whom: Whom) -> Considered {
    let at = |name: &str| steps.iter().rposition(|step| step.step == name);
    let unheard = at(UNHEARD).max(at(ANOTHER)).filter(|_| whom == Whom::People);
    if at(whom.told()).is_some_and(|told| unheard < Some(told)) {
        return Considered::Told;
    }
    let Some(decided) = at(whom.considered()) else { return Considered::NotYet };
    let (_, since) = steps.split_at(decided);
    let tell = since.first().is_some_and(|step| step.outcome.as_deref() == Some(TELL));
    let worse = |step: &Step| {
        let risk = step.outcome.as_deref().filter(|_| step.step == ASSESSED).and_then(Risk::named);
        risk.is_some_and(|risk| whom.told_from().is_some_and(|from| risk >= from))
    };
    match tell {
        true => Considered::ToTell,
        false if since.iter().any(worse) => Considered::NotYet,
        false => Considered::NoNeed,
    }
}

/// Whether it was decided about them once, and is to be decided again because it looks worse.
#[must_use]
pub fn decided_again(steps: &[Step], whom: Whom) -> bool {
    let once = steps.iter().any(|step| step.step == whom.considered());
    once && considered(steps, whom) == Considered::NotYet
}

/// Until when the regulator is told of what somebody became aware of then: by the law, or sooner where the policy says so. Hours are
/// hours, over weekends and nights.
#[must_use]
pub fn due(policy: &Policy, found_at: Timestamp) -> Option<Timestamp> {
    let promised = policy.incidents.as_ref().and_then(|incidents| {
        let hours = i64::from(incidents.regulator_within_hours);
        found_at.checked_add(SignedDuration::from_hours(hours)).ok()
    });
    [uk::breach(found_at), promised].into_iter().flatten().min()
}

/// When a step was done, by whom, and what is said of it.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    /// When.
    pub at: Timestamp,
    /// Why, or more about it.
    pub note: Option<&'a str>,
    /// Who wrote it down.
    pub by: Option<StaffId>,
    /// When it was written down.
    pub now: Timestamp,
}

/// Writes an incident down.
///
/// # Errors
/// [`Error::Referred`] if there is no such owner.
pub fn open(tx: &Tx<'_>, policy: &Policy, new: &NewIncident<'_>, now: Timestamp) -> Result<IncidentId> {
    let incident = IncidentId(id::next());
    tx.exec(
        "INSERT INTO incident (id, sort, what, found_at, found_by, happened_at, due_at, owner_id, recorded_by, recorded_at, version)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)",
        params![
            incident,
            new.sort.name(),
            new.what,
            new.found_at,
            new.found_by,
            new.happened_at,
            due(policy, new.found_at),
            new.owner,
            new.by,
            now
        ],
    )?;
    step(tx, incident, (WRITTEN, None), Done { at: now, note: None, by: new.by, now })?;
    Ok(incident)
}

/// Writes down something done about an incident.
///
/// # Errors
/// [`Error::Referred`] if there is no such incident.
pub fn step(
    tx: &Tx<'_>,
    incident: IncidentId,
    (step, outcome): (&str, Option<&str>),
    done: Done<'_>,
) -> Result<()> {
    tx.exec(
        "INSERT INTO incident_step (id, incident_id, step, outcome, done_at, note, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![id::next(), incident, step, outcome, done.at, done.note, done.by, done.now],
    )?;
    Ok(())
}

/// Notes what was found out; also what it is like, where that is known better by now.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn note(tx: &Tx<'_>, incident: IncidentId, sort: Option<Sort>, done: Done<'_>) -> Result<()> {
    touched(tx, incident)?;
    if let Some(sort) = sort {
        tx.exec("UPDATE incident SET sort = ?2 WHERE id = ?1", params![incident, sort.name()])?;
    }
    step(tx, incident, (NOTED, sort.map(Sort::name)), done)
}

/// Puts right when it was found, and when it happened: until when the regulator is told is counted anew.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn put_right(
    tx: &Tx<'_>,
    policy: &Policy,
    incident: IncidentId,
    (found_at, happened_at): (Timestamp, Option<Timestamp>),
    done: Done<'_>,
) -> Result<()> {
    touched(tx, incident)?;
    tx.exec(
        "UPDATE incident SET found_at = ?2, happened_at = ?3, due_at = ?4 WHERE id = ?1",
        params![incident, found_at, happened_at, due(policy, found_at)],
    )?;
    step(tx, incident, (PUT_RIGHT, None), done)
}

/// One more version of an open incident.
fn touched(tx: &Tx<'_>, incident: IncidentId) -> Result<()> {
    let sql = "UPDATE incident SET version = version + 1 WHERE id = ?1 AND closed_on IS NULL";
    match tx.exec(sql, params![incident])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// About how many people it is, and what of theirs.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn extent(tx: &Tx<'_>, incident: IncidentId, extent: &str, done: Done<'_>) -> Result<()> {
    touched(tx, incident)?;
    tx.exec("UPDATE incident SET extent = ?2 WHERE id = ?1", params![incident, extent])?;
    step(tx, incident, (EXTENT, None), done)
}

/// How bad it may be, and why. Where it may hurt somebody, that the regulator need not be told counts no more: the hours go on.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn assess(tx: &Tx<'_>, incident: IncidentId, risk: Risk, done: Done<'_>) -> Result<()> {
    touched(tx, incident)?;
    tx.exec("UPDATE incident SET risk = ?2 WHERE id = ?1", params![incident, risk.name()])?;
    if Whom::Regulator.told_from().is_some_and(|from| risk >= from) {
        let again = "UPDATE incident SET decision = NULL WHERE id = ?1 AND decision = ?2";
        tx.exec(again, params![incident, NO_NEED])?;
    }
    step(tx, incident, (ASSESSED, Some(risk.name())), done)
}

/// Whether somebody is to be told, and why.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn consider(tx: &Tx<'_>, incident: IncidentId, whom: Whom, tell: bool, done: Done<'_>) -> Result<()> {
    touched(tx, incident)?;
    let outcome = if tell { TELL } else { NO_NEED };
    if whom == Whom::Regulator {
        tx.exec("UPDATE incident SET decision = ?2 WHERE id = ?1", params![incident, outcome])?;
    }
    step(tx, incident, (whom.considered(), Some(outcome)), done)
}

/// They were told. The first time counts; with the people, whoever was not told by name before was told then.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn told(tx: &Tx<'_>, incident: IncidentId, whom: Whom, done: Done<'_>) -> Result<()> {
    touched(tx, incident)?;
    let sql: &[&str] = match whom {
        Whom::Regulator => {
            &["UPDATE incident SET regulator_told_at = COALESCE(regulator_told_at, ?2) WHERE id = ?1"]
        }
        Whom::People => &[
            "UPDATE incident SET people_told_at = COALESCE(people_told_at, ?2) WHERE id = ?1",
            "UPDATE incident_person SET told_at = COALESCE(told_at, ?2) WHERE incident_id = ?1",
        ],
        Whom::Organisations | Whom::Police => &[],
    };
    for sql in sql {
        tx.exec(sql, params![incident, done.at])?;
    }
    step(tx, incident, (whom.told(), None), done)
}

/// How the regulator refers to it.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn referred(tx: &Tx<'_>, incident: IncidentId, reference: &str) -> Result<()> {
    touched(tx, incident)?;
    tx.exec("UPDATE incident SET regulator_reference = ?2 WHERE id = ?1", params![incident, reference])?;
    Ok(())
}

/// What keeps it from happening again.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn prevented(tx: &Tx<'_>, incident: IncidentId, measures: &str, done: Done<'_>) -> Result<()> {
    touched(tx, incident)?;
    tx.exec("UPDATE incident SET measures = ?2 WHERE id = ?1", params![incident, measures])?;
    step(tx, incident, (PREVENTED, None), done)
}

/// Closes it. The caller settles whose data it is.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn close(tx: &Tx<'_>, incident: IncidentId, on: Date, done: Done<'_>) -> Result<()> {
    touched(tx, incident)?;
    tx.exec("UPDATE incident SET closed_on = ?2 WHERE id = ?1", params![incident, on])?;
    step(tx, incident, (CLOSED, None), done)
}

/// Opens one again that was closed. The caller settles whose data it is.
///
/// # Errors
/// [`Error::Missing`] if there is no such closed incident.
pub fn reopen(tx: &Tx<'_>, incident: IncidentId, done: Done<'_>) -> Result<()> {
    let sql =
        "UPDATE incident SET closed_on = NULL, version = version + 1 WHERE id = ?1 AND closed_on IS NOT NULL";
    match tx.exec(sql, params![incident])? {
        0 => Err(Error::Missing),
        _ => step(tx, incident, (REOPENED, None), done),
    }
}

/// Gives an incident to somebody.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident.
pub fn assign(tx: &Tx<'_>, incident: IncidentId, owner: StaffId) -> Result<()> {
    touched(tx, incident)?;
    tx.exec("UPDATE incident SET owner_id = ?2 WHERE id = ?1", params![incident, owner])?;
    Ok(())
}

/// Somebody's data was part of it. Where the people were told already, not all of them were. The caller settles them.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident; [`Error::Referred`] if there is no such person.
pub fn link(tx: &Tx<'_>, incident: IncidentId, person: PersonId, done: Done<'_>) -> Result<()> {
    touched(tx, incident)?;
    let new = tx.exec(
        "INSERT INTO incident_person (incident_id, person_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![incident, person],
    )?;
    let told = "UPDATE incident SET people_told_at = NULL WHERE id = ?1 AND people_told_at IS NOT NULL";
    if new > 0 && tx.exec(told, params![incident])? > 0 {
        step(tx, incident, (ANOTHER, None), done)?;
    }
    Ok(())
}

/// One of those whose data it was was told.
///
/// # Errors
/// Whatever the database says.
pub fn told_one(tx: &Tx<'_>, incident: IncidentId, person: PersonId, at: Timestamp) -> Result<()> {
    let sql = "UPDATE incident_person SET told_at = COALESCE(told_at, ?3) WHERE incident_id = ?1 AND person_id = ?2";
    tx.exec(sql, params![incident, person, at])?;
    Ok(())
}

/// What was to tell one of them did not leave: they were not told, and so not everybody was.
///
/// # Errors
/// [`Error::Referred`] if there is no such incident.
pub fn unheard(tx: &Tx<'_>, incident: IncidentId, person: PersonId, done: Done<'_>) -> Result<()> {
    let theirs = "UPDATE incident_person SET told_at = NULL WHERE incident_id = ?1 AND person_id = ?2";
    tx.exec(theirs, params![incident, person])?;
    let sql = "UPDATE incident SET people_told_at = NULL, version = version + 1 WHERE id = ?1 AND closed_on IS NULL";
    tx.exec(sql, params![incident])?;
    step(tx, incident, (UNHEARD, None), done)
}

/// It was not their data after all: drafts of letters to them go. The caller settles them.
///
/// # Errors
/// [`Error::Missing`] if there is no such open incident, or it was never theirs.
pub fn unlink(tx: &Tx<'_>, incident: IncidentId, person: PersonId) -> Result<()> {
    touched(tx, incident)?;
    let theirs = "incident_id = ?1 AND person_id = ?2";
    let drafts = format!("{theirs} AND sent_on IS NULL");
    ring_duty::delete(tx, "letter", &drafts, params![incident, person])?;
    match ring_duty::delete(tx, "incident_person", theirs, params![incident, person])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

const SELECT: &str = "SELECT i.id, (SELECT MIN(p.person_id) FROM incident_person p WHERE p.incident_id = i.id), i.sort, i.what, i.found_at,
    i.found_by, i.happened_at, i.due_at, i.risk, i.decision, i.regulator_told_at, i.regulator_reference, i.people_told_at, i.measures,
    i.closed_on, i.owner_id, i.version, i.extent FROM incident i";

/// The kind of what it says.
fn kind(policy: &Policy) -> Result<KindId> {
    policy.kind_named("incident record").map(|kind| kind.id).ok_or(Error::Missing)
}

fn read(policy: &Policy, row: &Row<'_>) -> Result<Incident> {
    let whose = row.opt_int(1)?.map_or(NOBODY, PersonId);
    let kind = kind(policy)?;
    let seal = |text: String| Sealed::new(whose, kind, text);
    Ok(Incident {
        id: IncidentId(row.int(0)?),
        whose,
        sort: Sort::named(row.str(2)?).unwrap_or(Sort::Unclear),
        what: seal(row.text(3)?),
        found_at: row.at(4)?,
        found_by: row.opt_text(5)?.map(seal),
        happened_at: row.opt_at(6)?,
        due_at: row.opt_at(7)?,
        risk: row.opt_str(8)?.and_then(Risk::named),
        tell: row.opt_str(9)?.map(|decision| decision == TELL),
        regulator_told_at: row.opt_at(10)?,
        regulator_reference: row.opt_text(11)?.map(seal),
        people_told_at: row.opt_at(12)?,
        measures: row.opt_text(13)?.map(seal),
        closed_on: row.opt_date(14)?,
        owner: row.opt_int(15)?.map(StaffId),
        version: row.int(16)?,
        extent: row.opt_text(17)?.map(seal),
    })
}

/// One incident.
///
/// # Errors
/// [`Error::Missing`] if there is none, or the policy has no record of that kind.
pub fn one(tx: &Tx<'_>, policy: &Policy, incident: IncidentId) -> Result<Incident> {
    tx.one(&format!("{SELECT} WHERE i.id = ?1"), params![incident], |row| read(policy, row))
}

/// Open incidents, those whose time ends first before the others.
///
/// # Errors
/// Whatever the database says.
pub fn open_ones(tx: &Tx<'_>, policy: &Policy, limit: u32) -> Result<Vec<Incident>> {
    let sql = format!("{SELECT} WHERE i.closed_on IS NULL ORDER BY i.due_at, i.id LIMIT ?1");
    tx.all(&sql, params![limit], |row| read(policy, row))
}

/// A page of the register of incidents, open and closed, the newest first, after one of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn register(
    tx: &Tx<'_>,
    policy: &Policy,
    after: Option<IncidentId>,
    limit: u32,
) -> Result<Vec<Incident>> {
    let after = after.map_or(i64::MAX, |after| after.0);
    let sql = format!("{SELECT} WHERE i.id < ?1 ORDER BY i.id DESC LIMIT ?2");
    tx.all(&sql, params![after, limit], |row| read(policy, row))
}

/// What was done about an incident, oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn steps(tx: &Tx<'_>, policy: &Policy, incident: &Incident) -> Result<Vec<Step>> {
    let kind = kind(policy)?;
    let sql = "SELECT step, outcome, done_at, note, recorded_by FROM incident_step WHERE incident_id = ?1 ORDER BY id";
    tx.all(sql, params![incident.id], |row| {
        Ok(Step {
            step: row.text(0)?,
            outcome: row.opt_text(1)?,
            at: row.at(2)?,
            note: row.opt_text(3)?.map(|note| Sealed::new(incident.whose, kind, note)),
            by: row.opt_int(4)?.map(StaffId),
        })
    })
}
