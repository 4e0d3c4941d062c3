//! Whether mail leaves and arrives, in sentences.

use jiff::{SignedDuration, Timestamp};
use store::Tx;

use super::{Line, counted, failed, moment, needs, well};
use crate::clock::machine;
use crate::config::Imap;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::jobs::outbox;
use crate::mail::dkim::Signer;
use crate::web::frame::words;

/// A mail server that is away for longer does not just start again.
const LONG: SignedDuration = SignedDuration::from_mins(15);

/// Whether mail can leave.
///
/// # Errors
/// Whatever the store says.
pub(super) fn leaves(instance: &Instance, tx: &Tx<'_>) -> Result<Line, Fault> {
    Ok(match &instance.config.smtp {
        Some(smtp) => {
            let line = match (Signer::of(smtp), outbox::trouble(tx)?) {
                (Err(why), _) => failed(format!("No mail leaves: {why}.")),
                (Ok(_), Some(trouble)) => waits(instance, &trouble),
                (Ok(None), None) => well(format!("Mail leaves by {}.", smtp.host)),
                (Ok(Some(_)), None) => {
                    well(format!("Mail leaves by {}, signed for {}.", smtp.host, smtp.signs_for()))
                }
            };
            // Nothing else asks: it is a question to somebody outside.
            line.post("/admin/dns", "Ask the DNS about our domain")
        }
        None if instance.is_practice() => {
            well("This is practice, and no mail server is set: messages wait in the outbox.")
        }
        None => needs("No mail server is set in probity.toml, so messages wait in the outbox."),
    })
}

fn waits(instance: &Instance, (since, why): &(Timestamp, String)) -> Line {
    let since = moment(instance, *since);
    failed(format!("Since {since} no mail leaves: {why}. What is to leave waits until it can."))
}

/// That no mail leaves, where that is so for longer than a mail server takes to start again.
///
/// # Errors
/// Whatever the store says.
pub(super) fn long_since(instance: &Instance, tx: &Tx<'_>) -> Result<Option<Line>, Fault> {
    let long = |(since, _): &(Timestamp, String)| machine().duration_since(*since) > LONG;
    let trouble = outbox::trouble(tx)?.filter(long);
    Ok(trouble.map(|trouble| waits(instance, &trouble).way("/admin", "See what else is so")))
}

/// Whether the mailbox can be read, and since when not; what the week brought.
///
/// # Errors
/// Whatever the store says.
pub fn arrives(instance: &Instance, tx: &Tx<'_>, imap: Option<&Imap>) -> Result<Vec<Line>, Fault> {
    let Some(imap) = imap else { return Ok(Vec::new()) };
    if crate::acts::mailbox::received(&instance.policy()).is_none() {
        return Ok(vec![needs(
            "The mailbox is not read: no channel of the policy says what it `receives`. Name the kind of entry under the channel by e-mail.",
        )]);
    }
    let crate::jobs::mailbox::State { last, trouble } = crate::jobs::mailbox::state(tx)?;
    let line = match (trouble, last) {
        (Some((since, why)), _) => {
            failed(format!("Since {} the mailbox cannot be read: {why}.", moment(instance, since)))
        }
        (None, None) => well(format!("The mailbox at {} has not been read yet.", imap.host)),
        (None, Some(last)) => {
            let week = crate::acts::mailbox::waiting::week(instance, tx)?;
            let brought = if week.is_empty() { "nothing came".to_owned() } else { week };
            let said = format!(
                "The mailbox at {} was last read on {}; within a week: {brought}.",
                imap.host,
                moment(instance, last)
            );
            let late = machine().duration_since(last)
                > SignedDuration::try_from(imap.every).unwrap_or_default() * 3
                    + SignedDuration::from_mins(10);
            if late {
                needs(format!("{said} It should have been read since: is the server running?"))
            } else {
                well(said)
            }
        }
    };
    let mut lines = vec![line];
    if let Some((count, since)) = store::mailbox::how_many_wait(tx)? {
        let said = counted(count, "message waits", "messages wait");
        let said = format!("{said} for somebody to say whose they are, the first since {}.", words(since));
        let old = since < instance.clock.today().yesterday()?;
        let line = if old { needs(said) } else { well(said) };
        lines.push(line.way("/mail", "Look at them"));
    }
    Ok(lines)
}
