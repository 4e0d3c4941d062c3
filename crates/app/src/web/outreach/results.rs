//! What became of a mailing, as far as it is known: in a sentence, and as a table that draws its numbers.

use policy::count::counted;
use store::came_back::{self, Back};

use super::whom::listed;
use super::*;

/// What became of a mailing that has left, or is leaving.
pub(super) struct Results {
    pub(super) sentence: String,
    pub(super) lines: Vec<Line>,
    pub(super) total: u64,
    /// How many pressed the link to have no more of it, and where they are listed.
    pub(super) stopped: u64,
    pub(super) stopped_href: String,
}

/// One thing that became of messages, with the bars that stand for them: all of it, and those in it who stopped more.
pub(super) struct Line {
    pub(super) words: &'static str,
    pub(super) count: u64,
    /// Where they are listed; empty where they are not.
    pub(super) href: String,
    pub(super) width: u64,
    /// Whether whoever got these can have stopped more of it, how many did, and the bar that stands for them.
    pub(super) arrived: bool,
    pub(super) stopped: u64,
    pub(super) width_stopped: u64,
}

impl Results {
    /// What these messages came to.
    pub(super) fn of(tx: &Tx<'_>, mailing: MailingId, counts: &Counts, base: &str) -> Result<Self, Fault> {
        let stopped = message::stopped_of(tx, mailing)?.len() as u64;
        // What our mail server took and a report gave back later was not delivered.
        let later = u64::try_from(came_back::later(tx, mailing)?).unwrap_or_default().min(counts.sent);
        let counts = Counts { sent: counts.sent - later, failed: counts.failed + later, ..*counts };
        Ok(Self::counted(&counts, stopped, base))
    }

    fn counted(counts: &Counts, stopped: u64, base: &str) -> Self {
        let Counts { sent, waiting, failed, uncertain, refused } = *counts;
        let all = [
            ("Delivered, as far as we know", sent, ""),
            ("Came back, or could not be sent", failed, "failed"),
            ("Left out at the last moment", refused, "refused"),
            ("May have arrived, or not", uncertain, "uncertain"),
            ("Wait to leave", waiting, ""),
        ];
        let most = all.iter().map(|(_, count, _)| *count).max().unwrap_or(0);
        let lines = all.into_iter().enumerate().map(|(at, (words, count, list))| {
            let arrived = at == 0;
            let stopped = if arrived { stopped } else { 0 };
            Line {
                words,
                count,
                href: if list.is_empty() { String::new() } else { format!("{base}/{list}") },
                width: frame::width(count, most),
                arrived,
                stopped,
                width_stopped: frame::width(stopped.min(count), most),
            }
        });
        // What there mostly is none of is not drawn.
        let lines = lines.enumerate().filter(|(at, line)| *at < 3 || line.count > 0);
        Self {
            lines: lines.map(|(_, line)| line).collect(),
            sentence: sentence_of(counts, stopped),
            total: sent + waiting + failed + uncertain + refused,
            stopped,
            stopped_href: format!("{base}/stopped"),
        }
    }
}

/// The same in words.
fn sentence_of(counts: &Counts, stopped: u64) -> String {
    let Counts { sent, waiting, failed, uncertain, refused } = *counts;
    let mut said = match sent {
        0 => "Nothing of it has been delivered, as far as we know".to_owned(),
        _ => format!("{} delivered, as far as we know", were(sent)),
    };
    if stopped > 0 {
        said.push_str(&format!("; {} pressed the link to have no more of it", counted(stopped, "reader")));
    }
    said.push('.');
    let mut rest = Vec::new();
    for (count, words) in [
        (failed, "came back or could not be sent"),
        (refused, "left out at the last moment"),
        (uncertain, "may have arrived, or not"),
        (waiting, "still to leave"),
    ] {
        if count > 0 {
            rest.push(format!("{count} {words}"));
        }
    }
    if !rest.is_empty() {
        said.push_str(&format!(" Besides: {}.", rest.join(", ")));
    }
    said
}

fn were(count: u64) -> String {
    format!("{} {}", counted(count, "message"), if count == 1 { "was" } else { "were" })
}

/// `GET /outreach/{id}/stopped`: who pressed the link to have no more of it.
pub async fn stopped(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        let whom = message::stopped_of(tx, MailingId(id))?;
        let whom = whom
            .into_iter()
            .filter_map(|(person, on)| Some((person?, format!("on {}", frame::words(on)))))
            .collect();
        let back = (format!("/outreach/{id}"), "The mailing".to_owned());
        let because = "They pressed the link in it, or the button of their mail program.".to_owned();
        let heading = "They want no more of it".to_owned();
        listed(acting, tx, whom, &path, "outreach", back, heading, because, None, String::new())
    })
    .await
}

/// `GET /outreach/{id}/failed`: whose message came back, and as far as it is known why.
pub async fn failed(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        let whom = came_back::of_mailing(tx, MailingId(id))?.into_iter().map(|(person, (back, trouble))| {
            let why = match back {
                Some((on, Back::Hard)) => {
                    format!("nobody has the address there, as it was said on {}", frame::words(on))
                }
                Some((on, Back::Soft)) => {
                    let said = trouble.unwrap_or_else(|| "refused for now".to_owned());
                    format!("{said}, on {}", frame::words(on))
                }
                None => trouble.unwrap_or_else(|| "it could not be sent".to_owned()),
            };
            (person, why)
        });
        let back = (format!("/outreach/{id}"), "The mailing".to_owned());
        let because =
            "They could not be sent, or they came back later, as a report in the mailbox says.".to_owned();
        let heading = "They came back, or could not be sent".to_owned();
        let next = "See whether their address is right.".to_owned();
        listed(acting, tx, whom.collect(), &path, "outreach", back, heading, because, None, next)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{Counts, Results};

    #[test]
    fn what_became_of_it_adds_up_and_is_drawn_to_scale() {
        let counts = Counts { sent: 200, waiting: 0, failed: 1, uncertain: 0, refused: 50 };
        let results = Results::counted(&counts, 4, "/outreach/7");
        let drawn: Vec<_> =
            results.lines.iter().map(|line| (line.count, line.width, line.width_stopped)).collect();
        assert_eq!(drawn, [(200, 100, 2), (1, 1, 0), (50, 25, 0)], "what is one of many is seen");
        assert_eq!(results.lines.iter().map(|line| line.count).sum::<u64>(), results.total);
        assert_eq!(results.lines[2].href, "/outreach/7/refused");
        let said = "200 messages were delivered, as far as we know; 4 readers pressed the link to have no more of it. \
                    Besides: 1 came back or could not be sent, 50 left out at the last moment.";
        assert_eq!(results.sentence, said);
    }

    #[test]
    fn what_is_still_to_come_is_said() {
        let counts = Counts { waiting: 3, uncertain: 1, ..Counts::default() };
        let results = Results::counted(&counts, 0, "/outreach/7");
        assert_eq!(results.lines.len(), 5);
        assert_eq!(results.total, 4);
        let said = "Nothing of it has been delivered, as far as we know. Besides: 1 may have arrived, or not, 3 still to leave.";
        assert_eq!(results.sentence, said);
    }
}
