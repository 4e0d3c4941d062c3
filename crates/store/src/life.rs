//! Loading a life: every fact about a person that grounds and decisions rest on, in a dozen indexed
//! queries however many people are asked for at once. Dates and names only; no value leaves here.

use std::collections::BTreeMap;

use custody::id::{ConsentId, DocumentId, EngagementId, GroundId, ObjectionId, PersonId, StaffId};
use custody::life::{
    Agreed, Consent, Ground, HeldCategory, Hold, Kept, Life, Objection, OnWork, Restriction, Scope, State,
    StopCause, Told,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span as Period, Timestamp};
use policy::Policy;

use crate::asked::{Asked, asked};
use crate::{Error, Result, Row, Tx, consent, objection};

type Lives = BTreeMap<PersonId, Life>;

/// Everything about one person as of a day.
///
/// # Errors
/// [`Error::Missing`] if the instance holds nobody of this number.
pub fn load(tx: &Tx<'_>, policy: &Policy, person: PersonId, today: Date) -> Result<Life> {
    load_many(tx, policy, &[person], today)?.into_iter().next().ok_or(Error::Missing)
}

/// Everything about several people as of a day, in the order of their numbers; those nobody knows are left out.
///
/// # Errors
/// Whatever the database says.
pub fn load_many(tx: &Tx<'_>, policy: &Policy, people: &[PersonId], today: Date) -> Result<Vec<Life>> {
    loaded(tx, policy, people, today, Part::Whole)
}

/// What a decision asks about several people, as [`load_many`] gives it: without the days on which something
/// came in or went out and without what the program keeps of its own, which only clocks read. Never to be settled.
///
/// # Errors
/// Whatever the database says.
pub fn load_to_decide(tx: &Tx<'_>, policy: &Policy, people: &[PersonId], today: Date) -> Result<Vec<Life>> {
    let part = if decides_on_contacts(policy) { Part::Whole } else { Part::ToDecide };
    loaded(tx, policy, people, today, part)
}

/// Whether a clause makes decisions read the days of contacts: a prohibition, a share or a stage that begins or ends by one.
fn decides_on_contacts(policy: &Policy) -> bool {
    let contact = |event: &str| CONTACTS.contains(&event);
    let shares = || policy.activities.iter().flat_map(|activity| &activity.shares);
    policy.prohibitions.iter().filter_map(|never| never.after.as_deref()).any(contact)
        || policy.rules.iter().any(|rule| rule.stage.is_some())
        || shares().any(|share| share.once_told || share.until.as_deref().is_some_and(contact))
}

/// How much of a life is loaded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    ToDecide,
}

/// The events that are read off what came in, went out and was collected.
const CONTACTS: &[&str] = &["collected", "incoming contact", "contact", "communication"];

fn loaded(tx: &Tx<'_>, policy: &Policy, people: &[PersonId], today: Date, part: Part) -> Result<Vec<Life>> {
    let mut all = Vec::with_capacity(people.len());
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    for asked in asked(tx, &people)? {
        let mut lives = Lives::new();
        tx.each(&asked.sql("SELECT id FROM person WHERE id {people}"), &asked.values, |row| {
            let person = PersonId(row.int(0)?);
            if people.binary_search(&person).is_ok() {
                lives.insert(person, Life::new(person));
            }
            Ok::<(), Error>(())
        })?;
        categories(tx, policy, &asked, &mut lives)?;
        if works(tx, policy, &asked, &mut lives)? {
            of_work(tx, &asked, &mut lives, today)?;
        }
        consents(tx, policy, &asked, &mut lives)?;
        objections(tx, policy, &asked, &mut lives)?;
        if part == Part::Whole {
            not_entered(tx, policy, &asked, &mut lives)?;
            contacts(tx, policy, &asked, &mut lives)?;
            records(tx, policy, &asked, &mut lives)?;
        }
        events(tx, &asked, &mut lives)?;
        facts(tx, policy, &asked, &mut lives)?;
        grounds(tx, policy, &asked, &mut lives)?;
        suspensions(tx, &asked, &mut lives, today)?;
        all.extend(lives.into_values());
    }
    Ok(all)
}

/// The organisation's time zone.
#[must_use]
pub fn zone(policy: &Policy) -> TimeZone {
    TimeZone::get(&policy.zone).unwrap_or_else(|_| policy::law::uk::london())
}

/// The local date on which an instant fell.
#[must_use]
pub fn local_date(policy: &Policy, at: Timestamp) -> Date {
    at.to_zoned(zone(policy)).date()
}

/// Calls a function with each row and the life of the person in its first column.
fn each_life(
    tx: &Tx<'_>,
    sql: &str,
    asked: &Asked,
    lives: &mut Lives,
    mut f: impl FnMut(&mut Life, &Row<'_>) -> Result<()>,
) -> Result<()> {
    tx.each(&asked.sql(sql), &asked.values, |row| match lives.get_mut(&PersonId(row.int(0)?)) {
        Some(life) => f(life, row),
        None => Ok(()),
    })
}

fn categories(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql = "SELECT person_id, category, since, until FROM person_category
        WHERE person_id {people} AND annulled_at IS NULL ORDER BY since, id";
    each_life(tx, sql, asked, lives, |life, row| {
        if let Some(category) = policy.category_named(row.str(1)?) {
            life.categories.push(HeldCategory {
                category: category.id,
                since: row.date(2)?,
                until: row.opt_date(3)?,
            });
        }
        Ok(())
    })
}

fn not_entered(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql = "SELECT person_id, activity FROM not_entered WHERE person_id {people} AND entered_on IS NULL ORDER BY id";
    each_life(tx, sql, asked, lives, |life, row| {
        life.not_entered.extend(policy.activity_named(row.str(1)?).map(|activity| activity.id));
        Ok(())
    })
}

/// Whether anybody is, or was, on any work: if nobody is, what hangs on work need not be asked for.
fn works(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<bool> {
    let mut any = false;
    let sql = "SELECT p.person_id, e.id, e.work, p.part, p.since, p.until, e.opened_on
        FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id
        WHERE p.person_id {people} ORDER BY p.since, e.id";
    each_life(tx, sql, asked, lives, |life, row| {
        any = true;
        if let Some(work) = policy.work_named(row.str(2)?) {
            life.works.push(OnWork {
                engagement: EngagementId(row.int(1)?),
                work: work.id,
                part: row.text(3)?,
                since: row.date(4)?,
                until: row.opt_date(5)?,
                opened_on: row.date(6)?,
                milestones: Vec::new(),
                agreed: None,
            });
        }
        Ok(())
    })?;
    Ok(any)
}

fn of_work(tx: &Tx<'_>, asked: &Asked, lives: &mut Lives, today: Date) -> Result<()> {
    let sql = "SELECT DISTINCT p.person_id, m.engagement_id, m.name, m.on_date, m.id
        FROM engagement_person p JOIN milestone m ON m.engagement_id = p.engagement_id
        WHERE p.person_id {people} AND m.undone_at IS NULL ORDER BY m.on_date, m.id";
    each_life(tx, sql, asked, lives, |life, row| {
        let (engagement, on) = (EngagementId(row.int(1)?), row.date(3)?);
        for work in life.works.iter_mut().filter(|work| work.engagement == engagement) {
            work.milestones.push((row.text(2)?, on));
        }
        Ok(())
    })?;
    // The latest agreement counts: a later row overwrites.
    let sql = "SELECT person_id, engagement_id, period, reason FROM agreement
        WHERE person_id {people} ORDER BY agreed_on, id";
    each_life(tx, sql, asked, lives, |life, row| {
        let engagement = EngagementId(row.int(1)?);
        let period: Period = row.str(2)?.parse().map_err(|_| Error::Malformed("an agreed period".into()))?;
        for work in life.works.iter_mut().filter(|work| work.engagement == engagement) {
            work.agreed = Some(Agreed { period, reason: row.opt_text(3)? });
        }
        Ok(())
    })?;
    let sql = "SELECT p.person_id, 'hold', h.since, h.owner_id, h.review_on, h.ended_on
        FROM engagement_person p JOIN hold h ON h.engagement_id = p.engagement_id
        WHERE p.person_id {people} ORDER BY h.since DESC, h.id";
    each_life(tx, sql, asked, lives, |life, row| held(life, row, today))?;
    let sql = "SELECT DISTINCT p.person_id, s.staff_id, s.since, s.until
        FROM engagement_person p JOIN engagement_staff s ON s.engagement_id = p.engagement_id
        WHERE p.person_id {people} ORDER BY s.staff_id";
    each_life(tx, sql, asked, lives, |life, row| {
        let staff = StaffId(row.int(1)?);
        let stands = row.date(2)? <= today && row.opt_date(3)?.is_none_or(|until| today < until);
        if stands && !life.assigned.contains(&staff) {
            life.assigned.push(staff);
        }
        Ok(())
    })
}

/// A hold that stands today.
fn held(life: &mut Life, row: &Row<'_>, today: Date) -> Result<()> {
    if row.opt_date(5)?.is_none_or(|ended| today < ended) {
        life.hold = Some(Hold { since: row.date(2)?, owner: StaffId(row.int(3)?), review_on: row.date(4)? });
    }
    Ok(())
}

fn consents(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql = "SELECT person_id, id, activity, engagement_id, form, document_id, given_on, lapses_on, withdrawn_on FROM consent
        WHERE person_id {people} ORDER BY given_on, id";
    each_life(tx, sql, asked, lives, |life, row| {
        let form = consent::form_named(policy, row.str(4)?);
        if let (Some(activity), Some(form)) = (policy.activity_named(row.str(2)?), form) {
            life.consents.push(Consent {
                id: ConsentId(row.int(1)?),
                activity: activity.id,
                engagement: row.opt_int(3)?.map(EngagementId),
                form,
                document: row.opt_int(5)?.map(DocumentId),
                given_on: row.date(6)?,
                lapses_on: row.opt_date(7)?,
                withdrawn_on: row.opt_date(8)?,
            });
        }
        Ok(())
    })
}

fn objections(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql = "SELECT person_id, id, scope, named, made_on, upheld_on, lifted_on FROM objection
        WHERE person_id {people} ORDER BY made_on, id";
    each_life(tx, sql, asked, lives, |life, row| {
        // What the policy no longer names still stands against every contact: the safer reading.
        let scope = objection::scope_named(policy, row.str(2)?, row.opt_str(3)?).unwrap_or(Scope::AllContact);
        life.objections.push(Objection {
            id: ObjectionId(row.int(1)?),
            scope,
            made_on: row.date(4)?,
            upheld_on: row.opt_date(5)?,
            lifted_on: row.opt_date(6)?,
        });
        Ok(())
    })
}

/// Facts that periods hang on, and birthdays where a period of the policy asks for them.
fn facts(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    if !policy.facts.is_empty() {
        let sql = "SELECT person_id, engagement_id, name, value, on_date FROM fact
            WHERE person_id {people} AND undone_at IS NULL ORDER BY on_date, id";
        each_life(tx, sql, asked, lives, |life, row| {
            life.facts.push(Told {
                engagement: row.opt_int(1)?.map(EngagementId),
                name: row.text(2)?,
                value: row.text(3)?,
                on: row.date(4)?,
            });
            Ok(())
        })?;
    }
    let of_births = |event: &policy::phrase::Event| {
        event.name.ends_with("born")
            || event.name.starts_with("turns ")
            || event.name.starts_with("people turn ")
    };
    let asks = policy.rules.iter().any(|rule| {
        let conditions = rule.condition.iter().flat_map(policy::phrase::Condition::events);
        rule.phrase.events().iter().any(of_births) || conditions.collect::<Vec<_>>().iter().any(of_births)
    });
    if !asks {
        return Ok(());
    }
    let sql =
        "SELECT person_id, value FROM item WHERE person_id {people} AND kind = 'date of birth' ORDER BY id";
    each_life(tx, sql, asked, lives, |life, row| {
        // One that cannot be read is not known.
        life.born = row.str(1)?.trim().parse().ok();
        Ok(())
    })?;
    let sql = "SELECT p.person_id, p.engagement_id, i.value FROM engagement_person p
        JOIN engagement_person o ON o.engagement_id = p.engagement_id
        LEFT JOIN item i ON i.person_id = o.person_id AND i.kind = 'date of birth'
        WHERE p.person_id {people} ORDER BY p.engagement_id, o.person_id";
    each_life(tx, sql, asked, lives, |life, row| {
        let born = row.opt_str(2)?.and_then(|value| value.trim().parse().ok());
        life.births.push((EngagementId(row.int(1)?), born));
        Ok(())
    })
}

/// Of what happens often only the first and the last day are kept: no clock asks for more.
const OFTEN: &str = "
    SELECT person_id, 'collected', MIN(collected_on), MIN(collected_on) FROM item WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT p.person_id, e.direction, MIN(e.on_date), MAX(e.on_date)
        FROM entry_person p JOIN entry e ON e.id = p.entry_id
        WHERE p.person_id {people} AND e.direction IS NOT NULL GROUP BY p.person_id, e.direction
    UNION ALL SELECT person_id, 'sent', CAST(MIN(sent_at) AS TEXT), CAST(MAX(sent_at) AS TEXT) FROM message
        WHERE person_id {people} AND sent_at IS NOT NULL GROUP BY person_id";

fn contacts(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    each_life(tx, OFTEN, asked, lives, |life, row| {
        let name = match row.str(1)? {
            "collected" => "collected",
            "in" => "incoming contact",
            "both" => "contact",
            "sent" => {
                let (first, last) = (sent_on(policy, row.str(2)?)?, sent_on(policy, row.str(3)?)?);
                first_and_last(life, "communication", first, last);
                return Ok(());
            }
            _ => "communication",
        };
        first_and_last(life, name, row.date(2)?, row.date(3)?);
        Ok(())
    })
}

/// The local date of an instant in milliseconds.
fn sent_on(policy: &Policy, ms: &str) -> Result<Date> {
    let at = ms.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    Ok(local_date(policy, at.ok_or_else(|| Error::Malformed("when a message was sent".into()))?))
}

/// Somebody has left when the last organisation they belonged to, or the last post they had with us, has been left.
const SELDOM: &str = "
    SELECT person_id, name, on_date FROM life_event WHERE person_id {people} AND undone_at IS NULL
    UNION ALL SELECT person_id, 'left the organisation', MAX(until) FROM belonging WHERE person_id {people}
        GROUP BY person_id HAVING COUNT(*) = COUNT(until)
    UNION ALL SELECT person_id, 'left', MAX(until) FROM staff WHERE person_id {people}
        GROUP BY person_id HAVING COUNT(*) = COUNT(until)";

fn events(tx: &Tx<'_>, asked: &Asked, lives: &mut Lives) -> Result<()> {
    each_life(tx, SELDOM, asked, lives, |life, row| {
        life.events.push((row.text(1)?, row.date(2)?));
        Ok(())
    })?;
    for life in lives.values_mut() {
        life.events.sort_by_key(|(_, on)| *on);
    }
    Ok(())
}

fn first_and_last(life: &mut Life, name: &str, first: Date, last: Date) {
    life.events.push((name.to_owned(), first));
    if first != last {
        life.events.push((name.to_owned(), last));
    }
}

/// All of them, stopped ones too: what ended by the person's own will must not begin again by itself.
fn grounds(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql = "SELECT person_id, id, rule, engagement_id, opened_on, due_on, review_on, awaiting, reviewed_on, state, stopped_on, cause
        FROM ground WHERE person_id {people} ORDER BY opened_on, id";
    each_life(tx, sql, asked, lives, |life, row| {
        let Some(rule) = policy.rule_keyed(row.str(2)?) else { return Ok(()) };
        life.grounds.push(Ground {
            id: GroundId(row.int(1)?),
            rule: rule.id,
            engagement: row.opt_int(3)?.map(EngagementId),
            opened_on: row.date(4)?,
            due_on: row.opt_date(5)?,
            review_on: row.opt_date(6)?,
            awaiting: row.opt_text(7)?,
            reviewed_on: row.opt_date(8)?,
            state: state(row)?,
        });
        Ok(())
    })
}

fn state(row: &Row<'_>) -> Result<State> {
    match row.str(9)? {
        "active" => Ok(State::Active),
        "stopped" => {
            let cause = StopCause::named(row.str(11)?)
                .ok_or_else(|| Error::Malformed("why a ground stopped".into()))?;
            Ok(State::Stopped { on: row.date(10)?, cause })
        }
        _ => Err(Error::Malformed("the state of a ground".into())),
    }
}

/// What stands in the way of use or of disposal, the oldest last.
const SUSPENSIONS: &str = "
    SELECT person_id, 'restriction', since, owner_id, review_on, CAST(NULL AS TEXT) FROM restriction
        WHERE person_id {people} AND lifted_on IS NULL
    UNION ALL SELECT person_id, 'hold', since, owner_id, review_on, ended_on FROM hold WHERE person_id {people}
    UNION ALL SELECT person_id, 'access', MAX(due_on), 0, CAST(NULL AS TEXT), CAST(NULL AS TEXT) FROM request
        WHERE person_id {people} AND kind = 'access' AND answered_on IS NULL AND closed_on IS NULL GROUP BY person_id
    ORDER BY 3 DESC";

fn suspensions(tx: &Tx<'_>, asked: &Asked, lives: &mut Lives, today: Date) -> Result<()> {
    each_life(tx, SUSPENSIONS, asked, lives, |life, row| {
        match row.str(1)? {
            "restriction" => {
                life.restriction = Some(Restriction {
                    since: row.date(2)?,
                    owner: StaffId(row.int(3)?),
                    review_on: row.date(4)?,
                });
            }
            "hold" => held(life, row, today)?,
            _ => life.access_due_on = row.opt_date(2)?,
        }
        Ok(())
    })
}

/// What the program keeps of its own, one row for each kind: when the latest was written, when the last
/// was closed (nothing while one is open, or where they never close), when the last was sent.
const RECORDS: &str = "
    SELECT person_id, 'consent record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM consent WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT person_id, 'objection record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM objection WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT person_id, 'disclosure record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM disclosure WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT person_id, 'paper record', MAX(recorded_at), COUNT(*) - COUNT(destroyed_on), MAX(destroyed_on), CAST(NULL AS BIGINT)
        FROM paper WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT person_id, 'call record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM screening WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT person_id, 'call record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM not_objecting WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT person_id, 'call record', MAX(at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM call WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT person_id, 'request record', MAX(recorded_at), COUNT(*) - COUNT(closed_on), MAX(closed_on), CAST(NULL AS BIGINT)
        FROM request WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT person_id, 'complaint record', MAX(recorded_at), COUNT(*) - COUNT(closed_on), MAX(closed_on), CAST(NULL AS BIGINT)
        FROM complaint WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT p.person_id, 'incident record', MAX(i.recorded_at), COUNT(*) - COUNT(i.closed_on), MAX(i.closed_on), CAST(NULL AS BIGINT)
        FROM incident_person p JOIN incident i ON i.id = p.incident_id WHERE p.person_id {people} GROUP BY p.person_id
    UNION ALL SELECT person_id, 'message record', MAX(queued_at), 0, CAST(NULL AS TEXT), MAX(sent_at)
        FROM message WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT p.person_id, 'work record', MAX(e.created_at), COUNT(*) - COUNT(e.closed_on), MAX(e.closed_on), CAST(NULL AS BIGINT)
        FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id WHERE p.person_id {people} GROUP BY p.person_id
    UNION ALL SELECT person_id, 'staff record', MAX(created_at), COUNT(*) - COUNT(until), MAX(until), CAST(NULL AS BIGINT)
        FROM staff WHERE person_id {people} GROUP BY person_id
    UNION ALL SELECT p.person_id, e.kind, MAX(e.recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM entry_person p JOIN entry e ON e.id = p.entry_id WHERE p.person_id {people} GROUP BY p.person_id, e.kind
    UNION ALL SELECT p.person_id, d.kind, MAX(d.recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM document_person p JOIN document d ON d.id = p.document_id WHERE p.person_id {people} GROUP BY p.person_id, d.kind";

fn records(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let zone = zone(policy);
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    each_life(tx, RECORDS, asked, lives, |life, row| {
        let Some(kind) = policy.kind_named(row.str(1)?).map(|kind| kind.id) else { return Ok(()) };
        let closed_on = if row.int(3)? > 0 { None } else { row.opt_date(4)? };
        let found = Kept { kind, recorded_on: day(row.at(2)?), closed_on, sent_on: row.opt_at(5)?.map(day) };
        match life.records.iter_mut().find(|kept| kept.kind == kind) {
            Some(kept) => {
                kept.recorded_on = kept.recorded_on.max(found.recorded_on);
                kept.sent_on = kept.sent_on.max(found.sent_on);
            }
            None => life.records.push(found),
        }
        Ok(())
    })
}
