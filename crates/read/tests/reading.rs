//! What is read of files people really have, and what files that mean harm do: nothing.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::io::{Cursor, Write};

use proptest::prelude::*;
use read::{Reading, Removal, Sort, everything, text, without};
use zip::write::SimpleFileOptions;

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(
            *name,
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated),
        )
        .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A PDF of pages of lines in a font it does not bring, with an author, a bookmark and a note.
fn pdf(pages: &[Vec<String>], beside: &str) -> Vec<u8> {
    let mut objects: Vec<String> = Vec::new();
    let kids: Vec<String> = (0..pages.len()).map(|n| format!("{} 0 R", 6 + n * 2)).collect();
    objects.push("<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>".into());
    objects.push(format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()));
    objects.push("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".into());
    objects.push(format!("<< /Type /Outlines /First 5 0 R /Last 5 0 R /Count 1 /Title ({beside}) >>"));
    objects.push(format!("<< /Title ({beside}) /Author ({beside}) /Parent 4 0 R >>"));
    for (number, lines) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R /Annots [<< /Type /Annot /Subtype /Text /Rect [10 10 30 30] /Contents ({beside}) >>] >>",
            7 + number * 2
        ));
        let mut content = String::from("BT /F1 12 Tf 50 780 Td 16 TL\n");
        for line in lines {
            content.push_str(&format!("({}) Tj T*\n", line.replace(['(', ')', '\\'], "")));
        }
        content.push_str("ET");
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    let (mut out, mut places) = (String::from("%PDF-1.7\n"), Vec::new());
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let start = out.len();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!(
        "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    out.into_bytes()
}

fn said(reading: &Reading) -> String {
    reading.parts.iter().map(|part| format!("{}: {}\n", part.name, part.text)).collect()
}

#[test]
fn word_open_document_and_workbooks_are_read_with_what_lies_beside_the_text() {
    let word = archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", br#"<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Dear Tom &amp; Amy,</w:t></w:r></w:p><w:p><w:r><w:t>we met El</w:t></w:r><w:r><w:t>lis</w:t></w:r><w:del><w:r><w:delText>and Bob</w:delText></w:r></w:del></w:p></w:body></w:document>"#),
        ("word/header1.xml", br#"<w:hdr xmlns:w="w"><w:p><w:r><w:t>Confidential</w:t></w:r></w:p></w:hdr>"#),
        ("word/comments.xml", br#"<w:comments xmlns:w="w"><w:comment><w:p><w:r><w:t>Ask Priya</w:t></w:r></w:p></w:comment></w:comments>"#),
        ("docProps/core.xml", br#"<cp:p xmlns:cp="c" xmlns:dc="d"><dc:creator>Grace Hope</dc:creator></cp:p>"#),
        ("word/media/image1.png", b"\x89PNG"),
    ]);
    let read = text("letter.docx", &word);
    let all = said(&read);
    assert_eq!(read.sort, Sort::Document);
    for words in [
        "Dear Tom & Amy,\n",
        "we met Ellis",
        "[struck out: and Bob]",
        "heading: Confidential",
        "comments: Ask Priya",
        "properties: Grace Hope",
    ] {
        assert!(all.contains(words), "{words:?} in {all}");
    }
    assert_eq!(read.unread.len(), 1, "{:?}", read.unread);
    let open = archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", br#"<o:c xmlns:o="o" xmlns:text="t"><text:p>One<text:s/>two<text:line-break/>three</text:p><text:h>Head</text:h></o:c>"#),
    ]);
    assert_eq!(said(&text("a.odt", &open)), ": One two\nthree\nHead\n\n");
    let book = archive(&[
        ("xl/workbook.xml", br#"<w><sheets><sheet name="Staff"/></sheets></w>"#),
        ("xl/sharedStrings.xml", br#"<sst><si><t>Tom</t></si><si><r><t>El</t></r><r><t>lis</t></r></si></sst>"#),
        ("xl/worksheets/sheet1.xml", br#"<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c><v>42</v></c></row><row><c t="inlineStr"><is><t>in line</t></is></c></row></sheetData></worksheet>"#),
    ]);
    let read = text("list.xlsx", &book);
    assert_eq!(
        (read.sort, said(&read).as_str()),
        (Sort::Sheet, "Staff: Tom\tEllis\t42\nin line\n\nnames in the workbook: Staff\n\n")
    );
}

#[test]
fn mail_is_read_with_its_attachments_and_mail_inside_mail() {
    let mail = "From: Tom Ellis <tom@x.example>\r\nTo: amy@x.example\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee Bob.\r\n--b\r\nContent-Type: text/csv; name=\"staff.csv\"\r\nContent-Disposition: attachment; filename=\"staff.csv\"\r\n\r\nname,phone\r\nPriya,01632 960001\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: deep@x.example\r\nSubject: inner\r\n\r\nGrace was here.\r\n--b\r\nContent-Type: image/png; name=p.png\r\nContent-Disposition: attachment; filename=p.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
    let read = text("m.eml", mail.as_bytes());
    let all = said(&read);
    for words in [
        "Tom Ellis <tom@x.example>",
        "Subject: Café",
        "See Bob.",
        "attachment 1: name,phone\nPriya",
        "Attachment 1: staff.csv",
        "Grace was here.",
    ] {
        assert!(all.contains(words), "{words:?} in {all}");
    }
    assert!(
        read.unread.iter().any(|unread| unread.what == "attachment 3" && unread.why.contains("picture")),
        "{:?}",
        read.unread
    );
    assert_eq!(text("noname", mail.as_bytes()).sort, Sort::Mail, "told by its headings");
}

#[test]
fn what_a_file_in_a_message_is_called_is_a_word_of_its_text() {
    let attached = "From: tom@x.example\r\nTo: amy@x.example\r\nX-Sender: =?utf-8?B?U3R1YXJ0IFdyYXk=?=\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee it.\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"Beth Onslow.txt\"\r\n\r\nHello.\r\n--b--\r\n";
    let read = text("m.eml", attached.as_bytes());
    // What a heading hides, and what a file is called, are words of the text; no part is called after anybody.
    assert!(
        said(&read).contains("X-Sender: Stuart Wray")
            && said(&read).contains("Attachment 1: Beth Onslow.txt"),
        "{read:?}"
    );
    assert!(read.parts.iter().all(|part| !part.name.contains("Beth")), "{read:?}");
}

#[test]
fn headings_that_say_where_a_message_went_are_read() {
    let mail = "Return-Path: <bounce@x.example>\r\nDelivered-To: hidden@x.example\r\nReceived: from a.example\r\n by b.example for <bcc@x.example>; Mon, 2 Nov 2026 10:00:00 +0000\r\nSender: =?utf-8?q?Zo=C3=AB?= <zoe@x.example>\r\nFrom: tom@x.example\r\nTo: amy@x.example\r\nSubject: Lunch\r\n\r\nSee you.\r\n";
    let all = said(&text("m.eml", mail.as_bytes()));
    for words in ["bounce@x.example", "hidden@x.example", "bcc@x.example", "Zoë", "zoe@x.example"] {
        assert!(all.contains(words), "{words:?} in {all}");
    }
}

#[test]
fn what_lies_beside_the_text_of_documents_is_read_or_listed() {
    let word = archive(&[
        ("word/document.xml", br#"<w:document xmlns:w="w"><w:body><w:ins w:author="Bob Inserter"><w:p><w:r><w:t>Dear</w:t></w:r></w:p></w:ins><wp:docPr id="1" descr="Photo of Priya"/></w:body></w:document>"#),
        ("word/comments.xml", br#"<w:comments xmlns:w="w"><w:comment w:author="Bob Jones" w:initials="BJ"><w:p/></w:comment></w:comments>"#),
        ("word/_rels/document.xml.rels", br#"<R><Relationship Target="mailto:bob@x.example" TargetMode="External"/><Relationship Target="styles.xml"/></R>"#),
        ("docProps/app.xml", b"<Properties><Manager>Grace Hope</Manager></Properties>"),
        ("docProps/custom.xml", b"<Properties><property><lpwstr>Client Amy</lpwstr></property></Properties>"),
        ("word/glossary/document.xml", b"<w/>"),
        ("word/styles.xml", b"<w/>"),
    ]);
    let read = text("letter.docx", &word);
    let all = said(&read);
    for words in
        ["Bob Inserter", "Photo of Priya", "Bob Jones", "mailto:bob@x.example", "Grace Hope", "Client Amy"]
    {
        assert!(all.contains(words), "{words:?} in {all}");
    }
    let unread: Vec<&str> = read.unread.iter().map(|unread| unread.what.as_str()).collect();
    assert_eq!(unread, ["word/glossary/document.xml"]);
    let book = archive(&[
        ("xl/workbook.xml", br#"<w><sheets><sheet name="Staff"/></sheets></w>"#),
        ("xl/sharedStrings.xml", b"<sst><si><t>Tom</b></sst>"),
        ("xl/worksheets/people.xml", br#"<worksheet><sheetData><row><c t="inlineStr"><is><t>in line</t></is></c><c><f>"Ann"&amp;A1</f><v>1</v></c></row></sheetData><headerFooter><oddHeader>Printed for Bob</oddHeader></headerFooter></worksheet>"#),
        ("xl/drawings/drawing1.xml", b"<d><t>In a box</t></d>"),
        ("xl/pivotCache/pivotCacheRecords1.xml", b"<p/>"),
    ]);
    let read = text("list.xlsx", &book);
    let all = said(&read);
    for words in ["in line", "Ann", "Printed for Bob", "In a box"] {
        assert!(all.contains(words), "{words:?} in {all}");
    }
    let unread: Vec<&str> = read.unread.iter().map(|unread| unread.what.as_str()).collect();
    assert_eq!(unread, ["xl/sharedStrings.xml", "xl/pivotCache/pivotCacheRecords1.xml"]);
}

#[test]
fn names_that_somebody_gave_to_parts_of_a_document_are_read() {
    let word = archive(&[
        ("word/document.xml", br#"<w:document xmlns:w="w"><w:body><w:p><w:bookmarkStart w:id="0" w:name="Priya_Bookmark"/><w:bookmarkStart w:id="1" w:name="_GoBack"/><w:sdt><w:sdtPr><w:alias w:val="Field for Amy Alias"/><w:tag w:val="Tag Grace"/><w:dropDownList><w:listItem w:displayText="Tom Choice" w:value="Bob Value"/></w:dropDownList></w:sdtPr></w:sdt><w:ffData><w:name w:val="Form Ines"/><w:default w:val="Default Olu"/></w:ffData><w:hyperlink w:anchor="Anchor_Zoe"/></w:p></w:body></w:document>"#),
        ("word/numbering.xml", br#"<w:numbering xmlns:w="w"><w:lvl><w:lvlText w:val="Witness Nair %1."/></w:lvl><w:lvl><w:lvlText w:val="%1."/></w:lvl></w:numbering>"#),
        ("word/styles.xml", br#"<w:styles xmlns:w="w"><w:style><w:name w:val="heading 1"/></w:style><w:style><w:name w:val="List Bullet 2"/></w:style><w:style><w:name w:val="Normal Kamala"/></w:style></w:styles>"#),
        ("word/theme/theme1.xml", br#"<a:theme xmlns:a="a" name="Theme of Yusuf"><a:clrScheme name="Office"/></a:theme>"#),
        ("word/settings.xml", br#"<w:settings xmlns:w="w"><w:docVars><w:docVar w:name="Client" w:val="Wren Variable"/></w:docVars></w:settings>"#),
    ]);
    let read = text("a.docx", &word);
    let all = said(&read);
    for words in [
        "Priya_Bookmark",
        "Amy Alias",
        "Tag Grace",
        "Tom Choice",
        "Bob Value",
        "Form Ines",
        "Default Olu",
        "Anchor_Zoe",
        "Witness Nair",
        "Normal Kamala",
        "Theme of Yusuf",
        "Wren Variable",
    ] {
        assert!(all.contains(words), "{words:?} in {all}");
    }
    for words in ["_GoBack", "heading 1", "List Bullet", "Office"] {
        assert!(!all.contains(words), "{words:?} in {all}");
    }
    assert!(read.unread.is_empty(), "{:?}", read.unread);
    let book = archive(&[
        ("xl/workbook.xml", br#"<w><sheets><sheet name="Priya Sheet"/></sheets></w>"#),
        ("xl/worksheets/sheet1.xml", b"<s><row><c><v>1</v></c></row></s>"),
        ("xl/styles.xml", br#"<s><cellStyle name="Normal"/><cellStyle name="Kamala cells"/></s>"#),
        ("xl/tables/table1.xml", br#"<t displayName="TableOfAmy"><tableColumn name="Tom Column"/></t>"#),
    ]);
    let all = said(&text("a.xlsx", &book));
    for words in ["Priya Sheet", "Kamala cells", "TableOfAmy", "Tom Column"] {
        assert!(all.contains(words), "{words:?} in {all}");
    }
}

/// A PDF of one page with this content, and whatever more its objects say.
fn page(content: &str, catalogue: &str, more: &[String]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalogue} >>"),
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
    ];
    objects.extend(more.iter().cloned());
    let (mut out, mut places) = (String::from("%PDF-1.7\n"), Vec::new());
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let start = out.len();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    let size = objects.len() + 1;
    out.push_str(&format!("trailer << /Size {size} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    out.into_bytes()
}

#[test]
fn labels_destinations_and_properties_of_any_name_are_read() {
    let file = page(
        "BT /F1 12 Tf 50 780 Td (Signed.) Tj ET",
        "/PageLabels << /Nums [0 << /P (Label Priya ) /S /D >>] >> /Names << /Dests << /Names [(Place Nair) [4 0 R /Fit]] >> >> /Dests << /KamalaDest [4 0 R /Fit] >>",
        &["<< /Client (Wren Novak) /CreationDate (D:20260101) >>".to_owned()],
    );
    let all = said(&text("a.pdf", &file));
    for words in ["Label Priya", "Place Nair", "KamalaDest", "Wren Novak"] {
        assert!(all.contains(words), "{words:?} in {all}");
    }
    assert!(!all.contains("D:2026"), "{all}");
}

#[test]
fn letters_that_stand_apart_end_a_word_where_a_blank_is_drawn() {
    let file = page("BT /F1 12 Tf 6 Tc 50 780 Td (PRIYA NAIR) Tj ET", "", &["<< >>".to_owned()]);
    assert_eq!(text("a.pdf", &file).parts[0].text, "P R I Y A  N A I R");
}

#[test]
fn a_page_whose_columns_are_drawn_line_by_line_is_read_as_it_lies_there_as_well() {
    // Two columns, each line of both drawn before the next: the name is parted by the other column.
    let mut content = String::from("BT /F1 11 Tf ");
    let left = ["We heard that Priya", "Nair had left early", "and said so to all."];
    let right = ["The second column", "goes on beside it", "down to the end."];
    for (line, (left, right)) in left.iter().zip(right).enumerate() {
        let y = 780 - line * 14;
        content.push_str(&format!("1 0 0 1 50 {y} Tm ({left}) Tj 1 0 0 1 320 {y} Tm ({right}) Tj "));
    }
    content.push_str("ET");
    let file = page(&content, "", &["<< >>".to_owned()]);
    let read = text("a.pdf", &file);
    assert!(!read.parts[0].text.replace('\n', " ").contains("Priya Nair"), "{read:?}");
    let (place, lying) = read
        .parts
        .iter()
        .enumerate()
        .find(|(_, part)| part.name.contains("as it lies there"))
        .expect("it is read a second time");
    let at = lying.text.find("Priya\nNair").expect("the name is whole");
    // What is taken out there is taken out of the page, wherever it is drawn.
    let removal = Removal { part: place, span: at..at + 10, instead: "[removed]".into() };
    let made = without(&file, "x", &[removal]).unwrap();
    let looked = everything("x.pdf", &made);
    let all = [looked.shown, looked.beside].concat().join("\n");
    assert!(!all.contains("Priya") && !all.contains("Nair"), "{all}");
    assert!(all.contains("had left early") && all.contains("goes on beside it"), "{all}");
    // A page that is drawn as it is read is read once.
    assert_eq!(text("b.pdf", &pdf(&[vec!["One line.".into(), "Another line.".into()]], "x")).parts.len(), 2);
}

#[test]
fn every_place_in_a_finished_file_is_looked_at() {
    let secret = "Kamala Whitlock";
    let plain = "BT /F1 12 Tf 50 780 Td (Signed.) Tj ET";
    let stream =
        |dict: &str, bytes: &str| format!("<< {dict} /Length {} >>\nstream\n{bytes}\nendstream", bytes.len());
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let wide: String = secret.encode_utf16().map(|unit| format!("{unit:04x}")).collect();
    let info = "<< >>".to_owned();
    let mut planted: Vec<(&str, Vec<u8>)> = vec![
        ("text", page(&plain.replace("Signed", secret), "", std::slice::from_ref(&info))),
        ("properties", page(plain, "", &[format!("<< /Author ({secret}) >>")])),
        ("properties of its own", page(plain, "", &[format!("<< /Client <FEFF{wide}> >>")])),
        (
            "metadata",
            page(
                plain,
                "/Metadata 7 0 R",
                &[
                    info.clone(),
                    stream(
                        "/Type /Metadata /Subtype /XML",
                        &format!("<x><dc:creator xmlns:dc=\"d\">{secret}</dc:creator></x>"),
                    ),
                ],
            ),
        ),
        (
            "bookmark",
            page(
                plain,
                "/Outlines << /First 7 0 R /Last 7 0 R /Count 1 >>",
                &[info.clone(), format!("<< /Title <{hex}> >>")],
            ),
        ),
        (
            "thumbnail",
            page(
                plain,
                "/Thumb 7 0 R",
                &[
                    info.clone(),
                    stream(
                        "/Type /XObject /Subtype /Image /Width 5 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /ASCIIHexDecode",
                        &format!("{hex}>"),
                    ),
                ],
            ),
        ),
        (
            "attachment",
            page(
                plain,
                "/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /F (a) /EF << /F 7 0 R >> >>] >> >>",
                &[info.clone(), stream("/Type /EmbeddedFile /Filter /ASCIIHexDecode", &format!("{hex}>"))],
            ),
        ),
        (
            "page label",
            page(
                plain,
                &format!("/PageLabels << /Nums [0 << /P ({secret}) >>] >>"),
                std::slice::from_ref(&info),
            ),
        ),
        (
            "destination",
            page(plain, "/Dests << /Kamala#20Whitlock [4 0 R /Fit] >>", std::slice::from_ref(&info)),
        ),
        (
            "an object that nothing leads to",
            page(plain, "", &[info.clone(), format!("<< /Left ({secret}) >>")]),
        ),
        (
            "behind the end",
            [page(plain, "", std::slice::from_ref(&info)), format!("% {secret}").into_bytes()].concat(),
        ),
    ];
    let word = |body: &str| {
        archive(&[(
            "word/document.xml",
            format!("<w:d xmlns:w=\"w\"><w:p><w:t>{body}</w:t></w:p></w:d>").as_bytes(),
        )])
    };
    let inside = word(secret);
    let attached: String = inside.iter().map(|byte| format!("{byte:02x}")).collect();
    planted.extend([
        ("an archive attached", page(plain, "", &[info.clone(), stream("/Type /EmbeddedFile /Filter /ASCIIHexDecode", &format!("{attached}>"))])),
        ("a member of an archive", archive(&[("word/document.xml", b"<w/>"), ("docProps/thumbnail.jpeg", secret.as_bytes())])),
        ("the name of a member", archive(&[("word/document.xml", b"<w/>"), (secret, b"x")])),
        ("an archive in an archive", archive(&[("word/document.xml", b"<w/>"), ("word/embeddings/a.docx", &inside)])),
        ("a message", format!("From: a@x.example\r\nTo: b@x.example\r\nSubject: {secret}\r\n\r\nhi").into_bytes()),
        ("a packed part of a message", b"From: a@x.example\r\nTo: b@x.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgpLYW1hbGEgV2hpdGxvY2s=\r\n--b--\r\n".to_vec()),
    ]);
    for (place, bytes) in planted {
        let name = if place.contains("message") { "x.eml" } else { "x" };
        let looked = everything(name, &bytes);
        let all = [looked.shown, looked.beside].concat().join("\n");
        assert!(all.contains(secret), "not looked at: {place}");
    }
    // And a file that has it nowhere has it nowhere.
    let clean = everything("x.pdf", &page(plain, "", &[info]));
    assert!(![clean.shown, clean.beside].concat().join("\n").contains(secret));
}

#[test]
fn what_lies_beside_the_pages_of_a_pdf_is_read_or_listed() {
    // A note with an appearance, a link, and a file attached; letters drawn as curves.
    let page = pdf(
        &[vec!["Signed.".to_owned()]],
        "x) /RC (Rich Bob) /A << /URI (mailto:bob@x.example) >> /AP << /N 9 0 R >> /FS << /Type /Filespec /EF << /F 9 0 R >> >> /Y (y",
    );
    let read = text("a.pdf", &page);
    let (all, whats) = (said(&read), |read: &Reading| {
        read.unread.iter().map(|unread| unread.what.clone()).collect::<Vec<_>>().join(", ")
    });
    assert!(all.contains("Rich Bob") && all.contains("mailto:bob@x.example"), "{all}");
    let listed = whats(&read);
    assert!(listed.contains("a file attached to it") && listed.contains("notes and fields"), "{listed}");
    let plain = String::from_utf8(pdf(&[vec!["plain ".repeat(40)]], "x")).unwrap();
    assert_eq!(whats(&text("a.pdf", plain.as_bytes())), "");
    // As long as before, so that every place in the file stays right.
    let shapes = ") Tj 0 0 m 1 1 2 2 9 3 c f 0 0 m 1 1 2 2 9 3 c f 0 0 m 1 1 2 2 9 3 c f (";
    let drawn = plain.replacen(&"plain ".repeat(40)[..shapes.len()], shapes, 1);
    assert!(
        text("a.pdf", drawn.as_bytes()).unread.iter().any(|unread| unread.why.contains("drawn shapes")),
        "{:?}",
        text("a.pdf", drawn.as_bytes()).unread
    );
}

#[test]
fn text_pages_and_what_is_not_read() {
    assert_eq!(said(&text("a.txt", "Zoë rang".as_bytes())), ": Zoë rang\n");
    assert_eq!(
        said(&text("a.txt", b"Zo\xEB rang, she said it was fine")),
        ": Zoë rang, she said it was fine\n"
    );
    let page = b"<html><body><script>var tom=1</script><p>Tom &amp; Amy</p><a href=\"mailto:bob@x.example\">write</a><!-- Priya --></body></html>";
    let all = said(&text("a.html", page));
    assert!(
        all.contains("Tom & Amy")
            && all.contains("bob@x.example")
            && all.contains("Priya")
            && !all.contains("var"),
        "{all}"
    );
    for (name, bytes, why) in [
        ("a.png", &b"\x89PNG\r\n"[..], "picture"),
        ("a.doc", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1][..], "older Word"),
        ("a.bin", &[0, 1, 2, 3, 4, 5, 6][..], "not read here"),
        ("a.zip", &archive(&[("x.txt", b"Tom")])[..], "archive"),
        ("a.pdf", &b"%PDF-1.7 nothing"[..], "damaged"),
        ("a.txt", &b""[..], "empty"),
    ] {
        let read = text(name, bytes);
        assert!(read.parts.is_empty() && read.unread[0].why.contains(why), "{name}: {read:?}");
    }
}

#[test]
fn bombs_stay_small() {
    let much = vec![b'a'; 200 * 1024 * 1024];
    let bomb = archive(&[("word/document.xml", &much)]);
    assert!(bomb.len() < 1024 * 1024);
    assert!(text("bomb.docx", &bomb).unread[0].why.contains("unpacks to more"));
    let laughs = br#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><w:document xmlns:w="w"><w:p><w:t>&c;end</w:t></w:p></w:document>"#;
    let read = text("laughs.docx", &archive(&[("word/document.xml", laughs)]));
    assert!(said(&read).len() < 100, "{read:?}");
    let deep = "<a>".repeat(200_000);
    let _ = text("deep.docx", &archive(&[("word/document.xml", deep.as_bytes())]));
    let mut nested = b"From: a@x.example\r\nSubject: end\r\n\r\nDeepest.".to_vec();
    for _ in 0..40 {
        nested =
            [b"From: a@x.example\r\nSubject: s\r\nContent-Type: message/rfc822\r\n\r\n".as_slice(), &nested]
                .concat();
    }
    let _ = text("nested.eml", &nested);
}

#[test]
fn a_pdf_is_read_page_by_page_with_what_lies_beside_its_pages() {
    let file = pdf(
        &[vec!["Minutes of the meeting".into(), "Tom Ellis was away.".into()], vec!["Second page".into()]],
        "Priya Raman",
    );
    let read = text("m.pdf", &file);
    assert_eq!(read.sort, Sort::Pdf);
    assert_eq!(read.parts[0].text, "Minutes of the meeting\nTom Ellis was away.");
    assert_eq!((read.parts[1].name.as_str(), read.parts[1].text.as_str()), ("page 2", "Second page"));
    assert!(read.parts[2].text.contains("Priya Raman"), "{read:?}");
}

#[test]
fn what_is_removed_from_a_pdf_is_in_no_byte_of_it() {
    let file = pdf(&[vec!["We met Tom Ellis and Amy at noon.".into()]], "Secret Author");
    let words = text("m.pdf", &file).parts[0].text.clone();
    let at = words.find("Tom Ellis").unwrap();
    let removal = Removal { part: 0, span: at..at + 9, instead: "[removed: another person]".into() };
    let made = without(&file, "A document", &[removal]).unwrap();
    if let Some(place) = std::env::var_os("PROBITY_KEEP_PDF") {
        std::fs::write(place, &made).unwrap();
    }
    let looked = everything("m.pdf", &made);
    let all = [looked.shown, looked.beside].concat().join("\n");
    assert!(
        all.contains("We met [removed: another person] and Amy at noon."),
        "what stays is the picture's alternative"
    );
    for gone in ["Ellis", "Secret Author"] {
        assert!(!all.contains(gone), "{gone} is still in it");
    }
    assert!(looked.closed.is_empty(), "{:?}", looked.closed);
    // The look itself sees what is there.
    let before = everything("m.pdf", &file);
    assert!(before.shown.concat().contains("Tom Ellis") && before.beside.concat().contains("Secret Author"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever is on the pages and whatever is taken out: none of it is in any byte afterwards.
    #[test]
    fn no_removed_word_is_anywhere_in_what_was_made_anew(
        lines in prop::collection::vec(prop::collection::vec("[a-z]{2,9}", 1..7), 1..9),
        which in prop::collection::vec((0usize..9, 0usize..7), 1..6),
    ) {
        // Each word has a sign of its own, so that none stands in another.
        let lines: Vec<Vec<String>> = lines.iter().enumerate().map(|(row, words)| words.iter().enumerate().map(|(column, word)| format!("{word}q{row}x{column}z")).collect()).collect();
        let file = pdf(&[lines.iter().map(|words| words.join(" ")).collect()], "beside");
        let page = text("x.pdf", &file).parts[0].text.clone();
        let gone: Vec<&String> = which.iter().filter_map(|(row, column)| lines.get(*row)?.get(*column)).collect();
        let removals: Vec<Removal> = gone.iter().map(|word| {
            let at = page.find(word.as_str()).expect("every word is read");
            Removal { part: 0, span: at..at + word.len(), instead: "[removed]".into() }
        }).collect();
        let made = without(&file, "x", &removals).unwrap();
        let looked = everything("x.pdf", &made);
        let all = [looked.shown, looked.beside].concat().join("\n");
        for word in &gone {
            prop_assert!(!all.contains(word.as_str()), "{word}");
        }
        for word in lines.iter().flatten().filter(|word| !gone.contains(word)) {
            prop_assert!(all.contains(word.as_str()), "{word} should have stayed");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Files broken anywhere are read, or unread with a reason; they end nothing.
    #[test]
    fn broken_files_end_nothing(sort in 0usize..4, edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), cut in any::<prop::sample::Index>()) {
        let mut bytes = match sort {
            0 => pdf(&[vec!["Tom Ellis".into(), "Amy".into()]], "beside"),
            1 => archive(&[("word/document.xml", br#"<w:d xmlns:w="w"><w:p><w:t>Tom &amp; Amy</w:t></w:p></w:d>"#)]),
            2 => archive(&[("xl/workbook.xml", b"<w/>"), ("xl/worksheets/sheet1.xml", br#"<s><row><c t="s"><v>0</v></c></row></s>"#)]),
            _ => b"From: a@x.example\r\nTo: b@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b--".to_vec(),
        };
        for (place, byte) in edits {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let read = text("x", &bytes);
        prop_assert!(read.parts.len() + read.unread.len() > 0 || read.sort != Sort::Other);
    }
}
