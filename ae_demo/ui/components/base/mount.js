// Mounts a component. The texts and styles of all components are fetched once, and each script once, however often it
// stands in the page. A component is hidden until it is mounted (styles/controls.css), so that nobody sees it unstyled.

const address = (path) => new URL(path, import.meta.url).href;
const fetchTexts = fetch(address("../texts.json")).then((response) => response.json());
const loadStyles = new Promise((resolve) => {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address("../styles.css") });
  link.onload = link.onerror = resolve;
  document.head.append(link);
});

const MODULES = {}; // by component, its script and all that it imports; filled in where the scripts are published
const FIRST = []; // the components of the first tab, whose scripts arrive while Gradio draws it; likewise

// Fetches a script's imports at the same time as the script, instead of after it.
function fetchModules(name) {
  for (const path of MODULES[name] ?? []) {
    const link = { rel: "modulepreload", href: address(`../${path}`) };
    document.head.append(Object.assign(document.createElement("link"), link));
  }
  delete MODULES[name];
}

requestAnimationFrame(function whenTabsAreDrawn() {
  if (document.querySelector("#ae-tabs [role=tab]")?.checkVisibility()) FIRST.forEach(fetchModules);
  else requestAnimationFrame(whenTabsAreDrawn);
});

// `context`: what Gradio gives a script (element, props, trigger, watch, server, upload). `props.strings` overrides texts.
export async function mount(name, context) {
  fetchModules(name);
  const [script, texts] = await Promise.all([import(`../${name}/script.js`), fetchTexts, loadStyles]);
  const given = context.props.strings ?? {};
  const textsIn = (locale) => ({ ...texts.base[locale], ...texts[name][locale], ...given[locale] });
  const locales = Object.keys({ ...texts[name], ...given });
  const strings = Object.fromEntries(locales.map((locale) => [locale, textsIn(locale)]));
  script.default({ ...context, strings });
  context.element.dataset.mounted = "";
  opened ||= Boolean(context.element.closest("#ae-tabs"));
  restartTimer();
}

// Fetches the scripts of the components in `names` one component after the other once the page is idle, so that a tab that
// is opened later shows its components sooner. The first tab does not share its own loading time with them.
const IDLE_AFTER = 1000; // ms without a component that is mounted
let waiting = null; // the names, until they are being fetched
let opened = false; // a component of the first tab is mounted
let timer = 0;

export function fetchWhenIdle(names) {
  waiting = names;
  restartTimer();
}

function restartTimer() {
  clearTimeout(timer);
  if (waiting && opened) timer = setTimeout(fetchAll, IDLE_AFTER);
}

async function fetchAll() {
  const names = waiting;
  waiting = null;
  for (const name of names) {
    fetchModules(name);
    await import(`../${name}/script.js`).catch(() => {});
  }
  document.documentElement.dataset.fetched = "";
}
