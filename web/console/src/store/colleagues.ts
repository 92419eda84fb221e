// What is done among colleagues: writing, groups, reading, looking back, searching. The desk has one of these.
import { t, tWord } from "../i18n";
import { mentioned } from "../parts/mentions";
import { displayOf } from "../parts/names";
import type { ImChange, ImCommand, ImConversation, ImEvent, ImFile, ImPart, ImSend, Quote } from "../wire/protocol";
import type { Rest } from "../wire/rest";
import { refusedForGood, type Link } from "../wire/socket";
import { freshKey } from "./key";
import type { Action } from "./reduce";
import { uriOf, type State } from "./state";
import type { Store } from "./store";
import * as team from "./team";

const LOOK = 50;
const HITS = 30;
const TYPING_EVERY_MS = 3_000;
/** How long what comes is gathered before it is acknowledged. */
const ACKNOWLEDGE_MS = 50;
/** The most that one message may name. */
const MAX_NAMED = 20;

export type Say = {
  toast: (kind: "error" | "info", text: string) => void;
  explain: (error: unknown) => void;
};

export class Colleagues {
  /** What is being written, by conversation. */
  readonly drafts = new Map<string, string>();
  /** Where what was stored under a key has gone. */
  private readonly made = new Map<string, string>();
  /** What has come and was read, and is to be said. */
  private got = 0;
  private readonly read = new Map<string, number>();
  private acknowledge: number | null = null;
  private whose = "";
  private lastTyping = 0;
  private searches = 0;

  constructor(
    private readonly store: Store<State, Action>, private readonly link: Link, private readonly rest: Rest,
    private readonly say: Say,
  ) {}

  private get me(): string {
    return uriOf(this.store.get().me?.user ?? "");
  }

  private change(run: (team: team.Team) => team.Team): void {
    this.store.dispatch({ type: "team", run });
  }

  // ---- writing

  write(to: string, text: string, quote: Quote | null, file: ImFile | null = null): void {
    const names = mentioned(text, this.store.get().config.people).slice(0, MAX_NAMED);
    const unsent = { key: freshKey(), to, text, quote, file, names, at: Date.now(), failed: null };
    this.change((before) => team.send(before, unsent));
    void this.send(unsent);
    // What is written stands at the end.
    if (team.talkWith(this.store.get().team, to).newer) this.latest(to);
  }

  /** Hands a file over and sends it. */
  async attach(to: string, file: File): Promise<void> {
    try {
      this.write(to, "", null, await this.rest.uploadForColleagues(file));
    } catch (error) {
      this.say.explain(error);
    }
  }

  /** Whoever a text names gets it as a message, so that one who is offline gets it too; `except` has it already. */
  tellMentioned(text: string, quote: Quote | null, except: string | null): void {
    const { people } = this.store.get().config;
    const named = mentioned(text, people).filter((agent) => agent !== except && agent !== this.me);
    for (const agent of named) this.write(agent, text, quote);
    if (named.length === 0) return;
    this.say.toast("info", t("mention.told", { who: named.map((agent) => displayOf(people, agent)).join(", ") }));
  }

  rewrite(key: string): void {
    const unsent = this.store.get().team.unsent.find((u) => u.key === key);
    if (unsent === undefined) return;
    this.change((before) => team.send(before, { ...unsent, failed: null }));
    void this.send(unsent);
  }

  discard(key: string): void {
    this.change((before) => team.discarded(before, key));
  }

  typing(who: string): void {
    const now = Date.now();
    if (now - this.lastTyping < TYPING_EVERY_MS) return;
    this.lastTyping = now;
    this.link.tell("im", { type: "typing", with: who } satisfies ImCommand);
  }

  // ---- groups

  /** Makes a group and opens it; the words of a refusal, or null. */
  async make(name: string, members: string[]): Promise<string | null> {
    const key = freshKey();
    const why = await this.asked({ type: "make", key, name, members });
    const group = this.made.get(key);
    this.made.delete(key);
    if (why === null && group !== undefined) this.open(group);
    return why;
  }

  /** Changes a group; the words of a refusal, or null. */
  async alter(group: string, change: Exclude<ImChange, { to: "made" }>): Promise<string | null> {
    const key = freshKey();
    const why = await this.asked({ type: "change", group, key, change });
    this.made.delete(key);
    return why;
  }

  private async asked(command: ImCommand): Promise<string | null> {
    const answer = await this.link.ask("im", command);
    return answer.ok ? null : tWord("why", answer.why);
  }

  // ---- reading

  open(who: string): void {
    this.store.dispatch({ type: "talk", who });
    this.change((before) => (before.hit === null || before.hit.with === who ? before : { ...before, hit: null }));
    if (!team.talkWith(this.store.get().team, who).loaded) this.look(who, { is: "newest" });
  }

  /** Opens a conversation at a message. */
  jump(who: string, n: number): void {
    this.store.dispatch({ type: "talk", who });
    this.change((before) => ({ ...before, hit: { with: who, n } }));
    const { messages } = team.talkWith(this.store.get().team, who);
    if (!messages.some((m) => m.n === n)) this.look(who, { is: "around", n });
  }

  older(who: string): void {
    const first = team.talkWith(this.store.get().team, who).messages[0];
    if (first !== undefined) this.look(who, { is: "before", n: first.n });
  }

  newer(who: string): void {
    const last = team.talkWith(this.store.get().team, who).messages.at(-1);
    if (last !== undefined) this.look(who, { is: "after", n: last.n });
  }

  latest(who: string): void {
    this.change((before) => ({ ...before, hit: null }));
    this.look(who, { is: "newest" });
  }

  /** The end of the conversation is before the reader's eyes. */
  seen(who: string): void {
    const talk = team.talkWith(this.store.get().team, who);
    if (talk.last === null || talk.newer || (talk.unread === 0 && !talk.named)) return;
    if (this.link.tell("im", { type: "read", with: who, n: talk.last.n } satisfies ImCommand)) {
      this.change((before) => team.seen(before, who));
    }
  }

  private look(who: string, at: ImPart): void {
    void this.link.ask("im", { type: "look", with: who, at, limit: LOOK } satisfies ImCommand).then((answer) => {
      if (!answer.ok) return;
      const came = answer.frame.data as ImConversation;
      this.change((before) => team.looked(before, came, at));
    });
  }

  // ---- searching

  search(words: string): void {
    const wanted = words.trim();
    const mine = ++this.searches;
    if (wanted === "") return this.change((before) => ({ ...before, search: null }));
    this.change((before) => ({ ...before, search: { words: wanted, hits: [], next: null, busy: true } }));
    void this.find(wanted, null, mine);
  }

  /** The next page of what is searched. */
  further(): void {
    const { search } = this.store.get().team;
    if (search === null || search.next === null || search.busy) return;
    this.change((before) => (before.search === null ? before : { ...before, search: { ...before.search, busy: true } }));
    void this.find(search.words, search.next, this.searches);
  }

  private async find(words: string, before: number | null, mine: number): Promise<void> {
    const answer = await this.link.ask("im", { type: "search", words, before, limit: HITS } satisfies ImCommand);
    if (mine !== this.searches) return;
    const found = answer.ok ? (answer.frame.data as ImEvent & { type: "found" }) : null;
    this.change((held) => {
      if (held.search === null) return held;
      const { hits } = held.search;
      return { ...held, search: { ...held.search, busy: false, next: found?.next ?? null, hits: [...hits, ...(found?.hits ?? [])] } };
    });
    if (!answer.ok) this.say.toast("error", t("toast.refused", { why: tWord("why", answer.why) }));
  }

  // ---- what comes in

  received(event: ImEvent): void {
    switch (event.type) {
      case "stored":
        this.made.set(event.key, team.withOf(event.message, this.me));
        if (this.made.size > 64) this.made.clear();
        return this.change((before) => team.stored(before, event.key, event.message, this.me));
      case "refused":
        return this.change((before) => team.refused(before, event.key, event.why));
      case "message":
        return this.came(event);
      case "conversations":
        return this.change((before) => team.listed(before, event.list));
      case "read":
        return this.change((before) => team.readBy(before, event.with, event.by, event.n));
      case "typing":
        return this.change((before) => team.writes(before, event.with, event.by, Date.now()));
      default:
        // What was asked for goes to whoever asked; and a word of a newer server.
        return;
    }
  }

  private came({ seq, message }: ImEvent & { type: "message" }): void {
    const { view, talk, team: before, config } = this.store.get();
    const who = team.withOf(message, this.me);
    const seen = view === "team" && talk === who && isLookedAt() && !team.talkWith(before, who).newer;
    const isNew = message.n > (team.talkWith(before, who).last?.n ?? 0);
    this.change((held) => team.receive(held, message, this.me, seen));
    this.got = Math.max(this.got, seq);
    if (seen) this.read.set(who, message.n);
    this.acknowledge ??= window.setTimeout(() => this.acknowledged(), ACKNOWLEDGE_MS);
    // A group that is new here: its name comes with the list.
    if (isNew && team.isGroup(who) && !team.talkWith(before, who).listed) this.list();
    if (seen || !isNew || message.is !== "said") return;
    const named = (message.names ?? []).includes(this.me);
    const from = displayOf(config.people, message.from);
    const name = team.talkWith(this.store.get().team, who).name;
    const text = named ? t("mention.toast", { from }) : name === null ? t("toast.im", { from }) : t("toast.im_group", { from, group: name });
    this.say.toast("info", text);
    notify(text, who);
  }

  /** Many may come at once, as after a holiday: the last number says it for all of them. */
  private acknowledged(): void {
    this.acknowledge = null;
    this.link.tell("im", { type: "got", seq: this.got } satisfies ImCommand);
    for (const [who, n] of this.read) this.link.tell("im", { type: "read", with: who, n } satisfies ImCommand);
    this.read.clear();
  }

  private list(): void {
    void this.link.ask("im", { type: "list" } satisfies ImCommand);
  }

  /** The connection is (again) there: how everything stands, what is looked at, and what was not confirmed. */
  back(): void {
    const { me, talk, team: held } = this.store.get();
    // The boxes of two people count apart, and nobody finds what another has begun to write.
    this.got = 0;
    this.read.clear();
    if (this.whose !== me?.user) this.drafts.clear();
    this.whose = me?.user ?? "";
    if (me?.permissions.includes("message") !== true) return;
    // What other conversations hold may have a hole now.
    this.change((before) => ({
      ...before, talks: Object.fromEntries(Object.entries(before.talks).map(([who, one]) => [who, who === talk ? one : { ...one, loaded: false, messages: [] }])),
    }));
    this.list();
    if (talk !== null) this.look(talk, { is: "newest" });
    // With the same keys: the store takes each once.
    for (const unsent of held.unsent) if (unsent.failed === null) void this.send(unsent);
  }

  private async send({ to, key, text, quote, file, names }: team.ImUnsent): Promise<void> {
    const command: ImSend = { type: "send", to, key, text, quote, names, ...(file === null ? {} : { file }) };
    const answer = await this.link.ask("im", command satisfies ImCommand);
    if (!answer.ok && refusedForGood(answer)) this.change((before) => team.refused(before, key, answer.why));
  }
}

/** Whether what this page shows is before somebody's eyes. */
export function isLookedAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** Outside of the page, for who looks elsewhere. */
function notify(text: string, tag: string): void {
  if (document.visibilityState === "visible" || !("Notification" in window) || Notification.permission !== "granted") return;
  const note = new Notification(text, { tag });
  note.onclick = () => window.focus();
}
