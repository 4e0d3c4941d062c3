//! AWS Signature Version 4 in a header, as every S3-compatible store takes it. The secret never leaves, and what is sent
//! is signed with it, so that a store refuses what was changed on the way.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::keys::hex;

/// What is signed.
pub(super) struct Unsigned<'a> {
    pub method: &'a str,
    pub host: &'a str,
    /// Encoded.
    pub path: &'a str,
    /// Encoded and sorted.
    pub query: &'a str,
    pub body: &'a [u8],
    pub region: &'a str,
}

/// The headers that say so: their names and values.
pub(super) fn headers(
    of: &Unsigned<'_>,
    key: &str,
    secret: &str,
    at: Timestamp,
) -> [(&'static str, String); 3] {
    let moment = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = at.strftime("%Y%m%d").to_string();
    let hash = hex(&Sha256::digest(of.body));
    let signed = "host;x-amz-content-sha256;x-amz-date";
    let request = format!(
        "{}\n{}\n{}\nhost:{}\nx-amz-content-sha256:{hash}\nx-amz-date:{moment}\n\n{signed}\n{hash}",
        of.method, of.path, of.query, of.host
    );
    let scope = format!("{day}/{}/s3/aws4_request", of.region);
    let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let start = Zeroizing::new(format!("AWS4{secret}").into_bytes());
    let derived = [day.as_str(), of.region, "s3", "aws4_request"]
        .iter()
        .fold(start, |key, part| keyed(&key, part.as_bytes()));
    let signature = hex(&keyed(&derived, text.as_bytes()));
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={signed}, Signature={signature}");
    [("authorization", authorization), ("x-amz-content-sha256", hash), ("x-amz-date", moment)]
}

fn keyed(key: &[u8], text: &[u8]) -> Zeroizing<Vec<u8>> {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Zeroizing::default() };
    mac.update(text);
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}

/// A text as it stands in an address; `slash` says whether a `/` stands for itself.
pub(super) fn encoded(text: &str, slash: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            b'/' if slash => encoded.push('/'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's own documentation ("GET Bucket (List Objects)"), with the headers we sign.
    #[test]
    fn it_signs_as_the_documentation_does() {
        let of = Unsigned {
            method: "GET",
            host: "examplebucket.s3.amazonaws.com",
            path: "/",
            query: "max-keys=2&prefix=J",
            body: b"",
            region: "us-east-1",
        };
        let at = "2013-05-24T00:00:00Z".parse().unwrap();
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let [(_, authorization), (_, hash), (_, moment)] = headers(&of, "AKIAIOSFODNN7EXAMPLE", secret, at);
        assert_eq!(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(moment, "20130524T000000Z");
        assert!(
            authorization.ends_with("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            "{authorization}"
        );
    }

    #[test]
    fn what_an_address_cannot_hold_is_encoded() {
        assert_eq!(encoded("a b/c+é", true), "a%20b/c%2B%C3%A9");
        assert_eq!(encoded("a/b", false), "a%2Fb");
    }
}
