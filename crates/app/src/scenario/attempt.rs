//! What a story tries: to write, to call, to read, to pass on, to send to many. Each by the act or the decision that
//! the pages ask; what came of it is kept for the next `then`.

use custody::act::Asked;
use custody::{Act, Gate, Verb};

use super::look;
use super::play::Story;
use super::read::Step;
use crate::acts::person::act;
use crate::acts::{audience, call};
use crate::fault::Fault;
use crate::world::happen::{happen, unknown};
use crate::world::office;

/// Does one `when`: a day comes, or something is tried.
pub(super) fn when(story: &mut Story<'_>, step: &Step) -> Result<(), String> {
    let words = step.words.as_str();
    if let Some(day) = words.strip_prefix("it is ") {
        let day = day.parse().map_err(|_| format!("`{day}` is no date; write 2026-08-31"))?;
        return story.until(day);
    }
    let tried = attempt(story, words, step.by.as_deref());
    if let Err(Fault::Other(unread)) = &tried {
        return Err(unread.clone());
    }
    story.tried = Some(tried);
    Ok(())
}

/// `we write to Tara under greetings`, `we read her coaching notes`, `we send greetings to all: News`, or anything
/// that can happen to a person.
fn attempt(story: &mut Story<'_>, words: &str, by: Option<&str>) -> Result<(), Fault> {
    if let Some((who, activity)) =
        words.strip_prefix("we write to ").and_then(|rest| rest.split_once(" under "))
    {
        return reach(story, who, activity, by);
    }
    if let Some(who) = words.strip_prefix("we call ") {
        let person = story.named(who)?;
        let acting = story.acting(by)?;
        return story
            .instance
            .store
            .read(|tx| call::decide(&acting, tx, &acting.life(tx, person)?).map(drop));
    }
    if let Some(rest) = words.strip_prefix("we read ") {
        let (who, kind) = story.theirs(rest).ok_or_else(|| unknown("person in", rest))?;
        return reads(story, by, &who, &kind);
    }
    if let Some(done) = done(story, words, by) {
        return done;
    }
    let (who, what) = story.subject(words).ok_or_else(|| unknown("person in", words))?;
    story.last = Some(who.clone());
    happen(story.instance, &mut story.cast, (&who, by), &what)
}

/// What staff do that can be given as well as tried: pass on, send to many, see to a task.
pub(super) fn done(story: &mut Story<'_>, words: &str, by: Option<&str>) -> Option<Result<(), Fault>> {
    if let Some((what, to)) = words.strip_prefix("we pass ").and_then(|rest| rest.split_once(" to ")) {
        return Some(passes(story, by, what, to));
    }
    if let Some(mailing) = words.strip_prefix("we send ") {
        return Some(sends(story, by, mailing));
    }
    if let Some((task, how)) = words.strip_prefix("the task ").and_then(|rest| rest.split_once(" is done")) {
        let done = story.acting(by).and_then(|acting| {
            office::does(&acting, task.trim_matches('"'), how.trim_start_matches(':').trim())
        });
        return Some(done);
    }
    None
}

fn reach(story: &mut Story<'_>, who: &str, activity: &str, by: Option<&str>) -> Result<(), Fault> {
    let person = story.named(who)?;
    let acting = story.acting(by)?;
    let (name, channel) = activity.split_once(" by ").map_or((activity, None), |(name, by)| (name, Some(by)));
    let policy = &acting.policy;
    let activity = policy.activity_named(name).ok_or_else(|| unknown("activity", name))?;
    let of = |channel: &&policy::channel::Channel| activity.channels.contains(&channel.id);
    let channel = match channel {
        Some(name) => policy.channel_named(name),
        None => policy.channels.iter().find(of),
    };
    let channel = channel.ok_or_else(|| unknown("channel of", name))?;
    let way = audience::Way { activity, channel, footer_complete: true };
    story.instance.store.read(|tx| audience::decide(&acting, tx, &way, &acting.life(tx, person)?).map(drop))
}

/// Tries to read kinds of somebody's data on their page.
fn reads(story: &mut Story<'_>, by: Option<&str>, who: &str, names: &str) -> Result<(), Fault> {
    let person = story.named(who)?;
    let on = story.cast.work(person);
    let acting = story.acting(by)?;
    let wanted = look::kinds(&acting.policy, names)?;
    let asked = Act { engagement: on, ..act(Verb::Read, None, Asked::Exactly(wanted)) };
    acting
        .instance
        .store
        .read(|tx| acting.decide(&asked, &[&acting.life(tx, person)?], &Gate::default()).map(drop))
}

/// Passes kinds of somebody's data to a recipient.
fn passes(story: &mut Story<'_>, by: Option<&str>, what: &str, to: &str) -> Result<(), Fault> {
    let (who, kinds) = story.theirs(what).ok_or_else(|| unknown("person in", what))?;
    story.named(&who)?;
    happen(story.instance, &mut story.cast, (&who, by), &format!("we pass {kinds} to {to}"))
}

/// `promotion: Spring courses`: a mailing to everybody who may have it, sent.
fn sends(story: &mut Story<'_>, by: Option<&str>, mailing: &str) -> Result<(), Fault> {
    let (activity, subject) = mailing.split_once(": ").unwrap_or((mailing, "News"));
    let acting = story.acting(by)?;
    let audience = office::mails(&acting, activity, subject)?;
    story.mailed = Some(audience);
    Ok(())
}
