//! Choosing one of very many, a person or an organisation: a few to begin with, others found by any part of what they
//! are known by. The server draws the answers as radio buttons; typing fetches them, and without JavaScript a button
//! does. It shows nobody a role may not find.

use askama::Template;
use axum::extract::Query;
use axum::response::Html;
use custody::id::{OrganisationId, PersonId};
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::organisation::Subscriber;
use store::{Tx, organisation, person, search};

use super::page::{Choice, FieldError, Form};
use super::people::{SOUGHT, categories, escape};
use super::show::filters;
use super::{Answer, House, Visitor, html, read};
use crate::acts::Acting;
use crate::fault::Fault;

/// How many are shown at once: as many as are read at a glance.
const SHOWN: usize = 8;

/// The answer that is none of the many.
const NONE: &str = "none";

/// A question answered with one of many.
pub struct Picker {
    /// The name of the answer in the form.
    pub name: String,
    /// The question.
    pub label: String,
    /// A line of help, or nothing.
    pub hint: String,
    /// What is wrong with the answer, or nothing.
    pub error: String,
    /// What the box to type in is called.
    pub find: String,
    /// What was typed.
    pub typed: String,
    /// Answers that are none of the many: "Not yet".
    pub fixed: Vec<Choice>,
    /// Whether there are no others.
    pub only_fixed: bool,
    /// Where more are found; what is typed follows.
    pub source: String,
    /// What is found now.
    pub found: Found,
}

/// What was found, as radio buttons.
#[derive(Template)]
#[template(path = "pick/found.html")]
pub struct Found {
    name: String,
    grant: Option<Grant>,
    said: String,
    others: bool,
    rows: Vec<Row>,
}

impl Found {
    /// Whether there are others to look for.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.others
    }

    /// What was found, in a sentence.
    #[must_use]
    pub fn said(&self) -> &str {
        &self.said
    }
}

struct Row {
    value: String,
    sealed: Option<Sealed>,
    plain: String,
    words: String,
    chosen: bool,
}

/// The question's own part of a form that was sent: which was chosen, and what was typed to find it.
fn sent<'f>(form: &'f Form, name: &str) -> (&'f str, &'f str) {
    (form.value(name), form.value(&typed_as(name)))
}

/// What the box for a question is called in the form.
#[must_use]
pub fn typed_as(name: &str) -> String {
    format!("{name}-find")
}

/// Whether a form was sent only to find somebody, by its button; or is not finished, because something was typed and
/// nobody chosen: then what is to put right.
#[must_use]
pub fn unfinished(value: impl Fn(&str) -> String, names: &[&str]) -> Option<Vec<FieldError>> {
    if !value("find").is_empty() {
        return Some(Vec::new());
    }
    let open =
        names.iter().find(|name| value(name).is_empty() && !value(&typed_as(name)).trim().is_empty())?;
    let words = "Choose one of those found, or empty the box.".to_owned();
    Some(vec![FieldError { field: (*open).to_owned(), words }])
}

/// The answer that is none of the many: taken while nobody is chosen.
#[must_use]
pub fn none(words: &str, form: &Form, name: &str) -> Choice {
    let chosen = [NONE, ""].contains(&form.value(name)) && form.value(&typed_as(name)).is_empty();
    Choice { value: NONE.to_owned(), words: words.to_owned(), hint: String::new(), chosen }
}

/// A question for one of the people of a category; of all that may be found where none is named.
///
/// # Errors
/// Whatever the store says.
pub fn of_people(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (name, label): (&str, &str),
    category: &str,
    form: &Form,
) -> Result<Picker, Fault> {
    let (chosen, typed) = sent(form, name);
    Ok(Picker {
        found: people(acting, tx, &Asks::of(name, category, typed, chosen))?,
        name: name.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        error: form.error(name).to_owned(),
        find: "Find by any part of a name, e-mail, phone or organisation".to_owned(),
        typed: typed.to_owned(),
        fixed: Vec::new(),
        only_fixed: false,
        source: format!("/pick/people?name={}&category={}", escape(name), escape(category)),
    })
}

/// A question for one of the organisations.
///
/// # Errors
/// Whatever the store says.
pub fn of_organisations(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (name, label): (&str, &str),
    form: &Form,
) -> Result<Picker, Fault> {
    let (chosen, typed) = sent(form, name);
    Ok(Picker {
        found: organisations(acting, tx, &Asks::of(name, "", typed, chosen))?,
        name: name.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        error: form.error(name).to_owned(),
        find: "Find an organisation by any part of its name".to_owned(),
        typed: typed.to_owned(),
        fixed: Vec::new(),
        only_fixed: false,
        source: format!("/pick/organisations?name={}", escape(name)),
    })
}

/// What a page asks for while somebody types.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    #[serde(default)]
    name: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    chosen: String,
}

impl Asks {
    fn of(name: &str, category: &str, q: &str, chosen: &str) -> Self {
        Self { name: name.into(), category: category.into(), q: q.into(), chosen: chosen.into() }
    }
}

/// `GET /pick/people?name=&category=&q=&chosen=`: the answers alone.
pub async fn find_people(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    read(house, &visitor, move |acting, tx| html(&people(acting, tx, &asks)?)).await
}

/// `GET /pick/organisations?name=&q=&chosen=`: the answers alone.
pub async fn find_organisations(
    house: House,
    visitor: Visitor,
    Query(asks): Query<Asks>,
) -> Answer<Html<String>> {
    read(house, &visitor, move |acting, tx| html(&organisations(acting, tx, &asks)?)).await
}

/// Those who match, one more than are shown at most. Nobody is found by what may not be seen of them, and whoever is not takes nobody
/// else's place.
fn sought(acting: &Acting<'_>, tx: &Tx<'_>, q: &str, category: Option<&str>) -> Result<Vec<PersonId>, Fault> {
    let (reach, mut take) = (acting.reach(), SHOWN + 1);
    loop {
        let most = u32::try_from(take).unwrap_or(u32::MAX);
        let mut found = search::find_in(tx, q, &reach, category.map(|name| (name, acting.today)), most)?;
        let all = found.len() < take;
        let lives = acting.lives(tx, &found)?;
        let may = super::people::grant(acting, &lives)?;
        let sees = |who: PersonId, kind: policy::KindId| may.covers(who, kind);
        let by = search::by_what_is_seen(tx, &acting.policy, q, &found, &sees)?;
        found.retain(|person| by.contains(person));
        if found.len() > SHOWN || all || take >= SOUGHT {
            found.truncate(SHOWN + 1);
            return Ok(found);
        }
        take = SOUGHT.min(take * 4);
    }
}

fn people(acting: &Acting<'_>, tx: &Tx<'_>, asks: &Asks) -> Result<Found, Fault> {
    let reach = acting.reach();
    let q = asks.q.trim();
    // No category means anybody.
    let category = Some(&asks.category).filter(|category| !category.is_empty());
    let mut found = if q.is_empty() {
        let filter = person::Filter { category: category.cloned(), ..person::Filter::default() };
        let take = u32::try_from(SHOWN + 1).unwrap_or(u32::MAX);
        person::page(tx, &reach, &filter, acting.today, None, take)?
    } else {
        sought(acting, tx, q, category.map(String::as_str))?
    };
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let chosen = asks.chosen.parse().ok().map(PersonId).filter(|person| !found.contains(person));
    let chosen = person::within(tx, &reach, chosen.into_iter().collect())?;
    let picked = chosen.clone();
    found.splice(0..0, chosen);
    let lives = acting.lives(tx, &found)?;
    found.retain(|person| lives.iter().any(|life| life.person == *person));
    let grant = super::people::grant(acting, &lives)?;
    let names = super::work::names(acting, tx, &found, &grant)?;
    acting.opens("people.picked", &grant);
    // Whoever is not to be seen is not counted either.
    let count = names.iter().filter(|name| !picked.contains(&name.person())).count();
    let belongings = organisation::of_people(tx, &found)?;
    let belongs = organisation::kinds(&acting.policy);
    let shows = |who: PersonId| belongs.is_empty() || belongs.iter().any(|kind| grant.covers(who, kind));
    let belongings: Vec<_> = belongings.into_iter().filter(|one| shows(one.person)).collect();
    let rows = names.into_iter().map(|name| {
        let person = name.person();
        let life = lives.iter().find(|life| life.person == person);
        let mut words: Vec<String> = belongings
            .iter()
            .filter(|belonging| belonging.person == person && belonging.until.is_none())
            .map(|belonging| belonging.name.clone())
            .collect();
        words.extend(life.map(|life| categories(&acting.policy, life, acting.today)));
        words.retain(|words| !words.is_empty() && *words != asks.category);
        let value = person.to_string();
        Row {
            chosen: value == asks.chosen,
            value,
            sealed: Some(name),
            plain: String::new(),
            words: words.join(", "),
        }
    });
    Ok(Found {
        rows: rows.collect(),
        name: asks.name.clone(),
        said: said(count, more, q),
        others: more || !q.is_empty(),
        grant: Some(grant),
    })
}

fn organisations(_acting: &Acting<'_>, tx: &Tx<'_>, asks: &Asks) -> Result<Found, Fault> {
    let take = u32::try_from(SHOWN + 1).unwrap_or(u32::MAX);
    let q = asks.q.trim();
    let mut found = organisation::page(tx, q, None, take)?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let count = found.len();
    let chosen = asks.chosen.parse().ok().map(OrganisationId);
    if let Some(chosen) = chosen.filter(|chosen| found.iter().all(|found| found.id != *chosen)) {
        found.insert(0, organisation::one(tx, chosen)?);
    }
    let rows = found.into_iter().map(|found| {
        let value = found.id.to_string();
        // Two of the same name are told apart by where they are; a sole trader's address is a person's.
        let company = found.details.subscriber == Subscriber::Corporate;
        Row {
            chosen: value == asks.chosen,
            value,
            sealed: None,
            plain: found.details.name,
            words: found.details.address.filter(|_| company).unwrap_or_default(),
        }
    });
    Ok(Found {
        rows: rows.collect(),
        name: asks.name.clone(),
        said: said(count, more, q),
        others: more || !q.is_empty(),
        grant: None,
    })
}

/// What was found, in a sentence.
fn said(count: usize, more: bool, q: &str) -> String {
    match (count, more, q.is_empty()) {
        (0, _, true) => "Nobody to choose from yet.".to_owned(),
        (0, _, false) => format!("Nothing matches \u{201c}{q}\u{201d}. Try another part of the name."),
        (n, true, true) => format!("The first {n} in the order of their names. Type to find others."),
        (n, true, false) => format!("The first {n} that match. Type more to find others."),
        (1, false, _) => "1 to choose from.".to_owned(),
        (n, false, _) => format!("{n} to choose from."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_sent_to_find_somebody_is_told_from_one_that_is_finished() {
        let form = |pairs: &'static [(&str, &str)]| {
            move |name: &str| {
                pairs.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value).to_owned()
            }
        };
        let open = |pairs| {
            let wrong = unfinished(form(pairs), &["client", "payer"])?;
            Some(wrong.into_iter().map(|error| error.field).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(open(&[("find", "payer"), ("client", "7")]).as_deref(), Some(""));
        assert_eq!(
            open(&[("client", ""), ("client-find", "Mal"), ("payer", "3")]).as_deref(),
            Some("client")
        );
        assert_eq!(open(&[("client", "7"), ("client-find", "Mal"), ("payer", "3")]), None);
        assert_eq!(open(&[("client", "none"), ("client-find", "Mal")]), None);
        assert_eq!(open(&[("client", ""), ("client-find", " ")]), None);
    }

    #[test]
    fn what_is_found_is_said_whole() {
        assert_eq!(said(1, false, "a"), "1 to choose from.");
        assert_eq!(said(8, true, ""), "The first 8 in the order of their names. Type to find others.");
        assert_eq!(said(0, false, "x"), "Nothing matches \u{201c}x\u{201d}. Try another part of the name.");
    }
}
