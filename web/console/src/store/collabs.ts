// The sockets of what is shared: one for every invitation, whether it is looked at or not.
import { Collab } from "@ngcc/share/collab";
import type { Invited } from "../wire/protocol";

export class Collabs {
  private readonly open = new Map<string, { collab: Collab; ticket: string }>();

  constructor(private readonly server: string, private readonly over: (collab: string, why: string) => void) {}

  /** Exactly those that the agent is invited to. */
  follow(invited: Record<string, Invited>): void {
    for (const [id, { collab }] of this.open) {
      if (invited[id] !== undefined) continue;
      this.open.delete(id);
      collab.stop();
    }
    for (const [id, { ticket, kind, me }] of Object.entries(invited)) {
      const known = this.open.get(id);
      if (known !== undefined && known.ticket === ticket) continue;
      known?.collab.stop();
      const collab = new Collab({ server: this.server, collab: id, ticket, kind, me: me ?? "agent" });
      this.open.set(id, { collab, ticket });
      collab.subscribe(() => {
        const { link, why } = collab.state;
        if (link !== "over" && link !== "refused" && link !== "replaced") return;
        if (this.open.get(id)?.collab === collab) this.over(id, why ?? (link === "replaced" ? "replaced" : "unavailable"));
      });
      collab.start();
    }
  }

  of(id: string): Collab | null {
    return this.open.get(id)?.collab ?? null;
  }
}
