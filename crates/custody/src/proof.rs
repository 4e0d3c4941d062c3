//! Obligations: what must be seen in the data, the log and the configuration for a promise to be kept.
//!
//! This module says which obligations a policy's clauses bring. It never looks at data; the store runs them.

mod obligation;
mod sentence;

use std::collections::BTreeMap;

use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::channel::{Forbidden, Screening};
use policy::periods::Own;
use policy::phrase::Phrase;
use policy::policy::{Clause, Register};
use policy::{Activity, Basis, ChannelId, Disposal, KindSet, Policy, Rule};

pub use obligation::Obligation;

use crate::gate::{Reachable, must_ask};
use crate::parting;

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

impl Verdict {
    /// Its word, as `prove` prints it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Attested => "attested",
            Self::Open => "open",
        }
    }
}

/// Which obligations prove each promise, from the kinds of the clauses it stands on. A promise without any is open.
#[must_use]
pub fn obligations(policy: &Policy) -> BTreeMap<String, Vec<Obligation>> {
    let of = |clauses: &[Clause]| {
        let mut found: Vec<Obligation> = Vec::new();
        for obligation in clauses.iter().flat_map(|clause| of_clause(policy, clause)) {
            if !found.contains(&obligation) {
                found.push(obligation);
            }
        }
        found
    };
    policy.promises.iter().map(|(id, clauses)| (id.clone(), of(clauses))).collect()
}

/// The clauses of a promise that nothing looks at, in words. While there is one, the promise is open, whatever is seen of the
/// others.
#[must_use]
pub fn not_looked_at(policy: &Policy, promise: &str) -> Vec<String> {
    let clauses = policy.promises.get(promise).map_or(&[][..], Vec::as_slice);
    let mut found: Vec<String> = Vec::new();
    // That something stands here, and with no processor, leaves nothing to be seen elsewhere.
    let unseen =
        |clause: &&Clause| of_clause(policy, clause).is_empty() && !matches!(clause, Clause::Where(_));
    for clause in clauses.iter().filter(unseen) {
        let words = policy.clause_words(clause);
        if !found.contains(&words) {
            found.push(words);
        }
    }
    found
}

/// What must be seen for one clause to be kept.
#[must_use]
pub fn of_clause(policy: &Policy, clause: &Clause) -> Vec<Obligation> {
    match clause {
        Clause::Data(activity) => {
            vec![Obligation::NothingUndeclared { activity: *activity }, Obligation::UsesNamed]
        }
        Clause::For(activity) => vec![Obligation::ForWhomStated { activity: *activity }],
        Clause::Basis(activity) => {
            policy.activity(*activity).map_or_else(Vec::new, |activity| of_basis(policy, activity))
        }
        Clause::Keep(rule) => {
            policy.rules.get(rule.index()).map_or_else(Vec::new, |rule| of_rule(policy, rule))
        }
        Clause::Share(activity, share) => {
            vec![Obligation::SharedAsStated { activity: *activity, share: *share }]
        }
        Clause::Send(activity) => {
            let of = policy.activity(*activity);
            let mut found = vec![Obligation::UsesNamed];
            found.extend(of.map_or_else(Vec::new, after_no));
            found.extend(of.and_then(|activity| asked_first(policy, activity)));
            found
        }
        Clause::Role(role) => vec![Obligation::SeenByNeed { role: *role }],
        Clause::Footer(channel) => of_footer(policy, *channel),
        Clause::Received(channel) => vec![Obligation::ReceivedAsStated { channel: *channel }],
        Clause::Screening(channel) => {
            let screening =
                policy.channels.get(channel.index()).and_then(|channel| channel.screening.as_ref());
            let of = |screening: &Screening| Obligation::EachCallScreened {
                channel: *channel,
                fewer_than_days: screening.fewer_than_days,
            };
            screening.map(of).into_iter().collect()
        }
        Clause::Never(at) => match policy.prohibitions.get(*at).map(|never| &never.what) {
            Some(Forbidden::SendMarketing | Forbidden::SendAnything) => {
                vec![Obligation::NoneSent { prohibition: *at }]
            }
            Some(Forbidden::Share(_) | Forbidden::ShareOutside { .. }) => {
                vec![Obligation::NoneShared { prohibition: *at }]
            }
            None => Vec::new(),
        },
        Clause::Answer => answered(),
        Clause::Register(at) => policy
            .requests
            .registers
            .get(*at)
            .map_or_else(Vec::new, |register| of_register(policy, *at, register)),
        Clause::Processor(at) => vec![Obligation::ProcessorWithin { processor: *at }],
        Clause::Attest(at) => vec![Obligation::Attested { attestation: *at }],
        Clause::Security(what) if what.starts_with("encrypted") => vec![Obligation::EncryptedAtRest],
        Clause::Security(what) if what.starts_with("password") => policy
            .security
            .password_at_least
            .map(|at_least| Obligation::PasswordPolicy { at_least })
            .into_iter()
            .collect(),
        Clause::Form(form) => vec![Obligation::FiledAsStated { form: *form }],
        Clause::Backups => vec![Obligation::BackupsForget],
        Clause::Period(own) => of_period(policy, *own),
        Clause::Agreement(work) => vec![Obligation::AgreementSent { work: *work }],
        Clause::Head(part) => of_head(part),
        Clause::Condition(activity, _) => vec![Obligation::ConditionStands { activity: *activity }],
        Clause::Because(_) => vec![Obligation::ReasonsStated],
        Clause::From(activity) => vec![Obligation::SourceStated { activity: *activity }],
        Clause::Where(activity) => of_places(policy, *activity),
        Clause::Requests(what) if what == "asked" || what == "extend" => answered(),
        Clause::Requests(what) if what == "charge" => vec![Obligation::FeesAsStated],
        Clause::Requests(what) if what == "format" => vec![Obligation::CopiesInFormat],
        Clause::Requests(what) if what == "identity" => vec![Obligation::Identified],
        Clause::Requests(what) if what == "confirm" => vec![Obligation::ErasureConfirmed],
        Clause::Requests(what) if what == "copies" => vec![Obligation::CopiesLeaveSo],
        Clause::Notice(what) => of_notice(policy, what),
        Clause::Visits => vec![Obligation::VisitsAsStated, Obligation::CookiesListed],
        Clause::Incidents => vec![Obligation::IncidentsSeenTo],
        Clause::Statistics(at) => vec![Obligation::StatisticsHide { statistics: *at }],
        // Nothing in this version of the program keeps these yet.
        Clause::Kind(_) | Clause::Security(_) | Clause::Requests(_) | Clause::Open(_) => Vec::new(),
    }
}

/// What answering people comes to: in time, by a day that nothing unsaid put off, and to nobody but them.
fn answered() -> Vec<Obligation> {
    vec![Obligation::AnsweredInTime, Obligation::ClockRecorded, Obligation::Identified]
}

/// What the head says stands in the notice; and what it promises beside that is so.
fn of_head(part: &str) -> Vec<Obligation> {
    let mut found = vec![Obligation::NoticeSays { part: part.to_owned() }];
    match part {
        "version" => found.push(Obligation::VersionsKept),
        "decisions" => found.push(Obligation::PeopleDecide),
        "complaints" => found.push(Obligation::ComplaintsAcknowledged),
        _ => {}
    }
    found
}

fn of_notice(policy: &Policy, what: &str) -> Vec<Obligation> {
    match what {
        "ordered" => vec![Obligation::NoticeSays { part: what.to_owned() }],
        "cookies" => vec![Obligation::CookiesListed],
        "shown" => {
            let forms = (0..policy.forms.len()).map(|form| Obligation::FiledAsStated { form });
            [Obligation::ToldWhenGiven, Obligation::VersionsKept].into_iter().chain(forms).collect()
        }
        "given" if policy.notice.within.is_some() => vec![Obligation::ToldInTime],
        "through" => vec![Obligation::SenderTold],
        _ => Vec::new(),
    }
}

/// What a period of our own work promises. Whether recipients were told is looked at register by register.
fn of_period(policy: &Policy, own: Own) -> Vec<Obligation> {
    match own {
        Own::Recipients => {
            let registers = policy.requests.registers.iter().enumerate();
            let found = registers.flat_map(|(at, register)| of_register(policy, at, register));
            found.filter(|one| matches!(one, Obligation::RecipientsTold { .. })).collect()
        }
        Own::ByHand | Own::Traces => {
            policy.rules.iter().map(|rule| Obligation::DoneByHand { rule: rule.id }).collect()
        }
        Own::Imports | Own::Previews => vec![Obligation::ImportsForgotten],
        Own::Visitors => vec![Obligation::VisitsAsStated],
    }
}

/// The processors among the places an activity names.
fn of_places(policy: &Policy, activity: policy::ActivityId) -> Vec<Obligation> {
    let places = policy.activity(activity).map_or(&[][..], |activity| &activity.places);
    let at = |name: &String| policy.processors.iter().position(|known| known.name == *name);
    places.iter().filter_map(at).map(|processor| Obligation::ProcessorWithin { processor }).collect()
}

fn of_basis(policy: &Policy, activity: &Activity) -> Vec<Obligation> {
    let mut found = vec![Obligation::GroundsOnStatedBasis { activity: activity.id }];
    if matches!(activity.basis, Basis::LegitimateInterests { .. }) {
        found.push(Obligation::AssessmentOnFile { activity: activity.id });
    }
    found.extend(asked_first(policy, activity));
    let Basis::Consent { form, before } = &activity.basis else { return found };
    found.push(Obligation::ConsentShown { activity: activity.id });
    if !activity.channels.is_empty() {
        found.extend(after_no(activity));
    }
    if let (Some(event), Some(work)) = (before, activity.work) {
        found.push(Obligation::NoneBeforeConsent {
            activity: activity.id,
            work,
            event: event.clone(),
            kinds: held_here_only(policy, activity),
        });
    }
    if let ConsentForm::OptIn { asked_with, confirmed } = form {
        found.extend(confirmed.map(|_| Obligation::ConfirmedFirst { activity: activity.id }));
        found.push(Obligation::NoneWithoutOptIn { activity: activity.id, asked_with: *asked_with });
        found.extend(asked_at(policy, activity));
    }
    found
}

/// After somebody's no nothing of the activity reaches them, and nobody who sends it for us still has them on a list.
fn after_no(activity: &Activity) -> Vec<Obligation> {
    let mut found = vec![Obligation::NoneAfterNo { activity: activity.id }];
    if activity.purpose == Purpose::DirectMarketing {
        found.push(Obligation::NoneListedAfterNo { activity: activity.id });
    }
    found
}

/// What promotes us by e-mail or text without having asked goes only where the law lets it.
fn asked_first(policy: &Policy, activity: &Activity) -> Option<Obligation> {
    let mut channels = activity.channels.iter().filter_map(|id| policy.channels.get(id.index()));
    let unasked = channels.any(|channel| must_ask(activity, channel, &Reachable::default()).is_some());
    unasked.then_some(Obligation::AskedFirst { activity: activity.id })
}

/// What a footer brings: it stands in each message, and whoever follows its link out is left alone.
fn of_footer(policy: &Policy, channel: ChannelId) -> Vec<Obligation> {
    let mut found = vec![Obligation::FooterInEach { channel }];
    let footer = policy.channels.get(channel.index()).and_then(|channel| channel.footer.as_deref());
    if footer.is_some_and(|footer| footer.contains("{unsubscribe}")) {
        let sent = policy.activities.iter().filter(|activity| activity.channels.contains(&channel));
        found.extend(sent.flat_map(after_no));
    }
    found
}

/// The milestones at which the people of an activity are asked for their opt-in: `for coaching client, once completed`.
fn asked_at(policy: &Policy, activity: &Activity) -> Vec<Obligation> {
    let once = activity.for_whom.iter().filter_map(|whom| whom.once.as_ref());
    let of = |milestone: &String| {
        let work = policy.works.iter().find(|work| work.milestones.contains(milestone))?;
        Some(Obligation::OptInAsked { activity: activity.id, work: work.id, milestone: milestone.clone() })
    };
    once.filter_map(of).collect()
}

/// The entries and items that no other activity may hold: they cannot be there for another reason.
fn held_here_only(policy: &Policy, activity: &Activity) -> KindSet {
    let others = policy.activities.iter().filter(|other| other.id != activity.id);
    others.fold(activity.kinds, |kinds, other| kinds.minus(other.kinds))
}

/// Whether a clause promises something that this version of the program does not do yet: hours counted from what is
/// only known to the day; of rows that would go one by one, a stage before the end, or asking or telling somebody of each.
#[must_use]
pub fn beyond_us(policy: &Policy, rule: &Rule) -> bool {
    let work = rule.work.and_then(|work| policy.works.get(work.index()));
    let milestones = work.map_or(&[][..], |work| work.milestones.as_slice());
    let said_before = rule.stage.is_some() || rule.ask_before.is_some() || rule.tell_before.is_some();
    rule.phrase.hours_of_days(milestones) || (said_before && rule.phrase.counts_from_rows(milestones))
}

fn of_rule(policy: &Policy, rule: &Rule) -> Vec<Obligation> {
    let id = rule.id;
    if beyond_us(policy, rule) {
        return Vec::new();
    }
    let mut found = vec![Obligation::GoneInTime { rule: id }, Obligation::CacheAgrees { rule: id }];
    found.extend([Obligation::HoldsAnswered { rule: id }, Obligation::NothingLeftBehind]);
    found.push(Obligation::DoneByHand { rule: id });
    if rule.then != Disposal::Count {
        found.push(Obligation::Certified { rule: id });
    }
    if rule.by_row {
        found.push(Obligation::EachInTime { rule: id });
    }
    if rule.then == Disposal::Anonymise {
        found.push(Obligation::Anonymous { rule: id });
    }
    let events = ends_at_once(&rule.phrase);
    let sent = policy.activity(rule.activity).filter(|activity| !activity.channels.is_empty());
    if events.iter().any(|event| NO.iter().any(|no| event.starts_with(no))) {
        found.extend(sent.map_or_else(Vec::new, after_no));
    }
    if !events.is_empty() {
        found.push(Obligation::EndsAtOnce { rule: id, events });
    }
    let categories = ends_counted(&rule.phrase);
    if !categories.is_empty() && rule.condition.is_none() && !rule.by_row {
        found.push(Obligation::EndsCounted { rule: id, categories });
    }
    if rule.review.is_some() || reviewed(&rule.phrase) {
        found.push(Obligation::ReviewsDone { rule: id });
    }
    if rule.ask_again.is_some() {
        found.push(Obligation::AskedAgain { rule: id });
    }
    for (says, _) in parting::of_rule(rule) {
        found.push(Obligation::SaidBefore { rule: id, says });
    }
    if rule.kinds.iter().any(|kind| policy.kind(kind).is_some_and(|kind| kind.name == "objection record")) {
        found.push(Obligation::NothingLostInMerging);
    }
    if capped(&rule.phrase) {
        found.push(Obligation::CapsReasoned { rule: id });
    }
    found
}

/// How the events begin by which somebody says no to a use.
const NO: &[&str] = &["consent withdrawn", "asked", "objected", "unsubscribed"];

/// The events after which nothing of the phrase goes on.
fn ends_at_once(phrase: &Phrase) -> Vec<String> {
    match phrase {
        Phrase::Until(event) => vec![event.written()],
        Phrase::While(category) => vec![format!("no longer {category}")],
        Phrase::Earlier(parts) => parts.iter().flat_map(ends_at_once).collect(),
        Phrase::AtMost(inner, cap) => [ends_at_once(inner), ends_at_once(cap)].concat(),
        Phrase::Agreed { .. }
        | Phrase::Later(_)
        | Phrase::After { .. }
        | Phrase::UntilDay(_)
        | Phrase::AfterYear { .. }
        | Phrase::Review { .. }
        | Phrase::WhileSo(_)
        | Phrase::Longer { .. }
        | Phrase::Cases { .. }
        | Phrase::Batch { .. }
        | Phrase::More { .. }
        | Phrase::Outside { .. }
        | Phrase::Latest { .. }
        | Phrase::Rolling { .. }
        | Phrase::NotKept { .. }
        | Phrase::Indefinitely => Vec::new(),
    }
}

/// The categories from whose end the phrase has a last day as soon as it is known: `6 years after no longer supplier`.
fn ends_counted(phrase: &Phrase) -> Vec<String> {
    match phrase {
        Phrase::After { event, .. } | Phrase::AfterYear { event, .. } => {
            event.name.strip_prefix("no longer ").map(str::to_owned).into_iter().collect()
        }
        Phrase::Earlier(parts) => parts.iter().flat_map(ends_counted).collect(),
        Phrase::AtMost(inner, cap) => [ends_counted(inner), ends_counted(cap)].concat(),
        _ => Vec::new(),
    }
}

/// Whether somebody must look at what the phrase keeps: `review 6 years after closed`.
fn reviewed(phrase: &Phrase) -> bool {
    match phrase {
        Phrase::Review { .. } => true,
        Phrase::Earlier(parts) | Phrase::Later(parts) => parts.iter().any(reviewed),
        Phrase::AtMost(inner, cap) => reviewed(inner) || reviewed(cap),
        _ => false,
    }
}

fn capped(phrase: &Phrase) -> bool {
    match phrase {
        Phrase::Agreed { at_most, .. } => at_most.is_some(),
        Phrase::Earlier(parts) | Phrase::Later(parts) => parts.iter().any(capped),
        Phrase::AtMost(inner, _) => capped(inner),
        _ => false,
    }
}

fn of_register(policy: &Policy, at: usize, register: &Register) -> Vec<Obligation> {
    let has = |name: &str| register.columns.iter().any(|column| column == name);
    let mut found = vec![Obligation::RegisterShape { register: at }];
    if has("initials") && !has("name") && !has("person") {
        found.push(Obligation::InitialsOnly { register: at });
    }
    match register.name.as_str() {
        "erasure" => {
            found.extend([Obligation::ErasureWaitsForPaper, Obligation::RecipientsTold { register: at }])
        }
        "correction" | "restriction" => found.push(Obligation::RecipientsTold { register: at }),
        "complaints" => found.push(Obligation::ComplaintsAcknowledged),
        "no contact" => {
            found.extend([Obligation::SuppressedStaySuppressed, Obligation::NothingLostInMerging]);
        }
        "objection" => {
            let sent = policy.activities.iter().filter(|activity| !activity.channels.is_empty());
            found.extend(sent.flat_map(after_no));
        }
        _ => {}
    }
    found
}
