//! Kinds of data whose words tell of health, belief or crime, and that nobody marked. Knows words, and nothing of
//! what is held.

use super::Review;
use crate::kind::{Sensitivity, Sort};

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
            // Origin.
            "ethnic*",
            "racial",
            "your race",
            "skin colour",
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
            // Genes and bodies.
            "genetic*",
            "genome*",
            "dna",
            "biometric*",
            "fingerprint*",
            "facial recognition",
            "face recognition",
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
        ],
    ),
];

/// Phrases in which such a word means something else.
const HARMLESS: &[&str] = &["health and safety", "good faith", "race number", "race results", "race entry"];

impl Review<'_> {
    pub(super) fn telling(&mut self) {
        for kind in self.policy.kinds.iter().filter(|kind| kind.sort != Sort::Record) {
            if matches!(kind.sensitivity, Sensitivity::Special | Sensitivity::Criminal) {
                continue;
            }
            let mut said = format!("{} / {}", kind.name, kind.words).to_lowercase();
            HARMLESS.iter().for_each(|phrase| said = said.replace(phrase, "/"));
            let Some((what, mark)) = telling(&said) else { continue };
            let (sort, word) = match what {
                Sensitivity::Criminal => ("criminal-offence", "criminal"),
                _ => ("special-category", "special"),
            };
            let message = format!("`{mark}` tells of {sort} data, and `{}` is not marked", kind.name);
            let help = format!("write `{word}` after its words, or other words if it is none");
            self.find_in(&kind.name, "W-UNMARKED", kind.span, message, help);
        }
    }
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
