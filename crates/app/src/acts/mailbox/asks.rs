//! What a message may be asking, by its words. It is suggested and never decided: what it misses, whoever reads the message
//! finds, and what it finds wrongly costs one look.

use crate::acts::asking::COMPLAINT;

/// How much of a message is looked at, in characters.
const LOOKED_AT: usize = 4000;

/// Words for what can be asked, as [`super::request::ASKS`] names it: those that say most exactly what is asked come first.
const WORDS: &[(&str, &[&str])] = &[
    (
        "access",
        &[
            "subject access request",
            "data access request",
            "what data you hold",
            "what data do you hold",
            "what you hold about me",
            "what do you hold about me",
            "what information you hold",
            "what information do you hold",
            "copy of my data",
            "copy of my personal data",
            "copy of all the data",
            "copy of everything you hold",
            "data you hold about me",
            "data you hold on me",
            "information you hold about me",
            "information you hold on me",
            "article 15",
            "my right of access",
        ],
    ),
    ("portability", &["data portability", "machine-readable", "machine readable", "article 20"]),
    (
        "erasure",
        &[
            "delete my data",
            "delete all my data",
            "delete my details",
            "delete my personal",
            "delete my information",
            "delete everything you",
            "delete all data",
            "erase my",
            "erase me",
            "erase everything",
            "remove my data",
            "remove my details",
            "remove my personal",
            "remove all my",
            "right to be forgotten",
            "right to erasure",
            "article 17",
        ],
    ),
    (
        "no contact",
        &[
            "do not contact me",
            "don't contact me",
            "never contact me",
            "stop contacting me",
            "no longer contact me",
            "do not call me",
            "don't call me",
            "stop calling me",
        ],
    ),
    (
        "advertising",
        &[
            "unsubscribe",
            "opt out",
            "opt-out",
            "mailing list",
            "stop sending me",
            "no more emails",
            "no more e-mails",
            "stop emailing me",
            "stop e-mailing me",
            "stop these e-mails",
            "stop these emails",
            "do not want your newsletter",
            "don't want your newsletter",
        ],
    ),
    (
        "objection",
        &[
            "i object to",
            "i withdraw my consent",
            "withdraw my consent",
            "withdrawing my consent",
            "revoke my consent",
            "stop using my data",
            "stop processing my",
            "right to object",
            "article 21",
        ],
    ),
    ("restriction", &["restrict the processing", "restrict processing", "article 18"]),
    (
        "rectification",
        &[
            "correct my",
            "rectify my",
            "update my details",
            "is wrong in your records",
            "your records are wrong",
            "right to rectification",
            "article 16",
            "my address has changed",
            "my new address",
            "misspelt my name",
            "misspelled my name",
        ],
    ),
    (
        COMPLAINT,
        &[
            "i want to complain",
            "i wish to complain",
            "i would like to complain",
            "a complaint about",
            "formal complaint",
            "complain about how you handle",
            "complain about your handling",
            "data protection complaint",
            "report you to the ico",
            "information commissioner",
        ],
    ),
];

/// Answers that are a request by themselves: `STOP` in reply to a mailing.
const ALONE: &[&str] =
    &["stop", "unsubscribe", "remove", "remove me", "please stop", "stop please", "please remove me"];

/// What a message may be asking; nothing where its words do not say.
#[must_use]
pub fn suggested(subject: &str, text: &str) -> Option<&'static str> {
    let own = own_words(text);
    if [own.as_str(), plain(subject).as_str()].iter().any(|said| ALONE.contains(said)) {
        return Some("advertising");
    }
    // The subject of an answer is ours.
    let ours = subject.trim_start().to_lowercase().starts_with("re:");
    let said = if ours { own } else { format!("{}\n{own}", plain(subject)) };
    WORDS.iter().find(|(_, words)| words.iter().any(|words| within(&said, words))).map(|(asks, _)| *asks)
}

/// Whether words stand in a text as words of their own.
fn within(said: &str, words: &str) -> bool {
    let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    said.match_indices(words).any(|(at, _)| {
        apart(said.get(..at).and_then(|before| before.chars().next_back()))
            && apart(said.get(at + words.len()..).and_then(|after| after.chars().next()))
    })
}

/// What whoever wrote says themselves, and not what they quote.
fn own_words(text: &str) -> String {
    let mut own = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let quotes = line.ends_with("wrote:")
            || (line.starts_with("-----") && line.to_lowercase().contains("original message"))
            || line.starts_with("________________");
        if quotes || line == "--" {
            break;
        }
        if !line.starts_with('>') {
            own.push(line);
        }
    }
    let own: String = own.join(" ").chars().take(LOOKED_AT).collect();
    plain(&own)
}

/// Lower case, single blanks, straight apostrophes, no stop at the end.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches(['.', '!']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::asking::is_known;

    #[test]
    fn it_suggests_only_what_the_desk_knows() {
        assert!(WORDS.iter().all(|(asks, _)| is_known(asks)));
        assert!(WORDS.iter().all(|(_, words)| words.iter().all(|words| plain(words) == *words)));
    }

    #[test]
    fn what_somebody_asks_is_suggested() {
        for (subject, text, asks) in [
            ("Question", "Could you please send me a copy of my data?", "access"),
            ("Subject access request", "See above.", "access"),
            ("", "Please delete my details.", "erasure"),
            ("", "Please DON\u{2019}T\ncontact me again", "no contact"),
            ("Re: Spring news", "STOP\n\nOn 2 Nov 2026, CTI wrote:\n> News", "advertising"),
            ("unsubscribe", "", "advertising"),
            ("", "I hereby withdraw my consent.", "objection"),
            ("", "You misspelt my name.", "rectification"),
            ("", "I wish to complain about my coach.", "complaint"),
        ] {
            assert_eq!(suggested(subject, text), Some(asks), "{subject}: {text}");
        }
    }

    #[test]
    fn innocent_mail_is_left_alone() {
        for (subject, text) in [
            (
                "Re: Spring news",
                "Thank you, lovely!\n\nOn 2 Nov 2026, CTI wrote:\n> To stop these e-mails: unsubscribe",
            ),
            ("Re: Unsubscribe or stay", "See you on Monday."),
            ("Lunch", "The bus did not stop. Shall we say one?"),
            ("", "I deleted my file by mistake, could you send it again?"),
            ("", "I would not complain."),
            ("", "> delete my data\nWho said that?"),
        ] {
            assert_eq!(suggested(subject, text), None, "{subject}: {text}");
        }
    }
}
