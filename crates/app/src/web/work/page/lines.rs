//! The timeline and documents of a piece of work as its page shows them. Opens nothing and changes nothing.

use super::*;

pub(super) fn composer(acting: &Acting<'_>, life: &Life, id: EngagementId, form: Form) -> Composer {
    let kinds = entries::writable(acting, life, Some(id));
    let mut choices: Vec<Choice> = kinds
        .iter()
        .filter_map(|kind| acting.policy.kind(*kind))
        .map(|kind| Choice {
            value: kind.name.clone(),
            words: capital(&kind.name),
            hint: String::new(),
            chosen: kind.name == form.value("kind"),
        })
        .collect();
    // What only this work has room for stands first: that is what somebody came here to write.
    choices.reverse();
    if !choices.iter().any(|choice| choice.chosen)
        && let Some(first) = choices.first_mut()
    {
        first.chosen = true;
    }
    Composer {
        may_write: !choices.is_empty(),
        why_not: if choices.is_empty() {
            "Nothing may be written down here today.".to_owned()
        } else {
            String::new()
        },
        form,
        kinds: choices,
    }
}

pub(super) fn until(acting: &Acting<'_>, life: &Life, datum: &Datum) -> String {
    acts::last_day(&acting.policy, life, datum, acting.today)
        .map_or_else(String::new, |day| format!("Goes after {}.", frame::words(day)))
}

pub(super) fn shown_lines(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    lines: Vec<store::entry::Entry>,
) -> Result<Vec<Entry>, Fault> {
    let staff = staff::all(tx)?;
    let name = |kind: KindId| acting.policy.kind(kind).map_or_else(String::new, |kind| capital(&kind.name));
    let each = lines.into_iter().map(|line| Entry {
        id: line.id.to_string(),
        kind: name(line.kind),
        on: frame::day(line.on, acting.today),
        by: staff
            .iter()
            .find(|staff| Some(staff.id) == line.author)
            .map_or_else(String::new, |staff| staff.name.clone()),
        until: until(acting, life, &entries::datum(&line)),
        href: match line.engagements.first() {
            Some(work) if entries::may_change(acting, life, &line) => {
                crate::web::line::href(line.id, &format!("/work/{work}"))
            }
            _ => String::new(),
        },
        body: line.body,
    });
    Ok(each.collect())
}

pub(super) fn shown_document(
    acting: &Acting<'_>,
    life: &Life,
    document: store::document::Document,
    base: &str,
) -> Document {
    let name = acting.policy.kind(document.kind).map_or_else(String::new, |kind| capital(&kind.name));
    let is_file = document.file.is_some() && document.usable;
    Document {
        href: if is_file { format!("{base}/documents/{}", document.id) } else { String::new() },
        name: format!("{name} of {}", frame::words(document.on)),
        class: match (document.file.is_some(), document.elsewhere) {
            (true, _) => "file",
            (false, true) => "kept elsewhere",
            (false, false) => "on paper",
        }
        .to_owned(),
        size: document.size.map_or_else(String::new, size),
        until: until(acting, life, &documents::datum(&document)),
        place: document.paper_place,
    }
}

pub(super) fn size(bytes: i64) -> String {
    match bytes {
        ..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!("{} MB", bytes / 1_048_576),
    }
}

pub(super) fn classes(acting: &Acting<'_>, life: &Life, id: EngagementId, chosen: &str) -> Vec<Choice> {
    let kinds = acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Document);
    kinds
        .filter(|kind| documents::may_store(acting, life, kind.id, id).is_ok())
        .map(|kind| Choice {
            value: kind.name.clone(),
            words: capital(&kind.name),
            hint: String::new(),
            chosen: kind.name == chosen,
        })
        .collect()
}
