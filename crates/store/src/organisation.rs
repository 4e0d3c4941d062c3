//! Organisations, and who belongs to them. A company is not a person; that somebody belongs to one is said of the
//! person. Of a sole trader or partnership only the name is here, and it goes with the last who belongs to it.

use custody::id::{OrganisationId, PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{KindSet, Policy};

use crate::asked::listed;
use crate::mention::own::{self, Own};
use crate::schema::{self, KindOf};
use crate::{Error, Result, Row, Tx, Value, id, normal, params, person, ring_duty};

/// What sort of subscriber to telephone and e-mail an organisation is (PECR 2003 regs 21, 22). Where it is not
/// known the rules for an individual hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subscriber {
    /// A company, a limited liability partnership, a public body.
    Corporate,
    /// A sole trader or an ordinary partnership: protected like a person.
    Individual,
    /// Not known.
    Unknown,
}

impl Subscriber {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Corporate => "corporate",
            Self::Individual => "individual",
            Self::Unknown => "unknown",
        }
    }

    /// The sort of a name; unknown where it is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        [Self::Corporate, Self::Individual]
            .into_iter()
            .find(|known| known.name() == name)
            .unwrap_or(Self::Unknown)
    }
}

impl Details {
    /// Whether anything beside the name is held of what may be a sole trader or partnership: that is its person's own.
    #[must_use]
    pub fn are_somebodys(&self) -> bool {
        let more = [&self.phone, &self.email, &self.address, &self.website, &self.notes];
        self.subscriber != Subscriber::Corporate && more.iter().any(|detail| detail.is_some())
    }
}

/// What is held about an organisation itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Details {
    /// Its name.
    pub name: String,
    /// What sort of subscriber it is.
    pub subscriber: Subscriber,
    /// Its own number, not a person's.
    pub phone: Option<String>,
    /// Its own address, not a person's.
    pub email: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// Its site.
    pub website: Option<String>,
    /// Notes about the organisation, never about a person.
    pub notes: Option<String>,
}

/// An organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organisation {
    /// Its row.
    pub id: OrganisationId,
    /// What is held about it.
    pub details: Details,
    /// Its version.
    pub version: i64,
}

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It is stored.
    Stored(i64),
    /// Somebody changed it since the version seen: what it says now.
    Conflict(Box<Organisation>),
}

const COLUMNS: &str = "id, name, subscriber, phone, email, address, website, notes, version";

fn read(row: &Row<'_>) -> Result<Organisation> {
    Ok(Organisation {
        id: OrganisationId(row.int(0)?),
        details: Details {
            name: row.text(1)?,
            subscriber: Subscriber::named(row.str(2)?),
            phone: row.opt_text(3)?,
            email: row.opt_text(4)?,
            address: row.opt_text(5)?,
            website: row.opt_text(6)?,
            notes: row.opt_text(7)?,
        },
        version: row.int(8)?,
    })
}

/// Adds an organisation.
///
/// # Errors
/// Whatever the database says.
pub fn add(tx: &Tx<'_>, new: &Details, now: Timestamp) -> Result<OrganisationId> {
    let organisation = OrganisationId(id::next());
    tx.put(
        "INSERT INTO organisation (id, name, normal, subscriber, phone, phone_normal, email, address, website, notes, created_at, version)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1)",
        params![
            organisation, &new.name, normal::name(&new.name), new.subscriber.name(), new.phone.as_ref(),
            new.phone.as_deref().and_then(normal::phone), new.email.as_ref(), new.address.as_ref(), new.website.as_ref(),
            new.notes.as_ref(), now
        ],
    )?;
    Ok(organisation)
}

/// The organisation of this name, however it is written, or a new one.
///
/// # Errors
/// Whatever the database says.
pub fn named(tx: &Tx<'_>, name: &str, now: Timestamp) -> Result<OrganisationId> {
    let same = "SELECT id FROM organisation WHERE normal = ?1 ORDER BY id LIMIT 1";
    match tx.maybe(same, params![normal::name(name)], |row| Ok(OrganisationId(row.int(0)?)))? {
        Some(organisation) => Ok(organisation),
        None => {
            let details = Details {
                name: name.trim().to_owned(),
                subscriber: Subscriber::Unknown,
                phone: None,
                email: None,
                address: None,
                website: None,
                notes: None,
            };
            add(tx, &details, now)
        }
    }
}

/// Changes an organisation, if it still is at the version seen.
///
/// # Errors
/// [`Error::Missing`] if there is no such organisation.
pub fn set(
    tx: &Tx<'_>,
    policy: &Policy,
    organisation: OrganisationId,
    seen: i64,
    new: &Details,
) -> Result<Changed> {
    let was = one(tx, organisation)?;
    if was.version != seen {
        return Ok(Changed::Conflict(Box::new(was)));
    }
    tx.exec(
        "UPDATE organisation SET name = ?2, normal = ?3, subscriber = ?4, phone = ?5, phone_normal = ?6, email = ?7, address = ?8,
            website = ?9, notes = ?10, version = version + 1 WHERE id = ?1",
        params![
            organisation, &new.name, normal::name(&new.name), new.subscriber.name(), new.phone.as_ref(),
            new.phone.as_deref().and_then(normal::phone), new.email.as_ref(), new.address.as_ref(), new.website.as_ref(),
            new.notes.as_ref()
        ],
    )?;
    if was.details.name != new.name {
        renamed(tx, policy, organisation)?;
    }
    Ok(Changed::Stored(seen + 1))
}

/// Whoever belongs to an organisation is found by the name it has now.
fn renamed(tx: &Tx<'_>, policy: &Policy, organisation: OrganisationId) -> Result<()> {
    let members = "SELECT DISTINCT person_id FROM belonging WHERE organisation_id = ?1 AND until IS NULL";
    for member in tx.all(members, params![organisation], |row| Ok(PersonId(row.int(0)?)))? {
        person::refind(tx, policy, member)?;
    }
    Ok(())
}

/// Takes somebody's name, or the part of it that stands there, out of an organisation's name, so that no backup brings it back: somebody
/// has said that it is called after them. Whether it had it; not where the organisation has gone.
///
/// # Errors
/// Whatever the database says.
pub fn mask(
    tx: &Tx<'_>,
    policy: &Policy,
    own: &Own,
    organisation: OrganisationId,
    instead: &str,
) -> Result<bool> {
    let called = "SELECT name FROM organisation WHERE id = ?1";
    let called = tx.maybe(called, params![organisation], |row| row.text(0))?;
    let bare = |name: String| own::masked(&name, &own.places_in_name(&name), instead);
    let Some(name) = called.and_then(bare) else { return Ok(false) };
    ring_duty::lost(tx, "organisation", "id = ?1", params![organisation])?;
    tx.exec(
        "UPDATE organisation SET name = ?2, normal = ?3, version = version + 1 WHERE id = ?1",
        params![organisation, &name, normal::name(&name)],
    )?;
    renamed(tx, policy, organisation)?;
    Ok(true)
}

/// One organisation.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, organisation: OrganisationId) -> Result<Organisation> {
    tx.one(&format!("SELECT {COLUMNS} FROM organisation WHERE id = ?1"), params![organisation], read)
}

/// A page of organisations in the order of their names, after one of the page before; only those whose name
/// has these words in it, where some are given.
///
/// # Errors
/// Whatever the database says.
pub fn page(
    tx: &Tx<'_>,
    words: &str,
    after: Option<OrganisationId>,
    limit: u32,
) -> Result<Vec<Organisation>> {
    let mut values: Vec<Value<'static>> = Vec::new();
    let mut sql = format!("SELECT {COLUMNS} FROM organisation WHERE 1 = 1");
    for word in normal::name(words).split_whitespace() {
        values.push(crate::search::part_of(word).into());
        sql.push_str(&format!(" AND normal LIKE ?{} ESCAPE '\\'", values.len()));
    }
    if let Some(after) = after {
        values.push(after.into());
        let n = values.len();
        sql.push_str(&format!(
            " AND (normal, id) > ((SELECT o.normal FROM organisation o WHERE o.id = ?{n}), ?{n})"
        ));
    }
    values.push(limit.into());
    sql.push_str(&format!(" ORDER BY normal, id LIMIT ?{}", values.len()));
    tx.all(&sql, &values, read)
}

/// That somebody belongs to an organisation.
#[derive(Clone, Debug)]
pub struct Belonging {
    /// Its row.
    pub id: i64,
    /// Who.
    pub person: PersonId,
    /// To which.
    pub organisation: OrganisationId,
    /// The organisation's name.
    pub name: String,
    /// Since when, where it is known.
    pub since: Option<Date>,
    /// Until when.
    pub until: Option<Date>,
}

/// Records that somebody belongs to an organisation, unless that stands already. Whether it is new.
///
/// # Errors
/// [`Error::Referred`] if either is not there.
pub fn join(
    tx: &Tx<'_>,
    policy: &Policy,
    who: PersonId,
    organisation: OrganisationId,
    since: Option<Date>,
    by: Option<StaffId>,
) -> Result<bool> {
    let standing = "SELECT 1 FROM belonging WHERE person_id = ?1 AND organisation_id = ?2 AND until IS NULL";
    if tx.any(standing, params![who, organisation])? {
        return Ok(false);
    }
    begin(tx, who, organisation, since, by)?;
    person::refind(tx, policy, who)?;
    Ok(true)
}

/// Records that somebody who was added in this transaction belongs to an organisation. The caller makes them findable
/// by it.
///
/// # Errors
/// Whatever the database says.
pub fn begin(
    tx: &Tx<'_>,
    who: PersonId,
    organisation: OrganisationId,
    since: Option<Date>,
    by: Option<StaffId>,
) -> Result<()> {
    tx.put(
        "INSERT INTO belonging (id, person_id, organisation_id, since, recorded_by) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id::next(), who, organisation, since, by],
    )
}

/// Records that somebody has left an organisation: the event that some grounds wait for.
///
/// # Errors
/// [`Error::Missing`] if they do not belong to it.
pub fn leave(
    tx: &Tx<'_>,
    policy: &Policy,
    who: PersonId,
    organisation: OrganisationId,
    until: Date,
) -> Result<()> {
    let sql =
        "UPDATE belonging SET until = ?3 WHERE person_id = ?1 AND organisation_id = ?2 AND until IS NULL";
    if tx.exec(sql, params![who, organisation, until])? == 0 {
        return Err(Error::Missing);
    }
    person::refind(tx, policy, who)
}

/// Takes back that somebody has left an organisation: they belong to it as before. To which.
///
/// # Errors
/// [`Error::Missing`] if they did not leave it, or belong to it again already.
pub fn stay(tx: &Tx<'_>, policy: &Policy, who: PersonId, belonging: i64) -> Result<OrganisationId> {
    let sql = "UPDATE belonging SET until = NULL WHERE id = ?1 AND person_id = ?2 AND until IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM belonging o WHERE o.person_id = ?2 AND o.organisation_id = belonging.organisation_id
            AND o.until IS NULL)";
    if tx.exec(sql, params![belonging, who])? == 0 {
        return Err(Error::Missing);
    }
    person::refind(tx, policy, who)?;
    let to = "SELECT organisation_id FROM belonging WHERE id = ?1";
    tx.one(to, params![belonging], |row| Ok(OrganisationId(row.int(0)?)))
}

/// Lets go of a sole trader or partnership to which nobody belongs any more: its name is its person's. One that paid
/// for somebody's work stays for as long as that does.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn leave_if_nobodys(tx: &Tx<'_>, organisation: OrganisationId) -> Result<()> {
    let nobodys = "id = ?1 AND subscriber = 'individual'
        AND NOT EXISTS (SELECT 1 FROM belonging b WHERE b.organisation_id = ?1)
        AND NOT EXISTS (SELECT 1 FROM engagement e WHERE e.paid_by_organisation_id = ?1)";
    ring_duty::take(tx, "organisation", nobodys, params![organisation])
}

/// What a policy may call the kind that says where somebody belongs.
pub const KIND_NAMES: [&str; 4] = ["organisation", "organization", "employer", "company"];

/// The kinds by which it is decided whether it may be seen where somebody belongs: the one that belongings are kept as, and where the
/// policy does not declare it whatever it calls them.
#[must_use]
pub fn kinds(policy: &Policy) -> KindSet {
    let own = match schema::table("belonging").map(|table| &table.kind) {
        Some(KindOf::Record(name)) => policy.kind_named(name),
        _ => None,
    };
    let called = policy.kinds.iter().filter(|kind| KIND_NAMES.contains(&kind.name.as_str()));
    own.map_or_else(|| called.map(|kind| kind.id).collect(), |kind| [kind.id].into_iter().collect())
}

/// To which organisations several people belong or belonged, those that stand first.
///
/// # Errors
/// Whatever the database says.
pub fn of_people(tx: &Tx<'_>, people: &[PersonId]) -> Result<Vec<Belonging>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, list) = listed(people.iter().map(Value::from));
    tx.all(
        &format!(
            "SELECT b.id, b.person_id, b.organisation_id, o.name, b.since, b.until
                FROM belonging b JOIN organisation o ON o.id = b.organisation_id WHERE b.person_id IN ({list})
                ORDER BY CASE WHEN b.until IS NULL THEN 0 ELSE 1 END, b.id"
        ),
        &ids,
        |row| {
            let person = PersonId(row.int(1)?);
            Ok(Belonging {
                id: row.int(0)?,
                person,
                organisation: OrganisationId(row.int(2)?),
                name: row.text(3)?,
                since: row.opt_date(4)?,
                until: row.opt_date(5)?,
            })
        },
    )
}

/// Who belongs to an organisation today.
///
/// # Errors
/// Whatever the database says.
pub fn members(tx: &Tx<'_>, organisation: OrganisationId, today: Date) -> Result<Vec<PersonId>> {
    tx.all(
        "SELECT DISTINCT b.person_id FROM belonging b
            WHERE b.organisation_id = ?1 AND (b.until IS NULL OR b.until > ?2) ORDER BY b.person_id",
        params![organisation, today],
        |row| Ok(PersonId(row.int(0)?)),
    )
}

/// Who belonged to an organisation and no longer does.
///
/// # Errors
/// Whatever the database says.
pub fn former_members(tx: &Tx<'_>, organisation: OrganisationId, today: Date) -> Result<Vec<PersonId>> {
    tx.all(
        "SELECT DISTINCT b.person_id FROM belonging b WHERE b.organisation_id = ?1 AND b.until <= ?2 ORDER BY b.person_id",
        params![organisation, today],
        |row| Ok(PersonId(row.int(0)?)),
    )
}
