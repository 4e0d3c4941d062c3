//! The operator's secret: 32 bytes from a file only they can read, from the environment, or derived
//! from a passphrase by whoever asks for it.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{random, write_private};
use crate::{Error, Result};

/// Where the secret may stand in the environment: 64 hexadecimal digits.
pub const VARIABLE: &str = "PROBITY_KEY";

/// What wraps the keyring. Its memory is wiped when it is dropped, and it has no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A new random secret.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub fn random() -> Result<Self> {
        let mut secret = Self([0; 32]);
        random(&mut secret.0)?;
        Ok(secret)
    }

    /// A secret derived elsewhere: from a passphrase and [`salt`].
    #[must_use]
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`Error::Secret`] if they are not.
    pub fn from_hex(text: &str) -> Result<Self> {
        let text = text.trim();
        let wrong =
            || Error::Secret("a key is 64 hexadecimal digits (make one with `openssl rand -hex 32`)".into());
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut secret = Self([0; 32]);
        for (byte, digits) in secret.0.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
        }
        Ok(secret)
    }

    /// Reads the secret from a file that nobody but its owner can read.
    ///
    /// # Errors
    /// [`Error::Secret`] if others can read it or it is no key.
    pub fn from_file(path: &Path) -> Result<Self> {
        Self::typed(&private_text(path)?)
    }

    /// Reads the secret from the environment, if it is there.
    ///
    /// # Errors
    /// [`Error::Secret`] if it is no key.
    pub fn from_environment() -> Result<Option<Self>> {
        std::env::var(VARIABLE).ok().map(|text| Self::typed(&Zeroizing::new(text))).transpose()
    }

    /// Writes the secret to a file that nobody but its owner can read.
    ///
    /// # Errors
    /// [`Error::Place`] if there is a file already: it may be the only copy of another key.
    pub fn write_to(&self, path: &Path) -> Result<()> {
        if path.exists() {
            return Err(Error::Place(format!("{} exists already", path.display())));
        }
        let hex = Zeroizing::new(super::hex(&self.0));
        // Beside its place under a name that nothing else has, and then linked there: what lies in either is never replaced.
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.half", crate::id::next()));
        let beside = path.with_file_name(name);
        let written = write_private(&beside, format!("{}\n", hex.as_str()).as_bytes())
            .and_then(|()| std::fs::hard_link(&beside, path).map_err(|error| Error::file(path, error)));
        let _ = std::fs::remove_file(&beside);
        written.and_then(|()| super::named_for_good(path).map_err(|error| Error::file(path, error)))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The text of a file that holds a secret and that nobody but its owner can read.
///
/// # Errors
/// [`Error::Secret`] if others can read it.
pub fn private_text(path: &Path) -> Result<Zeroizing<String>> {
    // systemd gives a service its credential by an access list, which shows as the group's bit; nobody else
    // enters that directory.
    let handed_over =
        std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|directory| path.starts_with(directory));
    let others = if handed_over { 0o037 } else { 0o077 };
    for_its_owner_only(path, "key", others)?;
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .map_err(|error| Error::file(path, error))?;
    Ok(text)
}

/// Refuses a file that others on the machine may touch.
pub(super) fn for_its_owner_only(path: &Path, what: &str, others: u32) -> Result<()> {
    let mode = std::fs::metadata(path).map_err(|error| Error::file(path, error))?.mode() & 0o777;
    if mode & others == 0 {
        return Ok(());
    }
    Err(Error::Secret(format!(
        "others on this machine can read the {what} in {0} (its mode is {mode:o}): run `chmod 600 {0}`",
        path.display()
    )))
}

/// The salt of this instance for deriving a secret from a passphrase; made on first use.
///
/// # Errors
/// If it can be neither read nor written.
pub fn salt(data: &Path) -> Result<[u8; 32]> {
    let path = data.join("salt");
    match std::fs::read(&path) {
        Ok(bytes) => {
            bytes.try_into().map_err(|_| Error::Damaged(format!("{} is not 32 bytes", path.display())))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut salt = [0; 32];
            random(&mut salt)?;
            write_private(&path, &salt)?;
            Ok(salt)
        }
        Err(error) => Err(Error::file(&path, error)),
    }
}
