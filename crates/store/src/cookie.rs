//! What the program keeps in browsers: declared once, for the cookies page and the proof, and whatever a page was seen
//! to set. Nothing about anybody: a name and the page, never a value.

use jiff::civil::Date;
use policy::Policy;
use policy::notice::Cookie;
use policy::periods::{Own, days_words};

use crate::{Result, Tx, params};

/// The cookie of a session over TLS; browsers take it only from this host and only over TLS.
pub const SECURE: &str = "__Host-probity";

/// The same without TLS, for practice and for a first look on one's own machine.
pub const PLAIN: &str = "probity";

/// The cookie that remembers whether a visit may be counted: `yes` with its day, or `no`.
pub const VISITS: &str = "visits";

/// Something the program keeps in a browser.
#[derive(Debug)]
pub struct Kept {
    /// Its names; the first is the one over TLS.
    pub names: &'static [&'static str],
    /// What it is for.
    pub what_for: &'static str,
    /// How long it stays; `{visitors}` is how long an answer about visits is remembered.
    pub how_long: &'static str,
    /// The addresses whose answers may set it, as the routes have them; none for what a page keeps by script.
    pub pages: &'static [&'static str],
}

/// All there is. Each is needed for something its reader asked for (PECR reg 6(4)), be it that an answer is remembered;
/// nothing else is ever set.
pub const KEPT: &[Kept] = &[
    Kept {
        names: &[SECURE, PLAIN],
        what_for: "keeps somebody signed in who works here",
        how_long: "until they sign out, or for a day without use",
        pages: &[
            "/sign-in",
            "/sign-in/code",
            "/sign-out",
            "/set-up/{token}",
            "/me/second-factor",
            "/me/password",
            "/me/sessions",
        ],
    },
    Kept {
        names: &["single-keys"],
        what_for: "remembers, for somebody who works here, that they turned keyboard shortcuts off",
        how_long: "until it is erased in the browser",
        pages: &[],
    },
    Kept {
        names: &[VISITS],
        what_for: "remembers whether you let us count your visits",
        how_long: "for {visitors}, then we ask again",
        pages: &["/privacy/cookies"],
    },
];

/// What may be kept: where no visit is counted nobody is asked, and nothing remembers an answer.
pub fn kept(visits: bool) -> impl Iterator<Item = &'static Kept> {
    KEPT.iter().filter(move |kept| visits || !kept.names.contains(&VISITS))
}

/// What the cookies page lists, by the names it has for a visitor who came over TLS or not.
#[must_use]
pub fn listed(secure: bool, policy: &Policy) -> Vec<Cookie> {
    let visitors = days_words(policy.days(Own::Visitors));
    let shown = |kept: &Kept| Cookie {
        name: if secure { kept.names.first() } else { kept.names.last() }.copied().unwrap_or_default(),
        what_for: kept.what_for,
        how_long: kept.how_long.replace("{visitors}", &visitors),
        needed: true,
    };
    kept(policy.visits.is_some()).map(shown).collect()
}

/// A cookie that an answer was seen to set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// The address of the page, as the routes have it.
    pub page: String,
    /// The first day.
    pub first_on: Date,
}

/// Notes that an answer set a cookie. Done twice, it does nothing the second time.
///
/// # Errors
/// Whatever the database says.
pub fn seen(tx: &Tx<'_>, name: &str, page: &str, today: Date) -> Result<()> {
    tx.exec(
        "INSERT INTO cookie_set (name, page, first_on) VALUES (?1, ?2, ?3) ON CONFLICT (name, page) DO NOTHING",
        params![name, page, today],
    )?;
    Ok(())
}

/// Every cookie that was seen to be set, by name.
///
/// # Errors
/// Whatever the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Seen>> {
    tx.all("SELECT name, page, first_on FROM cookie_set ORDER BY name, page", &[], |row| {
        Ok(Seen { name: row.text(0)?, page: row.text(1)?, first_on: row.date(2)? })
    })
}
