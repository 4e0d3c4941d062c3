//! Findings about whoever is outside: processors, recipients, and what protects data there.

use super::{Code, row};

pub(super) const ROWS: &[Code] = &[
    row!(law "E-SHIELD", "UK GDPR Art 44, 13(1)(f)",
        "a safeguard that no longer exists",
        "`under data bridge, checked DATE`, or `under IDTA signed DATE, assessed in \"FILE\"`",
        "The Privacy Shield was struck down on 16 July 2020 (CJEU C-311/18). A transfer that rests on it rests on nothing, and a notice that names it is untrue. For a company on the Data Privacy Framework list with the UK Extension write `under data bridge, checked DATE`; otherwise an IDTA or the Addendum, with a risk assessment."),
    row!(law "E-SAFEGUARD", "UK GDPR Art 44-46, 13(1)(f)",
        "nothing protects the data there",
        "`under data bridge, checked DATE`, or `under IDTA signed DATE, assessed in \"FILE\"`",
        "Data leaves for a place without an adequacy decision, and nothing protects it there. Name the safeguard."),
    row!(law "E-CLAUSES", "UK GDPR Art 46(2)(d); Data Protection Act 2018 s.119A",
        "European clauses alone do not work for UK data",
        "`under addendum signed DATE, assessed in \"FILE\"`",
        "The European Union's standard clauses do not work for UK data by themselves. They need the UK Addendum (B1.0), or use the IDTA."),
    row!(law "W-SAFEGUARD", "UK GDPR Art 45, 46(1A), 24(1)",
        "a safeguard that nobody looked at",
        "`under data bridge, checked DATE`",
        "A safeguard must be looked at: a data bridge holds only while the company is on the list, and IDTA and Addendum need a risk assessment. Nobody can have looked on a day that is yet to come."),
    row!(law "E-HOME", "UK GDPR Art 44, 13(1)(f)",
        "data leaves a place it is said never to leave",
        "`never share outside UK, unless safeguarded`",
        "The policy says that data stays in one place, or is never shared outside it, and yet a processor or recipient is elsewhere."),
    row!(law "E-PROCESSOR", "UK GDPR Art 28(3)",
        "a processor without a contract",
        "`contract signed DATE`",
        "Whoever processes for you must be bound by a contract that says what for, how long, in confidence, with which security, and what happens at the end. Say when it was signed; one that is to be signed binds nobody yet."),
    row!(law "W-SCREENED", "UK GDPR Art 28(1), 5(2)",
        "a processor whom nobody looked at",
        "`screened DATE, review every year`",
        "Only processors with sufficient guarantees may be used, and somebody must be able to show that they looked, and look again, at least every three years."),
];
