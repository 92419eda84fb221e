// The package's own types name one that is not installed; this is what we use of it.
declare module "@rrweb/replay" {
  export interface Mirror {
    getId(node: Node | null): number;
    getNode(id: number): Node | null;
  }
  export class Replayer {
    constructor(events: unknown[], config: Record<string, unknown>);
    readonly iframe: HTMLIFrameElement;
    readonly wrapper: HTMLElement;
    startLive(baseline: number): void;
    addEvent(event: unknown): void;
    getMirror(): Mirror;
    on(event: string, handler: (data: unknown) => void): void;
    destroy(): void;
  }
}
