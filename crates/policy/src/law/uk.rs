//! The periods of UK data-protection law, computed from dates alone. Bare articles are those of the UK GDPR.
//! This is the law's latest day; "without undue delay" always applies too, and no calendar can compute it.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{Span as Period, Timestamp};

use super::holidays::{known_for, working_day_from};
use crate::policy::Nation;

/// Requests received from this day on follow Art 12A (Data (Use and Access) Act 2025 s.76, SI 2026/82 reg 4).
pub const ARTICLE_12A_FROM: Date = date(2026, 2, 5);

/// Complaints received from this day on must be acknowledged (Data Protection Act 2018 s.164A).
pub const COMPLAINTS_FROM: Date = date(2026, 6, 19);

/// Days within which a complaint is acknowledged (s.164A).
const ACKNOWLEDGE_DAYS: i64 = 30;

/// Hours within which the regulator is told of a breach (Art 33(1)).
pub const BREACH_HOURS: i64 = 72;

/// Days for which a check against a preference register holds (PECR 2003 reg 21(3)).
pub const SCREENING_DAYS: u16 = 28;

/// Charities may write to supporters who gave them an address, without having asked first, where they got it on this day or later
/// (PECR 2003 reg 22(3A), put in by the Data (Use and Access) Act 2025 s.114). Nothing makes up for what was got before.
pub const SUPPORTERS_FROM: Date = date(2026, 2, 5);

/// What somebody asks of the controller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Art 15.
    Access,
    /// Art 17.
    Erasure,
    /// Art 16.
    Rectification,
    /// Art 18.
    Restriction,
    /// Art 21.
    Objection,
    /// Art 20.
    Portability,
    /// Data Protection Act 2018 s.164A.
    Complaint,
}

impl Kind {
    /// Every kind with its word on the command line.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Access, "access"),
        (Self::Erasure, "erasure"),
        (Self::Rectification, "rectification"),
        (Self::Restriction, "restriction"),
        (Self::Objection, "objection"),
        (Self::Portability, "portability"),
        (Self::Complaint, "complaint"),
    ];

    /// The kind of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(kind, _)| *kind)
    }

    /// Its word: `access`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// A time in which we waited for the person to say what exactly they want to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pause {
    /// The day we asked.
    pub asked: Date,
    /// The day they answered; `None` while they have not.
    pub answered: Option<Date>,
}

/// What a deadline is computed from.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is asked.
    pub kind: Kind,
    /// The day it reached anybody here, by any route.
    pub received: Date,
    /// Whose bank holidays count: the controller's own.
    pub nation: Nation,
    /// Clarification asked for (Art 12A(5)); counts for access only.
    pub paused: Vec<Pause>,
    /// The day the proof of identity arrived, where it was asked for (Art 12(6), 12A(2)(b)).
    pub identity: Option<Date>,
    /// The day the fee was paid, where one was lawfully asked for (Art 12(5), 12A(2)(c)).
    pub fee: Option<Date>,
    /// Whether two further months were taken (Art 12A(3)).
    pub extended: bool,
}

impl Asked {
    /// A request with nothing yet to delay it.
    #[must_use]
    pub fn new(kind: Kind, received: Date, nation: Nation) -> Self {
        Self { kind, received, nation, paused: Vec::new(), identity: None, fee: None, extended: false }
    }
}

/// What the law asks for, and by when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deadline {
    /// The last day for the answer (for a complaint, for its acknowledgement); `None` where there is no duty,
    /// or while it is paused.
    pub due: Option<Date>,
    /// The last day for telling the person of an extension, with reasons (Art 12A(4)).
    pub notice_by: Option<Date>,
    /// Whether we still wait for the person's answer.
    pub paused: bool,
    /// The day it is counted from: the last on which we had all that it lawfully waits for.
    pub counted_from: Date,
    /// Days that do not count, because we waited for their answer.
    pub paused_days: i64,
    /// How it came about, a line a step.
    pub trace: Vec<String>,
}

/// The deadline of a request or a complaint.
#[must_use]
pub fn deadline(asked: &Asked) -> Deadline {
    let mut deadline = if asked.kind == Kind::Complaint { acknowledgement(asked) } else { answer(asked) };
    if deadline.due.is_some_and(|due| !known_for(due)) {
        deadline
            .trace
            .push("bank holidays of that year are not in the list: weekends only were counted".to_owned());
    }
    deadline
}

/// Art 12(3) until 4 February 2026, Art 12A since, read with Regulation 1182/71 Art 3 (Art 4A).
fn answer(asked: &Asked) -> Deadline {
    let mut trace = vec![format!("received {}", asked.received)];
    let start = [asked.identity, asked.fee].into_iter().flatten().fold(asked.received, Date::max);
    if start != asked.received {
        trace.push(format!("counted from {start}, when what was asked for had arrived (Art 12A(2))"));
    }
    let new_law = asked.received >= ARTICLE_12A_FROM;
    let pauses = new_law && asked.kind == Kind::Access;
    if !asked.paused.is_empty() && !pauses {
        let why =
            if new_law { "only access requests pause (Art 12A(5))" } else { "no pause before 2026-02-05" };
        trace.push(why.to_owned());
    }
    if pauses && asked.paused.iter().any(|pause| pause.answered.is_none()) {
        trace.push("paused until they say what they want to see (Art 12A(5))".to_owned());
        return Deadline {
            due: None,
            notice_by: None,
            paused: true,
            counted_from: start,
            paused_days: 0,
            trace,
        };
    }
    let days = if pauses { paused_days(&asked.paused, start) } else { 0 };
    if days > 0 {
        trace.push(format!("{days} days paused, both ends counted (Art 12A(5)-(6))"));
    }
    let month = end(start, 1, days, asked.nation);
    // Counted from the start, not from the day it was due: start plus three months.
    let due = if asked.extended { end(start, 3, days, asked.nation) } else { month };
    let notice_by = if asked.extended { month } else { None };
    if let Some(due) = due {
        let months = if asked.extended { "one month and two more (Art 12A(3))" } else { "one month" };
        trace.push(format!("{months}, and on to a working day: {due}"));
    }
    Deadline { due, notice_by, paused: false, counted_from: start, paused_days: days, trace }
}

fn end(start: Date, months: i64, paused: i64, nation: Nation) -> Option<Date> {
    let months = start.checked_add(Period::new().months(months)).ok()?;
    let pushed = months.checked_add(Period::new().days(paused)).ok()?;
    Some(working_day_from(pushed, nation))
}

/// Days of any pause that lie after the start, each counted once.
fn paused_days(pauses: &[Pause], start: Date) -> i64 {
    let mut days = BTreeSet::new();
    for pause in pauses {
        let Some(answered) = pause.answered else { continue };
        let first = pause.asked.max(start.tomorrow().unwrap_or(start));
        days.extend(first.series(Period::new().days(1)).take_while(|day| *day <= answered));
    }
    i64::try_from(days.len()).unwrap_or(i64::MAX)
}

/// Data Protection Act 2018 s.164A: 30 days from the day after receipt (s.205(2)).
fn acknowledgement(asked: &Asked) -> Deadline {
    if asked.received < COMPLAINTS_FROM {
        let trace = vec![format!("received {}, before the duty began on {COMPLAINTS_FROM}", asked.received)];
        return acknowledged(asked, None, trace);
    }
    let days = asked.received.checked_add(Period::new().days(ACKNOWLEDGE_DAYS)).ok();
    let due = days.map(|day| working_day_from(day, asked.nation));
    let trace =
        vec![format!("received {}, acknowledged within {ACKNOWLEDGE_DAYS} days (s.164A)", asked.received)];
    acknowledged(asked, due, trace)
}

fn acknowledged(asked: &Asked, due: Option<Date>, trace: Vec<String>) -> Deadline {
    Deadline { due, notice_by: None, paused: false, counted_from: asked.received, paused_days: 0, trace }
}

/// The United Kingdom's clock, by the rule in force since 1996 (Summer Time Act 1972 as amended).
#[must_use]
pub fn london() -> TimeZone {
    TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0").unwrap_or(TimeZone::UTC)
}

/// The last moment for telling the regulator of a breach: 72 elapsed hours after becoming aware, weekends,
/// holidays and clock changes notwithstanding (Art 33(1)).
#[must_use]
pub fn breach(aware: Timestamp) -> Option<Timestamp> {
    aware.checked_add(Period::new().hours(BREACH_HOURS)).ok()
}

/// [`breach`] for the local time in the United Kingdom; of an hour that happens twice, the first counts.
#[must_use]
pub fn breach_local(aware: DateTime) -> Option<DateTime> {
    let zone = london();
    let aware = zone.to_ambiguous_timestamp(aware).compatible().ok()?;
    Some(zone.to_datetime(breach(aware)?))
}

/// Whether a call may rely on a register file of this date (PECR 2003 reg 21(3): fewer than 28 days).
#[must_use]
pub fn screening_valid(register_dated: Date, call_day: Date, fewer_than_days: u16) -> bool {
    match register_dated.checked_add(Period::new().days(i64::from(fewer_than_days))) {
        Ok(stale) => register_dated <= call_day && call_day < stale,
        Err(_) => false,
    }
}

/// Whether a number listed on this day may no longer be called (PECR 2003 reg 21(3)).
#[must_use]
pub fn listing_bars(listed: Date, call_day: Date) -> bool {
    listed.checked_add(Period::new().days(i64::from(SCREENING_DAYS))).is_ok_and(|from| call_day >= from)
}

/// Places that data may go to without more (adequacy regulations under Art 45A, and the transitional list of
/// Data Protection Act 2018 Sch 21), as of August 2026. Partial decisions (Canada, Japan, Korea) are not here:
/// they depend on the recipient.
const ADEQUATE: &[&str] = &[
    "UK",
    "United Kingdom",
    "EU",
    "EEA",
    "Austria",
    "Belgium",
    "Bulgaria",
    "Croatia",
    "Cyprus",
    "Czechia",
    "Denmark",
    "Estonia",
    "Finland",
    "France",
    "Germany",
    "Greece",
    "Hungary",
    "Ireland",
    "Italy",
    "Latvia",
    "Lithuania",
    "Luxembourg",
    "Malta",
    "Netherlands",
    "Poland",
    "Portugal",
    "Romania",
    "Slovakia",
    "Slovenia",
    "Spain",
    "Sweden",
    "Iceland",
    "Liechtenstein",
    "Norway",
    "Gibraltar",
    "Andorra",
    "Argentina",
    "Faroe Islands",
    "Guernsey",
    "Isle of Man",
    "Israel",
    "Jersey",
    "New Zealand",
    "Republic of Korea",
    "South Korea",
    "Switzerland",
    "Uruguay",
];

/// Whether data may go to a place without a safeguard of its own.
#[must_use]
pub fn adequate(place: &str) -> bool {
    let place = place.strip_prefix("the ").unwrap_or(place);
    ADEQUATE.iter().any(|known| known.eq_ignore_ascii_case(place))
}

/// Who watches over data protection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Regulator {
    /// What it is called in a sentence.
    pub name: &'static str,
    /// Where to complain, without `https://`.
    pub site: &'static str,
    /// Its helpline.
    pub phone: &'static str,
}

/// The regulator, until the Information Commission takes over (Data (Use and Access) Act 2025 s.119, not in force).
/// A policy's `recipient regulator` gives another name.
pub const REGULATOR: Regulator = Regulator {
    name: "the Information Commissioner",
    site: "ico.org.uk/make-a-complaint",
    phone: "0303 123 1113",
};
