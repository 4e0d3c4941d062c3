//! What stays of an erasure, why and until when, as it is said to whoever asked: in the words of the notice, counted in words, with no
//! clause and no table in it. What the register keeps of it is said in [`super::stays`].

use std::collections::BTreeMap;

use custody::coverage::{Datum, Suspended};
use custody::life::Needs;
use jiff::civil::Date;
use policy::count::in_words;
use policy::phrase::{Voice, rule_words};
use policy::{Activity, Basis, Policy, Rule};
use store::erase::Why;

use crate::web::frame::words as day;

/// What one ground keeps, until a day or, while one is awaited, for as long as the rule says in words:
/// `We keep the messages we sent you (two of them), for "Proof of what we did", until Tue 31 Mar 2031: ...`.
pub(super) fn kept(
    policy: &Policy,
    (rule, activity): (&Rule, &Activity),
    theirs: &[&Datum],
    (why, until, awaits): (Why, Option<Date>, bool),
) -> String {
    let mut counts: BTreeMap<policy::KindId, u64> = BTreeMap::new();
    for datum in theirs {
        *counts.entry(datum.kind).or_insert(0) += 1;
    }
    let each = counts.iter().map(|(kind, count)| {
        let words = policy.kind(*kind).map_or("what is noted of you", |kind| kind.words.as_str());
        if *count == 1 { words.to_owned() } else { format!("{words} ({} of them)", in_words(*count)) }
    });
    let each: Vec<String> = each.collect();
    let until = match until {
        Some(until) => format!(", until {}", day(until)),
        None if awaits => format!(", {}", rule_words(policy, rule, Voice::You)),
        None => String::new(),
    };
    let title = &activity.title;
    format!(
        "We keep {}, for \u{201c}{title}\u{201d}{until}: {}.",
        each.join("; "),
        because(why, &activity.basis)
    )
}

/// What would go, and something keeps for now.
pub(super) fn suspended(why: Suspended, count: u32) -> String {
    let (it, is, goes) = if count == 1 { ("it", "is", "goes") } else { ("they", "are", "go") };
    let them = if count == 1 { "it" } else { "them" };
    let because = match why {
        Suspended::Hold => format!(
            "{it} {is} needed for legal claims (Art 17(3)(e)), and {goes} the night after that has ended"
        ),
        Suspended::Restriction => format!("{it} may only be stored, until that is decided"),
        Suspended::Untold => format!("we have to tell you first that {it} {goes}"),
        Suspended::Request(Needs::Access) => {
            format!("you asked to see {them}, and {it} {is} kept, and not used, until you have")
        }
        Suspended::Request(Needs::Portability) => format!(
            "you asked for {them}, to take {them} elsewhere, and {it} {is} kept, and not used, until you have {them}"
        ),
        Suspended::Request(Needs::Restriction) => {
            format!("you asked us to keep {them}, and {it} {is} kept, and not used, until that is answered")
        }
    };
    let stays = match count {
        1 => "one record stays".to_owned(),
        many => format!("{} records stay", in_words(u64::from(many))),
    };
    format!("Of the rest {stays} for now: {because}.")
}

/// Why a part stays, with the article, as it is said to them.
fn because(why: Why, basis: &Basis) -> String {
    match (why, basis) {
        (Why::Contract, _) => "our contract with you still needs it".to_owned(),
        (Why::LegalDuty, Basis::LegalObligation { law }) => {
            format!("a legal duty requires it (Art 17(3)(b)): {law}")
        }
        (Why::LegalDuty, _) => "a legal duty requires it (Art 17(3)(b))".to_owned(),
        (Why::PublicTask, _) => "a task in the public interest requires it (Art 17(3)(b))".to_owned(),
        (Why::Hold, _) => {
            "it is needed for legal claims (Art 17(3)(e)), and we look again at what you asked once that has ended"
                .to_owned()
        }
        (Why::Work, _) => "it is kept for the work itself, and no longer linked to you".to_owned(),
    }
}
