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
            "everything you hold about me",
            "everything you hold on me",
            "everything you have about me",
            "everything you have on me",
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
            "delete all my",
            "delete all of my",
            "delete my details",
            "delete my personal",
            "delete my information",
            "delete everything you",
            "delete all data",
            "erase my",
            "erase me",
            "erase all",
            "erase everything",
            "remove my data",
            "remove my details",
            "remove my personal",
            "remove all my",
            "remove all of my",
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
            "do not wish to receive",
            "don't wish to receive",
            "do not want to receive",
            "don't want to receive",
            "no longer wish to receive",
            "no longer want to receive",
            "do not email me",
            "don't email me",
            "do not e-mail me",
            "don't e-mail me",
            "do not send me",
            "don't send me",
            "stop sending these",
            "stop the emails",
            "stop the e-mails",
            "stop your emails",
            "stop your e-mails",
            "stop writing to me",
            "take me off",
            "remove me from",
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

/// What an answer asks that is a request by itself.
const STOP: &str = "advertising";

/// Answers that are a request by themselves: `STOP` in reply to a mailing.
const ALONE: &[&str] = &[
    "stop",
    "stop all",
    "stop please",
    "please stop",
    "unsubscribe",
    "unsubscribe me",
    "unsubscribe please",
    "please unsubscribe",
    "please unsubscribe me",
    "opt out",
    "remove",
    "remove me",
    "please remove me",
];

/// What mail programs add below what somebody says.
const ADDED: &[&str] =
    &["sent from my ", "sent from outlook", "sent from mail for", "sent from yahoo", "get outlook for"];

/// What a message may be asking; nothing where its words do not say.
#[must_use]
pub fn suggested(subject: &str, text: &str) -> Option<&'static str> {
    let lines = own_lines(text);
    let own = plain(&lines.join(" ").chars().take(LOOKED_AT).collect::<String>());
    // Below the one word often stands a name, and all that stands below a name.
    let first = lines.iter().find(|line| !line.is_empty() && !greets(line));
    let first = first.map(|line| plain(line)).unwrap_or_default();
    let alone =
        [own.as_str(), first.as_str(), plain(subject).as_str()].iter().any(|said| ALONE.contains(said));
    // The subject of an answer is ours.
    let ours = subject.trim_start().to_lowercase().starts_with("re:");
    let said = if ours { own } else { format!("{}\n{own}", plain(subject)) };
    // Whoever says more than the one word asks for more: “Remove me”, and below it “erase all my data”.
    let mut more = WORDS.iter().take_while(|(asks, _)| !alone || *asks != STOP);
    let found = more.find(|(_, words)| words.iter().any(|words| within(&said, words))).map(|(asks, _)| *asks);
    found.or(alone.then_some(STOP))
}

/// Whether words stand in a text as words of their own.
fn within(said: &str, words: &str) -> bool {
    let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    said.match_indices(words).any(|(at, _)| {
        apart(said.get(..at).and_then(|before| before.chars().next_back()))
            && apart(said.get(at + words.len()..).and_then(|after| after.chars().next()))
    })
}

/// What whoever wrote says themselves, line by line, and neither what they quote nor what their mail program adds.
fn own_lines(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut own: Vec<&str> = Vec::new();
    for (at, line) in lines.iter().copied().enumerate() {
        if line.ends_with("wrote:") {
            // Where it is long, mail programs break “On 2 Nov 2026, CTI <hello@cti.example> wrote:” into two or three lines.
            let begins = own.iter().rposition(|line| line.starts_with("On "));
            let broken = begins.filter(|begins| own.len() - begins <= 2);
            if let Some(begins) = broken.filter(|_| !line.starts_with("On ") && !line.starts_with('>')) {
                own.truncate(begins);
            }
            break;
        }
        let lower = line.to_lowercase();
        let quotes = (line.starts_with("-----") && lower.contains("original message"))
            || (line.starts_with("-----") && lower.contains("forwarded message"))
            || line.starts_with("________________")
            || lines.get(at..).is_some_and(heads);
        if quotes || line == "--" {
            break;
        }
        if !line.starts_with('>') && !ADDED.iter().any(|added| lower.starts_with(added)) {
            own.push(line);
        }
    }
    own
}

/// Whether the headings of the message that is answered begin here, as Outlook writes them above it.
fn heads(lines: &[&str]) -> bool {
    let is = |line: &str, name: &str| line.trim_start_matches('*').to_lowercase().starts_with(name);
    let after = ["sent:", "date:", "to:"];
    let mut lines = lines.iter();
    lines.next().is_some_and(|first| is(first, "from:"))
        && lines.take(3).any(|line| after.iter().any(|name| is(line, name)))
}

/// Whether a line says no more than whom it is for: “Dear all,”.
fn greets(line: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_lowercase();
    ["hi", "hello", "hey", "dear"].contains(&first.as_str()) && words.count() <= 5
}

/// Lower case, single blanks, straight apostrophes, no mark at either end.
fn plain(text: &str) -> String {
    let text =
        text.to_lowercase().replace(['\u{2018}', '\u{2019}'], "'").replace(['\u{201c}', '\u{201d}'], "\"");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_matches(['.', '!', ',', ';', ':', '"', '\'']).to_owned()
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
            ("Remove me", "Please erase all my personal data.\nJo", "erasure"),
            ("", "Unsubscribe me!\nAnd delete all of my details.", "erasure"),
            ("", "Could I have everything you have on me, please?", "access"),
            ("Remove me", "I object to your newsletter.", "advertising"),
            ("", "Please DON\u{2019}T\ncontact me again", "no contact"),
            ("Re: Spring news", "STOP\n\nOn 2 Nov 2026, CTI wrote:\n> News", "advertising"),
            ("unsubscribe", "", "advertising"),
            // As mail programs really send it: what they answer below, broken or headed in their own way, and what they add.
            (
                "Re: Spring news",
                "Stop\n\nOn Mon, 2 Nov 2026 at 10:02, Coaching & Training Institute <hello@cti.example>\nwrote:\n\n> Dear Jo,",
                "advertising",
            ),
            (
                "Re: Spring news",
                "Unsubscribe.\n\nOn Mon, 2 Nov 2026 at 10:02, Coaching & Training Institute\n<hello@cti.example> wrote:\n> Dear Jo,",
                "advertising",
            ),
            (
                "RE: Spring news",
                "STOP\r\n\r\nFrom: CTI <hello@cti.example>\r\nSent: 02 November 2026 10:02\r\nTo: Jo <jo@home.example>\r\nSubject: Spring news\r\n\r\nDear Jo,",
                "advertising",
            ),
            (
                "Re: Spring news",
                "Stop\n\nSent from my iPhone\n\n> On 2 Nov 2026, at 10:02, CTI <hello@cti.example> wrote:\n> ",
                "advertising",
            ),
            (
                "Re: Spring news",
                "Hi there,\n\nStop please!\n\nKind regards,\nJo Smith\nDirector, Smith & Sons",
                "advertising",
            ),
            ("Re: Spring news", "\u{201c}STOP\u{201d}\nJo", "advertising"),
            ("Re: Spring news", "Please take me off your list.", "advertising"),
            ("Re: Spring news", "I no longer wish to receive these.", "advertising"),
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
            ("Re: Spring news", "Hi all,\nwe stop at five on Friday."),
            ("Re: Stop", "On Monday I can come.\nOn Tuesday not.\n\nOn 2 Nov 2026, CTI wrote:\n> stop"),
            ("Re: Spring news", "See you then.\n\nFrom: CTI\nDate: 2 Nov 2026\n\nunsubscribe"),
            ("", "> delete my data\nWho said that?"),
        ] {
            assert_eq!(suggested(subject, text), None, "{subject}: {text}");
        }
    }
}
