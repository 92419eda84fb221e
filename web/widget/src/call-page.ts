/** The stand-alone call page: `/widget/call.html?entry=1000`, with the widget's attributes as parameters. */
const PASSED = ['entry', 'lang', 'theme', 'accent', 'brand', 'voice', 'video'];

const parameters = new URLSearchParams(location.search);
const widget = document.createElement('ngcc-widget');
widget.setAttribute('mode', 'call');
for (const name of PASSED) {
  const value = parameters.get(name);
  if (value !== null) widget.setAttribute(name, value.slice(0, 200));
}
const theme = parameters.get('theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
const chinese = (parameters.get('lang') ?? navigator.language).toLowerCase().startsWith('zh');
document.documentElement.lang = chinese ? 'zh-CN' : 'en';
document.title = chinese ? '通话' : 'Call';
// What the page is, for those who go by headings: to the eye it is the window itself.
const heading = document.createElement('h1');
heading.className = 'unseen';
heading.textContent = document.title;
document.querySelector('main')?.append(heading, widget);
