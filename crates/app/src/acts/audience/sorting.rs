//! An audience sorted: who will be reached and who will not, and why, everybody by the answer of the one decision. Of very many
//! people those of whom it reads the same are decided for by one of them; nobody is counted on any other ground.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{MailingId, PersonId};
use custody::refusal::Question;
use custody::{Act, Gate, Life};
use policy::channel::Means;
use policy::policy::Clause;
use policy::{Activity, KindSet, Policy};
use store::glance::{self, Looking};
use store::life::{For, load_readable};
use store::{Tx, line, narrowing};

use super::{
    Acting, Criteria, Way, act, addresses, asks_whose, candidates, marketing, nowhere_to_reach, reachable,
    reached_and_beyond, soft_opt_in_of,
};
use crate::acts::{UNREADABLE, unreadable};
use crate::fault::Fault;
use crate::mail::post;

/// How many people are asked about at once.
const BATCH: usize = 1024;
/// From how many people on it is worth looking first who of them are alike ...
const MANY: usize = 2048;
/// ... if they are at least one in so many of everybody, since that is read through.
const SPARSE: usize = 8;

/// People left out for one reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Why, for all of them: dates that differ from person to person are left away.
    pub because: String,
    /// The clause, in words; empty where none says so.
    pub clause: String,
    /// The promises on it.
    pub promises: Vec<String>,
    /// What would change it.
    pub next_step: String,
    /// Who, with their own reason.
    pub people: Vec<(PersonId, String)>,
    /// Which of the five questions said no.
    pub question: Question,
    /// Which clause of the policy, where one does.
    pub by: Option<Clause>,
}

/// Who will be reached, and who will not, and why. The two add up to everybody considered: whom the activity is for, within reach of
/// whoever looks, and who fits by what it is narrowed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Audience {
    /// Who will.
    pub will: Vec<PersonId>,
    /// Who will not, the reason of most first.
    pub left_out: Vec<LeftOut>,
    /// How many more the activity is for whom whoever looks may not find: nothing is said of them.
    pub beyond: usize,
}

impl Audience {
    /// How many will not.
    #[must_use]
    pub fn not(&self) -> usize {
        self.left_out.iter().map(|out| out.people.len()).sum()
    }
}

/// Everybody the activity is for, within reach, each decided for: of very many, those of whom a decision reads the same by one
/// decision.
///
/// # Errors
/// Whatever the store says.
pub fn of(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>) -> Result<Audience, Fault> {
    narrowed(acting, tx, way, &Criteria::default())
}

/// Those of them who fit some criteria.
///
/// # Errors
/// [`Fault::Refused`] where they may not be picked out so.
pub fn narrowed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    criteria: &Criteria,
) -> Result<Audience, Fault> {
    // How many are beyond reach says nothing of who of them fits.
    let (within, beyond) = reached_and_beyond(acting, tx, way.activity)?;
    let people = criteria.narrow(acting, tx, way.activity, within)?;
    let many = people.len() >= MANY && people.len().saturating_mul(SPARSE) >= everybody(tx)?;
    let told = if many { at_a_glance(acting, tx, way, &people)? } else { None };
    let found = match told {
        Some(found) => found,
        None => one_by_one(acting, tx, way, &people)?,
    };
    Ok(Audience { beyond, ..found })
}

/// Why somebody gets no mail who may have it, and what would change that.
const AT_ONE_ADDRESS: &str = "somebody else who has the same address gets it there";
const OF_THEIR_OWN: &str =
    "Ask for an address of their own, or put the two together where they are one person.";

/// Who of them gets one mail to many: of several at one address whoever was entered first, and of those whoever had it since nobody
/// else, where it is asked who did. The others are left out and say so. A notice, which nobody can stop, concerns each of them, and
/// goes to each.
///
/// # Errors
/// As [`narrowed`].
pub fn mailed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    criteria: &Criteria,
) -> Result<Audience, Fault> {
    let found = narrowed(acting, tx, way, criteria)?;
    one_each(acting, tx, way, found, &had(tx, way, criteria)?)
}

/// Whoever had it before, where it is asked who did.
///
/// # Errors
/// Whatever the store says.
pub fn had(tx: &Tx<'_>, way: &Way<'_>, criteria: &Criteria) -> Result<BTreeSet<PersonId>, Fault> {
    Ok(match criteria.not_written_since {
        Some(since) => narrowing::written_since(tx, &way.activity.name, since)?.into_iter().collect(),
        None => BTreeSet::new(),
    })
}

/// Leaves those out of an audience whose address another of it has too who was entered first, or one who had it before.
///
/// # Errors
/// Whatever the store says.
pub fn one_each(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    mut found: Audience,
    had: &BTreeSet<PersonId>,
) -> Result<Audience, Fault> {
    let each = way.channel.means != Means::Email || !post::stoppable(way.channel, Some(way.activity));
    if each || found.will.is_empty() {
        return Ok(found);
    }
    let beside = line::at_one_address(tx, &acting.policy, way.activity, &found.will, had)?;
    if beside.is_empty() {
        return Ok(found);
    }
    found.will.retain(|person| !beside.contains(person));
    found.left_out.push(LeftOut {
        because: AT_ONE_ADDRESS.to_owned(),
        clause: String::new(),
        promises: Vec::new(),
        next_step: OF_THEIR_OWN.to_owned(),
        people: beside.into_iter().map(|person| (person, AT_ONE_ADDRESS.to_owned())).collect(),
        question: Question::Gate,
        by: None,
    });
    found.left_out.sort_by_key(|out| std::cmp::Reverse(out.people.len()));
    Ok(found)
}

/// Those whom a mailing goes to.
///
/// # Errors
/// As [`narrowed`].
pub fn of_mailing(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    mailing: MailingId,
) -> Result<Audience, Fault> {
    mailed(acting, tx, way, &Criteria::of_mailing(tx, mailing)?)
}

fn everybody(tx: &Tx<'_>) -> Result<usize, Fault> {
    Ok(usize::try_from(store::person::count(tx)?).unwrap_or(usize::MAX))
}

/// Of these people, in the order of their numbers, who may be reached: each decided for.
///
/// # Errors
/// Whatever the store says.
pub fn one_by_one(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    people: &[PersonId],
) -> Result<Audience, Fault> {
    let deciding = Deciding::of(acting, way);
    let mut sorting = Sorting::default();
    for batch in people.chunks(BATCH) {
        for (person, answer) in decided(acting, tx, batch, &mut |lives: &[Life]| deciding.answers(tx, lives))?
        {
            sorting.take(person, &[], answer)?;
        }
    }
    Ok(sorting.done())
}

/// The same by few decisions: of those of whom a decision reads the same, one is decided for. Nothing where what is read cannot be
/// told for all of them.
///
/// # Errors
/// Whatever the store says.
pub fn at_a_glance(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    people: &[PersonId],
) -> Result<Option<Audience>, Fault> {
    let deciding = Deciding::of(acting, way);
    let reads = custody::decide::reads(&acting.policy, &acting.actor, &deciding.act);
    let Some(reads) = reads.filter(|_| way.channel.means == Means::Email) else { return Ok(None) };
    let whose = asks_whose(way);
    let looking = Looking {
        policy: &acting.policy,
        activity: way.activity,
        reads: &reads,
        addresses: deciding.addresses,
        marketing: marketing(way),
        whose,
        soft: whose && soft_opt_in_of(way.activity).is_some(),
        today: acting.today,
    };
    let glance = glance::of(tx, acting.instance.store.keys(), &looking, people)?;
    let mut alike: BTreeMap<PersonId, &[PersonId]> = glance
        .alike
        .iter()
        .filter_map(|alike| alike.split_first().map(|(first, others)| (*first, others)))
        .collect();
    let mut first: Vec<PersonId> = alike.keys().copied().chain(glance.apart.iter().copied()).collect();
    first.sort_unstable();
    let mut sorting = Sorting::default();
    while !first.is_empty() {
        let mut next = Vec::new();
        for batch in first.chunks(BATCH) {
            for (person, answer) in
                decided(acting, tx, batch, &mut |lives: &[Life]| deciding.answers(tx, lives))?
            {
                let mut others = alike.remove(&person).unwrap_or_default();
                // Whoever cannot be read is like nobody: the others of their sort are decided for by the next of them.
                if let (true, Some((one, rest))) = (is_unreadable(&answer), others.split_first()) {
                    alike.insert(*one, rest);
                    next.push(*one);
                    others = &[];
                }
                sorting.take(person, others, answer)?;
            }
        }
        first = next;
    }
    Ok(Some(sorting.done()))
}

/// What is decided of each of an audience.
struct Deciding<'a> {
    acting: &'a Acting<'a>,
    way: &'a Way<'a>,
    act: Act,
    addresses: KindSet,
}

impl<'a> Deciding<'a> {
    fn of(acting: &'a Acting<'a>, way: &'a Way<'a>) -> Self {
        let policy = &acting.policy;
        Self { acting, way, act: act(policy, way), addresses: addresses(policy, way) }
    }

    /// The answer about each of these people, in their order.
    fn answers(&self, tx: &Tx<'_>, lives: &[Life]) -> Result<Vec<Answer>, Fault> {
        let (acting, policy) = (self.acting, &self.acting.policy);
        let whom: Vec<PersonId> = lives.iter().map(|life| life.person).collect();
        let people = reachable(acting, tx, self.way, &whom)?;
        let gate = Gate { footer_complete: self.way.footer_complete, people, ..Gate::default() };
        let held = store::item::holding(tx, policy, &whom, self.addresses)?;
        let answer = |life: &Life| match acting.decide(&self.act, &[life], &gate) {
            Ok(_) if !held.contains(&life.person) => Err(nowhere_to_reach(policy, self.way).into()),
            decided => decided.map(drop),
        };
        Ok(lives.iter().map(answer).collect())
    }
}

/// Everybody an activity is for, within reach, sorted by what an answer about each says: let through, or refused.
/// The answers are asked for many people at once and come in their order.
///
/// # Errors
/// Whatever an answer says that is no refusal.
pub fn sorted(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    activity: &Activity,
    mut answers: impl FnMut(&[Life]) -> Result<Vec<Answer>, Fault>,
) -> Result<Audience, Fault> {
    let mut sorting = Sorting::default();
    for batch in candidates(acting, tx, activity)?.chunks(BATCH) {
        for (person, answer) in decided(acting, tx, batch, &mut answers)? {
            sorting.take(person, &[], answer)?;
        }
    }
    Ok(sorting.done())
}

/// Whether one of an audience is let through, or why not.
type Answer = Result<(), Fault>;

/// The answer about each of some people. Of whom something cannot be read is refused with that, and stops nobody else.
fn decided(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    some: &[PersonId],
    answers: &mut impl FnMut(&[Life]) -> Result<Vec<Answer>, Fault>,
) -> Result<Vec<(PersonId, Answer)>, Fault> {
    let read = load_readable(tx, &acting.policy, some, acting.today, For::Decisions)?;
    let found = apart(&acting.policy, &read.lives, answers)?;
    let whom = read.lives.iter().map(|life| life.person);
    let unread = read.unread.into_iter().map(|person| (person, Err(unreadable(&acting.policy).into())));
    Ok(whom.zip(found).chain(unread).collect())
}

/// Asks about several at once, and where something of them cannot be read that an answer hangs on about each half by itself.
fn apart(
    policy: &Policy,
    lives: &[Life],
    answers: &mut impl FnMut(&[Life]) -> Result<Vec<Answer>, Fault>,
) -> Result<Vec<Answer>, Fault> {
    match (answers(lives), lives) {
        (Err(Fault::Store(error)), [life]) if error.is_unreadable() => {
            tracing::warn!(person = life.person.0, %error, "somebody cannot be decided about: they are left out");
            Ok(vec![Err(unreadable(policy).into())])
        }
        (Err(Fault::Store(error)), [_, _, ..]) if error.is_unreadable() => {
            let (first, rest) = lives.split_at(lives.len() / 2);
            let mut found = apart(policy, first, answers)?;
            found.extend(apart(policy, rest, answers)?);
            Ok(found)
        }
        (found, _) => found,
    }
}

fn is_unreadable(answer: &Answer) -> bool {
    matches!(answer, Err(Fault::Refused(refusal)) if refusal.because == UNREADABLE)
}

/// An audience on its way.
#[derive(Default)]
struct Sorting {
    will: Vec<PersonId>,
    groups: BTreeMap<(Question, Option<Clause>, String), LeftOut>,
}

impl Sorting {
    /// Takes an answer about somebody, which is that about some others as well.
    fn take(
        &mut self,
        person: PersonId,
        others: &[PersonId],
        answer: Result<(), Fault>,
    ) -> Result<(), Fault> {
        let people = std::iter::once(&person).chain(others).copied();
        let refusal = match answer {
            Ok(()) => {
                self.will.extend(people);
                return Ok(());
            }
            Err(Fault::Refused(refusal)) => *refusal,
            Err(fault) => return Err(fault),
        };
        let because = undated(&refusal.because);
        let key = (refusal.question, refusal.clause.clone(), because.clone());
        let group = self.groups.entry(key).or_insert_with(|| LeftOut {
            because,
            clause: refusal.clause_words.clone(),
            promises: refusal.promises.clone(),
            next_step: refusal.next_step.clone(),
            people: Vec::new(),
            question: refusal.question,
            by: refusal.clause.clone(),
        });
        group.people.extend(people.map(|person| (person, refusal.because.clone())));
        Ok(())
    }

    fn done(mut self) -> Audience {
        self.will.sort();
        let mut left_out: Vec<LeftOut> = self.groups.into_values().collect();
        for group in &mut left_out {
            group.people.sort_by_key(|(person, _)| *person);
        }
        left_out.sort_by_key(|group| std::cmp::Reverse(group.people.len()));
        Audience { will: self.will, left_out, beyond: 0 }
    }
}

/// A reason without the dates that differ from person to person: `they asked on Tue 3 Mar 2026 not to be called`
/// becomes `they asked not to be called`.
#[must_use]
pub fn undated(because: &str) -> String {
    let words: Vec<&str> = because.split(' ').collect();
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let date = |from: usize| {
            let number = |word: &&str| word.chars().all(|letter| letter.is_ascii_digit());
            let year = words.get(from + 2).map(|year| year.trim_end_matches([',', '.', ':']));
            words.get(from).is_some_and(|day| day.len() <= 2 && number(day))
                && year.is_some_and(|year| year.len() == 4 && number(&year))
        };
        let skipped = match *word {
            "on" | "since" | "until" if date(at + 1) => 4,
            "on" | "since" | "until" if date(at + 2) => 5,
            _ => 0,
        };
        if skipped == 0 {
            out.push((*word).to_owned());
            at += 1;
        } else {
            // `ended on 3 Mar 2026: they left` keeps its colon.
            let mark = words.get(at + skipped - 1).and_then(|last| last.chars().last());
            if let (Some(before), Some(mark)) = (out.last_mut(), mark.filter(|mark| !mark.is_alphanumeric()))
            {
                before.push(mark);
            }
            at += skipped;
        }
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::undated;

    #[test]
    fn reasons_are_grouped_without_their_dates() {
        assert_eq!(
            undated("they asked on Tue 3 Mar 2026 not to be reached so"),
            "they asked not to be reached so"
        );
        assert_eq!(
            undated("they asked on 3 March 2026 not to be reached so"),
            "they asked not to be reached so"
        );
        assert_eq!(
            undated("news ended on 3 Mar 2026: left the organisation"),
            "news ended: left the organisation"
        );
        assert_eq!(undated("nothing is on file"), "nothing is on file");
    }
}
