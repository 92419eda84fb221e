// What people and parts are called on the screen.
import { t } from "../i18n";
import type { Author, Colleague } from "../wire/protocol";
import { nameOf } from "../store/state";

/** The name a customer gave, or their number, or "a visitor". */
export function customerOf(who: { user: string; display: string | null }): string {
  if (who.display !== null && who.display !== "") return who.display;
  const [scheme, rest = who.user] = [who.user.split(":")[0], who.user.slice(who.user.indexOf(":") + 1)];
  if (scheme === "web") return t("contact.visitor", { id: rest.slice(-4) });
  return rest;
}

export function authorOf(by: Author, customer: string): string {
  switch (by.is) {
    case "customer": return customer;
    case "agent": return by.display === "" ? nameOf(by.agent) : by.display;
    case "automation": return t("author.automation");
    case "centre": return t("author.centre");
  }
}

export function displayOf(people: readonly Colleague[], agent: string): string {
  return people.find((p) => p.agent === agent)?.display ?? nameOf(agent);
}
