//! The fourth question: may this channel be used to reach these people now?

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::id::PersonId;

/// What a number was checked against, on the day of the act.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Screened {
    /// Each register looked at with its file's own date: `("tps", 2026-11-02)`.
    pub registers: Vec<(String, Date)>,
    /// Whether the number is on one of them.
    pub listed: bool,
    /// Whether our own list of those not to call was looked at.
    pub own_list: bool,
    /// Whether the number is on our own list.
    pub on_own_list: bool,
    /// The day the subscriber said that they do not object, where it stands recorded.
    pub not_objecting: Option<Date>,
}

/// Channel facts of one person.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reachable {
    /// Whether the address or number is suppressed for this kind of message.
    pub suppressed: bool,
    /// The check of the number, for calls.
    pub screened: Option<Screened>,
}

/// Channel facts that a decision needs, gathered by the caller.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gate {
    /// Whether the text ends with the channel's footer, its links filled in.
    pub footer_complete: bool,
    /// Each person's facts; a person not here has none.
    pub people: BTreeMap<PersonId, Reachable>,
}
