//! The second factor of staff: a six-digit code from an app on their telephone (TOTP, RFC 6238).

use totp_rs::{Builder, Secret, Totp};

use crate::picture::Picture;

/// The secret that the app on the telephone and the instance share.
pub struct Factor {
    secret: Vec<u8>,
}

impl Factor {
    /// Draws a new secret.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut secret = vec![0; 20];
        getrandom::fill(&mut secret)?;
        Ok(Self { secret })
    }

    /// The factor of a secret kept earlier.
    #[must_use]
    pub fn kept(secret: Vec<u8>) -> Self {
        Self { secret }
    }

    /// The bytes to keep, sealed like every secret.
    #[must_use]
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The secret as people type it into the app, in groups of four.
    #[must_use]
    pub fn written(&self) -> String {
        let letters: Vec<char> = self.base32().chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The link that the app understands.
    #[must_use]
    pub fn link(&self, organisation: &str, account: &str) -> String {
        let (organisation, account) = (percent(organisation), percent(account));
        format!("otpauth://totp/{organisation}:{account}?secret={}&issuer={organisation}", self.base32())
    }

    /// The link as a picture to scan. `None` if it is too long for one.
    #[must_use]
    pub fn picture(&self, organisation: &str, account: &str) -> Option<Picture> {
        Picture::of(&self.link(organisation, account))
    }

    /// Whether the code is right at `seconds` since 1970, and was not used before: returns its step,
    /// which is kept so that the same code never opens twice.
    #[must_use]
    pub fn check(&self, code: &str, seconds: u64, last_step: Option<u64>) -> Option<u64> {
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let step = self.totp()?.check(&code, seconds)?;
        last_step.is_none_or(|last| step > last).then_some(step)
    }

    /// The code at `seconds` since 1970, as the app on the telephone shows it.
    #[must_use]
    pub fn code(&self, seconds: u64) -> Option<String> {
        Some(self.totp()?.generate(seconds).to_string())
    }

    /// The step that `seconds` since 1970 fall in.
    #[must_use]
    pub fn step(&self, seconds: u64) -> Option<u64> {
        self.check(&self.code(seconds)?, seconds, None)
    }

    fn totp(&self) -> Option<Totp> {
        Builder::new().with_secret(self.secret.clone()).with_skew(1).build().ok()
    }

    fn base32(&self) -> String {
        Secret::from(self.secret.clone()).to_base32()
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_opens_once_and_not_before_or_long_after() {
        let factor = Factor::kept(b"12345678901234567890".to_vec());
        // RFC 6238, appendix B: at 59 seconds the code is 94287082, of which six digits are used.
        assert_eq!(factor.check("287 082", 59, None), Some(1));
        assert_eq!(factor.check("287082", 59, Some(1)), None);
        assert_eq!(factor.check("287082", 59 + 120, None), None);
        assert_eq!(factor.check("000000", 59, None), None);
    }

    #[test]
    fn the_link_names_the_organisation_and_the_account() {
        let factor = Factor::kept(b"12345678901234567890".to_vec());
        assert_eq!(
            factor.link("CTI", "helen@cti.example"),
            "otpauth://totp/CTI:helen%40cti.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=CTI"
        );
        let picture = factor.picture("CTI", "helen@cti.example").unwrap();
        assert!(
            picture.path.starts_with("M4 4h1v1h-1z") && (picture.width - 8 - 17).is_multiple_of(4),
            "{}",
            picture.width
        );
        assert_eq!(factor.written(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
