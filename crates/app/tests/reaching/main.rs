//! Writing to people, their yes and their no: each test on SQLite, and on PostgreSQL where `PROBITY_TEST_POSTGRES` names one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../robust/post_office.rs"]
#[expect(dead_code, reason = "not every test needs all of it")]
mod post_office;

/// Stamps a test on both databases.
macro_rules! both {
    ($($(#[$doc:meta])* fn $name:ident($town:ident) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            fn on($town: &mut Town) $body

            #[test]
            fn sqlite() {
                on(&mut Town::new(None));
            }

            #[test]
            fn postgres() {
                match crate::common::postgres() {
                    Some(url) => on(&mut Town::new(Some(url))),
                    None => eprintln!("skipped: PROBITY_TEST_POSTGRES names no database"),
                }
            }
        }
    )*};
}

mod agreeing;
#[path = "../common/at_a_glance.rs"]
mod at_a_glance;
mod audiences;
mod becoming;
mod came_back;
#[path = "../robust/chance.rs"]
mod chance;
mod confirming;
mod glance;
mod later;
mod letters;
mod links;
mod list_server;
mod lost;
mod networks;
mod pace;
mod phones;
mod pictures;
mod random;
mod receiver;
mod registers;
mod results;
mod senders;
mod subscribers;
mod templates;
mod town;
mod webhooks;
