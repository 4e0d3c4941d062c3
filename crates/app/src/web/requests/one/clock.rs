//! What can put the day of a request off, in words: pauses and two further months. What they do to it, the law says.

use policy::law::uk;
use policy::policy::Identity;
use store::request::{Kind, SubjectRequest};

use super::Effect;
use crate::acts::Acting;
use crate::web::frame;

/// What can pause the clock now, each with its effect on the day. Who they are is asked of nobody of whom it is known.
pub(super) fn pauses(
    acting: &Acting<'_>,
    (asked, known): (&SubjectRequest, bool),
    deadline: &uk::Deadline,
) -> Vec<Effect> {
    let now = deadline.due.map_or_else(|| "open".to_owned(), frame::words);
    let mut pauses = Vec::new();
    if asked.identity_asked_on.is_none() && !known {
        let when = match acting.policy.requests.identity {
            Identity::InDoubt => "Only on reasonable doubt (Art 12(6)).",
            Identity::Everybody => {
                "The policy says that everybody is asked; the law lets us wait only on reasonable doubt (Art 12(6))."
            }
        };
        pauses.push(Effect {
            words: "We must ask who they are".to_owned(),
            effect: format!(
                "The day is {now} now. It stays open until what shows who they are arrives; the month begins then. {when}"
            ),
            action: "We asked who they are".to_owned(),
            name: "identity".to_owned(),
        });
    }
    let today = asked.paused_on == Some(acting.today);
    if asked.kind == Kind::Access && !today && asked.received_on >= uk::ARTICLE_12A_FROM {
        let more = asked.paused_on.is_some();
        pauses.push(Effect {
            words: if more { "We must ask something more" } else { "We must ask what they want to see" }.to_owned(),
            effect: format!(
                "The day is {now} now. The days from asking to their answer, both counted, are added to it (Art 12A(5))."
            ),
            action: "We asked what they want to see".to_owned(),
            name: "clarification".to_owned(),
        });
    }
    pauses
}

/// What it waits for, and since when.
pub(super) fn paused(asked: &SubjectRequest, open: bool) -> String {
    let fee = asked.fee_asked_on.filter(|_| asked.fee_paid_on.is_none());
    match (open, asked.paused_on, asked.identity_asked_on, asked.identity_proved_on, fee) {
        (true, Some(on), ..) => format!("Paused since {}: we asked what they want to see.", frame::words(on)),
        (true, None, Some(on), None, _) => {
            format!("Paused since {}: we asked who they are.", frame::words(on))
        }
        (true, _, _, _, Some(on)) => format!("Paused since {}: we asked for a fee.", frame::words(on)),
        _ => String::new(),
    }
}

/// Two further months, while there is time to tell them.
pub(super) fn extension(acting: &Acting<'_>, asked: &SubjectRequest, open: bool) -> Option<Effect> {
    let requests = &acting.policy.requests;
    let may = requests.own_period.is_none() || requests.extend.is_some();
    let by = asked.due_on.filter(|due| open && may && asked.extended_on.is_none() && *due >= acting.today)?;
    Some(Effect {
        words: "We need longer".to_owned(),
        effect: format!(
            "Two further months, only for what is complex or for many requests of theirs. They are told by {} with the reason \
             (Art 12A(3) and (4)).",
            frame::words(by)
        ),
        action: "We told them: take two further months".to_owned(),
        name: "extension".to_owned(),
    })
}
