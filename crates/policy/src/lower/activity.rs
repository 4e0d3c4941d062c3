//! Activities: whom for, what for, with what, how long.

use crate::activity::{Activity, ForWhom, Purpose};
use crate::basis::Basis;
use crate::condition::{CONDITIONS, Condition};
use crate::diagnostic::Diagnostic;
use crate::kind::KindSet;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section, keep, names};
use crate::name::{ActivityId, WorkId};
use crate::policy::Clause;
use crate::source::Span;
use crate::syntax::Statement;

/// The clauses no activity can do without, the finding where one is missing, and an example.
const NEEDED: &[(&str, &str, &str)] = &[
    ("for", "E-MISSING", "for coaching client"),
    ("purpose", "E-MISSING", "purpose ServiceProvision"),
    ("basis", "E-BASIS", "basis contract"),
    ("data", "E-MISSING", "data name, email"),
    ("keep", "E-KEEP", "keep 6 months after last contact"),
    ("then", "E-MISSING", "then erase"),
];

/// The clauses that may be said only once.
const ONCE: &[&str] = &["for", "so that", "purpose", "basis", "data", "from", "where"];

impl<'a> Lower<'a> {
    pub(super) fn activity(&mut self, section: &Section<'a>) {
        let head = section.head;
        let mut cursor = self.cursor(head);
        let Ok((name, _)) = cursor.name("the name of the activity", &[]) else { return };
        let id = ActivityId(super::declare::number(self.policy.activities.len()));
        if self.names.activities.get(&name) != Some(&id) {
            return; // declared twice, and said so
        }
        let title = cursor.text_if().unwrap_or_else(|| name.clone());
        let end = cursor.end();
        self.note(end);
        let mut activity = Activity {
            id,
            name,
            title,
            for_whom: Vec::new(),
            for_everyone: false,
            so_that: None,
            purpose: Purpose::ServiceProvision,
            basis: Basis::VitalInterests,
            basis_span: head.span(),
            conditions: Vec::new(),
            kinds: KindSet::none(),
            data: Vec::new(),
            from: Vec::new(),
            places: Vec::new(),
            because: Vec::new(),
            shares: Vec::new(),
            channels: Vec::new(),
            work: None,
            rules: Vec::new(),
            span: head.span(),
        };
        self.complete(section, &activity.name);
        for clause in section.clauses.iter().filter(|clause| !keep::of_time(clause.keyword)) {
            let read = self.activity_clause(clause, &mut activity);
            self.note(read);
        }
        self.keeps(section, &mut activity);
        self.policy.activities.push(activity);
    }

    /// Notes what is missing, and what is said twice.
    fn complete(&mut self, section: &Section<'a>, name: &str) {
        let count = |keyword: &str| section.clauses.iter().filter(|clause| clause.keyword == keyword).count();
        // A `keep` may say itself how it ends: `keeps` looks at that.
        let here = |clause: &str| count(clause) > 0 || (clause == "then" && count("keep") > 0);
        for (clause, ..) in NEEDED.iter().filter(|(clause, ..)| !here(clause)) {
            self.missing(section, name, clause);
        }
        for keyword in ONCE.iter().filter(|keyword| count(keyword) > 1) {
            if let Some(again) = section.clauses.iter().filter(|clause| clause.keyword == *keyword).nth(1) {
                let finding = Diagnostic::error(
                    "E-TWICE",
                    again.keyword_span,
                    format!("`{keyword}` is already said above"),
                );
                self.found.push(finding.help("put both in one clause, or make two activities"));
            }
        }
    }

    /// Notes that an activity lacks a clause it must have.
    pub(super) fn missing(&mut self, section: &Section<'a>, name: &str, clause: &str) {
        for (clause, code, example) in NEEDED.iter().filter(|(needed, ..)| *needed == clause) {
            let finding =
                Diagnostic::of_code(code, section.head.span(), format!("`{name}` does not say `{clause}`"));
            self.found.push(finding.lawful().help(format!("write for example `{example}`")));
        }
    }

    fn activity_clause(&mut self, statement: &'a Statement, activity: &mut Activity) -> Read<()> {
        let mut cursor = self.cursor(statement);
        match statement.keyword {
            "for" => {
                self.for_whom(statement, activity)?;
                self.clause(Clause::For(activity.id), statement);
            }
            "so that" => {
                activity.so_that = Some(cursor.meant()?);
                cursor.end()?;
            }
            "purpose" => activity.purpose = self.purpose(statement)?,
            "basis" => {
                activity.basis_span = statement.span();
                self.clause(Clause::Basis(activity.id), statement);
                let (basis, work) = self.basis(&mut cursor)?;
                activity.basis = basis;
                self.join(activity, work, statement.span());
                cursor.end()?;
            }
            "data" => {
                self.clause(Clause::Data(activity.id), statement);
                activity.data = self.kinds(&mut cursor, &[])?;
                activity.kinds = names::set(&activity.data);
                cursor.end()?;
            }
            "condition" => {
                self.clause(Clause::Condition(activity.id, activity.conditions.len()), statement);
                let condition = condition(&mut cursor, statement)?;
                activity.conditions.push(condition);
            }
            "because" => {
                self.clause(Clause::Because(activity.id), statement);
                activity.because.push(cursor.meant()?);
                cursor.end()?;
            }
            "reading" => {
                let reading = super::desk::reading(&mut cursor, Some(activity.id), statement)?;
                self.policy.readings.push(reading);
            }
            "where" => {
                self.clause(Clause::Where(activity.id), statement);
                loop {
                    let (_, span) = names::one(&mut cursor, "processor", &self.names.outside, &[])?;
                    let name = span.of(self.text(span)).split_whitespace().collect::<Vec<_>>().join(" ");
                    activity.places.push(name);
                    if !cursor.separator(Shape::Comma) {
                        break;
                    }
                }
                cursor.end()?;
            }
            "from" => {
                self.clause(Clause::From(activity.id), statement);
                loop {
                    let words = cursor.words_before(&[]);
                    if words.is_empty() {
                        return refuse(cursor.unexpected("where the data comes from"));
                    }
                    activity.from.push(words);
                    if !cursor.separator(Shape::Comma) {
                        break;
                    }
                }
                cursor.end()?;
            }
            "share" => self.share(statement, activity)?,
            "send" => {
                self.clause(Clause::Send(activity.id), statement);
                cursor.expect("by")?;
                let channels = self.channels(&mut cursor)?;
                activity.channels.extend(channels.into_iter().map(|(channel, _)| channel));
                cursor.end()?;
            }
            "call" => self.call(statement, activity)?,
            _ => {
                let words = cursor.meant()?;
                cursor.end()?;
                self.policy.says.push((Some(activity.id), words));
            }
        }
        Ok(())
    }

    fn for_whom(&mut self, statement: &Statement, activity: &mut Activity) -> Read<()> {
        let mut cursor = self.cursor(statement);
        if cursor.take("everyone") {
            activity.for_everyone = true;
            return cursor.end();
        }
        loop {
            let (category, _) = names::one(&mut cursor, "category", &self.names.categories, &["once"])?;
            let mut again = cursor.separator(Shape::Comma);
            let mut once = None;
            if cursor.take("once") {
                let span = cursor.here();
                let (event, work) = self.milestone(&mut cursor, &[])?;
                self.join(activity, Some(work), span);
                once = Some(event);
                again = cursor.separator(Shape::Comma);
            }
            activity.for_whom.push(ForWhom { category, once });
            if !again {
                return cursor.end();
            }
        }
    }

    /// `call after screening`: the channel `call`, which says what screening is.
    fn call(&mut self, statement: &Statement, activity: &mut Activity) -> Read<()> {
        self.clause(Clause::Send(activity.id), statement);
        let mut cursor = self.cursor(statement);
        let Some(channel) = self.names.channels.get("call").copied() else {
            let finding =
                Diagnostic::error("E-MISSING", statement.keyword_span, "no channel `call` is declared");
            return refuse(finding.help("write a section `channel call` that says how numbers are screened"));
        };
        cursor.expect("after screening")?;
        activity.channels.push(channel);
        cursor.end()
    }

    /// An activity belongs to one kind of work at most.
    pub(super) fn join(&mut self, activity: &mut Activity, work: Option<WorkId>, span: Span) {
        match (activity.work, work) {
            (Some(one), Some(other)) if one != other => {
                let finding = Diagnostic::error(
                    "E-EVENT",
                    span,
                    "this activity already speaks of another kind of work",
                );
                self.found.push(finding.help("make one activity for each kind of work"));
            }
            (None, Some(work)) => activity.work = Some(work),
            _ => {}
        }
    }
}

/// `employment law, policy document "assessments/employment.md"`.
fn condition(cursor: &mut Cursor<'_>, statement: &Statement) -> Read<Condition> {
    let words = || CONDITIONS.iter().map(|known| known.words);
    let Some(known) =
        cursor.known(words()).and_then(|(found, _)| CONDITIONS.iter().find(|known| known.words == found))
    else {
        let (name, span) = cursor.name("a condition", &[])?;
        let finding = names::unheard("condition of the law", &name, span, words());
        let all = words().collect::<Vec<_>>().join("`, `");
        return refuse(match finding.help {
            Some(_) => finding,
            None => finding.law("UK GDPR Art 9(2), 10").help(format!("write one of `{all}`")),
        });
    };
    let mut condition = Condition { known, name: None, document: None, span: statement.span() };
    while cursor.separator(Shape::Comma) {
        if cursor.take("policy document") {
            condition.document = Some(cursor.meant()?);
        } else {
            condition.name = Some(cursor.meant()?);
        }
    }
    cursor.end()?;
    if known.needs_name && condition.name.is_none() {
        return refuse(cursor.unexpected("in quotes which condition of Schedule 1").law("DPA 2018 s.10(3)"));
    }
    Ok(condition)
}
