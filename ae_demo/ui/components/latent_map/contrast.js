// Other models' planes beside this one, moving together: the picture that one decodes, the others encode, and their
// points go where they find it. So the same picture is pointed at everywhere, and the holes between are seen.

import { attachGestures } from "./gestures.js";
import { paintSpot } from "./paint.js";
import { Plane } from "./plane.js";

export class Contrast {
  // `load(name)` gives {about, model, dots, grid}; `moved(pixels)` hears of a picture pointed at in one of the planes.
  constructor(section, { load, look, moved, say }) {
    Object.assign(this, { section, load, look, moved, say, others: [], seen: false, hovered: -1 });
    new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting;
      this.follow(this.last);
    }).observe(section);
  }

  async choose(names) {
    this.wanted = names;
    this.others = [];
    this.section.hidden = !names.length;
    this.section.querySelector(".others").replaceChildren();
    const loaded = await Promise.all(names.map((name) => this.load(name).catch(() => null)));
    if (names !== this.wanted) return; // another model was chosen meanwhile
    this.others = loaded.filter((other) => other?.model).map((other) => this.build(other));
    this.follow(this.last, null, true);
  }

  build(other) {
    const node = document.createElement("figure");
    node.innerHTML =
      '<figcaption></figcaption><div class="plane"><canvas class="beside" tabindex="0" role="application"></canvas></div>' +
      '<div class="below"><canvas class="small"></canvas><p class="note"></p></div>';
    this.section.querySelector(".others").append(node);
    const made = {
      ...other,
      node,
      place: [other.about.home.x, other.about.home.y],
      small: node.querySelector(".small"),
    };
    made.plane = new Plane(node.querySelector(".plane canvas"), {
      look: this.look,
      paintOver: (context, plane) => {
        const { codes } = made.dots ?? {};
        if (codes && this.hovered >= 0)
          paintSpot(context, plane, [codes[2 * this.hovered], codes[2 * this.hovered + 1]], 6, "#fff");
      },
    });
    made.plane.show(other);
    made.plane.mark(made.place);
    const go = (place) => {
      this.put(made, place);
      this.moved(made.model.decode(...made.place), made);
    };
    attachGestures(made.plane, {
      tool: () => "walk",
      start: () => false,
      move: (pixel) => go(made.plane.fromPixel(pixel)),
      hover: () => {},
      drag: () => {},
      end: () => {},
      step: (arrow, large) => {
        const by = ((large ? 5 : 1) * made.plane.view.half) / 32;
        go(made.place.map((at, i) => at + by * arrow[i]));
        made.plane.follow(made.place);
      },
      key: (name) => name === "here" && made.plane.toPixel(made.place),
    });
    this.translate(made);
    return made;
  }

  translate(made) {
    const kind = made.about.name.startsWith("pca-") ? "pca" : made.about.prior ? "vae" : "plain";
    made.node.querySelector("figcaption").textContent = `${this.say(kind)} · ${made.about.name}`;
    made.node.querySelector(".note").textContent = this.say(`${kind}_note`);
    made.plane.canvas.setAttribute("aria-label", `${this.say(kind)}. ${this.say("canvas")}`);
  }

  put(made, place) {
    made.place = place;
    made.model.show(made.small, ...place);
    made.plane.mark(place);
  }

  // A picture (C·H·W,) in [0, 1] is pointed at, given by `give()`; all planes but the one it came from go where they
  // encode it. Where nobody sees them, they need not, and it is not decoded.
  follow(give, source = null, always = false) {
    this.last = give;
    if (!give || !(this.seen || always)) return;
    const picture = give();
    for (const made of this.others)
      if (made !== source && made.model.channels * made.model.height * made.model.width === picture.length)
        this.put(made, made.model.encode(picture).place);
  }

  // The test picture under the pointer, or -1: the same one is ringed everywhere.
  hover(index) {
    this.hovered = index;
    this.repaint(false);
  }

  repaint(view) {
    for (const { plane } of this.others) view ? plane.changed() : plane.paint();
  }
}
