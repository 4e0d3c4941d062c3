//! No e-mail or text that promotes us to whom the law wants asked first (PECR 2003 reg 22), unless its record says why nobody had
//! to be asked, and that was so. What left before such records were kept says nothing of it and is not accused.

use custody::id::OrganisationId;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::ActivityId;
use policy::channel::Means;

use super::{NAMED, Prover, Seen, named};
use crate::line::{COMPANY, SOFT_OPT_IN};
use crate::{Error, Result, Row, life, line, normal, params};

/// A message, with what is wrong about why it left.
struct Left {
    id: i64,
    on: Date,
    wrong: Option<String>,
}

impl Prover<'_, '_> {
    pub(super) fn asked_first(&self, id: ActivityId) -> Result<Seen> {
        let activity = self.activity(id)?;
        let by = activity.channels.iter().filter_map(|id| self.policy.channels.get(id.index()));
        let by: Vec<&str> = by
            .filter(|channel| matches!(channel.means, Means::Email | Means::Text))
            .map(|channel| channel.name.as_str())
            .collect();
        let first = "SELECT MIN(sent_at) FROM message WHERE rests_on IS NOT NULL";
        let since = (line::known_since(self.tx)?, self.tx.one(first, &[], |row| row.opt_at(0))?);
        let sql = "SELECT t.id, t.channel, t.sent_at, t.rests_on, t.rests_row, t.person_id, o.id, o.subscriber, b.since,
                s.person_id, s.activity, s.on_date, t.address, s.address
            FROM message t
            LEFT JOIN organisation o ON t.rests_on = 'company' AND o.id = t.rests_row
            LEFT JOIN belonging b ON b.organisation_id = o.id AND b.person_id = t.person_id
            LEFT JOIN soft_opt_in s ON t.rests_on = 'soft opt-in' AND s.id = t.rests_row
            WHERE t.activity = ?1 AND t.state = 'sent' AND t.sort IN ('mailing', 'personal') AND t.person_id IS NOT NULL
            ORDER BY t.id";
        let (mut looked, mut broken) = (0, Vec::new());
        let mut last: Option<Left> = None;
        let mut close = |done: Option<Left>| {
            if let Some(Left { id, on, wrong: Some(wrong) }) = done
                && broken.len() <= NAMED
            {
                broken.push(format!("message {id} of {on} for {}: {wrong}", activity.name));
            }
        };
        self.tx.each(sql, params![&activity.name], |row| {
            if !by.contains(&row.str(1)?) {
                return Ok(());
            }
            let (id, at) = (row.int(0)?, row.at(2)?);
            let on = life::local_date(self.policy, at);
            let wrong = wrong(row, &activity.name, at, on, since)?;
            match &mut last {
                // They belong there in several ways: one is enough.
                Some(same) if same.id == id => {
                    if wrong.is_none() {
                        same.wrong = None;
                    }
                }
                _ => {
                    looked += 1;
                    close(last.replace(Left { id, on, wrong }));
                }
            }
            Ok::<(), Error>(())
        })?;
        close(last);
        let words =
            format!("e-mails for {}, none to whom the law wants asked first without a reason", activity.name);
        Ok(Seen::of(looked, &words, named(broken)))
    }
}

/// What is wrong about why a message left, if anything.
fn wrong(
    row: &Row<'_>,
    activity: &str,
    at: Timestamp,
    on: Date,
    (noted, first): (Option<Date>, Option<Timestamp>),
) -> Result<Option<String>> {
    Ok(match row.opt_str(3)? {
        None => {
            let kept = noted.is_some_and(|noted| noted <= on) || first.is_some_and(|first| first <= at);
            kept.then(|| "nothing says why nobody had to be asked".to_owned())
        }
        Some(COMPANY) => match row.opt_int(6)?.map(OrganisationId) {
            // It has gone since, and what it was with it.
            None => None,
            Some(organisation) if row.opt_str(7)? != Some("corporate") => {
                Some(format!("organisation {organisation} is no company or public body"))
            }
            Some(organisation) if row.opt_date(8)?.is_some_and(|since| since > on) => {
                Some(format!("they came to organisation {organisation} only later"))
            }
            Some(_) => None,
        },
        Some(SOFT_OPT_IN) => match (row.opt_int(4)?, row.opt_int(9)?) {
            // The record has gone since, as its clause says.
            (None, _) => None,
            (Some(names), None) => {
                Some(format!("nothing says how we got their address: there is no record {names}"))
            }
            (Some(names), Some(whose)) => {
                let theirs = Some(whose) == row.opt_int(5)?;
                let fits = theirs && row.opt_str(10)? == Some(activity);
                let known = row.opt_date(11)?.is_some_and(|got| got <= on);
                // An erasure empties both, and what is empty says nothing.
                let there = match (row.str(12)?, row.opt_str(13)?.unwrap_or_default()) {
                    ("", _) | (_, "") => true,
                    (sent, got) => normal::forms("email", sent).iter().any(|form| form == got),
                };
                if !fits || !known {
                    Some(format!("record {names} of how we got an address does not cover it"))
                } else {
                    (!there).then(|| format!("it went to another address than the one of record {names}"))
                }
            }
        },
        Some(_) => Some("what it rests on is no reason not to ask".to_owned()),
    })
}
