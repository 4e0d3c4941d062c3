//! Engagements: pieces of work with a life, who takes part in them, what has happened, and for how long it
//! was agreed to keep what comes of them. A milestone is never deleted by hand: it is undone, with a day.

use custody::coverage::Role;
use custody::id::{EngagementId, OrganisationId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::civil::Date;
use jiff::{Span as Period, Timestamp};
use policy::{Policy, WorkId};

use crate::reach::Reach;
use crate::{Error, Result, Row, Tx, Value, id, params};

/// An engagement about to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewEngagement<'a> {
    /// What kind of work.
    pub work: WorkId,
    /// What it is called here.
    pub title: &'a str,
    /// Opened.
    pub opened_on: Date,
    /// The organisation that pays, where one does.
    pub paid_by_organisation: Option<OrganisationId>,
    /// The person who pays, where one does.
    pub paid_by_person: Option<PersonId>,
}

/// An engagement, its title sealed for the person it is for.
#[derive(Clone, Debug)]
pub struct Engagement {
    /// Its row.
    pub id: EngagementId,
    /// What kind of work; `None` where the policy no longer has it.
    pub work: Option<WorkId>,
    /// The kind's name, as stored.
    pub work_name: String,
    /// What it is called; nothing where nobody is on it.
    pub title: Option<Sealed>,
    /// Opened.
    pub opened_on: Date,
    /// Its last milestone happened.
    pub closed_on: Option<Date>,
    /// The organisation that pays.
    pub paid_by_organisation: Option<OrganisationId>,
    /// The person who pays.
    pub paid_by_person: Option<PersonId>,
    /// Its version.
    pub version: i64,
}

/// A part somebody plays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Playing {
    /// On which engagement.
    pub engagement: EngagementId,
    /// Who.
    pub person: PersonId,
    /// Which part: `client`.
    pub part: String,
    /// Joined.
    pub since: Date,
    /// Left.
    pub until: Option<Date>,
}

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Milestone {
    /// Its row.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// When it happened.
    pub on: Date,
    /// Who recorded it.
    pub by: Option<StaffId>,
    /// Whether it was taken back.
    pub undone: bool,
}

/// Opens an engagement. People join it afterwards.
///
/// # Errors
/// [`Error::Missing`] if the policy has no such kind of work.
pub fn open(tx: &Tx<'_>, policy: &Policy, new: &NewEngagement<'_>, now: Timestamp) -> Result<EngagementId> {
    let work = policy.works.get(new.work.index()).ok_or(Error::Missing)?;
    let engagement = EngagementId(id::next());
    tx.exec(
        "INSERT INTO engagement (id, work, title, opened_on, paid_by_organisation_id, paid_by_person_id, created_at, version)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
        params![engagement, &work.name, new.title, new.opened_on, new.paid_by_organisation, new.paid_by_person, now],
    )?;
    Ok(engagement)
}

/// Whether the instance still holds a piece of work.
///
/// # Errors
/// Whatever the database says.
pub fn exists(tx: &Tx<'_>, engagement: EngagementId) -> Result<bool> {
    tx.any("SELECT 1 FROM engagement WHERE id = ?1", params![engagement])
}

/// Puts a person into a part of the work, or back into one they had left.
///
/// # Errors
/// [`Error::Taken`] if they play it already; [`Error::Referred`] if either is not there.
pub fn join(tx: &Tx<'_>, engagement: EngagementId, person: PersonId, part: &str, since: Date) -> Result<()> {
    let joined = tx.exec(
        "INSERT INTO engagement_person (engagement_id, person_id, part, since) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (engagement_id, person_id, part) DO UPDATE SET since = excluded.since, until = NULL
            WHERE engagement_person.until IS NOT NULL",
        params![engagement, person, part, since],
    )?;
    if joined == 0 { Err(Error::Taken("engagement_person".to_owned())) } else { Ok(()) }
}

/// Records that a person left a part of the work.
///
/// # Errors
/// [`Error::Missing`] if they do not play it.
pub fn leave(tx: &Tx<'_>, engagement: EngagementId, person: PersonId, part: &str, until: Date) -> Result<()> {
    let sql = "UPDATE engagement_person SET until = ?4 WHERE engagement_id = ?1 AND person_id = ?2 AND part = ?3 AND until IS NULL";
    match tx.exec(sql, params![engagement, person, part, until])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// The parts that somebody has left on work that goes on, the latest first: on which, which part, and since when. What they
/// play there again is not among them.
///
/// # Errors
/// Whatever the database says.
pub fn parts_left(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Playing>> {
    tx.all(
        "SELECT p.engagement_id, p.part, p.since, p.until FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id
            WHERE p.person_id = ?1 AND p.until IS NOT NULL AND e.closed_on IS NULL ORDER BY p.until DESC, p.engagement_id DESC, p.part",
        params![person],
        |row| {
            let engagement = EngagementId(row.int(0)?);
            Ok(Playing { engagement, person, part: row.text(1)?, since: row.date(2)?, until: row.opt_date(3)? })
        },
    )
}

/// Takes back that somebody left a part.
///
/// # Errors
/// [`Error::Missing`] if they did not leave it.
pub fn stay(tx: &Tx<'_>, engagement: EngagementId, person: PersonId, part: &str) -> Result<()> {
    let sql = "UPDATE engagement_person SET until = NULL WHERE engagement_id = ?1 AND person_id = ?2 AND part = ?3 AND until IS NOT NULL";
    match tx.exec(sql, params![engagement, person, part])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Records that a milestone happened. The last one of its kind of work closes the engagement. The caller
/// settles everybody on it.
///
/// # Errors
/// [`Error::Missing`] if there is no such engagement, or its work has no such milestone.
pub fn record_milestone(
    tx: &Tx<'_>,
    policy: &Policy,
    engagement: EngagementId,
    name: &str,
    on: Date,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<i64> {
    let work = tx.one("SELECT work FROM engagement WHERE id = ?1", params![engagement], |row| row.text(0))?;
    let work = policy.work_named(&work).ok_or(Error::Missing)?;
    if !work.milestones.iter().any(|known| known == name) {
        return Err(Error::Missing);
    }
    let milestone = id::next();
    tx.exec(
        "INSERT INTO milestone (id, engagement_id, name, on_date, recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![milestone, engagement, name, on, by, now],
    )?;
    close_or_reopen(tx, policy, engagement)?;
    Ok(milestone)
}

/// Takes a milestone back: clocks await the next one, and what ended with it and is not gone begins again.
/// Which engagement it was of. The caller settles everybody on it.
///
/// # Errors
/// [`Error::Missing`] if there is no such milestone, or it was taken back already.
pub fn undo_milestone(tx: &Tx<'_>, policy: &Policy, milestone: i64, now: Timestamp) -> Result<EngagementId> {
    if tx.exec(
        "UPDATE milestone SET undone_at = ?2 WHERE id = ?1 AND undone_at IS NULL",
        params![milestone, now],
    )? == 0
    {
        return Err(Error::Missing);
    }
    let engagement =
        tx.one("SELECT engagement_id FROM milestone WHERE id = ?1", params![milestone], |row| {
            Ok(EngagementId(row.int(0)?))
        })?;
    close_or_reopen(tx, policy, engagement)?;
    Ok(engagement)
}

/// Keeps the day an engagement closed equal to the last standing day of its last milestone.
fn close_or_reopen(tx: &Tx<'_>, policy: &Policy, engagement: EngagementId) -> Result<()> {
    let work = tx.one("SELECT work FROM engagement WHERE id = ?1", params![engagement], |row| row.text(0))?;
    let last = policy.work_named(&work).and_then(|work| work.milestones.last());
    let closed = match last {
        Some(last) => tx.one(
            "SELECT MAX(on_date) FROM milestone WHERE engagement_id = ?1 AND name = ?2 AND undone_at IS NULL",
            params![engagement, last],
            |row| row.opt_date(0),
        )?,
        None => None,
    };
    tx.exec(
        "UPDATE engagement SET closed_on = ?2, version = version + 1 WHERE id = ?1",
        params![engagement, closed],
    )?;
    Ok(())
}

/// Everything that happened on an engagement, what was taken back too, oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn milestones(tx: &Tx<'_>, engagement: EngagementId) -> Result<Vec<Milestone>> {
    tx.all(
        "SELECT id, name, on_date, recorded_by, undone_at FROM milestone WHERE engagement_id = ?1 ORDER BY on_date, id",
        params![engagement],
        |row| {
            Ok(Milestone {
                id: row.int(0)?,
                name: row.text(1)?,
                on: row.date(2)?,
                by: row.opt_int(3)?.map(StaffId),
                undone: row.opt_int(4)?.is_some(),
            })
        },
    )
}

/// A retention period about to be agreed with a person.
#[derive(Clone, Copy, Debug)]
pub struct NewAgreement<'a> {
    /// On which engagement.
    pub engagement: EngagementId,
    /// With whom.
    pub person: PersonId,
    /// How long, from the event of the clause.
    pub period: &'a Period,
    /// Why, where it is over a cap that takes a reason.
    pub reason: Option<&'a str>,
    /// Who decided that.
    pub decided_by: Option<StaffId>,
    /// The day it was agreed.
    pub agreed_on: Date,
    /// Who recorded it.
    pub by: Option<StaffId>,
}

/// Records a retention period agreed with a person; the latest one counts. The caller settles the person.
///
/// # Errors
/// [`Error::Referred`] if either is not there.
pub fn agree(tx: &Tx<'_>, new: &NewAgreement<'_>, now: Timestamp) -> Result<()> {
    tx.exec(
        "INSERT INTO agreement (id, engagement_id, person_id, period, reason, agreed_on, decided_by, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            id::next(), new.engagement, new.person, new.period.to_string(), new.reason, new.agreed_on, new.decided_by, new.by, now
        ],
    )?;
    Ok(())
}

/// Assigns a member of staff to an engagement, unless they are already.
///
/// # Errors
/// [`Error::Referred`] if either is not there.
pub fn assign(tx: &Tx<'_>, engagement: EngagementId, staff: StaffId, since: Date) -> Result<()> {
    let standing =
        "SELECT 1 FROM engagement_staff WHERE engagement_id = ?1 AND staff_id = ?2 AND until IS NULL";
    if tx.any(standing, params![engagement, staff])? {
        return Ok(());
    }
    tx.exec(
        "INSERT INTO engagement_staff (engagement_id, staff_id, since) VALUES (?1, ?2, ?3)
            ON CONFLICT (engagement_id, staff_id, since) DO UPDATE SET until = NULL",
        params![engagement, staff, since],
    )?;
    Ok(())
}

/// Ends an assignment from a day on.
///
/// # Errors
/// Whatever the database says.
pub fn unassign(tx: &Tx<'_>, engagement: EngagementId, staff: StaffId, until: Date) -> Result<()> {
    let sql =
        "UPDATE engagement_staff SET until = ?3 WHERE engagement_id = ?1 AND staff_id = ?2 AND until IS NULL";
    tx.exec(sql, params![engagement, staff, until])?;
    Ok(())
}

/// Takes back that assignments ended with the work on a day: whoever worked on it then does so again.
///
/// # Errors
/// Whatever the database says.
pub fn assign_again(tx: &Tx<'_>, engagement: EngagementId, ended_on: Date) -> Result<()> {
    let sql = "UPDATE engagement_staff SET until = NULL WHERE engagement_id = ?1 AND until > ?2";
    tx.exec(sql, params![engagement, ended_on])?;
    Ok(())
}

/// Who of the staff works on an engagement today.
///
/// # Errors
/// Whatever the database says.
pub fn staff(tx: &Tx<'_>, engagement: EngagementId, today: Date) -> Result<Vec<StaffId>> {
    tx.all(
        "SELECT DISTINCT staff_id FROM engagement_staff WHERE engagement_id = ?1 AND (until IS NULL OR until > ?2) ORDER BY staff_id",
        params![engagement, today],
        |row| Ok(StaffId(row.int(0)?)),
    )
}

/// Who plays which part on an engagement, those who left too.
///
/// # Errors
/// Whatever the database says.
pub fn people(tx: &Tx<'_>, engagement: EngagementId) -> Result<Vec<Playing>> {
    tx.all(
        "SELECT person_id, part, since, until FROM engagement_person WHERE engagement_id = ?1 ORDER BY since, part, person_id",
        params![engagement],
        |row| {
            Ok(Playing { engagement, person: PersonId(row.int(0)?), part: row.text(1)?, since: row.date(2)?, until: row.opt_date(3)? })
        },
    )
}

const SELECT: &str = "SELECT e.id, e.work, e.title, e.opened_on, e.closed_on, e.paid_by_organisation_id, e.paid_by_person_id, e.version,
    (SELECT MIN(p.person_id) FROM engagement_person p WHERE p.engagement_id = e.id) FROM engagement e";

fn read(policy: &Policy, for_whom: Option<PersonId>, row: &Row<'_>) -> Result<Engagement> {
    let kind = policy.kind_named("work record").map(|kind| kind.id);
    let whose = for_whom.or(row.opt_int(8)?.map(PersonId));
    let work_name = row.text(1)?;
    Ok(Engagement {
        id: EngagementId(row.int(0)?),
        work: policy.work_named(&work_name).map(|work| work.id),
        work_name,
        title: whose
            .zip(kind)
            .map(|(person, kind)| row.text(2).map(|title| Sealed::new(person, kind, title)))
            .transpose()?,
        opened_on: row.date(3)?,
        closed_on: row.opt_date(4)?,
        paid_by_organisation: row.opt_int(5)?.map(OrganisationId),
        paid_by_person: row.opt_int(6)?.map(PersonId),
        version: row.int(7)?,
    })
}

/// One engagement, its title sealed for the first person on it.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, policy: &Policy, engagement: EngagementId) -> Result<Engagement> {
    tx.one(&format!("{SELECT} WHERE e.id = ?1"), params![engagement], |row| read(policy, None, row))
}

/// Every engagement a person is or was on, the newest first, titles sealed for that person.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Engagement>> {
    tx.all(
        &format!(
            "{SELECT} WHERE e.id IN (SELECT p.engagement_id FROM engagement_person p WHERE p.person_id = ?1)
                ORDER BY e.opened_on DESC, e.id DESC"
        ),
        params![person],
        |row| read(policy, Some(person), row),
    )
}

/// A page of engagements, the newest first, after one of the page before: of one kind of work, or all; the
/// open, the closed, or all; and only those with somebody on them within reach. Each with its number, and nothing else where what is
/// stored of it cannot be read: the program's own log says of which.
///
/// # Errors
/// Whatever the database says but that something stored has the wrong form.
pub fn page(
    tx: &Tx<'_>,
    policy: &Policy,
    reach: &Reach,
    work: Option<&str>,
    open: Option<bool>,
    after: Option<EngagementId>,
    limit: u32,
) -> Result<Vec<(EngagementId, Option<Engagement>)>> {
    let mut values: Vec<Value<'static>> = Vec::new();
    let within = reach.sql("w.person_id", &mut values);
    let mut sql = format!(
        "{SELECT} WHERE EXISTS (SELECT 1 FROM engagement_person w WHERE w.engagement_id = e.id AND {within})"
    );
    if let Some(work) = work {
        values.push(work.to_owned().into());
        sql.push_str(&format!(" AND e.work = ?{}", values.len()));
    }
    match open {
        Some(true) => sql.push_str(" AND e.closed_on IS NULL"),
        Some(false) => sql.push_str(" AND e.closed_on IS NOT NULL"),
        None => {}
    }
    if let Some(after) = after {
        values.push(after.into());
        let n = values.len();
        sql.push_str(&format!(
            " AND (e.opened_on, e.id) < ((SELECT a.opened_on FROM engagement a WHERE a.id = ?{n}), ?{n})"
        ));
    }
    values.push(limit.into());
    sql.push_str(&format!(" ORDER BY e.opened_on DESC, e.id DESC LIMIT ?{}", values.len()));
    tx.all(&sql, &values, |row| {
        let id = EngagementId(row.int(0)?);
        match read(policy, None, row) {
            Err(error) if error.is_unreadable() => {
                tracing::warn!(work = id.0, %error, "what is stored of a piece of work cannot be read: it is left out here");
                Ok((id, None))
            }
            found => Ok((id, Some(found?))),
        }
    })
}

/// How many pieces of one kind of work within reach stand at each stage: opened, then after each of its milestones.
///
/// # Errors
/// Whatever the database says.
pub fn stages(tx: &Tx<'_>, reach: &Reach, work: &policy::Work, open: Option<bool>) -> Result<Vec<u64>> {
    let mut values: Vec<Value<'static>> = Vec::new();
    let within = reach.sql("w.person_id", &mut values);
    let mut add = |value: String| {
        values.push(value.into());
        format!("?{}", values.len())
    };
    let kind = add(work.name.clone());
    let mut at = String::new();
    for (place, milestone) in (1..).zip(&work.milestones) {
        let named = add(milestone.clone());
        at.push_str(&format!(" WHEN {named} THEN {place}"));
    }
    let at = if at.is_empty() { "0".to_owned() } else { format!("CASE m.name{at} ELSE 0 END") };
    let open = match open {
        Some(true) => " AND e.closed_on IS NULL",
        Some(false) => " AND e.closed_on IS NOT NULL",
        None => "",
    };
    let sql = format!(
        "SELECT stage, COUNT(*) FROM (SELECT COALESCE((SELECT MAX({at}) FROM milestone m WHERE m.engagement_id = e.id
                AND m.undone_at IS NULL), 0) AS stage FROM engagement e
            WHERE EXISTS (SELECT 1 FROM engagement_person w WHERE w.engagement_id = e.id AND {within})
                AND e.work = {kind}{open}) AS staged GROUP BY stage"
    );
    let mut counts = vec![0; work.milestones.len() + 1];
    tx.each(&sql, &values, |row| {
        let stage = usize::try_from(row.int(0)?).unwrap_or(0);
        if let Some(count) = counts.get_mut(stage) {
            *count = u64::try_from(row.int(1)?).unwrap_or(0);
        }
        Ok::<(), Error>(())
    })?;
    Ok(counts)
}

/// A role in a datum, as the database names it.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Subject => "subject",
        Role::Author => "author",
        Role::Mentioned => "mentioned",
    }
}

/// The role of a name. What is not known counts as the fullest.
#[must_use]
pub fn role_named(name: &str) -> Role {
    match name {
        "author" => Role::Author,
        "mentioned" => Role::Mentioned,
        _ => Role::Subject,
    }
}
