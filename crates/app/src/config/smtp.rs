//! `[smtp]`: how mail leaves, the key it is signed with, and whom the DNS is asked of.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, Pointing};
use crate::mail::dns;

/// How mail leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Smtp {
    /// Host name of the mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the connection is encrypted, and how.
    pub security: SmtpSecurity,
    /// The account, where the server asks for one.
    pub user: Option<String>,
    /// The file that holds the account's password.
    pub password_file: Option<PathBuf>,
    /// The address mail comes from: `CTI <hello@cti.example>`.
    pub from: String,
    /// What mail is signed with; without it the mail server signs, or nobody.
    pub dkim: Option<Dkim>,
    /// The server that is asked what the DNS says of the domain; without it those of the machine.
    pub resolver: Option<SocketAddr>,
    /// A mailing pauses of which more than so many in a hundred came back.
    pub pause_at_percent: i64,
}

/// What share of a mailing may come back where nothing else is said: what large providers let pass.
pub const PAUSE_AT_PERCENT: i64 = 5;

/// What mail is signed with (DKIM, RFC 6376).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dkim {
    /// What the key is known by in the DNS of the domain.
    pub selector: String,
    /// The file that holds the key; without it the mail server has it, and signs.
    pub key_file: Option<PathBuf>,
    /// The domain that signs, where it is another than that of `from`.
    pub domain: Option<String>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// STARTTLS, and nothing is sent without it.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None. Refused unless the host is this machine.
    None,
}

impl Smtp {
    /// The domain that mail comes from.
    #[must_use]
    pub fn domain(&self) -> String {
        let after = self.from.rsplit('@').next().unwrap_or_default();
        after.trim_end_matches(['>', ' ']).to_ascii_lowercase()
    }

    /// The domain that signs for it.
    #[must_use]
    pub fn signs_for(&self) -> String {
        let said = self.dkim.as_ref().and_then(|dkim| dkim.domain.clone());
        said.unwrap_or_else(|| self.domain())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSmtp {
    host: Spanned<String>,
    port: Option<u16>,
    #[serde(default)]
    security: SmtpSecurity,
    user: Option<String>,
    password_file: Option<PathBuf>,
    from: Spanned<String>,
    dkim: Option<RawDkim>,
    resolver: Option<Spanned<String>>,
    pause_at_percent: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDkim {
    selector: Spanned<String>,
    key_file: Option<PathBuf>,
    domain: Option<Spanned<String>>,
}

pub(super) fn check(raw: RawSmtp, place: &Pointing<'_>) -> Result<Smtp, ConfigError> {
    let host = raw.host.get_ref().clone();
    let here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    if raw.security == SmtpSecurity::None && !here {
        return Err(place(
            raw.host.span(),
            "mail to another machine is never sent in the clear: set `security` to \"starttls\" or \"tls\"",
        ));
    }
    if !raw.from.get_ref().contains('@') {
        return Err(place(
            raw.from.span(),
            "an e-mail address is needed here, such as `CTI <hello@cti.example>`",
        ));
    }
    let port = raw.port.unwrap_or(match raw.security {
        SmtpSecurity::Starttls => 587,
        SmtpSecurity::Tls => 465,
        SmtpSecurity::None => 25,
    });
    let resolver = raw.resolver.map(|resolver| server(&resolver, place)).transpose()?;
    let pause_at_percent = match raw.pause_at_percent {
        None => PAUSE_AT_PERCENT,
        Some(percent) if (1..=100).contains(percent.get_ref()) => *percent.get_ref(),
        Some(percent) => {
            return Err(place(percent.span(), "between 1 and 100; at 100 nothing pauses by itself"));
        }
    };
    Ok(Smtp {
        host,
        port,
        security: raw.security,
        user: raw.user,
        password_file: raw.password_file,
        from: raw.from.into_inner(),
        dkim: raw.dkim.map(|dkim| check_dkim(dkim, place)).transpose()?,
        resolver,
        pause_at_percent,
    })
}

fn server(said: &Spanned<String>, place: &Pointing<'_>) -> Result<SocketAddr, ConfigError> {
    let text = said.get_ref().as_str();
    let alone = || text.parse::<IpAddr>().map(|address| SocketAddr::new(address, dns::PORT));
    text.parse().or_else(|_| alone()).map_err(|_| {
        place(
            said.span(),
            "the address of a DNS server is needed here, such as \"192.0.2.1\" or \"127.0.0.1:5353\"",
        )
    })
}

fn check_dkim(raw: RawDkim, place: &Pointing<'_>) -> Result<Dkim, ConfigError> {
    if !is_name(raw.selector.get_ref()) {
        return Err(place(
            raw.selector.span(),
            "letters, digits and hyphens are needed here, such as \"probity\"",
        ));
    }
    if let Some(domain) = raw.domain.as_ref().filter(|domain| !is_name(domain.get_ref())) {
        return Err(place(domain.span(), "a domain is needed here, such as \"cti.example\""));
    }
    Ok(Dkim {
        selector: raw.selector.into_inner(),
        key_file: raw.key_file,
        domain: raw.domain.map(|domain| domain.into_inner().to_ascii_lowercase()),
    })
}

/// Whether a text can stand in the DNS as it is: labels of letters, digits and hyphens.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn read(more: &str) -> Result<Smtp, ConfigError> {
        let text = format!("[smtp]\nhost = \"mail.cti.example\"\nfrom = \"CTI <hello@CTI.example>\"\n{more}");
        Config::parse("probity.toml", &text).map(|config| config.smtp.unwrap())
    }

    #[test]
    fn mail_is_signed_for_the_domain_it_comes_from_unless_another_is_named() {
        assert_eq!((read("").unwrap().domain().as_str(), read("").unwrap().dkim), ("cti.example", None));
        let signed =
            read("[smtp.dkim]\nselector = \"probity\"\nkey_file = \"/etc/probity/dkim.pem\"\n").unwrap();
        assert_eq!(signed.signs_for(), "cti.example");
        let other = read("[smtp.dkim]\nselector = \"a\"\nkey_file = \"k\"\ndomain = \"mail.cti.example\"\n");
        assert_eq!(other.unwrap().signs_for(), "mail.cti.example");
    }

    #[test]
    fn a_server_is_named_by_its_address_alone_or_with_its_port() {
        assert_eq!(read("").unwrap().resolver, None);
        let named = |text: &str| read(&format!("resolver = \"{text}\"\n")).map(|smtp| smtp.resolver.unwrap());
        assert_eq!(named("192.0.2.1").unwrap().to_string(), "192.0.2.1:53");
        assert_eq!(named("[::1]:5353").unwrap().to_string(), "[::1]:5353");
        assert!(named("dns.cti.example").unwrap_err().to_string().contains('^'));
    }

    #[test]
    fn what_share_may_come_back_is_a_share() {
        assert_eq!(read("").unwrap().pause_at_percent, PAUSE_AT_PERCENT);
        assert_eq!(read("pause_at_percent = 12\n").unwrap().pause_at_percent, 12);
        for none in [0, 101, -5] {
            assert!(read(&format!("pause_at_percent = {none}\n")).unwrap_err().to_string().contains('^'));
        }
    }

    #[test]
    fn what_cannot_stand_in_the_dns_is_underlined() {
        for more in [
            "selector = \"two words\"\nkey_file = \"k\"\n",
            "selector = \"\"\nkey_file = \"k\"\n",
            "selector = \"a;b\"\nkey_file = \"k\"\n",
            "selector = \"a\"\nkey_file = \"k\"\ndomain = \"cti example\"\n",
        ] {
            let error = read(&format!("[smtp.dkim]\n{more}")).unwrap_err().to_string();
            assert!(error.contains('^'), "{more}: {error}");
        }
    }
}
