/** Why a file did not go, by what the centre answers. */
import { afterEach, expect, it, vi } from 'vitest';
import { upload } from '../src/core/files';

class Request {
  static status = 201;
  static answer: unknown = null;
  status = 0;
  response: unknown = null;
  responseType = '';
  timeout = 0;
  upload: { onprogress?: unknown } = {};
  onload: (() => void) | undefined;
  open(): void {}
  setRequestHeader(): void {}
  send(): void {
    this.status = Request.status;
    this.response = Request.answer;
    this.onload?.();
  }
}

afterEach(() => vi.unstubAllGlobals());

it('says what is wrong with a file, and whether to try again', async () => {
  vi.stubGlobal('XMLHttpRequest', Request);
  const token = JSON.stringify({ visitor: 'vis_1', token: 't', until: Date.now() + 1e9 });
  vi.stubGlobal('fetch', async () => new Response(token, { status: 201, headers: { 'content-type': 'application/json' } }));
  const sent = async (status: number, answer: unknown): Promise<unknown> => {
    [Request.status, Request.answer] = [status, answer];
    return upload('https://shop.example', new File(['x'], 'a.txt'), () => {}).then((file) => file.file, (why: Error) => why.message);
  };
  expect(await sent(422, { code: 'harmful' })).toBe('harmful');
  expect(await sent(503, { code: 'unscanned' })).toBe('unscanned');
  expect(await sent(413, { code: 'too_large' })).toBe('too_big');
  expect(await sent(503, null)).toBe('network');
  expect(await sent(403, { code: 'origin' })).toBe('forbidden');
  expect(await sent(201, { file: 'file_1', name: 'a.txt', mime: 'text/plain', size: 1 })).toBe('file_1');
});
