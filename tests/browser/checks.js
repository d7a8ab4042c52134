// What test_access.py asks of the page: `layout()` lists what is cut off, covered or outside of the page, `watchFocus()`
// begins to note what the Tab key reaches, and `unreached(panel)` lists the controls that it did not, and those of which
// one cannot see that they have the focus.
{
  const CONTROLS = "button, input, select, textarea, summary, a[href], [tabindex], [role=button], [role=slider]";
  const SHOWN = "canvas, img, svg, video";

  const describe = (node) => {
    const id = node.closest("[id]:not([id=''])")?.id ?? "";
    const words = (node.getAttribute("aria-label") || node.textContent || node.value || "").trim().slice(0, 30);
    return `#${id} ${node.localName}.${[...node.classList].filter((name) => !name.includes("svelte")).join(".")} “${words}”`;
  };

  // Of an element, with what its ancestors say: whether it is not there for the eye (a text for screen readers, or a box that
  // lies unseen over what it belongs to), lies over something, scrolls sideways, and what cuts it.
  function traits(node, known) {
    if (!node || node === document.body) return { unseen: false, floats: false, scrolls: false, cutter: null };
    if (known.has(node)) return known.get(node);
    const above = traits(node.parentElement, known);
    const { opacity, visibility, clipPath, overflow, overflowX, overflowY, position } = getComputedStyle(node);
    const small = node.clientWidth <= 1 && overflow === "hidden";
    const clipped = !["", "none"].includes(clipPath) && !node.matches("img");
    const found = {
      unseen: above.unseen || opacity === "0" || visibility === "hidden" || clipped || small,
      floats: above.floats || ["absolute", "fixed", "sticky"].includes(position),
      scrolls: above.scrolls || (/auto|scroll/.test(overflowX) && node.scrollWidth > node.clientWidth + 1),
      cutter: /hidden|clip/.test(overflowX + overflowY) ? node : above.cutter,
    };
    known.set(node, found);
    return found;
  }

  // Gradio's upload lays its parts over one another; before and after lie over one another, too.
  const LAID_OVER = ".image-container, .compare";

  function layout() {
    const found = [];
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) found.push(`the page is ${wide} pixels wide`);
    const all = [];
    const known = new Map();
    for (const node of document.querySelectorAll(".gradio-container *")) {
      if (node.closest("svg") && node.localName !== "svg") continue;
      const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
      if (!text && !node.matches(`${CONTROLS}, ${SHOWN}`)) continue;
      if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const box = node.getBoundingClientRect();
      const { unseen, floats, scrolls, cutter } = traits(node, known);
      if (box.width < 2 || box.height < 2 || unseen || node.ariaHidden === "true") continue;
      if (!scrolls) {
        if (box.left < -1 || box.right > innerWidth + 1) found.push(`outside of the page: ${describe(node)}`);
        const frame = cutter !== node && cutter?.getBoundingClientRect();
        if (frame && (box.left < frame.left - 2 || box.right > frame.right + 2))
          found.push(`cut by ${describe(cutter)}: ${describe(node)}`);
        if (!floats && !node.closest(LAID_OVER)) all.push({ node, box });
      }
      const { overflowX, textOverflow } = getComputedStyle(node);
      if (
        text &&
        /hidden|clip/.test(overflowX) &&
        textOverflow !== "ellipsis" &&
        node.scrollWidth > node.clientWidth + 1
      )
        found.push(`text cut off: ${describe(node)}`);
      if (node.matches(".ae-component :is(button, select)") && node.scrollWidth > node.clientWidth + 2)
        found.push(`wider than its frame: ${describe(node)}`);
    }
    for (const [i, one] of all.entries()) {
      for (const other of all.slice(i + 1)) {
        const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (width <= 2 || height <= 2) continue;
        if (one.node.contains(other.node) || other.node.contains(one.node)) continue;
        if (one.node.closest(".wrap")?.contains(other.node) && other.node.matches("svg")) continue; // a list's arrow
        if (other.node.matches(".icon")) continue; // a turned arrow, measured as it was before
        found.push(`${describe(one.node)} covers ${describe(other.node)}`);
      }
    }
    return found;
  }

  // Of the selectors, those of which some part is not within the window.
  const belowTheFold = (selectors) =>
    selectors.filter((selector) => {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      return !box?.height || box.top < 0 || box.bottom > innerHeight;
    });

  let reached = new Set();
  let unclear = [];

  // The ring is on the control, or, where it lies unseen over its label, on that.
  function hasRing(node) {
    for (let [each, i] = [node, 0]; each && i < 4; each = each.parentElement, i++) {
      const { outlineStyle, outlineWidth, strokeWidth } = getComputedStyle(each);
      if (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2) return true;
      if (each.matches("rect") && strokeWidth === "2px") return true;
      const next = each.nextElementSibling;
      if (i === 0 && next?.matches(".dot") && getComputedStyle(next).outlineStyle !== "none") return true;
    }
    return false;
  }

  document.addEventListener("focusin", ({ target }) => {
    if (reached.has(target)) return;
    reached.add(target);
    if (!hasRing(target)) unclear.push(`no ring: ${describe(target)}`);
  });

  const watchFocus = () => {
    reached = new Set();
    unclear = [];
  };

  function unreached(panel) {
    const found = [...unclear];
    for (const node of document.querySelectorAll(`${panel} :is(${CONTROLS}, canvas)`)) {
      if (!node.checkVisibility({ visibilityProperty: true }) || node.disabled || node.type === "file") continue;
      if (node.getBoundingClientRect().width < 2 || reached.has(node)) continue;
      if (node.type === "radio" && [...reached].some((other) => other.name === node.name)) continue;
      // One of a group is reached, and arrow keys lead to the others.
      if (node.tabIndex < 0 && node.matches(".cells button, [role=radio], .ae-diagram rect, .ae-hints .remove"))
        continue;
      // Pictures that nobody points at, and those beside which a slider, a box or a button does the same.
      if (
        node.matches("canvas") &&
        (!["pointer", "crosshair", "ew-resize", "grab"].includes(getComputedStyle(node).cursor) ||
          node.closest("button, label") ||
          node.matches(".histogram"))
      )
        continue;
      found.push(`not reached: ${describe(node)}`);
    }
    return found;
  }

  window.checks = { layout, belowTheFold, watchFocus, unreached };
}
