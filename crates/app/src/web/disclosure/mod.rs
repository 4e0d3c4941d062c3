//! Passing details on: to whom the policy names for it, what of it, and to which person. The act asks the decision and
//! writes it down; passing it on in fact is for whoever does it.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::PersonId;
use custody::{Grant, Life, Sealed};
use policy::role::Deed;
use policy::{KindSet, Share};
use store::{Tx, dispose};

use super::error::{Told, told_page};
use super::page::{Choice, Form, Page, ticked};
use super::people::capital;
use super::pick::{self, Picker};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::Acting;
use crate::acts::disclosure::{self, Passing};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "disclosure/pass.html")]
struct Pass {
    page: Page,
    grant: Grant,
    base: String,
    name: Sealed,
    form: Form,
    to: Vec<Choice>,
    people: Vec<Picker>,
    kinds: Vec<Choice>,
}

/// `GET /people/{id}/passing-on`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, PersonId(id), (Form::default(), &[]), &path))
        .await
}

/// The question to which person of a category it goes, as the form calls it.
fn which(category: &str) -> String {
    format!("which-{}", category.replace(' ', "-"))
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    (form, ticked): (Form, &[String]),
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::Send)?;
    let (life, grant) = super::person::named(acting, tx, id)?;
    let name = super::person::called(acting, tx, id, &grant)?.ok_or(Fault::NotFound)?;
    let shares = disclosure::shares(&acting.policy, &life, acting.today);
    let mut people = Vec::new();
    for category in &acting.policy.categories {
        if shares.iter().any(|share| share.is_with(&category.name)) {
            let question = format!("To which {}?", category.name);
            let picker =
                pick::of_people(acting, tx, (&which(&category.name), &question), &category.name, &form)?;
            people.push(picker);
        }
    }
    html(&Pass {
        page: frame::page(acting, "Pass details on", "people", path),
        base: format!("/people/{id}"),
        to: recipients(acting, &shares, form.value("to")),
        kinds: kinds(acting, tx, &life, &shares, ticked)?,
        people,
        form,
        name,
        grant,
    })
}

/// Whom the policy names, each once, with what each gets.
fn recipients(acting: &Acting<'_>, shares: &[&Share], chosen: &str) -> Vec<Choice> {
    let mut found: Vec<Choice> = Vec::new();
    for share in shares {
        let gets = format!("gets {}", custody::refusal::kind_names(&acting.policy, share.kinds));
        let what_for = share.what_for.as_ref().map_or_else(String::new, |what_for| format!(", {what_for}"));
        let until = share.until.as_ref().map_or_else(String::new, |until| format!(", until {until}"));
        let hint = format!("{gets}{what_for}{until}");
        match found.iter_mut().find(|known| known.value == share.with) {
            Some(known) => known.hint = format!("{}; {hint}", known.hint),
            None => found.push(Choice {
                value: share.with.clone(),
                words: capital(&share.with),
                hint,
                chosen: share.with == chosen,
            }),
        }
    }
    found
}

/// What of theirs is here and may go to any of them.
fn kinds(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    shares: &[&Share],
    ticked: &[String],
) -> Result<Vec<Choice>, Fault> {
    let held = dispose::holdings(tx, &acting.policy, life.person)?;
    let held: KindSet = held.data.iter().map(|datum| datum.kind).collect();
    let named = shares.iter().fold(KindSet::none(), |kinds, share| kinds.or(share.kinds)).and(held);
    let kinds = named.iter().filter_map(|kind| acting.policy.kind(kind));
    let choice = |kind: &policy::Kind| Choice {
        value: kind.name.clone(),
        words: capital(&kind.name),
        hint: String::new(),
        chosen: ticked.contains(&kind.name),
    };
    Ok(kinds.map(choice).collect())
}

/// `POST /people/{id}/passing-on`.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let value = |name: &str| {
        given.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str()).to_owned()
    };
    let ticked = ticked(&given, "kinds");
    let (to, kinds) = (value("to"), ticked.clone());
    let to_person = value(&which(&to)).parse().ok().map(PersonId);
    let asked = which(&to);
    // Its button only finds people.
    let finding = !value("find").is_empty();
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        if finding {
            return Err(Fault::Invalid(Vec::new()));
        }
        if to.is_empty() {
            return Err(Fault::field("to", "Choose to whom it goes."));
        }
        let kinds: KindSet =
            kinds.iter().filter_map(|name| acting.policy.kind_named(name)).map(|kind| kind.id).collect();
        if kinds.is_empty() {
            return Err(Fault::field("kinds", "Choose what goes."));
        }
        let passing = Passing { to: to.clone(), to_person, kinds, activity: None };
        disclosure::pass(acting, tx, PersonId(id), &passing)
    });
    match done.await {
        Ok(_) => Ok(Redirect::to(&format!("/people/{id}?said=recorded")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(mut errors) => {
                for error in errors.iter_mut().filter(|error| error.field == "to_person") {
                    error.field = asked.clone();
                }
                let form = Form { values: given.into_iter().collect(), errors };
                let path = format!("/people/{id}/passing-on");
                let shown = read(State(house), &visitor, move |acting, tx| {
                    page(acting, tx, PersonId(id), (form, &ticked), &path)
                });
                Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
            }
            told @ Told::Refused(_) => Ok(told_page(told)),
        },
    }
}
