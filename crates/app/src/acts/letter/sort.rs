//! What a letter of the desk can say, how its button reads, which sentence it needs, and when it fits. Nothing here writes one.

use store::request::{Kind, SubjectRequest};

use crate::acts::request::Outcome;
use crate::acts::request::weighing::Stage;

/// What a letter says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sort {
    /// We have it, and by when we answer.
    Acknowledgement,
    /// Who are you?
    Identity,
    /// What do you want to see?
    Clarification,
    /// It costs a fee.
    Fee,
    /// It takes longer.
    Extension,
    /// What was asked is done.
    Answer,
    /// A part of it is done.
    Part,
    /// It is not done.
    Refusal,
    /// What restricts what we hold is going to be lifted.
    Lifting,
    /// To somebody who got the details from us (Art 19).
    Recipient,
    /// How a complaint stands.
    Progress,
    /// What came of a complaint.
    Outcome,
    /// What happened to their data (Art 34).
    Incident,
}

impl Sort {
    /// Every sort with its name and how its button reads.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Acknowledgement, "acknowledgement", "We have it"),
        (Self::Identity, "identity", "Ask who they are"),
        (Self::Clarification, "clarification", "Ask what they want to see"),
        (Self::Fee, "fee", "Ask for a fee"),
        (Self::Extension, "extension", "It takes longer"),
        (Self::Answer, "answer", "It is done"),
        (Self::Part, "part", "A part of it is done"),
        (Self::Refusal, "refusal", "Refuse it"),
        (Self::Lifting, "lifting", "The restriction will be lifted"),
        (Self::Recipient, "recipient", "Tell whoever got it from us"),
        (Self::Progress, "progress", "How it stands"),
        (Self::Outcome, "outcome", "What came of it"),
        (Self::Incident, "incident", "Tell them what happened"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(sort, ..)| *sort == self).map_or("", |(_, name, _)| name)
    }

    /// How its button reads.
    #[must_use]
    pub fn button(self) -> &'static str {
        Self::ALL.iter().find(|(sort, ..)| *sort == self).map_or("", |(.., words)| words)
    }

    /// The sort of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(sort, ..)| *sort)
    }

    /// What a request comes to with it, if it answers one.
    #[must_use]
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Answer => Some(Outcome::Done),
            Self::Part => Some(Outcome::Partly),
            Self::Refusal => Some(Outcome::Refused),
            _ => None,
        }
    }

    /// Whether it needs a reason or a sentence of whoever writes it, and what is asked for.
    #[must_use]
    pub fn needs(self) -> Option<&'static str> {
        match self {
            Self::Fee => Some("Why it is unfounded or excessive, or a further copy, and how much it costs"),
            Self::Extension => Some("Why it is complex, or which requests of theirs are many"),
            Self::Part => Some("What was not done, and why"),
            Self::Refusal => Some("Why it is not done"),
            Self::Clarification => Some("What you need to know to find it"),
            Self::Lifting => Some("Why it ends, and on which day"),
            Self::Progress => Some("How it stands"),
            Self::Outcome => Some("What came of it"),
            Self::Incident => {
                Some("Which of their data it was, what it may mean for them, and what they can do")
            }
            Self::Acknowledgement | Self::Identity | Self::Answer | Self::Recipient => None,
        }
    }
}

/// What can be written about a request as it stands.
#[must_use]
pub fn fitting(
    asked: &SubjectRequest,
    known: bool,
    acknowledged: bool,
    restricted: bool,
    weighing: Stage,
) -> Vec<Sort> {
    let open = asked.closed_on.is_none();
    let access = asked.kind == Kind::Access;
    let mut sorts = Vec::new();
    let mut offer = |sort: Sort, fits: bool| {
        if fits {
            sorts.push(sort);
        }
    };
    offer(Sort::Acknowledgement, open && !acknowledged);
    offer(Sort::Identity, open && !known && asked.identity_asked_on.is_none());
    let pauses = asked.received_on >= policy::law::uk::ARTICLE_12A_FROM;
    offer(Sort::Clarification, open && access && asked.paused_on.is_none() && pauses);
    offer(Sort::Fee, open && asked.fee_asked_on.is_none());
    offer(Sort::Extension, open && asked.extended_on.is_none() && asked.due_on.is_some());
    for sort in [Sort::Answer, Sort::Part, Sort::Refusal] {
        let fits = match weighing {
            Stage::Nothing => true,
            Stage::Open => false,
            Stage::Came(outcome) => sort.outcome() == Some(outcome),
        };
        offer(sort, open && fits);
    }
    offer(Sort::Lifting, restricted);
    sorts
}
