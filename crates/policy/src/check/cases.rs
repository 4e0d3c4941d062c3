//! Cases: whether the clauses of an activity that hang on a condition leave somebody out, whose data would then have no
//! end at all.

use super::Review;
use crate::activity::Activity;
use crate::phrase::{Condition, Event, plain};
use crate::rule::Rule;

impl Review<'_> {
    /// Every clause that says `if`, where nothing says what holds for the same data otherwise.
    pub(super) fn cases(&mut self, activity: &Activity) {
        let rules: Vec<&Rule> =
            activity.rules.iter().filter_map(|id| self.policy.rules.get(id.index())).collect();
        for (at, rule) in rules.iter().enumerate() {
            let Some(condition) = &rule.condition else { continue };
            let of_kind = |kind| rules.iter().filter(move |other| other.kinds.contains(kind));
            // The first clause that speaks of the data says it for all of them.
            let left_out = rule.kinds.iter().find_map(|kind| {
                let first = rules.iter().position(|other| other.kinds.contains(kind)) == Some(at);
                let conditions: Vec<Option<&Condition>> =
                    of_kind(kind).map(|other| other.condition.as_ref()).collect();
                (first && !self.whole(&conditions)).then_some(conditions)
            });
            if let Some(conditions) = left_out {
                let missed = self.missed_values(&conditions);
                let message = match missed.is_empty() {
                    true => format!("nothing says how long where it is not so: {}", condition.written()),
                    false => format!("nothing says how long where {}", missed.join(" or ")),
                };
                let help = match missed.first() {
                    Some(case) => format!(
                        "write `keep 3 years after ..., if {case}`, or one more `keep ..., otherwise`"
                    ),
                    None => format!(
                        "write below it `keep 3 years after ..., otherwise`, or say both in one: `3 years after ...; if {}, ...`",
                        condition.written()
                    ),
                };
                self.find_in(&activity.name, "E-OTHERWISE", rule.span, message, help);
            }
        }
    }

    /// Whether one of some conditions is so for everybody.
    fn whole(&self, conditions: &[Option<&Condition>]) -> bool {
        let mut all: Vec<&Condition> = Vec::new();
        for condition in conditions {
            match condition {
                None => return true,
                Some(Condition::Any(parts)) => all.extend(parts),
                Some(one) => all.push(one),
            }
        }
        all.iter().any(|one| match one {
            Condition::Not(inner) => match &**inner {
                Condition::Any(parts) => parts.iter().all(|part| all.contains(&part)),
                inner => all.contains(&inner),
            },
            Condition::Is { fact, .. } => self.every_value(fact, &all),
            Condition::Aged { at, .. } => every_age(at, &all),
            // What was not agreed to in time has no other clause to go by.
            Condition::GivenBefore(_) | Condition::Any(_) => false,
        })
    }

    /// The values of a fact that are nobody's case, where some of its values are: `kind is gamma`.
    fn missed_values(&self, conditions: &[Option<&Condition>]) -> Vec<String> {
        let named: Vec<(&str, &str)> = conditions
            .iter()
            .flatten()
            .flat_map(|one| match one {
                Condition::Any(parts) => parts.iter().collect(),
                one => vec![*one],
            })
            .filter_map(|one| match one {
                Condition::Is { fact, value, .. } => Some((fact.as_str(), value.as_str())),
                _ => None,
            })
            .collect();
        let Some((fact, _)) = named.first() else { return Vec::new() };
        let declared = self.policy.facts.iter().find(|known| plain(&known.name) == *fact);
        let Some(declared) = declared.filter(|known| !known.values.iter().any(|value| value == "yes")) else {
            return Vec::new();
        };
        let missed = declared.values.iter().filter(|value| !named.contains(&(fact, value.as_str())));
        missed.map(|value| format!("{} is {value}", declared.name)).collect()
    }

    /// Whether each value that a fact may have is somebody's case.
    fn every_value(&self, of: &str, all: &[&Condition]) -> bool {
        let declared = self.policy.facts.iter().find(|known| plain(&known.name) == of);
        let is = |wanted: &String| {
            all.iter().any(|one| match one {
                Condition::Is { fact, value, .. } => fact == of && value == wanted,
                Condition::Not(inner) => {
                    matches!(&**inner, Condition::Is { fact, value, .. } if fact == of && value != wanted)
                }
                _ => false,
            })
        };
        declared.is_some_and(|fact| !fact.values.is_empty() && fact.values.iter().all(is))
    }
}

/// Whether everybody has one of some ages on a day.
fn every_age(on: &Event, all: &[&Condition]) -> bool {
    let mut ages: Vec<(i16, Option<i16>)> = all
        .iter()
        .filter_map(|one| match one {
            Condition::Aged { from, under, at } if at == on => Some((*from, *under)),
            _ => None,
        })
        .collect();
    ages.sort_unstable();
    let mut reached = Some(0);
    for (from, under) in ages {
        reached = match (reached, under) {
            (Some(so_far), _) if from > so_far => return false,
            (Some(so_far), Some(under)) => Some(so_far.max(under)),
            _ => None,
        };
    }
    reached.is_none()
}
