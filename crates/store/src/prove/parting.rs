//! What is said before an end: everybody was told, or asked, in time; nobody stayed without a yes; nothing went of
//! somebody who was to be told and was not.

use custody::parting::{self, Says};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Rule, RuleId};

use super::{NAMED, Prover, Seen, named};
use crate::parting::CONFIRMED;
use crate::{Error, Result, params};

impl Prover<'_, '_> {
    pub(super) fn said_before(&self, rule: RuleId, says: Says) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let mut broken = self.never_begun(rule, says)?;
        broken.extend(self.not_in_time(rule, says)?);
        match says {
            Says::Told => broken.extend(self.gone_untold(rule)?),
            Says::Asked => {
                broken.extend(self.stayed_without_a_yes(rule)?);
                broken.extend(self.yes_without_an_answer(rule)?);
            }
        }
        let said = self.count(
            "SELECT COUNT(*) FROM parting WHERE rule = ?1 AND says = ?2 AND said_on IS NOT NULL",
            params![&rule.key, says.name()],
        )?;
        let what = match says {
            Says::Told => "people told before something of theirs ended",
            Says::Asked => "people asked in time whether to go on",
        };
        Ok(Seen::of(said, what, named(broken)))
    }

    /// Standing grounds whose day for saying it has passed, and nothing was begun. An end that came to be known later
    /// gives until the next night; an instance kept from a time before anything was said, until its first.
    fn never_begun(&self, rule: &Rule, says: Says) -> Result<Vec<String>> {
        let Some((_, before)) = parting::of_rule(rule).into_iter().find(|(of, _)| *of == says) else {
            return Ok(Vec::new());
        };
        // Found by the day, since fewer end soon than are of the rule: hence no plain `g.rule`.
        let sql = "SELECT g.id, g.person_id, g.due_on, COALESCE(g.dated_on, (SELECT MIN(o.recorded_on) FROM parting o), ?5)
            FROM ground g
            WHERE g.state = 'active' AND g.due_on IS NOT NULL AND g.due_on <= ?1 AND g.due_on >= ?2 AND g.rule || '' = ?3
                AND NOT EXISTS (SELECT 1 FROM parting p WHERE p.person_id = g.person_id AND p.ground_id = g.id AND p.ends_on = g.due_on
                    AND p.says = ?4)
            ORDER BY g.due_on, g.id";
        let mut late: Vec<(i64, i64, Date)> = Vec::new();
        let horizon = parting::horizon(self.policy, self.today);
        let values = params![horizon, self.cut, &rule.key, says.name(), self.today];
        self.tx.each(sql, values, |row| {
            let (ends, dated) = (row.date(2)?, row.date(3)?);
            let from = ends.checked_sub(before).map_err(|error| Error::Malformed(error.to_string()))?;
            if from.max(dated) < self.cut {
                late.push((row.int(0)?, row.opt_int(1)?.unwrap_or(0), ends));
            }
            Ok::<(), Error>(())
        })?;
        // Whoever could change nothing by a yes is not asked.
        let whom = late.iter().map(|(_, person, _)| custody::id::PersonId(*person)).collect();
        let (lives, mut broken) = self.lives(whom)?;
        let asked = |ground: i64, person: i64| {
            let life = lives.get(&custody::id::PersonId(person));
            life.is_some_and(|life| {
                let mut fresh = life.clone();
                fresh.said.clear();
                parting::owed(self.policy, &fresh, self.today)
                    .iter()
                    .any(|owed| owed.ground.0 == ground && owed.says == says)
            })
        };
        let word = says.name();
        let late = late.into_iter().filter(|(ground, person, _)| asked(*ground, *person));
        broken.extend(late.map(|(ground, person, ends)| {
            format!("ground {ground} of person {person} ends on {ends} and they were not {word}")
        }));
        Ok(broken)
    }

    /// What was begun and has not reached anybody by the end, or after it.
    fn not_in_time(&self, rule: &Rule, says: Says) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT p.ground_id, p.person_id, p.ends_on, p.said_on, p.recorded_on FROM parting p
                LEFT JOIN task k ON k.id = p.task_id
                LEFT JOIN message m ON m.id = p.message_id
                WHERE p.rule = ?1 AND p.says = ?2 AND (
                    (p.said_on IS NULL AND ((p.ends_on < ?3 AND p.recorded_on < ?3) OR (k.id IS NOT NULL AND k.done_on IS NULL AND k.due_on < ?3))
                        AND EXISTS (SELECT 1 FROM ground g WHERE g.id = p.ground_id AND g.person_id = p.person_id
                            AND (g.due_on = p.ends_on OR (g.due_on IS NULL AND g.state = 'stopped'))
                            AND COALESCE(g.cause, 'due') NOT IN ('withdrawn', 'objected', 'erased', 'annulled', 'rule gone')))
                    OR (p.said_on > p.ends_on AND p.recorded_on <= p.ends_on)
                    OR (p.said_on IS NOT NULL AND (k.id IS NULL OR k.done_on IS NULL) AND m.id IS NOT NULL AND m.state <> 'sent')
                    OR (p.said_on IS NOT NULL AND p.message_id IS NULL AND k.id IS NOT NULL AND k.done_on IS NULL))
                ORDER BY p.ends_on, p.id LIMIT {}",
            NAMED + 1
        );
        let word = says.name();
        self.tx.all(&sql, params![&rule.key, says.name(), self.cut], |row| {
            let (ground, person, ends) = (row.int(0)?, row.int(1)?, row.date(2)?);
            Ok(match row.opt_date(3)? {
                None => format!("ground {ground} of person {person}, ending on {ends}: nothing reached them"),
                Some(on) if on > ends => {
                    format!("ground {ground} of person {person} ended on {ends}; they were {word} on {on}")
                }
                Some(on) => format!(
                    "ground {ground} of person {person}: nothing left on {on}, the day they are said to have been {word}"
                ),
            })
        })
    }

    /// Data that went although its person was to be told before.
    fn gone_untold(&self, rule: &Rule) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT g.id, g.person_id, g.stopped_on FROM ground g WHERE g.rule = ?1 AND g.state = 'stopped' AND g.swept_at IS NOT NULL
                AND (g.cause IN ('due', 'lapsed', 'let go') OR g.cause LIKE 'event %')
                AND NOT EXISTS (SELECT 1 FROM parting p WHERE p.person_id = g.person_id AND p.ground_id = g.id AND p.says = 'told'
                    AND p.said_on IS NOT NULL)
                ORDER BY g.id LIMIT {}",
            NAMED + 1
        );
        let mut broken = self.tx.all(&sql, params![&rule.key], |row| {
            Ok(format!(
                "ground {} of person {} was let go of on {} and they were not told",
                row.int(0)?,
                row.opt_int(1)?.unwrap_or(0),
                row.date(2)?
            ))
        })?;
        // Of those who are gone altogether the certificate speaks.
        let since = self.today.checked_sub(1.year()).map_err(|error| Error::Malformed(error.to_string()))?;
        let sql = format!(
            "SELECT id, on_date FROM certificate WHERE cause = 'sweep' AND on_date >= ?1 AND rules LIKE ?2 AND reason LIKE ?3
                ORDER BY id LIMIT {}",
            NAMED + 1
        );
        let (key, words) = (format!("%\"{}\"%", rule.key), format!("%{}%", custody::coverage::NOT_TOLD));
        broken.extend(self.tx.all(&sql, params![since, &key, &words], |row| {
            Ok(format!("certificate {} of {}: they were not told", row.int(0)?, row.date(1)?))
        })?);
        Ok(broken)
    }

    /// Grounds that go on past the end they were asked about, with no yes and nothing else of the person's since.
    fn stayed_without_a_yes(&self, rule: &Rule) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT p.ground_id, p.person_id, p.ends_on FROM parting p JOIN ground g ON g.id = p.ground_id AND g.person_id = p.person_id
                WHERE p.rule = ?1 AND p.says = 'asked' AND p.ends_on < ?2 AND (p.answer IS NULL OR p.answer <> 'yes')
                AND g.state = 'active' AND (g.due_on IS NULL OR g.due_on >= ?2)
                AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = p.person_id AND c.activity = p.activity
                    AND c.given_on >= p.recorded_on)
                AND NOT EXISTS (SELECT 1 FROM life_event v WHERE v.person_id = p.person_id AND v.on_date >= p.recorded_on
                    AND v.undone_at IS NULL)
                AND NOT EXISTS (SELECT 1 FROM entry_person ep JOIN entry e ON e.id = ep.entry_id WHERE ep.person_id = p.person_id
                    AND e.on_date >= p.recorded_on AND e.direction IN ('in', 'both'))
                ORDER BY p.ends_on, p.id LIMIT {}",
            NAMED + 1
        );
        self.tx.all(&sql, params![&rule.key, self.cut], |row| {
            Ok(format!(
                "ground {} of person {} goes on after {} without a yes",
                row.int(0)?,
                row.int(1)?,
                row.date(2)?
            ))
        })
    }

    /// Consents that are said to have been confirmed by a question's link, with no yes to one behind them.
    fn yes_without_an_answer(&self, rule: &Rule) -> Result<Vec<String>> {
        let activity = self.activity(rule.activity)?;
        let sql = format!(
            "SELECT c.id, c.person_id FROM consent c WHERE c.activity = ?1 AND c.how = ?2
                AND c.withdrawn_on IS NULL AND NOT EXISTS (SELECT 1 FROM parting p WHERE p.person_id = c.person_id
                    AND p.activity = c.activity AND p.answer = 'yes') ORDER BY c.id LIMIT {}",
            NAMED + 1
        );
        self.tx.all(&sql, params![&activity.name, CONFIRMED], |row| {
            Ok(format!("consent {} of person {} has no yes behind it", row.int(0)?, row.int(1)?))
        })
    }
}
