//! Pictures that stand in a text to many: each belongs to one mailing or one template, and is called by its number there. Their bytes
//! are here and nowhere else: nothing is fetched when a message is read.

use custody::id::{MailingId, TemplateId};

use crate::{Error, Result, Row, Tx, Value, id, params, ring_duty};

/// What a picture belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// A mailing.
    Mailing(MailingId),
    /// A template.
    Template(TemplateId),
}

impl Of {
    fn column(self) -> &'static str {
        match self {
            Self::Mailing(_) => "mailing_id",
            Self::Template(_) => "template_id",
        }
    }

    fn id(self) -> Value<'static> {
        match self {
            Self::Mailing(mailing) => mailing.into(),
            Self::Template(template) => template.into(),
        }
    }
}

/// A picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it is called by in its text: `picture:1`.
    pub number: i64,
    /// What it shows, for whoever does not see it.
    pub alt: String,
    /// Its sort: `image/png`.
    pub media: String,
    /// How wide it is, in points.
    pub width: i64,
    /// It.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}, {}, {} bytes)", self.number, self.media, self.bytes.len())
    }
}

const COLUMNS: &str = "number, alt, media, width, bytes";

fn read(row: &Row<'_>) -> Result<Picture> {
    Ok(Picture {
        number: row.int(0)?,
        alt: row.text(1)?,
        media: row.text(2)?,
        width: row.int(3)?,
        bytes: row.bytes(4)?,
    })
}

/// Adds a picture under a number that none there has.
///
/// # Errors
/// [`Error::Referred`] if there is no such mailing or template.
pub fn add(tx: &Tx<'_>, of: Of, picture: &Picture) -> Result<()> {
    tx.exec(
        &format!(
            "INSERT INTO picture (id, {}, number, alt, media, width, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            of.column()
        ),
        params![
            id::next(),
            of.id(),
            picture.number,
            &picture.alt,
            &picture.media,
            picture.width,
            picture.bytes.as_slice()
        ],
    )
    .map(drop)
}

/// The pictures of a text, by number.
///
/// # Errors
/// Whatever the database says.
pub fn all(tx: &Tx<'_>, of: Of) -> Result<Vec<Picture>> {
    let sql = format!("SELECT {COLUMNS} FROM picture WHERE {} = ?1 ORDER BY number", of.column());
    tx.all(&sql, &[of.id()], read)
}

/// One of them.
///
/// # Errors
/// [`Error::Missing`] if there is none of this number.
pub fn one(tx: &Tx<'_>, of: Of, number: i64) -> Result<Picture> {
    let sql = format!("SELECT {COLUMNS} FROM picture WHERE {} = ?1 AND number = ?2", of.column());
    tx.one(&sql, params![of.id(), number], read)
}

/// What the picture of a row belongs to; nothing where there is none.
///
/// # Errors
/// Whatever the database says.
pub fn belongs(tx: &Tx<'_>, row: i64) -> Result<Option<Of>> {
    let sql = "SELECT mailing_id, template_id FROM picture WHERE id = ?1";
    let found = tx.maybe(sql, params![row], |row| {
        let mailing = row.opt_int(0)?.map(|id| Of::Mailing(MailingId(id)));
        Ok(mailing.or(row.opt_int(1)?.map(|id| Of::Template(TemplateId(id)))))
    })?;
    Ok(found.flatten())
}

/// Lets go of one, here and in every backup.
///
/// # Errors
/// [`Error::Missing`] if there is none of this number.
pub fn remove(tx: &Tx<'_>, of: Of, number: i64) -> Result<()> {
    let which = format!("{} = ?1 AND number = ?2", of.column());
    match ring_duty::delete(tx, "picture", &which, params![of.id(), number])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Lets go of all of them.
///
/// # Errors
/// Whatever the database says.
pub fn forget(tx: &Tx<'_>, of: Of) -> Result<()> {
    ring_duty::delete(tx, "picture", &format!("{} = ?1", of.column()), &[of.id()]).map(drop)
}

/// Gives a text the pictures of another, under the same numbers.
///
/// # Errors
/// Whatever the database says.
pub fn copy(tx: &Tx<'_>, from: Of, to: Of) -> Result<()> {
    all(tx, from)?.iter().try_for_each(|picture| add(tx, to, picture))
}
