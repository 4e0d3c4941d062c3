//! The outbox: what waits leaves, decided again at the moment of leaving. A message that may no longer go is
//! refused with its reason; one the mail server cannot take now waits and is tried again. Mail to one person leaves here, one after
//! another and before any mailing; mailings leave as [`many`].

use std::time::{Duration, Instant};

use custody::act::Asked;
use custody::id::MessageId;
use custody::{Grant, Refusal, Verb};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::message::{self, Message};
use store::task::{self, Kind, NewTask};
use store::{Tx, life, mailing, setting};

use crate::acts::audience::{self, Way};
use crate::acts::mailing::{filling, leaving, sender};
use crate::acts::picture::Leaving;
use crate::acts::{
    Acting, came_back, confirmation, consent, letter, onward, parting, person, personal, question, told,
    uncertain,
};
use crate::clock::machine;
use crate::config::Smtp;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::letter::Links;
use crate::mail::{Outgoing, SendError, Sender, Stage, compose, post};

mod deciding;
mod desk;
mod journal;
mod many;
mod outlived;
mod settled;

pub use outlived::outlived;

/// How many messages are looked for at once.
const BATCH: u32 = 50;

/// How long one turn goes on: a server that is asked to stop waits for it.
const TURN: Duration = Duration::from_secs(8);

/// A message claimed this long ago was claimed by a sender that did not come back.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// How often a message is tried that the mail server puts off before it counts as failed: for some hours one to one person, so that
/// somebody says it otherwise in time; for four days one of a mailing, so that a server that takes so many a day gets to all.
const TRIES: i64 = 8;
const TRIES_OF_MANY: i64 = 30;

/// How long one waits that could not be taken in hand, as [`later`] counts.
const PUT_OFF: i64 = 5;

/// The setting that says since when, in milliseconds, no mail server is there to take anything, and why.
const TROUBLE: &str = "mail waits";

/// Sends what may leave now.
///
/// # Errors
/// Whatever the store says. A mail server that does not answer is no fault of this job: messages wait.
pub fn run(instance: &Instance) -> Result<(), Fault> {
    // What cannot be begun now keeps nothing else from leaving.
    if let Err(fault) = leaving::when_due(instance) {
        tracing::error!(%fault, "a mailing whose hour has come could not be begun");
    }
    let Some(smtp) = &instance.config.smtp else { return Ok(()) };
    run_by(instance, smtp)
}

/// Sends what may leave now by a mail server, one turn of it: the rest waits for the next.
///
/// # Errors
/// As [`run`].
pub fn run_by(instance: &Instance, smtp: &Smtp) -> Result<(), Fault> {
    // What cannot be written down now keeps no other from leaving.
    if let Err(fault) = settled::left_over(instance) {
        tracing::error!(%fault, "what became of messages in hand could not be written down");
    }
    let now = instance.clock.now();
    let (some, trouble) = instance
        .store
        .read(|tx| Ok::<_, Fault>((message::waiting(tx, now, 1)?, setting::get(tx, TROUBLE)?)))?;
    // Where the server is not there, no message is taken in hand, and none is tried in vain.
    let ready = if some.is_empty() { Ok(None) } else { opened(smtp).map(Some) };
    match (&ready, trouble) {
        (Ok(_), None) | (Err(_), Some(_)) => {}
        (Ok(_), Some(_)) => instance.store.write(|tx| setting::clear(tx, TROUBLE))?,
        (Err(error), None) => {
            tracing::warn!(code = error.code, "the mail server cannot be used: messages wait until it can");
            let since = machine().as_millisecond();
            instance.store.write(|tx| setting::set(tx, TROUBLE, &format!("{since} {error}")))?;
        }
    }
    if let Ok(Some(sender)) = ready {
        turn(instance, smtp, sender)?;
    }
    instance.store.write(|tx| {
        let before = now.saturating_sub(LOST_AFTER)?;
        message::unclaim(tx, before)?;
        uncertain::lost(&Acting::system(instance, "sender"), tx, before)?;
        mailing::finish(tx)?;
        Ok::<_, Fault>(())
    })
}

/// A mail server that takes messages now.
fn opened(smtp: &Smtp) -> Result<Sender, SendError> {
    let sender = Sender::new(smtp)?;
    sender.ready()?;
    Ok(sender)
}

/// Since when no mail server is there to take what waits, and why; nothing where one is, or nothing waits.
///
/// # Errors
/// Whatever the store says.
pub fn trouble(tx: &Tx<'_>) -> Result<Option<(Timestamp, String)>, Fault> {
    let said = setting::get(tx, TROUBLE)?;
    Ok(said.and_then(|said| {
        let (since, why) = said.split_once(' ')?;
        Some((Timestamp::from_millisecond(since.parse().ok()?).ok()?, why.to_owned()))
    }))
}

/// Hands over what waits, for as long as the mail server takes it and the turn lasts: mail to one person, and when none of that waits
/// what waits of mailings.
fn turn(instance: &Instance, smtp: &Smtp, first: Sender) -> Result<(), Fault> {
    let (until, mut pictures) = (Instant::now() + TURN, Leaving::default());
    let (senders, from) = (many::senders(smtp, first), smtp.from.as_str());
    let Some(sender) = senders.first() else { return Ok(()) };
    loop {
        let now = instance.clock.now();
        let some = instance.store.read(|tx| message::waiting_by_itself(tx, now, BATCH))?;
        let goes_on = if some.is_empty() {
            let (left, well) = many::leave(instance, (senders.as_slice(), from), until, &mut pictures)?;
            left > 0 && well
        } else {
            batch(instance, (sender, from), (some.as_slice(), until), &mut pictures)?
        };
        if !goes_on {
            return Ok(());
        }
    }
}

/// A message that was handed to the mail server, and what came of it.
struct Handed {
    message: MessageId,
    tries: i64,
    sent: Result<(), SendError>,
}

/// Hands these over, one after another. What became of one is written down as the next is claimed: never are two in hand, and the
/// disk is waited for once for each. Whether it makes sense to go on: the mail server took each, or refused it for good, and there is
/// time left.
fn batch(
    instance: &Instance,
    (sender, from): (&Sender, &str),
    (some, until): (&[MessageId], Instant),
    pictures: &mut Leaving,
) -> Result<bool, Fault> {
    let mut handed: Option<Handed> = None;
    let mut well = true;
    for message in some.iter().copied() {
        let claimed = instance.store.write(|tx| {
            if let Some(before) = &handed {
                record(instance, tx, before)?;
            }
            claim(instance, tx, message, from, pictures)
        });
        let claimed = match claimed {
            Ok(claimed) => claimed,
            Err(fault) => {
                let passes = passes(&fault);
                // What became of the one before is known, whatever is wrong with this one; and this one keeps nobody else's.
                instance.store.write(|tx| {
                    if let Some(before) = &handed {
                        record(instance, tx, before)?;
                    }
                    if !passes {
                        put_off(instance, tx, message)?;
                    }
                    Ok::<_, Fault>(())
                })?;
                if passes {
                    return Ok(false);
                }
                // It was called back, or went with whom it was for, since it was looked for.
                if !matches!(fault, Fault::NotFound) {
                    tracing::error!(message = message.0, %fault, "a message could not be taken in hand");
                }
                None
            }
        };
        handed = claimed.map(|(tries, outgoing)| {
            let sent = hand_over(sender, &outgoing, || Ok(()));
            Handed { message, tries, sent }
        });
        if let Some(Handed { sent: Err(error), .. }) = &handed {
            well &= error.permanent;
            if error.of_the_server() {
                break;
            }
        }
        if Instant::now() > until {
            well = false;
            break;
        }
    }
    if let Some(last) = &handed {
        instance.store.write(|tx| record(instance, tx, last))?;
    }
    Ok(well)
}

/// Whether a fault is no message's: the store cannot do now what it can in the next turn.
fn passes(fault: &Fault) -> bool {
    matches!(fault, Fault::Store(store::Error::Away(_) | store::Error::Contended | store::Error::Full))
}

/// Takes messages back that the server before this one had in hand when it was stopped: an answer to one person is sent again,
/// since it must arrive; of a mailing its journal says what left and what waits, and what the mail server was just being given is
/// uncertain: nobody gets it twice. Where several servers work side by side another may have the rest: there it waits until it counts
/// as lost.
///
/// # Errors
/// Whatever the store says.
pub fn take_back(instance: &Instance) -> Result<(), Fault> {
    settled::left_over(instance)?;
    if instance.store.dialect() != store::dialect::Dialect::Sqlite {
        return Ok(());
    }
    let (taken, uncertain) = instance.store.write(|tx| {
        let acting = Acting::system(instance, "sender");
        let taken = message::unclaim(tx, Timestamp::MAX)?;
        Ok::<_, Fault>((taken, uncertain::lost(&acting, tx, Timestamp::MAX)?))
    })?;
    if uncertain > 0 {
        tracing::warn!(
            messages = uncertain,
            "a stop interrupted these of a mailing; none is sent again until somebody says so"
        );
    }
    if taken > 0 {
        tracing::warn!(
            messages = taken,
            "a stop interrupted these; whoever of them the mail server had taken already gets them twice"
        );
    }
    Ok(())
}

/// Gives up every message that waits: after a restore nobody knows which of them left after the backup was made. What
/// still has to be said is said by other means, and a task says so. How many there were.
///
/// # Errors
/// Whatever the store says.
pub fn give_up(instance: &Instance, why: &str) -> Result<u64, Fault> {
    let (mut count, mut last) = (0, MessageId(-1));
    loop {
        let some = instance.store.write(|tx| {
            let acting = Acting::system(instance, "restore");
            let some = message::in_hand(tx, last, BATCH)?;
            for one in &some {
                withdraw(&acting, tx, *one, why)?;
            }
            if some.is_empty() && count > 0 {
                mailing::finish(tx)?;
                let what = format!(
                    "{count} messages were waiting when the backup was made that this instance was restored from; they may have left since, \
                     and none of them leaves now: look at the mailings and requests of that day, and write again what did not arrive"
                );
                task::add(tx, &NewTask::new(Kind::Other, &what), acting.now)?;
            }
            Ok::<_, Fault>(some)
        })?;
        count += some.len() as u64;
        match some.last() {
            Some(one) => last = *one,
            None => break,
        }
    }
    instance.store.write(|tx| {
        let acting = Acting::system(instance, "restore");
        filling::none_by_itself(&acting, tx)?;
        mailing::finish(tx)?;
        leaving::none_by_itself(&acting, tx)
    })?;
    Ok(count)
}

/// Lets a message that waits or may have arrived leave no more, and sees to it that what it was to say is said otherwise. Whether
/// somebody has that to do.
///
/// # Errors
/// Whatever the store says.
pub fn withdraw(acting: &Acting<'_>, tx: &Tx<'_>, message: MessageId, why: &str) -> Result<bool, Fault> {
    let held = message::one(tx, &acting.policy, message)?;
    message::give_up(tx, message, why)?;
    if let Some(mailing) = held.mailing.filter(|_| held.state == "uncertain") {
        uncertain::fewer(acting, tx, mailing, "none is sent again")?;
    }
    unsaid(acting, tx, &held, why)
}

/// The post of a story: what may leave is decided and written down as sent on its day, and goes to nobody.
///
/// # Errors
/// [`Fault::Other`] for an instance that is no practice instance.
pub fn play(instance: &Instance) -> Result<(), Fault> {
    if !instance.is_practice() {
        return Err(Fault::Other("only a story's post goes to nobody".to_owned()));
    }
    let now = instance.clock.now();
    let waiting = instance.store.read(|tx| message::waiting(tx, now, BATCH))?;
    play_these(instance, &waiting)
}

/// What a night of a practice instance without a mail server wants to say is written down as said.
///
/// # Errors
/// As [`play`].
pub fn play_these(instance: &Instance, waiting: &[MessageId]) -> Result<(), Fault> {
    for message in waiting.iter().copied() {
        let from = instance.policy().contact.email.clone();
        let claimed =
            instance.store.write(|tx| claim(instance, tx, message, &from, &mut Leaving::default()))?;
        if let Some((tries, _)) = claimed {
            let handed = Handed { message, tries, sent: Ok(()) };
            instance.store.write(|tx| record(instance, tx, &handed))?;
        }
    }
    Ok(())
}

/// Decides again and claims, in one transaction; `None` where it was refused or somebody else has it.
fn claim(
    instance: &Instance,
    tx: &Tx<'_>,
    message: MessageId,
    from: &str,
    pictures: &mut Leaving,
) -> Result<Option<(i64, Outgoing)>, Fault> {
    let acting = Acting::system(instance, "sender");
    let held = message::one(tx, &acting.policy, message)?;
    let from = sender::of_message(instance, tx, &held, from)?;
    match leave(&acting, tx, &held, &from) {
        Ok(outgoing) => match message::claim(tx, &acting.policy, message, acting.now) {
            Ok(claimed) => {
                audience::note_rests(&acting, tx, &held)?;
                let pictures = pictures.of(tx, held.mailing)?;
                Ok(Some((claimed.attempts, Outgoing { pictures, ..outgoing })))
            }
            Err(store::Error::Missing) => Ok(None),
            Err(error) => Err(error.into()),
        },
        Err(Fault::Refused(refusal)) => {
            refuse(&acting, tx, &held, &refusal)?;
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

/// A message that waits may no longer leave.
fn refuse(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message, refusal: &Refusal) -> Result<(), Fault> {
    message::refuse(tx, held.id, &refusal.because)?;
    let people: Vec<_> = held.person.into_iter().collect();
    let body = json!({ "message": held.id.0, "clause": refusal.clause_words });
    acting.log(tx, "message.refused", &people, &body)?;
    unsaid(acting, tx, held, &refusal.because)?;
    Ok(())
}

/// The message put together, if it may leave now.
fn leave(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message, from: &str) -> Result<Outgoing, Fault> {
    let policy = &acting.policy;
    let links = Links::of(acting.instance, held.token.as_deref().unwrap_or_default());
    let channel = policy.channel_named(&held.channel);
    let record = policy.kind_named("message record").map(|kind| kind.id).into_iter().collect();
    let Some(person) = held.person else {
        told::sender::may_leave(acting, tx, held)?;
        let act = person::act(Verb::Maintain, None, Asked::Exactly(record));
        let grant = acting.decide(&act, &[], &custody::Gate::default())?;
        return post::outgoing(acting.instance, &grant, held, channel, &links, from);
    };
    let life = life::load(tx, policy, person, acting.today)?;
    // The record itself is the program's to read; whether it may leave is decided after.
    let reading = acting.decide(
        &person::act(Verb::Maintain, None, Asked::Exactly(record)),
        &[&life],
        &custody::Gate::default(),
    )?;
    may_leave(acting, tx, held, &life, &reading, &links)?;
    post::outgoing(acting.instance, &reading, held, channel, &links, from)
}

fn may_leave(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Message,
    life: &custody::Life,
    reading: &Grant,
    links: &Links,
) -> Result<(), Fault> {
    if held.sort == message::Sort::Rights {
        return consent::may_leave_to_confirm(acting, tx, held, life, reading);
    }
    let policy = &acting.policy;
    let activity = held.activity.as_deref().and_then(|name| policy.activity_named(name));
    let (Some(activity), Some(channel)) = (activity, policy.channel_named(&held.channel)) else {
        return Err(Fault::Refused(Box::new(Refusal::by(
            policy,
            custody::refusal::Question::Ground,
            None,
            "the policy in force no longer has the activity or channel of this message".to_owned(),
            "Write it again under an activity the policy has.".to_owned(),
        ))));
    };
    let footer_complete = post::footer_complete(reading, held, channel, links)?;
    if held.sort == message::Sort::Parting {
        parting::decide(acting, tx, &Way { activity, channel, footer_complete }, life, held.id)?;
        return Ok(());
    }
    audience::decide_leaving(acting, tx, &Way { activity, channel, footer_complete }, life, held.id)?;
    Ok(())
}

/// A message leaves no more, for whatever reason: what it was to ask or to say somebody asks or says by other means, if there is
/// still something to be said. Whether somebody has that to do. Every message that will not be sent comes by here.
fn unsaid(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message, why: &str) -> Result<bool, Fault> {
    let owed = question::stopped(acting, tx, held)?
        || parting::stopped(acting, tx, held)?
        || letter::stopped(acting, tx, held)?
        || onward::stopped(acting, tx, held)?
        || told::sender::stopped(acting, tx, held)?
        || confirmation::stopped(acting, tx, held)?
        || personal::stopped(acting, tx, held, why)?;
    // Clocks may count from a message that will not be sent.
    acting.settle_if_held(tx, held.person)?;
    Ok(owed)
}

/// Hands a message over; right before its text goes over something is noted.
fn hand_over(
    sender: &Sender,
    outgoing: &Outgoing,
    note: impl FnOnce() -> std::io::Result<()>,
) -> Result<(), SendError> {
    match compose(outgoing) {
        Ok(message) => sender.send_noting(&message, note),
        Err(error) => Err(SendError {
            permanent: true,
            lost: false,
            at: Stage::Text,
            code: None,
            message: error.to_string(),
        }),
    }
}

/// Writes down what became of a message.
fn record(instance: &Instance, tx: &Tx<'_>, handed: &Handed) -> Result<(), Fault> {
    let Handed { message, tries, sent } = handed;
    let (message, tries) = (*message, *tries);
    let acting = Acting::system(instance, "sender");
    let held = match message::one(tx, &acting.policy, message) {
        Ok(held) if held.state == "claimed" => held,
        // It was given up, or went with whom it was for, while it was in hand: that stands, and it keeps nothing else.
        Ok(_) | Err(store::Error::Missing) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let people: Vec<_> = held.person.into_iter().collect();
    match sent {
        Ok(()) => {
            message::sent(tx, message, acting.now)?;
            told::by_message(&acting, tx, &held)?;
            told::sender::left(&acting, tx, &held)?;
            store::parting::left(tx, message, acting.today)?;
            confirmation::left(&acting, tx, &held)?;
            if let Some(person) = held.person {
                acting.settle(tx, person)?;
            }
            acting.log(tx, "message.sent", &people, &json!({ "message": message.0, "channel": held.channel }))
        }
        Err(error) if error.lost && held.mailing.is_some() => {
            tracing::warn!(
                message = message.0,
                "the mail server may have taken a message: its answer never came"
            );
            uncertain::one(&acting, tx, &held, "the mail server's answer never came")
        }
        Err(error) => {
            // What was in hand when its mailing was called back leaves no more either.
            let called_back = match held.mailing {
                Some(mailing) => mailing::one(tx, mailing)?.state == "called back",
                None => false,
            };
            let most = if held.mailing.is_some() { TRIES_OF_MANY } else { TRIES };
            let again = (!error.permanent && !called_back && tries < most).then(|| later(acting.now, tries));
            // The server's words may quote the address: only the code is kept.
            let trouble = match error.code {
                Some(code) => format!("the mail server answered {code}"),
                None => "the mail server could not be reached or used".to_owned(),
            };
            message::failed(tx, message, &trouble, again)?;
            if again.is_none() {
                // What was said of whom it goes to, or of what it says, and not of us.
                if error.code.is_some() && matches!(error.at, Stage::To | Stage::Text) {
                    came_back::refused(&acting, tx, &held, error.knows_nobody())?;
                }
                unsaid(&acting, tx, &held, &trouble)?;
            }
            tracing::warn!(
                message = message.0,
                code = error.code,
                again = again.is_some(),
                "a message did not leave"
            );
            acting.log(
                tx,
                "message.failed",
                &people,
                &json!({ "message": message.0, "again": again.is_some() }),
            )
        }
    }
}

/// Lets a message wait that could not be taken in hand.
fn put_off(instance: &Instance, tx: &Tx<'_>, message: MessageId) -> Result<(), Fault> {
    Ok(message::put_off(tx, message, later(instance.clock.now(), PUT_OFF))?)
}

/// When to try again: after two minutes, four, eight and so on, at most four hours.
fn later(now: Timestamp, tries: i64) -> Timestamp {
    let minutes = 1_i64 << tries.clamp(0, 8);
    now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(now)
}
