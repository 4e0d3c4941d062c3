//! The forecast: what leaves in the months to come, as the facts stand today, and what has no date yet. It counts the
//! same stored days that the sweep goes by, and for somebody on the page asks the sweep's own questions about the night.
//! It changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use custody::coverage::{self, Outcome, Suspended};
use custody::ground;
use custody::handing::{self, Before};
use custody::id::{GroundId, PersonId};
use custody::life::Life;
use custody::moment::Now;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use policy::Policy;
use policy::periods::Own;
use serde::Serialize;

use crate::dialect::planned_by_values;
use crate::reach::Reach;
use crate::request::NEEDING;
use crate::{Error, Result, Tx, Value, departure, dispose, life, owing};

/// The first number given to grounds that exist only while looking ahead.
const IMAGINED: i64 = i64::MAX / 2;

/// Of whom nothing goes though its day comes: on hold, restricted, or with an open request that needs it and whose clock is paused.
const KEPT: &str = "(SELECT person_id FROM hold WHERE ended_on IS NULL AND person_id IS NOT NULL
    UNION SELECT p.person_id FROM hold h JOIN engagement_person p ON p.engagement_id = h.engagement_id WHERE h.ended_on IS NULL
    UNION SELECT person_id FROM restriction WHERE lifted_on IS NULL
    UNION SELECT person_id FROM request WHERE kind IN {needing} AND answered_on IS NULL AND closed_on IS NULL
        AND due_on IS NULL AND person_id IS NOT NULL)";

/// Of whom a request that needs what is held is open: until it is to be answered nothing of theirs goes.
const ASKED: &str =
    "(SELECT person_id FROM request WHERE kind IN {needing} AND answered_on IS NULL AND closed_on IS NULL
    AND person_id IS NOT NULL)";

/// Whether something keeps what ends on a day.
fn keeps(day: &str) -> String {
    format!(
        "(g.person_id IN {KEPT} OR (g.person_id IN {ASKED} AND EXISTS (SELECT 1 FROM request q WHERE q.person_id = g.person_id
            AND q.kind IN {{needing}} AND q.answered_on IS NULL AND q.closed_on IS NULL AND q.due_on > {day})))"
    )
    .replace("{needing}", NEEDING)
}

/// Whether nothing else is held of the person once this ground has ended; of several with the same last day, the one
/// with the highest number says so.
const WHOLE: &str = "NOT EXISTS (SELECT 1 FROM ground o WHERE o.person_id = g.person_id AND o.state = 'active' AND o.id <> g.id
    AND (o.due_on IS NULL OR o.due_on > g.due_on OR (o.due_on = g.due_on AND o.id > g.id)))";

/// Which last days: those of some months, and what stands beside them because nothing goes by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// What goes by itself on a day of the window.
    Dated,
    /// Of these the last of its person: nothing is held of them any more afterwards.
    Whole,
    /// A day of the window comes, and a hold, a restriction or an open request keeps it.
    Kept,
    /// What has ended and is still here: for tonight's sweep, or kept.
    Ended,
    /// What somebody must decide on by a day of the window; where it begins today, what should have been decided before too.
    Review,
    /// What waits for an event and has no day at all.
    Awaiting,
}

/// What is asked for: of whom, between which days, and of which activity.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Whom the answer may count and name.
    pub reach: &'a Reach,
    /// Today.
    pub today: Date,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Only this activity, by name.
    pub activity: Option<&'a str>,
    /// Only what waits for this, in words.
    pub awaiting: Option<&'a str>,
}

/// How many grounds of an activity end in a month from some day on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Leaving {
    /// The first day of the month.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// The activity's name.
    pub activity: String,
    /// How many last days there are, one for each person and clause.
    pub last_days: i64,
    /// With how many of them a person leaves altogether.
    pub altogether: i64,
}

/// How many grounds of an activity there are of some sort.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Counted {
    /// The activity's name.
    pub activity: String,
    /// What they wait for, in words; empty where nothing.
    pub awaiting: String,
    /// How many.
    pub count: i64,
}

/// One ground on the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The ground.
    pub ground: GroundId,
    /// Whose.
    pub person: PersonId,
    /// Under which activity, by name.
    pub activity: String,
    /// The clause's key.
    pub rule: String,
    /// The last day, or that of the review; nothing where there is none.
    pub on: Option<Date>,
    /// What it waits for, in words.
    pub awaiting: Option<String>,
}

/// What the sweep would do in the night after a last day with what one ground covers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Night {
    /// Rows that would go, by kind.
    pub goes: BTreeMap<String, u32>,
    /// Rows that somebody must first hand over or destroy.
    pub by_hand: u32,
    /// Rows that go only once what is owed beside them was handed over.
    pub after: u32,
    /// What keeps them for now.
    pub kept: Option<Suspended>,
}

/// How many last days each month of a window and each activity has, where there are any.
///
/// # Errors
/// Whatever the database says.
pub fn months(tx: &Tx<'_>, asked: &Asked<'_>) -> Result<Vec<Leaving>> {
    let mut values = Vec::new();
    let rows = branches(asked, Which::Dated, &mut values, None).join(" UNION ALL ");
    let sql = format!(
        "SELECT day, activity, COUNT(*), CAST(SUM(altogether) AS BIGINT) FROM ({rows}) AS leaving GROUP BY day, activity"
    );
    let periods = periods(asked.from, asked.until);
    // By their texts, as the window is asked for: a day that is none counts where it stands.
    let firsts: Vec<String> = periods.iter().map(|(from, _)| from.to_string()).collect();
    let mut found: BTreeMap<(usize, String), (i64, i64)> = BTreeMap::new();
    planned_by_values(tx, || {
        tx.each(&sql, &values, |row| {
            let day = row.str(0)?;
            let begun = firsts.partition_point(|first| first.as_str() <= day);
            let (last_days, altogether) = found.entry((begun.saturating_sub(1), row.text(1)?)).or_default();
            *last_days += row.int(2)?;
            *altogether += row.int(3)?;
            Ok::<_, Error>(())
        })
    })?;
    let each = found.into_iter().filter_map(|((at, activity), (last_days, altogether))| {
        let (from, until) = periods.get(at).copied()?;
        Some(Leaving { from, until, activity, last_days, altogether })
    });
    Ok(each.collect())
}

/// How many grounds of a sort each activity has.
///
/// # Errors
/// Whatever the database says.
pub fn counts(tx: &Tx<'_>, asked: &Asked<'_>, which: Which) -> Result<Vec<Counted>> {
    let mut values = Vec::new();
    let rows = branches(asked, which, &mut values, None).join(" UNION ALL ");
    let awaiting = if which == Which::Awaiting { "awaiting" } else { "''" };
    let sql =
        format!("SELECT activity, {awaiting}, COUNT(*) FROM ({rows}) AS counted GROUP BY 1, 2 ORDER BY 1, 2");
    planned_by_values(tx, || {
        tx.all(&sql, &values, |row| {
            Ok(Counted { activity: row.text(0)?, awaiting: row.text(1)?, count: row.int(2)? })
        })
    })
}

/// A page of the grounds of a sort, what comes first first, after a ground of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn page(
    tx: &Tx<'_>,
    asked: &Asked<'_>,
    which: Which,
    after: Option<GroundId>,
    limit: u32,
) -> Result<Vec<Line>> {
    let mut values = Vec::new();
    let after = match after {
        None => None,
        Some(ground) => placed(tx, ground)?,
    };
    let rows = branches(asked, which, &mut values, after.as_ref()).join(" UNION ALL ");
    values.push(limit.into());
    let order = match which {
        Which::Awaiting => "activity, awaiting, opened_on, id",
        Which::Dated | Which::Whole | Which::Kept | Which::Ended | Which::Review => "day, person_id, id",
    };
    let sql = format!(
        "SELECT id, person_id, activity, rule, day, awaiting FROM ({rows}) AS listed ORDER BY {order} LIMIT ?{}",
        values.len()
    );
    planned_by_values(tx, || {
        tx.all(&sql, &values, |row| {
            Ok(Line {
                ground: GroundId(row.int(0)?),
                person: PersonId(row.int(1)?),
                activity: row.text(2)?,
                rule: row.text(3)?,
                on: row.opt_date(4).unwrap_or_default(),
                awaiting: row.opt_text(5)?,
            })
        })
    })
}

/// Where a ground stands in the order of a list.
struct Placed {
    ground: GroundId,
    person: i64,
    activity: String,
    awaiting: String,
    opened_on: Date,
    days: [Option<Date>; 4],
}

fn placed(tx: &Tx<'_>, ground: GroundId) -> Result<Option<Placed>> {
    tx.maybe(
        "SELECT person_id, activity, awaiting, opened_on, due_on, row_on, review_on, stopped_on FROM ground
            WHERE id = ?1 AND person_id IS NOT NULL",
        [ground.into()].as_slice(),
        |row| {
            Ok(Placed {
                ground,
                person: row.int(0)?,
                activity: row.text(1)?,
                awaiting: row.opt_text(2)?.unwrap_or_default(),
                opened_on: row.date(3)?,
                days: [row.opt_date(4)?, row.opt_date(5)?, row.opt_date(6)?, row.opt_date(7)?],
            })
        },
    )
}

/// A part of a list: which day it goes by, which of [`Placed::days`] that is, which grounds, and whether a person leaves
/// altogether with one.
struct Branch {
    day: &'static str,
    place: usize,
    only: String,
    altogether: &'static str,
}

fn parts(which: Which, from: usize, until: usize, today: usize) -> Vec<Branch> {
    let due = |only: &str| {
        Branch {
        day: "g.due_on",
        place: 0,
        only: format!(
            "g.state = 'active' AND g.due_on IS NOT NULL AND g.due_on >= ?{from} AND g.due_on <= ?{until} AND g.due_on >= ?{today}
                AND (g.row_on IS NULL OR g.row_on >= g.due_on){only}"
        ),
        altogether: WHOLE,
    }
    };
    let row = |only: &str| {
        Branch {
        day: "g.row_on",
        place: 1,
        only: format!(
            "g.state = 'active' AND g.row_on IS NOT NULL AND g.row_on >= ?{from} AND g.row_on <= ?{until} AND g.row_on >= ?{today}
                AND (g.due_on IS NULL OR g.due_on > g.row_on){only}"
        ),
        altogether: "1 = 0",
    }
    };
    let other = |day, place, only: String| Branch { day, place, only, altogether: "1 = 0" };
    match which {
        Which::Dated => vec![
            due(&format!(" AND NOT {}", keeps("g.due_on"))),
            row(&format!(" AND NOT {}", keeps("g.row_on"))),
        ],
        Which::Whole => vec![due(&format!(" AND NOT {} AND {WHOLE}", keeps("g.due_on")))],
        Which::Kept => {
            vec![due(&format!(" AND {}", keeps("g.due_on"))), row(&format!(" AND {}", keeps("g.row_on")))]
        }
        Which::Ended => vec![
            other(
                "g.due_on",
                0,
                format!("g.state = 'active' AND g.due_on IS NOT NULL AND g.due_on < ?{today}"),
            ),
            other(
                "g.row_on",
                1,
                format!(
                    "g.state = 'active' AND g.row_on IS NOT NULL AND g.row_on < ?{today} AND (g.due_on IS NULL OR g.due_on >= ?{today})"
                ),
            ),
            other("g.stopped_on", 3, "g.state = 'stopped' AND g.swept_at IS NULL".to_owned()),
        ],
        Which::Review => vec![other(
            "g.review_on",
            2,
            format!(
                "g.state = 'active' AND g.review_on IS NOT NULL AND (g.review_on >= ?{from} OR ?{from} = ?{today}) AND g.review_on <= ?{until}"
            ),
        )],
        Which::Awaiting => vec![other(
            "CAST(NULL AS TEXT)",
            0,
            "g.state = 'active' AND g.awaiting IS NOT NULL AND g.due_on IS NULL AND g.row_on IS NULL AND g.review_on IS NULL"
                .to_owned(),
        )],
    }
}

/// The queries that together yield the grounds of a sort, with their values.
fn branches(
    asked: &Asked<'_>,
    which: Which,
    values: &mut Vec<Value<'static>>,
    after: Option<&Placed>,
) -> Vec<String> {
    let add = |values: &mut Vec<Value<'static>>, value: Value<'static>| {
        values.push(value);
        values.len()
    };
    let from = add(values, asked.from.into());
    let until = add(values, asked.until.into());
    let today = add(values, asked.today.into());
    // PostgreSQL must know of what type a value is that no part of the list looks at.
    let known = format!("?{from} = ?{from} AND ?{until} = ?{until} AND ?{today} = ?{today}");
    let mut also = String::new();
    if let Some(activity) = asked.activity {
        also.push_str(&format!(" AND g.activity = ?{}", add(values, activity.to_owned().into())));
    }
    if let Some(awaiting) = asked.awaiting {
        also.push_str(&format!(" AND g.awaiting = ?{}", add(values, awaiting.to_owned().into())));
    }
    let near = asked.reach.sql("g.person_id", values);
    parts(which, from, until, today)
        .into_iter()
        .map(|part| {
            let Branch { day, place, only, altogether } = part;
            let mut later = String::new();
            if let Some(after) = after {
                if which == Which::Awaiting {
                    let a = add(values, after.activity.clone().into());
                    let w = add(values, after.awaiting.clone().into());
                    let o = add(values, after.opened_on.into());
                    let g = add(values, after.ground.into());
                    later = format!(
                        " AND (g.activity, g.awaiting, g.opened_on, g.id) > (?{a}, ?{w}, ?{o}, ?{g})"
                    );
                } else {
                    // The day by which the ground before stood in the list, whichever part it came from.
                    let stood = standing_day(after, which, asked.today).or(after.days.get(place).copied().flatten());
                    let d = add(values, stood.unwrap_or(asked.from).into());
                    let p = add(values, after.person.into());
                    let g = add(values, after.ground.into());
                    later = format!(" AND ({day}, g.person_id, g.id) > (?{d}, ?{p}, ?{g})");
                }
            }
            format!(
                "SELECT g.id, g.person_id, g.activity, g.rule, g.awaiting, g.opened_on, {day} AS day,
                    CASE WHEN {altogether} THEN 1 ELSE 0 END AS altogether
                    FROM ground g WHERE {only} AND g.person_id IS NOT NULL AND {known}{also}{later} AND {near}"
            )
        })
        .collect()
}

/// The day by which a ground stands in a list of this sort.
fn standing_day(placed: &Placed, which: Which, today: Date) -> Option<Date> {
    let [due, row, review, stopped] = placed.days;
    match which {
        Which::Dated | Which::Whole | Which::Kept => [due, row].into_iter().flatten().min(),
        Which::Review => review,
        Which::Ended => stopped.or(due.filter(|due| *due < today)).or(row),
        Which::Awaiting => None,
    }
}

/// What the sweep would do with what one ground covers in the night after its last day, as the facts stand today. `life`
/// is the person's as it is, with everything that clocks read. What somebody has to hand over long before that night is taken
/// to be handed over by its day.
///
/// # Errors
/// Whatever the database says.
pub fn night(tx: &Tx<'_>, policy: &Policy, life: &Life, line: &Line, today: Date) -> Result<Night> {
    let mut found = Night::default();
    let (Some(last), Some(held)) = (line.on, life.grounds.iter().find(|held| held.id == line.ground)) else {
        return Ok(found);
    };
    let night = last.tomorrow().map_err(|error| Error::Database(error.to_string()))?;
    let data = dispose::holdings(tx, policy, life.person)?.data;
    let others = departure::others(tx, policy, life, &data, night)?;
    let others: Vec<&Life> = others.iter().collect();
    // What is no longer covered in the night after and was on the last day itself.
    let leaving = |day: Date| {
        let changes = ground::settle(policy, life, day);
        let then = ground::settled(life, &changes, day, IMAGINED);
        let moment = day.to_datetime(Time::midnight()).to_zoned(life::zone(policy));
        let now = Now::at(day, moment.map_or(jiff::Timestamp::MAX, |moment| moment.timestamp()));
        let mut leaving = coverage::uncovered(policy, &then, &others, &data, now);
        leaving.extend(owing::owed(tx, policy, &then, &data, now)?);
        leaving.extend(coverage::owed_before_cut(policy, &then, &leaving, &data, now));
        Ok::<_, Error>(leaving)
    };
    let before: BTreeSet<(&str, i64)> = leaving(last)?.iter().map(|one| (one.table, one.id)).collect();
    let mut leaves = leaving(night)?;
    // Of what was let go of so long before, and of today's tasks, the last day is over by then.
    let asked = match last.checked_sub(policy.days(Own::ByHand).days()) {
        Ok(long) if long >= today => {
            let over: BTreeSet<(&str, i64)> = leaving(long)?.iter().map(|one| (one.table, one.id)).collect();
            leaves.retain(|one| !over.contains(&(one.table, one.id)));
            Before::default()
        }
        _ => owing::asked_before(tx, policy, life.person)?,
    };
    handing::foreseen(policy, &mut leaves, &asked);
    for one in leaves.iter().filter(|one| !before.contains(&(one.table, one.id))) {
        let datum = data.iter().find(|datum| datum.table == one.table && datum.id == one.id);
        if !datum.is_some_and(|datum| coverage::covers(policy, held, life.person, datum)) {
            continue;
        }
        // Whoever is to be told before is told before: the night does it.
        let kept = one.suspended.filter(|why| *why != Suspended::Untold);
        found.kept = found.kept.or(kept);
        match one.outcome {
            Outcome::Task(_) => found.by_hand += 1,
            Outcome::Dispose(way) if way.hands_over() => found.after += 1,
            Outcome::CutLink => {}
            Outcome::Dispose(_) => {
                let kind = policy.kind(one.kind).map_or("row", |kind| kind.name.as_str());
                *found.goes.entry(kind.to_owned()).or_insert(0) += 1;
            }
        }
    }
    Ok(found)
}

/// The first and the last day of so many months from today on.
#[must_use]
pub fn window(today: Date, months: u16) -> (Date, Date) {
    (today, last_of(today, i32::from(months.max(1))))
}

/// The months of a window, each with its first and its last day: they begin on the day of the month on which the window does, or on
/// the last of a shorter month, and every day is in one of them.
#[must_use]
pub fn periods(from: Date, until: Date) -> Vec<(Date, Date)> {
    let each = (0_i32..).map_while(|at| {
        let first = from.checked_add(at.months()).ok()?;
        (first <= until).then(|| (first, last_of(from, at + 1).min(until)))
    });
    each.collect()
}

/// The last day of so many months from a day on.
fn last_of(from: Date, months: i32) -> Date {
    from.checked_add(months.months()).and_then(Date::yesterday).unwrap_or(Date::MAX)
}
