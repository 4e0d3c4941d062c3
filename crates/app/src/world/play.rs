//! Plays a world on a fresh practice instance: day by day, every happening through its act, every night swept.

use std::collections::BTreeMap;

use custody::id::PersonId;
use jiff::civil::Date;
use store::Tx;
use store::organisation::{Details, Subscriber};
use store::staff::{self, NewAccount};
use store::told::Way;

use super::PASSWORD;
use super::happen::{Cast, happen, unknown};
use super::office;
use super::story::{Happening, Office, Person, World};
use crate::acts::person::NewPerson;
use crate::acts::{self, Acting, call, proof};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::jobs::{night, outbox};
use crate::password;

/// Plays a world from its first day to its last.
///
/// # Errors
/// [`Fault`] if a happening is refused, with the line of the story.
pub fn play(instance: &Instance, world: &World) -> Result<(), Fault> {
    play_nightly(instance, world, &mut night::practise)
}

/// What is done every night of a world, at the hour of the sweep.
pub type Night<'n> = dyn FnMut(&Instance, Date) -> Result<(), Fault> + 'n;

/// Plays a world with nights of the caller's own, for who wants to look before and after each.
///
/// # Errors
/// As [`play`]; whatever a night says.
pub fn play_nightly(instance: &Instance, world: &World, night: &mut Night<'_>) -> Result<(), Fault> {
    instance.clock.set(instance.clock.at(world.begins, 9));
    let mut cast = enter(instance, world)?;
    let mut day = world.begins;
    let mut office = world.office.iter().peekable();
    for happening in &world.happenings {
        while let Some(event) = office.next_if(|event| event.on <= happening.on) {
            nights(instance, &cast, &mut day, event.on, night)?;
            in_office(instance, world, &cast, event)?;
        }
        nights(instance, &cast, &mut day, happening.on, night)?;
        next(instance, world, &mut cast, happening).map_err(|fault| told(world, happening, &fault))?;
        outbox::play(instance)?;
    }
    for event in office {
        nights(instance, &cast, &mut day, event.on, night)?;
        in_office(instance, world, &cast, event)?;
    }
    nights(instance, &cast, &mut day, world.today, night)?;
    night::run(instance, world.today)?;
    instance.set_practice_clock(instance.clock.at(world.today, 9))?;
    sign(instance, &cast)?;
    proof::run(instance, proof::NIGHT)?;
    Ok(())
}

/// The staff sign what the policy has a person sign, each in their own role.
fn sign(instance: &Instance, cast: &Cast) -> Result<(), Fault> {
    for (place, asked) in instance.policy().attestations.iter().enumerate() {
        let Some(account) = cast.staff.values().find(|account| account.role == asked.by) else { continue };
        let acting = Acting::staff(instance, account.clone())?;
        instance.store.write(|tx| proof::sign(&acting, tx, place, "").map(drop))?;
    }
    Ok(())
}

fn told(world: &World, happening: &Happening, fault: &Fault) -> Fault {
    let who = world.people.get(happening.person).map_or("", |person| person.key.as_str());
    let what = happening.what.as_deref().unwrap_or("is added");
    Fault::Other(format!("line {}: {who}, {} {what}: {fault}", happening.line, happening.on))
}

/// Moves the clock to the morning of a day, through every night in between.
fn nights(
    instance: &Instance,
    cast: &Cast,
    day: &mut Date,
    until: Date,
    night: &mut Night<'_>,
) -> Result<(), Fault> {
    let before = *day;
    while *day < until {
        *day = day.tomorrow()?;
        instance.clock.set(instance.clock.at(*day, 2));
        night(instance, *day)?;
        outbox::play(instance)?;
        see_to_it(instance, cast)?;
    }
    // What happens on one day happens one after the other: the clock never goes back.
    if *day > before {
        instance.clock.set(instance.clock.at(*day, 9));
    }
    Ok(())
}

/// What is to be given back, delivered or shredded is seen to on its last day at the latest: by whoever runs the work, or
/// whoever does whatever a story does not say.
fn see_to_it(instance: &Instance, cast: &Cast) -> Result<(), Fault> {
    use store::task::Kind;
    let today = instance.clock.today();
    let open = instance.store.read(|tx| store::task::open(tx, None, 200))?;
    let due = open.iter().filter(|task| {
        matches!(task.kind, Kind::Return | Kind::Deliver | Kind::DestroyPaper)
            && task.due_on.is_some_and(|due| due <= today)
    });
    for task in due {
        let owner = cast.staff.values().find(|account| Some(account.id) == task.owner);
        let acting = Acting::staff(instance, owner.unwrap_or(&cast.first).clone())?;
        let how = match task.kind {
            Kind::Return => "handed back and signed for",
            Kind::Deliver => "delivered and signed for",
            _ => "shredded",
        };
        let done =
            instance.store.write(|tx| acts::task::confirm(&acting, tx, task.id, (acting.today, how)))?;
        acts::request::remove_files(instance, &done.bytes);
    }
    Ok(())
}

/// Staff and organisations come on.
fn enter(instance: &Instance, world: &World) -> Result<Cast, Fault> {
    let hash = password::hash(&PASSWORD.into()).map_err(|error| Fault::Other(error.to_string()))?;
    let now = instance.clock.now();
    let staff = instance.store.write(|tx| {
        let mut staff = BTreeMap::new();
        for member in &world.staff {
            let new = NewAccount {
                name: &member.name,
                email: &member.email,
                role: &member.role,
                person: None,
                since: world.begins,
            };
            let id = staff::add(tx, &new, now)?;
            staff::set_password(tx, id, &hash)?;
            staff.insert(member.key.clone(), staff::get(tx, id)?);
        }
        Ok::<_, Fault>(staff)
    })?;
    let first = world.staff.first().and_then(|first| staff.get(&first.key)).cloned();
    let first = first.ok_or_else(|| Fault::Other("a world needs staff".to_owned()))?;
    let acting = Acting::staff(instance, first.clone())?;
    let mut cast = Cast::new(staff, first);
    cast.organisations = instance.store.write(|tx| {
        let mut organisations = BTreeMap::new();
        for organisation in &world.organisations {
            let details = Details {
                name: organisation.name.clone(),
                subscriber: Subscriber::named(organisation.subscriber.as_deref().unwrap_or("corporate")),
                phone: organisation.phone.clone(),
                email: organisation.email.clone(),
                address: None,
                website: organisation.website.clone(),
                notes: None,
            };
            organisations.insert(organisation.key.clone(), acts::organisation::add(&acting, tx, &details)?);
        }
        Ok::<_, Fault>(organisations)
    })?;
    Ok(cast)
}

/// What is next in the story: somebody comes on, or something happens to them.
fn next(instance: &Instance, world: &World, cast: &mut Cast, happening: &Happening) -> Result<(), Fault> {
    let person = world.people.get(happening.person).ok_or(Fault::NotFound)?;
    if let Some(what) = happening.what.as_deref() {
        return happen(instance, cast, (&person.key, None), what);
    }
    let added = match &person.form {
        Some(form) => {
            let acting = Acting::system(instance, acts::form::BY);
            instance.store.write(|tx| sent(&acting, tx, form, person))?
        }
        None => {
            let acting = Acting::staff(instance, cast.first.clone())?;
            instance.store.write(|tx| added(&acting, tx, cast, person))?
        }
    };
    cast.people.insert(person.key.clone(), added);
    Ok(())
}

/// Somebody writes by a public form, and is filed as what the story says they are.
fn sent(acting: &Acting<'_>, tx: &Tx<'_>, form: &str, told: &Person) -> Result<PersonId, Fault> {
    let policy = &acting.policy;
    let ways = acts::form::named(policy, form).map(|form| acts::form::ways(policy, form));
    let way = ways.into_iter().flatten().find(|way| way.category.name == told.category);
    let sent = acts::form::Sent {
        form: form.to_owned(),
        values: told.details.clone(),
        about: way.map(|way| way.key()).unwrap_or_default(),
        ticked: true,
        agreed: true,
        version: policy.version,
    };
    Ok(acts::form::take(acting, tx, &sent)?.person)
}

fn added(acting: &Acting<'_>, tx: &Tx<'_>, cast: &Cast, told: &Person) -> Result<PersonId, Fault> {
    let organisation = told.organisation.as_deref().map(|key| cast.organisation(key)).transpose()?;
    let new = NewPerson {
        category: told.category.clone(),
        values: told.details.clone(),
        source: told.source.clone(),
        collected_on: Some(told.on),
        organisation,
        agreed: told.agreed.clone(),
        shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
        offers: true,
        // In these stories people are told as they come.
        told: Some(Way::Staff),
    };
    acts::person::add(acting, tx, &new)
}

/// What happens in the office.
fn in_office(instance: &Instance, world: &World, cast: &Cast, event: &Office) -> Result<(), Fault> {
    let acting = Acting::staff(instance, cast.first.clone())?;
    if let Some(mailing) = &event.mailing {
        let (activity, subject) = mailing.split_once(": ").unwrap_or((mailing, "News"));
        office::mails(&acting, activity, subject)?;
    }
    if let Some(words) = &event.done {
        office::does(&acting, words, "")?;
    }
    if let Some(what) = &event.incident {
        office::goes_wrong(&acting, what)?;
    }
    instance.store.write(|tx| {
        if event.signs {
            for place in 0..acting.policy.attestations.len() {
                proof::sign(&acting, tx, place, "walked round and looked")?;
            }
        }
        let Some(listed) = &event.listed else { return Ok(()) };
        let numbers: Vec<&str> = listed
            .iter()
            .map(|key| {
                let person = world.people.iter().find(|person| person.key == *key);
                let phone = person.and_then(|person| person.details.iter().find(|(kind, _)| kind == "phone"));
                phone.map(|(_, number)| number.as_str()).ok_or_else(|| unknown("person with a number", key))
            })
            .collect::<Result<_, _>>()?;
        // A list of others' numbers as well, so that it looks like one.
        let others = (800..1000).map(|number| format!("01632 960{number}"));
        let file = numbers.into_iter().map(str::to_owned).chain(others).collect::<Vec<_>>().join("\n");
        for register in call::registers(&acting.policy) {
            let numbers = call::read_register(file.as_bytes())?;
            call::load_register(&acting, tx, &register, Some(acting.today), &numbers, true)?;
        }
        Ok(())
    })
}
