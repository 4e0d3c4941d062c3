//! Mail signed for the domain it comes from (DKIM, RFC 6376), so that whoever gets it can tell whose it is and that nobody changed
//! it on the way; the headings that let people leave with one click are signed too (RFC 8058, 4). What is signed is what is
//! handed over, byte for byte. A message that cannot be signed does not leave.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use store::keys::private_text;

use crate::config::Smtp;

pub mod key;

/// The headings that are signed, where they are there.
const SIGNED: &[&str] = &[
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Auto-Submitted",
    "List-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// Those of which a second one could be shown or followed in the place of ours: none may be added.
const ONLY_ONE: &[&str] = &["From", "Subject", "Date", "To", "List-Unsubscribe", "List-Unsubscribe-Post"];

/// How many names or signs stand in a line.
const NAMES_A_LINE: usize = 6;
const SIGNS_A_LINE: usize = 72;

/// What signs for a domain.
pub struct Signer {
    key: RsaKeyPair,
    domain: String,
    selector: String,
}

impl Signer {
    /// What signs as `probity.toml` says; nothing where it does not.
    ///
    /// # Errors
    /// In words, if the key cannot be read, or others on the machine can read it too.
    pub fn of(smtp: &Smtp) -> Result<Option<Self>, String> {
        let Some(dkim) = &smtp.dkim else { return Ok(None) };
        // Then the mail server has the key.
        let Some(file) = &dkim.key_file else { return Ok(None) };
        let domain = smtp.signs_for();
        if !crate::config::is_name(&domain) {
            return Err(format!("mail from `{domain}` cannot be signed: that is no domain of the DNS"));
        }
        let pem = private_text(file).map_err(|error| error.to_string())?;
        let key =
            key::read(&pem).map_err(|why| format!("mail cannot be signed with {}: {why}", file.display()))?;
        Ok(Some(Self { key, domain, selector: dkim.selector.clone() }))
    }

    /// The name in the DNS under which others find the public half of the key.
    #[must_use]
    pub fn record_name(&self) -> String {
        record_name(&self.selector, &self.domain)
    }

    /// What stands there.
    #[must_use]
    pub fn record(&self) -> String {
        key::record(&self.key)
    }

    /// The message with its signature before it.
    ///
    /// # Errors
    /// In words, if it is no message, or the system gives no random bytes.
    pub fn signed(&self, message: &[u8], at: Timestamp) -> Result<Vec<u8>, String> {
        let end = message.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = end
            .and_then(|end| message.split_at_checked(end + 2))
            .ok_or_else(|| "the message to be signed has no text".to_owned())?;
        let head = std::str::from_utf8(head)
            .map_err(|_| "a heading of the message to be signed is no text".to_owned())?;
        let headings = headings(head);
        let (mut names, mut hashed) = (Vec::new(), String::new());
        for name in SIGNED.iter().copied() {
            let same = headings.iter().rev().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            let mut there = false;
            for (_, value) in same {
                there = true;
                names.push(name);
                hashed.push_str(&relaxed(name, value));
                hashed.push_str("\r\n");
            }
            if there && ONLY_ONE.contains(&name) {
                names.push(name);
            }
        }
        let names = names.chunks(NAMES_A_LINE).map(|some| some.join(":")).collect::<Vec<_>>();
        let unsigned = format!(
            "v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td={}; s={}; t={};\r\n\th={};\r\n\tbh={};\r\n\tb=",
            self.domain,
            self.selector,
            at.as_second(),
            names.join(":\r\n\t "),
            // The empty line between the two belongs to neither.
            STANDARD.encode(digest(&SHA256, &whole(body.get(2..).unwrap_or_default()))),
        );
        hashed.push_str(&relaxed("DKIM-Signature", &unsigned));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), hashed.as_bytes(), &mut signature)
            .map_err(|_| "the message could not be signed: the system gives no random bytes".to_owned())?;
        let mut signed = format!("DKIM-Signature: {unsigned}");
        for (place, sign) in STANDARD.encode(signature).chars().enumerate() {
            if place > 0 && place.is_multiple_of(SIGNS_A_LINE) {
                signed.push_str("\r\n\t ");
            }
            signed.push(sign);
        }
        signed.push_str("\r\n");
        let mut signed = signed.into_bytes();
        signed.extend_from_slice(message);
        Ok(signed)
    }
}

/// The name in the DNS under which the public half of a key is found.
#[must_use]
pub fn record_name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// The headings of a message, lines that go on with their first.
fn headings(head: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            found.push((name.trim_end(), value.to_owned()));
        }
    }
    found
}

/// A heading as it is signed: in one line, however it was folded (RFC 6376, 3.4.2).
fn relaxed(name: &str, value: &str) -> String {
    let words: Vec<&str> = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    format!("{}:{}", name.to_ascii_lowercase(), words.join(" "))
}

/// The text of a message as it is signed: runs of blanks are one, none ends a line, no empty line ends it (RFC 6376, 3.4.4).
fn whole(body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(body.len() + 2);
    let (mut lines, mut blank) = (0_usize, false);
    let mut rest = body;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\r' if after.first() == Some(&b'\n') => {
                (lines, blank) = (lines + 1, false);
                rest = after.get(1..).unwrap_or_default();
            }
            b' ' | b'\t' => blank = true,
            _ => {
                for _ in 0..std::mem::take(&mut lines) {
                    whole.extend_from_slice(b"\r\n");
                }
                if std::mem::take(&mut blank) {
                    whole.push(b' ');
                }
                whole.push(*byte);
            }
        }
    }
    if !whole.is_empty() {
        whole.extend_from_slice(b"\r\n");
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_the_same_however_it_was_wrapped_on_the_way() {
        // The examples of RFC 6376, 3.4.5.
        assert_eq!(
            headings("A: X\r\nB : Y\t\r\n\tZ  \r\n")
                .iter()
                .map(|(name, value)| relaxed(name, value))
                .collect::<Vec<_>>(),
            ["a:X", "b:Y Z"]
        );
        assert_eq!(whole(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        assert_eq!(whole(b""), b"");
        assert_eq!(whole(b" \r\n\r\n"), b"");
        assert_eq!(whole(b"a\r\n \r\n\r\nb"), b"a\r\n\r\n\r\nb\r\n");
    }
}
