//! What each obligation looks for, in a sentence for people. It names clauses, never anybody.

use policy::count::counted;
use policy::law::uk::BREACH_HOURS;
use policy::periods::{Own, days_words};
use policy::phrase::{Voice, period_words, rule_words};
use policy::{ActivityId, ChannelId, Policy, RuleId};

use super::Obligation;
use crate::parting::Says;
use crate::refusal::kind_names;

impl Obligation {
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
                "The cookies page lists whatever was set in a browser.".to_owned()
            }
            Self::VisitsAsStated => {
                "A visit is counted only after a yes, and no single one is kept longer than we say.".to_owned()
            }
            Self::ToldWhenGiven => {
                "Whoever gave us their details was shown our notice by then, in a version on record.".to_owned()
            }
            Self::ToldInTime => {
                let within = policy.notice.within.as_ref().map_or_else(String::new, period_words);
                format!("Nobody was held for longer than {within}, or written to, without having been told.")
            }
            Self::SenderTold => {
                "Whoever sent us somebody's details got the link to our notice in time, to pass it on.".to_owned()
            }
            Self::ConfirmedFirst { activity: id } => {
                format!("No message for {} left, and nothing is held for it, before its consent was confirmed.", activity(id))
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
            Self::FiledAsStated { form } => format!(
                "What came by the form {} is filed as it says, holds nothing that it does not ask, has the notice of its day and somebody \
                 to answer it, and no tick counts as a consent.",
                policy.forms.get(*form).map_or("", |form| form.name.as_str())
            ),
            Self::EachCallScreened { channel: id, fewer_than_days } => {
                format!(
                    "Every marketing {} was screened on files fewer than {fewer_than_days} days old.",
                    channel(id)
                )
            }
            Self::ConsentShown { activity: id } => {
                format!("Every consent to {} has its words, the notice of its day and what shows it.", activity(id))
            }
            Self::NoneAfterNo { activity: id } => {
                format!("Nobody was written to or called for {} after they had said no to it.", activity(id))
            }
            Self::NoneListedAfterNo { activity: id } => {
                format!(
                    "Whoever said no to {} was off every list from which it is sent for us by the day after.",
                    activity(id)
                )
            }
            Self::AskedFirst { activity: id } => {
                format!(
                    "Nobody whom the law wants asked first was written to for {}: each message went to an address of a company or \
                     public body, or to one that we got as the soft opt-in asks.",
                    activity(id)
                )
            }
            Self::SeenByNeed { role } => {
                let name = policy.roles.get(role.index()).map_or("", |role| role.name.as_str());
                format!("Whoever works as {name} opened only what the role lets them, each time for a reason that stood.")
            }
            Self::FeesAsStated => {
                "Nobody was asked for a fee without a reason on record and somebody who decided it.".to_owned()
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
            Self::IncidentsSeenTo => {
                let promised = policy.incidents.as_ref().map(|stated| i64::from(stated.regulator_within_hours));
                let hours = promised.map_or(BREACH_HOURS, |promised| promised.min(BREACH_HOURS));
                format!(
                    "Every incident has somebody who sees to it; the regulator was told within {hours} hours, or why not is on record; and \
                     none was closed before all of it was done."
                )
            }
            Self::ImportsForgotten => format!(
                "No import that nobody confirmed stands after {}, and none keeps what stood in its rows for more than {}.",
                days_words(policy.days(Own::Previews)),
                days_words(policy.days(Own::Imports))
            ),
            Self::StatisticsHide { statistics } => {
                let stated = policy.statistics.get(*statistics);
                format!(
                    "No table of \"{}\" counts over more than {}, shows fewer than {} people, lets a number be worked out that it hides, or \
                     differs by fewer from one made before.",
                    stated.map_or("", |stated| stated.title.as_str()),
                    counted(stated.map_or(0, |stated| u64::from(stated.years.unsigned_abs())), "year"),
                    policy.least_count()
                )
            }
            Self::CopiesLeaveSo => {
                "What is decided about others in a copy is read again where we say so, and no link to a copy works longer than we say."
                    .to_owned()
            }
            Self::CopiesInFormat => {
                format!("Every copy was made as {}.", policy.requests.format.join(" and "))
            }
            Self::RecipientsTold { register: at } => format!(
                "Whoever had the details from us was told, or is told within {}, of each {}.",
                days_words(policy.days(Own::Recipients)),
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
            Self::NothingLostInMerging => {
                "Of two entries that were put together nothing is lost; what either said no to stands.".to_owned()
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
