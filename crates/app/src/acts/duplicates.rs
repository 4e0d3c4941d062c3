//! Who is perhaps here twice: looked for by night over everybody, and shown to whoever may see both.

use serde_json::json;
use store::alike::{self, Found};

use super::Acting;
use crate::fault::Fault;
use crate::instance::Instance;

/// Compares everybody with whoever has something in common with them, and writes down which pairs are to be looked at.
///
/// # Errors
/// Whatever the store says.
pub fn look(instance: &Instance) -> Result<Found, Fault> {
    let acting = Acting::system(instance, "duplicates");
    let found = alike::look(&instance.store, &acting.policy, acting.today, acting.now)?;
    // What came of it goes into the log only where it changed what is to be looked at.
    if found.new > 0 {
        let body = json!({ "people": found.people, "pairs": found.pairs, "new": found.new });
        instance.store.write(|tx| acting.log(tx, "duplicates.found", &[], &body))?;
    }
    Ok(found)
}
