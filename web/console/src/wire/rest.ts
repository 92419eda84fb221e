// The REST interface under /api/v1. Every failure is a `Problem` (RFC 9457) with a stable code.
import type { Kind } from "@ngcc/share/wire";
import { isRecord, SignedOut } from "./socket";
import { observe } from "./skew";
import type { ClosedSession, FileContent, ImFile, Me, Message } from "./protocol";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    /** Until when, where the centre says so (a lock-out), in milliseconds since 1970. */
    readonly until: number | null,
    readonly requestId: string | null,
    /** What is wrong with which field. */
    readonly errors: readonly Wrong[] = [],
  ) {
    super(detail);
  }
}

export type Wrong = { field: string; why: string; what: string };
export type SignedIn = Me & { until: number; csrf: string };
export type Page<T> = { data: T[]; next_cursor: string | null };
export type FactRow = { at: number; what: { type: string } & Record<string, unknown> };
/** What was recorded of one collaboration; times in milliseconds since 1970. */
export type Recorded = { collab: string; kind: Kind; started: number; ended: number };
export type SessionDetail = { summary: ClosedSession | null; facts: FactRow[]; messages: Message[]; recordings: Recorded[] };

/** Who has said something of a customer. */
export type Source = { is: "proved" } | { is: "claimed" } | { is: "agent"; agent: string };
export type Identity = { user: string; since: number; proved: boolean; shared?: boolean };
export type Attribute = { key: string; value: string; by: Source; at: number };
export type Note = { text: string; by: string | null; at: number; own: boolean };
/** Who a customer is; a `contact` of the interface, which is not a contact of a seat. */
export type Customer = {
  id: string; version: number; name: string | null; name_by: Source | null;
  identities: Identity[]; attributes: Attribute[]; labels: string[]; notes: Note[];
};
export type CustomerSession = { session: ClosedSession; readable: boolean };
export type Change = {
  name?: string; note?: string; attributes?: Record<string, string | null>; add_labels?: string[]; remove_labels?: string[];
};

const BASE = "/api/v1";

export class Rest {
  private csrf = "";

  async signIn(user: string, password: string): Promise<SignedIn> {
    return this.keep(await this.json<SignedIn>("POST", "/sign-in", { user, password }));
  }

  /** Who this browser is signed in as; null if nobody. */
  async me(): Promise<SignedIn | null> {
    try {
      return this.keep(await this.json<SignedIn>("GET", "/me"));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  }

  async signOut(): Promise<void> {
    await this.json("POST", "/sign-out", {});
    this.csrf = "";
  }

  /** A one-time ticket for the first frame of a WebSocket. */
  async ticket(): Promise<{ ticket: string }> {
    try {
      return await this.json("POST", "/ws-tickets", {});
    } catch (error) {
      if (error instanceof Problem && error.status === 401) throw new SignedOut();
      throw error;
    }
  }

  sessions(filter: Record<string, string>): Promise<Page<ClosedSession>> {
    return this.json("GET", `/sessions?${new URLSearchParams({ limit: "50", ...filter }).toString()}`);
  }

  async session(id: string): Promise<SessionDetail> {
    const body = await this.json<Record<string, unknown>>("GET", `/sessions/${encodeURIComponent(id)}`);
    return {
      summary: (body["closed"] ?? body["summary"] ?? null) as ClosedSession | null,
      facts: (Array.isArray(body["facts"]) ? body["facts"] : []) as FactRow[],
      messages: (Array.isArray(body["messages"]) ? body["messages"] : []) as Message[],
      recordings: (Array.isArray(body["recordings"]) ? body["recordings"] : []) as Recorded[],
    };
  }

  /** The customer of a session, live or closed. */
  customerOf(session: string): Promise<Customer> {
    return this.json("GET", `/sessions/${encodeURIComponent(session)}/contact`);
  }

  findCustomers(text: string, cursor: string | null): Promise<Page<Customer>> {
    const asked = new URLSearchParams({ q: text, ...(cursor === null ? {} : { cursor }) });
    return this.json("GET", `/contacts?${asked.toString()}`);
  }

  customerSessions(id: string, cursor: string | null): Promise<Page<CustomerSession>> {
    const asked = new URLSearchParams({ limit: "20", ...(cursor === null ? {} : { cursor }) });
    return this.json("GET", `/contacts/${encodeURIComponent(id)}/sessions?${asked.toString()}`);
  }

  /** Rejects with `changed` where somebody has changed it since `version`. */
  changeCustomer(id: string, version: number, change: Change): Promise<Customer> {
    return this.json("PATCH", `/contacts/${encodeURIComponent(id)}`, { version, change });
  }

  mergeCustomers(id: string, version: number, other: string): Promise<Customer> {
    return this.json("POST", `/contacts/${encodeURIComponent(id)}/merge`, { version, other });
  }

  splitCustomer(id: string, version: number, what: { identity: string } | { contact: string }): Promise<Customer> {
    return this.json("POST", `/contacts/${encodeURIComponent(id)}/split`, { version, ...what });
  }

  /** Labels in use that begin so. */
  async labels(prefix: string): Promise<string[]> {
    const asked = new URLSearchParams({ prefix });
    return (await this.json<{ labels: string[] }>("GET", `/contact-labels?${asked.toString()}`)).labels;
  }

  /** A recording's lines, as the centre keeps them. */
  recording(collab: string): Promise<string> {
    return this.text("GET", `/recordings/collab/${encodeURIComponent(collab)}`, null, "application/json");
  }

  /** Whether a recording of a screen can be played: its bytes are fetched by the player itself. */
  async playable(collab: string): Promise<void> {
    await this.text("GET", `/recordings/collab/${encodeURIComponent(collab)}`, null, "application/json", { Range: "bytes=0-0" });
  }

  /** Hands over a file; the cookie says who sends it. */
  async upload(file: File): Promise<FileContent> {
    const put = await this.call<{ file: string; name: string; mime: string; size: number }>(
      "POST", `/uploads?name=${encodeURIComponent(file.name)}`, file, file.type || "application/octet-stream");
    return { kind: "file", file: put.file, name: put.name, mime: put.mime, size: put.size };
  }

  /** An operation that has a client of its own. */
  async operate<T>(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<T> {
    const text = body === undefined ? null : JSON.stringify(body);
    return parse(await this.text(method, path, text, "application/json", more)) as T;
  }

  /** The same for a message between colleagues: such files lie apart, and are for who may read the message. */
  async uploadForColleagues(file: File): Promise<ImFile> {
    const { file: id, name, mime, size } = await this.call<ImFile>(
      "POST", `/colleagues/files?name=${encodeURIComponent(file.name)}`, file, file.type || "application/octet-stream");
    return { file: id, name, mime, size };
  }

  private keep(signed: SignedIn): SignedIn {
    this.csrf = signed.csrf;
    return signed;
  }

  private json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.call<T>(method, path, body === undefined ? null : JSON.stringify(body), "application/json");
  }

  private async call<T>(method: string, path: string, body: BodyInit | null, type: string): Promise<T> {
    return parse(await this.text(method, path, body, type)) as T;
  }

  /** What is answered, as it was written. */
  private async text(
    method: string, path: string, body: BodyInit | null, type: string, more: Record<string, string> = {},
  ): Promise<string> {
    const headers = new Headers({ Accept: "application/json", ...more });
    if (body !== null) headers.set("Content-Type", type);
    if (method !== "GET") headers.set("X-CSRF-Token", this.csrf);
    let answer: Response;
    try {
      answer = await fetch(BASE + path, { method, headers, body, credentials: "same-origin" });
    } catch {
      throw new Problem(0, "offline", "", null, null);
    }
    observe(Date.parse(answer.headers.get("Date") ?? ""));
    const text = await answer.text();
    if (!answer.ok) throw problemOf(answer, parse(text));
    return text;
  }
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf(answer: Response, value: unknown): Problem {
  const body = isRecord(value) ? value : {};
  const retry = Number(answer.headers.get("Retry-After"));
  const until = typeof body["until"] === "number" ? body["until"]
    : Number.isFinite(retry) && retry > 0 ? Date.now() + retry * 1000 : null;
  const text = (key: string): string | null => (typeof body[key] === "string" ? body[key] : null);
  return new Problem(answer.status, text("code") ?? String(answer.status), text("detail") ?? "", until,
    text("request_id"), wrongs(body["errors"]));
}

function wrongs(value: unknown): Wrong[] {
  const rows = (Array.isArray(value) ? value : []).filter(isRecord);
  return rows.map((row) => ({ field: String(row["field"] ?? ""), why: String(row["why"] ?? ""), what: String(row["what"] ?? "") }));
}

/** Where an uploaded file is read. */
export const fileUrl = (file: string): string => `${BASE}/uploads/${encodeURIComponent(file)}`;

/** Where a recording of a screen is played from. */
export const filmUrl = (collab: string): string => `${BASE}/recordings/collab/${encodeURIComponent(collab)}`;
/** Where a colleagues' file is read. */
export const colleaguesFileUrl = (file: string): string => `${BASE}/colleagues/files/${encodeURIComponent(file)}`;
