//! Whether somebody is written at a place of a text in one of the ways they may be: what stands between its words, and what speaks for
//! other words. It knows nobody.

use super::super::ordinary;
use super::super::words::{Word, is_nothing};
use super::{Way, street};

/// The most initials of names we do not know that stand between a first name and the rest.
pub(super) const MIDDLE_MAX: usize = 2;

/// How many words of a text are a way of writing somebody from one of them on; nothing where they are not written so there. Between
/// the first name and the rest may stand initials of names that we do not know: `Tom J. Ellis`.
pub(super) fn fits(text: &str, words: &[Word<'_>], place: usize, rest: &[String], way: Way) -> Option<usize> {
    if stands(text, words, (place, 0), rest, way) {
        return Some(rest.len() + 1);
    }
    let whole = |part: &str| part.chars().count() > 1;
    let given = words.get(place).is_some_and(|word| whole(&word.plain));
    if !matches!(way, Way::Name | Way::Begun) || !given || !rest.first().is_some_and(|part| whole(part)) {
        return None;
    }
    (1..=MIDDLE_MAX)
        .take_while(|middle| words.get(place + middle).is_some_and(is_initial))
        .find(|middle| stands(text, words, (place, *middle), rest, way))
        .map(|middle| rest.len() + 1 + middle)
}

/// Whether a word is one letter.
pub(super) fn is_initial(word: &Word<'_>) -> bool {
    word.plain.chars().count() == 1 && word.raw.chars().all(char::is_alphabetic)
}

/// Whether initials may stand between a first name and the rest of it: all of it has capitals, or none of it, and then no part of
/// it is another word.
fn is_middle(text: &str, first: &Word<'_>, between: &[Word<'_>], rest: &[Word<'_>]) -> bool {
    let Some((surname, small)) = rest.split_last() else { return false };
    let mut last = first;
    for next in between.iter().chain([small.first().unwrap_or(surname)]) {
        let gap = text.get(last.end..next.start).unwrap_or_default();
        // "Tom. J. Ellis", and the one below the other, are two.
        let begins = last.start == first.start;
        let blank = |c: char| {
            is_nothing(c)
                || if begins { c.is_whitespace() && c != '\n' } else { c.is_whitespace() || c == '.' }
        };
        if !gap.chars().all(blank) {
            return false;
        }
        last = next;
    }
    let name = || {
        let particle = |word: &&Word<'_>| ordinary::is_particle(&word.plain);
        [first, surname].into_iter().chain(small.iter().filter(move |word| !particle(word)))
    };
    let dotted = |word: &Word<'_>| text.get(word.end..).is_some_and(|rest| rest.starts_with('.'));
    // "I" and "a" are more often words than initials.
    let word = between.iter().any(|one| matches!(one.plain.as_str(), "i" | "a") && !dotted(one));
    let ordinary = |one: &Word<'_>| ordinary::is_word(&one.plain);
    let capitals = between.iter().chain(name()).filter(|one| one.capital).count();
    if capitals == between.len() + name().count() {
        return !(word && name().all(ordinary));
    }
    capitals == 0 && !word && !name().any(ordinary)
}

/// Whether a way of writing somebody stands in a text from a word on, with so many initials behind that word.
fn stands(
    text: &str,
    words: &[Word<'_>],
    (place, middle): (usize, usize),
    rest: &[String],
    way: Way,
) -> bool {
    let from = place + 1 + middle;
    let (Some(word), Some(tail)) = (words.get(place), words.get(from..from + rest.len())) else {
        return false;
    };
    let between = words.get(place + 1..from).unwrap_or_default();
    let mut last = between.last().unwrap_or(word);
    for (next, part) in tail.iter().zip(rest) {
        let same = next.plain == *part || (way == Way::Address && street(&next.plain) == part);
        let gap = text.get(last.end..next.start).unwrap_or_default();
        // "Richard. C. Okafor" is no "Richard C.".
        let begins_anew =
            next.plain.chars().count() == 1 && last.plain.chars().count() > 1 && gap.contains('.');
        if !same || begins_anew || !near(gap, way) {
            return false;
        }
        last = next;
    }
    if middle > 0 && !is_middle(text, word, between, tail) {
        return false;
    }
    let some = || std::iter::once(word).chain(tail);
    match way {
        Way::Address => true,
        // Somebody who types without capitals types names so, too; only not where it could be other words.
        Way::Name => {
            let letters = some().any(|word| word.plain.chars().count() == 1);
            !letters || some().all(|word| word.capital)
        }
        // Any word may begin with the letter: names only, and no two words of the language.
        Way::Begun => {
            some().all(|word| word.capital && word.plain.chars().count() > 1)
                && !ordinary::starts_sentences(&word.plain)
                && !some().all(|word| ordinary::is_word(&word.plain))
        }
        // Turned it could as well be two words: "in May will they".
        Way::Turned => {
            let comma = text.get(word.end..).is_some_and(|rest| rest.starts_with([',', ';', '\t']));
            comma || some().all(|word| word.capital) || !some().all(|word| ordinary::is_word(&word.plain))
        }
        Way::Initials => {
            initials(text, words, place, words.get(place..from + rest.len()).unwrap_or_default())
        }
        Way::Single => single(text, words, place, word),
    }
}

/// Whether what stands between two words lets them be one name.
pub(super) fn near(gap: &str, way: Way) -> bool {
    let allowed = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '.' | ','
                    | '"'
                    | '\u{201c}'
                    | '\u{201d}'
                    | '>'
                    | '('
                    | ')'
                    | '*'
                    | '_'
                    | '\''
                    | '\u{ad}'
                    | ';'
                    | '-'
                    | '|'
            )
    };
    let stop = gap.contains(". ") && way != Way::Initials && gap.len() > 3;
    match way {
        Way::Initials => gap.chars().all(|c| matches!(c, '.' | ' ')) && gap.len() <= 2 && gap.contains('.'),
        _ => gap.chars().all(allowed) && gap.chars().count() <= 8 && gap.matches('\n').count() <= 1 && !stop,
    }
}

fn initials(text: &str, words: &[Word<'_>], place: usize, some: &[Word<'_>]) -> bool {
    if !some.iter().all(|word| word.capital && !word.raw.chars().any(char::is_lowercase)) {
        return false;
    }
    // "T.E." inside "S.T.E." is somebody else's.
    let touches = |one: Option<&Word<'_>>, other: Option<&Word<'_>>| match (one, other) {
        (Some(one), Some(other)) => {
            let single = |word: &Word<'_>| word.raw.chars().count() == 1 && word.capital;
            (single(one) && single(other))
                && text.get(one.end..other.start).is_some_and(|gap| gap == "." || gap.is_empty())
        }
        _ => false,
    };
    let before = place.checked_sub(1).and_then(|before| words.get(before));
    if touches(before, some.first()) || touches(some.last(), words.get(place + some.len())) {
        return false;
    }
    match some {
        // Two capitals side by side: not what every office abbreviates.
        [one] => {
            const OFFICE: &[&str] = &[
                "it", "hr", "pm", "am", "uk", "us", "eu", "ok", "tv", "id", "ai", "ceo", "re", "fw", "cv",
                "gp", "no", "so", "do", "as", "at", "in", "is", "we", "he", "me", "my", "by", "to", "on",
                "or", "if", "an", "be", "go", "up", "ps", "vat", "nhs", "gdpr", "ico", "pdf", "po", "sen",
                "cpd", "act", "was", "the", "and", "bsc", "phd", "tbc", "tba", "asap",
            ];
            let shouting = |near: Option<&Word<'_>>| {
                near.is_some_and(|near| near.shouted && near.plain.chars().count() > 3)
            };
            one.plain.chars().count() > 1
                && !OFFICE.contains(&one.plain.as_str())
                && !(shouting(before) && shouting(words.get(place + 1)))
        }
        _ => true,
    }
}

/// Whether one part of a name stands as a name where it stands.
fn single(text: &str, words: &[Word<'_>], place: usize, word: &Word<'_>) -> bool {
    let before = place.checked_sub(1).and_then(|before| words.get(before));
    let after = words.get(place + 1);
    let close = |one: usize, other: usize| {
        text.get(one..other).is_some_and(|gap| !gap.contains(['.', ',', '\n', '!', '?', ';', ':']))
    };
    if before.is_some_and(|before| ordinary::is_title(&before.plain) && word.start - before.end <= 3) {
        return true;
    }
    let after = after.filter(|after| close(word.end, after.start));
    let before = before.filter(|before| close(before.end, word.start));
    if !ordinary::is_word(&word.plain) {
        let place =
            word.capital && after.is_some_and(|after| after.capital && ordinary::makes_a_place(&after.plain));
        return !place && (word.capital || word.plain.chars().count() > 3 || word.raw.chars().count() > 3);
    }
    let possessive =
        text.get(word.end..).is_some_and(|rest| rest.starts_with("'s") || rest.starts_with("\u{2019}s"));
    if !word.capital || (word.shouted && word.plain.chars().count() < 3) {
        return false;
    }
    if word.shouted && (before.is_some_and(|near| near.shouted) || after.is_some_and(|near| near.shouted)) {
        return false;
    }
    if after.is_some_and(|after| after.capital && ordinary::makes_a_place(&after.plain)) {
        return false;
    }
    possessive
        || !ordinary::stands_as_word(
            &word.plain,
            word.first,
            before.map(|word| word.plain.as_str()),
            after.map(|word| word.plain.as_str()),
        )
}
