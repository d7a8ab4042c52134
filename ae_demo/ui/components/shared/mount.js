// Mounts a component: its script and its texts are fetched once, however often it stands in the page.

const texts = new Map();
const textsOf = (name) => {
  const fetched = () => fetch(new URL(`../${name}/strings.json`, import.meta.url)).then((response) => response.json());
  if (!texts.has(name)) texts.set(name, fetched());
  return texts.get(name);
};

// `context`: what Gradio gives a script (element, props, trigger, watch, server, upload). `props.strings` overrides texts.
export async function mount(name, context) {
  const [script, own] = await Promise.all([import(`../${name}/script.js`), textsOf(name)]);
  const strings = { ...own };
  for (const [locale, changed] of Object.entries(context.props.strings ?? {})) strings[locale] = { ...strings[locale], ...changed };
  script.default({ ...context, strings });
}
