//! `keep` and `then`: an activity's rules.

use crate::activity::Activity;
use crate::diagnostic::Diagnostic;
use crate::kind::{KindSet, Sort};
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section, names};
use crate::name::{KindId, RuleId, WorkId};
use crate::phrase::read::ending;
use crate::phrase::{Ceases, Condition, Phrase, ReadPhrase, Scope, Stage};
use crate::policy::{Clause, Part};
use crate::rule::{Disposal, Rule, Then};
use crate::source::Span;
use crate::syntax::Statement;

/// What `then` most often says, for findings.
const ENDINGS: &[&str] =
    &["erase", "anonymise, keep counts by year", "return, then erase", "deliver, then erase"];

/// What says who somebody is: nothing is counted by it.
const SAY_WHO: &[&str] = &["name", "email", "phone", "address", "date of birth"];

/// Whether a clause is about time: those are read after all others, since they speak of `data`.
pub(super) fn of_time(keyword: &str) -> bool {
    matches!(keyword, "keep" | "then" | "was")
}

/// A rule being put together.
struct Draft<'a> {
    rule: Rule,
    statement: &'a Statement,
    /// Whether it said how it ends itself.
    ended: bool,
    /// `otherwise`: its condition comes from the clauses beside it.
    otherwise: bool,
    /// The longer time of some kinds only: it takes nothing from the clause it stands in.
    narrowed: bool,
}

impl<'a> Lower<'a> {
    pub(super) fn keeps(&mut self, section: &Section<'a>, activity: &mut Activity) {
        let mut waiting: Vec<Draft<'a>> = Vec::new();
        let mut drafts: Vec<Draft<'a>> = Vec::new();
        let mut former: Vec<String> = Vec::new();
        // What a clause that cannot be read would have said is not missing.
        let mut lost = KindSet::none();
        let mut broken = false;
        for clause in section.clauses.iter().filter(|clause| of_time(clause.keyword)) {
            match clause.keyword {
                "keep" => match self.keep(clause, activity) {
                    Ok(read) => waiting.extend(read),
                    Err(kinds) => {
                        broken = true;
                        lost = lost.or(kinds);
                    }
                },
                "was" => {
                    let was = self.former(clause, activity);
                    match waiting.last_mut().or(drafts.last_mut()) {
                        Some(draft) => draft.rule.was.extend(was),
                        // Before any `keep` it names the activity itself; the slash of another's key is not for it.
                        None if was.as_deref() == Some(&activity.name) => self.found.push(
                            Diagnostic::error("E-TWICE", clause.span(), "this activity is called that now")
                                .help(
                                    "write it below the `keep` that goes on with what the earlier one held",
                                ),
                        ),
                        None => former.extend(was.map(|was| {
                            was.strip_prefix(&format!("{}/", activity.name))
                                .map_or(was.clone(), str::to_owned)
                        })),
                    }
                }
                _ => {
                    let ending = self.ending(clause);
                    let all_ended = waiting.iter().all(|draft| draft.ended);
                    if all_ended && !broken && !(waiting.is_empty() && drafts.is_empty()) {
                        self.found.push(Diagnostic::error(
                            "E-TWICE",
                            clause.keyword_span,
                            "every `keep` above has its `then` already",
                        ));
                    }
                    let then = self.note(ending).unwrap_or_else(|| Then::plain(Disposal::Erase));
                    for mut draft in waiting.drain(..) {
                        if !draft.ended {
                            self.end(&mut draft.rule, activity, &then);
                        }
                        drafts.push(draft);
                    }
                }
            }
        }
        let unended = waiting.iter().rev().find(|draft| !draft.ended).map(|draft| draft.statement);
        if unended.is_some() && section.clauses.iter().all(|clause| clause.keyword != "then") {
            self.missing(section, &activity.name, "then");
        } else if let Some(statement) = unended {
            let finding =
                Diagnostic::error("E-MISSING", statement.span(), "nothing says what happens after this");
            self.found.push(finding.help("write `then erase` below it"));
        }
        drafts.append(&mut waiting.into_iter().filter(|draft| draft.ended).collect());
        self.cover(&mut drafts, activity, lost);
        if !broken {
            self.otherwise(&mut drafts);
        }
        self.number(drafts, activity, &former);
    }

    fn number(&mut self, drafts: Vec<Draft<'a>>, activity: &mut Activity, former: &[String]) {
        for draft in drafts {
            let Draft { mut rule, statement, .. } = draft;
            rule.id = RuleId(super::declare::number(self.policy.rules.len()));
            let work = rule.work.and_then(|work| self.policy.works.get(work.index()));
            // Where somebody is to be told or asked before the end, there is one end: of the last row.
            let alone = rule.tell_before.is_none() && rule.ask_before.is_none();
            rule.by_row = alone
                && rule.phrase.counts_from_rows(work.map_or(&[][..], |work| work.milestones.as_slice()));
            if self.policy.rules.iter().any(|other| other.key == rule.key) {
                let finding = Diagnostic::error(
                    "E-TWICE",
                    statement.span(),
                    "another `keep` of this activity speaks of the same data",
                );
                self.found.push(finding.help(
                    "join them: `the later of A and B`, `A, at most B`; or say `if` and `otherwise` what decides",
                ));
            }
            if rule.for_work {
                self.alone(&rule, activity);
            }
            Self::renamed(std::slice::from_mut(&mut rule), activity, former);
            activity.rules.push(rule.id);
            self.clause(Clause::Keep(rule.id), statement);
            self.policy.rules.push(rule);
        }
    }

    /// The rules of one clause: one, or two where some kinds are kept longer than the rest. What cannot be read gives the
    /// kinds it would have spoken of.
    fn keep(&mut self, statement: &'a Statement, activity: &mut Activity) -> Result<Vec<Draft<'a>>, KindSet> {
        let mut cursor = self.cursor(statement);
        let whole = cursor.rest();
        let named = self.named(&mut cursor, activity);
        let for_work = cursor.take("for the work");
        let meant = if named.is_empty() { KindSet::all() } else { names::set(&named) };
        if cursor.done() {
            let finding = cursor.unexpected("how long");
            self.found.push(finding.help("write for example `6 months after completed`"));
            return Err(meant);
        }
        let source = self.text(statement.keyword_span);
        let base = cursor.rest();
        let scope = Scope { work: self.work_meant(activity), ..Scope::of(&self.policy) };
        let read = crate::phrase::read(&statement.blanked(base, source), base, &scope);
        let read = match read {
            Ok(read) => read,
            Err(found) => {
                self.found.extend(found);
                return Err(meant);
            }
        };
        self.join(activity, read.work, base);
        let words = statement.blanked(whole, source);
        let except = read.except.iter().filter_map(|(name, _)| self.names.kinds.get(name).copied()).collect();
        let only: Vec<(KindId, Span)> =
            read.only.iter().filter_map(|(name, span)| Some((*self.names.kinds.get(name)?, *span))).collect();
        self.among(&only, activity);
        let list: Vec<&str> =
            named.iter().filter_map(|(kind, _)| self.policy.kind(*kind)).map(|kind| &*kind.name).collect();
        let mut key = match list.is_empty() {
            true => activity.name.clone(),
            false => format!("{}/{}", activity.name, list.join(", ")),
        };
        if let Some(condition) = &read.condition {
            key.push_str(&format!(" if {}", condition.written()));
        } else if read.otherwise {
            key.push_str(" otherwise");
        }
        let ReadPhrase {
            phrase,
            condition,
            otherwise,
            review,
            ask_again,
            ask_before,
            stage,
            tell_before,
            then,
            work,
            ..
        } = read;
        let mut rule = Rule {
            id: RuleId(0),
            activity: activity.id,
            key,
            names_kinds: !named.is_empty(),
            kinds: names::set(&named),
            for_work,
            by_row: false,
            phrase,
            work,
            review,
            ask_again,
            ask_before,
            condition,
            except,
            stage,
            tell_before,
            then: Disposal::Erase,
            what: None,
            to: None,
            transfer: false,
            unless: None,
            counts_by: None,
            was: Vec::new(),
            words: words.split_whitespace().collect::<Vec<_>>().join(" "),
            span: statement.span(),
        };
        if let Some(then) = &then {
            self.end(&mut rule, activity, then);
        }
        let draft = |rule, narrowed| Draft { rule, statement, ended: then.is_some(), otherwise, narrowed };
        Ok(match (&rule.phrase, only.is_empty()) {
            (Phrase::Longer { phrase, .. }, false) => {
                let base = Rule { phrase: (**phrase).clone(), ..rule.clone() };
                let longer = Rule {
                    key: format!("{} longer", rule.key),
                    names_kinds: true,
                    kinds: names::set(&only),
                    ..rule.clone()
                };
                vec![draft(base, false), draft(longer, true)]
            }
            _ => vec![draft(rule, false)],
        })
    }

    /// The kind of work a clause of the activity speaks of, or the only one that its people take part in.
    fn work_meant(&self, activity: &Activity) -> Option<WorkId> {
        let joins = |part: &Part| activity.for_whom.iter().any(|whom| whom.category == part.category);
        let mut works = self.policy.works.iter().filter(|work| work.parts.iter().any(joins));
        let only = works.next().filter(|_| works.next().is_none()).map(|work| work.id);
        activity.work.or(only)
    }

    /// The kinds a `keep` names before its phrase.
    fn named(&mut self, cursor: &mut Cursor<'_>, activity: &Activity) -> Vec<(KindId, Span)> {
        let mut named = Vec::new();
        while let Some((name, span)) = cursor.known(self.names.kinds.keys().map(String::as_str)) {
            let Some(kind) = self.names.kinds.get(name).copied() else { break };
            named.push((kind, span));
            if !cursor.separator(Shape::Comma) {
                break;
            }
        }
        self.among(&named, activity);
        named
    }

    fn among(&mut self, named: &[(KindId, Span)], activity: &Activity) {
        for (kind, span) in named.iter().filter(|(kind, _)| !activity.kinds.contains(*kind)) {
            let name = self.policy.kind(*kind).map_or("", |kind| &kind.name);
            let message = format!("`{name}` is not among the data of this activity");
            self.found.push(
                Diagnostic::error("E-UNKNOWN", *span, message)
                    .help("name it in `data`, or leave it out here"),
            );
        }
    }

    /// Gives a rule its ending, and finds what it names that is not there: a milestone of another kind of work, a
    /// kind that the activity does not hold.
    fn end(&mut self, rule: &mut Rule, activity: &Activity, then: &Then) {
        end(rule, then);
        let work = rule.work.and_then(|work| self.policy.works.get(work.index()));
        if let Some(name) = then.unless.as_ref().filter(|name| {
            work.is_none_or(|work| !work.milestones.iter().any(|known| crate::phrase::plain(known) == **name))
        }) {
            let message = format!("`{name}` is no milestone of the work that this period counts from");
            let finding = Diagnostic::error("E-UNKNOWN", rule.span, message);
            self.found.push(finding.help("name the milestone that hands it over, or leave `unless` out"));
        }
        let Some(by) = &then.counts_by else { return };
        let mut kinds = Vec::new();
        for name in by {
            let found = self.names.kinds.get(name.as_str()).copied().filter(|kind| {
                let is_item = self.policy.kind(*kind).is_some_and(|kind| kind.sort == Sort::Item);
                is_item && activity.kinds.contains(*kind) && !SAY_WHO.contains(&name.as_str())
            });
            match found {
                Some(kind) => kinds.push(kind),
                None => {
                    let message = format!("nothing can be counted by `{name}`");
                    let finding = Diagnostic::error("E-UNKNOWN", rule.span, message);
                    let help =
                        "name items among the data of this activity that many people share, or only `year`";
                    self.found.push(finding.help(help));
                }
            }
        }
        rule.counts_by = Some(kinds);
    }

    fn ending(&mut self, statement: &Statement) -> Read<Then> {
        let mut cursor = self.cursor(statement);
        let span = cursor.rest();
        let words = cursor.take_rest();
        match ending(&words) {
            Some(ending) => Ok(ending),
            None => {
                let finding = names::unheard("ending", &words, span, ENDINGS.iter().copied());
                let all = ENDINGS.join("`, `");
                refuse(
                    Diagnostic { message: "this is not a way data can end".to_owned(), ..finding }
                        .help(format!("write `{all}`")),
                )
            }
        }
    }

    /// Gives rules without names all else the activity holds, and notes what no rule covers.
    fn cover(&mut self, drafts: &mut [Draft<'a>], activity: &Activity, lost: KindSet) {
        let named = drafts
            .iter()
            .filter(|draft| !draft.narrowed)
            .fold(KindSet::none(), |kinds, draft| kinds.or(draft.rule.kinds));
        let rest = activity.kinds.minus(named);
        let mut covered = drafts.is_empty();
        for draft in drafts.iter_mut().filter(|draft| !draft.rule.names_kinds) {
            if rest.is_empty() && !activity.kinds.is_empty() {
                self.found.push(Diagnostic::error(
                    "E-KINDS",
                    draft.statement.span(),
                    "nothing is left for this `keep` to speak of",
                ));
            }
            draft.rule.kinds = rest;
            covered = true;
        }
        if covered {
            return;
        }
        let rest = rest.minus(lost);
        for (kind, span) in activity.data.iter().filter(|(kind, _)| rest.contains(*kind)) {
            let name = self.policy.kind(*kind).map_or("", |kind| &kind.name);
            let message = format!("nothing says how long `{name}` is kept");
            self.found.push(Diagnostic::error("E-MISSING", *span, message).law("UK GDPR Art 5(1)(e)"));
        }
    }

    /// `otherwise` is where none of the conditions is so that clauses about the same data name.
    fn otherwise(&mut self, drafts: &mut [Draft<'a>]) {
        let conditions: Vec<(KindSet, Condition)> = drafts
            .iter()
            .filter_map(|draft| Some((draft.rule.kinds, draft.rule.condition.clone()?)))
            .collect();
        for draft in drafts.iter_mut().filter(|draft| draft.otherwise) {
            let mut others: Vec<Condition> = conditions
                .iter()
                .filter(|(kinds, _)| !kinds.and(draft.rule.kinds).is_empty())
                .map(|(_, condition)| condition.clone())
                .collect();
            others.dedup();
            match others.len() {
                0 => {
                    let message = "no other `keep` of this data says `if`";
                    let finding = Diagnostic::error("E-PHRASE", draft.statement.span(), message);
                    self.found.push(
                        finding.help("write the other case too: `keep ... , if employed by the client`"),
                    );
                }
                1 => draft.rule.condition = others.pop().map(|one| Condition::Not(Box::new(one))),
                _ => draft.rule.condition = Some(Condition::Not(Box::new(Condition::Any(others)))),
            }
        }
        // A fact of the work makes the other case one of the work too.
        let facts = &self.policy.facts;
        for draft in drafts.iter_mut().filter(|draft| draft.otherwise && draft.rule.work.is_none()) {
            let names = draft.rule.condition.iter().flat_map(Condition::facts);
            let mut works = names.filter_map(|name| {
                facts.iter().find(|fact| crate::phrase::plain(&fact.name) == name).and_then(|fact| fact.work)
            });
            draft.rule.work = works.next_back();
        }
    }
}

/// Gives a rule its ending; data archived first is out of use from the day its period ends.
fn end(rule: &mut Rule, then: &Then) {
    rule.then = then.disposal;
    rule.what.clone_from(&then.what);
    rule.to.clone_from(&then.to);
    rule.transfer = then.transfer;
    rule.unless.clone_from(&then.unless);
    if let Some(period) = then.archive {
        let phrase = rule.phrase.clone();
        rule.stage = Some(Stage { what: Ceases::Use, phrase: phrase.clone() });
        rule.phrase = Phrase::More { phrase: Box::new(phrase), period };
    }
}
