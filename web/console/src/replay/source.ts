// What a board hears from: a collaboration that only tells, from a recording. Nothing goes back.
import type { Collab } from "@ngcc/share/collab";
import type { Ready, Told } from "@ngcc/share/wire";
import type { Entry } from "./tape";

export class Source {
  readonly state = { link: "up", me: "agent" };
  ready: Ready | undefined;
  private readonly heard = new Map<string, ((data: never) => void)[]>();

  on<T extends keyof Told>(type: T, run: (data: Told[T]) => void): () => void {
    const set = this.heard.get(type) ?? [];
    set.push(run as (data: never) => void);
    this.heard.set(type, set);
    return () => void this.heard.set(type, set.filter((other) => other !== run));
  }

  subscribe(): () => void {
    return () => undefined;
  }

  tell(): boolean {
    return false;
  }

  take(entry: Entry): void {
    if (entry.type === "ready") this.ready = entry.data as Ready;
    for (const run of this.heard.get(entry.type) ?? []) run(entry.data as never);
  }

  /** As what draws a board knows it. It listens, and is asked nothing besides. */
  get collab(): Collab {
    return this as unknown as Collab;
  }
}
