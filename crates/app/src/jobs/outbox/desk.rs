//! The desk of a turn: what is in hand of mailings lies here until one of the threads that speak to the mail server takes it, and
//! what came of each until it is written down. Nothing here knows a mail server or a store.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use custody::id::{MessageId, PersonId};
use jiff::Timestamp;

use super::Handed;
use super::deciding::Seen;
use crate::mail::Outgoing;

/// How many messages are in hand at most: one half is handed over while what became of the other is written down and the next are
/// claimed.
pub(super) const IN_HAND: usize = 128;
/// How many are claimed at once.
pub(super) const AT_ONCE: usize = IN_HAND / 2;
/// For how long what came of messages waits to be written down where the mail server takes its time.
const PATIENCE: Duration = Duration::from_millis(500);

/// A message that may leave, put together.
pub(super) struct Ready {
    pub message: MessageId,
    pub person: PersonId,
    /// Which try it is.
    pub tries: i64,
    pub outgoing: Outgoing,
}

/// Some of one claim, that are handed over one after another.
pub(super) struct Group {
    /// What was seen as they were decided.
    pub seen: Arc<Seen>,
    pub ready: VecDeque<Ready>,
}

/// A message that was handed over, and when it was looked at last before that.
pub(super) struct Came {
    pub handed: Handed,
    pub at: Timestamp,
}

/// What came of messages since it was asked last.
#[derive(Default)]
pub(super) struct News {
    pub came: Vec<Came>,
    /// Those of which nothing was said to the mail server.
    pub back: Vec<MessageId>,
}

impl News {
    pub(super) fn is_empty(&self) -> bool {
        self.came.is_empty() && self.back.is_empty()
    }
}

#[derive(Default)]
struct Work {
    waiting: VecDeque<Group>,
    /// How many wait here or are being handed over.
    in_hand: usize,
    news: News,
    /// How many threads still find the mail server open.
    open: usize,
    /// Whether a thread broke off, with messages that nobody else hands over.
    broke_off: bool,
    /// Whether no more is to be claimed in this turn.
    enough: bool,
    /// Whether nothing more is to be begun.
    stopped: bool,
    closed: bool,
    /// Whether somebody waits until the news are written down, how often these were taken to be, and how often they were.
    urgent: bool,
    taken: u64,
    written: u64,
}

/// The desk.
#[derive(Default)]
pub(super) struct Desk {
    work: Mutex<Work>,
    more: Condvar,
    room: Condvar,
    written: Condvar,
}

impl Desk {
    /// One for so many threads.
    pub(super) fn of(threads: usize) -> Self {
        let work = Work { open: threads, ..Work::default() };
        Self { work: Mutex::new(work), ..Self::default() }
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lays messages down to be handed over.
    pub(super) fn lay(&self, groups: Vec<Group>) {
        let mut work = self.work();
        work.in_hand += groups.iter().map(|group| group.ready.len()).sum::<usize>();
        work.waiting.extend(groups);
        drop(work);
        self.more.notify_all();
    }

    /// The next to hand over, waiting for some; nothing at the end of the turn.
    pub(super) fn next(&self) -> Option<Group> {
        let mut work = self.work();
        loop {
            if let Some(group) = work.waiting.pop_front() {
                return Some(group);
            }
            if work.closed {
                return None;
            }
            work = self.more.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What came of a message.
    pub(super) fn came(&self, came: Came) {
        let mut work = self.work();
        work.news.came.push(came);
        self.one_less(work);
    }

    /// Nothing was said of a message.
    pub(super) fn back(&self, message: MessageId) {
        let mut work = self.work();
        work.news.back.push(message);
        self.one_less(work);
    }

    fn one_less(&self, mut work: MutexGuard<'_, Work>) {
        work.in_hand = work.in_hand.saturating_sub(1);
        let room = work.in_hand == 0 || work.in_hand + AT_ONCE <= IN_HAND;
        drop(work);
        if room {
            self.room.notify_all();
        }
    }

    /// Claims no more in this turn.
    pub(super) fn enough(&self) {
        self.work().enough = true;
    }

    /// Begins nothing more in this turn: what is in hand goes back.
    pub(super) fn stop(&self) {
        let mut work = self.work();
        (work.enough, work.stopped) = (true, true);
    }

    /// Whether nothing more is to be begun.
    pub(super) fn stopped(&self) -> bool {
        self.work().stopped
    }

    /// Whether more is to be claimed in this turn.
    pub(super) fn goes_on(&self) -> bool {
        !self.work().enough
    }

    /// Leaves a group to the other threads, since the mail server does not open a connection to this one. Given back where there are
    /// no others.
    pub(super) fn leave_to_others(&self, group: Group) -> Option<Group> {
        let mut work = self.work();
        if work.open <= 1 {
            return Some(group);
        }
        work.open -= 1;
        work.waiting.push_front(group);
        drop(work);
        self.more.notify_one();
        None
    }

    /// How many more may be claimed now.
    pub(super) fn room(&self) -> usize {
        IN_HAND.saturating_sub(self.work().in_hand)
    }

    /// Whether nothing is in hand, and all that came of messages was asked for.
    pub(super) fn is_clear(&self) -> bool {
        let work = self.work();
        work.in_hand == 0 && work.news.is_empty()
    }

    /// Whether a thread broke off: what it had in hand is never handed over in this turn.
    pub(super) fn broke_off(&self) -> bool {
        self.work().broke_off
    }

    /// What came of messages since it was asked last.
    pub(super) fn news(&self) -> News {
        let mut work = self.work();
        work.urgent = false;
        work.taken += 1;
        std::mem::take(&mut work.news)
    }

    /// The news that were taken last are written down.
    pub(super) fn written(&self) {
        let mut work = self.work();
        work.written = work.taken;
        drop(work);
        self.written.notify_all();
    }

    /// Waits until everything that came of messages so far is written down: the next of them may hang on it.
    pub(super) fn until_written(&self) {
        let mut work = self.work();
        work.urgent = true;
        let with_these = work.taken + 1;
        self.room.notify_all();
        let not_yet = |work: &mut Work| work.written < with_these && !work.closed;
        drop(self.written.wait_while(work, not_yet).unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until there is something to write down and, where more is to be claimed, room for it.
    pub(super) fn wait(&self, for_room: bool) {
        let work = self.work();
        let not_yet = |work: &mut Work| {
            let room = for_room && work.in_hand + AT_ONCE <= IN_HAND;
            work.in_hand > 0 && !work.broke_off && !room && !work.urgent
        };
        drop(self.room.wait_timeout_while(work, PATIENCE, not_yet).unwrap_or_else(PoisonError::into_inner));
    }

    /// Ends the turn for the threads when this is dropped, however it ends: what is in hand then goes back.
    pub(super) fn open(&self) -> Open<'_> {
        Open(self)
    }

    /// A thread is there until this is dropped, however it ends.
    pub(super) fn here(&self) -> Here<'_> {
        Here(self)
    }
}

/// That a thread is there, and sees to what it took.
pub(super) struct Here<'d>(&'d Desk);

impl Drop for Here<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.work().broke_off = true;
            self.0.room.notify_all();
        }
    }
}

/// That the turn lasts.
pub(super) struct Open<'d>(&'d Desk);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let mut work = self.0.work();
        work.closed = true;
        work.stopped |= work.in_hand > 0;
        drop(work);
        self.0.more.notify_all();
        self.0.written.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::{Desk, MessageId};

    #[test]
    fn a_turn_does_not_end_before_all_that_came_was_asked_for() {
        let desk = Desk::of(1);
        desk.work().in_hand = 1;
        assert!(desk.news().is_empty() && !desk.is_clear());
        desk.back(MessageId(1));
        assert!(!desk.is_clear(), "nobody has asked for it yet");
        assert_eq!(desk.news().back, [MessageId(1)]);
        assert!(desk.is_clear());
    }

    #[test]
    fn a_thread_that_breaks_off_is_noticed_and_one_that_ends_is_not() {
        let desk = Desk::of(2);
        std::thread::scope(|threads| threads.spawn(|| drop(desk.here())).join()).unwrap();
        assert!(!desk.broke_off());
        let broken = || {
            let _here = desk.here();
            assert!(!desk.goes_on(), "it breaks off");
        };
        assert!(std::thread::scope(|threads| threads.spawn(broken).join()).is_err());
        assert!(desk.broke_off());
        // Nobody waits for what it had.
        desk.work().in_hand = 1;
        desk.wait(false);
    }

    #[test]
    fn whoever_waits_until_it_is_written_goes_on_then_and_at_the_end_of_the_turn() {
        let desk = Desk::of(1);
        std::thread::scope(|threads| {
            let waits = threads.spawn(|| desk.until_written());
            while !waits.is_finished() {
                drop(desk.news());
                desk.written();
            }
            let waits = threads.spawn(|| desk.until_written());
            drop(desk.open());
            waits.join().unwrap();
        });
    }
}
