//! One thing to look for in the data, the log and the configuration, by name.

use policy::{ActivityId, ChannelId, KindId, KindSet, RoleId, RuleId, WorkId};

use crate::parting::Says;

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
    /// The cookies page lists whatever was set in a browser.
    CookiesListed,
    /// Visits are counted only after a yes, and no single one is kept longer than the policy says.
    VisitsAsStated,
    /// Whoever gave us their details was shown the notice by then, and which version is on record.
    ToldWhenGiven,
    /// Nobody's details are held for longer than the policy says without their having been told, and nobody was
    /// written to before.
    ToldInTime,
    /// Whoever sent us somebody's details got the link to the notice, to pass it on, within the time in which we tell people.
    SenderTold,
    /// Nothing under the activity was sent to, or rests on, a consent before it was confirmed, and none waits too long.
    ConfirmedFirst {
        /// The activity.
        activity: ActivityId,
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
    /// Whatever came by the form was filed as what and under what it says, with nothing that it does not ask, beside the notice of its
    /// day; no tick counts as a consent, and somebody was asked to answer it.
    FiledAsStated {
        /// The form's place.
        form: usize,
    },
    /// Every marketing call of the channel was screened in time, and none reached a listed number.
    EachCallScreened {
        /// The channel.
        channel: ChannelId,
        /// A register file must have been younger than this many days.
        fewer_than_days: u16,
    },
    /// Every consent to the activity has the words agreed to, the version of the notice that was in force that day, and evidence
    /// that is there and about whoever gave it.
    ConsentShown {
        /// The activity.
        activity: ActivityId,
    },
    /// No message and no call of the activity reached somebody who had objected to it, or withdrawn their consent, by then, unless
    /// their own later word stands between.
    NoneAfterNo {
        /// The activity.
        activity: ActivityId,
    },
    /// Nobody who said no to the activity, which promotes us, is a day later still on a list from which somebody else sends it for us.
    NoneListedAfterNo {
        /// The activity.
        activity: ActivityId,
    },
    /// No e-mail or text of the activity, which promotes us without having asked, left to a person, a sole trader or an ordinary
    /// partnership, unless we got the address as the soft opt-in asks.
    AskedFirst {
        /// The activity.
        activity: ActivityId,
    },
    /// Whatever was opened in the role was opened for a reason that the role has, and work was theirs on that day.
    SeenByNeed {
        /// The role.
        role: RoleId,
    },
    /// Every fee asked of somebody has its reason and who decided it, and where the policy counts, so many came before it.
    FeesAsStated,
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
    /// Every incident has somebody who sees to it; the regulator was told of it in time, or it is on record why they need not be; and none
    /// was closed before it was said how bad it was, whom to tell and what keeps it from happening again.
    IncidentsSeenTo,
    /// No import that nobody confirmed stands longer than the policy says, and none that is over keeps what stood in its rows for longer.
    ImportsForgotten,
    /// No table of these statistics that was made goes back further than the policy says, shows a number of fewer people than it says, lets
    /// one be computed that it hides, or differs by fewer people from one that was made before.
    StatisticsHide {
        /// Their place in the policy.
        statistics: usize,
    },
    /// What was decided about others in a copy was read again by somebody else before it was made, where the policy says
    /// so, and no link to a copy works longer than it says.
    CopiesLeaveSo,
    /// Every copy was made in the forms that the policy names.
    CopiesInFormat,
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
    /// Of two entries that were put together nothing is lost, an objection least of all.
    NothingLostInMerging,
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
            Self::VisitsAsStated => "visits-as-stated",
            Self::ToldWhenGiven => "told-when-given",
            Self::ToldInTime => "told-in-time",
            Self::SenderTold => "sender-told",
            Self::ConfirmedFirst { .. } => "confirmed-first",
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
            Self::FiledAsStated { .. } => "filed-as-stated",
            Self::EachCallScreened { .. } => "each-call-screened",
            Self::ConsentShown { .. } => "consent-shown",
            Self::NoneAfterNo { .. } => "none-after-no",
            Self::NoneListedAfterNo { .. } => "none-listed-after-no",
            Self::AskedFirst { .. } => "asked-first",
            Self::SeenByNeed { .. } => "seen-by-need",
            Self::FeesAsStated => "fees-as-stated",
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
            Self::IncidentsSeenTo => "incidents-seen-to",
            Self::ImportsForgotten => "imports-forgotten",
            Self::StatisticsHide { .. } => "statistics-hide",
            Self::CopiesLeaveSo => "copies-leave-so",
            Self::CopiesInFormat => "copies-in-format",
            Self::RecipientsTold { .. } => "recipients-told",
            Self::SuppressedStaySuppressed => "suppressed-stay-suppressed",
            Self::NothingLostInMerging => "nothing-lost-in-merging",
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
}
