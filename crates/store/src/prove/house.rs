//! The house itself: what the notice says, encryption where things lie, passwords, and what people signed.

use std::io::Read;
use std::path::Path;

use policy::{Policy, notice};

use super::{Prover, Seen, named};
use crate::dialect::Dialect;
use crate::{Error, Result, attestation, files, policy_version};

/// What somebody signs where the database server's disk, not this program, encrypts.
pub const DISK: &str = "the disk of the database server is encrypted";
/// How a SQLite file begins that is not encrypted.
const PLAIN: &[u8] = b"SQLite format 3\0";
/// How each of our files begins, encrypted under its own key.
const SEALED: &[u8] = b"probity file 1\n";

impl Prover<'_, '_> {
    pub(super) fn notice_says(&self, part: &str) -> Result<Seen> {
        let adopted = match policy_version::in_force(self.tx, self.today) {
            Ok(adopted) => adopted,
            Err(Error::Missing) => {
                return Ok(Seen::of(
                    0,
                    "versions adopted",
                    vec!["no version of the policy was adopted".to_owned()],
                ));
            }
            Err(error) => return Err(error),
        };
        let version = adopted.version;
        let (Some(policy), _) = Policy::read(adopted.files) else {
            return Ok(Seen::of(
                0,
                "versions that can be read",
                vec![format!("version {version} of the policy cannot be read")],
            ));
        };
        let text = notice::to_markdown(&notice::of(&policy));
        let wanted: Vec<&str> = match part {
            "contact" => {
                let contact = &policy.contact;
                [Some(contact.email.as_str()), contact.phone.as_deref(), contact.address.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            "complaints" => vec!["Information Commissioner"],
            "ordered" => policy.activities.iter().map(|activity| activity.title.as_str()).collect(),
            "decisions" => vec!["A person decides"],
            _ => vec![policy.controller.as_str()],
        };
        let missing = wanted.iter().filter(|words| words.trim().is_empty() || !text.contains(**words));
        let broken =
            missing.map(|_| format!("the notice of version {version} does not state the {part}")).collect();
        Ok(Seen { figure: format!("notice of version {version}, in force from {}", policy.from), broken })
    }

    pub(super) fn reasons_stated(&self) -> Result<Seen> {
        let without = self.policy.activities.iter().filter(|activity| activity.because.is_empty());
        let broken =
            without.map(|activity| format!("nothing says why {} keeps data that long", activity.name));
        let reasons = self.policy.activities.iter().map(|activity| activity.because.len()).sum();
        Ok(Seen::of(reasons, "reasons for a period, one for each activity", broken.collect()))
    }

    pub(super) fn encrypted_at_rest(&self) -> Result<Seen> {
        let mut broken = Vec::new();
        match self.store.dialect() {
            Dialect::Sqlite => {
                for name in ["probity.db", "probity.db-wal", "probity-views.db", "probity-views.db-wal"] {
                    let path = self.store.data().join(name);
                    if path.exists() && reads_plain(&path)? {
                        broken.push(format!("{name} is not encrypted"));
                    }
                }
            }
            Dialect::Postgres => {
                let signed = attestation::latest(self.tx, DISK)?;
                if signed.is_none_or(|signed| signed.lapses_on < self.today) {
                    broken.push(format!("nobody has signed that {DISK}"));
                }
            }
        }
        let found = files::names(self.store.data())?;
        let looked = found.len();
        for (path, name) in found {
            if head(&path, SEALED.len())? != SEALED {
                broken.push(format!("file {name} is not encrypted"));
            }
        }
        Ok(Seen::of(looked, "files and the database, encrypted where they lie", named(broken)))
    }

    pub(super) fn password_policy(&self, at_least: u16) -> Result<Seen> {
        let accounts = self.tx.all(
            "SELECT id, password FROM staff WHERE password IS NOT NULL AND until IS NULL ORDER BY id",
            &[],
            |row| Ok((row.int(0)?, row.text(1)?)),
        )?;
        let plain = accounts.iter().filter(|(_, hash)| !hash.starts_with("$argon2id$"));
        let broken =
            plain.map(|(id, _)| format!("the password of account {id} is not kept as a slow hash")).collect();
        let words =
            format!("passwords as slow hashes, each refused under {at_least} characters when it was set");
        Ok(Seen::of(accounts.len(), &words, named(broken)))
    }

    pub(super) fn attested(&self, attestation: usize) -> Result<Seen> {
        let Some(asked) = self.policy.attestations.get(attestation) else { return Ok(Seen::default()) };
        let what = &asked.what;
        Ok(match attestation::latest(self.tx, what)? {
            Some(signed) if signed.lapses_on >= self.today && signed.role == asked.by => Seen {
                figure: format!("signed {} that {what}, until {}", signed.on, signed.lapses_on),
                broken: Vec::new(),
            },
            Some(signed) if signed.lapses_on < self.today => Seen {
                figure: String::new(),
                broken: vec![format!("the signature that {what} lapsed on {}", signed.lapses_on)],
            },
            _ => Seen { figure: String::new(), broken: vec![format!("nobody has signed that {what}")] },
        })
    }
}

fn head(path: &Path, length: usize) -> Result<Vec<u8>> {
    let mut start = Vec::with_capacity(length);
    let file = std::fs::File::open(path).map_err(|error| Error::file(path, error))?;
    file.take(length as u64).read_to_end(&mut start).map_err(|error| Error::file(path, error))?;
    Ok(start)
}

/// Whether a database file or its log can be read without a key: it begins as SQLite's do, or a statement of
/// the schema stands in its first pages.
fn reads_plain(path: &Path) -> Result<bool> {
    let start = head(path, 64 * 1024)?;
    let contains = |needle: &[u8]| start.windows(needle.len()).any(|window| window == needle);
    Ok(start.starts_with(PLAIN) || contains(PLAIN) || contains(b"CREATE TABLE"))
}
