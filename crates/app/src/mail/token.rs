//! The token in an unsubscribe link: says which message, cannot be guessed, says nothing about anybody.

use subtle::ConstantTimeEq;

/// What the key is used for, so that no other use of it makes the same bytes.
const CONTEXT: &str = "probity 2026 unsubscribe link";
/// Bytes of the tag: 160 bits.
const TAG_BYTES: usize = 20;

/// The token of a message.
#[must_use]
pub fn token(key: &[u8; 32], message: i64) -> String {
    let mut out = format!("{message:x}-");
    for byte in tag(key, message) {
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// The message a token is of; `None` if it was not made with this key.
#[must_use]
pub fn verify(key: &[u8; 32], token: &str) -> Option<i64> {
    let (message, given) = token.split_once('-')?;
    // Only the one spelling that `token` writes: no signs, no capitals, no leading zeros.
    let number = i64::from_str_radix(message, 16).ok()?;
    if number < 0 || given.len() != TAG_BYTES * 2 || format!("{number:x}") != message {
        return None;
    }
    let wanted: String = tag(key, number).iter().map(|byte| format!("{byte:02x}")).collect();
    bool::from(wanted.as_bytes().ct_eq(given.as_bytes())).then_some(number)
}

fn tag(key: &[u8; 32], message: i64) -> Vec<u8> {
    let key = blake3::derive_key(CONTEXT, key);
    blake3::keyed_hash(&key, &message.to_be_bytes()).as_bytes().iter().copied().take(TAG_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_that_was_made_is_taken() {
        let (key, other) = ([7; 32], [8; 32]);
        let made = token(&key, 83_214_771_200_017);
        assert_eq!(verify(&key, &made), Some(83_214_771_200_017));
        assert_eq!(verify(&other, &made), None);
        assert!(made.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        for at in 0..made.len() {
            let mut forged = made.clone().into_bytes();
            forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(verify(&key, std::str::from_utf8(&forged).unwrap()), None, "byte {at}");
        }
        for bad in ["", "-", "1-", "zz-00", &made.to_uppercase(), &format!("0{made}"), &format!("+{made}")] {
            assert_eq!(verify(&key, bad), None, "{bad}");
        }
    }
}
