//! What whoever got somebody's details from us is told, or asked for (UK GDPR Art 19): a word of the program for each, in a column of
//! its own beside the recipient. The sentence of a task is made from them; nothing reads it back, but once, where an older program
//! wrote the sentence alone.

use custody::life::StopCause;

use crate::task::{Kind, NewTask};
use crate::{Result, Tx, params};

/// What stands with a task of telling that nobody can do any more, before the reason: it says of nobody whom it is about.
pub const UNTOLD: &str = "could no longer be told: ";

/// What a recipient is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Telling {
    /// A detail was put right.
    Corrected,
    /// What they got is erased.
    Erased,
    /// What they got may only be stored for now.
    Restricted,
    /// The person objected, and it has stopped.
    Stopped,
    /// The person took back what they had agreed to, and it has stopped.
    Withdrawn,
    /// What may only have been stored may be used again: it was weighed, and goes on.
    GoesOn,
    /// What may only have been stored may be used again: the restriction was lifted.
    Lifted,
    /// To confirm that no copy is left, now that their leave has ended.
    NoCopy,
    /// To take somebody out of the audience of a network, who may be in it no more.
    TakenOut,
}

impl Telling {
    /// Every one, with its name in the database.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Corrected, "corrected"),
        (Self::Erased, "erased"),
        (Self::Restricted, "restricted"),
        (Self::Stopped, "stopped"),
        (Self::Withdrawn, "withdrawn"),
        (Self::GoesOn, "goes on"),
        (Self::Lifted, "lifted"),
        (Self::NoCopy, "no copy"),
        (Self::TakenOut, "taken out"),
    ];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(telling, _)| *telling == self).map_or("", |(_, name)| name)
    }

    /// What a recipient is told where the person themselves ended what a ground covered.
    pub(crate) fn of_their_word(cause: &StopCause) -> Option<Self> {
        match cause {
            StopCause::Withdrawn => Some(Self::Withdrawn),
            StopCause::Objected => Some(Self::Stopped),
            StopCause::Erased => Some(Self::Erased),
            StopCause::Event(event) if event == "consent withdrawn" => Some(Self::Withdrawn),
            StopCause::Event(event) if event == "objected" || event == "unsubscribed" => Some(Self::Stopped),
            _ => None,
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(telling, _)| *telling)
    }

    /// What became of the details, as a task and a letter say it: `the phone we passed on is corrected`. `detail` is what was put right.
    #[must_use]
    pub fn words(self, detail: &str) -> String {
        match self {
            Self::Corrected => format!("the {detail} we passed on is corrected"),
            Self::Erased => "the details we passed on are erased".to_owned(),
            Self::Restricted => "what we passed on may only be stored for now, and not be used".to_owned(),
            Self::Stopped => {
                "they objected and we have stopped: what we passed on is to be used no more, and erased"
                    .to_owned()
            }
            Self::Withdrawn => {
                "they took back what they had agreed to, and we have stopped: what we passed on is to be used no more, and erased"
                    .to_owned()
            }
            Self::GoesOn => {
                "what was in doubt has been weighed and goes on: what we passed on may be used again, as before"
                    .to_owned()
            }
            Self::Lifted => {
                "the restriction of what we passed on has ended: it may be used again, as far as it might be before".to_owned()
            }
            Self::NoCopy => "confirm that no copy of what they got is left".to_owned(),
            Self::TakenOut => "them taken out of the audience at".to_owned(),
        }
    }

    /// What somebody has to do.
    #[must_use]
    pub fn task(self, recipient: &str, detail: &str) -> String {
        match self {
            Self::NoCopy => format!("Have {recipient} {}", self.words(detail)),
            Self::TakenOut => format!("Have {} {recipient}", self.words(detail)),
            _ => format!("Tell {recipient} that {}", self.words(detail)),
        }
    }

    /// A task of it, of which `what` is [`Telling::task`].
    #[must_use]
    pub fn new_task<'a>(self, (recipient, detail): (&'a str, Option<&'a str>), what: &'a str) -> NewTask<'a> {
        let asks = matches!(self, Self::NoCopy | Self::TakenOut);
        let kind = if asks { Kind::Other } else { Kind::TellRecipient };
        NewTask { recipient: Some(recipient), told: Some(self), detail, ..NewTask::new(kind, what) }
    }
}

/// Fills the columns of tasks that an older program wrote with the sentence alone. It changes no other.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn fill(tx: &Tx<'_>) -> Result<()> {
    let sql = "SELECT id, what FROM task WHERE told IS NULL AND recipient IS NULL AND kind IN ('tell recipient', 'other') ORDER BY id";
    for (id, what) in tx.all(sql, &[], |row| Ok((row.int(0)?, row.text(1)?)))? {
        if let Some((recipient, telling, detail)) = said(&what) {
            tx.exec(
                "UPDATE task SET recipient = ?2, told = ?3, detail = ?4 WHERE id = ?1",
                params![id, recipient, telling.name(), detail],
            )?;
        }
    }
    Ok(())
}

/// Whom and what such a sentence names.
fn said(what: &str) -> Option<(&str, Telling, Option<&str>)> {
    let no_copy = format!(" {}", Telling::NoCopy.words(""));
    if let Some(recipient) = what.strip_prefix("Have ").and_then(|rest| rest.strip_suffix(&no_copy)) {
        return Some((recipient, Telling::NoCopy, None));
    }
    let taken_out = format!("Have {} ", Telling::TakenOut.words(""));
    if let Some(recipient) = what.strip_prefix(&taken_out) {
        return Some((recipient, Telling::TakenOut, None));
    }
    let (recipient, words) = what.strip_prefix("Tell ")?.split_once(" that ")?;
    let (before, after) = ("the ", " we passed on is corrected");
    if let Some(detail) = words.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) {
        return Some((recipient, Telling::Corrected, Some(detail)));
    }
    let known = Telling::ALL.iter().map(|(telling, _)| *telling).find(|telling| telling.words("") == words);
    known.map(|telling| (recipient, telling, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_of_before_names_whom_and_what() {
        for (telling, name) in Telling::ALL {
            assert_eq!(Telling::named(name), Some(*telling));
            let detail = if *telling == Telling::Corrected { "phone" } else { "" };
            let sentence = telling.task("the coach", detail);
            assert_eq!(
                said(&sentence),
                Some(("the coach", *telling, Some(detail).filter(|said| !said.is_empty())))
            );
        }
        for other in
            ["Tell them, by letter, that it ended", "Have whoever looks after it put it right", "Call back"]
        {
            assert_eq!(said(other), None, "{other}");
        }
    }
}
