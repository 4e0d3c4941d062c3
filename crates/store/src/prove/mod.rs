//! The proof: what each promise's obligations find in the data, the files and the settings as they are now. It
//! never assumes that the program behaved, and what cannot be looked at counts as broken.

mod after_no;
mod agreed;
mod anonymous;
mod asked;
mod asked_first;
mod basis;
mod by_hand;
mod certified;
mod complaint;
mod confirmed;
mod copies;
mod ended;
mod everybody;
mod fees;
mod form;
mod found;
mod heard;
mod held;
mod house;
mod identified;
mod imported;
mod incident;
mod kept_on;
mod merged;
mod notice;
mod of_works;
mod parting;
mod question;
mod received;
mod rows;
mod rule;
mod run;
mod seen;
mod sent;
mod shared;
mod statistics;
mod told;
mod visit;
mod whom;

pub use house::DISK;
pub use run::{obligation, promise, run, several};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use custody::id::PersonId;
use custody::life::Life;
use custody::proof::Obligation;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use policy::{Policy, RuleId};

use crate::{Error, Result, Store, Tx, life, params};
use found::Found;
use run::Run;

/// How many counter-examples of one thing looked for are named one by one.
pub const NAMED: usize = 20;
/// The local hour from which what the night's sweep should have taken is late.
const SWEPT_BY: Time = Time::constant(3, 0, 0, 0);

/// What looking at one obligation found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// What was looked at, in a few words with its number: "412 messages with their footer".
    pub figure: String,
    /// What breaks it: ids and dates, never a value.
    pub broken: Vec<String>,
}

impl Seen {
    fn of(count: usize, what: &str, broken: Vec<String>) -> Self {
        Self { figure: policy::count::said(count, what), broken }
    }
}

/// The data as it is at one moment, and what others of the same run found.
struct Prover<'a, 't> {
    store: &'a Store,
    tx: &'a Tx<'t>,
    policy: &'a Policy,
    now: Timestamp,
    today: Date,
    /// A ground whose last day lies before this one should have been swept.
    cut: Date,
    /// What several obligations ask for.
    found: &'a Found,
}

impl<'a, 't> Prover<'a, 't> {
    fn new(run: Run<'a>, tx: &'a Tx<'t>, found: &'a Found) -> Self {
        let Run { store, policy, now, today } = run;
        let local = now.to_zoned(life::zone(policy));
        // Before the hour of the sweep's end, yesterday's is not late yet.
        let early = local.date() == today && local.time() < SWEPT_BY;
        let cut = if early { today.yesterday().unwrap_or(today) } else { today };
        Self { store, tx, policy, now, today, cut, found }
    }

    fn look(&self, obligation: &Obligation) -> Result<Seen> {
        match obligation {
            Obligation::NothingUndeclared { activity } => self.nothing_undeclared(*activity),
            Obligation::ForWhomStated { activity } => self.for_whom_stated(*activity),
            Obligation::ConditionStands { activity } => self.condition_stands(*activity),
            Obligation::AssessmentOnFile { activity } => self.assessment_on_file(*activity),
            Obligation::UsesNamed => self.uses_named(),
            Obligation::VersionsKept => self.versions_kept(),
            Obligation::PeopleDecide => self.people_decide(),
            Obligation::CookiesListed => self.cookies_listed(),
            Obligation::VisitsAsStated => self.visits_as_stated(),
            Obligation::ToldWhenGiven => self.told_when_given(),
            Obligation::ToldInTime => self.told_in_time(),
            Obligation::SenderTold => self.sender_told(),
            Obligation::GoneInTime { rule } => self.gone_in_time(*rule),
            Obligation::NoneBeforeConsent { activity, work, event, kinds } => {
                self.none_before_consent(*activity, *work, event, *kinds)
            }
            Obligation::GroundsOnStatedBasis { activity } => self.grounds_on_stated_basis(*activity),
            Obligation::AskedAgain { rule } => self.asked_again(*rule),
            Obligation::NoneWithoutOptIn { activity, .. } => self.none_without_opt_in(*activity),
            Obligation::AgreementSent { work } => self.agreement_sent(*work),
            Obligation::OptInAsked { activity, work, milestone } => {
                self.opt_in_asked(*activity, *work, milestone)
            }
            Obligation::SaidBefore { rule, says } => self.said_before(*rule, *says),
            Obligation::EachInTime { rule } => self.each_in_time(*rule),
            Obligation::Anonymous { rule } => self.anonymous(*rule),
            Obligation::Certified { rule } => self.certified(*rule),
            Obligation::DoneByHand { rule } => self.done_by_hand(*rule),
            Obligation::CacheAgrees { rule } => self.cache_agrees(*rule),
            Obligation::EndsAtOnce { rule, events } => self.ends_at_once(*rule, events),
            Obligation::EndsCounted { rule, categories } => self.ends_counted(*rule, categories),
            Obligation::ReviewsDone { rule } => self.reviews_done(*rule),
            Obligation::HoldsAnswered { rule } => self.holds_answered(*rule),
            Obligation::NothingLeftBehind => self.nothing_left_behind(),
            Obligation::CapsReasoned { rule } => self.caps_reasoned(*rule),
            Obligation::FooterInEach { channel } => self.footer_in_each(*channel),
            Obligation::ReceivedAsStated { channel } => self.received_as_stated(*channel),
            Obligation::FiledAsStated { form } => self.filed_as_stated(*form),
            Obligation::EachCallScreened { channel, fewer_than_days } => {
                self.each_call_screened(*channel, *fewer_than_days)
            }
            Obligation::ConfirmedFirst { activity } => self.confirmed_first(*activity),
            Obligation::ConsentShown { activity } => self.consent_shown(*activity),
            Obligation::NoneAfterNo { activity } => self.none_after_no(*activity),
            Obligation::NoneListedAfterNo { activity } => self.none_listed_after_no(*activity),
            Obligation::AskedFirst { activity } => self.asked_first(*activity),
            Obligation::SeenByNeed { role } => self.seen_by_need(*role),
            Obligation::FeesAsStated => self.fees_as_stated(),
            Obligation::NoneSent { prohibition } => self.none_sent(*prohibition),
            Obligation::SuppressedStaySuppressed => self.suppressed_stay_suppressed(),
            Obligation::NothingLostInMerging => self.nothing_lost_in_merging(),
            Obligation::NoneShared { prohibition } => self.none_shared(*prohibition),
            Obligation::SharedAsStated { activity, share } => self.shared_as_stated(*activity, *share),
            Obligation::ProcessorWithin { processor } => self.processor_within(*processor),
            Obligation::RegisterShape { register } => self.register_shape(*register),
            Obligation::InitialsOnly { register } => self.initials_only(*register),
            Obligation::ReasonsStated => self.reasons_stated(),
            Obligation::SourceStated { activity } => self.source_stated(*activity),
            Obligation::AnsweredInTime => self.answered_in_time(),
            Obligation::ClockRecorded => self.clock_recorded(),
            Obligation::Identified => self.identified(),
            Obligation::ComplaintsAcknowledged => self.complaints_acknowledged(),
            Obligation::IncidentsSeenTo => self.incidents_seen_to(),
            Obligation::ImportsForgotten => self.imports_forgotten(),
            Obligation::StatisticsHide { statistics } => self.statistics_hide(*statistics),
            Obligation::CopiesLeaveSo => self.copies_leave_so(),
            Obligation::CopiesInFormat => self.copies_in_format(),
            Obligation::RecipientsTold { register } => self.recipients_told(*register),
            Obligation::ErasureWaitsForPaper => self.erasure_waits_for_paper(),
            Obligation::ErasureConfirmed => self.erasure_confirmed(),
            Obligation::NoticeSays { part } => self.notice_says(part),
            Obligation::EncryptedAtRest => self.encrypted_at_rest(),
            Obligation::BackupsForget => self.backups_forget(),
            Obligation::PasswordPolicy { at_least } => self.password_policy(*at_least),
            Obligation::Attested { attestation } => self.attested(*attestation),
        }
    }

    fn rule(&self, id: RuleId) -> Result<&'a policy::Rule> {
        self.policy.rules.get(id.index()).ok_or(Error::Missing)
    }

    fn activity(&self, id: policy::ActivityId) -> Result<&'a policy::Activity> {
        self.policy.activity(id).ok_or(Error::Missing)
    }

    /// How many rows a query counts.
    fn count(&self, sql: &str, values: &[crate::Value<'_>]) -> Result<usize> {
        Ok(usize::try_from(self.tx.count(sql, values)?).unwrap_or(0))
    }

    /// How many rows of each kind a table of details, entries or documents has, counted once.
    fn held(&self, table: &'static str) -> Result<Arc<BTreeMap<String, usize>>> {
        self.found.held.or(table, || {
            let mut held = BTreeMap::new();
            self.tx.each(&format!("SELECT kind, COUNT(*) FROM {table} GROUP BY kind"), &[], |row| {
                held.insert(row.text(0)?, usize::try_from(row.int(1)?).unwrap_or(0));
                Ok::<(), Error>(())
            })?;
            Ok(Arc::new(held))
        })
    }

    /// How many grounds of a clause stand, counted once.
    fn standing(&self, rule: &policy::Rule) -> Result<usize> {
        self.found.standing.or(rule.id, || {
            self.count("SELECT COUNT(*) FROM ground WHERE rule = ?1 AND state = 'active'", params![&rule.key])
        })
    }

    /// How many rows it has.
    fn rows(&self, table: &'static str) -> Result<usize> {
        Ok(self.held(table)?.values().sum())
    }

    /// The lives of people, by number, and what is to be said of those of whom something cannot be read.
    fn lives(&self, people: BTreeSet<PersonId>) -> Result<(BTreeMap<PersonId, Life>, Vec<String>)> {
        let people: Vec<PersonId> = people.into_iter().collect();
        let found = life::load_readable(self.tx, self.policy, &people, self.today, life::For::Clocks)?;
        let lives = found.lives.into_iter().map(|life| (life.person, life)).collect();
        Ok((lives, found.unread.into_iter().map(|who| unread(&format!("person {who}"))).collect()))
    }
}

/// What is said of somebody, or of work, of which something stored cannot be read: it stops the proof of nothing else.
fn unread(whose: &str) -> String {
    format!("{whose} could not be looked at: what is stored of it cannot be read")
}

/// What stands among counter-examples where there are more than are named. How many more nobody has counted.
pub const MORE: &str = "and more";

/// Names the first of many, and says that there are more.
fn named(mut broken: Vec<String>) -> Vec<String> {
    broken.retain(|said| said != MORE);
    if broken.len() > NAMED {
        broken.truncate(NAMED);
        broken.push(MORE.to_owned());
    }
    broken
}
