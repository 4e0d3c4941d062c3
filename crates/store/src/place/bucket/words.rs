//! What a store answered, or why it did not, in words for whoever set it up: what is wrong and what to do. Never a key,
//! never a secret, never what was sent.

use jiff::SignedDuration;
use jiff::fmt::rfc2822;

use super::ask::{Answer, Store, now};
use super::xml;

/// How far two clocks may be apart.
const APART: SignedDuration = SignedDuration::from_mins(14);

/// Whether an answer says that the store fails for a moment.
pub(super) fn passes(answer: &Answer) -> bool {
    let code = || code(answer);
    match answer.status {
        429 | 500 | 502 | 503 | 504 => true,
        400 => matches!(code().as_deref(), Some("RequestTimeout")),
        200 => {
            answer.body.starts_with(b"<") && matches!(code().as_deref(), Some("InternalError" | "SlowDown"))
        }
        _ => false,
    }
}

/// Whether trying again may help.
pub(super) fn may_pass(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => tls(error).is_none(),
        ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => true,
        _ => false,
    }
}

/// Why nothing was answered.
pub(super) fn failed(store: &Store, error: &ureq::Error) -> String {
    let host = &store.host;
    match error {
        ureq::Error::HostNotFound => unknown(host),
        ureq::Error::Timeout(_) => format!("{host} did not answer in time"),
        ureq::Error::Rustls(error) => certificate(host, &error.to_string()),
        ureq::Error::Tls(words) => certificate(host, words),
        ureq::Error::Io(error) => match tls(error) {
            Some(words) => certificate(host, &words),
            // The system has no kind of error for it.
            None if error.to_string().contains("lookup address") => unknown(host),
            None => format!("{host} cannot be reached, or broke off ({})", plain(&error.to_string())),
        },
        ureq::Error::ConnectionFailed => format!("{host} cannot be reached"),
        ureq::Error::BodyExceedsLimit(_) => format!("{host} answers at more length than a store does"),
        other => format!("{host} does not answer as an S3 store does ({})", plain(&other.to_string())),
    }
}

fn unknown(host: &str) -> String {
    format!("{host} cannot be found: there is no network, or `endpoint` names another host")
}

fn tls(error: &std::io::Error) -> Option<String> {
    error.get_ref()?.downcast_ref::<rustls::Error>().map(ToString::to_string)
}

fn certificate(host: &str, why: &str) -> String {
    format!(
        "{host} could not show a certificate that is to be believed ({}). Where its authority is your own, name its certificate \
         as `authority`",
        plain(why)
    )
}

/// What the store said, in words of its own, so that they can be looked up: no control character, and not too many.
fn plain(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

fn code(answer: &Answer) -> Option<String> {
    xml::value(&answer.body, "Code").map(|code| plain(&code))
}

/// Whether it says that the key may not.
pub(super) fn is_denied(answer: &Answer) -> bool {
    matches!(code(answer).as_deref(), Some("AccessDenied" | "AllAccessDisabled" | "Forbidden") | None)
}

/// Whether it says that there is no such object, and not that there is no such bucket.
pub(super) fn is_missing(answer: &Answer) -> bool {
    code(answer).is_none_or(|code| code == "NoSuchKey" || code == "NotFound")
}

/// What an answer that was not hoped for means.
pub(super) fn answered(store: &Store, bucket: &str, answer: &Answer) -> String {
    let host = &store.host;
    let code = code(answer).unwrap_or_default();
    if let Some(apart) = apart(answer).filter(|_| answer.status == 400 || answer.status == 403) {
        return format!(
            "the clock of this machine and that of {host} are {} minutes apart, and so it believes nothing: set the clock",
            apart.as_secs() / 60
        );
    }
    if let Some(region) = region(answer).filter(|region| *region != store.region)
        && (answer.status == 400 || answer.status == 403 || answer.status / 100 == 3)
    {
        return format!(
            "the bucket is in the region `{region}`, not in `{}`: write that as `region`",
            store.region
        );
    }
    let said = if code.is_empty() { answer.status.to_string() } else { format!("{}, {code}", answer.status) };
    match (answer.status, code.as_str()) {
        (_, "RequestTimeTooSkewed") => {
            format!("the clocks of this machine and of {host} are too far apart: set the clock")
        }
        (_, "InvalidAccessKeyId" | "InvalidAccessKey" | "NoSuchKeyId") => {
            format!("{host} does not know the key: look into the file that `key_file` names ({said})")
        }
        (_, "SignatureDoesNotMatch" | "InvalidSecret") => {
            format!("the secret is not that of the key: look into the file that `key_file` names ({said})")
        }
        (_, "NoSuchBucket") | (404, "") => {
            format!("there is no bucket `{bucket}` at {host}: make it there, or put its name right ({said})")
        }
        (_, "QuotaExceeded" | "XMinioStorageFull" | "XMinioAdminBucketQuotaExceeded" | "EntityTooLarge")
        | (413 | 507, _) => {
            format!("there is no room left in it, and nothing was written; make room ({said})")
        }
        (401 | 403, _) => format!(
            "the key is not let in: it is another key's secret, or it may not list, read, write and delete here ({said})"
        ),
        (300..=399, _) => format!(
            "{host} sends whoever asks somewhere else, and Probity goes nowhere but to `endpoint`: name the store itself, \
             and the bucket's region ({said})"
        ),
        (500.. | 429, _) => format!("{host} failed again and again ({said})"),
        _ => format!("{host} refused ({said})"),
    }
}

/// The region that the store says the bucket is in.
fn region(answer: &Answer) -> Option<String> {
    let header = answer.header("x-amz-bucket-region").map(str::to_owned);
    header.or_else(|| xml::value(&answer.body, "Region")).map(|region| plain(&region))
}

/// How far the store's clock and ours are apart, if it is too far.
fn apart(answer: &Answer) -> Option<SignedDuration> {
    let theirs = rfc2822::parse(answer.header("date")?).ok()?.timestamp();
    let apart = now().duration_since(theirs).abs();
    (apart > APART).then_some(apart)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::bucket::Reach;

    fn store() -> Store {
        let reach = Reach {
            endpoint: "https://s3.cti.example".into(),
            region: "us-east-1".into(),
            key: "a key".into(),
            secret: "a secret".to_owned().into(),
            authority: None,
        };
        Store::new(&reach).unwrap_or_else(|words| panic!("{words}"))
    }

    /// What is said of an answer with this code and these headers.
    fn said(status: u16, code: &str, headers: &[(&'static str, String)]) -> String {
        let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
        answered(&store(), "cti-backups", &Answer::of(status, headers, body.as_bytes()))
    }

    #[test]
    fn what_a_store_refuses_is_said_with_what_to_do() {
        for (status, code, words) in [
            (403, "InvalidAccessKeyId", "does not know the key"),
            (403, "SignatureDoesNotMatch", "the secret is not that of the key"),
            (403, "AccessDenied", "may not list, read, write and delete"),
            (404, "NoSuchBucket", "there is no bucket `cti-backups` at s3.cti.example: make it"),
            (403, "RequestTimeTooSkewed", "set the clock"),
            (507, "XMinioStorageFull", "there is no room left in it"),
            (403, "QuotaExceeded", "there is no room left in it"),
            (503, "SlowDown", "failed again and again"),
            (307, "TemporaryRedirect", "Probity goes nowhere but to `endpoint`"),
            (418, "Teapot", "refused (418, Teapot)"),
        ] {
            let said = said(status, code, &[]);
            assert!(said.contains(words), "{status} {code}: {said}");
            assert!(!said.contains("a secret") && !said.contains("a key"), "{said}");
        }
    }

    #[test]
    fn another_region_and_another_time_are_named() {
        let elsewhere = [("x-amz-bucket-region", "eu-west-2".to_owned())];
        for status in [301, 400, 403] {
            let said = said(status, "PermanentRedirect", &elsewhere);
            assert!(said.contains("in the region `eu-west-2`, not in `us-east-1`"), "{said}");
        }
        let body = b"<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-2</Region></Error>";
        let in_words = answered(&store(), "cti-backups", &Answer::of(400, &[], body));
        assert!(in_words.contains("`eu-west-2`"), "{in_words}");
        let ago = now() - SignedDuration::from_mins(20);
        let date = ago.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let late = said(403, "AccessDenied", &[("date", date)]);
        assert!(late.contains("20 minutes apart") && late.contains("set the clock"), "{late}");
        let date = now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert!(!said(403, "AccessDenied", &[("date", date)]).contains("clock"));
    }

    #[test]
    fn what_a_store_says_cannot_write_into_a_terminal() {
        let said = said(418, "\u{1b}[2JTeapot", &[]);
        assert!(!said.contains('\u{1b}') && said.contains("Teapot"), "{said}");
    }
}
