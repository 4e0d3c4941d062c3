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
