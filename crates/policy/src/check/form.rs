//! Public forms, held against what they file under: whatever somebody writes must have a place there. Knows nothing of what
//! anybody sent.

use super::Review;
use crate::activity::{Activity, THE_PERSON};
use crate::kind::{KindSet, Sort};
use crate::policy::{Category, Clause, Form};

/// By one of these somebody can be added.
const WHO: &[&str] = &["name", "email", "phone"];

impl Review<'_> {
    /// What a form brings has a place where it files it; else whoever writes is told that it cannot be taken.
    pub(super) fn forms(&mut self) {
        let policy = self.policy;
        for (at, form) in policy.forms.iter().enumerate() {
            let mut said = Vec::new();
            let mut asked = form.asks.iter().filter_map(|kind| policy.kind(*kind));
            if !asked.any(|kind| WHO.contains(&kind.name.as_str())) {
                let words = "nobody can be held by what this asks: neither a name nor where to answer";
                said.push((words.to_owned(), "ask `name`, `email` or `phone`"));
            }
            for (category, activity) in &form.files {
                let category = policy.categories.get(category.index());
                if let (Some(category), Some(activity)) = (category, policy.activity(*activity)) {
                    said.extend(self.no_place(form, category, activity));
                }
            }
            for (words, help) in said {
                self.find("W-FORM", self.place(&Clause::Form(at)), words, help);
            }
        }
    }

    /// Why what the form asks has no place with such people under an activity.
    fn no_place(
        &self,
        form: &Form,
        category: &Category,
        activity: &Activity,
    ) -> Option<(String, &'static str)> {
        let theirs = activity.for_whom.iter().any(|whom| whom.category == category.id && whom.once.is_none());
        if !theirs {
            let words = format!("`{}` is not for `{}` from the beginning on", activity.name, category.name);
            return Some((words, "file it under what is for them, or as those whom it is for"));
        }
        if !activity.rests_on_a_form() {
            let words = format!("`{}` rests on a consent that nobody can give by a form", activity.name);
            return Some((
                words,
                "file it under what needs neither a signature nor a link to confirm it, and does not promote you",
            ));
        }
        let asked: KindSet = form.asks.iter().copied().collect();
        let missing = self.names(asked.minus(activity.kinds));
        if !missing.is_empty() {
            let words = format!("the form asks {missing}, which `{}` does not hold", activity.name);
            return Some((words, "name it in its `data`, or do not ask it"));
        }
        let details = form.asks.iter().filter_map(|kind| self.policy.kind(*kind));
        let strange = details.filter(|kind| kind.sort == Sort::Item).find(|kind| {
            let holds = |known: &&Activity| {
                known.kinds.contains(kind.id)
                    && known.for_whom.iter().any(|whom| whom.category == category.id)
            };
            let from = self.policy.activities.iter().filter(holds).flat_map(|known| &known.from);
            let mut from = from.peekable();
            from.peek().is_some() && !from.any(|source| source.eq_ignore_ascii_case(THE_PERSON))
        });
        strange.map(|kind| {
            let words = format!("`{}` of `{}` does not come from `{THE_PERSON}`", kind.name, category.name);
            (words, "write `from the person` as well")
        })
    }
}
