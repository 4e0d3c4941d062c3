//! Mailings as they leave: many messages are decided again, claimed and, once they are handed over, written down in one transaction,
//! while others of them go over on several kept connections.
//!
//! A decision still holds at the moment of leaving. Each message is decided for as it is claimed, and looked at once more before it is
//! handed over: whether anything at all was done to its person since, whether anybody said no at any address, whether an organisation
//! is another, its mailing pauses or was called back, another policy is in force or the day is over. Where that is so it waits again,
//! and is decided for anew. No message begins to go over on a look older than [`LOOK_AGAIN`], and when it left is the moment of that
//! look: so what was said before it counts.
//!
//! What is begun and what came of it is in the [`journal`](super::journal) before it is in the store: killed in the middle, the program
//! knows of each message whether it left, but for those that the mail server was just being given. Those are uncertain.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use custody::id::{MessageId, PersonId};
use jiff::Timestamp;
use store::message::{self, many};
use store::{Tx, log};

use super::deciding::{Around, Claim};
use super::desk::{AT_ONCE, Came, Desk, Group, News, Ready};
use super::journal::Journal;
use super::{Handed, deciding, hand_over, passes, put_off, settled};
use crate::acts::picture::Leaving;
use crate::config::Smtp;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::{SendError, Sender, Stage};

/// How many connections to the mail server are kept.
const CONNECTIONS: usize = 4;

/// How long a look holds.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What everybody of a turn has before them.
struct Turn<'a> {
    instance: &'a Instance,
    desk: Desk,
    journal: Journal,
    until: Instant,
    /// One looks at a time: each reading connection to a database has memory of its own.
    looking: Mutex<()>,
}

/// The connections of a turn, opened as they are needed.
pub(super) fn senders(smtp: &Smtp, first: Sender) -> Vec<Sender> {
    let mut all = vec![first];
    all.extend((1..CONNECTIONS).filter_map(|_| Sender::new(smtp).ok()));
    all
}

/// Hands over what waits of mailings, until mail to one person waits, the mail server takes no more or the time is over. How many
/// messages were handed over, and whether it makes sense to go on.
///
/// # Errors
/// Whatever the store says, and the disk of the journal.
pub(super) fn leave(
    instance: &Instance,
    (senders, from): (&[Sender], &str),
    until: Instant,
    pictures: &mut Leaving,
) -> Result<(usize, bool), Fault> {
    let now = instance.clock.now();
    if instance.store.read(|tx| message::waiting_of_mailings(tx, now, 1))?.is_empty() {
        return Ok((0, true));
    }
    // Somebody else hands over on this data directory.
    let Some(journal) = Journal::open(instance.store.data())? else { return Ok((0, false)) };
    settled::written_down(instance, &journal)?;
    journal.begin_anew()?;
    let desk = Desk::of(senders.len());
    let turn = &Turn { instance, desk, journal, until, looking: Mutex::default() };
    let handed = std::thread::scope(|threads| {
        // Whatever goes wrong from here on, nobody waits for more.
        let _open = turn.desk.open();
        for sender in senders {
            threads.spawn(move || turn.hands_over(sender));
        }
        turn.lead(from, pictures)
    })?;
    turn.journal.begin_anew()?;
    Ok((handed, turn.desk.goes_on() && Instant::now() <= until))
}

impl Turn<'_> {
    /// Claims what waits and writes down what came of it, until nothing is in hand any more. How many were handed over.
    fn lead(&self, from: &str, pictures: &mut Leaving) -> Result<usize, Fault> {
        let (mut handed, mut more_wait) = (0, true);
        loop {
            let news = self.desk.news();
            handed += news.came.len();
            // What became of those it had, and of these, is in the journal.
            if self.desk.broke_off() {
                return Err(Fault::Other("what hands messages over broke off".to_owned()));
            }
            let more = more_wait && self.desk.goes_on() && Instant::now() <= self.until;
            let wanted = if more && self.desk.room() >= AT_ONCE { AT_ONCE } else { 0 };
            if wanted > 0 || !news.is_empty() {
                let (groups, found) = self.step(&news, wanted, from, pictures)?;
                // Where fewer wait than there is room for, the next are looked for when these have left.
                more_wait &= wanted == 0 || found == wanted;
                self.desk.written();
                self.desk.lay(groups);
            } else if self.desk.is_clear() {
                return Ok(handed);
            } else {
                self.desk.written();
                self.desk.wait(more);
            }
        }
    }

    /// Writes down what came of some and claims so many more, in one transaction. What was claimed, and how many waited.
    fn step(
        &self,
        news: &News,
        wanted: usize,
        from: &str,
        pictures: &mut Leaving,
    ) -> Result<(Vec<Group>, usize), Fault> {
        let instance = self.instance;
        let claim = Claim::begin(instance)?;
        if wanted > 0 {
            self.journal.claims(claim.number)?;
        }
        let together = instance.store.write(|tx| {
            settled::settle(instance, tx, news)?;
            let some = waiting(instance, tx, wanted)?;
            Ok::<_, Fault>((
                deciding::claim(instance, tx, (some.as_slice(), claim), from, pictures)?,
                some.len(),
            ))
        });
        let fault = match together {
            Ok(claimed) => return Ok(claimed),
            Err(fault) => fault,
        };
        // What became of others is known, whatever is wrong with one of the next; and that one keeps nobody else's.
        instance.store.write(|tx| settled::settle(instance, tx, news))?;
        if passes(&fault) {
            self.desk.enough();
            return Ok((Vec::new(), 0));
        }
        tracing::warn!(%fault, "messages could not be taken in hand together, and are one by one");
        let some = instance.store.read(|tx| waiting(instance, tx, wanted))?;
        let mut groups = Vec::new();
        for message in &some {
            let these = std::slice::from_ref(message);
            match instance.store.write(|tx| deciding::claim(instance, tx, (these, claim), from, pictures)) {
                Ok(claimed) => groups.extend(claimed),
                Err(fault) if passes(&fault) => self.desk.enough(),
                Err(fault) => {
                    instance.store.write(|tx| put_off(instance, tx, *message))?;
                    // It was called back, or went with whom it was for, since it was looked for.
                    if !matches!(fault, Fault::NotFound) {
                        tracing::error!(message = message.0, %fault, "a message could not be taken in hand");
                    }
                }
            }
        }
        Ok((groups, some.len()))
    }

    /// Hands over what lies on the desk, on one connection.
    fn hands_over(&self, sender: &Sender) {
        let _here = self.desk.here();
        while let Some(group) = self.desk.next() {
            if !self.hands_over_group(sender, group) {
                return;
            }
        }
    }

    /// Hands over some messages, each looked at once more. Whether the mail server still opens a connection for this.
    fn hands_over_group(&self, sender: &Sender, mut group: Group) -> bool {
        let mut last: Option<Look> = None;
        while let Some(ready) = group.ready.pop_front() {
            if self.desk.stopped() || Instant::now() > self.until {
                self.desk.back(ready.message);
                continue;
            }
            let look = last.take().filter(Look::holds).or_else(|| self.looks(&group, &ready));
            let handed = look.and_then(|look| self.hands_over_one(sender, &group, &ready, look, &mut last));
            let Some((sent, at)) = handed else {
                self.desk.back(ready.message);
                continue;
            };
            let no_connection =
                matches!(&sent, Err(error) if error.at == Stage::Connection && error.of_the_server());
            if !no_connection {
                let refused = matches!(&sent, Err(error) if error.permanent);
                self.came(&ready, sent, at);
                // It may be one too many that is not taken, and then its mailing pauses.
                if refused {
                    self.desk.until_written();
                    last = None;
                }
                continue;
            }
            // A mail server may let in fewer at a time than we would be.
            group.ready.push_front(ready);
            match self.desk.leave_to_others(group) {
                None => return false,
                Some(alone) => group = alone,
            }
            if let Some(ready) = group.ready.pop_front() {
                self.came(&ready, sent, at);
            }
        }
        true
    }

    /// Hands one over: what came of that, and the moment of the look on which it went; nothing where it may no longer leave. Where the
    /// mail server took its time before the text could go over, it is looked at again right before. The last look is kept.
    fn hands_over_one(
        &self,
        sender: &Sender,
        group: &Group,
        ready: &Ready,
        mut look: Look,
        last: &mut Option<Look>,
    ) -> Option<(Result<(), SendError>, Timestamp)> {
        let mut may = look.may.contains(&ready.message);
        if !may {
            *last = Some(look);
            return None;
        }
        let sent = hand_over(sender, &ready.outgoing, || {
            if !look.holds() {
                let again = self.looks(group, ready);
                may = again.as_ref().is_some_and(|again| again.may.contains(&ready.message));
                look =
                    again.filter(|_| may).ok_or_else(|| std::io::Error::other("it may no longer leave"))?;
            }
            self.journal.begins(ready.message)
        });
        may.then(|| {
            let at = look.at;
            *last = Some(look);
            (sent, at)
        })
    }

    /// Looks once more whether the rest of a group may still leave; where that cannot be told, nothing more is begun.
    fn looks(&self, group: &Group, next: &Ready) -> Option<Look> {
        match self.look(group, next) {
            Ok(look) => Some(look),
            Err(fault) => {
                tracing::error!(%fault, "what is in hand could not be looked at once more");
                self.desk.stop();
                None
            }
        }
    }

    fn look(&self, group: &Group, next: &Ready) -> Result<Look, Fault> {
        let seen = &group.seen;
        let all = || std::iter::once(next).chain(&group.ready);
        let messages: Vec<MessageId> = all().map(|ready| ready.message).collect();
        let people: Vec<PersonId> = all().map(|ready| ready.person).collect();
        let _alone = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, at) = (Instant::now(), self.instance.clock.now());
        if !Arc::ptr_eq(&self.instance.policy(), &seen.policy) {
            return Ok(Look { began, at, may: BTreeSet::new() });
        }
        let (around, events, still) = self.instance.store.read(|tx| {
            let around = Around::now(self.instance, tx, seen.claim.since)?;
            let events = log::counts_since(tx, &people, seen.claim.since)?;
            Ok::<_, Fault>((around, events, many::still(tx, &messages, seen.claim.number)?))
        })?;
        let same = |person: &PersonId| events.get(person) == seen.events.get(person);
        let may = match around == seen.claim.around {
            true => {
                let these = messages.iter().zip(&people);
                let these = these.filter(|(message, person)| same(person) && still.contains(*message));
                these.map(|(message, _)| *message).collect()
            }
            false => BTreeSet::new(),
        };
        Ok(Look { began, at, may })
    }

    /// A message was handed over.
    fn came(&self, ready: &Ready, sent: Result<(), SendError>, at: Timestamp) {
        let noted = match &sent {
            Ok(()) => self.journal.left(ready.message),
            Err(error) if error.lost => Ok(()),
            Err(_) => self.journal.waits(ready.message),
        };
        if let Err(error) = noted {
            tracing::error!(%error, "what came of a message could not be noted");
            self.desk.stop();
        }
        match &sent {
            Err(error) if error.of_the_server() => self.desk.stop(),
            Err(error) if !error.permanent => self.desk.enough(),
            _ => {}
        }
        let handed = Handed { message: ready.message, tries: ready.tries, sent };
        self.desk.came(Came { handed, at });
    }
}

/// What a look once more says: who may still leave, of which moment that is, and how long ago.
struct Look {
    began: Instant,
    at: Timestamp,
    may: BTreeSet<MessageId>,
}

impl Look {
    fn holds(&self) -> bool {
        self.began.elapsed() < LOOK_AGAIN
    }
}

/// What waits of mailings, so many at most; nothing while mail to one person waits.
fn waiting(instance: &Instance, tx: &Tx<'_>, wanted: usize) -> Result<Vec<MessageId>, Fault> {
    let now = instance.clock.now();
    if wanted == 0 || !message::waiting_by_itself(tx, now, 1)?.is_empty() {
        return Ok(Vec::new());
    }
    Ok(message::waiting_of_mailings(tx, now, u32::try_from(wanted).unwrap_or(u32::MAX))?)
}
