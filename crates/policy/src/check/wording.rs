//! Patterns of words, looked for in a sentence: what the tables in `claims` are written in. Knows nothing of what any
//! of them means.
//!
//! A pattern is words with blanks between. `a|b` is either; `hand*` begins so; `have_to` is two words; `..` stands for up
//! to two words and `...` for up to seven; `~` for words that change nothing; `^` for the beginning of a sentence or of
//! what follows a comma, `$` for the end of one or of what a comma or a small word like `and` or `in` closes; `{must}`
//! for a list of words that has a name.

use super::claims::SETS;

/// A word of a sentence and where it stands in the text.
pub(super) struct Word<'a> {
    text: &'a str,
    at: usize,
    /// Whether nothing but a comma or a colon stands before it.
    first: bool,
}

/// The words of a sentence that begins at a place of its text.
pub(super) fn words(sentence: &str, from: usize) -> Vec<Word<'_>> {
    let inner = |letter: char| letter.is_alphanumeric() || matches!(letter, '\'' | '’' | '-' | '£');
    let mut words = Vec::new();
    let (mut begun, mut first) = (None, true);
    for (at, letter) in sentence.char_indices().chain([(sentence.len(), ' ')]) {
        match (begun, inner(letter)) {
            (None, true) => begun = Some(at),
            (Some(start), false) => {
                words.push(Word {
                    text: sentence.get(start..at).unwrap_or_default(),
                    at: from + start,
                    first,
                });
                (begun, first) = (None, false);
            }
            _ => {}
        }
        first = first || matches!(letter, ',' | ':' | '–' | '(');
    }
    words
}

/// Where the first of some patterns is found, from its first word to its last.
pub(super) fn found(patterns: &[&str], words: &[Word<'_>]) -> Option<(usize, usize)> {
    patterns.iter().find_map(|pattern| {
        (0..words.len()).find_map(|start| {
            let end = ends(pattern, words, start)?;
            let last = words.get(end.checked_sub(1)?)?;
            Some((words.get(start)?.at, last.at + last.text.len()))
        })
    })
}

/// Where a pattern is found in what a sentence says is so: not where the sentence denies it, unless to deny is what the
/// pattern looks for, or the fault is in speaking of it at all.
pub(super) fn asserted(code: &str, pattern: &str, words: &[Word<'_>]) -> Option<(usize, usize)> {
    let place = found(&[pattern], words)?;
    if EITHER_WAY.contains(&code) || !denied(words, place) {
        return Some(place);
    }
    let silent = |word: &&Word<'_>| denies(word.text);
    let rest = words.iter().map(|word| Word {
        text: if silent(&word) { "" } else { word.text },
        at: word.at,
        first: word.first,
    });
    let rest: Vec<Word<'_>> = rest.collect();
    found(&[pattern], &rest).is_none().then_some(place)
}

/// Whether words are a fault wherever they stand, also where the sentence says before them that something is not so.
pub(super) fn stands(code: &str, words: &str) -> bool {
    EITHER_WAY.contains(&code) || words.split(' ').any(denies)
}

/// What is as wrong when it is denied: that no officer is needed, and what an old law said.
const EITHER_WAY: &[&str] = &["W-OFFICER", "W-OLD-ARTICLE"];

fn denies(word: &str) -> bool {
    DENIALS.contains(&word)
}

/// Whether what stands at a place is denied there: by a word before its end in the part of the sentence where it ends.
pub(super) fn denied(words: &[Word<'_>], (_, to): (usize, usize)) -> bool {
    let end = words.iter().take_while(|word| word.at < to).count();
    let opens = |word: &Word<'_>| word.first || BREAKS.contains(&word.text);
    let start = words.iter().take(end).rposition(opens).unwrap_or(0);
    let text = |at: usize| words.get(at).map_or("", |word| word.text);
    (start..end).any(|at| {
        // `not until`, `nothing more`, `not later than`: something is so all the same.
        let bound = (at + 1..end).any(|next| BOUNDS.contains(&text(next)));
        // `those not to be contacted`: who they are, and not what is said of them.
        let whom =
            at.checked_sub(1).is_some_and(|before| ["those", "people", "whoever"].contains(&text(before)));
        denies(text(at)) && !bound && !whom && !BARELY.contains(&text(at + 1))
    })
}

/// After these what is denied is so from some time on, or in some case.
const BOUNDS: &[&str] = &["until", "before", "without", "unless", "except"];

/// What a denial before these does not deny.
const BARELY: &[&str] =
    &["only", "just", "merely", "more", "later", "longer", "matter", "until", "before", "but"];

/// Words that say that something is not so.
const DENIALS: &[&str] = &["no", "not", "cannot", "never", "nobody", "none", "nothing", "neither", "nor"];

/// Words with which another part of a sentence begins.
const BREAKS: &[&str] =
    &["and", "but", "because", "so", "which", "who", "if", "unless", "when", "while", "although", "though"];

/// Where a pattern that begins at a word ends, if it is there.
fn ends(pattern: &str, words: &[Word<'_>], at: usize) -> Option<usize> {
    let (piece, rest) = pattern.split_once(' ').unwrap_or((pattern, ""));
    let gap = |most: usize| (0..=most).find_map(|skipped| ends(rest, words, at + skipped));
    match piece {
        "" => Some(at),
        ".." => gap(2),
        "..." => gap(7),
        "~" => gap(words.get(at..)?.iter().take_while(|word| SMALL.contains(&word.text)).count()),
        "^" => words.get(at).filter(|word| word.first).and_then(|_| ends(rest, words, at)),
        "$" => {
            let over = words.get(at).is_none_or(|word| word.first || CLOSING.contains(&word.text));
            if over { ends(rest, words, at) } else { None }
        }
        list => either(list, rest, words, at),
    }
}

fn either(list: &str, rest: &str, words: &[Word<'_>], at: usize) -> Option<usize> {
    list.split('|').find_map(|one| {
        if let Some(name) = one.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            let (_, list) = SETS.iter().find(|(known, _)| *known == name)?;
            return either(list, rest, words, at);
        }
        let mut next = at;
        for part in one.split('_') {
            if !words.get(next).is_some_and(|word| is(word.text, part)) {
                return None;
            }
            next += 1;
        }
        ends(rest, words, next)
    })
}

fn is(word: &str, part: &str) -> bool {
    part.strip_suffix('*').map_or(word == part, |stem| word.starts_with(stem))
}

/// Words before which a part of a sentence has said all it says.
const CLOSING: &[&str] = &[
    "and", "or", "but", "as", "in", "on", "at", "with", "under", "so", "by", "because", "unless", "once",
    "after", "whether", "whatever", "even", "when", "where", "for", "if", "since", "then", "until", "while",
];

/// Words that stand before a noun and change nothing about it.
const SMALL: &[&str] = &[
    "a",
    "an",
    "the",
    "your",
    "our",
    "their",
    "any",
    "all",
    "some",
    "this",
    "that",
    "these",
    "those",
    "such",
    "own",
    "personal",
    "contact",
    "customer",
    "customers",
    "client",
    "clients",
    "member",
    "members",
    "and",
    "or",
    "of",
    "on",
    "in",
    "out",
    "about",
    "us",
    "you",
    "part",
    "his",
    "her",
    "mailing",
    "whole",
    "e-mail",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sentence_denies_is_not_what_it_says() {
        let there = |pattern: &str, sentence: &str| asserted("W-X", pattern, &words(sentence, 0)).is_some();
        let ever = "kept|keep ... for_ever";
        assert!(there(ever, "it is kept for ever"));
        for denied in ["nothing is kept for ever", "we do not keep it for ever", "no file is kept for ever"] {
            assert!(!there(ever, denied), "{denied}");
        }
        for said in ["we do not sell it, it is kept for ever", "no matter what, it is kept for ever"] {
            assert!(there(ever, said), "{said}");
        }
        assert!(there("not .. say why", "we do not say why"), "what it looks for is a denial");
        assert!(there("answer ... proof", "we do not answer until we have proof"));
    }

    #[test]
    fn patterns_are_found_whole_or_from_their_beginning_and_with_gaps() {
        let there = |pattern: &str, sentence: &str| found(&[pattern], &words(sentence, 0)).is_some();
        assert!(there("request* ... on .. form", "requests are only accepted on our form"));
        assert!(!there("request* .. on .. form", "requests are only ever accepted on our form"));
        assert!(there("have_to write", "you have to write"));
        assert!(!there("have_to write", "you have written"));
        assert!(there("^ send", "to see it, send us a letter") && !there("^ send", "you may send it"));
        assert!(
            there("sell ~ data", "we sell all of your data")
                && !there("sell ~ data", "we sell cars and data")
        );
        assert!(there("for_life $", "we keep it for life") && there("for_life $", "kept for life, and more"));
        assert!(
            there("for_life $", "kept for life in a safe") && !there("for_life $", "held for life coaches")
        );
        assert!(there("{must} be", "it has to be") && !there("{no such} be", "it has to be"));
        assert_eq!(found(&["on .. form"], &words("on our form", 10)), Some((10, 21)));
    }
}
