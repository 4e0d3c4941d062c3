//! The model's world: people, the rows about them, and what nights and erasures do to both. It knows what happened and what the
//! policy says, and asks the program nothing; rows that an act wrote are shown to it, rows that go it predicts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use policy::phrase::Event;
use policy::{Basis, Policy};

use crate::plain::clock::{self, End};
use crate::plain::facts::Facts;
use crate::plain::held::{self, Way};
use crate::plain::person;
use crate::plain::{Ground, Person, Row, Why, each, ground};
use crate::rows::Rows;
pub use crate::rows::{About, Lying};
use crate::suppressed::scope;

#[derive(Clone, Debug, Default)]
pub struct Known {
    pub facts: Person,
    pub grounds: Vec<Ground>,
    /// A word that stands in every value about them.
    pub word: String,
    /// Whether a hold or a restriction ever stood.
    pub marked: bool,
}

/// A file that was brought in, and what it brought.
#[derive(Clone, Debug)]
pub struct Imported {
    pub id: i64,
    pub people: Vec<i64>,
    pub rows: BTreeSet<(String, i64)>,
}

#[derive(Clone, Debug)]
pub struct Work {
    pub kind: String,
    pub parts: Vec<(i64, String, Date)>,
    pub milestones: Vec<(String, Date)>,
    /// The agreement with the person it is for.
    pub agreed: Option<(i64, jiff::Span, bool)>,
}

#[derive(Clone)]
pub struct World {
    pub policy: Policy,
    /// Its file, as it was adopted.
    pub file: String,
    pub text: String,
    /// The version that begins on a day.
    pub next: Option<(Date, Policy, String)>,
    pub imports: Vec<Imported>,
    pub today: Date,
    pub people: BTreeMap<i64, Known>,
    pub works: BTreeMap<i64, Work>,
    pub rows: Rows,
    /// The days of certificates.
    pub certificates: Vec<Date>,
    /// What somebody must do by hand, and with which row.
    pub tasks: BTreeSet<(&'static str, String, i64)>,
    /// Addresses and numbers that stand suppressed, for what and since when.
    pub suppressed: BTreeMap<(String, &'static str), Date>,
    /// Words of people who have gone, of whom nothing may be found any more.
    pub gone: Vec<String>,
    /// Words that stand in lines about others, too, where somebody looks for them.
    pub shared: BTreeSet<String>,
    /// What the last night or erasure did, for telling.
    pub said: Vec<String>,
    /// Whether anything happened since the last night.
    pub fresh: bool,
    /// The first day on which a row goes by itself, as of the last night on which anything could change.
    pub next_row: Option<Date>,
}

/// The number of an objection that the program wrote down by itself, until its row is shown.
pub const NOT_SHOWN: i64 = 0;

/// Tables whose rows open and close.
const CLOSING: &[&str] = &["request", "complaint", "incident", "engagement", "paper", "staff"];

impl World {
    pub fn new(policy: Policy, (file, text): (&str, &str), today: Date) -> Self {
        Self {
            policy,
            file: file.to_owned(),
            text: text.to_owned(),
            next: None,
            imports: Vec::new(),
            today,
            people: BTreeMap::new(),
            works: BTreeMap::new(),
            rows: Rows::default(),
            certificates: Vec::new(),
            tasks: BTreeSet::new(),
            suppressed: BTreeMap::new(),
            gone: Vec::new(),
            shared: BTreeSet::new(),
            said: Vec::new(),
            fresh: true,
            next_row: None,
        }
    }

    pub fn rows_of(&self, who: i64) -> Vec<&Lying> {
        self.rows.of(who)
    }

    fn has(&self, table: &str, number: i64, who: i64) -> bool {
        self.rows
            .get(&(table.to_owned(), number))
            .is_some_and(|lying| lying.row.people.iter().any(|(about, _)| *about == who))
    }

    /// What is known of somebody today: their facts, and what the rows about them say.
    pub fn person(&self, who: i64) -> Person {
        let known = &self.people[&who];
        let mut person = known.facts.clone();
        person.consents.retain(|consent| self.has("consent", consent.number, who));
        person.objections.retain(|made| self.has("objection", made.number, who));
        let on = |number: &i64| self.has("engagement", *number, who);
        for (number, work) in self.works.iter().filter(|(number, _)| on(number)) {
            for (_, part, since) in work.parts.iter().filter(|(player, ..)| *player == who) {
                person.works.push(person::Work {
                    number: *number,
                    kind: work.kind.clone(),
                    part: part.clone(),
                    since: *since,
                    until: None,
                    milestones: work.milestones.clone(),
                    agreed: work
                        .agreed
                        .filter(|(with, ..)| *with == who)
                        .map(|(_, period, reasoned)| (period, reasoned)),
                });
            }
            for (player, part, _) in
                work.parts.iter().filter(|(player, ..)| self.has("engagement", *number, *player))
            {
                person.births.push((*number, part.clone(), self.born(*player)));
            }
        }
        person.works.sort_by_key(|on| (on.since, on.number));
        person.born = self.born(who);
        let rows = self.rows_of(who);
        person.events.extend(rows.iter().filter_map(|lying| says(lying)));
        // Something was first collected once, whether or not that detail is still there.
        let first = person.events.iter().filter(|(name, _)| name == "collected").map(|(_, day)| *day).min();
        person.events.retain(|(name, _)| name != "collected");
        person.events.extend(first.map(|day| ("collected".to_owned(), day)));
        let belongs: Vec<Option<Date>> = rows
            .iter()
            .filter(|lying| lying.row.table == "belonging")
            .map(|lying| lying.about.closed)
            .collect();
        if !belongs.is_empty() {
            // Whoever belongs to another since has not left it because they left one before.
            person.events.retain(|(name, _)| name != "left the organisation");
        }
        if !belongs.is_empty() && belongs.iter().all(Option::is_some) {
            let last = belongs.into_iter().flatten().max();
            person.events.extend(last.map(|day| ("left the organisation".to_owned(), day)));
        }
        person.access_until = rows.iter().filter_map(|lying| lying.about.access_until).max();
        person.kept = kept(&rows);
        person
    }

    fn born(&self, who: i64) -> Option<Date> {
        let rows = self.rows_of(who);
        let mut dates = rows.iter().filter(|lying| lying.row.kind == "date of birth");
        dates.next_back()?.about.value.as_ref()?.parse().ok()
    }

    /// Looks at everybody's grounds.
    pub fn look(&mut self) {
        for who in self.people.keys().copied().collect::<Vec<_>>() {
            self.look_at(who, self.today);
        }
    }

    pub fn look_at(&mut self, who: i64, day: Date) {
        let person = self.person(who);
        let mut grounds = std::mem::take(&mut self.people.get_mut(&who).unwrap().grounds);
        ground::look(&self.policy, &person, &mut grounds, day);
        self.people.get_mut(&who).unwrap().grounds = grounds;
    }

    /// Whether a row may stay for somebody.
    pub fn covered(&self, who: i64, row: &Row, day: Date) -> bool {
        self.people
            .get(&who)
            .is_some_and(|known| held::covered(&self.policy, &self.person(who), &known.grounds, row, day))
    }

    /// Whether a row about to be written would be kept by a ground, perhaps by one that begins with it.
    pub fn would_keep(&mut self, who: i64, lying: &Lying) -> bool {
        let key = (lying.row.table.clone(), lying.row.number);
        let before = self.people[&who].grounds.clone();
        self.rows.insert(key.clone(), lying.clone());
        self.look_at(who, self.today);
        let kept = self.covered(who, &lying.row, self.today);
        self.rows.remove(&key);
        self.people.get_mut(&who).unwrap().grounds = before;
        kept
    }

    /// What waited to be sent is not sent any more.
    pub fn posts_no_more(&mut self) {
        for lying in self.rows.values_mut().filter(|lying| lying.row.table == "message") {
            if matches!(lying.about.state.as_deref(), Some("queued" | "claimed")) {
                lying.about.state = Some("refused".to_owned());
            }
        }
    }

    /// Two in the morning of a day: what nothing covers any more goes.
    pub fn night(&mut self, day: Date) -> Result<(), String> {
        self.today = day;
        self.said.clear();
        if let Some((_, policy, text)) = self.next.take_if(|(from, ..)| *from <= day) {
            (self.policy, self.text, self.fresh) = (policy, text, true);
        }
        let passes =
            |ground: &Ground| ground.ended.is_none() && ground.last.is_some_and(|last| last.day < day);
        let waits = |known: &Known| known.facts.held || known.facts.restricted;
        let unswept = |ground: &Ground| ground.ended.is_some() && !ground.swept;
        let quiet = |known: &Known| {
            !waits(known) && !known.grounds.iter().any(|ground| passes(ground) || unswept(ground))
        };
        let asked = self.rows.values().any(|lying| lying.about.access_until.is_some());
        self.forget_certificates(day);
        // On other nights nothing can have changed.
        let rows = self.next_row.is_some_and(|next| next <= day);
        if !std::mem::take(&mut self.fresh) && !asked && !rows && self.people.values().all(quiet) {
            return Ok(());
        }
        for who in self.people.keys().copied().collect::<Vec<_>>() {
            self.look_at(who, day);
            let before = self.people[&who].grounds.clone();
            self.let_go(who, false);
            if !self.people.contains_key(&who) {
                continue;
            }
            self.look_at(who, day);
            // A night moves no date out: what goes takes nothing with it that something else counts from.
            for (was, now) in before.iter().zip(&self.people[&who].grounds) {
                if was.ended.is_none() && now.ended.is_none() && now.last > was.last && now.last != was.last {
                    return Err(format!("the night of {day} moved {was:?} out to {now:?}"));
                }
                if was.ended.is_none() && now.ended.is_none() && was.last.is_some() && now.last.is_none() {
                    return Err(format!("the night of {day} made {was:?} wait again"));
                }
            }
        }
        self.mask_now();
        self.next_row = self.people.keys().filter_map(|who| self.next_row_of(*who, day)).min();
        Ok(())
    }

    /// The first day after one on which a row of somebody goes by itself.
    fn next_row_of(&self, who: i64, day: Date) -> Option<Date> {
        let person = self.person(who);
        let standing = self.people[&who].grounds.iter().filter(|ground| ground.holds(day));
        let rows = standing.flat_map(|ground| person.kept.iter().map(move |kept| (ground, &kept.row)));
        let ends = rows.filter(|(ground, row)| held::covers(&self.policy, ground, row));
        let ends = ends.filter_map(|(ground, row)| each::over(&self.policy, &person, ground, row, day));
        ends.filter(|after| day < *after).min()
    }

    /// Lets go of what the grounds of one person do not cover. What an erasure asked is not held back by a restriction.
    fn let_go(&mut self, who: i64, erasing: bool) {
        let day = self.today;
        let person = self.person(who);
        let waits = person.held
            || (person.restricted && !erasing)
            || person.access_until.is_some_and(|until| day <= until);
        let grounds = self.people[&who].grounds.clone();
        let rows: Vec<Lying> = self.rows_of(who).into_iter().cloned().collect();
        let (mut going, mut waiting) = (Vec::new(), false);
        for Lying { row, about, .. } in rows {
            let key = (row.table.clone(), row.number);
            let owed = if held::covered(&self.policy, &person, &grounds, &row, day) {
                match held::owed(&self.policy, &person, &grounds, &row, day) {
                    Some(way) => way,
                    None => continue,
                }
            } else if row.table == "request" && about.closed.is_none() {
                continue;
            } else if waits {
                waiting = true;
                continue;
            } else if row.people.iter().any(|(other, _)| {
                // What something keeps of somebody else is not taken from under it.
                *other != who && (self.covered(*other, &row, day) || self.waits(*other))
            }) {
                let subject = row.people.contains(&(who, true));
                self.remember(&key, &[who]);
                self.rows.get_mut(&key).unwrap().row.people.retain(|(about, _)| *about != who);
                if subject && matches!(row.table.as_str(), "entry" | "document") {
                    self.tasks.insert(("mask", row.table.clone(), row.number));
                }
                self.said.push(format!("{day} cut {who} from {row:?}"));
                continue;
            } else {
                // Everybody in it lets go of it together.
                let others = row.people.iter().map(|(other, _)| *other);
                let others: BTreeSet<i64> =
                    others.filter(|other| *other != who && self.people.contains_key(other)).collect();
                let others =
                    others.into_iter().map(|other| (self.person(other), self.people[&other].grounds.clone()));
                let whose: Vec<_> =
                    std::iter::once((person.clone(), grounds.clone())).chain(others).collect();
                held::way(&self.policy, &whose, &row, day)
            };
            if waits {
                waiting = true;
                continue;
            }
            match owed {
                // What must be handed over is handed over first, and what lies on paper destroyed after that: one at a time.
                _ if ["return", "deliver", "destroy paper"]
                    .iter()
                    .any(|way| self.tasks.contains(&(way, row.table.clone(), row.number))) => {}
                Way::Goes => going.push(key),
                Way::Return => drop(self.tasks.insert(("return", row.table.clone(), row.number))),
                Way::Deliver => drop(self.tasks.insert(("deliver", row.table.clone(), row.number))),
                Way::Paper => drop(self.tasks.insert(("destroy paper", row.table.clone(), row.number))),
            }
        }
        if !going.is_empty() {
            self.certificates.push(day);
        }
        for key in going {
            self.said.push(format!("{day} {key:?} of {who} goes"));
            let Lying { row, about, .. } = &self.rows[&key];
            if row.table == "item" && matches!(row.kind.as_str(), "email" | "phone") {
                for made in person.objections.iter().filter(|made| made.lifted.is_none()) {
                    if let (Some(scope), Some(value)) = (scope(&made.against), about.value.clone()) {
                        self.suppressed.entry((value, scope)).or_insert(made.made);
                    }
                }
            }
            self.remove(&key);
        }
        if !waiting {
            // What has ended is dealt with, and taken back in vain from now on.
            ground::night(&mut self.people.get_mut(&who).unwrap().grounds);
            self.leave_if_empty(who);
        }
    }

    /// Whether something keeps what is somebody's: a hold, a restriction, an open request that needs it.
    fn waits(&self, who: i64) -> bool {
        self.people.contains_key(&who) && {
            let person = self.person(who);
            person.held || person.restricted || person.access_until.is_some_and(|until| self.today <= until)
        }
    }

    /// What happened stays known of whoever stays, though the row that says so goes.
    fn remember(&mut self, key: &(String, i64), whom: &[i64]) {
        let left = self.rows.get(key).filter(|lying| lying.row.table == "belonging");
        let left =
            left.and_then(|lying| lying.about.closed).map(|day| ("left the organisation".to_owned(), day));
        let says = self.rows.get(key).and_then(says).or(left);
        for who in whom {
            let facts = &mut self.people.get_mut(who).unwrap().facts;
            // Whoever agreed to something came to us that day.
            let agreed = facts.consents.iter().find(|consent| key.0 == "consent" && consent.number == key.1);
            let agreed = agreed.map(|consent| ("incoming contact".to_owned(), consent.given));
            facts.events.extend(says.clone().or(agreed));
        }
    }

    /// A row goes, and what was to be done with it. With the record of work goes what lay on it as such.
    pub fn remove(&mut self, key: &(String, i64)) {
        let about: Vec<i64> = self.rows[key].row.people.iter().map(|(who, _)| *who).collect();
        self.remember(key, &about);
        self.rows.remove(key);
        if key.0 == "engagement" {
            let lies = |lying: &&mut Lying| matches!(lying.row.table.as_str(), "entry" | "document");
            let on_it = self.rows.values_mut().filter(lies);
            on_it.for_each(|lying| lying.row.works.retain(|(number, _)| *number != key.1));
        }
        self.tasks.retain(|(_, table, number)| (table, number) != (&key.0, &key.1));
    }

    /// Whether anything but what a file brought is there about somebody, or has happened to them since.
    pub fn touched(&self, who: i64, brought: &BTreeSet<(String, i64)>) -> bool {
        let known = &self.people[&who];
        let others = self
            .rows_of(who)
            .into_iter()
            .any(|lying| !brought.contains(&(lying.row.table.clone(), lying.row.number)));
        let facts = &known.facts;
        others
            || known.marked
            || !facts.told.is_empty()
            || !facts.events.is_empty()
            || facts.categories.len() > 1
    }

    /// The person goes with the last row and the last ground.
    pub fn leave_if_empty(&mut self, who: i64) {
        let active = self.people[&who].grounds.iter().any(|ground| ground.ended.is_none());
        if self.rows_of(who).is_empty() && !active {
            self.said.push(format!("{} {who} is gone", self.today));
            let known = self.people.remove(&who).unwrap();
            self.gone.push(known.word);
        }
    }

    /// An erasure granted: what a contract, a duty or a hold still needs stays, all else goes in the same act.
    pub fn erase(&mut self, who: i64) {
        let day = self.today;
        self.said.clear();
        self.look_at(who, day);
        let person = self.person(who);
        for made in person.objections.iter().filter(|made| made.lifted.is_none()) {
            self.suppress(who, &made.against);
        }
        let policy = self.policy.clone();
        let known = self.people.get_mut(&who).unwrap();
        known.facts.restricted = false;
        for ground in known.grounds.iter_mut().filter(|ground| ground.ended.is_none()) {
            let basis = policy
                .rule_keyed(&ground.key)
                .and_then(|rule| policy.activity(rule.activity))
                .map(|activity| &activity.basis);
            let needed = matches!(
                basis,
                Some(
                    Basis::Contract { at_request: false }
                        | Basis::LegalObligation { .. }
                        | Basis::PublicTask { .. }
                )
            );
            if !needed && !person.held {
                ground.ended = Some((day, Why::Erased));
            }
        }
        let queued: Vec<(String, i64)> = self
            .rows_of(who)
            .into_iter()
            .filter(|lying| matches!(lying.about.state.as_deref(), Some("queued" | "failed")))
            .map(|lying| (lying.row.table.clone(), lying.row.number))
            .collect();
        queued.iter().for_each(|key| self.remove(key));
        self.mask_later(who);
        self.let_go(who, true);
    }

    /// What is not kept of somebody and speaks of others too, of whom all has to stay as it is, is masked once it has not.
    fn mask_later(&mut self, who: i64) {
        if self.person(who).held {
            return;
        }
        let text = |lying: &&Lying| matches!(lying.row.table.as_str(), "entry" | "document");
        let others = |lying: &&Lying| {
            lying.row.people.iter().any(|(other, _)| *other != who && self.stays_as_it_is(*other))
        };
        let texts = self.rows_of(who).into_iter().filter(text).filter(others);
        let texts: Vec<Row> = texts.map(|lying| lying.row.clone()).collect();
        for row in texts.into_iter().filter(|row| !self.covered(who, row, self.today)).collect::<Vec<_>>() {
            self.tasks.insert(("mask later", row.table, row.number));
        }
    }

    fn stays_as_it_is(&self, who: i64) -> bool {
        self.people.get(&who).is_some_and(|known| known.facts.held || known.facts.restricted)
    }

    /// What was to be masked later is, once nobody in it has to stay as they are.
    fn mask_now(&mut self) {
        let mut tasks = std::mem::take(&mut self.tasks);
        tasks.retain(|(kind, table, number)| {
            let row = self.rows.get(&(table.clone(), *number));
            let people = row.into_iter().flat_map(|lying| &lying.row.people);
            *kind != "mask later" || people.into_iter().any(|(who, _)| self.stays_as_it_is(*who))
        });
        self.tasks = tasks;
    }

    /// Certificates go when their own period has passed.
    fn forget_certificates(&mut self, day: Date) {
        let Some(kind) = self.policy.kinds.iter().find(|kind| kind.name == "certificate") else { return };
        let Some(rule) = self.policy.rules.iter().find(|rule| rule.kinds.contains(kind.id)) else { return };
        self.certificates.retain(|on| {
            let mut facts = Facts::none(*on);
            facts.days.insert(Event::only("recorded").name, vec![*on]);
            match clock::of_rule(rule, &facts).end {
                End::Known(last) => day <= last.day,
                _ => true,
            }
        });
    }
}

/// What a row says has happened, for clocks that count from it.
fn says(lying: &Lying) -> Option<(String, Date)> {
    let (name, day) = match (lying.row.table.as_str(), lying.about.direction.as_deref()) {
        ("item", _) => ("collected", lying.about.on),
        ("entry", Some("in")) => ("incoming contact", lying.about.on),
        ("entry", Some("both")) => ("contact", lying.about.on),
        ("entry", Some(_)) => ("communication", lying.about.on),
        ("message", _) => ("communication", lying.about.sent),
        _ => return None,
    };
    Some((name.to_owned(), day?))
}

/// Rows about somebody from which clocks may count: written, sent, closed.
fn kept(rows: &[&Lying]) -> Vec<person::Kept> {
    let counts = rows.iter().filter(|lying| lying.row.table != "belonging");
    counts
        .map(|lying| {
            let closes = CLOSING.contains(&lying.row.table.as_str());
            // What was never sent counts from when it was put among what waits.
            let leaves = lying.row.table == "message";
            // A night writes messages too: they are shown to the model later, and say of what day they are.
            let says = matches!(lying.row.table.as_str(), "item" | "message");
            let recorded = lying.about.on.filter(|_| says).unwrap_or(lying.written);
            person::Kept {
                row: lying.row.clone(),
                dated: lying.about.on,
                recorded,
                closed: lying.about.closed.filter(|_| closes),
                sent: lying.about.sent.or(leaves.then_some(recorded)),
            }
        })
        .collect()
}
