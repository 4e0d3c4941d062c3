//! What is asked of an index of everybody, so that nobody is compared with everybody: the names a text may have, and the
//! initials with a surname.

use std::collections::BTreeSet;

use super::super::ordinary::{self, also_called};
use super::super::words::{Word, spaced, together, words};
use super::Way;
use super::stands::{is_initial, near};

/// What is asked of an index of everybody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    /// Names, as they are kept.
    pub names: BTreeSet<String>,
    /// A first letter and a surname as a text has them (`P. Nair`): of people known by their whole name.
    pub begun: BTreeSet<(char, String)>,
    /// The same of whole names (`Priya Nair`): of people known by their first letter alone.
    pub whole: BTreeSet<(char, String)>,
}

impl Asked {
    /// Adds what a text asks.
    pub fn text(&mut self, text: &str) {
        self.straight(text);
        if let Some(made) = together(text) {
            self.straight(&made.text);
        }
    }

    fn straight(&mut self, text: &str) {
        let found = words(text);
        let spoken: Vec<String> = found.iter().map(|word| spaced(word.raw)).collect();
        for length in [2, 3, 4, 5, 6] {
            for (some, spoken) in found.windows(length).zip(spoken.windows(length)) {
                // So long only where initials stand within: `Maria J. K. de Souza`.
                let initials = || some.get(1).is_some_and(is_initial);
                if (length < 5 || initials()) && is_plausible(text, some) {
                    self.name(some, spoken);
                }
            }
        }
        for length in [2, 3] {
            for (some, spoken) in found.windows(length).zip(spoken.windows(length)) {
                self.begins(text, some, spoken);
            }
        }
    }

    /// Words that may be a name, in either order and by what people are also called.
    fn name(&mut self, some: &[Word<'_>], spoken: &[String]) {
        let (Some(first), Some(last)) = (some.first(), some.last()) else { return };
        let (Some(first_spoken), Some(last_spoken)) = (spoken.first(), spoken.last()) else { return };
        self.names.insert(spoken.join(" "));
        let mut turned = spoken.to_vec();
        turned.rotate_left(1);
        self.names.insert(turned.join(" "));
        if some.len() > 2 {
            self.names.insert(format!("{first_spoken} {last_spoken}"));
            let initial = first.plain.chars().next().filter(|_| first.capital);
            let rest = spoken.get(1..).unwrap_or_default().join(" ");
            self.whole.extend(initial.map(|initial| (initial, rest)));
            // What is known may have no initials: `Tom J. Ellis`.
            let long = some.iter().zip(spoken).skip(1).filter(|(word, _)| !is_initial(word));
            let long = long.map(|(_, spoken)| spoken.as_str()).collect::<Vec<_>>().join(" ");
            self.names.insert(format!("{first_spoken} {long}"));
            self.whole.extend(initial.map(|initial| (initial, long)));
            return;
        }
        for (one, other, surname) in [(first, last, last_spoken), (last, first, first_spoken)] {
            let called = also_called(&one.plain).into_iter();
            self.names.extend(called.map(|also| format!("{also} {surname}")));
            let long = |word: &Word<'_>| word.plain.chars().count() > 1;
            let initial = one.plain.chars().next().filter(|_| long(one) && long(other) && one.capital);
            self.whole.extend(initial.map(|initial| (initial, surname.clone())));
        }
    }

    /// Initials with a surname: `P. Nair`, `Nair, P.`, `M. de Souza`
    fn begins(&mut self, text: &str, some: &[Word<'_>], spoken: &[String]) {
        let single =
            |word: &Word<'_>| word.plain.chars().count() == 1 && word.raw.chars().all(char::is_alphabetic);
        let last = some.len().saturating_sub(1);
        let place = if some.first().is_some_and(single) { 0 } else { last };
        let (Some(letter), Some(one), Some(other)) = (some.get(place), some.first(), some.get(1)) else {
            return;
        };
        let surname =
            || some.iter().zip(spoken).enumerate().filter(|(at, _)| *at != place).map(|(_, word)| word);
        let small = |word: &Word<'_>| some.len() > 2 && ordinary::is_particle(&word.plain);
        let named = |word: &Word<'_>| {
            (word.capital || small(word))
                && word.plain.chars().count() > 1
                && !ordinary::starts_sentences(&word.plain)
                && !ordinary::is_title(&word.plain)
        };
        let gap = text.get(one.end..other.start).unwrap_or_default();
        let behind = text.get(letter.end..).is_some_and(|rest| rest.starts_with('.'));
        // "I Nair" and "A Nair" are more often words than initials.
        let dotted = behind || gap.contains(['.', ',']);
        let near = some.windows(2).all(|pair| {
            matches!(pair, [one, other] if near(text.get(one.end..other.start).unwrap_or_default(), Way::Name))
        });
        let fits = single(letter)
            && letter.capital
            && near
            && (dotted || !matches!(letter.plain.as_str(), "i" | "a"))
            && surname().all(|(word, _)| named(word))
            && surname().any(|(word, _)| word.capital && word.plain.chars().count() > 2);
        let surname = surname().map(|(_, spoken)| spoken.as_str()).collect::<Vec<_>>().join(" ");
        self.begun.extend(letter.plain.chars().next().filter(|_| fits).map(|initial| (initial, surname)));
    }
}

/// Whether two, three or four words side by side may be a name: of which one begins with a capital at least.
fn is_plausible(text: &str, some: &[Word<'_>]) -> bool {
    let length = some.len();
    let small = |word: &Word<'_>| length > 2 && !word.capital && ordinary::is_particle(&word.plain);
    let middle = some.get(1..length - 1).unwrap_or_default();
    let capitals =
        some.iter().filter(|word| word.capital).count() + middle.iter().filter(|word| small(word)).count();
    let (Some(first), Some(last)) = (some.first(), some.last()) else { return false };
    let typed_small = || {
        let name = |word: &Word<'_>| {
            !ordinary::is_word(&word.plain)
                && word.plain.chars().count() > 2
                && !word.plain.starts_with(|c: char| c.is_ascii_digit())
        };
        capitals == 0
            && length == 2
            && [first, last].into_iter().all(name)
            && ordinary::is_first_name(&first.plain)
    };
    let joined = || {
        some.windows(2).all(|pair| {
            matches!(pair, [one, other] if near(text.get(one.end..other.start).unwrap_or_default(), Way::Name))
        })
    };
    (capitals == length || typed_small())
        && joined()
        && (!ordinary::starts_sentences(&first.plain) || ordinary::is_word(&first.plain))
}

/// Names a text may have, as they are kept.
#[must_use]
pub fn candidates(text: &str) -> Vec<String> {
    let mut asked = Asked::default();
    asked.text(text);
    asked.names.into_iter().collect()
}
