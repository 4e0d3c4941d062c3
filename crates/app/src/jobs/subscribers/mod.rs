//! Going through the lists of subscribers at processors: first what happened there comes back, then whoever is no longer to get anything
//! is stopped there, then whoever may be on it goes there; and whoever has gone here is taken away there within a minute, for good. What
//! is sent is decided by [`crate::acts::subscribers`] as it is about to go.

mod processor;

use std::collections::BTreeSet;

use custody::id::PersonId;
use jiff::{SignedDuration, Timestamp};
use store::subscribers::{self, State};

use self::processor::{Failed, PAGE, Processor};
use crate::acts::Acting;
use crate::acts::subscribers::{self as acts, List, Noted, Ready, Says};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// How often a list is gone through.
const EVERY: SignedDuration = SignedDuration::from_mins(10);

/// Changes there are asked for once more from so long before the last time: clocks differ.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// How many people are made ready at once, and how many new ones make it worth sending them together.
const TOGETHER: usize = 100;
const MANY: usize = 10;

/// A processor that lists more than this is not asked any further.
const LISTED_MAX: usize = 10_000_000;

/// How many that went here are taken away there in one turn.
const AWAY: u32 = 500;

/// Why a turn ends early.
enum Ended {
    /// By the processor, or by what is configured.
    There(Failed),
    /// Here.
    Here(Fault),
}

impl From<Failed> for Ended {
    fn from(failed: Failed) -> Self {
        Self::There(failed)
    }
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Here(fault)
    }
}

/// Goes through every list whose time it is.
///
/// # Errors
/// Whatever the store says. A processor that does not answer is no fault of this job: its page says so.
pub fn run(instance: &Instance) -> Result<(), Fault> {
    // What is wrong with one list keeps no other waiting.
    let each: Vec<Result<(), Fault>> =
        instance.config.processors.keys().map(|name| one(instance, name)).collect();
    each.into_iter().collect()
}

fn one(instance: &Instance, name: &str) -> Result<(), Fault> {
    let Some(synced) = instance.config.processors.get(name) else { return Ok(()) };
    let now = machine();
    let policy = instance.policy();
    let (noted, gone, lies) = instance.store.read(|tx| {
        let gone = subscribers::nobodys(tx, &policy, name, AWAY)?;
        Ok::<_, Fault>((acts::noted(tx, name)?, gone, subscribers::any(tx, name)?))
    })?;
    if noted.left_alone_until.is_some_and(|until| until > now) {
        return Ok(());
    }
    let Some(noted) = kept(instance, (name, &synced.list), noted, lies)? else { return Ok(()) };
    if noted.leaving && gone.is_empty() {
        // Whom a turn that was under way had put there meanwhile.
        instance.store.write(|tx| subscribers::unlink_all(tx, name))?;
        return Ok(());
    }
    let began = noted.next_at;
    let due = !noted.leaving && noted.next_at.is_none_or(|at| at <= now);
    if !due && gone.is_empty() {
        return Ok(());
    }
    let list = noted.list.as_deref().unwrap_or(&synced.list);
    let found = Processor::of(synced, list, &instance.config.webhooks);
    let turn = found.map_err(|why| Ended::There(Failed::Away(why))).and_then(|there| {
        let turn = Turn { instance, name, there: &there, leaving: noted.leaving };
        turn.take_away(&gone)?;
        if !due {
            return Ok(noted.clone());
        }
        turn.through(List::of(&policy, name, &synced.activity), &noted, now)
    });
    let noted = match turn {
        Ok(done) => done,
        Err(Ended::Here(fault)) => return Err(fault),
        Err(Ended::There(failed)) => {
            let (wait, left_alone) =
                if let Failed::Busy(wait) = failed { (wait, true) } else { (EVERY, false) };
            let next_at = Some(now.saturating_add(wait)?);
            let left_alone_until = next_at.filter(|_| left_alone);
            Noted { next_at, left_alone_until, trouble: Some(failed.words()), ..noted }
        }
    };
    instance.store.write(|tx| {
        // What the processor posted meanwhile stands: it is gone through once more. So does that it is to be left.
        let known = acts::noted(tx, name)?;
        let next_at = if known.next_at == began { noted.next_at } else { known.next_at };
        acts::note(tx, name, &Noted { next_at, leaving: known.leaving, ..noted.clone() })
    })
}

/// How the list is that is kept: the one that was, for as long as an address of ours lies on it, else the one that is configured. Nothing
/// if none is to be kept.
fn kept(
    instance: &Instance,
    (name, configured): (&str, &str),
    noted: Noted,
    lies: bool,
) -> Result<Option<Noted>, Fault> {
    let over = !lies && (noted.leaving || noted.is_another(configured));
    if !over && noted.list.is_some() {
        return Ok(Some(noted));
    }
    if !lies && configured == acts::NO_LIST {
        if noted != Noted::default() {
            instance.store.write(|tx| acts::note(tx, name, &Noted::default()))?;
        }
        return Ok(None);
    }
    let before = if over { Noted::default() } else { noted };
    let noted = Noted { list: Some(configured.to_owned()), ..before };
    // Before anything goes there, so that it is known where it lies.
    instance.store.write(|tx| acts::note(tx, name, &noted))?;
    Ok(Some(noted))
}

/// One turn through a list.
struct Turn<'t> {
    instance: &'t Instance,
    name: &'t str,
    there: &'t Processor,
    /// Whether everybody is taken off it for good.
    leaving: bool,
}

impl Turn<'_> {
    fn acting(&self) -> Acting<'_> {
        Acting::system(self.instance, "processor")
    }

    /// Takes away there whoever has gone here.
    fn take_away(&self, gone: &[subscribers::Member]) -> Result<(), Ended> {
        for held in gone {
            let member = acts::unsealed(self.instance.store.keys(), held)?;
            match self.there.take_away(&member) {
                // Whoever took the whole list away there has left nobody on it.
                Err(Failed::Refused(404, _)) if self.leaving => {}
                done => done?,
            }
            self.instance.store.write(|tx| acts::taken_away(&self.acting(), tx, self.name, held))?;
        }
        Ok(())
    }

    fn through(&self, list: Result<List<'_>, String>, noted: &Noted, now: Timestamp) -> Result<Noted, Ended> {
        let strangers = self.learn(noted.read_to)?;
        let strangers = if noted.read_to.is_none() { strangers } else { noted.strangers };
        let known = Noted {
            read_to: Some(now.saturating_sub(OVERLAP).map_err(Fault::from)?),
            strangers,
            ..noted.clone()
        };
        let next_at = Some(now.saturating_add(EVERY).map_err(Fault::from)?);
        let list = match list {
            Ok(list) => list,
            // The policy knows no such list, or no more: nobody is to get anything by it.
            Err(why) => {
                self.stop(&BTreeSet::new())?;
                return Ok(Noted { next_at, trouble: Some(why), ..known });
            }
        };
        let wanted = self.instance.store.read(|tx| acts::wanted(&self.acting(), tx, &list));
        let (wanted, withheld) = match wanted {
            Ok(found) => found,
            // The policy lets nothing go there: then nobody is to get anything from there either.
            Err(Fault::Refused(refusal)) => {
                self.stop(&BTreeSet::new())?;
                let words = format!(
                    "{} (the policy: {}). {}",
                    refusal.because, refusal.clause_words, refusal.next_step
                );
                return Ok(Noted { next_at, trouble: Some(words), ..known });
            }
            Err(fault) => return Err(fault.into()),
        };
        self.stop(&wanted)?;
        let (store, activity) = (&self.instance.store, &list.activity.name);
        // Whom it does not stop is there for what is configured by now.
        if store.read(|tx| subscribers::for_another(tx, self.name, activity)).map_err(Fault::from)? {
            store.write(|tx| subscribers::are_for(tx, self.name, activity)).map_err(Fault::from)?;
        }
        let all: Vec<PersonId> = wanted.into_iter().collect();
        for some in all.chunks(TOGETHER) {
            let some = store.read(|tx| acts::changed(&self.acting(), tx, &list, some))?;
            if some.is_empty() {
                continue;
            }
            let ready = store.write(|tx| acts::ready(&self.acting(), tx, &list, &some))?;
            self.send(ready)?;
        }
        // Whose address changed meanwhile.
        let gone = self
            .instance
            .store
            .read(|tx| subscribers::nobodys(tx, &self.instance.policy(), self.name, AWAY))
            .map_err(Fault::from)?;
        self.take_away(&gone)?;
        Ok(Noted { done_at: Some(now), next_at, trouble: None, withheld, ..known })
    }

    /// Takes what happened there; how many of those who are there are not from here.
    fn learn(&self, since: Option<Timestamp>) -> Result<i64, Ended> {
        let mut strangers = 0;
        self.pages(
            |from| self.there.changed(since, from, ""),
            |_, says, known| {
                strangers += i64::from(!known && says == Says::Subscribed);
                Ok(())
            },
        )?;
        // Whoever was archived is listed only where that is asked for.
        self.pages(|from| self.there.changed(since, from, "&status=archived"), |_, _, _| Ok(()))?;
        self.pages(
            |from| self.there.complaints(since, from),
            // Whatever the processor does of itself about it.
            |member, _, known| match known && self.there.state(member)? == Some(Says::Subscribed) {
                true => self.there.stop(member),
                false => Ok(()),
            },
        )?;
        Ok(strangers)
    }

    /// Takes what a processor says of members, a page in a transaction; `then` is told of each whether they are known here.
    fn pages(
        &self,
        page: impl Fn(usize) -> Result<(Vec<(String, Says)>, bool), Failed>,
        mut then: impl FnMut(&str, Says, bool) -> Result<(), Failed>,
    ) -> Result<(), Ended> {
        for from in (0..LISTED_MAX).step_by(PAGE) {
            let (some, more) = page(from)?;
            let known = self.instance.store.write(|tx| {
                let acting = self.acting();
                let learn =
                    |(member, says): &(String, Says)| acts::learn(&acting, tx, self.name, member, *says);
                some.iter().map(learn).collect::<Result<Vec<bool>, Fault>>()
            })?;
            for ((member, says), known) in some.iter().zip(known) {
                then(member, *says, known)?;
            }
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// Stops there whoever is not to get anything any more.
    fn stop(&self, wanted: &BTreeSet<PersonId>) -> Result<(), Ended> {
        let store = &self.instance.store;
        let (stop, gone) = store.read(|tx| acts::to_stop(&self.acting(), tx, self.name, wanted))?;
        if !gone.is_empty() {
            store.write(|tx| acts::unlink(&self.acting(), tx, &gone))?;
        }
        for held in stop {
            let member = acts::unsealed(self.instance.store.keys(), &held)?;
            match self.there.stop(&member) {
                // What it does not stop is stopped already, or it says so: one of them keeps no other waiting.
                Err(Failed::Refused(400, _)) if self.there.state(&member)? != Some(Says::Subscribed) => {}
                done => done?,
            }
            self.instance.store.write(|tx| acts::stopped(&self.acting(), tx, self.name, &held))?;
        }
        Ok(())
    }

    /// Sends what is ready: new people together, where they are many.
    fn send(&self, ready: Vec<Ready>) -> Result<(), Ended> {
        let (new, rest): (Vec<Ready>, Vec<Ready>) = ready.into_iter().partition(|one| one.new);
        if new.len() < MANY {
            return new.iter().chain(&rest).try_for_each(|one| self.send_one(one));
        }
        let refused = self.there.add(&new)?;
        for one in &new {
            // Whoever it knows already, or does not want, is asked about one by one.
            if refused.contains(&one.email.to_lowercase()) {
                self.send_one(one)?;
            } else {
                self.instance
                    .store
                    .write(|tx| acts::sent(&self.acting(), tx, self.name, one, State::There))?;
            }
        }
        rest.iter().try_for_each(|one| self.send_one(one))
    }

    fn send_one(&self, one: &Ready) -> Result<(), Ended> {
        let (state, says) = match self.there.put(one) {
            Ok(says) => (State::There, says),
            // They left there, bounced there, or were taken away there for good: nobody puts them back but they themselves.
            Err(Failed::Refused(400, _)) => match self.there.state(&one.member)? {
                // They are on it, with the name they had: whoever says no is stopped there like everybody.
                says @ Some(Says::Subscribed) => (State::There, says),
                // We stopped it, and it lets no program go on: that is no word of theirs.
                _ if one.back => (State::Stopped, None),
                says => (State::Refused, says),
            },
            Err(failed) => return Err(failed.into()),
        };
        self.instance.store.write(|tx| {
            let acting = self.acting();
            acts::sent(&acting, tx, self.name, one, state)?;
            match says {
                Some(says) if says != Says::Subscribed => {
                    acts::learn(&acting, tx, self.name, &one.member, says).map(drop)
                }
                _ => Ok(()),
            }
        })?;
        Ok(())
    }
}
