//! Prohibitions held against what the activities do: whether one line forbids always what another says. Knows what a
//! purpose is called; what stands on a day is for the decision.

use super::Review;
use crate::activity::{Activity, Purpose, Share};
use crate::basis::Basis;
use crate::channel::{Forbidden, Prohibition};
use crate::source::Span;

impl Review<'_> {
    /// What a prohibition forbids at any time, and to whatever its `unless` says, is never done: an activity that says it
    /// does can never act. One that stands for a time, `while` or `after`, leaves the rest of it.
    pub(super) fn against_prohibitions(&mut self, activity: &Activity) {
        let always = |never: &&Prohibition| never.while_work.is_none() && never.after.is_none();
        for never in self.policy.prohibitions.iter().filter(always) {
            let everyone = never.to.is_empty();
            // Whoever else the activity is for, to one of them it may never be done.
            let meant = everyone || activity.for_whom.iter().any(|whom| never.to.contains(&whom.category));
            for span in self.clashes(never, activity).into_iter().filter(|_| meant) {
                let (message, help) = match exceptional(never) {
                    false => (
                        format!("`never {}` forbids always what this does", never.words),
                        "give the prohibition a `while`, `after` or `unless`, or take one of the two away",
                    ),
                    true => (
                        format!(
                            "`never {}` forbids what this does, and no `unless` of it speaks of this",
                            never.words
                        ),
                        "name in the prohibition what lets this through, or take one of the two away",
                    ),
                };
                self.find_in(&activity.name, "E-CONTRADICTION", span, message, help);
            }
        }
    }

    /// Where an activity says that it does what a prohibition forbids, and nothing of it lets it through. One of all
    /// sharing is about the activity; with exceptions, or for a purpose, it is about the line that has it.
    fn clashes(&self, never: &Prohibition, activity: &Activity) -> Vec<Span> {
        let consents = never.unless_consented && matches!(activity.basis, Basis::Consent { .. });
        if consents {
            return Vec::new();
        }
        let marketing = activity.purpose == Purpose::DirectMarketing;
        let sends = !activity.channels.is_empty();
        let forbidden = |share: &&Share| !self.lets_through(never, activity, share);
        match &never.what {
            Forbidden::SendMarketing => (sends && marketing).then_some(activity.span).into_iter().collect(),
            Forbidden::SendAnything => {
                (sends && !owed(activity.purpose)).then_some(activity.span).into_iter().collect()
            }
            Forbidden::Share(purposes) if purposes.is_empty() => {
                let mut rules = activity.rules.iter().filter_map(|id| self.policy.rules.get(id.index()));
                let through = |name: &str| never.unless_processor && self.is_processor(name);
                let at_the_end =
                    rules.find(|rule| rule.outsider(self.policy).is_some_and(|outsider| !through(outsider)));
                let first = activity.shares.iter().find(forbidden);
                let first = first.map(|share| if exceptional(never) { share.span } else { activity.span });
                first.or(at_the_end.map(|rule| rule.span)).into_iter().collect()
            }
            Forbidden::Share(purposes) => {
                let named = purposes.iter().any(|word| Purpose::said(word) == Some(activity.purpose));
                let stated = |share: &&Share| {
                    named || share.what_for.as_deref().is_some_and(|words| purpose_in(purposes, words))
                };
                activity.shares.iter().filter(stated).filter(forbidden).map(|share| share.span).collect()
            }
            Forbidden::ShareOutside { .. } => Vec::new(),
        }
    }

    /// Whether an `unless` of the prohibition speaks of one line: of who gets it, or of a reason why whoever it is gets
    /// it here.
    fn lets_through(&self, never: &Prohibition, activity: &Activity, share: &Share) -> bool {
        let reasons = activity.shares.iter().filter(|other| other.with == share.with);
        let reasoned = reasons
            .filter_map(|other| other.reason.as_ref())
            .any(|reason| never.unless_reasons.contains(reason));
        reasoned || (never.unless_processor && self.is_processor(&share.with))
    }

    fn is_processor(&self, name: &str) -> bool {
        self.policy.processors.iter().any(|processor| processor.name == name)
    }
}

/// Whether anything is let through at all.
fn exceptional(never: &Prohibition) -> bool {
    never.unless_consented || never.unless_processor || !never.unless_reasons.is_empty()
}

/// What no prohibition of messages reaches: answers to requests, and what the law or the safety of data makes us say.
fn owed(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::RightsFulfilment | Purpose::LegalCompliance | Purpose::EnforceSecurity)
}

/// What marketing is called where whoever passes data on says what for.
const MARKETING_WORDS: &[&str] = &[
    "advert",
    "promot",
    "newsletter",
    "fundrais",
    "campaign",
    "mailing list",
    "offers",
    "their products",
    "their services",
    "their news",
    "our products",
    "our services",
    "our news",
    "products and services",
    "about products",
    "about services",
    "sell you",
    "sell to you",
    "what they sell",
    "what they offer",
    "what we offer",
    "may interest you",
    "might interest you",
    "interest to you",
];

/// What passing data on is called by whoever gets money for it.
const SELLING_WORDS: &[&str] = &[
    "sell them",
    "sell it",
    "sell on",
    "sell these",
    "sell your",
    "sell their",
    "sell details",
    "sell data",
    "sell the data",
    "sell the details",
    "sell the list",
    "selling them",
    "selling it",
    "selling on",
    "resell",
    "resale",
    "be sold",
    "list broker",
    "data broker",
    "for money",
    "for a fee",
    "for payment",
];

/// Whether a stated reason says that data is passed on for money.
pub(super) fn sells(words: &str) -> bool {
    let words = words.to_lowercase();
    SELLING_WORDS.iter().any(|mark| words.contains(mark))
}

/// Whether a stated reason names one of the purposes of `marketing, fundraising, campaigning`, or what is the same.
fn purpose_in(purposes: &[String], words: &str) -> bool {
    let words = &words.to_lowercase();
    let marketing = purposes.iter().any(|word| Purpose::said(word) == Some(Purpose::DirectMarketing));
    if marketing && (sells(words) || MARKETING_WORDS.iter().any(|mark| words.contains(mark))) {
        return true;
    }
    let also = |purpose: &String| {
        let known = OTHER_WORDS.iter().find(|(name, _)| name == purpose);
        known.is_some_and(|(_, marks)| marks.iter().any(|mark| words.contains(mark)))
    };
    if purposes.iter().any(also) {
        return true;
    }
    purposes.iter().any(|purpose| {
        let stem = purpose.strip_suffix("ing").unwrap_or(purpose);
        words.contains(purpose.as_str())
            || words.split(' ').any(|word| word.len() > 3 && word.starts_with(stem))
    })
}

/// What else a purpose is called where something is shared for it.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    (
        "fundraising",
        &[
            "raise funds",
            "raise money",
            "raising funds",
            "raising money",
            "donat",
            "appeal for",
            "ask you to give",
        ],
    ),
    ("sale", &["paid for it", "be paid for", "for money", "for a fee", "for payment", "get money"]),
    ("campaigning", &["win votes", "your vote", "canvass"]),
];
