//! What decides how long: the facts and events that somebody's clauses want to know, on the page of a person and of a piece
//! of work, with a short form for each. Nothing is asked here that no clause hangs on.

use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::{EngagementId, PersonId};
use custody::{Life, Sealed, Verb, known};
use policy::phrase::{Event, LEFT_THE_ORGANISATION, Voice, event_words};
use policy::policy::Fact;
use serde::Deserialize;
use store::{Tx, fact, life_event};

use super::page::{Choice, Form};
use super::people::capital;
use super::{Answer, House, Visitor, frame, write};
use crate::acts::engagement::may_run;
use crate::acts::fact::Telling;
use crate::acts::{Acting, event as events, fact as facts};
use crate::fault::Fault;

/// One fact or event, with what is recorded of it.
pub struct Known {
    /// Apart from every other on the page.
    pub(super) key: String,
    /// Its name, as the policy has it.
    pub(super) name: String,
    /// Its name as a heading.
    pub(super) title: String,
    /// What it means, as the notice says it; empty if that says no more.
    pub(super) words: String,
    /// Where its forms go, below the page: `facts` or `events`.
    pub(super) path: &'static str,
    /// About whom, by number.
    pub(super) person: i64,
    /// About whom, where several people are on the page.
    pub(super) whose: Option<Sealed>,
    /// What it is while nothing is recorded; empty where it is not known then.
    pub(super) unless: String,
    /// What is recorded, the latest first.
    pub(super) rows: Vec<Row>,
    /// What it may be; empty for a date, and for an event.
    pub(super) options: Vec<Choice>,
    /// Whether it is a date.
    pub(super) is_date: bool,
    /// What came back from its form.
    pub(super) form: Form,
    /// The day the form begins with.
    pub(super) on: String,
    /// Whether whoever looks may record it.
    pub(super) may: bool,
}

/// Something recorded.
pub struct Row {
    pub(super) id: i64,
    pub(super) words: String,
}

/// What the clauses of a person want to know, of the person by themselves or on one piece of work.
pub(super) fn of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    (engagement, whose): (Option<EngagementId>, Option<Sealed>),
    back: &Form,
) -> Result<Vec<Known>, Fault> {
    let asked = known::facts(&acting.policy, life, engagement, acting.today);
    let mut happens = match engagement {
        Some(_) => Vec::new(),
        None => known::events(&acting.policy, life, acting.today),
    };
    if engagement.is_none() && events::may_have_left(acting, tx, life)? {
        happens.push(LEFT_THE_ORGANISATION);
    }
    if asked.is_empty() && happens.is_empty() {
        return Ok(Vec::new());
    }
    let may = match engagement {
        Some(_) => may_run(acting, Verb::Change, life, engagement).is_ok(),
        None => facts::may_tell(acting, life).is_ok(),
    };
    let recorded = fact::of_person(tx, life.person, engagement)?;
    let mut found = Vec::new();
    for (n, asked) in asked.into_iter().enumerate() {
        let rows = recorded.iter().filter(|(_, row)| row.name == asked.name);
        let rows = rows.map(|(id, row)| {
            let value = row.value.parse().map_or_else(|_| capital(&row.value), frame::words);
            Row { id: *id, words: format!("{value}, since {}", frame::words(row.on)) }
        });
        let form = came_back(back, &asked.name, life.person);
        found.push(Known {
            key: format!("fact-{}-{n}", life.person),
            name: asked.name.clone(),
            title: capital(&asked.name),
            words: if asked.words == asked.name { String::new() } else { asked.words.clone() },
            path: "facts",
            person: life.person.0,
            whose: whose.clone(),
            unless: asked.default.clone().unwrap_or_default(),
            rows: rows.collect(),
            options: options(asked, form.value("value")),
            is_date: asked.values.is_empty(),
            on: day(&form, acting),
            form,
            may,
        });
    }
    let may_record = events::may_record(acting, life).is_ok();
    for (n, name) in happens.into_iter().enumerate() {
        let rows = life_event::of_person(tx, life.person, name)?;
        let rows = rows.into_iter().map(|(id, on)| Row { id, words: capital(&frame::words(on)) });
        let declared = acting.policy.events.iter().find(|event| event.name == name);
        let form = came_back(back, name, life.person);
        found.push(Known {
            key: format!("event-{}-{n}", life.person),
            name: name.to_owned(),
            title: capital(name),
            words: match declared {
                Some(event) if event.words != event.name => event.words.clone(),
                Some(_) => String::new(),
                None => event_words(&Event::only(name), Voice::You, None),
            },
            path: "events",
            person: life.person.0,
            whose: whose.clone(),
            unless: String::new(),
            rows: rows.collect(),
            options: Vec::new(),
            is_date: false,
            on: day(&form, acting),
            form,
            may: may_record,
        });
    }
    Ok(found)
}

fn day(form: &Form, acting: &Acting<'_>) -> String {
    match form.value("on") {
        "" => acting.today.to_string(),
        typed => typed.to_owned(),
    }
}

fn options(fact: &Fact, chosen: &str) -> Vec<Choice> {
    let option = |value: &String| Choice {
        value: value.clone(),
        words: capital(value),
        hint: String::new(),
        chosen: value == chosen,
    };
    let first = Choice { words: "Choose".to_owned(), chosen: chosen.is_empty(), ..Choice::default() };
    match fact.values.is_empty() {
        true => Vec::new(),
        false => std::iter::once(first).chain(fact.values.iter().map(option)).collect(),
    }
}

/// What came back, if it came back from this form.
fn came_back(back: &Form, name: &str, person: PersonId) -> Form {
    let this = back.value("name") == name && back.value("person") == person.to_string();
    if this { back.clone() } else { Form::default() }
}

/// What the forms send.
#[derive(Deserialize, Clone, Default)]
pub struct Sent {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    row: i64,
}

impl Sent {
    fn on(&self) -> Result<jiff::civil::Date, Fault> {
        self.on.parse().map_err(|_| Fault::field("on", "Choose a day."))
    }

    /// What the form is shown with again.
    fn back(&self, person: i64) -> std::collections::BTreeMap<String, String> {
        let values = [
            ("name", self.name.clone()),
            ("value", self.value.clone()),
            ("on", self.on.clone()),
            ("person", person.to_string()),
        ];
        values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

/// What a form of a person does.
type Deed = fn(&Acting<'_>, &Tx<'_>, PersonId, &Sent) -> Result<(), Fault>;

async fn run(
    house: House,
    visitor: Visitor,
    id: i64,
    sent: Sent,
    said: &str,
    deed: Deed,
) -> Answer<Response> {
    let State(instance) = &house;
    let given = sent.clone();
    let done =
        write(State(instance.clone()), &visitor, move |acting, tx| deed(acting, tx, PersonId(id), &given));
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/people/{id}?said={said}#known")).into_response()),
        Err(trouble) => super::person::known_again(house, visitor, id, sent.back(id), trouble.told()?).await,
    }
}

/// `POST /people/{id}/facts`.
pub async fn tell(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(sent): Posted<Sent>,
) -> Answer<Response> {
    run(house, visitor, id, sent, "recorded", |acting, tx, person, sent| {
        facts::tell(acting, tx, &telling(sent, person)?).map(drop)
    })
    .await
}

/// `POST /people/{id}/facts/undo`.
pub async fn untell(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(sent): Posted<Sent>,
) -> Answer<Response> {
    run(house, visitor, id, sent, "undone", |acting, tx, person, sent| {
        facts::take_back(acting, tx, (None, Some(person)), sent.row)
    })
    .await
}

/// `POST /people/{id}/events`.
pub async fn happened(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(sent): Posted<Sent>,
) -> Answer<Response> {
    run(house, visitor, id, sent, "recorded", |acting, tx, person, sent| {
        events::record(acting, tx, person, (&sent.name, sent.on()?)).map(drop)
    })
    .await
}

/// `POST /people/{id}/events/undo`.
pub async fn unhappened(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(sent): Posted<Sent>,
) -> Answer<Response> {
    run(house, visitor, id, sent, "undone", |acting, tx, person, sent| {
        events::take_back(acting, tx, person, sent.row)
    })
    .await
}

/// The fact a form tells of a person.
fn telling(sent: &Sent, person: PersonId) -> Result<Telling, Fault> {
    Ok(Telling {
        engagement: None,
        person: Some(person),
        name: sent.name.clone(),
        value: sent.value.clone(),
        on: sent.on()?,
    })
}
