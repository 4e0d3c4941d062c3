//! What can happen: random acts, each through the same door as staff use, told to the model as a fact. Numbers choose among
//! what the policy declares and who is there, so that a history can be played again, and with steps left out.

mod consent;
mod entry;
mod keep;
mod person;
mod request;
mod work;

use app::fault::Fault;
use custody::refusal::Question;
use jiff::Span;
use jiff::civil::Date;

use crate::LENGTH;
use crate::chance::Chance;
use crate::compare::show;
use crate::house::House;
use crate::office;
use crate::plain::{Person, used};
use crate::world::{Known, World};

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
    BackUp,
    RestoreAny,
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

/// In so many steps there is one backup, and one restore; of a long history, in which a restore lives through many years, one restore in
/// three times as many.
const RESTORED_AFTER: usize = 20;

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
        let deed = match at % RESTORED_AFTER {
            0 | 1 if at < 2 => Deed::Add,
            8 => Deed::BackUp,
            19 if length < 3 * LENGTH || (at / RESTORED_AFTER).is_multiple_of(3) => Deed::RestoreAny,
            _ => deed,
        };
        steps.push(Step { deed, a: chance.next(), b: chance.next(), c: chance.next() });
    }
    steps
}

pub fn pick<T: Clone>(of: &[T], at: u64) -> Option<T> {
    if of.is_empty() { None } else { of.get(usize::try_from(at % of.len() as u64).unwrap()).cloned() }
}

pub fn days_after(day: Date, days: u64) -> Date {
    day.checked_add(Span::new().days(i64::try_from(days).unwrap())).unwrap()
}

/// What became of a step.
pub enum Became {
    Done(String),
    /// The program did not take it; nothing may have changed.
    Not(String),
}

pub fn done(words: impl Into<String>) -> Result<Became, String> {
    Ok(Became::Done(words.into()))
}

pub fn idle() -> Result<Became, String> {
    Ok(Became::Not("nobody to do it to".to_owned()))
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

/// What an act answered; one that was taken is told to the model.
fn taken<T>(answer: Result<T, Fault>, tell: impl FnOnce(T) -> String) -> Result<Became, String> {
    match answer {
        Ok(answer) => done(tell(answer)),
        Err(fault) => not(fault),
    }
}

/// The same where the model knows whether something may be stored: the program has to say so, too.
fn stored<T>(
    answer: Result<T, Fault>,
    may: bool,
    what: &str,
    tell: impl FnOnce(T) -> String,
) -> Result<Became, String> {
    match answer {
        Ok(_) if !may => Err(format!("{what} was stored, and no ground lets it be")),
        Err(Fault::Refused(refusal)) if may && refusal.question != Question::Role => {
            Err(format!("{what} may be stored, and was refused: {}", refusal.because))
        }
        answer => taken(answer, tell),
    }
}

impl World {
    fn anybody(&self, at: u64) -> Option<i64> {
        pick(&self.people.keys().copied().collect::<Vec<_>>(), at)
    }

    /// Those of whom something is so.
    fn those(&self, are: impl Fn(&Known) -> bool) -> Vec<i64> {
        self.people.iter().filter(|(_, known)| are(known)).map(|(who, _)| *who).collect()
    }

    fn facts(&mut self, who: i64) -> &mut Person {
        &mut self.people.get_mut(&who).unwrap().facts
    }

    /// Those on a piece of work.
    fn players(&self, number: i64) -> Vec<i64> {
        let work = self.rows.get(&("engagement".to_owned(), number));
        work.map_or_else(Vec::new, |lying| lying.row.people.iter().map(|(who, _)| *who).collect())
    }

    /// The work somebody is on.
    fn on(&self, who: i64) -> Vec<i64> {
        self.works.keys().copied().filter(|number| self.players(*number).contains(&who)).collect()
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

    /// Today, or now and then some days ago.
    fn lately(&self, ago: bool, days: u64) -> Date {
        let days = if ago { i64::try_from(days).unwrap() } else { 0 };
        self.today.checked_sub(Span::new().days(days)).unwrap()
    }

    /// Whether something of a kind may be stored about somebody, on a piece of work or on none.
    fn may_store(&self, who: i64, kind: &str, work: Option<i64>) -> bool {
        used::stored(&self.policy, &self.person(who), &self.people[&who].grounds, kind, work, self.today)
    }
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

fn act(house: &House, world: &mut World, step: &Step, serial: usize) -> Result<Became, String> {
    match step.deed {
        Deed::Add => person::add(house, world, step, serial),
        Deed::Item => person::item(house, world, step, serial),
        Deed::Category => person::category(house, world, step),
        Deed::NoCategory => person::no_category(house, world, step),
        Deed::NeverWas => person::never_was(house, world, step),
        Deed::Fact => person::fact(house, world, step),
        Deed::Enter => person::enter(house, world, step),
        Deed::Start => work::start(house, world, step),
        Deed::Milestone => work::milestone(house, world, step),
        Deed::TakeBack => work::take_back(house, world, step),
        Deed::Agree => work::agree(house, world, step),
        Deed::Sign => consent::sign(house, world, step),
        Deed::OptIn => consent::opt_in(house, world, step),
        Deed::Withdraw => consent::withdraw(house, world, step),
        Deed::Object => consent::object(house, world, step),
        Deed::Lift => consent::lift(house, world, step),
        Deed::Note => entry::note(house, world, step),
        Deed::Shared => entry::shared(house, world, step),
        Deed::File => entry::file(house, world, step),
        Deed::Mail => entry::mail(house, world, step),
        Deed::Post => entry::post(house, world),
        Deed::Hold => keep::hold(house, world, step),
        Deed::EndHold => keep::end_hold(house, world, step),
        Deed::Restrict => keep::restrict(house, world, step),
        Deed::EndRestriction => keep::end_restriction(house, world, step),
        Deed::Review => keep::review(house, world, step),
        Deed::Confirm => keep::confirm(house, world, step),
        Deed::Access => request::access(house, world, step),
        Deed::Objection => request::objection(house, world, step),
        Deed::Answer => request::answer(house, world, step),
        Deed::Erase => request::erase(house, world, step),
        Deed::Bring => office::bring(house, world, step, serial),
        Deed::TakeOut => office::take_out(house, world, step),
        Deed::Adopt => office::adopt(house, world, step),
        Deed::Days => days(house, world, step),
        // These are of the house, not in it.
        Deed::BackUp | Deed::RestoreAny => idle(),
    }
}

/// How many days pass before the model is shown what was written in their nights.
const SHOWN_AFTER: u64 = 300;

/// Nights pass, mostly few and now and then years of them.
fn days(house: &House, world: &mut World, step: &Step) -> Result<Became, String> {
    let days = match step.b % 10 {
        0..4 => 1 + step.a % 20,
        4..7 => 20 + step.a % 200,
        7..9 => 200 + step.a % 500,
        _ => 700 + step.a % 1500,
    };
    let until = days_after(world.today, days);
    let mut said = Vec::new();
    while world.today < until {
        // What a night writes is shown to the model before it can have gone again, and what it says to people on the
        // morning after it: grounds open with that.
        let part = until.min(days_after(world.today, SHOWN_AFTER));
        let part =
            house.nights_until_said(part).map_err(|fault| format!("the nights until {part}: {fault}"))?;
        while world.today < part {
            let night = world.today.tomorrow().unwrap();
            world.night(night)?;
            said.append(&mut world.said);
        }
        show(house, world)?;
    }
    done(format!("{days} days to {until}; {said:?}"))
}
