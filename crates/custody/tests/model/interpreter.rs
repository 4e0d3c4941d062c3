//! The model: CTI's rules in plain words of Rust, lived through day by day.

use custody::life::{Life, Scope};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::ConsentForm;

/// Something held: its kind, and the programme it is on.
#[derive(Clone, Debug)]
pub struct Thing {
    pub kind: &'static str,
    pub on: Option<i64>,
    /// Whether its kind is an entry or a document.
    pub of_work: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Why {
    Withdrawn,
    Objected,
    Erased,
    Other,
}

#[derive(Clone, Debug)]
struct MGround {
    key: &'static str,
    engagement: Option<i64>,
    opened: Date,
    stopped: Option<(Date, Why)>,
    /// Stopped by what somebody wrote down, and no night has been since.
    by_word: bool,
    /// As last looked at.
    last_day: Option<Date>,
    review: Option<Date>,
}

/// A ground that holds: rule, engagement, last day, review.
pub type Held = (String, Option<i64>, Option<Date>, Option<Date>);

/// The model's own memory: grounds, and the numbers by which CTI's activities and categories go.
#[derive(Clone, Debug)]
pub struct Model {
    day: Date,
    grounds: Vec<MGround>,
    pub names: Names,
    /// What they were not entered in: nothing begins under it.
    pub out: std::collections::BTreeSet<&'static str>,
}

/// What the life's numbers mean, told by the history and not by the policy.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub categories: Vec<(policy::CategoryId, &'static str)>,
    pub activities: Vec<(policy::ActivityId, &'static str)>,
    pub kinds: Vec<(policy::KindId, &'static str)>,
}

/// Every rule: its key, its activity, what it covers.
const RULES: &[(&str, &str, &[&str])] = &[
    (
        "coach search",
        "coach search",
        &[
            "name",
            "email",
            "phone",
            "organisation",
            "enquiry",
            "consent form",
            "service agreement",
            "work record",
        ],
    ),
    (
        "coaching",
        "coaching",
        &[
            "name",
            "email",
            "phone",
            "organisation",
            "life history",
            "coaching notes",
            "consent form",
            "service agreement",
            "evaluation form",
            "work record",
        ],
    ),
    ("greetings", "greetings", &["name", "email"]),
    (
        "enquiries",
        "enquiries",
        &["name", "email", "phone", "address", "job title", "organisation", "enquiry"],
    ),
    ("offers by phone", "offers by phone", &["name", "phone", "job title", "organisation"]),
    ("tailored offers", "tailored offers", &["name", "email", "phone", "job title", "organisation"]),
    ("news for organisations", "news for organisations", &["name", "email"]),
    ("assignments", "assignments", &["name", "email", "phone", "address", "work record"]),
    ("associate news", "associate news", &["name", "email"]),
    ("suppliers", "suppliers", &["name", "email", "phone", "address", "organisation"]),
    ("supplier news", "supplier news", &["name", "email"]),
    ("supporters", "supporters", &["name", "email"]),
    ("correspondence", "correspondence", &["contact record"]),
    (
        "rights and complaints/request record, complaint record",
        "rights and complaints",
        &["request record", "complaint record"],
    ),
    ("rights and complaints/objection record", "rights and complaints", &["objection record"]),
    ("proof/consent record, certificate", "proof", &["consent record", "certificate"]),
    ("proof/message record", "proof", &["message record"]),
    ("proof/paper record", "proof", &["paper record"]),
    ("staff access", "staff access", &["staff record"]),
];

const MARKETING: &[&str] = &[
    "greetings",
    "offers by phone",
    "tailored offers",
    "news for organisations",
    "associate news",
    "supplier news",
    "supporters",
];

fn months_after(day: Date, months: i64) -> Date {
    let all = i64::from(day.year()) * 12 + i64::from(day.month()) - 1 + months;
    let (year, month) = (i16::try_from(all / 12).unwrap(), i8::try_from(all % 12 + 1).unwrap());
    (1..=day.day()).rev().find_map(|of_month| Date::new(year, month, of_month).ok()).unwrap()
}

impl Model {
    pub fn new(day: Date) -> Self {
        Self { day, grounds: Vec::new(), names: Names::default(), out: std::collections::BTreeSet::new() }
    }

    /// Lives day by day to `until`, with the facts as they are.
    pub fn live_until(&mut self, life: &Life, until: Date) {
        while self.day < until {
            self.day = self.day.tomorrow().unwrap();
            self.look(life, self.day);
            self.grounds.iter_mut().for_each(|ground| ground.by_word = false);
        }
    }

    /// What today's facts make of every ground.
    pub fn look(&mut self, life: &Life, today: Date) {
        let names = self.names.clone();
        let facts = Facts { life, names: &names, today };
        // First what ran out by the dates as they stood, whatever has become known since.
        self.expire_only(today);
        for ground in self.grounds.iter_mut().filter(|ground| ground.stopped.is_none()) {
            ground.last_day = facts.last_day(ground.key, ground.engagement);
            ground.review = facts.review(ground.key, ground.opened);
            if let Some(why) = facts.ended(ground) {
                ground.stopped = Some((today, why));
                ground.by_word = matches!(why, Why::Other);
            }
        }
        for (key, _, _) in RULES {
            for engagement in facts.engagements(key) {
                let mine = || {
                    self.grounds.iter().filter(|ground| ground.key == *key && ground.engagement == engagement)
                };
                let barred = mine()
                    .filter_map(|ground| ground.stopped)
                    .next_back()
                    .is_some_and(|stopped| facts.barred(key, stopped));
                if mine().any(|ground| ground.stopped.is_none())
                    || self.out.contains(Facts::of(key))
                    || barred
                    || !facts.may_begin(key, engagement)
                {
                    continue;
                }
                let ground = MGround {
                    key,
                    engagement,
                    opened: today,
                    stopped: None,
                    by_word: false,
                    last_day: facts.last_day(key, engagement),
                    review: facts.review(key, today),
                };
                // What was ended by a slip and taken back the same day goes on: whoever was to look at it still is.
                let slip =
                    |held: &&mut MGround| held.key == *key && held.engagement == engagement && held.by_word;
                if facts.ended(&ground).is_none()
                    && let Some(slip) = self.grounds.iter_mut().rfind(slip)
                {
                    slip.stopped = None;
                    slip.by_word = false;
                    slip.last_day = ground.last_day;
                    slip.review = facts.review(key, slip.opened);
                } else if facts.ended(&ground).is_none() {
                    self.grounds.push(ground);
                }
            }
        }
    }

    /// Time alone: what was due before a day is over on it.
    pub fn expire_only(&mut self, today: Date) {
        for ground in self.grounds.iter_mut().filter(|ground| ground.stopped.is_none()) {
            if let Some(last) = ground.last_day.filter(|last| *last < today) {
                ground.stopped = Some((last.tomorrow().unwrap(), Why::Other));
            }
        }
    }

    /// A granted erasure ends everything there is.
    pub fn erase(&mut self, today: Date) {
        for ground in self.grounds.iter_mut().filter(|ground| ground.stopped.is_none()) {
            ground.stopped = Some((today, Why::Erased));
        }
    }

    pub fn held(&self) -> Vec<Held> {
        let active = self.grounds.iter().filter(|ground| ground.stopped.is_none());
        let mut held: Vec<_> = active
            .map(|ground| (ground.key.to_owned(), ground.engagement, ground.last_day, ground.review))
            .collect();
        held.sort();
        held
    }

    pub fn covers(&self, thing: &Thing) -> bool {
        self.grounds.iter().filter(|ground| ground.stopped.is_none()).any(|ground| {
            let (_, _, kinds) = RULES.iter().find(|(key, _, _)| *key == ground.key).unwrap();
            let there = match ground.engagement {
                Some(number) if thing.of_work => thing.on == Some(number),
                _ => true,
            };
            kinds.contains(&thing.kind) && there
        })
    }
}

impl Model {
    /// Whether a row the program keeps is still covered on a day: while a ground is there, and not past its own end.
    pub fn covers_row(&self, row: &custody::life::Kept, day: Date) -> bool {
        let (_, kind) = *self.names.kinds.iter().find(|(id, _)| *id == row.datum.kind).unwrap();
        self.grounds.iter().filter(|ground| ground.stopped.is_none()).any(|ground| {
            let (_, _, kinds) = RULES.iter().find(|(key, _, _)| *key == ground.key).unwrap();
            let months = |since: Option<Date>, months| since.map(|since| months_after(since, months));
            let own = match ground.key {
                "rights and complaints/request record, complaint record" => months(row.closed_on, 36),
                "proof/paper record" => months(row.closed_on, 12),
                "rights and complaints/objection record" | "proof/consent record, certificate" => {
                    months(Some(row.recorded.day), 72)
                }
                "proof/message record" => months(row.sent.as_ref().map(|sent| sent.day), 24),
                _ => None,
            };
            kinds.contains(&kind) && own.is_none_or(|last| day <= last)
        })
    }
}

/// The facts on one day.
struct Facts<'a> {
    life: &'a Life,
    names: &'a Names,
    today: Date,
}

impl Facts<'_> {
    fn activity(&self, name: &str) -> policy::ActivityId {
        self.names.activities.iter().find(|(_, known)| *known == name).unwrap().0
    }

    fn of(key: &str) -> &'static str {
        RULES.iter().find(|(known, _, _)| *known == key).unwrap().1
    }

    /// The category's own dates: since, until.
    fn category(&self, name: &str) -> Vec<(Date, Option<Date>)> {
        let own = self.life.categories.iter().filter(|held| {
            self.names.categories.iter().any(|(id, known)| *id == held.category && *known == name)
        });
        let mut dates: Vec<_> = own.map(|held| (held.since, held.until)).collect();
        let part = match name {
            "coaching client" => "client",
            "associate" => "coach",
            _ => "",
        };
        // A part makes somebody one while the programme runs, unless it was said since that they are none.
        let ended: Vec<Date> = dates.iter().filter_map(|(_, until)| *until).collect();
        for on in self.life.works.iter().filter(|on| on.part == part) {
            let completed = on.milestones.iter().filter(|(name, _)| name == "completed").map(|(_, day)| *day);
            let said = ended.iter().copied().filter(|day| *day >= on.since);
            let ends = on.until.into_iter().chain(completed.max()).chain(said);
            dates.push((on.since, ends.min()));
        }
        dates
    }

    fn is(&self, name: &str) -> bool {
        let now = |(since, until): &(Date, Option<Date>)| {
            *since <= self.today && until.is_none_or(|until| self.today < until)
        };
        self.category(name).iter().any(now)
    }

    fn was(&self, name: &str) -> bool {
        !self.category(name).is_empty()
    }

    /// Whose activity it is.
    fn whose(key: &str) -> &'static str {
        match key {
            "coach search" | "coaching" | "greetings" => "coaching client",
            "enquiries" | "offers by phone" | "tailored offers" | "news for organisations" => {
                "organisation contact"
            }
            "assignments" | "associate news" => "associate",
            "suppliers" | "supplier news" => "supplier",
            "supporters" => "supporter",
            _ => "everyone",
        }
    }

    fn engagements(&self, key: &str) -> Vec<Option<i64>> {
        if key != "coaching" {
            return vec![None];
        }
        self.life.works.iter().filter(|on| on.part == "client").map(|on| Some(on.engagement.0)).collect()
    }

    fn records(&self, key: &str) -> Vec<&custody::life::Kept> {
        let (_, _, kinds) = RULES.iter().find(|(known, _, _)| *known == key).unwrap();
        let named = |kept: &&custody::life::Kept| {
            self.names.kinds.iter().any(|(id, known)| *id == kept.datum.kind && kinds.contains(known))
        };
        self.life.records.iter().filter(named).collect()
    }

    fn completed_ever(&self) -> bool {
        self.life
            .works
            .iter()
            .filter(|on| on.part == "client")
            .any(|on| on.milestones.iter().any(|(name, day)| name == "completed" && *day <= self.today))
    }

    /// The ground's reason is among the facts at all.
    fn reason(&self, key: &str, engagement: Option<i64>) -> bool {
        match (key, Self::whose(key)) {
            ("coaching", _) => {
                self.life.works.iter().any(|on| on.part == "client" && Some(on.engagement.0) == engagement)
            }
            ("greetings", who) => self.was(who) && self.completed_ever(),
            (_, "everyone") => !self.records(key).is_empty(),
            (_, who) => self.was(who),
        }
    }

    fn may_begin(&self, key: &str, engagement: Option<i64>) -> bool {
        let now = match (key, Self::whose(key)) {
            ("coaching", _) => self.life.works.iter().any(|on| {
                on.part == "client"
                    && Some(on.engagement.0) == engagement
                    && on.until.is_none_or(|until| self.today < until)
            }),
            ("greetings", _) | (_, "everyone") => true,
            (_, who) => self.is(who),
        };
        now && self.reason(key, engagement) && self.basis(key, engagement)
    }

    fn basis(&self, key: &str, engagement: Option<i64>) -> bool {
        let consented = match key {
            "coaching" | "greetings" | "supporters" => self.consent(key, engagement).is_some(),
            _ => true,
        };
        consented && !self.objected(key)
    }

    /// The consent that stands, if one does: the latest of those in form, in time, not lapsed, not taken back.
    fn consent(&self, key: &str, engagement: Option<i64>) -> Option<&custody::life::Consent> {
        let activity = self.activity(key);
        let speaks = |consent: &&custody::life::Consent| {
            consent.activity == activity
                && consent.given_on <= self.today
                && (key != "coaching"
                    || consent.engagement.is_none()
                    || consent.engagement.map(|e| e.0) == engagement)
        };
        let all: Vec<_> = self.life.consents.iter().filter(speaks).collect();
        let mut standing: Vec<_> = all
            .iter()
            .filter(|consent| {
                let taken_back = all.iter().any(|other| {
                    let after = other.withdrawn_on.is_some_and(|on| {
                        on <= self.today && (consent.given_on, consent.id.0) < (on, other.id.0)
                    });
                    let itself =
                        other.id == consent.id && other.withdrawn_on.is_some_and(|on| on <= self.today);
                    after || itself
                });
                let fit = match key {
                    "coaching" => {
                        let signed =
                            matches!(consent.form, ConsentForm::Signed(_)) && consent.document.is_some();
                        let work = self.life.works.iter().find(|on| Some(on.engagement.0) == engagement);
                        let sessions = work
                            .into_iter()
                            .flat_map(|on| &on.milestones)
                            .filter(|(name, _)| name == "first session");
                        signed
                            && sessions
                                .map(|(_, day)| *day)
                                .min()
                                .is_none_or(|first| consent.given_on <= first)
                    }
                    _ => months_after(consent.given_on, 24) >= self.today,
                };
                fit && !taken_back
            })
            .copied()
            .collect();
        standing.pop()
    }

    fn objected(&self, key: &str) -> bool {
        let activity = self.activity(Self::of(key));
        let marketing = MARKETING.contains(&key);
        self.life.objections.iter().any(|objection| {
            let agreed_since = self.life.consents.iter().any(|consent| {
                consent.activity == activity
                    && consent.given_on > objection.made_on
                    && consent.given_on <= self.today
            });
            let lifted = objection.lifted_on.is_some_and(|on| on <= self.today) || agreed_since;
            let marketing_scope = match &objection.scope {
                Scope::Purpose(Purpose::DirectMarketing) | Scope::AllContact => marketing,
                Scope::Calls => key == "offers by phone",
                Scope::Activity(id) => *id == activity,
                Scope::Purpose(_) => false,
            };
            let effective = if marketing { Some(objection.made_on) } else { objection.upheld_on };
            marketing_scope && !lifted && effective.is_some_and(|on| on <= self.today)
        })
    }

    fn last_contact(&self) -> Option<Date> {
        let events = self.life.events.iter().filter(|(name, _)| name == "contact").map(|(_, day)| *day);
        let agreed =
            self.life.consents.iter().map(|consent| consent.given_on).filter(|day| *day <= self.today);
        events.chain(agreed).max()
    }

    /// What ended this time with us: an event since the person last became one of those the activity is for.
    fn ending(&self, key: &str, names: &[&str]) -> Option<Date> {
        let since = self
            .category(Self::whose(key))
            .iter()
            .map(|(since, _)| *since)
            .filter(|since| *since <= self.today)
            .max();
        let events =
            self.life.events.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, day)| *day);
        events.filter(|day| since.is_none_or(|since| *day >= since)).min()
    }

    /// The day the category ended for good.
    fn no_longer(&self, name: &str) -> Option<Date> {
        let dates = self.category(name);
        dates.iter().map(|(_, until)| *until).reduce(|a, b| Some(a?.max(b?))).flatten()
    }

    /// The last day on which the data may be held, as far as it is known.
    fn last_day(&self, key: &str, engagement: Option<i64>) -> Option<Date> {
        match key {
            "coach search" => Some(months_after(self.last_contact()?, 3)),
            "coaching" => {
                let work = self.life.works.iter().find(|on| Some(on.engagement.0) == engagement)?;
                let completed = work
                    .milestones
                    .iter()
                    .filter(|(name, _)| name == "completed")
                    .map(|(_, day)| *day)
                    .max()?;
                let agreed = work.agreed.as_ref();
                let wanted = agreed.map_or(6, |agreed| i64::from(agreed.period.get_months()));
                let reasoned = agreed.is_some_and(|agreed| agreed.reason.is_some());
                Some(months_after(completed, if reasoned { wanted } else { wanted.min(60) }))
            }
            "greetings" | "supporters" => Some(months_after(self.consent(key, None)?.given_on, 24)),
            "enquiries" => {
                let left = self.ending(key, &["left the organisation"]);
                let contact = self.last_contact().map(|day| months_after(day, 24));
                [left, contact].into_iter().flatten().min()
            }
            "correspondence" => Some(months_after(self.last_contact()?, 24)),
            "rights and complaints/request record, complaint record" => {
                let closed =
                    self.records(key).iter().map(|kept| kept.closed_on).reduce(|a, b| Some(a?.max(b?)))??;
                Some(months_after(closed, 36))
            }
            "proof/paper record" => {
                let closed =
                    self.records(key).iter().map(|kept| kept.closed_on).reduce(|a, b| Some(a?.max(b?)))??;
                Some(months_after(closed, 12))
            }
            "rights and complaints/objection record" | "proof/consent record, certificate" => {
                Some(months_after(self.records(key).iter().map(|kept| kept.recorded.day).max()?, 72))
            }
            "proof/message record" => {
                // One that has not left yet will.
                let rows = self.records(key);
                let sent = rows.iter().map(|kept| Some(kept.sent.as_ref()?.day));
                Some(months_after(sent.reduce(|a, b| Some(a?.max(b?)))??, 24))
            }
            "staff access" => {
                let left =
                    self.life.events.iter().filter(|(name, _)| name == "left").map(|(_, day)| *day).max()?;
                Some(months_after(left, 12))
            }
            _ => None,
        }
    }

    fn review(&self, key: &str, opened: Date) -> Option<Date> {
        let every_two_years =
            ["offers by phone", "assignments", "associate news", "suppliers", "supplier news"];
        every_two_years.contains(&key).then(|| months_after(opened, 24))
    }

    /// Whether the ground is over today, and by whose will.
    fn ended(&self, ground: &MGround) -> Option<Why> {
        let key = ground.key;
        if matches!(key, "coaching" | "greetings" | "supporters")
            && self.consent(key, ground.engagement).is_none()
        {
            let activity = self.activity(key);
            let withdrawn = self.life.consents.iter().any(|consent| {
                consent.activity == activity && consent.withdrawn_on.is_some_and(|on| on <= self.today)
            });
            return Some(if withdrawn { Why::Withdrawn } else { Why::Other });
        }
        if self.objected(key) {
            return Some(Why::Objected);
        }
        let at_once = match key {
            "enquiries" | "tailored offers" | "news for organisations" => {
                self.ending(key, &["left the organisation"])
            }
            "offers by phone" => self.ending(key, &["phone changes", "asked not to call"]),
            "assignments" | "associate news" => self.no_longer("associate"),
            "suppliers" | "supplier news" => self.no_longer("supplier"),
            _ => None,
        };
        let over = at_once.is_some_and(|day| day <= self.today)
            || ground.last_day.is_some_and(|last| last < self.today)
            || !self.reason(key, ground.engagement);
        over.then_some(Why::Other)
    }

    /// Whether what ended so may not begin again without the person.
    fn barred(&self, key: &str, (on, why): (Date, Why)) -> bool {
        let activity = self.activity(Self::of(key));
        let agreed = |after: &dyn Fn(Date) -> bool| {
            self.life.consents.iter().any(|consent| {
                consent.activity == activity && consent.given_on <= self.today && after(consent.given_on)
            })
        };
        match why {
            Why::Other => false,
            Why::Withdrawn => !agreed(&|given| given >= on),
            Why::Objected => {
                let lifted =
                    self.life.objections.iter().any(|objection| {
                        objection.lifted_on.is_some_and(|day| day >= on && day <= self.today)
                    });
                !lifted && !agreed(&|given| given >= on)
            }
            Why::Erased => {
                // What is kept of everybody and was written down since is new.
                let written = Self::whose(key) == "everyone"
                    && self.records(key).iter().any(|kept| kept.recorded.day > on);
                let again = written
                    || self.life.categories.iter().any(|held| held.since > on)
                    || self.life.works.iter().any(|work| work.since > on);
                !again && !agreed(&|given| given > on)
            }
        }
    }
}

/// A day some days before another.
pub fn before(day: Date, days: u16) -> Date {
    day.checked_sub(i64::from(days).days()).unwrap()
}
