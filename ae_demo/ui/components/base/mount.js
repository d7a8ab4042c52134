// Mounts a component: its script, styles and texts are fetched once, however often it stands in the page. It is hidden
// until it is mounted (app.css), so that nobody sees it unstyled.

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
  fetchRestLater();
}

// Fetches the files of other tabs' components, one component after the other, once the first tab is idle: a tab whose
// files are in the page opens sooner. The first tab does not share its own loading time with them.
const REST = [
  "hints",
  "latent_map",
  "latent_path",
  "latent_samples",
  "style_sheet",
  "curve",
  "detection",
  "sequence_code",
  "recording",
  "sequence",
  "code_map",
  "code_neighbours",
  "layers",
  "scatter",
  "progress",
  "preview",
  "gallery",
];
const REST_AFTER = 1000; // ms without a component that is mounted
let rest = null;
let fetching = false;

function fetchRestLater() {
  clearTimeout(rest);
  if (!fetching) rest = setTimeout(fetchRest, REST_AFTER);
}

async function fetchRest() {
  fetching = true;
  for (const name of REST) await filesOf(name).catch(() => {});
  document.documentElement.dataset.fetched = "";
}
