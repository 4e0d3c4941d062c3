//! Steps of saying yes and no: somebody signs, opts in, withdraws, objects and lifts what they objected to, always of their own
//! accord. Objections that come with a request are told by `request`.

use app::acts::document::Place;
use app::acts::{consent, objection};
use custody::id::{EngagementId, PersonId};
use custody::life::Scope;
use jiff::civil::Date;
use policy::Basis;
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::channel::{Channel, Means};

use super::{Became, Step, idle, pick, taken};
use crate::house::House;
use crate::plain::person::{Against, Confirmed, Consent, Form, Objection};
use crate::world::{NOT_SHOWN, World};

/// Tells the model that somebody agreed to an activity, on a piece of work or on none.
pub fn agreed(
    world: &mut World,
    who: i64,
    number: i64,
    (activity, work): (&str, Option<i64>),
    form: Form,
    given: Date,
) {
    let marketing = |activity: &policy::Activity| activity.purpose == Purpose::DirectMarketing;
    if let Some(activity) = world.policy.activity_named(activity).filter(|known| marketing(known)).cloned() {
        let theirs = goes_on(world, who, given);
        let by_number = |channel: &Channel| matches!(channel.means, Means::Phone | Means::Text);
        let mut channels = activity.channels.iter().filter_map(|id| world.policy.channels.get(id.index()));
        let numbers = theirs || channels.any(by_number);
        world.welcome(who, numbers, given);
    }
    let consents = &mut world.facts(who).consents;
    consents.push(Consent {
        number,
        activity: activity.to_owned(),
        work,
        form,
        given,
        withdrawn: None,
        confirmed: Confirmed::NotAsked,
    });
    consents.sort_by_key(|given| (given.given, given.number));
}

/// What was said against marketing before a day, and stands at an e-mail address that somebody has, goes on as their objection when
/// they agree to one thing, and does so where it still stands as one. Whether it is theirs. `show` learns which row says it.
fn goes_on(world: &mut World, who: i64, on: Date) -> bool {
    let said = world.said_at(who);
    let latest = |numbers: bool| {
        let said = said.iter().filter(|(value, since)| *since < on && (numbers || value.contains('@')));
        said.map(|(_, since)| *since).max()
    };
    let Some(last) = latest(true) else { return false };
    let today = world.today;
    let stands = |made: &Objection| {
        made.against == Against::Marketing
            && made.made >= last
            && made.lifted.is_none_or(|lifted| today < lifted)
    };
    if world.person(who).objections.iter().any(stands) {
        return true;
    }
    let Some(made) = latest(false) else { return false };
    let against = Against::Marketing;
    world.facts(who).objections.push(Objection {
        number: NOT_SHOWN,
        against,
        made,
        upheld: None,
        lifted: None,
    });
    true
}

/// Tells the model that somebody objected.
pub fn objects(world: &mut World, who: i64, number: i64, against: Against) {
    let made = world.today;
    world.suppress(who, &against);
    world.facts(who).objections.push(Objection { number, against, made, upheld: None, lifted: None });
}

pub fn sign(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let policy = world.policy.clone();
    let Some((number, who)) = pick(&world.clients(), step.a) else { return idle() };
    let kind = policy.work_named(&world.works[&number].kind).unwrap();
    let Some((activity, form, _)) = consent::asked_for(&policy, kind) else { return idle() };
    let day = world.lately(step.c.is_multiple_of(4), step.b % 20);
    let signed = house.somebody(|acting, tx| {
        let place = Place::Paper("cabinet 1".to_owned());
        consent::sign(acting, tx, EngagementId(number), day, &mut Some(place))
    });
    taken(signed, |id| {
        let form = Form::Signed(policy.kind(form).unwrap().name.clone(), true);
        agreed(world, who, id.0, (&activity.name, Some(number)), form, day);
        format!("{who} signs for {} on {number}", activity.name)
    })
}

pub fn opt_in(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let asked: Vec<(String, Form)> = world
        .policy
        .activities
        .iter()
        .filter_map(|activity| {
            let form = match &activity.basis {
                Basis::Consent { form: ConsentForm::Signed(_), .. } => return None,
                Basis::Consent { form: ConsentForm::Explicit, .. } => Form::Explicit,
                Basis::Consent { .. } => Form::OptIn,
                _ => return None,
            };
            Some((activity.name.clone(), form))
        })
        .collect();
    let Some((activity, form)) = pick(&asked, step.b) else { return idle() };
    let today = world.today;
    let given = house.act(|acting, tx| {
        consent::give(acting, tx, PersonId(who), &activity, consent::Given::said(today, "by letter"))
    });
    taken(given, |id| {
        agreed(world, who, id.0, (&activity, None), form, today);
        format!("{who} agrees to {activity}")
    })
}

pub fn withdraw(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let person = world.person(who);
    let standing = person.consents.iter().filter(|given| given.withdrawn.is_none());
    let standing: Vec<String> = standing.map(|given| given.activity.clone()).collect();
    let Some(activity) = pick(&standing, step.b) else { return idle() };
    let withdrawn =
        house.somebody(|acting, tx| consent::withdraw(acting, tx, PersonId(who), &activity, None));
    taken(withdrawn, |()| {
        let today = world.today;
        let consents = world.facts(who).consents.iter_mut();
        let meant = consents.filter(|given| given.activity == activity && given.withdrawn.is_none());
        meant.for_each(|given| given.withdrawn = Some(today));
        format!("{who} takes back {activity}")
    })
}

pub fn object(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let against = match step.b % 5 {
        0 => Against::Marketing,
        1 => Against::Calls,
        2 => Against::AllContact,
        _ => Against::Activity(pick(&world.policy.activities, step.c).unwrap().name),
    };
    let (scope, today) = (scope(world, &against), world.today);
    let made =
        house.somebody(|acting, tx| objection::record(acting, tx, PersonId(who), &scope, (today, "letter")));
    taken(made, |id| {
        let told = format!("{who} objects to {against:?}");
        objects(world, who, id.0, against);
        told
    })
}

pub fn lift(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let person = world.person(who);
    let standing = person.objections.iter().filter(|made| made.lifted.is_none());
    let standing: Vec<Against> = standing.map(|made| made.against.clone()).collect();
    let Some(against) = pick(&standing, step.b) else { return idle() };
    let (scope, today) = (scope(world, &against), world.today);
    let lifted = house.somebody(|acting, tx| objection::lift(acting, tx, PersonId(who), &scope, today));
    taken(lifted, |()| {
        let objections = world.facts(who).objections.iter_mut();
        let meant = objections.filter(|made| made.against == against && made.lifted.is_none());
        meant.for_each(|made| made.lifted = Some(today));
        world.lift(who, &against);
        format!("{who} lifts {against:?}")
    })
}

fn scope(world: &World, against: &Against) -> Scope {
    match against {
        Against::Marketing => Scope::Purpose(Purpose::DirectMarketing),
        Against::Calls => Scope::Calls,
        Against::AllContact => Scope::AllContact,
        Against::Activity(name) => Scope::Activity(world.policy.activity_named(name).unwrap().id),
    }
}
