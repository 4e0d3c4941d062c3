//! The policy language: reading, checking, formatting and explaining one organisation's policy.
//!
//! Pure: text and dates in, a [`Policy`], diagnostics, a notice or a date out. This crate never
//! reads a file, a clock or a random number, and knows no person.

pub mod activity;
pub mod basis;
pub mod channel;
pub mod check;
mod clause;
pub mod clock;
pub mod condition;
pub mod count;
mod desk;
pub mod diagnostic;
pub mod diff;
pub mod editor;
pub mod fix;
pub mod fmt;
pub mod kind;
pub mod law;
pub mod lex;
mod lower;
pub mod name;
pub mod notice;
pub mod parse;
pub mod periods;
pub mod phrase;
pub mod policy;
pub mod register;
pub mod role;
pub mod rule;
pub mod sarif;
pub mod source;
pub mod syntax;

pub use activity::{Activity, Share};
pub use basis::Basis;
pub use diagnostic::{Diagnostic, Severity};
pub use kind::{Kind, KindSet, Sensitivity, Sort};
pub use name::{ActivityId, CategoryId, ChannelId, KindId, RoleId, RuleId, WorkId};
pub use policy::{Category, Policy, Work};
pub use rule::{Disposal, Rule};
pub use source::Span;
