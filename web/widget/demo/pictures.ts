/** Drawings of the shop, made here so that nothing is loaded from elsewhere. */

const svg = (box: string, body: string): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${body}</svg>\n`;

export const leaf = svg('0 0 32 32', '<path d="M6 26C6 12 14 5 27 5c1 13-6 20-17 20" fill="#1f6b4f"/><path d="M5 28C9 19 14 14 21 11" fill="none" stroke="#d9ead9" stroke-width="1.8" stroke-linecap="round"/>');

/** A tin of tea with its band in the tea's colour. */
export function tin(ground: string, body: string, band: string): string {
  return svg(
    '0 0 320 240',
    `<rect width="320" height="240" fill="${ground}"/><ellipse cx="160" cy="206" rx="92" ry="12" fill="#0002"/>
<path d="M92 74h136v120a12 12 0 0 1-12 12H104a12 12 0 0 1-12-12Z" fill="${body}"/><path d="M196 74h32v120a12 12 0 0 1-12 12h-20Z" fill="#0001"/>
<rect x="86" y="46" width="148" height="34" rx="8" fill="${body}"/><rect x="86" y="68" width="148" height="12" fill="#0002"/>
<rect x="92" y="104" width="136" height="66" fill="${band}"/><path d="M146 152c0-20 12-31 32-31 1 20-9 31-26 31" fill="${body}"/><path d="M143 156c7-13 14-20 24-25" fill="none" stroke="${band}" stroke-width="2.5"/>`,
  );
}

/** Hills, a sun and rows of tea. */
export const hills = svg(
  '0 0 900 460',
  `<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fbe9c8"/><stop offset="1" stop-color="#eef3e4"/></linearGradient></defs>
<rect width="900" height="460" fill="url(#s)"/><circle cx="660" cy="132" r="58" fill="#f2b66b"/>
<path d="M0 270c120-90 220-120 330-60s170 20 270-30 200-40 300 40v240H0Z" fill="#b9d2b4"/>
<path d="M0 330c150-80 260-50 380-10s260-60 520-20v160H0Z" fill="#6fa583"/>
<path d="M0 400c200-70 420-60 900-30v90H0Z" fill="#1f6b4f"/>
<g fill="none" stroke="#d9ead9" stroke-width="5" stroke-linecap="round" stroke-dasharray="2 16"><path d="M10 420c220-50 480-48 880-24"/><path d="M10 444c260-40 520-36 880-18"/></g>
<g fill="none" stroke="#4f8d69" stroke-width="4" stroke-dasharray="2 13" stroke-linecap="round"><path d="M20 352c150-60 250-40 360-6s250-40 500-14"/><path d="M20 378c160-46 260-26 370 0s240-30 490-12"/></g>`,
);

export const cup = svg(
  '0 0 320 240',
  `<rect width="320" height="240" fill="#e8efe6"/><ellipse cx="150" cy="196" rx="104" ry="12" fill="#0002"/>
<path d="M70 96h160c0 62-26 96-80 96s-80-34-80-96Z" fill="#fff"/><ellipse cx="150" cy="96" rx="80" ry="18" fill="#f4f4ee"/><ellipse cx="150" cy="98" rx="68" ry="12" fill="#c98f3f"/>
<path d="M228 108c34-6 42 44-14 48" fill="none" stroke="#fff" stroke-width="12"/><g fill="none" stroke="#9fb8a6" stroke-width="4" stroke-linecap="round"><path d="M124 66c-10-14 8-20 0-34M152 62c-10-14 8-20 0-34M180 66c-10-14 8-20 0-34"/></g>`,
);
