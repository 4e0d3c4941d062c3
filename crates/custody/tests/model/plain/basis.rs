//! Whether what an activity rests on stands for a person on a day, from what they said and signed.

use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::{Basis, ConsentForm};
use policy::channel::Means;
use policy::{Activity, Policy};

use super::calendar::plus;
use super::person::{Against, Confirmed, Consent, Form, Objection, Person};

/// How it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stands {
    Yes,
    /// An objection waits to be decided: stored, and not used.
    Disputed,
    Never,
    Withdrawn(Date),
    /// The first day it no longer stands.
    Lapsed(Date),
    Objected(Date),
}

impl Stands {
    pub fn holds(self) -> bool {
        matches!(self, Self::Yes | Self::Disputed)
    }
}

pub fn stands(
    policy: &Policy,
    person: &Person,
    activity: &Activity,
    work: Option<i64>,
    today: Date,
) -> Stands {
    match &activity.basis {
        Basis::Consent { .. } if consent(policy, person, activity, work, today).is_none() => {
            return why_not(policy, person, activity, work, today);
        }
        Basis::LegitimateInterests { assessed: None, .. } => return Stands::Never,
        _ => {}
    }
    let marketing = activity.purpose == Purpose::DirectMarketing;
    let against = person.objections.iter().filter(|made| {
        made.made <= today
            && aimed_at(policy, activity, &made.against)
            && !lifted(person, activity, made, today)
    });
    let mut disputed = false;
    let mut ended: Option<Date> = None;
    for made in against {
        // Marketing ends with the word; everything else once it is decided so.
        let from = if marketing { Some(made.made) } else { made.upheld.filter(|day| *day <= today) };
        match from {
            Some(day) => ended = Some(ended.map_or(day, |known| known.min(day))),
            None => disputed = true,
        }
    }
    match ended {
        Some(day) => Stands::Objected(day),
        None if disputed => Stands::Disputed,
        None => Stands::Yes,
    }
}

/// Whether an objection is against what the activity does.
pub fn aimed_at(policy: &Policy, activity: &Activity, against: &Against) -> bool {
    let marketing = activity.purpose == Purpose::DirectMarketing;
    match against {
        Against::Marketing | Against::AllContact => marketing,
        Against::Activity(name) => *name == activity.name,
        Against::Calls => {
            let phone = |id: &policy::ChannelId| policy.channels[id.index()].means == Means::Phone;
            marketing && !activity.channels.is_empty() && activity.channels.iter().all(phone)
        }
    }
}

/// Whether it no longer stands: lifted, or the person has agreed to this very activity since.
pub fn lifted(person: &Person, activity: &Activity, made: &Objection, today: Date) -> bool {
    let since = |consent: &Consent| {
        consent.activity == activity.name && heard(consent).is_some_and(|day| day > made.made && day <= today)
    };
    made.lifted.is_some_and(|day| day <= today) || person.consents.iter().any(since)
}

/// The day on which somebody agreed for good: when they said it, or when they confirmed what waited to be confirmed.
pub fn heard(consent: &Consent) -> Option<Date> {
    match consent.confirmed {
        Confirmed::NotAsked => Some(consent.given),
        Confirmed::Waits => None,
        Confirmed::On(day) => Some(if day < consent.given { consent.given } else { day }),
    }
}

/// The consents that could speak for the work, in the form asked, in the order they were given.
fn spoken<'a>(
    policy: &Policy,
    person: &'a Person,
    activity: &Activity,
    work: Option<i64>,
    today: Date,
) -> (Vec<&'a Consent>, Vec<&'a Consent>) {
    let Basis::Consent { form, before } = &activity.basis else { return (Vec::new(), Vec::new()) };
    let all: Vec<&Consent> = person
        .consents
        .iter()
        .filter(|consent| consent.activity == activity.name && heard(consent).is_some_and(|day| day <= today))
        .filter(|consent| {
            before.is_none() || consent.work.is_none() || work.is_none() || consent.work == work
        })
        .collect();
    let fits = all
        .iter()
        .copied()
        .filter(|consent| match form {
            ConsentForm::Signed(kind) => {
                consent.form == Form::Signed(policy.kinds[kind.index()].name.clone(), true)
            }
            ConsentForm::OptIn { .. } => true,
            ConsentForm::Explicit => consent.form != Form::OptIn,
        })
        .collect();
    (all, fits)
}

/// What takes a consent back: the withdrawal on it, or one that came after it was given.
fn taken_back(all: &[&Consent], consent: &Consent, today: Date) -> Option<Date> {
    let withdrawals =
        all.iter().filter_map(|other| Some((other.withdrawn.filter(|day| *day <= today)?, other.number)));
    let last = withdrawals.max();
    let by_later = last.zip(heard(consent)).is_some_and(|(last, day)| (day, consent.number) < last);
    let own = consent.withdrawn.is_some_and(|day| day <= today);
    last.filter(|_| own || by_later).map(|(day, _)| day)
}

/// The last day a consent stands without being given again.
pub fn last_day(policy: &Policy, activity: &Activity, consent: &Consent) -> Option<Date> {
    let rules = policy.rules.iter().filter(|rule| rule.activity == activity.id);
    rules.filter_map(|rule| plus(consent.given, &rule.ask_again.as_ref()?.every)).min()
}

fn in_time(activity: &Activity, person: &Person, consent: &Consent, work: Option<i64>) -> bool {
    let Basis::Consent { before: Some(event), .. } = &activity.basis else { return true };
    let Some(on) = work.or(consent.work).and_then(|number| person.on(number)) else { return true };
    let happened = on.milestones.iter().filter(|(name, _)| name == event).map(|(_, day)| *day).min();
    happened.is_none_or(|day| heard(consent).is_some_and(|heard| heard <= day))
}

/// The consent the activity rests on today, if one stands.
pub fn consent<'a>(
    policy: &Policy,
    person: &'a Person,
    activity: &Activity,
    work: Option<i64>,
    today: Date,
) -> Option<&'a Consent> {
    let (all, fits) = spoken(policy, person, activity, work, today);
    let mut standing = fits.into_iter().filter(|consent| {
        taken_back(&all, consent, today).is_none()
            && last_day(policy, activity, consent).is_none_or(|last| today <= last)
            && in_time(activity, person, consent, work)
    });
    standing.next_back()
}

/// Of consents that do not stand, what ended the last of them.
fn why_not(policy: &Policy, person: &Person, activity: &Activity, work: Option<i64>, today: Date) -> Stands {
    let (all, fits) = spoken(policy, person, activity, work, today);
    let mut why = Stands::Never;
    let mut since = None;
    for consent in fits {
        let lapsed = last_day(policy, activity, consent)
            .filter(|last| *last < today)
            .map(|last| last.tomorrow().unwrap());
        let (day, ended) = match (taken_back(&all, consent, today), lapsed) {
            (Some(back), Some(lapsed)) if lapsed <= back => (Some(lapsed), Stands::Lapsed(lapsed)),
            (Some(back), _) => (Some(back), Stands::Withdrawn(back)),
            (None, Some(lapsed)) => (Some(lapsed), Stands::Lapsed(lapsed)),
            (None, None) => (None, Stands::Never),
        };
        if day >= since {
            (why, since) = (ended, day);
        }
    }
    why
}
