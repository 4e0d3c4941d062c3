//! Whom the instance speaks to beside mail and backups: hosts that webhooks may go to, and lists of subscribers at processors
//! (`[webhooks]`, `[processor.NAME]`). What goes there, and whether, the policy says.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, Pointing};

/// A list of subscribers at a processor that sends news for us.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synced {
    /// The address of its API: `https://us21.api.mailchimp.com`.
    pub endpoint: String,
    /// The list, as it calls it.
    pub list: String,
    /// The activity whose people are on it, as the policy names it.
    pub activity: String,
    /// The file that holds the key of its API.
    pub key_file: PathBuf,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWebhooks {
    #[serde(default)]
    allow: Vec<Spanned<String>>,
}

/// The hosts that webhooks may go to in a private network, on this machine or without TLS.
pub(super) fn allowed(raw: RawWebhooks, place: &Pointing<'_>) -> Result<Vec<String>, ConfigError> {
    raw.allow.into_iter().map(|host| bare_host(host, place)).collect()
}

/// Looks at every list at a processor of the file called `name`.
pub(super) fn check(
    name: &str,
    lists: &BTreeMap<String, Synced>,
    allowed: &[String],
) -> Result<(), ConfigError> {
    let fits = |(of, list): (&String, &Synced)| {
        check_list(list, allowed).map_err(|words| ConfigError(format!("{name}: [processor.{of}]: {words}")))
    };
    lists.iter().try_for_each(fits)
}

/// What is wrong with a list at a processor, if anything is.
fn check_list(list: &Synced, allowed: &[String]) -> Result<(), String> {
    crate::outward::check(&list.endpoint, allowed)?;
    let fits = list.list.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    if fits && !list.list.is_empty() {
        return Ok(());
    }
    Err("`list` is what the processor calls the list: letters and digits".to_owned())
}

/// The name or the IP address of a host, and nothing beside it.
fn bare_host(host: Spanned<String>, place: &Pointing<'_>) -> Result<String, ConfigError> {
    let name = host.get_ref();
    let fits = !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_:".contains(letter));
    if fits && (!name.contains(':') || name.parse::<IpAddr>().is_ok()) {
        return Ok(host.into_inner());
    }
    Err(place(host.span(), "the name of a host is needed here, or its IP address, without a port: `n8n.lan`"))
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    #[test]
    fn hosts_that_webhooks_may_go_to_are_named_without_anything_beside_them() {
        let allow = |hosts: &str| {
            Config::parse("probity.toml", &format!("[webhooks]\nallow = [{hosts}]\n"))
                .map(|config| config.webhooks)
        };
        assert_eq!(
            allow("\"n8n.lan\", \"10.0.0.7\", \"fd00::1\"").unwrap(),
            ["n8n.lan", "10.0.0.7", "fd00::1"]
        );
        for wrong in ["\"http://n8n.lan\"", "\"n8n.lan:5678\"", "\"\"", "\"*\""] {
            assert!(allow(wrong).unwrap_err().to_string().contains("without a port"), "{wrong}");
        }
    }

    #[test]
    fn a_list_at_a_processor_is_where_something_may_be_sent() {
        let text = "[processor.\"news sender\"]\nendpoint = \"https://us21.api.mailchimp.com\"\nlist = \"a1b2\"\n\
                    activity = \"news\"\nkey_file = \"/etc/probity/news\"\n";
        let config = Config::parse("probity.toml", text).unwrap();
        assert_eq!(config.processors["news sender"].list, "a1b2");
        for (from, to, words) in [
            ("https://us21", "http://us21", "in the clear"),
            ("us21.api.mailchimp.com", "10.0.0.7", "private network"),
            ("a1b2", "a/b", "letters and digits"),
        ] {
            let error = Config::parse("probity.toml", &text.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("news sender"), "{error}");
        }
    }
}
