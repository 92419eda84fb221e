/** Addresses without what may be secret in them: queries and fragments. */

export const ADDRESSES = new Set([
  'href', 'src', 'xlink:href', 'action', 'formaction', 'poster', 'data', 'cite', 'background', 'longdesc', 'ping', 'rr_src',
]);
export const ADDRESS_LISTS = new Set(['srcset', 'imagesrcset']);

/** A larger embedded picture would fill a frame by itself. */
const MAX_EMBEDDED = 256 * 1024;

export function address(value: string): string {
  const text = value.trim();
  if (/^data:/i.test(text)) return text.length > MAX_EMBEDDED ? '' : text;
  if (/^(javascript|vbscript|blob|filesystem):/i.test(text)) return '';
  return text.replace(/[?#].*$/s, '');
}

export function addressList(value: string): string {
  return value.split(/,(?=\s)/).map((part) => part.replace(/[?#]\S*/, '')).join(',');
}

/** A style's text with its addresses cut; a fragment alone names something in the same page and stays. */
export function styleText(css: string): string {
  return css.replace(/url\(\s*(['"]?)([^'")]*)\1\s*\)/gi, (all, quote: string, inner: string) =>
    /^#/.test(inner) ? all : `url(${quote}${address(inner)}${quote})`,
  );
}
