//! Fills the frame around pages: who is signed in, the practice date, what was just done.

use custody::id::StaffId;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::policy::Clause;
use policy::role::Deed;
use store::staff::Account;

use super::page::{Day, Flash, Link, Page, Practice};
use super::visits::Said;
use crate::acts::staff::administrators;
use crate::acts::{Acting, form};
use crate::instance::Instance;

/// What can have just been done, by the word in the address. Words only, never a value about anybody.
const SAID: &[(&str, &str)] = &[
    ("added", "Added."),
    ("saved", "Saved."),
    ("noted", "Noted."),
    ("left-there", "Left in the mailbox. Nothing of it is held here."),
    ("incident", "Written down. Whoever looks into it sees it on their first page from now on."),
    ("held", "On hold: nothing of it is let go until the hold ends."),
    ("undone", "Taken back."),
    ("removed", "Removed."),
    ("recorded", "Recorded."),
    (
        "started",
        "Started. Put the signed consent on file before the first session, where the policy asks for it.",
    ),
    ("agreed", "Recorded: what was agreed counts from now on."),
    ("completed", "Completed. The clock is running; it can be taken back under Milestones."),
    (
        "withdrawn",
        "Taken back. What rested on it stopped at once, and goes tonight unless something else keeps it.",
    ),
    ("clock", "The practice date is set, and the nights between have been swept."),
    ("invited", "Invited. Give them the link: it works once, for three days."),
    ("left", "They have left: signed out everywhere, and their work is handed over."),
    ("backed-up", "A backup is made and was read back."),
    ("sheet", "Confirmed. Lock the sheet away, where the machine and the backups are not."),
    ("role", "The role is changed."),
    ("ended", "Recorded. What was kept only for that ends, and this page shows what is left and until when."),
    ("anew", "Their second proof is taken away. They set up a phone and recovery codes at the next sign-in."),
    (
        "recovery",
        "You are signed in, and that recovery code is used up. How many are left stands under Second proof.",
    ),
    ("proved", "Looked at everything again."),
    ("signed", "Signed, and proved again."),
    ("erased", "Erased. What is left to do, if anything, stands here."),
    ("erased-in-part", "Erased in part. What stays, why and until when stands here."),
    (
        "nothing-erased",
        "Nothing is erased yet: all of it is still needed, and what else it was used for has stopped. What stays, why and until when stands here.",
    ),
    ("not-erased", "Refused: nothing of it may go now. Why, and until when, stands here."),
    ("hello", "You are signed in."),
    ("leaving", "On its way."),
    ("letter-left", "Recorded: it has left, on that day and in that way."),
    ("tried", "Sent to your own address."),
    ("scheduled", "It leaves at its hour, to whoever may have it then."),
    ("paused", "Paused. What the mail server has already is on its way."),
    ("checked", "The number is checked, and the check is kept."),
    (
        "unanswered",
        "Nobody answered in time for one of the lists, so the number counts as not checked against it.",
    ),
    ("adopted", "Adopted. It can be taken back until the day it begins."),
    ("table", "Made and kept. The next one hides what would differ from it by too few people."),
    ("loaded", "The list is loaded, and the one before it is gone."),
];

/// The frame of a page for whoever is signed in.
#[must_use]
pub fn page(acting: &Acting<'_>, title: impl Into<String>, section: &'static str, path: &str) -> Page {
    let account = acting.account.as_ref();
    let administrator = administrators(&acting.policy).ok().map(|role| role.name.as_str());
    Page {
        title: title.into(),
        section,
        path: plain(path),
        organisation: acting.policy.name.clone(),
        staff: account.map_or_else(String::new, |account| account.name.clone()),
        role: account.map_or_else(String::new, |account| account.role.clone()),
        administrator: account.is_some_and(|account| Some(account.role.as_str()) == administrator),
        answers: acting.may(Deed::AnswerRequests),
        practice: practice(acting.instance),
        flash: said(path),
        forms: Vec::new(),
        asks_visits: false,
    }
}

/// The frame of a page that is seen without signing in.
#[must_use]
pub fn public(instance: &Instance, title: impl Into<String>, path: &str) -> Page {
    let policy = instance.policy();
    let forms = form::served(&policy)
        .map(|served| Link { href: form::address(served), words: served.title.clone() })
        .collect();
    Page {
        title: title.into(),
        path: plain(path),
        organisation: policy.name.clone(),
        forms,
        practice: practice(instance),
        ..Page::default()
    }
}

/// The same for a page whose visits are counted: whoever has not said yet whether theirs may be is asked there.
#[must_use]
pub fn counted(instance: &Instance, said: Said, title: impl Into<String>, path: &str) -> Page {
    let asks_visits = said == Said::Nothing && instance.policy().visits.is_some();
    Page { asks_visits, ..public(instance, title, path) }
}

/// Who of the staff sees to something.
#[must_use]
pub fn owner(staff: &[Account], of: Option<StaffId>) -> String {
    let known = staff.iter().find(|account| Some(account.id) == of);
    known.map_or_else(|| "nobody yet".to_owned(), |account| account.name.clone())
}

/// The promises that stand on a clause, each with where it is proved.
#[must_use]
pub fn promises(policy: &Policy, clause: &Clause) -> Vec<Link> {
    let promises = custody::refusal::promises_on(policy, clause).into_iter();
    promises.map(|id| Link { href: format!("/policy/proof#{id}"), words: id }).collect()
}

fn practice(instance: &Instance) -> Option<Practice> {
    let today = instance.clock.today();
    instance.is_practice().then(|| Practice { date: today.to_string(), words: words(today) })
}

/// What a list says of those it leaves out since what is stored of them cannot be read; nothing where there are none.
#[must_use]
pub fn unread(count: usize) -> String {
    let whom = match count {
        0 => return String::new(),
        1 => "One more is left out here, since what is stored of them cannot be read.".to_owned(),
        many => format!("{many} more are left out here, since what is stored of them cannot be read."),
    };
    format!(
        "{whom} The log of the program names them by number: have whoever looks after the database put it right."
    )
}

/// A date as pages say it: `Tue 31 Mar 2026`.
#[must_use]
pub fn words(date: Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

/// How long the bar of a number is, of 100. One that stands for somebody is seen, however many the longest stands for.
#[must_use]
pub fn width(count: u64, most: u64) -> u64 {
    if count == 0 { 0 } else { (count.saturating_mul(100) / most.max(1)).max(1) }
}

/// A moment as pages say it, where the organisation is: `Tue 31 Mar 2026, 09:30`.
#[must_use]
pub fn moment(instance: &Instance, at: Timestamp) -> String {
    instance.clock.zone().to_datetime(at).strftime("%a %-d %b %Y, %H:%M").to_string()
}

/// A day as pages show it, with how near it is.
#[must_use]
pub fn day(date: Date, today: Date) -> Day {
    let days = date.since(today).map_or(0, |span| span.get_days());
    let near = match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2..=30 => format!("in {days} days"),
        -30..=-2 => format!("{} days ago", -days),
        _ => String::new(),
    };
    Day { iso: date.to_string(), words: words(date), near }
}

fn plain(path: &str) -> String {
    path.split('?').next().unwrap_or("/").to_owned()
}

fn said(path: &str) -> Option<Flash> {
    let (_, query) = path.split_once('?')?;
    let word = query.split('&').find_map(|pair| pair.strip_prefix("said="))?;
    let words = SAID.iter().find(|(known, _)| *known == word)?.1;
    let undo = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("undo="))
        .and_then(|what| undo(&plain(path), what));
    Some(Flash { words: words.to_owned(), undo })
}

/// Where to take back what was just done to a detail or a line: `items-7-2` is item 7 at version 2.
fn undo(page: &str, what: &str) -> Option<String> {
    let mut parts = what.split('-');
    let (kind, id, version) = (parts.next()?, parts.next()?, parts.next()?);
    id.parse::<i64>().ok().zip(version.parse::<i64>().ok())?;
    match kind {
        "items" => Some(format!("{page}/items/{id}/undo?version={version}")),
        "entries" => {
            Some(format!("/entries/{id}/undo?version={version}&back={}", super::people::escape(page)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_just_done_can_be_taken_back_and_nothing_else() {
        let flash = said("/people/7?said=saved&undo=items-9-2").unwrap();
        assert_eq!(flash.undo.as_deref(), Some("/people/7/items/9/undo?version=2"));
        let flash = said("/people/7?said=noted&undo=entries-5-1").unwrap();
        assert_eq!(flash.undo.as_deref(), Some("/entries/5/undo?version=1&back=%2Fpeople%2F7"));
        for odd in ["items-9", "people-9-2", "items-x-2", "items-9-", "entries-1%22-1"] {
            assert_eq!(said(&format!("/people/7?said=saved&undo={odd}")).unwrap().undo, None, "{odd}");
        }
        assert!(said("/people/7?undo=items-9-2").is_none());
    }
}
