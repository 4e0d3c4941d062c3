//! What was begun and what came of it, as messages of mailings are handed over: a line in a file of the data directory right before
//! the text of one goes over, and one once the mail server has answered. Nobody waits for the disk: what a program has written is
//! there after it was killed, and only a machine that went down may have lost it. So of whatever was in hand when the program was
//! killed it is known whether it left; uncertain is only what the mail server was being given. The file is locked for as long as
//! somebody hands over, so that two programs on one data directory never do at once. No line says anything of anybody but numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use custody::id::MessageId;

use crate::fault::Fault;

/// Its name in the data directory.
const NAME: &str = "outbox";

/// What tells one run of the machine from the next.
const RUN_OF_THE_MACHINE: &str = "/proc/sys/kernel/random/boot_id";

/// The file, locked.
pub(super) struct Journal {
    file: File,
}

/// What became of a message that was in hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Became {
    /// Nothing of it went over, or the mail server said that it did not take it.
    Waits,
    /// The mail server took it.
    Left,
    /// The mail server may have taken it.
    Unknown,
}

/// What a program before this one, or a turn before this one, left in the file.
#[derive(Debug, Default)]
pub(super) struct LeftOver {
    claims: BTreeSet<i64>,
    last: BTreeMap<i64, Became>,
    /// Whether everything that was written is there.
    whole: bool,
}

impl LeftOver {
    /// Whether a claim is one of those that it speaks of.
    pub(super) fn speaks_of(&self, claim: i64) -> bool {
        self.claims.contains(&claim)
    }

    /// Whether it speaks of any.
    pub(super) fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// What became of a message of one of its claims.
    pub(super) fn of(&self, message: MessageId) -> Became {
        match self.whole {
            true => self.last.get(&message.0).copied().unwrap_or(Became::Waits),
            false => Became::Unknown,
        }
    }

    fn read(text: &str, run: Option<&str>) -> Self {
        let mut found = Self::default();
        let mut lines = text.split_inclusive('\n');
        found.whole =
            run.is_some() && lines.next().and_then(|line| line.strip_prefix("run ")).map(str::trim) == run;
        for line in lines {
            // Of the last line the end may be missing: what it was to say had not happened yet.
            let Some(line) = line.strip_suffix('\n') else { break };
            let said =
                line.split_once(' ').and_then(|(word, number)| Some((word, number.parse::<i64>().ok()?)));
            match said {
                Some(("claim", claim)) => {
                    found.claims.insert(claim);
                }
                Some(("begins", message)) => {
                    found.last.insert(message, Became::Unknown);
                }
                Some(("left", message)) => {
                    found.last.insert(message, Became::Left);
                }
                Some(("waits", message)) => {
                    found.last.insert(message, Became::Waits);
                }
                _ => found.whole = false,
            }
        }
        found
    }
}

impl Journal {
    /// Opens it; nothing where somebody else hands over.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub(super) fn open(data: &Path) -> Result<Option<Self>, Fault> {
        let path = data.join(NAME);
        let opened = File::options().read(true).append(true).create(true).mode(0o600).open(&path);
        let file = opened.map_err(|error| trouble(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(trouble(&error)),
        }
    }

    /// What is in it.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub(super) fn left_over(&self) -> Result<LeftOver, Fault> {
        let mut bytes = Vec::new();
        let mut file = &self.file;
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(|error| trouble(&error))?;
        Ok(LeftOver::read(&String::from_utf8_lossy(&bytes), run().as_deref()))
    }

    /// Empties it: what it said is written down in the store.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub(super) fn begin_anew(&self) -> Result<(), Fault> {
        self.file.set_len(0).map_err(|error| trouble(&error))?;
        let run = run().unwrap_or_else(|| "unknown".to_owned());
        self.line(&format!("run {run}\n")).map_err(|error| trouble(&error))
    }

    /// Messages are about to be claimed under this number.
    ///
    /// # Errors
    /// Whatever the disk says, and then none may be.
    pub(super) fn claims(&self, claim: i64) -> Result<(), Fault> {
        self.line(&format!("claim {claim}\n")).map_err(|error| trouble(&error))
    }

    /// The text of a message is about to go over.
    ///
    /// # Errors
    /// Whatever the disk says, and then it may not.
    pub(super) fn begins(&self, message: MessageId) -> std::io::Result<()> {
        self.line(&format!("begins {message}\n"))
    }

    /// The mail server took it.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub(super) fn left(&self, message: MessageId) -> std::io::Result<()> {
        self.line(&format!("left {message}\n"))
    }

    /// The mail server did not take it.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub(super) fn waits(&self, message: MessageId) -> std::io::Result<()> {
        self.line(&format!("waits {message}\n"))
    }

    /// A line in one piece: several threads write.
    fn line(&self, line: &str) -> std::io::Result<()> {
        (&self.file).write_all(line.as_bytes())
    }
}

/// What this run of the machine is known by; nothing where the system does not say.
fn run() -> Option<String> {
    let said = std::fs::read_to_string(RUN_OF_THE_MACHINE).ok()?;
    Some(said.trim().to_owned()).filter(|said| !said.is_empty())
}

fn trouble(error: &std::io::Error) -> Fault {
    Fault::Other(format!("the file {NAME} in the data directory cannot be used: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{Became, Journal, LeftOver, MessageId};

    #[test]
    fn what_was_begun_and_not_answered_is_unknown_and_nothing_else() {
        let said = "run one\nclaim 7\nbegins 1\nleft 1\nbegins 2\nwaits 2\nbegins 3\nbegins 4\nwaits 4\nbegins 4\nleft 5";
        let found = LeftOver::read(said, Some("one"));
        assert!(found.speaks_of(7) && !found.speaks_of(8) && !found.is_empty());
        let became = [1, 2, 3, 4, 5, 6].map(|message| found.of(MessageId(message)));
        let (left, waits, unknown) = (Became::Left, Became::Waits, Became::Unknown);
        assert_eq!(became, [left, waits, unknown, unknown, waits, waits]);
    }

    #[test]
    fn after_the_machine_went_down_everything_in_hand_is_unknown() {
        let said = "run one\nclaim 7\nbegins 1\nleft 1\n";
        for run in [Some("two"), None] {
            let found = LeftOver::read(said, run);
            assert!(found.speaks_of(7));
            assert_eq!(found.of(MessageId(1)), Became::Unknown, "{run:?}");
        }
        let torn = LeftOver::read("run one\nclaim 7\nbegins 1begins 2\n", Some("one"));
        assert_eq!(torn.of(MessageId(3)), Became::Unknown, "a line that says nothing");
        assert!(LeftOver::read("", Some("one")).is_empty());
    }

    #[test]
    fn one_at_a_time_has_it() {
        let data = tempfile::tempdir().unwrap();
        let journal = Journal::open(data.path()).unwrap().unwrap();
        assert!(Journal::open(data.path()).unwrap().is_none());
        journal.begin_anew().unwrap();
        journal.claims(7).unwrap();
        journal.begins(MessageId(1)).unwrap();
        drop(journal);
        let journal = Journal::open(data.path()).unwrap().unwrap();
        let found = journal.left_over().unwrap();
        assert_eq!(
            (found.speaks_of(7), found.of(MessageId(1)), found.of(MessageId(2))),
            (true, Became::Unknown, Became::Waits)
        );
        journal.begin_anew().unwrap();
        assert!(journal.left_over().unwrap().is_empty());
    }
}
