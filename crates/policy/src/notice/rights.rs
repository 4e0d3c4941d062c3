//! What people can ask: the rights that really apply to the bases of this policy, complaints, and what they
//! must tell us.

use super::activity::{asks, opposable, portable, required, withdrawable};
use super::{Block, Line, Section, id_of, say};
use crate::activity::{Activity, Purpose};
use crate::basis::Basis;
use crate::law::uk::REGULATOR;
use crate::periods::Own;
use crate::phrase::period_words;
use crate::policy::Policy;

pub(super) fn rights(policy: &Policy) -> Section {
    let mut section = Section::new("rights", "Your rights");
    section.say("You can ask any of us, in writing or by talking to us. You need no form and no special words. It costs nothing.");
    section.say(super::us::contact(policy, "The best address is"));
    let always: Vec<Line> = [
        "See it: you can ask what we hold about you, and get a copy.",
        "Put it right: you can have mistakes corrected and gaps filled.",
        "Stop it for a while: you can have us only store your data, for example until a question about it is settled.",
    ]
    .map(Line::from)
    .to_vec();
    section.list(always);
    if let Some(said) = policy.period_told(Own::Recipients) {
        section.say(said);
    }
    section.blocks.push(Block::Part(erasure(policy)));
    if let Some(part) = consent(policy) {
        section.blocks.push(Block::Part(part));
    }
    if let Some(part) = objection(policy) {
        section.blocks.push(Block::Part(part));
    }
    if let Some(part) = portability(policy) {
        section.blocks.push(Block::Part(part));
    }
    if policy.requests.acknowledge {
        section.say("Whoever writes to us hears by e-mail at once that we have it.");
    }
    if policy.requests.copies_read_by_two {
        section.say(
            "Before a copy leaves us, one of us reads it and decides what in it is about somebody else, and another of us \
             reads that again.",
        );
    }
    let mut part = Section::new("answer", "When we answer");
    let own = policy.requests.own_period.map(|period| format!(" We aim for {}.", period_words(&period)));
    part.say(format!(
        "We answer without delay, and at the latest within one month.{} If what you ask is hard, or you ask a lot, the law \
         lets us take two more months. Then we tell you why within the first month. We may have to ask who you are first. \
         If we cannot do what you ask, we tell you why, and how to complain.",
        own.unwrap_or_default()
    ));
    section.blocks.push(Block::Part(part));
    section
}

pub(super) fn links(activities: &[&Activity]) -> Line {
    let mut line = Line::default();
    for (number, activity) in activities.iter().enumerate() {
        let joint = match number {
            0 => "",
            // Titles have commas of their own.
            _ if number + 1 == activities.len() => "; and ",
            _ => "; ",
        };
        line = line.and(joint).link(activity.title.clone(), format!("#{}", id_of(&activity.name)));
    }
    line.and(".")
}

fn those(policy: &Policy, applies: impl Fn(&Activity) -> bool) -> Vec<&Activity> {
    policy.activities.iter().filter(|activity| applies(activity)).collect()
}

fn erasure(policy: &Policy) -> Section {
    let mut part = Section::new("erasure", "Have it erased");
    part.say(
        "You can have your data erased if we no longer need it, if you take back your consent, if you object and we have \
         no stronger reason, or if we should never have had it.",
    );
    if policy.requests.confirm_erasure {
        let days = policy.requests.confirming_days;
        part.say(format!(
            "We tell you when it is done. We keep your address until that message has left, for at most {days} days, \
             and for nothing else."
        ));
    }
    if let Some(said) = policy.period_told(Own::Traces) {
        part.say(said);
    }
    let kept = those(policy, required);
    if !kept.is_empty() {
        let mut line = Line::from("We must keep what the law tells us to keep, until its time is over: ");
        line.0.extend(links(&kept).0);
        part.say(line);
    }
    part
}

fn consent(policy: &Policy) -> Option<Section> {
    let on_consent = those(policy, withdrawable);
    if on_consent.is_empty() {
        return None;
    }
    let mut part = Section::new("consent", "Take back your consent");
    let channels = on_consent.iter().flat_map(|activity| &activity.channels);
    let by_link = channels.filter_map(|id| policy.channels.get(id.index())).any(|channel| channel.to_many);
    let how =
        if by_link { "tell us, or use the link in our message" } else { "tell us, in any way you like" };
    part.say(format!(
        "Where you agreed to something, you can change your mind at any time. It is as easy as agreeing was: {how}. We stop \
         then. What we did before stays lawful. You lose nothing else by it."
    ));
    let mut line = Line::from("This is for: ");
    line.0.extend(links(&on_consent).0);
    part.say(line);
    Some(part)
}

fn objection(policy: &Policy) -> Option<Section> {
    let marketing = those(policy, |activity| activity.purpose == Purpose::DirectMarketing);
    let interests =
        those(policy, |activity| opposable(activity) && activity.purpose != Purpose::DirectMarketing);
    if marketing.is_empty() && interests.is_empty() {
        return None;
    }
    let mut part = Section::new("objection", "Object");
    if !marketing.is_empty() {
        let mut line = Line::from(
            "You can say no to advertising at any time. We stop at once, and always. This is for: ",
        );
        line.0.extend(links(&marketing).0);
        part.say(line);
    }
    if !interests.is_empty() {
        let mut line = Line::from(
            "Where we have a good reason of our own, you can object and tell us about your situation. We stop, unless our \
             reason is stronger than your interests. This is for: ",
        );
        line.0.extend(links(&interests).0);
        part.say(line);
    }
    Some(part)
}

fn portability(policy: &Policy) -> Option<Section> {
    let movable = those(policy, portable);
    if movable.is_empty() {
        return None;
    }
    let mut part = Section::new("portability", "Take it with you");
    let mut line = Line::from(
        "You can have what you gave us as a file that computers can read, for yourself or for somebody else. This is for: ",
    );
    line.0.extend(links(&movable).0);
    part.say(line);
    Some(part)
}

pub(super) fn complaints(policy: &Policy) -> Section {
    let mut section = Section::new("complaints", "If you are not happy");
    let mut ways: Vec<String> = policy.complaints.iter().map(|way| by(way)).collect();
    if ways.is_empty() {
        // The right to complain to us is the law's, whether the policy names a way or not.
        ways.push(by("e-mail"));
    }
    section.say(format!(
        "Please tell us first, {}. You have a right to complain to us. We tell you within 30 days that we have your \
         complaint. We look into it at once, keep you informed, and tell you what came of it.",
        say::list(&ways, "or")
    ));
    section.say(super::us::contact(policy, "Complaints go to"));
    let named = policy.recipients.iter().find(|recipient| recipient.name == "regulator");
    let regulator = named.map_or(REGULATOR.name, |recipient| recipient.words.as_str());
    section.say(
        Line::from(format!("You can also complain to the regulator, {regulator}: "))
            .link(REGULATOR.site, format!("https://{}", REGULATOR.site))
            .and(format!(", {}. You need not wait for us. You can go to court, too.", REGULATOR.phone)),
    );
    section
}

fn by(way: &str) -> String {
    match way {
        "form" => "by the form on our website".to_owned(),
        other => format!("by {other}"),
    }
}

/// Whether people must tell us anything (Art 13(2)(e)): the law's part, the contract's, and the rest.
pub(super) fn need(policy: &Policy) -> Section {
    let mut section = Section::new("need", "Do you have to tell us?");
    let law = |activity: &Activity| matches!(activity.basis, Basis::LegalObligation { .. });
    let asked = those(policy, |activity| law(activity) && asks(policy, activity));
    let noted = those(policy, |activity| law(activity) && !asks(policy, activity));
    let contract = those(policy, |activity| matches!(activity.basis, Basis::Contract { .. }));
    if asked.is_empty() {
        section.say("No law makes you give us your data. You decide what you tell us.");
    } else {
        let mut line = Line::from(
            "The law asks for some of it. If you do not give it, we may not do these things for you: ",
        );
        line.0.extend(links(&asked).0);
        section.say(line);
        section.say("All else is up to you. You decide what you tell us.");
    }
    if !contract.is_empty() {
        let mut line = Line::from(
            "Some things we cannot do without it, because we could not agree on a contract with you or keep to it: ",
        );
        line.0.extend(links(&contract).0);
        section.say(line);
    }
    if !noted.is_empty() {
        let mut line = Line::from("Some things we must note because the law tells us to: ");
        line.0.extend(links(&noted).0);
        section.say(line);
    }
    section.say("For everything else, nothing happens if you tell us nothing. We only cannot do it for you.");
    section
}

/// Art 13(2)(f): the program makes no decision about anybody by itself.
pub(super) fn decisions() -> Section {
    let mut section = Section::new("decisions", "Decisions made by computers");
    section.say(
        "No computer here decides anything important about you by itself, and none makes a picture of you to guess what you \
         will do. A person decides.",
    );
    section
}
