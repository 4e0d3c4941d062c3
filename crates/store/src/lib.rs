//! Where Probity keeps what it holds: the database, the files, the search index, the log.
//!
//! Plain blocking functions over a [`Tx`]; a file per noun. This crate never decides whether
//! something may be done, never asks the time, and knows nothing of tokio: call it from a thread
//! that may block.

pub mod access;
mod asked;
pub mod backup;
pub mod db;
pub mod dialect;
pub mod error;
pub mod fact;
pub mod files;
pub mod forgotten;
pub mod id;
pub mod keys;
pub mod log;
pub mod migrate;
pub mod picture;
pub mod place;
pub mod reach;
pub mod residue;
pub mod ring;
pub mod safe;
pub mod schema;
pub mod search;
pub mod serving;
pub mod tx;

// A file per noun, and what they share.
pub mod adoption;
pub mod alike;
pub mod anonymous;
pub mod attestation;
pub mod call;
pub mod came_back;
pub mod certificate;
pub mod complaint;
pub mod consent;
pub mod cookie;
pub mod departure;
pub mod disclosure;
pub mod dispose;
pub mod document;
pub mod drill;
pub mod engagement;
pub mod entry;
pub mod erase;
pub mod forecast;
pub mod glance;
pub mod ground;
pub mod hashed;
pub mod hold;
pub mod import;
pub mod incident;
pub mod invitation;
pub mod item;
pub mod letter;
pub mod life;
pub mod life_event;
pub mod line;
mod links;
pub mod mailbox;
pub mod mailing;
pub mod mention;
pub mod merge;
pub mod message;
pub mod narrowing;
pub mod normal;
pub mod not_entered;
pub mod not_objecting;
pub mod objection;
pub mod organisation;
pub mod owing;
pub mod pack_choice;
pub mod paper;
pub mod parting;
pub mod person;
pub mod phone;
pub mod policy_version;
pub mod proof_run;
pub mod prove;
pub mod question;
pub mod redaction;
pub mod register;
mod remembered;
pub mod request;
pub mod restoring;
pub mod restriction;
pub mod review;
pub mod ring_duty;
pub mod saved_audience;
pub mod sender;
pub mod session;
pub mod setting;
pub mod soft_opt_in;
pub mod staff;
pub mod statistics;
pub mod submission;
pub mod subscribers;
pub mod suppression;
pub mod sweep;
pub mod task;
pub mod template;
pub mod told;
mod unowned;
pub mod visit;
pub mod webhook;

pub use db::Store;
pub use error::Error;
pub use keys::Keys;
pub use links::Of;
pub use tx::{Row, Tx, Value};

/// What every function of this crate answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
