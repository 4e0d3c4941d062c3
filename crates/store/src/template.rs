//! Templates: texts kept to begin a mailing or a letter with, each for one activity. They are about nobody, and where one names
//! somebody all the same, an erasure finds it ([`crate::mention::prose`]).

use custody::id::{StaffId, TemplateId};
use jiff::Timestamp;

use crate::picture::{self, Of};
use crate::{Error, Result, Row, Tx, id, params, ring_duty};

/// The most that are listed.
pub const LISTED: u32 = 500;

/// What a template says, and for what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Words {
    /// What staff call it.
    pub name: String,
    /// For which activity, by name.
    pub activity: String,
    /// The subject, with its fields.
    pub subject: String,
    /// The text in Markdown, with its fields.
    pub body: String,
}

/// A template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    /// Its row.
    pub id: TemplateId,
    /// What it says.
    pub words: Words,
    /// Who kept it last.
    pub kept_by: Option<StaffId>,
    /// When.
    pub kept_at: Timestamp,
    /// Its version.
    pub version: i64,
}

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It is stored.
    Stored(i64),
    /// Somebody changed it since the version seen: what it says now.
    Conflict(Box<Template>),
}

const SELECT: &str = "SELECT id, name, activity, subject, body, kept_by, kept_at, version FROM template";

fn read(row: &Row<'_>) -> Result<Template> {
    Ok(Template {
        id: TemplateId(row.int(0)?),
        words: Words {
            name: row.text(1)?,
            activity: row.text(2)?,
            subject: row.text(3)?,
            body: row.text(4)?,
        },
        kept_by: row.opt_int(5)?.map(StaffId),
        kept_at: row.at(6)?,
        version: row.int(7)?,
    })
}

/// Keeps a new one.
///
/// # Errors
/// Whatever the database says.
pub fn add(tx: &Tx<'_>, words: &Words, by: Option<StaffId>, now: Timestamp) -> Result<TemplateId> {
    let template = TemplateId(id::next());
    tx.exec(
        "INSERT INTO template (id, name, activity, subject, body, kept_by, kept_at, version)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
        params![template, &words.name, &words.activity, &words.subject, &words.body, by, now],
    )?;
    Ok(template)
}

/// Changes one, if it still is at the version seen. What it said before is kept nowhere.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn set(
    tx: &Tx<'_>,
    template: TemplateId,
    seen: i64,
    words: &Words,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Changed> {
    let was = one(tx, template)?;
    if was.version != seen {
        return Ok(Changed::Conflict(Box::new(was)));
    }
    tx.exec(
        "UPDATE template SET name = ?2, activity = ?3, subject = ?4, body = ?5, kept_by = ?6, kept_at = ?7, version = version + 1
            WHERE id = ?1",
        params![template, &words.name, &words.activity, &words.subject, &words.body, by, now],
    )?;
    Ok(Changed::Stored(seen + 1))
}

/// Notes that its pictures changed, which whoever looked at it before has not seen.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn touched(tx: &Tx<'_>, template: TemplateId) -> Result<()> {
    match tx.exec("UPDATE template SET version = version + 1 WHERE id = ?1", params![template])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Lets go of one and its pictures, here and in every backup.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn forget(tx: &Tx<'_>, template: TemplateId) -> Result<()> {
    picture::forget(tx, Of::Template(template))?;
    match ring_duty::delete(tx, "template", "id = ?1", params![template])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// One of them.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, template: TemplateId) -> Result<Template> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![template], read)
}

/// All of them, by name.
///
/// # Errors
/// Whatever the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Template>> {
    tx.all(&format!("{SELECT} ORDER BY name, id LIMIT {LISTED}"), &[], read)
}
