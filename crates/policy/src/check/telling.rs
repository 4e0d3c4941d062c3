//! Kinds of data whose words tell of health, belief or crime, and that nobody marked. Knows words, and nothing of
//! what is held.

use super::Review;
use crate::activity::Activity;
use crate::kind::{Sensitivity, Sort};
use crate::phrase::plain;
use crate::rule::Rule;
use crate::source::Span;

/// Words by which a kind gives itself away. A star stands for any ending.
const TELLING: &[(Sensitivity, &[&str])] = &[
    (
        Sensitivity::Special,
        &[
            // Health.
            "health",
            "healthcare",
            "medical*",
            "medication*",
            "medicine*",
            "disabilit*",
            "disabled",
            "illness*",
            "disease*",
            "diagnos*",
            "symptom*",
            "impairment*",
            "sickness",
            "allerg*",
            "vaccin*",
            "psychiatr*",
            "mental",
            "pregnan*",
            "addiction*",
            "hiv",
            "gp",
            "your doctor",
            "access needs",
            "dietary",
            "ill",
            "sick",
            "sick note*",
            "fit note*",
            "unwell",
            "wellness",
            "sick leave",
            "sick pay",
            "blood group*",
            "blood type*",
            "blood test*",
            "blood pressure",
            "blood sugar",
            "x ray*",
            "scan results",
            "test results",
            "prescri*",
            "dose*",
            "dosage*",
            "surgery",
            "surgical",
            "surgeon*",
            "hospital*",
            "doctors note*",
            "doctor s note*",
            "patient record*",
            "patient note*",
            "patient number*",
            "as a patient",
            "therap*",
            "counselling",
            "counsellor*",
            "clinical",
            "clinician*",
            "nurse",
            "nursing",
            "midwi*",
            "inject*",
            "immunis*",
            "immuniz*",
            "cancer*",
            "diabet*",
            "epilep*",
            "asthma*",
            "autis*",
            "adhd",
            "dyslex*",
            "dementia",
            "depress*",
            "anxiety",
            "suicid*",
            "self harm",
            "eating disorder*",
            "injur*",
            "wound*",
            "wheelchair*",
            "hearing aid*",
            "hearing loss",
            "deaf",
            "blind",
            "sight loss",
            "mobility needs",
            "special needs",
            "special educational needs",
            "send status",
            "ehcp*",
            "maternity",
            "miscarr*",
            "abortion*",
            "fertility",
            "contracepti*",
            "drinking problem",
            "drug use",
            "drugs",
            "tablets you take",
            "tablets",
            "pills",
            "recovery meeting*",
            "drug misuse",
            "drugs you take",
            "alcohol*",
            "substance misuse",
            "smok*",
            "body mass",
            "bmi",
            "nhs number",
            "epipen*",
            "inhaler*",
            "care needs",
            "care plan*",
            "occupational health",
            "reasonable adjustment*",
            "cause of death",
            "headache*",
            "back pain",
            "heart condition*",
            "food you cannot eat",
            "what you cannot eat",
            "halal",
            "kosher",
            // Origin.
            "ethnic*",
            "racial",
            "your race",
            "skin colour",
            "colour of your skin",
            "tribe",
            "traveller community",
            "roma",
            // Belief and politics.
            "religio*",
            "faith",
            "belief*",
            "philosoph*",
            "politic*",
            "trade union*",
            "union member*",
            "how you vote",
            "church*",
            "baptis*",
            "christen*",
            "confirmation certificate*",
            "bar mitzvah*",
            "bat mitzvah*",
            "first communion*",
            "communion",
            "take the sacrament*",
            "parish register*",
            "congregation*",
            "worship*",
            "prayer*",
            "pray",
            "chaplain*",
            "atheis*",
            "christian*",
            "catholic*",
            "muslim*",
            "jewish",
            "hindu*",
            "sikh*",
            "buddhis*",
            "party membership",
            "party member*",
            "political party",
            "how you voted",
            "voting intention*",
            "shop steward*",
            "union dues",
            "union subscription*",
            "union subs",
            "your union",
            "union through your wages",
            "union contribution*",
            "union check off",
            "union representative*",
            "mosque*",
            "synagogue*",
            // Sex.
            "sexual*",
            "sex life",
            "gay",
            "lesbian",
            "bisexual",
            "lgbt*",
            "transgender",
            "trans status",
            "gender reassignment",
            "gender identity",
            "gender at birth",
            "gender you were given at birth",
            "sex at birth",
            "sex you were given at birth",
            "assigned at birth",
            "sex of your partner",
            "whom you sleep with",
            // Genes and bodies.
            "genetic*",
            "genome*",
            "dna",
            "biometric*",
            "fingerprint*",
            "facial recognition",
            "face recognition",
            "voiceprint*",
            "voice print*",
            "iris scan*",
            "retina*",
            "palm print*",
            "face scan*",
            "scan of your face",
            "scans of your face",
            "picture of your iris",
        ],
    ),
    (
        Sensitivity::Criminal,
        &[
            "convict*",
            "criminal*",
            "crime*",
            "offence*",
            "offend*",
            "arrest*",
            "unspent",
            "your sentence*",
            "prison*",
            "imprison*",
            "cautions",
            "police caution*",
            "police record*",
            "probation officer*",
            "barring",
            "dbs",
            "points on your licence",
            "penalty points",
            "licence points",
            "driving ban*",
            "banned from driving",
            "drink driving",
            "speeding",
            "disqualified from driving",
            "allegation*",
            "alleged*",
            "accused",
            "accusation*",
            "charged with",
            "suspected of",
            "suspicion of",
            "fraud*",
            "theft*",
            "stole",
            "stolen by you",
            "assault*",
            "violence",
            "violent",
            "abuse*",
            "murder*",
            "burglar*",
            "bail",
            "parole",
            "tagged",
            "electronic tag*",
            "probation service",
            "on probation for",
            "jail*",
            "gaol*",
            "custodial",
            "community service order*",
            "community order*",
            "court order*",
            "magistrate*",
            "crown court",
            "trouble with the police",
            "police check*",
            "criminal record*",
            "sex offender*",
            "disclosure certificate*",
            "wanted by the police",
            "reprimand*",
            "restraining order*",
            "anti social behaviour",
            "antisocial behaviour",
        ],
    ),
];

/// Phrases in which such a word means something else.
const HARMLESS: &[&str] = &[
    "health and safety",
    "good faith",
    "race number",
    "race results",
    "race entry",
    "blind copy",
    "blind carbon",
    "double blind",
    "smoke alarm",
    "smoke detector",
    "protect you from fraud",
    "fraud protection",
    "fraud prevention",
    "injury time",
    "beauty therapist",
    "church hall hire",
    "church hall booking",
    "church street",
    "penetration test results",
    "software test results",
    "driving test results",
    "non-smoking room",
    "test results of your software",
    "abuse of our service",
    "network abuse",
    "hospitality",
    "dosage of",
    "sick of",
    "cricket injuries",
    "economic depression",
    "drugs and alcohol policy",
    "electronic tablets",
    "tablets we lend",
    "tablets you borrow",
    "computers and tablets",
    "tablets and phones",
    "phones and tablets",
    "credit union",
    "rugby union",
    "students union",
    "student union",
    "worshipful",
];

/// Trades and places whose names speak of such data, and whose people's own it is not.
const TRADES: &[&str] = &[
    "counsell",
    "nurse",
    "nursing",
    "clinic",
    "surg",
    "midwi",
    "therap",
    "psychiatr",
    "hospital",
    "gp",
    "chaplain",
    "magistrate",
    "prison",
    "shop steward",
    "union representative",
    "church",
    "politic",
    "faith",
    "medical",
    "health",
];

impl Review<'_> {
    pub(super) fn telling(&mut self) {
        let policy = self.policy;
        for kind in policy.kinds.iter().filter(|kind| kind.sort != Sort::Record) {
            if matches!(kind.sensitivity, Sensitivity::Special | Sensitivity::Criminal) {
                continue;
            }
            let Some((what, mark)) = read(&kind.name, &kind.words) else { continue };
            let (sort, word) = sort(what);
            let message = format!("`{mark}` tells of {sort} data, and `{}` is not marked", kind.name);
            let help = format!("write `{word}` after its words, or other words if it is none");
            self.find_in(&kind.name, "W-UNMARKED", kind.span, message, help);
        }
        self.telling_facts();
        self.telling_people();
    }

    /// Whom an activity is for, and the work: a category may tell of everybody in it.
    fn telling_people(&mut self) {
        let policy = self.policy;
        for category in &policy.categories {
            let for_them =
                |activity: &&Activity| activity.for_whom.iter().any(|whom| whom.category == category.id);
            self.tells(
                &category.name,
                &category.words,
                category.span,
                policy.activities.iter().filter(for_them).collect(),
            );
        }
        for work in &policy.works {
            let of_it = |activity: &&Activity| activity.work == Some(work.id);
            self.tells(&work.name, &work.title, work.span, policy.activities.iter().filter(of_it).collect());
        }
    }

    fn tells(&mut self, name: &str, words: &str, span: Span, holders: Vec<&Activity>) {
        let Some((what, mark)) = read(name, words) else { return };
        // Who does such work for a living is not told of by it.
        let trade = TRADES.iter().any(|trade| mark.starts_with(trade));
        if trade || (!holders.is_empty() && holders.iter().all(|activity| carries(activity, what))) {
            return;
        }
        let (sort, _) = sort(what);
        let message = format!("`{mark}` tells of {sort} data about everybody in `{name}`");
        let help = "give each activity for them a `condition` or explicit consent, or call them so that it tells nothing";
        self.find_in(name, "W-UNMARKED", span, message, help);
    }

    /// What is known of people beside their data: nothing marks it, so what knows it must have a condition.
    fn telling_facts(&mut self) {
        let policy = self.policy;
        let facts = policy.facts.iter().map(|fact| (&fact.name, &fact.words, fact.span));
        let events = policy.events.iter().map(|event| (&event.name, &event.words, event.span));
        for (name, words, span) in facts.chain(events) {
            let Some((what, mark)) = read(name, words) else { continue };
            let plain = plain(name);
            let uses = |rule: &Rule| rule.facts().contains(&plain) || rule.events().contains(name);
            let holders = || policy.rules.iter().filter(|rule| uses(rule));
            let carried = holders().count() > 0
                && holders()
                    .all(|rule| policy.activity(rule.activity).is_some_and(|held| carries(held, what)));
            if carried {
                continue;
            }
            let (sort, word) = sort(what);
            let message = format!("`{mark}` tells of {sort} data, and nothing lets you know `{name}`");
            let help = format!(
                "use it only in an activity that has a `condition` or rests on explicit consent; say it so that it tells \
                 nothing of the kind; or hold it as an `item` marked `{word}`"
            );
            self.find_in(name, "W-UNMARKED", span, message, help);
        }
    }
}

/// Whether an activity may hold such data: a condition serves it, or explicit consent does.
fn carries(activity: &Activity, what: Sensitivity) -> bool {
    activity.basis.is_express_consent() || activity.conditions.iter().any(|condition| condition.serves(what))
}

/// How the law calls it, and the word that marks it.
fn sort(what: Sensitivity) -> (&'static str, &'static str) {
    match what {
        Sensitivity::Criminal => ("criminal-offence", "criminal"),
        _ => ("special-category", "special"),
    }
}

/// What a name and its words tell of, with the words that do.
fn read(name: &str, words: &str) -> Option<(Sensitivity, String)> {
    let mut said = format!("{name} / {words}").to_lowercase();
    HARMLESS.iter().for_each(|phrase| said = said.replace(phrase, "/"));
    telling(&said)
}

/// What some words tell of, with those that do.
fn telling(said: &str) -> Option<(Sensitivity, String)> {
    let words: Vec<&str> = said.split(|letter: char| !letter.is_alphanumeric() && letter != '/').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    TELLING.iter().find_map(|(what, marks)| {
        marks.iter().find_map(|mark| {
            let mark: Vec<&str> = mark.split(' ').collect();
            words
                .windows(mark.len())
                .find(|run| run.iter().zip(&mark).all(|(word, mark)| is(word, mark)))
                .map(|run| (*what, run.join(" ")))
        })
    })
}

fn is(word: &str, mark: &str) -> bool {
    mark.strip_suffix('*').map_or(word == mark, |stem| word.starts_with(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_whole_or_from_their_beginning() {
        let told = |said: &str| telling(said).map(|(what, _)| what);
        assert_eq!(told("notes / your criminal convictions"), Some(Sensitivity::Criminal));
        assert_eq!(told("access / what your disability asks of us"), Some(Sensitivity::Special));
        assert_eq!(told("membership / whether you are in a trade-union"), Some(Sensitivity::Special));
        assert_eq!(told("notes / your wealth, and whether trade / unions are named"), None);
        assert_eq!(told("shoe size / your shoe size"), None);
    }
}
