// Messaging channels by REST: what is configured, how it fares, and trying it out.
import type { Rest } from "./rest";

/** What is to be given of a channel; `form` says what it looks like. */
export type FieldSpec = { key: string; secret: boolean; required: boolean; own: boolean; form: string };
export type KindSpec = { kind: string; fields: FieldSpec[] };
export type Kinds = { kinds: KindSpec[]; entries: string[] };

/** How a channel fares; times in milliseconds since 1970. */
export type Fares = {
  since: number;
  meets: "called" | "asks";
  verified: number | null;
  last_in: number | null;
  last_out: number | null;
  trouble: { at: number; class: string; words: string } | null;
  failures: number;
  forged: { count: number; last: number } | null;
  token: { is: string; until?: number };
};

export type Channel = {
  name: string; kind: string; entry: string; lang: string; settings: Record<string, string>;
  /** The names of those that are set. */
  secrets: string[];
  version: string;
  state: Fares | null;
};

/** What a channel is to be; a secret that is not named stays, null removes it. */
export type Wish = {
  kind: string; entry: string; lang: string; settings: Record<string, string>; secrets: Record<string, string | null>;
};

export type Tried = { is: "sent" | "later" | "shut" | "refused"; words: string | null };

const pathOf = (name: string): string => `/channels/${encodeURIComponent(name)}`;

export class Channels {
  constructor(private readonly rest: Rest) {}

  async list(): Promise<Channel[]> {
    return (await this.rest.operate<{ data: Channel[] }>("GET", "/channels")).data;
  }

  kinds(): Promise<Kinds> {
    return this.rest.operate("GET", "/channels/kinds");
  }

  one(name: string): Promise<Channel> {
    return this.rest.operate("GET", pathOf(name));
  }

  add(name: string, wish: Wish): Promise<Channel> {
    return this.rest.operate("PUT", pathOf(name), wish, { "If-None-Match": "*" });
  }

  change(name: string, version: string, wish: Wish): Promise<Channel> {
    return this.rest.operate("PUT", pathOf(name), wish, { "If-Match": `"${version}"` });
  }

  async remove(name: string, version: string): Promise<void> {
    await this.rest.operate("DELETE", pathOf(name), undefined, { "If-Match": `"${version}"` });
  }

  tryOut(name: string, to: string, text: string): Promise<Tried> {
    return this.rest.operate("POST", `${pathOf(name)}/test`, { to, text });
  }
}
