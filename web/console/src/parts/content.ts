// A message's content in words.
import { t, timeOfDay } from "../i18n";
import type { Content, Notice } from "../wire/protocol";

export function noticeText(notice: Notice): string {
  switch (notice.word) {
    case "joined": return t("notice.joined", { who: notice.display });
    case "left": return t("notice.left", { who: notice.display });
    case "to_auto": return t("notice.to_auto");
    case "to_human": return t("notice.to_human");
    case "transferred": return t("notice.transferred", { to: notice.to });
    case "customer_gone": return t("notice.customer_gone");
    case "customer_back": return t("notice.customer_back");
    case "closes_soon": return t("notice.closes_soon", { at: timeOfDay(notice.at) });
  }
}

/** One line, for lists and quotes. */
export function contentLine(content: Content): string {
  switch (content.kind) {
    case "text": return content.text;
    case "file": return t("chat.file", { name: content.name });
    case "notice": return noticeText(content);
    case "masked": return t("chat.masked");
  }
}
