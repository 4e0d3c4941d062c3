//! What may be held about people, why, until when, and who may touch it.
//!
//! Pure: facts and a policy in; a [`Grant`] or a [`Refusal`], a list of ground changes, a disposal
//! plan or a sentence out. This crate never does I/O, never asks the time, never draws a random number.

pub mod act;
pub mod id;
pub mod life;
pub mod sealed;
pub mod grant;
pub mod refusal;

pub use act::{Act, Actor, Verb};
pub use grant::Grant;
pub use life::{Ground, Life};
pub use refusal::Refusal;
pub use sealed::{Sealed, Shown};
