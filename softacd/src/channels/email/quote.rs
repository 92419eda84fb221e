//! What somebody has written themselves in an answer, without the letter they answer below it.
//!
//! Programs put that there in a few known forms. Only a tail is taken away, only behind something that was written, and
//! only where every line of it is part of such a form: answers between the lines of a quotation stay as they are.

/// The lines of a block of headers that may stand between its first and its last, in either language.
const HEADERS: usize = 8;

/// `text` without the tail that is quoted.
pub(super) fn own(text: &str) -> &str {
    let lines: Vec<&str> = text.split('\n').collect();
    // From here on there is nothing but a quotation; where its last line is none, that is nowhere.
    let marked = |line: &str| line.trim_start().starts_with('>');
    let is_tail = |line: &&&str| line.trim().is_empty() || marked(line);
    let tail = lines.len() - lines.iter().rev().take_while(is_tail).count();
    let tail = if lines[tail..].iter().any(|line| marked(line)) { tail } else { lines.len() + 1 };
    let begins = (0..lines.len()).find(|&at| quoted_from(&lines, at, tail));
    let Some(begins) = begins else { return text.trim_end() };
    let end: usize = lines[..begins].iter().map(|line| line.len() + 1).sum();
    let own = text[..end.min(text.len())].trim_end();
    // Nothing above it: they have written below or between, or nothing at all.
    if own.trim().is_empty() { text.trim_end() } else { own }
}

/// Whether everything from the line `at` on is a quoted letter; `tail` is where lines that are marked so begin.
fn quoted_from(lines: &[&str], at: usize, tail: usize) -> bool {
    let line = lines[at].trim();
    if is_rule(line) || is_block(&lines[at..]) {
        return true;
    }
    // The line before a quotation, which may be broken into two.
    let behind = if is_before(line) {
        at + 1
    } else if begins_before(line) && lines.get(at + 1).is_some_and(|next| ends_before(next.trim())) {
        at + 2
    } else {
        return false;
    };
    behind >= tail
}

/// A line that programs draw above the letter that is answered.
fn is_rule(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("--") else { return false };
    let words = rest.trim_matches(|c: char| c == '-' || c.is_whitespace()).to_lowercase();
    let known = [
        "original message",
        "original appointment",
        "原始邮件",
        "原邮件",
        "原始郵件",
        "回复的原邮件",
        "回复的邮件",
    ];
    rest.ends_with('-') && known.contains(&words.as_str())
}

/// A block of headers as Outlook and its like put it above: who, when, to whom, about what.
fn is_block(lines: &[&str]) -> bool {
    let name = |line: &str| {
        let line = line.trim().trim_start_matches('*');
        let (name, _) = line.split_once([':', '：'])?;
        Some(name.trim().trim_matches('*').to_lowercase())
    };
    let is = |line: &str, known: &[&str]| name(line).is_some_and(|name| known.contains(&name.as_str()));
    if !is(lines[0], &["from", "发件人", "寄件者", "寄件人"]) {
        return false;
    }
    let block: Vec<&str> =
        lines.iter().skip(1).take(HEADERS).take_while(|line| !line.trim().is_empty()).copied().collect();
    let has = |known: &[&str]| block.iter().any(|line| is(line, known));
    has(&["sent", "date", "发送时间", "日期", "时间", "傳送時間"])
        && has(&["to", "收件人", "收件者"])
        && has(&["subject", "主题", "主旨"])
}

/// `On Monday, Ann wrote:`, `在 2026年1月5日，小李写道：` and the like.
fn is_before(line: &str) -> bool {
    begins_before(line) && ends_before(line)
}

fn begins_before(line: &str) -> bool {
    // Bounded: a whole paragraph is no such line.
    line.len() <= 400
        && (line.starts_with("On ")
            || line.starts_with('在')
            || line.starts_with("Am ")
            || line.starts_with("Le ")
            || line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(['@', '于', '年'])
            || line.contains('@') && line.contains('于'))
}

fn ends_before(line: &str) -> bool {
    let Some(words) = line.strip_suffix([':', '：']) else { return false };
    let words = words.trim_end().to_lowercase();
    ["wrote", "writes", "写道", "寫道", "schrieb", "a écrit"].iter().any(|end| words.ends_with(end))
        || words.contains("schrieb ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_that_is_answered_is_taken_away_in_english_and_chinese() {
        for tail in [
            "On Mon, 5 Jan 2026 at 10:00, Support <support@shop.example> wrote:\n> Hello\n>\n> Yes?",
            "On Mon, 5 Jan 2026 at 10:00, The Support Team of the Shop\n<support@shop.example> wrote:\n\n> Hello\n",
            "在 2026年1月5日，周一，Support <support@shop.example> 写道：\n\n> 您好\n> 请问？\n",
            "在 2026-01-05 10:00:00，\"Support\" <support@shop.example> 写道:\n>您好",
            "Support <support@shop.example> 于2026年1月5日周一 10:00写道：\n\n> 您好",
            "2026年1月5日 10:00，Support <support@shop.example> 写道：\n> 您好",
            "-----Original Message-----\nFrom: Support\nHello",
            "------------------ 原始邮件 ------------------\n发件人: \"Support\"\n您好",
            "From: Support <support@shop.example>\nSent: Monday, January 5, 2026 10:00 AM\nTo: Ann\nSubject: RE: Order\n\nHello",
            "*From:* Support\n*Date:* Monday\n*To:* Ann\n*Cc:* Bo\n*Subject:* Order\n\nHello\nmore",
            "发件人: Support\n发送时间: 2026年1月5日\n收件人: Ann\n主题: 回复: 订单\n\n您好",
            "发件人：Support\n日期：2026年1月5日\n收件人：Ann\n主题：订单\n您好",
            "Am 05.01.2026 um 10:00 schrieb Support:\n> Hallo",
        ] {
            let text = format!("It is broken.\n\nAnn\n\n{tail}");
            assert_eq!(own(&text), "It is broken.\n\nAnn", "{tail}");
        }
    }

    #[test]
    fn what_somebody_wrote_stays() {
        for text in [
            "On Monday I wrote:\nplease call me.",
            "> Is it red?\nYes.\n> Is it big?\nNo.",
            "On Monday, Support wrote:\n> Is it red?\nYes, it is.",
            "Between:\nOn Monday, Support wrote:\n> Is it red?\n\nYes.\n> Is it big?\nNo.",
            "On Monday, Support wrote:\n> Is it red?\n> Is it big?",
            "From: Hamburg\nTo: Bremen\nHow much is it?",
            "发件人: 我\n您好",
            "--\nAnn",
            "Costs:\n> 100 for the one\n> 200 for the other",
            "-----Original Message-----\nnothing above",
            "在上海，我写道：你好",
            "",
        ] {
            assert_eq!(own(text), text.trim_end(), "{text}");
        }
    }
}
