//! An audience narrowed: questions that are plain selects and days, whose address is the view; what it says in a sentence, who
//! would be written to and who not; a mailing begun for it; and views that are kept.

use std::collections::BTreeMap;

use custody::decide::{By, may_pick};
use custody::id::OrganisationId;
use policy::Activity;
use store::organisation;

use super::whom::shown_to;
use super::*;
use crate::acts::audience::Way;
use crate::acts::saved_audience as saved;
use crate::web::people::escape;

/// How many organisations are offered for what was typed.
const OFFERED: u32 = 20;

#[derive(Template)]
#[template(path = "outreach/audience.html")]
struct Narrowing {
    page: Page,
    tabs: Vec<Tab>,
    form: Form,
    activities: Vec<Choice>,
    /// Whether a purpose was chosen: before that nothing else is asked.
    chosen: bool,
    categories: Vec<Choice>,
    works: Vec<Choice>,
    organisations: Vec<Choice>,
    /// Whether it may be narrowed by organisation, by our own writing, by when they were in touch.
    by_organisation: bool,
    by_writing: bool,
    by_touch: bool,
    /// By what it may not be narrowed, and why.
    never_by: Vec<String>,
    refused: Option<Refused>,
    shown: Option<Shown>,
}

/// What it comes to.
struct Shown {
    sentence: String,
    audience: Audience,
    /// The answers, to be sent on.
    answers: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "outreach/audiences.html")]
struct Audiences {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Kept>,
}

struct Kept {
    href: String,
    name: String,
    sentence: String,
    whose: String,
    shared: bool,
    forget: String,
}

/// What an address asks, by the names of the questions.
type Asked = BTreeMap<String, String>;

/// `GET /outreach/audience`.
pub async fn get(house: House, visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        page(acting, tx, Form { values: asked, ..Form::default() }, &path)
    })
    .await
}

fn page(acting: &Acting<'_>, tx: &Tx<'_>, mut form: Form, path: &str) -> Result<Html<String>, Fault> {
    acting.must(Deed::Send)?;
    let way = saved::way(&acting.policy, form.value("activity")).ok();
    let (mut refused, mut shown) = (None, None);
    if let Some(way) = &way {
        match looked_at(acting, tx, way, &form.values) {
            Ok(found) => shown = Some(found),
            Err(Fault::Invalid(errors)) => form.errors.extend(errors),
            Err(Fault::Refused(refusal)) => refused = Some(crate::web::error::refused(&refusal)),
            Err(fault) => return Err(fault),
        }
    }
    let activity = way.map(|way| way.activity);
    let may = |by: By<'_>| activity.is_some_and(|activity| pick(acting, activity, by).is_ok());
    let never_by = activity.map_or_else(Vec::new, |activity| {
        [By::Kind("organisation"), By::Written, By::Heard]
            .into_iter()
            .filter_map(|by| pick(acting, activity, by).err())
            .map(|refusal| format!("{} ({})", sentence(&refusal.because), refusal.clause_words))
            .collect()
    });
    let (by_organisation, by_writing) = (may(By::Kind("organisation")), may(By::Written));
    html(&Narrowing {
        page: frame::page(acting, "An audience", "outreach", path),
        tabs: tabs(&acting.policy, "/outreach/audiences"),
        activities: activities(acting, form.value("activity")),
        chosen: activity.is_some(),
        categories: activity.map_or_else(Vec::new, |activity| categories(acting, activity, &form)),
        works: activity.map_or_else(Vec::new, |activity| works(acting, activity, &form)),
        organisations: if by_organisation { organisations(tx, &form)? } else { Vec::new() },
        by_organisation,
        by_writing,
        by_touch: may(By::Heard),
        never_by,
        refused,
        shown,
        form,
    })
}

fn pick(acting: &Acting<'_>, activity: &Activity, by: By<'_>) -> Result<(), custody::Refusal> {
    may_pick(&acting.policy, &acting.actor, activity, by)
}

fn looked_at(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>, asked: &Asked) -> Result<Shown, Fault> {
    let criteria = Criteria::of_address(asked)?;
    let found = audience::mailed(acting, tx, way, &criteria)?;
    let mut answers: Vec<(String, String)> = vec![("activity".to_owned(), way.activity.name.clone())];
    answers.extend(criteria.answers());
    let people =
        format!("/outreach/audience/people?activity={}{}", escape(&way.activity.name), criteria.address());
    Ok(Shown {
        sentence: criteria.sentence(acting, tx, way.activity)?,
        audience: shown_to(acting, &found, |which| format!("{people}&of={which}")),
        answers,
    })
}

fn activities(acting: &Acting<'_>, chosen: &str) -> Vec<Choice> {
    let one = |(activity, _): (&Activity, _)| Choice {
        value: activity.name.clone(),
        words: activity.title.clone(),
        chosen: activity.name == chosen,
        ..Choice::default()
    };
    acts::purposes(&acting.policy).into_iter().map(one).collect()
}

/// The first choice of a question that need not be answered.
fn any(words: &str) -> Choice {
    Choice { words: words.to_owned(), ..Choice::default() }
}

fn categories(acting: &Acting<'_>, activity: &Activity, form: &Form) -> Vec<Choice> {
    let whom =
        activity.for_whom.iter().filter_map(|whom| acting.policy.categories.get(whom.category.index()));
    let each: Vec<Choice> = whom
        .map(|category| Choice {
            value: category.name.clone(),
            words: crate::web::people::capital(&category.words),
            chosen: form.value("category") == category.name,
            ..Choice::default()
        })
        .collect();
    // Where there is one, there is nothing to choose.
    if each.len() > 1 { std::iter::once(any("All of them")).chain(each).collect() } else { Vec::new() }
}

fn works(acting: &Acting<'_>, activity: &Activity, form: &Form) -> Vec<Choice> {
    let mut choices = Vec::new();
    for work in acting.policy.works.iter().filter(|work| pick(acting, activity, By::Work(work.id)).is_ok()) {
        let joined = (work.name.clone(), format!("Joined a {}", work.title));
        let happened = work.milestones.iter().map(|milestone| {
            (
                format!("{}/{milestone}", work.name),
                format!("A {} of theirs reached \u{201c}{milestone}\u{201d}", work.title),
            )
        });
        choices.extend(std::iter::once(joined).chain(happened).map(|(value, words)| Choice {
            chosen: form.value("work") == value,
            value,
            words,
            ..Choice::default()
        }));
    }
    if !choices.is_empty() {
        choices.insert(0, any("Any, or none"));
    }
    choices
}

/// The organisation that is chosen, and those whose name has what was typed.
fn organisations(tx: &Tx<'_>, form: &Form) -> Result<Vec<Choice>, Fault> {
    let chosen = form.value("organisation").parse().ok().map(OrganisationId);
    let mut found = Vec::new();
    if let Some(chosen) = chosen {
        match organisation::one(tx, chosen) {
            Ok(held) => found.push(held),
            Err(store::Error::Missing) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let typed = form.value("find").trim();
    if !typed.is_empty() {
        let others = organisation::page(tx, typed, None, OFFERED)?;
        found.extend(others.into_iter().filter(|held| Some(held.id) != chosen));
    }
    let each = found.into_iter().map(|held| Choice {
        value: held.id.to_string(),
        words: held.details.name,
        chosen: Some(held.id) == chosen,
        ..Choice::default()
    });
    Ok(std::iter::once(any("Any, or none")).chain(each).collect())
}

/// `GET /outreach/audience/people`: the people behind a number of it.
pub async fn people(house: House, visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        let criteria = Criteria::of_address(&asked)?;
        let asked_for = |name: &str| asked.get(name).map_or("", String::as_str);
        let way = saved::way(&acting.policy, asked_for("activity"))?;
        let found = audience::mailed(acting, tx, &way, &criteria)?;
        let back =
            format!("/outreach/audience?activity={}{}", escape(&way.activity.name), criteria.address());
        people_page(acting, tx, &found, asked_for("of"), (back, "The audience".to_owned()), "outreach", &path)
    })
    .await
}

/// `POST /outreach/audience/mailing`: a mailing to those who fit.
pub async fn begin(house: House, visitor: Visitor, Posted(given): Posted<Asked>) -> Answer<Response> {
    let asked = given.clone();
    let begun = write(house.clone(), &visitor, move |acting, tx| {
        let activity = asked.get("activity").map_or("", String::as_str);
        saved::begin(acting, tx, activity, &Criteria::of_address(&asked)?)
    });
    match begun.await {
        Ok(mailing) => Ok(Redirect::to(&format!("/outreach/{mailing}")).into_response()),
        Err(trouble) => again(house, visitor, given, trouble.told()?).await,
    }
}

/// `POST /outreach/audiences`: what is asked is kept, under a name.
pub async fn save(house: House, visitor: Visitor, Posted(given): Posted<Asked>) -> Answer<Response> {
    let asked = given.clone();
    let kept = write(house.clone(), &visitor, move |acting, tx| {
        let said = |name: &str| asked.get(name).map_or("", String::as_str);
        let criteria = Criteria::of_address(&asked)?;
        saved::save(acting, tx, (said("activity"), &criteria), said("name"), !said("shared").is_empty())
    });
    match kept.await {
        Ok(_) => Ok(Redirect::to("/outreach/audiences?said=saved").into_response()),
        Err(trouble) => again(house, visitor, given, trouble.told()?).await,
    }
}

async fn again(house: House, visitor: Visitor, given: Asked, told: Told) -> Answer<Response> {
    let errors = match told {
        Told::Invalid(errors) => errors,
        Told::Refused(refused) => return Ok(crate::web::error::refused_page(&refused)),
    };
    let path = visitor.path.clone();
    let form = Form { values: given, errors };
    let page = read(house, &visitor, move |acting, tx| page(acting, tx, form, &path)).await?;
    Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// `GET /outreach/audiences`: those that are kept, one's own and what colleagues share.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let staff = store::staff::all(tx)?;
        let mut rows = Vec::new();
        for held in saved::all(acting, tx)? {
            let criteria = Criteria::of_saved(&held.criteria)?;
            let (said, purpose) = match acting.policy.activity_named(&held.activity) {
                // What the policy no longer has is said on the audience's own page.
                Some(activity) => {
                    (criteria.sentence(acting, tx, activity).unwrap_or_default(), &activity.title)
                }
                None => (String::new(), &held.activity),
            };
            let own = held.kept_by.is_some() && held.kept_by == acting.staff_id();
            let theirs = staff.iter().find(|account| Some(account.id) == held.kept_by);
            let whose = match theirs {
                _ if own => "yours".to_owned(),
                Some(account) => account.name.clone(),
                None => "nobody\u{2019}s any more".to_owned(),
            };
            rows.push(Kept {
                href: format!("/outreach/audience?activity={}{}", escape(&held.activity), criteria.address()),
                sentence: if said.is_empty() { purpose.clone() } else { format!("{purpose}: {said}") },
                whose,
                shared: held.shared,
                forget: if saved::may_forget(acting, &held) {
                    format!("/outreach/audiences/{}/forget", held.id)
                } else {
                    String::new()
                },
                name: held.name,
            });
        }
        html(&Audiences {
            page: frame::page(acting, "Audiences", "outreach", &path),
            tabs: tabs(&acting.policy, "/outreach/audiences"),
            rows,
        })
    })
    .await
}

/// `POST /outreach/audiences/{id}/forget`.
pub async fn forget(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    write(house, &visitor, move |acting, tx| saved::forget(acting, tx, id)).await?;
    Ok(Redirect::to("/outreach/audiences?said=removed").into_response())
}
