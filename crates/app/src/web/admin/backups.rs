//! Backups: which are kept and until when, where they lie, what left; trying a restore with one button, and the reports of
//! those that were tried.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Redirect;
use jiff::SignedDuration;
use policy::count::counted;
use policy::role::Deed;
use store::drill::{self as drills, Drill};
use store::place::Place;
use store::{Tx, log};

use crate::acts::drill::{self as acts, Check, Report};
use crate::acts::{Acting, actor_words, backup, health};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::page::{Page, Tab};
use crate::web::{Answer, House, Trouble, Visitor, frame, html, read};

/// How many of each list are shown.
const SHOWN: u32 = 20;

#[derive(Template)]
#[template(path = "admin/backups.html")]
struct Backups {
    page: Page,
    tabs: Vec<Tab>,
    lines: Vec<super::Line>,
    running: String,
    points: Vec<Point>,
    older: usize,
    to: String,
    safes: Vec<String>,
    /// Whether they lie in a bucket, where a page does not look.
    bucket: bool,
    restore: String,
    drills: Vec<Tried>,
    made: Vec<Made>,
}

struct Point {
    at: String,
    asked: String,
    what: String,
    size: String,
    until: String,
}

struct Tried {
    href: String,
    on: String,
    who: String,
    words: String,
    state: String,
    tone: String,
}

struct Made {
    at: String,
    who: String,
    words: String,
}

#[derive(Template)]
#[template(path = "admin/drill.html")]
struct DrillPage {
    page: Page,
    tabs: Vec<Tab>,
    on: String,
    who: String,
    words: String,
    state: String,
    tone: String,
    report: Report,
    of: String,
    checks: Vec<Check>,
}

/// `GET /admin/backups`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManageStaff)?;
        let instance = acting.instance;
        let going = acts::goes_on(instance);
        let tried = drills::newest(tx, SHOWN)?;
        let running = tried.first().filter(|last| going && last.ended_at.is_none());
        let mut points = points(instance);
        let older = points.len().saturating_sub(SHOWN as usize);
        points.truncate(SHOWN as usize);
        let safes: Vec<String> = backup::safes(instance)?.iter().map(ToString::to_string).collect();
        let beside = || store::safe::place(instance.store.data()).display().to_string();
        let safe = safes.first().cloned().unwrap_or_else(beside);
        let place = backup::place(instance)?;
        let to = place.to_string();
        html(&Backups {
            page: frame::page(acting, "Backups", "admin", &path),
            tabs: super::tabs("/admin/backups"),
            lines: health::of_backups(instance, tx)?.into_iter().map(super::line).collect(),
            running: running.map_or_else(String::new, |last| {
                format!("{}, since {}", last.step, frame::moment(acting.instance, last.began_at))
            }),
            points,
            older,
            restore: format!("probity restore {to} --safe {safe} --data NEW-DIRECTORY --key-file KEY-FILE"),
            to,
            safes,
            bucket: matches!(place, Place::Bucket(_)),
            drills: tried.iter().map(|drill| listed(acting, tx, drill, going)).collect::<Result<_, _>>()?,
            made: made(acting, tx)?,
        })
    })
    .await
}

/// The backups that are kept, the newest first, and when each leaves at the latest.
fn points(instance: &Instance) -> Vec<Point> {
    let zone = instance.clock.zone();
    let days = backup::days_kept(instance);
    let Ok(place) = backup::place(instance) else { return Vec::new() };
    let points = backup::points(instance).into_iter().rev().map(|point| {
        let made = zone.to_datetime(point.at());
        let last = point.at().saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(point.at());
        Point {
            at: made.strftime("%a %-d %b %Y, %H:%M:%S").to_string(),
            // To the end of its own second, so that this one is the newest until then.
            asked: made.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            what: if point.header.number == 0 { "everything" } else { "what changed" }.to_owned(),
            size: size(place.size(&point.name).ok().flatten().unwrap_or(0)),
            until: frame::words(zone.to_datetime(last).date()),
        }
    });
    points.collect()
}

/// Bytes in words.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!("{} MB", bytes / 1_048_576),
    }
}

/// Who did something, as pages say it.
fn who(tx: &Tx<'_>, actor: &str) -> Result<String, Fault> {
    let id = actor.strip_prefix("staff ").and_then(|id| id.parse().ok());
    let staff = store::staff::all(tx)?;
    let known = staff.iter().find(|account| Some(account.id.0) == id);
    Ok(known.map_or_else(
        || match actor {
            "system backup" => "by itself".to_owned(),
            other => other.strip_prefix("system ").unwrap_or(other).to_owned(),
        },
        |account| account.name.clone(),
    ))
}

/// How a drill went: a word, its tone, and a sentence.
fn went(drill: &Drill, report: &Report, going: bool) -> (&'static str, &'static str, String) {
    match (drill.ended_at, drill.failed) {
        (None, _) if going => ("Going on", "wait", drill.step.clone()),
        (None, _) => ("Interrupted", "late", "It did not end: try it again.".to_owned()),
        (Some(_), 0) => (
            "Well",
            "good",
            format!(
                "Everything was as it must be: {} rows, {}, {} seconds.",
                report.rows,
                counted(report.people, "person"),
                report.seconds
            ),
        ),
        (Some(_), _) => {
            let first = report.failed().next().map_or_else(String::new, |check| check.found.clone());
            ("Failed", "late", first)
        }
    }
}

fn listed(acting: &Acting<'_>, tx: &Tx<'_>, drill: &Drill, going: bool) -> Result<Tried, Fault> {
    let (state, tone, words) = went(drill, &acts::report(drill), going);
    Ok(Tried {
        href: format!("/admin/backups/drills/{}", drill.id),
        on: frame::moment(acting.instance, drill.began_at),
        who: who(tx, &drill.actor)?,
        words,
        state: state.to_owned(),
        tone: tone.to_owned(),
    })
}

/// The backups that were made last, and what left with them.
fn made(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Made>, Fault> {
    let events = log::of_act(tx, "backup.made", SHOWN)?;
    let made = events.into_iter().map(|event| {
        let number = |name: &str| {
            event
                .body
                .as_ref()
                .and_then(|body| body.get(name))
                .and_then(serde_json::Value::as_u64)
                .unwrap_or(0)
        };
        let mut words =
            format!("{} of {} rows written, read back and whole", number("written"), number("rows"));
        if number("left") > 0 {
            words
                .push_str(&format!("; {} left, as the policy says", counted(number("left"), "older backup")));
        }
        if number("vanished") > 0 {
            words.push_str(&format!(
                "; {} had vanished although nobody let go of them",
                counted(number("vanished"), "row")
            ));
        }
        Ok(Made {
            at: frame::moment(acting.instance, event.at),
            who: who(tx, &event.actor)?,
            words: format!("{words}."),
        })
    });
    made.collect()
}

/// `POST /admin/backups/drill`: tries a restore, in a process of its own, while people work on.
pub async fn drill(State(house): State<Arc<Instance>>, visitor: Visitor) -> Answer<Redirect> {
    let by = read(State(house.clone()), &visitor, |acting, _| {
        acting.must(Deed::ManagePolicy)?;
        Ok(actor_words(&acting.actor))
    })
    .await?;
    acts::start(&house, by).await.map_err(|fault| Trouble::new(fault, &visitor))?;
    Ok(Redirect::to("/admin/backups#drill"))
}

/// `GET /admin/backups/drills/{id}`: the report, to be printed.
pub async fn report(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManageStaff)?;
        let drill = drills::one(tx, id)?;
        let report = acts::report(&drill);
        let (state, tone, words) = went(&drill, &report, acts::goes_on(acting.instance));
        html(&DrillPage {
            page: frame::page(acting, "A restore that was tried", "admin", &path),
            tabs: super::tabs("/admin/backups"),
            on: frame::moment(acting.instance, drill.began_at),
            who: who(tx, &drill.actor)?,
            words,
            state: state.to_owned(),
            tone: tone.to_owned(),
            of: report.backup.map_or_else(|| "none".to_owned(), |made| frame::moment(acting.instance, made)),
            checks: report.checks.clone(),
            report,
        })
    })
    .await
}
