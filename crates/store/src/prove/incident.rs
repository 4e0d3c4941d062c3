//! Incidents seen to: somebody answers for each, the regulator was told in time or it is on record why they need not be, and none was
//! closed before its risk, whom to tell and what keeps it from happening again were written down.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use policy::law::uk;

use super::{Prover, Seen, named};
use crate::incident::{self, ASSESSED, NO_NEED, Risk, TELL, Whom};
use crate::{Error, Result, Row, letter, life};

/// What stands of an incident.
struct One {
    id: i64,
    found_at: Timestamp,
    due_at: Option<Timestamp>,
    risk: Option<Risk>,
    no_need: bool,
    told_at: Option<Timestamp>,
    people_told: bool,
    measures: bool,
    closed_on: Option<Date>,
    owned: bool,
    recorded_at: Timestamp,
}

/// The columns that it is read from.
const COLUMNS: &str = "id, found_at, due_at, risk, decision, regulator_told_at, people_told_at, measures, closed_on, owner_id, recorded_at";

impl One {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.int(0)?,
            found_at: row.at(1)?,
            due_at: row.opt_at(2)?,
            risk: row.opt_str(3)?.and_then(Risk::named),
            no_need: row.opt_str(4)? == Some(NO_NEED),
            told_at: row.opt_at(5)?,
            people_told: row.opt_at(6)?.is_some(),
            measures: row.opt_str(7)?.is_some_and(|measures| !measures.trim().is_empty()),
            closed_on: row.opt_date(8)?,
            owned: row.opt_int(9)?.is_some(),
            recorded_at: row.at(10)?,
        })
    }
}

/// The last word of each step of an incident: what it came to, whether it says why, and which of all it was.
type Steps = BTreeMap<String, (Option<String>, bool, usize)>;

/// Whether the last word on how bad it may be came after it was decided not to tell somebody, and has them told.
fn worse_since(steps: &Steps, whom: Whom, decided: usize) -> bool {
    let Some((Some(risk), _, said)) = steps.get(ASSESSED) else { return false };
    let worse = Risk::named(risk).zip(whom.told_from()).is_some_and(|(risk, from)| risk >= from);
    *said > decided && worse
}

impl Prover<'_, '_> {
    pub(super) fn incidents_seen_to(&self) -> Result<Seen> {
        let mut steps: BTreeMap<i64, Steps> = BTreeMap::new();
        let mut count = 0;
        let sql = "SELECT incident_id, step, outcome, note FROM incident_step ORDER BY id";
        self.tx.each(sql, &[], |row| {
            let why = row.opt_str(3)?.is_some_and(|note| !note.trim().is_empty());
            count += 1;
            steps.entry(row.int(0)?).or_default().insert(row.text(1)?, (row.opt_text(2)?, why, count));
            Ok::<_, Error>(())
        })?;
        let (mut rows, mut broken, none) = (0, Vec::new(), Steps::new());
        self.tx.each(&format!("SELECT {COLUMNS} FROM incident ORDER BY id"), &[], |row| {
            rows += 1;
            let one = One::read(row)?;
            let steps = steps.get(&one.id).unwrap_or(&none);
            let said = [self.not_told(&one, steps), self.closed_early(&one, steps)].concat();
            broken.extend(said.into_iter().map(|said| format!("incident {} {said}", one.id)));
            Ok::<_, Error>(())
        })?;
        let letters = letter::undelivered(self.tx, &["incident"], self.today)?;
        broken.extend(letters.into_iter().map(|(about, _)| {
            format!("{about} counts on a letter that did not leave, and nobody told them otherwise")
        }));
        Ok(Seen::of(rows, "incidents seen to", named(broken)))
    }

    /// A moment as counter-examples say it.
    fn hour(&self, at: Timestamp) -> String {
        at.to_zoned(life::zone(self.policy)).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// Who sees to it, by when the regulator was to be told, and whether they were, or why not.
    fn not_told(&self, one: &One, steps: &Steps) -> Vec<String> {
        let mut broken = Vec::new();
        if !one.owned {
            broken.push("has nobody who sees to it".to_owned());
        }
        if one.found_at > one.recorded_at {
            broken.push("was written down before it was found".to_owned());
        }
        // What an earlier version of the policy promised was by the law's hours at most.
        let ours = life::local_date(self.policy, one.found_at) >= self.policy.from;
        let due = if ours { incident::due(self.policy, one.found_at) } else { uk::breach(one.found_at) };
        let (Some(due), Some(stored)) = (due, one.due_at) else {
            broken.push("goes by no hour".to_owned());
            return broken;
        };
        if stored > due {
            broken.push("goes by a later hour than the law and the policy give".to_owned());
        }
        let by = due.min(stored);
        let why = steps.get(Whom::Regulator.considered()).is_some_and(|(_, why, _)| *why);
        match one.told_at {
            Some(at) if at > by => broken.push(format!(
                "was to be told to the regulator by {}, and was at {}",
                self.hour(by),
                self.hour(at)
            )),
            Some(_) => {}
            None if one.no_need && !why => {
                broken.push("is not told to the regulator, and nobody said why".to_owned());
            }
            None if one.no_need && one.risk != Some(Risk::Unlikely) => {
                broken.push("may hurt somebody, and is not told to the regulator".to_owned());
            }
            None if one.no_need => {}
            None if self.now > by => broken.push(format!(
                "was to be told to the regulator by {}, and nothing says that it was, or why not",
                self.hour(by)
            )),
            None => {}
        }
        broken
    }

    /// What was not done when it was closed.
    fn closed_early(&self, one: &One, steps: &Steps) -> Vec<String> {
        let Some(closed) = one.closed_on else { return Vec::new() };
        let mut broken = Vec::new();
        if one.risk.is_none() || !steps.get(ASSESSED).is_some_and(|(_, why, _)| *why) {
            broken.push("was closed before anybody said how bad it may be, and why".to_owned());
        }
        let police = self.policy.incidents.as_ref().is_some_and(|incidents| incidents.police);
        for (whom, name, considered, told) in Whom::ALL {
            let asked = *whom != Whom::Police || (police && closed >= self.policy.from);
            let was = match whom {
                Whom::Regulator => one.told_at.is_some(),
                Whom::People => one.people_told,
                Whom::Organisations | Whom::Police => steps.contains_key(*told),
            };
            match steps.get(*considered) {
                _ if was => {}
                Some((Some(outcome), ..)) if outcome == TELL => {
                    broken.push(format!("was closed before it was told to the {name}"));
                }
                Some((_, false, _)) => broken.push(format!("is not told to the {name}, and nobody said why")),
                Some((.., decided)) if worse_since(steps, *whom, *decided) => {
                    broken.push(format!(
                        "looks worse since it was decided not to tell the {name}, and was closed"
                    ));
                }
                None if asked => {
                    broken.push(format!("was closed before it was decided whether to tell the {name}"));
                }
                Some(_) | None => {}
            }
        }
        if !one.measures {
            broken.push("was closed before anybody said what keeps it from happening again".to_owned());
        }
        broken
    }
}
