//! What left: each message with its footer, each call after its check, none where a prohibition or a
//! suppression stood.

use std::collections::{BTreeMap, BTreeSet};

use custody::act::{Act, Asked, Verb};
use custody::decide::{exempt, prohibition_stands};
use custody::id::PersonId;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::channel::{Means, Prohibition};
use policy::law::uk;
use policy::{ActivityId, ChannelId, KindSet, Policy};

use super::after_no::{WAYS, two_then};
use super::{Prover, Seen, named};
use crate::suppression;
use crate::{Error, Result, Value, life, params, policy_version};

/// How many people's lives are looked at together.
const AT_ONCE: usize = 256;

/// Something that reached a person: a message or a call.
struct Reached {
    what: &'static str,
    id: i64,
    person: PersonId,
    activity: Option<ActivityId>,
    channel: Option<ChannelId>,
    on: Date,
}

impl Prover<'_, '_> {
    pub(super) fn footer_in_each(&self, channel: ChannelId) -> Result<Seen> {
        let Some(channel) = self.policy.channels.get(channel.index()) else { return Ok(Seen::default()) };
        let footers = self.footers(&channel.name)?;
        let mut broken = Vec::new();
        let mut looked = 0;
        self.tx.each(
            "SELECT id, body, sent_at, token FROM message WHERE channel = ?1 AND state = 'sent' AND person_id IS NOT NULL AND body <> ''",
            params![&channel.name],
            |row| {
                looked += 1;
                let (id, on) = (row.int(0)?, life::local_date(self.policy, row.at(2)?));
                let body = row.str(1)?;
                let in_force = footers.iter().rev().find(|(from, _)| *from <= on).or(footers.first());
                match in_force.and_then(|(_, footer)| footer.as_deref()) {
                    Some(footer) if !ends_with(body, footer) => {
                        broken.push(format!("message {id} of {on} does not end with the footer in force"));
                    }
                    None => broken.push(format!("message {id} of {on} left by a channel without a footer")),
                    Some(_) => {}
                }
                if channel.to_many && row.opt_bytes(3)?.is_none() {
                    broken.push(format!("message {id} of {on} has no link that works to stop more of them"));
                }
                Ok::<(), Error>(())
            },
        )?;
        Ok(Seen::of(
            looked,
            &format!("messages by {}, each ending with the footer", channel.name),
            named(broken),
        ))
    }

    /// The footer of a channel in each adopted version, from which day on; the policy at hand where none was adopted.
    fn footers(&self, channel: &str) -> Result<Vec<(Date, Option<String>)>> {
        let mut footers = Vec::new();
        for adopted in policy_version::all(self.tx)? {
            if adopted.version == self.policy.version {
                continue;
            }
            if let (Some(policy), _) = Policy::read(adopted.files) {
                footers.push((
                    adopted.from,
                    policy.channel_named(channel).and_then(|channel| channel.footer.clone()),
                ));
            }
        }
        let now = self.policy.channel_named(channel).and_then(|channel| channel.footer.clone());
        footers.push((self.policy.from, now));
        footers.sort_by_key(|(from, _)| *from);
        Ok(footers)
    }

    pub(super) fn each_call_screened(&self, channel: ChannelId, fewer_than_days: u16) -> Result<Seen> {
        let screening =
            self.policy.channels.get(channel.index()).and_then(|channel| channel.screening.as_ref());
        let Some(screening) = screening else { return Ok(Seen::default()) };
        let mut broken = BTreeSet::new();
        let mut calls = BTreeSet::new();
        for register in &screening.registers {
            // The newest look at this register on the day of the call, for the number that was called.
            let sql = "SELECT c.id, c.on_date, c.activity,
                    (SELECT MAX(s.register_on) FROM screening s WHERE s.number = c.number AND s.register = ?1 AND s.on_date = c.on_date),
                    (SELECT MAX(s.listed) FROM screening s WHERE s.number = c.number AND s.register = ?1 AND s.on_date = c.on_date),
                    (SELECT COUNT(*) FROM not_objecting n WHERE n.number = c.number AND n.said_on <= c.on_date
                        AND (n.withdrawn_on IS NULL OR n.withdrawn_on > c.on_date))
                FROM call c WHERE c.number <> '' ORDER BY c.on_date, c.id";
            self.tx.each(sql, params![register], |row| {
                if !self.is_marketing(Some(row.str(2)?)) {
                    return Ok(());
                }
                let (id, on) = (row.int(0)?, row.date(1)?);
                calls.insert(id);
                let allowed = screening.unless_not_objecting && row.int(5)? > 0;
                match row.opt_date(3)? {
                    None if !allowed => {
                        broken.insert(format!("call {id} of {on} was not checked against {register}"));
                    }
                    Some(dated) if !allowed && !uk::screening_valid(dated, on, fewer_than_days) => {
                        broken.insert(format!(
                            "call {id} of {on} was checked against a file of {register} dated {dated}"
                        ));
                    }
                    _ if !allowed && row.opt_int(4)?.unwrap_or(0) > 0 => {
                        broken.insert(format!("call {id} of {on} reached a number listed in {register}"));
                    }
                    _ => {}
                }
                Ok::<(), Error>(())
            })?;
        }
        let words =
            format!("marketing calls, each checked against files fewer than {fewer_than_days} days old");
        Ok(Seen::of(calls.len(), &words, named(broken.into_iter().collect())))
    }

    fn purpose(&self, activity: Option<&str>) -> Option<Purpose> {
        activity.and_then(|name| self.policy.activity_named(name)).map(|activity| activity.purpose)
    }

    fn is_marketing(&self, activity: Option<&str>) -> bool {
        self.purpose(activity) == Some(Purpose::DirectMarketing)
    }

    pub(super) fn none_sent(&self, prohibition: usize) -> Result<Seen> {
        let Some(never) = self.policy.prohibitions.get(prohibition) else { return Ok(Seen::default()) };
        let reached = self.reached(never)?;
        let looked = reached.len();
        let mut broken = Vec::new();
        let people: Vec<PersonId> =
            reached.iter().map(|one| one.person).collect::<BTreeSet<_>>().into_iter().collect();
        for some in people.chunks(AT_ONCE) {
            let (lives, unread) = self.lives(some.iter().copied().collect())?;
            broken.extend(unread);
            for one in &reached {
                let Some(life) = lives.get(&one.person) else { continue };
                let purpose = one
                    .activity
                    .and_then(|activity| self.policy.activity(activity))
                    .map(|activity| activity.purpose);
                let act = Act {
                    verb: if one.what == "call" { Verb::Call } else { Verb::Send },
                    deed: None,
                    kinds: Asked::Exactly(KindSet::none()),
                    purpose,
                    activity: one.activity,
                    engagement: None,
                    channel: one.channel,
                    recipient: None,
                };
                if !exempt(purpose) && prohibition_stands(self.policy, never, &act, life, one.on) {
                    broken.push(format!(
                        "{} {} to person {} on {}: never {}",
                        one.what,
                        one.id,
                        one.person,
                        one.on,
                        words(never)
                    ));
                }
            }
        }
        Ok(Seen::of(looked, "messages and calls to people it protects", named(broken)))
    }

    /// Every message and call to people a prohibition may protect, answers to rights requests left aside.
    fn reached(&self, never: &Prohibition) -> Result<Vec<Reached>> {
        let mut values: Vec<Value<'_>> = Vec::new();
        let mut who = Vec::new();
        for category in &never.to {
            let Some(declared) = self.policy.categories.get(category.index()) else { continue };
            values.push(declared.name.as_str().into());
            who.push(format!("EXISTS (SELECT 1 FROM person_category k WHERE k.person_id = t.person_id AND k.category = ?{})", values.len()));
            for work in &self.policy.works {
                for part in work.parts.iter().filter(|part| part.category == *category) {
                    values.push(work.name.as_str().into());
                    values.push(part.name.as_str().into());
                    let n = values.len();
                    who.push(format!(
                        "EXISTS (SELECT 1 FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id
                            WHERE p.person_id = t.person_id AND e.work = ?{} AND p.part = ?{n})",
                        n - 1
                    ));
                }
            }
        }
        let who = if who.is_empty() { "1 = 1".to_owned() } else { format!("({})", who.join(" OR ")) };
        let mut found = Vec::new();
        let messages = format!(
            "SELECT t.id, t.person_id, t.activity, t.channel, t.sent_at FROM message t
                WHERE t.state = 'sent' AND t.person_id IS NOT NULL AND t.sort <> 'rights' AND {who}"
        );
        self.tx.each(&messages, &values, |row| {
            found.push(Reached {
                what: "message",
                id: row.int(0)?,
                person: PersonId(row.int(1)?),
                activity: row
                    .opt_str(2)?
                    .and_then(|name| self.policy.activity_named(name))
                    .map(|activity| activity.id),
                channel: self.policy.channel_named(row.str(3)?).map(|channel| channel.id),
                on: life::local_date(self.policy, row.at(4)?),
            });
            Ok::<(), Error>(())
        })?;
        let phone = self
            .policy
            .channels
            .iter()
            .find(|channel| channel.means == Means::Phone)
            .map(|channel| channel.id);
        let calls = format!(
            "SELECT t.id, t.person_id, t.activity, t.on_date FROM call t WHERE t.person_id IS NOT NULL AND {who}"
        );
        self.tx.each(&calls, &values, |row| {
            found.push(Reached {
                what: "call",
                id: row.int(0)?,
                person: PersonId(row.int(1)?),
                activity: self.policy.activity_named(row.str(2)?).map(|activity| activity.id),
                channel: phone,
                on: row.date(3)?,
            });
            Ok::<(), Error>(())
        })?;
        Ok(found)
    }

    pub(super) fn suppressed_stay_suppressed(&self) -> Result<Seen> {
        let listed = self.suppressions()?;
        let mut broken = Vec::new();
        let keys = self.store.keys();
        let barred = |kind: &str, address: &str, at: Timestamp, marketing: bool, call: bool| {
            suppression::hashes_of(keys, kind, address).into_iter().any(|(what, hash)| {
                let entries = listed.get(&(what.to_owned(), hash)).map_or(&[][..], Vec::as_slice);
                entries.iter().any(|entry| {
                    let stood = entry.from < at
                        && entry.until.is_none_or(|until| life::local_date(self.policy, at) < until);
                    stood
                        && match entry.scope.as_str() {
                            "marketing" => marketing,
                            "calls" => marketing && call,
                            _ => true,
                        }
                })
            })
        };
        let messages = "SELECT id, channel, address, activity, sent_at FROM message
            WHERE state = 'sent' AND address <> '' AND sort <> 'rights' AND person_id IS NOT NULL";
        self.tx.each(messages, &[], |row| {
            let activity = row.opt_str(3)?;
            let channel = self.policy.channel_named(row.str(1)?);
            let kind = if channel.is_some_and(|channel| matches!(channel.means, Means::Phone | Means::Text)) {
                "phone"
            } else {
                "email"
            };
            if !exempt(self.purpose(activity))
                && barred(kind, row.str(2)?, row.at(4)?, self.is_marketing(activity), false)
            {
                broken
                    .push(format!("message {} left although its address was on the block list", row.int(0)?));
            }
            Ok::<(), Error>(())
        })?;
        self.tx.each("SELECT id, number, activity, at FROM call WHERE number <> ''", &[], |row| {
            let activity = Some(row.str(2)?);
            if !exempt(self.purpose(activity))
                && barred("phone", row.str(1)?, row.at(3)?, self.is_marketing(activity), true)
            {
                broken
                    .push(format!("call {} was made although its number was on the block list", row.int(0)?));
            }
            Ok::<(), Error>(())
        })?;
        broken.extend(self.against_all_contact()?);
        for activity in self.policy.activities.iter().filter(|one| one.purpose == Purpose::DirectMarketing) {
            broken.extend(self.after_objection(activity)?.1);
        }
        Ok(Seen::of(listed.len(), "addresses and numbers on the block list, none used since", named(broken)))
    }

    /// Messages and calls after the person asked for no more contact at all.
    fn against_all_contact(&self) -> Result<Vec<String>> {
        let rights: Vec<&str> = self
            .policy
            .activities
            .iter()
            .filter(|activity| exempt(Some(activity.purpose)))
            .map(|activity| activity.name.as_str())
            .collect();
        let mut broken = Vec::new();
        for (table, at, which) in WAYS {
            let sql = format!(
                "SELECT t.id, t.activity, {at}, o.lifted_on FROM {table} t JOIN objection o ON o.person_id = t.person_id
                    WHERE o.scope = 'all contact' AND {which} AND {at} > o.recorded_at AND NOT {}",
                two_then(table, at)
            );
            self.tx.each(&sql, &[], |row| {
                let on = life::local_date(self.policy, row.at(2)?);
                let stood = row.opt_date(3)?.is_none_or(|lifted| lifted > on);
                if stood && !row.opt_str(1)?.is_some_and(|activity| rights.contains(&activity)) {
                    broken.push(format!(
                        "{table} {} reached somebody after they asked for no more contact",
                        row.int(0)?
                    ));
                }
                Ok::<(), Error>(())
            })?;
        }
        Ok(broken)
    }

    fn suppressions(&self) -> Result<BlockList> {
        let mut found = BlockList::new();
        self.tx.each("SELECT what, hash, scope, recorded_at, lifted_on FROM suppression", &[], |row| {
            let listed = Listed { scope: row.text(2)?, from: row.at(3)?, until: row.opt_date(4)? };
            found.entry((row.text(0)?, row.hash(1)?)).or_default().push(listed);
            Ok::<(), Error>(())
        })?;
        Ok(found)
    }
}

/// What stands against each, by what it is and its keyed hash.
type BlockList = BTreeMap<(String, [u8; 32]), Vec<Listed>>;

/// What stands, or stood, against an address or number.
struct Listed {
    scope: String,
    from: Timestamp,
    until: Option<Date>,
}

fn words(never: &Prohibition) -> &str {
    never.words.trim_start_matches("never").trim()
}

/// Whether a text ends with a footer, its links filled in, however the lines are broken.
pub(super) fn ends_with(body: &str, footer: &str) -> bool {
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (body, footer) = (squeeze(body), squeeze(footer));
    let mut pieces = Vec::new();
    let mut rest = footer.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        pieces.push(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    pieces.push(rest);
    let Some((first, links)) = pieces.split_first() else { return false };
    let Some(start) = body.rfind(first.trim_end()) else { return false };
    let mut left = body.get(start + first.trim_end().len()..).unwrap_or_default().trim_start();
    for piece in links {
        let end = if piece.trim().is_empty() {
            left.find(' ').unwrap_or(left.len())
        } else {
            left.find(piece.trim_end()).unwrap_or(0)
        };
        let (link, after) = left.split_at(end);
        let address = link.trim().trim_matches(|c| matches!(c, '<' | '>'));
        if !address.starts_with("http") || address.contains(' ') {
            return false;
        }
        left = after.strip_prefix(piece.trim_end()).unwrap_or(after).trim_start();
    }
    left.is_empty()
}

#[cfg(test)]
mod tests {
    use super::ends_with;

    const FOOTER: &str =
        "We keep your name safely. Our notice: {notice}.\n   Stop these e-mails: {unsubscribe}";

    #[test]
    fn a_footer_is_found_however_its_lines_break() {
        let body = "Dear Tara,\n\nnews.\n\nWe keep your name\nsafely. Our notice: https://cti.example/privacy. Stop these\ne-mails: https://cti.example/u/abc";
        assert!(ends_with(body, FOOTER));
        assert!(ends_with("x We are done.", "We are done."));
    }

    #[test]
    fn a_footer_cut_or_without_its_links_is_none() {
        for body in [
            "news",
            "We keep your name safely. Our notice: https://cti.example/privacy.",
            "We keep your name safely. Our notice: . Stop these e-mails: https://cti.example/u/abc",
            "We keep your name safely. Our notice: https://cti.example/privacy. Stop these e-mails: {unsubscribe}",
            "We keep your name safely. Our notice: https://cti.example/privacy. Stop these e-mails: https://cti.example/u/abc and more",
        ] {
            assert!(!ends_with(body, FOOTER), "{body}");
        }
    }
}
