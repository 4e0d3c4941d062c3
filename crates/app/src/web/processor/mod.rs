//! Whoever keeps data for us: the register of processors with place and safeguard, and what may go to one of them today,
//! as a sheet. Where the safeguard does not stand nothing goes, and the page says what would change it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use policy::law::transfer;
use policy::policy::Processor;
use policy::role::Deed;
use policy::{Activity, Policy};
use store::Tx;
use store::subscribers::State as Became;

use super::outreach::people_page;
use super::page::{Link, Page, Refused, Tab};
use super::sheet::{self, Of, What, slug};
use super::{Answer, House, Visitor, blocking, error, frame, html, policy as policy_pages, read, write};
use crate::acts::Acting;
use crate::acts::export::{self, Way};
use crate::acts::subscribers::{self, List};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "processor/processors.html")]
struct Processors {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    does: String,
    place: String,
    safeguard: String,
    stands: bool,
    state: String,
    kinds: String,
    given: String,
    promises: Vec<Link>,
    refused: Option<Refused>,
    exports: Vec<Link>,
    /// Of a list of subscribers there: how it is, and where it may say that something happened.
    list: Vec<String>,
    hook: String,
    /// Where somebody says that another list is to be kept; empty where none is named.
    another: String,
}

/// `GET /processors`: each with its place, its safeguard, whether that stands, and what it got.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let policy = &acting.policy;
        let rows = policy.processors.iter().enumerate().map(|(at, held)| row(acting, tx, at, held));
        html(&Processors {
            page: frame::page(acting, "Who keeps data for us", "policy", &path),
            tabs: policy_pages::tabs(policy, acting.today, "/processors"),
            rows: rows.collect::<Result<_, Fault>>()?,
        })
    })
    .await
}

fn row(acting: &Acting<'_>, tx: &Tx<'_>, at: usize, held: &Processor) -> Result<Row, Fault> {
    let policy: &Policy = &acting.policy;
    let gap = transfer::gap_of(policy, held, acting.today);
    let refused = match export::may_receive(acting, held) {
        Err(Fault::Refused(refusal)) => Some(error::refused(&refusal)),
        _ => None,
    };
    let exports = if acting.may(Deed::Export) && refused.is_none() {
        let links = export::activities(acting, held).into_iter().map(|activity| Link {
            href: format!("/processors/{}/{}", slug(&held.name), slug(&activity.name)),
            words: activity.title.clone(),
        });
        links.collect()
    } else {
        Vec::new()
    };
    let Listed { lines, hook, another } = listed(acting, tx, held)?;
    Ok(Row {
        list: lines,
        hook,
        another,
        id: slug(&held.name),
        name: super::people::capital(&held.name),
        does: held.does.clone(),
        place: held.place.clone(),
        safeguard: match (&held.safeguard, held.place == policy.home) {
            (Some(safeguard), _) => safeguard.clone(),
            (None, true) => "none needed at home".to_owned(),
            (None, false) => "none stated".to_owned(),
        },
        stands: gap.is_none(),
        state: gap.map_or_else(|| "may receive".to_owned(), |gap| gap.words()),
        kinds: custody::refusal::kind_names(policy, held.kinds),
        given: sheet::given(tx, "Details", &held.name)?,
        promises: frame::promises(policy, &policy::policy::Clause::Processor(at)),
        refused,
        exports,
    })
}

/// What the page says of a list of subscribers.
#[derive(Default)]
struct Listed {
    lines: Vec<String>,
    hook: String,
    another: String,
}

/// How the list of subscribers at a processor is; nothing where none is configured.
fn listed(acting: &Acting<'_>, tx: &Tx<'_>, held: &Processor) -> Result<Listed, Fault> {
    let instance = acting.instance;
    let Some(synced) = instance.config.processors.get(&held.name) else { return Ok(Listed::default()) };
    let noted = subscribers::noted(tx, &held.name)?;
    if synced.list == subscribers::NO_LIST && noted.list.is_none() {
        return Ok(Listed { lines: vec!["None is kept there any longer".to_owned()], ..Listed::default() });
    }
    let mut lines = vec![noted.done_at.map_or_else(
        || "It has not been gone through yet.".to_owned(),
        |at| format!("Gone through last on {}.", frame::moment(instance, at)),
    )];
    lines.extend(noted.trouble.as_deref().map(|why| format!("Not well: {}", error::sentence(why))));
    if let Err(why) = List::of(&acting.policy, &held.name, &synced.activity) {
        lines.push(why);
    }
    for (state, count) in subscribers::counts(tx, &held.name)? {
        let people = policy::count::counted(count.unsigned_abs(), "address");
        lines.push(match state {
            Some(Became::There) => format!("{people} on the list"),
            Some(Became::Stopped) => format!("{people} stopped by us"),
            Some(Became::Left) => format!("{people} left there: an objection here, and never put back"),
            Some(Became::Bounced) => format!("{people} that take nothing"),
            Some(Became::Refused) => format!("{people} that it does not take"),
            None => format!("{people} to be taken away there"),
        });
    }
    if noted.withheld > 0 {
        let people = policy::count::counted_len(noted.withheld, "person");
        lines.push(format!(
            "{people} who may be written to, and of whom the policy lets nothing go there: the export below says why"
        ));
    }
    if noted.strangers > 0 {
        let people = policy::count::counted(noted.strangers.unsigned_abs(), "address");
        lines.push(format!("{people} on the list when it was first gone through that were not from here: nothing here decides about them"));
    }
    let other = noted.waits_to_be_left(&synced.list);
    if other {
        lines.push(format!(
            "The file of settings names the list {} by now. The one before, {}, is kept until everybody is taken off it",
            synced.list,
            noted.list.as_deref().unwrap_or_default()
        ));
    }
    if noted.leaving {
        lines
            .push("Everybody is being taken off it; then the list that the settings name is kept".to_owned());
    }
    if !acting.may(Deed::ManageStaff) {
        return Ok(Listed { lines, ..Listed::default() });
    }
    let hook = subscribers::hook(instance.store.keys(), &held.name);
    Ok(Listed {
        lines,
        hook: format!("{}/hooks/{hook}", instance.public_address()),
        another: if other { format!("/processors/{}/another-list", slug(&held.name)) } else { String::new() },
    })
}

/// `POST /processors/{processor}/another-list`: everybody is taken off the list that is kept, and then the one that is configured is.
pub async fn begin_another(
    house: House,
    visitor: Visitor,
    Path(processor): Path<String>,
) -> Answer<Response> {
    write(house, &visitor, move |acting, tx| {
        let mut known = acting.policy.processors.iter();
        let held = known.find(|known| slug(&known.name) == processor).ok_or(Fault::NotFound)?;
        subscribers::begin_another(acting, tx, &held.name)
    })
    .await?;
    Ok(Redirect::to("/processors").into_response())
}

/// `GET /hooks/{hook}`: a processor looks whether there is somebody.
pub async fn hook_is_there(Path(_): Path<String>) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `POST /hooks/{hook}`: something happened on a list. What it says is not read: the processor is asked.
pub async fn hooked(State(instance): House, Path(hook): Path<String>) -> StatusCode {
    match blocking(move || subscribers::nudged(&instance, &hook)).await {
        Ok(true) => StatusCode::NO_CONTENT,
        Ok(false) => StatusCode::NOT_FOUND,
        Err(fault) => {
            tracing::error!(%fault, "a hook could not be taken");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// The processor and the activity that an address names.
fn named<'p>(acting: &'p Acting<'_>, processor: &str, activity: &str) -> Result<Way<'p>, Fault> {
    let known = acting.policy.processors.iter().find(|known| slug(&known.name) == processor);
    let processor = export::processor(acting, known.map_or("", |known| known.name.as_str()))?;
    let activities: Vec<&Activity> = export::activities(acting, processor);
    let activity = activities.into_iter().find(|known| slug(&known.name) == activity);
    Ok(Way { processor, activity: activity.ok_or(Fault::NotFound)? })
}

/// `GET /processors/{processor}/{activity}`: of whom something would go, and of whom not.
pub async fn preview(
    house: House,
    visitor: Visitor,
    Path((processor, activity)): Path<(String, String)>,
) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let way = named(acting, &processor, &activity)?;
        let found = export::audience(acting, tx, &way)?;
        let base = format!("/processors/{processor}/{activity}");
        let name = &way.processor.name;
        let heading = format!("Export to {name}");
        let what = What {
            back: Link { href: "/processors".to_owned(), words: "Who keeps data for us".to_owned() },
            heading: heading.clone(),
            activity: way.activity.title.clone(),
            kinds: custody::refusal::kind_names(&acting.policy, export::goes(acting, &way)),
            form: ". Nothing else does, because that is all it may hold.",
            will: "Will go",
            action: "Take the sheet",
            then: format!(
                "That it went there is written down for each person. Whoever is erased later makes a task to tell {name}."
            ),
        };
        sheet::preview(frame::page(acting, heading, "policy", &path), what, &found, base)
    })
    .await
}

/// `GET /processors/{processor}/{activity}/people`.
pub async fn people(
    house: House,
    visitor: Visitor,
    Path((processor, activity)): Path<(String, String)>,
    Query(asks): Query<Of>,
) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let way = named(acting, &processor, &activity)?;
        let found = export::audience(acting, tx, &way)?;
        let back = (format!("/processors/{processor}/{activity}"), "The export".to_owned());
        people_page(acting, tx, &found, &asks.of, back, "policy", &path)
    })
    .await
}

/// `POST /processors/{processor}/{activity}`: the sheet. That it went is written down before it goes.
pub async fn take(
    house: House,
    visitor: Visitor,
    Path((processor, activity)): Path<(String, String)>,
) -> Answer<Response> {
    let asked = Arc::new((processor, activity));
    let way = Arc::clone(&asked);
    let whom = read(house.clone(), &visitor, move |acting, tx| {
        export::whom(acting, tx, &named(acting, &way.0, &way.1)?)
    });
    let mut lines = Vec::new();
    for some in whom.await?.chunks(export::AT_ONCE) {
        let (some, way) = (some.to_vec(), Arc::clone(&asked));
        let part = write(house.clone(), &visitor, move |acting, tx| {
            export::part(acting, tx, &named(acting, &way.0, &way.1)?, &some)
        });
        lines.extend(part.await?);
    }
    let taken = read(house, &visitor, move |acting, _| {
        export::sheet(acting, &named(acting, &asked.0, &asked.1)?, lines)
    });
    let taken = taken.await?;
    Ok(sheet::csv(&taken.name, taken.csv))
}
