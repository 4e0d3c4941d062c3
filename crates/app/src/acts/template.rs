//! Templates: texts that staff keep to begin a mailing or a letter with. Each is for one activity, which decides who may get what is
//! begun with it. They hold no personal data: whoever is meant is filled in for each reader, and nobody is named.

use custody::id::{MailingId, PersonId, TemplateId};
use policy::channel::{Channel, Means};
use policy::role::Deed;
use policy::{Activity, Policy};
use serde_json::json;
use store::Tx;
use store::mailing::Draft;
use store::picture::Of;
use store::template::{self, Changed, Words};

use super::Acting;
use super::audience::Way;
use super::mailing::reader::Addressed;
use super::{mailing, personal, picture};
use crate::fault::Fault;
use crate::mail::{compose, letter};
use crate::web::page::FieldError;

/// The longest name of one, in characters.
const NAME_MAX: usize = 100;

/// The activities that write by e-mail, to many or to one.
#[must_use]
pub fn purposes(policy: &Policy) -> Vec<&Activity> {
    let by_email = |activity: &&Activity| {
        let mut channels = activity.channels.iter().filter_map(|id| policy.channels.get(id.index()));
        channels.any(|channel| channel.means == Means::Email)
    };
    policy.activities.iter().filter(by_email).collect()
}

/// Whether an activity writes to many, so that a mailing is begun with its templates.
#[must_use]
pub fn to_many(policy: &Policy, activity: &str) -> bool {
    mailing::purposes(policy).iter().any(|(known, _)| known.name == activity)
}

/// How an activity writes to one at a time, where it does.
fn to_one<'p>(policy: &'p Policy, activity: &str) -> Option<(&'p Activity, &'p Channel)> {
    personal::one_to_one(policy).find(|(known, _)| known.name == activity)
}

/// Keeps a new one.
///
/// # Errors
/// [`Fault::Invalid`] for a name that is there already, and for words that no mail could carry.
pub fn keep(acting: &Acting<'_>, tx: &Tx<'_>, words: &Words) -> Result<TemplateId, Fault> {
    acting.must(Deed::Send)?;
    let words = fit(acting, tx, words, None)?;
    let kept = template::add(tx, &words, acting.staff_id(), acting.now)?;
    acting.log(tx, "template.kept", &[], &json!({ "template": kept.0, "activity": words.activity }))?;
    Ok(kept)
}

/// Keeps what the draft of a mailing says, by a name.
///
/// # Errors
/// As [`keep`].
pub fn of_draft(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: MailingId,
    name: &str,
) -> Result<TemplateId, Fault> {
    acting.must(Deed::Send)?;
    let draft = store::mailing::one(tx, mailing)?.draft;
    let words =
        Words { name: name.to_owned(), activity: draft.activity, subject: draft.subject, body: draft.body };
    let kept = keep(acting, tx, &words)?;
    store::picture::copy(tx, Of::Mailing(mailing), Of::Template(kept))?;
    Ok(kept)
}

/// Changes one; if somebody else was quicker, nothing changes and theirs comes back.
///
/// # Errors
/// As [`keep`].
pub fn change(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    template: TemplateId,
    seen: i64,
    words: &Words,
) -> Result<Changed, Fault> {
    acting.must(Deed::Send)?;
    let words = fit(acting, tx, words, Some(template))?;
    let changed = template::set(tx, template, seen, &words, acting.staff_id(), acting.now)?;
    if let Changed::Stored(_) = changed {
        acting.log(tx, "template.changed", &[], &json!({ "template": template.0 }))?;
    }
    Ok(changed)
}

/// Lets go of one. What was begun with it stays.
///
/// # Errors
/// [`Fault::NotFound`] if there is none.
pub fn forget(acting: &Acting<'_>, tx: &Tx<'_>, template: TemplateId) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    template::forget(tx, template)?;
    acting.log(tx, "template.forgotten", &[], &json!({ "template": template.0 }))
}

/// Begins a mailing with one, for what it is for.
///
/// # Errors
/// [`Fault::Invalid`] if it is for something else, or for writing to one at a time.
pub fn begin(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    template: TemplateId,
    activity: &str,
) -> Result<MailingId, Fault> {
    acting.must(Deed::Send)?;
    let words = template::one(tx, template)?.words;
    if !to_many(&acting.policy, &words.activity) {
        let words = "It is for writing to one at a time: open somebody and write to them.";
        return Err(Fault::field("template", words));
    }
    if !activity.is_empty() && activity != words.activity {
        let title = acting.policy.activity_named(&words.activity).map_or("", |known| known.title.as_str());
        let words = format!("It is for \u{201c}{title}\u{201d}: choose that purpose, or an empty page.");
        return Err(Fault::field("template", words));
    }
    let begun = mailing::begin(acting, tx, &words.activity)?;
    mailing::write(acting, tx, begun, 1, &words.subject, &words.body)?;
    store::picture::copy(tx, Of::Template(template), Of::Mailing(begun))?;
    Ok(begun)
}

/// A template as it is said to one person, who may be written to about it: as words, with what is known of them filled in. It is
/// theirs to read and whoever writes to change; nothing leaves by this.
///
/// # Errors
/// [`Fault::Refused`] if they may not be written to about it; [`Fault::NotFound`] if it is not for writing to one.
pub fn for_one(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    template: TemplateId,
    person: PersonId,
) -> Result<Words, Fault> {
    acting.must(Deed::Send)?;
    let words = template::one(tx, template)?.words;
    let (activity, channel) = to_one(&acting.policy, &words.activity).ok_or(Fault::NotFound)?;
    let draft = Draft {
        title: activity.title.clone(),
        activity: activity.name.clone(),
        channel: channel.name.clone(),
        subject: words.subject.clone(),
        body: words.body.clone(),
    };
    let way = Way { activity, channel, footer_complete: true };
    let to = Addressed::of(acting, tx, &way, &draft, person)?;
    let said = letter::addressed(&to.grant, &to.reader, &draft)?;
    acting.opens("template.filled in", &to.grant);
    Ok(Words { subject: said.subject, body: compose::text(&said.body), ..words })
}

/// The words of one as they are kept, or what is to put right.
fn fit(acting: &Acting<'_>, tx: &Tx<'_>, words: &Words, which: Option<TemplateId>) -> Result<Words, Fault> {
    let name = words.name.trim();
    let mut wrong = mailing::unfit(&words.subject, &words.body);
    let mut blame = |field: &str, words: &str| {
        wrong.push(FieldError { field: field.to_owned(), words: words.to_owned() });
    };
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        blame("name", "Give it a name of 100 characters at most.");
    }
    let same = |other: &template::Template| {
        Some(other.id) != which && other.words.name.to_lowercase() == name.to_lowercase()
    };
    if template::all(tx)?.iter().any(same) {
        blame("name", "There is a template of this name already.");
    }
    if !purposes(&acting.policy).iter().any(|activity| activity.name == words.activity) {
        blame("activity", "Choose what it is for.");
    }
    if words.body.trim().is_empty() {
        blame("text", "Write what it says.");
    }
    if !wrong.is_empty() {
        return Err(Fault::Invalid(wrong));
    }
    mailing::without_gaps(&words.subject, &words.body)?;
    picture::none_from_outside(&words.body)?;
    Ok(Words {
        name: name.to_owned(),
        activity: words.activity.clone(),
        subject: words.subject.trim().to_owned(),
        body: words.body.replace("\r\n", "\n").trim().to_owned(),
    })
}
