//! Reading stages (`stop calling 1 year after lapsed, erase 3 years after lapsed`) and endings (`return the
//! originals to the client, then erase`).

use super::read::{ReadPhrase, Reader};
use super::{Ceases, Phrase, Stage};
use crate::rule::{Disposal, Then};

/// How data can end, as an author may write it.
pub(crate) const ENDINGS: &[&str] = &[
    "erase",
    "anonymise, keep counts by year and gender",
    "count and forget",
    "return originals to the client, then erase",
    "deliver a copy to the client, then erase",
    "transfer to the county archive, then erase",
    "archive for 5 years, then erase",
];

impl Reader<'_> {
    /// `stop calling 1 year after lapsed, erase 3 years after lapsed`.
    pub(super) fn stages(&mut self, read: &mut ReadPhrase) -> Option<Phrase> {
        let from = self.at;
        self.at += 1;
        let Some((what, _)) = Ceases::ALL.iter().find(|(_, word)| *word == self.peek()) else {
            let words = Ceases::ALL.iter().map(|(_, word)| format!("`stop {word}`")).collect::<Vec<_>>();
            self.skip();
            self.fault(from, self.at, "what stops", Some(format!("say {}", words.join(", "))));
            return None;
        };
        self.at += 1;
        let _ = self.eat("it") || self.eat("them");
        let phrase = self.term(false)?;
        read.stage = Some(Stage { what: *what, phrase });
        let _ = self.eat(",") || self.eat(";");
        let _ = self.eat("and");
        let _ = self.eat("then");
        let disposal = match self.peek() {
            "erase" => Disposal::Erase,
            "anonymise" => Disposal::Anonymise,
            _ => {
                let help = "say what follows: `stop calling 1 year after lapsed, erase 3 years after lapsed`";
                self.fault(from, self.at, "and then", Some(help.to_owned()));
                return None;
            }
        };
        self.at += 1;
        let _ = self.eat("it") || self.eat("them");
        let phrase = self.term(false)?;
        let counts_by = if disposal == Disposal::Anonymise { self.counts_by()? } else { None };
        read.then = Some(Then { counts_by, ..Then::plain(disposal) });
        Some(phrase)
    }

    /// What stands after `then`.
    pub(super) fn ending(&mut self) -> Option<Then> {
        if self.eat("erase") || self.eat("shred and erase") {
            return Some(Then::plain(Disposal::Erase));
        }
        if self.eat("anonymise") {
            return Some(Then { counts_by: self.counts_by()?, ..Then::plain(Disposal::Anonymise) });
        }
        if self.eat("count and forget") {
            return Some(Then::plain(Disposal::Count));
        }
        if self.eat("archive") {
            let _ = self.eat("it");
            let _ = self.eat("for");
            let archive = self.span()?;
            let rest = self.and_then_ending()?;
            return rest.archive.is_none().then_some(Then { archive: Some(archive), ..rest });
        }
        let disposal = match self.peek() {
            "return" => Disposal::ReturnThenErase,
            "deliver" | "transfer" => Disposal::DeliverThenErase,
            _ => return None,
        };
        let transfer = self.peek() == "transfer";
        self.at += 1;
        let from = self.at;
        while !matches!(self.peek(), "" | "," | ";" | "to" | "unless") {
            self.at += 1;
        }
        let what = Some(self.text(from, self.at)).filter(|what| !what.is_empty());
        let to = if self.eat("to") {
            let quoted = self.quoted();
            Some(quoted.unwrap_or_else(|| self.until_break_or("unless"))).filter(|to| !to.is_empty())
        } else {
            None
        };
        let unless = match self.eat("unless") {
            true => Some(Some(self.until_break()).filter(|event| !event.is_empty())?),
            false => None,
        };
        let back = self.at;
        if !(self.eat(",") && (self.eat("confirm") || self.eat("get it confirmed") || self.eat("confirmed")))
        {
            self.at = back;
        }
        let rest = self.and_then_ending()?;
        (rest.disposal == Disposal::Erase && rest.archive.is_none()).then_some(Then {
            what,
            to,
            transfer,
            unless,
            ..Then::plain(disposal)
        })
    }

    /// `, keep counts by year and gender`: what the counts that stay are split by, the year aside. Nothing where
    /// nothing is said of counts.
    #[expect(clippy::option_option, reason = "no counts said, some said, and some that are not understood")]
    fn counts_by(&mut self) -> Option<Option<Vec<String>>> {
        let back = self.at;
        let _ = self.eat(",") || self.eat("and");
        if !self.eat("keep counts by") {
            self.at = back;
            return Some(None);
        }
        let mut by = Vec::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), "" | "," | ";" | "and") {
                self.at += 1;
            }
            match self.text(from, self.at).as_str() {
                "" => return None,
                "year" => {}
                name => by.push(name.to_owned()),
            }
            if !(self.eat(",") || self.eat("and")) {
                return Some(Some(by));
            }
        }
    }

    fn and_then_ending(&mut self) -> Option<Then> {
        let _ = self.eat(",") || self.eat(";");
        let _ = self.eat("and");
        if self.eat("then") { self.ending() } else { None }
    }
}
