//! Adding a person: the form has a place for what the policy lets their category have, and for nothing else.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::Grant;
use custody::id::OrganisationId;
use policy::KindSet;
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;

use super::{Glance, capital, glances, grant, visible_categories};
use crate::acts::Acting;
use crate::acts::person::{self as acts, NewPerson};
use crate::acts::{consent, familiar, told};
use crate::fault::Fault;
use crate::web::page::{Choice, Form, Page, Refused, ticked};
use crate::web::pick::{self, Picker};
use crate::web::show::filters;
use crate::web::{Answer, House, Trouble, Visitor, frame, html, read, write};

#[derive(Template)]
#[template(path = "people/new.html")]
struct NewPersonPage {
    page: Page,
    form: Form,
    category: String,
    category_words: String,
    categories: Vec<Choice>,
    items: Vec<Item>,
    sources: Vec<Choice>,
    organisation: Option<Picker>,
    agreed: Vec<Choice>,
    shows: Vec<Choice>,
    offers: Vec<Choice>,
    told: Vec<Choice>,
    informed: String,
    refused: Option<Refused>,
    before: Option<Known>,
}

/// Who may be the same, and what stands against what was typed.
struct Known {
    grant: Grant,
    rows: Vec<Glance>,
    words: Vec<String>,
}

struct Item {
    name: String,
    label: String,
    kind: String,
    hint: String,
}

/// Which category the form is for.
#[derive(Deserialize)]
pub struct ForWhom {
    #[serde(default)]
    category: String,
}

/// `GET /people/new`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<ForWhom>) -> Answer {
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::AddPeople)?;
        let values = [("collected".to_owned(), acting.today.to_string())].into();
        new_page(acting, tx, &asks.category, (Form { values, errors: Vec::new() }, &[]), None, None)
    })
    .await
}

fn new_page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    category: &str,
    (form, ticked): (Form, &[String]),
    refused: Option<Refused>,
    before: Option<Known>,
) -> Result<Html<String>, Fault> {
    let policy = &acting.policy;
    let chosen = policy.category_named(category);
    let kinds = chosen.map_or(KindSet::none(), |category| acts::kinds_for(policy, category));
    let items = kinds.iter().filter_map(|kind| policy.kind(kind));
    let items =
        items.filter(|kind| !matches!(kind.name.as_str(), "name" | "email" | "organisation")).map(|kind| {
            Item {
                name: field(&kind.name),
                label: capital(&kind.name),
                kind: input(&kind.name).to_owned(),
                hint: String::new(),
            }
        });
    let items = items.collect();
    let sources = chosen.map_or_else(Vec::new, |category| acts::sources_for(policy, category));
    let belongs = chosen.is_some_and(|category| {
        let organisation = policy.kind_named("organisation");
        organisation.is_some_and(|kind| acts::kinds_for(policy, category).contains(kind.id))
    });
    let organisation = if belongs { Some(organisations(acting, tx, &form)?) } else { None };
    let agreed = chosen.map_or_else(Vec::new, |category| acts::agreeable(policy, category));
    let agreed = agreed.into_iter().map(|activity| Choice {
        value: activity.name.clone(),
        words: activity.title.clone(),
        hint: "Tick it only if they said yes themselves. Silence is no consent.".to_owned(),
        chosen: ticked.contains(&activity.name),
    });
    let agreed = agreed.collect();
    let shows = std::iter::once(("", "choose what shows it")).chain(consent::choices_of_somebody_new());
    let shows = shows.map(|(name, words)| Choice {
        value: name.to_owned(),
        words: capital(words),
        hint: String::new(),
        chosen: form.value("agreed-by") == name,
    });
    let shows = shows.collect();
    let offers = chosen.map_or_else(Vec::new, |category| acts::offers(policy, category.id, None));
    let titles: Vec<&str> = offers.iter().map(|activity| activity.title.as_str()).collect();
    let offers = Choice {
        value: "yes".to_owned(),
        words: "They may also be told what we offer".to_owned(),
        hint: format!("{}. Unless you tick this, they are not entered there.", titles.join("; ")),
        chosen: !form.value("offers").is_empty(),
    };
    let offers = if titles.is_empty() { Vec::new() } else { vec![offers] };
    html(&NewPersonPage {
        page: frame::page(acting, "Add a person", "people", "/people/new"),
        category: chosen.map_or_else(String::new, |category| category.name.clone()),
        category_words: chosen.map_or_else(String::new, |category| capital(&category.name)),
        categories: categories(acting),
        items,
        sources: choices(&sources, form.value("source")),
        organisation,
        agreed,
        shows,
        offers,
        told: told_choices(form.value("told")),
        informed: must_be_told(acting),
        refused,
        before,
        form,
    })
}

/// The form filled in from a message that waits, for a category.
///
/// # Errors
/// [`Fault::Refused`] unless the role adds people.
pub fn from_mail(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    category: &str,
    arrived: &crate::acts::mailbox::Arrived,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::AddPeople)?;
    let from = arrived.letter.from.clone().unwrap_or_default();
    let values = [
        ("collected", arrived.on.to_string()),
        ("name", arrived.letter.name.clone()),
        ("email", from),
        ("source", "the person".to_owned()),
    ];
    let values = values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    new_page(acting, tx, category, (Form { values, errors: Vec::new() }, &[]), None, None)
}

/// Who told them that we hold this.
fn told_choices(chosen: &str) -> Vec<Choice> {
    let choice = |value: &str, words: &str, hint: &str| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        hint: hint.to_owned(),
        chosen: chosen == value,
    };
    vec![
        choice(
            "staff",
            "One of us",
            "They were shown our privacy notice, or told where it stands, when they gave us this.",
        ),
        choice("source", "Whoever gave it to us", ""),
        choice("", "Nobody yet", "They stand on Today until somebody has."),
    ]
}

/// Until when whoever is added today must be told.
fn must_be_told(acting: &Acting<'_>) -> String {
    let within = acting.policy.notice.within;
    let until = within.and_then(|within| acting.today.checked_add(within).ok());
    until.map_or_else(String::new, |until| {
        format!("Whoever has not been told must be by {}, and with the first message.", frame::words(until))
    })
}

/// The categories somebody can be added in: those of which the role may see a name or an address.
#[must_use]
pub fn categories(acting: &Acting<'_>) -> Vec<Choice> {
    let visible = visible_categories(acting);
    let policy = &acting.policy;
    let categories = policy.categories.iter().filter(|category| visible.contains(&category.name));
    categories
        .map(|category| {
            let titles: Vec<&str> = policy
                .activities
                .iter()
                .filter(|activity| {
                    activity.for_whom.iter().any(|whom| whom.category == category.id && whom.once.is_none())
                })
                .map(|activity| activity.title.as_str())
                .collect();
            Choice {
                value: category.name.clone(),
                words: capital(&category.name),
                hint: titles.join("; "),
                chosen: false,
            }
        })
        .collect()
}

/// Choices from words that stand for themselves.
#[must_use]
pub fn choices(words: &[String], chosen: &str) -> Vec<Choice> {
    let choice = |words: &String| Choice {
        value: words.clone(),
        words: capital(words),
        hint: String::new(),
        chosen: words == chosen,
    };
    words.iter().map(choice).collect()
}

fn organisations(acting: &Acting<'_>, tx: &Tx<'_>, form: &Form) -> Result<Picker, Fault> {
    let mut picker = pick::of_organisations(acting, tx, ("organisation", "Organisation"), form)?;
    picker.fixed = vec![pick::none("None", form, "organisation")];
    Ok(picker)
}

/// A kind's name as the name of a question in a form.
#[must_use]
pub fn field(kind: &str) -> String {
    kind.replace(' ', "-")
}

/// The type of input that fits a kind.
#[must_use]
pub fn input(kind: &str) -> &'static str {
    match store::normal::Shape::of(kind) {
        store::normal::Shape::Email => "email",
        store::normal::Shape::Phone => "tel",
        store::normal::Shape::Words => "text",
    }
}

/// `POST /people`.
pub async fn add(
    State(house): House,
    visitor: Visitor,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let value = |name: &str| {
        given.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str()).to_owned()
    };
    let policy = house.policy();
    let kind = |key: &str| {
        policy
            .kinds
            .iter()
            .find(|kind| field(&kind.name) == key)
            .map_or_else(|| key.to_owned(), |kind| kind.name.clone())
    };
    let (category, agreed) = (value("category"), ticked(&given, "agreed"));
    if let Some(errors) = pick::unfinished(value, &["organisation"]) {
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let form = Form { values: given.into_iter().collect(), errors };
        let page = read(State(house), &visitor, move |acting, tx| {
            new_page(acting, tx, &category, (form, &agreed), None, None)
        });
        return Ok((status, page.await?).into_response());
    }
    let own = [
        "category",
        "source",
        "collected",
        "organisation",
        "organisation-find",
        "agreed",
        "agreed-by",
        "agreed-note",
        "offers",
        "told",
        "anyway",
    ];
    let shown = match consent::said_of_somebody_new(&agreed, &value("agreed-by"), &value("agreed-note")) {
        Ok(shown) => shown,
        Err(fault) => {
            return again(house, visitor.clone(), category, given, Trouble::new(fault, &visitor)).await;
        }
    };
    let new = NewPerson {
        category: value("category"),
        values: given
            .iter()
            .filter(|(key, _)| !own.contains(&key.as_str()))
            .map(|(key, value)| (kind(key), value.clone()))
            .collect(),
        source: value("source"),
        collected_on: value("collected").parse().ok(),
        organisation: value("organisation").parse().ok().map(OrganisationId),
        agreed,
        shown,
        offers: !value("offers").is_empty(),
        told: told::said(&value("told")),
    };
    if value("anyway").is_empty() {
        let (values, form) = (new.values.clone(), given.clone().into_iter().collect());
        let (category, agreed) = (category.clone(), new.agreed.clone());
        let page = read(State(house.clone()), &visitor, move |acting, tx| {
            known(acting, tx, &values)?
                .map(|known| {
                    let form = Form { values: form, errors: Vec::new() };
                    new_page(acting, tx, &category, (form, &agreed), None, Some(known))
                })
                .transpose()
        });
        if let Some(page) = page.await? {
            return Ok(page.into_response());
        }
    }
    match write(State(house.clone()), &visitor, move |acting, tx| acts::add(acting, tx, &new)).await {
        Ok(person) => Ok(Redirect::to(&format!("/people/{person}?said=added")).into_response()),
        Err(trouble) => again(house, visitor, category, given, trouble).await,
    }
}

/// What whoever adds somebody should know first, if there is anything.
fn known(acting: &Acting<'_>, tx: &Tx<'_>, values: &[(String, String)]) -> Result<Option<Known>, Fault> {
    acting.must(Deed::AddPeople)?;
    let before = familiar::before(acting, tx, values)?;
    let mut lives = acting.lives(tx, &before.people)?;
    let may = grant(acting, &lives)?;
    // By an address that is out of use nobody is found: that alone would say whose it is.
    lives.retain(|life| {
        let mut by = before.by.iter().filter(|(who, _)| *who == life.person);
        by.any(|(who, kind)| acting.policy.kind_named(kind).is_some_and(|kind| may.covers(*who, kind.id)))
    });
    let grant = grant(acting, &lives)?;
    let rows = glances(acting, tx, &lives, &grant)?;
    acting.opens("people.listed", &grant);
    let known = Known { grant, rows, words: before.words };
    Ok((!known.rows.is_empty() || !known.words.is_empty()).then_some(known))
}

/// Shows the form again, with everything that was typed and what is to put right.
async fn again(
    house: std::sync::Arc<crate::instance::Instance>,
    visitor: Visitor,
    category: String,
    given: Vec<(String, String)>,
    trouble: Trouble,
) -> Answer<Response> {
    let (status, errors, refused) = match trouble.told()? {
        crate::web::error::Told::Invalid(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
        crate::web::error::Told::Refused(refused) => (StatusCode::FORBIDDEN, Vec::new(), Some(*refused)),
    };
    let errors = errors
        .into_iter()
        .map(|error| crate::web::page::FieldError { field: field(&error.field), ..error })
        .collect();
    let agreed = ticked(&given, "agreed");
    let form = Form { values: given.into_iter().collect(), errors };
    let page = read(State(house), &visitor, move |acting, tx| {
        new_page(acting, tx, &category, (form, &agreed), refused, None)
    });
    Ok((status, page.await?).into_response())
}
