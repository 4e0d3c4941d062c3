//! Consents: what a person agreed to, when, how and in which words. A record is never rewritten: it is
//! withdrawn, or another one is given.

use std::collections::BTreeSet;

use custody::id::{ConsentId, DocumentId, EngagementId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::basis::ConsentForm;
use policy::{ActivityId, Policy};

use crate::{Error, Result, Row, Tx, Value, id, params, ring_duty};

/// What shows that somebody agreed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Shows {
    /// They did it themselves on a page of ours.
    Page,
    /// A form they filled in, on file.
    Form,
    /// A paper of theirs, on file or in a place.
    Paper,
    /// What they wrote: a letter or an e-mail, as a line of their timeline.
    Mail,
    /// A call, as a line of their timeline or among the calls.
    Call,
    /// They said so to a member of staff, who wrote down what was said.
    InPerson,
    /// Nothing: it was written down before anybody was asked.
    Before,
}

impl Shows {
    /// Every one, with its name in the database and in forms.
    pub const ALL: &[(Self, &str)] = &[
        (Self::Page, "page"),
        (Self::Form, "form"),
        (Self::Paper, "paper"),
        (Self::Mail, "mail"),
        (Self::Call, "call"),
        (Self::InPerson, "in person"),
        (Self::Before, "not written down"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, name)| *name)
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(shows, _)| *shows)
    }

    /// The tables in which what shows it may stand.
    fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Form | Self::Paper => &["document"],
            Self::Mail => &["entry", "document"],
            Self::Call => &["entry", "call"],
            Self::InPerson => &["entry"],
            Self::Page | Self::Before => &[],
        }
    }
}

/// The evidence of a consent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Evidence<'a> {
    /// What shows it.
    pub shows: Shows,
    /// The row it is: a line, a document, a call.
    pub row: Option<i64>,
    /// What was said, or where the paper is.
    pub note: Option<&'a str>,
}

impl Evidence<'_> {
    /// They did it themselves, on a page of ours.
    pub const PAGE: Self = Self { shows: Shows::Page, row: None, note: None };
}

/// A consent about to be recorded.
#[derive(Clone, Debug)]
pub struct NewConsent<'a> {
    /// Who agreed.
    pub person: PersonId,
    /// To which activity.
    pub activity: ActivityId,
    /// For one piece of work only.
    pub engagement: Option<EngagementId>,
    /// In which form.
    pub form: &'a ConsentForm,
    /// The signed document on file.
    pub document: Option<DocumentId>,
    /// The day it was given.
    pub given_on: Date,
    /// The last day it stands without being renewed.
    pub lapses_on: Option<Date>,
    /// The words that were shown or signed.
    pub wording: &'a str,
    /// The version of the notice shown with them.
    pub notice_version: Option<u32>,
    /// How it was given: "on paper", "by the link in our message".
    pub how: &'a str,
    /// What shows it.
    pub evidence: Evidence<'a>,
    /// Who recorded it; nobody where the person did it themselves.
    pub by: Option<StaffId>,
}

/// A consent as the page shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its row.
    pub id: ConsentId,
    /// The activity's name.
    pub activity: String,
    /// For one piece of work only.
    pub engagement: Option<EngagementId>,
    /// The form's name: `signed consent form`.
    pub form: String,
    /// The signed document.
    pub document: Option<DocumentId>,
    /// Given.
    pub given_on: Date,
    /// Lapses.
    pub lapses_on: Option<Date>,
    /// Withdrawn.
    pub withdrawn_on: Option<Date>,
    /// The last day on which it can be confirmed, where it has to be.
    pub confirm_by: Option<Date>,
    /// Confirmed.
    pub confirmed_on: Option<Date>,
    /// The words agreed to.
    pub wording: Sealed,
    /// The version of the notice they stood in.
    pub version: Option<u32>,
    /// How it was given.
    pub how: Sealed,
    /// What shows it.
    pub shows: Shows,
    /// The line, document or call that shows it.
    pub evidence: Option<i64>,
    /// Whether what showed it has been let go of since.
    pub gone: bool,
    /// What was said, or where the paper is.
    pub note: Option<Sealed>,
}

/// The name of a form of consent in the database: `signed consent form`, `opt-in`, `explicit`.
#[must_use]
pub fn form_name(policy: &Policy, form: &ConsentForm) -> String {
    let kind = |id| policy.kind(id).map_or("", |kind| kind.name.as_str());
    match form {
        ConsentForm::Signed(document) => format!("signed {}", kind(*document)),
        ConsentForm::OptIn { asked_with: Some(document), .. } => format!("opt-in with {}", kind(*document)),
        ConsentForm::OptIn { asked_with: None, .. } => "opt-in".to_owned(),
        ConsentForm::Explicit => "explicit".to_owned(),
    }
}

/// The form of a name; `None` where the policy no longer has its document.
#[must_use]
pub fn form_named(policy: &Policy, name: &str) -> Option<ConsentForm> {
    let kind = |name| policy.kind_named(name).map(|kind| kind.id);
    match name {
        "opt-in" => Some(ConsentForm::OptIn { asked_with: None, confirmed: None }),
        "explicit" => Some(ConsentForm::Explicit),
        _ => match (name.strip_prefix("signed "), name.strip_prefix("opt-in with ")) {
            (Some(document), _) => kind(document).map(ConsentForm::Signed),
            (_, Some(document)) => Some(ConsentForm::OptIn { asked_with: kind(document), confirmed: None }),
            _ => None,
        },
    }
}

/// Records a consent. The caller settles the person's grounds afterwards.
///
/// # Errors
/// [`Error::Referred`] if there is no such person; whatever else the database says.
pub fn record(tx: &Tx<'_>, policy: &Policy, new: &NewConsent<'_>, now: Timestamp) -> Result<ConsentId> {
    let consent = ConsentId(id::next());
    let activity = policy.activity(new.activity).ok_or(Error::Missing)?;
    tx.put(
        "INSERT INTO consent (id, person_id, activity, engagement_id, form, document_id, given_on, lapses_on, wording,
            notice_version, how, evidence, evidence_id, evidence_note, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            consent, new.person, &activity.name, new.engagement, form_name(policy, new.form), new.document, new.given_on,
            new.lapses_on, new.wording, new.notice_version, new.how, new.evidence.shows.name(), new.evidence.row,
            new.evidence.note, new.by, now
        ],
    )?;
    Ok(consent)
}

/// The table and the kind of a row that may show a consent in this way, if there is such a one about the person.
///
/// # Errors
/// Whatever the database says.
pub fn kind_of_evidence(
    tx: &Tx<'_>,
    person: PersonId,
    shows: Shows,
    row: i64,
) -> Result<Option<(&'static str, String)>> {
    for table in shows.tables() {
        let sql = match *table {
            "call" => "SELECT 'call record' FROM call WHERE id = ?1 AND person_id = ?2".to_owned(),
            table => format!(
                "SELECT t.kind FROM {table} t WHERE t.id = ?1
                    AND EXISTS (SELECT 1 FROM {table}_person p WHERE p.{table}_id = t.id AND p.person_id = ?2)"
            ),
        };
        if let Some(kind) = tx.maybe(&sql, params![row, person], |row| row.text(0))? {
            return Ok(Some((*table, kind)));
        }
    }
    Ok(None)
}

/// The consents that this row shows.
///
/// # Errors
/// Whatever the database says.
pub fn shown_by(tx: &Tx<'_>, row: i64) -> Result<Vec<ConsentId>> {
    let sql = "SELECT id FROM consent WHERE evidence_id = ?1 ORDER BY id";
    tx.all(sql, params![row], |row| Ok(ConsentId(row.int(0)?)))
}

/// Rows that may show consents are about to go: what shows those is said to have gone, and a consent itself stays what it is.
pub(crate) fn evidence_goes(tx: &Tx<'_>, rows: &[Value<'_>], list: &str) -> Result<()> {
    let sql =
        format!("UPDATE consent SET evidence_id = NULL, evidence_gone = 1 WHERE evidence_id IN ({list})");
    tx.put(&sql, rows)
}

/// A line or a document is somebody's no longer, and stays for others: it shows nothing of theirs any more.
pub(crate) fn evidence_cut(tx: &Tx<'_>, row: i64, person: PersonId) -> Result<()> {
    let sql =
        "UPDATE consent SET evidence_id = NULL, evidence_gone = 1 WHERE evidence_id = ?1 AND person_id = ?2";
    tx.exec(sql, params![row, person]).map(drop)
}

/// After a restore: what showed a consent at that point and was let go of since came back nowhere.
///
/// # Errors
/// Whatever the database says.
pub fn after_restore(tx: &Tx<'_>) -> Result<()> {
    let sql = "UPDATE consent SET evidence_id = NULL, evidence_gone = 1 WHERE evidence_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = consent.evidence_id)
        AND NOT EXISTS (SELECT 1 FROM document d WHERE d.id = consent.evidence_id)
        AND NOT EXISTS (SELECT 1 FROM call c WHERE c.id = consent.evidence_id)";
    tx.exec(sql, &[]).map(drop)
}

/// Withdraws every standing consent of a person to an activity, on one piece of work or on all. How many
/// there were. The caller settles the person's grounds afterwards.
///
/// # Errors
/// Whatever the database says.
pub fn withdraw(
    tx: &Tx<'_>,
    person: PersonId,
    activity: &str,
    engagement: Option<EngagementId>,
    on: Date,
    how: &str,
) -> Result<u64> {
    let withdrawn = tx.exec(
        "UPDATE consent SET withdrawn_on = ?1, withdrawn_how = ?2
            WHERE person_id = ?3 AND activity = ?4 AND withdrawn_on IS NULL AND given_on <= ?1
            AND (CAST(?5 AS BIGINT) IS NULL OR engagement_id = ?5)",
        params![on, how, person, activity, engagement],
    )?;
    ring_duty::kept(tx, "consent", "person_id = ?1 AND withdrawn_on IS NOT NULL", params![person])?;
    Ok(withdrawn)
}

/// What somebody took back in this way since a day, by the names of the activities.
///
/// # Errors
/// Whatever the database says.
pub fn taken_back_by(tx: &Tx<'_>, person: PersonId, how: &str, since: Date) -> Result<BTreeSet<String>> {
    let sql = "SELECT DISTINCT activity FROM consent WHERE person_id = ?1 AND withdrawn_how = ?2 AND withdrawn_on >= ?3";
    Ok(tx.all(sql, params![person, how, since], |row| row.text(0))?.into_iter().collect())
}

/// Says of a consent that it counts only once it is confirmed: until when it can be, and when it was, where it was at once.
///
/// # Errors
/// Whatever the database says.
pub fn to_confirm(tx: &Tx<'_>, consent: ConsentId, by: Date, confirmed_on: Option<Date>) -> Result<()> {
    let sql = "UPDATE consent SET confirm_by = ?2, confirmed_on = ?3 WHERE id = ?1";
    tx.exec(sql, params![consent, by, confirmed_on]).map(drop)
}

/// Somebody confirms what they agreed to. Whether it still waited for that.
///
/// # Errors
/// Whatever the database says.
pub fn confirm(tx: &Tx<'_>, consent: ConsentId, on: Date) -> Result<bool> {
    let sql = "UPDATE consent SET confirmed_on = ?2
        WHERE id = ?1 AND confirm_by >= ?2 AND confirmed_on IS NULL AND withdrawn_on IS NULL";
    Ok(tx.exec(sql, params![consent, on])? > 0)
}

/// What waited to be confirmed until a day before this one, and whose it is, behind one of them. What was taken back meanwhile stays:
/// a no is kept.
///
/// # Errors
/// Whatever the database says.
pub fn unconfirmed(
    tx: &Tx<'_>,
    today: Date,
    after: ConsentId,
    limit: u32,
) -> Result<Vec<(ConsentId, PersonId, String)>> {
    tx.all(
        "SELECT id, person_id, activity FROM consent WHERE confirm_by IS NOT NULL AND confirmed_on IS NULL AND confirm_by < ?1
            AND withdrawn_on IS NULL AND id > ?2 ORDER BY id LIMIT ?3",
        params![today, after, limit],
        |row| Ok((ConsentId(row.int(0)?), PersonId(row.int(1)?), row.text(2)?)),
    )
}

/// Whose a consent is, if it is here.
///
/// # Errors
/// Whatever the database says.
pub fn whose(tx: &Tx<'_>, consent: ConsentId) -> Result<Option<PersonId>> {
    let found =
        tx.maybe("SELECT person_id FROM consent WHERE id = ?1", params![consent], |row| row.opt_int(0))?;
    Ok(found.flatten().map(PersonId))
}

/// Forgets what nobody confirmed.
///
/// # Errors
/// Whatever the database says.
pub fn forget_unconfirmed(tx: &Tx<'_>, consent: ConsentId) -> Result<()> {
    let which = "id = ?1 AND confirm_by IS NOT NULL AND confirmed_on IS NULL AND withdrawn_on IS NULL";
    ring_duty::delete(tx, "consent", which, params![consent]).map(drop)
}

/// A person's consents, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Shown>> {
    let kind = policy.kind_named("consent record").map(|kind| kind.id).ok_or(Error::Missing)?;
    tx.all(
        "SELECT id, activity, engagement_id, form, document_id, given_on, lapses_on, withdrawn_on, wording, how,
            notice_version, evidence, evidence_id, evidence_gone, evidence_note, confirm_by, confirmed_on
            FROM consent WHERE person_id = ?1 ORDER BY given_on DESC, id DESC",
        params![person],
        |row: &Row<'_>| {
            let unknown = || Error::Malformed("how a consent was shown".into());
            let named = |name: &str| Shows::named(name).ok_or_else(unknown);
            Ok(Shown {
                id: ConsentId(row.int(0)?),
                activity: row.text(1)?,
                engagement: row.opt_int(2)?.map(EngagementId),
                form: row.text(3)?,
                document: row.opt_int(4)?.map(DocumentId),
                given_on: row.date(5)?,
                lapses_on: row.opt_date(6)?,
                withdrawn_on: row.opt_date(7)?,
                confirm_by: row.opt_date(15)?,
                confirmed_on: row.opt_date(16)?,
                wording: Sealed::new(person, kind, row.text(8)?),
                how: Sealed::new(person, kind, row.text(9)?),
                version: row.opt_int(10)?.and_then(|version| u32::try_from(version).ok()),
                shows: named(row.str(11)?)?,
                evidence: row.opt_int(12)?,
                gone: row.bool(13)?,
                note: row.opt_text(14)?.map(|note| Sealed::new(person, kind, note)),
            })
        },
    )
}
