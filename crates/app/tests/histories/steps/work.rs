//! Steps of work: it begins, a milestone happens and is taken back, how long its file is kept is agreed. What is written down
//! about it is in `entry`.

use app::acts::engagement::{self, AgreedPeriod, NewWork, Payer};
use custody::id::{EngagementId, PersonId};
use jiff::Span;

use super::{Became, Step, idle, pick, taken};
use crate::house::House;
use crate::world::{Work, World};

pub fn start(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(kind) = pick(&world.policy.works, step.a) else { return idle() };
    let today = world.today;
    let mut parts: Vec<(String, PersonId)> = Vec::new();
    for (at, part) in kind.parts.iter().enumerate() {
        let name = &world.policy.categories[part.category.index()].name;
        let may = world.those(|known| known.facts.is_now(name, today));
        match pick(&may, step.b >> at) {
            Some(who)
                if (at == 0 || (step.c >> at).is_multiple_of(2))
                    && !parts.iter().any(|(_, known)| known.0 == who) =>
            {
                parts.push((part.name.clone(), PersonId(who)));
            }
            None if at == 0 => return idle(),
            _ => {}
        }
    }
    let payer = if kind.paid_by.is_empty() {
        Payer::Nobody
    } else if kind.paid_by.iter().any(|payer| engagement::is_person(&kind, payer)) {
        Payer::Person
    } else {
        let named = house.act(|acting, tx| Ok(store::organisation::named(tx, "Northbank Ltd", acting.now)?));
        Payer::Organisation(named.map_err(|fault| fault.to_string())?)
    };
    let staff = pick(&house.others, step.c >> 5).map(|account| account.id);
    let new = NewWork { work: kind.name.clone(), parts: parts.clone(), staff, payer, opened_on: today };
    taken(house.somebody(|acting, tx| engagement::start(acting, tx, &new)), |id| {
        let parts = parts.into_iter().map(|(part, who)| (who.0, part, today)).collect();
        let work = Work { kind: kind.name.clone(), parts, milestones: Vec::new(), agreed: None };
        let told = format!("{} {} begins: {:?}", kind.name, id.0, work.parts);
        world.works.insert(id.0, work);
        told
    })
}

pub fn milestone(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Step { a, b, c, .. } = *step;
    let numbers: Vec<i64> =
        world.works.keys().copied().filter(|number| !world.players(*number).is_empty()).collect();
    let Some(number) = pick(&numbers, a) else { return idle() };
    let Work { kind, milestones: happened, .. } = &world.works[&number];
    let mut next = world.policy.work_named(kind).unwrap().milestones.clone();
    next.retain(|name| !happened.iter().any(|(known, _)| known == name));
    let Some(name) = (if c.is_multiple_of(4) { pick(&next, b) } else { next.first().cloned() }) else {
        return idle();
    };
    let day = world.lately(c.is_multiple_of(5), b % 30);
    let recorded =
        house.somebody(|acting, tx| engagement::record(acting, tx, EngagementId(number), &name, day));
    taken(recorded, |()| {
        world.works.get_mut(&number).unwrap().milestones.push((name.clone(), day));
        format!("{name} on {day} of {number}")
    })
}

/// The last milestone of some work did not happen.
pub fn take_back(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let happened: Vec<(i64, String)> = world
        .works
        .iter()
        .filter(|(number, _)| !world.players(**number).is_empty())
        .flat_map(|(number, work)| work.milestones.last().map(|(name, _)| (*number, name.clone())))
        .collect();
    let Some((number, name)) = pick(&happened, step.a) else { return idle() };
    let back = house.somebody(|acting, tx| engagement::take_back(acting, tx, EngagementId(number), &name));
    taken(back, |()| {
        world.works.get_mut(&number).unwrap().milestones.retain(|(known, _)| *known != name);
        format!("{name} of {number} is taken back")
    })
}

pub fn agree(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some((number, who)) = pick(&world.clients(), step.a) else { return idle() };
    let kind = world.policy.work_named(&world.works[&number].kind).unwrap().id;
    let Some(rule) = engagement::agreeable(&world.policy, kind) else { return idle() };
    let months = i32::try_from(1 + step.b % 90).unwrap();
    let reason = if step.c.is_multiple_of(2) { "they asked for it" } else { "" };
    let new = AgreedPeriod { months, reason: reason.to_owned(), by: engagement::agreed_by(rule) };
    let agreed = house.somebody(|acting, tx| engagement::agree(acting, tx, EngagementId(number), &new));
    taken(agreed, |()| {
        let period = Span::new().months(months);
        world.works.get_mut(&number).unwrap().agreed = Some((who, period, !reason.is_empty()));
        format!("{months} months agreed on {number}")
    })
}
