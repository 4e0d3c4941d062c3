//! Periods of the program's own work that are rules about people's data: how many days each has where the policy says nothing of it,
//! and how many it may say. The policy says them in its section `periods`.

use crate::count::counted;
use crate::policy::Policy;
use crate::role::Deed;

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Own {
    /// Within which whoever has somebody's data from us is told what became of it (UK GDPR Art 19).
    Recipients,
    /// Within which paper is destroyed, an original given back and a copy delivered once its time is over.
    ByHand,
    /// Within which a text that stays for somebody else is looked through for traces of whoever went.
    Traces,
    /// For which an import can be undone, and what stood in the rows of its file is kept.
    Imports,
    /// After which an import that nobody confirmed is forgotten, with its file.
    Previews,
    /// After which a visitor of the website is asked again whether their visits may be counted.
    Visitors,
}

impl Own {
    /// All of them, as the reference has them.
    pub const ALL: [Self; 6] =
        [Self::Recipients, Self::ByHand, Self::Traces, Self::Imports, Self::Previews, Self::Visitors];

    /// Its keyword, how it goes on before the days, the days where a policy says none, and the most it may say.
    const fn row(self) -> (&'static str, &'static str, i64, i64) {
        match self {
            Self::Recipients => ("recipients", "told within", 14, 31),
            Self::ByHand => ("by hand", "done within", 14, 31),
            Self::Traces => ("traces", "seen to within", 30, 92),
            Self::Imports => ("imports", "undone within", 30, 92),
            Self::Previews => ("previews", "forgotten after", 7, 31),
            Self::Visitors => ("visitors", "asked again after", 180, 365),
        }
    }

    /// The one that a clause says, by its keyword.
    #[must_use]
    pub fn named(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.keyword() == keyword)
    }

    /// The keyword of its clause.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        self.row().0
    }

    /// What stands between the keyword and the days: `told within`.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        self.row().1
    }

    /// The days where the policy says none.
    #[must_use]
    pub fn unsaid(self) -> i64 {
        self.row().2
    }

    /// The most days that a policy may say.
    #[must_use]
    pub fn most(self) -> i64 {
        self.row().3
    }

    /// The clause with the days that hold where it is left out, without its keyword: `told within 14 days`.
    #[must_use]
    pub fn example(self) -> String {
        format!("{} {} days", self.phrase(), self.unsaid())
    }
}

/// `1 day`, `14 days`.
#[must_use]
pub fn days_words(days: i64) -> String {
    counted(days.unsigned_abs(), "day")
}

impl Policy {
    /// How many days a period of the program's own work has.
    #[must_use]
    pub fn days(&self, own: Own) -> i64 {
        self.periods.get(&own).copied().unwrap_or_else(|| own.unsaid())
    }

    /// What the notice says of it; nothing where it could concern nobody, or says less than it would ask to be read.
    pub(crate) fn period_told(&self, own: Own) -> Option<String> {
        let says = self.periods.contains_key(&own);
        let imports = self.roles.iter().any(|role| role.deeds.contains(&Deed::Import));
        let days = days_words(self.days(own));
        match own {
            Own::Recipients => Some(format!(
                "If we put your data right, erase it or stop using it, we tell those who have it from us within {days}."
            )),
            Own::ByHand => says.then(|| {
                format!(
                    "Some things must be done by hand. We destroy paper, give things back or hand them over within {days} \
                     after their time is over."
                )
            }),
            Own::Traces => says.then(|| {
                format!(
                    "You may still be named in a text that we keep for somebody else. Within {days} one of us looks at it and \
                     takes you out, or notes why not."
                )
            }),
            Own::Imports => imports.then(|| {
                format!(
                    "If your data comes to us in a list, we keep what stood in the list for {days}, so that we can undo a mistake."
                )
            }),
            Own::Previews => imports
                .then(|| format!("If we look at a list and do not take it, we erase it after {days}.")),
            Own::Visitors => {
                self.visits.as_ref().map(|_| format!("We ask you again after {days}."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::statements::clauses_of;

    #[test]
    fn each_has_its_clause_and_may_be_said_as_it_is_where_it_is_left_out() {
        let keywords: Vec<&str> = Own::ALL.into_iter().map(Own::keyword).collect();
        assert_eq!(keywords, clauses_of("periods"));
        assert!(Own::ALL.into_iter().all(|own| (1..=own.most()).contains(&own.unsaid())));
    }
}
