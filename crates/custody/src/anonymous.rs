//! Counts from which nobody can be told: how many people a count must be of before it is a count at all.
//!
//! INVARIANT: what is counted in grows only by so many people at once as the policy asks, so that neither a count nor
//! the difference between two days of it says anything of one person.

/// How many people, and how many rows of theirs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// People.
    pub people: u64,
    /// Their rows.
    pub rows: u64,
}

impl Tally {
    fn and(self, other: Self) -> Self {
        Self { people: self.people.saturating_add(other.people), rows: self.rows.saturating_add(other.rows) }
    }
}

/// Adds what is new to what waits: how many wait from now on, and how many are counted in now.
#[must_use]
pub fn counted_in(waiting: Tally, new: Tally, least: u64) -> (Tally, Tally) {
    let all = waiting.and(new);
    if all.people >= least { (Tally::default(), all) } else { (all, Tally::default()) }
}
