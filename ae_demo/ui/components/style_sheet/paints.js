// Functions that paint one picture at a place of a canvas, for `fillGrid`.

import { writePicture } from "../latent_map/pictures.js";

// `hue()`: the colour of the line at the right edge of a source picture.
export function makePaints(model, hue) {
  const image = new ImageData(model.width, model.height);

  // A style as a class.
  const decoded = (z, label) => (context, x, y) => context.putImageData(model.paint(z, label, image), x, y);

  // A source picture, (C·H·W,) in [0, 1].
  const source = (picture) => (context, x, y) => {
    const small = document.createElement("canvas");
    writePicture(small, picture, model);
    context.drawImage(small, x, y);
    context.fillStyle = hue();
    context.fillRect(x + model.width - 1, y, 1, model.height);
  };

  const ofRaw = (raw) => (context, x, y) => context.putImageData(model.paintRaw(raw, image), x, y);

  // A style as every class.
  const all = (z) => model.rawOfAll(z).map(ofRaw);

  // Some styles as one class.
  const each = (styles, label) => model.rawOfEach(styles, Array(styles.length).fill(label)).map(ofRaw);

  return { decoded, source, all, each };
}
