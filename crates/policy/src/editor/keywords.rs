//! What each statement is for, in a sentence, with the law behind it.

/// Keyword, what it says, the law.
const KEYWORDS: &[(&str, &str, &str)] = &[
    ("policy", "The head: who the controller is, whose law, whom to write to.", "UK GDPR Art 13(1)(a)"),
    ("version", "The number of this version and the day from which it is in force.", "UK GDPR Art 5(2)"),
    ("law", "Whose bank holidays count when a deadline falls on one.", "Regulation 1182/71 Art 3"),
    ("home", "Where data stays unless a processor or recipient is elsewhere.", "UK GDPR Art 44"),
    ("controller", "The legal name, and what it is: a company, a charity.", "UK GDPR Art 13(1)(a)"),
    ("contact", "Whom to write to about data.", "UK GDPR Art 13(1)(a)-(b)"),
    (
        "registered",
        "The registration number with the regulator, or why there is none.",
        "Charges and Information Regulations 2018",
    ),
    (
        "financial year",
        "The day on which your financial year ends: `ends 31 March`. Periods that speak of it count from there.",
        "UK GDPR Art 13(2)(a)",
    ),
    ("officer", "The data protection officer, or why none is needed.", "UK GDPR Art 37, 13(1)(b)"),
    (
        "complaints",
        "How to complain to you, and then to the regulator.",
        "DPA 2018 s.164A; UK GDPR Art 13(2)(ca), (d)",
    ),
    ("decisions", "Whether machines decide anything by themselves.", "UK GDPR Art 13(2)(f), 22A-22D"),
    ("review", "How often this policy is looked at, and when last.", "UK GDPR Art 24(1)"),
    ("category", "A category of person.", "UK GDPR Art 30(1)(c)"),
    ("item", "One value about a person.", "UK GDPR Art 30(1)(c)"),
    ("entry", "A line of the timeline.", "UK GDPR Art 30(1)(c)"),
    ("document", "A file or a paper.", "UK GDPR Art 30(1)(c)"),
    ("work", "A kind of work with a life: its milestones end clocks.", ""),
    ("milestones", "What happens to the work, in order; the last one ends it.", ""),
    ("activity", "One section of the notice and one row of the register of processing.", "UK GDPR Art 30(1)"),
    ("for", "Whom the activity is for.", "UK GDPR Art 30(1)(c)"),
    ("so that", "The purpose in a sentence, as the notice says it.", "UK GDPR Art 13(1)(c)-(d)"),
    ("purpose", "What it is for, by a name of W3C DPV.", "UK GDPR Art 5(1)(b)"),
    ("basis", "Why it may happen at all.", "UK GDPR Art 6(1)"),
    (
        "condition",
        "Why special-category or criminal data may be held, beside the basis.",
        "UK GDPR Art 9(2), 10; DPA 2018 Sch 1",
    ),
    ("data", "All the activity may hold; nothing else can be stored.", "UK GDPR Art 5(1)(c)"),
    ("from", "Where the data comes from.", "UK GDPR Art 14(2)(f)"),
    ("where", "The processors its data lies with.", "UK GDPR Art 28"),
    ("share", "What is passed on, to whom, what for and until when.", "UK GDPR Art 13(1)(e)"),
    ("send", "By which channels people are written to.", "PECR 2003 reg 22"),
    ("call", "That people are called, after screening.", "PECR 2003 reg 21"),
    (
        "keep",
        "How long; the due date is the last day on which it may be held.",
        "UK GDPR Art 5(1)(e), 13(2)(a)",
    ),
    ("because", "Why that long.", "UK GDPR Art 5(1)(e)"),
    ("then", "What happens at the end.", "UK GDPR Art 5(1)(e), 17"),
    ("reading", "Which of several meanings of a published sentence is enforced.", "UK GDPR Art 12(1)"),
    ("say", "A sentence of your own in the notice, where it stands here.", "UK GDPR Art 12(1)"),
    ("channel", "A way of reaching people.", "PECR 2003 reg 21-24"),
    ("footer", "What every message ends with: {notice} and {unsubscribe} become links.", "PECR 2003 reg 23"),
    ("screen", "What a number is checked against before a marketing call.", "PECR 2003 reg 21"),
    ("never", "What is never done, whatever else is written.", "UK GDPR Art 5(1)(a)"),
    ("notice", "How and when people are told.", "UK GDPR Art 13, 14(3)"),
    ("requests", "How people are answered.", "UK GDPR Art 12, 12A, 15-22"),
    ("answer", "Without delay, and at most the law's month.", "UK GDPR Art 12A"),
    ("register", "A list of requests and its columns.", "UK GDPR Art 5(2)"),
    ("incidents", "What is done when data is lost or seen by the wrong eyes.", "UK GDPR Art 33, 34"),
    ("backups", "How often, and how long each is kept.", "UK GDPR Art 32(1)(c)"),
    ("visits", "Whether visits are counted, and how long one is kept.", "PECR 2003 reg 6, Sch A1"),
    ("security", "What the program itself must be set up to do, and what people sign for.", "UK GDPR Art 32"),
    (
        "processor",
        "Somebody who processes for you: where, under what safeguard and contract, holding what.",
        "UK GDPR Art 28, 44-46",
    ),
    ("recipient", "Somebody outside whom data may be passed to.", "UK GDPR Art 13(1)(e)"),
    ("role", "Who of the staff may see and do what.", "UK GDPR Art 32(4)"),
    (
        "accept",
        "A finding lived with knowingly, with a reason, until a day on which it comes back.",
        "UK GDPR Art 5(2)",
    ),
    ("promise", "The id of a published promise, on the clause that keeps it.", "UK GDPR Art 5(1)(a)"),
    ("include", "Another file's statements, put here.", ""),
    ("event", "Something that happens to a person and can start a clock.", ""),
    ("fact", "Something about a person that a period can hang on.", ""),
    ("facts", "What may be known about a piece of work, for periods that hang on it.", ""),
    (
        "was",
        "What this was called in an earlier version, so that what is held under it goes on.",
        "UK GDPR Art 5(1)(e)",
    ),
    ("ends", "A rule of an earlier version that no longer holds anything.", "UK GDPR Art 5(1)(e)"),
    ("statistics", "Counts that leave the house, the small ones hidden.", "UK GDPR recital 26"),
    (
        "periods",
        "Periods of the program's own work that are rules about people's data; each holds also where it is left out.",
        "UK GDPR Art 5(1)(e)",
    ),
    (
        "recipients",
        "Within how many days whoever has somebody's data from us is told what became of it.",
        "UK GDPR Art 19",
    ),
    (
        "by hand",
        "Within how many days paper is destroyed, an original given back or a copy delivered once its time is over.",
        "UK GDPR Art 5(1)(e), 17(1)",
    ),
    (
        "traces",
        "Within how many days a text that stays for somebody else is looked through for traces of whoever went.",
        "UK GDPR Art 17(1)",
    ),
    (
        "imports",
        "For how many days an import can be undone, and what stood in the rows of its file is kept.",
        "UK GDPR Art 5(1)(e)",
    ),
    (
        "previews",
        "After how many days an import that nobody confirmed is forgotten, with its file.",
        "UK GDPR Art 5(1)(e)",
    ),
    (
        "visitors",
        "After how many days a visitor is asked again whether their visits may be counted.",
        "PECR 2003 reg 6",
    ),
    ("form", "A public form, and the only places where what it sends may go.", "UK GDPR Art 13"),
    ("asks", "What a form asks.", "UK GDPR Art 5(1)(c)"),
    ("files", "Under which category and activity what a form sends may be filed.", "UK GDPR Art 5(1)(b)"),
    (
        "tick",
        "A box to tick on a form, to say that the notice was read. It agrees to nothing.",
        "UK GDPR Art 4(11)",
    ),
    ("zone", "The time zone in which days begin and end.", ""),
    ("address", "The postal address.", "UK GDPR Art 13(1)(a)"),
    ("people", "The parts people play on the work, each with its category.", ""),
    ("paid by", "Who may pay for the work.", ""),
    ("agreement", "A document written and sent when a certain payer pays.", ""),
    ("by", "By what means a channel reaches people.", "PECR 2003 reg 19-22"),
    ("signature", "What every message of the channel ends with.", "PECR 2003 reg 23"),
    (
        "receives",
        "What becomes of what somebody sends us: the entry it is filed as, and the document its attachments are.",
        "UK GDPR Art 5(1)(c)",
    ),
    ("unless", "What lifts the screening: this subscriber said they do not object.", "PECR 2003 reg 21(4)"),
    ("ordered", "How the notice is laid out.", "UK GDPR Art 12(1)"),
    (
        "given",
        "When people are told: at the first contact, at the latest a month after the data came.",
        "UK GDPR Art 14(3)",
    ),
    ("shown", "That each form shows the notice, its version kept.", "UK GDPR Art 13(1)"),
    ("cookies", "That what is kept in a browser is listed on a page of its own.", "PECR 2003 reg 6(2)(a)"),
    ("asked", "In what ways people may ask; all of them count.", "UK GDPR Art 12(2)"),
    ("identity", "When proof of identity is asked for: only in doubt.", "UK GDPR Art 12(6)"),
    ("charge", "What a request costs: nothing, unless unfounded or excessive.", "UK GDPR Art 12(5)"),
    ("extend", "How long a complex request may take, the person told in time.", "UK GDPR Art 12A(3)-(4)"),
    (
        "confirm",
        "That whoever asked to be erased hears when it is done, before their address goes.",
        "UK GDPR Art 12(3)",
    ),
    (
        "acknowledge",
        "That whoever asks or complains hears at once, by e-mail and by itself, that we have it.",
        "UK GDPR Art 12A, DPA 2018 s.164A",
    ),
    (
        "copies",
        "How copies of somebody's data leave: read by two before they do, fetched by a link that ends.",
        "DPA 2018 Sch 2 para 16, UK GDPR Art 32(1)",
    ),
    ("format", "The formats copies are given in.", "UK GDPR Art 12(3), 20(1)"),
    ("encrypted", "That database and files are encrypted where they lie.", "UK GDPR Art 32(1)(a)"),
    ("password", "How long a password must be.", "UK GDPR Art 32(1)"),
    ("attest", "What a person signs for, because no program can prove it.", "UK GDPR Art 5(2), 24(1)"),
    (
        "may see",
        "The kinds of data a role sees, of whom, and how far it reaches.",
        "UK GDPR Art 5(1)(f), 32(4)",
    ),
    ("terms", "A paragraph of the agreement that is sent, its names filled in.", ""),
    ("script", "What is said at the beginning of a call.", "PECR 2003 reg 24"),
    ("results", "What can come of a call, and what has happened by it.", "PECR 2003 reg 21(4)"),
    ("may do", "What a role may do.", "UK GDPR Art 32(4)"),
];

/// A statement's sentence and law; empty texts where there is none.
pub(super) fn keyword(keyword: &str) -> Option<(&'static str, &'static str)> {
    KEYWORDS.iter().find(|(known, ..)| *known == keyword).map(|(_, says, law)| (*says, *law))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::statements::{CLAUSES, OPENERS};

    #[test]
    fn every_statement_is_explained_once() {
        let clauses = CLAUSES.iter().flat_map(|(_, clauses)| clauses.iter());
        for word in OPENERS.iter().chain(clauses) {
            assert_eq!(KEYWORDS.iter().filter(|(known, ..)| known == word).count(), 1, "{word}");
        }
    }
}
