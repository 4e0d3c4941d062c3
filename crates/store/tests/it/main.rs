//! One suite for both databases: SQLite always, PostgreSQL where `PROBITY_TEST_POSTGRES` names one.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails loudly"
)]

#[macro_use]
mod harness;

mod alike;
mod anonymous;
mod backup;
mod basics;
mod bucket;
mod bytes;
mod canary;
mod database;
mod erase;
mod files;
mod forecast;
mod idn;
mod log;
mod lying;
mod merge;
mod outbox;
mod owing;
mod pace;
mod place;
mod promises;
mod prove;
mod residue;
mod restored;
mod rows;
mod s3;
mod samples;
mod schema;
mod search;
mod spoken;
mod staff;
mod story;
mod sweep;
mod upgrade;
mod work_alone;
mod work_shared;
