//! `/leaving`: what leaves us in the next twelve months, by month and one by one. Counted and listed within reach; it
//! changes nothing.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Query;
use custody::coverage::{Suspended, suspended};
use custody::id::{GroundId, PersonId};
use custody::life::Needs;
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use policy::count::counted;
use policy::role::Deed;
use serde::Deserialize;
use store::forecast::{self, Asked, Line, Night, Which};
use store::{Tx, life, person};

use super::page::{Choice, Day, Page, Pager};
use super::people::escape;
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read};
use crate::acts::Acting;
use crate::acts::forecast::{self as acts, Forecast, MONTHS};
use crate::fault::Fault;

/// How many lines a page shows. For each the sweep's own questions are asked about its night.
const PAGE: usize = 25;

/// What the address says. It is the view.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    #[serde(default)]
    what: String,
    #[serde(default)]
    activity: String,
    #[serde(default)]
    month: String,
    #[serde(default)]
    awaits: String,
    after: Option<i64>,
}

impl Asks {
    fn which(&self) -> Which {
        match self.what.as_str() {
            "whole" => Which::Whole,
            "kept" => Which::Kept,
            "ended" => Which::Ended,
            "review" => Which::Review,
            "awaiting" => Which::Awaiting,
            _ => Which::Dated,
        }
    }

    fn address(&self) -> String {
        let given = [
            ("what", &self.what),
            ("activity", &self.activity),
            ("month", &self.month),
            ("awaits", &self.awaits),
        ];
        let given = given.into_iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<String> = given.map(|(name, value)| format!("{name}={}", escape(value))).collect();
        if parts.is_empty() { "/leaving".to_owned() } else { format!("/leaving?{}", parts.join("&")) }
    }

    /// The same activity, with something else of it.
    fn with(&self, what: &str, month: &str) -> String {
        let other = Self {
            what: what.to_owned(),
            month: month.to_owned(),
            activity: self.activity.clone(),
            ..Self::default()
        };
        other.address()
    }
}

/// The first and the last day of a month that the page has a row for.
type Period = (Date, Date);

#[derive(Template)]
#[template(path = "leaving/leaving.html")]
struct LeavingPage {
    page: Page,
    grant: Grant,
    sum: String,
    bars: Vec<Bar>,
    total: Bar,
    beside: Vec<Sum>,
    awaiting: Vec<Sum>,
    what: String,
    activities: Vec<Choice>,
    months: Vec<Choice>,
    title: String,
    filtered: bool,
    dated: bool,
    rows: Vec<Row>,
    pager: Pager,
}

struct Bar {
    words: String,
    href: String,
    here: bool,
    last_days: i64,
    whole_href: String,
    altogether: i64,
    width: u64,
    width_whole: u64,
}

struct Sum {
    words: String,
    hint: String,
    count: i64,
    href: String,
}

struct Row {
    href: String,
    who: Option<Sealed>,
    on: Option<Day>,
    activity: String,
    clause: String,
    what: String,
    action: String,
    action_href: String,
}

/// `GET /leaving`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let reach = acting.reach();
        let activity = Some(asks.activity.as_str()).filter(|name| !name.is_empty());
        let ahead = acts::look(tx, &reach, acting.today, MONTHS, activity)?;
        let periods = forecast::periods(ahead.from, ahead.until);
        let period = within(&asks.month, &periods);
        let (from, until) = period.unwrap_or((ahead.from, ahead.until));
        let awaiting = Some(asks.awaits.as_str()).filter(|words| !words.is_empty());
        let asked = Asked { reach: &reach, today: acting.today, from, until, activity, awaiting };
        let which = asks.which();
        let take = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
        let mut lines = forecast::page(tx, &asked, which, asks.after.map(GroundId), take)?;
        let more = lines.len() > PAGE;
        lines.truncate(PAGE);
        let total = acts::sum(&forecast::counts(tx, &asked, which)?);
        let (rows, grant) = rows(acting, tx, which, &lines)?;
        let older = lines.last().filter(|_| more).map_or_else(String::new, |last| {
            let address = asks.address();
            let joint = if address.contains('?') { '&' } else { '?' };
            format!("{address}{joint}after={}", last.ground)
        });
        let shown = match (rows.len(), u64::try_from(total).unwrap_or(0)) {
            (0, _) => String::new(),
            (some, all) if some as u64 == all => format!("All {all}"),
            (some, all) => format!("{some} of {all}"),
        };
        let newer = if asks.after.is_some() { asks.address() } else { String::new() };
        html(&LeavingPage {
            page: frame::page(acting, "Leaving us", "today", &path),
            grant,
            sum: sum(&ahead),
            total: Bar {
                words: "In all".to_owned(),
                href: asks.with("", ""),
                here: period.is_none() && asks.what.is_empty(),
                last_days: ahead.last_days(),
                whole_href: asks.with("whole", ""),
                altogether: ahead.altogether(),
                width: 0,
                width_whole: 0,
            },
            beside: beside(&ahead, &asks),
            awaiting: waits(acting, &ahead),
            what: asks.what.clone(),
            activities: activities(acting, &asks.activity),
            months: months(&periods, period),
            bars: bars(&ahead, &asks, &periods, period),
            title: title(which, &asks, period, total),
            filtered: asks.address() != "/leaving",
            dated: which != Which::Awaiting,
            rows,
            pager: Pager { shown, newer, older },
        })
    })
    .await
}

/// The month that is asked for by a day of it. Those of an address that was kept began on other days.
fn within(month: &str, periods: &[Period]) -> Option<Period> {
    let day: Date = month.parse().ok()?;
    periods.iter().find(|(from, until)| (*from..=*until).contains(&day)).copied()
}

fn sum(ahead: &Forecast) -> String {
    let until = frame::words(ahead.until);
    match (ahead.last_days(), ahead.altogether()) {
        (0, _) => format!("Nothing reaches its last day until {until}, as the facts stand today."),
        (days, whole) => format!(
            "As the facts stand today, {} until {until}; with {} of them a person leaves altogether. Each goes in the night after its day.",
            counted(days.unsigned_abs(), "last day"),
            whole
        ),
    }
}

/// A month as its row says it: by its name where it is one of the calendar.
fn words((from, until): Period) -> String {
    if from.day() == 1 && until == from.last_of_month() {
        return from.strftime("%B %Y").to_string();
    }
    let first = if from.year() == until.year() { "%-d %b" } else { "%-d %b %Y" };
    format!("{} to {}", from.strftime(first), until.strftime("%-d %b %Y"))
}

fn bars(ahead: &Forecast, asks: &Asks, periods: &[Period], chosen: Option<Period>) -> Vec<Bar> {
    let mut of: BTreeMap<Date, (i64, i64)> = BTreeMap::new();
    for leaving in &ahead.months {
        let month = of.entry(leaving.from).or_default();
        month.0 += leaving.last_days;
        month.1 += leaving.altogether;
    }
    let most = of.values().map(|(days, _)| *days).max().unwrap_or(0);
    let width = |count: i64| frame::width(count.unsigned_abs(), most.unsigned_abs());
    let each = periods.iter().map(|period| {
        let month = period.0.to_string();
        let (last_days, altogether) = of.get(&period.0).copied().unwrap_or_default();
        Bar {
            words: words(*period),
            href: asks.with("", &month),
            here: chosen == Some(*period),
            last_days,
            whole_href: asks.with("whole", &month),
            altogether,
            width: width(last_days),
            width_whole: width(altogether),
        }
    });
    each.collect()
}

fn beside(ahead: &Forecast, asks: &Asks) -> Vec<Sum> {
    let of = |what: &str, words: &str, hint: &str, counted: &[forecast::Counted]| Sum {
        words: words.to_owned(),
        hint: hint.to_owned(),
        count: acts::sum(counted),
        href: asks.with(what, ""),
    };
    vec![
        of("review", "Reviews due", "Somebody decides whether it is still needed.", &ahead.reviews),
        of(
            "kept",
            "Kept though its day comes",
            "On hold, restricted, or waiting for an access request.",
            &ahead.kept,
        ),
        of("ended", "Ended and still here", "For tonight, or kept by something.", &ahead.ended),
        of("awaiting", "No day yet", "Its clock waits for an event.", &ahead.awaiting),
    ]
}

/// What has no day, by activity and by what it waits for.
fn waits(acting: &Acting<'_>, ahead: &Forecast) -> Vec<Sum> {
    let of = |counted: &forecast::Counted| Sum {
        words: activity_title(acting, &counted.activity),
        hint: format!("waits for \u{201c}{}\u{201d}", counted.awaiting),
        count: counted.count,
        href: Asks {
            what: "awaiting".to_owned(),
            activity: counted.activity.clone(),
            awaits: counted.awaiting.clone(),
            ..Asks::default()
        }
        .address(),
    };
    ahead.awaiting.iter().map(of).collect()
}

fn activity_title(acting: &Acting<'_>, name: &str) -> String {
    acting.policy.activity_named(name).map_or_else(|| name.to_owned(), |activity| activity.title.clone())
}

fn activities(acting: &Acting<'_>, chosen: &str) -> Vec<Choice> {
    let of = |value: &str, words: String| Choice {
        value: value.to_owned(),
        words,
        hint: String::new(),
        chosen: value == chosen,
    };
    let each = acting.policy.activities.iter().map(|activity| of(&activity.name, activity.title.clone()));
    std::iter::once(of("", "Every activity".to_owned())).chain(each).collect()
}

fn months(periods: &[Period], chosen: Option<Period>) -> Vec<Choice> {
    let each = periods.iter().map(|period| Choice {
        value: period.0.to_string(),
        words: words(*period),
        hint: String::new(),
        chosen: chosen == Some(*period),
    });
    let all = Choice {
        value: String::new(),
        words: "Every month".to_owned(),
        hint: String::new(),
        chosen: chosen.is_none(),
    };
    std::iter::once(all).chain(each).collect()
}

fn title(which: Which, asks: &Asks, period: Option<Period>, total: i64) -> String {
    let total = total.unsigned_abs();
    let what = match which {
        Which::Dated => counted(total, "last day"),
        Which::Whole => format!("{} altogether", counted(total, "person")),
        Which::Kept => format!("{total} kept though the day comes"),
        Which::Ended => format!("{total} ended and still here"),
        Which::Review => format!("{} due", counted(total, "review")),
        Which::Awaiting => format!("{total} without a day yet"),
    };
    match period.filter(|_| which != Which::Awaiting && which != Which::Ended) {
        _ if !asks.awaits.is_empty() => format!("{what}, waiting for \u{201c}{}\u{201d}", asks.awaits),
        Some(period) => format!("{what}, {}", words(period)),
        None => what,
    }
}

/// The lines with their people's names, where these may be shown, and what becomes of what each covers.
fn rows(acting: &Acting<'_>, tx: &Tx<'_>, which: Which, lines: &[Line]) -> Result<(Vec<Row>, Grant), Fault> {
    let mut people: Vec<PersonId> = lines.iter().map(|line| line.person).collect();
    people.sort_unstable();
    people.dedup();
    // Of somebody of whom something cannot be read the line stands all the same, without a name.
    let read = life::load_readable(tx, &acting.policy, &people, acting.today, life::For::Clocks)?;
    let lives = read.lives;
    let grant = super::people::grant(acting, &lives)?;
    if !grant.people().is_empty() {
        acting.opens("leaving.listed", &grant);
    }
    let names = person::names(tx, &acting.policy, &people)?;
    let rows = lines.iter().map(|line| {
        let life = lives.iter().find(|life| life.person == line.person);
        let rule = acting.policy.rule_keyed(&line.rule);
        let named = names.iter().find(|name| name.person() == line.person && name.open(&grant).is_ok());
        let href = format!("/people/{}", line.person);
        let (action, action_href) = match which {
            Which::Review if acting.may(Deed::ManagePolicy) => {
                ("Review".to_owned(), format!("{href}/reviews/{}", line.ground))
            }
            _ => (String::new(), String::new()),
        };
        Ok(Row {
            who: named.cloned(),
            on: line.on.map(|on| frame::day(on, acting.today)),
            activity: activity_title(acting, &line.activity),
            clause: rule.map_or_else(|| line.rule.clone(), |rule| rule.words.clone()),
            what: match life {
                // What becomes of it may hang on somebody else of whom something cannot be read.
                Some(life) => match becomes(acting, tx, which, life, line) {
                    Err(Fault::Store(error)) if error.is_unreadable() => String::new(),
                    said => said?,
                },
                None => String::new(),
            },
            href,
            action,
            action_href,
        })
    });
    Ok((rows.collect::<Result<Vec<Row>, Fault>>()?, grant))
}

fn why_kept(why: Suspended) -> &'static str {
    match why {
        Suspended::Hold => "stays: it is on hold",
        Suspended::Restriction => "stays: it is restricted, and somebody decides",
        Suspended::Request(Needs::Access) => "stays until the access request is answered",
        Suspended::Request(Needs::Portability) => {
            "stays until they have been answered, who asked to take it elsewhere"
        }
        Suspended::Request(Needs::Restriction) => {
            "stays until they have been answered, who asked to have it kept"
        }
        Suspended::Untold => "stays until they are told",
    }
}

/// What becomes of what a line is about, in a few words.
fn becomes(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    which: Which,
    life: &Life,
    line: &Line,
) -> Result<String, Fault> {
    Ok(match which {
        Which::Review => "somebody decides whether it is still needed".to_owned(),
        Which::Awaiting => format!("until \u{201c}{}\u{201d}", line.awaiting.as_deref().unwrap_or("")),
        Which::Ended => match suspended(life, acting.today) {
            Some(why) => why_kept(why).to_owned(),
            None => "goes at the next sweep, or once its task is done".to_owned(),
        },
        Which::Dated | Which::Whole | Which::Kept => {
            said(acting, &forecast::night(tx, &acting.policy, life, line, acting.today)?)
        }
    })
}

/// What goes, of the kinds that whoever looks may see; of others that there are some.
fn said(acting: &Acting<'_>, night: &Night) -> String {
    let sights = acting.role().map_or(&[][..], |role| &role.sights);
    let seen = |kind: &str| {
        let kind = acting.policy.kind_named(kind);
        kind.is_some_and(|kind| {
            kind.sort == policy::Sort::Record || sights.iter().any(|sight| sight.kinds.contains(kind.id))
        })
    };
    let (mut kinds, mut others) = (Vec::new(), false);
    for (kind, count) in &night.goes {
        match (seen(kind), count) {
            (true, 1) => kinds.push(kind.clone()),
            (true, count) => kinds.push(format!("{kind} ({count})")),
            (false, _) => others = true,
        }
    }
    if others {
        kinds.push(
            if kinds.is_empty() { "what another role sees" } else { "and what another role sees" }.to_owned(),
        );
    }
    let mut parts = kinds;
    if night.by_hand > 0 {
        parts.push(format!("{} for somebody\u{2019}s hand first", counted(night.by_hand.into(), "thing")));
    }
    if night.after > 0 {
        let things = counted(night.after.into(), "thing");
        parts.push(format!("{things} once what is owed is handed over"));
    }
    match (parts.is_empty(), night.kept) {
        (false, None) => parts.join(", "),
        (false, Some(why)) => format!("{} {}", parts.join(", "), why_kept(why)),
        (true, _) => "its use ends; what it covers has another reason, or is not there".to_owned(),
    }
}
