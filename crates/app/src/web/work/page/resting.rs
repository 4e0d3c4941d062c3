//! What a piece of work rests on, as its page says it: the signed consent, what is still to ask, the period agreed,
//! and when everything goes.

use std::collections::{BTreeMap, BTreeSet};

use custody::{Grant, Ground, Life, Sealed};
use jiff::civil::Date;
use policy::KindId;
use policy::phrase::{Voice, period_words, rule_words};
use policy::policy::Clause;
use policy::role::Deed;
use store::Tx;

use crate::acts::engagement::{self as acts, OnHand};
use crate::acts::{Acting, consent as consents};
use crate::fault::Fault;
use crate::web::frame;
use crate::web::page::{Day, Form, Link};
use crate::web::people::capital;

pub(super) struct Consent {
    pub(super) on_file: bool,
    pub(super) words: String,
    pub(super) clause: String,
    pub(super) promises: Vec<Link>,
    pub(super) href: String,
    pub(super) place: Option<Sealed>,
    /// Whether that is no paper.
    pub(super) elsewhere: bool,
    pub(super) form: Form,
    pub(super) may_record: bool,
    pub(super) withdraw: Option<Withdraw>,
}

pub(super) struct Withdraw {
    pub(super) href: String,
    pub(super) activity: String,
    pub(super) engagement: String,
}

pub(super) struct Asking {
    pub(super) activity: String,
    pub(super) words: String,
    pub(super) error: String,
}

pub(super) struct Agreed {
    pub(super) words: String,
    pub(super) usual: String,
    pub(super) who: String,
    pub(super) promises: Vec<Link>,
    pub(super) form: Form,
    pub(super) may_change: bool,
}

pub(super) fn consent(
    acting: &Acting<'_>,
    hand: &OnHand<'_>,
    life: &Life,
    documents: &[store::document::Document],
    form: Form,
    base: &str,
) -> Option<Consent> {
    let policy = &acting.policy;
    let (activity, kind, before) = consents::asked_for(policy, hand.work)?;
    let id = hand.engagement.id;
    let given = custody::basis::standing_consent(policy, activity, life, Some(id), acting.today);
    let document = given.and_then(|given| given.document);
    let held = document.and_then(|document| documents.iter().find(|held| held.id == document));
    let kind = policy.kind(kind).map_or("consent form", |kind| kind.name.as_str());
    let ended =
        hand.work.milestones.last().is_some_and(|last| {
            life.works.iter().any(|on| on.engagement == id && on.milestone(last).is_some())
        });
    Some(Consent {
        on_file: given.is_some(),
        words: match given {
            Some(given) => format!("Signed on {}.", frame::words(given.given_on)),
            None => {
                format!(
                    "Until the signed {kind} is on file there is no place for notes, and {before} cannot be recorded."
                )
            }
        },
        clause: format!("{}: consent, signed on {kind}, before {before}", activity.name),
        promises: frame::promises(&acting.policy, &Clause::Basis(activity.id)),
        href: held
            .filter(|held| held.file.is_some())
            .map_or_else(String::new, |held| format!("{base}/documents/{}", held.id)),
        place: held.and_then(|held| held.paper_place.clone()),
        elsewhere: held.is_some_and(|held| held.elsewhere),
        form,
        may_record: acting.may(Deed::RunWork) && !ended,
        withdraw: given.map(|given| Withdraw {
            href: format!("/people/{}/consents/withdrawal", life.person),
            activity: activity.name.clone(),
            engagement: given.engagement.map_or_else(String::new, |id| id.to_string()),
        }),
    })
}

/// What the policy asks the person once the last milestone has happened, while nobody has asked.
pub(super) fn asking(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    life: &Life,
    (happened, tasks): (&[store::engagement::Milestone], &[String]),
    form: &Form,
) -> Result<Vec<Asking>, Fault> {
    let put = store::question::of_engagement(tx, hand.engagement.id)?;
    let mut asking = Vec::new();
    for there in happened {
        for (activity, with) in acts::asked_once(acting, hand.work, &there.name) {
            let stands = custody::basis::standing_consent(&acting.policy, activity, life, None, acting.today);
            let by_hand = tasks.iter().any(|task| task.contains(&activity.title));
            let open = put.iter().any(|put| {
                put.answer.is_none() && put.asks == store::question::Asks::OptIn(activity.name.clone())
            });
            if stands.is_none() && (by_hand || open) {
                asking.push(Asking {
                    activity: activity.name.clone(),
                    words: if by_hand {
                        format!("Ask{with}: {}. Silence is no consent.", activity.title)
                    } else {
                        format!("Asked by e-mail{with}: {}. Write down what they tell you; silence is no consent.", activity.title)
                    },
                    error: ["answered", "note"].map(|field| form.error(field)).concat(),
                });
            }
        }
    }
    Ok(asking)
}

pub(super) fn agreed(
    acting: &Acting<'_>,
    hand: &OnHand<'_>,
    life: &Life,
    form: Form,
    runs: bool,
) -> Option<Agreed> {
    let rule = acts::agreeable(&acting.policy, hand.work.id)?;
    let agreed =
        life.works.iter().find(|on| on.engagement == hand.engagement.id).and_then(|on| on.agreed.as_ref());
    let by = acts::agreed_by(rule);
    let names: Vec<&str> = by.iter().map(String::as_str).collect();
    let who = custody::refusal::listed(&names);
    Some(Agreed {
        words: match agreed {
            Some(agreed) => match &agreed.reason {
                Some(reason) => format!("{} (longer than usual: {reason})", period_words(&agreed.period)),
                None => period_words(&agreed.period),
            },
            None => "nothing else was agreed".to_owned(),
        },
        usual: format!("The policy says: {}.", rule.words),
        who,
        promises: frame::promises(&acting.policy, &Clause::Keep(rule.id)),
        form,
        may_change: runs,
    })
}

/// What one holder of something here is held under: somebody on it, or the work itself.
pub(super) struct Side {
    pub(super) part: String,
    pub(super) name: Option<Sealed>,
    pub(super) grounds: Vec<(String, String)>,
}

/// The grounds of the work itself and those of everybody on it, side by side; nothing where the policy keeps nothing for
/// such work itself.
pub(super) fn sides(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    grant: &Grant,
) -> Result<Vec<Side>, Fault> {
    let Some(alone) = &hand.alone else { return Ok(Vec::new()) };
    let names = super::super::names(acting, tx, &hand.people(), grant)?;
    let of = |life: &Life| {
        let on_it = life
            .grounds
            .iter()
            .filter(|ground| ground.engagement == Some(hand.engagement.id) && ground.active(acting.today));
        on_it.filter_map(|ground| stands(acting, ground)).collect::<Vec<_>>()
    };
    let mut sides =
        vec![Side { part: format!("The {} itself", hand.work.title), name: None, grounds: of(alone) }];
    for life in &hand.lives {
        let Some(name) = names.iter().find(|name| name.person() == life.person) else { continue };
        let part = hand.parts.iter().find(|playing| playing.person == life.person);
        sides.push(Side {
            part: part.map_or_else(String::new, |playing| playing.part.clone()),
            name: Some(name.clone()),
            grounds: of(life),
        });
    }
    Ok(sides)
}

/// What a ground keeps, and until when.
fn stands(acting: &Acting<'_>, ground: &custody::life::Ground) -> Option<(String, String)> {
    let rule = acting.policy.rules.get(ground.rule.index())?;
    let kinds = custody::refusal::kind_names(&acting.policy, rule.kinds);
    let until = match (ground.due_on, ground.review_on, &ground.awaiting) {
        (Some(due), ..) => format!("until {}", frame::day(due, acting.today).words),
        (None, Some(review), _) => format!("looked at by {}", frame::day(review, acting.today).words),
        (None, None, Some(event)) => format!("its end counts from: {event}"),
        (None, None, None) => "without an end yet".to_owned(),
    };
    Some((capital(&kinds), until))
}

/// When everything here goes, as a sentence, and the day if it is known.
pub(super) fn due(acting: &Acting<'_>, hand: &OnHand<'_>, life: &Life) -> (String, Option<Day>) {
    let id = hand.engagement.id;
    let grounds =
        || life.grounds.iter().filter(|ground| ground.engagement == Some(id) && ground.active(acting.today));
    let itself =
        hand.alone.iter().filter(|alone| alone.person != life.person).flat_map(|alone| &alone.grounds);
    let itself = itself.filter(|ground| ground.active(acting.today)).filter_map(|ground| ground.due_on).max();
    if let Some(due) = grounds().filter_map(|ground| ground.due_on).max() {
        let day = frame::day(due, acting.today);
        let theirs = one_by_one(acting, grounds())
            .unwrap_or_else(|| format!("Notes, documents and details go after {}", day.words));
        return match itself.filter(|last| *last != due) {
            Some(last) => {
                let last = frame::day(last, acting.today).words;
                (format!("{theirs}; what is kept for the work itself goes after {last}."), Some(day))
            }
            None => (format!("{theirs}."), Some(day)),
        };
    }
    let Some(rule) = acts::agreeable(&acting.policy, hand.work.id) else { return (kept(acting, hand), None) };
    let agreed = life.works.iter().find(|on| on.engagement == id).and_then(|on| on.agreed.as_ref());
    let words = match agreed {
        Some(agreed) => {
            let event =
                rule.phrase.events().into_iter().next().map_or_else(String::new, |event| event.written());
            format!("{} after {event}", period_words(&agreed.period))
        }
        None => rule_words(&acting.policy, rule, Voice::They),
    };
    (format!("Notes, documents and details are kept {words}."), None)
}

/// What goes after which day, where not all of it goes after the same; of what several grounds keep the last one speaks.
fn one_by_one<'g>(acting: &Acting<'_>, grounds: impl Iterator<Item = &'g Ground>) -> Option<String> {
    let mut last: BTreeMap<KindId, Date> = BTreeMap::new();
    for ground in grounds {
        let (Some(due), Some(rule)) = (ground.due_on, acting.policy.rules.get(ground.rule.index())) else {
            continue;
        };
        for kind in rule.kinds.iter() {
            last.entry(kind).and_modify(|known| *known = due.max(*known)).or_insert(due);
        }
    }
    let days: BTreeSet<Date> = last.values().copied().collect();
    let said = days.iter().map(|day| {
        let kinds = last.iter().filter(|(_, due)| *due == day).map(|(kind, _)| *kind).collect();
        let kinds = capital(&custody::refusal::kind_names(&acting.policy, kinds));
        format!("{kinds}: until {}", frame::day(*day, acting.today).words)
    });
    (days.len() > 1).then(|| said.collect::<Vec<_>>().join("; "))
}

/// How long the policy keeps what belongs to this kind of work, a sentence for each period.
fn kept(acting: &Acting<'_>, hand: &OnHand<'_>) -> String {
    let mut said: Vec<String> = Vec::new();
    for rule in acting.policy.rules.iter().filter(|rule| rule.work == Some(hand.work.id)) {
        let kinds = custody::refusal::kind_names(&acting.policy, rule.kinds);
        let sentence =
            format!("{}: kept {}.", capital(&kinds), rule_words(&acting.policy, rule, Voice::They));
        if !said.contains(&sentence) {
            said.push(sentence);
        }
    }
    match said.is_empty() {
        true => {
            "The policy has no period of its own for this work. The pages of the people on it say until when."
                .to_owned()
        }
        false => said.join("\n"),
    }
}
