//! Passwords of staff: what is accepted, and how it is kept (argon2id). Never logged, never kept in the clear.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};

/// The fewest characters a password has.
pub const CHARACTERS_MIN: usize = 12;

/// The most bytes taken, so that nobody keeps the server hashing a novel.
pub const BYTES_MAX: usize = 1024;

/// Long passwords that are tried first by anybody who tries. Compared without case, digits at the end
/// and anything but letters.
const COMMON: &[&str] = &[
    "password",
    "passwordpassword",
    "passwort",
    "letmein",
    "letmeinplease",
    "qwerty",
    "qwertyuiop",
    "qwertyqwerty",
    "iloveyou",
    "iloveyousomuch",
    "welcome",
    "welcomewelcome",
    "administrator",
    "admin",
    "adminadmin",
    "changeme",
    "changemenow",
    "changemeplease",
    "secret",
    "secretsecret",
    "supersecret",
    "football",
    "liverpool",
    "arsenal",
    "chelsea",
    "manchester",
    "manchesterunited",
    "correcthorsebatterystaple",
    "trustno",
    "princess",
    "sunshine",
    "dragon",
    "monkey",
    "computer",
    "computers",
    "internet",
    "opensesame",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcdefghijklmnop",
    "zxcvbnm",
    "asdfghjkl",
    "asdfghjklqwe",
    "qazwsxedcrfv",
    "summer",
    "winter",
    "spring",
    "autumn",
    "january",
    "february",
    "september",
    "october",
    "november",
    "december",
    "charlie",
    "thisisapassword",
    "thisismypassword",
    "mypassword",
    "newpassword",
    "temporarypassword",
    "defaultpassword",
    "probity",
    "privacy",
];

/// Why a password was not accepted, for the person choosing it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weak {
    /// Fewer than [`CHARACTERS_MIN`] characters.
    Short,
    /// More than [`BYTES_MAX`] bytes.
    Long,
    /// On the list of what is tried first, or one character again and again, or a run of them.
    Common,
    /// Made of the person's own name or address.
    OwnName,
}

impl std::fmt::Display for Weak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Short => "use at least 12 characters: three or four words are easy to remember",
            Self::Long => "use fewer than 1,000 characters",
            Self::Common => {
                "this is one of the passwords that are tried first: choose words that do not belong together"
            }
            Self::OwnName => "leave your name and e-mail address out of it",
        })
    }
}

impl std::error::Error for Weak {}

/// Whether a password is good enough for the person called `name` with the address `email`.
///
/// # Errors
/// [`Weak`] says why not.
pub fn accept(password: &SecretString, name: &str, email: &str) -> Result<(), Weak> {
    let password = password.expose_secret();
    if password.chars().count() < CHARACTERS_MIN {
        return Err(Weak::Short);
    }
    if password.len() > BYTES_MAX {
        return Err(Weak::Long);
    }
    let lower = password.to_lowercase();
    let letters: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
    if COMMON.contains(&letters.as_str()) || is_a_run(&lower) {
        return Err(Weak::Common);
    }
    let mut rest = lower;
    let own = name
        .split_whitespace()
        .chain(email.split(['@', '.']))
        .map(str::to_lowercase)
        .filter(|word| word.len() > 2);
    for word in own {
        rest = rest.replace(&word, "");
    }
    if rest.chars().filter(|c| c.is_alphanumeric()).count() < CHARACTERS_MIN / 2 {
        return Err(Weak::OwnName);
    }
    Ok(())
}

/// Whether it is few characters again and again, or each follows the one before: `aaaa`, `1234`, `4321`.
fn is_a_run(password: &str) -> bool {
    let characters: Vec<u32> = password.chars().map(u32::from).collect();
    let distinct: std::collections::BTreeSet<_> = characters.iter().collect();
    let steps =
        characters.iter().zip(characters.iter().skip(1)).filter(|(a, b)| a.abs_diff(**b) <= 1).count();
    distinct.len() < 4 || steps + 2 >= characters.len()
}

/// The form in which a password is kept: argon2id with a random salt.
///
/// # Errors
/// If the system gives no random numbers.
pub fn hash(password: &SecretString) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.expose_secret().as_bytes())?.to_string())
}

/// Whether a password is the one that was kept. With nothing kept it takes as long, so that nobody
/// learns from the time whether an account exists.
#[must_use]
pub fn verify(kept: Option<&str>, password: &SecretString) -> bool {
    const NOBODYS: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$w7qS0V2yJd3q5mYtq1uXQm0d5v1l2n3o4p5q6r7s8t8";
    let known = PasswordHash::new(kept.unwrap_or(NOBODYS)).is_ok_and(|kept| {
        Argon2::default().verify_password(password.expose_secret().as_bytes(), &kept).is_ok()
    });
    known && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<(), Weak> {
        accept(&password.into(), "Helen Marsh", "helen.marsh@cti.example")
    }

    #[test]
    fn three_ordinary_words_are_enough() {
        assert_eq!(judge("kettle bramble yard"), Ok(()));
        assert_eq!(judge("kettlebrambleyard"), Ok(()));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        assert_eq!(judge("kettle yard"), Err(Weak::Short));
        assert_eq!(judge("Password123!"), Err(Weak::Common));
        assert_eq!(judge("correct horse battery staple"), Err(Weak::Common));
        assert_eq!(judge("aaaaaaaaaaaa"), Err(Weak::Common));
        assert_eq!(judge("123456789012"), Err(Weak::Common));
        assert_eq!(judge("helenmarsh2026"), Err(Weak::OwnName));
        assert_eq!(judge(&"kettle ".repeat(200)), Err(Weak::Long));
    }

    #[test]
    fn only_the_password_itself_opens() {
        let kept = hash(&"kettle bramble yard".into()).unwrap();
        assert!(kept.starts_with("$argon2id$"), "{kept}");
        assert!(verify(Some(&kept), &"kettle bramble yard".into()));
        assert!(!verify(Some(&kept), &"kettle bramble yards".into()));
        assert!(!verify(None, &"kettle bramble yard".into()));
    }
}
