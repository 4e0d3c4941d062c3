//! A rule: one `keep` clause of one activity, with what happens when its clock runs out.

use jiff::Span as Period;

use crate::kind::KindSet;
use crate::name::{ActivityId, KindId, RuleId, WorkId};
use crate::phrase::{Condition, Phrase, Stage};
use crate::policy::{Policy, Work};
use crate::source::Span;

/// What happens to data no longer covered: the `then` of a `keep`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Disposal {
    /// Removed, everywhere.
    Erase,
    /// Counted by year and what the clause names, a cell only from so many on, and removed: the counts stay.
    Anonymise,
    /// Counted by kind and day, and removed: the count says of nobody that they were in it.
    Count,
    /// Originals returned and confirmed, then copies erased.
    ReturnThenErase,
    /// A copy delivered and confirmed, then erased.
    DeliverThenErase,
}

impl Disposal {
    /// Whether somebody gets it, or a copy of it, before ours is erased.
    #[must_use]
    pub fn hands_over(self) -> bool {
        matches!(self, Self::ReturnThenErase | Self::DeliverThenErase)
    }
}

/// What follows the end of a period: `then return originals to the client, then erase`.
#[derive(Clone, Debug)]
pub struct Then {
    /// What happens to the data.
    pub disposal: Disposal,
    /// What is handed over, as written: `originals`.
    pub what: Option<String>,
    /// To whom, as written: `client`.
    pub to: Option<String>,
    /// Whether it says `transfer`: whoever gets it has it from then on.
    pub transfer: bool,
    /// Kept out of use for so long first: `archive for 5 years, then erase`.
    pub archive: Option<Period>,
    /// What has handed it over already once it has happened, as written: `deliver unless handed over, then erase`.
    pub unless: Option<String>,
    /// What the counts that stay are split by, beside the year, as written: `anonymise, keep counts by year and gender`.
    pub counts_by: Option<Vec<String>>,
}

impl Then {
    /// An ending that hands nothing over.
    #[must_use]
    pub fn plain(disposal: Disposal) -> Self {
        Self { disposal, what: None, to: None, transfer: false, archive: None, unless: None, counts_by: None }
    }
}

/// `ask again every 2 years, no answer ends it`.
#[derive(Clone, Debug)]
pub struct AskAgain {
    /// How often.
    pub every: Period,
    /// How long they have to answer before it ends: `no answer within 14 days ends it`; thirty days where nothing is said.
    pub within: Period,
}

impl AskAgain {
    /// Asking so often, with thirty days for the answer.
    #[must_use]
    pub fn every(every: Period) -> Self {
        Self { every, within: Period::new().days(30) }
    }
}

impl Rule {
    /// The keys the clause goes by: its own, then those it had in earlier versions.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.key).chain(&self.was).map(String::as_str)
    }

    /// Every fact the clause hangs on, in plain form: its case, its period, what stops before.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let of_case = self.condition.iter().flat_map(Condition::facts).map(str::to_owned);
        let of_stage = self.stage.iter().flat_map(|stage| stage.phrase.facts());
        of_case.chain(self.phrase.facts()).chain(of_stage).collect()
    }

    /// Every event the clause speaks of, by name.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let of_case = self.condition.iter().flat_map(Condition::events);
        let of_stage = self.stage.iter().flat_map(|stage| stage.phrase.events());
        of_case.chain(self.phrase.events()).chain(of_stage).map(|event| event.name).collect()
    }
}

impl Rule {
    /// Who gets the data at its end, where that is not whoever it is about: `transfer to "the county archive"`,
    /// `deliver to the helper`.
    #[must_use]
    pub fn outsider(&self, policy: &Policy) -> Option<&str> {
        let to = self.to.as_deref().filter(|_| self.then.hands_over())?;
        let bare = to.strip_prefix("the ").unwrap_or(to);
        let theirs = ["person", "you", "them"].contains(&bare) || self.is_for_all(policy, bare);
        (!theirs).then_some(to)
    }

    /// The same as those who hand it over say it: `the employer`, `the county archive`.
    #[must_use]
    pub fn handed_to(&self, policy: &Policy) -> Option<String> {
        let to = self.outsider(policy)?;
        let is_part = |work: &Work| work.parts.iter().any(|part| part.name == to);
        let declared = policy.recipients.iter().any(|recipient| recipient.name == to)
            || policy.category_named(to).is_some()
            || policy.works.iter().any(is_part);
        // A name of its own is said as it is written.
        Some(if declared { format!("the {to}") } else { to.to_owned() })
    }

    /// Whether whoever the clause is for has that part or is of that category, and nobody else has to do with it.
    fn is_for_all(&self, policy: &Policy, name: &str) -> bool {
        let part_on =
            |work: &Work| work.parts.iter().find(|part| part.name == name).map(|part| part.category);
        let alike =
            |work: &Work, category| work.parts.iter().filter(|part| part.category == category).count();
        let own = self.work.and_then(|work| policy.works.get(work.index()));
        let works = || own.into_iter().chain(&policy.works);
        let on_work = works().find_map(|work| Some((work, part_on(work)?)));
        let category = match on_work {
            Some((work, category)) => (alike(work, category) == 1).then_some(category),
            None => policy.category_named(name).map(|category| category.id),
        };
        category.zip(policy.activity(self.activity)).is_some_and(|(category, activity)| {
            !activity.for_everyone && activity.for_whom.iter().all(|whom| whom.category == category)
        })
    }

    /// Whether details have a clock of their own under this clause: it says so (`rolling`, `the latest`). Elsewhere they
    /// belong to the rows they were given for, and stay while any of these does.
    #[must_use]
    pub fn details_by_row(&self) -> bool {
        self.by_row && self.phrase.says_each()
    }
}

/// One `keep` clause.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its number in this version of the policy.
    pub id: RuleId,
    /// The activity it belongs to.
    pub activity: ActivityId,
    /// Its stable name in the database: activity, what it names, condition. `coaching`, `coaching/coaching notes`.
    pub key: String,
    /// Whether the clause names kinds itself; if not it covers all else the activity holds.
    pub names_kinds: bool,
    /// The kinds it covers (resolved: for a clause without names, all the activity's others).
    pub kinds: KindSet,
    /// Whether the work itself holds what the clause names, whoever is on it: `keep report for the work ...`.
    pub for_work: bool,
    /// How long.
    pub phrase: Phrase,
    /// The kind of work whose events the phrase speaks of, if it does: then there is one ground for each
    /// person and engagement, otherwise one for the person.
    pub work: Option<WorkId>,
    /// Whether the phrase counts from something of each row (when it was written, sent, closed, replaced): then a row
    /// by itself goes when its own period ends, and the ground goes on while any is left.
    pub by_row: bool,
    /// Review: `review every 2 years`.
    pub review: Option<Period>,
    /// Lapse unless confirmed.
    pub ask_again: Option<AskAgain>,
    /// How long before the end the person is asked whether to go on; no answer ends it.
    pub ask_before: Option<Period>,
    /// The clause speaks of data only where this is so; part of its identity.
    pub condition: Option<Condition>,
    /// What was put to another use on the same work, and is kept by that use's clause: kinds that stand for
    /// uses there (`except those used in the report`).
    pub except: KindSet,
    /// What stops before the data goes.
    pub stage: Option<Stage>,
    /// How long before the end the person is told; nothing long where it is just before.
    pub tell_before: Option<Period>,
    /// What happens at the end.
    pub then: Disposal,
    /// What is returned or delivered, as written: `originals`.
    pub what: Option<String>,
    /// To whom it is returned or delivered, as written: `client`.
    pub to: Option<String>,
    /// Whether the clause calls its delivery a transfer.
    pub transfer: bool,
    /// The milestone that has handed it over already, once it has happened: nothing is owed then.
    pub unless: Option<String>,
    /// Under `anonymise`, what the counts that stay are split by beside rule, kind and year; `None` where nothing is said.
    pub counts_by: Option<Vec<KindId>>,
    /// The keys this clause had in earlier versions: `was OLD`.
    pub was: Vec<String>,
    /// The clause as the author wrote it, without `keep` and promise ids.
    pub words: String,
    /// Where the clause is written.
    pub span: Span,
}
