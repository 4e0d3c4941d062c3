//! "Why do we hold this?", as sentences a member of staff can read out. It says what [`crate::settle`] and
//! [`crate::decide`] go by, from the same facts, and adds no rule of its own.

mod channels;
mod clock_words;

use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::{Basis, ConsentForm};
use policy::phrase::Voice;
use policy::{Activity, ActivityId, KindSet, Policy, Rule};

use crate::basis::{self, Standing};
use crate::coverage;
use crate::id::{EngagementId, GroundId};
use crate::life::{Ground, Life};
use crate::refusal::listed;

pub use channels::{ChannelAnswer, stopped};
pub(crate) use clock_words::stopped as stage_words;

/// A piece of a sentence, so that a page can set it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// Plain words.
    Text(String),
    /// What matters most: kinds, dates.
    Strong(String),
    /// The person's name, which this crate does not know.
    Name,
}

/// One purpose for which a person is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// The ground it speaks of.
    pub ground: GroundId,
    /// The activity.
    pub activity: ActivityId,
    /// The work, where the ground is for one piece of it.
    pub engagement: Option<EngagementId>,
    /// Its title: "Coaching sessions".
    pub title: String,
    /// Whether it is one of those activities that concern everyone: proof, rights, incidents.
    pub housekeeping: bool,
    /// What is held, by the names of the kinds.
    pub kinds: Vec<String>,
    /// The basis: "their signed consent of 5 Jan 2026".
    pub basis: String,
    /// Since when.
    pub since: Date,
    /// The last day, once known.
    pub until: Option<Date>,
    /// Why it may only be stored for now, if so.
    pub paused: Option<String>,
    /// The sentences.
    pub sentences: Vec<Vec<Segment>>,
    /// What would change this, one event a line.
    pub changes: Vec<String>,
    /// With whom it is shared, and what.
    pub shared_with: Vec<String>,
    /// Channels, each with a reason.
    pub channels: Vec<ChannelAnswer>,
}

/// Every purpose for which the person is held today, the longest-lived first and housekeeping last.
#[must_use]
pub fn why(policy: &Policy, life: &Life, today: Date) -> Vec<Card> {
    why_of(policy, life, KindSet::all(), today)
}

/// As [`why`], naming only those kinds that are really there. A ground that covers none of them has no card.
#[must_use]
pub fn why_of(policy: &Policy, life: &Life, there: KindSet, today: Date) -> Vec<Card> {
    let active = life.grounds.iter().filter(|ground| ground.active(today));
    let mut cards: Vec<Card> = active
        .chain(coverage::of_work(policy, life, today))
        .filter_map(|ground| {
            let rule = policy.rules.get(ground.rule.index())?;
            let activity = policy.activity(rule.activity)?;
            (!rule.kinds.and(there).is_empty())
                .then(|| card(policy, life, ground, rule, activity, there, today))
        })
        .collect();
    cards.sort_by_key(|card| {
        (card.housekeeping, std::cmp::Reverse(card.until.unwrap_or(Date::MAX)), card.activity, card.ground)
    });
    cards
}

fn card(
    policy: &Policy,
    life: &Life,
    ground: &Ground,
    rule: &Rule,
    activity: &Activity,
    there: KindSet,
    today: Date,
) -> Card {
    let kinds: Vec<String> = rule
        .kinds
        .and(there)
        .iter()
        .filter_map(|kind| policy.kind(kind))
        .map(|kind| kind.name.clone())
        .collect();
    let basis = basis_words(policy, life, activity, ground.engagement, Voice::They, today);
    let mut sentences = vec![because(policy, life, activity, &kinds, &basis, today)];
    sentences.extend(clock_words::sentences(policy, life, ground, rule, today));
    let paused = paused(policy, life, ground, activity, today);
    let mut channels = channels::answers(policy, life, ground, activity, today);
    // What is only stored for now is no reason to write to anybody, but what they ask is answered all the same.
    let answered = life.restriction.is_some() && activity.purpose == Purpose::RightsFulfilment;
    for answer in channels.iter_mut().filter(|answer| answer.open && paused.is_some() && !answered) {
        answer.open = false;
        "stored and not used for now".clone_into(&mut answer.reason);
    }
    Card {
        ground: ground.id,
        activity: activity.id,
        engagement: ground.engagement,
        title: activity.title.clone(),
        housekeeping: activity.for_everyone,
        kinds,
        basis,
        since: ground.opened_on,
        until: ground.due_on,
        paused,
        sentences,
        changes: clock_words::changes(policy, life, ground, rule, activity, today),
        shared_with: shared_with(policy, life, ground, activity, today),
        channels,
    }
}

/// "We hold NAME's **name and e-mail** because they are a coaching client (their signed consent of 5 Jan 2026)."
fn because(
    policy: &Policy,
    life: &Life,
    activity: &Activity,
    kinds: &[String],
    basis: &str,
    today: Date,
) -> Vec<Segment> {
    let names: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let whom = activity.for_whom.iter().find(|whom| life.is_or_was(policy, whom.category));
    let category = whom.and_then(|whom| policy.categories.get(whom.category.index()));
    let reason = match (category, whom) {
        (Some(category), Some(whom)) => {
            let category = policy::count::with_article(&category.name);
            let still = life.has(whom.category, today) || !life.ever_had(whom.category);
            let verb = if still { "are" } else { "were" };
            format!(" because they {verb} {category} ({basis}).")
        }
        _ => format!(" for {} ({basis}).", lower_first(&activity.title)),
    };
    vec![
        Segment::Text("We hold ".to_owned()),
        Segment::Name,
        Segment::Text("'s ".to_owned()),
        Segment::Strong(listed(&names)),
        Segment::Text(reason),
    ]
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The basis as it is said of somebody or to them, with the day of a consent.
#[must_use]
pub fn basis_words(
    policy: &Policy,
    life: &Life,
    activity: &Activity,
    engagement: Option<EngagementId>,
    voice: Voice,
    today: Date,
) -> String {
    let (they, them, their) = match voice {
        Voice::They => ("they", "them", "their"),
        Voice::You => ("you", "you", "your"),
    };
    let given = basis::standing_consent(policy, activity, life, engagement, today);
    let of = given.map_or_else(String::new, |consent| format!(" of {}", day(consent.given_on)));
    match &activity.basis {
        Basis::Consent { form: ConsentForm::Signed(_), .. } => format!("{their} signed consent{of}"),
        Basis::Consent { .. } => format!("{their} consent{of}"),
        Basis::Contract { at_request: true } => format!("steps {they} asked us to take before a contract"),
        Basis::Contract { .. } => format!("our contract with {them}"),
        Basis::LegalObligation { law } => format!("a legal duty: {law}"),
        other => other.words().to_owned(),
    }
}

fn paused(policy: &Policy, life: &Life, ground: &Ground, activity: &Activity, today: Date) -> Option<String> {
    if let Some(restriction) = &life.restriction {
        let since = day(restriction.since);
        return Some(match activity.purpose {
            Purpose::RightsFulfilment => {
                format!("Restricted since {since}: stored, and used for nothing but to answer what they ask.")
            }
            _ => format!("Restricted since {since}: stored and not used."),
        });
    }
    if let Some(review) = ground.review_on.filter(|review| *review < today) {
        return Some(format!("It had to be reviewed by {}, so it is stored and not used.", day(review)));
    }
    match basis::standing(policy, activity, life, ground.engagement, today) {
        Standing::Disputed(on) => {
            Some(format!("They objected on {}; until that is decided it is stored and not used.", day(on)))
        }
        _ => None,
    }
}

/// "the coach (name, email and phone), until completed". What has ended is not here.
fn shared_with(
    policy: &Policy,
    life: &Life,
    ground: &Ground,
    activity: &Activity,
    today: Date,
) -> Vec<String> {
    let standing =
        activity.shares.iter().filter(|share| !crate::decide::share_is_over(share, ground, life, today));
    standing
        .map(|share| {
            let words = policy.recipients.iter().find(|recipient| recipient.name == share.with);
            let with = words.map_or(share.with.as_str(), |recipient| recipient.words.as_str());
            let what = crate::refusal::kind_names(policy, share.kinds);
            let until = share.until.as_ref().map_or_else(String::new, |event| format!(", until {event}"));
            format!("{with} ({what}){until}")
        })
        .collect()
}

/// A date as people read it: 31 Mar 2026.
#[must_use]
pub fn day(on: Date) -> String {
    on.strftime("%-d %b %Y").to_string()
}
