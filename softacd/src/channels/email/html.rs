//! The text of a letter that comes as HTML: what is read on a screen, with what is quoted marked by `> ` as in plain letters.

use mail_parser::decoders::html::add_html_token;

/// The deepest quotation that is marked.
const DEEPEST: usize = 8;
/// The longest entity, `&CounterClockwiseContourIntegral;`.
const ENTITY: usize = 40;

/// What is read while the page is walked through.
#[derive(Default)]
struct Page {
    out: String,
    /// The line that is being written.
    line: String,
    /// How many quotations are open.
    deep: usize,
    /// The element whose content is not shown, while it is open.
    hidden: Option<String>,
    blank: bool,
}

/// The text of `html`.
pub(super) fn text(html: &str) -> String {
    let mut page = Page::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        page.shows(&rest[..at]);
        let tag = &rest[at..];
        if !tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            // No tag begins so.
            page.shows("<");
            rest = &tag[1..];
            continue;
        }
        let end = match tag.strip_prefix("<!--") {
            Some(comment) => comment.find("-->").map(|end| end + 7),
            None => tag.find('>').map(|end| end + 1),
        };
        // What is not closed goes on to the end.
        let end = end.unwrap_or(tag.len());
        page.meets(tag[1..end].trim_end_matches('>'));
        rest = &tag[end..];
    }
    page.shows(rest);
    page.ends();
    page.out.trim_matches('\n').to_owned()
}

impl Page {
    /// Text between tags: blanks are one, entities are what they stand for.
    fn shows(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let entity = (c == '&').then(|| rest.bytes().take(ENTITY).position(|b| b == b';')).flatten();
            let end = match entity {
                Some(end) => {
                    self.space();
                    add_html_token(&mut self.line, &rest.as_bytes()[..=end], false);
                    end + 1
                }
                None => {
                    // A blank that is not to be broken is written on purpose.
                    if c.is_whitespace() && c != '\u{a0}' {
                        self.blank = true;
                    } else {
                        self.space();
                        self.line.push(c);
                    }
                    c.len_utf8()
                }
            };
            rest = &rest[end..];
        }
    }

    fn space(&mut self) {
        if std::mem::take(&mut self.blank) && !self.line.is_empty() {
            self.line.push(' ');
        }
    }

    /// A tag, without its brackets.
    fn meets(&mut self, tag: &str) {
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name: String = tag
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(16)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if let Some(hidden) = &self.hidden {
            if closes && *hidden == name {
                self.hidden = None;
            }
            return;
        }
        match name.as_str() {
            "head" | "style" | "script" | "template" | "title" if !closes && !tag.ends_with('/') => {
                self.hidden = Some(name);
            }
            "br" => self.breaks(),
            "blockquote" => {
                self.ends();
                self.deep = if closes { self.deep.saturating_sub(1) } else { self.deep + 1 };
            }
            "td" | "th" => self.blank = true,
            "p" if closes => {
                self.ends();
                self.breaks();
            }
            "p" | "div" | "tr" | "li" | "ul" | "ol" | "table" | "hr" | "pre" | "section" | "article"
            | "header" | "footer" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "body" => self.ends(),
            _ => {}
        }
    }

    /// A line ends, if one has begun.
    fn ends(&mut self) {
        if !self.line.is_empty() {
            self.breaks();
        }
    }

    /// A line ends; there are no two empty ones together.
    fn breaks(&mut self) {
        self.blank = false;
        let line = std::mem::take(&mut self.line);
        let line = line.trim_end();
        if line.is_empty() && (self.out.is_empty() || self.out.ends_with("\n\n")) {
            return;
        }
        if !line.is_empty() {
            self.out.push_str(&"> ".repeat(self.deep.min(DEEPEST)));
        }
        self.out.push_str(line);
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_is_seen() {
        let page = "<!DOCTYPE html><html><head><title>no</title><style>p > a { x }</style></head><body>\n\
            <p>Dear&nbsp;team,</p>\n<div>it costs 3 &lt; 4 &euro; &#20320;&#x597d; &amp;c. a & b;</div>\
            <script>if (a < b) { alert('no') }</script><!-- > no --><ul><li>one<li>two</ul>last<br>line</body></html>";
        let read = "Dear\u{a0}team,\n\nit costs 3 < 4 € 你好 &c. a & b;\none\ntwo\nlast\nline";
        assert_eq!(text(page), read);
    }

    #[test]
    fn what_is_quoted_is_marked() {
        let page = "<div>Yes.</div><div class=\"gmail_quote\">On Monday, we wrote:<br><blockquote>Is it?<blockquote>\
            So?</blockquote>Well</blockquote></div>";
        assert_eq!(text(page), "Yes.\nOn Monday, we wrote:\n> Is it?\n> > So?\n> Well");
    }

    #[test]
    fn what_is_no_page_does_no_harm() {
        assert_eq!(text("a < b, 1 <2"), "a < b, 1 <2");
        assert_eq!(text("a <b"), "a");
        assert_eq!(text("<"), "<");
        assert_eq!(text("<!-- open"), "");
        assert_eq!(text("</blockquote>x&;&#xffffffff;&nosuch;"), "x&;\u{fffd}&nosuch;");
        assert_eq!(text(&"<blockquote>".repeat(10_000)), "");
    }
}
