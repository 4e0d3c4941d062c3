//! `/policy/preview`: what adopting the draft would change, clause by clause, and what it would do to the people held;
//! with the button that adopts it. What is shown is what is adopted, or nothing.

use std::collections::BTreeSet;

use askama::Template;
use axum::Form as Posted;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::PersonId;
use custody::{Grant, Sealed};
use jiff::civil::Date;
use policy::count::counted_len;
use policy::diff;
use policy::role::Deed;
use serde::Deserialize;
use store::adoption::{Preview, Shift};
use store::person;

use super::edit;
use crate::acts::adoption::{self as acts, Weighed};
use crate::fault::Fault;
use crate::web::page::{FieldError, Page, Tab};
use crate::web::show::filters;
use crate::web::{Answer, House, Trouble, Visitor, blocking, frame, html, read, today, write};

/// How many people a list names.
const SHOWN: usize = 25;

#[derive(Template)]
#[template(path = "policy/preview.html")]
struct Previewed {
    page: Page,
    tabs: Vec<Tab>,
    grant: Grant,
    title: String,
    errors: Vec<FieldError>,
    found: String,
    readable: bool,
    changes: Vec<String>,
    appear: Vec<String>,
    vanish: Vec<String>,
    looked: String,
    effects: Vec<Effect>,
    mark: String,
    begins: String,
}

/// One thing that adopting does to people.
struct Effect {
    count: usize,
    words: String,
    late: bool,
    rows: Vec<Row>,
    more: usize,
}

struct Row {
    who: Option<Sealed>,
    href: String,
    words: String,
}

/// `GET /policy/preview`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    let draft = read(house.clone(), &visitor, |acting, tx| {
        acting.must(Deed::ManagePolicy)?;
        acts::draft(tx)?.ok_or(Fault::NotFound)
    })
    .await?;
    let instance = house.0.clone();
    let files = draft.files();
    let read_from = files.clone();
    let weighed = blocking(move || acts::weigh(&instance, read_from)).await;
    let weighed = weighed.map_err(|fault| Trouble::new(fault, &visitor))?;
    read(house, &visitor, move |acting, tx| {
        let people: Vec<PersonId> = weighed.preview.as_ref().map_or_else(Vec::new, named);
        let grant = today::names(acting, tx, &people)?;
        let names = person::names(tx, &acting.policy, &people)?;
        let names: Vec<&Sealed> = names.iter().filter(|name| name.open(&grant).is_ok()).collect();
        let old = &acting.policy;
        let (appear, vanish) =
            weighed.policy.as_ref().map_or_else(Default::default, |new| diff::promises(old, new));
        let begins = weighed.policy.as_ref().map_or_else(String::new, |new| frame::words(new.from));
        let version = weighed.policy.as_ref().map_or(old.version, |new| new.version);
        let findings = edit::of(&files, weighed.findings.clone(), None, |_| None);
        let page = Previewed {
            page: frame::page(acting, "What it would do", "policy", &path),
            tabs: super::tabs(old, acting.today, "/policy/edit"),
            title: format!("What version {version} would do"),
            errors: weighed
                .stops
                .iter()
                .map(|words| FieldError { field: "adopt".to_owned(), words: words.clone() })
                .collect(),
            found: if weighed.stops.is_empty() { String::new() } else { findings.render()? },
            readable: weighed.policy.is_some(),
            changes: weighed.changes.iter().map(diff::Change::sentence).collect(),
            appear,
            vanish,
            looked: weighed.preview.as_ref().map_or_else(String::new, |preview| {
                format!(
                    "{} held. This is how it would be for them on {}.",
                    counted_len(preview.people, "person"),
                    frame::words(preview.on)
                )
            }),
            effects: weighed
                .preview
                .as_ref()
                .map_or_else(Vec::new, |preview| effects(&weighed, preview, &names)),
            mark: if weighed.stops.is_empty() { weighed.mark.clone() } else { String::new() },
            begins,
            grant,
        };
        html(&page)
    })
    .await
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Seen {
    mark: String,
}

/// `POST /policy/adoption`.
pub async fn adopt(house: House, visitor: Visitor, Posted(seen): Posted<Seen>) -> Answer<Response> {
    let draft = read(house.clone(), &visitor, |acting, tx| {
        acting.must(Deed::ManagePolicy)?;
        acts::draft(tx)?.ok_or(Fault::NotFound)
    })
    .await?;
    let instance = house.0.clone();
    let weighed = blocking(move || acts::weigh(&instance, draft.files())).await;
    let weighed = weighed.map_err(|fault| Trouble::new(fault, &visitor))?;
    write(house, &visitor, move |acting, tx| acts::adopt(acting, tx, &weighed, &seen.mark)).await?;
    Ok(Redirect::to("/policy/versions?said=adopted").into_response())
}

/// The people whose names the page shows.
fn named(preview: &Preview) -> Vec<PersonId> {
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    people.extend(preview.earlier.iter().take(SHOWN).map(|shift| shift.person));
    people.extend(preview.later.iter().take(SHOWN).map(|shift| shift.person));
    people.extend(preview.ended.iter().take(SHOWN).map(|one| one.person));
    people.extend(preview.begun.iter().take(SHOWN).map(|one| one.person));
    people.extend(preview.groundless.iter().take(SHOWN).map(|one| one.person));
    people.extend(preview.unconsented.iter().take(SHOWN).map(|one| one.person));
    people.into_iter().collect()
}

fn effects(weighed: &Weighed, preview: &Preview, names: &[&Sealed]) -> Vec<Effect> {
    let title = |activity: &str| {
        let known = weighed.policy.as_ref().and_then(|new| new.activity_named(activity));
        known.map_or_else(|| activity.to_owned(), |activity| activity.title.clone())
    };
    let row = |person: PersonId, words: String| Row {
        who: names.iter().find(|name| name.person() == person).map(|name| (*name).clone()),
        href: format!("/people/{person}"),
        words,
    };
    let day = |day: Option<Date>| day.map_or_else(|| "no end yet".to_owned(), frame::words);
    let shift = |shift: &Shift| {
        let kept = if shift.kept { ". A hold, a restriction or a request keeps it all the same" } else { "" };
        row(
            shift.person,
            format!("{}: {}, before {}{kept}", title(&shift.activity), day(shift.now), day(shift.was)),
        )
    };
    let at_once = preview.earlier.iter().filter(|shift| shift.at_once).count();
    let mut all = vec![
        effect(
            preview.earlier.len(),
            match at_once {
                0 => "would go earlier".to_owned(),
                at_once => format!("would go earlier, {at_once} of them on the day itself"),
            },
            at_once > 0,
            preview.earlier.iter().map(shift),
        ),
        effect(preview.later.len(), "would stay longer".to_owned(), false, preview.later.iter().map(shift)),
        effect(
            preview.ended.len(),
            one_or(
                preview.ended.len(),
                "reason to hold somebody would end with it",
                "reasons to hold somebody would end with it",
            ),
            true,
            preview.ended.iter().map(|one| row(one.person, format!("{}: {}", title(&one.activity), one.why))),
        ),
        effect(
            preview.groundless.len(),
            one_or(
                preview.groundless.len(),
                "detail or note would have no reason left, and goes in the first night",
                "details and notes would have no reason left, and go in the first night",
            ),
            true,
            preview.groundless.iter().map(|one| row(one.person, one.kind.clone())),
        ),
        effect(
            preview.of_works.len(),
            one_or(
                preview.of_works.len(),
                "document or record of work itself would have no reason left, and goes on the day itself",
                "documents and records of work itself would have no reason left, and go on the day itself",
            ),
            true,
            preview.of_works.iter().map(|one| Row {
                who: None,
                href: format!("/work/{}", one.work),
                words: one.kind.clone(),
            }),
        ),
        effect(
            preview.unconsented.len(),
            one_or(
                preview.unconsented.len(),
                "consent would no longer cover its use",
                "consents would no longer cover their use",
            ),
            true,
            preview
                .unconsented
                .iter()
                .map(|one| row(one.person, format!("{}: {}", title(&one.activity), one.why))),
        ),
        effect(
            preview.begun.len(),
            one_or(
                preview.begun.len(),
                "reason to hold somebody would begin",
                "reasons to hold somebody would begin",
            ),
            false,
            preview.begun.iter().map(|one| row(one.person, title(&one.activity))),
        ),
        effect(
            preview.unread.len(),
            one_or(
                preview.unread.len(),
                "person cannot be looked at, since what is stored of them cannot be read",
                "people cannot be looked at, since what is stored of them cannot be read",
            ) + ". The log of the program names them by number: have whoever looks after the database put it right",
            true,
            std::iter::empty(),
        ),
        effect(
            preview.unread_works.len(),
            one_or(
                preview.unread_works.len(),
                "piece of work cannot be looked at, since what is stored of it cannot be read",
                "pieces of work cannot be looked at, since what is stored of them cannot be read",
            ),
            true,
            preview.unread_works.iter().map(|work| Row {
                who: None,
                href: format!("/work/{work}"),
                words: "Have whoever looks after the database put it right".to_owned(),
            }),
        ),
    ];
    all.extend(preview.told.iter().map(|(activity, people)| {
        let words = match activity.as_str() {
            "everyone" => format!("{} must be told, since it concerns everybody", whom(people.len())),
            activity => format!("{} must be told what changes in: {}", whom(people.len()), title(activity)),
        };
        Effect { count: people.len(), words, late: false, rows: Vec::new(), more: 0 }
    }));
    all.retain(|effect| effect.count > 0);
    all
}

fn one_or(count: usize, one: &str, many: &str) -> String {
    if count == 1 { one.to_owned() } else { many.to_owned() }
}

fn whom(count: usize) -> &'static str {
    if count == 1 { "person" } else { "people" }
}

fn effect(count: usize, words: String, late: bool, rows: impl Iterator<Item = Row>) -> Effect {
    Effect { count, words, late, rows: rows.take(SHOWN).collect(), more: count.saturating_sub(SHOWN) }
}
