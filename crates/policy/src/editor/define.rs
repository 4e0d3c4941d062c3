//! Where the name under the cursor was declared. The same word may name a kind of data, a channel and a category: which is
//! meant follows from the statement it stands in, and from the little words before it.

use super::names::{Declared, declared};
use crate::lex::{Shape, Token};
use crate::parse::{parse, sections};
use crate::source::File;
use crate::syntax::Statement;

const KINDS: &[&str] = &["item", "entry", "document"];
const OUTSIDE: &[&str] = &["recipient", "processor", "part", "category", "role"];

/// What a name is in a statement, after the last of these words before it; the first row is for none of them.
const MEANT: &[(&[&str], &str, &[&str])] = &[
    (&["for"], "", &["category"]),
    (&["data", "asks", "keep", "share", "may see", "condition"], "", KINDS),
    (&["send", "call"], "", &["channel"]),
    (&["send", "call"], "by", &["channel"]),
    (&["share"], "with", OUTSIDE),
    (&["share"], "after", &["milestone"]),
    (&["share"], "until", &["milestone"]),
    (&["keep"], "after", &["milestone", "event"]),
    (&["keep"], "until", &["milestone", "event"]),
    (&["keep"], "while", &["category"]),
    (&["keep"], "longer", &["category"]),
    (&["people"], "", &["part"]),
    (&["people"], "is", &["category"]),
    (&["files"], "", &["category"]),
    (&["files"], "under", &["activity"]),
    (&["may see"], "of", &["category"]),
    (&["never"], "to", &["category"]),
    (&["never"], "while", &["work"]),
    (&["never"], "after", &["milestone"]),
    (&["basis"], "on", &["document"]),
    (&["basis"], "with", &["document"]),
    (&["basis"], "before", &["milestone"]),
    (&["processor"], "holds", KINDS),
    (&["statistics"], "of", &["category"]),
    (&["accept"], "in", &["activity", "processor", "recipient", "channel", "work"]),
    (&["incidents", "attest"], "by", &["role"]),
    (&["was", "ends"], "", &["activity"]),
];

/// What the words around a byte of a file name: the longest declared name that lies over it, and of several the one that
/// is meant there.
#[must_use]
pub fn define(files: &[File], file: u16, byte: usize) -> Option<Declared> {
    let text = &files.get(usize::from(file))?.text;
    let start = text.get(..byte)?.rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(byte..)?.find('\n').map_or(text.len(), |at| byte + at);
    let line = text.get(start..end)?;
    let over = |declared: &Declared| {
        line.match_indices(declared.name.as_str()).any(|(at, name)| {
            let (from, to) = (at, at + name.len());
            let edge =
                |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric() && letter != '-');
            let within = start + from <= byte && byte <= start + to;
            within
                && edge(line.get(..from).and_then(|before| before.chars().next_back()))
                && edge(line.get(to..).and_then(|after| after.chars().next()))
        })
    };
    let (tree, _) = parse(file, text);
    let wanted = sections(&tree)
        .into_iter()
        .flat_map(|(head, clauses)| std::iter::once(head).chain(clauses))
        .find(|statement| {
            let span = statement.span();
            span.start as usize <= byte && byte <= span.end as usize
        })
        .map_or(&[][..], |statement| meant(statement, text, byte));
    let rank = |declared: &Declared| {
        let here = declared.span.file == file
            && declared.span.start as usize <= byte
            && byte <= declared.span.end as usize;
        let place = wanted.iter().position(|what| *what == declared.what);
        // Where the name itself is declared, it is that.
        (here, place.map_or(0, |at| wanted.len() - at), declared.name.len())
    };
    let all = declared(files).into_iter().filter(|one| !one.name.is_empty() && over(one));
    let longest = |one: Declared, other: Declared| if rank(&other) > rank(&one) { other } else { one };
    all.reduce(longest)
}

/// What a name at a place of a statement may be, the likeliest first.
fn meant(statement: &Statement, text: &str, byte: usize) -> &'static [&'static str] {
    let rows = MEANT.iter().filter(|(keywords, ..)| keywords.contains(&statement.keyword));
    let mut lead = "";
    let before = |token: &Token| (token.span.end as usize) < byte;
    for token in statement.tokens().take_while(|token| before(token)) {
        let word = token.span.of(text);
        let known = rows.clone().any(|(_, row, _)| *row == word);
        if token.shape == Shape::Word && known {
            lead = MEANT.iter().map(|(_, row, _)| *row).find(|row| *row == word).unwrap_or_default();
        } else if token.shape == Shape::Semicolon {
            lead = "";
        }
    }
    rows.clone().find(|(_, row, _)| *row == lead).map_or(&[][..], |(.., whats)| *whats)
}
