//! From trees to a [`Policy`]: names bound, numbers given. Everything the policy says wrongly is
//! found in one go; a policy with an error is not made.

mod activity;
mod alone;
mod basis;
mod channel;
mod cursor;
mod declare;
mod desk;
mod fact;
mod head;
mod identity;
mod keep;
mod names;
mod never;
mod notice;
mod outside;
mod periods;
mod role;
mod security;
mod share;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use crate::activity::Purpose;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read};
use crate::lower::head::Head;
use crate::lower::names::Names;
use crate::parse::{self, sections};
use crate::policy::{Clause, Policy};
use crate::source::{File, Span, same_file};
use crate::syntax::{Statement, Tree, unquote};

/// One section: the statement that opens it and the clauses under it.
struct Section<'a> {
    head: &'a Statement,
    clauses: Vec<&'a Statement>,
}

/// What is being put together.
struct Lower<'a> {
    files: &'a [File],
    found: Vec<Diagnostic>,
    names: Names,
    policy: Policy,
    /// The promises that stand on a clause.
    standing: BTreeSet<Span>,
    /// `promise CTI-25 on every basis`, looked at last.
    everywhere: Vec<(String, &'a Statement)>,
}

impl Policy {
    /// Reads a policy. The first file is the policy itself; the others are what it includes
    /// ([`parse::includes`]) and the texts it rests on, each found by its name. Without a policy there is an error among the
    /// findings; with one there is none.
    #[must_use]
    pub fn read(files: Vec<File>) -> (Option<Self>, Vec<Diagnostic>) {
        let mut found = Vec::new();
        let mut trees: Vec<Tree> = Vec::new();
        let own = parse::included(&files);
        for (at, file) in files.iter().enumerate().take(usize::from(u16::MAX)) {
            let number = u16::try_from(at).unwrap_or(u16::MAX);
            // A text the policy rests on is kept with it, and is not read as policy.
            if !own.contains(&at) {
                trees.push(Tree { file: number, items: Vec::new() });
                continue;
            }
            let (tree, more) = parse::parse(number, &file.text);
            trees.push(tree);
            found.extend(more);
        }
        let mut order =
            Order { trees: &trees, files: &files, taken: BTreeSet::new(), sections: Vec::new(), found };
        order.file(0);
        let Order { sections, found, .. } = order;
        let mut lower = Lower {
            files: &files,
            found,
            names: Names::default(),
            policy: head::unwritten(),
            standing: BTreeSet::new(),
            everywhere: Vec::new(),
        };
        lower.declare(&sections);
        let head = lower.sections(&sections);
        lower.finish_head(head);
        lower.clear_identity();
        lower.finish_promises();
        // Findings before this may have kept a clause from being read at all.
        if lower.found.is_empty() {
            lower.lost_promises(&sections);
        }
        let Lower { mut found, mut policy, .. } = lower;
        found.sort_by_key(|finding| (finding.span.file, finding.span.start));
        if found.iter().any(|finding| finding.severity == crate::diagnostic::Severity::Error) {
            return (None, found);
        }
        policy.files = files;
        (Some(policy), found)
    }
}

/// Puts the sections of all files in one order, each file where it is included.
struct Order<'a> {
    trees: &'a [Tree],
    files: &'a [File],
    taken: BTreeSet<usize>,
    sections: Vec<Section<'a>>,
    found: Vec<Diagnostic>,
}

impl Order<'_> {
    fn file(&mut self, number: usize) {
        let trees = self.trees;
        let Some(tree) = trees.get(number).filter(|_| self.taken.insert(number)) else { return };
        for (head, clauses) in sections(tree) {
            if head.keyword != "include" {
                self.sections.push(Section { head, clauses });
                continue;
            }
            let text = self.files.get(number).map_or("", |file| &file.text);
            let named = head.tokens().find(|token| token.shape == Shape::Text);
            let Some(named) = named else {
                self.found.push(Diagnostic::error(
                    "E-SYNTAX",
                    head.span(),
                    "expected a file's name in quotes after `include`",
                ));
                continue;
            };
            let name = unquote(named.span.of(text));
            if parse::leads_out(&name) {
                let message = "a policy includes only files that lie in its own folder";
                let bare = name.rsplit(['/', '\\']).next().unwrap_or_default();
                let help = format!("put it beside the policy, and write `include \"{bare}\"`");
                self.found.push(Diagnostic::error("E-INCLUDE", named.span, message).help(help));
                continue;
            }
            match self.files.iter().position(|file| same_file(&file.name, &name)) {
                Some(other) if self.taken.contains(&other) => {
                    self.found.push(Diagnostic::error(
                        "E-INCLUDE",
                        named.span,
                        "this file is already part of the policy",
                    ));
                }
                Some(other) => self.file(other),
                None => {
                    let finding = Diagnostic::error("E-INCLUDE", named.span, "this file is not there");
                    let names =
                        self.files.iter().map(|file| file.name.rsplit('/').next().unwrap_or_default());
                    self.found.push(match nearest(&name, names) {
                        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                        None => finding,
                    });
                }
            }
        }
    }
}

impl<'a> Lower<'a> {
    fn text(&self, span: Span) -> &'a str {
        self.files.get(usize::from(span.file)).map_or("", |file| &file.text)
    }

    fn cursor(&self, statement: &Statement) -> Cursor<'a> {
        Cursor::new(statement, self.text(statement.keyword_span))
    }

    /// Notes a finding and goes on without what it was about.
    fn note<T>(&mut self, read: Read<T>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(finding) => {
                self.found.push(*finding);
                None
            }
        }
    }

    /// Puts a clause where its text is, and the promises that stand on it.
    fn clause(&mut self, clause: Clause, statement: &Statement) {
        self.place(clause.clone(), statement.span());
        self.promises_on(&clause, statement);
    }

    /// Puts the promises of a statement on a clause.
    fn promises_on(&mut self, clause: &Clause, statement: &Statement) {
        for span in statement.promises() {
            self.standing.insert(span);
            let clauses = self.policy.promises.entry(span.of(self.text(span)).to_owned()).or_default();
            if !clauses.contains(clause) {
                clauses.push(clause.clone());
            }
        }
    }

    /// Notes promises that stand on something nothing could prove: they would be lost in silence.
    fn lost_promises(&mut self, sections: &[Section<'a>]) {
        for section in sections {
            for statement in section.clauses.iter().chain([&section.head]) {
                for span in statement.promises().filter(|span| !self.standing.contains(span)) {
                    let message = format!("a promise cannot stand on `{}`", statement.keyword);
                    let finding = Diagnostic::error("E-SYNTAX", span, message);
                    self.found.push(
                        finding.help(
                            "put it on the clause that keeps it: a `basis`, `data`, `keep`, `share`, ...",
                        ),
                    );
                }
            }
        }
    }

    fn place(&mut self, clause: Clause, span: Span) {
        self.policy.places.entry(clause).or_insert(span);
    }

    fn sections(&mut self, sections: &[Section<'a>]) -> Head {
        let mut head = Head::default();
        let mut once = BTreeSet::new();
        for section in sections {
            let keyword = section.head.keyword;
            if matches!(keyword, "notice" | "requests" | "incidents" | "backups" | "periods" | "visits")
                && !once.insert(keyword)
            {
                let message = format!("`{keyword}` is already said above");
                self.found.push(Diagnostic::error("E-TWICE", section.head.keyword_span, message));
                continue;
            }
            match section.head.keyword {
                "policy" => self.head(section, &mut head),
                "work" => self.work(section),
                "activity" => self.activity(section),
                "channel" => self.channel(section),
                "never" => self.never(section.head),
                "notice" => self.notice(section),
                "ends" => self.ends(section.head),
                "requests" => self.requests(section),
                "incidents" => self.incidents(section.head),
                "backups" => self.backups(section.head),
                "periods" => self.periods(section),
                "visits" => self.visits(section.head),
                "statistics" => self.statistics(section.head),
                "form" => self.form(section),
                "security" => self.security(section),
                "role" => self.role(section),
                "processor" => self.processor(section.head),
                "recipient" => self.recipient(section.head),
                "accept" => self.accept(section.head),
                "promise" => self.promise(section.head),
                _ => {}
            }
        }
        head
    }

    fn finish_promises(&mut self) {
        let mut everywhere: BTreeMap<String, Vec<Clause>> = BTreeMap::new();
        for (id, statement) in std::mem::take(&mut self.everywhere) {
            let mut cursor = self.cursor(statement);
            cursor.step();
            cursor.take("on every");
            let kind = cursor.word();
            let clauses: Vec<Clause> = self
                .policy
                .places
                .keys()
                .filter(|clause| match clause {
                    Clause::Basis(_) => kind == "basis",
                    Clause::Data(_) => kind == "data",
                    Clause::For(_) => kind == "for",
                    Clause::From(_) => kind == "from",
                    Clause::Condition(..) => kind == "condition",
                    Clause::Because(_) => kind == "because",
                    Clause::Where(_) => kind == "where",
                    Clause::Send(_) => kind == "send",
                    Clause::Register(_) => kind == "register",
                    Clause::Role(_) => kind == "role",
                    Clause::Keep(_) => kind == "keep",
                    Clause::Share(..) => kind == "share",
                    Clause::Processor(_) => kind == "processor",
                    Clause::Attest(_) => kind == "attest",
                    _ => false,
                })
                .cloned()
                .collect();
            if clauses.is_empty() {
                let help = "`on every` takes basis, condition, data, for, from, where, keep, because, share, send, register, processor, role or attest";
                self.found.push(
                    Diagnostic::error("E-UNKNOWN", cursor.here(), "there is no such clause to stand on")
                        .help(help),
                );
            }
            everywhere.entry(id).or_default().extend(clauses);
        }
        for (id, clauses) in everywhere {
            let standing = self.policy.promises.entry(id).or_default();
            for clause in clauses {
                if !standing.contains(&clause) {
                    standing.push(clause);
                }
            }
        }
    }

    /// `promise ID on every basis`, or `promise ID "..."` for what nothing keeps yet.
    fn promise(&mut self, statement: &'a Statement) {
        let mut cursor = self.cursor(statement);
        let id = cursor.word().to_owned();
        if !parse::promise::is_id(&id) {
            let finding = cursor.unexpected("a promise's id such as `ABC-12`");
            return self.found.push(finding);
        }
        cursor.step();
        if cursor.take("on every") {
            cursor.step();
            let end = cursor.end();
            self.note(end);
            return self.everywhere.push((id, statement));
        }
        let words = cursor.text();
        let Some(words) = self.note(words) else { return };
        let end = cursor.end();
        self.note(end);
        let clause = Clause::Open(words);
        self.place(clause.clone(), statement.span());
        self.policy.promises.entry(id).or_default().push(clause);
    }

    /// A purpose by its name.
    fn purpose(&mut self, statement: &Statement) -> Read<Purpose> {
        let mut cursor = self.cursor(statement);
        let name = cursor.word();
        let purpose = Purpose::ALL.iter().find(|(_, known)| *known == name);
        let Some((purpose, _)) = purpose else {
            let finding =
                names::unheard("purpose", name, cursor.here(), Purpose::ALL.iter().map(|(_, name)| *name));
            let known =
                Purpose::ALL.iter().map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return cursor::refuse(match finding.help {
                Some(_) => finding,
                None => finding.help(format!("the purposes are {known}")),
            });
        };
        cursor.step();
        cursor.end()?;
        Ok(*purpose)
    }
}
