//! Asking people: our agreement goes to whoever pays for themselves, the opt-in question to everybody at the end of their
//! work. Both leave as a message with a link of their own; only a yes given there, or to staff, counts as one. The question
//! whether something shall go on that ends otherwise is put by [`super::parting`] and answered here.

use custody::act::Asked;
use custody::coverage::Role;
use custody::id::{MessageId, PersonId, RequestId, StaffId};
use custody::{Act, Gate, Grant, Life, Sealed, Verb};
use policy::basis::ConsentForm;
use policy::channel::{Channel, Means};
use policy::{Activity, Basis, Kind, KindId, Policy};
use serde_json::json;
use store::document::{NewDocument, Where};
use store::mailing::Draft;
use store::message::{self, Message, NewMessage};
use store::question::{self, Asks, Question};
use store::{Tx, files, item, life, line, task};

use super::audience::{self, Way};
use super::engagement::{self, OnHand};
use super::parting::Standing;
use super::{Acting, consent, document, person};
use crate::fault::Fault;
use crate::mail::letter::{self, Links};
use crate::print::copy;

/// How a consent given by a question's link is recorded.
pub const BY_LINK: &str = "by the link in our question";

/// The longest text somebody may send back, in bytes.
const WORDS_BYTES_MAX: usize = 20_000;

/// Writes the agreement of a piece of work, puts it on file and queues it with its link. False where the policy has no
/// words for it, or it may not be kept or sent: then somebody has to do it by hand.
///
/// # Errors
/// Whatever the store says.
pub fn agreement(acting: &Acting<'_>, tx: &Tx<'_>, hand: &OnHand<'_>) -> Result<bool, Fault> {
    let policy = &acting.policy;
    let Some(agreement) = &hand.work.agreement else { return Ok(false) };
    let Some(kind) = policy.kind(agreement.document).filter(|_| !hand.work.terms.is_empty()) else {
        return Ok(false);
    };
    let life = acting.life(tx, hand.client)?;
    if !granted(document::may_store(acting, &life, kind.id, hand.engagement.id))? {
        return Ok(false);
    }
    let Some(post) = Post::find(acting, tx, &life, kind.id)? else { return Ok(false) };
    let name = post.name.clone().unwrap_or_else(|| "you".to_owned());
    let fill = |paragraph: &String| {
        paragraph
            .replace("{client}", &name)
            .replace("{controller}", &policy.controller)
            .replace("{contact}", &policy.contact.email)
            .replace("{date}", &crate::web::frame::words(acting.today))
    };
    let terms: Vec<String> = hand.work.terms.iter().map(fill).collect();
    let text = terms.join("\n\n");
    let filed = document::write_ours(acting, tx, hand, kind, &text)?;
    let body = format!(
        "{text}\n\nIf you agree, open this link and say so. Opening it alone agrees to nothing.\n{LINK}\n\nIf anything is unclear, answer this message.",
    );
    let subject = crate::web::people::capital(&kind.name);
    post.send(acting, tx, hand, &Asks::Agreement, &subject, &body)?;
    let body = json!({ "engagement": hand.engagement.id.0, "kind": kind.name, "document": filed.0 });
    acting.log(tx, "agreement.written", &[hand.client], &body)?;
    Ok(true)
}

/// Stands for the question's own link until its token is made.
pub(super) const LINK: &str = "{answer}";

/// Queues the question whether somebody opts in to an activity, together with the form it is asked with. False where
/// no message may leave: then somebody has to ask.
///
/// # Errors
/// Whatever the store says.
pub fn opt_in(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    activity: &Activity,
) -> Result<bool, Fault> {
    let policy = &acting.policy;
    let Some(form) = asked_with(policy, activity) else { return Ok(false) };
    let life = acting.life(tx, hand.client)?;
    let Some(post) = Post::find(acting, tx, &life, form.id)? else { return Ok(false) };
    let name = post.name.clone().unwrap_or_else(|| "there".to_owned());
    let body = format!(
        "Dear {name},\n\nyour {} with us is complete. We should like to know what you thought of it: the {} is behind this link.\n{LINK}\n\nThere we also ask whether you agree to this:\n\n{}\n\nYou need not. If you do nothing, we take it that you would rather not.",
        hand.work.title,
        form.name,
        consent::wording(policy, activity)
    );
    let asks = Asks::OptIn(activity.name.clone());
    post.send(acting, tx, hand, &asks, &crate::web::people::capital(&form.name), &body)?;
    let body = json!({ "engagement": hand.engagement.id.0, "activity": activity.name });
    acting.log(tx, "opt-in.asked", &[hand.client], &body)?;
    Ok(true)
}

/// The document an activity's opt-in is asked with.
fn asked_with<'p>(policy: &'p Policy, activity: &Activity) -> Option<&'p Kind> {
    match &activity.basis {
        Basis::Consent { form: ConsentForm::OptIn { asked_with: Some(kind), .. }, .. } => policy.kind(*kind),
        _ => None,
    }
}

/// A refusal is a no, and nothing else is.
fn granted<T>(decided: Result<T, Fault>) -> Result<bool, Fault> {
    match decided {
        Ok(_) => Ok(true),
        Err(Fault::Refused(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// How a message reaches somebody: under which activity, to which address.
struct Post<'p> {
    way: Way<'p>,
    grant: Grant,
    person: PersonId,
    name: Option<String>,
    address: custody::Sealed,
}

impl<'p> Post<'p> {
    /// By an activity of theirs that holds this kind of document and writes to one at a time by e-mail, if one may today.
    fn find(acting: &'p Acting<'_>, tx: &Tx<'_>, life: &Life, kind: KindId) -> Result<Option<Self>, Fault> {
        let policy = &acting.policy;
        let items = item::of_person(tx, policy, life.person)?;
        for activity in policy.activities.iter().filter(|activity| activity.kinds.contains(kind)) {
            let mut channels = activity.channels.iter().filter_map(|id| policy.channels.get(id.index()));
            let one_to_one = |channel: &&Channel| channel.means == Means::Email && !channel.to_many;
            let Some(channel) = channels.find(one_to_one) else { continue };
            let Some(address) = line::address(policy, Some(activity), &items) else { continue };
            let address = address.value.clone();
            let way = Way { activity, channel, footer_complete: true };
            let grant = match audience::decide(acting, tx, &way, life) {
                Ok(grant) => grant,
                Err(Fault::Refused(_)) => continue,
                Err(fault) => return Err(fault),
            };
            let named = policy.kind_named("name");
            let name = named.and_then(|kind| items.iter().find(|item| item.kind == kind.id));
            let name = name.map(|name| copy::text(&name.value, &grant)).transpose()?;
            return Ok(Some(Self { way, grant, person: life.person, name, address }));
        }
        Ok(None)
    }

    fn send(
        &self,
        acting: &Acting<'_>,
        tx: &Tx<'_>,
        hand: &OnHand<'_>,
        asks: &Asks,
        subject: &str,
        body: &str,
    ) -> Result<(), Fault> {
        let leaving = Leaving {
            grant: &self.grant,
            person: self.person,
            address: &self.address,
            activity: &self.way.activity.name,
            channel: self.way.channel,
            sort: message::Sort::Personal,
            request: None,
            by: acting.staff_id(),
        };
        let queued = leaving.queue(acting, tx, subject, body)?;
        question::mark(tx, queued, Some(hand.engagement.id), asks)?;
        acting.opens("question.queued", &self.grant);
        acting.settle(tx, self.person)?;
        Ok(())
    }
}

/// A message to one person that has a link of its own to answer by.
pub(super) struct Leaving<'a> {
    pub(super) grant: &'a Grant,
    pub(super) person: PersonId,
    pub(super) address: &'a Sealed,
    pub(super) activity: &'a str,
    pub(super) channel: &'a Channel,
    pub(super) sort: message::Sort,
    pub(super) request: Option<RequestId>,
    pub(super) by: Option<StaffId>,
}

impl Leaving<'_> {
    /// Hands it to the outbox, its link in the place of [`LINK`].
    pub(super) fn queue(
        &self,
        acting: &Acting<'_>,
        tx: &Tx<'_>,
        subject: &str,
        body: &str,
    ) -> Result<MessageId, Fault> {
        let token = letter::linked(acting.instance, self.grant, (self.person, self.activity), self.address)?;
        let links = Links::of(acting.instance, &token);
        let draft = Draft {
            title: String::new(),
            activity: self.activity.to_owned(),
            channel: self.channel.name.clone(),
            subject: subject.to_owned(),
            body: body.replace(LINK, &links.answer()),
        };
        let footer = self.channel.footer.as_deref();
        let letter = letter::write(self.grant, self.address, &draft, footer, &links)?;
        let new = NewMessage {
            person: Some(self.person),
            mailing: None,
            sort: self.sort,
            activity: Some(&draft.activity),
            channel: &draft.channel,
            address: &letter.address,
            subject: &letter.subject,
            body: &letter.body,
            html: None,
            token: Some(&token),
            not_before: None,
            request: self.request,
            by: self.by,
        };
        Ok(message::queue(tx, &new, acting.today, acting.now)?)
    }
}

/// A question as the person it was put to sees it.
pub struct Put {
    /// The question.
    pub question: Question,
    /// The message it stands in.
    pub message: Message,
    /// What opens that message.
    pub grant: Grant,
    /// The activity it asks about.
    pub activity: Option<String>,
    /// What they would agree to, as the policy in force words it.
    pub wording: String,
    /// The form it is asked with, by name; empty for none.
    pub form: String,
    /// How what shall go on or end stands, where that is the question.
    pub standing: Option<Standing>,
}

/// The question behind a link; nothing once it is gone.
///
/// # Errors
/// Whatever the store says.
pub fn put(acting: &Acting<'_>, tx: &Tx<'_>, token: &[u8]) -> Result<Option<Put>, Fault> {
    let policy = &acting.policy;
    let Some(question) = question::by_token(tx, token)? else { return Ok(None) };
    let message = message::one(tx, policy, question.message)?;
    let life = life::load(tx, policy, question.person, acting.today)?;
    let record = policy.kind_named("message record").map(|kind| kind.id).into_iter().collect();
    let grant =
        acting.decide(&person::act(Verb::Read, None, Asked::Exactly(record)), &[&life], &Gate::default())?;
    acting.opens("question.read", &grant);
    let activity = match &question.asks {
        Asks::OptIn(name) => policy.activity_named(name),
        Asks::Agreement | Asks::Stay => None,
    };
    if question.asks == Asks::Stay {
        let standing = super::parting::standing(acting, tx, question.message)?;
        let wording = standing.as_ref().map_or_else(String::new, |standing| standing.wording.clone());
        let (activity, form) = (None, String::new());
        return Ok(Some(Put { question, message, grant, activity, wording, form, standing }));
    }
    Ok(Some(Put {
        standing: None,
        wording: activity.map_or_else(String::new, |activity| consent::wording(policy, activity)),
        form: activity
            .and_then(|activity| asked_with(policy, activity))
            .map_or_else(String::new, |form| form.name.clone()),
        activity: activity.map(|activity| activity.title.clone()),
        question,
        message,
        grant,
    }))
}

/// What somebody answers by their link: yes, no, or only what they think.
///
/// # Errors
/// [`Fault::NotFound`] once the question is gone; [`Fault::Refused`] if what they say may no longer be kept.
pub fn answer(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    token: &[u8],
    yes: Option<bool>,
    words: &str,
) -> Result<(), Fault> {
    let policy = &acting.policy;
    let asked = question::by_token(tx, token)?.ok_or(Fault::NotFound)?;
    let life = life::load(tx, policy, asked.person, acting.today)?;
    let activity = match &asked.asks {
        Asks::OptIn(name) => Some(policy.activity_named(name).ok_or(Fault::NotFound)?),
        Asks::Agreement => None,
        Asks::Stay => return super::parting::answer(acting, tx, &asked, &life, yes),
    };
    if let (Some(activity), false) = (activity, words.trim().is_empty()) {
        let form = asked_with(policy, activity).ok_or(Fault::NotFound)?;
        keep_words(acting, tx, &asked, &life, form, words)?;
    }
    let Some(yes) = yes else { return Ok(()) };
    match activity {
        Some(activity) if yes => {
            let given = consent::Given::themselves(acting.today, BY_LINK);
            consent::opt_in(acting, tx, &life, activity, given)?;
        }
        // A no after a yes takes the yes back, as easily as it was given.
        Some(activity) if asked.answer.is_some_and(|(said, _)| said) => {
            store::consent::withdraw(tx, life.person, &activity.name, None, acting.today, BY_LINK)?;
            acting.settle(tx, life.person)?;
        }
        _ => {}
    }
    question::answer(tx, asked.message, yes, acting.today)?;
    if let (Some(activity), Some(engagement)) = (activity, asked.engagement) {
        let outcome = if yes { "they said yes" } else { "they said no" };
        for open in task::of_engagement(tx, engagement)? {
            if open.kind == task::Kind::Other && open.what.contains(&activity.title) {
                task::done(tx, open.id, acting.today, None, Some(outcome))?;
            }
        }
    }
    let body = json!({ "message": asked.message.0, "asks": asked.asks.name(), "yes": yes });
    acting.log(tx, "question.answered", &[life.person], &body)
}

/// What they thought, put on file as the form they were asked to fill in.
fn keep_words(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &Question,
    life: &Life,
    form: &Kind,
    words: &str,
) -> Result<(), Fault> {
    let words = words.trim().replace("\r\n", "\n");
    if words.len() > WORDS_BYTES_MAX || words.contains('\0') {
        return Err(Fault::field("words", "This is too long, or has a character in it that no text has."));
    }
    let kinds = Asked::Exactly([form.id].into_iter().collect());
    let store = Act { engagement: asked.engagement, ..person::act(Verb::Store, None, kinds) };
    acting.decide(&store, &[life], &Gate::default())?;
    let engagements: Vec<_> = asked.engagement.into_iter().map(|engagement| (engagement, None)).collect();
    let stored = files::write(&acting.instance.store, words.as_bytes())?;
    let new = NewDocument {
        kind: form.id,
        title: &form.name,
        place: Where::File(&stored, "text/plain; charset=utf-8"),
        on: acting.today,
        source: "the person",
        people: &[(life.person, Role::Subject)],
        engagements: &engagements,
        by: None,
    };
    store::document::add(tx, &acting.policy, &new, acting.now)?;
    acting.settle(tx, life.person)?;
    Ok(())
}

/// What becomes of a question whose message leaves no more: somebody has to ask by other means. Whether somebody has.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<bool, Fault> {
    let Some(asked) = question::of_message(tx, held.id)? else { return Ok(false) };
    let policy = &acting.policy;
    let Some(engagement) = asked.engagement else { return Ok(false) };
    // Work and people that have gone since, before a restore brought the message back, ask nobody.
    if !store::engagement::exists(tx, engagement)? || !store::person::exists(tx, asked.person)? {
        return Ok(false);
    }
    match &asked.asks {
        Asks::Stay => return Ok(false),
        Asks::OptIn(name) => {
            let Some(activity) = policy.activity_named(name) else { return Ok(false) };
            let with = asked_with(policy, activity)
                .map_or_else(String::new, |form| format!(" with the {}", form.name));
            engagement::ask_by_hand(acting, tx, (asked.person, engagement), &activity.title, &with)?;
        }
        Asks::Agreement => {
            let found = store::engagement::one(tx, policy, engagement)?;
            let work = found.work.and_then(|id| policy.works.get(id.index()));
            let Some(agreement) = work.and_then(|work| work.agreement.as_ref()) else { return Ok(false) };
            engagement::owe_agreement(acting, tx, engagement, Some(asked.person), agreement.document)?;
        }
    }
    Ok(true)
}

/// How far the questions of a piece of work are, in sentences for whoever runs it.
///
/// # Errors
/// Whatever the store says.
pub fn told(acting: &Acting<'_>, tx: &Tx<'_>, hand: &OnHand<'_>) -> Result<Vec<String>, Fault> {
    let words = crate::web::frame::words;
    let agreement = hand.work.agreement.as_ref().and_then(|agreement| acting.policy.kind(agreement.document));
    let each = question::of_engagement(tx, hand.engagement.id)?.into_iter().map(|asked| {
        let (what, yes, no) = match &asked.asks {
            Asks::Agreement => (
                crate::web::people::capital(agreement.map_or("agreement", |kind| kind.name.as_str())),
                "signed by link",
                "not agreed to",
            ),
            Asks::OptIn(name) => {
                let title =
                    acting.policy.activity_named(name).map_or(name.as_str(), |found| found.title.as_str());
                (format!("Question: {title}"), "answered yes", "answered no")
            }
            Asks::Stay => ("Whether it shall go on".to_owned(), "answered yes", "answered no"),
        };
        let left = match (asked.state.as_str(), asked.sent_at) {
            ("sent", Some(at)) => format!("sent {}", words(acting.instance.clock.on(at))),
            ("refused", _) => "stopped before it left".to_owned(),
            ("failed", _) => "could not be delivered".to_owned(),
            _ => "waiting to leave".to_owned(),
        };
        let back = match asked.answer {
            Some((true, on)) => format!("{yes} {}", words(on)),
            Some((false, on)) => format!("{no} {}", words(on)),
            None => "no answer, which is no yes".to_owned(),
        };
        format!("{what}: {left}; {back}.")
    });
    Ok(each.collect())
}
