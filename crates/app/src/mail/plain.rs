//! The plain-text part of a message, written from the same events as its HTML, so that the two say the same: marks of Markdown
//! go, links are written out, lists, headings and line breaks stay as a reader knows them.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

/// How wide a line across is.
const RULE: usize = 10;

/// The text of these events.
pub fn text<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut plain = Plain::default();
    for event in events {
        plain.take(event);
    }
    plain.end();
    plain.out.trim_end().to_owned()
}

/// What a line stands in.
enum Within {
    Quote,
    /// A line of a list; its mark stands before its first line, and as much space before the others.
    Item {
        mark: String,
        begun: bool,
    },
}

#[derive(Default)]
struct Plain {
    out: String,
    /// The words of the block that is being read.
    words: String,
    within: Vec<Within>,
    /// The lists that are open, each with the number of its next line.
    lists: Vec<Option<u64>>,
    /// The links that are open: where they lead, and where in the words they begin.
    links: Vec<(String, usize)>,
    /// Whether a blank line comes before the next block.
    gap: bool,
    in_code: bool,
}

impl Plain {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.close(tag),
            Event::SoftBreak | Event::HardBreak => self.words.push('\n'),
            Event::Rule => {
                self.end();
                self.gap = true;
                self.write(&"-".repeat(RULE));
                self.gap = true;
            }
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.words.push_str(&text),
            Event::TaskListMarker(done) => self.words.push_str(if done { "[x] " } else { "[ ] " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Link { dest_url, .. } => self.links.push((dest_url.into_string(), self.words.len())),
            Tag::List(first) => {
                self.end();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end();
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}. ");
                        *number = number.saturating_add(1);
                        mark
                    }
                    _ => "- ".to_owned(),
                };
                self.within.push(Within::Item { mark, begun: false });
            }
            Tag::BlockQuote(_) => {
                self.end();
                self.within.push(Within::Quote);
            }
            Tag::CodeBlock(_) => {
                self.end();
                self.in_code = true;
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Superscript | Tag::Subscript => {}
            _ => self.end(),
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link => {
                if let Some((to, from)) = self.links.pop() {
                    let shown = self.words.get(from..).unwrap_or_default().trim();
                    let address = to.strip_prefix("mailto:").unwrap_or(&to);
                    if shown != to && shown != address {
                        let address = written(address);
                        self.words.push_str(&format!(" <{address}>"));
                    }
                }
            }
            TagEnd::Heading(level) => {
                let heading = std::mem::take(&mut self.words);
                if heading.trim().is_empty() {
                    return;
                }
                let wide = heading.trim().lines().map(|line| line.chars().count()).max().unwrap_or(0).max(3);
                let below = match level {
                    HeadingLevel::H1 => format!("\n{}", "=".repeat(wide)),
                    HeadingLevel::H2 => format!("\n{}", "-".repeat(wide)),
                    _ => String::new(),
                };
                self.write(&format!("{}{below}", heading.trim()));
                self.gap = true;
            }
            TagEnd::Item => {
                self.end();
                if matches!(self.within.last(), Some(Within::Item { begun: false, .. })) {
                    self.write("");
                }
                self.within.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.end();
                self.within.pop();
                self.gap = true;
            }
            TagEnd::List(_) => {
                self.end();
                self.lists.pop();
                self.gap |= self.lists.is_empty();
            }
            TagEnd::CodeBlock => {
                self.end();
                self.in_code = false;
                self.gap = true;
            }
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript => {}
            _ => {
                self.end();
                self.gap = true;
            }
        }
    }

    /// Writes the words of the block that was read, if it had any.
    fn end(&mut self) {
        let words = std::mem::take(&mut self.words);
        let words = words.trim_end();
        let words = if self.in_code { words.trim_start_matches('\n') } else { words.trim_start() };
        if !words.is_empty() {
            self.write(words);
        }
    }

    /// Writes the lines of a block, a blank line before them where one belongs.
    fn write(&mut self, words: &str) {
        if self.gap && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.gap = false;
        for line in words.split('\n') {
            let mut whole = String::new();
            for within in &mut self.within {
                match within {
                    Within::Quote => whole.push_str("> "),
                    Within::Item { mark, begun: false } => whole.push_str(mark),
                    Within::Item { mark, .. } => whole.push_str(&" ".repeat(mark.len())),
                }
                if let Within::Item { begun, .. } = within {
                    *begun = true;
                }
            }
            if self.in_code {
                whole.push_str("    ");
            }
            whole.push_str(line);
            self.out.push_str(whole.trim_end());
            self.out.push('\n');
        }
    }
}

/// Where a link leads, without what would end it or its line too early.
fn written(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    for c in address.chars() {
        if c.is_control() || c.is_whitespace() || matches!(c, '<' | '>') {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}
