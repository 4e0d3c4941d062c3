//! What the grounds cover: which data may stay, which must go and how.

use jiff::civil::Date;
use policy::{Disposal, KindId, Policy, Rule, RuleId, Sort};

use crate::basis::standing_consent;
use crate::handing;
use crate::id::{EngagementId, PersonId};
use crate::life::{Ground, Life, Needs, State, StopCause};
use crate::moment::Now;
use crate::parting;
use crate::rows;

/// How a person stands in a datum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// It is about them.
    Subject,
    /// They wrote or said it.
    Author,
    /// They occur in it.
    Mentioned,
}

/// One row about people, as grounds see it: where it is, of what kind, about whom, on which work. No value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Datum {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub id: i64,
    /// Its kind.
    pub kind: KindId,
    /// Whom it is about.
    pub people: Vec<(PersonId, Role)>,
    /// On which work, with the name of the kind it is there, where that is another (`appendix`).
    pub engagements: Vec<(EngagementId, Option<String>)>,
    /// Whether it is a paper file in a place: somebody must go there.
    pub paper: bool,
}

/// What happens to a datum that its person's grounds no longer cover.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// It goes. Where the clause hands over, this is nothing that can be: it goes once all that is owed beside it was.
    Dispose(Disposal),
    /// It goes, but a person must act first: return or deliver it, or destroy paper.
    Task(Disposal),
    /// It stays for somebody else; the link to this person is cut.
    CutLink,
}

/// Why something uncovered is nevertheless still there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Suspended {
    /// A hold stands.
    Hold,
    /// Processing is restricted: a person decides.
    Restriction,
    /// A request that needs it is open: kept, unusable, until that is answered.
    Request(Needs),
    /// The person was to be told before, and has not been: kept, unusable, until they are, or their parting ground is over.
    Untold,
}

/// A datum no longer covered for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Uncovered {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub id: i64,
    /// Its kind.
    pub kind: KindId,
    /// What happens to it.
    pub outcome: Outcome,
    /// The rule that covered it last, if one did.
    pub rule: Option<RuleId>,
    /// Why, for the certificate: `6 months after completed`.
    pub reason: String,
    /// What keeps it for now, though nothing may use it.
    pub suspended: Option<Suspended>,
    /// The work it goes from, where the ground that ended was of one.
    pub engagement: Option<EngagementId>,
    /// Whether something else keeps a copy, which stays and may be used: only this work lets go of it.
    pub copy: bool,
    /// Of an entry, or a copy of a document, that goes to whoever it is about, whether a clause of theirs says so, and not only of
    /// somebody else in it.
    pub theirs: bool,
    /// Who else gets the same by a clause of their own.
    pub beside: Vec<PersonId>,
}

/// Whether a ground covers a datum for a person, leaving aside whether it still holds. A ground of the work itself covers
/// what lies on the work, whomever it is about.
#[must_use]
pub fn covers(policy: &Policy, ground: &Ground, person: PersonId, datum: &Datum) -> bool {
    let Some(rule) = policy.rules.get(ground.rule.index()) else { return false };
    if !rule.for_work && !datum.people.iter().any(|(about, _)| *about == person) {
        return false;
    }
    let of_work = of_sort(policy, datum, &[Sort::Entry, Sort::Document]);
    match ground.engagement {
        Some(engagement) if of_work => datum.engagements.iter().any(|(on, class)| {
            *on == engagement
                && class_of(policy, datum.kind, class.as_deref()).is_some_and(|kind| {
                    rule.kinds.contains(kind) && !(class.is_some() && rule.except.contains(kind))
                })
        }),
        _ => rule.kinds.contains(datum.kind),
    }
}

/// Whether a datum is of one of these sorts. A detail or a record is no original, and nothing to give back.
fn of_sort(policy: &Policy, datum: &Datum, sorts: &[Sort]) -> bool {
    policy.kind(datum.kind).is_some_and(|kind| sorts.contains(&kind.sort))
}

/// The kind a datum is on one piece of work. A class no policy knows is of no kind, and nothing covers it.
fn class_of(policy: &Policy, kind: KindId, class: Option<&str>) -> Option<KindId> {
    match class {
        None => Some(kind),
        Some(name) => policy.kind_named(name).map(|kind| kind.id),
    }
}

/// What of these data the person's grounds do not cover today. `others` are the lives of other people in them.
#[must_use]
pub fn uncovered(
    policy: &Policy,
    life: &Life,
    others: &[&Life],
    data: &[Datum],
    now: impl Into<Now>,
) -> Vec<Uncovered> {
    let now = now.into();
    let today = now.today;
    // To a piece of work is left what nobody is in any more.
    let theirs = data.iter().filter(|datum| match life.alone {
        true => datum.people.is_empty(),
        false => datum.people.iter().any(|(about, _)| *about == life.person),
    });
    theirs
        .filter(|datum| !covered(policy, life, datum, now))
        .map(|datum| {
            // The record of work says what lies on it: it goes with the last of those on it, though they leave on one night.
            let shared = |other: &Life| {
                datum.table == "engagement" && datum.people.iter().any(|(about, _)| *about == other.person)
            };
            // Whoever else is in it, and every other piece of work it lies on.
            let beside = || {
                let others = others.iter().copied().filter(|other| other.person != life.person);
                others.filter(|other| match other.alone {
                    true => datum.engagements.iter().any(|(on, _)| on.0 == other.person.0),
                    false => datum.people.iter().any(|(about, _)| *about == other.person),
                })
            };
            // What somebody else is in, and something keeps of theirs, is not taken from under it.
            let waits = |other: &Life| !other.alone && suspended(other, today).is_some();
            let elsewhere = beside().any(|other| shared(other) || waits(other))
                || others
                    .iter()
                    .any(|other| other.person != life.person && covered(policy, other, datum, now));
            // A hold on other work it lies on keeps it as one on this would.
            let held = !elsewhere
                && beside().any(|other| other.alone && suspended(other, today) == Some(Suspended::Hold));
            // Everybody in it lets go of it together, and all the work it lies on, whoever's night comes first.
            let all: Vec<&Life> = std::iter::once(life).chain(beside()).collect();
            let last = last_covering(policy, &all, datum, now);
            let disposal = together(&last);
            // The clause whose way it goes: it says to whom, where somebody gets it first.
            let first = last.iter().find(|(life, rule, ground)| way(life, rule, ground) == disposal);
            let rule = first.or(last.first()).map(|(_, rule, _)| rule.id);
            // An original goes back once; of what is delivered each may have a copy.
            let copied = disposal == Disposal::DeliverThenErase && of_sort(policy, datum, &[Sort::Document]);
            let mut gets = match copied || of_sort(policy, datum, &[Sort::Entry]) {
                true => getting(policy, &last, disposal),
                false => Vec::new(),
            };
            let theirs = gets.is_empty() || gets.contains(&life.person);
            gets.retain(|who| *who != life.person);
            Uncovered {
                table: datum.table,
                id: datum.id,
                kind: datum.kind,
                outcome: match disposal {
                    _ if elsewhere => Outcome::CutLink,
                    way if way.hands_over() && of_sort(policy, datum, &[Sort::Document, Sort::Entry]) => {
                        Outcome::Task(way)
                    }
                    _ if datum.paper => Outcome::Task(disposal),
                    _ => Outcome::Dispose(disposal),
                },
                rule,
                reason: last.first().map_or_else(
                    || "no activity allows it".to_owned(),
                    |(whose, rule, ground)| format!("{}{}", reason(rule, ground), told(whose, rule, ground)),
                ),
                engagement: first.and_then(|(_, _, ground)| ground.engagement),
                copy: false,
                theirs,
                beside: gets,
                suspended: suspended(life, today).or(held.then_some(Suspended::Hold)).or_else(|| {
                    let mut last = last.iter();
                    let waits = last.any(|(whose, _, ground)| parting::untold(policy, whose, ground, today));
                    waits.then_some(Suspended::Untold)
                }),
            }
        })
        .collect()
}

/// Whether a ground that holds now covers the datum for the person, or rests on it. Of a clause by which each row goes
/// by itself, the ground covers only rows that have not ended.
#[must_use]
pub fn covered(policy: &Policy, life: &Life, datum: &Datum, now: impl Into<Now>) -> bool {
    let now = now.into();
    let mut active = life.grounds.iter().filter(|ground| ground.active(now.today));
    active.any(|ground| {
        carries(policy, life, ground, datum, now) || rests_on(policy, life, ground, datum, now.today)
    }) || of_work(policy, life, now.today).any(|ground| carries(policy, life, ground, datum, now))
}

/// Whether a ground of a piece of work still covers what lies on it: of one of these lives, those in it or that of the work itself. None
/// would, once it lay there no more.
#[must_use]
pub fn needed_on(
    policy: &Policy,
    lives: &[Life],
    work: EngagementId,
    datum: &Datum,
    now: impl Into<Now>,
) -> bool {
    let now = now.into();
    lives.iter().any(|life| {
        let mut active = life.grounds.iter().filter(|ground| ground.active(now.today));
        active.any(|ground| ground.engagement == Some(work) && carries(policy, life, ground, datum, now))
    })
}

/// The standing grounds of the work itself that speak for somebody on it: as long as the activity still holds them for
/// that work by a ground of their own. Whoever goes leaves what the work keeps, and is cut from it.
pub(crate) fn of_work<'a>(
    policy: &'a Policy,
    life: &'a Life,
    today: Date,
) -> impl Iterator<Item = &'a Ground> {
    let activity = |ground: &Ground| policy.rules.get(ground.rule.index()).map(|rule| rule.activity);
    life.of_work.iter().filter(move |ground| {
        ground.active(today)
            && life.grounds.iter().any(|own| {
                own.active(today)
                    && activity(own) == activity(ground)
                    && (own.engagement.is_none() || own.engagement == ground.engagement)
            })
    })
}

/// The grounds of somebody, and those of the work itself that they are on.
fn all(life: &Life) -> impl Iterator<Item = &Ground> {
    life.grounds.iter().chain(&life.of_work)
}

/// Whether a ground that stands covers the datum, and the datum has not ended by itself.
fn carries(policy: &Policy, life: &Life, ground: &Ground, datum: &Datum, now: Now) -> bool {
    covers(policy, ground, life.person, datum) && rows::holds(policy, life, ground, datum, now)
}

/// Whether the ground rests on the datum, however short the policy keeps such records: on the record of a consent, since
/// whoever relies on one must be able to show it (UK GDPR Art 7(1)); on the record of its piece of work, since that has the
/// days its clock counts from and says what lies on that work.
fn rests_on(policy: &Policy, life: &Life, ground: &Ground, datum: &Datum, today: Date) -> bool {
    if datum.table == "engagement" {
        return ground.engagement == Some(EngagementId(datum.id));
    }
    datum.table == "consent" && {
        let rule = policy.rules.get(ground.rule.index());
        rule.and_then(|rule| policy.activity(rule.activity))
            .and_then(|activity| standing_consent(policy, activity, life, ground.engagement, today))
            .is_some_and(|consent| consent.id.0 == datum.id)
    }
}

/// Documents owed back: a ground with `return` or `deliver` stopped, and another ground keeps a copy.
/// The document leaves that work at once all the same. A ground that never was owes nothing, nor does one that has begun
/// again: the work was reopened.
#[must_use]
pub fn owed(policy: &Policy, life: &Life, data: &[Datum], now: impl Into<Now>) -> Vec<Uncovered> {
    let now = now.into();
    let kept = data.iter().filter(|datum| covered(policy, life, datum, now));
    owing(policy, life, kept, now)
}

/// Documents that a piece of work owes though it is other work that keeps a copy: of those that leave it, whose `leaving`
/// says that they stay elsewhere.
#[must_use]
pub fn owed_beside(
    policy: &Policy,
    life: &Life,
    leaving: &[Uncovered],
    data: &[Datum],
    now: impl Into<Now>,
) -> Vec<Uncovered> {
    let stays = |datum: &&Datum| {
        let same = |one: &&Uncovered| one.table == datum.table && one.id == datum.id;
        leaving.iter().filter(same).any(|one| one.outcome == Outcome::CutLink)
    };
    owing(policy, life, data.iter().filter(stays), now.into())
}

/// Copies that are owed to somebody before they are cut out of a document that stays for somebody else: their own clause, which ended
/// first, delivers one to whoever it is about. An original goes back once, with the last of them; whoever asked to be erased is cut out at
/// once. `leaving` says out of what they are cut.
#[must_use]
pub fn owed_before_cut(
    policy: &Policy,
    life: &Life,
    leaving: &[Uncovered],
    data: &[Datum],
    now: impl Into<Now>,
) -> Vec<Uncovered> {
    let (now, way_of) = (now.into(), Disposal::DeliverThenErase);
    let cut = leaving.iter().filter(|one| one.outcome == Outcome::CutLink && !life.alone);
    let owed = cut.filter_map(|one| {
        let datum = data.iter().find(|datum| datum.table == one.table && datum.id == one.id)?;
        let ended = last_covering(policy, &[life], datum, now);
        let (_, rule, ground) = ended.iter().find(|(whose, rule, ground)| {
            let at_once =
                matches!(ground.state, State::Stopped { cause: StopCause::Annulled | StopCause::Erased, .. });
            let theirs = !rule.for_work && handing::goes_to_them(policy, rule);
            theirs && !at_once && way(whose, rule, ground) == way_of
        })?;
        of_sort(policy, datum, &[Sort::Document]).then(|| Uncovered {
            outcome: Outcome::Task(way_of),
            rule: Some(rule.id),
            reason: reason(rule, ground),
            engagement: None,
            copy: true,
            theirs: true,
            beside: Vec::new(),
            ..one.clone()
        })
    });
    owed.collect()
}

fn owing<'a>(
    policy: &Policy,
    life: &Life,
    kept: impl Iterator<Item = &'a Datum>,
    now: Now,
) -> Vec<Uncovered> {
    kept.filter(|datum| of_sort(policy, datum, &[Sort::Document]))
        .flat_map(|datum| {
            let again = |ended: &Ground| {
                let same =
                    |ground: &&Ground| ground.rule == ended.rule && ground.engagement == ended.engagement;
                let mut active = life.grounds.iter().filter(same).filter(|ground| ground.active(now.today));
                active.any(|ground| carries(policy, life, ground, datum, now))
            };
            let annulled =
                |ground: &Ground| matches!(ground.state, State::Stopped { cause: StopCause::Annulled, .. });
            let ended = all(life).filter(move |ground| {
                covers(policy, ground, life.person, datum)
                    && let_go(policy, life, ground, datum, now)
                    && !annulled(ground)
                    && !again(ground)
            });
            ended.filter_map(|ground| {
                let rule = policy.rules.get(ground.rule.index())?;
                let way = way(life, rule, ground);
                way.hands_over().then(|| Uncovered {
                    table: datum.table,
                    id: datum.id,
                    kind: datum.kind,
                    outcome: Outcome::Task(way),
                    rule: Some(rule.id),
                    reason: reason(rule, ground),
                    suspended: suspended(life, now.today),
                    engagement: ground.engagement,
                    copy: true,
                    theirs: true,
                    beside: Vec::new(),
                })
            })
        })
        .collect()
}

/// What keeps uncovered data for now.
#[must_use]
pub fn suspended(life: &Life, today: Date) -> Option<Suspended> {
    if life.hold.as_ref().is_some_and(|hold| hold.since <= today) {
        Some(Suspended::Hold)
    } else if life.restriction.as_ref().is_some_and(|restriction| restriction.since <= today) {
        Some(Suspended::Restriction)
    } else {
        life.needed(today).map(Suspended::Request)
    }
}

/// Whether a ground that covers a datum no longer holds it: it ended, or the datum did by itself.
fn let_go(policy: &Policy, life: &Life, ground: &Ground, datum: &Datum, now: Now) -> bool {
    !ground.active(now.today) || !rows::holds(policy, life, ground, datum, now)
}

/// The day from which a ground no longer holds a datum.
fn ended_on(policy: &Policy, life: &Life, ground: &Ground, datum: &Datum, today: Date) -> Option<Date> {
    let whole = match &ground.state {
        State::Stopped { on, .. } => Some(*on),
        State::Active => ground.due_on.and_then(|due| due.tomorrow().ok()),
    };
    let own = rows::last_of(policy, life, ground, datum, today).and_then(|last| last.on.tomorrow().ok());
    [whole, own].into_iter().flatten().min()
}

/// The ended grounds of those in the datum that covered it and ended last, together, each with whose it is: their ways of
/// disposal are weighed.
fn last_covering<'a>(
    policy: &'a Policy,
    lives: &[&'a Life],
    datum: &Datum,
    now: Now,
) -> Vec<(&'a Life, &'a Rule, &'a Ground)> {
    let ended: Vec<(&Life, &Ground, Option<Date>)> = lives
        .iter()
        .flat_map(|life| all(life).map(|ground| (*life, ground)))
        .filter(|(life, ground)| {
            covers(policy, ground, life.person, datum) && let_go(policy, life, ground, datum, now)
        })
        .map(|(life, ground)| (life, ground, ended_on(policy, life, ground, datum, now.today)))
        .collect();
    let last = ended.iter().filter_map(|(.., on)| *on).max();
    ended
        .into_iter()
        .filter(|(.., on)| *on == last)
        .filter_map(|(life, ground, _)| Some((life, policy.rules.get(ground.rule.index())?, ground)))
        .collect()
}

/// How a ground lets go: as its clause says, but nothing is handed over that a milestone says was handed over already, and
/// whoever ended it themselves is not counted.
fn way(life: &Life, rule: &Rule, ground: &Ground) -> Disposal {
    let done = rule.unless.as_deref().is_some_and(|name| {
        let on = life.works.iter().find(|on| Some(on.engagement) == ground.engagement);
        on.is_some_and(|on| on.milestone(name).is_some())
    });
    let theirs = matches!(
        ground.state,
        State::Stopped { cause: StopCause::Withdrawn | StopCause::Objected | StopCause::Erased, .. }
    );
    if done || (theirs && rule.then == Disposal::Anonymise) { Disposal::Erase } else { rule.then }
}

/// Whoever it is handed over to of those in it, in this way: each whose own clause says that it goes to whoever it is about.
fn getting(policy: &Policy, ended: &[(&Life, &Rule, &Ground)], disposal: Disposal) -> Vec<PersonId> {
    let by_clause = ended.iter().filter(|(life, rule, ground)| {
        !life.alone && way(life, rule, ground) == disposal && handing::goes_to_them(policy, rule)
    });
    let mut people: Vec<PersonId> = by_clause.map(|(life, ..)| life.person).collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// Of several ways: return and deliver first; anonymise only if all say so; otherwise erase.
fn together(ended: &[(&Life, &Rule, &Ground)]) -> Disposal {
    let ways: Vec<Disposal> = ended.iter().map(|(life, rule, ground)| way(life, rule, ground)).collect();
    let all = |one: Disposal| !ways.is_empty() && ways.iter().all(|way| *way == one);
    let by_hand = [Disposal::ReturnThenErase, Disposal::DeliverThenErase];
    let without_trace = [Disposal::Anonymise, Disposal::Count];
    let first = by_hand.into_iter().find(|way| ways.contains(way));
    first.or_else(|| without_trace.into_iter().find(|way| all(*way))).unwrap_or(Disposal::Erase)
}

/// What a certificate says of somebody who was to be told before and could not be.
pub const NOT_TOLD: &str = "they could not be told before";

/// Whether the person was told before, where the clause has them told.
fn told(life: &Life, rule: &Rule, ground: &Ground) -> String {
    let Some(ends) = parting::end(ground).filter(|_| rule.tell_before.is_some()) else {
        return String::new();
    };
    let said = life
        .said
        .iter()
        .find(|said| said.ground == ground.id && said.says == parting::Says::Told && said.ends == ends);
    match said.and_then(|said| said.said_on) {
        Some(on) => format!(" (they were told on {on})"),
        None => format!(" ({NOT_TOLD})"),
    }
}

/// Why it goes, in the words of the clause or of what the person did.
fn reason(rule: &Rule, ground: &Ground) -> String {
    match &ground.state {
        State::Active | State::Stopped { cause: StopCause::Due, .. } => rule.words.clone(),
        State::Stopped { cause, .. } => cause.words(),
    }
}
