//! What came of a request, in words the program knows: done, partly or refused; and what stayed of an erasure, under which
//! clause and until when. It says nothing of what was held, and stays in the register when the answer itself has gone.

use custody::id::RequestId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Error, Result, Tx, params};

/// A part of an erasure that was refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stayed {
    /// Which activity it stays for, as the policy calls it.
    pub activity: String,
    /// The kinds that stay.
    pub kinds: String,
    /// How many rows.
    pub count: u64,
    /// Why, with the article.
    pub why: String,
    /// The clause that keeps it; nothing where a hold or a restriction does.
    pub clause: Option<String>,
    /// Its last day, where that is known.
    pub until: Option<Date>,
    /// What its end is counted from, where the day is not known yet.
    pub awaiting: Option<String>,
}

/// Writes down what came of a request, and what stayed.
///
/// # Errors
/// [`Error::Missing`] if there is no such request.
pub fn came_to(tx: &Tx<'_>, request: RequestId, outcome: &str, stayed: &[Stayed]) -> Result<()> {
    let words = match stayed.is_empty() {
        true => None,
        false => Some(serde_json::to_string(stayed).map_err(|error| Error::Database(error.to_string()))?),
    };
    let sql = "UPDATE request SET outcome = ?2, stays = ?3 WHERE id = ?1";
    match tx.exec(sql, params![request, outcome, words])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// What stayed, as it is stored.
pub(super) fn read(text: Option<&str>) -> Result<Vec<Stayed>> {
    let broken = |_| Error::Malformed("what stayed of an erasure".into());
    Ok(text.map(serde_json::from_str).transpose().map_err(broken)?.unwrap_or_default())
}
