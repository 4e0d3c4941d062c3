//! That sealed values were opened: one event a page, list or message. Those who wait at the same time are written
//! together, by one of them for all.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use custody::Need;
use custody::id::PersonId;
use jiff::Timestamp;
use serde_json::json;

use super::append;
use crate::{Error, Result, Tx};

/// An event of what was opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// When.
    pub at: Timestamp,
    /// By whom, as the log names them.
    pub actor: String,
    /// On which page, list or message: `person.read`.
    pub act: &'static str,
    /// Whose values.
    pub people: Vec<PersonId>,
    /// In which role, where a member of staff opened them.
    pub role: Option<String>,
    /// Why that role may see them.
    pub needs: BTreeSet<Need>,
}

impl View {
    /// Writes it to the log in the transaction of an act.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn write(&self, tx: &Tx<'_>) -> Result<()> {
        let people = self.people.len();
        let needs: Vec<String> = self.needs.iter().map(ToString::to_string).collect();
        let body = match &self.role {
            Some(role) => json!({ "people": people, "role": role, "by": needs }),
            None => json!({ "people": people }),
        };
        append(tx, self.at, &self.actor, self.act, &self.people, &body).map(drop)
    }
}

/// Where views wait for whoever writes them.
#[derive(Default)]
pub(crate) struct Together {
    state: Mutex<State>,
    settled: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<View>,
    /// What becomes of those waiting.
    outcome: Arc<OnceLock<Result<(), String>>>,
    writing: bool,
}

impl Together {
    /// Writes these views, and with them those of everybody who waits, or waits until somebody has.
    pub(crate) fn write(&self, views: Vec<View>, write: impl FnOnce(&[View]) -> Result<()>) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.extend(views);
        let outcome = Arc::clone(&state.outcome);
        loop {
            if let Some(outcome) = outcome.get() {
                return outcome.clone().map_err(Error::Database);
            }
            if !state.writing {
                break;
            }
            state = self.settled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.writing = true;
        state.outcome = Arc::default();
        let all = std::mem::take(&mut state.waiting);
        drop(state);
        let turn = Turn { together: self, outcome: &outcome };
        let done = write(&all);
        let _ = turn.outcome.set(done.as_ref().map_err(ToString::to_string).copied());
        done
    }
}

/// The turn of one who writes for all. However it ends, nobody waits for it in vain.
struct Turn<'a> {
    together: &'a Together,
    outcome: &'a OnceLock<Result<(), String>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let _ = self.outcome.set(Err("what was opened could not be written down".to_owned()));
        self.together.state.lock().unwrap_or_else(PoisonError::into_inner).writing = false;
        self.together.settled.notify_all();
    }
}
