//! Where Probity keeps what it holds: the database, the files, the search index, the log.
//!
//! Plain blocking functions over a [`Tx`]; a file per noun. This crate never decides whether
//! something may be done, never asks the time, and knows nothing of tokio: call it from a thread
//! that may block.

pub mod db;
pub mod dialect;
pub mod error;
pub mod id;
pub mod keys;
pub mod migrate;
pub mod schema;
pub mod search;
pub mod reach;
pub mod tx;

// A file per noun, and what they share.
pub mod consent;
pub mod item;
pub mod life;
pub mod normal;
pub mod objection;
pub mod organisation;
pub mod person;
pub mod register;
pub mod suppression;
pub mod policy_version;
pub mod setting;

pub use db::Store;
pub use error::Error;
pub use keys::Keys;
pub use tx::{Row, Tx, Value};

/// What every function of this crate answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
