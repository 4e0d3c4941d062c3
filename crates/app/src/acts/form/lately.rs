//! What came by the forms in the last minutes, so that pressing twice, or loading the answer once more, sends nothing twice. In
//! memory, and of what was sent only a hash; a restart forgets.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::{Sent, Taken};
use crate::fault::Fault;

/// For how long the same words are the same message.
const MOMENT: SignedDuration = SignedDuration::from_mins(10);

/// What was taken in the last minutes.
#[derive(Debug, Default)]
pub struct Lately {
    taken: Mutex<BTreeMap<[u8; 32], (Timestamp, Taken)>>,
}

impl Lately {
    /// Takes what was sent; of the very same sent again within minutes, says what was said of it. One after another, so that two at
    /// once are one as well.
    ///
    /// # Errors
    /// Whatever taking it says; then it may be sent again.
    pub fn once(
        &self,
        sent: &Sent,
        now: Timestamp,
        take: impl FnOnce() -> Result<Taken, Fault>,
    ) -> Result<Taken, Fault> {
        let key = *blake3::hash(format!("{sent:?}").as_bytes()).as_bytes();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|_, (at, _)| now.duration_since(*at) < MOMENT);
        if let Some((_, known)) = taken.get(&key) {
            return Ok(known.clone());
        }
        let new = take()?;
        taken.insert(key, (now, new.clone()));
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use custody::id::PersonId;

    use super::*;

    #[test]
    fn the_same_sent_again_within_minutes_is_one_message() {
        let lately = Lately::default();
        let start: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let at = |seconds| start + SignedDuration::from_secs(seconds);
        let sent = |words: &str| Sent { values: vec![("enquiry".into(), words.into())], ..Sent::default() };
        let taken = |number| Taken { submission: number, person: PersonId(1), reference: String::new() };
        let once = |words: &str, seconds, number| {
            lately.once(&sent(words), at(seconds), || Ok(taken(number))).unwrap().submission
        };
        assert!(lately.once(&sent("a"), start, || Err(Fault::Changed)).is_err());
        assert_eq!(once("a", 0, 1), 1, "what was not taken is taken when it is sent again");
        assert_eq!(once("a", 599, 2), 1);
        assert_eq!(once("b", 599, 3), 3, "other words are another message");
        assert_eq!(once("a", 600, 4), 4, "and so are the same ones later");
    }
}
