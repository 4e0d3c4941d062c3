//! Where the name under the cursor was declared.

use super::names::{Declared, declared};
use crate::source::File;

/// What the words around a byte of a file name: the longest declared name that lies over it.
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
    declared(files)
        .into_iter()
        .filter(|one| !one.name.is_empty() && over(one))
        .max_by_key(|one| one.name.len())
}
