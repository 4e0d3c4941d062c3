//! No message and no call after somebody's no: an objection in scope, or a consent withdrawn, by the instant at which it was
//! written down.

use jiff::civil::Date;
use policy::activity::Purpose;
use policy::{ActivityId, Basis};

use super::{NAMED, Prover, Seen, named};
use crate::{Result, life, params};

impl Prover<'_, '_> {
    pub(super) fn none_after_no(&self, activity: ActivityId) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let purpose =
            Purpose::ALL.iter().find(|(known, _)| *known == activity.purpose).map_or("", |(_, name)| *name);
        let most = NAMED + 1;
        let mut broken = Vec::new();
        // What answers a request of theirs is no use of the activity.
        let ways = [
            ("message", "t.sent_at", "t.state = 'sent' AND t.sort <> 'rights'", "''"),
            ("call", "t.at", "1 = 1", "'calls'"),
        ];
        let mut looked = 0;
        for (table, at, which, calls) in ways {
            looked += self.count(
                &format!("SELECT COUNT(*) FROM {table} t WHERE t.activity = ?1 AND {which}"),
                params![&activity.name],
            )?;
            let sql = format!(
                "SELECT t.id, {at}, o.made_on, o.lifted_on,
                    (SELECT MIN(c.given_on) FROM consent c WHERE c.person_id = t.person_id AND c.activity = ?1 AND c.given_on > o.made_on)
                    FROM {table} t JOIN objection o ON o.person_id = t.person_id
                    WHERE t.activity = ?1 AND {which} AND o.recorded_at < {at}
                      AND (o.scope = 'all contact' OR o.scope = {calls} OR (o.scope = 'activity' AND o.named = ?1)
                        OR (o.scope = 'purpose' AND o.named = ?2))
                    ORDER BY t.id"
            );
            self.tx.each(&sql, params![&activity.name, purpose], |row| {
                let (id, on) = (row.int(0)?, life::local_date(self.policy, row.at(1)?));
                // Lifted or answered by then, or followed by their own consent.
                let over = |day: Option<Date>| day.is_some_and(|day| day <= on);
                if broken.len() < most && !over(row.opt_date(3)?) && !over(row.opt_date(4)?) {
                    broken.push(format!(
                        "{table} {id} of {on} for {} came after their objection of {}",
                        activity.name,
                        row.date(2)?
                    ));
                }
                Ok::<(), crate::Error>(())
            })?;
            if matches!(activity.basis, Basis::Consent { .. }) {
                broken.extend(self.after_withdrawal(&activity.name, table, at, which)?);
            }
        }
        let words = format!("times somebody was reached for {}, never after a no", activity.name);
        Ok(Seen::of(looked, &words, named(broken)))
    }

    /// What reached somebody whose last consent of the activity had been withdrawn by the day before.
    fn after_withdrawal(&self, activity: &str, table: &str, at: &str, which: &str) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT t.id, {at}, c.given_on, c.withdrawn_on FROM {table} t JOIN consent c ON c.person_id = t.person_id AND c.activity = ?1
                WHERE t.activity = ?1 AND {which} ORDER BY t.id"
        );
        let mut broken: Vec<String> = Vec::new();
        let mut last: Option<(i64, Date, bool)> = None;
        let mut close = |done: Option<(i64, Date, bool)>| {
            if let Some((id, on, false)) = done
                && broken.len() <= NAMED
            {
                broken.push(format!(
                    "{table} {id} of {on} for {activity} came after they withdrew their consent"
                ));
            }
        };
        self.tx.each(&sql, params![activity], |row| {
            let (id, on) = (row.int(0)?, life::local_date(self.policy, row.at(1)?));
            let stands = row.date(2)? <= on && row.opt_date(3)?.is_none_or(|withdrawn| withdrawn >= on);
            match &mut last {
                Some((same, _, stood)) if *same == id => *stood |= stands,
                _ => close(last.replace((id, on, stands))),
            }
            Ok::<(), crate::Error>(())
        })?;
        close(last);
        Ok(broken)
    }
}
