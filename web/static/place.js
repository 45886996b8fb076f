// Where somebody is on a page: how much is loaded and how far it is scrolled. The entry of the
// history keeps it, so that Back and Forward lead to the same place.

const SETTLED = 150; // ms without scrolling

export class Place {
  #timer = 0;
  #waits;

  /** `waits()`: whether something is on its way, so that the scroll position means nothing. */
  constructor(waits) {
    this.#waits = waits;
    history.scrollRestoration = "manual";
    addEventListener("scroll", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.keep(), SETTLED);
    }, { passive: true });
    addEventListener("pagehide", () => this.keep());
    document.addEventListener("click", () => this.keep(), { capture: true });
  }

  /** Of the entry that is shown: {picture, pages, scroll}. */
  get entry() {
    return history.state ?? {};
  }

  keep(changes = {}) {
    clearTimeout(this.#timer);
    if (this.#waits() && !Object.keys(changes).length) return;
    history.replaceState({ ...this.entry, scroll: Math.round(scrollY), ...changes }, "");
  }

  push(address, picture) {
    clearTimeout(this.#timer);
    history.pushState({ picture, pages: 1, scroll: 0 }, "", address);
  }
}
