//! `[imap]`: the mailbox that mail arrives in, how often it is looked into, and what becomes of a message there.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, Pointing, SmtpSecurity};

/// A mailbox that mail arrives in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imap {
    /// Host name of the mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the connection is encrypted, and how.
    pub security: SmtpSecurity,
    /// The account.
    pub user: String,
    /// The file that holds the account's password.
    pub password_file: PathBuf,
    /// The certificate of the authority that signed the server's, where it is none that browsers know.
    pub certificate: Option<PathBuf>,
    /// The folders that are read.
    pub folders: Vec<String>,
    /// How often.
    pub every: Duration,
    /// What becomes of a message once it is taken.
    pub then: Then,
}

/// What becomes of a message in the mailbox once it is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Then {
    /// Nothing: the mailbox is opened for reading only.
    Leave,
    /// It is marked as read.
    Seen,
    /// It moves to this folder.
    Move(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImap {
    host: Spanned<String>,
    port: Option<u16>,
    security: Option<SmtpSecurity>,
    user: String,
    password_file: PathBuf,
    certificate: Option<PathBuf>,
    folders: Option<Spanned<Vec<String>>>,
    every_minutes: Option<Spanned<u64>>,
    then: Option<Spanned<String>>,
}

/// More folders than this are a mistake.
const FOLDERS_MAX: usize = 20;
/// How often at least: once a day.
const MINUTES_MAX: u64 = 24 * 60;

pub(super) fn check(raw: RawImap, place: &Pointing<'_>) -> Result<Imap, ConfigError> {
    let host = raw.host.get_ref().clone();
    let security = raw.security.unwrap_or(SmtpSecurity::Tls);
    let here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    if security == SmtpSecurity::None && !here {
        return Err(place(
            raw.host.span(),
            "mail is never fetched in the clear from another machine: set `security` to \"tls\" or \"starttls\"",
        ));
    }
    let folders = match raw.folders {
        None => vec!["INBOX".to_owned()],
        Some(folders) if (1..=FOLDERS_MAX).contains(&folders.get_ref().len()) => folders.into_inner(),
        Some(folders) => {
            return Err(place(folders.span(), "name the folders to read, such as `[\"INBOX\"]`; 20 at most"));
        }
    };
    let minutes = match raw.every_minutes {
        None => 5,
        Some(every) if (1..=MINUTES_MAX).contains(every.get_ref()) => *every.get_ref(),
        Some(every) => return Err(place(every.span(), "between 1 minute and 1440, which is a day")),
    };
    let then = match &raw.then {
        None => Then::Leave,
        Some(then) => match (then.get_ref().as_str(), then.get_ref().strip_prefix("move to ")) {
            ("leave", _) => Then::Leave,
            ("seen", _) => Then::Seen,
            (_, Some(folder)) if !folder.trim().is_empty() && !folders.iter().any(|one| one == folder) => {
                Then::Move(folder.trim().to_owned())
            }
            _ => {
                return Err(place(
                    then.span(),
                    "write \"leave\", \"seen\" or \"move to FOLDER\", a folder that is not itself read",
                ));
            }
        },
    };
    Ok(Imap {
        port: raw.port.unwrap_or(if security == SmtpSecurity::Tls { 993 } else { 143 }),
        host,
        security,
        user: raw.user,
        password_file: raw.password_file,
        certificate: raw.certificate,
        folders,
        every: Duration::from_secs(minutes * 60),
        then,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    const LEAST: &str =
        "[imap]\nhost = \"mail.cti.example\"\nuser = \"privacy\"\npassword_file = \"/etc/probity/imap\"\n";

    fn read(more: &str) -> Result<Imap, ConfigError> {
        Config::parse("probity.toml", &format!("{LEAST}{more}")).map(|config| config.imap.unwrap())
    }

    #[test]
    fn a_host_and_an_account_are_enough() {
        let imap = read("").unwrap();
        assert_eq!((imap.port, imap.security, imap.then), (993, SmtpSecurity::Tls, Then::Leave));
        assert_eq!((imap.folders, imap.every), (vec!["INBOX".to_owned()], Duration::from_secs(300)));
    }

    #[test]
    fn what_it_cannot_mean_is_underlined() {
        for more in [
            "security = \"none\"\n",
            "folders = []\n",
            "every_minutes = 0\n",
            "every_minutes = 100000\n",
            "then = \"delete\"\n",
            "then = \"move to \"\n",
            "then = \"move to INBOX\"\n",
        ] {
            let error = read(more).unwrap_err().to_string();
            assert!(error.contains('^'), "{more}: {error}");
        }
        let imap =
            read("security = \"starttls\"\nfolders = [\"INBOX\", \"Rights\"]\nthen = \"move to Filed\"\n");
        let imap = imap.unwrap();
        assert_eq!((imap.port, imap.then), (143, Then::Move("Filed".to_owned())));
    }
}
