//! Mailings: what for first, who will and who will not before anything leaves, what became of it after.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query};
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{MailingId, PersonId};
use custody::{Grant, Sealed};
use policy::count::counted_len;
use policy::role::Deed;
use serde::Deserialize;
use store::mailing::{self, Mailing as Row_};
use store::picture::{Of, Picture};
use store::{Tx, message, person};

use super::error::Told;
use super::page::{Audience, Choice, Day, Form, Link, Page, Pager, Refused, Tab};
use super::picture::{Listed, listed};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::Acting;
use crate::acts::audience::{self, Audience as Found, Criteria};
use crate::acts::mailing as acts;
use crate::fault::Fault;
use crate::mail::compose::{self, At};
use crate::mail::letter::{self, Links};
use crate::mail::post;
use crate::web::error::sentence;

mod beginning;
mod leaving;
mod narrowing;
mod pictures;
mod results;
mod whom;

use beginning::templates;
pub use beginning::{Begin, With, begin};
pub use leaving::{cancel, draft, now, pace, pause, resume, say, schedule, send, sender, template, test};
pub use narrowing::{
    begin as begin_narrowed, forget as forget_audience, get as audience_page, list as audiences,
    people as audience_page_people, save as save_audience,
};
pub use pictures::{add_picture, picture, remove_picture};
use results::Results;
pub use results::{failed, stopped};
pub use whom::{audience_people, people_page, refused, shown, uncertain};

/// How many rows a page shows.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "outreach/outreach.html")]
struct Outreach {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    pager: Pager,
    may_send: bool,
    mail_ready: String,
}

struct Row {
    href: String,
    subject: String,
    purpose: String,
    state: String,
    tone: String,
    on: Day,
    sent: u64,
    refused: u64,
    failed: u64,
    uncertain: u64,
}

#[derive(Template)]
#[template(path = "outreach/new.html")]
struct NewMailing {
    page: Page,
    form: Form,
    groups: Vec<Group>,
    /// What it may begin with; empty where nothing is kept.
    templates: Vec<Choice>,
}

/// Purposes that are chosen from, under a heading where there are others.
struct Group {
    heading: &'static str,
    hint: &'static str,
    activities: Vec<Purpose>,
}

/// A purpose, and where its audience is looked at before anything is begun.
struct Purpose {
    choice: Choice,
    audience_href: String,
}

#[derive(Template)]
#[template(path = "outreach/mailing.html")]
struct Mailing {
    page: Page,
    base: String,
    subject: String,
    activity: String,
    whom: String,
    state: String,
    tone: String,
    version: i64,
    form: Form,
    theirs: Option<Theirs>,
    refused: Option<Refused>,
    audience: Audience,
    footer: String,
    /// Whether nobody can stop it: it is no advertising.
    notice: bool,
    words: String,
    example: Option<Example>,
    receivers: String,
    may_send: bool,
    leaves_at: String,
    /// When it is to leave, decided for everybody then; empty where nobody said so.
    scheduled: String,
    /// What it leaves from; empty where no mail server is set. And what it may leave from, where there is a choice.
    from: String,
    senders: Vec<Choice>,
    /// The pictures of a draft.
    pictures: Vec<Listed>,
    /// Whether something of it can still leave, so that its pace says something.
    ahead: bool,
    /// Whether it is still being put into the outbox.
    preparing: bool,
    per_minute: String,
    sent: Option<Sent>,
}

/// What somebody else saved while this was being written.
struct Theirs {
    subject: String,
    text: String,
}

/// What one of them will read.
struct Example {
    grant: Grant,
    who: Sealed,
    subject: String,
    body: String,
    another: String,
    /// Which of them it is, and where one may be sent to look at.
    whose: usize,
    mine: String,
}

struct Sent {
    total: u64,
    sent: u64,
    waiting: u64,
    failed: u64,
    uncertain: u64,
    refused: u64,
    refused_href: String,
    /// How what left differs from what was to leave, in a sentence; empty where it does not.
    difference: String,
    running: bool,
    /// How far it is while messages are still being queued; empty where none are.
    prepared: String,
    /// Whether more are still being called back.
    recalling: bool,
    /// Since when it pauses; empty where it does not.
    paused: String,
    results: Results,
    /// Why it does by itself, and the reasons for which it may go on; empty where it does not.
    came_back: String,
    reasons: Vec<Choice>,
}

/// The tabs of outreach: calls, and lists for networks, only where the policy has any.
#[must_use]
pub fn tabs(policy: &policy::Policy, here: &str) -> Vec<Tab> {
    let calls = crate::acts::call::way(policy).map(|_| ("/calls", "Calls"));
    let networks = store::hashed::ways(policy).first().map(|_| ("/networks", "Social networks"));
    let mailings = [
        ("/outreach", "Mailings"),
        ("/outreach/audiences", "Audiences"),
        ("/outreach/templates", "Templates"),
    ];
    let all = mailings.into_iter().chain(calls).chain(networks);
    all.map(|(href, words)| Tab { href: href.to_owned(), words: words.to_owned(), here: href == here })
        .collect()
}

/// `GET /outreach`.
pub async fn list(house: House, visitor: Visitor, Query(asks): Query<After>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        let take = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
        let mut found = mailing::page(tx, asks.after.map(MailingId), take)?;
        let more = found.len() > PAGE;
        found.truncate(PAGE);
        let last = found.last().filter(|_| more).map(|last| last.id);
        let ids: Vec<_> = found.iter().map(|held| held.id).collect();
        let counts = message::counts(tx, &ids)?;
        let rows = found.into_iter().map(|held| {
            let counts = Counts::of(counts.get(&held.id));
            row(acting, &counts, held)
        });
        let rows = rows.collect();
        let mail_ready = match &acting.instance.config.smtp {
            Some(_) => String::new(),
            None => {
                "No mail server is set, so messages wait in the outbox. Whoever runs this instance sets one under [smtp] in probity.toml.".to_owned()
            }
        };
        html(&Outreach {
            page: frame::page(acting, "Outreach", "outreach", &path),
            tabs: tabs(&acting.policy, "/outreach"),
            rows,
            pager: Pager {
                older: last.map_or_else(String::new, |last| format!("/outreach?after={last}")),
                ..Pager::default()
            },
            may_send: acting.may(Deed::Send),
            mail_ready,
        })
    })
    .await
}

/// Where a list goes on.
#[derive(Deserialize, Clone, Copy, Default)]
pub struct After {
    after: Option<i64>,
}

fn row(acting: &Acting<'_>, counts: &Counts, held: Row_) -> Row {
    let (state, tone) = state(&held);
    Row {
        href: format!("/outreach/{}", held.id),
        subject: if held.draft.subject.is_empty() {
            "(no subject yet)".to_owned()
        } else {
            held.draft.subject
        },
        purpose: held.draft.title,
        state,
        tone,
        on: frame::day(acting.instance.clock.on(held.sent_at.unwrap_or(held.created_at)), acting.today),
        sent: counts.sent,
        refused: counts.refused,
        failed: counts.failed,
        uncertain: counts.uncertain,
    }
}

fn state(held: &Row_) -> (String, String) {
    let (words, tone) = match held.state.as_str() {
        "draft" => ("draft", "wait"),
        "scheduled" => ("scheduled", "wait"),
        "queued" if held.paused_at.is_some() => ("paused", "wait"),
        "queued" if held.filling => ("being prepared", "wait"),
        "queued" => ("leaving", "wait"),
        "sent" => ("sent", "good"),
        _ => ("called back", ""),
    };
    (words.to_owned(), tone.to_owned())
}

#[derive(Default)]
struct Counts {
    sent: u64,
    waiting: u64,
    failed: u64,
    uncertain: u64,
    refused: u64,
}

impl Counts {
    /// Of the messages of a mailing, by their states.
    fn of(states: Option<&Vec<(String, i64)>>) -> Self {
        let mut counts = Self::default();
        for (state, count) in states.into_iter().flatten() {
            let count = u64::try_from(*count).unwrap_or_default();
            match state.as_str() {
                "sent" => counts.sent += count,
                "queued" | "claimed" => counts.waiting += count,
                "uncertain" => counts.uncertain += count,
                "refused" => counts.refused += count,
                _ => counts.failed += count,
            }
        }
        counts
    }
}

/// `GET /outreach/new`.
pub async fn new(house: House, visitor: Visitor, Query(with): Query<With>) -> Answer {
    let path = visitor.path.clone();
    let values = [("template".to_owned(), with.template), ("activity".to_owned(), with.activity)];
    let form = Form { values: values.into(), ..Form::default() };
    read(house, &visitor, move |acting, tx| new_page(acting, tx, form, &path)).await
}

fn new_page(acting: &Acting<'_>, tx: &Tx<'_>, form: Form, path: &str) -> Result<Html<String>, Fault> {
    acting.must(Deed::Send)?;
    let mut stopped = Group {
        heading: "News and offers",
        hint: "Whoever gets them can stop them, by a link and in their mail program.",
        activities: Vec::new(),
    };
    let mut notices = Group {
        heading: "Notices about what people have with us",
        hint: "No advertising: nobody can stop them, so they say what concerns their readers and promote nothing.",
        activities: Vec::new(),
    };
    for (activity, channel) in acts::purposes(&acting.policy) {
        let group = if post::stoppable(channel, Some(activity)) { &mut stopped } else { &mut notices };
        let chosen = form.value("activity") == activity.name;
        let rests = super::people::capital(&of_them(activity.basis.words()));
        // Only the one that is chosen is gone through: each may be for everybody.
        let hint = if chosen {
            let way = audience::Way { activity, channel, footer_complete: true };
            let found = audience::mailed(acting, tx, &way, &audience::Criteria::default())?;
            format!("{rests}. {} today, {} not.", counted_len(found.will.len(), "person"), found.not())
        } else {
            format!("{rests}.")
        };
        let choice = Choice { value: activity.name.clone(), words: activity.title.clone(), hint, chosen };
        let audience_href = format!("/outreach/new?activity={}", super::people::escape(&activity.name));
        group.activities.push(Purpose { choice, audience_href });
    }
    let groups = [stopped, notices].into_iter().filter(|group| !group.activities.is_empty()).collect();
    let templates = templates(acting, tx, &form)?;
    html(&NewMailing { page: frame::page(acting, "New mailing", "outreach", path), form, groups, templates })
}

/// Words of the notice, which speaks to the person, as staff say them.
fn of_them(words: &str) -> String {
    words.replace("your ", "their ").replace(" you ", " they ").replace("with you", "with them")
}

/// `GET /outreach/{id}`.
pub async fn get(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(Whose { whose }): Query<Whose>,
) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        page(acting, tx, MailingId(id), Back { whose, ..Back::default() }, &path)
    })
    .await
}

/// As which of the audience the preview is shown, counting from 0.
#[derive(Deserialize, Clone, Copy, Default)]
pub struct Whose {
    #[serde(default)]
    whose: usize,
}

/// What a form of the page came back with.
#[derive(Clone, Default)]
struct Back {
    form: Option<Form>,
    conflict: bool,
    refused: Option<Refused>,
    whose: usize,
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: MailingId,
    back: Back,
    path: &str,
) -> Result<Html<String>, Fault> {
    let held = mailing::one(tx, id)?;
    let way = acts::way(&acting.policy, &held.draft)?;
    acting.must(Deed::Send)?;
    let (is_draft, is_scheduled) = (held.state == "draft", held.state == "scheduled");
    // Who may have it is shown until it leaves; after that each message is decided for by itself.
    let found = if is_draft || is_scheduled { acts::audience(acting, tx, &held)? } else { Found::default() };
    let counts = Counts::of(message::counts(tx, &[id])?.get(&id));
    let base = format!("/outreach/{id}");
    let (state, tone) = state(&held);
    // What waited for its hour leaves in it.
    let thoughts = held.sent_at.filter(|_| held.state == "queued" && held.leaves_at.is_none());
    let leaves = thoughts.and_then(|at| at.checked_add(acts::SECOND_THOUGHTS).ok());
    let leaves_at = leaves
        .filter(|at| *at > acting.now && held.paused_at.is_none())
        .map_or_else(String::new, |at| in_words(acting, at, "%H:%M"));
    let paused = held.paused_at.filter(|_| held.state == "queued");
    let paused = paused.map_or_else(String::new, |at| in_words(acting, at, "%a %-d %b, %H:%M"));
    let (came_back, reasons) = leaving::pauses(acting, tx, id)?;
    let footer = way.channel.footer.as_deref().unwrap_or_default();
    let footer = letter::filled(footer, &Links::preview(acting.instance));
    let drawn = store::picture::all(tx, Of::Mailing(id))?;
    let shown_with = (footer.as_str(), drawn.as_slice());
    let example = if is_draft { example(acting, tx, &held, &found, back.whose, shown_with)? } else { None };
    let words = if is_draft {
        String::new()
    } else {
        for_anybody(&compose::inner_with(&held.draft.body, Some(&footer), &drawn, At::Page(&base)))
    };
    let mut form = back.form.unwrap_or_default();
    form.values.entry("subject".to_owned()).or_insert_with(|| held.draft.subject.clone());
    form.values.entry("text".to_owned()).or_insert_with(|| held.draft.body.clone());
    let per_minute = held.per_minute.map_or_else(String::new, |most| most.to_string());
    form.values.entry("per-minute".to_owned()).or_insert_with(|| per_minute.clone());
    // Said of a draft only: the policy may have changed since the others left.
    let whom = match is_draft {
        true => Criteria::of_mailing(tx, id)?.sentence(acting, tx, way.activity)?,
        false => String::new(),
    };
    // How many there are is known when all of it is in the outbox.
    let difference = if held.filling { String::new() } else { whom::difference(tx, id, &counts)? };
    let results = Results::of(tx, id, &counts, &base)?;
    let from = acts::sender::of(acting.instance, &held).unwrap_or_default().to_owned();
    html(&Mailing {
        senders: if is_draft { senders(acting, &held, &from) } else { Vec::new() },
        from,
        pictures: if is_draft { listed(tx, Of::Mailing(id), &base)? } else { Vec::new() },
        page: frame::page(acting, "A mailing", "outreach", path),
        subject: held.draft.subject.clone(),
        activity: format!("{} ({})", held.draft.title, of_them(way.activity.basis.words())),
        whom,
        version: held.version,
        theirs: back
            .conflict
            .then(|| Theirs { subject: held.draft.subject.clone(), text: held.draft.body.clone() }),
        refused: back.refused,
        notice: !post::stoppable(way.channel, Some(way.activity)),
        footer,
        words,
        may_send: is_draft
            && !held.draft.subject.is_empty()
            && !held.draft.body.is_empty()
            && !found.will.is_empty(),
        receivers: counted_len(found.will.len(), "person"),
        audience: if is_draft || is_scheduled {
            whom::shown_to(acting, &found, |which| format!("{base}/people?of={which}"))
        } else {
            Audience::default()
        },
        scheduled: if is_scheduled { acts::leaving::hour(acting, &held) } else { String::new() },
        ahead: is_draft || is_scheduled || held.filling || (counts.waiting > 0 && !held.recalling),
        preparing: held.filling && held.paused_at.is_none(),
        per_minute,
        sent: (!is_draft && !is_scheduled).then(|| Sent {
            paused,
            results,
            came_back,
            reasons,
            total: counts.sent + counts.waiting + counts.failed + counts.uncertain + counts.refused,
            running: counts.waiting > 0 || held.filling,
            prepared: leaving::prepared(&held, counts.waiting),
            recalling: held.recalling,
            sent: counts.sent,
            waiting: counts.waiting,
            failed: counts.failed,
            uncertain: counts.uncertain,
            refused: counts.refused,
            refused_href: format!("{base}/refused"),
            difference,
        }),
        base,
        state,
        tone,
        form,
        example,
        leaves_at,
    })
}

/// What a draft may leave from, where there is a choice.
fn senders(acting: &Acting<'_>, held: &Row_, from: &str) -> Vec<Choice> {
    let all = acting.instance.config.senders(&held.draft.channel);
    let choice = |one: &&str| Choice {
        value: (*one).to_owned(),
        words: (*one).to_owned(),
        chosen: *one == from,
        ..Choice::default()
    };
    if all.len() > 1 { all.iter().map(choice).collect() } else { Vec::new() }
}

fn in_words(acting: &Acting<'_>, at: jiff::Timestamp, form: &str) -> String {
    acting.instance.clock.zone().to_datetime(at).strftime(form).to_string()
}

fn example(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Row_,
    found: &Found,
    whose: usize,
    (footer, pictures): (&str, &[Picture]),
) -> Result<Option<Example>, Fault> {
    if held.draft.body.is_empty() {
        return Ok(None);
    }
    let another = if found.will.len() > 1 {
        format!("/outreach/{}?whose={}#example", held.id, whose.saturating_add(1))
    } else {
        String::new()
    };
    let base = format!("/outreach/{}", held.id);
    Ok(acts::example(acting, tx, held, found, whose)?.map(|example| Example {
        subject: example.draft.subject,
        body: compose::inner_with(&example.draft.body, Some(footer), pictures, At::Page(&base)),
        grant: example.grant,
        who: example.who,
        another,
        whose,
        mine: acting.account.as_ref().map_or_else(String::new, |account| account.email.clone()),
    }))
}

/// A text as it went to many, its fields called by what stood there for each.
pub(in crate::web) fn for_anybody(html: &str) -> String {
    letter::FIELDS.iter().fold(html.to_owned(), |html, field| {
        html.replace(&format!("{{{field}}}"), &format!("<em>their {field}</em>"))
    })
}

/// What the draft's form sends.
#[derive(Deserialize, Clone)]
pub struct Words {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    version: i64,
}

/// `POST /outreach/{id}`.
pub async fn save(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Words>,
) -> Answer<Response> {
    let typed = given.clone();
    let saved = write(house.clone(), &visitor, move |acting, tx| {
        acts::write(acting, tx, MailingId(id), given.version, &given.subject, &given.text)
    })
    .await;
    let form = Form {
        values: [("subject".to_owned(), typed.subject), ("text".to_owned(), typed.text)].into(),
        ..Form::default()
    };
    match saved {
        Ok(mailing::Changed::Conflict(_)) => {
            let back = Back { form: Some(form), conflict: true, ..Back::default() };
            shown_again(house, visitor, id, axum::http::StatusCode::CONFLICT, back).await
        }
        saved => answer(house, visitor, id, saved.map(drop), "saved", form).await,
    }
}

async fn answer(
    house: House,
    visitor: Visitor,
    id: i64,
    done: Answer<()>,
    said: &str,
    form: Form,
) -> Answer<Response> {
    let Err(trouble) = done else {
        return Ok(Redirect::to(&format!("/outreach/{id}?said={said}")).into_response());
    };
    let back = match trouble.told()? {
        Told::Invalid(errors) => Back { form: Some(Form { errors, ..form }), ..Back::default() },
        Told::Refused(refused) => Back { refused: Some(*refused), ..Back::default() },
    };
    shown_again(house, visitor, id, axum::http::StatusCode::UNPROCESSABLE_ENTITY, back).await
}

async fn shown_again(
    house: House,
    visitor: Visitor,
    id: i64,
    status: axum::http::StatusCode,
    back: Back,
) -> Answer<Response> {
    let path = visitor.path.clone();
    let page =
        read(house, &visitor, move |acting, tx| page(acting, tx, MailingId(id), back.clone(), &path)).await?;
    Ok((status, page).into_response())
}
