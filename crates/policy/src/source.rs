//! Policy files as text, and places in them.

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

/// One policy file: its name as the author knows it, and its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// The path, as given.
    pub name: String,
    /// The text, UTF-8.
    pub text: String,
}
