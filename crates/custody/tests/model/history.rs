//! Random histories: what happens to a person, a step at a time.

use custody::id::{ConsentId, DocumentId, EngagementId, ObjectionId, PersonId};
use custody::life::{Agreed, Consent, HeldCategory, Life, Objection, OnWork, Scope, State, StopCause};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Policy;
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use proptest::prelude::*;

use crate::common;
use crate::interpreter::{Model, before};

/// One thing that happens, so many days after the last one.
#[derive(Clone, Debug)]
pub struct Step {
    pub days_later: u16,
    /// Whether the nightly jobs ran in between.
    pub sweeps: bool,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Becomes(&'static str),
    IsNoLonger(&'static str),
    NotEntered(&'static str),
    Entered(&'static str),
    NeverWas(&'static str),
    Joins(i64, &'static str),
    Leaves(i64),
    WasNeverOn(i64),
    Milestone(i64, &'static str, u16),
    Undone(i64, &'static str),
    Agrees(i64, i32, bool),
    Signs(i64, bool, u16),
    OptsIn(&'static str),
    Withdraws(&'static str, u16),
    Objects(Scoped, u16),
    Upheld,
    Lifted,
    Event(&'static str, u16),
    Kept(&'static str, bool, bool),
    Closes(&'static str),
    Erased,
    Nothing,
}

/// A scope without the policy's numbers.
#[derive(Clone, Debug)]
pub enum Scoped {
    Marketing,
    Calls,
    AllContact,
    Activity(&'static str),
}

const CATEGORIES: &[&str] =
    &["organisation contact", "coaching client", "associate", "supplier", "supporter"];
const ACTIVITIES: &[&str] = &[
    "coach search",
    "coaching",
    "greetings",
    "enquiries",
    "offers by phone",
    "tailored offers",
    "news for organisations",
    "assignments",
    "associate news",
    "suppliers",
    "supplier news",
    "supporters",
    "correspondence",
    "rights and complaints",
    "proof",
    "incidents",
    "staff access",
];
/// What an import for something else keeps people out of.
const KEPT_OUT_OF: &[&str] =
    &["offers by phone", "tailored offers", "news for organisations", "associate news", "supplier news"];
const RECORDS: &[&str] = &[
    "request record",
    "complaint record",
    "objection record",
    "consent record",
    "message record",
    "paper record",
    "staff record",
    "contact record",
];

fn what() -> impl Strategy<Value = What> {
    let programme = prop_oneof![Just(7_i64), Just(8_i64)];
    let category = proptest::sample::select(CATEGORIES);
    let back = prop_oneof![3 => Just(0_u16), 1 => 0_u16..60];
    prop_oneof![
        4 => category.clone().prop_map(What::Becomes),
        2 => category.clone().prop_map(What::IsNoLonger),
        2 => proptest::sample::select(KEPT_OUT_OF).prop_map(What::NotEntered),
        1 => proptest::sample::select(KEPT_OUT_OF).prop_map(What::Entered),
        1 => category.prop_map(What::NeverWas),
        4 => (programme.clone(), prop_oneof![4 => Just("client"), 1 => Just("coach")]).prop_map(|(on, part)| What::Joins(on, part)),
        1 => programme.clone().prop_map(What::Leaves),
        1 => programme.clone().prop_map(What::WasNeverOn),
        3 => (programme.clone(), proptest::sample::select(&["agreed", "first session", "completed"][..]), back.clone())
            .prop_map(|(on, name, back)| What::Milestone(on, name, back)),
        3 => (programme.clone(), back.clone()).prop_map(|(on, back)| What::Milestone(on, "completed", back)),
        1 => (programme.clone(), proptest::sample::select(&["first session", "completed"][..])).prop_map(|(on, name)| What::Undone(on, name)),
        2 => (programme.clone(), 1_i32..90, any::<bool>()).prop_map(|(on, months, reason)| What::Agrees(on, months, reason)),
        4 => (programme, prop_oneof![6 => Just(true), 1 => Just(false)], back.clone()).prop_map(|(on, document, back)| What::Signs(on, document, back)),
        4 => proptest::sample::select(&["greetings", "supporters"][..]).prop_map(What::OptsIn),
        3 => (proptest::sample::select(&["coaching", "greetings", "supporters"][..]), back.clone()).prop_map(|(of, back)| What::Withdraws(of, back)),
        3 => (scope(), back.clone()).prop_map(|(scope, back)| What::Objects(scope, back)),
        1 => Just(What::Upheld),
        1 => Just(What::Lifted),
        4 => (
            proptest::sample::select(&["contact", "contact", "left the organisation", "phone changes", "asked not to call", "left"][..]),
            back,
        )
            .prop_map(|(name, back)| What::Event(name, back)),
        3 => (proptest::sample::select(RECORDS), any::<bool>(), any::<bool>()).prop_map(|(kind, closed, sent)| What::Kept(kind, closed, sent)),
        2 => proptest::sample::select(&["request record", "complaint record", "paper record"][..]).prop_map(What::Closes),
        1 => Just(What::Erased),
        2 => Just(What::Nothing),
    ]
}

fn scope() -> impl Strategy<Value = Scoped> {
    prop_oneof![
        Just(Scoped::Marketing),
        Just(Scoped::Calls),
        Just(Scoped::AllContact),
        proptest::sample::select(
            &["enquiries", "tailored offers", "assignments", "coaching", "supporters"][..]
        )
        .prop_map(Scoped::Activity),
    ]
}

/// Histories of up to fourteen steps over some years.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let days = prop_oneof![2 => Just(0_u16), 4 => 1_u16..40, 3 => 40_u16..400, 1 => 400_u16..900];
    let step = (days, any::<bool>(), what()).prop_map(|(days_later, sweeps, what)| Step {
        days_later,
        sweeps,
        what,
    });
    proptest::collection::vec(step, 1..14)
}

/// Makes a step a fact of the life.
pub fn apply(policy: &Policy, life: &mut Life, model: &mut Model, step: &Step, today: Date) {
    if model.names.categories.is_empty() {
        model.names.categories =
            CATEGORIES.iter().map(|name| (common::category(policy, name), *name)).collect();
        model.names.activities =
            ACTIVITIES.iter().map(|name| (common::activity(policy, name), *name)).collect();
        model.names.kinds = RECORDS.iter().map(|name| (common::kind(policy, name), *name)).collect();
    }
    let number = i64::try_from(life.consents.len() + life.objections.len() + 1).unwrap();
    let programme = policy.work_named("programme").unwrap().id;
    match &step.what {
        What::Becomes(name) => {
            let category = common::category(policy, name);
            if !life.has(category, today) {
                life.categories.push(HeldCategory { category, since: today, until: None });
            }
        }
        What::IsNoLonger(name) => {
            let category = common::category(policy, name);
            for held in
                life.categories.iter_mut().filter(|held| held.category == category && held.until.is_none())
            {
                held.until = Some(today);
            }
        }
        What::NotEntered(name) => {
            life.not_entered.push(common::activity(policy, name));
            model.out.insert(name);
        }
        What::Entered(name) => {
            let activity = common::activity(policy, name);
            life.not_entered.retain(|out| *out != activity);
            model.out.remove(name);
        }
        What::NeverWas(name) => {
            let category = common::category(policy, name);
            life.categories.retain(|held| held.category != category);
        }
        What::Joins(on, part) => {
            if life.works.iter().all(|work| work.engagement != EngagementId(*on)) {
                life.works.push(OnWork {
                    engagement: EngagementId(*on),
                    work: programme,
                    part: (*part).to_owned(),
                    since: today,
                    until: None,
                    opened_on: today,
                    milestones: Vec::new(),
                    agreed: None,
                });
            }
        }
        What::Leaves(on) => work(life, *on, |work| work.until = work.until.or(Some(today))),
        What::WasNeverOn(on) => life.works.retain(|work| work.engagement != EngagementId(*on)),
        What::Milestone(on, name, back) => work(life, *on, |work| {
            work.milestones.retain(|(known, _)| known != name);
            work.milestones.push(((*name).to_owned(), before(today, *back)));
        }),
        What::Undone(on, name) => work(life, *on, |work| work.milestones.retain(|(known, _)| known != name)),
        What::Agrees(on, months, reason) => work(life, *on, |work| {
            work.agreed =
                Some(Agreed { period: months.months(), reason: reason.then(|| "asked for".to_owned()) });
        }),
        What::Signs(on, document, back) => life.consents.push(Consent {
            id: ConsentId(number),
            activity: common::activity(policy, "coaching"),
            engagement: Some(EngagementId(*on)),
            form: ConsentForm::Signed(common::kind(policy, "consent form")),
            document: document.then_some(DocumentId(number)),
            given_on: before(today, *back),
            lapses_on: None,
            withdrawn_on: None,
            confirm_by: None,
            confirmed_on: None,
        }),
        What::OptsIn(name) => life.consents.push(Consent {
            id: ConsentId(number),
            activity: common::activity(policy, name),
            engagement: None,
            form: ConsentForm::OptIn { asked_with: None, confirmed: None },
            document: None,
            given_on: today,
            lapses_on: None,
            withdrawn_on: None,
            confirm_by: None,
            confirmed_on: None,
        }),
        What::Withdraws(name, back) => {
            let activity = common::activity(policy, name);
            let on = before(today, *back);
            for consent in life
                .consents
                .iter_mut()
                .filter(|consent| consent.activity == activity && consent.withdrawn_on.is_none())
            {
                consent.withdrawn_on = Some(on.max(consent.given_on));
            }
        }
        What::Objects(scope, back) => life.objections.push(Objection {
            id: ObjectionId(number),
            scope: match scope {
                Scoped::Marketing => Scope::Purpose(Purpose::DirectMarketing),
                Scoped::Calls => Scope::Calls,
                Scoped::AllContact => Scope::AllContact,
                Scoped::Activity(name) => Scope::Activity(common::activity(policy, name)),
            },
            made_on: before(today, *back),
            upheld_on: None,
            lifted_on: None,
        }),
        What::Upheld => life
            .objections
            .iter_mut()
            .for_each(|objection| objection.upheld_on = objection.upheld_on.or(Some(today))),
        What::Lifted => life
            .objections
            .iter_mut()
            .for_each(|objection| objection.lifted_on = objection.lifted_on.or(Some(today))),
        What::Event(name, back) => life.events.push(((*name).to_owned(), before(today, *back))),
        What::Kept(name, closed, sent) => {
            let id = i64::try_from(life.records.len()).unwrap();
            let (closed, sent) = (closed.then_some(today), sent.then_some(today));
            life.records.push(common::row(common::kind(policy, name), id, today, closed, sent));
        }
        What::Closes(name) => {
            let kind = common::kind(policy, name);
            for kept in life.records.iter_mut().filter(|kept| kept.datum.kind == kind) {
                kept.closed_on = kept.closed_on.or(Some(today));
            }
        }
        What::Erased => {
            for ground in life.grounds.iter_mut().filter(|ground| ground.active(today)) {
                ground.state = State::Stopped { on: today, cause: StopCause::Erased };
            }
            model.erase(today);
        }
        What::Nothing => {}
    }
    assert_eq!(life.person, PersonId(1));
}

fn work(life: &mut Life, number: i64, change: impl Fn(&mut OnWork)) {
    life.works.iter_mut().filter(|work| work.engagement == EngagementId(number)).for_each(change);
}
