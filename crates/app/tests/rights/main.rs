//! What people can ask of us. On SQLite always, on PostgreSQL where `PROBITY_TEST_POSTGRES` names one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "../common/mod.rs"]
mod common;

mod asking;
mod awaited;
mod cards;
mod clock;
mod complaints;
mod confirmed;
mod corrected;
mod doors;
mod ended;
mod erased;
mod erasure;
mod filed;
mod finding;
mod forms;
mod handed;
mod heard;
mod house;
mod identified;
mod incidents;
mod kept;
mod late;
mod left;
mod letters;
mod limits;
mod masked;
mod onward;
mod others;
mod pack;
mod portable;
mod random;
mod redaction;
mod statistics;
mod taken;
mod tied;
mod waiting;
mod weighed;
