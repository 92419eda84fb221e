// A customer's lines as quoted to a colleague.
import { t } from "../i18n";
import type { Quote } from "../wire/protocol";
import s from "./quote.module.css";

export function QuoteBlock({ quote }: { quote: Quote }) {
  return (
    <blockquote className={s.quote}>
      <cite>{t("quote.from", { who: quote.customer })}</cite>
      {quote.lines.map(([who, line], i) => <p key={i}><b>{who}</b> {line}</p>)}
    </blockquote>
  );
}
