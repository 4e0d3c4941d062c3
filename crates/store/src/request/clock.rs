//! By when a request must be answered, from what is written down about it and from nothing else: its steps. Every move
//! that puts the day off is one of them, with its day; a date that no step explains is found by the proof.

use std::collections::BTreeMap;

use custody::id::{RequestId, StaffId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use policy::Policy;
use policy::law::uk::{self, Asked, Deadline, Pause};
use policy::phrase::period_words;

use super::{Kind, UNTIED, one, step};
use crate::life::zone;
use crate::{Error, Result, Tx, params};

/// The steps that can move the day.
pub const MOVES: &[&str] =
    &["identity asked", "identity proved", "paused", "resumed", "extended", "fee asked", "fee paid"];

/// What can move a request's due date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move<'a> {
    /// We asked who they are: only on reasonable doubt (Art 12(6)).
    IdentityAsked,
    /// What shows who they are arrived: the period counts from this day.
    IdentityProved,
    /// We asked what exactly they want to see: access only (Art 12A(5)).
    Paused,
    /// They said.
    Resumed,
    /// Two further months, with the reason (Art 12A(3)).
    Extended(&'a str),
    /// We asked for a fee, with the reason (Art 12(5), 15(3)).
    FeeAsked(&'a str),
    /// It was paid: the period counts from this day.
    FeePaid,
}

impl Move<'_> {
    /// The step that records it.
    #[must_use]
    pub fn step(self) -> &'static str {
        match self {
            Self::IdentityAsked => "identity asked",
            Self::IdentityProved => "identity proved",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Extended(_) => "extended",
            Self::FeeAsked(_) => "fee asked",
            Self::FeePaid => "fee paid",
        }
    }
}

/// What has happened to a request that its day follows from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Events {
    /// We asked who they are.
    pub identity_asked: Option<Date>,
    /// We knew.
    pub identity_proved: Option<Date>,
    /// We asked for a fee.
    pub fee_asked: Option<Date>,
    /// It was paid.
    pub fee_paid: Option<Date>,
    /// It was extended.
    pub extended: Option<Date>,
    /// We waited for what they want to see.
    pub pauses: Vec<Pause>,
}

/// A move as it stands on record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Made {
    /// Its step, one of [`MOVES`].
    pub step: &'static str,
    /// The day it was made.
    pub on: Date,
    /// The day it was written down.
    pub written: Date,
}

impl Made {
    /// In words for whoever looks at how a day came about: what is not said by its day alone.
    fn said_late(self) -> Option<String> {
        let Self { step, on, written } = self;
        (on != written).then(|| format!("{step} {on}, written down {written}"))
    }
}

impl Events {
    /// From all moves in the order in which they were written down. What would put the day off and was written down only
    /// when its time had ended puts nothing off: those moves are given back beside.
    #[must_use]
    pub(crate) fn of(policy: &Policy, (kind, received): (Kind, Date), moves: &[Made]) -> (Self, Vec<Made>) {
        let (mut events, mut late) = (Self::default(), Vec::new());
        for made in moves {
            if IN_TIME.contains(&made.step)
                && ended(policy, (kind, received), &events, made.written.max(made.on))
            {
                late.push(*made);
            } else {
                events.take(made.step, made.on);
            }
        }
        (events, late)
    }

    /// The first question of ours about what they want to see that they have not answered.
    #[must_use]
    pub fn waits_since(&self) -> Option<Date> {
        self.pauses.iter().find(|pause| pause.answered.is_none()).map(|pause| pause.asked)
    }

    /// Takes in a step, in the order in which they were written down.
    pub fn take(&mut self, step: &str, on: Date) {
        match step {
            "identity asked" => self.identity_asked = Some(on),
            "identity proved" if self.identity_asked.is_some() => self.identity_proved = Some(on),
            "fee asked" => self.fee_asked = Some(on),
            "fee paid" => self.fee_paid = Some(on),
            "extended" => self.extended = Some(on),
            "paused" => self.pauses.push(Pause { asked: on, answered: None }),
            "resumed" => {
                // Of several questions the first is answered first; what they come to together is the same.
                if let Some(first) = self.pauses.iter_mut().find(|pause| pause.answered.is_none()) {
                    first.answered = Some(on);
                }
            }
            _ => {}
        }
    }
}

/// By when a request must be answered: the law's day, our own promise, and the earlier of the two.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// What the law asks for.
    pub law: Deadline,
    /// The day our own promise ends on, where the policy makes one. It is not moved on to a working day.
    pub own: Option<Date>,
    /// The earlier of the two; nothing while we wait for the person.
    pub due: Option<Date>,
}

impl Clock {
    /// From the kind, the day of receipt and what has happened since.
    #[must_use]
    pub fn of(policy: &Policy, kind: Kind, received: Date, events: &Events) -> Self {
        let mut asked = Asked::new(kind.law(), received, policy.nation);
        asked.identity = events.identity_proved;
        asked.fee = events.fee_paid;
        asked.extended = events.extended.is_some();
        asked.paused.clone_from(&events.pauses);
        let mut law = uk::deadline(&asked);
        let waits = [
            (events.identity_asked, events.identity_proved, "shows who they are (Art 12(6))"),
            (events.fee_asked, events.fee_paid, "has paid the fee (Art 12A(2))"),
        ];
        for (_, _, what) in waits.iter().filter(|(asked, here, _)| asked.is_some() && here.is_none()) {
            law.trace.truncate(1);
            law.trace.push(format!("no day counts until the person {what}"));
            (law.due, law.notice_by, law.paused) = (None, None, true);
        }
        let requests = &policy.requests;
        // A longer time that the policy allows itself counts from receipt, as it says; its own promise, like the law's
        // month, from when we had all that it may wait for, and without the days on which we waited.
        let own = match (events.extended, requests.extend, requests.own_period) {
            (Some(_), Some(most), _) => received.checked_add(most).ok(),
            (_, _, Some(own)) => law
                .counted_from
                .checked_add(own)
                .and_then(|day| day.checked_add(Span::new().days(law.paused_days)))
                .ok(),
            _ => None,
        };
        let own = own.filter(|_| law.due.is_some());
        let due = law.due.map(|due| own.map_or(due, |own| own.min(due)));
        Self { law, own, due }
    }
}

/// The moves that put the day off and count only if they were written down while there was time: who asks, tells or notes it
/// too late has let the day pass.
const IN_TIME: &[&str] = &["identity asked", "paused", "fee asked", "extended"];

/// Whether the time for an answer had ended before a day, as far as was known by then.
fn ended(policy: &Policy, (kind, received): (Kind, Date), events: &Events, on: Date) -> bool {
    let clock = Clock::of(policy, kind, received, events);
    // What was promised before this version may have been another day; the law's binds all the same.
    let due = if received < policy.from { clock.law.due } else { clock.due };
    due.is_some_and(|due| due < on)
}

/// What moved the day of one request, in the order in which it was written down.
fn moves(tx: &Tx<'_>, policy: &Policy, request: RequestId) -> Result<Vec<Made>> {
    let zone = zone(policy);
    let mut made = Vec::new();
    let sql = "SELECT step, on_date, recorded_at FROM request_step WHERE request_id = ?1 ORDER BY id";
    tx.each(sql, params![request], |row| {
        made.extend(read(&zone, (row.str(0)?, row.date(1)?, row.at(2)?)));
        Ok::<_, Error>(())
    })?;
    Ok(made)
}

/// A step as a move; nothing if it moves no day.
fn read(zone: &TimeZone, (step, on, at): (&str, Date, Timestamp)) -> Option<Made> {
    let known = MOVES.iter().find(|known| **known == step)?;
    Some(Made { step: known, on, written: zone.to_datetime(at).date() })
}

/// What moved the day of every request, by its number, in the order in which it was written down.
pub(crate) fn all_moves(tx: &Tx<'_>, policy: &Policy) -> Result<BTreeMap<i64, Vec<Made>>> {
    let zone = zone(policy);
    let mut all: BTreeMap<i64, Vec<Made>> = BTreeMap::new();
    let sql = format!(
        "SELECT request_id, step, on_date, recorded_at FROM request_step WHERE step IN ('{}') ORDER BY id",
        MOVES.join("', '")
    );
    tx.each(&sql, &[], |row| {
        let made = read(&zone, (row.str(1)?, row.date(2)?, row.at(3)?));
        all.entry(row.int(0)?).or_default().extend(made);
        Ok::<_, Error>(())
    })?;
    Ok(all)
}

/// By when a request must be answered, and how that came about.
///
/// # Errors
/// [`Error::Missing`] if there is no such request.
pub fn clock(tx: &Tx<'_>, policy: &Policy, request: RequestId) -> Result<Clock> {
    let (kind, received) =
        tx.one("SELECT kind, received_on FROM request WHERE id = ?1", params![request], |row| {
            Ok((row.text(0)?, row.date(1)?))
        })?;
    let kind = Kind::named(&kind).ok_or_else(|| Error::Malformed("the kind of a request".into()))?;
    let made = moves(tx, policy, request)?;
    let (events, late) = Events::of(policy, (kind, received), &made);
    let mut clock = Clock::of(policy, kind, received, &events);
    clock
        .law
        .trace
        .extend(made.iter().filter(|made| !late.contains(made)).filter_map(|made| made.said_late()));
    let nothing = |made: &Made| {
        format!(
            "{} {} moves nothing: it was written down {}, when the time had ended",
            made.step, made.on, made.written
        )
    };
    clock.law.trace.extend(late.iter().map(nothing));
    Ok(clock)
}

/// Makes such a move on a day and computes the due date again.
///
/// # Errors
/// [`Error::Missing`] if there is no such open request; [`Error::Malformed`] for a move that is not open to it.
pub fn moved(
    tx: &Tx<'_>,
    policy: &Policy,
    request: RequestId,
    how: Move<'_>,
    on: Date,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    let was = one(tx, policy, request)?;
    if was.closed_on.is_some() || was.answered_on.is_some() {
        return Err(Error::Missing);
    }
    let (mut events, _) = Events::of(policy, (was.kind, was.received_on), &moves(tx, policy, request)?);
    // How the one it was filed to was known says nothing of whoever it is of.
    let known = "SELECT 1 FROM request_step WHERE request_id = ?1 AND step = 'identity known'
        AND id > (SELECT COALESCE(MAX(u.id), 0) FROM request_step u WHERE u.request_id = ?1 AND u.step = ?2)";
    let known = tx.any(known, params![request, UNTIED])?;
    let made = Made { step: how.step(), on, written: zone(policy).to_datetime(now).date() };
    if let Some(why) = stands_against(policy, (was.kind, was.received_on), &events, known, how, made) {
        return Err(Error::Malformed(why));
    }
    events.take(made.step, on);
    let columns = match how {
        Move::IdentityAsked => "identity_asked_on = ?2",
        Move::IdentityProved => "identity_proved_on = ?2",
        Move::Paused => "paused_on = ?2, resumed_on = NULL",
        Move::Resumed => "resumed_on = ?2, paused_on = ?3",
        Move::Extended(_) => "extended_on = ?2",
        Move::FeeAsked(_) => "fee_asked_on = ?2",
        Move::FeePaid => "fee_paid_on = ?2",
    };
    let mut values = params![request, on].to_vec();
    match how {
        // Of several questions it waits since the first.
        Move::Paused => values = params![request, events.waits_since()].to_vec(),
        Move::Resumed => values.push(events.waits_since().into()),
        _ => {}
    }
    tx.exec(&format!("UPDATE request SET {columns}, version = version + 1 WHERE id = ?1"), &values)?;
    let note = match how {
        Move::Extended(why) => {
            tx.exec("UPDATE request SET extended_why = ?2 WHERE id = ?1", params![request, why])?;
            Some(why)
        }
        Move::FeeAsked(why) => Some(why),
        _ => None,
    };
    step(tx, request, on, how.step(), note, by, now)?;
    redate(tx, policy, request)
}

/// Why a move is not open to a request, in words; nothing if it is.
fn stands_against(
    policy: &Policy,
    (kind, received): (Kind, Date),
    events: &Events,
    known: bool,
    how: Move<'_>,
    made: Made,
) -> Option<String> {
    let Made { on, written, .. } = made;
    let waits = events.waits_since();
    let asked_today = events.pauses.iter().any(|pause| pause.answered.is_none() && pause.asked == on);
    // What nobody wrote down while there was time moves nothing, whatever day it is said to be of.
    let ended = ended(policy, (kind, received), events, written.max(on));
    let before = |asked: Option<Date>| asked.is_some_and(|asked| on < asked);
    let why = match how {
        Move::IdentityAsked if known => "how we know who they are is on record already",
        Move::IdentityAsked if events.identity_asked.is_some() => "we asked who they are already",
        Move::IdentityProved if events.identity_asked.is_none() => "we did not ask who they are",
        Move::IdentityProved if events.identity_proved.is_some() => "we know who they are already",
        Move::IdentityProved if before(events.identity_asked) => "this is before we asked who they are",
        Move::Paused if kind != Kind::Access => "only an access request pauses (UK GDPR Art 12A(5))",
        Move::Paused if received < uk::ARTICLE_12A_FROM => {
            "what was asked before 5 February 2026 does not pause: Art 12A was not in force"
        }
        Move::Paused if asked_today => "we asked on that day already, and wait for it",
        Move::Resumed if waits.is_none() => "it is not paused",
        Move::Resumed if before(waits) => "this is before we asked",
        Move::Extended(_) if events.extended.is_some() => "it is extended already",
        Move::Extended(why) if why.trim().is_empty() => "an extension needs its reason (Art 12A(4))",
        Move::Extended(_) if ended => {
            "the first month has ended and nobody had written it down: it can no longer be extended (Art 12A(4))"
        }
        Move::Extended(_) if policy.requests.own_period.is_some() && policy.requests.extend.is_none() => {
            let own = policy.requests.own_period.as_ref().map(period_words).unwrap_or_default();
            return Some(format!(
                "the policy promises an answer within {own} and does not say that it may take longer"
            ));
        }
        Move::FeeAsked(_) if events.fee_asked.is_some() => "we asked for a fee already",
        Move::FeeAsked(why) if why.trim().is_empty() => {
            "a fee needs its reason: it is for us to show that this is unfounded or excessive (Art 12(5))"
        }
        Move::FeePaid if events.fee_asked.is_none() => "we did not ask for a fee",
        Move::FeePaid if events.fee_paid.is_some() => "it is paid already",
        Move::FeePaid if before(events.fee_asked) => "this is before we asked for it",
        Move::IdentityAsked | Move::Paused | Move::FeeAsked(_) if ended => {
            "the day for the answer has passed and nobody had written it down: it puts nothing off, so answer, or ask without \
             waiting"
        }
        _ => return None,
    };
    Some(why.to_owned())
}

/// Stores the due date: the earlier of the law's and our own.
pub(super) fn redate(tx: &Tx<'_>, policy: &Policy, request: RequestId) -> Result<()> {
    let clock = clock(tx, policy, request)?;
    tx.exec("UPDATE request SET due_on = ?2 WHERE id = ?1", params![request, clock.due])?;
    Ok(())
}
