//! No message and no call after somebody's no, an objection in scope or a consent withdrawn, by the instant at which it was written
//! down; and nobody on a list of whoever sends for us a day after theirs.

use custody::decide::exempt;
use jiff::SignedDuration;
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

/// The day of their own yes to the activity `?1` after an objection `o` of the person of a row `t`. A yes to one thing ends no wish not
/// to be called, or reached at all.
const YES_AFTER: &str = "CASE WHEN o.scope IN ('calls', 'all contact') THEN NULL ELSE
    (SELECT MIN(COALESCE(c.confirmed_on, c.given_on)) FROM consent c WHERE c.person_id = t.person_id AND c.activity = ?1
        AND (c.confirm_by IS NULL OR c.confirmed_on IS NOT NULL) AND COALESCE(c.confirmed_on, c.given_on) > o.made_on) END";

/// How long after a no somebody may still stand on a list: whoever sends for us is told as the program gets round to it.
const FOLLOWS: SignedDuration = SignedDuration::from_hours(24);

/// The purpose of an activity as objections name it.
fn purpose(activity: &Activity) -> &'static str {
    Purpose::ALL.iter().find(|(known, _)| *known == activity.purpose).map_or("", |(_, name)| *name)
}

/// Whether an objection `o` stands at the gate of the activity `?1`, whose purpose is `?2`.
fn in_scope(activity: &Activity, is_call: bool) -> String {
    let marketing = activity.purpose == Purpose::DirectMarketing;
    let all = if exempt(Some(activity.purpose)) { "''" } else { "'all contact'" };
    let calls = if is_call && marketing { "'calls'" } else { "''" };
    format!(
        "(o.scope = {all} OR o.scope = {calls} OR (o.scope = 'activity' AND o.named = ?1) OR (o.scope = 'purpose' AND o.named = ?2))"
    )
}

impl Prover<'_, '_> {
    /// Whoever stands as getting what somebody else sends for us, a day after they said no to it.
    pub(super) fn none_listed_after_no(&self, activity: ActivityId) -> Result<Seen> {
        let of = self.activity(activity)?;
        let there = "t.state = 'there' AND t.activity = ?1";
        let looked =
            self.count(&format!("SELECT COUNT(*) FROM processor_person t WHERE {there}"), params![&of.name])?;
        if looked == 0 {
            return Ok(Seen::default());
        }
        let before = self.now.checked_sub(FOLLOWS).unwrap_or(self.now);
        let mut broken = Vec::new();
        let in_scope = in_scope(of, false);
        let sql = format!(
            "SELECT t.person_id, m.processor, o.made_on, o.lifted_on, {YES_AFTER} FROM processor_person t
                JOIN processor_member m ON m.id = t.member_id JOIN objection o ON o.person_id = t.person_id
                WHERE {there} AND o.recorded_at < ?3 AND {in_scope} ORDER BY t.id, o.id"
        );
        let over = |day: Option<Date>| day.is_some_and(|day| day <= self.today);
        self.tx.each(&sql, params![&of.name, purpose(of), before], |row| {
            if broken.len() <= NAMED && !over(row.opt_date(3)?) && !over(row.opt_date(4)?) {
                broken.push(format!(
                    "person {} is still on the list at the {} for {}, after their objection of {}",
                    row.int(0)?,
                    row.str(1)?,
                    of.name,
                    row.date(2)?
                ));
            }
            Ok::<(), Error>(())
        })?;
        if matches!(of.basis, Basis::Consent { .. }) {
            broken.extend(self.listed_after_withdrawal(of, life::local_date(self.policy, before))?);
        }
        let words =
            format!("people on a list from which {} is sent for us, none of whom said no to it", of.name);
        Ok(Seen::of(looked, &words, named(broken)))
    }

    /// Whoever stands there though the last consent they gave to it had been withdrawn before a day.
    fn listed_after_withdrawal(&self, activity: &Activity, before: Date) -> Result<Vec<String>> {
        let sql = "SELECT t.person_id, m.processor FROM processor_person t JOIN processor_member m ON m.id = t.member_id
            WHERE t.state = 'there' AND t.activity = ?1
              AND EXISTS (SELECT 1 FROM consent c WHERE c.person_id = t.person_id AND c.activity = ?1)
              AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = t.person_id AND c.activity = ?1
                AND (c.withdrawn_on IS NULL OR c.withdrawn_on >= ?2)) ORDER BY t.id";
        let mut broken = Vec::new();
        self.tx.each(sql, params![&activity.name, before], |row| {
            if broken.len() <= NAMED {
                broken.push(format!(
                    "person {} is still on the list at the {} for {}, though they withdrew their consent",
                    row.int(0)?,
                    row.str(1)?,
                    activity.name
                ));
            }
            Ok::<(), Error>(())
        })?;
        Ok(broken)
    }

    pub(super) fn none_after_no(&self, activity: ActivityId) -> Result<Seen> {
        let of = self.activity(activity)?;
        let (looked, mut broken) = self.after_objection(of)?;
        if matches!(of.basis, Basis::Consent { .. }) {
            for (table, at, which) in WAYS {
                broken.extend(self.after_withdrawal(&of.name, table, at, which)?);
            }
        }
        let words = format!("times somebody was reached for {}, never after a no", of.name);
        Ok(Seen::of(looked, &words, named(broken)))
    }

    /// What reached somebody for an activity after they had objected to it, in the scopes in which that stands at the gate; and
    /// how much was looked at.
    pub(super) fn after_objection(&self, activity: &Activity) -> Result<(usize, Vec<String>)> {
        let (mut looked, mut broken) = (0, Vec::new());
        for (table, at, which) in WAYS {
            looked += self.count(
                &format!("SELECT COUNT(*) FROM {table} t WHERE t.activity = ?1 AND {which}"),
                params![&activity.name],
            )?;
            let (in_scope, two_then) = (in_scope(activity, table == "call"), two_then(table, at));
            let sql = format!(
                "SELECT t.id, {at}, o.made_on, o.lifted_on, {YES_AFTER}
                    FROM {table} t JOIN objection o ON o.person_id = t.person_id
                    WHERE t.activity = ?1 AND {which} AND o.recorded_at < {at} AND {in_scope} AND NOT {two_then}
                    ORDER BY t.id"
            );
            self.tx.each(&sql, params![&activity.name, purpose(activity)], |row| {
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
