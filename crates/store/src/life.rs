//! Loading a life: every fact about a person that grounds and decisions rest on, in a dozen indexed
//! queries however many people are asked for at once. Dates and names only; no value leaves here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use custody::id::{ConsentId, DocumentId, EngagementId, GroundId, ObjectionId, PersonId, StaffId};
use custody::life::{
    Agreed, Consent, Ground, HeldCategory, Hold, Kept, Life, Objection, OnWork, Restriction, Scope, State,
    StopCause,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span as Period, Timestamp};
use policy::Policy;

use crate::{Error, Result, Row, Tx, Value, consent, objection};

/// How many people one query is asked for.
const AT_ONCE: usize = 256;

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
    let mut all = Vec::with_capacity(people.len());
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    for some in people.chunks(AT_ONCE) {
        let asked = Asked::new(some);
        let mut lives = Lives::new();
        tx.each(&format!("SELECT id FROM person WHERE id IN ({})", asked.list), &asked.ids, |row| {
            let person = PersonId(row.int(0)?);
            lives.insert(person, Life::new(person));
            Ok::<(), Error>(())
        })?;
        categories(tx, policy, &asked, &mut lives)?;
        works(tx, policy, &asked, &mut lives)?;
        consents(tx, policy, &asked, &mut lives)?;
        objections(tx, policy, &asked, &mut lives)?;
        events(tx, policy, &asked, &mut lives)?;
        grounds(tx, policy, &asked, &mut lives)?;
        suspensions(tx, &asked, &mut lives, today)?;
        assigned(tx, &asked, &mut lives, today)?;
        records(tx, policy, &asked, &mut lives)?;
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

/// People asked for, as a list of placeholders of a few lengths only, so that few statements are prepared.
struct Asked {
    ids: Vec<Value<'static>>,
    list: String,
}

impl Asked {
    fn new(people: &[PersonId]) -> Self {
        let (ids, list) = listed(people.iter().map(|person| Value::from(*person)));
        Self { ids, list }
    }
}

/// Values and as many placeholders for them, of a few lengths only, so that few statements are prepared: the last
/// value stands several times.
pub(crate) fn listed<'v>(ids: impl Iterator<Item = Value<'v>>) -> (Vec<Value<'v>>, String) {
    let mut ids: Vec<Value<'v>> = ids.collect();
    let length = [1, 16, 64, AT_ONCE].into_iter().find(|length| ids.len() <= *length).unwrap_or(ids.len());
    if let Some(last) = ids.last().cloned() {
        ids.resize(length, last);
    }
    let list = placeholders(ids.len());
    (ids, list)
}

/// `?1, ?2, ?3`.
pub(crate) fn placeholders(n: usize) -> String {
    let mut list = String::with_capacity(n * 5);
    for i in 1..=n {
        let comma = if i == 1 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(list, "{comma}?{i}");
    }
    list
}

/// Calls a function with each row and the life of the person in its first column.
fn each_life(
    tx: &Tx<'_>,
    sql: &str,
    asked: &Asked,
    lives: &mut Lives,
    mut f: impl FnMut(&mut Life, &Row<'_>) -> Result<()>,
) -> Result<()> {
    tx.each(&sql.replace("{people}", &asked.list), &asked.ids, |row| {
        match lives.get_mut(&PersonId(row.int(0)?)) {
            Some(life) => f(life, row),
            None => Ok(()),
        }
    })
}

fn categories(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql = "SELECT person_id, category, since, until FROM person_category
        WHERE person_id IN ({people}) AND annulled_at IS NULL ORDER BY since, id";
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

fn works(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql = "SELECT p.person_id, e.id, e.work, p.part, p.since, p.until, e.opened_on
        FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id
        WHERE p.person_id IN ({people}) ORDER BY p.since, e.id";
    each_life(tx, sql, asked, lives, |life, row| {
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
    let sql = "SELECT DISTINCT p.person_id, m.engagement_id, m.name, m.on_date, m.id
        FROM engagement_person p JOIN milestone m ON m.engagement_id = p.engagement_id
        WHERE p.person_id IN ({people}) AND m.undone_at IS NULL ORDER BY m.on_date, m.id";
    each_life(tx, sql, asked, lives, |life, row| {
        let (engagement, on) = (EngagementId(row.int(1)?), row.date(3)?);
        for work in life.works.iter_mut().filter(|work| work.engagement == engagement) {
            work.milestones.push((row.text(2)?, on));
        }
        Ok(())
    })?;
    // The latest agreement counts: a later row overwrites.
    let sql = "SELECT person_id, engagement_id, period, reason FROM agreement
        WHERE person_id IN ({people}) ORDER BY agreed_on, id";
    each_life(tx, sql, asked, lives, |life, row| {
        let engagement = EngagementId(row.int(1)?);
        let period: Period = row.str(2)?.parse().map_err(|_| Error::Malformed("an agreed period".into()))?;
        for work in life.works.iter_mut().filter(|work| work.engagement == engagement) {
            work.agreed = Some(Agreed { period, reason: row.opt_text(3)? });
        }
        Ok(())
    })
}

fn consents(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql = "SELECT person_id, id, activity, engagement_id, form, document_id, given_on, lapses_on, withdrawn_on FROM consent
        WHERE person_id IN ({people}) ORDER BY given_on, id";
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
        WHERE person_id IN ({people}) ORDER BY made_on, id";
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

/// Of what happens often only the first and the last day are kept: no clock asks for more.
fn events(tx: &Tx<'_>, policy: &Policy, asked: &Asked, lives: &mut Lives) -> Result<()> {
    let sql =
        "SELECT person_id, MIN(collected_on) FROM item WHERE person_id IN ({people}) GROUP BY person_id";
    each_life(tx, sql, asked, lives, |life, row| {
        life.events.push(("collected".to_owned(), row.date(1)?));
        Ok(())
    })?;
    let sql = "SELECT p.person_id, e.direction, MIN(e.on_date), MAX(e.on_date)
        FROM entry_person p JOIN entry e ON e.id = p.entry_id
        WHERE p.person_id IN ({people}) AND e.direction IS NOT NULL GROUP BY p.person_id, e.direction";
    each_life(tx, sql, asked, lives, |life, row| {
        let name = match row.str(1)? {
            "in" => "incoming contact",
            "both" => "contact",
            _ => "communication",
        };
        first_and_last(life, name, row.date(2)?, row.date(3)?);
        Ok(())
    })?;
    let sql = "SELECT person_id, MIN(sent_at), MAX(sent_at) FROM message
        WHERE person_id IN ({people}) AND sent_at IS NOT NULL GROUP BY person_id";
    each_life(tx, sql, asked, lives, |life, row| {
        first_and_last(life, "communication", local_date(policy, row.at(1)?), local_date(policy, row.at(2)?));
        Ok(())
    })?;
    let sql = "SELECT person_id, name, on_date FROM life_event
        WHERE person_id IN ({people}) AND undone_at IS NULL ORDER BY on_date, id";
    each_life(tx, sql, asked, lives, |life, row| {
        life.events.push((row.text(1)?, row.date(2)?));
        Ok(())
    })?;
    // Somebody has left when the last organisation they belonged to has been left.
    let sql = "SELECT person_id, MAX(until) FROM belonging WHERE person_id IN ({people})
        GROUP BY person_id HAVING COUNT(*) = COUNT(until)";
    each_life(tx, sql, asked, lives, |life, row| {
        life.events.push(("left the organisation".to_owned(), row.date(1)?));
        Ok(())
    })?;
    let sql = "SELECT person_id, MAX(until) FROM staff WHERE person_id IN ({people})
        GROUP BY person_id HAVING COUNT(*) = COUNT(until)";
    each_life(tx, sql, asked, lives, |life, row| {
        life.events.push(("left".to_owned(), row.date(1)?));
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
        FROM ground WHERE person_id IN ({people}) ORDER BY opened_on, id";
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

fn suspensions(tx: &Tx<'_>, asked: &Asked, lives: &mut Lives, today: Date) -> Result<()> {
    let sql = "SELECT person_id, since, owner_id, review_on FROM restriction
        WHERE person_id IN ({people}) AND lifted_on IS NULL ORDER BY since DESC, id";
    each_life(tx, sql, asked, lives, |life, row| {
        life.restriction =
            Some(Restriction { since: row.date(1)?, owner: StaffId(row.int(2)?), review_on: row.date(3)? });
        Ok(())
    })?;
    let own = "SELECT person_id, since, owner_id, review_on, ended_on FROM hold WHERE person_id IN ({people}) ORDER BY since DESC, id";
    let of_work = "SELECT p.person_id, h.since, h.owner_id, h.review_on, h.ended_on
        FROM engagement_person p JOIN hold h ON h.engagement_id = p.engagement_id
        WHERE p.person_id IN ({people}) ORDER BY h.since DESC, h.id";
    for sql in [own, of_work] {
        each_life(tx, sql, asked, lives, |life, row| {
            if row.opt_date(4)?.is_none_or(|ended| today < ended) {
                life.hold =
                    Some(Hold { since: row.date(1)?, owner: StaffId(row.int(2)?), review_on: row.date(3)? });
            }
            Ok(())
        })?;
    }
    let sql = "SELECT person_id, MAX(due_on) FROM request
        WHERE person_id IN ({people}) AND kind = 'access' AND answered_on IS NULL AND closed_on IS NULL GROUP BY person_id";
    each_life(tx, sql, asked, lives, |life, row| {
        life.access_due_on = row.opt_date(1)?;
        Ok(())
    })
}

fn assigned(tx: &Tx<'_>, asked: &Asked, lives: &mut Lives, today: Date) -> Result<()> {
    let sql = "SELECT DISTINCT p.person_id, s.staff_id, s.since, s.until
        FROM engagement_person p JOIN engagement_staff s ON s.engagement_id = p.engagement_id
        WHERE p.person_id IN ({people}) ORDER BY s.staff_id";
    each_life(tx, sql, asked, lives, |life, row| {
        let staff = StaffId(row.int(1)?);
        let stands = row.date(2)? <= today && row.opt_date(3)?.is_none_or(|until| today < until);
        if stands && !life.assigned.contains(&staff) {
            life.assigned.push(staff);
        }
        Ok(())
    })
}

/// What the program keeps of its own, one row for each kind: when the latest was written, when the last
/// was closed (nothing while one is open, or where they never close), when the last was sent.
const RECORDS: &str = "
    SELECT person_id, 'consent record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM consent WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT person_id, 'objection record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM objection WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT person_id, 'disclosure record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM disclosure WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT person_id, 'paper record', MAX(recorded_at), COUNT(*) - COUNT(destroyed_on), MAX(destroyed_on), CAST(NULL AS BIGINT)
        FROM paper WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT person_id, 'call record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM screening WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT person_id, 'call record', MAX(recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM not_objecting WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT person_id, 'call record', MAX(at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM call WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT person_id, 'request record', MAX(recorded_at), COUNT(*) - COUNT(closed_on), MAX(closed_on), CAST(NULL AS BIGINT)
        FROM request WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT person_id, 'complaint record', MAX(recorded_at), COUNT(*) - COUNT(closed_on), MAX(closed_on), CAST(NULL AS BIGINT)
        FROM complaint WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT p.person_id, 'incident record', MAX(i.recorded_at), COUNT(*) - COUNT(i.closed_on), MAX(i.closed_on), CAST(NULL AS BIGINT)
        FROM incident_person p JOIN incident i ON i.id = p.incident_id WHERE p.person_id IN ({people}) GROUP BY p.person_id
    UNION ALL SELECT person_id, 'message record', MAX(queued_at), 0, CAST(NULL AS TEXT), MAX(sent_at)
        FROM message WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT p.person_id, 'work record', MAX(e.created_at), COUNT(*) - COUNT(e.closed_on), MAX(e.closed_on), CAST(NULL AS BIGINT)
        FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id WHERE p.person_id IN ({people}) GROUP BY p.person_id
    UNION ALL SELECT person_id, 'staff record', MAX(created_at), COUNT(*) - COUNT(until), MAX(until), CAST(NULL AS BIGINT)
        FROM staff WHERE person_id IN ({people}) GROUP BY person_id
    UNION ALL SELECT p.person_id, e.kind, MAX(e.recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM entry_person p JOIN entry e ON e.id = p.entry_id WHERE p.person_id IN ({people}) GROUP BY p.person_id, e.kind
    UNION ALL SELECT p.person_id, d.kind, MAX(d.recorded_at), 0, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
        FROM document_person p JOIN document d ON d.id = p.document_id WHERE p.person_id IN ({people}) GROUP BY p.person_id, d.kind";

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
