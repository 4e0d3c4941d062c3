//! What somebody agreed to, as it stood on the day they did: the version of the policy in force then and its words, whatever
//! the policy says by the time it is written down.

use jiff::civil::Date;
use policy::{Activity, Basis, Policy};
use store::{Tx, consent, policy_version};

use super::{Acting, wording};
use crate::fault::Fault;
use crate::instance;

/// The words of a day and the version of the notice they stood in.
pub(super) struct Words {
    pub(super) version: u32,
    pub(super) wording: String,
}

/// The words of an activity as they stood on a day. `field` is where the form asks for the day.
///
/// # Errors
/// [`Fault::Invalid`] if the policy in force that day asked for no such consent, or for one in another form.
pub(super) fn on(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    activity: &Activity,
    day: Date,
    field: &str,
) -> Result<Words, Fault> {
    let now = &acting.policy;
    let version = if day == acting.today { now.version } else { policy_version::number_on(tx, day)? };
    if version == now.version {
        return Ok(Words { version, wording: wording(now, activity) });
    }
    let then = instance::read_policy(policy_version::in_force(tx, day)?.files)?;
    let on = crate::web::frame::words(day);
    let none = || {
        let said =
            format!("Version {version} of the policy, in force on {on}, asked nobody to agree to this.");
        Fault::field(field, said)
    };
    let asked = former(now, activity, &then).ok_or_else(none)?;
    let (Basis::Consent { form: was, .. }, Basis::Consent { form: is, .. }) = (&asked.basis, &activity.basis)
    else {
        return Err(none());
    };
    if std::mem::discriminant(was) != std::mem::discriminant(is) {
        let said = format!(
            "Version {version} of the policy, in force on {on}, asked for it in another form: {}. Ask them again.",
            consent::form_name(&then, was)
        );
        return Err(Fault::field(field, said));
    }
    Ok(Words { version, wording: wording(&then, asked) })
}

/// What an activity was in another version of the policy: of the same name, or under the name it had then.
pub(super) fn former<'p>(now: &Policy, activity: &Activity, then: &'p Policy) -> Option<&'p Activity> {
    let rules = activity.rules.iter().filter_map(|id| now.rules.get(id.index()));
    let mut keys = rules.flat_map(policy::Rule::keys);
    then.activity_named(&activity.name)
        .or_else(|| keys.find_map(|key| then.rule_keyed(key).and_then(|rule| then.activity(rule.activity))))
}
