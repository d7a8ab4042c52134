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

// `context`: what Gradio gives a script (element, props, trigger, watch, server, upload). `props.strings` overrides texts.
export async function mount(name, context) {
  const [script, shared, own] = await Promise.all([
    import(`../${name}/script.js`),
    textsOf("base"),
    textsOf(name),
    loadStyles("./base.css"),
    loadStyles(`../${name}/style.css`),
  ]);
  const strings = Object.fromEntries(Object.keys(own).map((locale) => [locale, { ...shared[locale], ...own[locale] }]));
  for (const [locale, changed] of Object.entries(context.props.strings ?? {}))
    strings[locale] = { ...strings[locale], ...changed };
  script.default({ ...context, strings });
  context.element.dataset.mounted = "";
}

// Preloads the latent plane's many modules once the page is idle, so that its tab opens sooner.
const atRest = globalThis.requestIdleCallback ?? ((callback) => setTimeout(callback, 2000));
atRest(() => {
  for (const name of ["latent_map", "latent_path", "latent_samples"]) import(`../${name}/script.js`).catch(() => {});
});
