//! Choosing more finely: the topics of a policy that promote us, each as the policy names it, with the channels it comes by. What
//! somebody does not choose is stopped as surely as all of it: what they agreed to is taken back, what rests on an interest is
//! objected to. What they choose is their own word, given that day.

use custody::basis;
use custody::id::{ObjectionId, PersonId};
use custody::life::{Life, Objection, Scope};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::{Activity, Basis};
use serde_json::json;
use store::{Tx, life, objection};

use super::{BY_LINK, object, standing, stopped};
use crate::acts::{Acting, consent};
use crate::fault::Fault;

/// Something that promotes us and may be chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Topic {
    /// The activity's name.
    pub name: String,
    /// As the policy calls it.
    pub words: String,
    /// What it is for, and how it comes.
    pub hint: String,
    /// Whether they get it now.
    pub chosen: bool,
}

/// What a person may choose of, in the policy's order.
///
/// # Errors
/// Whatever the store says.
pub fn topics(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Vec<Topic>, Fault> {
    let life = life::load(tx, &acting.policy, person, acting.today)?;
    Ok(theirs(acting, &life).map(|activity| topic(acting, &life, activity)).collect())
}

fn topic(acting: &Acting<'_>, life: &Life, activity: &Activity) -> Topic {
    let channels = activity.channels.iter().filter_map(|id| acting.policy.channels.get(id.index()));
    let channels: Vec<&str> = channels.map(|channel| channel.title.as_str()).collect();
    let so_that = activity.so_that.as_ref().map(|so_that| format!("So that {so_that}."));
    let by = (!channels.is_empty()).then(|| format!("How it comes: {}.", channels.join(", ")));
    Topic {
        name: activity.name.clone(),
        words: activity.title.clone(),
        hint: [so_that, by].into_iter().flatten().collect::<Vec<_>>().join(" "),
        chosen: gets(acting, life, activity),
    }
}

/// The activities that promote us and are for such a person: those they have, and those they may agree to here.
fn theirs<'p>(acting: &'p Acting<'_>, life: &Life) -> impl Iterator<Item = &'p Activity> {
    let plainly = |activity: &Activity| {
        let mut whom = activity.for_whom.iter();
        whom.any(|whom| whom.once.is_none() && life.is_or_was(&acting.policy, whom.category))
    };
    let offered = move |activity: &&Activity| match &activity.basis {
        Basis::Consent { form: ConsentForm::Signed(_), .. } => gets(acting, life, activity),
        Basis::Consent { .. } => {
            plainly(activity) || life.consents.iter().any(|given| given.activity == activity.id)
        }
        _ => plainly(activity) && !life.not_entered.contains(&activity.id),
    };
    let found: Vec<&Activity> = promoting(acting).filter(offered).collect();
    found.into_iter()
}

fn promoting<'p>(acting: &'p Acting<'_>) -> impl Iterator<Item = &'p Activity> {
    acting.policy.activities.iter().filter(|one| one.purpose == Purpose::DirectMarketing)
}

fn on_consent(activity: &Activity) -> bool {
    matches!(activity.basis, Basis::Consent { .. })
}

fn gets(acting: &Acting<'_>, life: &Life, activity: &Activity) -> bool {
    basis::standing(&acting.policy, activity, life, None, acting.today).stands()
}

/// Takes what somebody chooses: of what they are offered they get this, and nothing else that promotes us.
///
/// # Errors
/// [`Fault::Refused`] if what they agree to may not be kept.
pub fn choose(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, wanted: &[String]) -> Result<(), Fault> {
    let mut life = life::load(tx, &acting.policy, person, acting.today)?;
    let offered: Vec<&Activity> = theirs(acting, &life).collect();
    let wants = |activity: &Activity| wanted.contains(&activity.name);
    if !offered.iter().any(|activity| wants(activity)) {
        return super::stop_marketing(acting, tx, person, BY_LINK);
    }
    let was_stopped = stopped(acting, tx, person)?;
    let by_link = objection::reached(tx, person, BY_LINK, Date::constant(1, 1, 1))?;
    // Who has stopped all of it has that stand: a later yes lets through what it is to, and what rests on an interest comes back
    // when they take the whole back. What they told us otherwise no link touches.
    let all: Vec<&Objection> = standing(&life, acting).collect();
    let may_agree = all.iter().all(|made| by_link.contains(&made.id) && made.made_on < acting.today);
    let whole = !all.is_empty();
    let everything = offered.iter().all(|activity| wants(activity));
    for activity in offered {
        let gets = gets(acting, &life, activity);
        match (wants(activity), gets) {
            (true, false) if !whole || (may_agree && on_consent(activity)) => {
                begin(acting, tx, &life, activity, &by_link)?;
            }
            (false, true) => end(acting, tx, &life, activity)?,
            _ => {}
        }
        life = life::load(tx, &acting.policy, person, acting.today)?;
    }
    // Nothing else that promotes us means what is not for them today, too.
    for activity in promoting(acting).filter(|one| !on_consent(one) && !wants(one)) {
        let scope = Scope::Activity(activity.id);
        let made: Vec<ObjectionId> = life
            .objections
            .iter()
            .filter(|made| made.scope == scope && made.lifted_on.is_none())
            .map(|made| made.id)
            .collect();
        if everything {
            for made in made.into_iter().filter(|made| by_link.contains(made)) {
                objection::lift(tx, made, acting.today)?;
            }
        } else if made.is_empty() && !whole {
            object(acting, tx, person, &scope, BY_LINK)?;
        }
    }
    acting.settle(tx, person)?;
    let body = json!({ "wanted": wanted.len(), "had stopped": was_stopped });
    acting.log(tx, "topics.chosen", &[person], &body)
}

fn begin(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    activity: &Activity,
    by_link: &[ObjectionId],
) -> Result<(), Fault> {
    let scope = Scope::Activity(activity.id);
    let stand = life.objections.iter().filter(|made| made.scope == scope && made.lifted_on.is_none());
    let stand: Vec<_> = stand.collect();
    // What they told us otherwise no link takes back, of one topic as of all.
    if stand.iter().any(|made| !by_link.contains(&made.id)) {
        return Ok(());
    }
    for made in stand {
        objection::lift(tx, made.id, acting.today)?;
    }
    match &activity.basis {
        Basis::Consent { .. } => {
            let life = acting.settle(tx, life.person)?;
            match gets(acting, &life, activity) {
                true => Ok(()),
                false => {
                    let given = consent::Given::themselves(acting.today, BY_LINK);
                    consent::opt_in(acting, tx, &life, activity, given).map(drop)
                }
            }
        }
        _ => Ok(()),
    }
}

fn end(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life, activity: &Activity) -> Result<(), Fault> {
    match &activity.basis {
        Basis::Consent { .. } => {
            store::consent::withdraw(tx, life.person, &activity.name, None, acting.today, BY_LINK)?;
            acting.log(tx, "consent.withdrawn", &[life.person], &json!({ "activity": activity.name }))
        }
        _ => object(acting, tx, life.person, &Scope::Activity(activity.id), BY_LINK),
    }
}
