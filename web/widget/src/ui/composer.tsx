/** Where the customer writes: growing field, files by button, paste and drag. Enter sends, unless an input method is composing. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Desk } from '../core/desk';
import { upload, UploadError } from '../core/files';
import * as storage from '../core/storage';
import { bytes, type Lang, type Translate } from '../i18n';
import { MAX_TEXT } from '../wire';
import { Icon } from './icons';

const MAX_FILES_AT_ONCE = 5;

interface Going { id: number; file: File; part: number; error?: string }

/** Files on their way up; a failed one stays to be tried again or given up. */
export function useUploads(desk: Desk, lang: Lang, t: Translate) {
  const [going, setGoing] = useState<Going[]>([]);
  const next = useRef(0);
  const change = (id: number, to: Partial<Going>) => setGoing((all) => all.map((g) => (g.id === id ? { ...g, ...to } : g)));
  const drop = (id: number) => setGoing((all) => all.filter((g) => g.id !== id));
  const run = (g: Going) => {
    const { name, size } = g.file;
    if (size > desk.chat.maxUpload) return change(g.id, { error: t('file_too_big', { name, size: bytes(lang, desk.chat.maxUpload) }) });
    upload(desk.settings.server, g.file, (part) => change(g.id, { part })).then(
      (content) => {
        drop(g.id);
        desk.say(content);
      },
      (why: unknown) => {
        const code = why instanceof UploadError ? why.code : 'network';
        change(g.id, { error: t(`file_${code}`, { name, size: bytes(lang, desk.chat.maxUpload) }) });
      },
    );
  };
  const add = (files: Iterable<File>) => {
    const few = [...files].slice(0, MAX_FILES_AT_ONCE).map((file) => ({ id: next.current++, file, part: 0 }));
    setGoing((all) => [...all, ...few]);
    few.forEach(run);
  };
  const again = (g: Going) => {
    setGoing((all) => all.map((o) => (o.id === g.id ? { id: o.id, file: o.file, part: 0 } : o)));
    run(g);
  };
  return { going, add, again, drop };
}

export type Uploads = ReturnType<typeof useUploads>;

export function UploadRows({ uploads, t }: { uploads: Uploads; t: Translate }) {
  return (
    <>
      {uploads.going.map((g) => (
        <div class={`card upload${g.error ? ' warn' : ''}`} key={g.id}>
          <Icon name="file" />
          <span>
            {g.error ?? t('uploading', { name: g.file.name, percent: Math.round(g.part * 100) })}
            {!g.error && <progress max={1} value={g.part} aria-label={g.file.name} />}
          </span>
          {g.error && <button type="button" class="link" onClick={() => uploads.again(g)}>{t('retry')}</button>}
          {g.error && <button type="button" class="link" onClick={() => uploads.drop(g.id)}>{t('discard')}</button>}
        </div>
      ))}
    </>
  );
}

export function Composer({ desk, entry, t, open, uploads }: { desk: Desk; entry: string; t: Translate; open: boolean; uploads: Uploads }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => storage.entry(entry).draft ?? '');
  const tooLong = new TextEncoder().encode(text).length > MAX_TEXT;
  const write = (value: string) => {
    setText(value);
    storage.remember(entry, { draft: value || undefined });
  };
  useEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  useEffect(() => {
    const el = field.current;
    if (!el) return;
    el.style.height = 'auto';
    el.style.height = `${el.scrollHeight}px`;
  }, [text, open]);
  const send = () => {
    if (text.trim() === '' || tooLong) return;
    desk.say({ kind: 'text', text: text.trim() });
    write('');
    field.current?.focus();
  };
  return (
    <form class="composer" onSubmit={(e) => {
      e.preventDefault();
      send();
    }}>
      <input ref={picker} type="file" multiple hidden onChange={(e) => {
        uploads.add(e.currentTarget.files ?? []);
        e.currentTarget.value = '';
      }} />
      <button type="button" class="round" aria-label={t('attach')} title={t('attach')} onClick={() => picker.current?.click()}><Icon name="attach" /></button>
      <textarea ref={field} rows={1} value={text} placeholder={t('write')} aria-label={t('write')} aria-invalid={tooLong}
        onInput={(e) => {
          write(e.currentTarget.value);
          if (e.currentTarget.value !== '') desk.typing();
        }}
        onKeyDown={(e) => {
          if (e.key !== 'Enter' || e.shiftKey || e.isComposing || e.keyCode === 229) return;
          e.preventDefault();
          send();
        }}
        onPaste={(e) => {
          const files = e.clipboardData?.files;
          if (!files?.length) return;
          e.preventDefault();
          uploads.add(files);
        }} />
      <button type="submit" class="round primary" aria-label={t('send')} title={t('send')} disabled={text.trim() === '' || tooLong}><Icon name="send" /></button>
      {tooLong && <p class="hint" role="alert">{t('too_long')}</p>}
    </form>
  );
}
