/** The package's own types name one that is not installed; this is what we use of it. */
declare module '@rrweb/record' {
  export interface RecordOptions {
    emit(event: { type: number; data: unknown; timestamp: number }): void;
    blockSelector?: string;
    maskTextSelector?: string;
    maskAllInputs?: boolean;
    maskInputFn?(text: string, element: HTMLElement): string;
    maskTextFn?(text: string, element: HTMLElement | null): string;
    slimDOMOptions?: 'all' | Record<string, boolean>;
    inlineStylesheet?: boolean;
    inlineImages?: boolean;
    recordCanvas?: boolean;
    collectFonts?: boolean;
    sampling?: { mousemove?: number | boolean; mousemoveCallback?: number; scroll?: number; media?: number };
    errorHandler?(error: unknown): boolean | void;
  }
  export interface Mirror {
    getNode(id: number): Node | null;
    getId(node: Node | null): number;
    getMeta(node: Node | null): import('@ngcc/share/rr').RrNode | null;
  }
  export const record: {
    (options: RecordOptions): (() => void) | undefined;
    takeFullSnapshot(checkout?: boolean): void;
    mirror: Mirror;
  };
}
