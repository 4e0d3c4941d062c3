//! One request to a store and its answer: signed, within time limits, and asked again a few times where the store or the
//! way to it fails for a moment. It goes to the address that was configured and to no other, whatever is answered.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};
use zeroize::Zeroizing;

use super::sign::{self, Unsigned, encoded};
use super::{Reach, words};

/// How often something is asked before it counts as failed.
const TRIES: u32 = 4;
/// How long the first wait between two tries is; each later one is three times as long.
const WAIT: Duration = Duration::from_millis(300);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the store may think, and how long nothing may arrive.
const SILENT: Duration = Duration::from_secs(30);
/// How long any answer but the bytes of an object may be.
const ANSWER_BYTES_MAX: u64 = 8 << 20;

/// Who answers for a bucket, and with which key it is asked.
#[derive(Clone)]
pub(super) struct Store {
    agent: Agent,
    /// `https://` and the host with its port.
    endpoint: String,
    pub host: String,
    pub region: String,
    key: String,
    secret: Arc<Zeroizing<String>>,
}

/// What is asked for.
pub(super) struct Asked<'a> {
    method: &'static str,
    key: &'a str,
    query: Vec<(&'a str, &'a str)>,
    headers: Vec<(&'static str, String)>,
    body: &'a [u8],
}

impl<'a> Asked<'a> {
    pub fn new(method: &'static str, key: &'a str) -> Self {
        Self { method, key, query: Vec::new(), headers: Vec::new(), body: &[] }
    }

    pub fn get(key: &'a str) -> Self {
        Self::new("GET", key)
    }

    /// What is asked of it, sorted by name.
    pub fn query(mut self, query: &[(&'a str, &'a str)]) -> Self {
        self.query = query.to_vec();
        self
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn body(mut self, body: &'a [u8]) -> Self {
        self.body = body;
        self
    }
}

/// What was answered.
pub(super) struct Answer {
    pub status: u16,
    headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
    /// At which try.
    pub tries: u32,
}

impl Answer {
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    #[cfg(test)]
    pub fn of(status: u16, headers: &[(&'static str, String)], body: &[u8]) -> Self {
        let mut map = ureq::http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Self { status, headers: map, body: body.to_vec(), tries: 1 }
    }
}

impl Store {
    /// Who answers at an address.
    pub fn new(reach: &Reach) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{}` is no address of a store: write `https://` and a host, without a path",
                reach.endpoint
            )
        };
        let endpoint = reach.endpoint.trim_end_matches('/');
        let uri: Uri = endpoint.parse().map_err(|_| wrong())?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if matches!(host, "localhost" | "127.0.0.1" | "[::1]") => false,
            Some("http") => {
                return Err(format!(
                    "{host} is another machine, and nothing is sent there in the clear: write `https://`"
                ));
            }
            _ => return Err(wrong()),
        };
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || endpoint.contains('@') {
            return Err(wrong());
        }
        let port = uri.port_u16().filter(|port| *port != if tls { 443 } else { 80 });
        let host = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(tls)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent("Probity")
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENT))
            .timeout_per_read(Some(SILENT))
            .timeout_per_write(Some(SILENT))
            .tls_config(trusting(reach)?);
        Ok(Self {
            agent: config.build().new_agent(),
            endpoint: format!("{}://{host}", if tls { "https" } else { "http" }),
            host,
            region: reach.region.clone(),
            key: reach.key.clone(),
            secret: Arc::new(reach.secret.clone()),
        })
    }

    /// Asks, and again after a while where the store or the way to it failed.
    pub fn ask(&self, bucket: &str, asked: &Asked<'_>) -> Result<Answer, String> {
        let mut wait = WAIT;
        for tries in 1.. {
            let failed = match self.once(bucket, asked) {
                Ok((status, headers, body)) => {
                    let answer = Answer { status, headers, body, tries };
                    if !words::passes(&answer) {
                        return Ok(answer);
                    }
                    words::answered(self, bucket, &answer)
                }
                Err(error) if tries < TRIES && words::may_pass(&error) => words::failed(self, &error),
                Err(error) => return Err(words::failed(self, &error)),
            };
            if tries >= TRIES {
                return Err(failed);
            }
            tracing::debug!(host = self.host, tries, failed, "a store is asked again");
            std::thread::sleep(wait);
            wait *= 3;
        }
        Err(String::new())
    }

    fn once(
        &self,
        bucket: &str,
        asked: &Asked<'_>,
    ) -> Result<(u16, ureq::http::HeaderMap, Vec<u8>), ureq::Error> {
        let path = match asked.key {
            "" => format!("/{bucket}"),
            key => format!("/{bucket}/{}", encoded(key, true)),
        };
        let query: Vec<String> = asked
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name, false), encoded(value, false)))
            .collect();
        let query = query.join("&");
        let of = Unsigned {
            method: asked.method,
            host: &self.host,
            path: &path,
            query: &query,
            body: asked.body,
            region: &self.region,
        };
        let joint = if query.is_empty() { "" } else { "?" };
        let mut request = ureq::http::Request::builder()
            .method(asked.method)
            .uri(format!("{}{path}{joint}{query}", self.endpoint))
            .header("host", &self.host);
        for (name, value) in sign::headers(&of, &self.key, &self.secret, now()) {
            request = request.header(name, value);
        }
        for (name, value) in &asked.headers {
            request = request.header(*name, value);
        }
        let mut answer: ureq::http::Response<Body> = match asked.method {
            "GET" | "HEAD" | "DELETE" => self.agent.run(request.body(())?)?,
            _ => self.agent.run(request.body(asked.body)?)?,
        };
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        Ok((answer.status().as_u16(), answer.headers().clone(), body))
    }
}

/// Whose certificates count: those of the authorities that everybody knows, or of the one that was named.
fn trusting(reach: &Reach) -> Result<TlsConfig, String> {
    let Some(path) = &reach.authority else { return Ok(TlsConfig::builder().build()) };
    let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut found = Vec::new();
    for item in parse_pem(&text) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(format!("{} is no certificate: {error}", path.display())),
        }
    }
    if found.is_empty() {
        return Err(format!("there is no certificate in {}", path.display()));
    }
    Ok(TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(found))).build())
}

#[expect(clippy::disallowed_methods, reason = "a store checks what is signed against its own clock")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}
