//! How long one transaction of the sweep goes on taking people: whoever writes meanwhile waits for it. It asks no clock.

use std::time::Duration;

/// After this long a transaction takes nobody more: whoever writes meanwhile waits for this, for one person, who takes some five
/// milliseconds on a machine with nothing else to do and several times that beside people at work, and for the disk.
pub(super) const LONGEST: Duration = Duration::from_millis(14);

/// Whether a transaction that has taken so many people in so long takes one more: one at least, however long that took.
pub(super) fn takes_another(taken: usize, elapsed: Duration, longest: Duration) -> bool {
    taken == 0 || elapsed < longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::AT_ONCE;

    /// How many one transaction takes where each person takes so long.
    fn taken(each: Duration, longest: Duration) -> usize {
        (0..AT_ONCE as usize)
            .zip(0_u32..)
            .take_while(|(taken, times)| takes_another(*taken, each * *times, longest))
            .count()
    }

    #[test]
    fn nobody_joins_a_transaction_that_others_have_waited_for_long_enough() {
        let millis = |each| taken(Duration::from_millis(each), LONGEST);
        assert_eq!(millis(0), AT_ONCE as usize, "no more are offered");
        assert_eq!([4, 5, 6, 7, 13, 14].map(millis), [4, 3, 3, 2, 2, 1]);
        assert_eq!(millis(60_000), 1, "one is taken however long that takes, or nobody would be");
    }

    #[test]
    fn a_night_that_is_only_tried_takes_all_at_once() {
        assert_eq!(taken(Duration::from_secs(3600), Duration::MAX), AT_ONCE as usize);
    }
}
