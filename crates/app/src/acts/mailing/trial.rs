//! A mailing as one of its readers would get it, sent to whoever writes it, to look at in a mail program. It goes to nobody else,
//! is kept nowhere, and its links stop nothing.

use custody::id::MailingId;
use policy::role::Deed;
use serde_json::json;
use store::Tx;

use super::{Acting, audience, reader, sayable, seen_draft, sender, way};
use crate::acts::picture;
use crate::config::Smtp;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::{Outgoing, Sender, compose, post};

/// The mail, and that it is sent goes into the log.
///
/// # Errors
/// [`Fault::Changed`] if the draft was changed or sent since it was looked at; [`Fault::Invalid`] if it says nothing yet, nobody
/// may have it today, or no mail server is set.
pub fn prepare(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: MailingId,
    seen: i64,
    whose: usize,
) -> Result<Outgoing, Fault> {
    acting.must(Deed::Send)?;
    let held = seen_draft(tx, mailing, seen)?;
    let way = way(&acting.policy, &held.draft)?;
    sayable(acting, tx, &held, &way)?;
    let smtp = server(acting.instance)?;
    let from = sender::of(acting.instance, &held).unwrap_or(&smtp.from);
    let to = acting.account.as_ref().ok_or(Fault::NotFound)?;
    let found = audience::of_mailing(acting, tx, &way, held.id)?;
    let Some(example) = reader::example(acting, tx, &held, &found, whose)? else {
        return Err(Fault::field("test", "Nobody may have this today, so there is nobody to read it as."));
    };
    acting.log(tx, "mailing.tried", &[example.who.person()], &json!({ "mailing": mailing.0 }))?;
    let mail = post::trial(acting.instance, (way.activity, way.channel), &example.draft, &to.email, from)?;
    Ok(Outgoing { pictures: picture::Leaving::default().of(tx, Some(held.id))?, ..mail })
}

/// Hands it to the mail server, which may take a while: outside of any transaction.
///
/// # Errors
/// [`Fault::Invalid`] with what the mail server said, if it did not take it.
pub fn leave(instance: &Instance, outgoing: &Outgoing) -> Result<(), Fault> {
    let failed = |words: String| Fault::field("test", format!("It did not leave: {words}."));
    let message = compose(outgoing).map_err(|error| failed(error.to_string()))?;
    let sent = Sender::new(server(instance)?).and_then(|sender| sender.send(&message));
    sent.map_err(|error| failed(error.message))
}

fn server(instance: &Instance) -> Result<&Smtp, Fault> {
    instance.config.smtp.as_ref().ok_or_else(|| {
        Fault::field(
            "test",
            "No mail server is set. Whoever runs this instance sets one under [smtp] in probity.toml.",
        )
    })
}
