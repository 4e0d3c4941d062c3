//! Who a visitor says they are: the cookie of a browser or the key of a program, and where they come from.
//! Says nothing about whether it is true; the act does.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use store::cookie::{PLAIN, SECURE};

use crate::acts::sign_in::From;
use crate::instance::Instance;

/// A visitor.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The hash of the session token they hold, if they hold one.
    pub session: Option<[u8; 32]>,
    /// Whether it came as a key of a program (`Authorization: Bearer`), not in a cookie.
    pub is_program: bool,
    /// Where they come from.
    pub from: From,
    /// Whether they reached us over TLS, as far as a trusted proxy says.
    pub secure: bool,
    /// The page they asked for.
    pub path: String,
    /// Whether they asked the JSON API.
    pub is_api: bool,
}

impl Visitor {
    /// Whether they ask for data to take away as far as the address says: the API, a file, a document. What an address
    /// does not say is held back when it leaves ([`super::quarantine`]).
    #[must_use]
    pub fn takes_away(&self) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        self.is_api || last.contains('.') || last == "csv" || path.contains("/documents/")
    }
}

impl FromRequestParts<Arc<Instance>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, instance: &Arc<Instance>) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let proxies = &instance.config.trusted_proxies;
        let behind_proxy = peer.is_some_and(|peer| proxies.contains(&peer));
        let header = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let address = match header("x-forwarded-for").filter(|_| behind_proxy) {
            Some(chain) => {
                let hops: Vec<IpAddr> = chain.split(',').filter_map(|hop| hop.trim().parse().ok()).collect();
                hops.iter().rev().copied().find(|hop| !proxies.contains(hop)).or(peer)
            }
            None => peer,
        };
        let forwarded_https = behind_proxy && header("x-forwarded-proto") == Some("https");
        let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
        let cookie = cookie(&parts.headers, SECURE).or_else(|| cookie(&parts.headers, PLAIN));
        let token = bearer.map(str::to_owned).or(cookie);
        let path =
            parts.uri.path_and_query().map_or_else(|| parts.uri.path(), |path| path.as_str()).to_owned();
        Ok(Self {
            session: token.map(|token| store::session::hash(token.as_bytes())),
            is_program: bearer.is_some(),
            from: From {
                address: address.map(|address| address.to_string()),
                agent: header("user-agent").map(str::to_owned),
            },
            secure: instance.config.is_https() || forwarded_https,
            is_api: path.starts_with("/api/"),
            path,
        })
    }
}

pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|line| {
        line.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
    })
}

/// The header that keeps a session's token in the browser.
#[must_use]
pub fn keep(token: &str, secure: bool) -> HeaderValue {
    set(token, secure, "")
}

/// The header that takes it away.
#[must_use]
pub fn drop(secure: bool) -> HeaderValue {
    set("", secure, "; Max-Age=0")
}

fn set(token: &str, secure: bool, more: &str) -> HeaderValue {
    let (name, flag) = if secure { (SECURE, "; Secure") } else { (PLAIN, "") };
    HeaderValue::from_str(&format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{flag}{more}"))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}
