//! Of which organisation whoever asked was, as their requests say. The register of erasures keeps it; it never keeps the name of
//! a person that an organisation is called by.

use custody::id::RequestId;

use crate::mention::own::{Own, masked};
use crate::{Result, Tx, Value, params, ring_duty};

/// Takes somebody's name out of the organisation that a request was written down with, so that no backup brings it back. Whether
/// it was in it.
///
/// # Errors
/// Whatever the database says.
pub fn mask_organisation(tx: &Tx<'_>, own: &Own, request: RequestId, instead: &str) -> Result<bool> {
    Ok(mask_organisations(tx, own, ("id = ?1", params![request]), instead)? > 0)
}

/// The same of all requests under a condition. In how many it was.
pub(crate) fn mask_organisations(
    tx: &Tx<'_>,
    own: &Own,
    (which, values): (&str, &[Value<'_>]),
    instead: &str,
) -> Result<usize> {
    let called = format!("SELECT id, organisation FROM request WHERE organisation IS NOT NULL AND {which}");
    let called = tx.all(&called, values, |row| Ok((RequestId(row.int(0)?), row.text(1)?)))?;
    let mut done = 0;
    for (request, name) in called {
        let Some(name) = masked(&name, &own.places_in_name(&name), instead) else { continue };
        ring_duty::lost(tx, "request", "id = ?1", params![request])?;
        let sql = "UPDATE request SET organisation = ?2, version = version + 1 WHERE id = ?1";
        tx.exec(sql, params![request, name])?;
        done += 1;
    }
    Ok(done)
}
