//! Channels: by what means, what every message ends with, what is checked before a call.

use crate::channel::{CallResult, Channel, Happened, Means, Received, Screening};
use crate::diagnostic::Diagnostic;
use crate::kind::Sort;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section};
use crate::name::{ChannelId, KindId};
use crate::policy::Clause;
use crate::syntax::Statement;

/// The registers that numbers can be screened against.
const REGISTERS: &[&str] = &["tps", "ctps"];

impl<'a> Lower<'a> {
    pub(super) fn channel(&mut self, section: &Section<'a>) {
        let head = section.head;
        let mut cursor = self.cursor(head);
        let Ok((name, _)) = cursor.name("the name of the channel", &[]) else { return };
        let id = ChannelId(super::declare::number(self.policy.channels.len()));
        if self.names.channels.get(&name) != Some(&id) {
            return; // declared twice, and said so
        }
        let title = cursor.text_if().unwrap_or_else(|| name.clone());
        let end = cursor.end();
        self.note(end);
        let mut channel = Channel {
            id,
            name,
            title,
            means: Means::Email,
            to_many: false,
            footer: None,
            footer_span: head.span(),
            received: None,
            screening: None,
            script: None,
            results: Vec::new(),
            span: head.span(),
        };
        if !section.clauses.iter().any(|clause| clause.keyword == "by") {
            let finding =
                Diagnostic::error("E-MISSING", head.span(), "this channel does not say by what means");
            self.found.push(finding.help("write `by email`, `by phone`, `by text` or `by post`"));
        }
        for clause in &section.clauses {
            let read = self.channel_clause(clause, &mut channel);
            self.note(read);
        }
        if let Some(received) = &channel.received
            && (channel.means != Means::Email || channel.to_many)
        {
            let message = "only a channel by e-mail to one person receives by itself";
            let finding = Diagnostic::error("E-MISSING", received.span, message);
            self.found.push(finding.help("write it under a channel that says `by email, one to one`"));
        }
        if channel.means == Means::Phone && channel.results.is_empty() {
            channel.results = least_results();
        }
        self.policy.channels.push(channel);
    }

    fn channel_clause(&mut self, statement: &'a Statement, channel: &mut Channel) -> Read<()> {
        let mut cursor = self.cursor(statement);
        match statement.keyword {
            "by" => {
                channel.means = means(&mut cursor)?;
                if cursor.separator(Shape::Comma) {
                    channel.to_many = cursor.take("to many at once");
                    if !channel.to_many {
                        cursor.expect("one to one")?;
                    }
                }
            }
            "footer" | "signature" => {
                channel.footer = Some(cursor.text()?);
                channel.footer_span = statement.span();
                self.clause(Clause::Footer(channel.id), statement);
            }
            "receives" => {
                self.clause(Clause::Received(channel.id), statement);
                channel.received = Some(self.received(&mut cursor, statement)?);
            }
            "script" => channel.script = Some(cursor.text()?),
            "results" => channel.results = results(&mut cursor, statement)?,
            "screen" => {
                self.clause(Clause::Screening(channel.id), statement);
                let screening = screening(&mut cursor, statement)?;
                channel.screening = Some(screening);
            }
            _ => {
                self.promises_on(&Clause::Screening(channel.id), statement);
                let lawful = cursor.take("the subscriber said they do not object");
                let other = if lawful {
                    cursor.separator(Shape::Comma);
                    cursor.expect("recorded with date and person")?;
                    String::new()
                } else {
                    let words = cursor.words_before(&[]);
                    if words.is_empty() {
                        return refuse(cursor.unexpected("who need not be screened"));
                    }
                    words
                };
                match &mut channel.screening {
                    Some(screening) if lawful => screening.unless_not_objecting = true,
                    Some(screening) => screening.others_unless.push((other, statement.span())),
                    None => {
                        return refuse(Diagnostic::error(
                            "E-MISSING",
                            statement.span(),
                            "there is no `screen` above that this could lift",
                        ));
                    }
                }
            }
        }
        cursor.end()
    }
}

impl Lower<'_> {
    /// `contact record, attachments as letters`.
    fn received(&mut self, cursor: &mut Cursor<'_>, statement: &Statement) -> Read<Received> {
        let kind = self.kind_of(cursor, Sort::Entry, &["attachments"])?;
        let mut attachments = None;
        if cursor.separator(Shape::Comma) {
            cursor.expect("attachments as")?;
            attachments = Some(self.kind_of(cursor, Sort::Document, &[])?);
        }
        Ok(Received { kind, attachments, span: statement.span() })
    }

    /// A kind that is an entry, or a document.
    fn kind_of(&mut self, cursor: &mut Cursor<'_>, sort: Sort, stops: &[&str]) -> Read<KindId> {
        let (kind, span) = super::names::one(cursor, "kind of data", &self.names.kinds, stops)?;
        if self.policy.kind(kind).is_some_and(|kind| kind.sort == sort) {
            return Ok(kind);
        }
        let wanted = if sort == Sort::Entry { "an `entry`" } else { "a `document`" };
        refuse(Diagnostic::error("E-UNKNOWN", span, format!("this must be {wanted} of this policy")))
    }
}

/// What can come of any call, where the policy does not say: whoever is called can always say stop.
fn least_results() -> Vec<CallResult> {
    let result =
        |name: &str, words: &str, is| CallResult { name: name.to_owned(), words: words.to_owned(), is };
    vec![
        result("talked", "We talked", Some(Happened::Contact)),
        result("no answer", "No answer", None),
        result("asked not to call", "Asked not to be called", Some(Happened::AskedNotToCall)),
    ]
}

/// `talked "We talked" is contact; no answer "No answer"`.
fn results(cursor: &mut Cursor<'_>, statement: &Statement) -> Read<Vec<CallResult>> {
    let mut results: Vec<CallResult> = Vec::new();
    loop {
        let (name, span) = cursor.name("what can come of a call", &[])?;
        if results.iter().any(|known| known.name == name) {
            return refuse(Diagnostic::error("E-TWICE", span, format!("`{name}` is already a result")));
        }
        let words = cursor.text()?;
        let mut is = None;
        if cursor.take("is") {
            is = Happened::ALL.iter().find(|(_, phrase)| cursor.take(phrase)).map(|(event, _)| *event);
            if is.is_none() {
                let span = cursor.here();
                let said = cursor.words_before(&[]);
                let known = Happened::ALL.iter().map(|(_, phrase)| *phrase);
                return refuse(super::names::unheard("event of a call", &said, span, known));
            }
        }
        results.push(CallResult { name, words, is });
        if !cursor.separator(Shape::Semicolon) {
            break;
        }
    }
    if results.iter().any(|result| result.is == Some(Happened::AskedNotToCall)) {
        return Ok(results);
    }
    let finding =
        Diagnostic::error("E-MISSING", statement.span(), "no result lets them say that we must not call");
    refuse(finding.help("add `asked not to call \"Asked not to be called\" is asked not to call`"))
}

fn means(cursor: &mut Cursor<'_>) -> Read<Means> {
    let means = match cursor.word() {
        "email" => Means::Email,
        "phone" => Means::Phone,
        "text" => Means::Text,
        "post" => Means::Post,
        _ => return refuse(cursor.unexpected("`email`, `phone`, `text` or `post`")),
    };
    cursor.step();
    Ok(means)
}

/// `tps, ctps, our own list; register files fewer than 28 days old`.
fn screening(cursor: &mut Cursor<'_>, statement: &Statement) -> Read<Screening> {
    let mut screening = Screening {
        registers: Vec::new(),
        own_list: false,
        fewer_than_days: 28,
        unless_not_objecting: false,
        others_unless: Vec::new(),
        span: statement.span(),
    };
    loop {
        if cursor.take("our own list") {
            screening.own_list = true;
        } else {
            let (name, span) = cursor.name("a register such as `tps`, or `our own list`", &[])?;
            if !REGISTERS.contains(&name.as_str()) {
                return refuse(super::names::unheard(
                    "register",
                    &name,
                    span,
                    REGISTERS.iter().copied().chain(["our own list"]),
                ));
            }
            screening.registers.push(name);
        }
        if !cursor.separator(Shape::Comma) {
            break;
        }
    }
    if cursor.separator(Shape::Semicolon) {
        cursor.expect("register files fewer than")?;
        screening.fewer_than_days = cursor.number()?;
        cursor.expect("days old")?;
    }
    Ok(screening)
}
