//! Steps that decide how long things stay: holds, restrictions, reviews, and what somebody does by hand when a time is over.

use app::acts::{request, restriction, review, task};
use custody::id::{GroundId, PersonId, TaskId};
use store::hold::{self, NewHold};

use super::{Became, Step, days_after, done, idle, pick, taken};
use crate::house::House;
use crate::world::World;

pub fn hold(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a).filter(|who| !world.people[who].facts.held) else {
        return idle();
    };
    let new = NewHold {
        person: Some(PersonId(who)),
        engagement: None,
        reason: "a claim",
        owner: house.manager.id,
        since: world.today,
        review_on: days_after(world.today, 90),
    };
    let placed = house.act(|acting, tx| Ok(hold::place(tx, &new, acting.now)?));
    placed.map_err(|fault| fault.to_string())?;
    let known = world.people.get_mut(&who).unwrap();
    (known.facts.held, known.marked) = (true, true);
    done(format!("a hold on {who}"))
}

pub fn end_hold(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = pick(&world.those(|known| known.facts.held), step.a) else { return idle() };
    let today = world.today;
    let sql = "SELECT id FROM hold WHERE person_id = ?1 AND ended_on IS NULL";
    let ended = house.act(|_, tx| Ok(hold::end(tx, tx.count(sql, &[who.into()])?, today, "settled", None)?));
    ended.map_err(|fault| fault.to_string())?;
    world.facts(who).held = false;
    done(format!("the hold on {who} ends"))
}

pub fn restrict(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a).filter(|who| !world.people[who].facts.restricted) else {
        return idle();
    };
    let asking = restriction::Asking { why: "they dispute it".into(), ..Default::default() };
    let restricted = house.act(|acting, tx| restriction::place(acting, tx, PersonId(who), &asking));
    taken(restricted, |()| {
        let known = world.people.get_mut(&who).unwrap();
        (known.facts.restricted, known.marked) = (true, true);
        format!("{who} is restricted")
    })
}

pub fn end_restriction(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = pick(&world.those(|known| known.facts.restricted), step.a) else { return idle() };
    taken(
        house.act(|acting, tx| restriction::lift(acting, tx, PersonId(who), ("by letter", "same address"))),
        |()| {
            world.facts(who).restricted = false;
            format!("the restriction of {who} is lifted")
        },
    )
}

/// Something is still needed.
pub fn review(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let due: Vec<(i64, String, Option<i64>)> = world
        .people
        .iter()
        .flat_map(|(who, known)| known.grounds.iter().map(|ground| (*who, ground)))
        .filter(|(_, ground)| ground.ended.is_none() && ground.review.is_some())
        .map(|(who, ground)| (who, ground.key.clone(), ground.work))
        .collect();
    let Some((who, key, work)) = pick(&due, step.a) else { return idle() };
    let sql = "SELECT id FROM ground WHERE person_id = ?1 AND rule = ?2 AND state = 'active'
        AND COALESCE(engagement_id, 0) = ?3";
    let reviewed = house.act(|acting, tx| {
        let ground = tx.count(sql, &[who.into(), key.as_str().into(), work.unwrap_or(0).into()])?;
        review::still_needed(acting, tx, PersonId(who), GroundId(ground), "we work with them")
    });
    taken(reviewed, |()| {
        let today = world.today;
        let grounds = world.people.get_mut(&who).unwrap().grounds.iter_mut();
        let meant =
            grounds.filter(|ground| ground.key == key && ground.work == work && ground.ended.is_none());
        meant.for_each(|ground| ground.reviewed = Some(today));
        format!("{key} of {who} is reviewed")
    })
}

/// Somebody gave back, delivered, destroyed or masked what was owed.
pub fn confirm(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    // What is masked later is by the night.
    let tasks: Vec<_> = world.tasks.iter().filter(|(kind, ..)| *kind != "mask later").cloned().collect();
    let Some((kind, table, number)) = pick(&tasks, step.a) else { return idle() };
    let today = world.today;
    let sql = format!(
        "SELECT id FROM task WHERE kind = ?1 AND {table}_id = ?2 AND done_on IS NULL AND mask IS NULL"
    );
    let confirmed = house.act(|acting, tx| {
        let task = tx.count(&sql, &[kind.into(), number.into()])?;
        task::confirm(acting, tx, TaskId(task), (today, "done"))
    });
    taken(confirmed, |found| {
        request::remove_files(&house.instance, &found.bytes);
        world.tasks.remove(&(kind, table.clone(), number));
        if kind == "deliver" && world.rows[&(table.clone(), number)].row.paper {
            // A copy is delivered: what it was made of still lies there.
            world.certificates.push(today);
            world.tasks.insert(("destroy paper", table, number));
        } else if kind != "mask" {
            // That somebody gave it back, delivered it or destroyed it is certified like what goes by itself.
            world.certificates.push(today);
            let key = (table, number);
            let people: Vec<i64> = world.rows[&key].row.people.iter().map(|(who, _)| *who).collect();
            world.remove(&key);
            for who in people {
                world.look_at(who, today);
                world.leave_if_empty(who);
            }
        }
        format!("the task {kind} of {number} is done")
    })
}
