//! Consents: what a person agreed to, when, how and in which words. A record is never rewritten: it is
//! withdrawn, or another one is given.

use custody::id::{ConsentId, DocumentId, EngagementId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::basis::ConsentForm;
use policy::{ActivityId, Policy};

use crate::{Error, Result, Row, Tx, id, params, ring_duty};

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
    /// The words agreed to.
    pub wording: Sealed,
    /// How it was given.
    pub how: Sealed,
}

/// The name of a form of consent in the database: `signed consent form`, `opt-in`, `explicit`.
#[must_use]
pub fn form_name(policy: &Policy, form: &ConsentForm) -> String {
    let kind = |id| policy.kind(id).map_or("", |kind| kind.name.as_str());
    match form {
        ConsentForm::Signed(document) => format!("signed {}", kind(*document)),
        ConsentForm::OptIn { asked_with: Some(document) } => format!("opt-in with {}", kind(*document)),
        ConsentForm::OptIn { asked_with: None } => "opt-in".to_owned(),
        ConsentForm::Explicit => "explicit".to_owned(),
    }
}

/// The form of a name; `None` where the policy no longer has its document.
#[must_use]
pub fn form_named(policy: &Policy, name: &str) -> Option<ConsentForm> {
    let kind = |name| policy.kind_named(name).map(|kind| kind.id);
    match name {
        "opt-in" => Some(ConsentForm::OptIn { asked_with: None }),
        "explicit" => Some(ConsentForm::Explicit),
        _ => match (name.strip_prefix("signed "), name.strip_prefix("opt-in with ")) {
            (Some(document), _) => kind(document).map(ConsentForm::Signed),
            (_, Some(document)) => Some(ConsentForm::OptIn { asked_with: kind(document) }),
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
            notice_version, how, recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            consent, new.person, &activity.name, new.engagement, form_name(policy, new.form), new.document, new.given_on,
            new.lapses_on, new.wording, new.notice_version, new.how, new.by, now
        ],
    )?;
    Ok(consent)
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

/// A person's consents, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Shown>> {
    let kind = policy.kind_named("consent record").map(|kind| kind.id).ok_or(Error::Missing)?;
    tx.all(
        "SELECT id, activity, engagement_id, form, document_id, given_on, lapses_on, withdrawn_on, wording, how
            FROM consent WHERE person_id = ?1 ORDER BY given_on DESC, id DESC",
        params![person],
        |row: &Row<'_>| {
            Ok(Shown {
                id: ConsentId(row.int(0)?),
                activity: row.text(1)?,
                engagement: row.opt_int(2)?.map(EngagementId),
                form: row.text(3)?,
                document: row.opt_int(4)?.map(DocumentId),
                given_on: row.date(5)?,
                lapses_on: row.opt_date(6)?,
                withdrawn_on: row.opt_date(7)?,
                wording: Sealed::new(person, kind, row.text(8)?),
                how: Sealed::new(person, kind, row.text(9)?),
            })
        },
    )
}
