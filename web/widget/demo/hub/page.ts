/** The demo's first page: be the customer, the agent, the supervisor; what is going on; the walk-through. */
import { two } from '../layout.ts';
import type { StepName } from './progress.ts';

const STEP_TEXTS: Record<StepName, [string, string]> = {
  ready: ['Open the agent\'s console and go Ready', '打开坐席工作台并置为“就绪”'],
  contact: ['Open the shop and chat or call; the automatic service greets you', '打开店铺，聊天或拨打电话，自动服务会先接待'],
  queue: ['Choose a person (1, or "Talk to a person"): you are queued and an agent is asked', '选择人工（按 1 或点“转人工”）：进入排队，系统邀请坐席'],
  talk: ['Accept in the console: you talk to yourself', '在工作台接听：现在与自己通话'],
  auto: ['In the console: To automation → PIN check; the customer types four digits', '在工作台点“转自动 → PIN 校验”，客户输入四位数字'],
  back: ['The same agent has the customer back, with the result', '客户回到同一位坐席，并带回校验结果'],
  wrap: ['Hang up: the agent wraps up, and the session is in the history', '挂断：坐席进入话后处理，会话写入历史'],
};

function card(name: string, title: [string, string], text: [string, string], actions: string): string {
  return `<section class="card ${name}"><h2>${two(...title)}</h2><p>${two(...text)}</p><p class="state" data-state="${name}"></p><div class="actions">${actions}</div></section>`;
}

const button = (to: string, name: string, label: [string, string], more = ''): string =>
  `<a class="button${more}" data-to="${name}" href="${to}" target="_blank" rel="opener">${two(...label)}</a>`;

export const hubPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ngcc demo</title>
<link rel="icon" href="/demo/hub.svg">
<link rel="stylesheet" href="/demo/hub.css">
<script type="module" src="/demo/hub.js"></script>
</head>
<body>
<header><img src="/demo/hub.svg" alt="" width="32" height="32"><h1>ngcc <small>${two('demo', '演示')}</small></h1>
<button type="button" data-theme-switch>${two('Light / dark', '浅色 / 深色')}</button><button type="button" data-lang-switch>${two('中文', 'English')}</button></header>
<main>
<p class="lead">${two('A whole call centre on this machine. Take every side yourself, each in its own tab.', '整个呼叫中心就在这台机器上。每个角色都可以在各自的标签页中亲自体验。')}</p>
<div class="cards">
${card('customer', ['Be the customer', '体验客户'], ['A tea shop with the widget at its lower right: chat, call, video. Change pages and reload as you like.', '茶铺页面右下角就是客服组件：聊天、语音、视频。可随意切换或刷新页面。'],
    button('/demo/shop/', 'shop', ['Open the shop', '打开店铺'], ' primary') + button('/widget/call.html?entry=1000&video=1', 'call', ['Just a call', '直接拨打']))}
${card('agent', ['Be the agent', '体验坐席'], ['The console: go Ready, accept, talk, hand over to automation and get the customer back.', '坐席工作台：就绪、接听、通话、转自动服务并取回客户。'],
    button('/console/', 'agent', ['Open the console', '打开工作台'], ' primary') + '<span class="who"><code>alice</code> / <code>demo</code></span>')}
${card('supervisor', ['Be the supervisor', '体验主管'], ['The board: who waits, who is in which state; free a stuck seat, end a session.', '监控面板：谁在等待、各坐席状态；释放卡住的席位、结束会话。'],
    button('/console/', 'supervisor', ['Open the board', '打开面板'], ' primary') + '<span class="who"><code>sue</code> / <code>demo</code></span>')}
</div>
<section class="tools"><h2>${two('Tools', '工具')}</h2><div class="row">
${button('/widget/call.html?entry=1001', 'echo', ['Call the echo test', '回声测试'])}
<button type="button" data-simulate hidden>${two('Simulate customers', '模拟客户')}</button>
<label class="switch"><input type="checkbox" role="switch" data-voice><span>${two('Synthetic voice: a tone instead of the microphone', '合成语音：用提示音代替麦克风')}</span></label>
</div><p class="result" role="status" data-result></p></section>
<div class="columns">
<section><h2>${two('Walk-through', '演示步骤')}</h2><ol class="steps">
${(Object.keys(STEP_TEXTS) as StepName[]).map((name) => `<li data-step="${name}"><span class="tick" aria-hidden="true"></span><span>${two(...STEP_TEXTS[name])}</span></li>`).join('\n')}
</ol><button type="button" class="quiet" data-again>${two('Start over', '重新开始')}</button></section>
<section><h2>${two('Right now', '实时状态')}</h2><div data-board><p class="quiet-text">${two('Asking…', '查询中…')}</p></div></section>
</div>
</main>
</body>
</html>
`;
