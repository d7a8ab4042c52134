// Mounts a component: its script, styles and texts are fetched once, however often it stands in the page. It is hidden
// until it is mounted (styles/controls.css), so that nobody sees it unstyled.

const texts = new Map();
const textsOf = (name) => {
  const fetched = () => fetch(new URL(`../${name}/strings.json`, import.meta.url)).then((response) => response.json());
  if (!texts.has(name)) texts.set(name, fetched());
  return texts.get(name);
};

const sheets = new Map();
function loadStyles(path) {
  if (!sheets.has(path)) {
    const link = Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      href: new URL(path, import.meta.url).href,
    });
    sheets.set(path, new Promise((resolve) => (link.onload = link.onerror = resolve)));
    document.head.append(link);
  }
  return sheets.get(path);
}

const filesOf = (name) =>
  Promise.all([
    import(`../${name}/script.js`),
    textsOf("base"),
    textsOf(name),
    loadStyles("./base.css"),
    loadStyles(`../${name}/style.css`),
  ]);

// `context`: what Gradio gives a script (element, props, trigger, watch, server, upload). `props.strings` overrides texts.
export async function mount(name, context) {
  const [script, shared, own] = await filesOf(name);
  const strings = Object.fromEntries(Object.keys(own).map((locale) => [locale, { ...shared[locale], ...own[locale] }]));
  for (const [locale, changed] of Object.entries(context.props.strings ?? {}))
    strings[locale] = { ...strings[locale], ...changed };
  script.default({ ...context, strings });
  context.element.dataset.mounted = "";
  opened ||= Boolean(context.element.closest("#ae-tabs"));
  restartTimer();
}

// Fetches the files of the components in `names` one component after the other once the page is idle, so that a tab that
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
  for (const name of names) await filesOf(name).catch(() => {});
  document.documentElement.dataset.fetched = "";
}
