//! Grounds as a function of facts: which open, which move their dates, which stop, for one person on one day.
//!
//! INVARIANT (settled is settled): applying what [`settle`] returns and settling again returns nothing.

mod again;

use jiff::civil::Date;
use policy::clock::{self, Facts, Outcome};
use policy::phrase::{Ceases, Phrase, ROW_EVENTS};
use policy::{Activity, Basis, CategoryId, Policy, Rule, RuleId};

use crate::act::Verb;
use crate::basis::{self, Standing};
use crate::facts::{details, facts_for, opening_records};
use crate::id::{EngagementId, GroundId};
use crate::life::{Ground, Life, OnWork, State, StopCause};
use crate::moment::Last;
use crate::part::{self, plays};
use crate::rows;
use again::{barred, taken_back};

/// One change that the facts ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroundChange {
    /// A ground begins today.
    Open {
        /// Under which rule.
        rule: RuleId,
        /// For which engagement, where the rule speaks of work.
        engagement: Option<EngagementId>,
        /// The last day, once known.
        due_on: Option<Date>,
        /// The day by which someone must look at it.
        review_on: Option<Date>,
        /// What its clock waits for, in words.
        awaiting: Option<String>,
        /// The last day of the first row that goes by itself.
        row: Option<Last>,
    },
    /// A ground that ended by something recorded, which no longer is so, goes on as it was before the night has dealt
    /// with its end: it began when it began, and whoever was to review it still is.
    Reopen {
        /// Which ground.
        ground: GroundId,
        /// The last day, once known.
        due_on: Option<Date>,
        /// The day by which someone must look at it.
        review_on: Option<Date>,
        /// What its clock waits for, in words.
        awaiting: Option<String>,
        /// The last day of the first row that goes by itself.
        row: Option<Last>,
    },
    /// The stored cache of a ground's clock is not what the facts say.
    Redate {
        /// Which ground.
        ground: GroundId,
        /// The last day, once known.
        due_on: Option<Date>,
        /// The day by which someone must look at it.
        review_on: Option<Date>,
        /// What its clock waits for, in words.
        awaiting: Option<String>,
        /// The last day of the first row that goes by itself.
        row: Option<Last>,
    },
    /// A ground ends.
    Stop {
        /// Which ground.
        ground: GroundId,
        /// The first day it no longer holds.
        on: Date,
        /// Why.
        cause: StopCause,
    },
}

/// What must change so that the person's grounds are what the facts and the policy say today.
/// Ends come first, then new dates, then beginnings, each in the order of the grounds or of the policy.
#[must_use]
pub fn settle(policy: &Policy, life: &Life, today: Date) -> Vec<GroundChange> {
    let (mut changes, redates) = standing(policy, life, today);
    let opened: Vec<GroundChange> = if changes.is_empty() {
        policy.rules.iter().flat_map(|rule| opening(policy, life, life, rule, today)).collect()
    } else {
        // What ends now may begin anew on later facts.
        let ended = settled(life, &changes, today, 0);
        policy.rules.iter().flat_map(|rule| opening(policy, &ended, life, rule, today)).collect()
    };
    changes.extend(redates);
    changes.extend(opened);
    changes
}

/// What of a person's grounds is not what the facts and the policy say today: [`settle`] without what begins.
#[must_use]
pub fn stale(policy: &Policy, life: &Life, today: Date) -> Vec<GroundChange> {
    let (mut changes, redates) = standing(policy, life, today);
    changes.extend(redates);
    changes
}

/// The active grounds held against the facts: which end, and which get other dates.
fn standing(policy: &Policy, life: &Life, today: Date) -> (Vec<GroundChange>, Vec<GroundChange>) {
    let mut changes = Vec::new();
    let mut redates = Vec::new();
    for ground in life.grounds.iter().filter(|ground| ground.state == State::Active) {
        match policy.rules.get(ground.rule.index()) {
            None => changes.push(stop(ground, today, StopCause::RuleGone)),
            Some(rule) if !belongs(policy, life, rule, ground.engagement, today) => {
                changes.push(stop(ground, today, StopCause::Annulled));
            }
            Some(rule) => {
                let reading = read(policy, life, rule, ground.engagement, Some(ground), today);
                match reading.end(today).or_else(|| ran_out(ground, rule, today)) {
                    Some((on, cause)) => changes.push(stop(ground, on, cause)),
                    None if reading.differs(ground) => redates.push(GroundChange::Redate {
                        ground: ground.id,
                        due_on: reading.due_on,
                        review_on: reading.review_on,
                        awaiting: reading.awaiting,
                        row: reading.row,
                    }),
                    None => {}
                }
            }
        }
    }
    (changes, redates)
}

fn stop(ground: &Ground, on: Date, cause: StopCause) -> GroundChange {
    GroundChange::Stop { ground: ground.id, on, cause }
}

/// A ground whose last day has passed is over, though nobody marked it and a later fact would have moved the day:
/// what is gone is not revived.
fn ran_out(ground: &Ground, rule: &Rule, today: Date) -> Option<(Date, StopCause)> {
    let due = ground.due_on.filter(|due| *due < today)?;
    let cause = if rule.ask_again.is_some() { StopCause::Lapsed } else { StopCause::Due };
    Some((due.tomorrow().ok()?, cause))
}

/// The life as it will be once the changes are made; new grounds get numbers from `next`.
#[must_use]
pub fn settled(life: &Life, changes: &[GroundChange], today: Date, next: i64) -> Life {
    let mut life = life.clone();
    let mut next = next;
    for change in changes {
        match change {
            GroundChange::Open { rule, engagement, due_on, review_on, awaiting, row } => {
                life.grounds.push(Ground {
                    id: GroundId(next),
                    rule: *rule,
                    engagement: *engagement,
                    opened_on: today,
                    due_on: *due_on,
                    review_on: *review_on,
                    awaiting: awaiting.clone(),
                    reviewed_on: None,
                    row: *row,
                    state: State::Active,
                    swept: false,
                });
                next += 1;
            }
            GroundChange::Redate { ground, due_on, review_on, awaiting, row }
            | GroundChange::Reopen { ground, due_on, review_on, awaiting, row } => {
                for ground in life.grounds.iter_mut().filter(|held| held.id == *ground) {
                    if matches!(change, GroundChange::Reopen { .. }) {
                        ground.state = State::Active;
                    }
                    ground.due_on = *due_on;
                    ground.review_on = *review_on;
                    ground.awaiting.clone_from(awaiting);
                    ground.row = *row;
                }
            }
            GroundChange::Stop { ground, on, cause } => {
                for ground in life.grounds.iter_mut().filter(|held| held.id == *ground) {
                    ground.state = State::Stopped { on: *on, cause: cause.clone() };
                }
            }
        }
    }
    life
}

/// What the facts say of one ground.
struct Reading {
    due_on: Option<Date>,
    review_on: Option<Date>,
    awaiting: Option<String>,
    /// The end of the first row that goes by itself.
    row: Option<Last>,
    /// Every end with a known first day.
    ends: Vec<(Date, StopCause)>,
}

impl Reading {
    /// The first end that has come, if any has. Of several on one day the person's own will is named first.
    fn end(&self, today: Date) -> Option<(Date, StopCause)> {
        let weight = |cause: &StopCause| match cause {
            StopCause::Withdrawn => 0,
            StopCause::Objected => 1,
            StopCause::Lapsed => 2,
            StopCause::Event(_) => 3,
            _ => 4,
        };
        self.ends
            .iter()
            .filter(|(on, _)| *on <= today)
            .min_by_key(|(on, cause)| (*on, weight(cause)))
            .cloned()
    }

    fn differs(&self, ground: &Ground) -> bool {
        self.due_on != ground.due_on
            || self.review_on != ground.review_on
            || self.awaiting != ground.awaiting
            || self.row != ground.row
    }
}

fn read(
    policy: &Policy,
    life: &Life,
    rule: &Rule,
    engagement: Option<EngagementId>,
    ground: Option<&Ground>,
    today: Date,
) -> Reading {
    let facts = facts_for(policy, life, rule, engagement, ground, today);
    let clock = clock::clock_of(rule, &facts, today);
    let review_on = clock.review_on;
    let mut reading = Reading { due_on: None, review_on, awaiting: None, row: None, ends: Vec::new() };
    let imagined = imagined(rule, engagement, today);
    let rows = rows::standing(policy, life, rule, ground.unwrap_or(&imagined), today);
    reading.row = rows.next;
    let whole = rows.awaited.map_or(clock.outcome, Outcome::Awaiting);
    let going_on = going_on(policy, life, rule, engagement, &facts, whole, today);
    match going_on {
        Outcome::Due { on, at_once: true } => {
            let happened = rule.phrase.events().into_iter().find(|event| facts.day(event) == Some(on));
            // What ended without an event was a fact that is no longer so.
            let event = happened.map_or_else(|| "no longer so".to_owned(), |event| event.written());
            reading.due_on = Some(on);
            reading.ends.push((on, StopCause::Event(event)));
        }
        Outcome::Due { on, at_once: false } => {
            reading.due_on = Some(on);
            reading.ends.extend(on.tomorrow().ok().map(|after| (after, StopCause::Due)));
        }
        Outcome::Awaiting(events) => reading.awaiting = Some(events.join(", ")),
        Outcome::Never => {}
    }
    // What the clause does not speak of, or what is used and not kept, is held under no ground of it.
    let does_not_speak = rule.condition.as_ref().is_some_and(|so| facts.so(so) == Ok(false));
    if does_not_speak || matches!(rule.phrase, Phrase::NotKept { .. }) {
        reading.ends.push((today, StopCause::Annulled));
    }
    let Some(activity) = policy.activity(rule.activity) else { return reading };
    match basis::standing(policy, activity, life, engagement, today) {
        Standing::Stands | Standing::Disputed(_) => {}
        Standing::Withdrawn(on) => reading.ends.push((on, StopCause::Withdrawn)),
        Standing::Lapsed(on) => reading.ends.push((on, StopCause::Lapsed)),
        Standing::Objected(on) => reading.ends.push((on, StopCause::Objected)),
        // The consent, its document or the assessment never was: the ground opened on nothing.
        Standing::NoConsent | Standing::TooLate | Standing::NotAssessed => {
            reading.ends.push((today, StopCause::Annulled))
        }
    }
    if let Some(consent) = basis::standing_consent(policy, activity, life, engagement, today)
        && let Some(last) = basis::last_day(policy, activity, consent)
    {
        // A consent that will lapse ends the ground on its last day, and the sweep must find it.
        if reading.due_on.is_none_or(|due| last <= due) {
            reading.due_on = Some(last);
            reading.awaiting = None;
        }
    }
    reading
}

/// The last day of a standing ground as the facts say it, once known.
pub(crate) fn due_on(policy: &Policy, life: &Life, ground: &Ground, today: Date) -> Option<Date> {
    let rule = policy.rules.get(ground.rule.index())?;
    read(policy, life, rule, ground.engagement, Some(ground), today).due_on
}

/// A ground about to begin.
fn imagined(rule: &Rule, engagement: Option<EngagementId>, today: Date) -> Ground {
    Ground {
        id: GroundId(0),
        rule: rule.id,
        engagement,
        opened_on: today,
        due_on: None,
        review_on: None,
        awaiting: None,
        reviewed_on: None,
        row: None,
        state: State::Active,
        swept: false,
    }
}

/// How a ground goes on whose rows go one by one: while the person is in the activity a new row may come any day, so
/// its last row ends nothing. Afterwards, and where it is the rows that put them in the activity, it ends with the
/// last. What else the clause counts from ends it as ever.
fn going_on(
    policy: &Policy,
    life: &Life,
    rule: &Rule,
    engagement: Option<EngagementId>,
    facts: &Facts,
    with_rows: Outcome,
    today: Date,
) -> Outcome {
    let Some(activity) = policy.activity(rule.activity).filter(|activity| !activity.for_everyone) else {
        return with_rows;
    };
    if !rule.by_row {
        return with_rows;
    }
    let mut without = facts.clone();
    let work = rule.work.and_then(|work| policy.works.get(work.index()));
    for event in ROW_EVENTS {
        if work.is_none_or(|work| work.milestones.iter().all(|milestone| milestone != event)) {
            without.put(event, None, None);
            without.impossible.insert((*event).to_owned());
        }
    }
    match (clock::clock_of(rule, &without, today).outcome, with_rows) {
        (Outcome::Due { on, at_once }, Outcome::Due { on: last, .. }) if last <= on => {
            Outcome::Due { on, at_once }
        }
        (Outcome::Due { .. }, rows) => rows,
        (Outcome::Awaiting(events), _) => Outcome::Awaiting(events),
        (Outcome::Never, _) if enters(policy, life, activity, rule, engagement, today) => Outcome::Never,
        (Outcome::Never, rows) => {
            let any = opening_records(policy, activity, rule, life).chain(details(policy, rule, life)).next();
            match any {
                Some(_) => rows,
                None => today.yesterday().map_or(rows, |on| Outcome::Due { on, at_once: false }),
            }
        }
    }
}

/// Whether a stage of the ground's clause forbids an act today: `stop calling 1 year after lapsed`.
#[must_use]
pub fn ceased(policy: &Policy, life: &Life, ground: &Ground, verb: Verb, today: Date) -> bool {
    let Some(rule) = policy.rules.get(ground.rule.index()) else { return false };
    let Some(stage) = &rule.stage else { return false };
    // What is archived may be found and read. Whatever is out of use, what its time counts from can be written down.
    let archived = matches!(rule.phrase, Phrase::More { .. });
    let stops = match stage.what {
        Ceases::Use if archived => !matches!(verb, Verb::Read | Verb::List | Verb::Happened),
        Ceases::Use => verb != Verb::Happened,
        Ceases::Writing => verb == Verb::Send,
        Ceases::Calling => verb == Verb::Call,
        Ceases::Contacting => matches!(verb, Verb::Send | Verb::Call),
        Ceases::Sharing => matches!(verb, Verb::Disclose | Verb::Export),
    };
    stops && stage_since(policy, life, ground, today).is_some()
}

/// The first day on which a stage of the ground's clause stands, once it has begun: `stop calling 1 year after lapsed`.
#[must_use]
pub fn stage_since(policy: &Policy, life: &Life, ground: &Ground, today: Date) -> Option<Date> {
    stage_from(policy, life, ground, today).filter(|since| *since <= today)
}

/// The first day on which a stage of the ground's clause stands or is going to, as far as it is known.
pub(crate) fn stage_from(policy: &Policy, life: &Life, ground: &Ground, today: Date) -> Option<Date> {
    let rule = policy.rules.get(ground.rule.index())?;
    let stage = rule.stage.as_ref()?;
    let facts = facts_for(policy, life, rule, ground.engagement, Some(ground), today);
    match clock::clock(&stage.phrase, None, None, &facts, today).outcome {
        Outcome::Due { on, at_once: true } => Some(on),
        Outcome::Due { on, at_once: false } => on.tomorrow().ok(),
        Outcome::Awaiting(_) | Outcome::Never => None,
    }
}

/// The grounds of a rule that begin today, or go on because what ended them is taken back; `before` is the life as it was
/// before anything ended today.
fn opening(policy: &Policy, life: &Life, before: &Life, rule: &Rule, today: Date) -> Vec<GroundChange> {
    let Some(activity) = policy.activity(rule.activity) else { return Vec::new() };
    let mut opened = Vec::new();
    for engagement in engagements(life, rule) {
        let standing_already = life
            .grounds
            .iter()
            .any(|held| held.rule == rule.id && held.engagement == engagement && held.state == State::Active);
        if standing_already
            || life.not_entered.contains(&activity.id)
            || !enters(policy, life, activity, rule, engagement, today)
            || !basis::standing(policy, activity, life, engagement, today).stands()
            || barred(policy, life, activity, rule, engagement, today)
        {
            continue;
        }
        if let Some(ground) = taken_back(before, rule, engagement) {
            let reading = read(policy, life, rule, engagement, Some(&ground), today);
            if reading.end(today).is_none() {
                let Reading { due_on, review_on, awaiting, row, .. } = reading;
                opened.push(GroundChange::Reopen { ground: ground.id, due_on, review_on, awaiting, row });
                continue;
            }
        }
        let reading = read(policy, life, rule, engagement, None, today);
        if reading.end(today).is_none() {
            let Reading { due_on, review_on, awaiting, row, .. } = reading;
            opened.push(GroundChange::Open { rule: rule.id, engagement, due_on, review_on, awaiting, row });
        }
    }
    opened
}

/// For whom a rule may open grounds: the person, each engagement of its kind, or, until they have joined one,
/// the person awaiting it.
fn engagements(life: &Life, rule: &Rule) -> Vec<Option<EngagementId>> {
    if rule.for_work != life.alone {
        return Vec::new();
    }
    let Some(work) = rule.work else { return vec![None] };
    let mut found = Vec::new();
    for on in life.works.iter().filter(|on| on.work == work) {
        if !found.contains(&Some(on.engagement)) {
            found.push(Some(on.engagement));
        }
    }
    if !life.alone {
        found.push(None);
    }
    found
}

/// Whether the ground's reason to be is among the facts at all: the category or the part was had, now or before.
fn belongs(policy: &Policy, life: &Life, rule: &Rule, engagement: Option<EngagementId>, today: Date) -> bool {
    let Some(activity) = policy.activity(rule.activity) else { return false };
    within(policy, life, activity, rule, engagement, today, false)
}

/// Whether the person is in the activity today, so that a ground may begin.
fn enters(
    policy: &Policy,
    life: &Life,
    activity: &Activity,
    rule: &Rule,
    engagement: Option<EngagementId>,
    today: Date,
) -> bool {
    within(policy, life, activity, rule, engagement, today, true)
}

fn within(
    policy: &Policy,
    life: &Life,
    activity: &Activity,
    rule: &Rule,
    engagement: Option<EngagementId>,
    today: Date,
    now: bool,
) -> bool {
    if rule.for_work || life.alone {
        // What is kept for the work begins with the work.
        let of_kind = |on: &OnWork| Some(on.engagement) == engagement && Some(on.work) == rule.work;
        return rule.for_work && life.alone && life.works.iter().any(of_kind);
    }
    if activity.for_everyone {
        let kept = opening_records(policy, activity, rule, life).next().is_some();
        return kept
            && rule.work.is_none_or(|_| life.works.iter().any(|on| Some(on.engagement) == engagement));
    }
    activity.for_whom.iter().any(|whom| {
        // Who was one `once` something happened need not be one still.
        let still = now && whom.once.is_none();
        let parts: Vec<&OnWork> = part::of_category(policy, life, whom.category, today, still).collect();
        let held = if still { life.has(whom.category, today) } else { life.ever_had(whom.category) };
        let here = match (rule.work, engagement) {
            // Whoever plays a part is one of its category while that work stands, and no longer.
            (None, _) => {
                let gives = |on: &&OnWork| {
                    !still || part::ends(policy, life, on, whom.category).is_none_or(|end| today < end)
                };
                held || parts.iter().any(gives)
            }
            (Some(_), Some(engagement)) => parts.iter().any(|on| on.engagement == engagement),
            // The person waits for work that has not begun; once it has, each engagement speaks for itself.
            (Some(work), None) => {
                let begun = life.works.iter().any(|on| on.work == work && plays(policy, on, whom.category));
                held && !begun && !had_work(life, rule, whom.category) && waits(policy, rule, whom.category)
            }
        };
        // What opened once something had happened stays open when the record of that work has gone: only an
        // event taken back on work that is still here closes it.
        let forgotten = !now && engagement.is_none() && parts.is_empty();
        here && (forgotten
            || whom
                .once
                .as_deref()
                .is_none_or(|event| has_happened(&parts, life, rule, engagement, event, today)))
    })
}

/// Whether a clause that speaks of work holds somebody of a category before there is any: only where the policy has
/// no other place for who they are. A consent with a gate is given for one engagement: it has nothing to wait with.
#[must_use]
pub fn waits(policy: &Policy, rule: &Rule, category: CategoryId) -> bool {
    let Some(activity) = policy.activity(rule.activity) else { return false };
    if matches!(activity.basis, Basis::Consent { before: Some(_), .. }) {
        return false;
    }
    let name = policy.kind_named("name").map(|kind| kind.id);
    let place = |other: &&Activity| {
        !other.for_everyone
            && !matches!(other.basis, Basis::Consent { .. })
            && other.for_whom.iter().any(|whom| whom.category == category && whom.once.is_none())
    };
    let holds = |other: &Activity| {
        let mut rules = policy.rules.iter().filter(|rule| rule.activity == other.id && rule.work.is_none());
        rules.any(|rule| name.is_none_or(|name| rule.kinds.contains(name)))
    };
    !policy.activities.iter().filter(place).any(holds)
}

/// Whether there has been such work since they last became one of the category, though its record has gone.
fn had_work(life: &Life, rule: &Rule, category: CategoryId) -> bool {
    let since = life.categories.iter().filter(|held| held.category == category).map(|held| held.since).max();
    life.grounds.iter().any(|held| {
        held.rule == rule.id && held.engagement.is_some() && since.is_none_or(|since| held.opened_on >= since)
    })
}

fn has_happened(
    parts: &[&OnWork],
    life: &Life,
    rule: &Rule,
    engagement: Option<EngagementId>,
    event: &str,
    today: Date,
) -> bool {
    let of_work = |on: &&&OnWork| rule.work.is_none() || Some(on.engagement) == engagement;
    parts.iter().filter(of_work).any(|on| on.milestone(event).is_some_and(|day| day <= today))
        || life.events.iter().any(|(name, on)| name == event && *on <= today)
}
