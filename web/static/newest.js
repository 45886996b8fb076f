// One piece of work at a time: a newer one ends the older.

export class Newest {
  #running = null;
  #element = null;

  get busy() {
    return this.#running !== null;
  }

  /**
   * Do `work(signal)` while `element` is marked as busy; only the newest work may end the mark.
   * Resolves to what `work` gives, and to undefined where newer work has taken over.
   */
  async run(element, work) {
    this.#running?.abort();
    const mine = new AbortController();
    this.#mark(mine, element);
    try {
      const done = await work(mine.signal);
      return mine.signal.aborted ? undefined : done;
    } catch (error) {
      if (mine.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#running === mine) this.#mark(null, null);
    }
  }

  #mark(running, element) {
    this.#element?.removeAttribute("aria-busy");
    element?.setAttribute("aria-busy", "true");
    this.#running = running;
    this.#element = element;
  }
}
