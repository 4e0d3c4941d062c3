//! Lives of pieces of work: what a clause keeps for the work itself rests on these, whoever is on it. They are put together as
//! those of people are, the work standing in its own place, and have nothing that only people have.

use std::sync::OnceLock;

use custody::id::{EngagementId, PersonId};
use custody::life::Life;
use jiff::civil::Date;
use policy::{Policy, WorkId};

use super::gather::{Gathering, Gone};
use super::parts::Wanted;
use crate::asked::{asked, placeholders};
use crate::{Error, Result, Tx, Value};

/// As [`super::parts`] has them of people.
const PARTS: &[&str] = &[
    "SELECT 0, id, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),
        CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT),
        CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT)
        FROM engagement WHERE id {people}",
    "SELECT 2, id, id, created_at, NULL, NULL, work, '', opened_on, NULL, opened_on, closed_on, NULL, NULL, NULL
        FROM engagement WHERE id {people}",
    "SELECT 3, engagement_id, id, engagement_id, NULL, NULL, name, on_date, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM milestone WHERE engagement_id {people} AND undone_at IS NULL",
    "SELECT 6, engagement_id, staff_id, engagement_id, NULL, NULL, since, until, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM engagement_staff WHERE engagement_id {people}",
    "SELECT 15, engagement_id, id, engagement_id, swept_at, NULL, rule, opened_on, due_on, review_on, awaiting, reviewed_on, state, stopped_on, cause
        FROM ground WHERE person_id IS NULL AND engagement_id {people}",
    "SELECT 17, h.engagement_id, h.id, h.owner_id, x.staff_id, NULL, h.since, h.review_on, h.ended_on, NULL, NULL, NULL, NULL, NULL, NULL
        FROM hold h LEFT JOIN hold_helper x ON x.hold_id = h.id WHERE h.engagement_id {people}",
];

/// The kinds of work for which a clause of the policy keeps something, whoever is on it.
pub fn kept_for(policy: &Policy) -> impl Iterator<Item = WorkId> {
    policy.rules.iter().filter(|rule| rule.for_work).filter_map(|rule| rule.work)
}

/// What pieces of work hold for themselves, in the order of their numbers; those that are not there are left out.
///
/// # Errors
/// Whatever the database says.
pub fn works(tx: &Tx<'_>, policy: &Policy, engagements: &[EngagementId], today: Date) -> Result<Vec<Life>> {
    Ok(works_to_settle(tx, policy, engagements, today)?.0)
}

/// What pieces of work hold for themselves, as [`works`] gives it, of those of which everything can be read; beside them those of
/// which something cannot be.
///
/// # Errors
/// Whatever the database says but that something stored has the wrong form.
pub fn readable_works(
    tx: &Tx<'_>,
    policy: &Policy,
    engagements: &[EngagementId],
    today: Date,
) -> Result<(Vec<Life>, Vec<EngagementId>)> {
    let mut numbers = engagements.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let mut load = |some: &[EngagementId]| works(tx, policy, some, today);
    super::apart(&numbers, &mut load, &|work: EngagementId, error: &Error| {
        tracing::warn!(work = work.0, %error, "what is stored of a piece of work cannot be read: it is left out here");
    })
}

pub(crate) fn works_to_settle(
    tx: &Tx<'_>,
    policy: &Policy,
    engagements: &[EngagementId],
    today: Date,
) -> Result<(Vec<Life>, Vec<Gone>)> {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| PARTS.join("\nUNION ALL "));
    let mut numbers: Vec<PersonId> = engagements.iter().map(|engagement| PersonId(engagement.0)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let wanted = Wanted {
        for_clocks: false,
        documents: false,
        facts: false,
        births: false,
        said: false,
        of_work: false,
    };
    let mut gathering = Gathering::new(policy, super::zone(policy), wanted, today, &numbers);
    for asked in asked(tx, &numbers)? {
        tx.each(&asked.sql(text), &asked.values, |row| gathering.take(row))?;
    }
    let (mut lives, gone) = gathering.done();
    for life in &mut lives {
        life.alone = true;
        // Whoever may see one of those on the work may see what it keeps.
        if let Some(on) = life.works.pop() {
            let work = policy.works.get(on.work.index());
            for part in work.map_or(&[][..], |work| work.parts.as_slice()) {
                life.works.push(custody::life::OnWork { part: part.name.clone(), ..on.clone() });
            }
        }
    }
    Ok((lives, gone))
}

/// The work that these people are on and that keeps something for itself.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn works_of(tx: &Tx<'_>, policy: &Policy, people: &[PersonId]) -> Result<Vec<EngagementId>> {
    let mut kinds: Vec<Value<'_>> = kept_for(policy)
        .filter_map(|work| policy.works.get(work.index()))
        .map(|work| work.name.as_str().into())
        .collect();
    kinds.dedup();
    let mut found = Vec::new();
    if kinds.is_empty() {
        return Ok(found);
    }
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    for asked in asked(tx, &people)? {
        let list = placeholders(asked.values.len(), kinds.len());
        let sql = asked.sql("SELECT DISTINCT p.engagement_id, p.person_id FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id
            WHERE p.person_id {people} AND e.work IN ({kinds})").replace("{kinds}", &list);
        let values: Vec<Value<'_>> = asked.values.iter().cloned().chain(kinds.iter().cloned()).collect();
        tx.each(&sql, &values, |row| {
            if people.binary_search(&PersonId(row.int(1)?)).is_ok() {
                found.push(EngagementId(row.int(0)?));
            }
            Ok::<(), Error>(())
        })?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Settles in memory, as of a day, what the work these people are on keeps for itself, and gives it to those on it. The lives
/// of that work.
///
/// # Errors
/// Whatever the database says.
pub fn look_ahead(
    tx: &Tx<'_>,
    policy: &Policy,
    lives: &mut [Life],
    day: Date,
    imagined: i64,
) -> Result<Vec<Life>> {
    let people: Vec<PersonId> = lives.iter().map(|life| life.person).collect();
    let engagements = works_of(tx, policy, &people)?;
    let mut works = works(tx, policy, &engagements, day)?;
    for work in &mut works {
        let changes = custody::ground::settle(policy, work, day);
        *work = custody::ground::settled(work, &changes, day, imagined);
    }
    for life in lives {
        of_works(life, &works);
    }
    Ok(works)
}

/// Gives somebody the grounds of the work they are on.
pub fn of_works(life: &mut Life, works: &[Life]) {
    let on = |work: &Life| life.works.iter().any(|on| on.engagement.0 == work.person.0);
    life.of_work =
        works.iter().filter(|work| on(work)).flat_map(|work| work.grounds.iter().cloned()).collect();
}
