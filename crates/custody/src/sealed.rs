//! Sealed values: personal data on its way through the program, readable by nobody without a grant.
//!
//! INVARIANT (no grant, no access): a [`Sealed`] has no `Display`, no `Serialize`, no readable `Debug` and
//! no accessor. Anyone may seal; only [`Sealed::open`] with a [`Grant`] that names this person and this
//! kind yields a [`Shown`], and only [`Shown::reveal`] yields text. `tests/tidy.rs` lists the few files
//! where `reveal` may be written: the template filter, the API answer, mail, print and export.

use std::fmt;

use policy::KindId;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::grant::Grant;
use crate::id::PersonId;

/// A personal value nobody can read without a grant. Its memory is wiped when it is dropped.
pub struct Sealed {
    person: PersonId,
    kind: KindId,
    value: Secret,
}

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Secret(String);

impl Sealed {
    /// Seals a value of a kind about a person.
    #[must_use]
    pub fn new(person: PersonId, kind: KindId, value: String) -> Self {
        Self { person, kind, value: Secret(value) }
    }

    /// Whom it is about.
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> KindId {
        self.kind
    }

    /// Opens the value if the grant covers this person and this kind.
    ///
    /// # Errors
    /// [`NotGranted`] if it does not.
    pub fn open<'a>(&'a self, grant: &'a Grant) -> Result<Shown<'a>, NotGranted> {
        if grant.covers(self.person, self.kind) { Ok(Shown(&self.value.0)) } else { Err(NotGranted) }
    }
}

impl Clone for Sealed {
    fn clone(&self) -> Self {
        Self { person: self.person, kind: self.kind, value: self.value.clone() }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, kind {})", self.person, self.kind.0)
    }
}

/// An opened value on its last step to a reader. It has no `Display`, `Debug` or `Serialize` either, so
/// that it cannot be logged or formatted by accident.
pub struct Shown<'a>(&'a str);

impl<'a> Shown<'a> {
    /// The text, for the place where it leaves the program: a page, an answer, a message, a print.
    #[must_use]
    pub fn reveal(self) -> &'a str {
        self.0
    }
}

/// The grant at hand does not cover this value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotGranted;

impl fmt::Display for NotGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the grant at hand does not cover this value")
    }
}

impl std::error::Error for NotGranted {}
