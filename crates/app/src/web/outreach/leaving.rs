//! The buttons below a mailing: a test to oneself, sending now or later, how fast, a pause, calling back, and what became of what is
//! uncertain.

use jiff::civil::{Date, Time};
use policy::count::{counted, grouped};

use super::*;
use crate::acts::came_back;
use crate::acts::mailing::{leaving, trial};
use crate::web::{Trouble, blocking};

/// What a button sends.
#[derive(Deserialize, Clone, Copy)]
pub struct Seen {
    #[serde(default)]
    version: i64,
}

/// `POST /outreach/{id}/send`.
pub async fn send(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Seen>,
) -> Answer<Response> {
    let sent = write(house.clone(), &visitor, move |acting, tx| {
        acts::send(acting, tx, MailingId(id), given.version)
    })
    .await;
    answer(house, visitor, id, sent, "leaving", Form::default()).await
}

/// `POST /outreach/{id}/cancel`.
pub async fn cancel(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let done = write(house.clone(), &visitor, move |acting, tx| {
        acts::call_back(acting, tx, MailingId(id)).map(drop)
    })
    .await;
    answer(house, visitor, id, done, "undone", Form::default()).await
}

/// What somebody says of messages that may have arrived.
#[derive(Deserialize, Clone)]
pub struct Say {
    #[serde(default)]
    arrived: String,
}

/// `POST /outreach/{id}/uncertain`.
pub async fn say(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Say>,
) -> Answer<Response> {
    let arrived = given.arrived == "yes";
    let done = write(house.clone(), &visitor, move |acting, tx| match given.arrived.as_str() {
        "yes" | "no" => crate::acts::uncertain::say(acting, tx, MailingId(id), arrived).map(drop),
        _ => Err(Fault::field("arrived", "Say whether they arrived, or are sent again.")),
    })
    .await;
    answer(house, visitor, id, done, if arrived { "recorded" } else { "leaving" }, Form::default()).await
}

/// `POST /outreach/{id}/now`.
pub async fn now(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let done = write(house.clone(), &visitor, move |acting, tx| acts::hurry(acting, tx, MailingId(id))).await;
    answer(house, visitor, id, done, "leaving", Form::default()).await
}

/// What a draft is kept by.
#[derive(Deserialize, Clone)]
pub struct Called {
    #[serde(default)]
    name: String,
}

/// `POST /outreach/{id}/template`: what the draft says is kept to begin others with.
pub async fn template(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Called>,
) -> Answer<Response> {
    let typed = Form { values: [("name".to_owned(), given.name.clone())].into(), ..Form::default() };
    let kept = write(house.clone(), &visitor, move |acting, tx| {
        crate::acts::template::of_draft(acting, tx, MailingId(id), &given.name).map(drop)
    })
    .await;
    answer(house, visitor, id, kept, "noted", typed).await
}

/// Which address a draft is to leave from.
#[derive(Deserialize, Clone)]
pub struct Whence {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    from: String,
}

/// `POST /outreach/{id}/sender`.
pub async fn sender(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Whence>,
) -> Answer<Response> {
    let done = write(house.clone(), &visitor, move |acting, tx| {
        acts::sender::choose(acting, tx, MailingId(id), given.version, &given.from)
    })
    .await;
    answer(house, visitor, id, done, "saved", Form::default()).await
}

/// As which of the audience a test is read.
#[derive(Deserialize, Clone, Copy)]
pub struct Try {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    whose: usize,
}

/// `POST /outreach/{id}/test`: one to whoever writes it.
pub async fn test(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Try>,
) -> Answer<Response> {
    let prepared = write(house.clone(), &visitor, move |acting, tx| {
        trial::prepare(acting, tx, MailingId(id), given.version, given.whose)
    })
    .await;
    let sent = match prepared {
        Ok(outgoing) => {
            let axum::extract::State(instance) = house.clone();
            let sent = blocking(move || trial::leave(&instance, &outgoing)).await;
            sent.map_err(|fault| Trouble::new(fault, &visitor))
        }
        Err(trouble) => Err(trouble),
    };
    answer(house, visitor, id, sent, "tried", Form::default()).await
}

/// When a mailing is to leave, as it was typed.
#[derive(Deserialize, Clone)]
pub struct Later {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    on: String,
    #[serde(default)]
    at: String,
}

/// `POST /outreach/{id}/schedule`: it leaves at a day and hour, to whoever may have it then.
pub async fn schedule(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Later>,
) -> Answer<Response> {
    let typed = Form {
        values: [("on".to_owned(), given.on.clone()), ("at".to_owned(), given.at.clone())].into(),
        ..Form::default()
    };
    let done = write(house.clone(), &visitor, move |acting, tx| {
        let on: Date = given.on.trim().parse().map_err(|_| Fault::field("on", "Choose a day."))?;
        let at: Time =
            given.at.trim().parse().map_err(|_| Fault::field("at", "Choose an hour, like 09:00."))?;
        leaving::later(acting, tx, MailingId(id), given.version, on.to_datetime(at)).map(drop)
    })
    .await;
    answer(house, visitor, id, done, "scheduled", typed).await
}

/// `POST /outreach/{id}/draft`: what was to leave later is a draft again.
pub async fn draft(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let done =
        write(house.clone(), &visitor, move |acting, tx| leaving::draft_again(acting, tx, MailingId(id)))
            .await;
    answer(house, visitor, id, done, "undone", Form::default()).await
}

/// `POST /outreach/{id}/pause`.
pub async fn pause(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let done =
        write(house.clone(), &visitor, move |acting, tx| leaving::pause(acting, tx, MailingId(id))).await;
    answer(house, visitor, id, done, "paused", Form::default()).await
}

/// Why a mailing goes on of which too much came back.
#[derive(Deserialize, Clone)]
pub struct Why {
    #[serde(default)]
    why: String,
}

/// `POST /outreach/{id}/resume`.
pub async fn resume(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Why>,
) -> Answer<Response> {
    let done = write(house.clone(), &visitor, move |acting, tx| match given.why.as_str() {
        "" => leaving::go_on(acting, tx, MailingId(id)),
        why => came_back::go_on(acting, tx, MailingId(id), why),
    })
    .await;
    answer(house, visitor, id, done, "leaving", Form::default()).await
}

/// Why a mailing pauses by itself, and the reasons for which it may go on; nothing where it does not.
pub(super) fn pauses(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: MailingId,
) -> Result<(String, Vec<Choice>), Fault> {
    let Some(why) = came_back::pauses(acting, tx, mailing)? else { return Ok((String::new(), Vec::new())) };
    let reasons = came_back::REASONS.iter().map(|(value, words)| Choice {
        value: (*value).to_owned(),
        words: (*words).to_owned(),
        hint: String::new(),
        chosen: false,
    });
    Ok((why, reasons.collect()))
}

/// How far a mailing is on its way into the outbox, in words.
pub(super) fn prepared(held: &Row_, there: u64) -> String {
    match held.filling_of.and_then(|of| u64::try_from(of).ok()) {
        Some(of) => format!("It is being prepared: {} of {} so far.", grouped(there), counted(of, "message")),
        None if held.filling => "It is being prepared: whom it is for is being counted.".to_owned(),
        None => String::new(),
    }
}

/// How fast, as it was typed.
#[derive(Deserialize, Clone)]
pub struct Pace {
    #[serde(default, rename = "per-minute")]
    per_minute: String,
}

/// `POST /outreach/{id}/pace`.
pub async fn pace(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Pace>,
) -> Answer<Response> {
    let typed =
        Form { values: [("per-minute".to_owned(), given.per_minute.clone())].into(), ..Form::default() };
    let done = write(house.clone(), &visitor, move |acting, tx| {
        let most = match given.per_minute.trim() {
            "" => None,
            // What is no number is refused like one that is no pace.
            number => Some(number.parse().unwrap_or(0)),
        };
        leaving::pace(acting, tx, MailingId(id), most)
    })
    .await;
    answer(house, visitor, id, done, "saved", typed).await
}
