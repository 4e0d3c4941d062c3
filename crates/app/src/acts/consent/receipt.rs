//! The receipt of a consent: what was agreed to, when, how and beside which notice, and what came of it, as JSON-LD in the
//! shape that the Data Privacy Vocabulary gives the consent records of ISO/IEC TS 27560:2023 (w3id.org/dpv/guides/consent-27560).
//! It holds no address of whoever agreed and nothing that anybody noted: they are known by their number.

use std::sync::Arc;

use custody::Grant;
use custody::basis;
use custody::id::{ConsentId, PersonId};
use jiff::civil::Date;
use policy::register;
use policy::{Activity, Policy};
use serde_json::{Value, json};
use store::consent::{self, Shown};
use store::{Tx, policy_version};

use super::{Acting, how, words};
use crate::acts::engagement::reading;
use crate::fault::Fault;
use crate::instance;
use crate::print::copy;

/// The profiles that a record and a receipt conform to.
const RECORD: &str = "https://w3id.org/dpv/schema/dpv-27560#record";
const RECEIPT: &str = "https://w3id.org/dpv/schema/dpv-27560#receipt";
/// The language that everything is said in.
const LANGUAGE: &str = "en-GB";

/// The receipt of one consent of a person, as it stands today.
///
/// # Errors
/// [`Fault::NotFound`] if it, or they, are out of reach.
pub fn receipt(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    consent: ConsentId,
) -> Result<Value, Fault> {
    let life = acting.life(tx, person)?;
    let grant = reading(acting, &[&life]).map_err(|_| Fault::NotFound)?;
    let kind = acting.policy.kind_named("consent record").ok_or(Fault::NotFound)?;
    if !grant.covers(person, kind.id) {
        return Err(Fault::NotFound);
    }
    let all = consent::of_person(tx, &acting.policy, person)?;
    let given = all.into_iter().find(|given| given.id == consent).ok_or(Fault::NotFound)?;
    acting.opens("consent.receipt", &grant);
    let version = match given.version {
        Some(version) => version,
        None => policy_version::number_on(tx, given.given_on)?,
    };
    let then = version_of(acting, tx, version)?;
    let activity = activity_of(acting, &then, &given.activity).ok_or(Fault::NotFound)?;
    let described = register::described(&then, activity);
    let address = acting.instance.public_address();
    let record = format!("{address}/people/{person}/consents/{consent}");
    let receipt = json!({
        "@id": format!("{record}/receipt"),
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": { "@id": RECEIPT },
        "dct:identifier": format!("{record}/receipt"),
        "dct:created": acting.now.to_string(),
        "dct:publisher": { "@id": described.controller },
        "dpv:hasRecordOfActivity": { "@id": record },
    });
    let subject = format!("{address}/people/{person}");
    let last = life.consents.iter().find(|known| known.id == given.id).and_then(|known| {
        let activity = acting.policy.activity(known.activity)?;
        basis::last_day(&acting.policy, activity, known)
    });
    let notice = json!({
        "@id": format!("{address}/privacy/versions/{version}"),
        "@type": "dpv:ConsentNotice",
        "dct:hasVersion": version.to_string(),
        "dct:language": LANGUAGE,
        "dct:identifier": format!("blake3:{}", store::keys::hex(&policy_version::hash(tx, version)?)),
        "description": copy::text(&given.wording, &grant)?,
    });
    let record = json!({
        "@id": record,
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": { "@id": RECORD },
        "dct:identifier": record,
        "dct:language": LANGUAGE,
        "hasDataSubject": { "@id": subject, "@type": "dpv:DataSubject", "dct:identifier": person.to_string() },
        "hasDataController": described.controller,
        "hasProcess": [described.process],
        "hasStorageCondition": places(&then, activity),
        "dpv:hasNotice": notice,
        "dpv:hasJurisdiction": { "@id": "loc:GB" },
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dpv:isExercisedAt": format!("{address}/ask"),
            "description": format!(
                "By the link in any message of ours, by the page named here, or by telling us: {}.",
                then.contact.email
            ),
        },
        "dpv:hasConsentStatus": events(acting, &given, (&subject, last), &grant)?,
    });
    let mut graph = vec![receipt, record];
    graph.extend(described.nodes);
    Ok(json!({ "@context": described.context, "@graph": graph }))
}

/// The policy of a version.
fn version_of(acting: &Acting<'_>, tx: &Tx<'_>, version: u32) -> Result<Arc<Policy>, Fault> {
    if version == acting.policy.version {
        return Ok(Arc::clone(&acting.policy));
    }
    Ok(Arc::new(instance::read_policy(policy_version::one(tx, version)?.files)?))
}

/// The activity as that version had it, also under the name it had then.
fn activity_of<'p>(acting: &Acting<'_>, then: &'p Policy, name: &str) -> Option<&'p Activity> {
    then.activity_named(name).or_else(|| {
        let now = &acting.policy;
        words::former(now, now.activity_named(name)?, then)
    })
}

/// Where what is kept under an activity lies: at home, and with the processors that it names.
fn places(then: &Policy, activity: &Activity) -> Vec<Value> {
    let named = then.processors.iter().filter(|processor| activity.places.contains(&processor.name));
    let mut places: Vec<&String> =
        std::iter::once(&then.home).chain(named.map(|processor| &processor.place)).collect();
    places.sort_unstable();
    places.dedup();
    let each = places.into_iter().map(|place| {
        json!({ "@type": "dpv:StorageLocation", "hasLocation": { "@type": "dpv:Country", "title": place } })
    });
    each.collect()
}

/// What happened to it, in the order in which it did: given, and taken back or run out.
fn events(
    acting: &Acting<'_>,
    given: &Shown,
    (subject, last): (&str, Option<Date>),
    grant: &Grant,
) -> Result<Vec<Value>, Fault> {
    let sort = if given.form.starts_with("opt-in") {
        "dpv:ExpressedConsent"
    } else {
        "dpv:ExplicitlyExpressedConsent"
    };
    let until = "until they take it back";
    let duration = match last {
        Some(day) => json!({
            "@type": "dpv:UntilTimeDuration",
            "valid": day.to_string(),
            "description": format!("{until}, and no longer than this day unless they renew it"),
        }),
        None => json!({ "@type": "dpv:UntilEventDuration", "description": until }),
    };
    let said = copy::text(&given.how, grant)?;
    let shown = how(given.shows);
    let method =
        if said == shown || said.is_empty() { shown.to_owned() } else { format!("{said} ({shown})") };
    let (state, on) = match (given.confirm_by, given.confirmed_on) {
        (Some(_), None) => ("dpv:ConsentRequested", given.given_on),
        (_, confirmed_on) => ("dpv:ConsentGiven", confirmed_on.unwrap_or(given.given_on)),
    };
    let mut events = vec![json!({
        "@type": state,
        "dpv:isIndicatedAtTime": on.to_string(),
        "dpv:isIndicatedBy": { "@id": subject },
        "dpv:hasIndicationMethod": method,
        "hasLegalBasis": { "@id": sort },
        "hasDuration": duration,
    })];
    let end = |state: &str, on: Date, by: Value| {
        json!({
            "@type": state,
            "dpv:isIndicatedAtTime": on.to_string(),
            "dpv:isIndicatedBy": by,
            "hasLegalBasis": { "@id": sort },
            "hasDuration": { "@type": "dpv:UntilEventDuration", "description": "until they agree anew" },
        })
    };
    let ran_out = last.filter(|last| *last < acting.today).and_then(|last| last.tomorrow().ok());
    match (given.withdrawn_on, ran_out) {
        (Some(on), ran_out) if ran_out.is_none_or(|ran_out| on < ran_out) => {
            events.push(end("dpv:ConsentWithdrawn", on, json!({ "@id": subject })));
        }
        (_, Some(on)) => events.push(end("dpv:ConsentExpired", on, json!({ "@id": "dpv:DataController" }))),
        _ => {}
    }
    Ok(events)
}
