//! The two columns of an audience, and the people behind each number: who will be reached, who is left out and why and what would
//! change it, who was stopped at the last moment.

use std::collections::BTreeMap;

use custody::refusal::Question;
use policy::count::counted;
use policy::policy::Clause;

use super::*;
use crate::acts::audience::{LeftOut, undated};
use crate::web::page::Reason;
use crate::web::people::grant;
use crate::web::sheet::Of;

#[derive(Template)]
#[template(path = "outreach/people.html")]
struct AudiencePeople {
    page: Page,
    grant: Grant,
    back: String,
    back_words: String,
    heading: String,
    because: String,
    promise: Option<Link>,
    next_step: String,
    unseen: String,
    rows: Vec<PersonRow>,
    pager: Pager,
}

struct PersonRow {
    href: String,
    name: Sealed,
    words: String,
}

/// An audience as the two columns show it.
#[must_use]
pub fn shown(found: &Found, base: &str, with_links: bool) -> Audience {
    columns(found, |which| if with_links { format!("{base}/people?of={which}") } else { String::new() })
}

/// The same, with what would change each reason where whoever looks can do it.
pub(super) fn shown_to(acting: &Acting<'_>, found: &Found, href: impl Fn(&str) -> String) -> Audience {
    let mut audience = columns(found, href);
    for (reason, out) in audience.reasons.iter_mut().zip(&found.left_out) {
        reason.ways = ways(acting, out, &reason.href);
    }
    audience
}

fn columns(found: &Found, href: impl Fn(&str) -> String) -> Audience {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let reasons = found.left_out.iter().enumerate().map(|(at, out)| Reason {
        count: number(out.people.len()),
        words: out.because.clone(),
        clause: out.clause.clone(),
        promise: out.promises.join(", "),
        promise_href: out.promises.first().map_or_else(String::new, |id| format!("/policy/proof#{id}")),
        href: href(&at.to_string()),
        ways: Vec::new(),
    });
    let beyond = match found.beyond {
        0 => String::new(),
        more => {
            format!("It is for {more} more, whom your role does not let you find: nothing is said of them.")
        }
    };
    Audience {
        yes: number(found.will.len()),
        yes_href: href("will"),
        not: number(found.not()),
        reasons: reasons.collect(),
        all: number(found.will.len() + found.not()),
        beyond,
    }
}

/// What would change a reason: the people are there to be asked, or the policy could say something else.
fn ways(acting: &Acting<'_>, out: &LeftOut, people: &str) -> Vec<Link> {
    let asking = matches!(out.question, Question::Basis | Question::Gate) && out.next_step.starts_with("Ask");
    let clause =
        matches!(out.by, Some(Clause::Never(_) | Clause::Data(_) | Clause::Send(_) | Clause::For(_)));
    let says_so = clause || out.next_step.contains("hange the policy");
    let asked = asking.then(|| Link { href: people.to_owned(), words: "Ask them".to_owned() });
    let changed = (says_so && acting.may(Deed::ManagePolicy))
        .then(|| Link { href: "/policy/edit".to_owned(), words: "Change the policy".to_owned() });
    asked.into_iter().chain(changed).collect()
}

/// How what has left differs from what was to leave when somebody pressed: "212 messages when you pressed, 209 left: 2 because
/// the person objected to promotion; 1 could not be sent". Empty where all of it left.
pub(super) fn difference(tx: &Tx<'_>, mailing: MailingId, counts: &Counts) -> Result<String, Fault> {
    if counts.refused + counts.failed == 0 {
        return Ok(String::new());
    }
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for (_, why) in message::refused(tx, mailing)? {
        *reasons.entry(undated(why.trim_end_matches('.'))).or_default() += 1;
    }
    let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut rest: Vec<String> =
        reasons.into_iter().map(|(why, count)| format!("{count} because {why}")).collect();
    if counts.failed > 0 {
        rest.push(format!("{} could not be sent", counts.failed));
    }
    let all = counts.sent + counts.waiting + counts.failed + counts.uncertain + counts.refused;
    let so_far = if counts.waiting > 0 { " so far" } else { "" };
    Ok(format!(
        "{} when you pressed, {} left{so_far}: {}.",
        counted(all, "message"),
        counts.sent,
        rest.join("; ")
    ))
}

/// `GET /outreach/{id}/people`.
pub async fn audience_people(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(asks): Query<Of>,
) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let held = mailing::one(tx, MailingId(id))?;
        let found = acts::audience(acting, tx, &held)?;
        let back = (format!("/outreach/{id}"), "The mailing".to_owned());
        people_page(acting, tx, &found, &asks.of, back, "outreach", &path)
    })
    .await
}

/// The people behind one number of an audience.
///
/// # Errors
/// [`Fault::NotFound`] if the audience has no such group any more.
pub fn people_page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    found: &Found,
    of: &str,
    back: (String, String),
    section: &'static str,
    path: &str,
) -> Result<Html<String>, Fault> {
    let left_out = of.parse::<usize>().ok().and_then(|at| found.left_out.get(at));
    let (heading, because, promise, next_step, whom): (_, _, _, _, Vec<(PersonId, String)>) = match left_out {
        Some(out) => (
            "Left out".to_owned(),
            sentence(&out.because),
            out.promises.first().map(|id| Link { href: format!("/policy/proof#{id}"), words: id.clone() }),
            out.next_step.clone(),
            out.people.clone(),
        ),
        None if of == "will" => (
            "Included".to_owned(),
            "Everybody whom the policy lets us reach for this today.".to_owned(),
            None,
            String::new(),
            found.will.iter().map(|person| (*person, String::new())).collect(),
        ),
        None => return Err(Fault::NotFound),
    };
    listed(acting, tx, whom, path, section, back, heading, because, promise, next_step)
}

#[expect(clippy::too_many_arguments, reason = "one page's words, used by three lists")]
pub(super) fn listed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: Vec<(PersonId, String)>,
    path: &str,
    section: &'static str,
    (back, back_words): (String, String),
    heading: String,
    because: String,
    promise: Option<Link>,
    next_step: String,
) -> Result<Html<String>, Fault> {
    let total = whom.len();
    let whom: Vec<_> = whom.into_iter().take(500).collect();
    let ids: Vec<PersonId> = whom.iter().map(|(person, _)| *person).collect();
    let lives = acting.lives(tx, &ids)?;
    let grant = grant(acting, &lives)?;
    acting.opens("audience.listed", &grant);
    // Of calls, the page of a call says why not, and has the number checked.
    let page = if back == "/calls" { "calls" } else { "people" };
    let rows = person::names(tx, &acting.policy, &ids)?
        .into_iter()
        .filter(|name| grant.covers(name.person(), name.kind()))
        .map(|name| PersonRow {
            href: format!("/{page}/{}", name.person()),
            words: whom
                .iter()
                .find(|(person, _)| *person == name.person())
                .map_or_else(String::new, |(_, words)| sentence_or_nothing(words)),
            name,
        })
        .collect::<Vec<_>>();
    let shown = format!("{} of {total}", rows.len());
    let unseen = match whom.len() - rows.len() {
        0 => String::new(),
        one @ 1 => format!("{one} more is counted whose details are gone, or are not for you to see."),
        more => format!("{more} more are counted whose details are gone, or are not for you to see."),
    };
    html(&AudiencePeople {
        page: frame::page(acting, heading.clone(), section, path),
        grant,
        back,
        back_words,
        heading,
        because,
        promise,
        next_step,
        unseen,
        rows,
        pager: Pager { shown, ..Pager::default() },
    })
}

fn sentence_or_nothing(words: &str) -> String {
    if words.is_empty() { String::new() } else { sentence(words) }
}

/// `GET /outreach/{id}/refused`: who was left out at the moment of leaving, and why.
pub async fn refused(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        let whom: Vec<_> = message::refused(tx, MailingId(id))?
            .into_iter()
            .filter_map(|(person, why)| Some((person?, why)))
            .collect();
        let back = (format!("/outreach/{id}"), "The mailing".to_owned());
        let because =
            "Something changed between pressing send and leaving, so the policy stopped these messages.";
        let heading = "Stopped at the last moment".to_owned();
        listed(acting, tx, whom, &path, "outreach", back, heading, because.to_owned(), None, String::new())
    })
    .await
}

/// `GET /outreach/{id}/uncertain`: whose message may have arrived, or not.
pub async fn uncertain(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        let whom = message::uncertain_of(tx, MailingId(id))?;
        let whom = whom.into_iter().filter_map(|(_, person)| Some((person?, String::new()))).collect();
        let back = (format!("/outreach/{id}"), "The mailing".to_owned());
        let because = "The mail server was about to take these, and nobody knows whether it did.".to_owned();
        let heading = "They may have it, or not".to_owned();
        let next = "Say on the mailing whether they count as sent, or are sent again.".to_owned();
        listed(acting, tx, whom, &path, "outreach", back, heading, because, None, next)
    })
    .await
}
