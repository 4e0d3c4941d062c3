//! What ends a use at once, whatever a period says of the time after it: consent taken back where the use rests on it,
//! and a no to marketing on any basis. Knows nothing of how long anything else is kept.

use super::Review;
use super::order::named;
use crate::activity::{Activity, Purpose};
use crate::basis::Basis;
use crate::channel::Means;
use crate::phrase::{Event, Phrase};
use crate::rule::Rule;

impl Review<'_> {
    pub(super) fn ends_at_once(&mut self, activity: &Activity, rule: &Rule) {
        let ends = |event: &Event| self.is_ended_by(activity, event);
        let stage = rule.stage.as_ref().map(|stage| outlasts(&stage.phrase, true, &ends));
        let Some(part) = outlasts(&rule.phrase, true, &ends).or_else(|| stage.flatten()) else { return };
        let consent = part.events().iter().any(|event| event.name == "consent withdrawn");
        let (message, help) = match consent {
            true => (
                format!("taking back consent ends this there and then: {} is never kept to", named(part)),
                "write `until consent withdrawn; ask again every 2 years, no answer ends it`",
            ),
            false => (
                format!("a no to marketing ends this there and then: {} is never kept to", named(part)),
                "write `until asked us to stop, at most 3 years after last contact`",
            ),
        };
        self.find_in(&activity.name, "E-AT-ONCE", rule.span, message, help);
    }

    /// Whether the event ends what the activity may hold on the day it happens.
    fn is_ended_by(&self, activity: &Activity, event: &Event) -> bool {
        let marketing = activity.purpose == Purpose::DirectMarketing;
        let means = || activity.channels.iter().filter_map(|id| self.policy.channels.get(id.index()));
        let by_phone = || means().count() > 0 && means().all(|channel| channel.means == Means::Phone);
        match event.name.as_str() {
            "consent withdrawn" => matches!(activity.basis, Basis::Consent { .. }),
            "asked us to stop" => marketing,
            "asked not to call" => marketing && by_phone(),
            _ => false,
        }
    }
}

/// The part of a phrase that goes on after an event that ends it. `until` it says as much, unless something else has to
/// come too (`the later of`) or more time follows.
fn outlasts<'a>(phrase: &'a Phrase, at_once: bool, ends: &dyn Fn(&Event) -> bool) -> Option<&'a Phrase> {
    match phrase {
        Phrase::After { event, .. } | Phrase::AfterYear { event, .. } | Phrase::Review { event, .. } => {
            ends(event).then_some(phrase)
        }
        Phrase::Until(event) => (!at_once && ends(event)).then_some(phrase),
        Phrase::Later(_) | Phrase::Longer { .. } | Phrase::Batch { .. } | Phrase::More { .. } => {
            phrase.parts().into_iter().find_map(|part| outlasts(part, false, ends))
        }
        _ => phrase.parts().into_iter().find_map(|part| outlasts(part, at_once, ends)),
    }
}
