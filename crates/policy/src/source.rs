//! Policy files as text, and places in them.

use crate::{Policy, parse};

/// A place in the policy's text: byte offsets into one file of the set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// Which file, counting from 0 in the order they were read.
    pub file: u16,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From the start of this place to the end of another of the same file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty place just behind this one.
    #[must_use]
    pub fn after(self) -> Self {
        Self { start: self.end, ..self }
    }

    /// The text of this place; empty when it lies outside the file.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// One policy file: its name as the author knows it, and its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// The path, as given.
    pub name: String,
    /// The text, UTF-8.
    pub text: String,
}

impl File {
    /// The longest file that is read, in bytes.
    pub const LONGEST: usize = 1 << 20;
}

/// Whether a file read from `path` is the one an author calls `name`.
#[must_use]
pub fn same_file(path: &str, name: &str) -> bool {
    !name.is_empty() && (path == name || path.strip_suffix(name).is_some_and(|before| before.ends_with('/')))
}

impl Policy {
    /// A text the policy rests on, by the name it has there: `assessments/offers.md`. None if it is not on file.
    #[must_use]
    pub fn rests_on(&self, name: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| same_file(&file.name, name))?;
        Some(file.text.as_str()).filter(|text| !text.trim().is_empty())
    }

    /// The files that are read as policy: the first, and what it includes.
    pub fn own_files(&self) -> impl Iterator<Item = &File> {
        let own = parse::included(&self.files);
        self.files.iter().enumerate().filter(move |(at, _)| own.contains(at)).map(|(_, file)| file)
    }
}
