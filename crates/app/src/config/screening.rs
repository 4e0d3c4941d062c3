//! `[screening.NAME]`: whoever answers whether a number is on a preference register, where no list of it is loaded or beside one: a
//! program of ours, or a service. Which registers count, and how old an answer may be, the policy says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, Pointing};

/// Whoever answers for a register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checker {
    /// How it is asked.
    pub way: Way,
    /// How long it may take to answer.
    pub patience: Duration,
    /// The processor of the policy that it is, where the number leaves the house.
    pub processor: Option<String>,
}

/// How it is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// By a program: the number on its standard input, the answer on its standard output.
    Program(PathBuf, Vec<String>),
    /// By HTTP: the number is what is posted.
    Service {
        /// The address.
        url: String,
        /// The file that holds the key it wants.
        key_file: Option<PathBuf>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChecker {
    command: Option<Spanned<Vec<String>>>,
    url: Option<Spanned<String>>,
    key_file: Option<PathBuf>,
    seconds: Option<Spanned<u64>>,
    processor: Option<String>,
}

/// An answer that takes longer than this comes too late for whoever waits to call; and a page on which several registers are asked about, one
/// after the other, is given up after a minute.
const SECONDS_MAX: u64 = 20;

/// Whoever answers, by the register's name.
pub(super) fn all(
    raw: BTreeMap<String, RawChecker>,
    place: &Pointing<'_>,
) -> Result<BTreeMap<String, Checker>, ConfigError> {
    let one = |(register, raw): (String, RawChecker)| {
        let checker = check(&register, raw, place)?;
        Ok((register, checker))
    };
    raw.into_iter().map(one).collect()
}

fn check(register: &str, raw: RawChecker, place: &Pointing<'_>) -> Result<Checker, ConfigError> {
    let seconds = match raw.seconds {
        None => 10,
        Some(seconds) if (1..=SECONDS_MAX).contains(seconds.get_ref()) => *seconds.get_ref(),
        Some(seconds) => return Err(place(seconds.span(), "between 1 second and 20")),
    };
    let way = match (raw.command, raw.url) {
        (Some(command), None) => {
            let span = command.span();
            let mut words = command.into_inner().into_iter();
            match words.next().map(PathBuf::from).filter(|program| program.is_absolute()) {
                Some(program) => Way::Program(program, words.collect()),
                None => {
                    return Err(place(
                        span,
                        "the program with its whole path, such as `[\"/usr/local/bin/numbers\"]`",
                    ));
                }
            }
        }
        (None, Some(url)) => {
            let text = url.get_ref().as_str();
            let here = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|here| {
                text.strip_prefix(here).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
            });
            let host = text.split('/').nth(2).unwrap_or_default();
            if host.contains('@') {
                return Err(place(url.span(), "a name or a password has no place here: write a `key_file`"));
            }
            if !(here || text.starts_with("https://")) {
                return Err(place(
                    url.span(),
                    "numbers never leave in the clear: write `https://` and an address",
                ));
            }
            if raw.processor.is_none() && !here {
                let words = "say which `processor` of the policy this is: the number leaves the house";
                return Err(place(url.span(), words));
            }
            Way::Service { url: url.into_inner(), key_file: raw.key_file }
        }
        (Some(_), Some(url)) => return Err(place(url.span(), "either a `command` or a `url`, not both")),
        (None, None) => {
            return Err(ConfigError(format!("`[screening.{register}]` needs either a `command` or a `url`")));
        }
    };
    Ok(Checker { way, patience: Duration::from_secs(seconds), processor: raw.processor })
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn read(says: &str) -> Result<Checker, ConfigError> {
        let config = Config::parse("probity.toml", &format!("[screening.tps]\n{says}"));
        config.map(|mut config| config.screening.remove("tps").unwrap())
    }

    #[test]
    fn a_program_or_a_service_answers() {
        let program = read("command = [\"/usr/local/bin/numbers\", \"tps\"]\n").unwrap();
        assert_eq!(program.way, Way::Program("/usr/local/bin/numbers".into(), vec!["tps".into()]));
        assert_eq!((program.patience, program.processor), (Duration::from_secs(10), None));
        let service = "url = \"https://numbers.example/tps\"\nprocessor = \"number checker\"\nseconds = 3\n";
        assert_eq!(read(service).unwrap().processor.as_deref(), Some("number checker"));
    }

    #[test]
    fn what_cannot_be_is_underlined() {
        for (says, words) in [
            ("", "either a `command` or a `url`"),
            ("command = []\n", "whole path"),
            ("command = [\"numbers\"]\n", "whole path"),
            ("url = \"http://numbers.example\"\nprocessor = \"x\"\n", "in the clear"),
            ("url = \"http://localhost.example\"\n", "in the clear"),
            ("url = \"http://localhost:80@numbers.example\"\n", "no place here"),
            ("url = \"https://numbers.example\"\n", "which `processor`"),
            ("command = [\"/bin/true\"]\nseconds = 0\n", "between 1 second and 20"),
        ] {
            let error = read(says).unwrap_err().to_string();
            assert!(error.contains(words), "{says}: {error}");
        }
    }
}
