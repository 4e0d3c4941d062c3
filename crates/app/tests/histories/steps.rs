//! What can happen: random acts, each through the same door as staff use, told to the model as a fact. Numbers choose among
//! what the policy declares and who is there, so that a history can be played again, and with steps left out.

use app::acts::document::{NewPiece, Place, Upload};
use app::acts::engagement::{self, AgreedPeriod, NewWork, Payer};
use app::acts::entry::NewNote;
use app::acts::fact::Telling;
use app::acts::person::NewPerson;
use app::acts::request::{Arrived, Outcome, Who};
use app::acts::{self, consent, document, entry, erasure, mailing, objection, request, review};
use app::fault::Fault;
use custody::coverage::Role;
use custody::id::{EngagementId, GroundId, PersonId, RequestId};
use custody::life::Scope;
use custody::refusal::Question;
use jiff::Span;
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::{Basis, Sort};
use store::entry::{Direction, NewEntry};
use store::hold::{self, NewHold};

use super::chance::Chance;
use crate::compare::show;
use crate::house::House;
use crate::office;
use crate::plain::person::{Against, Category, Consent, Form, Objection, Told};
use crate::plain::{Row, used};
use crate::world::{About, Known, Lying, Work, World, is};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    Add,
    Item,
    Category,
    NoCategory,
    NeverWas,
    Start,
    Milestone,
    TakeBack,
    Agree,
    Sign,
    OptIn,
    Withdraw,
    Object,
    Lift,
    Note,
    Shared,
    File,
    Mail,
    Post,
    Hold,
    EndHold,
    Restrict,
    EndRestriction,
    Access,
    Answer,
    Objection,
    Erase,
    Review,
    Fact,
    Confirm,
    Enter,
    Bring,
    TakeOut,
    Adopt,
    Days,
}

impl Deed {
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// One thing that happens; the numbers choose.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub deed: Deed,
    pub a: u64,
    pub b: u64,
    pub c: u64,
}

const OFTEN: &[(Deed, usize)] = &[
    (Deed::Add, 10),
    (Deed::Item, 5),
    (Deed::Category, 4),
    (Deed::NoCategory, 3),
    (Deed::NeverWas, 1),
    (Deed::Start, 9),
    (Deed::Milestone, 12),
    (Deed::TakeBack, 3),
    (Deed::Agree, 2),
    (Deed::Sign, 5),
    (Deed::OptIn, 6),
    (Deed::Withdraw, 4),
    (Deed::Object, 3),
    (Deed::Lift, 2),
    (Deed::Note, 14),
    (Deed::Shared, 4),
    (Deed::File, 8),
    (Deed::Mail, 3),
    (Deed::Post, 2),
    (Deed::Hold, 2),
    (Deed::EndHold, 2),
    (Deed::Restrict, 2),
    (Deed::EndRestriction, 2),
    (Deed::Access, 3),
    (Deed::Answer, 3),
    (Deed::Objection, 2),
    (Deed::Erase, 3),
    (Deed::Review, 3),
    (Deed::Fact, 6),
    (Deed::Confirm, 4),
    (Deed::Enter, 1),
    (Deed::Bring, 3),
    (Deed::TakeOut, 3),
    (Deed::Adopt, 2),
    (Deed::Days, 26),
];

/// So many steps.
pub fn history(chance: &mut Chance, length: usize) -> Vec<Step> {
    let total: usize = OFTEN.iter().map(|(_, weight)| weight).sum();
    let mut steps = Vec::new();
    for at in 0..length {
        let mut left = chance.below(total);
        let mut deed = Deed::Add;
        for (known, weight) in OFTEN {
            if left < *weight {
                deed = *known;
                break;
            }
            left -= weight;
        }
        // Somebody must be there for anything to happen to.
        let deed = if at < 2 { Deed::Add } else { deed };
        steps.push(Step { deed, a: chance.next(), b: chance.next(), c: chance.next() });
    }
    steps
}

pub fn pick<T: Clone>(of: &[T], at: u64) -> Option<T> {
    if of.is_empty() { None } else { of.get(usize::try_from(at % of.len() as u64).unwrap()).cloned() }
}

/// What became of a step.
pub enum Became {
    Done(String),
    /// The program did not take it; nothing may have changed.
    Not(String),
}

/// A fault that a history may meet: the policy or the input says no. Anything else has broken.
pub fn not(fault: Fault) -> Result<Became, String> {
    match fault {
        Fault::Refused(_) | Fault::Invalid(_) | Fault::NotFound | Fault::Changed => {
            Ok(Became::Not(fault.to_string()))
        }
        other => Err(format!("an act broke: {other}")),
    }
}

impl World {
    fn anybody(&self, at: u64) -> Option<i64> {
        pick(&self.people.keys().copied().collect::<Vec<_>>(), at)
    }

    fn on(&self, who: i64) -> Vec<i64> {
        let here = |number: &&i64| {
            self.rows
                .get(&("engagement".to_owned(), **number))
                .is_some_and(|lying| lying.row.people.iter().any(|(about, _)| *about == who))
        };
        self.works.keys().filter(here).copied().collect()
    }

    /// Those the work is for.
    fn clients(&self) -> Vec<(i64, i64)> {
        let mut all = Vec::new();
        for (number, work) in &self.works {
            let first = &self.policy.work_named(&work.kind).unwrap().parts[0].name;
            let client = work.parts.iter().find(|(_, part, _)| part == first).map(|(who, ..)| *who);
            all.extend(client.filter(|who| self.on(*who).contains(number)).map(|who| (*number, who)));
        }
        all
    }
}

fn days_before(day: Date, days: u64) -> Date {
    day.checked_sub(Span::new().days(i64::try_from(days).unwrap())).unwrap()
}

/// Performs a step on the store and in the model. The error is what they disagree on.
pub fn perform(house: &House, world: &mut World, step: &Step, serial: usize) -> Result<Became, String> {
    if step.deed != Deed::Days {
        world.fresh = true;
    }
    let became = act(house, world, step, serial)?;
    let new = show(house, world)?;
    if step.deed == Deed::Bring
        && let Some(imported) = world.imports.last_mut()
        && imported.rows.is_empty()
    {
        imported.rows = new.iter().map(|lying| (lying.row.table.clone(), lying.row.number)).collect();
    }
    if let Became::Not(why) = &became
        && !new.is_empty()
    {
        return Err(format!("refused ({why}), and yet it wrote {new:?}"));
    }
    Ok(became)
}

pub fn done(words: impl Into<String>) -> Result<Became, String> {
    Ok(Became::Done(words.into()))
}

pub fn idle() -> Result<Became, String> {
    Ok(Became::Not("nobody to do it to".to_owned()))
}

fn act(house: &House, world: &mut World, step: &Step, serial: usize) -> Result<Became, String> {
    let Step { deed, a, b, c } = *step;
    let today = world.today;
    let policy = world.policy.clone();
    match deed {
        Deed::Add => add(house, world, step, serial),
        Deed::Bring => office::bring(house, world, step, serial),
        Deed::TakeOut => office::take_out(house, world, step),
        Deed::Adopt => office::adopt(house, world, step),
        Deed::Days => {
            let days = match b % 10 {
                0..4 => 1 + a % 20,
                4..7 => 20 + a % 200,
                7..9 => 200 + a % 500,
                _ => 700 + a % 1500,
            };
            let until = today.checked_add(Span::new().days(i64::try_from(days).unwrap())).unwrap();
            house.nights_until(until).map_err(|fault| format!("the nights until {until}: {fault}"))?;
            let mut said = Vec::new();
            while world.today < until {
                let night = world.today.tomorrow().unwrap();
                world.night(night)?;
                said.append(&mut world.said);
            }
            done(format!("{days} days to {until}; {said:?}"))
        }
        Deed::Item => {
            let Some(who) = world.anybody(a) else { return idle() };
            let kinds: Vec<_> = policy
                .kinds
                .iter()
                .filter(|kind| kind.sort == Sort::Item && kind.name != "organisation")
                .collect();
            let kind = pick(&kinds, b).unwrap().name.clone();
            let theirs = world.rows_of(who);
            let one_only = ["date of birth", "email", "phone"].contains(&kind.as_str());
            if one_only && theirs.iter().any(|lying| lying.row.table == "item" && lying.row.kind == kind) {
                return idle();
            }
            let value = value(&kind, &world.people[&who].word, serial, c);
            let may =
                used::stored(&policy, &world.person(who), &world.people[&who].grounds, &kind, None, today);
            let day = days_before(today, if c % 3 == 0 { c % 40 } else { 0 });
            let told = ("the person", day);
            match house.somebody(|acting, tx| {
                acts::person::add_item(acting, tx, PersonId(who), (&kind, &value), told)
            }) {
                Ok(_) if !may => Err(format!("{kind} of {who} was stored, and no ground lets it be")),
                Ok(_) => done(format!("{who} gives {kind}")),
                Err(Fault::Refused(refusal)) if may && refusal.question != Question::Role => {
                    Err(format!("{kind} of {who} may be stored, and was refused: {}", refusal.because))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Category => {
            let Some(who) = world.anybody(a) else { return idle() };
            let category = pick(&policy.categories, b).unwrap();
            if world.people[&who].facts.is_now(&category.name, today) {
                return idle();
            }
            let given = house.act(|acting, tx| {
                store::person::give_category(
                    tx,
                    &acting.policy,
                    PersonId(who),
                    category.id,
                    today,
                    acting.staff_id(),
                )?;
                acting.settle(tx, PersonId(who)).map(drop)
            });
            given.map_err(|fault| fault.to_string())?;
            let held = Category { name: category.name.clone(), since: today, until: None };
            world.people.get_mut(&who).unwrap().facts.categories.push(held);
            done(format!("{who} is also {}", category.name))
        }
        Deed::NoCategory | Deed::NeverWas => {
            let Some(who) = world.anybody(a) else { return idle() };
            let held: Vec<String> = world.people[&who]
                .facts
                .categories
                .iter()
                .filter(|held| deed == Deed::NeverWas || held.until.is_none())
                .map(|held| held.name.clone())
                .collect();
            let Some(name) = pick(&held, b) else { return idle() };
            let ended = house.act(|acting, tx| {
                match deed {
                    Deed::NeverWas => store::person::annul_category(tx, PersonId(who), &name, acting.now)?,
                    _ => store::person::end_category(tx, PersonId(who), &name, today)?,
                }
                acting.settle(tx, PersonId(who)).map(drop)
            });
            ended.map_err(|fault| fault.to_string())?;
            let categories = &mut world.people.get_mut(&who).unwrap().facts.categories;
            match deed {
                Deed::NeverWas => categories.retain(|held| held.name != name),
                _ => categories
                    .iter_mut()
                    .filter(|held| held.name == name && held.until.is_none())
                    .for_each(|held| held.until = Some(today)),
            }
            done(format!(
                "{who} {} {name}",
                if deed == Deed::NeverWas { "never was" } else { "is no longer" }
            ))
        }
        Deed::Start => start(house, world, step),
        Deed::Milestone => {
            let numbers: Vec<i64> =
                world.works.keys().copied().filter(|number| !players(world, *number).is_empty()).collect();
            let Some(number) = pick(&numbers, a) else { return idle() };
            let names = policy.work_named(&world.works[&number].kind).unwrap().milestones.clone();
            let happened = &world.works[&number].milestones;
            let next: Vec<String> =
                names.into_iter().filter(|name| !happened.iter().any(|(known, _)| known == name)).collect();
            let Some(name) = (if c % 4 == 0 { pick(&next, b) } else { next.first().cloned() }) else {
                return idle();
            };
            let day = days_before(today, if c % 5 == 0 { b % 30 } else { 0 });
            match house
                .somebody(|acting, tx| engagement::record(acting, tx, EngagementId(number), &name, day))
            {
                Ok(()) => {
                    world.works.get_mut(&number).unwrap().milestones.push((name.clone(), day));
                    done(format!("{name} on {day} of {number}"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::TakeBack => {
            let happened: Vec<(i64, String)> = world
                .works
                .iter()
                .filter(|(number, _)| !players(world, **number).is_empty())
                .flat_map(|(number, work)| work.milestones.last().map(|(name, _)| (*number, name.clone())))
                .collect();
            let Some((number, name)) = pick(&happened, a) else { return idle() };
            match house.somebody(|acting, tx| engagement::take_back(acting, tx, EngagementId(number), &name))
            {
                Ok(()) => {
                    world.works.get_mut(&number).unwrap().milestones.retain(|(known, _)| *known != name);
                    done(format!("{name} of {number} is taken back"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Agree => {
            let Some((number, who)) = pick(&world.clients(), a) else { return idle() };
            let kind = policy.work_named(&world.works[&number].kind).unwrap().id;
            let Some(rule) = engagement::agreeable(&policy, kind) else { return idle() };
            let months = i32::try_from(1 + b % 90).unwrap();
            let reason = if c % 2 == 0 { "they asked for it" } else { "" };
            let new = AgreedPeriod { months, reason: reason.to_owned(), by: engagement::agreed_by(rule) };
            match house.somebody(|acting, tx| engagement::agree(acting, tx, EngagementId(number), &new)) {
                Ok(()) => {
                    let period = Span::new().months(months);
                    world.works.get_mut(&number).unwrap().agreed = Some((who, period, !reason.is_empty()));
                    done(format!("{months} months agreed on {number}"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Sign => {
            let Some((number, who)) = pick(&world.clients(), a) else { return idle() };
            let kind = policy.work_named(&world.works[&number].kind).unwrap();
            let Some((activity, form, _)) = consent::asked_for(&policy, kind) else { return idle() };
            let day = days_before(today, if c % 4 == 0 { b % 20 } else { 0 });
            let signed = house.somebody(|acting, tx| {
                let place = Place::Paper("cabinet 1".to_owned());
                consent::sign(acting, tx, EngagementId(number), day, &mut Some(place))
            });
            match signed {
                Ok(id) => {
                    let form = Form::Signed(policy.kind(form).unwrap().name.clone(), true);
                    agreed(
                        world,
                        who,
                        Consent {
                            number: id.0,
                            activity: activity.name.clone(),
                            work: Some(number),
                            form,
                            given: day,
                            withdrawn: None,
                        },
                    );
                    done(format!("{who} signs for {} on {number}", activity.name))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::OptIn => {
            let Some(who) = world.anybody(a) else { return idle() };
            let asked: Vec<_> = policy
                .activities
                .iter()
                .filter(|activity| matches!(&activity.basis, Basis::Consent { form, .. } if !matches!(form, ConsentForm::Signed(_))))
                .collect();
            let Some(activity) = pick(&asked, b) else { return idle() };
            let Basis::Consent { form, .. } = &activity.basis else { return idle() };
            let form = if *form == ConsentForm::Explicit { Form::Explicit } else { Form::OptIn };
            match house.act(|acting, tx| {
                consent::give(acting, tx, PersonId(who), &activity.name, (today, "by letter"))
            }) {
                Ok(id) => {
                    agreed(
                        world,
                        who,
                        Consent {
                            number: id.0,
                            activity: activity.name.clone(),
                            work: None,
                            form,
                            given: today,
                            withdrawn: None,
                        },
                    );
                    done(format!("{who} agrees to {}", activity.name))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Withdraw => {
            let Some(who) = world.anybody(a) else { return idle() };
            let person = world.person(who);
            let standing: Vec<String> = person
                .consents
                .iter()
                .filter(|given| given.withdrawn.is_none())
                .map(|given| given.activity.clone())
                .collect();
            let Some(activity) = pick(&standing, b) else { return idle() };
            match house.somebody(|acting, tx| consent::withdraw(acting, tx, PersonId(who), &activity, None)) {
                Ok(()) => {
                    let consents = &mut world.people.get_mut(&who).unwrap().facts.consents;
                    let theirs = consents
                        .iter_mut()
                        .filter(|given| given.activity == activity && given.withdrawn.is_none());
                    theirs.for_each(|given| given.withdrawn = Some(today));
                    done(format!("{who} takes back {activity}"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Object => {
            let Some(who) = world.anybody(a) else { return idle() };
            let (scope, against) = scope(world, b, c);
            match house.somebody(|acting, tx| {
                objection::record(acting, tx, PersonId(who), &scope, (today, "letter"))
            }) {
                Ok(id) => {
                    objects(world, who, id.0, against.clone());
                    done(format!("{who} objects to {against:?}"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Lift => {
            let Some(who) = world.anybody(a) else { return idle() };
            let person = world.person(who);
            let standing: Vec<Against> = person
                .objections
                .iter()
                .filter(|made| made.lifted.is_none())
                .map(|made| made.against.clone())
                .collect();
            let Some(against) = pick(&standing, b) else { return idle() };
            let scope = of_against(world, &against);
            match house.somebody(|acting, tx| objection::lift(acting, tx, PersonId(who), &scope, today)) {
                Ok(()) => {
                    let known = world.people.get_mut(&who).unwrap();
                    let made = known
                        .facts
                        .objections
                        .iter_mut()
                        .filter(|made| made.against == against && made.lifted.is_none());
                    made.for_each(|made| made.lifted = Some(today));
                    world.lift(who, &against);
                    done(format!("{who} lifts {against:?}"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Note => note(house, world, step),
        Deed::Shared => shared(house, world, step),
        Deed::File => file(house, world, step),
        Deed::Mail => {
            let purposes: Vec<String> =
                mailing::purposes(&policy).into_iter().map(|(activity, _)| activity.name.clone()).collect();
            let Some(activity) = pick(&purposes, a) else { return idle() };
            let sent = house.act(|acting, tx| {
                let id = mailing::begin(acting, tx, &activity)?;
                mailing::write(acting, tx, id, 1, "News", "Here is our news.")?;
                let now = store::mailing::one(tx, id)?.version;
                mailing::send(acting, tx, id, now)
            });
            match sent {
                Ok(count) => done(format!("{count} messages queued under {activity}")),
                Err(fault) => not(fault),
            }
        }
        Deed::Post => {
            let later = house.instance.clock.now().checked_add(jiff::SignedDuration::from_mins(11)).unwrap();
            house.instance.clock.set(later);
            app::jobs::outbox::play(&house.instance).map_err(|fault| fault.to_string())?;
            house.go_to(today);
            done("the post leaves")
        }
        Deed::Hold => {
            let Some(who) = world.anybody(a).filter(|who| !world.people[who].facts.held) else {
                return idle();
            };
            let owner = house.manager.id;
            let review_on = today.checked_add(Span::new().days(90)).unwrap();
            let new = NewHold {
                person: Some(PersonId(who)),
                engagement: None,
                reason: "a claim",
                owner,
                since: today,
                review_on,
            };
            house
                .act(|acting, tx| Ok(hold::place(tx, &new, acting.now)?))
                .map_err(|fault| fault.to_string())?;
            let known = world.people.get_mut(&who).unwrap();
            (known.facts.held, known.marked) = (true, true);
            done(format!("a hold on {who}"))
        }
        Deed::EndHold => {
            let held: Vec<i64> =
                world.people.iter().filter(|(_, known)| known.facts.held).map(|(who, _)| *who).collect();
            let Some(who) = pick(&held, a) else { return idle() };
            let sql = "SELECT id FROM hold WHERE person_id = ?1 AND ended_on IS NULL";
            let ended = house.act(|_, tx| Ok(hold::end(tx, tx.count(sql, &[who.into()])?, today)?));
            ended.map_err(|fault| fault.to_string())?;
            world.people.get_mut(&who).unwrap().facts.held = false;
            done(format!("the hold on {who} ends"))
        }
        Deed::Restrict => {
            let Some(who) = world.anybody(a).filter(|who| !world.people[who].facts.restricted) else {
                return idle();
            };
            match house.act(|acting, tx| {
                erasure::restrict(acting, tx, PersonId(who), None, ("they dispute it", today))
            }) {
                Ok(()) => {
                    let known = world.people.get_mut(&who).unwrap();
                    (known.facts.restricted, known.marked) = (true, true);
                    done(format!("{who} is restricted"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::EndRestriction => {
            let some: Vec<i64> = world
                .people
                .iter()
                .filter(|(_, known)| known.facts.restricted)
                .map(|(who, _)| *who)
                .collect();
            let Some(who) = pick(&some, a) else { return idle() };
            match house.act(|acting, tx| erasure::lift(acting, tx, PersonId(who), "by letter")) {
                Ok(()) => {
                    world.people.get_mut(&who).unwrap().facts.restricted = false;
                    done(format!("the restriction of {who} is lifted"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Access | Deed::Objection => {
            let Some(who) = world.anybody(a) else { return idle() };
            let ask = match deed {
                Deed::Access => "access",
                _ => pick(&["advertising", "no contact"], b).unwrap(),
            };
            let new = Arrived {
                ask: ask.to_owned(),
                who: Who::Held(PersonId(who)),
                received_on: today,
                channel: "letter".to_owned(),
                words: format!("Please, says {}.", world.people[&who].word),
            };
            match house.act(|acting, tx| request::open(acting, tx, &new)) {
                Ok(id) => {
                    let made: Vec<i64> = house.read(|tx| {
                        tx.all(
                            "SELECT id FROM objection WHERE request_id = ?1 ORDER BY id",
                            &[id.0.into()],
                            |row| row.int(0),
                        )
                    });
                    for number in made {
                        let against =
                            if ask == "advertising" { Against::Marketing } else { Against::AllContact };
                        objects(world, who, number, against);
                    }
                    done(format!("{who} asks for {ask}"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Answer => {
            let open: Vec<i64> = world
                .rows
                .values()
                .filter(|lying| lying.about.access_until.is_some())
                .map(|lying| lying.row.number)
                .collect();
            let Some(number) = pick(&open, a) else { return idle() };
            let answered = house.act(|acting, tx| {
                request::noted(acting, tx, RequestId(number), "pack made", "")?;
                request::answer(acting, tx, RequestId(number), Outcome::Done, ("by post", today))
            });
            match answered {
                Ok(_) => done(format!("request {number} is answered")),
                Err(fault) => not(fault),
            }
        }
        Deed::Erase => {
            let Some(who) = world.anybody(a) else { return idle() };
            match house
                .act(|acting, tx| erasure::carry_out(acting, tx, PersonId(who), None, ("they asked", None)))
            {
                Ok(carried) => {
                    request::remove_files(&house.instance, &carried.done.bytes);
                    // The request that the program opens for it lies there before anything is weighed.
                    show_requests(house, world);
                    world.erase(who);
                    done(format!("{who} is erased: {:?}", world.said))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Review => {
            let due: Vec<(i64, String, Option<i64>)> = world
                .people
                .iter()
                .flat_map(|(who, known)| known.grounds.iter().map(|ground| (*who, ground)))
                .filter(|(_, ground)| ground.ended.is_none() && ground.review.is_some())
                .map(|(who, ground)| (who, ground.key.clone(), ground.work))
                .collect();
            let Some((who, key, work)) = pick(&due, a) else { return idle() };
            let sql = "SELECT id FROM ground WHERE person_id = ?1 AND rule = ?2 AND state = 'active'
                AND COALESCE(engagement_id, 0) = ?3";
            let reviewed = house.act(|acting, tx| {
                let ground = tx.count(sql, &[who.into(), key.as_str().into(), work.unwrap_or(0).into()])?;
                review::still_needed(acting, tx, PersonId(who), GroundId(ground))
            });
            match reviewed {
                Ok(()) => {
                    let grounds = &mut world.people.get_mut(&who).unwrap().grounds;
                    let meant = grounds
                        .iter_mut()
                        .filter(|ground| ground.key == key && ground.work == work && ground.ended.is_none());
                    meant.for_each(|ground| ground.reviewed = Some(today));
                    done(format!("{key} of {who} is reviewed"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Fact => {
            let Some(fact) = pick(&policy.facts, a) else { return idle() };
            let kind = fact.work.map(|id| policy.works[id.index()].name.clone());
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
            let later = today.checked_add(Span::new().days(i64::try_from(c % 2000).unwrap())).unwrap();
            let value = pick(&fact.values, c).unwrap_or_else(|| later.to_string());
            let day = days_before(today, if c % 5 == 0 { b % 20 } else { 0 });
            let new = Telling {
                engagement: work.map(EngagementId),
                person: Some(PersonId(who)),
                name: fact.name.clone(),
                value: value.clone(),
                on: day,
            };
            match house.somebody(|acting, tx| acts::fact::tell(acting, tx, &new)) {
                Ok(_) => {
                    let told = Told { name: fact.name.clone(), work, value: value.clone(), on: day };
                    world.people.get_mut(&who).unwrap().facts.told.push(told);
                    done(format!("{} of {who}: {value} since {day}", fact.name))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Confirm => {
            let Some((kind, table, number)) = pick(&world.tasks.iter().cloned().collect::<Vec<_>>(), a)
            else {
                return idle();
            };
            let sql = format!("SELECT id FROM task WHERE kind = ?1 AND {table}_id = ?2 AND done_on IS NULL");
            let confirmed = house.act(|acting, tx| {
                let task = tx.count(&sql, &[kind.into(), number.into()])?;
                acts::task::confirm(acting, tx, custody::id::TaskId(task), (today, "done"))
            });
            match confirmed {
                Ok(found) => {
                    request::remove_files(&house.instance, &found.bytes);
                    world.tasks.remove(&(kind, table.clone(), number));
                    if kind != "mask" {
                        let key = (table, number);
                        let people: Vec<i64> =
                            world.rows[&key].row.people.iter().map(|(who, _)| *who).collect();
                        world.remove(&key);
                        for who in people {
                            world.look_at(who, today);
                            world.leave_if_empty(who);
                        }
                    }
                    done(format!("the task {kind} of {number} is done"))
                }
                Err(fault) => not(fault),
            }
        }
        Deed::Enter => {
            let out: Vec<(i64, String)> = world
                .people
                .iter()
                .flat_map(|(who, known)| known.facts.kept_out.iter().map(|name| (*who, name.clone())))
                .collect();
            let Some((who, name)) = pick(&out, a) else { return idle() };
            match house.act(|acting, tx| acts::person::enter(acting, tx, PersonId(who), &name, "they asked"))
            {
                Ok(()) => {
                    world.people.get_mut(&who).unwrap().facts.kept_out.remove(&name);
                    done(format!("{who} is entered in {name}"))
                }
                Err(fault) => not(fault),
            }
        }
    }
}

fn show_requests(house: &House, world: &mut World) {
    let people: Vec<PersonId> = house.people();
    for (key, row) in house.rows(&people) {
        if key.0 == "request" && !world.rows.contains_key(&key) {
            world.rows.insert(key, Lying { row, written: world.today, about: Default::default() });
        }
    }
}

fn players(world: &World, number: i64) -> Vec<i64> {
    world
        .rows
        .get(&("engagement".to_owned(), number))
        .map_or_else(Vec::new, |lying| lying.row.people.iter().map(|(who, _)| *who).collect())
}

fn agreed(world: &mut World, who: i64, consent: Consent) {
    world.welcome(who, &consent.activity, consent.given);
    let consents = &mut world.people.get_mut(&who).unwrap().facts.consents;
    consents.push(consent);
    consents.sort_by_key(|given| (given.given, given.number));
}

fn objects(world: &mut World, who: i64, number: i64, against: Against) {
    let today = world.today;
    world.suppress(who, &against);
    let made = Objection { number, against, made: today, upheld: None, lifted: None };
    world.people.get_mut(&who).unwrap().facts.objections.push(made);
}

fn scope(world: &World, b: u64, c: u64) -> (Scope, Against) {
    let against = match b % 5 {
        0 => Against::Marketing,
        1 => Against::Calls,
        2 => Against::AllContact,
        _ => Against::Activity(pick(&world.policy.activities, c).unwrap().name.clone()),
    };
    (of_against(world, &against), against)
}

fn of_against(world: &World, against: &Against) -> Scope {
    match against {
        Against::Marketing => Scope::Purpose(Purpose::DirectMarketing),
        Against::Calls => Scope::Calls,
        Against::AllContact => Scope::AllContact,
        Against::Activity(name) => Scope::Activity(world.policy.activity_named(name).unwrap().id),
    }
}

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

fn add(house: &House, world: &mut World, step: &Step, serial: usize) -> Result<Became, String> {
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
    let agreed: Vec<String> = if step.c.is_multiple_of(3) {
        pick(&agreeable, step.b).into_iter().map(|activity| activity.name.clone()).collect()
    } else {
        Vec::new()
    };
    let collected = days_before(world.today, if step.c.is_multiple_of(4) { step.b % 25 } else { 0 });
    let offers = step.c.is_multiple_of(2);
    let new = NewPerson {
        category: category.name.clone(),
        values,
        source: "the person".to_owned(),
        collected_on: Some(collected),
        organisation: None,
        agreed: agreed.clone(),
        offers,
        told: None,
    };
    match house.somebody(|acting, tx| acts::person::add(acting, tx, &new)) {
        Ok(person) => {
            let mut known = Known { word, ..Known::default() };
            known.facts.categories.push(Category {
                name: category.name.clone(),
                since: collected,
                until: None,
            });
            if !offers {
                let out = acts::person::offers(&policy, category.id, None);
                known.facts.kept_out.extend(out.into_iter().map(|activity| activity.name.clone()));
            }
            world.people.insert(person.0, known);
            for name in agreed {
                let sql = "SELECT id FROM consent WHERE person_id = ?1 AND activity = ?2";
                let number = house.read(|tx| tx.count(sql, &[person.0.into(), name.as_str().into()]));
                let activity = policy.activity_named(&name).unwrap();
                let explicit = matches!(&activity.basis, Basis::Consent { form: ConsentForm::Explicit, .. });
                let form = if explicit { Form::Explicit } else { Form::OptIn };
                self::agreed(
                    world,
                    person.0,
                    Consent { number, activity: name, work: None, form, given: collected, withdrawn: None },
                );
            }
            done(format!("{} comes as {}, collected {collected}", person.0, category.name))
        }
        Err(fault) => not(fault),
    }
}

fn start(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let policy = world.policy.clone();
    let Some(kind) = pick(&policy.works, step.a) else { return idle() };
    let today = world.today;
    let mut parts: Vec<(String, PersonId)> = Vec::new();
    for (at, part) in kind.parts.iter().enumerate() {
        let name = &policy.categories[part.category.index()].name;
        let may: Vec<i64> = world
            .people
            .iter()
            .filter(|(_, known)| known.facts.is_now(name, today))
            .map(|(who, _)| *who)
            .collect();
        let who = pick(&may, step.b >> at);
        match who {
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
    } else if kind.paid_by.iter().any(|payer| engagement::is_person(kind_ref(&policy, &kind.name), payer)) {
        Payer::Person
    } else {
        let named = house.act(|acting, tx| Ok(store::organisation::named(tx, "Northbank Ltd", acting.now)?));
        Payer::Organisation(named.map_err(|fault| fault.to_string())?)
    };
    let staff = pick(&house.others, step.c >> 5).map(|account| account.id);
    let new = NewWork { work: kind.name.clone(), parts: parts.clone(), staff, payer, opened_on: today };
    match house.somebody(|acting, tx| engagement::start(acting, tx, &new)) {
        Ok(id) => {
            let parts = parts.into_iter().map(|(part, who)| (who.0, part, today)).collect();
            world
                .works
                .insert(id.0, Work { kind: kind.name.clone(), parts, milestones: Vec::new(), agreed: None });
            done(format!("{} {} begins: {:?}", kind.name, id.0, world.works[&id.0].parts))
        }
        Err(fault) => not(fault),
    }
}

fn kind_ref<'p>(policy: &'p policy::Policy, name: &str) -> &'p policy::Work {
    policy.work_named(name).unwrap()
}

/// Whether a line or a file would be kept for each of these people.
fn keeps(
    world: &mut World,
    whom: &[i64],
    table: &str,
    kind: &str,
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

const WAYS: [Option<Direction>; 4] = [None, Some(Direction::In), Some(Direction::Out), Some(Direction::Both)];

fn note(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let policy = world.policy.clone();
    let Some(who) = world.anybody(step.a) else { return idle() };
    let kinds: Vec<_> = policy.kinds.iter().filter(|kind| kind.sort == Sort::Entry).collect();
    let Some(kind) = pick(&kinds, step.b) else { return idle() };
    let work = if step.c.is_multiple_of(3) { None } else { pick(&world.on(who), step.c >> 2) };
    let direction = pick(&WAYS, step.c >> 4).unwrap();
    let on = days_before(world.today, if step.c.is_multiple_of(7) { step.b % 30 } else { 0 });
    let body = format!("About {}.", world.people[&who].word);
    let would = keeps(world, &[who], "entry", &kind.name, work, direction, on);
    let new = NewNote { kind: kind.name.clone(), body, on, direction, engagement: work.map(EngagementId) };
    let may = would
        && used::stored(
            &policy,
            &world.person(who),
            &world.people[&who].grounds,
            &kind.name,
            work,
            world.today,
        );
    match house.somebody(|acting, tx| entry::add(acting, tx, PersonId(who), &new)) {
        Ok(_) if !may => {
            Err(format!("{} of {who} on {work:?} was stored, and no ground lets it be", kind.name))
        }
        Ok(id) => done(format!("{} {} about {who} on {work:?}, {direction:?} {on}", kind.name, id.0)),
        Err(Fault::Refused(refusal)) if may && refusal.question != Question::Role => Err(format!(
            "{} of {who} on {work:?} may be stored, and was refused: {}",
            kind.name, refusal.because
        )),
        Err(fault) => not(fault),
    }
}

/// A line about two people, which no page writes yet and imports and mail will: stored as the acts store theirs.
fn shared(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let policy = world.policy.clone();
    let (Some(who), Some(other)) = (world.anybody(step.a), world.anybody(step.b)) else { return idle() };
    if who == other {
        return idle();
    }
    let both: Vec<Option<i64>> = world
        .on(who)
        .into_iter()
        .filter(|number| world.on(other).contains(number))
        .map(Some)
        .chain([None])
        .collect();
    let work = pick(&both, step.c).unwrap();
    let may = |who: i64, kind: &str| {
        used::stored(&policy, &world.person(who), &world.people[&who].grounds, kind, work, world.today)
    };
    let kinds: Vec<_> = policy
        .kinds
        .iter()
        .filter(|kind| kind.sort == Sort::Entry && may(who, &kind.name) && may(other, &kind.name))
        .collect();
    let Some(kind) = pick(&kinds, step.c >> 3) else { return idle() };
    let direction = pick(&WAYS, step.c >> 6).unwrap();
    if !keeps(world, &[who, other], "entry", &kind.name, work, direction, world.today) {
        return idle();
    }
    for who in [who, other] {
        world.shared.insert(world.people[&who].word.clone());
    }
    let body = format!("{} and {} met.", world.people[&who].word, world.people[&other].word);
    let role = if step.c.is_multiple_of(2) { Role::Subject } else { Role::Mentioned };
    let today = world.today;
    let engagements: Vec<_> = work.map(|number| (EngagementId(number), None)).into_iter().collect();
    let stored = house.act(|acting, tx| {
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
    let entry = stored.map_err(|fault| fault.to_string())?;
    done(format!("{} {} about {who} and {other} ({role:?}) on {work:?}, {direction:?}", kind.name, entry.0))
}

fn file(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let policy = world.policy.clone();
    let Some((number, who)) = pick(&world.clients(), step.a) else { return idle() };
    let kinds: Vec<_> = policy.kinds.iter().filter(|kind| is(&policy, &kind.name, Sort::Document)).collect();
    let Some(kind) = pick(&kinds, step.b) else { return idle() };
    let may = keeps(world, &[who], "document", &kind.name, Some(number), None, world.today)
        && used::stored(
            &policy,
            &world.person(who),
            &world.people[&who].grounds,
            &kind.name,
            Some(number),
            world.today,
        );
    let text = format!("The file of {}.", world.people[&who].word);
    let today = world.today;
    let paper = step.c.is_multiple_of(3);
    let filed = house.somebody(|acting, tx| {
        let place = match paper {
            true => Place::Paper("cabinet 2".to_owned()),
            false => Place::File(Upload::take("file", text.clone().into_bytes())?),
        };
        let mut piece = NewPiece { kind: kind.name.clone(), on: today, place };
        document::add(acting, tx, EngagementId(number), &mut piece)
    });
    match filed {
        Ok(_) if !may => {
            Err(format!("{} of {who} on {number} was filed, and no ground lets it be", kind.name))
        }
        Ok(id) => done(format!(
            "{} {} of {who} on {number}{}",
            kind.name,
            id.0,
            if paper { ", on paper" } else { "" }
        )),
        Err(Fault::Refused(refusal)) if may && refusal.question != Question::Role => Err(format!(
            "{} of {who} on {number} may be filed, and was refused: {}",
            kind.name, refusal.because
        )),
        Err(fault) => not(fault),
    }
}
