//! Consents: a signed form put on file, an opt-in written down, and taking either back in one step.
//! Nobody here infers a consent: silence and a form without a signature are none.

mod confirming;
mod evidence;
mod receipt;
mod words;

use custody::act::Asked;
use custody::basis;
use custody::id::{ConsentId, DocumentId, EngagementId, PersonId};
use custody::{Gate, Life, Verb};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::{Basis, ConsentForm};
use policy::channel::{Channel, Means};
use policy::{Activity, KindId, Policy, Sort, Work};
use serde_json::json;
use store::Tx;
use store::consent::{self, Evidence, NewConsent, Shows};
use store::question::{self, Asks};
use store::suppression::{self, Forbids, Lifted};
use store::task::{self, Kind};

use super::document::{self, NewPiece, Place};
use super::engagement::{may_run, on_hand};
use super::{Acting, objection};
use crate::fault::Fault;

pub use confirming::{Waiting, behind, forget, may_leave as may_leave_to_confirm, pressed};
pub(in crate::acts) use confirming::{ask as ask_to_confirm, end as end_what_waits};
pub use evidence::{
    Given, NOTE_MAX, OnFile, choices, choices_of_somebody_new, how, on_file, said, said_of_somebody_new,
};
pub use receipt::receipt;

/// The activity of a kind of work that rests on a signed form, with the form and the event it must come before.
#[must_use]
pub fn asked_for<'p>(policy: &'p Policy, work: &Work) -> Option<(&'p Activity, KindId, &'p str)> {
    let whom = work.parts.first()?;
    policy.activities.iter().find_map(|activity| match &activity.basis {
        Basis::Consent { form: ConsentForm::Signed(kind), before: Some(event) }
            if work.milestones.contains(event)
                && activity.for_whom.iter().any(|of| of.category == whom.category) =>
        {
            Some((activity, *kind, event.as_str()))
        }
        _ => None,
    })
}

/// The words somebody agrees to, as a version of the policy states them.
#[must_use]
pub fn wording(policy: &Policy, activity: &Activity) -> String {
    let kinds = custody::refusal::kind_names(policy, activity.kinds);
    match &activity.so_that {
        Some(so_that) => format!("{}: we may keep {kinds}, so that {so_that}.", activity.title),
        None => format!("{}: we may keep {kinds}.", activity.title),
    }
}

/// Puts a signed consent form on file for a piece of work: the form as a file, or where the paper is. What
/// rests on it opens at once.
///
/// # Errors
/// [`Fault::Invalid`] for a day to come, one on which nobody was asked to sign it, a form without file and place, or one
/// signed too late for what the policy asks it before; [`Fault::Refused`] if this role may not.
pub fn sign(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    signed_on: Date,
    place: &mut Option<Place>,
) -> Result<ConsentId, Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    let policy = &acting.policy;
    may_run(acting, Verb::Change, hand.life()?, Some(engagement))?;
    let (activity, kind, before) = asked_for(policy, hand.work).ok_or(Fault::NotFound)?;
    let form = policy.kind(kind).ok_or(Fault::NotFound)?;
    if signed_on > acting.today {
        return Err(Fault::field("signed", "This day has not come yet."));
    }
    let begun = hand.life()?.works.iter().find(|on| on.engagement == engagement);
    if let Some(day) = begun.and_then(|on| on.milestone(before)).filter(|day| signed_on > *day) {
        let day = crate::web::frame::words(day);
        return Err(Fault::field(
            "signed",
            format!("The policy asks for it before {before}, and that was on {day}."),
        ));
    }
    let words = words::on(acting, tx, activity, signed_on, "signed")?;
    let held = place
        .take()
        .ok_or_else(|| Fault::field("place", "Choose the file, or say where the paper is kept."))?;
    let how = match &held {
        Place::File(_) => "signed, scanned",
        Place::Paper(_) => "signed on paper",
        Place::Elsewhere(_) => "signed, and kept elsewhere",
    };
    let mut piece = NewPiece { kind: form.name.clone(), on: signed_on, place: held };
    let written = document::write(acting, tx, &hand, form, &mut piece);
    // The upload goes back, so that an act tried again finds it.
    *place = Some(piece.place);
    let document = written?;
    let new = NewConsent {
        person: hand.client,
        activity: activity.id,
        engagement: Some(engagement),
        form: &ConsentForm::Signed(kind),
        document: Some(document),
        given_on: signed_on,
        lapses_on: None,
        wording: &words.wording,
        notice_version: Some(words.version),
        how,
        evidence: Evidence { shows: Shows::Form, row: Some(document.0), note: None },
        by: acting.staff_id(),
    };
    let consent = consent::record(tx, policy, &new, acting.now)?;
    let life = acting.settle(tx, hand.client)?;
    // The form opens the ground that covers it: decided on the facts with it.
    document::may_store(acting, &life, kind, engagement)?;
    if !basis::standing(policy, activity, &life, Some(engagement), acting.today).stands() {
        return Err(Fault::field(
            "signed",
            "They took back a consent given later than this. Only a form they signed since then counts.",
        ));
    }
    welcome(acting, tx, hand.client, activity, signed_on)?;
    let body = json!({ "engagement": engagement.0, "activity": activity.name, "consent": consent.0, "document": document.0 });
    acting.log(tx, "consent.recorded", &[hand.client], &body)?;
    Ok(consent)
}

/// The person's own later consent to marketing lifts what kept marketing from their addresses and numbers since they objected
/// before. It speaks for what they agreed to and for nothing else: against everything else their word stands as their objection,
/// also where it was kept at their address alone, and at a number it stands where what they agreed to goes by no telephone. That they
/// asked never to be contacted stands until they take it back themselves.
///
/// # Errors
/// Whatever the store says.
pub(super) fn welcome(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    activity: &Activity,
    on: Date,
) -> Result<(), Fault> {
    if activity.purpose != Purpose::DirectMarketing {
        return Ok(());
    }
    let keys = acting.instance.store.keys();
    let said = suppression::of_person(tx, keys, person)?;
    let theirs = objection::goes_on(acting, tx, person, &said, on)?;
    let by_number = |channel: &Channel| matches!(channel.means, Means::Phone | Means::Text);
    let mut channels = activity.channels.iter().filter_map(|id| acting.policy.channels.get(id.index()));
    let lifted = (Forbids::Marketing, Lifted::Before(on));
    suppression::lift_at(tx, keys, person, "email", lifted, on)?;
    if theirs || channels.any(by_number) {
        suppression::lift_at(tx, keys, person, "phone", lifted, on)?;
    }
    Ok(())
}

/// Writes down what somebody said when asked for an opt-in: for a yes in which words, and to whom. Only a yes is a consent; a
/// no only settles the task of asking.
///
/// # Errors
/// [`Fault::NotFound`] if the policy asks no such thing of them; [`Fault::Invalid`] for a day to come, or a yes without what
/// was said.
pub fn answered(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    activity: &str,
    (yes, on): (bool, Date),
    said: &str,
) -> Result<(), Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    let policy = &acting.policy;
    let life = hand.life()?;
    may_run(acting, Verb::Change, life, Some(engagement))?;
    let activity = policy.activity_named(activity).ok_or(Fault::NotFound)?;
    let Basis::Consent { form, .. } = &activity.basis else { return Err(Fault::NotFound) };
    if matches!(form, ConsentForm::Signed(_)) {
        return Err(Fault::NotFound);
    }
    if on > acting.today {
        return Err(Fault::field("answered", "This day has not come yet."));
    }
    if yes {
        let evidence = Evidence { shows: Shows::InPerson, row: None, note: Some(said.trim()) };
        opt_in(acting, tx, life, activity, Given { on, how: "told us when asked", evidence })?;
    }
    for asked in question::of_engagement(tx, engagement)? {
        if asked.answer.is_none() && asked.asks == Asks::OptIn(activity.name.clone()) {
            question::answer(tx, asked.message, yes, on)?;
        }
    }
    let outcome = if yes { "they said yes" } else { "they said no" };
    for open in task::of_engagement(tx, engagement)? {
        if open.kind == Kind::Other && open.what.contains(&activity.title) {
            task::done(tx, open.id, acting.today, acting.staff_id(), Some(outcome))?;
        }
    }
    let body = json!({ "engagement": engagement.0, "activity": activity.name, "yes": yes });
    acting.log(tx, "consent.asked", &[hand.client], &body)
}

/// Records that somebody agreed by an affirmative act of theirs, to an activity that rests on an opt-in or an
/// express consent and on no piece of work, with what shows it.
///
/// # Errors
/// [`Fault::Invalid`] if the activity rests on something else, for a day to come, for one on which the policy in force
/// asked for no such thing, or if nothing shows it.
pub fn give(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    activity: &str,
    given: Given<'_>,
) -> Result<ConsentId, Fault> {
    let consent = write(acting, tx, &acting.life(tx, person)?, activity, given)?;
    acting.settle(tx, person)?;
    ask_to_confirm(acting, tx, person, &consent)?;
    Ok(consent.id)
}

/// What this person may be asked to agree to today by a word or an act of theirs, without a form to sign and no matter on
/// which work.
#[must_use]
pub fn askable<'p>(acting: &'p Acting<'_>, life: &Life) -> Vec<&'p Activity> {
    let theirs = |activity: &&Activity| {
        let whom = activity.for_everyone
            || activity.for_whom.iter().any(|whom| life.has(whom.category, acting.today));
        let asks = matches!(&activity.basis, Basis::Consent { form, before: None } if !matches!(form, ConsentForm::Signed(_)));
        whom && asks
    };
    acting.policy.activities.iter().filter(theirs).collect()
}

/// Writes down what somebody who is here already agreed to, when, and what shows it. Whoever may see them and keep a record
/// of it may: also while their data is restricted, for it is their own word.
///
/// # Errors
/// [`Fault::NotFound`] if they are out of reach; [`Fault::Refused`] if a consent may not be recorded; [`Fault::Invalid`] as
/// [`give`], and if it would not stand today: they said no since, or must be asked again by now.
pub fn agree(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    activity: &str,
    given: Given<'_>,
) -> Result<ConsentId, Fault> {
    let life = acting.life(tx, person)?;
    may_take(acting, &life)?;
    let asked = askable(acting, &life).into_iter().find(|asked| asked.name == activity);
    let asked = asked.ok_or_else(|| {
        Fault::field(
            "activity",
            "Choose what they agreed to. What is agreed to by a signed form is put on file with the work.",
        )
    })?;
    let consent = write(acting, tx, &life, activity, given)?;
    let life = acting.settle(tx, person)?;
    if consent.counts_from().is_none() {
        ask_to_confirm(acting, tx, person, &consent)?;
        return Ok(consent.id);
    }
    if !basis::standing(&acting.policy, asked, &life, None, acting.today).stands() {
        return Err(Fault::field(
            "agreed",
            "This would not stand: they said no since, or it was so long ago that they must be asked again. Only a later yes counts.",
        ));
    }
    Ok(consent.id)
}

/// Whether whoever acts may write a consent of this person down.
///
/// # Errors
/// [`Fault::NotFound`] if they are out of reach; [`Fault::Refused`] naming the clause.
pub fn may_take(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    // Also of whom nothing is in use yet, or any more: a yes is what may bring it into use.
    let recorded = may_record(acting, life);
    if recorded.is_err() {
        let items =
            acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item).map(|kind| kind.id).collect();
        let list = super::person::act(Verb::List, None, Asked::WhatMayBeSeen(items));
        acting.decide(&list, &[life], &Gate::default()).map_err(|_| Fault::NotFound)?;
    }
    recorded
}

/// [`give`] without settling, which the caller does.
///
/// # Errors
/// As [`give`].
pub(super) fn write(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    activity: &str,
    given: Given<'_>,
) -> Result<custody::life::Consent, Fault> {
    let policy = &acting.policy;
    let activity = policy.activity_named(activity).ok_or(Fault::NotFound)?;
    if !matches!(&activity.basis, Basis::Consent { form, .. } if !matches!(form, ConsentForm::Signed(_))) {
        return Err(Fault::field("agreed", "What they agreed to does not rest on an opt-in."));
    }
    if given.on > acting.today {
        return Err(Fault::field("agreed", "This day has not come yet."));
    }
    record_opt_in(acting, tx, life, activity, given)
}

/// Writes an opt-in down with the words it was given to, and settles. The caller knows that it may be given so.
///
/// # Errors
/// [`Fault::Refused`] if a consent may not be recorded; [`Fault::NotFound`] if the activity rests on no opt-in;
/// [`Fault::Invalid`] if the policy of that day asked for none.
pub fn opt_in(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    activity: &Activity,
    given: Given<'_>,
) -> Result<ConsentId, Fault> {
    let consent = record_opt_in(acting, tx, life, activity, given)?;
    acting.settle(tx, life.person)?;
    ask_to_confirm(acting, tx, life.person, &consent)?;
    Ok(consent.id)
}

/// Renews a consent that stands: the same words agreed to again, in the form it was given in, for what it was given for.
///
/// # Errors
/// [`Fault::NotFound`] if none stands; [`Fault::Refused`] if a consent may not be recorded.
pub(super) fn renew(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    (activity, engagement): (&Activity, Option<EngagementId>),
    given: Given<'_>,
) -> Result<(), Fault> {
    let policy = &acting.policy;
    let stands = basis::standing_consent(policy, activity, life, engagement, acting.today);
    let stands = stands.ok_or(Fault::NotFound)?;
    let of = (stands.engagement, stands.document);
    let consent = record(acting, tx, life, activity, of, given)?;
    acting.settle(tx, life.person)?;
    ask_to_confirm(acting, tx, life.person, &consent)
}

fn record_opt_in(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    activity: &Activity,
    given: Given<'_>,
) -> Result<custody::life::Consent, Fault> {
    record(acting, tx, life, activity, (None, None), given)
}

fn record(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    activity: &Activity,
    (engagement, document): (Option<EngagementId>, Option<DocumentId>),
    Given { on, how, evidence }: Given<'_>,
) -> Result<custody::life::Consent, Fault> {
    let policy = &acting.policy;
    let Basis::Consent { form, .. } = &activity.basis else { return Err(Fault::NotFound) };
    may_record(acting, life)?;
    evidence::check(acting, tx, life, form, &evidence)?;
    let words = words::on(acting, tx, activity, on, "agreed")?;
    let new = NewConsent {
        person: life.person,
        activity: activity.id,
        engagement,
        form,
        document,
        given_on: on,
        lapses_on: None,
        wording: &words.wording,
        notice_version: Some(words.version),
        how,
        evidence,
        by: acting.staff_id(),
    };
    let id = consent::record(tx, policy, &new, acting.now)?;
    let (confirm_by, confirmed_on) = match confirming::asked(acting, form, &evidence)? {
        Some((by, confirmed_on)) => {
            consent::to_confirm(tx, id, by, confirmed_on)?;
            (Some(by), confirmed_on)
        }
        None => (None, None),
    };
    if confirm_by.is_none() || confirmed_on.is_some() {
        welcome(acting, tx, life.person, activity, on)?;
    }
    let body = json!({ "activity": activity.name, "consent": id.0 });
    acting.log(tx, "consent.recorded", &[life.person], &body)?;
    Ok(custody::life::Consent {
        id,
        activity: activity.id,
        engagement,
        form: form.clone(),
        document,
        given_on: on,
        lapses_on: None,
        withdrawn_on: None,
        confirm_by,
        confirmed_on,
    })
}

pub(super) fn may_record(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    let Some(kind) = acting.policy.kind_named("consent record") else { return Ok(()) };
    let kinds = Asked::Exactly([kind.id].into_iter().collect());
    acting.decide(&super::person::act(Verb::Store, None, kinds), &[life], &Gate::default())?;
    Ok(())
}

/// Takes back what somebody agreed to, at once: on one piece of work, or wherever they did. Whoever may see
/// them may write that down, as easily as it was given (UK GDPR Art 7(3)).
///
/// # Errors
/// [`Fault::NotFound`] if they are out of reach or agreed to no such thing.
pub fn withdraw(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    activity: &str,
    engagement: Option<EngagementId>,
) -> Result<(), Fault> {
    let life = acting.life(tx, person)?;
    super::engagement::reading(acting, &[&life]).map_err(|_| Fault::NotFound)?;
    take_back(acting, tx, person, (activity, engagement))
}

/// The same for whoever answers what they ask, and may.
pub(super) fn take_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    (activity, engagement): (&str, Option<EngagementId>),
) -> Result<(), Fault> {
    let activity = acting.policy.activity_named(activity).ok_or(Fault::NotFound)?;
    let by = super::actor_words(&acting.actor);
    let how = if acting.staff_id().is_some() { "told us" } else { by.as_str() };
    if consent::withdraw(tx, person, &activity.name, engagement, acting.today, how)? == 0 {
        return Err(Fault::NotFound);
    }
    acting.settle(tx, person)?;
    let body = json!({ "activity": activity.name, "engagement": engagement.map(|id| id.0) });
    acting.log(tx, "consent.withdrawn", &[person], &body)
}

/// A consent that stands today, as the person's page shows it.
pub struct Standing {
    /// Its row.
    pub id: ConsentId,
    /// The activity's name.
    pub activity: String,
    /// Its title.
    pub title: String,
    /// On which work, where it is for one piece only.
    pub engagement: Option<EngagementId>,
    /// Given.
    pub given_on: Date,
    /// The last day on which it stands unless it is renewed, where the policy asks again.
    pub until: Option<Date>,
}

/// What a person has agreed to and not taken back.
#[must_use]
pub fn standing(acting: &Acting<'_>, life: &Life) -> Vec<Standing> {
    let mut found: Vec<Standing> = Vec::new();
    for given in life.consents.iter().filter(|given| given.given_on <= acting.today) {
        let Some(activity) = acting.policy.activity(given.activity) else { continue };
        let stands = basis::standing_consent(&acting.policy, activity, life, given.engagement, acting.today);
        if stands.is_some_and(|stands| stands.id == given.id) {
            found.push(Standing {
                id: given.id,
                activity: activity.name.clone(),
                title: activity.title.clone(),
                engagement: given.engagement,
                given_on: given.given_on,
                until: basis::last_day(&acting.policy, activity, given),
            });
        }
    }
    found
}
