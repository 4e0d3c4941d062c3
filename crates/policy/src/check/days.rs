//! Fixed days: whether one has passed, and whether data goes on coming in after it. Knows nothing of periods that count
//! from something.

use super::Review;
use crate::activity::Activity;
use crate::notice::day;
use crate::rule::Rule;

impl Review<'_> {
    pub(super) fn fixed_day(&mut self, activity: &Activity, rule: &Rule) {
        let Some(last) = rule.phrase.last_day() else { return };
        if last < self.today {
            let message = format!("{} has passed: nothing may be held under this any more", day(last));
            let help = "take it out, or count from what happens: `6 years after finished`";
            return self.find_in(&activity.name, "E-PAST-DAY", rule.span, message, help);
        }
        if let Some(by) = self.comes_in(activity) {
            let message = format!("{by} after {}, and nothing could be held of it from then on", day(last));
            let help = format!(
                "let what comes later have its own time: `the later of {} and 6 months after last contact`",
                day(last)
            );
            self.find_in(&activity.name, "W-FIXED-DAY", rule.span, message, help);
        }
    }

    /// What goes on bringing data in, whatever day it is.
    fn comes_in(&self, activity: &Activity) -> Option<String> {
        if activity.for_everyone {
            return Some("what is written down of everyone goes on coming in".to_owned());
        }
        let forms = &self.policy.forms;
        let form = forms.iter().find(|form| form.files.iter().any(|(_, files)| *files == activity.id))?;
        Some(format!("the form `{}` goes on bringing data in", form.name))
    }
}
