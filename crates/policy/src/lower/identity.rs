//! What became of rules of earlier versions: `was OLD` under a `keep` or an activity, and `ends OLD`.

use crate::activity::Activity;
use crate::diagnostic::Diagnostic;
use crate::lower::Lower;
use crate::rule::Rule;
use crate::syntax::Statement;

impl<'a> Lower<'a> {
    /// The key `was` names: of this activity, unless it says another with a slash.
    pub(super) fn former(&mut self, statement: &Statement, activity: &Activity) -> Option<String> {
        let mut cursor = self.cursor(statement);
        let text = cursor.text_if().unwrap_or_else(|| cursor.take_rest());
        let end = cursor.end();
        self.note(end);
        if text.is_empty() {
            let finding = cursor.unexpected("what it was called before");
            self.found.push(finding.help("write `was messages`, or `was old activity/messages`"));
            return None;
        }
        let whole = text.contains('/') || text == activity.name;
        Some(if whole { text } else { format!("{}/{text}", activity.name) })
    }

    /// `ends coaching/coaching notes`: a rule, or an activity with all its rules, ends with this version.
    pub(super) fn ends(&mut self, statement: &'a Statement) {
        let mut cursor = self.cursor(statement);
        let text = cursor.text_if().unwrap_or_else(|| cursor.take_rest());
        let end = cursor.end();
        self.note(end);
        if text.is_empty() {
            let finding = cursor.unexpected("which rule of an earlier version ends");
            self.found.push(finding.help("write `ends coaching/coaching notes`, or `ends coaching`"));
            return;
        }
        self.policy.ended.push(text);
    }

    /// Gives every rule of an activity that was called otherwise the key it had there.
    pub(super) fn renamed(rules: &mut [Rule], activity: &Activity, former: &[String]) {
        for rule in rules {
            let rest = rule.key.strip_prefix(&activity.name).unwrap_or_default();
            let keys: Vec<String> = former.iter().map(|old| format!("{old}{rest}")).collect();
            rule.was.extend(keys);
        }
    }

    /// Notes names that two rules claim, or that say a rule ends which is here.
    pub(super) fn clear_identity(&mut self) {
        let rules = &self.policy.rules;
        let twice = rules.iter().enumerate().find(|(at, rule)| {
            rule.was.iter().any(|was| {
                rules.iter().any(|other| other.key == *was)
                    || rules.iter().skip(at + 1).any(|other| other.was.contains(was))
            })
        });
        if let Some((_, rule)) = twice {
            let message = "what this `keep` was is another rule of this version too";
            let finding = Diagnostic::error("E-TWICE", rule.span, message);
            self.found.push(finding.help("only one rule can go on with what an earlier one held"));
        }
        let gone = self.policy.ended.iter().find_map(|ended| rules.iter().find(|rule| rule.key == *ended));
        if let Some(rule) = gone {
            let finding = Diagnostic::error("E-TWICE", rule.span, "`ends` says that this rule is gone");
            self.found.push(finding.help("leave the `ends` out, or the `keep`"));
        }
    }
}
