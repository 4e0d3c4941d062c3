//! What stays of an erasure, why and until when; and so what it came to: done, partly, or refused.

use custody::Life;
use custody::coverage::{self, Datum, Suspended};
use custody::id::PersonId;
use custody::life::{Ground, Needs};
use policy::{Basis, Sort};
use store::erase::{Erased, Part, Why};
use store::request::{Stayed, SubjectRequest};
use store::{Tx, dispose};

use super::plain;
use crate::acts::Acting;
use crate::acts::request::Outcome;
use crate::fault::Fault;

/// A part that stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stays {
    /// What, why, under which clause and until when.
    pub stayed: Stayed,
    /// Why, with the exemption and the end, as a page says it.
    pub because: String,
    /// The same in a sentence, as it is said to whoever asked.
    pub plain: String,
    /// Whether it is no more than a record that something was done, or of work they are cut from.
    pub only_record: bool,
}

/// What an erasure came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Came {
    /// Whether it was done, partly done, or refused.
    pub outcome: Outcome,
    /// Whether a hold keeps something of it.
    pub by_hold: bool,
    /// What stays.
    pub stay: Vec<Stays>,
}

impl Came {
    /// What came of an erasure that was just carried out.
    ///
    /// # Errors
    /// Whatever the store says.
    pub(super) fn of(
        acting: &Acting<'_>,
        tx: &Tx<'_>,
        person: PersonId,
        (parts, of_work): (&[Part], Vec<Stays>),
        erased: &Erased,
    ) -> Result<Self, Fault> {
        let departed = &erased.departed;
        let stay: Vec<Stays> = stays(acting, tx, person, parts, erased)?.into_iter().chain(of_work).collect();
        let nothing = departed.rows() == 0 && departed.cut == 0 && erased.stopped == 0 && !departed.gone;
        let outcome = match stay.iter().any(|stays| !stays.only_record) {
            true if nothing => Outcome::Refused,
            true => Outcome::Partly,
            false => Outcome::Done,
        };
        let by_hold = parts.iter().any(|part| part.refused == Some(Why::Hold))
            || departed.kept.iter().any(|(why, _)| *why == Suspended::Hold);
        Ok(Self { outcome, by_hold: by_hold && !departed.gone, stay })
    }

    /// What it came to, in a word for the register and for programs: of what takes nothing away that is said, too.
    #[must_use]
    pub fn word(&self, takes: bool) -> &'static str {
        match self.outcome {
            Outcome::Partly if !takes => store::request::NOTHING_YET,
            outcome => outcome.word(),
        }
    }

    /// What stays, as it is written down with the request.
    #[must_use]
    pub fn stayed(&self) -> Vec<Stayed> {
        self.stay.iter().map(|stays| stays.stayed.clone()).collect()
    }
}

/// One part that stays, in a sentence: `Invoices: invoice (two of them), until Tue 31 Mar 2031. A legal duty requires it (...)`.
#[must_use]
pub fn sentence(stayed: &Stayed) -> String {
    let until = match (stayed.until, &stayed.awaiting) {
        (Some(until), _) => format!(", until {}", crate::web::frame::words(until)),
        (None, Some(event)) => format!(", its end counted from: {event}"),
        (None, None) => String::new(),
    };
    let clause = stayed.clause.as_ref().map_or_else(String::new, |clause| format!(" ({clause})"));
    let count = policy::count::in_words(stayed.count);
    let what = match (stayed.kinds.as_str(), stayed.count) {
        ("", _) => format!(" {count}"),
        (kinds, 1) => format!(" {kinds}"),
        (kinds, _) => format!(" {kinds} ({count} of them)"),
    };
    format!("{}:{what}{until}. {}{clause}.", stayed.activity, stayed.why)
}

/// The answer to an erasure, from what was written down with it.
pub(super) fn answer(asked: &SubjectRequest) -> String {
    let begins = match asked.outcome.as_deref() {
        Some(store::request::REFUSED) => "Refused: nothing of it may go now.",
        Some(store::request::NOTHING_YET) => {
            "Nothing is erased yet: all of it is still needed. What else it was used for has stopped."
        }
        Some("partly") => "Erased in part.",
        _ => "Erased, but for what the law has us keep.",
    };
    let stays = asked.stays.iter().map(sentence);
    std::iter::once(begins.to_owned()).chain(stays).collect::<Vec<_>>().join(" ")
}

/// What is still there once it is done, by the ground that keeps it: every row, the records of requests too.
pub(super) fn stays(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    parts: &[Part],
    erased: &Erased,
) -> Result<Vec<Stays>, Fault> {
    if erased.departed.gone {
        return Ok(Vec::new());
    }
    let policy = &acting.policy;
    // The request that is being answered has opened a ground of its own by now.
    let life = acting.settle(tx, person)?;
    let held = dispose::holdings(tx, policy, person)?;
    let mut stays = Vec::new();
    for ground in life.grounds.iter().filter(|ground| ground.active(acting.today)) {
        let Some(rule) = policy.rules.get(ground.rule.index()) else { continue };
        let Some(activity) = policy.activity(rule.activity) else { continue };
        let refused = parts.iter().find(|part| part.ground == ground.id).and_then(|part| part.refused);
        let why = refused.unwrap_or(Why::LegalDuty);
        let theirs: Vec<_> =
            held.data.iter().filter(|datum| coverage::covers(policy, ground, person, datum)).collect();
        if theirs.is_empty() {
            continue;
        }
        stays.push(stay(policy, ground, rule, activity, &theirs, why));
    }
    for (why, count) in &erased.departed.kept {
        let because = match why {
            Suspended::Hold => "A hold stands: legal claims (Art 17(3)(e)). It goes the night the hold ends.",
            Suspended::Restriction => "It is restricted, until somebody decides.",
            Suspended::Untold => "They are to be told first, and have not been yet.",
            Suspended::Request(Needs::Access) => {
                "They asked to see it: it is kept, and not used, until that is answered."
            }
            Suspended::Request(Needs::Portability) => {
                "They asked to take it elsewhere: it is kept, and not used, until that is answered."
            }
            Suspended::Request(Needs::Restriction) => {
                "They asked to have it kept: it is, and is not used, until that is answered."
            }
        };
        stays.push(Stays {
            stayed: Stayed {
                activity: "What nothing else allows".to_owned(),
                kinds: String::new(),
                count: u64::from(*count),
                why: because.trim_end_matches('.').to_owned(),
                clause: None,
                until: None,
                awaiting: None,
            },
            because: because.to_owned(),
            plain: plain::suspended(*why, *count),
            only_record: false,
        });
    }
    Ok(stays)
}

/// What one ground keeps, why and until when.
fn stay(
    policy: &policy::Policy,
    ground: &Ground,
    rule: &policy::Rule,
    activity: &policy::Activity,
    theirs: &[&Datum],
    why: Why,
) -> Stays {
    let clause = custody::refusal::clause_words(policy, &policy::policy::Clause::Keep(rule.id));
    // A claim has no last day: once the hold ends somebody looks at it again.
    let (due_on, awaiting) = match why {
        Why::Hold => (None, None),
        _ => (ground.due_on, ground.awaiting.clone()),
    };
    let until = match (due_on, &awaiting) {
        (Some(until), _) => format!("Until {}.", crate::web::frame::words(until)),
        (None, Some(event)) => format!("The end is counted from: {event}."),
        (None, None) => String::new(),
    };
    let record = |datum: &&Datum| policy.kind(datum.kind).is_some_and(|kind| kind.sort == Sort::Record);
    let why_words = because(why, &activity.basis);
    Stays {
        because: format!("{why_words} ({clause}). {until}").trim().to_owned(),
        plain: plain::kept(policy, (rule, activity), theirs, (why, due_on, awaiting.is_some())),
        only_record: why == Why::Work || theirs.iter().all(record),
        stayed: Stayed {
            activity: activity.title.clone(),
            kinds: custody::refusal::kind_names(policy, theirs.iter().map(|datum| datum.kind).collect()),
            count: theirs.len() as u64,
            why: why_words,
            clause: Some(clause),
            until: due_on,
            awaiting,
        },
    }
}

/// What stays for work itself, though they are cut from it: looked at before they are.
pub(super) fn for_work(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    parts: &[Part],
) -> Result<Vec<Stays>, Fault> {
    let policy = &acting.policy;
    let mut stays = Vec::new();
    for part in parts.iter().filter(|part| part.refused == Some(Why::Work)) {
        let ground = life.of_work.iter().find(|ground| ground.id == part.ground);
        let rule = policy.rules.get(part.rule.index());
        let (Some(ground), Some(rule), Some(activity)) = (ground, rule, policy.activity(part.activity))
        else {
            continue;
        };
        let held = dispose::holdings(tx, policy, life.person)?;
        let covers = |datum: &&Datum| coverage::covers(policy, ground, life.person, datum);
        let theirs: Vec<&Datum> = held.data.iter().filter(covers).collect();
        stays.push(stay(policy, ground, rule, activity, &theirs, Why::Work));
    }
    Ok(stays)
}

/// Why a part stays, with the article.
fn because(why: Why, basis: &Basis) -> String {
    match (why, basis) {
        (Why::Contract, _) => "Our contract with them still needs it".to_owned(),
        (Why::LegalDuty, Basis::LegalObligation { law }) => {
            format!("A legal duty requires it (Art 17(3)(b)): {law}")
        }
        (Why::LegalDuty, _) => "A legal duty requires it (Art 17(3)(b))".to_owned(),
        (Why::PublicTask, _) => "A task in the public interest requires it (Art 17(3)(b))".to_owned(),
        (Why::Hold, _) => "A hold stands: legal claims (Art 17(3)(e))".to_owned(),
        (Why::Work, _) => "It is kept for the work itself, and no longer linked to them".to_owned(),
    }
}
