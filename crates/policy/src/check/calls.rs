//! Channels: what is checked before a call, and what every message must carry.

use super::Review;
use crate::activity::{Activity, Purpose};
use crate::basis::Basis;
use crate::channel::{Channel, Means};
use crate::law::uk::SCREENING_DAYS;

/// How a message to one person may say how to stop such messages, where it has no link to do so.
const WAYS_OUT: &[&str] = &[
    "stop",
    "unsubscribe",
    "opt out",
    "opt-out",
    "rather not",
    "no longer want",
    "no longer wish",
    "not want to hear",
    "not wish to hear",
    "no more of these",
];

impl Review<'_> {
    pub(super) fn calls(&mut self) {
        for channel in &self.policy.channels {
            let users: Vec<&Activity> = self
                .policy
                .activities
                .iter()
                .filter(|activity| activity.channels.contains(&channel.id))
                .collect();
            let marketing = users.iter().any(|activity| activity.purpose == Purpose::DirectMarketing);
            match channel.means {
                Means::Phone if marketing => self.screening(channel),
                Means::Email | Means::Text => self.footer(channel, &users, marketing),
                Means::Phone | Means::Post => {}
            }
        }
    }

    fn screening(&mut self, channel: &Channel) {
        let help = "write `screen tps, ctps, our own list; register files fewer than 28 days old`";
        let Some(screening) = &channel.screening else {
            return self.find_in(
                &channel.name,
                "E-SCREENING",
                channel.span,
                "marketing calls are made, and no number is checked",
                help,
            );
        };
        let missing: Vec<&str> = ["tps", "ctps"]
            .into_iter()
            .filter(|list| !screening.registers.iter().any(|register| register == list))
            .collect();
        if !missing.is_empty() || !screening.own_list {
            let mut missing = missing;
            if !screening.own_list {
                missing.push("our own list");
            }
            let message = format!("numbers are not checked against `{}`", missing.join("`, `"));
            self.find_in(&channel.name, "E-SCREENING-LIST", screening.span, message, help);
        }
        for (others, span) in &screening.others_unless {
            let message = format!("`unless {others}` lifts nothing: the bar holds for them too");
            self.find_in(&channel.name, "E-EXEMPTION", *span, message, "");
        }
        if screening.fewer_than_days > SCREENING_DAYS {
            let message =
                format!("a register file of {} days is too old", screening.fewer_than_days.saturating_sub(1));
            self.find_in(
                &channel.name,
                "E-SCREENING-AGE",
                screening.span,
                message,
                "write `register files fewer than 28 days old`",
            );
        }
    }

    fn footer(&mut self, channel: &Channel, users: &[&Activity], marketing: bool) {
        let Some(footer) = &channel.footer else {
            if marketing {
                self.find_in(
                    &channel.name,
                    "E-FOOTER",
                    channel.span,
                    "these messages do not say how to stop them",
                    "write `footer \"... {notice} ... {unsubscribe}\"`",
                );
            }
            return;
        };
        let asked = users.iter().any(|activity| matches!(activity.basis, Basis::Consent { .. }));
        // Who answers one message reaches whoever wrote it; who answers a mailing reaches nobody.
        let said = footer.to_lowercase();
        let in_words = !channel.to_many && WAYS_OUT.iter().any(|words| said.contains(words));
        let needed = marketing || (asked && channel.to_many);
        if needed && !in_words && !footer.contains("{unsubscribe}") {
            let help = match channel.to_many {
                true => "put `{unsubscribe}` into the footer",
                false => "put `{unsubscribe}` into it, or say how to stop them: \"reply STOP\"",
            };
            let message = "there is no way out of these messages";
            self.find_in(&channel.name, "E-WITHDRAWAL", channel.footer_span, message, help);
        }
        if marketing && !footer.contains("{notice}") {
            self.find_in(
                &channel.name,
                "W-FOOTER",
                channel.footer_span,
                "the footer does not lead to the notice",
                "put `{notice}` into it",
            );
        }
    }
}
