//! `[[sender]]`: addresses that mail leaves from beside `from` under `[smtp]`, each perhaps for some channels of the policy alone.

use lettre::message::Mailbox;
use serde::Deserialize;
use toml::Spanned;

use super::{Config, ConfigError, Pointing};

/// An address that mail leaves from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetUp {
    /// The address, with a name before it: `CTI News <news@cti.example>`.
    pub from: String,
    /// The channels whose mail leaves from it, and no other mail; empty where any may.
    pub channels: Vec<String>,
}

impl SetUp {
    /// The domain that mail from it comes from.
    #[must_use]
    pub fn domain(&self) -> Option<String> {
        bare(&self.from).map(|address| domain(&address).to_owned())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSetUp {
    from: Spanned<String>,
    #[serde(default)]
    channels: Vec<String>,
}

/// The address alone, in small letters; nothing where it is none.
fn bare(from: &str) -> Option<String> {
    from.trim().parse::<Mailbox>().ok().map(|parsed| parsed.email.to_string().to_lowercase())
}

fn domain(bare: &str) -> &str {
    bare.rsplit('@').next().unwrap_or_default()
}

/// Takes those that are of the domain of `from`, or of one below it: for that our mail server answers, and others do not take
/// from it what says that it comes from elsewhere.
pub(super) fn check(
    raw: Vec<RawSetUp>,
    from: Option<&str>,
    place: &Pointing<'_>,
) -> Result<Vec<SetUp>, ConfigError> {
    let mut taken: Vec<SetUp> = Vec::new();
    let ours = from.and_then(bare);
    for RawSetUp { from, channels } in raw {
        let Some(address) = bare(from.get_ref()) else {
            return Err(place(
                from.span(),
                "an e-mail address is needed here, such as `CTI News <news@cti.example>`",
            ));
        };
        let Some(ours) = &ours else {
            return Err(place(
                from.span(),
                "no mail leaves without `[smtp]`: set its `host` and `from` first",
            ));
        };
        let (theirs, ours) = (domain(&address), domain(ours));
        if theirs != ours && !theirs.ends_with(&format!(".{ours}")) {
            return Err(place(
                from.span(),
                "its domain is not that of `from` under `[smtp]`, nor below it: other servers would not take mail from it",
            ));
        }
        if taken.iter().any(|other| bare(&other.from).as_deref() == Some(address.as_str())) {
            return Err(place(from.span(), "this address stands here twice"));
        }
        taken.push(SetUp { from: from.into_inner().trim().to_owned(), channels });
    }
    Ok(taken)
}

impl Config {
    /// The addresses that mail of a channel may leave from, the one it leaves from where nobody chooses first: its own, where it
    /// has any; else `from` under `[smtp]`, and those that are for any channel. None where no mail leaves.
    #[must_use]
    pub fn senders(&self, channel: &str) -> Vec<&str> {
        let Some(smtp) = &self.smtp else { return Vec::new() };
        let own = self.senders.iter().filter(|sender| sender.channels.iter().any(|one| one == channel));
        let own: Vec<&str> = own.map(|sender| sender.from.as_str()).collect();
        if !own.is_empty() {
            return own;
        }
        let any = self.senders.iter().filter(|sender| sender.channels.is_empty());
        std::iter::once(smtp.from.as_str()).chain(any.map(|sender| sender.from.as_str())).collect()
    }

    /// What mail of a channel leaves from: what was chosen, while that is still set up for it; else what it leaves from where nobody
    /// chooses. Nothing where no mail leaves.
    #[must_use]
    pub fn sender(&self, channel: &str, chosen: Option<&str>) -> Option<&str> {
        let senders = self.senders(channel);
        let still = senders.iter().find(|sender| Some(**sender) == chosen);
        still.or(senders.first()).copied()
    }

    /// Whether mail leaves from this address.
    #[must_use]
    pub fn sends_from(&self, address: &str) -> bool {
        let from = self.smtp.iter().map(|smtp| &smtp.from);
        let mut all = from.chain(self.senders.iter().map(|sender| &sender.from));
        all.any(|from| bare(from).is_some_and(|from| from.eq_ignore_ascii_case(address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMTP: &str = "[smtp]\nhost = \"mail.cti.example\"\nfrom = \"CTI <hello@cti.example>\"\n";

    fn read(senders: &str) -> Result<Config, ConfigError> {
        Config::parse("probity.toml", &format!("{SMTP}{senders}"))
    }

    #[test]
    fn each_channel_leaves_from_what_is_set_up_for_it() {
        let config = read(
            "[[sender]]\nfrom = \"CTI News <news@cti.example>\"\nchannels = [\"mailing\"]\n\
             [[sender]]\nfrom = \"Courses <courses@post.cti.example>\"\n",
        )
        .unwrap();
        let (hello, courses) = ("CTI <hello@cti.example>", "Courses <courses@post.cti.example>");
        assert_eq!(config.senders("mailing"), ["CTI News <news@cti.example>"]);
        assert_eq!(config.senders("email"), [hello, courses]);
        assert_eq!(config.sender("email", None), Some(hello));
        assert_eq!(config.sender("email", Some(courses)), Some(courses));
        for gone in ["CTI News <news@cti.example>", "Old <old@cti.example>"] {
            assert_eq!(config.sender("email", Some(gone)), Some(hello), "it is set up for this no more");
        }
        for ours in ["hello@cti.example", "NEWS@cti.example", "courses@post.cti.example"] {
            assert!(config.sends_from(ours), "{ours}");
        }
        assert!(!config.sends_from("tara@cti.example"));
        assert!(Config::parse("probity.toml", "").unwrap().sender("mailing", None).is_none());
    }

    #[test]
    fn an_address_that_mail_could_not_leave_from_is_pointed_at() {
        for (from, said) in [
            ("news", "an e-mail address is needed"),
            ("News <news@other.example>", "its domain is not that"),
            ("News <news@evilcti.example>", "its domain is not that"),
        ] {
            let error = read(&format!("[[sender]]\nfrom = \"{from}\"\n")).unwrap_err();
            assert!(error.to_string().contains(said) && error.to_string().contains(from), "{error}");
        }
        let twice =
            "[[sender]]\nfrom = \"news@cti.example\"\n[[sender]]\nfrom = \"News <News@cti.example>\"\n";
        assert!(read(twice).unwrap_err().to_string().contains("twice"));
        let alone = Config::parse("probity.toml", "[[sender]]\nfrom = \"news@cti.example\"\n");
        assert!(alone.unwrap_err().to_string().contains("without `[smtp]`"));
    }
}
