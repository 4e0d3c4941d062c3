//! New identities: numbers that grow with time, say nothing about anybody, and fit a JSON number.
//!
//! Seconds since 2025-01-01, then 18 bits of counter, then 4 bits of the server that made it: below
//! 2^53 until 2093. They are made here, never by the database.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

const EPOCH: i64 = 1_735_689_600;
const NODE_BITS: u32 = 4;
const COUNTER_BITS: u32 = 18;

/// How many servers may work on one database.
pub const NODES: i64 = 1 << NODE_BITS;

static LAST: AtomicI64 = AtomicI64::new(0);
static NODE: AtomicI64 = AtomicI64::new(0);

/// A new identity: larger than every one this process made before.
#[must_use]
pub fn next() -> i64 {
    let now = seconds() << COUNTER_BITS;
    let before = LAST.fetch_update(Relaxed, Relaxed, |last| Some(now.max(last + 1))).unwrap_or(0);
    (now.max(before + 1) << NODE_BITS) | NODE.load(Relaxed)
}

/// Makes every later identity larger than this one, whatever the clock says: the database already has it.
pub(crate) fn after(id: i64) {
    LAST.fetch_max(id >> NODE_BITS, Relaxed);
}

/// Says which of the servers on one database this process is, so that two never make the same identity.
pub(crate) fn node(number: i64) {
    NODE.store(number & (NODES - 1), Relaxed);
}

/// The smallest identity that could have been made at an instant: `id >= id::since(at)` finds what is newer.
#[must_use]
pub fn since(at: jiff::Timestamp) -> i64 {
    (at.as_second() - EPOCH).max(0) << (COUNTER_BITS + NODE_BITS)
}

/// When an identity was made, to the second.
#[must_use]
pub fn made_at(id: i64) -> jiff::Timestamp {
    let seconds = (id >> (COUNTER_BITS + NODE_BITS)) + EPOCH;
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX)
}

/// The letters of a reference: none that looks like another or is heard as another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// An identity as people write it down and read it out: `16M-R6D0-0001`.
#[must_use]
pub fn reference(id: i64) -> String {
    let mut rest = id.max(0);
    let mut letters = Vec::new();
    loop {
        let place = usize::try_from(rest % 32).unwrap_or(0);
        letters.push(char::from(LETTERS.get(place).copied().unwrap_or(b'0')));
        rest /= 32;
        if rest == 0 {
            break;
        }
    }
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().rev().collect()).collect();
    groups.into_iter().rev().collect::<Vec<String>>().join("-")
}

/// The identity that a reference stands for; nothing if it cannot be one.
#[must_use]
pub fn referred(reference: &str) -> Option<i64> {
    let mut id: i64 = 0;
    for letter in reference.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        };
        let place = LETTERS.iter().position(|known| char::from(*known) == letter)?;
        id = id.checked_mul(32)?.checked_add(i64::try_from(place).ok()?)?;
    }
    (id > 0).then_some(id)
}

#[expect(
    clippy::disallowed_methods,
    reason = "an identity is not a fact about anybody; only its order and uniqueness matter"
)]
fn seconds() -> i64 {
    (jiff::Timestamp::now().as_second() - EPOCH).max(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn a_reference_is_read_back_however_it_is_written() {
        for id in [1, 31, 32, 7_000, super::next(), (1 << 53) - 1] {
            let reference = super::reference(id);
            assert_eq!(super::referred(&reference), Some(id), "{reference}");
            assert_eq!(super::referred(&reference.to_lowercase().replace('-', " ")), Some(id));
        }
        assert_eq!(super::referred("o1l"), super::referred("011"));
        for odd in ["", "-", "hello!", "ZZZZ-ZZZZ-ZZZZ-ZZZZ", "0"] {
            assert_eq!(super::referred(odd), None, "{odd}");
        }
    }

    #[test]
    fn identities_grow_and_never_repeat_across_threads() {
        let made: Vec<Vec<i64>> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..50_000).map(|_| super::next()).collect())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(made.iter().all(|ids| ids.is_sorted_by(|a, b| a < b)));
        let distinct: BTreeSet<i64> = made.iter().flatten().copied().collect();
        assert_eq!(distinct.len(), 200_000);
        assert!(*distinct.last().unwrap() < 1 << 53);
    }
}
