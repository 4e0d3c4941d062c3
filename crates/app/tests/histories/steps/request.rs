//! Steps of what somebody asks for: a copy, to see it or to take it elsewhere, no advertising or no contact any more, an answer, erasure.

use app::acts::confirmation::Telling;
use app::acts::erasure;
use app::acts::request::{self, Arrived, Outcome, Who};
use custody::id::{PersonId, RequestId};

use super::consent::objects;
use super::{Became, Step, idle, pick, taken};
use crate::house::House;
use crate::plain::person::Against;
use crate::world::{About, Lying, World};

pub fn access(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    ask(house, world, step, pick(&["access", "portability"], step.b).unwrap())
}

pub fn objection(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    ask(house, world, step, pick(&["advertising", "no contact"], step.b).unwrap())
}

fn ask(house: &House, world: &mut World, step: &Step, ask: &str) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let new = Arrived {
        ask: ask.to_owned(),
        who: Who::Held(PersonId(who)),
        received_on: world.today,
        channel: "letter".to_owned(),
        words: format!("Please, says {}.", world.people[&who].word),
    };
    taken(house.act(|acting, tx| request::open(acting, tx, &new)), |id| {
        let sql = "SELECT id FROM objection WHERE request_id = ?1 ORDER BY id";
        let made: Vec<i64> = house.read(|tx| tx.all(sql, &[id.0.into()], |row| row.int(0)));
        for number in made {
            let against = if ask == "advertising" { Against::Marketing } else { Against::AllContact };
            objects(world, who, number, against);
        }
        format!("{who} asks for {ask}")
    })
}

pub fn answer(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let open = world.rows.values().filter(|lying| lying.about.access_until.is_some());
    let open: Vec<i64> = open.map(|lying| lying.row.number).collect();
    let Some(number) = pick(&open, step.a) else { return idle() };
    let today = world.today;
    let answered = house.act(|acting, tx| {
        app::acts::identity::known(acting, tx, RequestId(number), ("known", today))?;
        request::noted(acting, tx, RequestId(number), "pack made", "")?;
        request::answer(acting, tx, RequestId(number), Outcome::Done, ("by post", today))
    });
    taken(answered, |_| format!("request {number} is answered"))
}

pub fn erase(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let Some(who) = world.anybody(step.a) else { return idle() };
    let why = (erasure::Reason::Asked.known(), None);
    taken(
        house.act(|acting, tx| {
            erasure::carry_out(acting, tx, PersonId(who), None, why, Telling::Already("by letter"))
        }),
        |carried| {
            request::remove_files(&house.instance, &carried.done.bytes);
            // The request that the program opens for it lies there before anything is weighed.
            show_requests(house, world);
            world.erase(who);
            format!("{who} is erased: {:?}", world.said)
        },
    )
}

fn show_requests(house: &House, world: &mut World) {
    for (key, row) in house.rows(&house.people()) {
        if key.0 == "request" && !world.rows.contains_key(&key) {
            world.rows.insert(key, Lying { row, written: world.today, about: About::default() });
        }
    }
}
