//! One thing to look for in the data, the log and the configuration, by name and in a sentence.

use policy::phrase::{Voice, period_words, rule_words};
use policy::{ActivityId, ChannelId, KindId, KindSet, Policy, RuleId, WorkId};

use crate::parting::Says;
use crate::refusal::kind_names;

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
    /// Everybody held is of a category that is declared and that some activity is for, and the activity holds only
    /// people whom it is for.
    ForWhomStated {
        /// The activity.
        activity: ActivityId,
    },
    /// What special-category and criminal-offence data of the activity's kinds is held rests on a condition beside the
    /// basis, with the policy document that the condition needs on file.
    ConditionStands {
        /// The activity.
        activity: ActivityId,
    },
    /// The assessment that the activity's legitimate interests rest on is on file and was looked at in time.
    AssessmentOnFile {
        /// The activity.
        activity: ActivityId,
    },
    /// Every message, call and disclosure was for an activity that the policy names, by a channel that it names.
    UsesNamed,
    /// Every version of the policy is as it was adopted, and whoever was shown a notice was shown the one of the day.
    VersionsKept,
    /// Somebody's name stands behind every answer to a request and every erasure.
    PeopleDecide,
    /// The cookies page lists whatever was set in a browser, and no single visit is kept longer than it says.
    CookiesListed,
    /// Whoever gave us their details was shown the notice by then, and which version is on record.
    ToldWhenGiven,
    /// Nobody's details are held for longer than the policy says without their having been told, and nobody was
    /// written to before.
    ToldInTime,
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
    /// No row of the rule that goes by itself is still held after its own end.
    EachInTime {
        /// The rule.
        rule: RuleId,
    },
    /// Nothing that the rule had made anonymous leads back to anybody: no count is of too few, and no row still has its person.
    Anonymous {
        /// The rule.
        rule: RuleId,
    },
    /// Whatever the rule let go of has its certificate, which says what the log says.
    Certified {
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
    /// Whoever is no longer what a clause counts from the end of has a last day under it, and nobody whose account ended is
    /// held on as one who works here without a word.
    EndsCounted {
        /// The rule.
        rule: RuleId,
        /// The categories whose end it counts from.
        categories: Vec<String>,
    },
    /// No review of the rule's grounds was passed without a decision, and whoever decided to go on said why.
    ReviewsDone {
        /// The rule.
        rule: RuleId,
    },
    /// Every hold and every restriction that keeps something of the rule has a reason, somebody who answers for it, and a day to look again
    /// that has not passed.
    HoldsAnswered {
        /// The rule.
        rule: RuleId,
    },
    /// What went has not gone on lying for longer than a day where the database leaves it behind.
    NothingLeftBehind,
    /// No consent of the rule's activity stands longer than asked without being renewed.
    AskedAgain {
        /// The rule.
        rule: RuleId,
    },
    /// Everybody was told of the end of the rule's grounds, or asked whether to go on, in time; nobody stayed without a yes.
    SaidBefore {
        /// The rule.
        rule: RuleId,
        /// Whether they were told or asked.
        says: Says,
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
    /// Every e-mail that was filed by itself is of the kind the channel names, and none that may be a request restarted a
    /// clock before somebody decided what it is.
    ReceivedAsStated {
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
    /// Every period of the policy has its reason written beside it.
    ReasonsStated,
    /// Every detail of the activity's kinds says where it came from.
    SourceStated {
        /// The activity.
        activity: ActivityId,
    },
    /// Every request was answered by its due date, or is not yet due.
    AnsweredInTime,
    /// Whoever complained heard within thirty days that we have it, and every complaint that was closed had an outcome.
    ComplaintsAcknowledged,
    /// What was decided about others in a copy was read again by somebody else before it was made, where the policy says
    /// so, and no link to a copy works longer than it says.
    CopiesLeaveSo,
    /// Whoever got somebody's details from us was told of their correction, erasure or restriction, or is told in time.
    RecipientsTold {
        /// The register's place.
        register: usize,
    },
    /// The day by which each request must be answered follows from what is written down about it, and from nothing else.
    ClockRecorded,
    /// Nothing was given out, put right or erased for somebody who asked before it was written down how we knew who asked;
    /// and whose a request is, where nobody was known by what was given, is on record with who said so.
    Identified,
    /// Nobody on the block list was written to or called after they asked.
    SuppressedStaySuppressed,
    /// The public notice in force says this.
    NoticeSays {
        /// The part of the head: `contact`.
        part: String,
    },
    /// Database and files are encrypted at rest.
    EncryptedAtRest,
    /// No backup is older than the policy says or missing, and none can give back what was let go of.
    BackupsForget,
    /// Every account that can sign in has a password as long as the policy asks.
    PasswordPolicy {
        /// The least number of characters.
        at_least: u16,
    },
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
    /// What the rule let go of and somebody must give back, deliver, destroy or tell of is done by its day.
    DoneByHand {
        /// The rule.
        rule: RuleId,
    },
    /// No erasure was called done while a paper file of the person was still to be destroyed.
    ErasureWaitsForPaper,
    /// Whoever asked to be erased heard that it was done, and no message that says so holds their address for too long.
    ErasureConfirmed,
    /// Everybody who pays for such work themselves was sent its agreement, and nobody else was.
    AgreementSent {
        /// The kind of work.
        work: WorkId,
    },
    /// Everybody was asked for the opt-in when this happened, and only a yes counted as one.
    OptInAsked {
        /// The activity.
        activity: ActivityId,
        /// The kind of work.
        work: WorkId,
        /// The milestone.
        milestone: String,
    },
    /// The channel or activity was used only for people with a standing opt-in.
    NoneWithoutOptIn {
        /// The activity.
        activity: ActivityId,
        /// The document the question goes out with.
        asked_with: Option<KindId>,
    },
}

impl Obligation {
    /// Its name, for logs and scripts.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NothingUndeclared { .. } => "nothing-undeclared",
            Self::NoneBeforeConsent { .. } => "none-before-consent",
            Self::ForWhomStated { .. } => "for-whom-stated",
            Self::ConditionStands { .. } => "condition-stands",
            Self::AssessmentOnFile { .. } => "assessment-on-file",
            Self::UsesNamed => "uses-named",
            Self::VersionsKept => "versions-kept",
            Self::PeopleDecide => "people-decide",
            Self::CookiesListed => "cookies-listed",
            Self::ToldWhenGiven => "told-when-given",
            Self::ToldInTime => "told-in-time",
            Self::GroundsOnStatedBasis { .. } => "grounds-on-stated-basis",
            Self::GoneInTime { .. } => "gone-in-time",
            Self::EachInTime { .. } => "each-in-time",
            Self::Anonymous { .. } => "anonymous",
            Self::Certified { .. } => "certified",
            Self::CacheAgrees { .. } => "cache-agrees",
            Self::EndsAtOnce { .. } => "ends-at-once",
            Self::EndsCounted { .. } => "ends-counted",
            Self::ReviewsDone { .. } => "reviews-done",
            Self::HoldsAnswered { .. } => "holds-answered",
            Self::NothingLeftBehind => "nothing-left-behind",
            Self::AskedAgain { .. } => "asked-again",
            Self::SaidBefore { says: Says::Told, .. } => "told-before",
            Self::SaidBefore { says: Says::Asked, .. } => "asked-before",
            Self::CapsReasoned { .. } => "caps-reasoned",
            Self::FooterInEach { .. } => "footer-in-each",
            Self::ReceivedAsStated { .. } => "received-as-stated",
            Self::EachCallScreened { .. } => "each-call-screened",
            Self::NoneSent { .. } => "none-sent",
            Self::NoneShared { .. } => "none-shared",
            Self::SharedAsStated { .. } => "shared-as-stated",
            Self::RegisterShape { .. } => "register-shape",
            Self::InitialsOnly { .. } => "initials-only",
            Self::ReasonsStated => "reasons-stated",
            Self::SourceStated { .. } => "source-stated",
            Self::AnsweredInTime => "answered-in-time",
            Self::ClockRecorded => "clock-recorded",
            Self::Identified => "identity-known",
            Self::ComplaintsAcknowledged => "complaints-acknowledged",
            Self::CopiesLeaveSo => "copies-leave-so",
            Self::RecipientsTold { .. } => "recipients-told",
            Self::SuppressedStaySuppressed => "suppressed-stay-suppressed",
            Self::NoticeSays { .. } => "notice-says",
            Self::EncryptedAtRest => "encrypted-at-rest",
            Self::BackupsForget => "backups-forget",
            Self::PasswordPolicy { .. } => "password-policy",
            Self::Attested { .. } => "attested",
            Self::ProcessorWithin { .. } => "processor-within",
            Self::DoneByHand { .. } => "disposal-done",
            Self::ErasureWaitsForPaper => "erasure-waits-for-paper",
            Self::ErasureConfirmed => "erasure-confirmed",
            Self::AgreementSent { .. } => "agreement-sent",
            Self::OptInAsked { .. } => "opt-in-asked",
            Self::NoneWithoutOptIn { .. } => "none-without-opt-in",
        }
    }

    /// What must be so, in a sentence for people.
    #[must_use]
    pub fn sentence(&self, policy: &Policy) -> String {
        let activity = |id: &ActivityId| policy.activity(*id).map_or("", |activity| activity.name.as_str());
        let channel =
            |id: &ChannelId| policy.channels.get(id.index()).map_or("", |channel| channel.title.as_str());
        let register =
            |at: &usize| policy.requests.registers.get(*at).map_or("", |register| register.name.as_str());
        let never = |at: &usize| {
            let words = policy.prohibitions.get(*at).map_or("", |never| never.words.as_str());
            words.trim_start_matches("never").trim().to_owned()
        };
        let of_rule = |id: &RuleId| {
            let rule = policy.rules.get(id.index());
            rule.map_or_else(String::new, |rule| {
                format!("{}: {}", rule.key, rule_words(policy, rule, Voice::They))
            })
        };
        let key = |id: &RuleId| policy.rules.get(id.index()).map_or("", |rule| rule.key.as_str());
        match self {
            Self::NothingUndeclared { activity: id } => {
                format!(
                    "Nothing that only {} may hold is held of anybody without a ground that covers it.",
                    activity(id)
                )
            }
            Self::NoneBeforeConsent { activity: id, event, kinds, .. } => {
                let kinds = kind_names(policy, *kinds);
                format!(
                    "No {event} and no {kinds} exist for {} without an earlier consent in the form asked.",
                    activity(id)
                )
            }
            Self::ForWhomStated { activity: id } => {
                format!("Everybody held has a category with an activity, and {} holds only people it is for.", activity(id))
            }
            Self::ConditionStands { activity: id } => {
                format!("What is sensitive under {} is held on a condition that stands.", activity(id))
            }
            Self::AssessmentOnFile { activity: id } => {
                format!("The assessment that {} rests on is on file and was looked at in time.", activity(id))
            }
            Self::UsesNamed => {
                "Every message, call and disclosure was for an activity that the policy names.".to_owned()
            }
            Self::VersionsKept => {
                "Every version of the policy is as it was adopted, and it is on record who was shown which.".to_owned()
            }
            Self::PeopleDecide => {
                "Somebody's name stands behind every answer to a request and every erasure.".to_owned()
            }
            Self::CookiesListed => {
                "The cookies page lists whatever was set in a browser, and visits are kept no longer than it says.".to_owned()
            }
            Self::ToldWhenGiven => {
                "Whoever gave us their details was shown our notice by then, in a version on record.".to_owned()
            }
            Self::ToldInTime => {
                let within = policy.notice.within.as_ref().map_or_else(String::new, period_words);
                format!("Nobody was held for longer than {within}, or written to, without having been told.")
            }
            Self::GroundsOnStatedBasis { activity: id } => {
                format!("Every ground of {} stands on its stated basis.", activity(id))
            }
            Self::GoneInTime { rule } => format!("Nothing is held past its time under {}.", of_rule(rule)),
            Self::EachInTime { rule } => {
                format!("Each row of {} goes by itself when its own time ends.", key(rule))
            }
            Self::Anonymous { rule } => {
                let least = policy.least_count();
                format!("What {} made anonymous is counts of at least {least} people, and nothing of it has its person.", key(rule))
            }
            Self::Certified { rule } => {
                format!("Whatever went under {} has a certificate that says what the log says.", key(rule))
            }
            Self::CacheAgrees { rule } => {
                format!("The stored dates of {} are what the facts say.", key(rule))
            }
            Self::EndsAtOnce { rule, events } => {
                format!("No ground of {} outlives: {}.", key(rule), events.join(", "))
            }
            Self::EndsCounted { rule, categories } => {
                format!("Whoever is no longer {} has a last day under {}.", categories.join(" or "), key(rule))
            }
            Self::ReviewsDone { rule } => {
                format!("No review under {} has passed without a decision that says why.", key(rule))
            }
            Self::HoldsAnswered { rule } => {
                format!("Whatever a hold, a restriction or a request that waits keeps of {}, somebody answers for it and looks again in time.", key(rule))
            }
            Self::NothingLeftBehind => {
                "What went is gone from the log and the dead rows of the database within a day.".to_owned()
            }
            Self::AskedAgain { rule } => {
                format!("No consent under {} stands longer than asked without being renewed.", key(rule))
            }
            Self::SaidBefore { rule, says: Says::Told } => {
                format!("Everybody was told before anything ended under {}.", of_rule(rule))
            }
            Self::SaidBefore { rule, says: Says::Asked } => {
                format!(
                    "Everybody was asked in time, and nobody stayed without a yes, under {}.",
                    of_rule(rule)
                )
            }
            Self::CapsReasoned { rule } => {
                format!("No period longer than the cap of {} is agreed without a reason.", key(rule))
            }
            Self::FooterInEach { channel: id } => {
                format!("Every message by {} ended with the footer in force.", channel(id))
            }
            Self::ReceivedAsStated { channel: id } => format!(
                "What came by {} is filed as the policy says, and none that may be a request counts as contact.",
                channel(id)
            ),
            Self::EachCallScreened { channel: id, fewer_than_days } => {
                format!(
                    "Every marketing {} was screened on files fewer than {fewer_than_days} days old.",
                    channel(id)
                )
            }
            Self::NoneSent { prohibition } | Self::NoneShared { prohibition } => {
                format!("We did never {}.", never(prohibition))
            }
            Self::SharedAsStated { activity: id, .. } => {
                format!(
                    "What was passed on under {} went to whom it names, with no more than it names, in its time.",
                    activity(id)
                )
            }
            Self::RegisterShape { register: at } => {
                format!("The register {} has its columns and a row for each request.", register(at))
            }
            Self::InitialsOnly { register: at } => {
                format!("The register {} holds initials and no name.", register(at))
            }
            Self::ReasonsStated => "Every period of the policy has its reason beside it.".to_owned(),
            Self::SourceStated { activity: id } => {
                format!("Every detail held under {} says where it came from, and came from where the policy says.", activity(id))
            }
            Self::ComplaintsAcknowledged => {
                "Whoever complained heard in time that we have it, and what came of it.".to_owned()
            }
            Self::CopiesLeaveSo => {
                "What is decided about others in a copy is read again where we say so, and no link to a copy works longer than we say."
                    .to_owned()
            }
            Self::RecipientsTold { register: at } => format!(
                "Whoever had the details from us was told, or is told in time, of each {}.",
                register(at)
            ),
            Self::Identified => {
                "Nobody was given or erased anything before it was written down how we knew who asked.".to_owned()
            }
            Self::ClockRecorded => {
                "No day by which we must answer was put off but by something that is on record, with its reason.".to_owned()
            }
            Self::AnsweredInTime => {
                "Every request was answered by its due date, or is not yet due.".to_owned()
            }
            Self::SuppressedStaySuppressed => {
                "Nobody who asked for no more contact was written to or called afterwards.".to_owned()
            }
            Self::NoticeSays { part } => format!("The public notice in force states the {part}."),
            Self::EncryptedAtRest => "Database and files are encrypted where they lie.".to_owned(),
            Self::BackupsForget => {
                "Backups are as old as the policy says, and none gives back what was let go of.".to_owned()
            }
            Self::PasswordPolicy { at_least } => {
                format!("Every password has at least {at_least} characters.")
            }
            Self::Attested { attestation } => {
                let what =
                    policy.attestations.get(*attestation).map_or("", |attestation| attestation.what.as_str());
                format!("Somebody has signed, not too long ago, that {what}.")
            }
            Self::ProcessorWithin { processor } => {
                let name = policy.processors.get(*processor).map_or("", |processor| processor.name.as_str());
                format!("{name} got only what it may hold, under a safeguard that stands.")
            }
            Self::ErasureConfirmed => {
                "Whoever asked to be erased heard that it was done, and no message about it keeps their address.".to_owned()
            }
            Self::DoneByHand { rule } => format!(
                "Whatever somebody must give back, deliver, destroy or tell of when {} ends, they have done by its day.",
                key(rule)
            ),
            Self::ErasureWaitsForPaper => {
                "No erasure was called done while a paper file was still to be destroyed.".to_owned()
            }
            Self::AgreementSent { work } => {
                let work = policy.works.get(work.index());
                let agreement = work.and_then(|work| work.agreement.as_ref());
                let document = agreement.and_then(|agreement| policy.kind(agreement.document));
                format!(
                    "On every {}, {} was sent the {}, and nobody else was.",
                    work.map_or("", |work| work.name.as_str()),
                    agreement.map_or("whoever pays", |agreement| agreement.when.as_str()),
                    document.map_or("agreement", |kind| kind.name.as_str())
                )
            }
            Self::OptInAsked { activity: id, milestone, .. } => {
                format!(
                    "Everybody was asked at {milestone} whether they want {}, and only a yes counted.",
                    activity(id)
                )
            }
            Self::NoneWithoutOptIn { activity: id, .. } => {
                format!("Nobody is in {} who did not opt in.", activity(id))
            }
        }
    }
}
