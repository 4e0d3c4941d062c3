//! The meaning of grounds, clocks and coverage a second time, for any policy: plain and slow, written from the words of
//! `docs/meaning.md` sections 1 to 4 and 6. It reads the policy's phrases as the author wrote them and shares nothing else with
//! the program: no clock, no settling, no decision of `policy` or `custody` is called here. The tests of the
//! application run the same model beside a real store.

#![allow(dead_code, reason = "the rules alone and the whole store each need a part of it")]

pub mod basis;
pub mod calendar;
pub mod clock;
pub mod each;
pub mod facts;
pub mod ground;
pub mod held;
pub mod person;
pub mod used;

pub use ground::{Ground, Why};
pub use held::Row;
pub use person::Person;
