//! Taking out again what an import brought: what nobody has touched since goes as if it had never come,
//! what somebody has worked on stays. It disposes of nothing that was ours before the import.

use custody::id::{ImportId, OrganisationId, PersonId};
use jiff::Timestamp;
use policy::Policy;

use crate::schema::{Owner, personal};
use crate::{Result, Tx, params, person, ring_duty};

/// What one row brought to a person, so that it can be taken out again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Brought {
    /// A category that was given with it.
    pub category: Option<String>,
    /// The organisation they were joined to with it.
    pub organisation: Option<OrganisationId>,
}

/// Takes out what one import brought to a person: details nobody has changed since, a belonging, a category.
/// How many details stayed because somebody has changed them.
///
/// # Errors
/// Whatever the database says.
pub fn take_out(
    tx: &Tx<'_>,
    policy: &Policy,
    import: ImportId,
    who: PersonId,
    brought: &Brought,
    now: Timestamp,
) -> Result<i64> {
    let mine = "person_id = ?1 AND import_id = ?2 AND version = 1";
    let versions = format!("item_id IN (SELECT id FROM item WHERE {mine})");
    ring_duty::delete(tx, "item_history", &versions, params![who, import])?;
    ring_duty::delete(tx, "item", mine, params![who, import])?;
    if let Some(organisation) = brought.organisation {
        let brought = "person_id = ?1 AND organisation_id = ?2 AND until IS NULL";
        ring_duty::delete(tx, "belonging", brought, params![who, organisation])?;
    }
    if let Some(category) = &brought.category {
        tx.exec(
            "UPDATE person_category SET annulled_at = ?3
                WHERE person_id = ?1 AND category = ?2 AND until IS NULL AND annulled_at IS NULL",
            params![who, category, now],
        )?;
    }
    person::refind(tx, policy, who)?;
    tx.count("SELECT COUNT(*) FROM item WHERE person_id = ?1 AND import_id = ?2", params![who, import])
}

/// Tables whose rows an import makes itself, or that follow from what it made.
const OF_THE_IMPORT: &[&str] = &[
    "person",
    "item",
    "item_history",
    "belonging",
    "person_category",
    "not_entered",
    "told",
    "untold",
    "sender_told",
    "ground",
    "import_row",
    "search_text",
];

/// Whether nothing is held of a person but what one import brought, unchanged: nobody has written to them,
/// worked with them or noted anything since. That they may be somebody else who is here is nothing anybody did.
///
/// # Errors
/// Whatever the database says.
pub fn untouched(tx: &Tx<'_>, import: ImportId, who: PersonId) -> Result<bool> {
    for table in personal().filter(|table| !OF_THE_IMPORT.contains(&table.name) && table.name != "alike") {
        if let Some(about) = table.about_person()
            && tx.any(&format!("SELECT 1 FROM {} WHERE {about}", table.name), params![who])?
        {
            return Ok(false);
        }
    }
    let others = [
        "SELECT 1 FROM item WHERE person_id = ?1 AND (import_id IS NULL OR import_id <> ?2 OR version > 1)",
        "SELECT 1 FROM import_row WHERE person_id = ?1 AND import_id <> ?2 AND outcome IN ('created', 'updated')",
    ];
    for sql in others {
        if tx.any(sql, params![who, import])? {
            return Ok(false);
        }
    }
    let categories = "SELECT COUNT(*) FROM person_category WHERE person_id = ?1 AND annulled_at IS NULL";
    Ok(tx.count(categories, params![who])? <= 1)
}

/// Removes a person whom only an import brought ([`untouched`]): they never were ours.
///
/// # Errors
/// Whatever the database says; [`Error::Referred`] if something else refers to them after all.
pub fn remove_person(tx: &Tx<'_>, who: PersonId) -> Result<()> {
    tx.exec("UPDATE import_row SET person_id = NULL WHERE person_id = ?1", params![who])?;
    ring_duty::delete(tx, "alike", "person_id = ?1 OR other_person_id = ?1", params![who])?;
    for table in
        personal().filter(|table| OF_THE_IMPORT.contains(&table.name) && table.owner != Owner::Person("id"))
    {
        if let Some(about) = table.about_person() {
            ring_duty::delete(tx, table.name, &about, params![who])?;
        }
    }
    crate::search::forget(tx, who)?;
    ring_duty::delete(tx, "person", "id = ?1", params![who])?;
    Ok(())
}
