//! What may be held about people, why, until when, and who may touch it.
//!
//! Pure: facts and a policy in; a [`Grant`] or a [`Refusal`], a list of ground changes, a disposal
//! plan or a sentence out. This crate never does I/O, never asks the time, never draws a random number.

pub mod act;
pub mod anonymous;
pub mod basis;
pub mod coverage;
pub mod decide;
pub mod ending;
pub mod explain;
pub mod facts;
pub mod gate;
pub mod grant;
pub mod ground;
pub mod handing;
pub mod id;
pub mod known;
pub mod life;
pub mod moment;
pub mod part;
pub mod parting;
pub mod proof;
pub mod refusal;
pub mod rows;
pub mod sealed;
pub mod statistics;

pub use act::{Act, Actor, Verb};
pub use coverage::{Datum, Uncovered, covered, covers, owed, uncovered};
pub use decide::{decide, may_happen};
pub use explain::{Card, Segment, why, why_of};
pub use facts::facts_for;
pub use gate::Gate;
pub use grant::{Grant, Need};
pub use ground::{GroundChange, settle, settled};
pub use life::{Ground, Life};
pub use moment::{Last, Moment, Now};
pub use proof::{Finding, Obligation, Verdict, obligations};
pub use refusal::Refusal;
pub use sealed::{Sealed, Shown};
