//! The names a policy declares, and findings about names it does not.

use std::collections::BTreeMap;

use crate::count::with_article;
use crate::diagnostic::{Diagnostic, nearest};
use crate::kind::KindSet;
use crate::lex::Shape;
use crate::lower::Lower;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::name::{ActivityId, CategoryId, ChannelId, KindId, RoleId, WorkId};
use crate::source::Span;

/// Every name, with its number, known before any clause is read.
#[derive(Default)]
pub(super) struct Names {
    pub(super) kinds: BTreeMap<String, KindId>,
    pub(super) categories: BTreeMap<String, CategoryId>,
    pub(super) works: BTreeMap<String, WorkId>,
    pub(super) channels: BTreeMap<String, ChannelId>,
    pub(super) roles: BTreeMap<String, RoleId>,
    pub(super) activities: BTreeMap<String, ActivityId>,
    pub(super) outside: BTreeMap<String, Span>,
}

/// A finding about a name nothing declares.
pub(super) fn unknown<'n>(
    what: &str,
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let message = format!("`{name}` is not {} of this policy", with_article(what));
    let finding = Diagnostic::error("E-UNKNOWN", span, message);
    match nearest(name, known) {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
        None => finding,
    }
}

/// A finding about a word that is none of those the language knows.
pub(super) fn unheard<'n>(
    what: &str,
    word: &str,
    span: Span,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let finding = unknown(what, word, span, known);
    let message = finding.message.trim_end_matches(" of this policy").to_owned();
    Diagnostic { message, ..finding }
}

/// A name out of a list, as the cursor's next words; `stops` end a name that is not known.
pub(super) fn one<I: Copy>(
    cursor: &mut Cursor<'_>,
    what: &str,
    names: &BTreeMap<String, I>,
    stops: &[&str],
) -> Read<(I, Span)> {
    if let Some((name, span)) = cursor.known(names.keys().map(String::as_str))
        && let Some(id) = names.get(name)
    {
        return Ok((*id, span));
    }
    let (name, span) = cursor.name(&format!("a {what}"), stops)?;
    refuse(unknown(what, &name, span, names.keys().map(String::as_str)))
}

impl Lower<'_> {
    /// Kinds separated by commas, up to a word in `stops`. Unknown ones are each noted and left out.
    pub(super) fn kinds(&mut self, cursor: &mut Cursor<'_>, stops: &[&str]) -> Read<Vec<(KindId, Span)>> {
        self.several(cursor, "kind of data", stops, |names| &names.kinds)
    }

    /// Categories separated by commas, up to a word in `stops`.
    pub(super) fn categories(
        &mut self,
        cursor: &mut Cursor<'_>,
        stops: &[&str],
    ) -> Read<Vec<(CategoryId, Span)>> {
        self.several(cursor, "category", stops, |names| &names.categories)
    }

    /// Channels separated by commas.
    pub(super) fn channels(&mut self, cursor: &mut Cursor<'_>) -> Read<Vec<(ChannelId, Span)>> {
        self.several(cursor, "channel", &[], |names| &names.channels)
    }

    fn several<I: Copy + PartialEq>(
        &mut self,
        cursor: &mut Cursor<'_>,
        what: &str,
        stops: &[&str],
        list: impl Fn(&Names) -> &BTreeMap<String, I>,
    ) -> Read<Vec<(I, Span)>> {
        let mut all: Vec<(I, Span)> = Vec::new();
        loop {
            let start = cursor.here();
            match one(cursor, what, list(&self.names), stops) {
                Ok((id, span)) => {
                    if all.iter().any(|(other, _)| *other == id) {
                        self.found.push(Diagnostic::error("E-TWICE", span, "this is named twice here"));
                    }
                    all.push((id, span));
                    let next = cursor.word();
                    if cursor.peek().is_some_and(|token| token.shape == Shape::Word) && !stops.contains(&next)
                    {
                        return refuse(cursor.unexpected("a comma"));
                    }
                }
                Err(finding) if finding.code == "E-UNKNOWN" => self.found.push(*finding),
                Err(finding) => return Err(finding),
            }
            if !cursor.separator(Shape::Comma) {
                return Ok(all);
            }
            if stops.contains(&cursor.word()) && !stops.is_empty() && start != cursor.here() {
                return Ok(all);
            }
        }
    }

    /// The kind of work that has a milestone.
    pub(super) fn work_of(&self, milestone: &str) -> Option<WorkId> {
        let has = |work: &&crate::policy::Work| work.milestones.iter().any(|known| known == milestone);
        self.policy.works.iter().find(has).map(|work| work.id)
    }

    /// A milestone of some work, up to a separator or a word in `stops`.
    pub(super) fn milestone(&mut self, cursor: &mut Cursor<'_>, stops: &[&str]) -> Read<(String, WorkId)> {
        let (name, span) = cursor.name("a milestone", stops)?;
        if let Some(work) = self.work_of(&name) {
            return Ok((name, work));
        }
        let known = self.policy.works.iter().flat_map(|work| work.milestones.iter().map(String::as_str));
        refuse(Diagnostic { code: "E-EVENT", ..unknown("milestone", &name, span, known) })
    }
}

/// The set of some kinds.
pub(super) fn set(kinds: &[(KindId, Span)]) -> KindSet {
    kinds.iter().map(|(kind, _)| *kind).collect()
}
