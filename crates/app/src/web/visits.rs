//! Asks whoever sees a public page whether the visit may be counted, remembers the answer in their own browser, and counts
//! only after a yes. A browser that says no to every site is not asked. Pages behind somebody's link are never counted, and
//! nobody is asked where they write: what they typed would be lost with the answer.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Form as Posted;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use policy::periods::{Own, days_words};
use serde::Deserialize;
use store::cookie::VISITS;
use store::visit::Visit;

use super::{House, Visitor, frame, is_ours, session};
use crate::instance::Instance;

/// The pages whose visits are counted: as the routes have them, and in words.
pub const PAGES: &[(&str, &str)] = &[
    ("/privacy", "Privacy notice"),
    ("/privacy/cookies", "Cookies"),
    ("/privacy/versions", "Versions of the notice"),
    ("/privacy/versions/{number}", "An earlier notice"),
    ("/ask", "Ask us about your data"),
    ("/forms/{form}", "Our forms"),
];

/// What a visitor said about their visits being counted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Said {
    /// Nothing yet: that is a no, and they are asked.
    #[default]
    Nothing,
    /// Yes, on this day.
    Yes(Date),
    /// No.
    No,
    /// Their browser says no to every site (`Sec-GPC`, `DNT`).
    ByBrowser,
}

impl Said {
    /// What the headers of a request say, where an answer is remembered for so many days. A yes from a day to come or from longer ago says
    /// nothing.
    #[must_use]
    pub fn of(headers: &HeaderMap, remembered: i64, today: Date) -> Self {
        let refuses = |name: &str| headers.get(name).is_some_and(|value| value.as_bytes() == b"1");
        if refuses("sec-gpc") || refuses("dnt") {
            return Self::ByBrowser;
        }
        let Some(said) = session::cookie(headers, VISITS) else { return Self::Nothing };
        if said == "no" {
            return Self::No;
        }
        let on = said.strip_prefix("yes.").and_then(|day| day.parse::<Date>().ok());
        let recent = |on: &Date| {
            today.since(*on).is_ok_and(|days| (0..=remembered).contains(&i64::from(days.get_days())))
        };
        on.filter(recent).map_or(Self::Nothing, Self::Yes)
    }

    /// The answer in words, for the cookies page, with for how many days it is remembered.
    #[must_use]
    pub fn words(self, remembered: i64) -> String {
        match self {
            Self::Nothing => {
                "You have not said whether we may count your visits. Until you do, we count none.".to_owned()
            }
            Self::Yes(on) => format!(
                "You said yes on {}. We ask again {} after that, and you can say no at any time.",
                frame::words(on),
                days_words(remembered)
            ),
            Self::No => "You said no. No visit of yours is counted.".to_owned(),
            Self::ByBrowser => {
                "Your browser tells every site not to count you, and we hold to that. No visit of yours is counted."
                    .to_owned()
            }
        }
    }
}

impl FromRequestParts<Arc<Instance>> for Said {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, instance: &Arc<Instance>) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, instance.policy().days(Own::Visitors), instance.clock.today()))
    }
}

/// Counts the visit to a public page, after a yes. Nothing else that is asked for waits for this.
pub async fn counted(State(house): House, request: Request, next: Next) -> Response {
    let Some((path, agreed_on)) = may_count(&house, &request) else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let Ok(visitor) = Visitor::from_request_parts(&mut parts, &house).await;
    let from_site = came_from(&parts.headers);
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status().is_success() {
        let visit = Visit { at: house.clock.now(), path, from_site, agreed_on };
        house.visits.add(visit, visitor.from.address.as_deref());
    }
    response
}

/// The page, and the day of the yes, if somebody reads one whose visits are counted and said yes to it.
fn may_count(house: &Instance, request: &Request) -> Option<(String, Date)> {
    let page = request.extensions().get::<MatchedPath>()?.as_str();
    let counts = PAGES.iter().any(|(path, _)| *path == page);
    if request.method() != Method::GET || !counts || house.policy().visits.is_none() {
        return None;
    }
    let remembered = house.policy().days(Own::Visitors);
    let Said::Yes(agreed_on) = Said::of(request.headers(), remembered, house.clock.today()) else {
        return None;
    };
    Some((page.to_owned(), agreed_on))
}

/// The other site whose link was followed: its name, and nothing of the page.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let from: Uri = text(header::REFERER)?.parse().ok()?;
    let site = from.host()?.to_ascii_lowercase();
    let here = text(header::HOST).and_then(|host| host.split(':').next()).unwrap_or_default();
    (site != here.to_ascii_lowercase() && site.len() <= 253).then_some(site)
}

/// What the two buttons send.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Choice {
    visits: String,
    back: String,
}

/// `POST /privacy/cookies`: yes or no. The answer is kept in the browser and nowhere else.
pub async fn choose(State(house): House, visitor: Visitor, Posted(given): Posted<Choice>) -> Response {
    let back = if is_ours(&given.back) { given.back.as_str() } else { "/privacy/cookies" };
    let value = match given.visits.as_str() {
        "yes" => format!("yes.{}", house.clock.today()),
        "no" => "no".to_owned(),
        // Neither of the two buttons: nothing was said.
        _ => return Redirect::to("/privacy/cookies").into_response(),
    };
    if house.policy().visits.is_none() {
        return Redirect::to("/privacy/cookies").into_response();
    }
    let secure = if visitor.secure { "; Secure" } else { "" };
    let age = house.policy().days(Own::Visitors) * 24 * 60 * 60;
    let cookie = format!("{VISITS}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn with(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn only_a_yes_of_not_long_ago_is_a_yes() {
        let today = date(2026, 11, 20);
        let said = |value| Said::of(&with("cookie", value), 180, today);
        assert_eq!(said("visits=yes.2026-11-20"), Said::Yes(today));
        assert_eq!(said("other=1; visits=yes.2026-05-24"), Said::Yes(date(2026, 5, 24)));
        for value in
            ["visits=yes.2026-05-23", "visits=yes.2026-11-21", "visits=yes", "visits=", "seen=yes.2026-11-20"]
        {
            assert_eq!(said(value), Said::Nothing, "{value}");
        }
        assert_eq!(said("visits=no"), Said::No);
        let sooner = |value| Said::of(&with("cookie", value), 30, today);
        assert_eq!(sooner("visits=yes.2026-10-21"), Said::Yes(date(2026, 10, 21)));
        assert_eq!(sooner("visits=yes.2026-10-20"), Said::Nothing, "the policy says 30 days");
        let mut headers = with("sec-gpc", "1");
        headers.insert("cookie", HeaderValue::from_static("visits=yes.2026-11-20"));
        assert_eq!(Said::of(&headers, 180, today), Said::ByBrowser);
    }

    #[test]
    fn of_where_somebody_came_from_only_the_site_is_kept() {
        assert_eq!(
            came_from(&with("referer", "https://Search.example/q?name=ada")).as_deref(),
            Some("search.example")
        );
        let mut ours = with("referer", "https://crm.example/privacy");
        ours.insert("host", HeaderValue::from_static("crm.example:8443"));
        assert_eq!(came_from(&ours), None);
        assert_eq!(came_from(&with("referer", "nonsense of every kind")), None);
    }
}
