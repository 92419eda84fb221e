// By what a customer comes: an icon and what is behind the scheme of their URI.
import { Globe, IdCard, MessageCircle, Phone, type LucideIcon } from "lucide-react";
import { tWord } from "../i18n";

const ICONS: Record<string, LucideIcon> = { tel: Phone, sip: Phone, web: Globe, customer: IdCard, channel: MessageCircle };

/** By which kind of way somebody comes, and by which one. */
export function Way({ user }: { user: string }) {
  const at = user.indexOf(":");
  const scheme = user.slice(0, at);
  const Icon = ICONS[scheme] ?? MessageCircle;
  return <><Icon size={14} aria-hidden="true" /> <span className="sr-only">{tWord("way", scheme)}</span> {user.slice(at + 1)}</>;
}
