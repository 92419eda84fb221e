// `/ws/supervisor`: open while the board is looked at.
import { browserEnv, Link } from "../wire/socket";
import type { Availability, Board, Invited } from "../wire/protocol";
import type { Desk } from "./desk";

export class BoardLink {
  private readonly link: Link;

  constructor(desk: Desk, onUp: (up: boolean) => void) {
    this.link = new Link(
      browserEnv("/ws/supervisor", () => desk.rest.ticket()),
      (frame) => {
        if (frame.type === "board") desk.store.dispatch({ type: "board", board: frame.data as Board, now: Date.now() });
      },
      (state) => onUp(state === "up"),
    );
  }

  start(): void {
    this.link.start();
  }

  stop(): void {
    this.link.stop();
  }

  /** Null when done, else why not. */
  async force(agent: string, to: Availability): Promise<string | null> {
    const answer = await this.link.ask("force", { agent, to });
    return answer.ok ? null : answer.why;
  }

  /** The invitation to look on, or why not. */
  async watch(collab: string): Promise<Invited | string> {
    const answer = await this.link.ask("watch", { collab });
    return answer.ok ? (answer.frame.data as Invited) : answer.why;
  }

  /** A one-time token for `/ws/rtc`. */
  async rtcToken(): Promise<string> {
    const answer = await this.link.ask("rtc.token", {});
    if (!answer.ok) throw new Error(answer.why);
    return (answer.frame.data as { token: string }).token;
  }

  unwatch(collab: string): void {
    void this.link.ask("unwatch", { collab });
  }

  async end(session: string): Promise<string | null> {
    const answer = await this.link.ask("end", { session });
    return answer.ok ? null : answer.why;
  }
}
