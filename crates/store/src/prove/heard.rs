//! Whoever has something from us hears what became of it (UK GDPR Art 19; Art 28(3)(g) of a processor): for what was erased because
//! somebody asked, for what a night let go of, and for every detail that was put right there is somebody's task to tell them. It names
//! a certificate, a clause or a change, and never whom it is about or to whom it went.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use policy::phrase::Phrase;

use super::{NAMED, Prover};
use crate::disclosure::{self, OF_ONE, OF_THEM, Telling, a_detail, counted};
use crate::{Error, Result, life, params};

impl Prover<'_, '_> {
    /// From which day on a task of telling must be there: of the last year, as this version promises it, and as long as the record of the
    /// request is kept with which a task that is done goes.
    fn heard_since(&self) -> Date {
        let since = self.today.saturating_sub(jiff::Span::new().years(1)).max(self.policy.from);
        let Some(record) = self.policy.kind_named("request record").map(|kind| kind.id) else { return since };
        let kept = self.policy.rules.iter().filter(|rule| rule.kinds.contains(record));
        let kept = kept.filter_map(|rule| match &rule.phrase {
            Phrase::After { period, .. } => self.today.checked_sub(*period).ok(),
            _ => None,
        });
        kept.fold(since, Date::max)
    }

    /// Details that went because somebody asked, and others have from us, of which nobody is to tell these others.
    pub(super) fn nobody_to_tell_of_the_erasure(&self) -> Result<Vec<String>> {
        let never = disclosure::untold(self.tx, self.policy, self.heard_since())?;
        let said: BTreeSet<(i64, Date)> = never.into_iter().map(|one| (one.certificate, one.on)).collect();
        let said = said.into_iter().take(NAMED + 1).map(|(certificate, on)| {
            format!(
                "certificate {certificate}: others have from us what was erased on {on}, and nobody is to tell them"
            )
        });
        Ok(said.collect())
    }

    /// What a night let go of and a processor keeps for us, or others have for what somebody asked to have erased, of which nobody is to
    /// tell them, by the key of the clause that let go of it.
    pub(super) fn nobody_to_tell_of_the_night(&self) -> Result<Vec<(String, String)>> {
        // A list there that the program keeps is put right by it: what it sent stands in nobody's name.
        let by_itself = "(EXISTS (SELECT 1 FROM disclosure o WHERE o.person_id = d.person_id AND o.recipient = d.recipient
                AND o.disclosed_by IS NULL)
            OR EXISTS (SELECT 1 FROM processor_person p JOIN processor_member m ON m.id = p.member_id
                WHERE p.person_id = d.person_id AND lower(m.processor) = lower(d.recipient)))";
        // Once the request to be erased is closed, a task of it that is done says no more whom it told.
        let to_them = "(k.recipient = d.recipient OR (k.recipient IS NULL AND k.kind = 'tell recipient' AND k.done_on IS NOT NULL))";
        let goes_on = "EXISTS (SELECT 1 FROM ground o WHERE o.person_id = g.person_id AND o.activity = g.activity AND o.state = 'active')";
        let sql = format!(
            "SELECT z.id, z.on_date, z.counts, z.rules, g.rule, g.stopped_on, d.recipient, d.kinds,
                CASE WHEN g.cause = 'erased' AND g.activity = d.activity THEN 1 ELSE 0 END,
                CASE WHEN {by_itself} THEN 1 ELSE 0 END, CASE WHEN {goes_on} THEN 1 ELSE 0 END,
                (SELECT MAX(k.created_at) FROM ({OF_THEM}) AS k WHERE {to_them} AND k.told IN (?2, ?3, ?4, ?5, ?6))
                FROM certificate z
                JOIN disclosure d ON d.person_id = z.person_number AND d.id < z.id AND d.recorded_at <= z.at
                JOIN ground g ON g.person_id = d.person_id AND g.state = 'stopped' AND g.stopped_on <= z.on_date
                    AND (g.swept_at IS NULL OR g.swept_at >= z.at)
                WHERE z.cause = 'sweep' AND z.on_date >= ?1 AND {OF_ONE} AND {}
                ORDER BY z.id, g.id, d.id",
            disclosure::still_had()
        );
        let [withdrawn, stopped, erased, no_copy, taken_out] =
            [Telling::Withdrawn, Telling::Stopped, Telling::Erased, Telling::NoCopy, Telling::TakenOut]
                .map(Telling::name);
        let values = params![self.heard_since(), withdrawn, stopped, erased, no_copy, taken_out];
        let mut never = Vec::new();
        self.tx.each(&sql, values, |row| {
            let (went, recipient) = (counted(row.str(2)?), row.str(6)?);
            let rules: Vec<String> = serde_json::from_str(row.str(3)?).unwrap_or_default();
            let rule = row.str(4)?;
            let of_it = rules.iter().any(|known| known == rule);
            let over = !row.bool(10)? && !disclosure::does_as_told(self.policy, recipient);
            let asked = row.bool(8)? && a_detail(self.policy, &went) && (of_it || over);
            let known = self.policy.processors.iter().any(|one| one.name.eq_ignore_ascii_case(recipient));
            let keeps = known && !row.bool(9)? && row.str(7)?.split(", ").any(|kind| went.contains(kind));
            let since = row.date(5)?;
            let told = row.opt_at(11)?.is_some_and(|made| life::local_date(self.policy, made) >= since);
            if (asked || (keeps && of_it)) && !told {
                let said = format!(
                    "certificate {}: others have from us what went on {}, and nobody is to tell them",
                    row.int(0)?,
                    row.date(1)?
                );
                never.push((rule.to_owned(), said));
            }
            Ok::<_, Error>(())
        })?;
        Ok(never)
    }

    /// Details that were put right on somebody's page, whether or not they asked for it, and that others had from us before, of which
    /// nobody is to tell these others what is right.
    pub(super) fn nobody_to_tell_what_changed(&self) -> Result<Vec<String>> {
        let next = "COALESCE((SELECT n.value FROM item_history n WHERE n.item_id = h.item_id AND n.version > h.version
            ORDER BY n.version LIMIT 1), i.value)";
        let sql = format!(
            "SELECT h.id, h.item_id, h.version, h.changed_at, i.kind, d.kinds FROM item_history h JOIN item i ON i.id = h.item_id
                JOIN disclosure d ON d.person_id = h.person_id AND d.id < h.id AND d.recorded_at <= h.changed_at
                WHERE h.changed_at >= ?3 AND h.value <> {next} AND {OF_ONE} AND {}
                AND NOT EXISTS (SELECT 1 FROM ({OF_THEM}) AS k WHERE k.recipient = d.recipient AND k.created_at >= h.changed_at
                    AND ((k.told = ?1 AND k.detail = i.kind) OR k.told = ?2))
                ORDER BY h.id, d.id",
            disclosure::still_had()
        );
        let since = self.heard_since().to_datetime(Time::midnight()).to_zoned(life::zone(self.policy));
        let since = since.map_or(Timestamp::MIN, |since| since.timestamp());
        let mut never: Vec<(i64, String)> = Vec::new();
        self.tx.each(&sql, params![Telling::Corrected.name(), Telling::Erased.name(), since], |row| {
            let (change, what) = (row.int(0)?, row.str(4)?);
            let on = life::local_date(self.policy, row.at(3)?);
            let theirs = row.str(5)?.split(", ").any(|kind| kind == what);
            if theirs && never.len() <= NAMED && never.last().is_none_or(|(before, _)| *before != change) {
                let said = format!(
                    "item {}: others had from us what was put right on {on} (version {}), and nobody is to tell them",
                    row.int(1)?,
                    row.int(2)?
                );
                never.push((change, said));
            }
            Ok::<_, Error>(())
        })?;
        Ok(never.into_iter().map(|(_, said)| said).collect())
    }
}
