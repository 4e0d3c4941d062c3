//! Every code a finding can have: the law it rests on, whether an author may live with it, and the
//! paragraph `probity check --explain` prints.

/// What a code stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    /// The code: `E-SHIELD`.
    pub code: &'static str,
    /// The rule of law.
    pub law: Option<&'static str>,
    /// Whether `accept` may name it.
    pub acceptable: bool,
    /// A paragraph for whoever asks.
    pub text: &'static str,
}

const fn law(code: &'static str, law: &'static str, text: &'static str) -> Code {
    Code { code, law: Some(law), acceptable: true, text }
}

const fn firm(code: &'static str, law: &'static str, text: &'static str) -> Code {
    Code { code, law: Some(law), acceptable: false, text }
}

const fn craft(code: &'static str, text: &'static str) -> Code {
    Code { code, law: None, acceptable: true, text }
}

const fn grammar(code: &'static str, text: &'static str) -> Code {
    Code { code, law: None, acceptable: false, text }
}

/// The code's entry.
pub(super) fn code(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code == code)
}

/// What a code means, in a paragraph.
#[must_use]
pub fn explain(code: &str) -> Option<String> {
    let code = self::code(code)?;
    let law = code.law.map(|law| format!("\n\nLaw: {law}")).unwrap_or_default();
    let accept = match (code.acceptable, code.law) {
        (true, _) => {
            format!("\n\nTo live with it for a while: `accept {} because \"...\" until DATE`.", code.code)
        }
        (false, Some(_)) => {
            "\n\nThis cannot be accepted: the policy would promise what is not so.".to_owned()
        }
        (false, None) => String::new(),
    };
    Some(format!("{}{law}{accept}", code.text))
}

/// All of them.
pub const CODES: &[Code] = &[
    // The head.
    firm(
        "E-OFFICER",
        "UK GDPR Art 37, 13(1)(b)",
        "A notice says who the data protection officer is, or the policy says why none is needed: no public authority, no large-scale monitoring, no large-scale special-category or criminal data. An empty reason is no reason.",
    ),
    law(
        "W-OFFICER",
        "UK GDPR Art 37(1)(c)",
        "The policy says that no data protection officer is needed, and yet it holds special-category or criminal data. That may be right where the scale is small: look at it again and write down why.",
    ),
    law(
        "E-REGISTERED",
        "Data Protection (Charges and Information) Regulations 2018",
        "Most controllers pay a yearly charge and have a registration number. Give the number, or the reason why there is none.",
    ),
    law(
        "E-COMPLAINTS",
        "Data Protection Act 2018 s.164A; UK GDPR Art 13(2)(ca), (d)",
        "Since 19 June 2026 people have a right to complain to the controller first, and the controller must make that easy. Say how: `complaints to us by form, e-mail or letter; then to the regulator`.",
    ),
    law(
        "W-COMPLAINTS",
        "Data Protection Act 2018 s.164A(2)",
        "Complaining must be easy, for example by an electronic form, and there should be another way for those who cannot use it.",
    ),
    law(
        "W-REVIEW",
        "UK GDPR Art 5(2), 24(1)",
        "Nothing says when the policy is looked at again, or that day has passed. Write `review every year, last DATE`.",
    ),
    // Activities.
    law(
        "E-MARKETING-BASIS",
        "UK GDPR Art 6(1), 6(11); PECR 2003 reg 22",
        "Direct marketing rests on consent or on assessed legitimate interests. It is never needed for a contract, a legal duty, a public task or anybody's life, and it is not one of the recognised interests of Annex 1.",
    ),
    law(
        "W-SUBSCRIBERS",
        "PECR 2003 reg 22",
        "E-mails and texts that advertise need prior consent, or the soft opt-in, when they go to a person, a sole trader or an ordinary partnership. Legitimate interests are enough only for companies, partnerships with limited liability and public bodies. A subscriber whose type is unknown counts as a person.",
    ),
    law(
        "E-WITHDRAWAL",
        "UK GDPR Art 7(3), 13(2)(c); PECR 2003 reg 22, 23",
        "Whoever may write to people on their consent, or to advertise, must give them as easy a way out, in every message. Put `{unsubscribe}` into the channel's footer.",
    ),
    law(
        "E-UNASSESSED",
        "UK GDPR Art 6(1)(f), 5(2)",
        "Legitimate interests hold only if they were weighed against the person's own. Write the assessment down, and name its file: `assessed in \"assessments/offers.md\"`.",
    ),
    law(
        "W-ASSESSMENT",
        "UK GDPR Art 5(2), 24(1)",
        "An assessment of legitimate interests grows old. Say how often it is looked at, and look at it then.",
    ),
    law(
        "E-INTEREST",
        "UK GDPR Art 13(1)(d)",
        "Where the basis is legitimate interests, the notice must say what they are. Write a `so that`.",
    ),
    law(
        "W-REASON",
        "UK GDPR Art 13(1)(c)",
        "Without a `so that`, the notice gives people only the title as the purpose. Say it in a sentence.",
    ),
    law(
        "E-SPECIAL",
        "UK GDPR Art 9(1), 9(2)",
        "Special-category data (health, belief, ethnicity, sexuality and the like) needs a condition of Art 9(2) beside the lawful basis: explicit consent (`basis consent, explicit`, or `signed on FORM`), or a `condition`. Accepted or not, the program keeps no such data without one.",
    ),
    law(
        "E-CRIMINAL",
        "UK GDPR Art 10; Data Protection Act 2018 s.11(2), Sch 1",
        "Data about offences, allegations included, needs official authority or a condition of Schedule 1: consent (para 29), or a `condition`. Accepted or not, the program keeps no such data without one.",
    ),
    law(
        "E-POLICY-DOCUMENT",
        "Data Protection Act 2018 Sch 1 para 5, 38 to 41",
        "This condition holds only with an appropriate policy document: how the principles are kept, and how long the data is. Write it, and name its file: `condition employment law, policy document \"FILE\"`.",
    ),
    law(
        "W-IMBALANCE",
        "UK GDPR Art 7(4), recital 43",
        "Those who depend on you can hardly refuse: consent of staff and applicants is rarely free. Prefer another basis.",
    ),
    law(
        "W-BUNDLED",
        "UK GDPR Art 7(2)",
        "One signed form carries the consent for several activities. Each must stand apart on it, so that a person may agree to one and not to another.",
    ),
    craft(
        "W-CATEGORY",
        "A category is declared, and no activity is for it. Nobody of that category could be held.",
    ),
    craft(
        "W-KIND",
        "A kind of data is declared, and no activity names it in `data`. It has no place in the program.",
    ),
    firm(
        "E-RECORD",
        "UK GDPR Art 5(1)(a), 6(1), 30",
        "The program keeps records about people: what they agreed to, what was sent, what they asked. Each is personal data too and needs an activity that names it in `data`, with a basis and a period.",
    ),
    firm(
        "E-SHARE",
        "UK GDPR Art 5(1)(a), 13(1)(e)",
        "An activity shares what it does not hold. Name the kind in `data`, or leave it out of `share`.",
    ),
    law(
        "E-CONTRADICTION",
        "UK GDPR Art 5(1)(a)",
        "One line of the policy forbids always what another does. Both would stand in the notice, and one would be untrue. While both stand, the prohibition wins.",
    ),
    craft(
        "W-PROMISE",
        "The same promise stands twice on one clause, or is both stated as open and kept by a clause.",
    ),
    // Periods.
    firm(
        "E-KEEP",
        "UK GDPR Art 5(1)(e), 13(2)(a), 30(1)(f)",
        "An activity has no `keep`: nothing would ever end it.",
    ),
    law(
        "E-INDEFINITE",
        "UK GDPR Art 5(1)(e), 13(2)(a)",
        "Data is kept with no end, or for as long as a state lasts that only you can end. Give it an event and a span after it, or a cap; a review alone is no period.",
    ),
    law(
        "W-OPEN-END",
        "UK GDPR Art 5(1)(e)",
        "Everything this waits for lies with the person, and may never happen. Add `review every 2 years`, `ask again every 2 years, no answer ends it`, or a cap.",
    ),
    law(
        "W-SELF-RENEWING",
        "UK GDPR Art 5(1)(e)",
        "`communication` counts our own messages, so that a newsletter renews the period. Say `last contact` (what the person did, or a two-way talk).",
    ),
    firm(
        "E-NO-END",
        "UK GDPR Art 5(1)(e)",
        "The clause waits for an event that cannot happen under this activity, so that no clock could ever end it.",
    ),
    law(
        "W-SUPPRESSION",
        "UK GDPR Art 21(3)",
        "The list of those not to be contacted must outlive every marketing activity. Once an entry goes, the person could be written to again.",
    ),
    law(
        "W-CONSENT-PROOF",
        "UK GDPR Art 7(1)",
        "You must be able to show that people consented for as long as you rely on it. These records go sooner.",
    ),
    // Calls and messages.
    law(
        "E-SCREENING",
        "PECR 2003 reg 21",
        "Numbers must be checked before a marketing call: against the lists of those who do not want any, and against your own. Write `screen tps, ctps, our own list` under the channel.",
    ),
    law(
        "E-SCREENING-LIST",
        "PECR 2003 reg 21(1), 26",
        "People, sole traders and partnerships are on one list (`tps`), companies on the other (`ctps`), and you rarely know which a number is. Screen against both, and against your own.",
    ),
    law(
        "E-SCREENING-AGE",
        "PECR 2003 reg 21(3)",
        "A number may not be called 28 days after it was listed, so that a register file serves for fewer than 28 days.",
    ),
    law(
        "E-FOOTER",
        "PECR 2003 reg 23",
        "Messages that advertise must say who sends them and give a valid address for opting out. Give the channel a `footer`.",
    ),
    law(
        "W-FOOTER",
        "UK GDPR Art 12(1), 14(3)(b)",
        "The footer does not lead to the notice. Put `{notice}` into it.",
    ),
    // Outside.
    law(
        "E-SHIELD",
        "UK GDPR Art 44, 13(1)(f)",
        "The Privacy Shield was struck down on 16 July 2020 (CJEU C-311/18). A transfer that rests on it rests on nothing, and a notice that names it is untrue. For a company on the Data Privacy Framework list with the UK Extension write `under data bridge, checked DATE`; otherwise an IDTA or the Addendum, with a risk assessment.",
    ),
    law(
        "E-SAFEGUARD",
        "UK GDPR Art 44-46, 13(1)(f)",
        "Data leaves for a place without an adequacy decision, and nothing protects it there. Name the safeguard: `under data bridge, checked DATE`, `under IDTA signed DATE, assessed in \"FILE\"`.",
    ),
    law(
        "E-CLAUSES",
        "UK GDPR Art 46(2)(d); Data Protection Act 2018 s.119A",
        "The European Union's standard clauses do not work for UK data by themselves. They need the UK Addendum (B1.0), or use the IDTA.",
    ),
    law(
        "W-SAFEGUARD",
        "UK GDPR Art 45, 46(1A), 24(1)",
        "A safeguard must be looked at: a data bridge holds only while the company is on the list, and IDTA and Addendum need a risk assessment.",
    ),
    firm(
        "E-HOME",
        "UK GDPR Art 44, 13(1)(f)",
        "The policy says that data stays in one place, or is never shared outside it, and yet a processor or recipient is elsewhere.",
    ),
    // Requests, incidents, backups, visits.
    law(
        "E-ANSWER",
        "UK GDPR Art 12A, 4A",
        "The law's month is 28 days for what arrives at the end of January or in February, so that `30 days` would sometimes be late. Write `at most the law's month`, or 28 days and fewer.",
    ),
    law(
        "W-INITIALS",
        "UK GDPR Art 5(1)(c), 5(2)",
        "Initials prove nothing about an erasure, fit several people, and are still personal data. The request's number with a keyed hash does better.",
    ),
    law(
        "E-ASKED",
        "UK GDPR Art 12(2), 15(3)",
        "People may ask for what is theirs in any way and of anybody here: no form, no writing, no going through their manager can be demanded. The clock starts whichever way they come.",
    ),
    law(
        "E-IDENTITY",
        "UK GDPR Art 12(6)",
        "Proof of identity may be asked for only where there are reasonable doubts about who is asking, and only as much as settles them.",
    ),
    law(
        "E-FEE",
        "UK GDPR Art 12(5)",
        "Requests are free. A fee may be taken only case by case, for one that is manifestly unfounded or excessive, proven and based on cost; counting requests proves nothing.",
    ),
    law(
        "E-EXTEND",
        "UK GDPR Art 12A",
        "A complex request may take two months more than the law's month, if the person is told why within the first.",
    ),
    law(
        "E-FORMAT-PDF",
        "UK GDPR Art 20(1), 12(1), 12(3)",
        "What people gave on consent or contract must be handed out in a form machines can read, and everything in one that the person can. A PDF alone is neither.",
    ),
    law(
        "W-READING",
        "UK GDPR Art 5(1)(a), 12(1)",
        "What the organisation says can be read in several ways. The policy names the reading that is enforced; better wording would leave one.",
    ),
    law(
        "E-BREACH",
        "UK GDPR Art 33(1)",
        "The regulator is told within 72 hours of becoming aware. The policy gives itself more.",
    ),
    law(
        "W-INCIDENTS",
        "UK GDPR Art 33(5)",
        "Nothing says who looks into it when data is lost or seen by the wrong eyes. Write `incidents investigated by ROLE`.",
    ),
    law(
        "W-BACKUPS",
        "UK GDPR Art 17(1), 5(1)(e)",
        "Erased data lives on in backups until they go, out of use. More than six months is hard to explain.",
    ),
    law(
        "W-VISITS",
        "PECR 2003 reg 6, Sch A1",
        "Counting visits without asking is allowed for your own statistics only, with clear information and a free, simple way to object. Asking first is safer.",
    ),
    // What the author's own sentences say.
    law(
        "W-EU-LAW",
        "UK GDPR; Data Protection Act 2018 s.3(10)",
        "The European regulation is not the law of the United Kingdom. Say `UK GDPR`, or `as it forms part of UK law`.",
    ),
    law(
        "W-OLD-ARTICLE",
        "Data (Use and Access) Act 2025 s.80, Sch 10",
        "The text names an article that is no longer there: Art 77 (complaints) is now s.165 of the Data Protection Act 2018, and Art 22 (automated decisions) is now Arts 22A to 22D.",
    ),
    law(
        "W-AGREE",
        "UK GDPR Art 4(11), 7(2)",
        "A notice informs; nobody has to agree to it, and a tick under it is no consent to anything. Ask for each consent apart.",
    ),
    law(
        "W-WORDS-INDEFINITE",
        "UK GDPR Art 5(1)(e), 13(2)(a)",
        "The text says that data is kept indefinitely.",
    ),
    law(
        "W-THIRTY-DAYS",
        "UK GDPR Art 12A",
        "The text promises an answer within 30 days. The law's month is shorter in February.",
    ),
    law(
        "W-FEE",
        "UK GDPR Art 12(5)",
        "Requests are free. A fee may be taken only case by case, for one that is manifestly unfounded or excessive, proven and based on cost; counting requests proves nothing.",
    ),
    law(
        "W-PDF",
        "UK GDPR Art 20(1), 12(3)",
        "A PDF is no machine-readable format: it does not answer a request for portability.",
    ),
    law(
        "W-BACKUP-WORDS",
        "UK GDPR Art 17(1), 12A",
        "Erasure is done at once where people work; what is left in backups is out of use until they go. The text says that erasure waits for the backups.",
    ),
    // The acceptances.
    grammar("E-ACCEPT", "An `accept` names a finding there is not, or one that cannot be accepted."),
    grammar(
        "W-ACCEPT",
        "An `accept` accepts nothing: what it was for is gone. Take it out, so that it does not hide the next one.",
    ),
    // Reading.
    grammar(
        "E-SYNTAX",
        "Something stands where the grammar has no place for it. The reference page has an example of each statement.",
    ),
    grammar(
        "E-STATEMENT",
        "A line begins with a word that begins no statement, or stands under one that does not take it.",
    ),
    grammar("E-MISSING", "A part that the policy cannot do without is not there."),
    grammar(
        "E-TWICE",
        "The same thing is said twice. Each name is declared once, and each part is written once.",
    ),
    grammar("E-UNKNOWN", "A name is used that the policy does not declare."),
    grammar("E-EVENT", "No milestone or event of a person has this name."),
    grammar(
        "E-PHRASE",
        "A period is not understood. Say `6 months after completed`, `until consent withdrawn`, `while associate`, `the earlier of A and B`, and after them `at most`, `at least`, `or as agreed by`, `review every` or `ask again every`.",
    ),
    grammar("E-NUMBER", "A number is missing, or too large."),
    grammar("E-DATE", "A date is written 2026-12-01, and must be one of the calendar."),
    grammar("E-TEXT", "A text in quotes does not end, or stands where none is expected."),
    grammar(
        "E-FORMAT",
        "The formatter reads again what it wrote, and hands nothing out that means something else. This file made it stop: leave the file as it is and report it.",
    ),
    grammar(
        "E-KINDS",
        "A policy may declare at most 256 kinds of data, and a `keep` must have some left to speak of.",
    ),
    grammar("E-INCLUDE", "An included file is not there, or is included twice."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for code in CODES {
            assert!(seen.insert(code.code), "{}", code.code);
            assert!(code.text.len() > 30 && code.text.ends_with('.'), "{}", code.code);
            assert!(explain(code.code).is_some_and(|text| text.starts_with(code.text)));
        }
        assert_eq!(explain("E-NOTHING"), None);
    }
}
