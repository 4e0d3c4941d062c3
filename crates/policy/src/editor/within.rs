//! Words that stand within a clause and mean something by themselves: what each is for, with the law behind it.

use crate::condition::CONDITIONS;
use crate::lex::Shape;
use crate::syntax::Statement;

/// A word, the clauses it stands in, what it says, the law. Longer words stand before those they begin with.
type Word = (&'static str, &'static [&'static str], &'static str, &'static str);

const KEEPING: &[&str] = &["keep", "then"];

const WORDS: &[Word] = &[
    ("at most", KEEPING, "The cap: due on the earlier of the two.", "UK GDPR Art 5(1)(e)"),
    ("at least", KEEPING, "The floor: due on the later of the two.", ""),
    ("otherwise", KEEPING, "What holds where no other clause's `if` is so.", "UK GDPR Art 5(1)(e)"),
    ("unless", KEEPING, "The clause speaks of what this is not so for.", ""),
    (
        "if",
        KEEPING,
        "The clause, or the period after it, speaks of what this is so for; of several cases the longest counts.",
        "",
    ),
    ("longer while", KEEPING, "The end waits for as long as this is so.", ""),
    ("until", KEEPING, "Ends at once on the day it happens.", ""),
    ("while", KEEPING, "Ends at once on the day it is no longer so.", ""),
    ("as agreed", KEEPING, "Another period may be agreed, counted from the same event.", ""),
    ("indefinitely", KEEPING, "Never ends by itself: always a finding.", "UK GDPR Art 5(1)(e)"),
    ("rolling", KEEPING, "Each row goes by itself, so long after it was written.", ""),
    ("cleared out", KEEPING, "Goes on the first such day from its end on.", ""),
    ("except", KEEPING, "What another use on the same work holds is kept by that use's clause.", ""),
    ("review", KEEPING, "Somebody looks whether it is still needed.", "UK GDPR Art 5(1)(e)"),
    ("ask again", KEEPING, "The person is asked; no answer ends it.", "UK GDPR Art 7"),
    ("tell the person", KEEPING, "They hear of it before the data goes.", ""),
    ("archived", KEEPING, "Kept for so much longer, out of use.", "UK GDPR Art 5(1)(e)"),
    ("archive", KEEPING, "Kept for so much longer, out of use.", "UK GDPR Art 5(1)(e)"),
    ("erase", KEEPING, "Removed everywhere, files, index and backups too.", "UK GDPR Art 17"),
    ("anonymise", KEEPING, "Counted by year, and removed: only the counts stay.", "UK GDPR recital 26"),
    ("count and forget", KEEPING, "Counted by kind and day, and removed.", "UK GDPR recital 26"),
    ("transfer", KEEPING, "Handed to somebody outside, confirmed, then erased here.", "UK GDPR Art 13(1)(e)"),
    ("deliver", KEEPING, "A copy handed over, confirmed, then erased here.", ""),
    ("return", KEEPING, "Originals given back, confirmed, then copies erased.", ""),
    (
        "soft opt-in",
        &["basis"],
        "Marketing by e-mail or text without consent: to own customers about similar things, or by a charity to \
         supporters, with a way to say no each time.",
        "PECR 2003 reg 22(3), (3A)",
    ),
    ("opt-in", &["basis"], "Asked, and said yes: silence is a no.", "UK GDPR Art 4(11), 7"),
    (
        "confirmed by e-mail",
        &["basis"],
        "Counts once they press the link that is mailed to them.",
        "UK GDPR Art 7(1)",
    ),
    ("explicit", &["basis"], "A yes in so many words.", "UK GDPR Art 9(2)(a)"),
    ("signed on", &["basis"], "A yes by signing this form, which is for nothing else.", "UK GDPR Art 7(2)"),
    ("assessed in", &["basis"], "Where the interests were weighed.", "UK GDPR Art 6(1)(f)"),
    ("policy document", &["condition"], "The appropriate policy document.", "DPA 2018 Sch 1 Part 4"),
    ("everyone", &["for"], "Whoever is held at all, in whatever category.", ""),
    ("screening", &["call"], "No number is shown before it was checked.", "PECR 2003 reg 21"),
    (
        "ctps",
        &["screen"],
        "The register of companies that want no marketing calls.",
        "PECR 2003 reg 21(1)(b)",
    ),
    ("tps", &["screen"], "The register of people who want no marketing calls.", "PECR 2003 reg 21(1)(b)"),
    ("IDTA", &["processor"], "The regulator's agreement for data sent abroad.", "UK GDPR Art 46(2)(d)"),
    (
        "addendum",
        &["processor"],
        "The Union's clauses with the regulator's addendum.",
        "UK GDPR Art 46(2)(d)",
    ),
    ("data bridge", &["processor"], "For companies in the USA that are on its list.", "UK GDPR Art 45A"),
    ("special", &["item", "entry", "document"], "Special-category data: needs a condition.", "UK GDPR Art 9"),
    ("criminal", &["item", "entry", "document"], "Data about offences: needs a condition.", "UK GDPR Art 10"),
    ("confidential", &["item", "entry", "document"], "Seen by those with the role, and no more.", ""),
    ("financial", &["item", "entry", "document"], "Money and accounts: seen by those with the role.", ""),
    (
        "ordinary",
        &["item", "entry", "document"],
        "Neither special nor criminal, and so marked.",
        "UK GDPR Art 9",
    ),
    ("jointly responsible", &["recipient"], "A joint controller.", "UK GDPR Art 26"),
];

/// What the word under a place of a statement means, as a paragraph; nothing within quotes.
pub(super) fn within(statement: &Statement, source: &str, at: usize) -> Option<String> {
    let span = statement.span();
    let over = |start: u32, end: u32| start as usize <= at && at < end as usize;
    let mut tokens = statement.lines.iter().flat_map(|line| line.tokens.iter());
    if tokens.any(|token| token.shape == Shape::Text && over(token.span.start, token.span.end)) {
        return None;
    }
    let text = statement.blanked(span, source);
    let at = at.checked_sub(span.start as usize)?;
    let here = |word: &str| {
        text.match_indices(word).any(|(from, _)| {
            let to = from + word.len();
            let letter = |letter: char| letter.is_alphanumeric() || letter == '-';
            let before = text.get(..from).is_some_and(|text| text.ends_with(letter));
            let after = text.get(to..).is_some_and(|text| text.starts_with(letter));
            from <= at && at < to && !before && !after
        })
    };
    let said = |word: &str, says: &str, law: &str| {
        let law = if law.is_empty() { String::new() } else { format!(" *{law}*") };
        format!("**{word}**: {says}{law}")
    };
    if statement.keyword == "condition" {
        let known = CONDITIONS.iter().find(|known| here(known.words));
        if let Some(known) = known {
            let law: Vec<&str> = known.special.into_iter().chain(known.criminal).collect();
            return Some(said(known.words, &format!("{}.", known.notice), &law.join("; ")));
        }
    }
    let known = WORDS.iter().find(|(word, clauses, ..)| clauses.contains(&statement.keyword) && here(word));
    known.map(|(word, _, says, law)| said(word, says, law))
}
