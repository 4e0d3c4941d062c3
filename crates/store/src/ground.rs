//! Grounds as rows: why each person is held, kept equal to what the facts and the policy say. Every act that
//! changes a fact about a person settles them in its own transaction.

use std::collections::BTreeSet;

use custody::ground::{self, GroundChange};
use custody::id::{EngagementId, GroundId, PersonId};
use custody::life::{Life, StopCause};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use serde_json::json;

use crate::reach::Reach;
use crate::{Error, Result, Row, Tx, id, life, log, params, sweep};

/// The setting that asks the next night to settle everybody: a newer program may compute more than is stored.
pub(crate) const SETTLE_ALL: &str = "settle everybody";

/// What settling did.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The person's life as it is now.
    pub life: Life,
    /// What had to change for it.
    pub changes: Vec<GroundChange>,
}

/// Brings a person's grounds in line with the facts, writes what changed into the log, and says what it was.
/// `actor` is who caused it, as the log names them. Settling twice changes nothing the second time.
///
/// # Errors
/// [`Error::Missing`] if the instance holds nobody of this number.
pub fn settle(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<Settled> {
    settle_works_of(tx, policy, &[person], today, actor, now)?;
    let (lives, gone) = life::load_to_settle(tx, policy, &[person], today)?;
    let life = lives.into_iter().next().ok_or(Error::Missing)?;
    settle_life(tx, policy, life, &gone, today, actor, now)
}

/// Settles several people as [`settle`] does, in as few questions as it takes to load them. Of whom something cannot be read keeps
/// no other from being settled: the next night tries them again, and says on Today whom it could not.
///
/// # Errors
/// Whatever the database says but that something stored has the wrong form.
pub fn settle_many(
    tx: &Tx<'_>,
    policy: &Policy,
    people: &[PersonId],
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<()> {
    // What they hold is read before anything of them is written, and to settle somebody again changes nothing.
    match (settle_these(tx, policy, people, today, actor, now), people) {
        (Err(error), [one]) if error.is_unreadable() => {
            tracing::warn!(person = one.0, %error, "somebody could not be settled: the next night tries again");
            sweep::settle_again(tx, &[one.0])
        }
        (Err(error), [_, _, ..]) if error.is_unreadable() => {
            let (first, rest) = people.split_at(people.len() / 2);
            settle_many(tx, policy, first, today, actor, now)?;
            settle_many(tx, policy, rest, today, actor, now)
        }
        (settled, _) => settled,
    }
}

fn settle_these(
    tx: &Tx<'_>,
    policy: &Policy,
    people: &[PersonId],
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<()> {
    settle_works_of(tx, policy, people, today, actor, now)?;
    let (lives, gone) = life::load_to_settle(tx, policy, people, today)?;
    lives.into_iter().try_for_each(|life| settle_life(tx, policy, life, &gone, today, actor, now).map(drop))
}

/// Settles what pieces of work hold for themselves. Their lives as they are now.
///
/// # Errors
/// Whatever the database says.
pub fn settle_works(
    tx: &Tx<'_>,
    policy: &Policy,
    engagements: &[EngagementId],
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<Vec<Settled>> {
    let (lives, gone) = life::works_to_settle(tx, policy, engagements, today)?;
    lives.into_iter().map(|life| settle_life(tx, policy, life, &gone, today, actor, now)).collect()
}

/// Settles the work that people are on and that keeps something for itself, before them: it speaks for them too.
fn settle_works_of(
    tx: &Tx<'_>,
    policy: &Policy,
    people: &[PersonId],
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<()> {
    let engagements = life::works_of(tx, policy, people)?;
    if !engagements.is_empty() {
        settle_works(tx, policy, &engagements, today, actor, now)?;
    }
    Ok(())
}

/// Work that holds something for itself, or may, after one of them, some at a time.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn works_after(
    tx: &Tx<'_>,
    policy: &Policy,
    after: EngagementId,
    limit: u32,
) -> Result<Vec<EngagementId>> {
    let mut values = vec![after.into(), limit.into()];
    let mut kinds = vec!["''".to_owned()];
    for work in life::kept_for(policy).filter_map(|work| policy.works.get(work.index())) {
        values.push(work.name.as_str().into());
        kinds.push(format!("?{}", values.len()));
    }
    let sql = format!(
        "SELECT id FROM engagement WHERE id > ?1 AND work IN ({})
            UNION SELECT engagement_id FROM ground WHERE person_id IS NULL AND state = 'active' AND engagement_id > ?1
            ORDER BY 1 LIMIT ?2",
        kinds.join(", ")
    );
    tx.all(&sql, &values, |row| Ok(EngagementId(row.int(0)?)))
}

/// Settles a life. `gone` are active grounds, of this person and perhaps of others, whose clauses are gone.
fn settle_life(
    tx: &Tx<'_>,
    policy: &Policy,
    life: Life,
    gone: &[(PersonId, GroundId, String)],
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<Settled> {
    let person = life.person;
    let gone: Vec<_> = gone.iter().filter(|(whose, ..)| *whose == person).collect();
    let changes = ground::settle(policy, &life, today);
    if changes.is_empty() && gone.is_empty() {
        return Ok(Settled { life, changes });
    }
    let mut said = Vec::with_capacity(changes.len() + gone.len());
    let mut opened = Vec::new();
    for change in &changes {
        said.push(write(tx, policy, &life, change, (today, now), actor, &mut opened)?);
    }
    for (_, ground, rule) in gone {
        stop(tx, *ground, today, &StopCause::RuleGone, (actor, now))?;
        said.push(json!({ "stop": ground.0, "rule": rule, "on": today.to_string(), "cause": StopCause::RuleGone.name() }));
    }
    let whom: &[PersonId] = if life.alone { &[] } else { &[person] };
    log::append(tx, now, actor, "settle grounds", whom, &json!({ "changes": said }))?;
    Ok(Settled { life: settled(&life, &changes, today, opened), changes })
}

/// Whoever else is on a piece of work with a person whose birthday may move their clocks; nobody where no period of the
/// policy counts from somebody else's.
///
/// # Errors
/// Whatever the database says.
pub fn moved_by_birth(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<PersonId>> {
    if !life::births_of_others(policy) {
        return Ok(Vec::new());
    }
    tx.all(
        "SELECT DISTINCT o.person_id FROM engagement_person p JOIN engagement_person o ON o.engagement_id = p.engagement_id
            WHERE p.person_id = ?1 AND o.person_id <> ?1 ORDER BY 1",
        params![person],
        |row| Ok(PersonId(row.int(0)?)),
    )
}

/// Opens the grounds of somebody who was added in this transaction and of whom `life` is everything, without
/// reading back what was only just written. The life as it is now.
///
/// # Errors
/// Whatever the database says.
pub fn settle_new(
    tx: &Tx<'_>,
    policy: &Policy,
    life: &Life,
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<Life> {
    let changes = ground::settle(policy, life, today);
    let mut said = Vec::with_capacity(changes.len());
    let mut opened = Vec::new();
    for change in &changes {
        said.push(write(tx, policy, life, change, (today, now), actor, &mut opened)?);
    }
    if !said.is_empty() {
        log::append(tx, now, actor, "settle grounds", &[life.person], &json!({ "changes": said }))?;
    }
    Ok(settled(life, &changes, today, opened))
}

/// Everybody with a ground that stands, after one of them, some at a time.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn held_after(tx: &Tx<'_>, after: PersonId, limit: u32) -> Result<Vec<PersonId>> {
    tx.all(
        "SELECT DISTINCT person_id FROM ground WHERE state = 'active' AND person_id > ?1 ORDER BY person_id LIMIT ?2",
        params![after, limit],
        |row| Ok(PersonId(row.int(0)?)),
    )
}

/// Settles again after rows were written that a clause lets go one by one: the first of them to go is told to the
/// sweep; and where periods count from birthdays, since one may be among them, the person and whoever is on work with
/// them. Where no clause of the policy does so there is nothing to do.
///
/// # Errors
/// As [`settle`].
pub fn settle_rows(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<()> {
    let own = |rule: &policy::Rule| {
        rule.kinds.iter().filter_map(|kind| policy.kind(kind)).any(|kind| match kind.sort {
            policy::Sort::Item => rule.details_by_row(),
            policy::Sort::Entry | policy::Sort::Document => true,
            policy::Sort::Record => false,
        })
    };
    if policy.rules.iter().any(|rule| rule.by_row && own(rule)) || life::asks_for_births(policy) {
        settle(tx, policy, person, today, actor, now)?;
    }
    let beside = moved_by_birth(tx, policy, person)?;
    settle_many(tx, policy, &beside, today, actor, now)
}

/// The life with its changes, new grounds under the numbers they were stored with.
fn settled(life: &Life, changes: &[GroundChange], today: Date, opened: Vec<GroundId>) -> Life {
    let mut life = ground::settled(life, changes, today, i64::MIN);
    let new = life.grounds.iter_mut().filter(|held| held.id.0 < 0);
    for (held, stored) in new.zip(opened) {
        held.id = stored;
    }
    life
}

fn write(
    tx: &Tx<'_>,
    policy: &Policy,
    life: &Life,
    change: &GroundChange,
    (today, now): (Date, Timestamp),
    actor: &str,
    opened: &mut Vec<GroundId>,
) -> Result<serde_json::Value> {
    let words = |date: &Option<Date>| date.map(|date| date.to_string());
    let held = |ground: &GroundId| life.grounds.iter().find(|held| held.id == *ground);
    let key = |rule: policy::RuleId| policy.rules.get(rule.index()).map(|rule| rule.key.as_str());
    match change {
        GroundChange::Open { rule, engagement, due_on, review_on, awaiting, row } => {
            let rule = policy.rules.get(rule.index()).ok_or(Error::Missing)?;
            let activity = policy.activity(rule.activity).ok_or(Error::Missing)?;
            let ground = GroundId(id::next());
            opened.push(ground);
            tx.put(
                "INSERT INTO ground (id, person_id, engagement_id, activity, rule, opened_on, due_on, review_on, awaiting, row_on, row_at, dated_on, state, version)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?6, 'active', 1)",
                params![
                    ground, (!life.alone).then_some(life.person), *engagement, &activity.name, &rule.key, today, *due_on, *review_on, awaiting.as_ref(),
                    row.map(|row| row.on), row.and_then(|row| row.at)
                ],
            )?;
            Ok(
                json!({ "open": ground.0, "rule": rule.key, "engagement": engagement.map(|id| id.0), "due": words(due_on) }),
            )
        }
        GroundChange::Redate { ground, due_on, review_on, awaiting, row }
        | GroundChange::Reopen { ground, due_on, review_on, awaiting, row } => {
            let was = held(ground).and_then(|held| held.due_on);
            let dated = (was != *due_on).then_some(today);
            let again = matches!(change, GroundChange::Reopen { .. });
            if again {
                tx.put(
                    "UPDATE ground SET state = 'active', stopped_on = NULL, stopped_at = NULL, cause = NULL, stopped_by = NULL WHERE id = ?1",
                    params![*ground],
                )?;
            }
            tx.put(
                "UPDATE ground SET due_on = ?2, review_on = ?3, awaiting = ?4, dated_on = COALESCE(?5, dated_on), row_on = ?6,
                    row_at = ?7, version = version + 1 WHERE id = ?1",
                params![
                    *ground, *due_on, *review_on, awaiting.as_ref(), dated, row.map(|row| row.on), row.and_then(|row| row.at)
                ],
            )?;
            let rule = held(ground).and_then(|held| key(held.rule));
            Ok(
                json!({ (if again { "reopen" } else { "redate" }): ground.0, "rule": rule, "was": words(&was), "due": words(due_on), "review": words(review_on) }),
            )
        }
        GroundChange::Stop { ground, on, cause } => {
            stop(tx, *ground, *on, cause, (actor, now))?;
            // An end that its last day did not announce is known from today on, and the coming night deals with it.
            if held(ground).is_some_and(|held| held.due_on.is_none_or(|due| today <= due)) {
                tx.put("UPDATE ground SET dated_on = ?2 WHERE id = ?1", params![*ground, today])?;
            }
            let rule = held(ground).and_then(|held| key(held.rule));
            Ok(json!({ "stop": ground.0, "rule": rule, "on": on.to_string(), "cause": cause.name() }))
        }
    }
}

/// Stops a ground from a day on, and keeps when that was written down: what was done before it that day was done on it.
fn stop(
    tx: &Tx<'_>,
    ground: GroundId,
    on: Date,
    cause: &StopCause,
    (actor, now): (&str, Timestamp),
) -> Result<()> {
    tx.put(
        "UPDATE ground SET state = 'stopped', stopped_on = ?2, stopped_at = ?5, cause = ?3, stopped_by = ?4, swept_at = NULL,
            version = version + 1 WHERE id = ?1 AND state = 'active'",
        params![ground, on, cause.name(), actor, now],
    )?;
    Ok(())
}

/// Stops every active ground of a person, but those to be kept, because erasure was granted. How many.
///
/// # Errors
/// Whatever the database says.
pub fn erase(
    tx: &Tx<'_>,
    policy: &Policy,
    life: &Life,
    keep: &BTreeSet<GroundId>,
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<usize> {
    let mut stopped = Vec::new();
    for held in life
        .grounds
        .iter()
        .filter(|held| held.state == custody::life::State::Active && !keep.contains(&held.id))
    {
        stop(tx, held.id, today, &StopCause::Erased, (actor, now))?;
        stopped.push(
            json!({ "stop": held.id.0, "rule": policy.rules.get(held.rule.index()).map(|rule| &rule.key) }),
        );
    }
    if !stopped.is_empty() {
        let body = json!({ "changes": stopped, "cause": StopCause::Erased.name() });
        log::append(tx, now, actor, "settle grounds", &[life.person], &body)?;
    }
    Ok(stopped.len())
}

/// Stops a person's ground, because whoever looked at it again decided that it is needed no more.
///
/// # Errors
/// [`Error::Missing`] if it is not active, is not theirs, or has no review.
pub fn let_go(
    tx: &Tx<'_>,
    person: PersonId,
    which: GroundId,
    (today, now): (Date, Timestamp),
    actor: &str,
) -> Result<()> {
    let reviewed = "SELECT 1 FROM ground WHERE id = ?1 AND person_id = ?2 AND state = 'active' AND review_on IS NOT NULL";
    if !tx.any(reviewed, params![which, person])? {
        return Err(Error::Missing);
    }
    stop(tx, which, today, &StopCause::LetGo, (actor, now))
}

/// What was let go at its review by a slip goes on, if no night has dealt with it yet. Settle afterwards.
///
/// # Errors
/// [`Error::Missing`] if nothing such stands.
pub fn goes_on(tx: &Tx<'_>, person: PersonId, which: GroundId) -> Result<()> {
    let sql = "UPDATE ground SET state = 'active', stopped_on = NULL, stopped_at = NULL, cause = NULL, stopped_by = NULL,
            version = version + 1 WHERE id = ?1 AND person_id = ?2 AND state = 'stopped' AND cause = ?3 AND swept_at IS NULL";
    match tx.exec(sql, params![which, person, StopCause::LetGo.name()])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// A ground that somebody must review, or whose last day is near.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coming {
    /// The ground.
    pub ground: GroundId,
    /// Whose.
    pub person: PersonId,
    /// Under which activity, by name.
    pub activity: String,
    /// The rule's key.
    pub rule: String,
    /// The day.
    pub on: Date,
}

/// Active grounds whose review is due on or before a day, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn reviews_until(tx: &Tx<'_>, until: Date, limit: u32) -> Result<Vec<Coming>> {
    coming(tx, "review_on", until, limit)
}

/// Active grounds whose last day is on or before a day, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn due_until(tx: &Tx<'_>, until: Date, limit: u32) -> Result<Vec<Coming>> {
    coming(tx, "due_on", until, limit)
}

/// More people than this are counted no further where a clock has not started.
pub const MANY: u32 = 1000;

/// Grounds of one activity whose clock has not started, though it should have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotStarted {
    /// Under which activity.
    pub activity: String,
    /// What is awaited, in words.
    pub awaiting: String,
    /// How many people, up to one more than [`MANY`].
    pub people: u64,
    /// One of them.
    pub person: PersonId,
    /// The first day since when something should have happened.
    pub since: Date,
}

/// Clocks that have not started by a day: of work closed, or on which nothing has happened, since then; and of people
/// held since then whose clock waits for a contact that never came.
///
/// # Errors
/// Whatever the database says.
pub fn not_started(tx: &Tx<'_>, before: Date, limit: u32) -> Result<Vec<NotStarted>> {
    let mut late = of_work_not_started(tx, before)?;
    for (activity, awaiting) in awaited(tx)?.into_iter().filter(|(_, awaiting)| awaiting.contains("contact"))
    {
        late.extend(tx.all(
            "SELECT activity, awaiting, COUNT(DISTINCT person_id), MIN(person_id), MIN(opened_on) FROM (
                SELECT activity, awaiting, person_id, opened_on FROM ground WHERE state = 'active' AND awaiting IS NOT NULL
                    AND activity = ?1 AND awaiting = ?2 AND opened_on < ?3 AND engagement_id IS NULL AND person_id IS NOT NULL
                    ORDER BY opened_on LIMIT ?4) AS late GROUP BY activity, awaiting",
            params![activity, awaiting, before, MANY + 1],
            not_started_of,
        )?);
    }
    late.sort_by(|a, b| (a.since, &a.activity).cmp(&(b.since, &b.activity)));
    late.truncate(limit as usize);
    Ok(late)
}

/// What clocks of each activity wait for. Goes from one to the next by the index: there are few of them, and many people.
fn awaited(tx: &Tx<'_>) -> Result<Vec<(String, String)>> {
    const FROM: &str =
        "SELECT activity, awaiting FROM ground WHERE state = 'active' AND awaiting IS NOT NULL";
    let mut found: Vec<(String, String)> = Vec::new();
    loop {
        let (activity, awaiting) = found.last().cloned().unwrap_or_default();
        // Both columns compared as one would have SQLite pass every person who waits for the same.
        let same = format!("{FROM} AND activity = ?1 AND awaiting > ?2 ORDER BY awaiting LIMIT 1");
        let other = format!("{FROM} AND activity > ?1 ORDER BY activity, awaiting LIMIT 1");
        let pair = |row: &Row<'_>| Ok((row.text(0)?, row.text(1)?));
        let next = match tx.maybe(&same, params![&activity, awaiting], pair)? {
            Some(next) => Some(next),
            None => tx.maybe(&other, params![activity], pair)?,
        };
        match next {
            Some(next) => found.push(next),
            None => return Ok(found),
        }
    }
}

/// On work on which nothing has happened since. What it is grouped by is an expression, or SQLite would go through the
/// grounds of everybody in the order of an index.
fn of_work_not_started(tx: &Tx<'_>, before: Date) -> Result<Vec<NotStarted>> {
    let last = "COALESCE(e.closed_on, (SELECT MAX(m.on_date) FROM milestone m WHERE m.engagement_id = e.id AND m.undone_at IS NULL),
        e.opened_on)";
    let sql = format!(
        "SELECT activity, awaiting, COUNT(DISTINCT person_id), MIN(person_id), MIN(since) FROM (
            SELECT COALESCE(g.activity, '') AS activity, COALESCE(g.awaiting, '') AS awaiting, g.person_id, {last} AS since
                FROM engagement e JOIN ground g ON g.engagement_id = e.id WHERE g.state = 'active' AND g.awaiting IS NOT NULL AND g.engagement_id IS NOT NULL AND g.person_id IS NOT NULL
                AND {last} < ?1 AND NOT EXISTS (SELECT 1 FROM entry_work w JOIN entry n ON n.id = w.entry_id
                    WHERE w.engagement_id = e.id AND n.on_date >= ?1)) AS late GROUP BY activity, awaiting"
    );
    tx.all(&sql, params![before], not_started_of)
}

fn not_started_of(row: &Row<'_>) -> Result<NotStarted> {
    Ok(NotStarted {
        activity: row.text(0)?,
        awaiting: row.text(1)?,
        people: u64::try_from(row.int(2)?).unwrap_or(0),
        person: PersonId(row.int(3)?),
        since: row.date(4)?,
    })
}

fn coming(tx: &Tx<'_>, column: &str, until: Date, limit: u32) -> Result<Vec<Coming>> {
    // A date that cannot be read is the sweep's to report; it hides no other.
    let coming = tx.all(
        &format!(
            "SELECT id, person_id, activity, rule, {column} FROM ground
                WHERE state = 'active' AND {column} IS NOT NULL AND {column} <= ?1 AND person_id IS NOT NULL
                ORDER BY {column}, person_id LIMIT ?2"
        ),
        params![until, limit],
        |row| {
            let Ok(on) = row.date(4) else { return Ok(None) };
            Ok(Some(Coming {
                ground: GroundId(row.int(0)?),
                person: PersonId(row.int(1)?),
                activity: row.text(2)?,
                rule: row.text(3)?,
                on,
            }))
        },
    )?;
    Ok(coming.into_iter().flatten().collect())
}

/// Of how many people within reach a ground's last day is on or before a day, by activity.
///
/// # Errors
/// Whatever the database says.
pub fn people_due_until(tx: &Tx<'_>, reach: &Reach, until: Date) -> Result<Vec<(String, u64)>> {
    let mut values = vec![until.into()];
    let near = reach.sql("g.person_id", &mut values);
    tx.all(
        &format!(
            "SELECT g.activity, COUNT(DISTINCT g.person_id) FROM ground g
                WHERE g.state = 'active' AND g.due_on IS NOT NULL AND g.due_on <= ?1 AND g.person_id IS NOT NULL AND {near}
                GROUP BY g.activity ORDER BY g.activity"
        ),
        &values,
        |row| Ok((row.text(0)?, u64::try_from(row.int(1)?).unwrap_or(0))),
    )
}

/// How many people are held under an activity today.
///
/// # Errors
/// Whatever the database says.
pub fn people_under(tx: &Tx<'_>, activity: &str, today: Date) -> Result<u64> {
    let count = tx.count(
        "SELECT COUNT(DISTINCT person_id) FROM ground
            WHERE activity = ?1 AND state = 'active' AND (due_on IS NULL OR due_on >= ?2)",
        params![activity, today],
    )?;
    Ok(u64::try_from(count).unwrap_or(0))
}
