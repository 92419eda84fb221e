/** The frame of the demo's pages. Every text is there in both languages; the style shows that of the page's `lang`. */

/** The same in English and Chinese. */
export function two(en: string, zh: string): string {
  return `<span lang="en">${en}</span><span lang="zh-CN">${zh}</span>`;
}

const NAV: [string, string, string][] = [
  ['./', 'Home', '首页'],
  ['product.html', 'Teas', '茶品'],
  ['cart.html', 'Basket', '购物车'],
  ['about.html', 'About us', '关于我们'],
];

export function shopPage(here: string, title: [string, string], body: string): string {
  const links = NAV.map(([to, en, zh]) => `<a href="${to}"${to === here ? ' aria-current="page"' : ''}>${two(en, zh)}${to === 'cart.html' ? '<b class="count" hidden></b>' : ''}</a>`);
  return `<!doctype html>
<html lang="en" data-title-en="${title[0]} – Qinghe Tea" data-title-zh="${title[1]} – 青禾茶铺">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title[0]} – Qinghe Tea</title>
<link rel="icon" href="img/leaf.svg">
<link rel="stylesheet" href="shop.css">
<script src="shop.js"></script>
<script type="module" src="/widget/loader.js"></script>
</head>
<body>
<a class="skip" href="#main">${two('Skip to content', '跳到正文')}</a>
<header class="top">
<a class="brand" href="./"><img src="img/leaf.svg" alt="" width="34" height="34"><span>青禾茶铺<small>Qinghe Tea</small></span></a>
<nav aria-label="Shop">${links.join('')}</nav>
<button type="button" class="lang" data-lang>${two('中文', 'English')}</button>
</header>
<main id="main">
${body}
</main>
<footer>
<p>${two('A made-up shop that shows the customer side of ngcc. Nothing is sold here.', '这是用于演示 ngcc 客户端的虚构店铺，并不出售商品。')}</p>
<p><a href="/demo">${two('Back to the demo', '返回演示首页')}</a></p>
</footer>
<ngcc-widget entry="shop" brand="青禾茶铺 Qinghe Tea" accent="#1F6B4F" video></ngcc-widget>
</body>
</html>
`;
}
