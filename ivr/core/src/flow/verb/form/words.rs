//! The lines that no flow words, in English and Chinese, and the words a customer says between answers.

use crate::flow::verb::reply::{names_a_human, plain};

/// Why an answer does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It has no text.
    Empty,
    /// It has more text than a field takes.
    TooLong,
    /// It has more than one line, or characters that are none.
    OneLine,
    /// It has characters that are none.
    Odd,
    /// It is no number.
    Number,
    /// It is no day.
    Date,
    /// It is none of the options.
    Option,
    /// It is neither yes nor no.
    Tick,
    /// It is a no where the form needs a yes.
    MustBeYes,
}

/// What a customer may say instead of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// To the field before.
    Back,
    /// Away from the form.
    Cancel,
    /// To a human.
    Human,
}

/// The lines and words of one language.
pub(super) struct Words {
    /// How to go back and to cancel; before the first question.
    pub(super) how: &'static str,
    /// Hints for what a field takes.
    pub(super) number: &'static str,
    pub(super) date: &'static str,
    pub(super) lines: &'static str,
    pub(super) listed: &'static str,
    pub(super) unseen: &'static str,
    /// Before the summary.
    pub(super) check: &'static str,
    /// Between a label and its value.
    pub(super) colon: &'static str,
    /// Replies.
    pub(super) leave_out: &'static str,
    pub(super) keep: &'static str,
    pub(super) send: &'static str,
    pub(super) change: &'static str,
    pub(super) cancel: &'static str,
    /// Words; the first stands on the reply.
    pub(super) yes: &'static [&'static str],
    pub(super) no: &'static [&'static str],
    back: &'static str,
    /// Reasons.
    pub(super) first: &'static str,
    pub(super) choose: &'static str,
    empty: &'static str,
    too_long: &'static str,
    one_line: &'static str,
    odd: &'static str,
    no_number: &'static str,
    no_date: &'static str,
    no_option: &'static str,
    no_tick: &'static str,
    must_be_yes: &'static str,
}

static ENGLISH: Words = Words {
    how: "Write “back” to correct the answer before, “cancel” to stop.",
    number: "A number, such as 12 or 1.5",
    date: "A day, such as 2026-01-31",
    lines: "In one message; it may have several lines",
    listed: "Write one of these:",
    unseen: "No agent sees what you write here.",
    check: "Please check what you entered:",
    colon: ": ",
    leave_out: "Leave out",
    keep: "Keep",
    send: "Send",
    change: "Change",
    cancel: "Cancel",
    yes: &["Yes", "y", "ok", "true"],
    no: &["No", "n", "false"],
    back: "back",
    first: "This is the first question.",
    choose: "Please choose one of the replies.",
    empty: "Please write an answer.",
    too_long: "That is too long.",
    one_line: "Please write it in one line.",
    odd: "There are characters in it that cannot be taken.",
    no_number: "That is not a number.",
    no_date: "That is not a day of the calendar.",
    no_option: "That is none of the options.",
    no_tick: "Please answer yes or no.",
    must_be_yes: "Without a yes here the form cannot be sent.",
};

static CHINESE: Words = Words {
    how: "回复“返回”可修改上一项，回复“取消”可结束填写。",
    number: "请填写数字，例如 12 或 1.5",
    date: "请填写日期，例如 2026-01-31",
    lines: "请写在一条消息里，可以分行",
    listed: "请选择其中一项：",
    unseen: "您在此填写的内容坐席无法看到。",
    check: "请核对您填写的内容：",
    colon: "：",
    leave_out: "跳过",
    keep: "保留",
    send: "发送",
    change: "修改",
    cancel: "取消",
    yes: &["是", "是的", "同意", "好"],
    no: &["否", "不是", "不同意", "不"],
    back: "返回",
    first: "这已经是第一项。",
    choose: "请选择下面的一个回复。",
    empty: "请填写内容。",
    too_long: "内容太长。",
    one_line: "请写在一行内。",
    odd: "内容中有无法接受的字符。",
    no_number: "这不是数字。",
    no_date: "这不是有效的日期。",
    no_option: "没有这个选项。",
    no_tick: "请回答是或否。",
    must_be_yes: "此项须选“是”，否则无法发送。",
};

impl Words {
    pub(super) fn of(chinese: bool) -> &'static Self {
        if chinese { &CHINESE } else { &ENGLISH }
    }

    /// Why an answer does not fit, to the customer.
    pub(super) fn reason(&self, refusal: Refusal) -> &'static str {
        match refusal {
            Refusal::Empty => self.empty,
            Refusal::TooLong => self.too_long,
            Refusal::OneLine => self.one_line,
            Refusal::Odd => self.odd,
            Refusal::Number => self.no_number,
            Refusal::Date => self.no_date,
            Refusal::Option => self.no_option,
            Refusal::Tick => self.no_tick,
            Refusal::MustBeYes => self.must_be_yes,
        }
    }
}

/// Whether a message is this word in any language.
pub(super) fn means(text: &str, word: impl Fn(&Words) -> &'static str) -> bool {
    let text = plain(text);
    [&ENGLISH, &CHINESE].iter().any(|words| plain(word(words)) == text)
}

/// Whether a message is one of these words in any language.
pub(super) fn means_one_of(text: &str, words: impl Fn(&Words) -> &'static [&'static str]) -> bool {
    let text = plain(text);
    [&ENGLISH, &CHINESE].iter().flat_map(|all| words(all)).any(|word| plain(word) == text)
}

/// What a customer says instead of an answer; `human`: whether they may ask for one.
pub(super) fn said(text: &str, human: bool) -> Option<Said> {
    if means(text, |words| words.back) {
        return Some(Said::Back);
    }
    if means(text, |words| words.cancel) {
        return Some(Said::Cancel);
    }
    (human && names_a_human(text)).then_some(Said::Human)
}
