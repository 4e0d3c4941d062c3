//! What two people have in common, as it is kept and as a page says it: only the sort of it, never a value. Pure.

/// What agrees or nearly agrees, in the words a page has for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sign {
    /// First name and surname are the same.
    Name,
    /// First name and surname are turned round.
    Turned,
    /// One first name is short for the other, or another spelling of it.
    Short,
    /// One has only the initial of the other's first name.
    Initial,
    /// One is called by the other's middle name.
    Middle,
    /// The first names differ in a letter or two.
    GivenNear,
    /// One is no first name, and half of the other's.
    GivenHalf,
    /// The surnames differ in a letter or two.
    SurnameNear,
    /// One surname is part of the other's.
    SurnamePart,
    /// The surnames are different.
    SurnameOther,
    /// One has a single word of the other's name.
    OneWord,
    /// The dates of birth are the same.
    Birth,
    /// The dates of birth are nearly the same.
    BirthNear,
    /// They share an e-mail address.
    Email,
    /// Two e-mail addresses are nearly the same.
    EmailNear,
    /// They share a telephone number.
    Phone,
    /// Two telephone numbers differ in a digit.
    PhoneNear,
    /// They share a postal address.
    Address,
    /// Two postal addresses are nearly the same.
    AddressNear,
    /// They belong to the same organisation.
    Organisation,
}

impl Sign {
    const ALL: [(Self, &'static str, &'static str); 20] = [
        (Self::Name, "name", "the same name"),
        (Self::Turned, "turned", "first name and surname turned round"),
        (Self::Short, "short", "a short form or another spelling of the first name"),
        (Self::Initial, "initial", "the initial of the first name"),
        (Self::Middle, "middle", "called by a middle name"),
        (Self::GivenNear, "given near", "first names that differ in a letter or two"),
        (Self::GivenHalf, "given half", "a first name that is half the other's"),
        (Self::SurnameNear, "surname near", "surnames that differ in a letter or two"),
        (Self::SurnamePart, "surname part", "one surname is part of the other"),
        (Self::SurnameOther, "surname other", "another surname"),
        (Self::OneWord, "one word", "one word of the name"),
        (Self::Birth, "birth", "the same date of birth"),
        (Self::BirthNear, "birth near", "dates of birth that are nearly the same"),
        (Self::Email, "email", "the same e-mail address"),
        (Self::EmailNear, "email near", "e-mail addresses that are nearly the same"),
        (Self::Phone, "phone", "the same telephone number"),
        (Self::PhoneNear, "phone near", "telephone numbers that differ in a digit"),
        (Self::Address, "address", "the same address"),
        (Self::AddressNear, "address near", "addresses that are nearly the same"),
        (Self::Organisation, "organisation", "the same organisation"),
    ];

    /// Its name in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(sign, ..)| *sign == self).map_or("", |(_, code, _)| code)
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(sign, ..)| *sign == self).map_or("", |(.., words)| words)
    }

    /// The sign of a code.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == code).map(|(sign, ..)| *sign)
    }
}

/// Some signs, each once, in the order in which they are declared.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Signs(u32);

/// What is said of names.
pub(super) const OF_NAMES: Signs = Signs::of(Sign::Name)
    .and(Signs::of(Sign::Turned))
    .and(Signs::of(Sign::Short))
    .and(Signs::of(Sign::GivenNear))
    .and(Signs::of(Sign::SurnameNear))
    .and(OF_OTHER_NAMES);

/// What leaves it open whether two names are one.
pub(super) const OF_OTHER_NAMES: Signs = Signs::of(Sign::SurnameOther)
    .and(Signs::of(Sign::SurnamePart))
    .and(Signs::of(Sign::Middle))
    .and(Signs::of(Sign::Initial))
    .and(Signs::of(Sign::OneWord))
    .and(Signs::of(Sign::GivenHalf));

impl Signs {
    pub(super) const fn of(sign: Sign) -> Self {
        Self(1 << sign as u32)
    }

    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    pub(super) fn all(self) -> Vec<Sign> {
        Sign::ALL.iter().map(|(sign, ..)| *sign).filter(|sign| self.any(Self::of(*sign))).collect()
    }
}
