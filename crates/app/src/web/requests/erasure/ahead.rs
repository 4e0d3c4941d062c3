//! What the page before an erasure says of what follows from it: what remains, what marks forbid, what ends with it, and what they are
//! told. It opens nothing and changes nothing.

use jiff::civil::Date;
use store::request::Kind;
use store::suppression::Forbids;

use super::frame;
use crate::acts::Acting;
use crate::acts::erasure::Preview;
use crate::acts::request::{Outcome, words};

/// What a mark of an address or a number is for, and no more.
pub(super) fn mark(forbids: Forbids) -> &'static str {
    match forbids {
        Forbids::Marketing => "nobody here can send them advertising there, or ring them with it",
        Forbids::Calls => "nobody here can ring them there with advertising",
        Forbids::AllContact => {
            "nobody here can get in touch with them there, but to answer what they ask or to warn them"
        }
    }
}

/// That something else they had asked ends with it.
pub(super) fn ended(kind: Kind, on: Date) -> String {
    format!(
        "Their request of {}, \u{201c}{}\u{201d}, is closed with it: nothing is left that it was about. Its words and its name go.",
        frame::words(on),
        words(kind)
    )
}

/// What remains of the erasure itself, where something `goes` and where all of it is `refused`, and what this policy's register shows.
pub(super) fn remains(acting: &Acting<'_>, initials: &str, (goes, refused): (bool, bool)) -> String {
    let certificate = match goes {
        true => {
            "A certificate remains: when, why and how much, and keyed hashes of what they were known by, so that a file that brings them \
             back is held back until somebody decides."
        }
        false => "Nothing goes, so no certificate is written.",
    };
    let request = match refused {
        true => "Their request stays, with its answer and why.".to_owned(),
        false => format!(
            "Of the request stay \u{201c}{initials}\u{201d}, an organisation of theirs, how it came, its days and steps, and what stays and \
             why."
        ),
    };
    let register = acting.policy.requests.registers.iter().find(|register| register.name == "erasure");
    let shows = register.map_or_else(
        || "The policy has no register of erasures.".to_owned(),
        |register| {
            format!("The policy\u{2019}s register of erasures shows: {}.", register.columns.join(", "))
        },
    );
    [certificate, &request, &shows].join(" ")
}

/// What the e-mail that tells them says, and for how many days it may hold their address.
pub(super) fn message(preview: &Preview, days: i64) -> String {
    let says = match (preview.outcome, preview.takes()) {
        (Outcome::Done, _) => "what went and what stays",
        (_, true) => "what went, what stays and why, and that they can go to court",
        (_, false) => "what we use no more, that nothing goes yet and why, and that they can go to court",
    };
    format!("The message says {says}. It holds their address until it has left, for {days} days at most.")
}
