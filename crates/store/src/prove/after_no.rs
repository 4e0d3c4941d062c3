//! No message and no call after somebody's no: an objection in scope, or a consent withdrawn, by the instant at which it was
//! written down.

use custody::decide::exempt;
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::{Activity, ActivityId, Basis};

use super::{NAMED, Prover, Seen, named};
use crate::{Error, Result, life, params};

/// How somebody is reached: the table, when, and which rows of it. What answers a request of theirs is no use of an activity.
pub(super) const WAYS: [(&str, &str, &str); 2] =
    [("message", "t.sent_at", "t.state = 'sent' AND t.sort <> 'rights'"), ("call", "t.at", "1 = 1")];

/// Whether a row `t` and an objection `o` were two people's at an instant, and are one's only since two entries were put together.
pub(super) fn two_then(table: &str, at: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM merge_row r JOIN merge m ON m.id = r.merge_id WHERE m.merged_at > {at}
            AND ((r.table_name = '{table}' AND r.row_id = t.id) OR (r.table_name = 'objection' AND r.row_id = o.id)))"
    )
}

impl Prover<'_, '_> {
    pub(super) fn none_after_no(&mut self, activity: ActivityId) -> Result<Seen> {
        if let Some(known) = self.after_no.get(&activity) {
            return Ok(known.clone());
        }
        let of = self.activity(activity)?;
        let (looked, mut broken) = self.after_objection(of)?;
        if matches!(of.basis, Basis::Consent { .. }) {
            for (table, at, which) in WAYS {
                broken.extend(self.after_withdrawal(&of.name, table, at, which)?);
            }
        }
        let words = format!("times somebody was reached for {}, never after a no", of.name);
        let seen = Seen::of(looked, &words, named(broken));
        self.after_no.insert(activity, seen.clone());
        Ok(seen)
    }

    /// What reached somebody for an activity after they had objected to it, in the scopes in which that stands at the gate; and
    /// how much was looked at.
    pub(super) fn after_objection(&self, activity: &Activity) -> Result<(usize, Vec<String>)> {
        let purpose =
            Purpose::ALL.iter().find(|(known, _)| *known == activity.purpose).map_or("", |(_, name)| *name);
        let marketing = activity.purpose == Purpose::DirectMarketing;
        let all = if exempt(Some(activity.purpose)) { "''" } else { "'all contact'" };
        let (mut looked, mut broken) = (0, Vec::new());
        for (table, at, which) in WAYS {
            looked += self.count(
                &format!("SELECT COUNT(*) FROM {table} t WHERE t.activity = ?1 AND {which}"),
                params![&activity.name],
            )?;
            let calls = if table == "call" && marketing { "'calls'" } else { "''" };
            let two_then = two_then(table, at);
            // A yes to one thing ends no wish not to be called, or reached at all.
            let sql = format!(
                "SELECT t.id, {at}, o.made_on, o.lifted_on,
                    CASE WHEN o.scope IN ('calls', 'all contact') THEN NULL ELSE
                        (SELECT MIN(COALESCE(c.confirmed_on, c.given_on)) FROM consent c WHERE c.person_id = t.person_id AND c.activity = ?1
                            AND (c.confirm_by IS NULL OR c.confirmed_on IS NOT NULL) AND COALESCE(c.confirmed_on, c.given_on) > o.made_on)
                    END
                    FROM {table} t JOIN objection o ON o.person_id = t.person_id
                    WHERE t.activity = ?1 AND {which} AND o.recorded_at < {at}
                      AND (o.scope = {all} OR o.scope = {calls} OR (o.scope = 'activity' AND o.named = ?1)
                        OR (o.scope = 'purpose' AND o.named = ?2))
                      AND NOT {two_then}
                    ORDER BY t.id"
            );
            self.tx.each(&sql, params![&activity.name, purpose], |row| {
                let (id, on) = (row.int(0)?, life::local_date(self.policy, row.at(1)?));
                // Lifted or answered by then, or followed by their own consent.
                let over = |day: Option<Date>| day.is_some_and(|day| day <= on);
                if broken.len() <= NAMED && !over(row.opt_date(3)?) && !over(row.opt_date(4)?) {
                    broken.push(format!(
                        "{table} {id} of {on} for {} came after their objection of {}",
                        activity.name,
                        row.date(2)?
                    ));
                }
                Ok::<(), Error>(())
            })?;
        }
        Ok((looked, broken))
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
            Ok::<(), Error>(())
        })?;
        close(last);
        Ok(broken)
    }
}
