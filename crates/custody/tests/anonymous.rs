//! Counts move only by as many people as the policy asks, and lose nobody; tables of statistics show nobody either, alone or beside
//! those of before.

use custody::anonymous::{Tally, counted_in};
use custody::statistics::{Before, Leak, Line, Number, leaks, shown};
use proptest::prelude::*;

fn line(counts: &[u64]) -> Line {
    Line::of(counts.iter().enumerate().map(|(at, count)| (format!("step {at}"), *count)).collect())
}

/// The numbers that a line shows, its sum last.
fn numbers(line: &Line) -> Vec<Option<u64>> {
    line.cells.iter().map(|(_, count)| *count).chain([line.all]).collect()
}

fn after<'a>(same: &[&'a Line]) -> Before<'a> {
    Before { same: same.to_vec(), others: Vec::new() }
}

#[test]
fn what_is_too_few_is_hidden_with_what_would_give_it_away() {
    let first = |counts: &[u64]| numbers(&shown(line(counts), &Before::default(), 5));
    assert_eq!(first(&[20, 9, 12]), [Some(20), Some(9), Some(12), Some(41)]);
    assert_eq!(first(&[20, 3, 12]), [Some(20), None, None, Some(35)], "12 is hidden since 35 - 20 - 12 is 3");
    assert_eq!(first(&[30, 1, 2]), [None, None, None, Some(33)], "1 and 2 together are too few as well");
    assert_eq!(first(&[20, 0]), [None, None, Some(20)], "that nobody came so far says something of each");
    assert_eq!(first(&[1, 2]), [None, None, None]);
    assert_eq!(first(&[3]), [None, None]);
    assert_eq!(first(&[7]), [Some(7), Some(7)]);
}

#[test]
fn whoever_comes_between_two_tables_is_not_the_difference_of_them() {
    let before = shown(line(&[20, 12, 10]), &Before::default(), 5);
    let now = |counts: &[u64]| numbers(&shown(line(counts), &after(&[&before]), 5));
    assert_eq!(now(&[20, 12, 10]), [Some(20), Some(12), Some(10), Some(42)]);
    assert_eq!(now(&[22, 12, 10]), [None, Some(12), Some(10), None], "two more came");
    assert_eq!(now(&[25, 12, 10]), [Some(25), Some(12), Some(10), Some(47)], "five came");
    assert_eq!(now(&[19, 13, 10])[..2], [None, None], "one of them went on");
    let others = Before { same: Vec::new(), others: vec![&before] };
    let beside = shown(line(&[22, 12, 10]), &others, 5);
    assert_eq!(
        numbers(&beside),
        [None, Some(12), Some(10), None],
        "two are in one table and not in the other"
    );
}

#[test]
fn two_tables_of_the_same_people_hide_the_same() {
    let first = shown(line(&[20, 3, 12]), &Before::default(), 5);
    let second = shown(line(&[20, 3, 12]), &after(&[&first]), 5);
    assert_eq!(first, second);
    // Had somebody hidden the 20 instead, both tables together would say that 3 are 3.
    let mut other = line(&[20, 3, 12]);
    other.cells[0].1 = None;
    other.cells[1].1 = None;
    assert!(leaks(&other, &Before::default(), 5).is_empty());
    assert_eq!(leaks(&other, &after(&[&first]), 5), [Leak::Computed("step 1".to_owned())]);
}

#[test]
fn what_a_table_gives_away_is_named() {
    let mut open = line(&[20, 3, 12]);
    assert_eq!(leaks(&open, &Before::default(), 5), [Leak::Few(Number::Cell("step 1".to_owned()))]);
    open.cells[1].1 = None;
    assert_eq!(leaks(&open, &Before::default(), 5), [Leak::Computed("step 1".to_owned())]);
    let mut two = line(&[30, 1, 2]);
    two.cells[1].1 = None;
    two.cells[2].1 = None;
    assert_eq!(leaks(&two, &Before::default(), 5), [Leak::Few(Number::Hidden)]);
    let before = line(&[20, 12, 10]);
    let moved = leaks(&line(&[22, 12, 10]), &after(&[&before]), 5);
    assert_eq!(moved, [Leak::Apart(Number::Cell("step 0".to_owned())), Leak::Apart(Number::All)]);
}

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

    #[test]
    fn no_number_and_no_difference_of_two_tables_is_of_fewer_people_than_asked(
        least in 5_u64..9,
        tables in prop::collection::vec(prop::collection::vec(0_u64..30, 4), 1..6),
    ) {
        let mut made: Vec<Line> = Vec::new();
        for counts in &tables {
            let now = shown(line(counts), &after(&made.iter().rev().collect::<Vec<_>>()), least);
            let truth = line(counts);
            for (number, real) in numbers(&now).iter().zip(numbers(&truth)) {
                prop_assert!(number.is_none() || *number == real, "a number that is shown is true");
                prop_assert!(number.is_none_or(|number| number >= least));
            }
            let hidden: u64 = now.cells.iter().zip(counts).filter(|(cell, _)| cell.1.is_none()).map(|(_, count)| count).sum();
            let alone = now.cells.iter().filter(|cell| cell.1.is_none()).count();
            prop_assert!(now.all.is_none() || alone == 0 || (alone > 1 && hidden >= least), "{now:?}");
            for before in &made {
                for (now, before) in numbers(&now).into_iter().zip(numbers(before)) {
                    let (Some(now), Some(before)) = (now, before) else { continue };
                    prop_assert!(now == before || now.abs_diff(before) >= least);
                }
            }
            made.push(now);
        }
    }
}
