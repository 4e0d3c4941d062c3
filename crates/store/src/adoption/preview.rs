//! The preview: every person's life settled under both versions as of the day of adoption, and what differs.

mod works;

use std::collections::{BTreeMap, BTreeSet};

use custody::basis::{standing, standing_consent};
use custody::coverage::{self, Datum};
use custody::ground;
use custody::id::{EngagementId, PersonId};
use custody::life::{Ground, Life, State, StopCause};
use jiff::civil::Date;
use policy::diff::{self, Aspect};
use policy::{Basis, KindId, Policy, RuleId};
use serde::Serialize;

use crate::{Error, Result, Store, Tx, dispose, life, params};

pub use works::OfWork;

/// How many people are looked at in one read.
const AT_ONCE: i64 = 128;

/// A last day that moves.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shift {
    /// Whose.
    pub person: PersonId,
    /// The activity, by name.
    pub activity: String,
    /// The rule, by its key in the new version.
    pub rule: String,
    /// The last day under the version in force; `None` while it has no end yet.
    pub was: Option<Date>,
    /// The last day under the new one.
    pub now: Option<Date>,
    /// Whether that day is past already: it ends with the adoption.
    pub at_once: bool,
    /// Whether a hold, a restriction or an open request keeps the data all the same.
    pub kept: bool,
}

/// A ground that ends with the adoption for another reason than its period.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Ended {
    /// Whose.
    pub person: PersonId,
    /// The activity, by name.
    pub activity: String,
    /// The rule, by its key in the old version.
    pub rule: String,
    /// Why.
    pub why: String,
}

/// A ground that begins with the adoption.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Begun {
    /// Whose.
    pub person: PersonId,
    /// The activity, by name.
    pub activity: String,
}

/// A row about somebody that no ground would cover.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Groundless {
    /// About whom.
    pub person: PersonId,
    /// The table.
    pub table: &'static str,
    /// The row.
    pub row: i64,
    /// Its kind, by name.
    pub kind: String,
}

/// Somebody whose consent does not cover what the new version does with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Unconsented {
    /// Who.
    pub person: PersonId,
    /// For which activity, by name.
    pub activity: String,
    /// Why.
    pub why: &'static str,
}

/// What adoption would do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Preview {
    /// The day it is computed for: the first the new version is in force.
    pub on: Date,
    /// How many people were looked at.
    pub people: usize,
    /// Who would go earlier.
    pub earlier: Vec<Shift>,
    /// Who would go later.
    pub later: Vec<Shift>,
    /// Grounds that end with it.
    pub ended: Vec<Ended>,
    /// Grounds that begin with it.
    pub begun: Vec<Begun>,
    /// Data without a ground.
    pub groundless: Vec<Groundless>,
    /// What work holds for itself, without a ground.
    pub of_works: Vec<OfWork>,
    /// People whose consent no longer covers its use.
    pub unconsented: Vec<Unconsented>,
    /// Who must be told, by activity.
    pub told: BTreeMap<String, BTreeSet<PersonId>>,
    /// Rules with live grounds that the new version leaves out without a word: each with how many.
    pub vanishing: BTreeMap<String, i64>,
    /// Roles of staff that the new version does not have: each with how many accounts.
    pub roleless: BTreeMap<String, i64>,
    /// Of whom nobody can say what would become, since something that is stored of them cannot be read.
    pub unread: Vec<PersonId>,
    /// And of what work.
    pub unread_works: Vec<EngagementId>,
}

impl Preview {
    fn new(on: Date) -> Self {
        Self {
            on,
            people: 0,
            earlier: Vec::new(),
            later: Vec::new(),
            ended: Vec::new(),
            begun: Vec::new(),
            groundless: Vec::new(),
            of_works: Vec::new(),
            unconsented: Vec::new(),
            told: BTreeMap::new(),
            vanishing: BTreeMap::new(),
            roleless: BTreeMap::new(),
            unread: Vec::new(),
            unread_works: Vec::new(),
        }
    }

    fn join(&mut self, part: Self) {
        self.people += part.people;
        self.earlier.extend(part.earlier);
        self.later.extend(part.later);
        self.ended.extend(part.ended);
        self.begun.extend(part.begun);
        self.groundless.extend(part.groundless);
        self.unconsented.extend(part.unconsented);
        self.unread.extend(part.unread);
        for (activity, people) in part.told {
            self.told.entry(activity).or_default().extend(people);
        }
    }

    /// Everybody who must be told of something, once.
    #[must_use]
    pub fn told_people(&self) -> BTreeSet<PersonId> {
        self.told.values().flatten().copied().collect()
    }
}

/// What adopting `new` on a day would do to the people held under `old`.
///
/// # Errors
/// Whatever the database says.
pub fn preview(store: &Store, old: &Policy, new: &Policy, on: Date) -> Result<Preview> {
    let weighing = Weighing::new(old, new, on);
    let mut preview = Preview::new(on);
    let mut after = i64::MIN;
    loop {
        let (part, last) = store.read(|tx| {
            let some = tx.all(
                "SELECT id FROM person WHERE id > ?1 AND into_person_id IS NULL ORDER BY id LIMIT ?2",
                params![after, AT_ONCE],
                |row| Ok(PersonId(row.int(0)?)),
            )?;
            let last = some.last().copied();
            Ok::<_, Error>((weighing.batch(tx, &some)?, last))
        })?;
        preview.join(part);
        let Some(last) = last else { break };
        after = last.0;
    }
    works::look(store, &weighing, &mut preview)?;
    let (vanishing, roleless) =
        store.read(|tx| Ok::<_, Error>((super::vanishing(tx, old, new)?, super::roleless(tx, new)?)))?;
    preview.vanishing = vanishing;
    preview.roleless = roleless;
    Ok(preview)
}

/// Both versions and what is known of their difference before any person is looked at.
struct Weighing<'p> {
    old: &'p Policy,
    new: &'p Policy,
    on: Date,
    /// What became of each rule of the old version.
    moved: BTreeMap<RuleId, RuleId>,
    /// Activities whose people must hear of a change.
    told: BTreeSet<String>,
    /// Whether something changed that everybody must hear of.
    everybody: bool,
    /// Activities that do more than was agreed to.
    widened: BTreeSet<String>,
    /// Whether a clause that decides what is covered changed at all.
    cover_changed: bool,
}

impl<'p> Weighing<'p> {
    fn new(old: &'p Policy, new: &'p Policy, on: Date) -> Self {
        let names = diff::renamed(old, new);
        let moved = new
            .rules
            .iter()
            .filter_map(|rule| {
                let known = names.get(&rule.id).unwrap_or(&rule.key);
                Some((old.rule_keyed(known)?.id, rule.id))
            })
            .collect();
        let changes = diff::diff(old, new);
        let told = changes.iter().filter(|change| change.is_told());
        let widened = changes.iter().filter(|change| {
            change.new.is_some()
                && matches!(change.aspect, Aspect::Purpose | Aspect::Data | Aspect::Share | Aspect::Whom)
        });
        Self {
            old,
            new,
            on,
            moved,
            told: told.clone().filter_map(|change| change.activity.clone()).collect(),
            everybody: told.clone().any(|change| change.activity.is_none()),
            widened: widened.filter_map(|change| change.activity.clone()).collect(),
            cover_changed: changes.iter().any(|change| {
                matches!(
                    change.aspect,
                    Aspect::Activity | Aspect::Data | Aspect::Period | Aspect::Words | Aspect::Work
                )
            }),
        }
    }

    fn batch(&self, tx: &Tx<'_>, people: &[PersonId]) -> Result<Preview> {
        let mut part = Preview::new(self.on);
        part.people = people.len();
        let old = life::load_readable(tx, self.old, people, self.on, life::For::Clocks)?;
        let new = life::load_readable(tx, self.new, people, self.on, life::For::Clocks)?;
        // One version may read what the other does not.
        let mut new: BTreeMap<PersonId, Life> =
            new.lives.into_iter().map(|life| (life.person, life)).collect();
        let mut read = BTreeSet::new();
        for before in old.lives {
            let Some(mut after) = new.remove(&before.person) else { continue };
            after.grounds = self.carried(&before);
            match self.person(tx, &before, &after, &mut part) {
                // What cannot be read may be of somebody else who is in what is held of them.
                Err(error) if error.is_unreadable() => continue,
                weighed => weighed?,
            }
            read.insert(before.person);
        }
        part.unread.extend(people.iter().filter(|who| !read.contains(*who)));
        Ok(part)
    }

    /// The grounds of a life as the new version numbers their rules; those of rules it does not have are left out.
    fn carried(&self, life: &Life) -> Vec<Ground> {
        let moved = life
            .grounds
            .iter()
            .filter_map(|held| self.moved.get(&held.rule).map(|rule| Ground { rule: *rule, ..held.clone() }));
        moved.collect()
    }

    fn person(&self, tx: &Tx<'_>, before: &Life, after: &Life, part: &mut Preview) -> Result<()> {
        let before = settled(self.old, before, self.on);
        let after = settled(self.new, after, self.on);
        let kept = coverage::suspended(&after, self.on).is_some();
        let mut seen: BTreeSet<(RuleId, Option<EngagementId>)> = BTreeSet::new();
        let mut touched = false;
        for held in before.grounds.iter().filter(|held| held.active(self.on)) {
            let Some(rule) = self.old.rules.get(held.rule.index()) else { continue };
            let moved = self.moved.get(&held.rule).copied();
            let now = moved.and_then(|rule| {
                seen.insert((rule, held.engagement));
                after.grounds.iter().find(|other| other.id == held.id || same(other, rule, held))
            });
            let activity = self.activity(self.old, rule.activity);
            self.told_of(&activity, before.person, part);
            match now {
                Some(now) if now.active(self.on) => {
                    touched |= now.row.is_some_and(|row| row.over(self.on.into()));
                    self.shift(before.person, activity, held, now, kept, part);
                }
                Some(now) => {
                    touched = true;
                    self.stopped(before.person, activity, rule, held, now, kept, part);
                }
                None => {
                    touched = true;
                    let why = StopCause::RuleGone.words();
                    part.ended.push(Ended { person: before.person, activity, rule: rule.key.clone(), why });
                }
            }
        }
        for held in after.grounds.iter().filter(|held| held.active(self.on)) {
            let Some(rule) = self.new.rules.get(held.rule.index()) else { continue };
            if !seen.contains(&(held.rule, held.engagement)) {
                let activity = self.activity(self.new, rule.activity);
                self.told_of(&activity, after.person, part);
                part.begun.push(Begun { person: after.person, activity });
            }
        }
        self.consents(&before, &after, part);
        if touched || self.cover_changed {
            self.uncovered(tx, &before, &after, part)?;
        }
        Ok(())
    }

    fn activity(&self, policy: &Policy, id: policy::ActivityId) -> String {
        policy.activity(id).map_or_else(String::new, |activity| activity.name.clone())
    }

    fn told_of(&self, activity: &str, person: PersonId, part: &mut Preview) {
        if self.told.contains(activity) {
            part.told.entry(activity.to_owned()).or_default().insert(person);
        }
        if self.everybody {
            part.told.entry("everyone".to_owned()).or_default().insert(person);
        }
    }

    fn shift(
        &self,
        person: PersonId,
        activity: String,
        was: &Ground,
        now: &Ground,
        kept: bool,
        part: &mut Preview,
    ) {
        let rule = self.new.rules.get(now.rule.index()).map_or_else(String::new, |rule| rule.key.clone());
        let shift = Shift { person, activity, rule, was: was.due_on, now: now.due_on, at_once: false, kept };
        match (was.due_on, now.due_on) {
            (Some(was), Some(now)) if now < was => part.earlier.push(shift),
            (Some(was), Some(now)) if now > was => part.later.push(shift),
            (None, Some(_)) => part.earlier.push(shift),
            (Some(_), None) => part.later.push(shift),
            _ => {}
        }
    }

    #[expect(clippy::too_many_arguments, reason = "whose ground, of what, before and after")]
    fn stopped(
        &self,
        person: PersonId,
        activity: String,
        rule: &policy::Rule,
        was: &Ground,
        now: &Ground,
        kept: bool,
        part: &mut Preview,
    ) {
        let by_period = match &now.state {
            State::Active => true,
            State::Stopped { cause, .. } => matches!(cause, StopCause::Due | StopCause::Lapsed),
        };
        let rule_now = self.new.rules.get(now.rule.index()).map_or_else(String::new, |rule| rule.key.clone());
        if by_period {
            let last = match &now.state {
                State::Stopped { on, .. } => on.yesterday().ok(),
                State::Active => now.due_on,
            };
            part.earlier.push(Shift {
                person,
                activity,
                rule: rule_now,
                was: was.due_on,
                now: last,
                at_once: true,
                kept,
            });
            return;
        }
        let why = match &now.state {
            State::Stopped { cause, .. } => cause.words(),
            State::Active => String::new(),
        };
        part.ended.push(Ended { person, activity, rule: rule.key.clone(), why });
    }

    /// Consents that do not cover what the new version does.
    fn consents(&self, before: &Life, after: &Life, part: &mut Preview) {
        for activity in &self.new.activities {
            if !matches!(activity.basis, Basis::Consent { .. }) {
                continue;
            }
            let Some(old) = self.old.activity_named(&activity.name) else { continue };
            let held = before.grounds.iter().filter(|held| {
                held.active(self.on)
                    && self.old.rules.get(held.rule.index()).is_some_and(|rule| rule.activity == old.id)
            });
            let work: BTreeSet<Option<EngagementId>> = held.map(|held| held.engagement).collect();
            let mut why = None;
            for engagement in work {
                let stands = standing(self.new, activity, after, engagement, self.on).stands();
                let given = standing_consent(self.new, activity, after, engagement, self.on);
                if !stands {
                    why = Some("there is no consent in the form the new version asks for");
                } else if self.widened.contains(&activity.name)
                    && given.is_some_and(|given| given.given_on < self.on)
                {
                    why = why.or(Some("it was given before the activity did this"));
                }
            }
            if let Some(why) = why {
                let (person, activity) = (before.person, activity.name.clone());
                part.unconsented.push(Unconsented { person, activity, why });
            }
        }
    }

    /// Rows that a ground covers under the old version and none does under the new.
    fn uncovered(&self, tx: &Tx<'_>, before: &Life, after: &Life, part: &mut Preview) -> Result<()> {
        let person = before.person;
        let held = dispose::holdings(tx, self.old, person)?;
        let next = dispose::holdings(tx, self.new, person)?;
        let mut others = self.others(tx, person, &next.data)?;
        let mut mine = [after.clone()];
        others.extend(life::look_ahead(tx, self.new, &mut mine, self.on, i64::MIN)?);
        let [after] = &mine;
        let others: Vec<&Life> = others.iter().collect();
        let was: BTreeSet<(&str, i64)> = coverage::uncovered(self.old, before, &[], &held.data, self.on)
            .iter()
            .map(|one| (one.table, one.id))
            .chain(held.undeclared.iter().map(|(table, id, _)| (*table, *id)))
            .collect();
        let name = |kind: KindId| self.new.kind(kind).map_or_else(String::new, |kind| kind.name.clone());
        let uncovered = coverage::uncovered(self.new, after, &others, &next.data, self.on);
        let now = uncovered
            .into_iter()
            .filter(|one| one.outcome != coverage::Outcome::CutLink)
            .map(|one| (one.table, one.id, name(one.kind)))
            .chain(next.undeclared);
        part.groundless.extend(
            now.filter(|(table, row, _)| !was.contains(&(*table, *row)))
                .map(|(table, row, kind)| Groundless { person, table, row, kind }),
        );
        Ok(())
    }

    /// The lives of other people in somebody's data, under the new version.
    fn others(&self, tx: &Tx<'_>, person: PersonId, data: &[Datum]) -> Result<Vec<Life>> {
        let people: BTreeSet<PersonId> = data
            .iter()
            .flat_map(|datum| &datum.people)
            .map(|(who, _)| *who)
            .filter(|who| *who != person)
            .collect();
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let people: Vec<PersonId> = people.into_iter().collect();
        let old = life::load_many(tx, self.old, &people, self.on)?;
        let new = life::load_many(tx, self.new, &people, self.on)?;
        let lives = old.iter().zip(new).map(|(before, mut after)| {
            after.grounds = self.carried(before);
            settled(self.new, &after, self.on)
        });
        Ok(lives.collect())
    }
}

fn same(other: &Ground, rule: RuleId, held: &Ground) -> bool {
    other.rule == rule && other.engagement == held.engagement && other.state == State::Active
}

fn settled(policy: &Policy, life: &Life, on: Date) -> Life {
    ground::settled(life, &ground::settle(policy, life, on), on, i64::MIN)
}
