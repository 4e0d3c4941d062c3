//! A rule: one `keep` clause of one activity, with what happens when its clock runs out.

use jiff::Span as Period;

use crate::kind::KindSet;
use crate::name::{ActivityId, RuleId, WorkId};
use crate::phrase::Phrase;
use crate::source::Span;

/// What happens to data no longer covered: the `then` of a `keep`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Disposal {
    /// Removed, everywhere.
    Erase,
    /// Made anonymous; counts stay.
    Anonymise,
    /// Originals returned and confirmed, then copies erased.
    ReturnThenErase,
    /// A copy delivered and confirmed, then erased.
    DeliverThenErase,
}

/// `ask again every 2 years, no answer ends it`.
#[derive(Clone, Debug)]
pub struct AskAgain {
    /// How often.
    pub every: Period,
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
    /// How long.
    pub phrase: Phrase,
    /// The kind of work whose events the phrase speaks of, if it does: then there is one ground for each
    /// person and engagement, otherwise one for the person.
    pub work: Option<WorkId>,
    /// Review: `review every 2 years`.
    pub review: Option<Period>,
    /// Lapse unless confirmed.
    pub ask_again: Option<AskAgain>,
    /// What happens at the end.
    pub then: Disposal,
    /// The clause as the author wrote it, without `keep` and promise ids.
    pub words: String,
    /// Where the clause is written.
    pub span: Span,
}
