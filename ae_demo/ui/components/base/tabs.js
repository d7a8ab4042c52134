// The page's tabs as Gradio shows them: where the page is narrow, some are in a menu.

const row = () => document.querySelector("#ae-tabs > .tab-wrapper");

export const activeTab = () => row()?.querySelector('[role="tab"][aria-selected="true"]')?.dataset.tabId ?? null;

// Gradio keeps all titles, in their order, in an invisible row by which it measures them.
export const titlesOfTabs = () =>
  [...row().querySelectorAll(".visually-hidden button")].map((node) => node.textContent);

// `place`: of the tab among all tabs, from 0.
export function openTab(place) {
  const title = titlesOfTabs()[place];
  const shown = row().querySelectorAll('[role="tab"], .overflow-dropdown button');
  [...shown].find((button) => button.textContent === title)?.click();
}

// Calls back with the name of each tab that is opened from now on; Gradio may not have drawn the tabs yet.
export function onTab(callback) {
  if (!row()) return void requestAnimationFrame(() => onTab(callback));
  let before = activeTab();
  const check = () => {
    const name = activeTab();
    if (name && name !== before) callback((before = name));
  };
  new MutationObserver(check).observe(row(), { subtree: true, childList: true, attributeFilter: ["aria-selected"] });
}
