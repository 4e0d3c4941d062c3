//! Organisations: companies, charities, funders, employers, and who belongs to them. What is known of a company itself
//! is about nobody; who belongs to it is. A sole trader's own details are a person's and are kept with that person.

use custody::id::{OrganisationId, PersonId, TaskId};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::phrase::LEFT_THE_ORGANISATION;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::normal;
use store::organisation::{self, Belonging, Changed, Details};
use store::task::{self, Kind, NewTask};

use super::Acting;
use super::request::Done;
use crate::fault::Fault;

/// Adds an organisation.
///
/// # Errors
/// [`Fault::Refused`] unless the role may add people; [`Fault::Invalid`] without a name.
pub fn add(acting: &Acting<'_>, tx: &Tx<'_>, details: &Details) -> Result<OrganisationId, Fault> {
    acting.must(Deed::AddPeople)?;
    checked(details)?;
    let organisation = organisation::add(tx, details, acting.now)?;
    acting.log(tx, "organisation.added", &[], &json!({ "organisation": organisation.0 }))?;
    Ok(organisation)
}

/// Changes what is known of an organisation, if it still is at the version the form saw.
///
/// # Errors
/// [`Fault::Refused`] unless the role may add people.
pub fn change(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    organisation: OrganisationId,
    seen: i64,
    details: &Details,
) -> Result<Changed, Fault> {
    acting.must(Deed::AddPeople)?;
    checked(details)?;
    let changed = organisation::set(tx, &acting.policy, organisation, seen, details)?;
    if let Changed::Stored(version) = &changed {
        acting.log(
            tx,
            "organisation.changed",
            &[],
            &json!({ "organisation": organisation.0, "version": version }),
        )?;
    }
    Ok(changed)
}

fn checked(details: &Details) -> Result<(), Fault> {
    if details.name.trim().is_empty() {
        return Err(Fault::field("name", "An organisation needs a name."));
    }
    if details.phone.as_deref().is_some_and(|phone| normal::phone(phone).is_none()) {
        return Err(Fault::field("phone", "This is no phone number; write it like 01632 960001."));
    }
    if details.are_somebodys() {
        let words = "Only a company has details of its own. Those of a sole trader or a partnership are its owner's: put them on that person's page.";
        return Err(Fault::field("subscriber", words));
    }
    if details.email.as_deref().is_some_and(|email| normal::email(email).is_none()) {
        return Err(Fault::field("email", "This is no e-mail address; write it like office@example.org."));
    }
    Ok(())
}

/// Lets somebody belong to the organisation of a name, however it is written: one that is known, else one that is made. Which, and
/// whether they belong to it only now. Whether it may be held of them whoever calls this has asked.
///
/// # Errors
/// Whatever the store says.
pub(super) fn joins(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: PersonId,
    name: &str,
) -> Result<(OrganisationId, bool), Fault> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let to = organisation::named(tx, &name, acting.now)?;
    let new = organisation::join(tx, &acting.policy, whom, to, None, acting.staff_id())?;
    Ok((to, new))
}

/// Records that a person has left their organisation. What is held because they were there ends.
///
/// # Errors
/// [`Fault::NotFound`] if they did not belong to it; [`Fault::Refused`] unless whoever acts may correct what we hold of them.
pub fn left(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    organisation: OrganisationId,
    on: Date,
) -> Result<(), Fault> {
    let life = acting.life(tx, person)?;
    super::fact::may_tell(acting, &life)?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    if life.categories.iter().map(|held| held.since).min().is_some_and(|since| on < since) {
        return Err(Fault::field("on", "We did not know them yet on this day."));
    }
    organisation::leave(tx, &acting.policy, person, organisation, on)?;
    acting.settle(tx, person)?;
    acting.log(
        tx,
        "organisation.left",
        &[person],
        &json!({ "organisation": organisation.0, "on": on.to_string() }),
    )
}

/// For how many days whoever is asked may take to find out.
const ASKED_DAYS: i64 = 14;

/// A message came back: whether its person has left their organisation is asked, where the policy lets that end
/// something. A bounce alone ends nothing. Whether it is asked.
///
/// # Errors
/// Whatever the store says.
pub fn doubted(acting: &Acting<'_>, tx: &Tx<'_>, whom: PersonId) -> Result<bool, Fault> {
    let life = acting.life(tx, whom)?;
    let rules = life.grounds.iter().filter(|ground| ground.active(acting.today));
    let mut rules = rules.filter_map(|ground| acting.policy.rules.get(ground.rule.index()));
    let rule =
        rules.find(|rule| rule.phrase.events().iter().any(|event| event.name == LEFT_THE_ORGANISATION));
    let belongs = belongs(tx, whom)?;
    let (Some(rule), Some(first)) = (rule, belongs.first()) else { return Ok(false) };
    if task::open_of_person(tx, whom)?.iter().any(|task| task.kind == Kind::Left) {
        return Ok(true);
    }
    let what = format!(
        "Find out whether they have left {}: a message came back, nobody has their address there. That alone ends nothing",
        first.name
    );
    let near: Vec<_> = life.assigned.iter().map(|(staff, _)| *staff).collect();
    let new = NewTask {
        person: Some(whom),
        owner: super::task::whoever(acting, tx, Deed::AddPeople, &near)?,
        due_on: Some(acting.today.checked_add(ASKED_DAYS.days())?),
        rule: Some(&rule.key),
        ..NewTask::new(Kind::Left, &what)
    };
    let made = task::add(tx, &new, acting.now)?;
    acting.log(tx, "organisation.doubted", &[whom], &json!({ "task": made.0 }))?;
    Ok(true)
}

/// Where somebody still belongs.
///
/// # Errors
/// Whatever the store says.
pub fn belongs(tx: &Tx<'_>, whom: PersonId) -> Result<Vec<Belonging>, Fault> {
    let all = organisation::of_people(tx, &[whom])?;
    Ok(all.into_iter().filter(|belongs| belongs.until.is_none()).collect())
}

/// Answers the question whether somebody has left: they have, and when, or they are still there.
///
/// # Errors
/// As [`left`] and [`super::task::confirm`].
pub fn answered(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    task: TaskId,
    (from, on): (Option<OrganisationId>, Date),
) -> Result<Done, Fault> {
    let found = super::task::mine(acting, tx, task)?;
    let person = found.person.ok_or(Fault::NotFound)?;
    if let Some(organisation) = from {
        left(acting, tx, person, organisation, on)?;
    }
    let how = if from.is_some() { "they have left" } else { "they are still there" };
    super::task::confirm(acting, tx, task, (on, how))
}
