//! Who asks, and whose a request is: on record before anything is given out or erased, and with who said so.

use std::collections::{BTreeMap, BTreeSet};

use policy::activity::Purpose;

use super::{NAMED, Prover, Seen, named};
use crate::request::{self, TAKEN_BACK, TIED, UNKNOWN, UNTIED};
use crate::{Error, Result, params};

/// The steps by which a copy was given out, to them or to the organisation they named.
const GAVE: &str = "'pack offered by a link', 'pack fetched', 'pack offered to the other organisation', \
    'pack fetched by the other organisation'";

/// What the steps and the log say of whose one request is.
#[derive(Default)]
struct Said {
    /// The last step that says whose it is, or that nobody knows.
    last: Option<&'static str>,
    /// How often it was tied and taken back, by the steps and by the log.
    steps: usize,
    logged: usize,
    /// The last event of the log that names whose it is.
    event: Option<i64>,
}

impl Prover<'_, '_> {
    /// That nothing was given out, erased or taken back, and nothing but advertising stopped, before it was written down how we knew
    /// who asked, that nothing objected to stays in doubt once it was answered, and that every request is whose the log says it is.
    pub(super) fn identified(&self) -> Result<Seen> {
        // What was answered under an earlier version was answered as that one promised.
        let since = self.today.saturating_sub(jiff::Span::new().years(1)).max(self.policy.from);
        let step = |names: &str| {
            format!("EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id AND s.step IN ({names}))")
        };
        let (gave, erased) = (step(GAVE), step("'erased'"));
        let back = step(&format!("'{TAKEN_BACK}'"));
        let given = format!(
            "q.channel <> ?1 AND q.received_on >= ?2 AND q.unknown_since IS NULL AND (
                (q.kind IN ('access', 'portability') AND ({gave} OR q.outcome IN ('done', 'partly')))
                OR (q.kind = 'erasure' AND {erased}) OR (q.kind = 'objection' AND {back})
                OR (q.kind = 'rectification' AND q.outcome IN ('done', 'partly')))"
        );
        let known = format!(
            "EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id AND s.step IN ('identity known', 'identity proved')
                AND NOT EXISTS (SELECT 1 FROM request_step u WHERE u.request_id = q.id AND u.step = '{UNTIED}' AND u.id > s.id)
                AND NOT EXISTS (SELECT 1 FROM request_step g WHERE g.request_id = q.id AND g.id < s.id
                    AND g.step IN ({GAVE}, 'erased')))"
        );
        let sql = format!(
            "SELECT q.id FROM request q WHERE {given} AND NOT {known} ORDER BY q.id LIMIT {}",
            NAMED + 1
        );
        let values = params![request::OUR_OWN, since];
        let mut broken = self.tx.all(&sql, values, |row| {
            Ok(format!("request {} was carried out, and nothing says how we knew who asked", row.int(0)?))
        })?;
        let sql = format!(
            "SELECT o.id, q.id FROM objection o JOIN request q ON q.id = o.request_id
                WHERE (o.scope = 'activity' OR (o.scope = 'purpose' AND o.named <> ?1) OR (o.scope = 'all contact' AND q.channel = 'form'))
                AND o.lifted_on IS NULL AND q.received_on >= ?2 AND NOT {known} ORDER BY o.id LIMIT {}",
            NAMED + 1
        );
        let marketing = Purpose::ALL.iter().find(|(known, _)| *known == Purpose::DirectMarketing);
        let marketing = marketing.map_or("", |(_, name)| *name);
        let values = params![marketing, since];
        broken.extend(self.tx.all(&sql, values, |row| {
            Ok(format!(
                "objection {} stops more than advertising, and nothing says how we knew who asked (request {})",
                row.int(0)?,
                row.int(1)?
            ))
        })?);
        let sql = format!(
            "SELECT o.id, q.id FROM objection o JOIN request q ON q.id = o.request_id
                WHERE (o.scope = 'activity' OR (o.scope = 'purpose' AND o.named <> ?1)) AND o.upheld_on IS NULL
                AND o.lifted_on IS NULL AND q.closed_on IS NOT NULL ORDER BY o.id LIMIT {}",
            NAMED + 1
        );
        broken.extend(self.tx.all(&sql, params![marketing], |row| {
            Ok(format!(
                "objection {} was never decided, though request {} is closed",
                row.int(0)?,
                row.int(1)?
            ))
        })?);
        broken.extend(self.whose()?);
        let values = params![request::OUR_OWN, since];
        let rows = self.count(&format!("SELECT COUNT(*) FROM request q WHERE {given}"), values)?;
        Ok(Seen::of(rows, "requests carried out for whoever asked, each known", named(broken)))
    }

    /// Requests and complaints that are not whose their steps and the log say they are.
    fn whose(&self) -> Result<Vec<String>> {
        Ok([self.whose_of("request")?, self.whose_of("complaint")?].concat())
    }

    fn whose_of(&self, what: &str) -> Result<Vec<String>> {
        let said = self.said_whose(what)?;
        let forgotten = format!("SELECT MAX(id) FROM log_event WHERE {} AND body IS NULL", acts(what));
        let forgotten = self.tx.one(&forgotten, &[], |row| row.opt_int(0))?.unwrap_or(0);
        let mut found = Vec::new();
        let sql = format!(
            "SELECT q.id, q.person_id, q.unknown_since, q.tied_on, CASE WHEN p.id IS NULL THEN 0 ELSE 1 END
                FROM {what} q LEFT JOIN person p ON p.id = q.person_id ORDER BY q.id"
        );
        self.tx.each(&sql, &[], |row| {
            found.push((row.int(0)?, row.opt_int(1)?, row.opt_date(2)?, row.opt_date(3)?, row.int(4)? == 1));
            Ok::<_, Error>(())
        })?;
        let (subjects, into) = (self.subjects(what)?, self.put_together()?);
        let names = |event: i64, person: i64| {
            let mut whom = subjects.get(&event).into_iter().flatten().copied();
            whom.any(|who| who == person || into.get(&who) == Some(&person))
        };
        let none = Said::default();
        let mut broken = Vec::new();
        for (id, person, unknown, tied, held) in found {
            let said = said.get(&id).unwrap_or(&none);
            let stands = match (unknown, tied) {
                (Some(_), _) => Some(UNKNOWN),
                (None, Some(_)) => Some(TIED),
                (None, None) => None,
            };
            let last = said.last.map(|last| if last == UNTIED { UNKNOWN } else { last });
            if last != stands {
                broken.push(format!(
                    "{what} {id}: whose it is was changed, and nothing says by whom or how we know"
                ));
            }
            if id <= forgotten {
                continue;
            }
            if said.steps != said.logged {
                let (steps, logged) = (said.steps, said.logged);
                broken.push(format!(
                    "{what} {id} was given to somebody {steps} times, and the log knows of {logged}"
                ));
            }
            if let (Some(person), Some(event), true) = (person, said.event, held)
                && !names(event, person)
            {
                broken.push(format!("{what} {id} is somebody else's than the log says"));
            }
        }
        Ok(broken)
    }

    /// Whom the log says each such event concerns.
    fn subjects(&self, what: &str) -> Result<BTreeMap<i64, BTreeSet<i64>>> {
        let mut subjects: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        let sql = format!(
            "SELECT s.event_id, s.person_id FROM log_subject s JOIN log_event e ON e.id = s.event_id WHERE {}",
            acts(what)
        );
        self.tx.each(&sql, &[], |row| {
            subjects.entry(row.int(0)?).or_default().insert(row.int(1)?);
            Ok::<_, Error>(())
        })?;
        Ok(subjects)
    }

    /// The entries that were put together with another, and with which.
    fn put_together(&self) -> Result<BTreeMap<i64, i64>> {
        let sql = "SELECT id, into_person_id FROM person WHERE into_person_id IS NOT NULL";
        Ok(self.tx.all(sql, &[], |row| Ok((row.int(0)?, row.int(1)?)))?.into_iter().collect())
    }

    fn said_whose(&self, what: &str) -> Result<BTreeMap<i64, Said>> {
        let mut all: BTreeMap<i64, Said> = BTreeMap::new();
        let sql = format!(
            "SELECT {what}_id, step FROM {what}_step WHERE step IN ('{UNKNOWN}', '{TIED}', '{UNTIED}') ORDER BY id"
        );
        self.tx.each(&sql, &[], |row| {
            let step = row.str(1)?;
            let one = all.entry(row.int(0)?).or_default();
            one.last = [UNKNOWN, TIED, UNTIED].into_iter().find(|known| *known == step);
            one.steps += usize::from(step != UNKNOWN);
            Ok::<_, Error>(())
        })?;
        let sql = format!("SELECT id, act, body FROM log_event WHERE {} ORDER BY id", acts(what));
        self.tx.each(&sql, &[], |row| {
            let Some(body) = row.opt_text(2)? else { return Ok::<_, Error>(()) };
            let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
            let Some(id) = body.get(what).and_then(serde_json::Value::as_i64) else { return Ok(()) };
            let one = all.entry(id).or_default();
            one.logged += usize::from(!row.str(1)?.ends_with(".opened"));
            one.event = Some(row.int(0)?);
            Ok(())
        })?;
        Ok(all)
    }
}

/// The events of the log that say whose a request or a complaint is, as a condition.
fn acts(what: &str) -> String {
    format!("act IN ('{what}.opened', '{what}.tied', '{what}.untied')")
}
