//! What comes in broken gets a sentence and loses nothing; what fails underneath leaves nothing half done. Real
//! processes, real databases. `PROBITY_SOAK=N` runs N times as long, `PROBITY_SEED` says which chances are taken;
//! `bin/soak` sets both.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "../common/mod.rs"]
mod common;

mod away;
mod binary;
mod brought_back;
mod bucket;
mod chance;
mod command;
mod disk;
#[path = "../mailbox/dovecot.rs"]
#[expect(dead_code, reason = "the tests of the mailbox use more of it")]
mod dovecot;
mod hostile;
mod killed;
mod named;
mod plainly;
mod post_office;
mod posting;
mod register;
mod restored;
mod rotated;
#[path = "../../../store/tests/it/s3.rs"]
#[expect(dead_code, reason = "the tests of the store use more of it")]
mod s3;
mod tried;
mod web;
mod years;

/// A small world: a business manager, a coach, a client on a programme, somebody at an organisation.
const WORLD: &str = include_str!("../common/small.toml");
