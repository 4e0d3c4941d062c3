//! What people had to confirm before it counted: no message left before it was, nothing is held for it that was not, and what nobody
//! confirmed has gone.

use policy::basis::ConsentForm;
use policy::{ActivityId, Basis};

use super::{NAMED, Prover, Seen, named};
use crate::{Result, params};

/// A consent `c` that counts on a day: confirmed by then, where it has to be.
const COUNTED: &str = "c.given_on <= {on} AND (c.confirm_by IS NULL OR c.confirmed_on <= {on})
    AND (c.withdrawn_on IS NULL OR c.withdrawn_on >= {on})";

impl Prover<'_, '_> {
    pub(super) fn confirmed_first(&self, id: ActivityId) -> Result<Seen> {
        let name = &self.activity(id)?.name;
        let limit = NAMED + 1;
        // Who never had to confirm anything is another proof's business.
        let had_to = "EXISTS (SELECT 1 FROM consent w WHERE w.person_id = t.person_id AND w.activity = ?1 AND w.confirm_by IS NOT NULL)";
        let counted = COUNTED.replace("{on}", "t.queued_on");
        let sql = format!(
            "SELECT t.id, t.person_id FROM message t WHERE t.activity = ?1 AND t.state = 'sent' AND t.sort IN ('mailing', 'personal')
                AND {had_to} AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = t.person_id AND c.activity = ?1 AND {counted})
                ORDER BY t.id LIMIT {limit}"
        );
        let mut broken = self.tx.all(&sql, params![name], |row| {
            Ok(format!(
                "message {} left for person {} before they confirmed that they agree",
                row.int(0)?,
                row.int(1)?
            ))
        })?;
        let sql = format!(
            "SELECT t.id, t.person_id FROM ground t WHERE t.activity = ?1 AND t.state = 'active' AND {had_to}
                AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = t.person_id AND c.activity = ?1
                    AND (c.confirm_by IS NULL OR c.confirmed_on IS NOT NULL)) ORDER BY t.id LIMIT {limit}"
        );
        broken.extend(self.tx.all(&sql, params![name], |row| {
            Ok(format!(
                "ground {} of person {} rests on a consent that nobody confirmed",
                row.int(0)?,
                row.int(1)?
            ))
        })?);
        let sql = format!(
            "SELECT c.id, c.person_id, c.confirm_by FROM consent c WHERE c.activity = ?2 AND c.confirmed_on IS NULL
                AND c.confirm_by < ?1 AND c.withdrawn_on IS NULL AND NOT {} ORDER BY c.id LIMIT {limit}",
            self.waits("c.person_id")
        );
        broken.extend(self.tx.all(&sql, params![self.cut, name], |row| {
            Ok(format!(
                "consent {} of person {} was to be confirmed by {} and is still held",
                row.int(0)?,
                row.int(1)?,
                row.date(2)?
            ))
        })?);
        for version in self.versions()?.iter() {
            let asks = version.activity_named(name).is_some_and(|activity| {
                matches!(
                    &activity.basis,
                    Basis::Consent { form: ConsentForm::OptIn { confirmed: Some(_), .. }, .. }
                )
            });
            if !asks {
                continue;
            }
            let sql = format!(
                "SELECT c.id, c.person_id FROM consent c WHERE c.activity = ?1 AND c.notice_version = ?2 AND c.confirm_by IS NULL
                    AND c.evidence <> 'not written down' ORDER BY c.id LIMIT {limit}"
            );
            broken.extend(self.tx.all(&sql, params![name, version.version], |row| {
                Ok(format!(
                    "consent {} of person {} counts and was never to be confirmed",
                    row.int(0)?,
                    row.int(1)?
                ))
            })?);
        }
        let sql = "SELECT COUNT(*) FROM consent WHERE activity = ?1 AND confirmed_on IS NOT NULL";
        let confirmed = self.count(sql, params![name])?;
        Ok(Seen::of(confirmed, &format!("consents to {name} confirmed before they counted"), named(broken)))
    }
}
