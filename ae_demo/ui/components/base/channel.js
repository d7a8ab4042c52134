// Values that the components of a tab share in the page, by the channel's name. A component changes one by
// `channel(name).set("code", value, itself)` and is notified by `channel(name).on("code", (value, source) => …)`;
// nothing of this goes to the server.

const channels = new Map();

class Channel {
  constructor() {
    this.values = new Map();
    this.listeners = new EventTarget();
  }

  get(name) {
    return this.values.get(name) ?? null;
  }

  set(name, value, source) {
    this.values.set(name, value);
    this.listeners.dispatchEvent(new CustomEvent(name, { detail: source }));
  }

  on(name, listener) {
    this.listeners.addEventListener(name, (event) => listener(this.get(name), event.detail));
  }
}

export function channel(name) {
  if (!channels.has(name)) channels.set(name, new Channel());
  return channels.get(name);
}
