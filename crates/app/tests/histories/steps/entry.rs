//! Steps that write something down or send it: lines about one person and about two, files, a mailing and the post.

use app::acts::document::{self, NewPiece, Place, Upload};
use app::acts::entry::{self, NewNote};
use app::acts::mailing;
use custody::coverage::Role;
use custody::id::{EngagementId, PersonId};
use jiff::civil::Date;
use policy::{Kind, Sort};
use store::entry::{Direction, NewEntry};

use super::{Became, Step, done, idle, pick, stored, taken};
use crate::house::House;
use crate::plain::Row;
use crate::world::{About, Lying, World};

const WAYS: [Option<Direction>; 4] = [None, Some(Direction::In), Some(Direction::Out), Some(Direction::Both)];

fn kinds(world: &World, sort: Sort) -> Vec<Kind> {
    world.policy.kinds.iter().filter(|kind| kind.sort == sort).cloned().collect()
}

/// Whether a line or a file would be kept for each of these people.
fn keeps(
    world: &mut World,
    whom: &[i64],
    (table, kind): (&str, &str),
    work: Option<i64>,
    direction: Option<Direction>,
    on: Date,
) -> bool {
    let direction = direction.map(|way| match way {
        Direction::In => "in".to_owned(),
        Direction::Out => "out".to_owned(),
        Direction::Both => "both".to_owned(),
    });
    let row = Row {
        table: table.to_owned(),
        number: -1,
        kind: kind.to_owned(),
        people: whom.iter().map(|who| (*who, true)).collect(),
        works: work.map(|number| (number, None)).into_iter().collect(),
        paper: false,
    };
    let about = About { on: Some(on), direction, ..About::default() };
    let lying = Lying { row, written: world.today, about };
    whom.iter().all(|who| world.would_keep(*who, &lying))
}

pub fn note(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let Some(kind) = pick(&kinds(world, Sort::Entry), step.b) else { return idle() };
    let work = if step.c.is_multiple_of(3) { None } else { pick(&world.on(who), step.c >> 2) };
    let direction = pick(&WAYS, step.c >> 4).unwrap();
    let on = world.lately(step.c.is_multiple_of(7), step.b % 30);
    let body = format!("About {}.", world.people[&who].word);
    let new = NewNote { kind: kind.name.clone(), body, on, direction, engagement: work.map(EngagementId) };
    let may = keeps(world, &[who], ("entry", &kind.name), work, direction, on)
        && world.may_store(who, &kind.name, work);
    let noted = house.somebody(|acting, tx| entry::add(acting, tx, PersonId(who), &new));
    stored(noted, may, &format!("{} of {who} on {work:?}", kind.name), |id| {
        format!("{} {} about {who} on {work:?}, {direction:?} {on}", kind.name, id.0)
    })
}

/// A line about two people, which no page writes yet and imports and mail will: stored as the acts store theirs.
pub fn shared(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let (Some(who), Some(other)) = (world.anybody(step.a), world.anybody(step.b)) else { return idle() };
    if who == other {
        return idle();
    }
    let theirs = world.on(other);
    let mut both: Vec<Option<i64>> = world.on(who).into_iter().map(Some).collect();
    both.retain(|number| number.is_none_or(|number| theirs.contains(&number)));
    both.push(None);
    let work = pick(&both, step.c).unwrap();
    let mut kinds = kinds(world, Sort::Entry);
    kinds.retain(|kind| [who, other].iter().all(|who| world.may_store(*who, &kind.name, work)));
    let Some(kind) = pick(&kinds, step.c >> 3) else { return idle() };
    let direction = pick(&WAYS, step.c >> 6).unwrap();
    let today = world.today;
    if !keeps(world, &[who, other], ("entry", &kind.name), work, direction, today) {
        return idle();
    }
    for who in [who, other] {
        world.shared.insert(world.people[&who].word.clone());
    }
    let body = format!("{} and {} met.", world.people[&who].word, world.people[&other].word);
    let role = if step.c.is_multiple_of(2) { Role::Subject } else { Role::Mentioned };
    let engagements: Vec<_> = work.map(|number| (EngagementId(number), None)).into_iter().collect();
    let written = house.act(|acting, tx| {
        let people = [(PersonId(who), Role::Subject), (PersonId(other), role)];
        let new = NewEntry {
            kind: kind.id,
            on: today,
            direction,
            body: &body,
            source: "staff",
            import: None,
            people: &people,
            engagements: &engagements,
            author: acting.staff_id(),
        };
        let entry = store::entry::add(tx, &acting.policy, &new, acting.now)?;
        acting.settle(tx, PersonId(who))?;
        acting.settle(tx, PersonId(other))?;
        Ok(entry)
    });
    let entry = written.map_err(|fault| fault.to_string())?;
    done(format!("{} {} about {who} and {other} ({role:?}) on {work:?}, {direction:?}", kind.name, entry.0))
}

/// A piece for the file of some work, on paper or not.
pub fn file(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some((number, who)) = pick(&world.clients(), step.a) else { return idle() };
    let Some(kind) = pick(&kinds(world, Sort::Document), step.b) else { return idle() };
    let today = world.today;
    let may = keeps(world, &[who], ("document", &kind.name), Some(number), None, today)
        && world.may_store(who, &kind.name, Some(number));
    let text = format!("The file of {}.", world.people[&who].word);
    let paper = step.c.is_multiple_of(3);
    let filed = house.somebody(|acting, tx| {
        let place = match paper {
            true => Place::Paper("cabinet 2".to_owned()),
            false => Place::File(Upload::take("file", text.clone().into_bytes())?),
        };
        let mut piece = NewPiece { kind: kind.name.clone(), on: today, place };
        document::add(acting, tx, EngagementId(number), &mut piece)
    });
    stored(filed, may, &format!("{} of {who} on {number}", kind.name), |id| {
        let place = if paper { ", on paper" } else { "" };
        format!("{} {} of {who} on {number}{place}", kind.name, id.0)
    })
}

/// A mailing to everybody under some activity; the post takes it later.
pub fn mail(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let purposes = mailing::purposes(&world.policy).into_iter();
    let purposes: Vec<String> = purposes.map(|(activity, _)| activity.name.clone()).collect();
    let Some(activity) = pick(&purposes, step.a) else { return idle() };
    let sent = house.act(|acting, tx| {
        let id = mailing::begin(acting, tx, &activity)?;
        mailing::write(acting, tx, id, 1, "News", "Here is our news.")?;
        let now = store::mailing::one(tx, id)?.version;
        mailing::send(acting, tx, id, now)
    });
    taken(sent, |()| format!("a mailing queued under {activity}"))
}

pub fn post(house: &House, world: &World) -> Result<Became, String> {
    let later = house.instance.clock.now().checked_add(jiff::SignedDuration::from_mins(11)).unwrap();
    house.instance.clock.set(later);
    app::jobs::outbox::play(&house.instance).map_err(|fault| fault.to_string())?;
    house.go_to(world.today);
    done("the post leaves")
}
