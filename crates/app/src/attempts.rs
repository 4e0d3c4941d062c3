//! How often somebody may try: a count for each key in a window of time, in memory. Keys are hashed; a restart forgets.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// How many keys are remembered before old windows are swept out.
const KEYS_MAX: usize = 10_000;

/// Counts attempts by key.
#[derive(Debug)]
pub struct Attempts {
    allowed: u32,
    window: SignedDuration,
    seen: Mutex<BTreeMap<[u8; 32], (Timestamp, u32)>>,
}

impl Attempts {
    /// Allows `allowed` attempts with the same key in every `window`.
    #[must_use]
    pub fn new(allowed: u32, window: SignedDuration) -> Self {
        Self { allowed, window, seen: Mutex::default() }
    }

    /// Counts one attempt and says whether it may be made.
    ///
    /// # Errors
    /// [`TooOften`] says when to try again.
    pub fn count(&self, key: &str, now: Timestamp) -> Result<(), TooOften> {
        let key = *blake3::hash(key.as_bytes()).as_bytes();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= KEYS_MAX {
            seen.retain(|_, (since, _)| now.duration_since(*since) < self.window);
        }
        let (since, count) = seen.entry(key).or_insert((now, 0));
        if now.duration_since(*since) >= self.window {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count > self.allowed {
            return Err(TooOften { again: since.saturating_add(self.window).unwrap_or(now) });
        }
        Ok(())
    }

    /// Takes one attempt back: it succeeded, and an office behind one address has many people.
    pub fn excuse(&self, key: &str) {
        let key = *blake3::hash(key.as_bytes()).as_bytes();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, count)) = seen.get_mut(&key) {
            *count = count.saturating_sub(1);
        }
    }

    /// Forgets a key: the attempt succeeded.
    pub fn forget(&self, key: &str) {
        let key = *blake3::hash(key.as_bytes()).as_bytes();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

/// How often one place may do something in a window of time, and how often all of them together.
#[derive(Debug)]
pub struct Limit {
    from_one: Attempts,
    by_all: Attempts,
}

impl Limit {
    /// Allows `from_one` from one place and `by_all` from all of them in every `window`.
    #[must_use]
    pub fn new(from_one: u32, by_all: u32, window: SignedDuration) -> Self {
        Self { from_one: Attempts::new(from_one, window), by_all: Attempts::new(by_all, window) }
    }

    /// Counts one that came from an address and says whether it may be made.
    ///
    /// # Errors
    /// [`TooOften`] says when to try again.
    pub fn count(&self, address: Option<&str>, now: Timestamp) -> Result<(), TooOften> {
        self.from_one.count(&household(address.unwrap_or_default()), now)?;
        self.by_all.count("all", now)
    }
}

/// What counts as one place: an address, and of IPv6 the network that a single home or machine is given, in which it may take
/// any of a great many addresses.
#[must_use]
pub fn household(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(address) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// Too many attempts in too short a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooOften {
    /// From when on another attempt is counted afresh.
    pub again: Timestamp,
}

impl std::fmt::Display for TooOften {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too many attempts")
    }
}

impl std::error::Error for TooOften {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_allowed_attempts_there_is_a_wait() {
        let attempts = Attempts::new(2, SignedDuration::from_secs(60));
        let start: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let later = |seconds| start + SignedDuration::from_secs(seconds);
        assert_eq!(attempts.count("a", start), Ok(()));
        assert_eq!(attempts.count("a", later(1)), Ok(()));
        assert_eq!(attempts.count("a", later(2)), Err(TooOften { again: later(60) }));
        assert_eq!(attempts.count("b", later(2)), Ok(()), "another key is not held up");
        assert_eq!(attempts.count("a", later(60)), Ok(()));
    }

    #[test]
    fn success_is_not_held_against_anybody() {
        let attempts = Attempts::new(1, SignedDuration::from_secs(60));
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        assert_eq!(attempts.count("a", now), Ok(()));
        attempts.forget("a");
        assert_eq!(attempts.count("a", now), Ok(()));
    }

    #[test]
    fn a_limit_counts_each_home_and_all_of_them_together() {
        let limit = Limit::new(2, 3, SignedDuration::from_secs(60));
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let taken = |address: &str| limit.count(Some(address), now).is_ok();
        assert!(taken("2001:db8:7:42::1") && taken("2001:db8:7:42::2"));
        assert!(!taken("2001:db8:7:42::3"), "another address of the same home");
        assert!(taken("192.0.2.7"), "what one home was held back from is not counted of all");
        assert!(!taken("192.0.2.8"), "all together");
    }

    #[test]
    fn a_home_is_one_place_however_many_addresses_it_takes() {
        let home = household("2001:db8:7:42:1::9");
        assert_eq!(household("2001:db8:7:42:ffff:1:2:3"), home);
        assert_ne!(household("2001:db8:7:43:1::9"), home);
        assert_eq!(household("::ffff:192.0.2.7"), household("192.0.2.7"));
        assert_ne!(household("192.0.2.8"), household("192.0.2.7"));
        assert_eq!(household(""), "");
    }
}
