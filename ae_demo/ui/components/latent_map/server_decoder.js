// Decoding by the server, for models that cannot run in the page: one request at a time, and of those that wait meanwhile
// only the last.

import { loadPicture } from "../base/component.js";

// `decode(x, y, name)`: the server's function; `show(picture, place)` gets each picture, or null where it failed.
export class ServerDecoder {
  constructor(decode, show) {
    Object.assign(this, { decode, show, waiting: null, running: false });
  }

  async request(place, name) {
    this.waiting = { place, name };
    if (this.running) return;
    this.running = true;
    while (this.waiting) {
      const { place, name } = this.waiting;
      this.waiting = null;
      const picture = await this.decode(...place, name)
        .then((uri) => uri && loadPicture(uri))
        .catch(() => null);
      this.show(picture, place);
    }
    this.running = false;
  }
}
