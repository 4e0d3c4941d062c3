//! People: that the instance holds somebody, in which categories, and lists of them. A person without any
//! item, entry, document or record does not stay: what disposes of the last one takes the person too.

use custody::id::{OrganisationId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{CategoryId, Policy};

use crate::asked::{asked, listed};
use crate::dialect::planned_by_values;
use crate::normal::Shape;
use crate::reach::Reach;
use crate::search::{self, FoundBy};
use crate::{Error, Result, Tx, Value, id, params};

/// Adds a person of whom nothing is held yet: their first item follows in the same transaction.
///
/// # Errors
/// Whatever the database says.
pub fn add(tx: &Tx<'_>, now: Timestamp) -> Result<PersonId> {
    let person = PersonId(id::next());
    tx.put("INSERT INTO person (id, created_at, version) VALUES (?1, ?2, 1)", params![person, now])?;
    Ok(person)
}

/// Whether the instance holds anybody of this number.
///
/// # Errors
/// Whatever the database says.
pub fn exists(tx: &Tx<'_>, person: PersonId) -> Result<bool> {
    tx.any("SELECT 1 FROM person WHERE id = ?1 AND into_person_id IS NULL", params![person])
}

/// At which version somebody is: it changes when they are put together with another entry, or taken apart.
///
/// # Errors
/// [`Error::Missing`] if there is nobody of this number.
pub fn version(tx: &Tx<'_>, person: PersonId) -> Result<i64> {
    tx.one("SELECT version FROM person WHERE id = ?1", params![person], |row| row.int(0))
}

/// Whether the instance holds anybody.
///
/// # Errors
/// Whatever the database says.
pub fn any(tx: &Tx<'_>) -> Result<bool> {
    tx.any("SELECT 1 FROM person LIMIT 1", &[])
}

/// How many people the instance holds.
///
/// # Errors
/// Whatever the database says.
pub fn count(tx: &Tx<'_>) -> Result<i64> {
    tx.count("SELECT COUNT(*) FROM person WHERE into_person_id IS NULL", &[])
}

/// A category a person has or had, as the page shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldCategory {
    /// Its row.
    pub id: i64,
    /// Whose.
    pub person: PersonId,
    /// Which, by name.
    pub category: String,
    /// Since when.
    pub since: Date,
    /// The day it was no longer held.
    pub until: Option<Date>,
}

/// Gives a person a category, unless they have it already. Whether they got it now.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn give_category(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    category: CategoryId,
    since: Date,
    by: Option<StaffId>,
) -> Result<bool> {
    let name = &policy.categories.get(category.index()).ok_or(Error::Missing)?.name;
    let held = "SELECT 1 FROM person_category WHERE person_id = ?1 AND category = ?2 AND until IS NULL AND annulled_at IS NULL";
    if tx.any(held, params![person, name])? {
        return Ok(false);
    }
    begin_category(tx, policy, person, category, since, by)?;
    Ok(true)
}

/// Gives their first category to somebody who was added in this transaction.
///
/// # Errors
/// [`Error::Missing`] if the policy has no such category.
pub fn begin_category(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    category: CategoryId,
    since: Date,
    by: Option<StaffId>,
) -> Result<()> {
    let name = &policy.categories.get(category.index()).ok_or(Error::Missing)?.name;
    tx.put(
        "INSERT INTO person_category (id, person_id, category, since, recorded_by) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id::next(), person, name, since, by],
    )
}

/// Records that a person no longer has a category, from a day on. The rules decide what that ends.
///
/// # Errors
/// [`Error::Missing`] if they do not have it.
pub fn end_category(tx: &Tx<'_>, person: PersonId, category: &str, until: Date) -> Result<()> {
    some(tx.exec(
        "UPDATE person_category SET until = ?3 WHERE person_id = ?1 AND category = ?2 AND until IS NULL AND annulled_at IS NULL",
        params![person, category, until],
    )?)
}

/// What somebody no longer is, the latest first: each row's number, the category and the first day. What they have become
/// again since is not among it.
///
/// # Errors
/// Whatever the database says.
pub fn ended_categories(tx: &Tx<'_>, person: PersonId) -> Result<Vec<(i64, String, Date)>> {
    tx.all(
        "SELECT c.id, c.category, c.until FROM person_category c
            WHERE c.person_id = ?1 AND c.until IS NOT NULL AND c.annulled_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM person_category o WHERE o.person_id = ?1 AND o.category = c.category
                    AND o.annulled_at IS NULL AND (o.until IS NULL OR o.until > c.until))
            ORDER BY c.until DESC, c.id DESC",
        params![person],
        |row| Ok((row.int(0)?, row.text(1)?, row.date(2)?)),
    )
}

/// Takes back that somebody is no longer of a category: they are, as before. Of which.
///
/// # Errors
/// [`Error::Missing`] if it is none of [`ended_categories`].
pub fn stay_in_category(tx: &Tx<'_>, person: PersonId, row: i64) -> Result<String> {
    let found = ended_categories(tx, person)?.into_iter().find(|(ended, ..)| *ended == row);
    let (_, category, _) = found.ok_or(Error::Missing)?;
    some(tx.exec("UPDATE person_category SET until = NULL WHERE id = ?1", params![row])?)?;
    Ok(category)
}

/// Records that a person never had a category: what it opened is annulled.
///
/// # Errors
/// [`Error::Missing`] if no such row stands.
pub fn annul_category(tx: &Tx<'_>, person: PersonId, category: &str, now: Timestamp) -> Result<()> {
    some(tx.exec(
        "UPDATE person_category SET annulled_at = ?3 WHERE person_id = ?1 AND category = ?2 AND annulled_at IS NULL",
        params![person, category, now],
    )?)
}

fn some(changed: u64) -> Result<()> {
    if changed > 0 { Ok(()) } else { Err(Error::Missing) }
}

/// The categories of several people, those that stand first, each in order of their beginning.
///
/// # Errors
/// Whatever the database says.
pub fn categories(tx: &Tx<'_>, people: &[PersonId]) -> Result<Vec<HeldCategory>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, list) = listed(people.iter().map(Value::from));
    tx.all(
        &format!(
            "SELECT id, person_id, category, since, until FROM person_category
                WHERE person_id IN ({list}) AND annulled_at IS NULL ORDER BY CASE WHEN until IS NULL THEN 0 ELSE 1 END, since, id"
        ),
        &ids,
        |row| {
            Ok(HeldCategory {
                id: row.int(0)?,
                person: PersonId(row.int(1)?),
                category: row.text(2)?,
                since: row.date(3)?,
                until: row.opt_date(4)?,
            })
        },
    )
}

/// Which people a list shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// With this category today.
    pub category: Option<String>,
    /// Belonging to this organisation today.
    pub organisation: Option<OrganisationId>,
    /// With an active ground under this activity.
    pub activity: Option<String>,
    /// With a ground under this activity whose last day is on or before this one.
    pub leaving: Option<(String, Date)>,
}

/// A page of people in the order of their names, after a person of the page before. `today` says which
/// categories and belongings stand.
///
/// # Errors
/// Whatever the database says.
pub fn page(
    tx: &Tx<'_>,
    reach: &Reach,
    filter: &Filter,
    today: Date,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<PersonId>> {
    let mut values: Vec<Value<'static>> = Vec::new();
    let mut sql = String::from("SELECT t.id FROM search_text t WHERE ");
    sql.push_str(&reach.sql("t.id", &mut values));
    let mut and = |values: &mut Vec<Value<'static>>, text: &str, new: Vec<Value<'static>>| {
        let mut text = text.to_owned();
        for (i, value) in new.into_iter().enumerate() {
            values.push(value);
            text = text.replace(&format!("{{{i}}}"), &format!("?{}", values.len()));
        }
        sql.push_str(&text);
    };
    if let Some(category) = &filter.category {
        and(
            &mut values,
            " AND EXISTS (SELECT 1 FROM person_category c WHERE c.person_id = t.id AND c.category = {0}
                AND c.annulled_at IS NULL AND c.since <= {1} AND (c.until IS NULL OR c.until > {1}))",
            vec![category.clone().into(), today.into()],
        );
    }
    if let Some(organisation) = filter.organisation {
        and(
            &mut values,
            " AND EXISTS (SELECT 1 FROM belonging b WHERE b.person_id = t.id AND b.organisation_id = {0}
                AND (b.until IS NULL OR b.until > {1}))",
            vec![organisation.into(), today.into()],
        );
    }
    if let Some(activity) = &filter.activity {
        and(
            &mut values,
            " AND EXISTS (SELECT 1 FROM ground g WHERE g.person_id = t.id AND g.activity = {0} AND g.state = 'active'
                AND (g.due_on IS NULL OR g.due_on >= {1}))",
            vec![activity.clone().into(), today.into()],
        );
    }
    if let Some((activity, until)) = &filter.leaving {
        and(
            &mut values,
            " AND EXISTS (SELECT 1 FROM ground g WHERE g.person_id = t.id AND g.activity = {0} AND g.state = 'active'
                AND g.due_on IS NOT NULL AND g.due_on <= {1})",
            vec![activity.clone().into(), (*until).into()],
        );
    }
    if let Some(after) = after {
        let normal =
            tx.maybe("SELECT normal FROM search_text WHERE id = ?1", params![after], |row| row.text(0))?;
        if let Some(normal) = normal {
            and(&mut values, " AND (t.normal, t.id) > ({0}, {1})", vec![normal.into(), after.into()]);
        }
    }
    and(&mut values, " ORDER BY t.normal, t.id LIMIT {0}", vec![limit.into()]);
    planned_by_values(tx, || tx.all(&sql, &values, |row| Ok(PersonId(row.int(0)?))))
}

/// Those of these people who are within reach, in their order.
///
/// # Errors
/// Whatever the database says.
pub fn within(tx: &Tx<'_>, reach: &Reach, people: Vec<PersonId>) -> Result<Vec<PersonId>> {
    if *reach == Reach::Everyone {
        return Ok(people);
    }
    let mut ascending = people.clone();
    ascending.sort_unstable();
    ascending.dedup();
    let mut near = std::collections::BTreeSet::new();
    for some in asked(tx, &ascending)? {
        let mut values = some.values.clone();
        let sql =
            format!("SELECT id FROM person WHERE id {{people}} AND {}", reach.sql("person.id", &mut values));
        near.extend(tx.all(&some.sql(&sql), &values, |row| Ok(PersonId(row.int(0)?)))?);
    }
    Ok(people.into_iter().filter(|person| near.contains(person)).collect())
}

/// Makes a person findable by what is held now: names, ordinary details and organisations. To be
/// called in the transaction that changes any of them.
///
/// # Errors
/// Whatever the database says.
pub fn refind(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<()> {
    let items =
        tx.all("SELECT kind, value FROM item WHERE person_id = ?1 ORDER BY id", params![person], |row| {
            Ok((row.text(0)?, row.text(1)?))
        })?;
    let organisations = "SELECT o.name FROM belonging b JOIN organisation o ON o.id = b.organisation_id
        WHERE b.person_id = ?1 AND b.until IS NULL ORDER BY b.id";
    let organisations = tx.all(organisations, params![person], |row| row.text(0))?;
    let items = items.iter().map(|(kind, value)| (kind.as_str(), value.as_str()));
    find_by(tx, policy, person, items, organisations.iter().map(String::as_str))
}

/// Makes a person findable by these details, each with the name of its kind, and by these organisations: all that is
/// held of somebody who was added in this transaction. Of details only the ordinary are taken.
///
/// # Errors
/// Whatever the database says.
pub fn find_by<'v>(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    items: impl Iterator<Item = (&'v str, &'v str)>,
    organisations: impl Iterator<Item = &'v str>,
) -> Result<()> {
    let ordinary = |kind: &str| {
        policy.kind_named(kind).is_some_and(|kind| kind.sensitivity == policy::Sensitivity::Ordinary)
    };
    let mut texts: Vec<(u8, FoundBy, &str)> = items
        .filter(|(kind, _)| ordinary(kind))
        .map(|(kind, value)| match Shape::of(kind) {
            Shape::Email => (3, FoundBy::Email, value),
            Shape::Phone => (4, FoundBy::Phone, value),
            Shape::Words => (u8::from(kind != "name"), FoundBy::Words, value),
        })
        .collect();
    texts.extend(organisations.map(|name| (2, FoundBy::Words, name)));
    // A list is in the order of what stands first: the name, or what the person is known by without one.
    texts.sort_by_key(|(place, ..)| *place);
    let texts: Vec<(FoundBy, &str)> = texts.into_iter().map(|(_, by, text)| (by, text)).collect();
    search::index(tx, person, &texts)
}

/// The names of several people, sealed; whoever has none is called by their e-mail address or number.
/// In the order asked for; somebody of whom neither is held is left out.
///
/// # Errors
/// Whatever the database says.
pub fn names(tx: &Tx<'_>, policy: &Policy, people: &[PersonId]) -> Result<Vec<Sealed>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, list) = listed(people.iter().map(Value::from));
    let sql = format!("SELECT person_id, kind, value FROM item WHERE person_id IN ({list}) ORDER BY id");
    let found = tx.all(&sql, &ids, |row| {
        // What cannot be read names nobody, and keeps nobody else from being named.
        Ok((PersonId(row.int(0)?), row.text(1)?, row.text(2).ok()))
    })?;
    let found: Vec<(PersonId, String, String)> =
        found.into_iter().filter_map(|(person, kind, value)| Some((person, kind, value?))).collect();
    let rank = |kind: &str| match (kind, Shape::of(kind)) {
        ("name", _) => Some(0),
        (_, Shape::Email) => Some(1),
        (_, Shape::Phone) => Some(2),
        _ => None,
    };
    let named = |person: &PersonId| {
        let theirs = found.iter().filter(|(whose, ..)| whose == person);
        let best = theirs
            .filter_map(|(_, kind, value)| Some((rank(kind)?, kind, value)))
            .min_by_key(|(rank, ..)| *rank);
        best.and_then(|(_, kind, value)| {
            Some(Sealed::new(*person, policy.kind_named(kind)?.id, value.clone()))
        })
    };
    Ok(people.iter().filter_map(named).collect())
}
