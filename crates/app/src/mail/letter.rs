//! The text of one message to one person: the draft with their name in it, and the channel's footer below,
//! character for character, its links filled in. Values are opened here, with the grant of the sending act.

use custody::id::PersonId;
use custody::sealed::NotGranted;
use custody::{Grant, Sealed, Shown};
use store::mailing::Draft;
use store::suppression;

use super::link;
use crate::fault::Fault;
use crate::instance::Instance;

/// Bytes of a link's token: nobody guesses 128 bits.
const TOKEN_BYTES: usize = 16;

/// What stands in a preview where a message has its token.
pub const PREVIEW: &str = "preview";

/// The links of one message.
#[derive(Clone, Debug)]
pub struct Links {
    /// The privacy notice.
    pub notice: String,
    /// Where the person stops what they no longer want, without signing in.
    pub unsubscribe: String,
}

impl Links {
    /// Where a question is answered: the message's own link.
    #[must_use]
    pub fn answer(&self) -> String {
        self.unsubscribe.replace("/unsubscribe/", "/answer/")
    }

    /// The links of a message that is only looked at: the one to stop leads to a page that says so.
    #[must_use]
    pub fn preview(instance: &Instance) -> Self {
        let address = instance.public_address();
        Self { notice: format!("{address}/privacy"), unsubscribe: format!("{address}/unsubscribe/{PREVIEW}") }
    }

    /// The links of the message with this token.
    #[must_use]
    pub fn of(instance: &Instance, token: &[u8]) -> Self {
        let address = instance.public_address();
        let token = store::keys::hex(token);
        Self { notice: format!("{address}/privacy"), unsubscribe: format!("{address}/unsubscribe/{token}") }
    }
}

/// A fresh token.
///
/// # Errors
/// If the system gives no random bytes.
pub fn token() -> Result<[u8; TOKEN_BYTES], Fault> {
    let mut token = [0; TOKEN_BYTES];
    getrandom::fill(&mut token).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(token)
}

/// What the link of a message to somebody under an activity is known by: it says by itself what it stops.
///
/// # Errors
/// If the grant does not cover the address.
pub fn linked(
    instance: &Instance,
    grant: &Grant,
    (person, activity): (PersonId, &str),
    address: &Sealed,
) -> Result<Vec<u8>, Fault> {
    let keys = instance.store.keys();
    match suppression::hash(keys, "email", address.open(grant).map(Shown::reveal)?) {
        Some((_, address)) => link::made(keys, person, activity, address),
        None => Ok(token()?.to_vec()),
    }
}

/// A message ready for the outbox.
pub struct Letter {
    /// Where it goes.
    pub address: String,
    /// Its subject.
    pub subject: String,
    /// Its text, the footer in it.
    pub body: String,
}

/// Writes the letter.
///
/// # Errors
/// [`NotGranted`] if the grant does not cover the address or the name.
pub fn write(
    grant: &Grant,
    name: Option<&Sealed>,
    address: &Sealed,
    draft: &Draft,
    footer: Option<&str>,
    links: &Links,
) -> Result<Letter, NotGranted> {
    let address = address.open(grant).map(Shown::reveal)?.to_owned();
    let name = name.map(|name| name.open(grant).map(Shown::reveal)).transpose()?.unwrap_or("there");
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let subject = one_line(&draft.subject.replace("{name}", name));
    let text = draft.body.replace("{name}", &one_line(name));
    let body = match footer {
        Some(footer) => format!("{text}\n\n{}", filled(footer, links)),
        None => text,
    };
    Ok(Letter { address, subject, body })
}

/// A footer with its links filled in.
#[must_use]
pub fn filled(footer: &str, links: &Links) -> String {
    footer.replace("{notice}", &links.notice).replace("{unsubscribe}", &links.unsubscribe)
}
