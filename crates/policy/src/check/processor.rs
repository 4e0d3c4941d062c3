//! Processors: whether each is bound by a contract and looked at.

use jiff::Span as Period;

use super::Review;
use super::period::seldom;
use crate::policy::Clause;

impl Review<'_> {
    /// A place that an activity names, and that holds none of its data: one of the two is not so.
    fn idle_places(&mut self) {
        let policy = self.policy;
        for activity in &policy.activities {
            for place in &activity.places {
                let processor = policy.processors.iter().find(|processor| processor.name == *place);
                if processor.is_some_and(|processor| processor.kinds.and(activity.kinds).is_empty()) {
                    let message = format!("`{place}` holds none of this activity's data");
                    let span = self.place(&Clause::Where(activity.id));
                    self.find_in(&activity.name, "W-WHERE", span, message, "");
                }
            }
        }
    }

    pub(super) fn processors(&mut self) {
        self.idle_places();
        for processor in &self.policy.processors {
            let (name, span) = (&processor.name, processor.span);
            let unbound = match processor.contract {
                None => Some("nothing says that a contract binds this processor".to_owned()),
                Some(day) if day > self.today => {
                    Some(format!("no contract binds this processor until {day}"))
                }
                Some(_) => None,
            };
            if let Some(message) = unbound {
                self.find_in(name, "E-PROCESSOR", span, message, "add `contract signed DATE`, once it is");
            }
            let every = processor.review.unwrap_or_else(|| Period::new().years(2));
            let due = processor.screened.and_then(|day| day.checked_add(every).ok());
            let again = "add `screened DATE, review every year`";
            match due {
                None => {
                    let message = "nothing says when somebody looked at this processor";
                    self.find_in(name, "W-SCREENED", span, message, again);
                }
                Some(due) if due < self.today => {
                    let message = format!("this processor was to be looked at by {due}");
                    let help = "look again, and write the day: `screened DATE`";
                    self.find_in(name, "W-SCREENED", span, message, help);
                }
                Some(_) if processor.screened.is_some_and(|day| day > self.today) => {
                    let message = "nobody can have looked on a day that is yet to come";
                    self.find_in(name, "W-SCREENED", span, message, again);
                }
                Some(_) if seldom(every) => {
                    let message = "by then nobody knows how this processor works any more";
                    self.find_in(name, "W-SCREENED", span, message, "write `review every year`");
                }
                Some(_) => {}
            }
        }
    }
}
