//! The application: pages, API, command line and jobs over one set of acts.
//!
//! Everything that touches personal data enters at [`acts`]: pages, JSON API, command line and jobs
//! alike, so that nobody walks around the policy. This crate states no rule that the policy does not.

pub mod acts;
pub mod attachment;
pub mod attempts;
pub mod checker;
pub mod cli;
pub mod clock;
pub mod config;
pub mod fault;
pub mod instance;
pub mod intake;
pub mod jobs;
pub mod mail;
pub mod outward;
pub mod password;
pub mod picture;
pub mod print;
pub mod routes;
pub mod scenario;
pub mod second_factor;
pub mod server;
pub mod sheet;
pub mod web;
pub mod world;
