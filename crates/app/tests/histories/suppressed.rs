//! What people said no to in the model's world, as it stands at their addresses and numbers.

use jiff::civil::Date;
use policy::activity::Purpose;

use crate::plain::person::{Against, Objection};
use crate::world::{Known, NOT_SHOWN, World};

impl World {
    /// Remembers every address and number of somebody who objected.
    pub fn suppress(&mut self, who: i64, against: &Against) {
        let Some(scope) = scope(against) else { return };
        for value in self.addresses(who) {
            self.suppressed.entry((value, scope)).or_insert(self.today);
        }
    }

    /// What somebody objected to holds for the addresses they gave since, unless they agreed to something of the sort later.
    pub fn keep_up(&mut self) {
        let policy = self.policy.clone();
        let marketing = |activity: &str| {
            let activity = policy.activity_named(activity);
            activity.is_some_and(|activity| activity.purpose == Purpose::DirectMarketing)
        };
        for who in self.people.keys().copied().collect::<Vec<_>>() {
            let facts = self.person(who);
            let agreed = |made: &Objection| {
                facts.consents.iter().any(|given| marketing(&given.activity) && given.given > made.made)
            };
            let stands = |made: &&Objection| {
                let whole = matches!(made.against, Against::Calls | Against::AllContact);
                made.lifted.is_none() && (whole || !agreed(made))
            };
            let standing: Vec<_> = facts.objections.iter().filter(stands).cloned().collect();
            for made in standing {
                let Some(scope) = scope(&made.against) else { continue };
                for value in self.addresses(who) {
                    self.suppressed.entry((value, scope)).or_insert(made.made);
                }
            }
        }
    }

    pub fn lift(&mut self, who: i64, against: &Against) {
        let Some(scope) = scope(against) else { return };
        let theirs = self.addresses(who);
        self.suppressed.retain(|(value, known), _| !(theirs.contains(value) && *known == scope));
    }

    /// Their own later consent to marketing lifts what was said against it before, at their numbers only where it speaks for those.
    pub fn welcome(&mut self, who: i64, numbers: bool, on: Date) {
        let mut theirs = self.addresses(who);
        theirs.retain(|value| numbers || value.contains('@'));
        self.suppressed.retain(|(value, scope), since| {
            !(theirs.contains(value) && *scope == "marketing" && *since < on)
        });
    }

    /// The row of an objection that the program wrote down by itself.
    pub fn wrote_down(&mut self, who: i64, number: i64) {
        let objections = self.people.get_mut(&who).into_iter().flat_map(|known| &mut known.facts.objections);
        objections.filter(|made| made.number == NOT_SHOWN).for_each(|made| made.number = number);
    }

    /// Whose objection the program should have written down by itself, and did not.
    pub fn not_shown(&self) -> Option<i64> {
        let waits = |known: &Known| known.facts.objections.iter().any(|made| made.number == NOT_SHOWN);
        self.people.iter().find(|(_, known)| waits(known)).map(|(who, _)| *who)
    }

    /// Where something stands against marketing at their addresses and numbers, and since when.
    pub fn said_at(&self, who: i64) -> Vec<(String, Date)> {
        let since = |value: String| {
            let since = self.suppressed.get(&(value.clone(), "marketing")).copied();
            since.map(|since| (value, since))
        };
        self.addresses(who).into_iter().filter_map(since).collect()
    }

    pub fn addresses(&self, who: i64) -> Vec<String> {
        let rows = self.rows_of(who);
        let items = rows.iter().filter(|lying| {
            matches!(lying.row.kind.as_str(), "email" | "phone") && lying.row.table == "item"
        });
        items.filter_map(|lying| lying.about.value.clone()).collect()
    }
}

/// What an objection leaves at an address.
pub fn scope(against: &Against) -> Option<&'static str> {
    match against {
        Against::Marketing => Some("marketing"),
        Against::Calls => Some("calls"),
        Against::AllContact => Some("all contact"),
        Against::Activity(_) => None,
    }
}
