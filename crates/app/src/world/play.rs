//! Plays a world on a fresh practice instance: day by day, every happening through its act, every night swept.

use std::collections::BTreeMap;

use custody::id::{EngagementId, OrganisationId, PersonId};
use custody::life::Scope;
use jiff::civil::Date;
use store::entry::Direction;
use store::organisation::{Details, Subscriber};
use store::staff::{self, Account, NewAccount};
use store::{Tx, person};

use super::PASSWORD;
use super::story::{Happening, Office, World};
use crate::acts::document::{self, NewPiece, Place};
use crate::acts::engagement::{self, AgreedPeriod, NewWork, Payer};
use crate::acts::entry::{self, NewNote};
use crate::acts::person::NewPerson;
use crate::acts::request::{self, Arrived, Who};
use crate::acts::{self, Acting, call, consent, erasure, objection, proof, review};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::jobs::{night, outbox};
use crate::password;

/// The cast, as far as it has come on.
struct Cast {
    staff: BTreeMap<String, Account>,
    first: Account,
    organisations: BTreeMap<String, OrganisationId>,
    people: BTreeMap<usize, PersonId>,
    programmes: BTreeMap<PersonId, Programme>,
}

/// Somebody's programme.
struct Programme {
    id: EngagementId,
    coach: Account,
    client_pays: bool,
}

/// Plays a world from its first day to its last.
///
/// # Errors
/// [`Fault`] if a happening is refused, with the line of the story.
pub fn play(instance: &Instance, world: &World) -> Result<(), Fault> {
    play_nightly(instance, world, &mut |instance, day| {
        // On a night when nothing is due the sweep changes nothing.
        if !instance.store.read(|tx| store::sweep::due(tx, day))?.is_empty() {
            night::run(instance, day)?;
        }
        Ok(())
    })
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
            nights(instance, &mut day, event.on, night)?;
            in_office(instance, world, &cast, event)?;
        }
        nights(instance, &mut day, happening.on, night)?;
        shred(instance, &cast)?;
        happen(instance, world, &mut cast, happening).map_err(|fault| told(world, happening, &fault))?;
        outbox::play(instance)?;
    }
    for event in office {
        nights(instance, &mut day, event.on, night)?;
        in_office(instance, world, &cast, event)?;
    }
    nights(instance, &mut day, world.today, night)?;
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
fn nights(instance: &Instance, day: &mut Date, until: Date, night: &mut Night<'_>) -> Result<(), Fault> {
    while *day < until {
        *day = day.tomorrow()?;
        instance.clock.set(instance.clock.at(*day, 2));
        night(instance, *day)?;
    }
    instance.clock.set(instance.clock.at(*day, 9));
    Ok(())
}

/// Somebody goes to the filing cabinet when paper has waited for a week.
fn shred(instance: &Instance, cast: &Cast) -> Result<(), Fault> {
    let acting = Acting::staff(instance, cast.first.clone())?;
    let long = acting.today.checked_sub(jiff::Span::new().days(7))?;
    instance.store.write(|tx| {
        for task in store::task::open(tx, None, 100)? {
            if task.kind == store::task::Kind::DestroyPaper && task.due_on.is_none_or(|due| due < long) {
                acts::task::confirm(&acting, tx, task.id, (acting.today, "shredded"))?;
            }
        }
        Ok(())
    })
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
    let organisations = instance.store.write(|tx| {
        let mut organisations = BTreeMap::new();
        for organisation in &world.organisations {
            let details = Details {
                name: organisation.name.clone(),
                subscriber: Subscriber::named(organisation.subscriber.as_deref().unwrap_or("corporate")),
                phone: organisation.phone.clone(),
                email: None,
                address: None,
                website: None,
                notes: None,
            };
            organisations.insert(organisation.key.clone(), acts::organisation::add(&acting, tx, &details)?);
        }
        Ok::<_, Fault>(organisations)
    })?;
    Ok(Cast { staff, first, organisations, people: BTreeMap::new(), programmes: BTreeMap::new() })
}

fn happen(instance: &Instance, world: &World, cast: &mut Cast, happening: &Happening) -> Result<(), Fault> {
    let acting = Acting::staff(instance, cast.first.clone())?;
    let Some(what) = happening.what.as_deref() else {
        let person = instance.store.write(|tx| added(&acting, tx, world, cast, happening.person))?;
        cast.people.insert(happening.person, person);
        return Ok(());
    };
    let person = *cast.people.get(&happening.person).ok_or(Fault::NotFound)?;
    if let Some(how) = what.strip_prefix("starts programme with ") {
        let (coach, payer) =
            how.split_once(", ").map_or((how, None), |(coach, pays)| (coach, pays.strip_suffix(" pays")));
        let coach = cast.staff.get(coach).ok_or_else(|| unknown("member of staff", coach))?.clone();
        let payer = match payer {
            None => Payer::Person,
            Some(key) => {
                Payer::Organisation(*cast.organisations.get(key).ok_or_else(|| unknown("organisation", key))?)
            }
        };
        let new = NewWork {
            work: "programme".to_owned(),
            parts: vec![("client".to_owned(), person)],
            staff: Some(coach.id),
            payer,
            opened_on: acting.today,
        };
        let started = instance.store.write(|tx| engagement::start(&acting, tx, &new))?;
        cast.programmes.insert(person, Programme { id: started, coach, client_pays: payer == Payer::Person });
        return Ok(());
    }
    if let Some(programme) = cast.programmes.get(&person) {
        let asked = [("opts in to ", true), ("declines ", false)].into_iter();
        if let Some((activity, yes)) =
            asked.filter_map(|(verb, yes)| Some((what.strip_prefix(verb)?, yes))).next()
        {
            let said = (yes, acting.today);
            return instance.store.write(|tx| consent::answered(&acting, tx, programme.id, activity, said));
        }
        // What happens in sessions is written down by the coach, who alone sees it.
        let coaching = Acting::staff(instance, programme.coach.clone())?;
        if instance.store.write(|tx| on_programme(&coaching, tx, (person, programme), what))? {
            return Ok(());
        }
    }
    if let Some(why) = what.strip_prefix("is erased, ") {
        let carried = instance.store.write(|tx| {
            let asked = store::request::of_person(tx, &acting.policy, person)?;
            let asked = asked
                .iter()
                .find(|asked| asked.kind == store::request::Kind::Erasure && asked.closed_on.is_none());
            erasure::carry_out(&acting, tx, person, asked.map(|asked| asked.id), (why, None))
        })?;
        request::remove_files(instance, &carried.done.bytes);
        return Ok(());
    }
    instance.store.write(|tx| one(&acting, tx, cast, person, what))
}

/// A line of a story that belongs to a programme; false if it is none.
fn on_programme(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (who, on): (PersonId, &Programme),
    what: &str,
) -> Result<bool, Fault> {
    let programme = on.id;
    if let Some(text) = what.strip_prefix("session notes: ") {
        let note = NewNote {
            kind: "coaching notes".to_owned(),
            body: text.to_owned(),
            on: acting.today,
            // A session is a two-way talk.
            direction: Some(Direction::Both),
            engagement: Some(programme),
        };
        entry::add(acting, tx, who, &note)?;
    } else if let Some(name) = what.strip_prefix("milestone: ") {
        engagement::record(acting, tx, programme, name, acting.today)?;
    } else if let Some(place) = what.strip_prefix("signs consent form") {
        let place = place.strip_prefix(" on paper in ").unwrap_or("filing cabinet 1");
        consent::sign(acting, tx, programme, acting.today, &mut Some(Place::Paper(place.to_owned())))?;
        if on.client_pays {
            let (kind, place) = ("service agreement".to_owned(), Place::Paper(place.to_owned()));
            document::add(acting, tx, programme, &mut NewPiece { kind, on: acting.today, place })?;
        }
    } else if let Some(period) = what.strip_prefix("agrees ") {
        let (months, reason) = period.split_once(" months").ok_or_else(|| unknown("period", period))?;
        let agreed = AgreedPeriod {
            months: months.parse().map_err(|_| unknown("period", period))?,
            reason: reason.strip_prefix(" because ").unwrap_or("").to_owned(),
            by: vec!["client".to_owned(), "coach".to_owned()],
        };
        engagement::agree(acting, tx, programme, &agreed)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn added(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    world: &World,
    cast: &Cast,
    number: usize,
) -> Result<PersonId, Fault> {
    let told = world.people.get(number).ok_or(Fault::NotFound)?;
    let organisation = match &told.organisation {
        Some(key) => Some(*cast.organisations.get(key).ok_or_else(|| unknown("organisation", key))?),
        None => None,
    };
    let new = NewPerson {
        category: told.category.clone(),
        values: told.details.clone(),
        source: told.source.clone(),
        collected_on: Some(told.on),
        organisation,
        agreed: told.agreed.clone(),
        offers: true,
    };
    acts::person::add(acting, tx, &new)
}

fn unknown(what: &str, key: &str) -> Fault {
    Fault::Other(format!("the story knows no {what} called `{key}`"))
}

/// What happens in the office.
fn in_office(instance: &Instance, world: &World, cast: &Cast, event: &Office) -> Result<(), Fault> {
    let acting = Acting::staff(instance, cast.first.clone())?;
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
            call::load_register(&acting, tx, &register, acting.today, &numbers)?;
        }
        Ok(())
    })
}

/// One line of a story.
fn one(acting: &Acting<'_>, tx: &Tx<'_>, cast: &Cast, who: PersonId, what: &str) -> Result<(), Fault> {
    if let Some((how, text)) = what.split_once(": ").filter(|(how, _)| *how != "still needed") {
        let (kind, direction) = match how {
            "they write" | "they ring" => ("contact record", Some(Direction::In)),
            "we write" => ("contact record", Some(Direction::Out)),
            "we talk" | "we meet" => ("contact record", Some(Direction::Both)),
            "they enquire" => ("enquiry", Some(Direction::In)),
            _ => return Err(unknown("happening", how)),
        };
        let note = NewNote {
            kind: kind.to_owned(),
            body: text.to_owned(),
            on: acting.today,
            direction,
            engagement: None,
        };
        return entry::add(acting, tx, who, &note).map(drop);
    }
    if let Some(key) = what.strip_prefix("leaves ") {
        let organisation = *cast.organisations.get(key).ok_or_else(|| unknown("organisation", key))?;
        return acts::organisation::left(acting, tx, who, organisation, acting.today);
    }
    let today = acting.today;
    if let Some(activity) = what.strip_prefix("opts in to ") {
        return consent::give(acting, tx, who, activity, (today, "told us when asked")).map(drop);
    }
    if let Some(activity) = what.strip_prefix("takes back consent to ") {
        return consent::withdraw(acting, tx, who, activity, None);
    }
    if what == "asks not to be called" {
        return objection::record(acting, tx, who, &Scope::Calls, (today, "telephone")).map(drop);
    }
    if let Some(word) = what.strip_prefix("objects to ") {
        let scope = objection::scope(&acting.policy, word).ok_or_else(|| unknown("scope", word))?;
        return objection::record(acting, tx, who, &scope, (today, "e-mail")).map(drop);
    }
    if let Some(call) = what.strip_prefix("is called, ") {
        let (result, note) = call.split_once(", ").unwrap_or((call, ""));
        return call::record(acting, tx, who, result, note);
    }
    if let Some(asked) = what.strip_prefix("asks for ") {
        let (ask, rest) = asked.split_once(" by ").ok_or_else(|| unknown("request", asked))?;
        let (channel, words) = rest.split_once(", ").unwrap_or((rest, ""));
        let arrived = Arrived {
            ask: ask.to_owned(),
            who: Who::Held(who),
            received_on: today,
            channel: channel.to_owned(),
            words: words.to_owned(),
        };
        return request::open(acting, tx, &arrived).map(drop);
    }
    if let Some(activity) = what.strip_prefix("still needed: ") {
        let held = acting.policy.activity_named(activity).ok_or_else(|| unknown("activity", activity))?;
        let life = acting.life(tx, who)?;
        let of = |rule| acting.policy.rules.iter().any(|known| known.id == rule && known.activity == held.id);
        let ground = life
            .grounds
            .iter()
            .find(|ground| of(ground.rule) && ground.active(today))
            .ok_or(Fault::NotFound)?;
        return review::still_needed(acting, tx, who, ground.id);
    }
    if let Some(category) = what.strip_prefix("is no longer ") {
        person::end_category(tx, who, category, acting.today)?;
        return acting.settle(tx, who).map(drop);
    }
    Err(unknown("happening", what))
}
