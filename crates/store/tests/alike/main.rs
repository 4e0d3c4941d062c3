//! People who are written down twice: a labelled set by a public model of errors, with those in it who are easily taken for
//! each other and are not. How many pairs are found, and that none is proposed who are two. The figures stand in
//! `docs/duplicates.md`; this test writes and holds them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

mod errors;
mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use custody::id::PersonId;
use people::{Chance, Held};
use store::alike::{Crowd, Sort, compare};

/// Of each: how many, and how many were found.
type Counts<K> = BTreeMap<K, (usize, usize)>;

const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/duplicates.md");
/// The set the weights were chosen on, and the one they were not.
const SETS: [(&str, u64); 2] = [("chosen on", 1), ("held back", 2)];
const PEOPLE: usize = 20_000;
const TWICE: usize = 6_000;

/// The set of a seed: everybody, the pairs that are one, with what is different, and the pairs that are two.
struct Labelled {
    everybody: Vec<Held>,
    twice: BTreeMap<(usize, usize), Vec<String>>,
    two: BTreeMap<(usize, usize), &'static str>,
}

fn labelled(seed: u64) -> Labelled {
    let mut chance = Chance::of(seed);
    let mut everybody: Vec<Held> = (0..PEOPLE).map(|_| people::somebody(&mut chance)).collect();
    let (mut twice, mut two) = (BTreeMap::new(), BTreeMap::new());
    for (what, one, other) in people::hard(&mut chance) {
        two.insert((everybody.len(), everybody.len() + 1), what);
        everybody.extend([one, other]);
    }
    let enough: Vec<usize> = (0..PEOPLE).filter(|place| everybody[*place].families().len() >= 2).collect();
    for place in enough.into_iter().take(TWICE) {
        let (again, what) = errors::again(&everybody[place], &mut chance);
        twice.insert((place, everybody.len()), what);
        everybody.push(again);
    }
    Labelled { everybody, twice, two }
}

/// The pairs that are proposed, by their places.
fn proposed(everybody: &[Held]) -> (BTreeSet<(usize, usize)>, u64) {
    let mut crowd = Crowd::default();
    for (place, held) in everybody.iter().enumerate() {
        let person = PersonId(i64::try_from(place).unwrap());
        crowd.add(person, Sort::Name, &held.name());
        crowd.add(person, Sort::Birth, &held.birth);
        crowd.add(person, Sort::Email, &held.email);
        crowd.add(person, Sort::Phone, &held.phone);
        crowd.add(person, Sort::Address, &held.address());
    }
    crowd.ready();
    let compared = compare(&crowd);
    let place = |person: PersonId| usize::try_from(person.0).unwrap();
    (compared.pairs.iter().map(|pair| (place(pair.one), place(pair.other))).collect(), compared.compared)
}

#[test]
fn who_is_here_twice_is_found_and_nobody_else() {
    let mut figures = String::from(
        "| set | people | here twice | found | recall | proposed | precision |\n|---|---|---|---|---|---|---|\n",
    );
    let (mut by_error, mut hard): (Counts<String>, Counts<&str>) = <_>::default();
    let mut complaints = Vec::new();
    for (name, seed) in SETS {
        let set = labelled(seed);
        let (pairs, compared) = proposed(&set.everybody);
        let found = set.twice.keys().filter(|pair| pairs.contains(pair)).count();
        let wrong: Vec<_> = pairs.iter().filter(|pair| !set.twice.contains_key(pair)).collect();
        let recall = share(found, set.twice.len());
        let precision = share(found, pairs.len());
        let _ = writeln!(
            figures,
            "| {name} (seed {seed}) | {} | {} | {found} | {recall:.4} | {} | {precision:.4} |",
            set.everybody.len(),
            set.twice.len(),
            pairs.len(),
        );
        eprintln!("{name}: {compared} comparisons");
        if std::env::var_os("PROBITY_LABELLED").is_some() {
            for (one, other) in &wrong {
                eprintln!("WRONG {:?}\n      {:?}", set.everybody[*one], set.everybody[*other]);
            }
            for (pair, what) in set.twice.iter().filter(|(pair, _)| !pairs.contains(pair)) {
                eprintln!("MISSED {what:?} {:?}\n      {:?}", set.everybody[pair.0], set.everybody[pair.1]);
            }
        }
        if recall < 0.98 || !wrong.is_empty() {
            complaints.push(format!("{name}: recall {recall}, {} proposed who are two", wrong.len()));
        }
        if name == "held back" {
            for (pair, what) in &set.twice {
                for one in what {
                    let count = by_error.entry(one.clone()).or_default();
                    count.0 += 1;
                    count.1 += usize::from(pairs.contains(pair));
                }
            }
            for (pair, what) in &set.two {
                let count = hard.entry(what).or_default();
                count.0 += 1;
                count.1 += usize::from(pairs.contains(pair));
            }
        }
    }
    figures.push_str("\nOf the set held back, by what is different (a pair may have several):\n\n| what | pairs | found |\n|---|---|---|\n");
    for (what, (pairs, found)) in &by_error {
        let _ = writeln!(figures, "| {what} | {pairs} | {found} |");
    }
    figures.push_str("\nAnd those in it who are two:\n\n| who | pairs | proposed |\n|---|---|---|\n");
    for (who, (pairs, proposed)) in &hard {
        let _ = writeln!(figures, "| {who} | {pairs} | {proposed} |");
    }
    eprintln!("{figures}");
    assert!(complaints.is_empty(), "{complaints:?}");
    written_down(&figures);
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn share(some: usize, all: usize) -> f64 {
    some as f64 / all.max(1) as f64
}

/// Holds the page to these figures; with `PROBITY_WRITE_FIGURES` it writes them there.
fn written_down(figures: &str) {
    const MARKS: (&str, &str) = ("<!-- figures -->\n", "<!-- end -->");
    let page = std::fs::read_to_string(FIGURES).unwrap();
    let (before, rest) = page.split_once(MARKS.0).unwrap();
    let (there, after) = rest.split_once(MARKS.1).unwrap();
    if std::env::var_os("PROBITY_WRITE_FIGURES").is_some() {
        std::fs::write(FIGURES, format!("{before}{}{figures}{}{after}", MARKS.0, MARKS.1)).unwrap();
    } else {
        assert_eq!(
            there, figures,
            "docs/duplicates.md is of other figures: run this with PROBITY_WRITE_FIGURES=1"
        );
    }
}
