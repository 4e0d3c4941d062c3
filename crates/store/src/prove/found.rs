//! What several obligations ask for, found out once in a run by whoever asks first, while the others wait for it. A failure is not
//! remembered: whoever asks next tries again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use policy::{ActivityId, KindId, Policy, RuleId};

use super::Result;
use super::basis::Named;
use super::by_hand::ByHand;
use super::certified::Certified;
use super::everybody::Everybody;
use super::held::Sources;
use super::notice::Published;

/// Everything that is found out once in a run.
#[derive(Default)]
pub(super) struct Found {
    pub everybody: Once<Arc<Everybody>>,
    pub certified: Once<Arc<Certified>>,
    pub by_hand: Once<Arc<ByHand>>,
    /// Rows of no declared kind, and details of nobody.
    pub undeclared: Once<Vec<String>>,
    pub sources: Once<Arc<Sources>>,
    /// The versions of the policy.
    pub versions: Once<Arc<Vec<Policy>>>,
    /// What the grounds that stand name.
    pub clauses: Once<Arc<Vec<Named>>>,
    pub published: Once<std::result::Result<Arc<Published>, String>>,
    /// Who is in no category, or held under no activity.
    pub unplaced: Once<Vec<String>>,
    /// Rows of a kind that no ground carries.
    pub kinds: Each<KindId, Vec<String>>,
    /// How many rows of each kind a table has.
    pub held: Each<&'static str, Arc<BTreeMap<String, usize>>>,
    /// How many grounds of a clause stand.
    pub standing: Each<RuleId, usize>,
    /// Grounds of an activity without a consent that stands.
    pub unconsented: Each<ActivityId, Vec<String>>,
    /// The rows of a sensitive kind that lie on no condition, and how many there are.
    pub sensitive: Each<KindId, (Vec<String>, usize)>,
}

/// Something that is found out once.
pub(super) struct Once<T>(Mutex<Option<T>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Once<T> {
    /// What is known, or what is found out now.
    pub(super) fn or(&self, find: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*known {
            return Ok(known.clone());
        }
        let found = find()?;
        *known = Some(found.clone());
        Ok(found)
    }
}

/// Something that is found out once of each of several: of one while others are found out beside it.
pub(super) struct Each<K, T>(Mutex<BTreeMap<K, Arc<Once<T>>>>);

impl<K, T> Default for Each<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, T: Clone> Each<K, T> {
    /// What is known of one, or what is found out of it now.
    pub(super) fn or(&self, key: K, find: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = Arc::clone(all.entry(key).or_default());
        drop(all);
        one.or(find)
    }
}
