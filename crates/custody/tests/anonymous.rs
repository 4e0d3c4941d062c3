//! Counts move only by as many people as the policy asks, and lose nobody.

use custody::anonymous::{Tally, counted_in};
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_step_of_a_count_is_of_fewer_people_than_asked(
        least in 5_u64..40,
        new in prop::collection::vec((1_u64..4, 1_u64..9), 0..200),
    ) {
        let (mut waiting, mut stands, mut all) = (Tally::default(), Tally::default(), Tally::default());
        for (people, rows) in new {
            all = Tally { people: all.people + people, rows: all.rows + rows };
            let (later, step) = counted_in(waiting, Tally { people, rows }, least);
            prop_assert!(step == Tally::default() || step.people >= least, "{step:?}");
            prop_assert!(later.people < least, "enough have waited: {later:?}");
            waiting = later;
            stands = Tally { people: stands.people + step.people, rows: stands.rows + step.rows };
            prop_assert_eq!(stands.people + waiting.people, all.people);
            prop_assert_eq!(stands.rows + waiting.rows, all.rows);
            prop_assert!(stands.people == 0 || stands.people >= least);
        }
    }

    #[test]
    fn whoever_waits_alone_is_not_counted_in(least in 2_u64..40, rows in 1_u64..1000) {
        let one = Tally { people: 1, rows };
        prop_assert_eq!(counted_in(Tally::default(), one, least), (one, Tally::default()));
    }
}
