//! Asking of one number, just before somebody calls it, whoever answers for a register. The number goes to a service only if the policy
//! names it as a processor that may hold it, and that it went is written down; what was answered is kept like a look into a list, and
//! grows stale like one. No answer is no check.

use custody::act::Asked;
use custody::id::{OrganisationId, PersonId};
use custody::{Act, Gate, Grant, Life, Verb};
use jiff::civil::Date;
use policy::KindSet;
use policy::channel::Screening;
use policy::law::uk;
use policy::policy::Processor;
use policy::role::Deed;
use serde_json::json;
use store::call::Line;
use store::disclosure::NewDisclosure;
use store::item::Item;
use store::normal;
use store::{Tx, call, item};

use super::{Acting, call as calls, disclosure, person};
use crate::checker::{self, Said};
use crate::config::Checker;
use crate::fault::Fault;
use crate::print::copy;

/// What is to be asked, of whom.
#[derive(Clone, Debug)]
pub struct Question {
    /// About which register.
    register: String,
    /// Of which number, E.164.
    number: String,
    checker: Checker,
    today: Date,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Answer {
    register: String,
    number: String,
    said: Option<Said>,
}

impl Answer {
    /// Whether there was one.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.said.is_some()
    }
}

impl Question {
    /// Asks. It blocks until there is an answer, or until none will come.
    #[must_use]
    pub fn ask(self) -> Answer {
        let said = checker::ask(&self.checker, &self.number, self.today);
        Answer { register: self.register, number: self.number, said }
    }
}

/// What is to be asked about a person's number before it can be called: of each register of which nothing is known that is new
/// enough and that somebody answers for. Where the number leaves the house, that is written down here, before it does.
///
/// # Errors
/// [`Fault::Refused`] if the role may not call, or the policy does not let whoever answers have the number.
pub fn questions(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Vec<Question>, Fault> {
    acting.must(Deed::Call)?;
    let (_, screening) = calls::way(&acting.policy).ok_or(Fault::NotFound)?;
    let life = acting.life(tx, person)?;
    calls::may_note(acting, &life)?;
    let at = calls::called_at(acting, tx, person)?;
    let mut phones: Vec<Item> = item::of_person(tx, &acting.policy, person)?;
    phones.retain(|item| Some(item.id) == at);
    let mut questions = Vec::new();
    for register in &screening.registers {
        let Some(checker) = acting.instance.config.screening.get(register) else { continue };
        let Some((phone, grant, processor)) = may_ask(acting, &life, &phones, checker)? else { continue };
        let Some(number) = normal::phone(&copy::text(&phone.value, &grant)?) else { continue };
        if new_enough(acting, tx, screening, (register, &number))? {
            continue;
        }
        acting.opens("number.asked", &grant);
        if let Some(processor) = processor {
            told(acting, tx, &life, processor, [phone.kind].into_iter().collect())?;
        }
        let body = json!({ "register": register, "processor": processor.map(|processor| &processor.name) });
        acting.log(tx, "number.asked", &[person], &body)?;
        questions.push(Question {
            register: register.clone(),
            number,
            checker: checker.clone(),
            today: acting.today,
        });
    }
    Ok(questions)
}

/// The same about a company's own number, which is nobody's: there is nobody about whom anything is to be written down.
///
/// # Errors
/// [`Fault::Refused`] if the role may not call, or nothing may go to whoever answers.
pub fn of_company(acting: &Acting<'_>, tx: &Tx<'_>, number: &str) -> Result<Vec<Question>, Fault> {
    acting.must(Deed::Call)?;
    let (_, screening) = calls::way(&acting.policy).ok_or(Fault::NotFound)?;
    let Some(number) = normal::phone(number) else { return Ok(Vec::new()) };
    let mut questions = Vec::new();
    for register in &screening.registers {
        let Some(checker) = acting.instance.config.screening.get(register) else { continue };
        if new_enough(acting, tx, screening, (register, &number))? {
            continue;
        }
        if let Some(processor) = &checker.processor {
            custody::decide::may_receive(&acting.policy, processor, acting.today)?;
        }
        questions.push(Question {
            register: register.clone(),
            number: number.clone(),
            checker: checker.clone(),
            today: acting.today,
        });
    }
    Ok(questions)
}

/// Whether something is known of a number that is new enough to be called on.
fn new_enough(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    screening: &Screening,
    (register, number): (&str, &str),
) -> Result<bool, Fault> {
    let known = call::known(tx, register, number)?;
    Ok(known.is_some_and(|(dated, _)| uk::screening_valid(dated, acting.today, screening.fewer_than_days)))
}

/// The number, leave to open it for whoever answers, and who that is where it is another organisation.
type Asking<'a> = (&'a Item, Grant, Option<&'a Processor>);

/// The number that is called, with leave to open it for whoever answers; nothing if none of theirs is held.
fn may_ask<'a>(
    acting: &'a Acting<'_>,
    life: &Life,
    phones: &'a [Item],
    checker: &Checker,
) -> Result<Option<Asking<'a>>, Fault> {
    let Some(phone) = phones.first() else { return Ok(None) };
    let processor = match &checker.processor {
        None => None,
        Some(name) => {
            Some(acting.policy.processors.iter().find(|known| known.name == *name).ok_or_else(|| {
                let words = format!(
                    "The policy names no processor called \u{201c}{name}\u{201d}, who is to answer here."
                );
                Fault::field("phone", words)
            })?)
        }
    };
    let act = Act {
        recipient: processor.map(|processor| processor.name.clone()),
        ..person::act(
            if processor.is_some() { Verb::Disclose } else { Verb::Read },
            Some(Deed::Call),
            Asked::Exactly([phone.kind].into_iter().collect()),
        )
    };
    let grant = acting.decide(&act, &[life], &Gate::default())?;
    Ok(Some((phone, grant, processor)))
}

/// Writes down that the number went to whoever answers.
fn told(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    processor: &Processor,
    kinds: KindSet,
) -> Result<(), Fault> {
    let (way, _) = calls::way(&acting.policy).ok_or(Fault::NotFound)?;
    let new = NewDisclosure {
        person: life.person,
        recipient: &processor.name,
        recipient_person: None,
        kinds,
        activity: &way.activity.name,
        reason: &processor.does,
        engagement: None,
        safeguard: processor.safeguard.as_deref(),
        place: Some(&processor.place),
        on: acting.today,
        by: acting.staff_id(),
    };
    disclosure::write(acting, tx, life, &new).map(drop)
}

/// Keeps what was answered of a person's number.
///
/// # Errors
/// [`Fault::Refused`] if the role may not call, or nothing may be written down about them.
pub fn answered(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, answers: &[Answer]) -> Result<(), Fault> {
    acting.must(Deed::Call)?;
    calls::may_note(acting, &acting.life(tx, person)?)?;
    keep(acting, tx, Line { person: Some(person), organisation: None }, answers)?;
    if answers.iter().any(Answer::is_there) {
        acting.settle(tx, person)?;
    }
    Ok(())
}

/// The same of a company's.
///
/// # Errors
/// [`Fault::Refused`] if the role may not call.
pub fn answered_of_company(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    organisation: OrganisationId,
    answers: &[Answer],
) -> Result<(), Fault> {
    acting.must(Deed::Call)?;
    keep(acting, tx, Line { person: None, organisation: Some(organisation) }, answers)
}

fn keep(acting: &Acting<'_>, tx: &Tx<'_>, line: Line, answers: &[Answer]) -> Result<(), Fault> {
    let people: Vec<PersonId> = line.person.into_iter().collect();
    for answer in answers {
        let Some(said) = answer.said else { continue };
        let what = (answer.register.as_str(), said.dated, said.listed);
        let when = (acting.staff_id(), acting.today, acting.now);
        call::answered(tx, line, &answer.number, what, when)?;
        let body = json!({ "register": answer.register, "dated": said.dated.to_string() });
        acting.log(tx, "number.answered", &people, &body)?;
    }
    Ok(())
}
