//! Complaints heard in time and answered, and recipients told of what became of what they got.

use jiff::ToSpan;
use policy::count::{in_words, with_article};
use policy::periods::Own;

use super::{NAMED, Prover, Seen, named};
use crate::disclosure::{self, Telling, UNTOLD};
use crate::request::{CORRECTED, Kind};
use crate::{Result, complaint, letter, life, params, task};

/// The kind of request that a register lists, and what its recipients are told of.
fn kind_of(register: &str) -> &str {
    if register == "correction" { "rectification" } else { register }
}

impl Prover<'_, '_> {
    pub(super) fn complaints_acknowledged(&self) -> Result<Seen> {
        let mut broken = Vec::new();
        let mut rows = 0;
        let sql = "SELECT id, received_on, acknowledged_on, answered_on, closed_on, answer, due_on FROM complaint ORDER BY id";
        self.tx.each(sql, &[], |row| {
            rows += 1;
            let (id, received) = (row.int(0)?, row.date(1)?);
            let due = complaint::due(self.policy, received).due;
            let heard = row.opt_date(2)?.into_iter().chain(row.opt_date(3)?).min();
            if due.is_some_and(|due| heard.unwrap_or(self.today) > due) {
                let due = due.map(|due| due.to_string()).unwrap_or_default();
                broken.push(format!("complaint {id} was not acknowledged by {due}"));
            }
            let stored = row.opt_date(6)?;
            match (due, stored) {
                (Some(_), None) => broken.push(format!("complaint {id} goes by no day")),
                (Some(due), Some(stored)) if stored > due => {
                    broken.push(format!("complaint {id} goes by a later day than the law's"));
                }
                _ => {}
            }
            if row.opt_date(4)?.is_some() && row.opt_text(5)?.is_none_or(|answer| answer.trim().is_empty()) {
                broken.push(format!("complaint {id} was closed without an outcome"));
            }
            Ok::<_, crate::Error>(())
        })?;
        let letters = letter::undelivered(self.tx, &["acknowledgement", "outcome"], self.today)?;
        let unheard = letters.iter().filter(|(about, _)| about.starts_with("complaint"));
        broken.extend(unheard.map(|(about, sort)| {
            format!("{about} counts on a letter ({sort}) that did not leave, and nobody told them otherwise")
        }));
        Ok(Seen::of(rows, "complaints acknowledged in time", named(broken)))
    }

    pub(super) fn recipients_told(&self, register: usize) -> Result<Seen> {
        let Some(register) = self.policy.requests.registers.get(register) else { return Ok(Seen::default()) };
        let kind = kind_of(&register.name);
        // What became of it though nobody asked, or whose request is forgotten by now, is told of all the same.
        let (told, or) = match kind {
            "rectification" => (Telling::Corrected.name(), ""),
            "erasure" => (Telling::Erased.name(), Telling::Withdrawn.name()),
            "restriction" => (Telling::Restricted.name(), Telling::Lifted.name()),
            "objection" => (Telling::Stopped.name(), Telling::GoesOn.name()),
            _ => ("", ""),
        };
        let of_kind =
            "k.kind = 'tell recipient' AND (q.kind = ?1 OR (k.request_id IS NULL AND k.told IN (?2, ?3)))";
        let mut broken = self.told_late(of_kind, (kind, told, or))?;
        if kind == Kind::Restriction.name() {
            broken.extend(self.nobody_to_tell()?);
        }
        if kind == Kind::Rectification.name() {
            broken.extend(self.nobody_to_tell_what_is_right()?);
            broken.extend(self.nobody_to_tell_what_changed()?);
        }
        if kind == Kind::Erasure.name() {
            let before = self.today.saturating_sub(self.policy.requests.confirming_days.days());
            for (task, made) in task::naming(self.tx, self.policy)? {
                // Of which nobody can say since when it does.
                if !made.is_ok_and(|made| made >= before) {
                    broken.push(format!("task {task} still names somebody who was erased"));
                }
            }
            broken.extend(self.nobody_to_tell_of_their_word()?);
            broken.extend(self.nobody_to_tell_of_the_erasure()?);
        }
        let sql =
            format!("SELECT COUNT(*) FROM task k LEFT JOIN request q ON q.id = k.request_id WHERE {of_kind}");
        let rows = self.count(&sql, params![kind, told, or])?;
        let sql = format!(
            "SELECT COUNT(*) FROM task k LEFT JOIN request q ON q.id = k.request_id WHERE {of_kind} AND k.outcome LIKE '{UNTOLD}%'"
        );
        // Nobody can tell them any more: that is no longer broken, and no longer kept of them either.
        let of = with_article(kind);
        let what = match self.count(&sql, params![kind, told, or])? {
            0 => format!("recipients to be told of {of}"),
            untold => format!(
                "recipients to be told of {of}, of whom {} could no longer be told",
                in_words(untold as u64)
            ),
        };
        Ok(Seen::of(rows, &what, named(broken)))
    }

    /// Tasks of telling recipients that are open past their day. What was asked for under this version has no later day than it says.
    fn told_late(&self, of_kind: &str, (kind, told, or): (&str, &str, &str)) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT k.id, k.due_on, k.created_at FROM task k LEFT JOIN request q ON q.id = k.request_id
                WHERE {of_kind} AND k.done_on IS NULL AND k.due_on IS NOT NULL ORDER BY k.id"
        );
        let within = self.policy.days(Own::Recipients);
        let mut late = Vec::new();
        self.tx.each(&sql, params![kind, told, or], |row| {
            let due = row.date(1)?;
            let made = row.at(2).ok().map(|at| life::local_date(self.policy, at));
            let ours = made.filter(|made| *made > self.policy.from);
            let by = ours.map_or(due, |made| made.saturating_add(within.days()).min(due));
            if by < self.today && late.len() <= NAMED {
                late.push(format!(
                    "task {}: whoever had the details from us was to be told by {by}",
                    row.int(0)?
                ));
            }
            Ok::<_, crate::Error>(())
        })?;
        Ok(late)
    }

    /// Requests on which something was restricted that others had from us, with fewer tasks of telling than there are others: of
    /// the last year, and as this version promises it.
    fn nobody_to_tell(&self) -> Result<Vec<String>> {
        let since = self.today.saturating_sub(jiff::Span::new().years(1)).max(self.policy.from);
        let told = "(SELECT COUNT(*) FROM task k WHERE k.kind = 'tell recipient' AND k.request_id = q.id)";
        let had = format!(
            "(SELECT COUNT(DISTINCT d.recipient) FROM disclosure d WHERE d.person_id = q.person_id AND d.on_date < s.on_date AND {})",
            disclosure::still_had()
        );
        let sql = format!(
            "SELECT q.id, {had}, {told}, s.on_date, (SELECT MIN(l.on_date) FROM request_step l WHERE l.request_id = q.id
                    AND l.step = 'lifted' AND l.on_date >= s.on_date)
                FROM request q JOIN request_step s ON s.request_id = q.id AND s.step = 'restricted'
                WHERE q.person_id IS NOT NULL AND s.on_date >= ?1 AND {had} > {told} ORDER BY q.id"
        );
        let mut found = Vec::new();
        self.tx.each(&sql, params![since], |row| {
            // Where it ended before whoever has it was to have heard, there is nothing to tell any more.
            let told_by = row.date(3)?.saturating_add(self.policy.days(Own::Recipients).days());
            if found.len() <= NAMED && row.opt_date(4)?.is_none_or(|lifted| lifted > told_by) {
                found.push(format!(
                    "request {}: {} had the details from us, and {} are to be told",
                    row.int(0)?,
                    row.int(1)?,
                    row.int(2)?
                ));
            }
            Ok::<_, crate::Error>(())
        })?;
        Ok(found)
    }

    /// What people took back or objected to, and others have from us for it, of which nobody is to tell these others: of the last year, as
    /// this version promises it, and from when the instant is known at which it ended.
    fn nobody_to_tell_of_their_word(&self) -> Result<Vec<String>> {
        let since = self.today.saturating_sub(jiff::Span::new().years(1)).max(self.policy.from);
        let same = |one: &str| {
            format!(
                "({one}.engagement_id IS NULL OR d.engagement_id IS NULL OR {one}.engagement_id = d.engagement_id)"
            )
        };
        // Each by an index of its own.
        let tasks = [
            "task k WHERE k.ground_id = g.id",
            "task k WHERE k.person_id = g.person_id",
            "request q JOIN task k ON k.request_id = q.id WHERE q.person_id = g.person_id",
            "task k WHERE k.person_id IS NULL AND k.ground_id IS NULL AND k.rule = g.rule",
        ];
        let none = |of: &str| {
            format!(
                "AND NOT EXISTS (SELECT 1 FROM {of} AND k.recipient = d.recipient AND k.told IN (?3, ?4, ?5, ?6, ?7))"
            )
        };
        let sql = format!(
            "SELECT g.id, g.stopped_on, d.recipient FROM ground g JOIN disclosure d ON d.person_id = g.person_id AND d.activity = g.activity
                WHERE g.state = 'stopped' AND g.cause IN ('withdrawn', 'objected', 'event consent withdrawn', 'event objected',
                    'event unsubscribed') AND g.swept_at IS NOT NULL AND g.stopped_at IS NOT NULL
                AND g.stopped_on >= ?1 AND g.stopped_on < ?2 AND d.on_date <= g.stopped_on AND {} AND {}
                AND NOT EXISTS (SELECT 1 FROM ground o WHERE o.person_id = g.person_id AND o.activity = g.activity AND o.state = 'active'
                    AND {})
                {} ORDER BY g.id, d.id",
            same("g"),
            disclosure::still_had(),
            same("o"),
            tasks.map(none).join(" "),
        );
        let [withdrawn, stopped, erased, no_copy, taken_out] =
            [Telling::Withdrawn, Telling::Stopped, Telling::Erased, Telling::NoCopy, Telling::TakenOut]
                .map(Telling::name);
        let values = params![since, self.cut, withdrawn, stopped, erased, no_copy, taken_out];
        let mut never = Vec::new();
        self.tx.each(&sql, values, |row| {
            if never.len() <= NAMED && !disclosure::does_as_told(self.policy, row.str(2)?) {
                never.push(format!(
                    "ground {}: they said no to it on {}, and nobody is to tell whoever had the details from us for it",
                    row.int(0)?,
                    row.date(1)?
                ));
            }
            Ok::<_, crate::Error>(())
        })?;
        Ok(never)
    }

    /// Corrections, as somebody asked for them, of what others had from us before, of which nobody is to tell these others: of the last
    /// year, and as this version promises it.
    fn nobody_to_tell_what_is_right(&self) -> Result<Vec<String>> {
        let since = self.today.saturating_sub(jiff::Span::new().years(1)).max(self.policy.from);
        let sql = format!(
            "SELECT DISTINCT q.id, s.note, d.kinds FROM request q
                JOIN request_step s ON s.request_id = q.id AND s.step = '{CORRECTED}' AND s.note IS NOT NULL
                JOIN disclosure d ON d.person_id = q.person_id AND d.on_date < s.on_date
                WHERE q.kind = 'rectification' AND s.on_date >= ?1 AND {}
                AND NOT EXISTS (SELECT 1 FROM task k WHERE k.recipient = d.recipient AND k.told = ?2 AND k.detail = s.note
                    AND k.person_id = q.person_id)
                AND NOT EXISTS (SELECT 1 FROM ground g JOIN task k ON k.ground_id = g.id WHERE g.person_id = q.person_id
                    AND k.recipient = d.recipient AND k.told = ?3)
                ORDER BY q.id, s.note, d.kinds",
            disclosure::still_had()
        );
        let values = params![since, Telling::Corrected.name(), Telling::Erased.name()];
        let mut never = Vec::new();
        self.tx.each(&sql, values, |row| {
            let what = row.str(1)?;
            if never.len() <= NAMED && row.str(2)?.split(", ").any(|kind| kind == what) {
                never.push(format!(
                    "request {}: what was corrected others had from us, and nobody is to tell them",
                    row.int(0)?
                ));
            }
            Ok::<_, crate::Error>(())
        })?;
        Ok(never)
    }
}
