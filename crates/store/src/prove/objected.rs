//! Objections to being told what we offer: nothing of the sort reached whoever made one after it was recorded, unless they
//! agreed to it themselves, later, or took it back.

use custody::life::Scope;
use policy::activity::Purpose;

use super::Prover;
use crate::{Error, Result, Row, life, objection, params};

impl Prover<'_, '_> {
    /// Messages and calls that promote us and came after the person's own objection.
    pub(super) fn against_objections(&self) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        for (what, after) in [
            (
                "message",
                "FROM message r JOIN objection o ON o.person_id = r.person_id
                    WHERE r.state = 'sent' AND r.sort <> 'rights' AND r.sent_at > o.recorded_at",
            ),
            ("call", "FROM call r JOIN objection o ON o.person_id = r.person_id WHERE r.at > o.recorded_at"),
        ] {
            let (at, calls) = match what {
                "call" => ("r.at", " OR o.scope = 'calls'"),
                _ => ("r.sent_at", ""),
            };
            let sql = format!(
                "SELECT r.id, r.activity, {at}, o.lifted_on,
                    (SELECT MIN(c.given_on) FROM consent c WHERE c.person_id = r.person_id AND c.activity = r.activity AND c.given_on > o.made_on)
                    {after} AND ((o.scope = 'purpose' AND o.named = ?1) OR (o.scope = 'activity' AND o.named = r.activity){calls})
                    ORDER BY r.id"
            );
            let (_, marketing) =
                objection::scope_name(self.policy, &Scope::Purpose(Purpose::DirectMarketing));
            self.tx.each(&sql, params![marketing], |row| {
                if self.promotes(row)? && !self.allowed(row)? {
                    broken.push(format!("{what} {} reached somebody after they objected to it", row.int(0)?));
                }
                Ok::<(), Error>(())
            })?;
        }
        broken.dedup();
        Ok(broken)
    }

    fn promotes(&self, row: &Row<'_>) -> Result<bool> {
        let activity = row.opt_str(1)?.and_then(|name| self.policy.activity_named(name));
        Ok(activity.is_some_and(|activity| activity.purpose == Purpose::DirectMarketing))
    }

    /// Whether the objection was taken back by then, or followed by their own consent.
    fn allowed(&self, row: &Row<'_>) -> Result<bool> {
        let on = life::local_date(self.policy, row.at(2)?);
        let (lifted, agreed) = (row.opt_date(3)?, row.opt_date(4)?);
        Ok(lifted.is_some_and(|lifted| lifted <= on) || agreed.is_some_and(|agreed| agreed <= on))
    }
}
