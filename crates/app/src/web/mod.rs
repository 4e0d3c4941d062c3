//! Pages and API answers: a folder for each noun, the template beside its handler.

pub mod asset;
pub mod error;
pub mod health;
pub mod page;
pub mod show;
