//! Who outside gets data, where it goes, and what protects it there.

use super::activity::outsider;
use super::us::place_words;
use super::{Block, Line, Section, say};
use crate::activity::Activity;
use crate::kind::KindSet;
use crate::law::uk::adequate;
use crate::policy::{Policy, Processor, Recipient};
use crate::rule::Rule;

pub(super) fn recipients(policy: &Policy) -> Section {
    let mut section = Section::new("recipients", "Who else gets your data");
    let shared = policy.activities.iter().any(|activity| !activity.shares.is_empty());
    if shared {
        section.say("We pass your data on only where a part above says so.");
    }
    let mut handed_over: Vec<(String, Vec<&Activity>)> = Vec::new();
    let what = |rule: &Rule| match rule.names_kinds {
        true => format!("{} that we hold", say::kinds(policy, rule.kinds)),
        false => "what we hold".to_owned(),
    };
    let apart = |to: &str| if to.contains(", ") { format!("{to},") } else { to.to_owned() };
    for rule in &policy.rules {
        let Some((to, activity)) = outsider(policy, rule).zip(policy.activity(rule.activity)) else {
            continue;
        };
        let to = format!("{} {}", apart(&to), what(rule));
        match handed_over.iter_mut().find(|(known, _)| *known == to) {
            Some((_, from)) if from.iter().any(|one| one.id == activity.id) => {}
            Some((_, from)) => from.push(activity),
            None => handed_over.push((to, vec![activity])),
        }
    }
    for body in &policy.recipients {
        joint(policy, body, &mut section);
    }
    for (to, from) in handed_over {
        let mut line = Line::from(format!("When its time with us is over, we give {to} under "));
        line.0.extend(super::rights::links(&from).0);
        section.say(line);
    }
    let rows: Vec<Vec<Line>> = policy
        .processors
        .iter()
        .map(|processor| {
            let what = say::capital(&say::kinds(policy, processor.kinds));
            vec![
                say::capital(&processor.name).into(),
                say::capital(&processor.does).into(),
                what.into(),
                say::capital(&place_words(&processor.place)).into(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return section;
    }
    section.say("These companies work for us. They may use your data only as we tell them.");
    section.blocks.push(Block::Table {
        caption: "Companies that work for us".to_owned(),
        columns: ["Who", "What they do", "What they hold", "Where"].map(str::to_owned).to_vec(),
        rows,
    });
    section
}

/// Who decides together with us, over what and in which parts, and where its own notice is (Art 13(1)(a), 26(2)).
fn joint(policy: &Policy, body: &Recipient, section: &mut Section) {
    let shares = |activity: &&Activity| activity.shares.iter().any(|share| share.with == body.name);
    let parts: Vec<&Activity> = policy.activities.iter().filter(shares).collect();
    let who = say::capital(&body.words);
    let own_notice = |line: Line| match &body.notice {
        Some(notice) => line.and(" Read its own notice: ").link(notice.clone(), notice.clone()).and("."),
        None => line,
    };
    if !body.joint {
        if body.notice.is_some() && !parts.is_empty() {
            section.say(own_notice(Line::from(format!("{who} gets data from us."))));
        }
        return;
    }
    let mut line = Line::from(format!("{who} decides together with us what happens with "));
    let shared = parts.iter().flat_map(|activity| &activity.shares).filter(|share| share.with == body.name);
    let kinds = shared.fold(KindSet::none(), |kinds, share| kinds.or(share.kinds));
    let kinds = parts.iter().fold(KindSet::none(), |held, part| held.or(part.kinds)).and(kinds);
    line = line.and(if kinds.is_empty() { "your data".to_owned() } else { say::kinds(policy, kinds) });
    if parts.is_empty() {
        line = line.and(".");
    } else {
        line = line.and(" under ");
        line.0.extend(super::rights::links(&parts).0);
    }
    let both = " You can turn to either of us about it. The law calls us joint controllers.";
    section.say(own_notice(line.and(both)));
}

pub(super) fn places(policy: &Policy) -> Section {
    let mut section = Section::new("places", "Where your data is");
    let home = place_words(&policy.home);
    let abroad: Vec<&Processor> = policy
        .processors
        .iter()
        .filter(|processor| !processor.place.eq_ignore_ascii_case(&policy.home))
        .collect();
    let recipients: Vec<_> = policy
        .recipients
        .iter()
        .filter(|recipient| {
            recipient.place.as_ref().is_some_and(|place| !place.eq_ignore_ascii_case(&policy.home))
        })
        .collect();
    if abroad.is_empty() && recipients.is_empty() {
        section.say(format!("Your data stays in {home}."));
        return section;
    }
    section.say(format!("Your data is kept in {home}, apart from this:"));
    let mut lines: Vec<Line> = abroad.into_iter().map(|processor| transfer(processor).into()).collect();
    for recipient in recipients {
        let place = recipient.place.as_deref().unwrap_or_default();
        lines.push(format!("{} is in {}.", say::capital(&recipient.words), place_words(place)).into());
    }
    section.list(lines);
    section.say(super::us::contact(policy, "If you would like to see what protects it there, ask"));
    section
}

fn transfer(processor: &Processor) -> String {
    let place = place_words(&processor.place);
    let lead = format!("The company that {} is in {place}.", processor.does);
    let words = processor.safeguard.as_deref().unwrap_or_default();
    let lower = words.to_lowercase();
    let protects = if adequate(&processor.place) {
        "The United Kingdom has decided that the law there protects you well enough.".to_owned()
    } else if lower.contains("data bridge") {
        let checked = processor
            .checked
            .map_or(String::new(), |day| format!(", which we last checked on {}", say::day(day)));
        format!("It is on the list of companies that keep to the UK-US data bridge{checked}.")
    } else if lower.contains("adequacy") {
        "The United Kingdom has decided that the law there protects you well enough, with companies such as this one."
            .to_owned()
    } else if lower.contains("binding corporate rules") {
        "Its group is bound by rules that the regulator has approved (binding corporate rules).".to_owned()
    } else if lower.contains("idta") {
        "We have signed the regulator's agreement for sending data abroad (IDTA) with it.".to_owned()
    } else if lower.contains("addendum") {
        "We have signed the standard clauses with the United Kingdom's addendum with it.".to_owned()
    } else if lower.contains("privacy shield") {
        "What protected data there (the Privacy Shield) ended on 16 July 2020. Nothing has taken its place yet, and we \
         are changing that."
            .to_owned()
    } else {
        "Nothing that the law knows protects it there yet, and we are changing that.".to_owned()
    };
    format!("{lead} {protects}")
}
