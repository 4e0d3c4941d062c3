//! Calls, and what a number was checked against before one: the preference registers, our own list, and what
//! subscribers told us. The check is kept as evidence whether or not the call was made.

use custody::gate::Screened;
use custody::id::{ItemId, OrganisationId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::channel::Screening;
use policy::{Activity, KindId, Policy};

use crate::{Error, Keys, Result, Row, Tx, id, line, normal, not_objecting, params, register, suppression};

/// Whom a number belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Line {
    /// The person.
    pub person: Option<PersonId>,
    /// The organisation.
    pub organisation: Option<OrganisationId>,
}

/// Checks a number as a channel's screening asks, and keeps the check. The decision is taken with the answer.
///
/// # Errors
/// [`Error::Malformed`] if the number is none; whatever the database says.
#[expect(clippy::too_many_arguments, reason = "what is looked up, for whom, by whom, where and when")]
pub fn screen(
    tx: &Tx<'_>,
    keys: &Keys,
    screening: &Screening,
    line: Line,
    number: &str,
    by: Option<StaffId>,
    today: Date,
    now: Timestamp,
) -> Result<Screened> {
    let e164 = normal::phone(number).ok_or_else(no_number)?;
    let looked = looked_in(tx, screening, &e164)?;
    for (name, dated, listed) in &looked {
        let seen = Looked { register: name, dated: *dated, listed: *listed, asked: false };
        write(tx, line, &e164, seen, (by, today, now))?;
    }
    answer(tx, keys, screening, &e164, looked)
}

/// The same check without keeping it: to show on a page whether a number may be called.
///
/// # Errors
/// As [`screen`].
pub fn check(tx: &Tx<'_>, keys: &Keys, screening: &Screening, number: &str) -> Result<Screened> {
    let e164 = normal::phone(number).ok_or_else(no_number)?;
    let looked = looked_in(tx, screening, &e164)?;
    answer(tx, keys, screening, &e164, looked)
}

fn no_number() -> Error {
    Error::Malformed("this is no telephone number".into())
}

/// What one register said of a number.
#[derive(Clone, Copy, Debug)]
struct Looked<'a> {
    register: &'a str,
    dated: Date,
    listed: bool,
    /// Whether somebody was asked who answers for the register, and no list of ours was looked at.
    asked: bool,
}

fn write(
    tx: &Tx<'_>,
    line: Line,
    e164: &str,
    looked: Looked<'_>,
    (by, today, now): (Option<StaffId>, Date, Timestamp),
) -> Result<()> {
    tx.exec(
        "INSERT INTO screening (id, person_id, organisation_id, number, register, register_on, listed, asked, on_date, screened_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id::next(), line.person, line.organisation, e164, looked.register, looked.dated, looked.listed, looked.asked, today, by, now
        ],
    )?;
    Ok(())
}

/// Keeps what was answered, by whoever answers for a register, of a number: it counts like a list of its day.
///
/// # Errors
/// [`Error::Malformed`] if the number is none.
pub fn answered(
    tx: &Tx<'_>,
    line: Line,
    number: &str,
    (register, dated, listed): (&str, Date, bool),
    (by, today, now): (Option<StaffId>, Date, Timestamp),
) -> Result<()> {
    let e164 = normal::phone(number).ok_or_else(no_number)?;
    write(tx, line, &e164, Looked { register, dated, listed, asked: true }, (by, today, now))
}

/// What a register says of a number, E.164, as far as is known here, and of which day that is: the list that is loaded, or what was
/// answered of this number. The newer of the two counts; of one day, the one that says no.
///
/// # Errors
/// Whatever the database says.
pub fn known(tx: &Tx<'_>, register: &str, e164: &str) -> Result<Option<(Date, bool)>> {
    let list = match register::newest(tx, register)? {
        Some(file) => Some((file.dated_on, register::listed(tx, register, e164)?)),
        None => None,
    };
    let answered = tx.maybe(
        "SELECT register_on, listed FROM screening WHERE number = ?1 AND register = ?2 AND asked = 1
            ORDER BY register_on DESC, listed DESC, id DESC LIMIT 1",
        params![e164, register],
        |row| Ok((row.date(0)?, row.bool(1)?)),
    )?;
    Ok(list.max(answered))
}

/// A register of which nothing is known is not among those looked in, and the gate sees that it is missing.
fn looked_in(tx: &Tx<'_>, screening: &Screening, e164: &str) -> Result<Vec<(String, Date, bool)>> {
    let mut looked = Vec::new();
    for name in &screening.registers {
        if let Some((dated, listed)) = known(tx, name, e164)? {
            looked.push((name.clone(), dated, listed));
        }
    }
    Ok(looked)
}

fn answer(
    tx: &Tx<'_>,
    keys: &Keys,
    screening: &Screening,
    e164: &str,
    looked: Vec<(String, Date, bool)>,
) -> Result<Screened> {
    let mut answer = Screened::default();
    for (name, dated, listed) in looked {
        answer.listed |= listed;
        answer.registers.push((name, dated));
    }
    if screening.own_list {
        answer.own_list = true;
        answer.on_own_list = suppression::bars(tx, keys, "phone", e164, true, true)?;
    }
    answer.not_objecting = not_objecting::standing(tx, e164)?;
    Ok(answer)
}

/// The detail that a person is called at for an activity, and its number, E.164: of the kinds of number that the activity holds the one
/// that the policy names first, and of several of one kind the one that was given first. Whoever calls, checks or shows asks here.
///
/// # Errors
/// Whatever the database says.
pub fn called_at(
    tx: &Tx<'_>,
    (policy, activity): (&Policy, &Activity),
    person: PersonId,
) -> Result<Option<(ItemId, String)>> {
    let kinds = line::phone_kinds(policy, activity);
    let sql = "SELECT id, kind, normal FROM item WHERE person_id = ?1 ORDER BY id";
    let numbers = tx.all(sql, params![person], |row| {
        let kind = policy.kind_named(row.str(1)?).map(|kind| kind.id);
        Ok((kind, ItemId(row.int(0)?), row.text(2)?))
    })?;
    let theirs = numbers.into_iter().filter_map(|(kind, item, number)| {
        Some((kind.filter(|kind| kinds.contains(*kind))?, item, normal::phone(&number)?))
    });
    Ok(theirs.min_by_key(|(kind, ..)| *kind).map(|(_, item, number)| (item, number)))
}

/// [`check`] for the number a person is called at; `None` where none is held.
///
/// # Errors
/// As [`check`].
pub fn check_person(
    tx: &Tx<'_>,
    keys: &Keys,
    screening: &Screening,
    of: (&Policy, &Activity),
    person: PersonId,
) -> Result<Option<Screened>> {
    let at = called_at(tx, of, person)?;
    at.map(|(_, number)| check(tx, keys, screening, &number)).transpose()
}

/// [`screen`] for the number a person is called at.
///
/// # Errors
/// [`Error::Malformed`] if no number of theirs is held.
pub fn screen_person(
    tx: &Tx<'_>,
    keys: &Keys,
    screening: &Screening,
    of: (&Policy, &Activity),
    person: PersonId,
    (by, today, now): (Option<StaffId>, Date, Timestamp),
) -> Result<Screened> {
    let (_, number) = called_at(tx, of, person)?.ok_or_else(none_held)?;
    screen(tx, keys, screening, Line { person: Some(person), organisation: None }, &number, by, today, now)
}

/// Records a call to the number a person is called at; the line and number of `new` are left aside.
///
/// # Errors
/// [`Error::Malformed`] if no number of theirs is held.
pub fn record_to(tx: &Tx<'_>, of: (&Policy, &Activity), person: PersonId, new: &NewCall<'_>) -> Result<i64> {
    let (_, number) = called_at(tx, of, person)?.ok_or_else(none_held)?;
    record(tx, &NewCall { line: Line { person: Some(person), organisation: None }, number: &number, ..*new })
}

/// Records that a person, as the subscriber of their number, does not object to our calls.
///
/// # Errors
/// [`Error::Malformed`] if no number of theirs is held.
pub fn not_objecting(
    tx: &Tx<'_>,
    of: (&Policy, &Activity),
    person: PersonId,
    said_on: Date,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<i64> {
    let (_, number) = called_at(tx, of, person)?.ok_or_else(none_held)?;
    let line = Line { person: Some(person), organisation: None };
    not_objecting::record(tx, line, &number, "the subscriber", said_on, by, now)
}

fn none_held() -> Error {
    Error::Malformed("no telephone number of theirs is held".into())
}

/// A call about to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewCall<'a> {
    /// Whose line.
    pub line: Line,
    /// The number.
    pub number: &'a str,
    /// Under which activity, by name.
    pub activity: &'a str,
    /// What it was checked against; nothing where the channel asks for no check.
    pub screened: Option<&'a Screened>,
    /// How it ended.
    pub outcome: &'a str,
    /// What was said.
    pub note: Option<&'a str>,
    /// Who called.
    pub by: Option<StaffId>,
    /// When.
    pub at: Timestamp,
    /// On which day.
    pub on: Date,
}

/// Records a call.
///
/// # Errors
/// [`Error::Malformed`] if the number is none; [`Error::Referred`] if there is no such person.
pub fn record(tx: &Tx<'_>, new: &NewCall<'_>) -> Result<i64> {
    let e164 = normal::phone(new.number).ok_or_else(no_number)?;
    let call = id::next();
    tx.exec(
        "INSERT INTO call (id, person_id, organisation_id, number, activity, at, on_date, screened, outcome, note, called_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            call, new.line.person, new.line.organisation, e164, new.activity, new.at, new.on, new.screened.map(evidence), new.outcome,
            new.note, new.by
        ],
    )?;
    Ok(call)
}

/// What was looked at, as one line without the number: `tps 2026-11-02, ctps 2026-11-02, own list`.
fn evidence(screened: &Screened) -> String {
    let mut looked: Vec<String> =
        screened.registers.iter().map(|(name, dated)| format!("{name} {dated}")).collect();
    if screened.own_list {
        looked.push("own list".to_owned());
    }
    if let Some(said) = screened.not_objecting {
        looked.push(format!("does not object, said {said}"));
    }
    looked.join(", ")
}

/// A call, sealed for its person.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its row.
    pub id: i64,
    /// Whose line.
    pub line: Line,
    /// The number; nothing where it is nobody's.
    pub number: Option<Sealed>,
    /// Under which activity.
    pub activity: String,
    /// When.
    pub at: Timestamp,
    /// What was looked at before.
    pub screened: Option<String>,
    /// How it ended.
    pub outcome: Option<Sealed>,
    /// What was said.
    pub note: Option<Sealed>,
    /// Who called.
    pub by: Option<StaffId>,
}

const SELECT: &str = "SELECT id, person_id, organisation_id, number, activity, at, screened, outcome, note, called_by FROM call";

fn read(kind: KindId, row: &Row<'_>) -> Result<Call> {
    let person = row.opt_int(1)?.map(PersonId);
    let seal = |text: String| person.map(|person| Sealed::new(person, kind, text));
    Ok(Call {
        id: row.int(0)?,
        line: Line { person, organisation: row.opt_int(2)?.map(OrganisationId) },
        number: seal(row.text(3)?),
        activity: row.text(4)?,
        at: row.at(5)?,
        screened: row.opt_text(6)?,
        outcome: seal(row.text(7)?),
        note: row.opt_text(8)?.and_then(seal),
        by: row.opt_int(9)?.map(StaffId),
    })
}

/// The calls to a person, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId, limit: u32) -> Result<Vec<Call>> {
    let kind = policy.kind_named("call record").map(|kind| kind.id).ok_or(Error::Missing)?;
    tx.all(
        &format!("{SELECT} WHERE person_id = ?1 ORDER BY on_date DESC, id DESC LIMIT ?2"),
        params![person, limit],
        |row| read(kind, row),
    )
}

/// The latest calls, the newest first, after one of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn page(tx: &Tx<'_>, policy: &Policy, after: Option<i64>, limit: u32) -> Result<Vec<Call>> {
    let kind = policy.kind_named("call record").map(|kind| kind.id).ok_or(Error::Missing)?;
    tx.all(
        &format!("{SELECT} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"),
        params![after.unwrap_or(i64::MAX), limit],
        |row| read(kind, row),
    )
}
