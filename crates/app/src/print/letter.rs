//! A letter of ours as the printer takes it: a title and paragraphs, with room for signatures.

use jiff::civil::Date;
use serde::Serialize;

use crate::acts::Acting;

/// A letter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Letter {
    /// What it is: "Service agreement".
    pub title: String,
    /// Who writes.
    pub organisation: String,
    /// The day it is of.
    pub on: String,
    /// Its text.
    pub paragraphs: Vec<String>,
}

impl Letter {
    /// The letter that was put on file as a text.
    #[must_use]
    pub fn of(acting: &Acting<'_>, kind: &str, on: Date, text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        Self {
            title: crate::web::people::capital(kind),
            organisation: acting.policy.controller.clone(),
            on: on.to_string(),
            paragraphs: text.split("\n\n").map(str::to_owned).collect(),
        }
    }
}
