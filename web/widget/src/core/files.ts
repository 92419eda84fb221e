/** Upload and download of a chat's files, with the visitor's token. */
import type { FileContent } from '../wire';
import { visitorToken } from './visitor';

/** Why a file did not go: the key of the text that says so. */
export class UploadError extends Error {
  constructor(readonly code: 'too_big' | 'network' | 'forbidden' | 'harmful' | 'unscanned') {
    super(code);
  }
}

/** Hands the bytes over; `told` hears the part that is up, 0 to 1. */
export async function upload(server: string, file: File, told: (part: number) => void): Promise<FileContent> {
  const token = await visitorToken(server).catch(() => {
    throw new UploadError('network');
  });
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${server}/api/v1/uploads?name=${encodeURIComponent(file.name.slice(0, 255))}`);
    request.setRequestHeader('authorization', `Bearer ${token}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.responseType = 'json';
    request.timeout = 120_000;
    request.upload.onprogress = (e) => told(e.lengthComputable ? e.loaded / e.total : 0);
    request.onload = () => {
      if (request.status === 413) return failed(new UploadError('too_big'));
      const why = (request.response as { code?: unknown } | null)?.code;
      if (why === 'harmful' || why === 'unscanned') return failed(new UploadError(why));
      if (request.status < 200 || request.status > 299) return failed(new UploadError(request.status >= 500 ? 'network' : 'forbidden'));
      const { file: id, name, mime, size } = request.response as Omit<FileContent, 'kind'>;
      done({ kind: 'file', file: id, name, mime, size });
    };
    request.onerror = request.ontimeout = () => failed(new UploadError('network'));
    request.send(file);
  });
}

/** A file of the session as an address of this page's memory. */
export async function fetchFile(server: string, file: string): Promise<string> {
  const token = await visitorToken(server);
  const answer = await fetch(`${server}/api/v1/uploads/${encodeURIComponent(file)}`, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`uploads: ${answer.status}`);
  return URL.createObjectURL(await answer.blob());
}

/** Only these are shown as pictures; a centre looks at the bytes, so their type is to be believed. */
export function isPicture(mime: string): boolean {
  return ['image/png', 'image/jpeg', 'image/gif', 'image/webp'].includes(mime);
}
