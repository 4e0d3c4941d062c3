//! Steps about a person themselves: somebody comes, gives a detail, is a client and no longer is, says how something stands.
//! What they consent or object to is in `consent`.

use app::acts;
use app::acts::ending::Ending;
use app::acts::fact::Telling;
use app::acts::person::NewPerson;
use custody::id::{EngagementId, PersonId};
use policy::basis::ConsentForm;
use policy::{Basis, Sort};

use super::consent::agreed;
use super::{Became, Step, days_after, done, idle, pick, stored, taken};
use crate::house::House;
use crate::plain::person::{Category, Form, Told};
use crate::world::{Known, World};

/// A value of a kind, with the person's own word in it.
fn value(kind: &str, word: &str, serial: usize, c: u64) -> String {
    match kind {
        "email" => format!("{word}.{serial}@post.example"),
        "phone" => format!("01632 {:06}", 100_000 + serial),
        "date of birth" => format!("{}-{:02}-{:02}", 1960 + c % 55, 1 + c % 12, 1 + c % 28),
        "name" => word.to_owned(),
        other => format!("{other} of {word}"),
    }
}

pub fn add(house: &House, world: &mut World, step: &Step, serial: usize) -> Result<Became, String> {
    let policy = world.policy.clone();
    if world.people.len() >= 6 {
        return idle();
    }
    let category = pick(&policy.categories, step.a).unwrap();
    let word = format!("Zq{serial}vx");
    let kinds: Vec<_> = acts::person::kinds_for(&policy, &category).iter().collect();
    let mut values = Vec::new();
    for (at, kind) in kinds.iter().enumerate() {
        let kind = policy.kind(*kind).unwrap();
        let wanted =
            matches!(kind.name.as_str(), "name" | "email" | "phone") || (step.b >> (at % 60)) & 3 == 0;
        if wanted && kind.name != "organisation" {
            values.push((kind.name.clone(), value(&kind.name, &word, serial, step.c)));
        }
    }
    let agreeable = acts::person::agreeable(&policy, &category);
    let agrees: Vec<String> = if step.c.is_multiple_of(3) {
        pick(&agreeable, step.b).into_iter().map(|activity| activity.name.clone()).collect()
    } else {
        Vec::new()
    };
    let collected = world.lately(step.c.is_multiple_of(4), step.b % 25);
    let offers = step.c.is_multiple_of(2);
    let new = NewPerson {
        category: category.name.clone(),
        values,
        source: "the person".to_owned(),
        collected_on: Some(collected),
        organisation: None,
        agreed: agrees.clone(),
        shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
        offers,
        told: None,
    };
    taken(house.somebody(|acting, tx| acts::person::add(acting, tx, &new)), |person| {
        let mut known = Known { word, ..Known::default() };
        known.facts.categories.push(Category { name: category.name.clone(), since: collected, until: None });
        if !offers {
            let out = acts::person::offers(&policy, category.id, None);
            known.facts.kept_out.extend(out.into_iter().map(|activity| activity.name.clone()));
        }
        world.people.insert(person.0, known);
        for name in agrees {
            let sql = "SELECT id FROM consent WHERE person_id = ?1 AND activity = ?2";
            let number = house.read(|tx| tx.count(sql, &[person.0.into(), name.as_str().into()]));
            let activity = policy.activity_named(&name).unwrap();
            let explicit = matches!(&activity.basis, Basis::Consent { form: ConsentForm::Explicit, .. });
            let form = if explicit { Form::Explicit } else { Form::OptIn };
            agreed(world, person.0, number, (&name, None), form, collected);
        }
        format!("{} comes as {}, collected {collected}", person.0, category.name)
    })
}

pub fn item(house: &House, world: &mut World, step: &Step, serial: usize) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let of_items = world.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item);
    let kinds: Vec<_> = of_items.filter(|kind| kind.name != "organisation").collect();
    let kind = pick(&kinds, step.b).unwrap().name.clone();
    let theirs = world.rows_of(who);
    let one_only = ["date of birth", "email", "phone"].contains(&kind.as_str());
    if one_only && theirs.iter().any(|lying| lying.row.table == "item" && lying.row.kind == kind) {
        return idle();
    }
    let value = value(&kind, &world.people[&who].word, serial, step.c);
    let may = world.may_store(who, &kind, None);
    let told = ("the person", world.lately(step.c.is_multiple_of(3), step.c % 40));
    let given =
        house.somebody(|acting, tx| acts::person::add_item(acting, tx, PersonId(who), (&kind, &value), told));
    stored(given, may, &format!("{kind} of {who}"), |_| format!("{who} gives {kind}"))
}

pub fn category(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let category = pick(&world.policy.categories, step.b).unwrap();
    let today = world.today;
    if world.people[&who].facts.is_now(&category.name, today) {
        return idle();
    }
    let given = house.act(|acting, tx| {
        let by = acting.staff_id();
        store::person::give_category(tx, &acting.policy, PersonId(who), category.id, today, by)?;
        acting.settle(tx, PersonId(who)).map(drop)
    });
    given.map_err(|fault| fault.to_string())?;
    let held = Category { name: category.name.clone(), since: today, until: None };
    world.facts(who).categories.push(held);
    done(format!("{who} is also {}", category.name))
}

/// Somebody, and something they are or were.
fn somebody_who(world: &World, step: &Step, is: impl Fn(&Category) -> bool) -> Option<(i64, String)> {
    let who = world.anybody(step.a)?;
    let held = world.people[&who].facts.categories.iter().filter(|held| is(held));
    let names: Vec<String> = held.map(|held| held.name.clone()).collect();
    Some((who, pick(&names, step.b)?))
}

pub fn no_category(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    if step.c.is_multiple_of(3) {
        return still_is(house, world, step);
    }
    let Some((who, name)) = somebody_who(world, step, |held| held.until.is_none()) else { return idle() };
    let day = world.lately(step.c.is_multiple_of(5), step.b % 30);
    let over = Ending::NoLonger(name.clone());
    let ended = house.act(|acting, tx| acts::ending::record(acting, tx, PersonId(who), (&over, day)));
    taken(ended, |()| {
        let categories = world.facts(who).categories.iter_mut();
        let meant = categories.filter(|held| held.name == name && held.until.is_none());
        meant.for_each(|held| held.until = Some(day));
        format!("{who} is no longer {name}, since {day}")
    })
}

/// That somebody is no longer what they were held as was a slip.
fn still_is(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some((who, name)) = somebody_who(world, step, |held| held.until.is_some()) else { return idle() };
    let theirs = &world.people[&who].facts.categories;
    let last = theirs.iter().filter(|held| held.name == name).map(|held| held.until).max_by_key(|until| {
        // One that goes on outlasts every end.
        until.map_or(jiff::civil::Date::MAX, |until| until)
    });
    let Some(Some(until)) = last else { return idle() };
    let sql = "SELECT MAX(id) FROM person_category WHERE person_id = ?1 AND category = ?2 AND until = ?3 AND annulled_at IS NULL";
    let values = [who.into(), name.as_str().into(), until.into()];
    let row = house.read(|tx| tx.count(sql, &values));
    let back = house.act(|acting, tx| acts::ending::take_back(acting, tx, PersonId(who), ("category", row)));
    taken(back, |()| {
        let mut categories = world.facts(who).categories.iter_mut();
        let meant = categories.rfind(|held| held.name == name && held.until == Some(until));
        meant.unwrap().until = None;
        format!("{who} is {name} after all")
    })
}

pub fn never_was(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some((who, name)) = somebody_who(world, step, |_| true) else { return idle() };
    let annulled = house.act(|acting, tx| {
        store::person::annul_category(tx, PersonId(who), &name, acting.now)?;
        acting.settle(tx, PersonId(who)).map(drop)
    });
    annulled.map_err(|fault| fault.to_string())?;
    world.facts(who).categories.retain(|held| held.name != name);
    done(format!("{who} never was {name}"))
}

/// How something stands, of a person or of the work for them.
pub fn fact(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Step { a, b, c, .. } = *step;
    let Some(fact) = pick(&world.policy.facts, a) else { return idle() };
    let kind = fact.work.map(|id| world.policy.works[id.index()].name.clone());
    let places: Vec<(Option<i64>, i64)> = match kind {
        Some(kind) => world
            .clients()
            .into_iter()
            .filter(|(number, _)| world.works[number].kind == kind)
            .map(|(number, who)| (Some(number), who))
            .collect(),
        None => world.people.keys().map(|who| (None, *who)).collect(),
    };
    let Some((work, who)) = pick(&places, b) else { return idle() };
    let value = pick(&fact.values, c).unwrap_or_else(|| days_after(world.today, c % 2000).to_string());
    let day = world.lately(c.is_multiple_of(5), b % 20);
    let new = Telling {
        engagement: work.map(EngagementId),
        person: Some(PersonId(who)),
        name: fact.name.clone(),
        value: value.clone(),
        on: day,
    };
    taken(house.somebody(|acting, tx| acts::fact::tell(acting, tx, &new)), |_| {
        let told = Told { name: fact.name.clone(), work, value: value.clone(), on: day };
        world.facts(who).told.push(told);
        format!("{} of {who}: {value} since {day}", fact.name)
    })
}

/// Somebody who was kept out of an activity is entered in it after all.
pub fn enter(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let out: Vec<(i64, String)> = world
        .people
        .iter()
        .flat_map(|(who, known)| known.facts.kept_out.iter().map(|name| (*who, name.clone())))
        .collect();
    let Some((who, name)) = pick(&out, step.a) else { return idle() };
    let entered = house.act(|acting, tx| acts::person::enter(acting, tx, PersonId(who), &name, "they asked"));
    taken(entered, |_| {
        world.facts(who).kept_out.remove(&name);
        format!("{who} is entered in {name}")
    })
}
