//! What `probity.toml` says of places outside the instance: where backups go, where the safe goes, and how buckets are
//! reached. Keys are in files of their own or in the environment; neither this file nor the command line has any.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use store::keys::private_text;
use store::place::{Bucket, Place, Reach, SCHEME, bucket};
use toml::Spanned;
use zeroize::Zeroizing;

use super::{Config, ConfigError, Pointing};

/// The region where none is said, as most stores that have none want it.
const REGION: &str = "us-east-1";

/// Where backups and their safe go.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Backups {
    /// Where backups are written, `DATA/backups` unless said.
    pub to: Option<Named>,
    /// Places that each get the latest version of the safe, for when this machine is lost. Never where the backups are.
    pub safe: Vec<Named>,
    /// After how many days somebody should try a restore again: [`super::DRILL_DAYS`] unless said.
    pub drill_days: Option<u32>,
}

/// A place by its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Named {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, `s3://NAME` or `s3://NAME/PREFIX`.
    Bucket(String),
}

/// How a bucket is reached; what is not said comes from the environment.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// The address of the store: `https://s3.eu-west-2.amazonaws.com`.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// The file that holds the key's name and its secret, one a line.
    pub key_file: Option<PathBuf>,
    /// The certificate of the authority that signed the store's.
    pub authority: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBackups {
    to: Option<Spanned<String>>,
    #[serde(default)]
    safe: Vec<Spanned<String>>,
    drill_days: Option<u32>,
}

impl Named {
    /// A folder, or a bucket where it begins as the name of one does.
    ///
    /// # Errors
    /// In words, if it is no name of a bucket.
    pub fn read(text: &str) -> Result<Self, String> {
        if !text.starts_with(SCHEME) {
            return Ok(Self::Folder(text.into()));
        }
        bucket::parts(text)?;
        Ok(Self::Bucket(text.trim_end_matches('/').to_owned()))
    }

    /// Whether one lies in the other. A bucket is kept and copied as a whole, whatever prefixes are in it.
    fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Folder(one), Self::Folder(other)) => one.starts_with(other) || other.starts_with(one),
            (Self::Bucket(one), Self::Bucket(other)) => {
                let of = |text| bucket::parts(text).map(|(name, _)| name);
                of(one) == of(other)
            }
            _ => false,
        }
    }
}

pub(super) fn check(raw: RawBackups, place: &Pointing<'_>) -> Result<Backups, ConfigError> {
    let named = |text: &Spanned<String>| match Named::read(text.get_ref()) {
        Ok(Named::Folder(folder)) if folder.is_relative() => Err(place(
            text.span(),
            "a folder is named from the root here, such as `/mnt/backups`, and a bucket `s3://cti-backups`",
        )),
        Ok(named) => Ok(named),
        Err(words) => Err(place(text.span(), &words)),
    };
    let to = raw.to.as_ref().map(named).transpose()?;
    let mut safe = Vec::new();
    for text in &raw.safe {
        let second = named(text)?;
        if to.as_ref().is_some_and(|to| to.overlaps(&second)) {
            return Err(place(
                text.span(),
                "the safe must lie apart from the backups: an old copy of both together would bring back what was erased",
            ));
        }
        safe.push(second);
    }
    Ok(Backups { to, safe, drill_days: raw.drill_days })
}

impl Config {
    /// The place of a name, with the key to it. What is wrong with the key is said by whatever is done there first.
    ///
    /// # Errors
    /// In words, if it is no name of a bucket.
    pub fn place(&self, named: &Named) -> Result<Place, String> {
        match named {
            Named::Folder(folder) => Ok(Place::Folder(folder.clone())),
            Named::Bucket(text) => Ok(Place::Bucket(Bucket::named(text, |name| reach(&self.buckets, name))?)),
        }
    }
}

fn reach(buckets: &BTreeMap<String, Reached>, name: &str) -> Result<Reach, String> {
    let said = buckets.get(name).cloned().unwrap_or_default();
    let around =
        |what: &str| std::env::var(format!("PROBITY_S3_{what}")).ok().filter(|text| !text.is_empty());
    let endpoint = said.endpoint.or_else(|| around("ENDPOINT")).ok_or_else(|| {
        format!("nothing says at which store this bucket is: write `endpoint` under [bucket.{name}] in probity.toml, or set PROBITY_S3_ENDPOINT")
    })?;
    let (key, secret) = match &said.key_file {
        Some(path) => {
            let text = private_text(path).map_err(|error| error.to_string())?;
            let mut lines = text.split_whitespace();
            match (lines.next(), lines.next(), lines.next()) {
                (Some(key), Some(secret), None) => (key.to_owned(), Zeroizing::new(secret.to_owned())),
                _ => {
                    return Err(format!(
                        "{} needs two lines: the name of the key, and its secret",
                        path.display()
                    ));
                }
            }
        }
        None => match (around("KEY"), around("SECRET")) {
            (Some(key), Some(secret)) => (key, Zeroizing::new(secret)),
            _ => {
                return Err(format!(
                    "there is no key for this bucket: name its file as `key_file` under [bucket.{name}] in probity.toml, or set \
                     PROBITY_S3_KEY and PROBITY_S3_SECRET"
                ));
            }
        },
    };
    let region = said.region.or_else(|| around("REGION")).unwrap_or_else(|| REGION.to_owned());
    let authority = said.authority.or_else(|| around("AUTHORITY").map(PathBuf::from));
    Ok(Reach { endpoint, region, key, secret, authority })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, ConfigError> {
        Config::parse("probity.toml", text)
    }

    #[test]
    fn the_safe_never_lies_with_the_backups() {
        let text = "[backups]\nto = \"/mnt/a\"\nsafe = [\"/mnt/b\"]\n";
        let read = config(text).unwrap();
        assert_eq!(read.backups.safe, [Named::Folder(PathBuf::from("/mnt/b"))]);
        for wrong in ["/mnt/a", "/mnt/a/safe", "/mnt", "b", "s3://", "s3://a b", "s3://abc/../d"] {
            assert!(config(&text.replace("/mnt/b", wrong)).is_err(), "{wrong}");
        }
        let text = text.replace("/mnt/a", "s3://cti-backups/probity");
        config(&text.replace("/mnt/b", "s3://cti-safe/")).unwrap();
        for wrong in ["s3://cti-backups", "s3://cti-backups/safe", "s3://cti-backups/probity/"] {
            let error = config(&text.replace("/mnt/b", wrong)).unwrap_err();
            assert!(error.to_string().contains("must lie apart"), "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_to_reach_a_bucket_is_said_when_it_is_used() {
        let said = |text: &str| {
            let read = config(&format!("[backups]\nto = \"s3://cti-backups\"\n{text}")).unwrap();
            read.place(read.backups.to.as_ref().unwrap()).unwrap().list().unwrap_err().to_string()
        };
        assert!(said("").contains("write `endpoint` under [bucket.cti-backups]"), "{}", said(""));
        let section = "[bucket.cti-backups]\nendpoint = \"https://s3.cti.example\"\n";
        assert!(said(section).contains("name its file as `key_file`"));
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        std::fs::write(&file, "only-one-line\n").unwrap();
        let with_file = format!("{section}key_file = {file:?}\n");
        assert!(said(&with_file).contains("chmod 600"), "{}", said(&with_file));
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        assert!(said(&with_file).contains("needs two lines"), "{}", said(&with_file));
        std::fs::write(&file, "a key\n").unwrap();
        let in_clear = with_file.replace("https://", "http://");
        assert!(said(&in_clear).contains("in the clear"), "{}", said(&in_clear));
        let a_path = with_file.replace("s3.cti.example", "s3.cti.example/path");
        assert!(said(&a_path).contains("without a path"), "{}", said(&a_path));
        assert!(
            config("[bucket.cti-backups]\nsecret = \"in clear\"\n").is_err(),
            "a secret has no place in it"
        );
    }
}
