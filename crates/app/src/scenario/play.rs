//! Plays a scenario on an instance of its own, through the same acts as staff use, and says which line is not so.

use jiff::civil::Date;
use policy::Policy;
use policy::role::Deed;
use store::keys::Secret;
use store::organisation::{Details, Subscriber};
use store::staff::{self, NewAccount};

use super::read::{Part, Scenario, Step};
use super::{attempt, look};
use crate::acts::audience::Audience;
use crate::acts::person::{NewPerson, kinds_for, sources_for};
use crate::acts::{self, Acting, call, proof};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::jobs::night;
use crate::world::happen::{Cast, happen, unknown};

/// Where everybody in a story has their e-mail address.
const PEOPLE_AT: &str = "people.example";

/// The day a story begins that names none.
const DAY_ONE: Date = jiff::civil::date(2026, 1, 5);

/// The hour of the night's sweep, and the one at which everything else happens.
const NIGHT: i8 = 2;
const MORNING: i8 = 9;

/// What came of a story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Played {
    /// Every line was so.
    Kept,
    /// A line was not so.
    Not {
        /// The line of the file.
        line: usize,
        /// What it says.
        said: String,
        /// What happened instead, with the clause that decided.
        instead: String,
    },
}

/// A story under way.
pub(super) struct Story<'i> {
    pub instance: &'i Instance,
    pub cast: Cast,
    /// The person spoken of last: `her notes`.
    pub last: Option<String>,
    /// What came of what was tried last.
    pub tried: Option<Result<(), Fault>>,
    /// Whom the mailing sent last was for, and whom not.
    pub mailed: Option<Audience>,
}

/// Plays one story.
///
/// # Errors
/// [`Fault`] if no instance can be made.
pub fn play(policy: &Policy, scenario: &Scenario) -> Result<Played, Fault> {
    let place = tempfile::Builder::new()
        .prefix("probity-rehearsal-")
        .tempdir()
        .map_err(|error| Fault::Other(error.to_string()))?;
    let begins = scenario.steps.iter().filter_map(first_day).min().unwrap_or(DAY_ONE);
    let instance = Instance::create(place.path(), None, &Secret::random()?, policy.clone(), Some(begins))?;
    let cast = staff_of(&instance, begins)?;
    let mut story = Story { instance: &instance, cast, last: None, tried: None, mailed: None };
    for step in &scenario.steps {
        if let Err(instead) = story.step(step) {
            return Ok(Played::Not { line: step.line, said: step.words.clone(), instead });
        }
    }
    Ok(Played::Kept)
}

/// The day a line names, also inside: `it is 2026-09-30` is no beginning, `signed 2026-01-05` is none either.
fn first_day(step: &Step) -> Option<Date> {
    step.on
}

/// One member of staff in every role, called by it; who does what is unsaid is the one who may do most.
fn staff_of(instance: &Instance, since: Date) -> Result<Cast, Fault> {
    let policy = instance.policy();
    let now = instance.clock.now();
    let accounts = instance.store.write(|tx| {
        let mut accounts = std::collections::BTreeMap::new();
        for role in &policy.roles {
            let email = format!("{}@staff.example", role.name.replace(' ', "."));
            let new = NewAccount { name: &role.name, email: &email, role: &role.name, person: None, since };
            let id = staff::add(tx, &new, now)?;
            accounts.insert(role.name.clone(), staff::get(tx, id)?);
        }
        Ok::<_, Fault>(accounts)
    })?;
    let able = policy
        .roles
        .iter()
        .max_by_key(|role| Deed::ALL.iter().filter(|(deed, _)| role.deeds.contains(deed)).count());
    let first = able.and_then(|role| accounts.get(&role.name)).cloned();
    let first = first.ok_or_else(|| Fault::Other("the policy has no role, so nobody can act".to_owned()))?;
    Ok(Cast::new(accounts, first))
}

impl Story<'_> {
    /// Does one line, or says what happened instead.
    fn step(&mut self, step: &Step) -> Result<(), String> {
        if let Some(on) = step.on {
            self.until(on)?;
        }
        match step.part {
            Part::Given => self.given(step).map_err(|fault| look::told(&fault)),
            Part::When => attempt::when(self, step),
            Part::Then => look::then(self, &step.words),
        }
    }

    /// Lives through the nights until the morning of a day.
    pub(super) fn until(&mut self, day: Date) -> Result<(), String> {
        let clock = &self.instance.clock;
        let mut night = clock.today();
        if day < night {
            return Err(format!("it is {night} already; a story only goes forward"));
        }
        while night < day {
            night = night.tomorrow().map_err(|error| error.to_string())?;
            clock.set(clock.at(night, NIGHT));
            night::practise(self.instance, night).map_err(|fault| look::told(&fault))?;
        }
        clock.set(clock.at(day, MORNING));
        Ok(())
    }

    pub(super) fn acting(&self, by: Option<&str>) -> Result<Acting<'_>, Fault> {
        let account = by.map_or(Ok(&self.cast.first), |key| self.cast.member(key))?;
        Acting::staff(self.instance, account.clone())
    }

    fn given(&mut self, step: &Step) -> Result<(), Fault> {
        let words = step.words.as_str();
        if words == "what is attested is signed" {
            return self.sign();
        }
        if let Some(listed) = words.strip_prefix("the registers are loaded") {
            return self.registers(listed.strip_prefix(" with ").unwrap_or(""));
        }
        if let Some(done) = attempt::done(self, words, step.by.as_deref()) {
            return done;
        }
        if let Some((name, kind)) = words.split_once(" is ")
            && let Some(subscriber) = match kind {
                "an organisation" => Some(Subscriber::Corporate),
                "a sole trader" => Some(Subscriber::Individual),
                _ => None,
            }
        {
            return self.organisation(name, subscriber);
        }
        if let Some((name, told)) = words.split_once(" is a ").or_else(|| words.split_once(" is an "))
            && self.cast.person(name).is_err()
        {
            return self.person(name, told, step.by.as_deref());
        }
        let (who, what) = self.subject(words).ok_or_else(|| unknown("person in", words))?;
        self.last = Some(who.clone());
        happen(self.instance, &mut self.cast, (&who, step.by.as_deref()), &what)
    }

    /// The person of a name or a pronoun.
    pub(super) fn named(&mut self, who: &str) -> Result<custody::id::PersonId, Fault> {
        let who = match who {
            "her" | "him" | "them" => self.last.clone().ok_or_else(|| unknown("person yet for", who))?,
            name => name.to_owned(),
        };
        let found = self.cast.person(&who)?;
        self.last = Some(who);
        Ok(found)
    }

    /// Who a line is about, and the rest of it as a world says it: `Tara signs consent form`, `she writes: Thank you`,
    /// `we talk with Tara: Going well`.
    pub(super) fn subject(&self, words: &str) -> Option<(String, String)> {
        if let Some((verb, rest)) =
            SPOKEN.iter().find_map(|(said, verb)| Some((verb, words.strip_prefix(said)?)))
            && let Some((who, body)) = rest.split_once(": ")
        {
            let who = if ["her", "him", "them"].contains(&who) { self.last.clone()? } else { who.to_owned() };
            return Some((who, format!("{verb}: {body}")));
        }
        let (first, rest) = words.split_once(' ')?;
        if first == "they" && DOES.iter().any(|(_, verb)| words.strip_prefix(verb).is_some()) {
            return Some((self.last.clone()?, words.to_owned()));
        }
        if ["she", "he", "they"].contains(&first) {
            return Some((self.last.clone()?, does(rest)));
        }
        let known = self.cast.people.keys().filter(|name| {
            words.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with([' ', ':']))
        });
        let name = known.max_by_key(|name| name.len())?;
        let rest = words.strip_prefix(name.as_str())?.trim_start_matches(':').trim();
        Some((name.clone(), does(rest)))
    }

    /// Whose, and what: `Tara's coaching notes`, `her coaching notes`.
    pub(super) fn theirs(&self, words: &str) -> Option<(String, String)> {
        if let Some(rest) = ["her ", "his ", "their "].into_iter().find_map(|word| words.strip_prefix(word)) {
            return Some((self.last.clone()?, rest.to_owned()));
        }
        let (name, rest) = words.split_once("'s ")?;
        self.cast.people.contains_key(name).then(|| (name.to_owned(), rest.to_owned()))
    }

    /// Everything the policy has somebody attest is signed, by whom it says.
    fn sign(&mut self) -> Result<(), Fault> {
        for (place, asked) in self.instance.policy().attestations.iter().enumerate() {
            let acting = self
                .acting(Some(&asked.by).filter(|by| self.cast.staff.contains_key(*by)).map(String::as_str))?;
            self.instance.store.write(|tx| proof::sign(&acting, tx, place, "looked").map(drop))?;
        }
        Ok(())
    }

    /// The preference registers arrive, with these people's numbers on them.
    fn registers(&mut self, listed: &str) -> Result<(), Fault> {
        let acting = self.acting(None)?;
        let mut numbers: Vec<String> = (800..810).map(|last| format!("01632 960{last}")).collect();
        for name in listed.split(" and ").filter(|name| !name.is_empty()) {
            let place = self.place(name)?;
            numbers.push(phone_of(place));
        }
        let file = numbers.join("\n");
        self.instance.store.write(|tx| {
            for register in call::registers(&acting.policy) {
                let numbers = call::read_register(file.as_bytes())?;
                call::load_register(&acting, tx, &register, Some(acting.today), &numbers, true)?;
            }
            Ok(())
        })
    }

    fn place(&self, name: &str) -> Result<usize, Fault> {
        self.cast.people.keys().position(|known| known == name).ok_or_else(|| unknown("person", name))
    }

    fn organisation(&mut self, name: &str, subscriber: Subscriber) -> Result<(), Fault> {
        let details = Details {
            name: name.to_owned(),
            subscriber,
            phone: None,
            email: None,
            address: None,
            // Where the addresses are that people of a story have.
            website: (subscriber == Subscriber::Corporate).then(|| PEOPLE_AT.to_owned()),
            notes: None,
        };
        let acting = self.acting(None)?;
        let added = self.instance.store.write(|tx| acts::organisation::add(&acting, tx, &details))?;
        self.cast.organisations.insert(name.to_owned(), added);
        Ok(())
    }

    /// `coaching client of Northbank, agreed to greetings, from their organisation, with phone 01632 960100`.
    fn person(&mut self, name: &str, told: &str, by: Option<&str>) -> Result<(), Fault> {
        let acting = self.acting(by)?;
        let mut said = told.split(", ");
        let (category, organisation) = {
            let first = said.next().unwrap_or("");
            first.split_once(" of ").map_or((first, None), |(category, of)| (category, Some(of)))
        };
        let declared = acting.policy.category_named(category).ok_or_else(|| unknown("category", category))?;
        let mut new = NewPerson {
            category: category.to_owned(),
            values: Vec::new(),
            source: sources_for(&acting.policy, declared).into_iter().next().unwrap_or_default(),
            collected_on: Some(acting.today),
            organisation: organisation.map(|key| self.cast.organisation(key)).transpose()?,
            agreed: Vec::new(),
            shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
            offers: true,
            told: Some(store::told::Way::Staff),
        };
        let mut given: Vec<(String, String)> = Vec::new();
        for word in said {
            if let Some(activities) = word.strip_prefix("agreed to ") {
                new.agreed = activities.split(" and ").map(str::to_owned).collect();
            } else if let Some(source) = word.strip_prefix("from ") {
                source.clone_into(&mut new.source);
            } else if let Some((kind, value)) =
                word.strip_prefix("with ").and_then(|with| kind_and_value(&acting.policy, with))
            {
                given.push((kind, value));
            } else {
                return Err(unknown("word about a person", word));
            }
        }
        let may = kinds_for(&acting.policy, declared);
        let number = self.cast.people.len();
        let usual = [
            ("name", name.to_owned()),
            ("email", format!("{}@{PEOPLE_AT}", name.to_lowercase().replace(' ', "."))),
            ("phone", phone_of(number)),
        ];
        for (kind, value) in usual {
            let fits = acting.policy.kind_named(kind).is_some_and(|kind| may.contains(kind.id));
            if fits && !given.iter().any(|(known, _)| known == kind) {
                new.values.push((kind.to_owned(), value));
            }
        }
        new.values.extend(given);
        let added = self.instance.store.write(|tx| acts::person::add(&acting, tx, &new))?;
        self.cast.people.insert(name.to_owned(), added);
        self.last = Some(name.to_owned());
        Ok(())
    }
}

/// What we say to people, and how a world writes it.
const SPOKEN: &[(&str, &str)] =
    &[("we write to ", "we write"), ("we talk with ", "we talk"), ("we meet ", "we meet")];

/// What people say to us, and how a world writes it.
const DOES: &[(&str, &str)] =
    &[("writes: ", "they write: "), ("rings: ", "they ring: "), ("enquires: ", "they enquire: ")];

/// `writes: Thank you` is `they write: Thank you`.
fn does(rest: &str) -> String {
    let verb = DOES.iter().find_map(|(said, verb)| Some(format!("{verb}{}", rest.strip_prefix(said)?)));
    verb.unwrap_or_else(|| rest.to_owned())
}

/// An invented number of somebody who came on as the so-manieth.
fn phone_of(place: usize) -> String {
    format!("01632 960{:03}", 100 + place % 700)
}

/// `life history left school at 15`: the longest kind the policy declares, then the value.
fn kind_and_value(policy: &Policy, with: &str) -> Option<(String, String)> {
    let kinds = policy
        .kinds
        .iter()
        .filter(|kind| with.strip_prefix(kind.name.as_str()).is_some_and(|rest| rest.starts_with(' ')));
    let kind = kinds.max_by_key(|kind| kind.name.len())?;
    Some((kind.name.clone(), with.strip_prefix(kind.name.as_str())?.trim().to_owned()))
}
