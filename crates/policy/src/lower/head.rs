//! The head of the policy: who the controller is, whose law and time, whom to write to.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::diagnostic::Diagnostic;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section, names};
use crate::policy::{Clause, Contact, Nation, NoticeGiven, Policy, Requests, Security, Stated};
use crate::source::Span;
use crate::syntax::Statement;

/// Which parts of the head have been written, and where it stands.
#[derive(Default)]
pub(super) struct Head {
    pub(super) span: Option<Span>,
    written: Vec<&'static str>,
}

/// The parts of the head that no policy can do without, the finding where one is missing, and an example.
const NEEDED: &[(&str, &str, &str)] = &[
    ("version", "E-MISSING", "version 1, from 2026-12-01"),
    ("law", "E-MISSING", "law uk, england-wales"),
    ("home", "E-MISSING", "home UK"),
    ("controller", "E-MISSING", "controller \"Acme Limited\", a company"),
    ("contact", "E-MISSING", "contact \"Business manager\" <privacy@acme.example>, 01632 960000"),
    ("registered", "E-REGISTERED", "registered \"ZA000000\""),
    ("officer", "E-OFFICER", "officer none, because \"...\""),
    ("complaints", "E-COMPLAINTS", "complaints to us by form, e-mail or letter; then to the regulator"),
];

impl<'a> Lower<'a> {
    pub(super) fn head(&mut self, section: &Section<'a>, head: &mut Head) {
        if head.span.is_some() {
            self.found.push(Diagnostic::error("E-TWICE", section.head.span(), "a policy has one head"));
        }
        head.span = Some(section.head.span());
        let mut cursor = self.cursor(section.head);
        let name = cursor.text().and_then(|name| cursor.end().map(|()| name));
        self.policy.name = self.note(name).unwrap_or_default();
        for clause in &section.clauses {
            if clause.keyword != "say" && head.written.contains(&clause.keyword) {
                let message = format!("`{}` is already said above", clause.keyword);
                self.found.push(Diagnostic::error("E-TWICE", clause.keyword_span, message));
            }
            head.written.push(clause.keyword);
            let read = self.head_clause(clause);
            self.note(read);
            if clause.keyword != "say" {
                self.clause(Clause::Head(clause.keyword.to_owned()), clause);
            }
        }
    }

    fn head_clause(&mut self, clause: &Statement) -> Read<()> {
        let mut cursor = self.cursor(clause);
        match clause.keyword {
            "version" => {
                self.policy.version = cursor.number()?;
                cursor.separator(Shape::Comma);
                cursor.expect("from")?;
                self.policy.from = cursor.date()?;
            }
            "law" => self.policy.nation = nation(&mut cursor)?,
            "zone" => {
                self.policy.zone = cursor.word().to_owned();
                cursor.step();
            }
            "home" => self.policy.home = cursor.take_rest(),
            "controller" => {
                self.policy.controller = cursor.meant()?;
                cursor.separator(Shape::Comma);
                if !cursor.take("a") && !cursor.take("an") {
                    return refuse(cursor.unexpected("`, a company` or what else it is"));
                }
                self.policy.form = cursor.take_rest();
            }
            "contact" => {
                let address = self.policy.contact.address.take();
                let title = cursor.meant()?;
                self.policy.contact = Contact { address, ..reach(&mut cursor, title)? };
            }
            "address" => self.policy.contact.address = Some(cursor.meant()?),
            "registered" => self.policy.registered = stated(&mut cursor)?,
            "officer" => self.officer(&mut cursor)?,
            // Read with the names, since phrases hang on it.
            "financial year" => drop(cursor.take_rest()),
            "complaints" => self.complaints(&mut cursor)?,
            "decisions" => {
                cursor.expect("made by people")?;
                cursor.separator(Shape::Comma);
                cursor.expect("never by a machine alone")?;
                self.policy.people_decide = true;
            }
            "review" => {
                let every = cursor.every()?;
                cursor.separator(Shape::Comma);
                cursor.expect("last")?;
                self.policy.review = Some((every, cursor.date()?));
            }
            _ => {
                let words = cursor.text()?;
                self.policy.says.push((None, words));
            }
        }
        cursor.end()
    }

    /// `"NAME" <dpo@acme.example>, 01632 960001`, or `none, because "..."`. That there is no way to reach the officer is
    /// for `check` to say.
    fn officer(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        self.policy.officer = stated(cursor)?;
        if let (Stated::Yes(name), false) = (&self.policy.officer, cursor.done()) {
            self.policy.officer_contact = Some(reach(cursor, name.clone())?);
        }
        Ok(())
    }

    fn complaints(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        if cursor.take("to the regulator") {
            return Ok(());
        }
        if cursor.take("to us on request") {
            if cursor.separator(Shape::Semicolon) {
                cursor.expect("then to the regulator")?;
            }
            return Ok(());
        }
        cursor.expect("to us by")?;
        loop {
            let (way, _) = cursor.name("form, e-mail, phone or letter", &["or", "and"])?;
            self.policy.complaints.push(way);
            if !cursor.separator(Shape::Comma) && !cursor.take("or") && !cursor.take("and") {
                break;
            }
        }
        if cursor.separator(Shape::Semicolon) {
            cursor.expect("then to the regulator")?;
        }
        Ok(())
    }

    pub(super) fn finish_head(&mut self, head: Head) {
        let Some(span) = head.span else {
            let finding =
                Diagnostic::error("E-MISSING", crate::parse::beginning(0), "this policy has no head");
            return self.found.push(finding.help("begin with `policy \"NAME\"`"));
        };
        for (clause, code, example) in NEEDED {
            if !head.written.contains(clause) {
                let finding = Diagnostic::of_code(code, span, format!("the head does not say `{clause}`"));
                self.found.push(finding.lawful().help(format!("write `{example}`")));
            }
        }
    }
}

/// The nations whose law this version knows.
const NATIONS: &[(&str, Nation)] = &[
    ("england-wales", Nation::EnglandWales),
    ("scotland", Nation::Scotland),
    ("northern-ireland", Nation::NorthernIreland),
];

fn nation(cursor: &mut Cursor<'_>) -> Read<Nation> {
    cursor.expect("uk")?;
    cursor.separator(Shape::Comma);
    let word = cursor.word();
    match NATIONS.iter().find(|(name, _)| *name == word) {
        Some((_, nation)) => {
            cursor.step();
            Ok(*nation)
        }
        None => {
            let finding =
                names::unheard("nation", word, cursor.here(), NATIONS.iter().map(|(name, _)| *name));
            refuse(
                finding.help(
                    "write `england-wales`, `scotland` or `northern-ireland`: their bank holidays differ",
                ),
            )
        }
    }
}

/// What follows whom to write to: `<privacy@acme.example>, 01632 960000`.
fn reach(cursor: &mut Cursor<'_>, title: String) -> Read<Contact> {
    let word = cursor.word();
    let address = word.strip_prefix('<').and_then(|word| word.strip_suffix('>'));
    let Some(email) = address.filter(|address| address.contains('@')).map(str::to_owned) else {
        return refuse(cursor.unexpected("an e-mail address such as `<privacy@acme.example>`"));
    };
    cursor.step();
    let phone = cursor.separator(Shape::Comma).then(|| cursor.take_rest());
    Ok(Contact { title, email, phone, address: None })
}

/// `none, because "..."`, or a number or name in quotes.
fn stated(cursor: &mut Cursor<'_>) -> Read<Stated> {
    if !cursor.take("none") {
        return cursor.text().map(Stated::Yes);
    }
    cursor.separator(Shape::Comma);
    cursor.expect("because")?;
    Ok(Stated::No { because: cursor.text()? })
}

/// A policy of which nothing has been read yet.
pub(super) fn unwritten() -> Policy {
    let unstated = || Stated::No { because: String::new() };
    Policy {
        name: String::new(),
        version: 0,
        from: Date::MIN,
        nation: Nation::EnglandWales,
        zone: "Europe/London".to_owned(),
        home: String::new(),
        controller: String::new(),
        form: String::new(),
        contact: Contact { title: String::new(), email: String::new(), phone: None, address: None },
        registered: unstated(),
        officer: unstated(),
        officer_contact: None,
        financial_year: None,
        complaints: Vec::new(),
        people_decide: false,
        notice: NoticeGiven::default(),
        review: None,
        categories: Vec::new(),
        kinds: Vec::new(),
        works: Vec::new(),
        facts: Vec::new(),
        events: Vec::new(),
        ended: Vec::new(),
        activities: Vec::new(),
        rules: Vec::new(),
        channels: Vec::new(),
        prohibitions: Vec::new(),
        requests: Requests::default(),
        roles: Vec::new(),
        processors: Vec::new(),
        recipients: Vec::new(),
        incidents: None,
        backups: None,
        periods: BTreeMap::new(),
        visits: None,
        statistics: Vec::new(),
        readings: Vec::new(),
        forms: Vec::new(),
        security: Security::default(),
        attestations: Vec::new(),
        accepts: Vec::new(),
        says: Vec::new(),
        promises: BTreeMap::new(),
        places: BTreeMap::new(),
        files: Vec::new(),
    }
}
