//! The texts a policy rests on: whether each that it names is there. Only whoever read the policy knows; a place that was
//! looked at and holds nothing stands among its files as an empty text.

use super::Review;
use crate::basis::Basis;
use crate::source::{Span, same_file};

impl Review<'_> {
    pub(super) fn texts(&mut self) {
        let policy = self.policy;
        let mut named: Vec<(&str, &str, Span)> = Vec::new();
        for activity in &policy.activities {
            if let Basis::LegitimateInterests { assessed: Some(file), .. } = &activity.basis {
                named.push((&activity.name, file, activity.basis_span));
            }
            let documents = activity.conditions.iter();
            named.extend(documents.filter_map(|condition| {
                Some((activity.name.as_str(), condition.document.as_deref()?, condition.span))
            }));
        }
        named.extend(policy.processors.iter().filter_map(|processor| {
            Some((processor.name.as_str(), processor.assessed.as_deref()?, processor.span))
        }));
        named.retain(|(_, file, _)| self.is_missing(file));
        for (about, file, span) in named {
            let message = format!("`{file}` is not there, or says nothing");
            let help = format!("write it, and put it beside the policy as `{file}`");
            self.find_in(about, "W-NOT-ON-FILE", span, message, help);
        }
    }

    fn is_missing(&self, name: &str) -> bool {
        let mut files = self.policy.files.iter();
        files.any(|file| same_file(&file.name, name)) && self.policy.rests_on(name).is_none()
    }
}
