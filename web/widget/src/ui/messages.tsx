/** The conversation: bubbles grouped by who speaks, lines of the centre, quick replies. Text is only ever text. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { waiting, type Chat, type Pending } from '../core/chat';
import { fetchFile, isPicture } from '../core/files';
import { bytes, clock, type Key, type Lang, type Translate } from '../i18n';
import type { Author, Content, FileContent, Message } from '../wire';
import { Icon } from './icons';

const GROUP_MS = 60_000;
/** Notices about the customer's own page are for the agent. */
const UNSHOWN = ['customer_gone', 'customer_back', 'closes_soon'];

interface Props {
  chat: Chat;
  t: Translate;
  lang: Lang;
  server: string;
  greeting: boolean;
  now: number;
  choose(value: string, label: string): void;
  retry(key: string): void;
  discard(key: string): void;
}

export function Messages(props: Props) {
  const { chat, t, now } = props;
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const pending = waiting(chat);
  const count = chat.messages.length + pending.length;
  const typing = chat.typing && chat.typing.until > now ? chat.typing : undefined;
  const content = useRef<HTMLDivElement>(null);
  // Who reads the end stays at the end when lines, pictures or cards come; what is said here is always shown.
  useEffect(() => {
    const pin = () => {
      if (log.current && atEnd.current) log.current.scrollTop = log.current.scrollHeight;
    };
    const observer = new ResizeObserver(pin);
    for (const el of [log.current, content.current]) if (el) observer.observe(el);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (pending.length === 0 || !log.current) return;
    atEnd.current = true;
    log.current.scrollTop = log.current.scrollHeight;
  }, [pending.length]);
  const last = chat.messages.at(-1);
  const shown = chat.messages.filter((m) => !(m.content.kind === 'notice' && UNSHOWN.includes(m.content.word)));
  const lastOwn = shown.findLast((m) => m.by.is === 'customer');
  return (
    <div class="log" role="log" aria-live="polite" aria-label={t('log')} tabIndex={0} ref={log}
      onScroll={(e) => {
        const el = e.currentTarget;
        atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < 40;
      }}>
      <div ref={content}>
      {props.greeting && count === 0 && (
        <div class="welcome">
          <p class="hello">{t('greeting')}</p>
          <p>{t('greeting_sub')}</p>
        </div>
      )}
      {shown.map((m, n) => (
        <Line key={m.seq} {...props} message={{ ...m, content: worded(shown, n) }} first={!grouped(shown[n - 1], m)} state={m === lastOwn ? (chat.seen >= m.seq ? 'read' : 'sent') : undefined} />
      ))}
      {pending.map((p) => <Waiting key={p.key} {...props} pending={p} />)}
      {typing && <p class="typing"><span class="dots" aria-hidden="true"><i /><i /><i /></span>{typing.name ? t('typing', { name: typing.name }) : t('typing_other')}</p>}
      {last?.content.kind === 'text' && last.content.choices && last.by.is !== 'customer' && pending.length === 0 && !chat.closed && (
        <div class="choices">
          {last.content.choices.slice(0, 12).map((c) => (
            <button type="button" class="chip" key={c.value} onClick={() => props.choose(c.value, c.label)}>{c.label}</button>
          ))}
        </div>
      )}
      </div>
    </div>
  );
}

/** A quick reply is sent as its value and shown as what was clicked. */
function worded(shown: Message[], n: number): Content {
  const m = shown[n];
  if (!m || m.content.kind !== 'text' || m.by.is !== 'customer') return m?.content ?? { kind: 'masked' };
  const { text } = m.content;
  const asked = shown.slice(0, n).findLast((o) => o.by.is !== 'customer')?.content;
  const choice = asked?.kind === 'text' ? asked.choices?.find((c) => c.value === text) : undefined;
  return choice ? { kind: 'text', text: choice.label } : m.content;
}

function Line({ message: m, first, state, t, lang, server }: Props & { message: Message; first: boolean; state: 'sent' | 'read' | undefined }) {
  if (m.content.kind === 'notice') return <p class="notice">{notice(m.content, t)}</p>;
  const own = m.by.is === 'customer';
  return (
    <div class={`line ${own ? 'own' : 'other'}${first ? ' first' : ''}`}>
      {first && <span class="by">{t('at', { name: who(m.by, t), time: clock(lang, m.at) })}</span>}
      <div class={`bubble-text is-${m.by.is}`}><Body content={m.content} t={t} lang={lang} server={server} /></div>
      {state && <span class={`state is-${state}`}>{state === 'read' ? '✓✓ ' : '✓ '}{t(state)}</span>}
    </div>
  );
}

function Waiting({ pending: p, t, lang, server, retry, discard }: Props & { pending: Pending }) {
  return (
    <div class={`line own first${p.failed ? ' failed' : ''}`}>
      <div class="bubble-text is-customer"><Body content={p.content} t={t} lang={lang} server={server} /></div>
      {p.failed === undefined ? <span class="state">{t('sending')}</span> : (
        <span class="state is-failed" role="alert">
          <span>{t(failure(p.failed))}</span>
          <button type="button" class="link" onClick={() => retry(p.key)}>{t('retry')}</button>
          <button type="button" class="link" onClick={() => discard(p.key)}>{t('discard')}</button>
        </span>
      )}
    </div>
  );
}

function Body({ content: c, t, lang, server }: { content: Content; t: Translate; lang: Lang; server: string }) {
  switch (c.kind) {
    case 'text':
      return <>{c.text}</>;
    case 'masked':
      return <span class="masked" aria-label={t('masked')}>••••••</span>;
    case 'file':
      return <FileBody file={c} t={t} lang={lang} server={server} />;
    case 'notice':
      return <>{notice(c, t)}</>;
  }
}

function FileBody({ file: f, t, lang, server }: { file: FileContent; t: Translate; lang: Lang; server: string }) {
  const [picture, setPicture] = useState<string>();
  useEffect(() => {
    if (!isPicture(f.mime)) return;
    let address: string | undefined;
    let gone = false;
    fetchFile(server, f.file).then(
      (a) => {
        address = a;
        if (gone) URL.revokeObjectURL(a);
        else setPicture(a);
      },
      () => undefined, // It is shown as a file to download instead.
    );
    return () => {
      gone = true;
      if (address) URL.revokeObjectURL(address);
    };
  }, [f.file, f.mime, server]);
  const size = bytes(lang, f.size);
  return (
    <button type="button" class={picture ? 'file picture' : 'file'} aria-label={t('download', { name: f.name, size })} onClick={() => void download(server, f)}>
      {picture ? <img src={picture} alt={t('image', { name: f.name })} /> : <><Icon name="file" /><span><b>{f.name}</b><small>{size}</small></span></>}
    </button>
  );
}

async function download(server: string, f: FileContent): Promise<void> {
  const address = await fetchFile(server, f.file).catch(() => undefined);
  if (address === undefined) return;
  const link = document.createElement('a');
  link.href = address;
  link.download = f.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function grouped(before: Message | undefined, m: Message): boolean {
  return before !== undefined && before.content.kind !== 'notice' && before.by.is === m.by.is && display(before.by) === display(m.by) && m.at - before.at < GROUP_MS;
}

function display(by: Author): string | undefined {
  return by.is === 'agent' ? by.display : undefined;
}

export function who(by: Author, t: Translate): string {
  if (by.is === 'customer') return t('you');
  return display(by) ?? t(by.is === 'centre' ? 'title' : 'assistant');
}

function notice(n: Extract<Content, { kind: 'notice' }>, t: Translate): string {
  switch (n.word) {
    case 'joined':
    case 'left':
      return t(n.word, { name: n.display });
    case 'transferred':
      return t('transferred', { to: n.to });
    case 'to_auto':
    case 'to_human':
    case 'customer_gone':
    case 'customer_back':
      return t(n.word);
    case 'closes_soon':
      return '';
  }
}

function failure(code: string): Key {
  switch (code) {
    case 'closed': return 'failed_closed';
    case 'too_many': return 'failed_too_many';
    case 'bad': return 'failed_bad';
    case 'forbidden': return 'failed_forbidden';
    default: return 'failed';
  }
}
