//! Grounds as a function of facts: which open, which move their dates, which stop, for one person on one day.
//!
//! INVARIANT (settled is settled): applying what [`settle`] returns and settling again returns nothing.

use jiff::civil::Date;
use policy::{Policy, RuleId};

use crate::id::{EngagementId, GroundId};
use crate::life::{Life, StopCause};

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
#[must_use]
pub fn settle(policy: &Policy, life: &Life, today: Date) -> Vec<GroundChange> {
    let _ = (policy, life, today);
    Vec::new()
}
