//! The link below a message says by itself what it stops: who was written to, under what, and at which address as a
//! keyed hash, sealed with a key of the instance. So it works for as long as anybody has the message, whatever has
//! become of the row, of the person or of the database since. Nothing in it can be read, and nobody makes another.

use custody::id::PersonId;
use policy::{Activity, Policy};
use store::Keys;

use crate::fault::Fault;

const PERSON: usize = 8;
const ACTIVITY: usize = 4;
const ADDRESS: usize = 32;
/// What a seal adds: its nonce and its tag.
const SEAL: usize = 24 + 16;
const WHOLE: usize = PERSON + ACTIVITY + ADDRESS + SEAL;

/// What the seal is for: nothing that is sealed for another use is a link.
const USE: &str = "link";

/// Links of older messages were sixteen bytes of chance: what they say stands in the message's row alone.
const OLDER: usize = 16;

/// What a link says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// What the message it stands in is known by.
    pub token: Vec<u8>,
    /// What it says by itself; nothing where it is one of an older message.
    pub says: Option<Says>,
}

/// What a link says by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Says {
    /// Who was written to.
    pub person: PersonId,
    /// The keyed hash of the address that was written to.
    pub address: [u8; ADDRESS],
    activity: [u8; ACTIVITY],
}

impl Says {
    /// Under which activity it was written, if the policy still has it.
    #[must_use]
    pub fn activity<'p>(&self, keys: &Keys, policy: &'p Policy) -> Option<&'p Activity> {
        policy.activities.iter().find(|activity| of(keys, &activity.name) == self.activity)
    }
}

/// What a message to a person under an activity is known by, made for its link.
///
/// # Errors
/// If the system gives no random bytes.
pub fn made(keys: &Keys, person: PersonId, activity: &str, address: [u8; ADDRESS]) -> Result<Vec<u8>, Fault> {
    let said = [&person.0.to_be_bytes()[..], &of(keys, activity), &address].concat();
    Ok(keys.seal(USE, &said)?)
}

/// Reads a link; `None` if it is none of ours.
#[must_use]
pub fn read(keys: &Keys, link: &str) -> Option<Link> {
    let token = bytes(link)?;
    if token.len() == OLDER {
        return Some(Link { token, says: None });
    }
    let said = keys.unseal(USE, &token).ok()?;
    let (person, rest) = said.split_first_chunk::<PERSON>()?;
    let (activity, rest) = rest.split_first_chunk::<ACTIVITY>()?;
    let (address, _) = rest.split_first_chunk::<ADDRESS>()?;
    let says = Says { person: PersonId(i64::from_be_bytes(*person)), address: *address, activity: *activity };
    Some(Link { says: Some(says), token })
}

/// Which activity it is, short: the first bytes of a keyed hash of its name.
fn of(keys: &Keys, activity: &str) -> [u8; ACTIVITY] {
    let hash = keys.hash("link activity", activity);
    hash.first_chunk().copied().unwrap_or_default()
}

fn bytes(link: &str) -> Option<Vec<u8>> {
    let right =
        [OLDER * 2, WHOLE * 2].contains(&link.len()) && link.bytes().all(|letter| letter.is_ascii_hexdigit());
    let pairs = (0..link.len() / 2).map(|at| link.get(at * 2..at * 2 + 2)).take_while(|_| right);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect();
    bytes.filter(|_| right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, Keys) {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::create(data.path(), &store::keys::Secret::random().unwrap()).unwrap();
        (data, keys)
    }

    #[test]
    fn a_link_says_what_it_was_made_for_and_no_two_are_the_same() {
        let (_data, keys) = keys();
        let one = made(&keys, PersonId(7), "news", [3; 32]).unwrap();
        let other = made(&keys, PersonId(7), "news", [3; 32]).unwrap();
        assert_ne!(one, other);
        // Nobody reads in it who it is, under what or where, nor that two are of the same.
        assert!(one.iter().zip(&other).filter(|(one, other)| one == other).count() < WHOLE / 2);
        assert!(!store::keys::hex(&one).contains(&"03".repeat(8)), "the address");
        for token in [one, other] {
            let hex = store::keys::hex(&token);
            for link in [hex.clone(), hex.to_uppercase()] {
                let read = read(&keys, &link).unwrap();
                let says = read.says.unwrap();
                assert_eq!((read.token, says.person, says.address), (token.clone(), PersonId(7), [3; 32]));
                assert_eq!(says.activity, of(&keys, "news"));
            }
        }
    }

    #[test]
    fn nobody_makes_or_changes_one_without_the_key() {
        let (_data, keys) = keys();
        let (_other, others) = self::keys();
        let hex = store::keys::hex(&made(&keys, PersonId(7), "news", [3; 32]).unwrap());
        assert_eq!(read(&others, &hex), None);
        for at in 0..hex.len() {
            let mut changed = hex.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(read(&keys, &String::from_utf8(changed).unwrap()), None, "at {at}");
        }
        for odd in ["", "00", "preview", &hex[2..], &format!("{hex}00"), &"é".repeat(84), &"z".repeat(32)] {
            assert_eq!(read(&keys, odd), None, "{odd}");
        }
        let older = read(&keys, &"0a".repeat(16)).unwrap();
        assert_eq!((older.token, older.says), (vec![10; 16], None));
    }
}
