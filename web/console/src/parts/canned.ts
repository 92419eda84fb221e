// Replies kept ready: found by `/` and the beginning of a name, names filled in.
import type { CannedReply } from "../wire/protocol";

/** The replies for what stands in the composer; none unless it begins with `/` and is one word. */
export function findCanned(canned: readonly CannedReply[], text: string): CannedReply[] {
  const needle = /^\/(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (needle === undefined) return [];
  return canned.filter((c) => c.name.toLowerCase().includes(needle)).slice(0, 8);
}

export function fillCanned(text: string, names: { customer: string; agent: string }): string {
  return text.replace(/\$\{(customer|agent)\}/g, (_, who: "customer" | "agent") => names[who]);
}
