//! Processors: whether each is bound by a contract and looked at.

use jiff::Span as Period;

use super::Review;

impl Review<'_> {
    pub(super) fn processors(&mut self) {
        for processor in &self.policy.processors {
            if processor.contract.is_none() {
                let message = "nothing says that a contract binds this processor";
                self.find_in(
                    &processor.name,
                    "E-PROCESSOR",
                    processor.span,
                    message,
                    "add `contract signed DATE`",
                );
            }
            let every = processor.review.unwrap_or_else(|| Period::new().years(2));
            let due = processor.screened.and_then(|day| day.checked_add(every).ok());
            match due {
                None => {
                    let message = "nothing says when somebody looked at this processor";
                    let help = "add `screened DATE, review every year`";
                    self.find_in(&processor.name, "W-SCREENED", processor.span, message, help);
                }
                Some(due) if due < self.today => {
                    let message = format!("this processor was to be looked at by {due}");
                    let help = "look again, and write the day: `screened DATE`";
                    self.find_in(&processor.name, "W-SCREENED", processor.span, message, help);
                }
                Some(_) => {}
            }
        }
    }
}
