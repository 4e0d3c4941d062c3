//! The house itself: reasons, encryption where things lie, passwords, who decides, and what people signed.

use std::io::Read;
use std::path::Path;

use jiff::civil::Date;

use super::{NAMED, Prover, Seen, named};
use crate::dialect::Dialect;
use crate::safe::Safe;
use crate::{Error, Result, attestation, files, life, params, setting};

/// What somebody signs where the database server's disk, not this program, encrypts.
pub const DISK: &str = "the disk of the database server is encrypted";
/// How a SQLite file begins that is not encrypted.
const PLAIN: &[u8] = b"SQLite format 3\0";
/// How each of our files begins, encrypted under its own key.
const SEALED: &[u8] = b"probity file 1\n";

impl Prover<'_, '_> {
    pub(super) fn reasons_stated(&self) -> Result<Seen> {
        let without = self.policy.activities.iter().filter(|activity| activity.because.is_empty());
        let broken =
            without.map(|activity| format!("nothing says why {} keeps data that long", activity.name));
        let reasons = self.policy.activities.iter().map(|activity| activity.because.len()).sum();
        Ok(Seen::of(reasons, "reasons for a period, one for each activity", broken.collect()))
    }

    /// Nobody was answered, and nothing erased at a person's wish, by the program alone.
    pub(super) fn people_decide(&self) -> Result<Seen> {
        let mut broken = self.tx.all(
            &format!(
                "SELECT q.id FROM request q WHERE q.answered_on IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM request_step s WHERE s.request_id = q.id AND s.step = 'answered' AND s.recorded_by IS NOT NULL)
                    AND NOT (q.channel = 'form' AND q.recorded_by IS NULL AND q.kind IN ('no contact', 'objection')
                        AND EXISTS (SELECT 1 FROM request_step s WHERE s.request_id = q.id AND s.step = 'stopped'))
                    ORDER BY q.id LIMIT {}",
                NAMED + 1
            ),
            &[],
            |row| Ok(format!("request {} was answered, and nobody's name stands behind the answer", row.int(0)?)),
        )?;
        broken.extend(self.tx.all(
            &format!(
                "SELECT id, on_date FROM certificate WHERE cause = 'erasure' AND staff_id IS NULL ORDER BY id LIMIT {}",
                NAMED + 1
            ),
            &[],
            |row| Ok(format!("certificate {} of {} names nobody who granted the erasure", row.int(0)?, row.date(1)?)),
        )?);
        let answered = self.count("SELECT COUNT(*) FROM request WHERE answered_on IS NOT NULL", &[])?;
        let erased = self.count("SELECT COUNT(*) FROM certificate WHERE cause = 'erasure'", &[])?;
        let figure = format!("{answered} answers and {erased} erasures, each decided by somebody");
        Ok(Seen { figure, broken: named(broken) })
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
        let (found, left) = files::names(self.store.data());
        broken.extend(left);
        let looked = found.len();
        for (path, name) in found {
            if head(&path, SEALED.len())? != SEALED {
                broken.push(format!("file {name} is not encrypted"));
            }
        }
        Ok(Seen::of(looked, "files and the database, encrypted where they lie", named(broken)))
    }

    /// Looks into the safe, as it lies there: how old the trees of keys are, and whether one still gives a key of
    /// somebody who was let go of after it began.
    pub(super) fn backups_forget(&self) -> Result<Seen> {
        let Some(stated) = &self.policy.backups else { return Ok(Seen::default()) };
        // What is asked first says of which moment the database is: the safe is never older than that.
        let practice = setting::get(self.tx, setting::PRACTICE)?;
        let safe = Safe::open(self.store)?;
        let mut broken = Vec::new();
        // A practice instance goes through its years by a clock of its own, and makes no backup by itself.
        if practice.is_none() {
            let day = |at| life::local_date(self.policy, at);
            let oldest = self.today.checked_sub(stated.kept).unwrap_or(self.today);
            let late = safe.trees.iter().filter(|tree| day(tree.began) < oldest);
            broken.extend(late.map(|tree| format!("backups of {} are past their time", day(tree.began))));
            let begun =
                self.tx.maybe("SELECT MIN(adopted_at) FROM policy_version", &[], |row| row.opt_at(0))?;
            let newest = safe.trees.iter().map(|tree| tree.last).max();
            let due = self.today.checked_sub(stated.every).and_then(Date::yesterday).unwrap_or(self.today);
            if newest.or(begun.flatten()).is_some_and(|at| day(at) < due) {
                broken.push(match newest {
                    Some(at) => format!("the newest backup is of {}", day(at)),
                    None => "there is no backup".to_owned(),
                });
            }
        }
        let first = safe.trees.iter().map(|tree| tree.began).min().unwrap_or(self.now);
        // Whose key is just being taken out of the trees is still in one; what stays so is found by what is left behind.
        let gone = self.tx.all(
            "SELECT c.person_number, MAX(c.at) FROM certificate c WHERE c.at > ?1
                AND NOT EXISTS (SELECT 1 FROM person p WHERE p.id = c.person_number)
                AND NOT EXISTS (SELECT 1 FROM ring_duty d WHERE d.table_name = 'person' AND d.row_id = c.person_number
                    AND d.what = 'gone') GROUP BY c.person_number",
            params![first],
            |row| Ok((row.int(0)?, row.at(1)?)),
        )?;
        for tree in &safe.trees {
            let after = gone.iter().filter(|(_, at)| *at > tree.began);
            broken.extend(after.filter(|(person, _)| tree.ring.gives(*person)).map(|(person, _)| {
                format!("backups of the tree {} could still give back {person}, who was let go of", tree.name)
            }));
        }
        let figure =
            format!("{} who were let go of, in none of {} trees of backups", gone.len(), safe.trees.len());
        Ok(Seen { figure, broken: named(broken) })
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
