//! Findings about channels: what is checked before a call, and what every message carries.

use super::{Code, row};

pub(super) const ROWS: &[Code] = &[
    row!(law "E-SCREENING", "PECR 2003 reg 21",
        "marketing calls to numbers that nobody checked",
        "`screen tps, ctps, our own list; register files fewer than 28 days old`",
        "Numbers must be checked before a marketing call: against the lists of those who do not want any, and against your own."),
    row!(law "E-SCREENING-LIST", "PECR 2003 reg 21(1), 26",
        "a list is not looked at",
        "`screen tps, ctps, our own list; register files fewer than 28 days old`",
        "People, sole traders and partnerships are on one list (`tps`), companies on the other (`ctps`), and you rarely know which a number is. Screen against both, and against your own."),
    row!(law "E-SCREENING-AGE", "PECR 2003 reg 21(3)",
        "a register file that is too old",
        "`register files fewer than 28 days old`",
        "A number may not be called 28 days after it was listed, so that a register file serves for fewer than 28 days."),
    row!(law "E-EXEMPTION", "PECR 2003 reg 21(1), 21(4)",
        "an exemption from screening that the law does not know",
        "`unless the subscriber said they do not object, recorded with date and person`",
        "The bar on calling listed numbers covers customers, past contacts and businesses too. One thing lifts it: this subscriber told this caller that they do not object for the time being. The program screens everybody all the same."),
    row!(law "W-LISTED", "PECR 2003 reg 21(1), 21(4)",
        "the text says that listed numbers are called",
        "\"We ring no number that is on the TPS or the CTPS.\"",
        "No marketing call may go to a number on the Telephone Preference Service or its list of companies, whoever it belongs to: a customer's, a supporter's and a business's no less. Only where that subscriber told you that they do not object may you ring it, and numbers are looked up in a file of fewer than 28 days. The text says otherwise. The program screens everybody all the same."),
    row!(law "E-FOOTER", "PECR 2003 reg 23",
        "messages that do not say how to stop them",
        "`footer \"... {notice} ... {unsubscribe}\"`",
        "Messages that advertise must say who sends them and give a valid address for opting out. Give the channel a `footer`."),
    row!(law "W-FOOTER", "UK GDPR Art 12(1), 14(3)(b)",
        "the footer does not lead to the notice",
        "put `{notice}` into it",
        "The footer does not lead to the notice. Put `{notice}` into it, so that whoever hears from you first can read it."),
];
