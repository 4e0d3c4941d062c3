//! Another category for somebody who is here already: a client who becomes a supporter, a delegate who orders something. What that lets
//! us hold, the policy says; nobody is given one by which nothing more is done with them.

use custody::id::PersonId;
use custody::refusal::{Question, Refusal};
use custody::{Ground, Life};
use jiff::civil::Date;
use policy::count::with_article;
use policy::policy::Clause;
use policy::{Activity, Category};
use serde_json::json;
use store::consent::Evidence;
use store::{Tx, not_entered, person as people};

use super::consent::{self, Given};
use super::{Acting, ending, fact, person};
use crate::fault::Fault;

/// Why somebody is entered in what they were kept out of, as it stands on their page.
const MAY_BE_TOLD: &str = "Whoever wrote down that they became one again said that they may be told.";

/// What somebody is as well.
#[derive(Clone, Copy, Debug)]
pub struct Also<'a> {
    /// The category, as the policy names it.
    pub category: &'a str,
    /// Since when.
    pub since: Date,
    /// What they agreed to on that day, by name.
    pub agreed: &'a [String],
    /// What shows that they did.
    pub evidence: Option<Evidence<'a>>,
    /// Whether they may also be told what we offer.
    pub offers: bool,
}

/// The categories that whoever acts may give somebody: those of which their role sees anybody, and which they are not of today, or
/// only were. None where their details may not be changed.
#[must_use]
pub fn may_give<'p>(acting: &'p Acting<'_>, life: &Life) -> Vec<&'p Category> {
    if fact::may_tell(acting, life).is_err() {
        return Vec::new();
    }
    let sees = |category: &Category| {
        acting.role().is_none_or(|role| custody::decide::sees_any_of(&acting.policy, role.id, category.id))
    };
    let all = acting.policy.categories.iter();
    let is_one =
        |category: &Category| life.has(category.id, acting.today) && !is_over(acting, life, category);
    all.filter(|category| sees(category) && !is_one(category)).collect()
}

fn is_over(acting: &Acting<'_>, life: &Life, category: &Category) -> bool {
    custody::ending::is_over(&acting.policy, life, category.id, acting.today)
}

/// Makes somebody one of a category from a day on. Whoever only was one becomes it anew: what ended the earlier time says
/// nothing about this one.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn begin(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    category: &Category,
    since: Date,
) -> Result<(), Fault> {
    if life.has(category.id, acting.today) && is_over(acting, life, category) {
        people::end_category(tx, life.person, &category.name, since)?;
    }
    people::give_category(tx, &acting.policy, life.person, category.id, since, acting.staff_id())?;
    Ok(())
}

/// What they can agree to as they become it, by a word or a tick.
#[must_use]
pub fn agreeable<'p>(acting: &'p Acting<'_>, life: &Life, category: &Category) -> Vec<&'p Activity> {
    let stands = |activity: &&Activity| {
        custody::basis::standing(&acting.policy, activity, life, None, acting.today).stands()
    };
    person::agreeable(&acting.policy, category).into_iter().filter(|activity| !stands(activity)).collect()
}

/// What would be done with them that promotes us and that nobody has to be asked for, beside what is done already.
#[must_use]
pub fn offers<'p>(acting: &'p Acting<'_>, life: &Life, category: &Category) -> Vec<&'p Activity> {
    let goes_on = |activity: &Activity| {
        let mut active = life.grounds.iter().filter(|ground| ground.active(acting.today));
        let rule = |ground: &Ground| acting.policy.rules.get(ground.rule.index());
        active.any(|ground| rule(ground).is_some_and(|rule| rule.activity == activity.id))
    };
    let as_another = |activity: &Activity| {
        let mut others = activity.for_whom.iter().filter(|whom| whom.category != category.id);
        others.any(|whom| life.has(whom.category, acting.today))
    };
    let all = person::offers(&acting.policy, category.id, None);
    all.into_iter().filter(|activity| !goes_on(activity) && !as_another(activity)).collect()
}

/// Gives it, with what they agreed to.
///
/// # Errors
/// [`Fault::Refused`] if their details may not be changed, or nothing would be done with them as that; [`Fault::Invalid`] if they are it
/// already, for a day that does not fit, and as [`consent::agree`].
pub fn give(acting: &Acting<'_>, tx: &Tx<'_>, who: PersonId, also: &Also<'_>) -> Result<(), Fault> {
    let life = acting.life(tx, who)?;
    fact::may_tell(acting, &life)?;
    let category = may_give(acting, &life).into_iter().find(|known| known.name == also.category);
    let category = category
        .ok_or_else(|| Fault::field("category", "Choose what they are as well, and are not already."))?;
    if also.since > acting.today {
        return Err(Fault::field("since", "This day has not come yet."));
    }
    let before = life.categories.iter().filter(|held| held.category == category.id);
    if before.map(|held| held.until.unwrap_or(held.since)).any(|day| also.since < day) {
        return Err(Fault::field(
            "since",
            "They were that already on this day, and were it no longer later.",
        ));
    }
    for activity in offers(acting, &life, category) {
        if !also.offers {
            not_entered::keep_out(tx, who, &activity.name, also.since)?;
        } else if life.not_entered.contains(&activity.id) {
            not_entered::enter(tx, who, &activity.name, also.since, acting.staff_id(), MAY_BE_TOLD)?;
            acting.log(tx, "person.entered", &[who], &json!({ "activity": activity.name }))?;
        }
    }
    begin(acting, tx, &life, category, also.since)?;
    let mut life = acting.settle(tx, who)?;
    for activity in also.agreed {
        let evidence = also
            .evidence
            .ok_or_else(|| Fault::field("evidence", "Say what shows that they agreed: silence is no yes."))?;
        consent::agree(acting, tx, who, activity, Given::shown(also.since, evidence))?;
    }
    if also.agreed.is_empty() {
        something_is_done(acting, &life, category)?;
    } else {
        life = acting.life(tx, who)?;
    }
    let opened = life.grounds.iter().filter(|ground| ground.active(acting.today)).count();
    let body = json!({ "category": category.name, "on": also.since.to_string(), "grounds": opened });
    acting.log(tx, "category.begun", &[who], &body)
}

/// The categories that somebody has had since today and for the first time, and that whoever acts may take back until the night: it was a
/// slip, and they never were.
#[must_use]
pub fn may_take_back<'p>(acting: &'p Acting<'_>, life: &Life) -> Vec<&'p Category> {
    if fact::may_tell(acting, life).is_err() {
        return Vec::new();
    }
    let is_new = |category: &&Category| {
        let mut held = life.categories.iter().filter(|held| held.category == category.id);
        let first = held.next().is_some_and(|held| held.since == acting.today && held.until.is_none());
        first && held.next().is_none()
    };
    acting.policy.categories.iter().filter(is_new).collect()
}

/// Takes back that somebody is of a category. What it opened is annulled.
///
/// # Errors
/// [`Fault::Refused`] if their details may not be changed; [`Fault::NotFound`] if it is none of [`may_take_back`]; [`Fault::Invalid`] if
/// nothing else is done with them: then it is not taken back but erased.
pub fn take_back(acting: &Acting<'_>, tx: &Tx<'_>, who: PersonId, category: &str) -> Result<(), Fault> {
    let life = acting.life(tx, who)?;
    fact::may_tell(acting, &life)?;
    let known = may_take_back(acting, &life).into_iter().find(|known| known.name == category);
    let known = known.ok_or(Fault::NotFound)?;
    people::annul_category(tx, who, &known.name, acting.now)?;
    let life = acting.settle(tx, who)?;
    if ending::all_over(acting, &life) {
        let words = "Nothing else is done with them, so all of it would go tonight: erase them instead.";
        return Err(Fault::field("category", words));
    }
    acting.log(tx, "category.taken back", &[who], &json!({ "category": known.name }))
}

/// Whether something is done with somebody as one of a category, today or once there is work.
fn something_is_done(acting: &Acting<'_>, life: &Life, category: &Category) -> Result<(), Fault> {
    let policy = &acting.policy;
    let theirs = |activity: &Activity| activity.for_whom.iter().any(|whom| whom.category == category.id);
    let mut active = life.grounds.iter().filter(|ground| ground.active(acting.today));
    let done = active.any(|ground| {
        let rule = policy.rules.get(ground.rule.index());
        rule.and_then(|rule| policy.activity(rule.activity)).is_some_and(theirs)
    });
    if done {
        return Ok(());
    }
    let clause = policy.activities.iter().find(|activity| theirs(activity)).map(|activity| activity.id);
    Err(Refusal::by(
        policy,
        Question::Ground,
        clause.map(Clause::For),
        format!("nothing would be done with them as {}", with_article(&category.name)),
        "Write down what they agreed to as well, or leave it until they are on work that makes them one."
            .to_owned(),
    )
    .into())
}
