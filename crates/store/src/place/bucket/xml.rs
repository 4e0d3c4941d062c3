//! The little XML that an S3-compatible store answers with.

use quick_xml::Reader;
use quick_xml::events::Event;

/// A page of a listing.
pub(super) struct Page {
    pub keys: Vec<String>,
    /// From where the next one goes on, if there is one.
    pub next: Option<String>,
}

/// Every element that ended: its name, the name of what it is in, and the text in it. Nothing if it is no XML.
fn texts(body: &[u8]) -> Option<Vec<(String, String, String)>> {
    let mut reader = Reader::from_reader(body);
    let (mut open, mut found, mut text) = (Vec::<String>::new(), Vec::new(), String::new());
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(start) => {
                open.push(String::from_utf8_lossy(start.local_name().as_ref()).into_owned());
                text.clear();
            }
            Event::Text(said) => text.push_str(&said.decode().ok()?),
            Event::GeneralRef(said) => match said.resolve_char_ref().ok()? {
                Some(letter) => text.push(letter),
                None => text.push_str(quick_xml::escape::resolve_predefined_entity(&said.decode().ok()?)?),
            },
            Event::End(_) => {
                let name = open.pop()?;
                found.push((name, open.last().cloned().unwrap_or_default(), std::mem::take(&mut text)));
            }
            Event::Eof => return open.is_empty().then_some(found),
            _ => {}
        }
        buffer.clear();
    }
}

/// The text of the first element with a name, if there is any in it.
pub(super) fn value(body: &[u8], name: &str) -> Option<String> {
    let found = texts(body)?.into_iter().find(|(element, ..)| element == name);
    found.map(|(_, _, text)| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A page of a listing; nothing if it is none.
pub(super) fn listed(body: &[u8]) -> Option<Page> {
    let texts = texts(body)?;
    if !texts.iter().any(|(name, within, _)| name == "ListBucketResult" && within.is_empty()) {
        return None;
    }
    let encoded = texts.iter().any(|(name, _, text)| name == "EncodingType" && text == "url");
    let keys = texts.iter().filter(|(name, within, _)| name == "Key" && within == "Contents");
    let keys = keys.map(|(_, _, key)| if encoded { decoded(key) } else { key.clone() }).collect();
    let truncated = texts.iter().any(|(name, _, text)| name == "IsTruncated" && text.trim() == "true");
    let next = texts.iter().find(|(name, ..)| name == "NextContinuationToken");
    Some(Page { keys, next: next.filter(|_| truncated).map(|(_, _, text)| text.clone()) })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match (byte, code.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            (byte, _) => {
                bytes.push(if *byte == b'+' { b' ' } else { *byte });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_with_names_that_are_hard_to_write() {
        let page = listed(
            br#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <IsTruncated>true</IsTruncated><EncodingType>url</EncodingType><NextContinuationToken>a&amp;b=&#61;</NextContinuationToken>
            <Contents><Key>a%2Fb+c%26.backup</Key><Size>3</Size></Contents><Contents><Key>d</Key></Contents>
            <CommonPrefixes><Prefix>x/</Prefix></CommonPrefixes></ListBucketResult>"#,
        )
        .unwrap();
        assert_eq!(page.keys, ["a/b c&.backup", "d"]);
        assert_eq!(page.next.as_deref(), Some("a&b=="));
    }

    #[test]
    fn what_is_no_listing_is_none() {
        for wrong in
            ["", "<html><body>Hello</body></html>", "<ListBucketResult><Contents>", "no xml < at all"]
        {
            assert!(listed(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert_eq!(
            value(b"<Error><Code>NoSuchBucket</Code></Error>", "Code").as_deref(),
            Some("NoSuchBucket")
        );
        assert_eq!(value(b"<VersioningConfiguration/>", "Status"), None);
    }
}
