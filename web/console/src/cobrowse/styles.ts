// The page's styles without inline styles: our content security policy takes none, and a copy of a page inherits it.
// In the frame of the copy a `style` element becomes an unknown one whose text goes into a constructed sheet, and a
// `style` attribute is set through the object model; the policy governs neither (CSP Level 3, section 8.3, CSSOM).

import { cleanStyle } from "./sanitize";

const TAG = "ngcc-style";
const BASE = `${TAG}, ngcc-none:not([class]), noscript { display: none !important; }
ngcc-none { display: inline-block; background: repeating-linear-gradient(45deg, #8883, #8883 6px, transparent 6px, transparent 12px); }
.rr-block { background: #8888; }`;

type Realm = Window & typeof globalThis;
type Sheeted = Element & { sheet?: CSSStyleSheet };

export class FrameStyles {
  private readonly doc: Document;
  private readonly base: CSSStyleSheet;
  private readonly texts = new WeakMap<Element, string>();
  private readonly watch = new MutationObserver(() => this.refresh());
  /** What the page itself has adopted. */
  private adopted: CSSStyleSheet[] = [];
  private readonly setAdopted: (sheets: CSSStyleSheet[]) => void;

  constructor(private readonly realm: Realm) {
    this.doc = realm.document;
    this.base = new realm.CSSStyleSheet();
    this.base.replaceSync(BASE);
    const { set } = Object.getOwnPropertyDescriptor(realm.Document.prototype, "adoptedStyleSheets") ?? {};
    this.setAdopted = (sheets) => set?.call(this.doc, sheets);
    Object.defineProperty(this.doc, "adoptedStyleSheets", {
      configurable: true,
      get: () => this.adopted,
      set: (sheets: CSSStyleSheet[]) => {
        this.adopted = sheets;
        this.refresh();
      },
    });
    this.patch();
    this.renew();
  }

  /** After a rebuild: the document has new content. */
  renew(): void {
    this.watch.disconnect();
    this.watch.observe(this.doc, { subtree: true, childList: true, characterData: true });
    this.refresh();
  }

  end(): void {
    this.watch.disconnect();
  }

  private patch(): void {
    const { Document: Doc, Element: El, Node: Nod } = this.realm;
    const { createElement, createElementNS } = Doc.prototype;
    const { setAttribute } = El.prototype;
    const { insertBefore, appendChild } = Nod.prototype;
    const frame = this;
    const make = (tag: string): string => (tag.toLowerCase() === "style" ? TAG : tag);
    Doc.prototype.createElement = function (this: Document, tag: string, options?: ElementCreationOptions) {
      return frame.prepared(createElement.call(this, make(tag), options)) as HTMLElement;
    } as Document["createElement"];
    Doc.prototype.createElementNS = function (this: Document, ns: string | null, tag: string) {
      return tag.toLowerCase() === "style" ? frame.prepared(createElement.call(this, TAG)) : createElementNS.call(this, ns, tag);
    } as Document["createElementNS"];
    El.prototype.setAttribute = function (this: Element, name: string, value: string) {
      if (name.toLowerCase() === "style" && "style" in this) (this as HTMLElement).style.cssText = value;
      else setAttribute.call(this, name, value);
    };
    // The replayer puts a style of its own in, made by our document; what it says is in the base sheet.
    const isForeign = (node: Node): boolean => node.nodeName === "STYLE";
    Nod.prototype.insertBefore = function <T extends Node>(this: Node, node: T, before: Node | null): T {
      return isForeign(node) ? node : (insertBefore.call(this, node, before) as T);
    };
    Nod.prototype.appendChild = function <T extends Node>(this: Node, node: T): T {
      return isForeign(node) ? node : (appendChild.call(this, node) as T);
    };
  }

  /** Gives a stand-in for a style element the sheet that rules are put into. */
  private prepared(el: Element): Element {
    if (el.localName !== TAG) return el;
    let sheet: CSSStyleSheet | undefined;
    Object.defineProperty(el, "sheet", {
      get: () => {
        const media = el.getAttribute("media") ?? "";
        if (sheet === undefined || (media !== "" && sheet.media.mediaText === "")) sheet = new this.realm.CSSStyleSheet(media === "" ? {} : { media });
        return sheet;
      },
    });
    return el;
  }

  /** Every stand-in's text into its sheet, and the sheets in the order of the document. */
  private refresh(): void {
    const sheets: CSSStyleSheet[] = [this.base];
    for (const el of this.doc.querySelectorAll<Sheeted>(TAG)) {
      const { sheet } = el;
      if (sheet === undefined) continue;
      const text = el.textContent ?? "";
      if (this.texts.get(el) !== text) {
        this.texts.set(el, text);
        sheet.replaceSync(cleanStyle(text, location.origin));
      }
      sheets.push(sheet);
    }
    this.setAdopted([...sheets, ...this.adopted]);
  }
}
