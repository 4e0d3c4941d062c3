//! How we got somebody's address, where the law lets us write to it without having asked (PECR 2003 reg 22(3) and (3A)): from
//! themselves, in a sale or its negotiation or when they showed interest, with a free way to refuse there and then. It
//! covers that address and no other, for one activity. A record is never rewritten; a slip is taken back whole.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{MessageId, PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{Activity, Policy};

use crate::asked::{AT_ONCE, asked, listed};
use crate::line::Address;
use crate::{Error, Result, Tx, Value, id, line, normal, params, ring_duty};

/// The address that mail to somebody for an activity goes to, if one is held.
///
/// # Errors
/// Whatever the database says.
pub fn address(
    tx: &Tx<'_>,
    policy: &Policy,
    activity: &Activity,
    person: PersonId,
) -> Result<Option<Address>> {
    let mut found = None;
    for asked in asked(tx, &[person])? {
        found = line::addresses(tx, policy, activity, &asked, |_| true)?.remove(&person).or(found);
    }
    Ok(found)
}

/// How an address was got, about to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewSoftOptIn<'a> {
    /// Whose address.
    pub person: PersonId,
    /// For which activity, by name.
    pub activity: &'a str,
    /// The address, in the form it is compared in.
    pub address: &'a str,
    /// The day we got it.
    pub on: Date,
    /// In which sale, talk or support of theirs.
    pub how: &'a str,
    /// How they could refuse, as it was said to them there.
    pub refusal: &'a str,
    /// Who recorded it.
    pub by: Option<StaffId>,
}

/// A record, as the page lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SoftOptIn {
    /// Its row.
    pub id: i64,
    /// The activity's name.
    pub activity: String,
    /// The day we got the address.
    pub on: Date,
    /// Whether it is the address that mail to them goes to today.
    pub stands: bool,
}

/// Records how an address was got.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn record(tx: &Tx<'_>, new: &NewSoftOptIn<'_>, now: Timestamp) -> Result<i64> {
    let row = id::next();
    tx.exec(
        "INSERT INTO soft_opt_in (id, person_id, activity, address, on_date, how, refusal, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![row, new.person, new.activity, new.address, new.on, new.how, new.refusal, new.by, now],
    )?;
    Ok(row)
}

/// Takes back what was recorded of somebody by a slip.
///
/// # Errors
/// [`Error::Missing`] if there is no such record of theirs.
pub fn take_back(tx: &Tx<'_>, person: PersonId, row: i64) -> Result<()> {
    match ring_duty::delete(tx, "soft_opt_in", "id = ?1 AND person_id = ?2", params![row, person])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// What is recorded of somebody, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<SoftOptIn>> {
    let sql = "SELECT id, activity, on_date, address FROM soft_opt_in WHERE person_id = ?1 ORDER BY on_date DESC, id DESC";
    let recorded = tx.all(sql, params![person], |row| {
        let one = SoftOptIn { id: row.int(0)?, activity: row.text(1)?, on: row.date(2)?, stands: false };
        Ok((one, row.text(3)?))
    })?;
    let said = |(one, got): (SoftOptIn, String)| {
        let theirs = match policy.activity_named(&one.activity) {
            Some(activity) => address(tx, policy, activity, person)?,
            None => None,
        };
        Ok::<_, Error>(SoftOptIn { stands: theirs.is_some_and(|theirs| theirs.normal == got), ..one })
    };
    recorded.into_iter().map(said).collect()
}

/// Those of some people, asked for in ascending order, of whom it is recorded by a day how we got the address that mail for an
/// activity goes to.
///
/// # Errors
/// Whatever the database says.
pub fn standing(
    tx: &Tx<'_>,
    policy: &Policy,
    activity: &Activity,
    people: &[PersonId],
    on: Date,
) -> Result<BTreeSet<PersonId>> {
    let mut found = BTreeSet::new();
    for asked in asked(tx, people)? {
        let next = asked.values.len() + 1;
        let sql = asked.sql(&format!(
            "SELECT person_id, address FROM soft_opt_in WHERE person_id {{people}} AND activity = ?{next} AND on_date <= ?{}",
            next + 1
        ));
        let more = [Value::from(activity.name.clone()), Value::from(on)];
        let values: Vec<Value<'_>> = asked.values.iter().cloned().chain(more).collect();
        let mut got: BTreeSet<(PersonId, String)> = BTreeSet::new();
        tx.each(&sql, &values, |row| {
            got.insert((PersonId(row.int(0)?), row.text(1)?));
            Ok::<(), Error>(())
        })?;
        if got.is_empty() {
            continue;
        }
        let whom: BTreeSet<PersonId> = got.iter().map(|(person, _)| *person).collect();
        let theirs = line::addresses(tx, policy, activity, &asked, |person| whom.contains(&person))?;
        let theirs = theirs.into_iter().map(|(person, address)| (person, address.normal));
        found.extend(theirs.filter(|theirs| got.contains(theirs)).map(|(person, _)| person));
    }
    Ok(found)
}

/// The record by which a message may leave to the address that it was written to, of a day by then.
///
/// # Errors
/// Whatever the database says.
pub fn of_message(tx: &Tx<'_>, message: MessageId, activity: &str, on: Date) -> Result<Option<i64>> {
    Ok(of_messages(tx, &[message], activity, on)?.remove(&message))
}

/// The same of several messages: of those that may, the record of each.
///
/// # Errors
/// Whatever the database says.
pub fn of_messages(
    tx: &Tx<'_>,
    messages: &[MessageId],
    activity: &str,
    on: Date,
) -> Result<BTreeMap<MessageId, i64>> {
    let mut found = BTreeMap::new();
    for some in messages.chunks(AT_ONCE) {
        let (mut values, list) = listed(some.iter().map(|message| Value::from(*message)));
        values.extend([Value::from(activity), Value::from(on)]);
        let (named, today) = (values.len() - 1, values.len());
        let sql = format!(
            "SELECT m.id, m.address, s.id, s.address FROM message m JOIN soft_opt_in s ON s.person_id = m.person_id
                WHERE m.id IN ({list}) AND s.activity = ?{named} AND s.on_date <= ?{today} ORDER BY m.id, s.id"
        );
        tx.each(&sql, &values, |row| {
            let (message, goes_to, got) = (MessageId(row.int(0)?), row.str(1)?, row.str(3)?);
            let same = normal::email(goes_to).is_some()
                && normal::forms("email", goes_to).iter().any(|form| form == got);
            if same && !found.contains_key(&message) {
                found.insert(message, row.int(2)?);
            }
            Ok::<(), Error>(())
        })?;
    }
    Ok(found)
}
