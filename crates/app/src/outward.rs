//! Requests to addresses that somebody typed: only over TLS, never to this machine or into the network behind it and never on to where
//! an answer points, unless whoever runs the machine says so: by allowing a host by name, or by typing the address where only they
//! can. It signs nothing, follows nothing and keeps nothing of what is answered.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use jiff::SignedDuration;
use ureq::config::Config;
use ureq::http::{Request, Response, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Error};

/// How long an address may be.
const LETTERS_MAX: usize = 500;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long all of it may take, the answer included.
const WHOLE: Duration = Duration::from_secs(20);

/// The longest that a receiver may ask us to wait.
const WAIT_MAX: i64 = 24 * 60 * 60;

/// What came back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// How long the other side asks us to wait before the next one.
    pub wait: Option<SignedDuration>,
}

/// Says whether an address may be one that something is sent to. Where it names a host, whether that is in a private network
/// shows only when it is looked up, at each request.
///
/// # Errors
/// With what is wrong, as a sentence.
pub fn check(url: &str, allowed: &[String]) -> Result<(), String> {
    let no = |words: &str| Err(words.to_owned());
    if url.len() > LETTERS_MAX {
        return Err(format!("An address has {LETTERS_MAX} letters at most."));
    }
    let Some(uri) = url.parse::<Uri>().ok().filter(|_| url.is_ascii() && !url.contains(['#', ' '])) else {
        return no("Type an address, such as https://hooks.example.org/probity.");
    };
    let (Some(host), Some(authority)) = (uri.host().filter(|host| !host.is_empty()), uri.authority()) else {
        return no("Type an address, such as https://hooks.example.org/probity.");
    };
    if authority.as_str().contains('@') {
        return no("A name or a password has no place in an address: messages are signed instead.");
    }
    let free = is_allowed(host, allowed);
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if free || is_here(host) => {}
        Some("http") => {
            return no("That is another machine, and nothing is sent there in the clear: type https://.");
        }
        _ => return no("Type an address that begins with https://."),
    }
    let literal = bare(host).parse::<IpAddr>().ok();
    if !free && !is_here(host) && literal.is_some_and(|ip| !is_public(ip)) {
        return no(
            "That is an address of a private network. Whoever runs the server allows it under [webhooks] in probity.toml.",
        );
    }
    Ok(())
}

/// Says the same of an address that was typed by somebody who need not be whoever runs the machine. What listens on it for its own
/// programs only may take any message for a command, so it is sent none unless its host is allowed.
///
/// # Errors
/// With what is wrong, as a sentence.
pub fn check_typed(url: &str, allowed: &[String]) -> Result<(), String> {
    check(url, allowed)?;
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    if is_here(host) && !is_allowed(host, allowed) {
        return Err(
            "That is this machine. Whoever runs the server allows it under [webhooks] in probity.toml."
                .to_owned(),
        );
    }
    Ok(())
}

/// Who sends: one for all requests of a turn.
#[must_use]
pub fn agent(allowed: &[String]) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent("Probity")
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(WHOLE))
        .build();
    let guarded = Guarded { allowed: allowed.to_vec(), inner: DefaultResolver::default() };
    Agent::with_parts(config, DefaultConnector::default(), guarded)
}

/// How long an answer that is read may be.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// Asks for something, with a body of JSON or without, and reads the answer.
///
/// # Errors
/// As [`post`].
pub fn ask(
    agent: &Agent,
    (method, url): (&str, &str),
    headers: &[(&'static str, &str)],
    body: Option<&str>,
) -> Result<(Answered, Vec<u8>), String> {
    let mut request = Request::builder().method(method).uri(url).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let wrong = |_| "the address cannot be used".to_owned();
    let answer = match body {
        Some(body) => agent.run(request.body(body).map_err(wrong)?),
        None => agent.run(request.body(()).map_err(wrong)?),
    };
    let mut answer = answer.map_err(|error| why(&error))?;
    let read = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
    Ok((answered(&answer), read.map_err(|error| why(&error))?))
}

fn answered(answer: &Response<Body>) -> Answered {
    let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let seconds = asked.and_then(|value| value.trim().parse::<i64>().ok());
    Answered {
        status: answer.status().as_u16(),
        wait: seconds.map(|seconds| SignedDuration::from_secs(seconds.clamp(0, WAIT_MAX))),
    }
}

/// Posts JSON; what is answered beside the status is not read.
///
/// # Errors
/// With why there was no answer, in words for whoever set the address up; never the address itself, which may be a secret.
pub fn post(
    agent: &Agent,
    url: &str,
    headers: &[(&'static str, String)],
    body: &str,
) -> Result<Answered, String> {
    let mut request = Request::builder().method("POST").uri(url).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(body).map_err(|_| "the address cannot be used".to_owned())?;
    let answer = agent.run(request).map_err(|error| why(&error))?;
    Ok(answered(&answer))
}

/// Why there was no answer.
fn why(error: &Error) -> String {
    match error {
        Error::Other(cause) if cause.is::<Private>() => cause.to_string(),
        Error::Timeout(_) => "it did not answer in time".to_owned(),
        Error::HostNotFound => "its host cannot be found".to_owned(),
        Error::Rustls(_) | Error::Tls(_) => UNBELIEVED.to_owned(),
        Error::Io(error) if error.get_ref().is_some_and(|cause| cause.is::<rustls::Error>()) => {
            UNBELIEVED.to_owned()
        }
        // The system has no kind of error for it.
        Error::Io(error) if error.to_string().contains("lookup address") => {
            "its host cannot be found".to_owned()
        }
        Error::Io(_) | Error::ConnectionFailed => "it cannot be reached, or broke off".to_owned(),
        _ => "it does not answer as a web server does".to_owned(),
    }
}

const UNBELIEVED: &str = "it could not show a certificate that is to be believed";

/// An address that leads into a private network.
#[derive(Debug)]
struct Private;

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "its host leads into a private network, which is allowed only under [webhooks] in probity.toml",
        )
    }
}

impl std::error::Error for Private {}

/// Looks hosts up, and gives only addresses that may be gone to: what is looked up is what is connected to, so that a name
/// that changes between two looks opens nothing.
#[derive(Debug)]
struct Guarded {
    allowed: Vec<String>,
    inner: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default();
        if is_allowed(host, &self.allowed) {
            return Ok(found);
        }
        let here = is_here(host);
        let mut fit = self.empty();
        for address in found.iter() {
            let ip = address.ip();
            let fits = if here { ip.is_loopback() } else { is_public(ip) };
            if fits {
                fit.push(*address);
            }
        }
        if fit.is_empty() { Err(Error::Other(Box::new(Private))) } else { Ok(fit) }
    }
}

fn is_allowed(host: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|known| known.eq_ignore_ascii_case(bare(host)))
}

/// A host without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Whether a host is called this machine: a name that only leads here is not.
fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || bare(host).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether an address is one of the open internet (the special-purpose registries of IANA, RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match carried(ip) {
            Some(ip) => is_public_v4(ip),
            None => {
                let [first, second, ..] = ip.segments();
                let given_out = first & 0xe000 == 0x2000;
                let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8))
                    || (first == 0x3fff && second < 0x1000);
                given_out && !special
            }
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let private = ip.is_private() || ip.is_loopback() || ip.is_link_local() || (a == 100 && b & 0xc0 == 64);
    let special = ip.is_documentation()
        || a == 0
        || a >= 224
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18);
    !private && !special
}

/// The IPv4 address that an IPv6 address leads to: mapped (RFC 4291), by NAT64 (RFC 6052) or by 6to4 (RFC 3056).
fn carried(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let two = |high: u16, low: u16| {
        let ([p, q], [r, s]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(p, q, r, s)
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(two(g, h)),
        (0x2002, ..) => Some(two(b, c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_and_this_machine_are_gone_to() {
        for url in [
            "https://hooks.example.org/probity",
            "https://hooks.example.org:8443/a?key=1",
            "http://127.0.0.1:5678/webhook/7",
            "http://localhost:5678/",
            "https://[::1]/x",
            "https://93.184.216.34/",
        ] {
            assert_eq!(check(url, &[]), Ok(()), "{url}");
        }
        for (url, words) in [
            ("http://hooks.example.org/", "in the clear"),
            ("ftp://hooks.example.org/", "https://"),
            ("hooks.example.org", "begins with https://"),
            ("", "such as"),
            ("https://", "such as"),
            ("https://me:secret@hooks.example.org/", "password"),
            ("https://10.0.0.7/", "private network"),
            ("https://192.168.1.1/", "private network"),
            ("https://169.254.169.254/latest/meta-data", "private network"),
            ("https://100.64.0.1/", "private network"),
            ("https://[fd00::1]/", "private network"),
            ("https://[::ffff:10.0.0.7]/", "private network"),
            ("https://[64:ff9b::a00:7]/", "private network"),
            ("https://[2002:a00:7::1]/", "private network"),
            ("https://0.0.0.0/", "private network"),
        ] {
            assert!(check(url, &[]).is_err_and(|said| said.contains(words)), "{url}: {:?}", check(url, &[]));
        }
        let allowed = ["n8n.lan".to_owned(), "10.0.0.7".to_owned(), "fd00::1".to_owned()];
        for url in ["http://n8n.lan/", "https://N8N.lan/", "http://10.0.0.7:5678/", "https://[fd00::1]/"] {
            assert_eq!(check(url, &allowed), Ok(()), "{url}");
        }
        assert!(check("https://10.0.0.8/", &allowed).is_err());
    }

    #[test]
    fn this_machine_is_gone_to_only_where_whoever_runs_it_says_so() {
        for url in
            ["http://127.0.0.1:2019/stop", "https://127.8.8.8/", "http://LocalHost:2019/", "https://[::1]/x"]
        {
            assert!(check_typed(url, &[]).is_err_and(|said| said.contains("this machine")), "{url}");
        }
        assert_eq!(check_typed("https://hooks.example.org/probity", &[]), Ok(()));
        assert!(check_typed("https://10.0.0.7/", &[]).is_err_and(|said| said.contains("private network")));
        let allowed = ["localhost".to_owned(), "::1".to_owned()];
        assert_eq!(check_typed("http://localhost:5678/", &allowed), Ok(()));
        assert_eq!(check_typed("http://[::1]:5678/", &allowed), Ok(()));
        assert!(check_typed("http://127.0.0.1:5678/", &allowed).is_err());
    }

    #[test]
    fn public_is_what_the_registries_leave() {
        for ip in ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "64:ff9b::808:808", "::ffff:8.8.8.8"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.127.255.254",
            "198.18.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::ffff:169.254.169.254",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn a_name_that_leads_into_a_private_network_is_not_gone_to() {
        // A name of this machine that is not called so.
        let there = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = there.local_addr().unwrap().port();
        let guarded = Guarded { allowed: Vec::new(), inner: DefaultResolver::default() };
        let uri: Uri = format!("http://127.0.0.1:{port}/").parse().unwrap();
        let config = Config::default();
        let timeout = || NextTimeout {
            after: ureq::unversioned::transport::time::Duration::NotHappening,
            reason: ureq::Timeout::Global,
            ..NextTimeout::default()
        };
        assert!(guarded.resolve(&uri, &config, timeout()).is_ok());
        let mapped: Uri = format!("http://[::ffff:127.0.0.1]:{port}/").parse().unwrap();
        let refused = guarded.resolve(&mapped, &config, timeout());
        assert!(matches!(refused, Err(Error::Other(cause)) if cause.is::<Private>()));
        let said = post(&agent(&[]), &mapped.to_string(), &[], "{}").unwrap_err();
        assert!(said.contains("private network"), "{said}");
    }
}
