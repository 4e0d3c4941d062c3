//! Fees: none without a reason and somebody who decided it (UK GDPR Art 12(5)), and none counted that was not the policy's number.

use custody::id::{PersonId, RequestId};
use policy::policy::Charge;

use super::{Prover, Seen, named};
use crate::{Result, params, request};

impl Prover<'_, '_> {
    pub(super) fn fees_as_stated(&self) -> Result<Seen> {
        let mut broken = Vec::new();
        let mut looked = 0;
        let sql = "SELECT q.id, q.person_id, q.received_on, q.fee_asked_on,
                (SELECT COUNT(*) FROM request_step s WHERE s.request_id = q.id AND s.step = 'fee asked'
                    AND s.recorded_by IS NOT NULL AND COALESCE(TRIM(s.note), '') <> '')
            FROM request q WHERE q.fee_asked_on IS NOT NULL AND q.fee_asked_on >= ?1 ORDER BY q.id";
        let found = self.tx.all(sql, params![self.policy.from], |row| {
            Ok((row.int(0)?, row.opt_int(1)?, row.date(2)?, row.date(3)?, row.int(4)?))
        })?;
        for (asked, person, received, on, reasons) in found {
            looked += 1;
            if reasons == 0 {
                broken.push(format!(
                    "request {asked}: a fee was asked on {on} without a reason and who decided it"
                ));
            }
            let (Charge::Each { after, within, .. }, Some(person)) = (&self.policy.requests.charge, person)
            else {
                continue;
            };
            let before = request::earlier(self.tx, PersonId(person), (RequestId(asked), received), within)?;
            // Of whom a part has gone, earlier requests may have gone as well.
            let gone =
                self.tx.any("SELECT 1 FROM certificate WHERE person_number = ?1 LIMIT 1", params![person])?;
            if before < usize::from(*after) && !gone {
                broken.push(format!(
                    "request {asked}: a fee was asked on {on} although only {before} came before it, and {after} are free"
                ));
            }
        }
        Ok(Seen::of(looked, "fees asked, each with its reason and who decided it", named(broken)))
    }
}
