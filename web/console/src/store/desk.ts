// The desk: joins wire, store and softphone. Everything a screen does goes through here, and everything the
// server says passes here once on its way into the store.
import { Phone } from "../rtc/phone";
import { Problem, Rest } from "../wire/rest";
import { browserEnv, isRecord, Link, refusedForGood, type Frame, type LinkState } from "../wire/socket";
import type { AgentReady, Config, Contact, Content, Device, ImEvent, Present, Told, Verb } from "../wire/protocol";
import { t, tWord } from "../i18n";
import { observe } from "../wire/skew";
import { Collabs } from "./collabs";
import { Colleagues } from "./colleagues";
import { freshKey } from "./key";
import { reduce, type Action } from "./reduce";
import { initial, uriOf, type State, type View } from "./state";
import { Store } from "./store";
import { hasGap, lastSeq, unread, type Failure } from "./thread";
import { threadOf } from "./told";

const FAILURES: Failure[] = ["closed", "unknown", "bad", "too_many", "forbidden", "no_answer"];
const RESUME_AGAIN_MS = 5_000;
/** How long after the store has not answered it is asked again. */
const UNREAD_AGAIN_MS = 2_000;
const TYPING_EVERY_MS = 3_000;

export class Desk {
  readonly store = new Store<State, Action>(initial, reduce);
  readonly rest = new Rest();
  readonly link: Link;
  readonly phone: Phone;
  readonly collabs: Collabs;
  readonly colleagues: Colleagues;
  private readonly resuming = new Map<string, number>();
  private lastTyping = 0;
  private toasts = 0;
  private readonly ended = new Set<string>();

  constructor() {
    const env = browserEnv("/ws/agent", () => this.rest.ticket());
    this.link = new Link(env, (frame) => this.receive(frame), (state) => this.linked(state));
    this.phone = new Phone(
      () => this.link.ask("rtc.token", {}),
      (leg) => Object.values(this.store.get().contacts).some((c) => c.leg === leg && (c.medium === "video" || c.pictures === true)),
    );
    this.collabs = new Collabs(location.origin, (collab, why) => this.collabOver(collab, why));
    this.colleagues = new Colleagues(this.store, this.link, this.rest, {
      toast: (kind, text) => this.toast(kind, text), explain: (error) => this.explain(error),
    });
    this.store.subscribe(() => this.collabs.follow(this.store.get().invited));
    window.addEventListener("online", () => this.link.nudge());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.link.nudge();
    });
    window.setInterval(() => {
      const { typing, team } = this.store.get();
      if (Object.keys(typing).length + Object.keys(team.typing).length > 0) this.store.dispatch({ type: "typing_over", now: Date.now() });
    }, 1000);
  }

  /** A one-time token for a connection of `/ws/rtc`. */
  async rtcToken(): Promise<string> {
    const answer = await this.link.ask("rtc.token", {});
    const token = answer.ok ? (answer.frame.data as { token?: unknown } | undefined)?.token : undefined;
    if (typeof token !== "string") throw new Error("no token");
    return token;
  }

  // ---- who

  /** At the start of the page: is this browser signed in already? */
  async boot(): Promise<void> {
    try {
      const me = await this.rest.me();
      if (me === null) return this.store.dispatch({ type: "signed_out", notice: null });
      this.store.dispatch({ type: "signed_in", me });
      if (sessionStorage.getItem("ngcc.start") === me.user) this.store.dispatch({ type: "start_answered" });
      this.link.start();
    } catch (error) {
      this.store.dispatch({ type: "signed_out", notice: null });
      this.explain(error);
    }
  }

  /** Rejects with a `Problem` that the sign-in page words. */
  async signIn(user: string, password: string): Promise<void> {
    const me = await this.rest.signIn(user, password);
    sessionStorage.removeItem("ngcc.start");
    this.store.dispatch({ type: "signed_in", me });
    this.link.start();
  }

  async signOut(): Promise<void> {
    const { seat } = this.store.get();
    if (seat !== null && seat.availability.is !== "logged_out") await this.verb(null, { type: "sign_out" });
    this.link.stop();
    this.phone.stop();
    await this.rest.signOut().catch(() => undefined);
    sessionStorage.removeItem("ngcc.start");
    this.store.dispatch({ type: "signed_out", notice: "left" });
  }

  /** The answer to "Start customer service now?"; null serves colleagues only. */
  async startService(device: Device | null): Promise<void> {
    sessionStorage.setItem("ngcc.start", this.store.get().me?.user ?? "");
    this.store.dispatch({ type: "start_answered" });
    if (device === null) return;
    if (device === "browser") {
      void this.phone.prepare().then(({ trouble }) => {
        if (trouble !== null) this.toast("error", t(`mic.trouble.${trouble}`));
      });
    }
    if (!(await this.verb(null, { type: "sign_in", device }))) return;
    // Who waits already is offered at once: what rings must be there before.
    if (device === "browser") await this.phone.connected();
    await this.verb(null, { type: "ready" });
  }

  // ---- the seat

  /** Asks for something and says in a toast if it was refused. */
  async verb(session: string | null, what: Verb): Promise<boolean> {
    const answer = await this.link.ask("seat", session === null ? { what } : { session, what });
    if (!answer.ok) this.toast("error", t("toast.refused", { why: tWord("why", answer.why) }));
    return answer.ok;
  }

  /** The same, but the refusal is the caller's to show: its words, or null if it was done. */
  async tryVerb(session: string | null, what: Verb): Promise<string | null> {
    const answer = await this.link.ask("seat", session === null ? { what } : { session, what });
    return answer.ok ? null : tWord("why", answer.why);
  }

  /** Takes an offer and turns to it. */
  async accept(reservation: string, session: string): Promise<void> {
    this.store.dispatch({ type: "select", session });
    await this.verb(null, { type: "accept", reservation });
  }

  async finish(session: string, code: string, note: string, next: "ready" | "break"): Promise<void> {
    if (code !== "" || note !== "") {
      const done = await this.verb(session, { type: "dispose", code, note: note === "" ? null : note });
      if (!done) return;
    }
    if (next === "ready") await this.verb(null, { type: "ready" });
    else await this.verb(null, { type: "not_ready", reason: "break" });
    await this.verb(session, { type: "end_wrap_up" });
  }

  /** Something that was shared is over, by its own word; the seat says it too. */
  private collabOver(collab: string, why: string): void {
    if (this.store.get().invited[collab] === undefined) return;
    this.store.dispatch({ type: "collab_over", collab });
    this.sayEnded(collab, why);
  }

  /** Its own socket and the seat both say it. */
  private sayEnded(collab: string, why: string): void {
    if (this.ended.has(collab)) return;
    this.ended.add(collab);
    this.toast("info", tWord("collab_ended", why));
  }

  // ---- customers' messages

  say(session: string, content: Content, isNote: boolean): void {
    const key = freshKey();
    this.store.dispatch({
      type: "say", session, unsent: { key, content, private: isNote, at: Date.now(), failed: null },
    });
    void this.sendSay(session, key, content, isNote);
  }

  retry(session: string, key: string): void {
    const unsent = threadOf(this.store.get(), session).unsent.find((u) => u.key === key);
    if (unsent === undefined) return;
    this.store.dispatch({ type: "say", session, unsent: { ...unsent, failed: null } });
    void this.sendSay(session, key, unsent.content, unsent.private);
  }

  async sendFile(session: string, file: File): Promise<void> {
    try {
      this.say(session, await this.rest.upload(file), false);
    } catch (error) {
      this.explain(error);
    }
  }

  typing(session: string): void {
    const now = Date.now();
    if (now - this.lastTyping < TYPING_EVERY_MS) return;
    this.lastTyping = now;
    this.link.tell("seat", { session, what: { type: "typing" } });
  }

  /** The agent looks at this session: what is there is read. */
  lookAt(session: string): void {
    const thread = threadOf(this.store.get(), session);
    const seq = lastSeq(thread);
    if (unread(thread) > 0) this.link.tell("seat", { session, what: { type: "read", seq } });
    this.store.dispatch({ type: "read", session, seq });
  }

  show(view: View): void {
    this.store.dispatch({ type: "view", view });
  }

  toast(kind: "error" | "info", text: string): void {
    const id = ++this.toasts;
    this.store.dispatch({ type: "toast", toast: { id, kind, text } });
    window.setTimeout(() => this.store.dispatch({ type: "toast_over", id }), kind === "error" ? 10_000 : 6000);
  }

  // ---- what comes in

  private receive(frame: Frame): void {
    const now = Date.now();
    switch (frame.type) {
      case "ready":
        this.store.dispatch({ type: "ready", data: frame.data as Partial<AgentReady> });
        return;
      case "seat":
        return this.told(frame.data as Told, now);
      case "im":
        return this.colleagues.received(frame.data as ImEvent);
      case "presence":
        return this.store.dispatch({ type: "presence", presence: frame.data as Present[] });
      case "config":
        return this.store.dispatch({ type: "config", config: frame.data as Partial<Config> });
      case "people":
        return this.store.dispatch({ type: "people", people: frame.data as Config["people"] });
      case "error":
        if (isRecord(frame.data)) this.toast("error", String(frame.data["detail"] ?? frame.data["code"] ?? ""));
        return;
      default:
        // A word of a newer server.
        return;
    }
  }

  private told(told: Told, now: number): void {
    if (told.type === "offered") observe(told.at);
    else if (told.type === "message") observe(told.message.at);
    else if (told.type === "accepted") observe(told.at);
    const before = told.type === "contact" ? this.store.get().contacts[told.contact.session] : undefined;
    this.store.dispatch({ type: "told", told, now });
    if (told.type === "contact") this.watch(told.contact, before);
    switch (told.type) {
      case "state":
        return this.servePhone();
      case "contact":
        // What an offer is about is read once it is taken.
        if (told.contact.standing.is === "alerting") return;
        return this.catchUp(told.contact.session, told.contact.last_seq);
      case "message":
        return this.catchUp(told.session, 0);
      case "replay":
        if (!told.more) this.resuming.delete(told.session);
        return this.catchUp(told.session, 0);
      case "not_replayed":
        // The store has taken its time to say so: nothing is gained by asking at once.
        window.setTimeout(() => this.askAgain(told.session), UNREAD_AGAIN_MS);
        return;
      case "invited":
        // What was handed over and has come back may end once more.
        return void this.ended.delete(told.collab);
      case "collab_ended":
        return this.sayEnded(told.collab, told.why);
      case "returned":
        return this.toast("info", t("toast.returned"));
      default:
        return;
    }
  }

  /** The customer shows themselves now, or no longer. */
  private watch(contact: Contact, before: Contact | undefined): void {
    const { leg, standing, pictures } = contact;
    if (leg === null || pictures === undefined || standing.is === "alerting" || standing.is === "wrap_up") return;
    if (pictures) this.phone.watch(leg);
    if (before?.pictures !== undefined && before.pictures !== pictures) {
      this.toast("info", t(pictures ? "video.added" : "video.dropped"));
    }
  }

  private linked(state: LinkState): void {
    this.store.dispatch({ type: "link", state });
    if (state === "refused") {
      this.phone.stop();
      this.store.dispatch({ type: "signed_out", notice: "ended" });
    }
    if (state === "replaced") this.phone.stop();
    if (state !== "up") return;
    this.resuming.clear();
    this.servePhone();
    this.resend();
  }

  /** The softphone is there while the seat is on this browser. */
  private servePhone(): void {
    const { seat, link } = this.store.get();
    if (seat === null || link !== "up") return;
    if (seat.device === "browser" && seat.availability.is !== "logged_out") this.phone.start();
    else if (this.phone.store.get().link !== "closed") this.phone.stop();
  }

  /** Asks for what is missing, once at a time for a session. */
  private catchUp(session: string, known: number): void {
    const thread = threadOf(this.store.get(), session);
    const after = lastSeq(thread);
    if (known <= after && !hasGap(thread)) return;
    const asked = this.resuming.get(session);
    if (asked !== undefined && Date.now() - asked < RESUME_AGAIN_MS) return;
    this.resuming.set(session, Date.now());
    void this.link.ask("seat", { session, what: { type: "resume", after } }).then((answer) => {
      if (!answer.ok) this.resuming.delete(session);
    });
  }

  /** What could not be read: asked for again as long as it is missing and the contact is here. */
  private askAgain(session: string): void {
    const contact = this.store.get().contacts[session];
    this.resuming.delete(session);
    if (contact !== undefined) this.catchUp(session, contact.last_seq);
  }

  /** What was said and not confirmed, with the same keys: the store takes each once. */
  private resend(): void {
    const { threads } = this.store.get();
    for (const [session, thread] of Object.entries(threads)) {
      for (const u of thread.unsent) {
        if (u.failed === null) void this.sendSay(session, u.key, u.content, u.private);
      }
    }
    this.colleagues.back();
  }

  private async sendSay(session: string, key: string, content: Content, isNote: boolean): Promise<void> {
    const what: Verb = { type: "say", key, content, private: isNote };
    const answer = await this.link.ask("seat", { session, what });
    if (answer.ok || !refusedForGood(answer)) return;
    // The gateway's own "no answer" is words, the store's refusals are codes.
    const said = answer.why.replaceAll(" ", "_");
    this.store.dispatch({ type: "say_failed", session, key, why: FAILURES.find((f) => f === said) ?? "bad" });
  }

  private explain(error: unknown): void {
    const code = error instanceof Problem ? error.code : "unknown";
    this.toast("error", tWord("problem", code));
  }
}

export const isMe = (state: State, agent: string): boolean => agent === uriOf(state.me?.user ?? "");
