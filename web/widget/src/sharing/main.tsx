/** What a customer shares: asked for, invited to, joined, shown, ended. Loaded with the first of it. */
import { render } from 'preact';
import { Collab } from '@ngcc/share/collab';
import type { Kind, Link, What } from '@ngcc/share/wire';
import type { Frame } from '../wire';
import { Stage } from './stage';
import type { Proposal } from '../cobrowse/main';
import type { Code, Invitation, Share, SharingEnv } from './share';
import { learn, sayer, speaks, worded, type Word } from './words';
import css from './sharing.css?inline';

export { ShareMenu } from './menu';
export { learn } from './words';
export type { Code, Invitation, Share, SharingEnv } from './share';

const PENDING_MS = 20_000;
const NOTICE_MS = 8_000;
const ESC_MS = 700;
/** Long enough for the answer to leave the page before another takes its place. */
const LEAVE_MS = 120;
/** How long the collaboration's own socket has to say that the page has left. */
const SAYS_MS = 2000;

/** Whether this browser can show its screen: those of phones cannot. */
export function canShow(): boolean {
  return typeof (navigator.mediaDevices as MediaDevices | undefined)?.getDisplayMedia === 'function';
}

export class Sharing {
  readonly shares = new Map<string, Share>();
  pending: { kind: Kind; joined: boolean } | undefined;
  code: Code | undefined;
  notice: string | undefined;
  #late: ReturnType<typeof setTimeout> | undefined;
  #fade: ReturnType<typeof setTimeout> | undefined;
  #root = document.createElement('div');
  #layer = document.createElement('div');
  #esc = 0;
  /** Screens that another tab of this browser shows, until it is closed. */
  #elsewhere = new Map<string, AbortController>();

  constructor(readonly env: SharingEnv) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    env.shadow.adoptedStyleSheets = [...env.shadow.adoptedStyleSheets, sheet];
    this.#root.className = 'share-root';
    this.#layer.className = 'share-layer';
    env.shadow.append(this.#layer, this.#root);
    document.addEventListener('keydown', (e) => this.#key(e), true);
    this.draw();
  }

  // ---- what the customer does

  ask(kind: Kind, more: { user?: string; entry?: string } = {}): void {
    if (this.pending || [...this.shares.values()].some((s) => s.invitation.kind === kind)) return;
    if (kind === 'screen' && !canShow()) return this.#refused('unsupported');
    this.pending = { kind, joined: false };
    this.#late = setTimeout(() => this.#refused('unavailable'), PENDING_MS);
    this.#send('collab.ask', { kind, ...more });
    this.env.emit('share', { kind, state: 'asked' });
    this.draw();
  }

  /** Takes back what was asked for, as far as nobody has come. */
  cancel(): void {
    clearTimeout(this.#late);
    this.pending = undefined;
    this.draw();
  }

  askCode(): void {
    this.code = { is: 'asking' };
    this.#send('code.ask', {});
    this.draw();
  }

  closeCode(): void {
    this.code = undefined;
    this.draw();
  }

  answerView(share: Share, yes: boolean): void {
    if (yes) return share.collab.consent('view', true);
    void this.env.send('collab.decline', { collab: share.invitation.collab }).catch(() => undefined);
    this.#drop(share.invitation.collab);
  }

  consent(share: Share, what: What, on: boolean): void {
    share.collab.consent(what, on);
  }

  pause(share: Share, on: boolean): void {
    share.collab.tell('pause', { on });
  }

  stop(share: Share): void {
    share.collab.leave();
    // The page shows nothing from here on. Where the collaboration's own socket does not say so in time, the chat's does;
    // both at once might be told to the agent as a refusal.
    setTimeout(() => this.#drop(share.invitation.collab), LEAVE_MS);
    setTimeout(() => void this.env.send('collab.decline', { collab: share.invitation.collab }).catch(() => undefined), SAYS_MS);
    share.cobrowse?.end();
    share.cobrowse = undefined;
    share.screen?.end();
    share.screen = undefined;
    share.loading = true;
    this.draw();
  }

  /** Lets the customer choose what of their screen is shown: that they have is their leave. */
  async show(share: Share): Promise<void> {
    const shows = await share.screen?.choose();
    if (shows && !share.collab.state.consents.view) share.collab.consent('view', true);
    if (shows) this.env.emit('share', { kind: 'screen', state: 'on' });
    this.draw();
  }

  minimise(share: Share, on: boolean): void {
    share.minimised = on;
    this.draw();
  }

  answerProposal(share: Share, proposal: Proposal, yes: boolean): void {
    share.proposals = share.proposals.filter((p) => p !== proposal);
    share.cobrowse?.answer(proposal.n, yes && proposal.accept());
    this.draw();
  }

  answerOpening(share: Share, yes: boolean): void {
    const { opening } = share;
    share.opening = undefined;
    this.draw();
    if (!opening) return;
    share.cobrowse?.answer(opening.n, yes);
    if (!yes) return;
    this.#go(opening.url);
  }

  /** Opens an address that the agent suggests, or says that it is not wanted. */
  answerLink(share: Share, link: Link, yes: boolean): void {
    if (share.links?.answer(link, yes) === false) this.#tell(sayer(this.env.lang())('away'));
    this.draw();
  }

  /** Another site is not ours to share: it opens beside this one. */
  #go(url: URL): void {
    if (url.origin === location.origin && !this.env.stays) setTimeout(() => location.assign(url.href), LEAVE_MS);
    else window.open(url.href, '_blank', 'noopener');
  }

  dismiss(): void {
    this.notice = undefined;
    this.draw();
  }

  // ---- what the centre says

  frame(frame: Frame): void {
    const data = frame.data as Partial<Invitation> & { why?: string; code?: string; until?: number };
    switch (frame.type) {
      case 'collab.asked':
        clearTimeout(this.#late);
        if (this.pending) this.pending.joined = true;
        break;
      case 'collab.invited':
        return this.#invited(data as Invitation);
      case 'collab.refused':
        return this.#refused(data.why ?? '');
      case 'collab.ended':
        return this.#ended(data.collab ?? '', data.why ?? '');
      case 'code':
        if (this.code && data.code !== undefined && data.until !== undefined) this.code = { is: 'shown', code: data.code, until: data.until };
        break;
      case 'error':
        if (this.pending && !this.pending.joined) return this.#refused('');
        if (this.code?.is === 'asking') {
          this.code = undefined;
          return this.#tell(sayer(this.env.lang())(worded('refused', data.code ?? '')));
        }
        break;
      case 'session.closed':
        this.cancel();
        break;
      default:
        return;
    }
    this.draw();
  }

  // ---- inside

  #invited(invitation: Invitation): void {
    const known = this.shares.get(invitation.collab);
    if (known && known.invitation.ticket === invitation.ticket && ['up', 'connecting', 'waiting'].includes(known.collab.state.link)) return;
    if (known) this.#drop(invitation.collab);
    if (this.pending?.kind === invitation.kind) this.cancel();
    if (invitation.kind !== 'screen') return this.#join(invitation);
    const { collab } = invitation;
    if (!canShow()) return void this.env.send('collab.decline', { collab, cannot: true }).catch(() => undefined);
    // A screen is no page's: it is shown by one tab, whichever the customer looks at.
    this.#elsewhere.get(collab)?.abort();
    const wait = new AbortController();
    this.#elsewhere.set(collab, wait);
    const mine = () => new Promise<void>((release) => {
      this.#elsewhere.delete(collab);
      this.#join(invitation, release);
    });
    navigator.locks.request(`ngcc.screen.${collab}`, { signal: wait.signal }, mine).catch(() => undefined);
  }

  #join(invitation: Invitation, release?: () => void): void {
    const { collab, ticket, kind } = invitation;
    const made = new Collab({ server: this.env.server, collab, ticket, kind, me: 'customer' });
    const share: Share = { invitation, collab: made, minimised: false, proposals: [], opening: undefined, release };
    this.shares.set(collab, share);
    this.code = undefined;
    made.subscribe(() => this.#follow(share));
    made.on('ready', () => {
      // Whoever began it has consented by that.
      if (invitation.by === 'customer' && !made.state.consents.view) made.consent('view', true);
    });
    made.start();
    this.draw();
  }

  #follow(share: Share): void {
    const { link, consents, paused, why } = share.collab.state;
    if (link === 'up') this.#introduce(share);
    const { collab, kind } = share.invitation;
    if (link === 'over') return this.#ended(collab, why ?? '');
    if (link === 'refused') return this.#ended(collab, 'unavailable');
    if (link === 'replaced') return this.#drop(collab);
    share.screen?.pause(paused);
    if (link === 'up' && (consents.view || kind === 'screen') && !share.loading) {
      share.loading = true;
      if (kind !== 'screen') this.env.emit('share', { kind, state: 'on' });
      void this.#load(share);
    }
    this.draw();
  }

  /** Says who has it now, where that is somebody else than before. */
  #introduce(share: Share): void {
    const { name } = share.collab.state.people.agent;
    const before = share.agent;
    if (!name) {
      // Between two agents: the invitation's name is that of the first.
      if (before) share.invitation = { ...share.invitation, display: '' };
      return;
    }
    share.agent = name;
    if (before !== undefined && before !== name) this.#tell(sayer(this.env.lang())('now_with', { name }));
  }

  async #load(share: Share): Promise<void> {
    const { kind } = share.invitation;
    try {
      if (kind === 'cobrowse') {
        const { Cobrowse } = await import('../cobrowse/main');
        if (this.shares.get(share.invitation.collab) !== share) return;
        share.cobrowse = new Cobrowse({
          collab: share.collab, host: this.env.host, layer: this.#layer, name: () => this.name(share),
          propose: (p) => {
            share.proposals = [...share.proposals.filter((o) => o.field !== p.field), p];
            this.draw();
          },
          open: (o) => {
            share.opening = o;
            this.draw();
          },
        });
      } else if (kind === 'screen') {
        const { Screen } = await import('../screen/main');
        const { collab } = share.invitation;
        if (this.shares.get(collab) !== share) return;
        share.screen = new Screen({
          server: this.env.server, collab, token: () => this.env.token(), changed: () => this.draw(), ended: () => this.stop(share),
        });
        // Whoever has just asked for it need not be asked again; a page that was loaded anew asks whether to go on.
        const fresh = share.invitation.by === 'customer' && !share.screen.before;
        if (fresh && navigator.userActivation.isActive) void this.show(share);
      } else if (kind === 'form') await import('@ngcc/share/form-view');
      else if (kind === 'file' || kind === 'url') await this.#loadPut(share);
      else await import('@ngcc/share/board-view');
      share.drawn = true;
    } catch {
      // Asked for again with the next word of the centre.
      share.loading = false;
    }
    this.draw();
  }

  async #loadPut(share: Share): Promise<void> {
    const { LinkBook } = await import('@ngcc/share/put-view');
    if (share.invitation.kind !== 'url') return;
    share.links = LinkBook.of(share.collab);
    share.links.go = (url) => this.#go(url);
    share.links.subscribe(() => this.draw());
  }

  #ended(collab: string, why: string): void {
    this.#elsewhere.get(collab)?.abort();
    this.#elsewhere.delete(collab);
    const share = this.shares.get(collab);
    if (!share) return;
    const say = sayer(this.env.lang());
    const { kind } = share.invitation;
    this.#drop(collab);
    this.#tell(say(worded('ended', why), { kind: say(`kind_${kind}` as Word) }));
    this.env.emit('share', { kind, state: 'off', why });
  }

  #refused(why: string): void {
    const { pending } = this;
    this.cancel();
    this.#tell(sayer(this.env.lang())(worded('refused', why)));
    if (pending) this.env.emit('share', { kind: pending.kind, state: 'refused', why });
  }

  #drop(collab: string): void {
    const share = this.shares.get(collab);
    if (!share) return;
    this.shares.delete(collab);
    share.cobrowse?.end();
    share.screen?.end();
    share.collab.stop();
    share.release?.();
    this.draw();
  }

  #tell(text: string): void {
    this.notice = text;
    clearTimeout(this.#fade);
    this.#fade = setTimeout(() => this.dismiss(), NOTICE_MS);
    this.draw();
  }

  #send(type: string, data: object): void {
    this.env.send(type, data).catch(() => {
      this.code = undefined;
      this.#refused('unavailable');
    });
  }

  /** Escape twice takes control back, wherever the focus is. */
  #key(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !event.isTrusted) return;
    const now = Date.now();
    const twice = now - this.#esc < ESC_MS;
    this.#esc = twice ? 0 : now;
    if (!twice) return;
    for (const share of this.shares.values()) {
      if (!share.collab.state.consents.control) continue;
      this.consent(share, 'control', false);
      this.#tell(sayer(this.env.lang())('control_over', { name: this.name(share) }));
    }
  }

  name(share: Share): string {
    return share.collab.other || share.invitation.display || sayer(this.env.lang())('agent');
  }

  draw(): void {
    const lang = this.env.lang();
    // Words that cannot be had now are asked for again with the next change.
    if (!speaks(lang)) void learn(lang).then(() => this.draw(), () => undefined);
    render(<Stage sharing={this} say={sayer(lang)} lang={speaks(lang) ? lang : 'en'} />, this.#root);
    this.env.changed();
  }
}
