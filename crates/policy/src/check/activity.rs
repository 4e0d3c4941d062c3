//! Activities: the basis, what it allows, and whether the activity holds what it speaks of.

use std::collections::BTreeMap;

use super::Review;
use super::period::seldom;
use crate::activity::{Activity, Purpose, Share};
use crate::basis::{Basis, ConsentForm};
use crate::channel::{Forbidden, Means, Prohibition};
use crate::condition::Condition;
use crate::kind::{KindSet, RECORDS, Sensitivity, Sort};
use crate::name::KindId;
use crate::policy::Clause;
use crate::source::Span;

impl Review<'_> {
    pub(super) fn activities(&mut self) {
        for activity in &self.policy.activities {
            self.basis(activity);
            self.reason(activity);
            self.sensitive(activity);
            self.shares(activity);
            self.against_prohibitions(activity);
        }
        self.bundled();
        self.unused();
    }

    fn basis(&mut self, activity: &Activity) {
        let marketing = activity.purpose == Purpose::DirectMarketing;
        match &activity.basis {
            Basis::LegitimateInterests { assessed, review, last, soft_opt_in } => {
                self.interests(activity, assessed.is_some(), *review, *last);
                if marketing && soft_opt_in.is_none() {
                    self.subscribers(activity);
                }
            }
            Basis::Consent { .. } => self.imbalance(activity),
            other if marketing => {
                let message = format!("marketing cannot rest on {}", other.words());
                self.find_in(
                    &activity.name,
                    "E-MARKETING-BASIS",
                    activity.basis_span,
                    message,
                    "write `basis consent, opt-in`, or `basis legitimate interests, assessed in \"FILE\"`",
                );
            }
            _ => {}
        }
    }

    fn interests(
        &mut self,
        activity: &Activity,
        assessed: bool,
        review: Option<jiff::Span>,
        last: Option<jiff::civil::Date>,
    ) {
        let (name, span) = (&activity.name, activity.basis_span);
        if !assessed {
            self.find_in(
                name,
                "E-UNASSESSED",
                span,
                "these interests were not weighed",
                "write the assessment, then `assessed in \"FILE\", review every year`",
            );
            return;
        }
        let due = review.zip(last).and_then(|(every, last)| last.checked_add(every).ok());
        match (review, due) {
            (None, _) => self.find_in(
                name,
                "W-ASSESSMENT",
                span,
                "nothing says when the assessment is looked at again",
                "add `review every year`",
            ),
            (_, Some(due)) if due < self.today => {
                self.find_in(
                    name,
                    "W-ASSESSMENT",
                    span,
                    format!("the assessment was to be looked at by {due}"),
                    "look at it, and write the day: `last DATE`",
                );
            }
            _ if last.is_some_and(|day| day > self.today) => {
                let message = "nobody can have looked at the assessment on a day that is yet to come";
                let help = "write the day on which somebody last did: `last DATE`";
                self.find_in(name, "W-ASSESSMENT", span, message, help);
            }
            (Some(every), _) if seldom(every) => {
                let message = "an assessment looked at so seldom is as good as never looked at";
                self.find_in(name, "W-ASSESSMENT", span, message, "write `review every year`");
            }
            _ => {}
        }
    }

    /// Whoever is written to without having been asked must not be a person or a sole trader.
    fn subscribers(&mut self, activity: &Activity) {
        let written = activity.channels.iter().filter_map(|id| self.policy.channels.get(id.index()));
        if written.into_iter().any(|channel| matches!(channel.means, Means::Email | Means::Text)) {
            let span = self.place(&Clause::Send(activity.id));
            self.find_in(
                &activity.name,
                "W-SUBSCRIBERS",
                span,
                "people and sole traders must have agreed to this first",
                "write only to companies and public bodies, or ask for consent",
            );
        }
    }

    fn reason(&mut self, activity: &Activity) {
        if activity.so_that.is_some() {
            return;
        }
        let (code, message) = match activity.basis {
            Basis::LegitimateInterests { .. } => {
                ("E-INTEREST", "the notice must say what these interests are")
            }
            _ => ("W-REASON", "the notice will give no purpose but the title"),
        };
        self.find_in(&activity.name, code, activity.span, message, "write `so that \"...\"`");
    }

    fn sensitive(&mut self, activity: &Activity) {
        if activity.basis.is_express_consent() {
            return;
        }
        for (kind, span) in &activity.data {
            let Some(kind) = self.policy.kind(*kind) else { continue };
            let code = match kind.sensitivity {
                Sensitivity::Special => "E-SPECIAL",
                Sensitivity::Criminal => "E-CRIMINAL",
                _ => continue,
            };
            let serves = |condition: &&Condition| condition.serves(kind.sensitivity);
            match activity.conditions.iter().find(serves) {
                Some(condition) if condition.lacks_document() => {
                    let message = format!("`{}` needs a policy document", condition.known.words);
                    self.find_in(
                        &activity.name,
                        "E-POLICY-DOCUMENT",
                        condition.span,
                        message,
                        "write it, then `, policy document \"FILE\"`",
                    );
                    continue;
                }
                Some(_) => continue,
                None => {}
            }
            let message = format!("`{}` needs more than {}", kind.name, activity.basis.words());
            self.find_in(
                &activity.name,
                code,
                *span,
                message,
                "write `basis consent, explicit`, or a `condition` such as `condition legal claims`",
            );
        }
    }

    fn shares(&mut self, activity: &Activity) {
        for share in &activity.shares {
            let missing = self.names(share.kinds.minus(activity.kinds));
            if !missing.is_empty() && share.kinds != KindSet::all() {
                let message = format!("this shares {missing}, which the activity does not hold");
                self.find_in(
                    &activity.name,
                    "E-SHARE",
                    share.span,
                    message,
                    "name it in `data`, or leave it out here",
                );
            }
        }
    }

    fn names(&self, kinds: KindSet) -> String {
        let names: Vec<String> = kinds
            .iter()
            .filter_map(|id| self.policy.kind(id))
            .map(|kind| format!("`{}`", kind.name))
            .collect();
        names.join(", ")
    }

    /// A prohibition with no condition forbids always; an activity that does just that can never act.
    fn against_prohibitions(&mut self, activity: &Activity) {
        for never in self.policy.prohibitions.iter().filter(|never| unconditional(never)) {
            let everyone = never.to.is_empty();
            // Whoever else the activity is for, to one of them it may never be done.
            let meant = everyone || activity.for_whom.iter().any(|whom| never.to.contains(&whom.category));
            let marketing = activity.purpose == Purpose::DirectMarketing;
            let sends = !activity.channels.is_empty();
            // A prohibition of all sharing is about the activity; one for a purpose about the line that has it.
            let clashes: Vec<Span> = match &never.what {
                Forbidden::SendMarketing => {
                    (sends && marketing).then_some(activity.span).into_iter().collect()
                }
                Forbidden::SendAnything => sends.then_some(activity.span).into_iter().collect(),
                Forbidden::Share(purposes) if purposes.is_empty() => {
                    let mut rules = activity.rules.iter().filter_map(|id| self.policy.rules.get(id.index()));
                    let at_the_end = rules.find(|rule| rule.outsider(self.policy).is_some());
                    let shares = activity.shares.first().map(|_| activity.span);
                    shares.or(at_the_end.map(|rule| rule.span)).into_iter().collect()
                }
                Forbidden::Share(purposes) => {
                    let named = purposes.iter().any(|word| Purpose::said(word) == Some(activity.purpose));
                    let stated = |share: &&Share| {
                        named || share.what_for.as_deref().is_some_and(|words| purpose_in(purposes, words))
                    };
                    activity.shares.iter().filter(stated).map(|share| share.span).collect()
                }
                Forbidden::ShareOutside { .. } => Vec::new(),
            };
            for span in clashes.into_iter().filter(|_| meant) {
                let message = format!("`never {}` forbids always what this does", never.words);
                self.find_in(
                    &activity.name,
                    "E-CONTRADICTION",
                    span,
                    message,
                    "give the prohibition a `while`, `after` or `unless`, or take one of the two away",
                );
            }
        }
    }

    /// One form, several consents.
    fn bundled(&mut self) {
        let mut forms: BTreeMap<KindId, Vec<&Activity>> = BTreeMap::new();
        for activity in &self.policy.activities {
            if let Basis::Consent { form: ConsentForm::Signed(form), .. } = activity.basis {
                forms.entry(form).or_default().push(activity);
            }
        }
        for activities in forms.into_values() {
            for activity in activities.iter().skip(1) {
                self.find_in(
                    &activity.name,
                    "W-BUNDLED",
                    activity.basis_span,
                    "the same form carries another activity's consent",
                    "let people sign for each apart",
                );
            }
        }
    }

    fn unused(&mut self) {
        let policy = self.policy;
        let held = policy.activities.iter().fold(KindSet::none(), |held, activity| held.or(activity.kinds));
        for (record, words) in RECORDS {
            let missing = policy.kind_named(record).is_none_or(|kind| !held.contains(kind.id));
            if missing {
                let message = format!("no activity holds `{record}`: {words}");
                self.find(
                    "E-RECORD",
                    self.head("version"),
                    message,
                    "name it in the `data` of an activity `for everyone`, with a basis and a `keep`",
                );
            }
        }
        for kind in policy.kinds.iter().filter(|kind| kind.sort != Sort::Record && !held.contains(kind.id)) {
            self.find(
                "W-KIND",
                kind.span,
                format!("no activity may hold `{}`", kind.name),
                "name it in an activity's `data`, or take it out",
            );
        }
        for category in &policy.categories {
            let used = policy
                .activities
                .iter()
                .any(|activity| activity.for_whom.iter().any(|whom| whom.category == category.id));
            if !used {
                self.find(
                    "W-CATEGORY",
                    category.span,
                    format!("no activity is for `{}`", category.name),
                    "write one, or take the category out",
                );
            }
        }
    }
}

/// What marketing is called where whoever passes data on says what for.
const MARKETING_WORDS: &[&str] = &[
    "advert",
    "promot",
    "newsletter",
    "fundrais",
    "campaign",
    "mailing list",
    "offers",
    "their products",
    "their services",
    "their news",
    "our products",
    "our services",
    "our news",
    "products and services",
    "about products",
    "about services",
    "sell you",
    "sell to you",
    "what they sell",
    "what they offer",
    "what we offer",
    "may interest you",
    "might interest you",
    "interest to you",
];

/// What passing data on is called by whoever gets money for it.
const SELLING_WORDS: &[&str] = &[
    "sell them",
    "sell it",
    "sell on",
    "sell these",
    "sell your",
    "sell their",
    "sell details",
    "sell data",
    "sell the data",
    "sell the details",
    "sell the list",
    "selling them",
    "selling it",
    "selling on",
    "resell",
    "resale",
    "be sold",
    "list broker",
    "data broker",
    "for money",
    "for a fee",
    "for payment",
];

/// Whether a stated reason says that data is passed on for money.
pub(super) fn sells(words: &str) -> bool {
    let words = words.to_lowercase();
    SELLING_WORDS.iter().any(|mark| words.contains(mark))
}

/// Whether a stated reason names one of the purposes of `marketing, fundraising, campaigning`, or what is the same.
fn purpose_in(purposes: &[String], words: &str) -> bool {
    let words = &words.to_lowercase();
    let marketing = purposes.iter().any(|word| Purpose::said(word) == Some(Purpose::DirectMarketing));
    if marketing && (sells(words) || MARKETING_WORDS.iter().any(|mark| words.contains(mark))) {
        return true;
    }
    let also = |purpose: &String| {
        let known = OTHER_WORDS.iter().find(|(name, _)| name == purpose);
        known.is_some_and(|(_, marks)| marks.iter().any(|mark| words.contains(mark)))
    };
    if purposes.iter().any(also) {
        return true;
    }
    purposes.iter().any(|purpose| {
        let stem = purpose.strip_suffix("ing").unwrap_or(purpose);
        words.contains(purpose.as_str())
            || words.split(' ').any(|word| word.len() > 3 && word.starts_with(stem))
    })
}

/// What else a purpose is called where something is shared for it.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    (
        "fundraising",
        &[
            "raise funds",
            "raise money",
            "raising funds",
            "raising money",
            "donat",
            "appeal for",
            "ask you to give",
        ],
    ),
    ("sale", &["paid for it", "be paid for", "for money", "for a fee", "for payment", "get money"]),
    ("campaigning", &["win votes", "your vote", "canvass"]),
];

fn unconditional(never: &Prohibition) -> bool {
    never.while_work.is_none()
        && never.after.is_none()
        && !never.unless_consented
        && !never.unless_processor
        && never.unless_reasons.is_empty()
}
