//! What a webhook says: the events there are, the body of a message and how it is signed, as Standard Webhooks has it. A body
//! carries numbers and never a value: whoever wants to know more asks the API, where the policy decides.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use store::webhook::Waiting;
use store::{Tx, log};

use crate::fault::Fault;

/// What a message says that was sent only to try it.
pub const TRIAL: &str = "webhook.tried";

/// How many people a body names at most: with them it stays below the 20 kB that Standard Webhooks recommends.
const PEOPLE_MAX: usize = 1_000;

/// What of the body of an event is passed on, and only where it is a number.
const NUMBERS: &[&str] =
    &["item", "engagement", "consent", "request", "complaint", "incident", "hold", "import", "mailing"];

/// An event that a webhook can be told of.
pub struct Event {
    /// Its name, as Standard Webhooks has names: full stops between its parts.
    pub name: &'static str,
    /// What happened, for people.
    pub words: &'static str,
    /// The acts of the log that it is.
    acts: &'static [&'static str],
}

/// Every event.
pub const EVENTS: &[Event] = &[
    Event { name: "person.added", words: "Somebody was added", acts: &["person.added"] },
    Event {
        name: "person.changed",
        words: "A detail of somebody, or what they are to us, was added, changed or taken away",
        acts: &[
            "item.added",
            "item.changed",
            "item.removed",
            "organisation.joined",
            "category.begun",
            "category.taken back",
            "category.ended",
            "category.ended taken back",
        ],
    },
    Event {
        name: "person.merged",
        words: "Two entries were put together, or taken apart again",
        acts: &["people.merged", "people.parted"],
    },
    Event {
        name: "person.restricted",
        words: "Somebody\u{2019}s data is restricted, or no longer",
        acts: &["person.restricted", "person.restriction_lifted"],
    },
    Event {
        name: "person.let_go",
        words: "Something held about somebody was let go: its period ended, or it was erased",
        acts: &["let go", "person.erased"],
    },
    Event { name: "consent.given", words: "Somebody agreed to something", acts: &["consent.recorded"] },
    Event {
        name: "consent.withdrawn",
        words: "Somebody took back what they agreed to",
        acts: &["consent.withdrawn"],
    },
    Event { name: "objection.made", words: "Somebody objected", acts: &["objection.recorded"] },
    Event { name: "objection.lifted", words: "An objection no longer stands", acts: &["objection.lifted"] },
    Event {
        name: "request.opened",
        words: "Somebody asked for a right of theirs",
        acts: &["request.opened"],
    },
    Event {
        name: "request.answered",
        words: "Such a request was answered, or ended when whoever made it was erased",
        acts: &["request.answered", "request.ended"],
    },
    Event { name: "complaint.opened", words: "Somebody complained", acts: &["complaint.opened"] },
    Event { name: "form.received", words: "Somebody wrote by a form of the policy", acts: &["form.taken"] },
    Event {
        name: "incident.opened",
        words: "Data was lost, seen by the wrong people, changed or out of reach; or an incident was opened again",
        acts: &["incident.opened", "incident.reopened"],
    },
    Event { name: "incident.closed", words: "Such an incident was closed", acts: &["incident.closed"] },
    Event { name: "work.started", words: "A piece of work began", acts: &["work.started"] },
    Event {
        name: "work.moved",
        words: "A milestone of a piece of work was recorded, or taken back",
        acts: &["milestone.recorded", "milestone.undone"],
    },
    Event { name: "hold.placed", words: "A hold was placed", acts: &["hold.placed"] },
    Event { name: "hold.ended", words: "A hold ended", acts: &["hold.ended"] },
    Event { name: "import.finished", words: "A file was brought in", acts: &["import.finished"] },
    Event { name: "mailing.queued", words: "A mailing was handed to the outbox", acts: &["mailing.queued"] },
    Event { name: "policy.began", words: "A version of the policy came into force", acts: &["policy.began"] },
];

/// What an act of the log is called as an event, if it is one.
#[must_use]
pub fn named(act: &str) -> Option<&'static str> {
    EVENTS.iter().find(|event| event.acts.contains(&act)).map(|event| event.name)
}

/// What is said, and under which id: the same however often it is tried.
pub struct Said {
    /// `webhook-id`.
    pub id: String,
    /// The body.
    pub body: String,
}

/// What a message says; nothing where the log has let go of its event.
///
/// # Errors
/// Whatever the store says.
pub fn body(tx: &Tx<'_>, message: &Waiting) -> Result<Option<Said>, Fault> {
    let Some(id) = message.event else {
        let body = json!({ "type": TRIAL, "timestamp": message.made_at.to_string(), "data": {} });
        return Ok(Some(Said { id: format!("evt_{}", message.id), body: body.to_string() }));
    };
    let Some(event) = log::one(tx, id)? else { return Ok(None) };
    let Some(name) = named(&event.act) else { return Ok(None) };
    let mut data = Map::new();
    let limit = u32::try_from(PEOPLE_MAX + 1).unwrap_or(u32::MAX);
    let mut people: Vec<i64> = log::concerns(tx, id, limit)?.into_iter().map(|person| person.0).collect();
    if people.len() > PEOPLE_MAX {
        people.truncate(PEOPLE_MAX);
        data.insert("more_people".to_owned(), true.into());
    }
    data.insert("people".to_owned(), people.into());
    for number in NUMBERS {
        let found = event.body.as_ref().and_then(|body| body.get(number)).and_then(Value::as_i64);
        if let Some(found) = found {
            data.insert((*number).to_owned(), found.into());
        }
    }
    let body = json!({ "type": name, "timestamp": event.at.to_string(), "data": data });
    Ok(Some(Said { id: format!("evt_{id}"), body: body.to_string() }))
}

/// A secret as its owner reads it.
#[must_use]
pub fn shown(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The signatures of a message, one with each secret.
///
/// # Errors
/// If a secret is none.
pub fn signatures(secrets: &[&[u8]], said: &Said, at: Timestamp) -> Result<String, Fault> {
    let content = format!("{}.{}.{}", said.id, at.as_second(), said.body);
    let mut all = Vec::with_capacity(secrets.len());
    for secret in secrets {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret)
            .map_err(|_| Fault::Other("a webhook's secret is none".to_owned()))?;
        mac.update(content.as_bytes());
        all.push(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    }
    Ok(all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_that_the_standard_gives_as_its_example() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let said = Said { id: "msg_p5jXN8AQM9LWM0D4loKWxJek".into(), body: r#"{"test": 2432232314}"#.into() };
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signatures(&[secret.as_slice()], &said, at).unwrap(), one);
        let two = signatures(&[b"another".as_slice(), secret.as_slice()], &said, at).unwrap();
        assert_eq!(two.split(' ').nth(1), Some(one));
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn names_are_as_the_standard_wants_them_and_no_act_is_two_events() {
        let mut acts = std::collections::BTreeSet::new();
        for event in EVENTS {
            let fits = |letter: char| letter.is_ascii_lowercase() || letter == '.' || letter == '_';
            assert!(event.name.chars().all(fits) && event.name != TRIAL, "{}", event.name);
            assert!(event.acts.iter().all(|act| acts.insert(*act)), "{}", event.name);
        }
    }
}
