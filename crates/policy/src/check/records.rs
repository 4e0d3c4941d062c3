//! The program's own records about people: whether each may be held, and of everybody of whom it comes to be. Knows
//! nothing of how long.

use super::Review;
use crate::activity::Activity;
use crate::basis::Basis;
use crate::channel::Means;
use crate::kind::RECORDS;
use crate::name::CategoryId;
use crate::policy::Clause;

/// What anybody may bring about, known to us or not: who asks, who complains, who objects, whose data is lost.
const OF_ANYBODY: &[&str] = &[
    "request record",
    "complaint record",
    "objection record",
    "suppression",
    "incident record",
    "certificate",
];

impl Review<'_> {
    pub(super) fn records(&mut self) {
        for (record, words) in RECORDS {
            let kind = self.policy.kind_named(record).map(|kind| kind.id);
            let holds = |activity: &&Activity| kind.is_some_and(|kind| activity.kinds.contains(kind));
            let holders: Vec<&Activity> = self.policy.activities.iter().filter(holds).collect();
            let Some(first) = holders.first() else {
                let message = format!("no activity holds `{record}`: {words}");
                let help = "name it in the `data` of an activity `for everyone`, with a basis and a `keep`";
                self.find("E-RECORD", self.head("version"), message, help);
                continue;
            };
            if holders.iter().any(|activity| activity.for_everyone) {
                continue;
            }
            let held = |id: CategoryId| {
                holders.iter().any(|activity| activity.for_whom.iter().any(|whom| whom.category == id))
            };
            let Some(missed) = self.missed(record, &held) else { continue };
            let message = format!("`{record}` cannot be held of {missed}: {words}");
            let help = "write `for everyone`, in an activity of its own if need be";
            self.find_in(&first.name, "E-RECORD", self.place(&Clause::For(first.id)), message, help);
        }
    }

    /// Of whom a record comes to be that nothing may hold.
    fn missed(&self, record: &str, held: &dyn Fn(CategoryId) -> bool) -> Option<String> {
        if OF_ANYBODY.contains(&record) {
            let named = self.policy.categories.iter().find(|category| !held(category.id));
            return Some(named.map_or_else(
                || "whoever is none of those named here".to_owned(),
                |category| format!("`{}`", category.name),
            ));
        }
        let makers = self.policy.activities.iter().filter(|activity| self.brings_about(activity, record));
        makers.into_iter().find_map(|activity| {
            if activity.for_everyone {
                return Some(format!("everyone, as `{}` needs", activity.name));
            }
            let mut whom = activity.for_whom.iter().map(|whom| whom.category);
            let missed = whom.find(|id| !held(*id))?;
            let category = self.policy.categories.get(missed.index())?;
            Some(format!("`{}`, as `{}` needs", category.name, activity.name))
        })
    }

    /// Whether what an activity does leaves such a record of the people it is for.
    fn brings_about(&self, activity: &Activity, record: &str) -> bool {
        let by = |phone: bool| {
            let mut channels = activity.channels.iter().filter_map(|id| self.policy.channels.get(id.index()));
            channels.any(|channel| (channel.means == Means::Phone) == phone)
        };
        match record {
            "consent record" => matches!(activity.basis, Basis::Consent { .. }),
            "message record" => by(false),
            "call record" => by(true),
            "disclosure record" => !activity.shares.is_empty(),
            _ => false,
        }
    }
}
