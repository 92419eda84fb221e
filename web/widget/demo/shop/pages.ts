/** The shop: home, a page a tea, the basket with its form, about. */
import { shopPage, two } from '../layout.ts';

interface Tea { id: string; price: number; picture: string; en: [string, string]; zh: [string, string]; story: [string, string]; from: [string, string]; brew: [string, string] }

const TEAS: Tea[] = [
  { id: 'longjing', price: 128, picture: 'tin-green', en: ['West Lake Longjing', 'Green tea, first picking, 100 g'], zh: ['西湖龙井', '明前绿茶 100 克'],
    story: ['Flat, jade-green leaves, picked before the spring rains and fired by hand in the pan. It smells of chestnut and tastes sweet, with no bitterness.', '扁平翠绿，明前采摘，手工炒制。栗香清雅，入口甘鲜，不苦不涩。'], from: ['Hangzhou, Zhejiang', '浙江杭州'], brew: ['80 °C, 3 g in 200 ml, 2 minutes', '80 °C，3 克 / 200 毫升，2 分钟'] },
  { id: 'dahongpao', price: 168, picture: 'tin-red', en: ['Da Hong Pao', 'Rock oolong from Wuyi, 100 g'], zh: ['大红袍', '武夷岩茶 100 克'],
    story: ['From old bushes between the cliffs, roasted over charcoal in three turns. Dark honey, warm stone, a long finish.', '产自岩壁之间的老丛，三道炭焙。蜜香岩韵，回味悠长。'], from: ['Wuyishan, Fujian', '福建武夷山'], brew: ['100 °C, 5 g in 120 ml, 20 seconds, many times', '100 °C，5 克 / 120 毫升，每泡 20 秒，耐泡'] },
  { id: 'puer', price: 98, picture: 'tin-brown', en: ['Ripe Pu-erh', 'Stored for ten years, 200 g'], zh: ['熟普洱', '十年陈 200 克'],
    story: ['Pressed in 2016 and kept in a dry cellar. Soft, round and earthy; good after a heavy meal.', '2016 年压制，干仓存放。醇厚柔和，饭后尤宜。'], from: ['Menghai, Yunnan', '云南勐海'], brew: ['100 °C, 6 g in 150 ml, rinse once', '100 °C，6 克 / 150 毫升，洗茶一次'] },
  { id: 'silver', price: 208, picture: 'tin-gold', en: ['White Silver Needle', 'White tea from Fuding, 50 g'], zh: ['白毫银针', '福鼎白茶 50 克'],
    story: ['Buds only, dried in the spring sun and left alone. Melon, hay and a little honey.', '只取单芽，日晒而成。瓜香、草香，略带蜜甜。'], from: ['Fuding, Fujian', '福建福鼎'], brew: ['85 °C, 4 g in 150 ml, 1 minute', '85 °C，4 克 / 150 毫升，1 分钟'] },
];

const pageOf = (tea: Tea): string => (tea === TEAS[0] ? 'product.html' : `tea-${tea.id}.html`);
const yuan = (n: number): string => `¥${n}`;

function card(tea: Tea): string {
  return `<li class="tea"><a href="${pageOf(tea)}"><img src="img/${tea.picture}.svg" alt="" width="320" height="240"><b>${two(tea.en[0], tea.zh[0])}</b></a>
<p>${two(tea.en[1], tea.zh[1])}</p><p class="row"><strong>${yuan(tea.price)}</strong><button type="button" data-add="${tea.id}">${two('Add to basket', '加入购物车')}</button></p></li>`;
}

const home = shopPage('./', ['Tea from the hills', '山间好茶'], `
<section class="hero"><img src="img/hills.svg" alt="" width="900" height="460"><div>
<h1>${two('Tea from the hills, posted the day it is packed', '山间好茶，当日封装，当日发出')}</h1>
<p>${two('Four teas, from four families we have known for years. Ask us which one suits you – we answer.', '四款茶，来自四户相识多年的茶农。不知道选哪款？问我们，马上答复。')}</p>
<p class="row"><a class="button" href="product.html">${two('See the teas', '选购茶品')}</a><button type="button" class="plain" data-ask>${two('Ask us', '咨询客服')}</button></p>
</div></section>
<section><h2>${two('This season', '当季茶品')}</h2><ul class="teas">${TEAS.map(card).join('')}</ul></section>
<section class="three">
<div><h3>${two('Free of postage from ¥99', '满 ¥99 包邮')}</h3><p>${two('Sent within a day, everywhere in the country.', '24 小时内发货，全国配送。')}</p></div>
<div><h3>${two('Thirty days to return', '三十天无忧退换')}</h3><p>${two('Opened or not: if you do not like it, send it back.', '不喜欢？开封也可以退。')}</p></div>
<div><h3>${two('A person answers', '真人客服')}</h3><p>${two('Chat or call from every page; you can go on browsing.', '每个页面都可聊天或通话，边逛边聊。')}</p></div>
</section>`);

function product(tea: Tea): string {
  return shopPage('product.html', [tea.en[0], tea.zh[0]], `
<section class="product"><img src="img/${tea === TEAS[0] ? 'cup' : tea.picture}.svg" alt="" width="320" height="240"><div>
<h1>${two(...names(tea))}</h1>
<p class="price">${yuan(tea.price)}</p>
<p>${two(...tea.story)}</p>
<dl><dt>${two('What', '品类')}</dt><dd>${two(tea.en[1], tea.zh[1])}</dd><dt>${two('From', '产地')}</dt><dd>${two(...tea.from)}</dd><dt>${two('Brew', '冲泡')}</dt><dd>${two(...tea.brew)}</dd></dl>
<p class="row"><button type="button" class="button" data-add="${tea.id}">${two('Add to basket', '加入购物车')}</button><button type="button" class="plain" data-ask>${two('Ask about this tea', '咨询此茶')}</button></p>
</div></section>
<section><h2>${two('Also liked', '其他推荐')}</h2><ul class="teas">${TEAS.filter((other) => other !== tea).map(card).join('')}</ul></section>`);
}

const names = (tea: Tea): [string, string] => [tea.en[0], tea.zh[0]];

const cart = shopPage('cart.html', ['Basket', '购物车'], `
<h1>${two('Your basket', '您的购物车')}</h1>
<div class="checkout">
<section aria-label="Basket"><p class="number">${two('Your customer number', '您的客户编号')} <b data-ngcc-mask>Q-20417-88</b></p><ul class="basket" data-basket></ul><p class="empty" data-empty>${two('Nothing in it yet.', '购物车还是空的。')} <a href="./">${two('See the teas', '去选茶')}</a></p><p class="total row"><span>${two('Total', '合计')}</span><strong data-total>¥0</strong></p></section>
<form data-form novalidate>
<input type="hidden" name="ticket" value="hidden-7f3a91c2">
<h2>${two('Where to?', '收货信息')}</h2>
<label>${two('Name', '姓名')}<input name="name" autocomplete="name" required maxlength="60"></label>
<label>${two('Telephone', '电话')}<input name="tel" type="tel" autocomplete="tel" required maxlength="20"></label>
<label>${two('E-mail', '电子邮箱')}<input name="email" type="email" autocomplete="email" placeholder="name@example.com" maxlength="80"></label>
<div class="pair" data-ngcc-show><label>${two('City', '城市')}<input name="city" autocomplete="address-level2" required maxlength="40"></label>
<label>${two('Postcode', '邮编')}<input name="postcode" inputmode="numeric" autocomplete="postal-code" maxlength="6"></label></div>
<label>${two('Address', '地址')}<input name="address" autocomplete="street-address" required maxlength="120"></label>
<div class="pair" data-ngcc-show><label>${two('Delivery', '配送时间')}<select name="when"><option value="any">Any time · 不限</option><option value="morning">Morning · 上午</option><option value="evening">Evening · 晚上</option></select></label>
<label class="tick"><input name="gift" type="checkbox">${two('Wrap it as a present', '礼品包装')}</label></div>
<label>${two('Password of your account', '账户密码')}<input name="password" type="password" autocomplete="current-password" maxlength="60"></label>
<label>${two('Card number (made up, please)', '银行卡号（请填写虚构号码）')}<input name="card" inputmode="numeric" autocomplete="cc-number" maxlength="23" data-private></label>
<p class="wrong" role="alert" data-wrong hidden>${two('Please fill in name, telephone, city and address.', '请填写姓名、电话、城市和地址。')}</p>
<p class="row"><button type="submit" class="button">${two('Order', '提交订单')}</button><button type="button" class="plain" data-ask>${two('I need help', '需要帮助')}</button></p>
<p class="done" role="status" data-done hidden>${two('Thank you! This is a demo, so no tea is on its way.', '谢谢！这是演示，因此不会真的发货。')}</p>
</form>
</div>`);

const about = shopPage('about.html', ['About us', '关于我们'], `
<section class="prose"><h1>${two('A small shop', '一家小店')}</h1>
<p>${two('Qinghe means “green sprouts”. We are five people in a courtyard in Hangzhou, and we sell four teas because those are the four we drink ourselves.', '青禾，意为青青禾苗。我们五个人，在杭州的一个小院里，只卖自己常喝的四款茶。')}</p>
<p>${two('Every spring we visit the families who grow them, pay before the harvest, and carry the first sacks down the hill ourselves.', '每年春天，我们拜访种茶的人家，采收前先付款，头几袋茶亲自背下山。')}</p>
<h2>${two('Talk to us', '联系我们')}</h2>
<p>${two('By chat or by telephone, straight from this page: the green circle at the lower right. Your conversation stays when you change pages.', '点击右下角的绿色圆形按钮，即可在本页聊天或通话；切换页面，会话不会中断。')}</p>
<p class="row"><button type="button" class="button" data-ask>${two('Write to us', '发消息')}</button><button type="button" class="plain" data-call>${two('Call us', '打电话')}</button></p></section>
<img class="wide" src="img/hills.svg" alt="" width="900" height="460">`);

/** Every page by its file's name. */
export const PAGES: Record<string, string> = {
  'index.html': home, 'cart.html': cart, 'about.html': about, ...Object.fromEntries(TEAS.map((tea) => [pageOf(tea), product(tea)])),
};
