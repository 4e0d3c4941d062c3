//! How one part of a phrase stands, and what several parts come to together.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Clock, Facts, Outcome};
use crate::phrase::Event;

/// The last day, and when on it. Of two ends on one day the one earlier in it is the lesser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub(super) on: Date,
    pub(super) within: Within,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Within {
    /// It ended with an event of the day.
    AtOnce,
    /// It ends at this moment: a period in hours.
    At(Timestamp),
    /// The whole day is still in it.
    Day,
}

/// How one part of a phrase stands.
pub(super) enum Ends {
    Due(End),
    Awaiting(Vec<String>),
    /// What it waits for cannot happen any more.
    Impossible,
    Never,
}

pub(super) struct Step {
    pub(super) ends: Ends,
    pub(super) review_on: Option<Date>,
    pub(super) trace: Vec<String>,
    pub(super) may_shorten: Vec<String>,
}

impl Step {
    pub(super) fn new(ends: Ends, line: String) -> Self {
        Self { ends, review_on: None, trace: vec![line], may_shorten: Vec::new() }
    }

    pub(super) fn clock(self) -> Clock {
        let mut at = None;
        let outcome = match self.ends {
            Ends::Due(End { on, within }) => {
                if let Within::At(moment) = within {
                    at = Some(moment);
                }
                Outcome::Due { on, at_once: within == Within::AtOnce }
            }
            Ends::Awaiting(events) => Outcome::Awaiting(events),
            Ends::Impossible | Ends::Never => Outcome::Never,
        };
        Clock { outcome, at, review_on: self.review_on, trace: self.trace, may_shorten: self.may_shorten }
    }
}

pub(super) fn due(on: Date, at_once: bool, line: String) -> Step {
    let within = if at_once { Within::AtOnce } else { Within::Day };
    Step::new(Ends::Due(End { on, within }), line)
}

pub(super) fn never(line: String) -> Step {
    Step::new(Ends::Never, line)
}

pub(super) fn waiting(event: &Event, facts: &Facts) -> Step {
    let written = event.written();
    if facts.impossible.contains(&event.name) || facts.impossible.contains(&written) {
        return Step::new(Ends::Impossible, format!("{written}: cannot happen any more"));
    }
    let line = format!("{written}: not yet");
    let awaited = event.birthday().map_or(written, |(whose, _)| whose.birth().written());
    Step::new(Ends::Awaiting(vec![awaited]), line)
}

/// The earliest known; what is not known yet may shorten it.
pub(super) fn earlier(parts: Vec<Step>) -> Step {
    let mut soonest: Option<End> = None;
    let mut awaited = Vec::new();
    let mut endless = false;
    let mut whole = Step { ends: Ends::Never, review_on: None, trace: Vec::new(), may_shorten: Vec::new() };
    for part in parts {
        match part.ends {
            Ends::Due(end) => soonest = Some(soonest.map_or(end, |known| known.min(end))),
            Ends::Awaiting(events) => awaited.extend(events),
            Ends::Never => endless = true,
            Ends::Impossible => {}
        }
        whole.trace.extend(part.trace);
        whole.may_shorten.extend(part.may_shorten);
        whole.review_on = [whole.review_on, part.review_on].into_iter().flatten().min();
    }
    whole.ends = match soonest {
        Some(end) => {
            whole.may_shorten.append(&mut awaited);
            Ends::Due(end)
        }
        None if !awaited.is_empty() => Ends::Awaiting(distinct(awaited)),
        None if endless => Ends::Never,
        None => Ends::Impossible,
    };
    whole.may_shorten = distinct(whole.may_shorten);
    whole
}

/// The latest, once all that can still happen has.
pub(super) fn later(parts: Vec<Step>) -> Step {
    let mut latest: Option<End> = None;
    let mut awaited = Vec::new();
    let mut endless = false;
    let mut whole = Step { ends: Ends::Never, review_on: None, trace: Vec::new(), may_shorten: Vec::new() };
    for part in parts {
        match part.ends {
            Ends::Due(end) => latest = latest.max(Some(end)),
            Ends::Awaiting(events) => awaited.extend(events),
            Ends::Never => endless = true,
            Ends::Impossible => {}
        }
        whole.trace.extend(part.trace);
        whole.may_shorten.extend(part.may_shorten);
        whole.review_on = [whole.review_on, part.review_on].into_iter().flatten().max();
    }
    whole.may_shorten = distinct(whole.may_shorten);
    whole.ends = match latest {
        _ if !awaited.is_empty() => Ends::Awaiting(distinct(awaited)),
        _ if endless => Ends::Never,
        Some(end) => Ends::Due(end),
        None => Ends::Impossible,
    };
    whole
}

pub(super) fn distinct(events: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    events.into_iter().filter(|event| seen.insert(event.clone())).collect()
}
