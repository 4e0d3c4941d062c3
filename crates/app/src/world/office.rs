//! What happens in the office of a story rather than to one person: a mailing goes out, somebody sees to a task, something goes wrong.

use store::incident::{Risk, Sort, Whom};
use store::mailing;

use crate::acts::audience::Audience;
use crate::acts::incident::{self, Seen, Told};
use crate::acts::{self, Acting};
use crate::fault::Fault;
use crate::jobs::outbox;

use super::happen::unknown;

/// Sends a mailing under an activity to everybody who may have it, and lets it leave. Where nobody may, nothing is
/// sent; whom it was for and why not the others comes back.
///
/// # Errors
/// [`Fault::Refused`] if the role may not send; [`Fault::Invalid`] if no such activity writes to many.
pub fn mails(acting: &Acting<'_>, activity: &str, subject: &str) -> Result<Audience, Fault> {
    let audience = acting.instance.store.write(|tx| {
        let begun = acts::mailing::begin(acting, tx, activity)?;
        let version = mailing::one(tx, begun)?.version;
        acts::mailing::write(acting, tx, begun, version, subject, "What is new with us, in short.")?;
        let held = mailing::one(tx, begun)?;
        let audience = acts::mailing::audience(acting, tx, &held)?;
        if !audience.will.is_empty() {
            acts::mailing::send(acting, tx, begun, held.version)?;
            acts::mailing::hurry(acting, tx, begun)?;
        }
        Ok::<_, Fault>(audience)
    })?;
    acts::mailing::filling::go_on(acting.instance)?;
    outbox::play(acting.instance)?;
    acting.instance.store.write(|tx| Ok::<_, Fault>(mailing::finish(tx)?))?;
    Ok(audience)
}

/// Confirms the oldest open task whose words have these.
///
/// # Errors
/// [`Fault::Other`] if there is none.
pub fn does(acting: &Acting<'_>, words: &str, how: &str) -> Result<(), Fault> {
    let done = acting.instance.store.write(|tx| {
        let open = store::task::open(tx, None, 200)?;
        let task =
            open.iter().find(|task| task.what.contains(words)).ok_or_else(|| unknown("task", words))?;
        acts::task::confirm(acting, tx, task.id, (acting.today, how))
    })?;
    acts::request::remove_files(acting.instance, &done.bytes);
    Ok(())
}

/// Something goes wrong with data: it is written down, looked into, told to whoever must be told, and closed.
///
/// # Errors
/// [`Fault::Refused`] unless the role looks into incidents.
pub fn goes_wrong(acting: &Acting<'_>, what: &str) -> Result<(), Fault> {
    acting.instance.store.write(|tx| {
        let seen = Seen {
            sort: Sort::Seen,
            what: what.to_owned(),
            found_at: acting.now,
            found_by: String::new(),
            happened_at: None,
        };
        let id = incident::open(acting, tx, &seen)?;
        incident::extent(acting, tx, id, "Some thirty people at one customer: names and addresses at work.")?;
        let risk = "A few people saw them who had no business with them, and know what they are worth.";
        incident::assessed(acting, tx, id, (Risk::Possible, risk))?;
        for (whom, tell, why) in [
            (Whom::Regulator, true, "It may hurt somebody."),
            (Whom::Organisations, true, "Whose data it is can warn their own people."),
            (
                Whom::People,
                false,
                "It is not likely to hurt anybody badly; whoever they work for tells them.",
            ),
            (Whom::Police, false, "There was no crime."),
        ] {
            incident::considered(acting, tx, id, whom, (tell, why))?;
        }
        let told = |how, reference| Told { at: acting.now, how, late: "", reference };
        incident::told(acting, tx, id, Whom::Regulator, told("by their form", "IC-204417"))?;
        incident::told(acting, tx, id, Whom::Organisations, told("by telephone, each of them", ""))?;
        let measures = "Whoever changes who may see what has a second person look at it first.";
        incident::prevented(acting, tx, id, measures)?;
        incident::close(acting, tx, id)
    })
}
