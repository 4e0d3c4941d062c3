//! What people are told: where their data comes from, who gets it and why, and that anybody can tell them at all.

use jiff::Span as Period;

use super::Review;
use super::period::shorter;
use super::prohibited::sells;
use crate::activity::{Activity, Purpose, Share, THE_PERSON};
use crate::policy::{Clause, Work};

impl Review<'_> {
    pub(super) fn told(&mut self) {
        for activity in self.policy.activities.iter().filter(|activity| !activity.for_everyone) {
            self.source(activity);
            self.reasons(activity);
        }
        self.in_time();
        self.idle();
    }

    /// Within a month, and not by leaving it to whoever sent the details.
    fn in_time(&mut self) {
        let notice = &self.policy.notice;
        let place = self.place(&Clause::Notice("given".to_owned()));
        if notice.within.is_some_and(|period| shorter(Period::new().months(1), period)) {
            self.find_in("notice", "E-TELL-LATE", place, "the law gives one month", "");
        }
        if notice.through_sender && notice.within.is_none() {
            let message = "the duty to tell people stays with you";
            let help = "write `given at first contact, at most 1 month after collected` too";
            let place = self.place(&Clause::Notice("through".to_owned()));
            self.find_in("notice", "W-PASS-ON", place, message, help);
        }
    }

    fn source(&mut self, activity: &Activity) {
        let others = activity.from.iter().any(|from| from != THE_PERSON);
        if activity.from.is_empty() {
            let message = "nothing says where this data comes from";
            return self.find_in(&activity.name, "W-SOURCE", activity.span, message, "");
        }
        if let Some(vague) = activity.from.iter().find(|from| from.starts_with("various")) {
            let message = format!("`{vague}` says nothing about where this data comes from");
            self.find_in(&activity.name, "W-SOURCE", activity.span, message, "");
        }
        if others && activity.channels.is_empty() {
            let message = "nobody can tell these people that you hold their data";
            self.find_in(&activity.name, "W-TELL", activity.span, message, "");
        }
        if activity.purpose == Purpose::DirectMarketing {
            return;
        }
        let work = activity.work.and_then(|work| self.policy.works.get(work.index()));
        if let Some(payer) = work.and_then(|work| paying_organisation(work))
            && !activity.from.iter().any(|from| names_organisation(from))
        {
            let message = format!("{payer} pays for this work, and is not named as a source");
            self.find_in(&activity.name, "W-SOURCE", activity.span, message, "");
        }
    }

    /// Whoever gets data gets it for something. A part of the work gets it for the work.
    fn reasons(&mut self, activity: &Activity) {
        for share in &activity.shares {
            if share.what_for.is_none() && share.reason.is_none() && !share.with.starts_with("the ") {
                let message = format!("nothing says what {} gets this for", share.with);
                self.find_in(&activity.name, "A-SHARE-REASON", share.span, message, "");
            }
            if share.what_for.as_deref().is_some_and(sells) {
                let message = format!("{} is to get people's details for money", share.with);
                let help = "take it out, or ask each of them for consent that names who gets it";
                self.find_in(&activity.name, "W-SOLD", share.span, message, help);
            }
        }
    }

    /// Channels and recipients that no activity speaks of.
    fn idle(&mut self) {
        let policy = self.policy;
        let activities = || policy.activities.iter();
        for channel in &policy.channels {
            if !activities().any(|activity| activity.channels.contains(&channel.id)) {
                let message = format!("no activity sends by `{}`", channel.name);
                self.find_in(&channel.name, "W-CHANNEL", channel.span, message, "");
            }
        }
        for recipient in policy.recipients.iter().filter(|recipient| recipient.name != "regulator") {
            let shared = |share: &Share| share.with == recipient.name;
            let at_its_end = policy.rules.iter().any(|rule| rule.outsider(policy) == Some(&recipient.name));
            if !at_its_end && !activities().any(|activity| activity.shares.iter().any(shared)) {
                let message = format!("nothing is shared with `{}`", recipient.name);
                self.find_in(&recipient.name, "W-RECIPIENT", recipient.span, message, "");
            }
        }
    }
}

fn paying_organisation(work: &Work) -> Option<&str> {
    work.paid_by.iter().map(String::as_str).find(|payer| names_organisation(payer))
}

fn names_organisation(words: &str) -> bool {
    ["organisation", "employer", "company", "client", "pays", "commissioner"]
        .iter()
        .any(|word| words.contains(word) && words != "the client")
}
