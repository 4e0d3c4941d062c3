//! What people asked of us: answered in time, registered as the policy says, and nothing called done too early.

use std::collections::BTreeMap;

use jiff::civil::Date;
use policy::policy::Register;

use super::{NAMED, Prover, Seen, named};
use crate::life::zone;
use crate::request::{self, CORRECTED, Clock, Events, Kind, Made, REFUSED};
use crate::{Error, Result, letter, params};

/// The columns a register can have, with the condition under which a request `q` lacks what it shows.
const COLUMNS: &[(&str, &str)] = &[
    ("received", "q.received_on IS NULL"),
    ("request", "q.kind IS NULL"),
    ("person", "q.person_id IS NULL AND q.asked_by IS NULL"),
    // Of somebody erased since, initials are left.
    (
        "name",
        "q.asked_by IS NULL AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.person_number = q.person_id AND c.cause = 'erasure')",
    ),
    ("initials", "q.initials IS NULL OR q.initials = ''"),
    ("organisation", "1 = 0"),
    ("answer", "q.answered_on IS NOT NULL AND q.answer IS NULL"),
    ("answered", "q.closed_on IS NOT NULL AND q.answered_on IS NULL"),
    ("actions with dates", "NOT EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id)"),
    ("actions", "NOT EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id)"),
];

/// The kind of request that a register lists, where the two are called differently.
fn kind_of(register: &str) -> &str {
    if register == "correction" { "rectification" } else { register }
}

/// What the log says of one request's days. An event of an earlier release says no day.
#[derive(Default)]
struct Logged {
    received: Option<Date>,
    moves: Vec<(String, Option<Date>, Date)>,
}

impl Logged {
    /// What a request says of itself that the log does not.
    fn against(&self, id: i64, received: Date, made: &[Made]) -> Vec<String> {
        let known = self.moves.len();
        if made.len() > known {
            return vec![format!(
                "request {id} was moved {} times, and the log knows of {known}",
                made.len()
            )];
        }
        let mut broken = Vec::new();
        if let Some(logged) = self.received.filter(|logged| *logged != received) {
            broken.push(format!(
                "request {id} says that it was received on {received}, and the log says {logged}"
            ));
        }
        let mut left: Vec<_> = self.moves.iter().collect();
        for Made { step, on, written } in made {
            let same = |(how, day, _): &&(String, Option<Date>, Date)| {
                how == step && day.is_none_or(|day| day == *on)
            };
            let Some(place) = left.iter().position(same) else {
                broken.push(format!("request {id} says {step} on {on}, and the log does not"));
                continue;
            };
            let (_, _, logged) = left.swap_remove(place);
            if logged != written {
                broken.push(format!(
                    "request {id} says that {step} was written down on {written}, and the log says {logged}"
                ));
            }
        }
        broken
    }
}

impl Prover<'_, '_> {
    fn register(&self, at: usize) -> Option<&Register> {
        self.policy.requests.registers.get(at)
    }

    pub(super) fn register_shape(&self, register: usize) -> Result<Seen> {
        let Some(register) = self.register(register) else { return Ok(Seen::default()) };
        if register.name == "complaints" {
            return self.complaints_shape(register);
        }
        let mut broken = Vec::new();
        for column in &register.columns {
            let Some((_, lacks)) = COLUMNS.iter().find(|(known, _)| known == column) else {
                broken.push(format!("the register {} has no way of showing {column}", register.name));
                continue;
            };
            let sql = format!(
                "SELECT q.id FROM request q WHERE q.kind = ?1 AND ({lacks}) ORDER BY q.id LIMIT {NAMED}"
            );
            broken.extend(self.tx.all(&sql, params![kind_of(&register.name)], |row| {
                Ok(format!("request {} has no {column} in the register {}", row.int(0)?, register.name))
            })?);
        }
        if kind_of(&register.name) == Kind::Rectification.name() {
            broken.extend(self.nothing_corrected()?);
        }
        let rows =
            self.count("SELECT COUNT(*) FROM request WHERE kind = ?1", params![kind_of(&register.name)])?;
        Ok(Seen::of(rows, &format!("requests in the register {}", register.name), named(broken)))
    }

    /// Corrections that were answered as done and of which nothing says what was put right; as this version promises it.
    fn nothing_corrected(&self) -> Result<Vec<String>> {
        let since = self.today.saturating_sub(jiff::Span::new().years(1)).max(self.policy.from);
        let sql = format!(
            "SELECT q.id FROM request q WHERE q.kind = 'rectification' AND q.outcome = 'done' AND q.closed_on >= ?1
                AND NOT EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id AND s.step = '{CORRECTED}')
                ORDER BY q.id LIMIT {}",
            NAMED + 1
        );
        self.tx.all(&sql, params![since], |row| {
            Ok(format!("request {} was answered as corrected, and nothing says what was", row.int(0)?))
        })
    }

    fn complaints_shape(&self, register: &Register) -> Result<Seen> {
        let lacks = |column: &str| match column {
            "person" | "name" => Some("c.person_id IS NULL AND c.asked_by IS NULL AND c.closed_on IS NULL"),
            "answer" => Some("c.answered_on IS NOT NULL AND c.answer IS NULL"),
            "answered" => Some("c.closed_on IS NOT NULL AND c.answered_on IS NULL"),
            actions if actions.starts_with("actions") => {
                Some("NOT EXISTS (SELECT 1 FROM complaint_step s WHERE s.complaint_id = c.id)")
            }
            _ => None,
        };
        let mut broken = Vec::new();
        for column in &register.columns {
            let Some(lacks) = lacks(column) else { continue };
            let sql = format!("SELECT c.id FROM complaint c WHERE {lacks} ORDER BY c.id LIMIT {NAMED}");
            broken.extend(self.tx.all(&sql, &[], |row| {
                Ok(format!("complaint {} has no {column} in the register complaints", row.int(0)?))
            })?);
        }
        let rows = self.count("SELECT COUNT(*) FROM complaint", &[])?;
        Ok(Seen::of(rows, "complaints in their register", named(broken)))
    }

    pub(super) fn initials_only(&self, register: usize) -> Result<Seen> {
        let Some(register) = self.register(register) else { return Ok(Seen::default()) };
        // While it is open somebody must know whose it is, and of whoever was refused whole everything is still here, with why; a
        // name stands in it at no time.
        let sql = format!(
            "SELECT q.id FROM request q WHERE q.kind = ?1 AND (q.asked_by IS NOT NULL OR length(q.initials) > 24
                OR (q.closed_on IS NOT NULL AND COALESCE(q.outcome, '') <> '{REFUSED}'
                    AND (q.person_id IS NOT NULL OR q.words IS NOT NULL OR q.answer IS NOT NULL
                    OR EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id AND s.note IS NOT NULL))))
                ORDER BY q.id LIMIT {}",
            NAMED + 1
        );
        let broken = self.tx.all(&sql, params![&register.name], |row| {
            Ok(format!("request {} says more than initials", row.int(0)?))
        })?;
        let long = self.tx.all(
            "SELECT id, initials FROM request WHERE kind = ?1 AND initials IS NOT NULL",
            params![&register.name],
            |row| Ok((row.int(0)?, row.text(1)?)),
        )?;
        let names = long
            .iter()
            .filter(|(_, initials)| !are_initials(initials))
            .map(|(id, _)| format!("request {id} says more than initials"));
        let mut broken: Vec<String> = broken.into_iter().chain(names).collect();
        broken.extend(self.left_open()?);
        broken.sort();
        broken.dedup();
        let rows = self.count("SELECT COUNT(*) FROM request WHERE kind = ?1", params![&register.name])?;
        Ok(Seen::of(rows, &format!("requests in the register {}, by initials", register.name), named(broken)))
    }

    /// Requests that are open though all that they are about was erased: name and words stand in them still.
    fn left_open(&self) -> Result<Vec<String>> {
        let gone = ["item i", "entry_person i", "document_person i"];
        let gone =
            gone.map(|from| format!("NOT EXISTS (SELECT 1 FROM {from} WHERE i.person_id = q.person_id)"));
        // What went later by the clock alone, or was tied to them later, no erasure ended.
        let sql = format!(
            "SELECT q.id FROM request q JOIN certificate c ON c.person_number = q.person_id AND c.cause = 'erasure' AND c.id > q.id
                WHERE q.closed_on IS NULL AND q.tied_on IS NULL AND q.kind NOT IN ('access', 'portability', 'erasure') AND {}
                AND NOT EXISTS (SELECT 1 FROM certificate n WHERE n.person_number = q.person_id AND n.id > c.id AND n.cause <> 'erasure')
                ORDER BY q.id LIMIT {}",
            gone.join(" AND "),
            NAMED + 1
        );
        self.tx.all(&sql, &[], |row| {
            Ok(format!("request {} is open, and all that it is about was erased", row.int(0)?))
        })
    }

    pub(super) fn answered_in_time(&self) -> Result<Seen> {
        let sql = format!(
            "SELECT id, due_on FROM request WHERE (answered_on IS NULL AND closed_on IS NULL AND due_on IS NOT NULL AND due_on < ?1)
                OR (answered_on IS NOT NULL AND due_on IS NOT NULL AND answered_on > due_on) ORDER BY id LIMIT {}",
            NAMED + 1
        );
        let mut broken = self.tx.all(&sql, params![self.today], |row| {
            Ok(format!("request {} was due on {} and not answered by then", row.int(0)?, row.date(1)?))
        })?;
        let answers = letter::undelivered(self.tx, &["answer", "part", "refusal"], self.today)?;
        broken.extend(answers.iter().map(|(about, _)| {
            format!("{about} was answered by a letter that did not leave, and nobody told them otherwise")
        }));
        let rows = self.count("SELECT COUNT(*) FROM request", &[])?;
        Ok(Seen::of(rows, "requests answered in time or not yet due", named(broken)))
    }

    /// That no day was put off but by what is written down, with its reason and in time, and the log has it too.
    pub(super) fn clock_recorded(&self) -> Result<Seen> {
        let moves = request::all_moves(self.tx, self.policy)?;
        let logged = self.logged_moves()?;
        // Of what the log has let go of nobody can count any more.
        let forgotten =
            "SELECT MAX(id) FROM log_event WHERE act IN ('request.moved', 'request.opened') AND body IS NULL";
        let forgotten = self.tx.one(forgotten, &[], |row| row.opt_int(0))?.unwrap_or(0);
        let sql = "SELECT id, kind, received_on, due_on, identity_asked_on, identity_proved_on, extended_on, fee_asked_on, fee_paid_on,
            closed_on, extended_why FROM request ORDER BY id";
        let mut broken = self.received_elsewhere()?;
        let mut rows = 0;
        let (none, silent) = (Vec::new(), Logged::default());
        self.tx.each(sql, &[], |row| {
            rows += 1;
            let id = row.int(0)?;
            let Some(kind) = Kind::named(row.str(1)?) else {
                broken.push(format!("request {id} is of no kind"));
                return Ok::<_, Error>(());
            };
            let (received, stored) = (row.date(2)?, row.opt_date(3)?);
            let made = moves.get(&id).unwrap_or(&none);
            let (moved, late) = Events::of(self.policy, (kind, received), made);
            let mut clock = Clock::of(self.policy, kind, received, &moved);
            if received < self.policy.from {
                // What was promised then may have been another day; the law's binds all the same.
                clock.due = clock.law.due;
            }
            if clock.due.is_some_and(|due| stored.is_none_or(|stored| stored > due)) {
                let by = stored.map_or_else(|| "no day".to_owned(), |stored| stored.to_string());
                let due = clock.due.map(|due| due.to_string()).unwrap_or_default();
                broken.push(format!("request {id} goes by {by}, and what is written down of it gives {due}"));
            }
            let said = [
                (row.opt_date(4)?, moved.identity_asked, "who they are was asked for"),
                (row.opt_date(5)?, moved.identity_proved, "who they are was shown"),
                (row.opt_date(6)?, moved.extended, "it was extended"),
                (row.opt_date(7)?, moved.fee_asked, "a fee was asked for"),
                (row.opt_date(8)?, moved.fee_paid, "the fee was paid"),
            ];
            for (_, _, what) in said.iter().filter(|(said, known, _)| said != known) {
                broken.push(format!("request {id} says that {what}, and its steps do not"));
            }
            for Made { step, on, written } in late {
                broken.push(match step {
                    "extended" => format!(
                        "request {id} was extended on {on}, written down on {written}, when its first time had ended"
                    ),
                    step => format!(
                        "request {id} was put off on {on} ({step}), written down on {written}, when its time had ended"
                    ),
                });
            }
            let gone = kind == Kind::Erasure && row.opt_date(9)?.is_some();
            if moved.extended.is_some() && !gone && row.opt_text(10)?.is_none_or(|why| why.trim().is_empty())
            {
                broken.push(format!("request {id} was extended, and nothing says why"));
            }
            if id > forgotten {
                broken.extend(logged.get(&id).unwrap_or(&silent).against(id, received, made));
            }
            Ok(())
        })?;
        let asked =
            letter::undelivered(self.tx, &["identity", "clarification", "fee", "extension"], self.today)?;
        broken.extend(asked.iter().map(|(about, sort)| {
            format!(
                "{about} was put off by a letter ({sort}) that did not leave, and nobody told them otherwise"
            )
        }));
        Ok(Seen::of(rows, "days to answer by that follow from what is written down", named(broken)))
    }

    /// Requests whose day of receipt is another than the step that says so.
    fn received_elsewhere(&self) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT q.id, q.received_on FROM request q WHERE NOT EXISTS (SELECT 1 FROM request_step s
                WHERE s.request_id = q.id AND s.step = 'received' AND s.on_date = q.received_on) ORDER BY q.id LIMIT {}",
            NAMED + 1
        );
        self.tx.all(&sql, &[], |row| {
            Ok(format!(
                "request {} says that it was received on {}, and its steps do not",
                row.int(0)?,
                row.date(1)?
            ))
        })
    }

    /// What the log says of each request's days.
    fn logged_moves(&self) -> Result<BTreeMap<i64, Logged>> {
        let mut logged: BTreeMap<i64, Logged> = BTreeMap::new();
        let sql = "SELECT act, body, at FROM log_event WHERE act IN ('request.moved', 'request.opened') ORDER BY id";
        let zone = zone(self.policy);
        self.tx.each(sql, &[], |row| {
            let Some(body) = row.opt_text(1)? else { return Ok::<_, Error>(()) };
            let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
            let Some(id) = body.get("request").and_then(serde_json::Value::as_i64) else { return Ok(()) };
            let text = |name: &str| body.get(name).and_then(serde_json::Value::as_str);
            let on = text("on").and_then(|on| on.parse().ok());
            let one = logged.entry(id).or_default();
            match row.str(0)? {
                "request.opened" => one.received = on,
                _ => {
                    let written = zone.to_datetime(row.at(2)?).date();
                    one.moves.push((text("how").unwrap_or_default().to_owned(), on, written));
                }
            }
            Ok(())
        })?;
        Ok(logged)
    }

    pub(super) fn erasure_waits_for_paper(&self) -> Result<Seen> {
        let sql = format!(
            "SELECT q.id, k.id FROM request q JOIN task k ON k.request_id = q.id
                WHERE q.kind = ?1 AND k.blocks = 1 AND q.closed_on IS NOT NULL AND (k.done_on IS NULL OR k.done_on > q.closed_on)
                ORDER BY q.id LIMIT {}",
            NAMED + 1
        );
        let broken = self.tx.all(&sql, params![Kind::Erasure.name()], |row| {
            Ok(format!("request {} was closed while task {} was not done", row.int(0)?, row.int(1)?))
        })?;
        let done = self.count(
            "SELECT COUNT(*) FROM task k JOIN request q ON q.id = k.request_id WHERE q.kind = ?1 AND k.blocks = 1",
            params![Kind::Erasure.name()],
        )?;
        Ok(Seen::of(done, "things an erasure waited for", named(broken)))
    }
}

impl Prover<'_, '_> {
    pub(super) fn erasure_confirmed(&self) -> Result<Seen> {
        // What was answered under an earlier version was answered as that one promised; messages go with the years.
        let since = self.today.saturating_sub(jiff::Span::new().years(1)).max(self.policy.from);
        let ours = request::OUR_OWN;
        let erased =
            "q.kind = 'erasure' AND q.channel <> ?1 AND q.closed_on IS NOT NULL AND q.closed_on >= ?2
            AND EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id AND s.step = 'erased')";
        let step = |step: &str| {
            format!("EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id AND s.step = '{step}')")
        };
        let (written, told) = (step(request::WRITTEN), step(request::TOLD));
        let told = format!("({told} OR {})", step(request::TOLD_PART));
        let message = "EXISTS (SELECT 1 FROM message m WHERE m.request_id = q.id AND m.state IN ('queued', 'claimed', 'sent'))";
        let by_hand = "EXISTS (SELECT 1 FROM task k WHERE k.request_id = q.id AND k.kind = 'other' AND (k.done_on IS NOT NULL OR k.due_on >= ?3))";
        let sql = format!(
            "SELECT q.id FROM request q WHERE {erased} AND NOT ({told} OR ({written} AND ({message} OR {by_hand})))
                ORDER BY q.id LIMIT {}",
            NAMED + 1
        );
        let mut broken = self.tx.all(&sql, params![ours, since, self.today], |row| {
            Ok(format!("request {}: nobody told them that they were erased", row.int(0)?))
        })?;
        let late = self.today.saturating_sub(jiff::Span::new().days(self.policy.requests.confirming_days));
        let sql = format!(
            "SELECT m.id FROM request q JOIN message m ON m.request_id = q.id
                WHERE q.kind = 'erasure' AND m.address <> '' AND (m.state = 'sent' OR m.queued_on < ?1) ORDER BY m.id LIMIT {}",
            NAMED + 1
        );
        broken.extend(self.tx.all(&sql, params![late], |row| {
            Ok(format!("message {} still holds the address of somebody who was erased", row.int(0)?))
        })?);
        let rows =
            self.count(&format!("SELECT COUNT(*) FROM request q WHERE {erased}"), params![ours, since])?;
        Ok(Seen::of(rows, "erasures that people asked for, confirmed to them", named(broken)))
    }
}

/// `T.Q.`: single letters, each with its full stop.
fn are_initials(text: &str) -> bool {
    text.split_terminator('.')
        .all(|letter| letter.chars().filter(|c| c.is_alphabetic()).count() <= 2 && !letter.contains(' '))
        && (text.is_empty() || text.ends_with('.'))
}
