//! `DATA/probity.toml`: where the instance answers, how it sends and fetches mail, where its
//! backups go, whom it speaks to otherwise. Never a secret, never a rule about data.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

mod imap;
mod outward;
mod places;
mod screening;
mod senders;
mod smtp;

pub use imap::{Imap, Then};
use outward::RawWebhooks;
pub use outward::Synced;
use places::RawBackups;
pub use places::{Backups, Named, Reached};
pub use screening::{Checker, Way};
pub use senders::SetUp;
pub use smtp::{Dkim, PAUSE_AT_PERCENT, Smtp, SmtpSecurity, is_name};

/// The file's name inside the data directory.
pub const FILE: &str = "probity.toml";

/// What `probity.toml` says, checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The address people reach the instance under, without a final slash: `https://privacy.cti.example`.
    pub address: Option<String>,
    /// The address and port the server listens on.
    pub listen: SocketAddr,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How mail leaves.
    pub smtp: Option<Smtp>,
    /// Where mail arrives.
    pub imap: Option<Imap>,
    /// Where backups and their safe go.
    pub backups: Backups,
    /// How buckets are reached, by their names.
    pub buckets: BTreeMap<String, Reached>,
    /// The addresses that mail leaves from beside that of `smtp`.
    pub senders: Vec<SetUp>,
    /// Hosts that webhooks may go to on this machine, in a private network or without TLS.
    pub webhooks: Vec<String>,
    /// Who answers whether a number is on a register, by the register's name.
    pub screening: BTreeMap<String, Checker>,
    /// Lists of subscribers at processors, by the policy's names for the processors.
    pub processors: BTreeMap<String, Synced>,
}

/// A quarter of a year.
pub const DRILL_DAYS: u32 = 92;

/// What is wrong with the file, for the person who wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError(pub String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    public_address: Option<Spanned<String>>,
    listen: Option<Spanned<String>>,
    #[serde(default)]
    trusted_proxies: Vec<Spanned<String>>,
    smtp: Option<smtp::RawSmtp>,
    imap: Option<imap::RawImap>,
    #[serde(default)]
    backups: RawBackups,
    #[serde(default)]
    bucket: BTreeMap<String, Reached>,
    #[serde(default)]
    webhooks: RawWebhooks,
    #[serde(default)]
    sender: Vec<senders::RawSetUp>,
    #[serde(default)]
    screening: BTreeMap<String, screening::RawChecker>,
    #[serde(default)]
    processor: BTreeMap<String, Synced>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: None,
            listen: LOCAL,
            trusted_proxies: Vec::new(),
            smtp: None,
            imap: None,
            backups: Backups::default(),
            buckets: BTreeMap::new(),
            senders: Vec::new(),
            webhooks: Vec::new(),
            screening: BTreeMap::new(),
            processors: BTreeMap::new(),
        }
    }
}

const LOCAL: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

impl Config {
    /// Reads `DATA/probity.toml`; a missing file means the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] if the file cannot be read or says something impossible, with the place underlined.
    pub fn read(data: &Path) -> Result<Self, ConfigError> {
        let path = data.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path.display().to_string(), &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(ConfigError(format!("{}: {error}", path.display()))),
        }
    }

    /// Reads the text of a configuration file called `name`.
    ///
    /// # Errors
    /// [`ConfigError`] if it says something impossible, with the place underlined.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        let raw: Raw = toml::from_str(text).map_err(|error| ConfigError(format!("{name}: {error}")))?;
        let place = |span: std::ops::Range<usize>, message: &str| underline(name, text, span, message);
        let address = match raw.public_address {
            None => None,
            Some(address) => {
                let trimmed = address.get_ref().trim_end_matches('/');
                let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
                if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
                    return Err(place(
                        address.span(),
                        "the public address is `https://` and a host name, without a path",
                    ));
                }
                Some(trimmed.to_owned())
            }
        };
        let listen = match raw.listen {
            None => LOCAL,
            Some(listen) => listen.get_ref().parse().map_err(|_| {
                place(listen.span(), "an address and a port are needed here, such as `127.0.0.1:8080`")
            })?,
        };
        let trusted_proxies = raw
            .trusted_proxies
            .iter()
            .map(|proxy| {
                proxy
                    .get_ref()
                    .parse()
                    .map_err(|_| place(proxy.span(), "an IP address is needed here, such as `127.0.0.1`"))
            })
            .collect::<Result<_, _>>()?;
        let smtp = raw.smtp.map(|smtp| smtp::check(smtp, &place)).transpose()?;
        let imap = raw.imap.map(|imap| imap::check(imap, &place)).transpose()?;
        let backups = places::check(raw.backups, &place)?;
        let senders = senders::check(raw.sender, smtp.as_ref().map(|smtp| smtp.from.as_str()), &place)?;
        let webhooks = outward::allowed(raw.webhooks, &place)?;
        outward::check(name, &raw.processor, &webhooks)?;
        let (buckets, processors) = (raw.bucket, raw.processor);
        let screening = screening::all(raw.screening, &place)?;
        Ok(Self {
            address,
            listen,
            trusted_proxies,
            smtp,
            imap,
            backups,
            buckets,
            senders,
            webhooks,
            screening,
            processors,
        })
    }

    /// Whether browsers reach the instance over TLS, so that cookies may be marked `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.address.as_ref().is_some_and(|address| address.starts_with("https://"))
    }
}

/// Underlines a place in the file and says what is wrong there.
type Pointing<'a> = dyn Fn(std::ops::Range<usize>, &str) -> ConfigError + 'a;

fn underline(name: &str, text: &str, span: std::ops::Range<usize>, message: &str) -> ConfigError {
    let before = text.get(..span.start).unwrap_or("");
    let number = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let column = before.get(start..).map_or(0, |part| part.chars().count());
    let width = text.get(span).map_or(1, |part| part.chars().count().max(1));
    let margin = number.to_string().len();
    ConfigError(format!(
        "{message}\n{:margin$}--> {name}:{number}:{}\n{:margin$} |\n{number} | {line}\n{:margin$} | {:column$}{}",
        "",
        column + 1,
        "",
        "",
        "",
        "^".repeat(width),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_means_this_machine_only() {
        let config = Config::parse("probity.toml", "").unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(!config.is_https());
    }

    #[test]
    fn everything_it_can_say_is_read() {
        let config = Config::parse(
            "probity.toml",
            "public_address = \"https://privacy.cti.example/\"\nlisten = \"[::1]:9000\"\ntrusted_proxies = [\"127.0.0.1\"]\n\
             [smtp]\nhost = \"mail.cti.example\"\nfrom = \"CTI <hello@cti.example>\"\nuser = \"hello\"\n",
        )
        .unwrap();
        assert_eq!(config.address.as_deref(), Some("https://privacy.cti.example"));
        assert!(config.is_https());
        assert_eq!(config.smtp.unwrap().port, 587);
    }

    #[test]
    fn a_mistake_is_underlined_where_it_is() {
        let error =
            Config::parse("probity.toml", "public_address = \"https://a.example\"\nlisten = \"8080\"\n")
                .unwrap_err();
        assert_eq!(
            error.to_string(),
            "an address and a port are needed here, such as `127.0.0.1:8080`\n --> probity.toml:2:10\n  |\n2 | listen = \"8080\"\n  |          ^^^^^^"
        );
    }

    #[test]
    fn a_word_it_does_not_know_is_named() {
        let error = Config::parse("probity.toml", "public_adress = \"https://a.example\"\n").unwrap_err();
        assert!(error.to_string().contains("unknown field `public_adress`"), "{error}");
    }

    #[test]
    fn mail_is_never_sent_in_the_clear_to_another_machine() {
        let text = "[smtp]\nhost = \"mail.cti.example\"\nsecurity = \"none\"\nfrom = \"hello@cti.example\"\n";
        assert!(Config::parse("probity.toml", text).is_err());
        assert!(Config::parse("probity.toml", &text.replace("mail.cti.example", "127.0.0.1")).is_ok());
    }
}
