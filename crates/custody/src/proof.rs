//! Obligations: what must be seen in the data, the log and the configuration for a promise to be kept.
//!
//! This module says which obligations a policy's clauses bring. It never looks at data; the store runs them.

use std::collections::BTreeMap;

use policy::{ActivityId, ChannelId, KindId, KindSet, Policy, RuleId, WorkId};

/// One thing to look for. Each is an indexed query that yields counter-examples.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Obligation {
    /// No kind of the activity is held about a person for whom no ground covers it.
    NothingUndeclared {
        /// The activity.
        activity: ActivityId,
    },
    /// No entry or milestone from the event on exists on work of this kind without an earlier consent in the form asked.
    NoneBeforeConsent {
        /// The activity.
        activity: ActivityId,
        /// The kind of work.
        work: WorkId,
        /// The event of the gate.
        event: String,
        /// Kinds that may not exist without it.
        kinds: KindSet,
    },
    /// Every ground of the activity rests on its stated basis.
    GroundsOnStatedBasis {
        /// The activity.
        activity: ActivityId,
    },
    /// Nothing whose ground ran out is still held after the sweep.
    GoneInTime {
        /// The rule.
        rule: RuleId,
    },
    /// The stored dates of the rule's grounds are what the facts say.
    CacheAgrees {
        /// The rule.
        rule: RuleId,
    },
    /// No ground of the rule outlives one of these events.
    EndsAtOnce {
        /// The rule.
        rule: RuleId,
        /// The events.
        events: Vec<String>,
    },
    /// No review of the rule's grounds was passed without a decision.
    ReviewsDone {
        /// The rule.
        rule: RuleId,
    },
    /// No consent of the rule's activity stands longer than asked without being renewed.
    AskedAgain {
        /// The rule.
        rule: RuleId,
    },
    /// No retention period longer than the cap stands without a reason.
    CapsReasoned {
        /// The rule.
        rule: RuleId,
    },
    /// Every message of the channel ends with the footer in force when it left.
    FooterInEach {
        /// The channel.
        channel: ChannelId,
    },
    /// Every marketing call of the channel was screened in time, and none reached a listed number.
    EachCallScreened {
        /// The channel.
        channel: ChannelId,
        /// A register file must have been younger than this many days.
        fewer_than_days: u16,
    },
    /// No message or call went where a prohibition stood.
    NoneSent {
        /// Its place among the policy's prohibitions.
        prohibition: usize,
    },
    /// Nothing was passed on where a prohibition stood.
    NoneShared {
        /// Its place among the policy's prohibitions.
        prohibition: usize,
    },
    /// Every disclosure of the activity's share went to whom it names, with no more than it names, before it ended.
    SharedAsStated {
        /// The activity.
        activity: ActivityId,
        /// The share's place in the activity.
        share: usize,
    },
    /// The register has the columns stated, and a row for each request of its kind.
    RegisterShape {
        /// The register's place.
        register: usize,
    },
    /// The register holds initials and no name.
    InitialsOnly {
        /// The register's place.
        register: usize,
    },
    /// Every request was answered by its due date, or is not yet due.
    AnsweredInTime,
    /// Nobody on the block list was written to or called after they asked.
    SuppressedStaySuppressed,
    /// The public notice in force says this.
    NoticeSays {
        /// The part of the head: `contact`.
        part: String,
    },
    /// Database and files are encrypted at rest.
    EncryptedAtRest,
    /// Every account that can sign in has a password as long as the policy asks.
    PasswordPolicy {
        /// The least number of characters.
        at_least: u16,
    },
    /// Every paper file has a registered place.
    PaperRegistered,
    /// A person has signed that it is so, and the signature has not lapsed.
    Attested {
        /// The attestation's place.
        attestation: usize,
    },
    /// No processor or recipient got a kind that the policy does not let it hold, or without a valid safeguard.
    ProcessorWithin {
        /// The processor's place.
        processor: usize,
    },
    /// The channel or activity was used only for people with a standing opt-in.
    NoneWithoutOptIn {
        /// The activity.
        activity: ActivityId,
        /// The document the question goes out with.
        asked_with: Option<KindId>,
    },
}

/// What a proof says of one promise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// Every obligation ran and found nothing.
    Kept,
    /// An obligation found a counter-example, or could not run.
    Broken,
    /// A person has signed for it, until a date.
    Attested,
    /// Nothing in this version of the program keeps it yet.
    Open,
}

/// The answer for one promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The promise: `CTI-07`.
    pub id: String,
    /// What was found.
    pub verdict: Verdict,
    /// In a few words with numbers: "1,204 marketing calls, each screened fewer than 28 days before".
    pub figure: String,
    /// What breaks it, ids only: "notes of programme 94 due 2026-11-19 still held".
    pub counterexamples: Vec<String>,
}

/// Which obligations prove each promise, from the kinds of the clauses it stands on. A promise without any is open.
#[must_use]
pub fn obligations(policy: &Policy) -> BTreeMap<String, Vec<Obligation>> {
    policy.promises.keys().map(|id| (id.clone(), Vec::new())).collect()
}
