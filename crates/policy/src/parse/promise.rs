//! The promise ids at the end of a line: `keep 6 months after completed   promise CTI-13`.

use crate::lex::{Shape, Token};
use crate::source::Span;

/// Promises found at the end of a line.
#[derive(Default)]
pub(crate) struct Promises {
    pub(crate) ids: Vec<Span>,
    pub(crate) span: Option<Span>,
}

/// Cuts the promises off a line's tokens. `wanted` is false for statements that are about promises.
pub(crate) fn split(mut tokens: Vec<Token>, text: &str, wanted: bool) -> (Vec<Token>, Promises) {
    let at = tokens.iter().rposition(|token| token.shape == Shape::Word && token.span.of(text) == "promise");
    let Some(at) = at.filter(|_| wanted) else {
        return (tokens, Promises::default());
    };
    let after: Vec<Token> = tokens.iter().skip(at + 1).copied().collect();
    let ids: Vec<Span> =
        after.iter().filter(|token| token.shape == Shape::Word).map(|token| token.span).collect();
    let all_ids = ids.iter().all(|id| is_id(id.of(text)))
        && after.iter().all(|token| matches!(token.shape, Shape::Word | Shape::Comma));
    if ids.is_empty() || !all_ids {
        return (tokens, Promises::default());
    }
    let span = tokens.iter().skip(at).map(|token| token.span).reduce(Span::to);
    tokens.truncate(at);
    (tokens, Promises { ids, span })
}

/// `CTI-13`: capitals and digits, a hyphen, digits.
pub(crate) fn is_id(word: &str) -> bool {
    word.split_once('-').is_some_and(|(prefix, number)| {
        prefix.starts_with(|letter: char| letter.is_ascii_uppercase())
            && prefix.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
            && !number.is_empty()
            && number.chars().all(|digit| digit.is_ascii_digit())
    })
}
