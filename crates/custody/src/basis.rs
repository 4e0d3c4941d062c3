//! The third question: does what an activity rests on stand for a person on a day?
//!
//! Consent is read from its records, objection from its; nothing here looks at what a job once marked.

use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::{Basis, ConsentForm};
use policy::channel::Means;
use policy::{Activity, Policy};

use crate::id::EngagementId;
use crate::life::{Consent, Life, Objection, Scope};

/// Whether a basis stands, and if not since when and why not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// It stands.
    Stands,
    /// It stands, and use is restricted until an objection is decided.
    Disputed(Date),
    /// No consent in the form asked is on file.
    NoConsent,
    /// The consent was given only after the event it had to come before.
    TooLate,
    /// The consent was withdrawn on this day.
    Withdrawn(Date),
    /// The consent was not renewed; this is the first day it no longer stands.
    Lapsed(Date),
    /// The person objected, with effect from this day.
    Objected(Date),
    /// The interest was never weighed against the person's.
    NotAssessed,
}

impl Standing {
    /// Whether a ground may exist on it.
    #[must_use]
    pub fn stands(self) -> bool {
        matches!(self, Self::Stands | Self::Disputed(_))
    }
}

/// Whether the activity's basis stands for a person, for one engagement where its gate is an event of work.
#[must_use]
pub fn standing(
    policy: &Policy,
    activity: &Activity,
    life: &Life,
    engagement: Option<EngagementId>,
    today: Date,
) -> Standing {
    let rests = match &activity.basis {
        Basis::Consent { form, before } => {
            consent(policy, activity, form, before.as_deref(), life, engagement, today)
        }
        Basis::LegitimateInterests { assessed: None, .. } => Standing::NotAssessed,
        _ => Standing::Stands,
    };
    if rests != Standing::Stands {
        return rests;
    }
    objection(policy, activity, life, today)
}

/// The day on which a consent last stands unless it is renewed.
#[must_use]
pub fn last_day(policy: &Policy, activity: &Activity, consent: &Consent) -> Option<Date> {
    let asked = activity.rules.iter().filter_map(|id| policy.rules.get(id.index())?.ask_again.as_ref());
    let from_rules = asked.filter_map(|ask| consent.given_on.checked_add(ask.every).ok()).min();
    consent.lapses_on.or(from_rules)
}

/// The consent an activity rests on for a person today, if one stands.
#[must_use]
pub fn standing_consent<'a>(
    policy: &Policy,
    activity: &Activity,
    life: &'a Life,
    engagement: Option<EngagementId>,
    today: Date,
) -> Option<&'a Consent> {
    let Basis::Consent { form, before } = &activity.basis else { return None };
    let taken_back = taken_back(activity, life, engagement, before.is_some(), today);
    candidates(activity, life, engagement, before.is_some(), today).rfind(|consent| {
        in_form(form, consent)
            && !withdrawn(consent, taken_back, today)
            && last_day(policy, activity, consent).is_none_or(|last| today <= last)
            && before.as_deref().is_none_or(|event| in_time(consent, event, life, engagement))
    })
}

fn consent(
    policy: &Policy,
    activity: &Activity,
    form: &ConsentForm,
    before: Option<&str>,
    life: &Life,
    engagement: Option<EngagementId>,
    today: Date,
) -> Standing {
    if standing_consent(policy, activity, life, engagement, today).is_some() {
        return Standing::Stands;
    }
    let taken_back = taken_back(activity, life, engagement, before.is_some(), today);
    let mut worst = Standing::NoConsent;
    for consent in candidates(activity, life, engagement, before.is_some(), today)
        .filter(|consent| in_form(form, consent))
    {
        let lapsed = last_day(policy, activity, consent)
            .filter(|last| *last < today)
            .and_then(|last| last.tomorrow().ok());
        let since = match (taken_back.filter(|_| withdrawn(consent, taken_back, today)), lapsed) {
            (Some((withdrawn, _)), Some(lapsed)) if lapsed <= withdrawn => Standing::Lapsed(lapsed),
            (Some((withdrawn, _)), _) => Standing::Withdrawn(withdrawn),
            (None, Some(lapsed)) => Standing::Lapsed(lapsed),
            (None, None) => Standing::TooLate,
        };
        worst = later(worst, since);
    }
    worst
}

/// Of two reasons, the one that came later: that is since when nothing stands.
fn later(a: Standing, b: Standing) -> Standing {
    let day = |standing: Standing| match standing {
        Standing::Withdrawn(on) | Standing::Lapsed(on) => Some(on),
        _ => None,
    };
    if a == Standing::NoConsent || day(b) >= day(a) { b } else { a }
}

/// Consents to the activity that may speak for the engagement, oldest first as recorded.
fn candidates<'a>(
    activity: &Activity,
    life: &'a Life,
    engagement: Option<EngagementId>,
    gated: bool,
    today: Date,
) -> impl DoubleEndedIterator<Item = &'a Consent> + use<'a> {
    let activity = activity.id;
    life.consents.iter().filter(move |consent| {
        consent.activity == activity
            && consent.counts(today)
            && (!gated
                || consent.engagement.is_none()
                || engagement.is_none()
                || consent.engagement == engagement)
    })
}

/// The latest withdrawal among the candidates: it takes back every consent given up to then.
fn taken_back(
    activity: &Activity,
    life: &Life,
    engagement: Option<EngagementId>,
    gated: bool,
    today: Date,
) -> Option<(Date, i64)> {
    candidates(activity, life, engagement, gated, today)
        .filter_map(|consent| Some((consent.withdrawn_on.filter(|on| *on <= today)?, consent.id.0)))
        .max()
}

fn withdrawn(consent: &Consent, taken_back: Option<(Date, i64)>, today: Date) -> bool {
    consent.withdrawn_on.is_some_and(|on| on <= today)
        || taken_back.is_some_and(|(on, id)| (since(consent), consent.id.0) < (on, id))
}

/// Since when a consent that counts does so.
fn since(consent: &Consent) -> Date {
    consent.counts_from().unwrap_or(consent.given_on)
}

/// A signature is more than an affirmative act, never less.
fn in_form(asked: &ConsentForm, consent: &Consent) -> bool {
    match asked {
        ConsentForm::Signed(kind) => {
            matches!(&consent.form, ConsentForm::Signed(signed) if signed == kind)
                && consent.document.is_some()
        }
        ConsentForm::OptIn { .. } => true,
        ConsentForm::Explicit => !matches!(consent.form, ConsentForm::OptIn { .. }),
    }
}

fn in_time(consent: &Consent, event: &str, life: &Life, engagement: Option<EngagementId>) -> bool {
    let Some(engagement) = engagement.or(consent.engagement) else { return true };
    let work = life.works.iter().find(|work| work.engagement == engagement);
    let happened = work
        .and_then(|work| work.milestones.iter().filter(|(name, _)| name == event).map(|(_, on)| *on).min());
    happened.is_none_or(|on| since(consent) <= on)
}

fn objection(policy: &Policy, activity: &Activity, life: &Life, today: Date) -> Standing {
    let marketing = activity.purpose == Purpose::DirectMarketing;
    let mut found = Standing::Stands;
    for objection in life.objections.iter().filter(|objection| in_scope(policy, activity, objection)) {
        if objection.made_on > today || lifted(activity, life, objection, today) {
            continue;
        }
        let since = match objection.upheld_on {
            _ if marketing => Standing::Objected(objection.made_on),
            Some(on) if on <= today => Standing::Objected(on),
            _ => Standing::Disputed(objection.made_on),
        };
        found = match (found, since) {
            (Standing::Objected(a), Standing::Objected(b)) => Standing::Objected(a.min(b)),
            (Standing::Objected(a), _) => Standing::Objected(a),
            (_, new) => new,
        };
    }
    found
}

/// Whether an objection is against what this activity does.
#[must_use]
pub fn in_scope(policy: &Policy, activity: &Activity, objection: &Objection) -> bool {
    let marketing = activity.purpose == Purpose::DirectMarketing;
    match &objection.scope {
        Scope::Purpose(purpose) => *purpose == activity.purpose,
        Scope::Activity(id) => *id == activity.id,
        Scope::AllContact => marketing,
        Scope::Calls => marketing && by_phone_only(policy, activity),
    }
}

fn by_phone_only(policy: &Policy, activity: &Activity) -> bool {
    let phone = |id: &policy::ChannelId| {
        policy.channels.get(id.index()).is_some_and(|channel| channel.means == Means::Phone)
    };
    !activity.channels.is_empty() && activity.channels.iter().all(phone)
}

/// Whether an objection no longer stands against this activity: lifted, or followed by the person's own consent to it.
#[must_use]
pub fn lifted(activity: &Activity, life: &Life, objection: &Objection, today: Date) -> bool {
    objection.lifted_on.is_some_and(|on| on <= today)
        || life.consents.iter().any(|consent| {
            consent.activity == activity.id && consent.counts(today) && since(consent) > objection.made_on
        })
}
