// Pictures beside the map: the visitor's own, and the test picture under the pointer.

// A picture (C·H·W,) in [0, 1] written into a canvas of its size.
export function writePicture(canvas, picture, { width, height, channels }) {
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  const area = width * height;
  for (let i = 0; i < 4 * area; i++)
    image.data[i] = i % 4 === 3 ? 255 : 255 * picture[(i >> 2) + (channels === 3 ? (i % 4) * area : 0)];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Picture `index` of a sheet with `columns` columns, drawn into a canvas.
export function drawFromSheet(canvas, sheet, index, { columns, shape }) {
  const [, height, width] = shape;
  const [left, top] = [(index % columns) * width, Math.floor(index / columns) * height];
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(sheet, left, top, width, height, 0, 0, width, height);
}

// Calls back with the data URIs of at most two files that are dropped on a node.
export function onPicturesDropped(node, callback) {
  node.addEventListener("dragover", (event) => event.preventDefault());
  node.addEventListener("drop", async (event) => {
    event.preventDefault();
    callback(await Promise.all([...event.dataTransfer.files].slice(0, 2).map(readFile)));
  });
}

const readFile = (file) =>
  new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(file);
  });
