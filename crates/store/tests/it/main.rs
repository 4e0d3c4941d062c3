//! One suite for both databases: SQLite always, PostgreSQL where `PROBITY_TEST_POSTGRES` names one.

#[macro_use]
mod harness;

mod basics;
mod canary;
mod files;
mod log;
mod place;
mod schema;
mod search;
mod staff;
mod story;
mod sweep;
