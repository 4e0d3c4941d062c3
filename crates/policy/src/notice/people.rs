//! "What do we hold about me?": the reader's own question, category by category, with links to the rest.

use super::{Block, Line, Section, id_of, say, slug};
use crate::activity::Activity;
use crate::phrase::{Voice, rule_words};
use crate::policy::Policy;

pub(super) fn hold(policy: &Policy) -> Section {
    let mut section = Section::new("me", "What do we hold about me?");
    section.say("Find yourself in this list. You may be in more than one place.");
    for category in &policy.categories {
        let here: Vec<&Activity> = policy
            .activities
            .iter()
            .filter(|activity| activity.for_whom.iter().any(|whom| whom.category == category.id))
            .collect();
        if !here.is_empty() {
            let heading = say::capital(&category.words);
            section.blocks.push(Block::Part(table(
                policy,
                format!("me-{}", slug(&category.name)),
                heading,
                &here,
            )));
        }
    }
    let all: Vec<&Activity> = policy.activities.iter().filter(|activity| activity.for_everyone).collect();
    if !all.is_empty() {
        let mut part = table(policy, "me-everyone".to_owned(), "Everyone".to_owned(), &all);
        let note =
            "These lists come about as we deal with you. Each begins only when there is something to note.";
        part.blocks.insert(0, Block::Paragraph(note.into()));
        section.blocks.push(Block::Part(part));
    }
    section
}

fn table(policy: &Policy, id: String, heading: String, activities: &[&Activity]) -> Section {
    let mut part = Section::new(id, heading.clone());
    let rows = activities
        .iter()
        .map(|activity| {
            let title = Line::default().link(activity.title.clone(), format!("#{}", id_of(&activity.name)));
            let what = say::capital(&say::kinds(policy, activity.kinds));
            vec![title, what.into(), periods(policy, activity).into()]
        })
        .collect();
    part.blocks.push(Block::Table {
        caption: heading,
        columns: ["What for", "What we hold", "How long"].map(str::to_owned).to_vec(),
        rows,
    });
    part
}

/// Every period of an activity, in words.
fn periods(policy: &Policy, activity: &Activity) -> String {
    let rules: Vec<_> = activity.rules.iter().filter_map(|id| policy.rules.get(id.index())).collect();
    let named = say::names_some(policy, activity);
    let said: Vec<String> = rules
        .iter()
        .map(|rule| {
            let words = rule_words(policy, rule, Voice::You);
            let what = match (rule.names_kinds, named) {
                (true, _) => format!("{}: ", say::kinds(policy, rule.kinds)),
                (false, true) => "everything else: ".to_owned(),
                (false, false) => String::new(),
            };
            say::capital(&format!("{what}{words}."))
        })
        .collect();
    said.join(" ")
}
