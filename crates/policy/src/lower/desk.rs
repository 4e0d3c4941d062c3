//! Answering people, mistakes, backups, visits and the public forms.

use jiff::Span as Period;

use crate::activity::Reading;
use crate::diagnostic::Diagnostic;
use crate::kind::Sort;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section, names};
use crate::name::ActivityId;
use crate::policy::{Backups, Charge, Clause, Form, Identity, Incidents, Register, Visits};
use crate::syntax::Statement;

/// What a register of requests can have columns for.
const COLUMNS: &[&str] =
    &["person", "name", "initials", "organisation", "request", "received", "answer", "answered", "actions"];

/// The registers there can be.
const REGISTERS: &[&str] = &[
    "access",
    "erasure",
    "no contact",
    "correction",
    "restriction",
    "objection",
    "portability",
    "complaints",
];

impl<'a> Lower<'a> {
    pub(super) fn requests(&mut self, section: &Section<'a>) {
        let end = self.cursor(section.head).end();
        self.note(end);
        for clause in &section.clauses {
            let read = match clause.keyword {
                "answer" => self.answer(clause),
                "asked" | "identity" | "charge" | "extend" | "confirm" | "acknowledge" | "copies"
                | "format" => self.how(clause),
                "reading" => reading(&mut self.cursor(clause), None, clause)
                    .map(|reading| self.policy.readings.push(reading)),
                _ => self.register(clause),
            };
            self.note(read);
        }
    }

    fn answer(&mut self, statement: &'a Statement) -> Read<()> {
        self.clause(Clause::Answer, statement);
        let mut cursor = self.cursor(statement);
        // `within a month` says as much as `without delay, at most a month`: the law wants no delay in any case.
        let prompt = cursor.take("without delay") || cursor.take("without undue delay");
        cursor.separator(Shape::Comma);
        let lawful = |finding: Box<Diagnostic>| {
            Box::new(
                finding
                    .law("UK GDPR Art 12(3), 12A")
                    .help("write `answer without delay, at most the law's month`"),
            )
        };
        if !prompt && !["at", "within", "in"].contains(&cursor.word()) {
            return refuse(cursor.unexpected("`without delay`")).map_err(lawful);
        }
        if !cursor.take("within") && !cursor.take("in") {
            cursor.expect("at most").map_err(lawful)?;
        }
        if !cursor.take("the law's month") {
            self.policy.requests.own_period = Some(cursor.period().map_err(lawful)?);
        }
        cursor.end().map_err(lawful)
    }

    /// How requests are made and answered: `asked by e-mail, phone, letter`, `charge nothing`, ...
    fn how(&mut self, statement: &'a Statement) -> Read<()> {
        self.clause(Clause::Requests(statement.keyword.to_owned()), statement);
        let mut cursor = self.cursor(statement);
        let requests = &mut self.policy.requests;
        match statement.keyword {
            "asked" => loop {
                cursor.take("by");
                requests.asked.push(cursor.name("e-mail, phone, letter, form, or `in writing`", &[])?.0);
                if !cursor.separator(Shape::Comma) {
                    break;
                }
            },
            "identity" if cursor.take("asked of everybody") => requests.identity = Identity::Everybody,
            "identity" => {
                cursor.expect("asked only in doubt")?;
                requests.identity = Identity::InDoubt;
            }
            "charge" if cursor.take("nothing") => {
                cursor.separator(Shape::Comma);
                cursor.expect("unless unfounded or excessive")?;
                requests.charge = Charge::Nothing;
            }
            "charge" => {
                let lawful = |finding: Box<Diagnostic>| {
                    let help = "requests are free: write `charge nothing, unless unfounded or excessive`";
                    Box::new(finding.law("UK GDPR Art 12(5)").help(help))
                };
                requests.charge = charge(&mut cursor).map_err(lawful)?;
            }
            "extend" => {
                cursor.expect("to")?;
                requests.extend = Some(cursor.period()?);
                cursor.expect("from receipt where complex")?;
                cursor.separator(Shape::Comma);
                cursor.expect("the person told in time")?;
            }
            "acknowledge" => {
                cursor.expect("at once")?;
                cursor.separator(Shape::Comma);
                cursor.expect("by e-mail")?;
                requests.acknowledge = true;
            }
            "confirm" => {
                cursor.expect("erasure")?;
                cursor.separator(Shape::Comma);
                cursor.expect("before the address goes")?;
                cursor.separator(Shape::Comma);
                if cursor.take("within") {
                    requests.confirming_days = days(&mut cursor, "for how many days the message may wait")?;
                }
                requests.confirm_erasure = true;
            }
            "copies" => loop {
                if cursor.take("read by two before they leave") {
                    requests.copies_read_by_two = true;
                } else if cursor.take("fetched by a link within") {
                    requests.copies_days = days(&mut cursor, "for how many days the link works")?;
                } else {
                    let help = "write `read by two before they leave` or `fetched by a link within 14 days`";
                    return refuse(cursor.unexpected("how copies leave").help(help));
                }
                if !cursor.separator(Shape::Comma) {
                    break;
                }
            },
            _ => loop {
                let words = cursor.words_before(&[]);
                if words.is_empty() {
                    return refuse(cursor.unexpected("a format such as `PDF`"));
                }
                requests.format.push(words);
                if !cursor.separator(Shape::Comma) {
                    break;
                }
            },
        }
        cursor.end()
    }

    fn register(&mut self, statement: &'a Statement) -> Read<()> {
        let mut cursor = self.cursor(statement);
        let (name, span) = cursor.name("the name of a register", &[])?;
        if !REGISTERS.contains(&name.as_str()) {
            return refuse(names::unheard("register of requests", &name, span, REGISTERS.iter().copied()));
        }
        if !cursor.separator(Shape::Colon) {
            return refuse(cursor.unexpected("a colon and the columns"));
        }
        let mut columns = Vec::new();
        loop {
            let (column, span) = cursor.name("a column", &["with"])?;
            cursor.take("with dates");
            if !COLUMNS.contains(&column.as_str()) {
                return refuse(names::unheard("column", &column, span, COLUMNS.iter().copied()));
            }
            columns.push(column);
            if !cursor.separator(Shape::Comma) {
                break;
            }
        }
        cursor.end()?;
        if self.policy.requests.registers.iter().any(|register| register.name == name) {
            return refuse(Diagnostic::error(
                "E-TWICE",
                span,
                format!("the register `{name}` is declared twice"),
            ));
        }
        self.clause(Clause::Register(self.policy.requests.registers.len()), statement);
        self.policy.requests.registers.push(Register { name, columns });
        Ok(())
    }

    pub(super) fn incidents(&mut self, statement: &'a Statement) {
        self.clause(Clause::Incidents, statement);
        let read = self.incidents_of(statement);
        self.policy.incidents = self.note(read).or(self.policy.incidents.take());
    }

    fn incidents_of(&mut self, statement: &Statement) -> Read<Incidents> {
        let mut cursor = self.cursor(statement);
        cursor.expect("investigated by")?;
        let (by, _) = names::one(&mut cursor, "role", &self.names.roles, &[])?;
        let mut incidents = Incidents {
            by,
            regulator_within_hours: 72,
            regulator_said: false,
            counted_from: None,
            police: false,
            prevent: false,
            span: statement.span(),
        };
        while cursor.separator(Shape::Semicolon) {
            if cursor.take("tell the regulator within") {
                incidents.regulator_said = true;
                let lawful = |finding: Box<Diagnostic>| {
                    let help = "write `tell the regulator within 72 hours where the law says`";
                    Box::new(finding.law("UK GDPR Art 33(1)").help(help))
                };
                incidents.regulator_within_hours = hours(&mut cursor).map_err(lawful)?;
                if cursor.take("of") {
                    let from = cursor.words_before(&["where"]);
                    incidents.counted_from = Some(from).filter(|from| from != "becoming aware");
                }
                cursor.expect("where the law says").map_err(lawful)?;
            } else if cursor.take("tell the police where a crime is suspected") {
                incidents.police = true;
            } else if cursor.take("see that it does not happen again") {
                incidents.prevent = true;
            } else {
                let help = "write `tell the regulator within 72 hours where the law says`, `tell the police where a crime is suspected` or `see that it does not happen again`";
                return refuse(cursor.unexpected("what else is done").help(help));
            }
        }
        cursor.end()?;
        Ok(incidents)
    }

    pub(super) fn backups(&mut self, statement: &'a Statement) {
        self.clause(Clause::Backups, statement);
        let mut cursor = self.cursor(statement);
        let mut read = || {
            let every = cursor.every()?;
            cursor.separator(Shape::Comma);
            cursor.expect("kept")?;
            let kept = cursor.period()?;
            cursor.end()?;
            Ok(Backups { every, kept, span: statement.span() })
        };
        let read = read();
        self.policy.backups = self.note(read).or(self.policy.backups.take());
    }

    pub(super) fn visits(&mut self, statement: &'a Statement) {
        self.clause(Clause::Visits, statement);
        let mut cursor = self.cursor(statement);
        let mut read = || {
            cursor.expect("counted")?;
            let ask_first = cursor.take("only after the visitor agrees");
            cursor.separator(Shape::Semicolon);
            cursor.expect("each visit erased after")?;
            let kept = cursor.period()?;
            cursor.separator(Shape::Comma);
            cursor.take("counts stay");
            cursor.end()?;
            Ok(Visits { ask_first, kept, span: statement.span() })
        };
        let read = read();
        self.policy.visits = self.note(read).or(self.policy.visits.take());
    }

    pub(super) fn form(&mut self, section: &Section<'a>) {
        let read = self.form_of(section);
        if let Some(form) = self.note(read) {
            self.policy.forms.push(form);
        }
    }

    fn form_of(&mut self, section: &Section<'a>) -> Read<Form> {
        let mut cursor = self.cursor(section.head);
        let (name, _) = cursor.name("the name of the form", &[])?;
        let title = cursor.text()?;
        cursor.end()?;
        let clause = Clause::Form(self.policy.forms.len());
        let mut form =
            Form { name, title, asks: Vec::new(), files: Vec::new(), tick: None, span: section.head.span() };
        for statement in &section.clauses {
            let mut cursor = self.cursor(statement);
            if statement.keyword == "asks" {
                let kinds = self.kinds(&mut cursor, &[])?;
                for (kind, span) in &kinds {
                    let sort = self.policy.kind(*kind).map(|kind| kind.sort);
                    if !matches!(sort, Some(Sort::Item | Sort::Entry)) {
                        let message =
                            "a form asks for details and for what somebody writes, and this is neither";
                        let finding = Diagnostic::error("E-UNKNOWN", *span, message);
                        return refuse(finding.help("leave it out, and say how else it can be sent"));
                    }
                }
                form.asks = kinds.into_iter().map(|(kind, _)| kind).collect();
            } else if statement.keyword == "tick" {
                self.promises_on(&clause, statement);
                form.tick = Some(cursor.text()?);
            } else {
                self.clause(clause.clone(), statement);
                loop {
                    let (category, _) =
                        names::one(&mut cursor, "category", &self.names.categories, &["under"])?;
                    cursor.expect("under")?;
                    let (activity, _) = names::one(&mut cursor, "activity", &self.names.activities, &[])?;
                    form.files.push((category, activity));
                    if !cursor.separator(Shape::Comma) {
                        break;
                    }
                }
            }
            cursor.end()?;
        }
        if form.asks.is_empty() || form.files.is_empty() {
            let finding = Diagnostic::error(
                "E-MISSING",
                section.head.span(),
                "a form says what it `asks`, and how what it sends `files`",
            );
            return refuse(finding.help("write `asks name, email` and `files CATEGORY under ACTIVITY`"));
        }
        Ok(form)
    }
}

/// `30 days`.
fn days(cursor: &mut Cursor<'_>, what: &str) -> Read<i64> {
    let start = cursor.rest();
    let days = cursor.number::<u16>()?;
    if !(1..=365).contains(&days) || !(cursor.take("days") || cursor.take("day")) {
        let help = "write days, from 1 to 365: `within 30 days`";
        return refuse(Diagnostic::error("E-NUMBER", start, what).help(help));
    }
    Ok(i64::from(days))
}

/// `72 hours`, or what is longer in hours: `5 working days`, `a week`.
fn hours(cursor: &mut Cursor<'_>) -> Read<u16> {
    let number: u16 = match cursor.take("a") || cursor.take("an") || cursor.take("one") {
        true => 1,
        false => cursor.number()?,
    };
    // Working days may have a weekend between them.
    let weekend = if cursor.take("working") || cursor.take("business") { 48 } else { 0 };
    let each = match cursor.word() {
        "hour" | "hours" => 1,
        "day" | "days" => 24,
        "week" | "weeks" => 24 * 7,
        "month" | "months" => 24 * 31,
        _ => return refuse(cursor.unexpected("`hours`")),
    };
    cursor.step();
    Ok(number.saturating_mul(each).saturating_add(weekend))
}

/// `10 pounds for each after 2 within 3 months`, `£10 for each request`, `a fee of £10 a request`.
fn charge(cursor: &mut Cursor<'_>) -> Read<Charge> {
    let _ = cursor.take("a fee of") || cursor.take("a charge of");
    let pounds = match cursor.word().strip_prefix('£').map(str::parse) {
        Some(Ok(pounds)) => {
            cursor.step();
            pounds
        }
        _ => {
            let pounds = cursor.number()?;
            if !cursor.take("pound") {
                cursor.expect("pounds")?;
            }
            pounds
        }
    };
    let each = ["for each", "for every", "for a", "each", "per", "a"].iter().any(|words| cursor.take(words));
    if !each {
        cursor.expect("for each")?;
    }
    let _ = cursor.take("request") || cursor.take("copy");
    // Where no number of them is free, each costs.
    let (mut after, mut within) = (0, Period::new().years(1));
    if cursor.take("after") {
        after = cursor.number()?;
        cursor.expect("within")?;
        within = cursor.period()?;
    }
    Ok(Charge::Each { pounds, after, within })
}

/// `reading "6+1 years" as "seven years after the request is closed"`.
pub(super) fn reading(
    cursor: &mut Cursor<'_>,
    activity: Option<ActivityId>,
    statement: &Statement,
) -> Read<Reading> {
    let said = cursor.text()?;
    cursor.expect("as")?;
    let meant = cursor.text()?;
    let names_no_basis = cursor.separator(Shape::Comma);
    if names_no_basis {
        cursor.expect("the text names no basis")?;
    }
    cursor.end()?;
    Ok(Reading { activity, said, meant, names_no_basis, span: statement.span() })
}
