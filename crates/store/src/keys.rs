//! The instance's keys: random, kept in `DATA/keyring`, wrapped by the operator's secret.
//!
//! The operator's secret never enters the database and no key is ever written unwrapped. Keyed hashes
//! made here cannot be turned back into an address or a number without the keyring.

use std::io::Write;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Error, Result};

mod rotate;
mod secret;
mod sheet;
pub use rotate::{Rotated, put_in_place, rotate, wrapping_of};
pub use secret::{Secret, VARIABLE, private_text, salt};

const MAGIC: &[u8] = b"probity keyring 1\n";
const SALT: usize = 32;
const NONCE: usize = 24;
const KEYS: usize = 4;

/// One 256-bit key. Its memory is wiped when it is dropped, and it has no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    /// A random key.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub fn random() -> Result<Self> {
        let mut key = Self([0; 32]);
        random(&mut key.0)?;
        Ok(key)
    }

    /// A key of these bytes.
    #[must_use]
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its bytes as 64 hexadecimal digits, wiped when they are dropped.
    #[must_use]
    pub fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(&self.0))
    }

    /// Encrypts and authenticates bytes, bound to what they are for. The nonce stands in front.
    pub(crate) fn seal(&self, what_for: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = vec![0; NONCE];
        random(&mut sealed)?;
        let nonce = XNonce::try_from(sealed.as_slice()).map_err(|_| broken(what_for))?;
        let body = XChaCha20Poly1305::new(&self.0.into())
            .encrypt(&nonce, Payload { msg: plain, aad: what_for.as_bytes() })
            .map_err(|_| broken(what_for))?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens what [`Key::seal`] made for the same use.
    pub(crate) fn unseal(&self, what_for: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(NONCE).ok_or_else(|| broken(what_for))?;
        let nonce = XNonce::try_from(nonce).map_err(|_| broken(what_for))?;
        XChaCha20Poly1305::new(&self.0.into())
            .decrypt(&nonce, Payload { msg: body, aad: what_for.as_bytes() })
            .map(Zeroizing::new)
            .map_err(|_| broken(what_for))
    }
}

fn broken(what_for: &str) -> Error {
    Error::Damaged(format!("a sealed {what_for} does not open"))
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fills bytes with randomness from the system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|error| Error::Secret(format!("the system gives no randomness: {error}")))
}

/// The keyring of an instance.
#[derive(Clone)]
pub struct Keys {
    database: Key,
    files: Key,
    hashes: Key,
    log: Key,
}

impl Keys {
    /// Makes a new random keyring and writes it to the data directory, wrapped by the secret. The directory
    /// is made too, for its owner alone, if it is not there.
    ///
    /// # Errors
    /// [`Error::Place`] if there is one already.
    pub fn create(data: &Path, secret: &Secret) -> Result<Self> {
        let path = place(data);
        crate::restoring::refuse_directory(data)?;
        let mut directory = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(directory.recursive(true), 0o700);
        directory.create(data).map_err(|error| Error::file(data, error))?;
        if crate::db::file_in(data).exists() {
            return Err(Error::Place(format!("there is an instance in {} already", data.display())));
        }
        if path.exists() {
            return Err(Error::Place(format!(
                "there is a keyring in {} already, and it may be the only key to what was encrypted with it: choose another \
                 directory, or move it away if no database was ever made with it",
                data.display()
            )));
        }
        let keys = Self {
            database: Key::random()?,
            files: Key::random()?,
            hashes: Key::random()?,
            log: Key::random()?,
        };
        keys.write(&path, secret)?;
        Ok(keys)
    }

    /// Opens the keyring of a data directory.
    ///
    /// # Errors
    /// [`Error::Place`] if there is none; [`Error::WrongKey`] if this secret does not open it.
    pub fn open(data: &Path, secret: &Secret) -> Result<Self> {
        let path = place(data);
        let wrapped = std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound if crate::db::file_in(data).exists() => Error::Damaged(format!(
                "the keyring {} is missing, and nothing opens the database without it: put it back from a backup",
                path.display()
            )),
            std::io::ErrorKind::NotFound => Error::Place(format!(
                "there is no instance in {}: make one with `probity init`",
                data.display()
            )),
            _ => Error::file(&path, error),
        })?;
        secret::for_its_owner_only(&path, "keyring", 0o077)?;
        let rest = wrapped
            .strip_prefix(MAGIC)
            .ok_or_else(|| Error::Damaged(format!("{} is no keyring", path.display())))?;
        let (salt, sealed) = rest
            .split_at_checked(SALT)
            .ok_or_else(|| Error::Damaged(format!("{} is cut short", path.display())))?;
        let plain =
            wrapping(secret, salt)?.unseal("keyring", sealed).map_err(|_| Error::WrongKey(path.clone()))?;
        let mut keys = plain.chunks_exact(32).map(|bytes| bytes.try_into().map(Key));
        let mut next = || match keys.next() {
            Some(Ok(key)) => Ok(key),
            _ => Err(Error::Damaged(format!("{} is cut short", path.display()))),
        };
        Ok(Self { database: next()?, files: next()?, hashes: next()?, log: next()? })
    }

    /// The same keys with another for the database, which nobody keeps: what a drill restores is lost with the process
    /// that restored it, whatever is left of it on the disk.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub fn for_a_drill(&self) -> Result<Self> {
        Ok(Self { database: Key::random()?, ..self.clone() })
    }

    /// Wraps the same keys in a new secret: the old one opens nothing any more.
    ///
    /// # Errors
    /// If the keyring cannot be written; then the old secret still holds.
    pub fn rewrap(&self, data: &Path, secret: &Secret) -> Result<()> {
        self.write(&place(data), secret)
    }

    fn write(&self, path: &Path, secret: &Secret) -> Result<()> {
        let mut plain = Zeroizing::new(Vec::with_capacity(KEYS * 32));
        for key in [&self.database, &self.files, &self.hashes, &self.log] {
            plain.extend_from_slice(&key.0);
        }
        let mut salt = [0; SALT];
        random(&mut salt)?;
        let sealed = wrapping(secret, &salt)?.seal("keyring", &plain)?;
        write_private(path, &[MAGIC, &salt, &sealed].concat())
    }

    /// The keyring of a data directory as it lies there, wrapped: what the safe carries with it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn wrapped(data: &Path) -> Result<Vec<u8>> {
        let path = place(data);
        std::fs::read(&path).map_err(|error| Error::file(&path, error))
    }

    /// Puts a wrapped keyring into a data directory that has none: a restore brings it from the safe.
    ///
    /// # Errors
    /// [`Error::Place`] if there is one already.
    pub fn put_back(data: &Path, wrapped: &[u8]) -> Result<()> {
        let mut directory = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(directory.recursive(true), 0o700);
        directory.create(data).map_err(|error| Error::file(data, error))?;
        let path = place(data);
        if path.exists() || crate::db::file_in(data).exists() {
            return Err(Error::Place(format!("there is an instance in {} already", data.display())));
        }
        write_private(&path, wrapped)
    }

    /// Thirty-two bytes for one use, derived from the keyring: nobody without it can make them.
    pub(crate) fn derived(&self, what_for: &str) -> [u8; 32] {
        *blake3::keyed_hash(self.files.bytes(), what_for.as_bytes()).as_bytes()
    }

    /// The key of the SQLite database, by which SQLCipher's own tools open it for whoever has the operator's secret.
    #[must_use]
    pub fn database(&self) -> &Key {
        &self.database
    }

    pub(crate) fn files(&self) -> &Key {
        &self.files
    }

    pub(crate) fn log(&self) -> &Key {
        &self.log
    }

    /// The keyed hash of a normalised value: what a suppression or a certificate keeps of an address.
    /// `what` says which sort of value it is (`email`, `phone`), so that two sorts never collide.
    #[must_use]
    pub fn hash(&self, what: &str, normal: &str) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(self.hashes.bytes());
        hasher.update(&(what.len() as u64).to_le_bytes());
        hasher.update(what.as_bytes());
        hasher.update(normal.as_bytes());
        *hasher.finalize().as_bytes()
    }

    /// Encrypts a small secret for a column of the database (a one-time-password seed), bound to its use.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub fn seal(&self, what_for: &str, plain: &[u8]) -> Result<Vec<u8>> {
        self.files.seal(what_for, plain)
    }

    /// Opens what [`Keys::seal`] made for the same use.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it was made for another use, by another instance, or changed.
    pub fn unseal(&self, what_for: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.files.unseal(what_for, sealed)
    }
}

fn place(data: &Path) -> PathBuf {
    data.join("keyring")
}

fn wrapping(secret: &Secret, salt: &[u8]) -> Result<Key> {
    let mut key = Key([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), secret.bytes())
        .expand(b"probity keyring 1", &mut key.0)
        .map_err(|_| Error::Secret("the keyring's key cannot be derived".into()))?;
    Ok(key)
}

/// Waits until the name that a file has been given is on the disk.
pub(crate) fn named_for_good(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    std::fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

/// Writes a file that only its owner reads: beside its place first, then moved there, durably.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        named_for_good(path)
    };
    write().map_err(|error| {
        // Half a key beside its place helps nobody.
        let _ = std::fs::remove_file(&beside);
        Error::file(path, error)
    })
}
