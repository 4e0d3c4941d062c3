//! Where an instance is and how it is opened: the options every command on an instance takes, and its key.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use secrecy::{ExposeSecret, SecretString};
use store::keys::Secret;

use super::Failure;
use crate::config::{Config, Named};
use crate::instance::{Instance, morning};

/// The key of a practice instance, beside its data. A real instance never has it there.
const PRACTICE_KEY: &str = "key";

/// Options of every command on an instance.
#[derive(clap::Args, Debug, Clone)]
// Of its own name there is a command already: `hold place`.
#[group(skip)]
pub struct Place {
    /// The data directory.
    #[arg(long, env = "PROBITY_DATA")]
    pub data: PathBuf,
    /// The database, `postgres://...`; without it a SQLite file in the data directory.
    #[arg(long, env = "PROBITY_DATABASE")]
    pub database: Option<String>,
    /// The file that holds the key, readable by its owner only. Or PROBITY_KEY (64 hexadecimal digits), or
    /// PROBITY_PASSPHRASE.
    #[arg(long, env = "PROBITY_KEY_FILE")]
    pub key_file: Option<PathBuf>,
    /// On practice instances: act on this date.
    #[arg(long)]
    pub clock: Option<Date>,
}

impl Place {
    /// A place with its key beside its data.
    #[must_use]
    pub fn practice(data: PathBuf) -> Self {
        Self { data, database: None, key_file: None, clock: None }
    }

    /// Opens the instance.
    ///
    /// # Errors
    /// If there is none, the key is missing or wrong, or `--clock` is given for a real instance.
    pub fn open(&self) -> Result<Instance, Failure> {
        let instance = self.open_to_look()?;
        match instance.quarantine() {
            None => Ok(instance),
            Some(why) => Err(Failure(format!(
                "this instance was restored and is in quarantine: {why}. An administrator ends it on the Admin page; until then \
                 only `serve`, `doctor`, `prove` and `log` work on it"
            ))),
        }
    }

    /// Opens the instance to look at it, also in quarantine.
    ///
    /// # Errors
    /// As [`Place::open`].
    pub fn open_to_look(&self) -> Result<Instance, Failure> {
        let secret = self.secret()?;
        let instance = Instance::open(&self.data, self.database.as_deref(), &secret)
            .map_err(|fault| super::key::explained(self, fault))?;
        if let Some(date) = self.clock {
            let at = morning(date, instance.clock.zone());
            if !instance.clock.set(at) {
                return Err(Failure("only a practice instance has a clock that can be set".to_owned()));
            }
        }
        Ok(instance)
    }

    /// The operator's secret: from a file, the environment, a passphrase, or beside the data of a practice instance.
    ///
    /// # Errors
    /// If there is none, or others can read it.
    pub fn secret(&self) -> Result<Secret, Failure> {
        if let Some(path) = &self.key_file {
            return Ok(Secret::from_file(path)?);
        }
        if let Some(secret) = self.without_file()? {
            return Ok(secret);
        }
        let beside = self.data.join(PRACTICE_KEY);
        if beside.exists() {
            return Ok(Secret::from_file(&beside)?);
        }
        Err(Failure(
            "the key is missing: give its file with --key-file, or set PROBITY_KEY or PROBITY_PASSPHRASE"
                .to_owned(),
        ))
    }

    /// The file the key is read from, if it is read from one.
    pub fn its_key_file(&self) -> Option<PathBuf> {
        if self.key_file.is_some() {
            return self.key_file.clone();
        }
        let said = std::env::var_os(store::keys::VARIABLE).is_some()
            || std::env::var_os("PROBITY_PASSPHRASE").is_some();
        Some(self.data.join(PRACTICE_KEY)).filter(|beside| !said && beside.exists())
    }

    /// The command that starts the server on it.
    pub fn to_start(&self) -> String {
        let key =
            self.key_file.as_ref().map_or_else(String::new, |file| format!(" --key-file {}", file.display()));
        format!("probity serve --data {}{key}", self.data.display())
    }

    /// The secret of an instance about to be made; a key file that does not exist is written.
    ///
    /// # Errors
    /// If there is no place for it, or it would lie inside the data directory of a real instance.
    pub fn new_secret(&self, practice: bool) -> Result<Secret, Failure> {
        std::fs::create_dir_all(&self.data)
            .map_err(|error| Failure(format!("{}: {error}", self.data.display())))?;
        private(&self.data)?;
        if practice && self.key_file.is_none() {
            let beside = self.data.join(PRACTICE_KEY);
            if beside.exists() {
                return Ok(Secret::from_file(&beside)?);
            }
            let secret = Secret::random()?;
            secret.write_to(&beside)?;
            return Ok(secret);
        }
        let Some(path) = &self.key_file else {
            return self.without_file()?.ok_or_else(|| {
                Failure(
                    "an instance is encrypted with your key: give a file with --key-file (it is made if it is not there; \
                     keep a copy somewhere safe), or set PROBITY_KEY or PROBITY_PASSPHRASE"
                        .to_owned(),
                )
            });
        };
        if inside(path, &self.data) {
            return Err(Failure(format!(
                "{} lies inside the data directory: a key beside the data it locks protects nothing",
                path.display()
            )));
        }
        if path.exists() {
            return Ok(Secret::from_file(path)?);
        }
        let secret = Secret::random()?;
        secret.write_to(path)?;
        Ok(secret)
    }

    fn without_file(&self) -> Result<Option<Secret>, Failure> {
        if let Some(secret) = Secret::from_environment()? {
            return Ok(Some(secret));
        }
        let Ok(passphrase) = std::env::var("PROBITY_PASSPHRASE") else { return Ok(None) };
        derive(&self.data, &passphrase.into()).map(Some)
    }
}

/// A secret from a passphrase, slowly, so that guessing takes long: argon2id with the instance's salt.
///
/// # Errors
/// If it is too short, or the salt can be neither read nor written.
pub fn derive(data: &Path, passphrase: &SecretString) -> Result<Secret, Failure> {
    if passphrase.expose_secret().chars().count() < 16 {
        return Err(Failure("a passphrase needs at least 16 characters: five or six words".to_owned()));
    }
    let salt = store::keys::salt(data)?;
    let mut bytes = [0; 32];
    argon2::Argon2::default()
        .hash_password_into(passphrase.expose_secret().as_bytes(), &salt, &mut bytes)
        .map_err(|error| Failure(error.to_string()))?;
    Ok(Secret::of(bytes))
}

/// The place of backups or of a safe that was named on the command line.
///
/// # Errors
/// In words, if it is no name of a bucket.
pub fn place_named(config: &Config, text: &str) -> Result<store::place::Place, Failure> {
    Named::read(text).and_then(|named| config.place(&named)).map_err(Failure)
}

/// Whether a path lies in a directory.
pub fn inside(path: &Path, directory: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole(path).starts_with(whole(directory))
}

fn private(directory: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))
        .map_err(|error| Failure(format!("{}: {error}", directory.display())))
}
