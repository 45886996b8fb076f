// Results without a page load: fetch the page that the server renders anyway, swap its parts, and
// keep the address. The address is the state; only a picture that somebody brought lives in memory.
// An answer changes the page, the history and the picture together; a refusal changes none of them.

import { arrived, carry } from "./carried.js";
import { Newest } from "./newest.js";
import { Place } from "./place.js";
import { QueryPictures, showInChip } from "./query-picture.js";
import { dropKept, fill, join, nextLink, relabel, show, values } from "./results.js";
import { load, Refusal } from "./server.js";

const NOT_KEPT = "Your picture is not kept when the page is loaded again. Choose it once more to search with it.";
const NOT_HELD = "This page does not hold your picture. Choose it once more to go on searching with it.";

export class Search {
  #form;
  #notice;
  #newest = new Newest();
  #pictures = new QueryPictures();
  #picture = null;
  #shown = here();
  #place = null;

  constructor(form, notice) {
    this.#form = form;
    this.#notice = notice;
  }

  /** Elsewhere than on the search page, the form leads there. */
  get #isHere() {
    return document.body.dataset.page === "search";
  }

  start() {
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    if (!this.#isHere) return;
    this.#place = new Place(() => this.#newest.busy);
    document.addEventListener("click", (event) => this.#follow(event));
    addEventListener("popstate", (event) => this.#goBack(event));
    this.#form.addEventListener("change", ({ target }) => dropKept(target.name), { capture: true });
    for (const select of this.#form.querySelectorAll("select")) {
      select.addEventListener("change", () => this.#ask(this.#address()));
    }
    this.#return();
  }

  /** Search with a picture. Resolves to whether there was an answer. */
  async withPicture(file, { push = true } = {}) {
    let picture;
    const prepare = async () => (picture ??= await this.#pictures.prepare(file));
    if (this.#isHere) return this.#ask(this.#address({ image_id: "" }), { prepare, push });
    try {
      await carry((await prepare()).file);
      location.assign(this.#address());
    } catch (error) {
      this.#explain(error);
    }
    return false;
  }

  /** The same question again, for what the library has now. Resolves to whether there was an answer. */
  async again({ quietly = false } = {}) {
    const asked = new URL(this.#shown, location.href);
    asked.searchParams.delete("cursor");
    asked.searchParams.delete("offset");
    const address = asked.pathname + asked.search;
    return this.#ask(address, { push: false, back: { picture: this.#key }, quietly });
  }

  #submit(event) {
    event.preventDefault();
    if (event.submitter?.getAttribute("formmethod") === "post") {
      const file = this.#form.elements.image.files[0];
      if (file) this.withPicture(file);
    } else if (this.#isHere) this.#ask(this.#address());
    else location.assign(this.#address());
  }

  #follow(event) {
    const link = event.target.closest?.("a[href]");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.pathname !== this.#form.getAttribute("action") || url.hash) return;
    event.preventDefault();
    if (link.rel === "next") {
      this.#more(link);
      return;
    }
    const keeps = Boolean(link.closest(".chips")) && !link.closest("[data-posted]");
    const picture = keeps ? this.#picture : null;
    this.#ask(url.pathname + url.search, { picture, toTop: true });
  }

  #goBack(event) {
    const entry = event.state;
    if (here() === this.#shown && (!entry || (entry.picture ?? null) === this.#key)) { // only the #hash
      if (!entry) this.#place.keep({ picture: this.#key });
      return;
    }
    const picture = this.#pictures.find(entry?.picture);
    this.#ask(here(), { picture, push: false, back: entry ?? {} });
  }

  /** A page that the browser has loaded, but that somebody has been on before. */
  async #return() {
    if (document.querySelector("#chips [data-posted]")) { // by the form, before the scripts were there
      this.#notice.say(NOT_HELD, { role: "status" });
      return;
    }
    relabel(document);
    const brought = await arrived();
    if (brought) {
      await this.withPicture(brought, { push: false });
      return;
    }
    const { picture, pages = 1, scroll = 0 } = this.#place.entry;
    if (picture) {
      this.#place.keep({ picture: null, pages: 1 });
      this.#notice.say(NOT_KEPT, { role: "status" });
      return;
    }
    await this.#newest.run(null, (signal) => this.#loadMore(document, pages, signal));
    if (scroll) scrollTo(0, scroll);
  }

  get #key() {
    return this.#picture?.key ?? null;
  }

  /** The form as an address, without what was left empty. */
  #address(changes = {}) {
    const fields = new FormData(this.#form);
    fields.delete("image");
    for (const [name, value] of Object.entries(changes)) fields.set(name, value);
    const asked = new URLSearchParams();
    for (const [name, value] of fields) {
      if (value.trim() && !asked.getAll(name).includes(value.trim())) asked.append(name, value.trim());
    }
    const query = asked.toString();
    return this.#form.getAttribute("action") + (query ? `?${query}` : "");
  }

  async #ask(address, options = {}) {
    const { picture = this.#picture, prepare = async () => picture, back = null } = options;
    const before = values(this.#form);
    try {
      const answered = await this.#newest.run(document.getElementById("results"), async (signal) => {
        const asking = await prepare();
        signal.throwIfAborted();
        const page = await load(address, { picture: asking?.file, signal });
        await this.#loadMore(page, back?.pages ?? 1, signal, asking);
        this.#answer(address, page, asking, before, options);
        return true;
      });
      if (answered && back) this.#arrive(back);
      return Boolean(answered);
    } catch (error) {
      if (!options.quietly) this.#explain(error, () => this.#ask(address, options));
      return false;
    }
  }

  #answer(address, page, picture, before, { push = true, toTop = false, back = null }) {
    this.#pictures.keep(picture);
    this.#picture = picture;
    this.#shown = address;
    if (push) this.#place.push(address, this.#key);
    else this.#place.keep({ picture: this.#key, pages: back?.pages ?? 1 });
    this.#notice.clear();
    fill(this.#form, page, before);
    show(page);
    showInChip(picture);
    if (toTop) scrollTo(0, 0);
  }

  /** Where an entry of the history was left. */
  #arrive({ picture = null, scroll = 0 }) {
    scrollTo(0, scroll);
    if (picture === this.#key) return;
    this.#place.keep({ picture: null });
    this.#notice.say(NOT_KEPT, { role: "status" });
  }

  #explain(error, again = null) {
    if (!(error instanceof Refusal)) throw error;
    this.#notice.say(error.message, { ...error, again });
  }

  /** Append pages to a document until it has `pages` of them. */
  async #loadMore(shown, pages, signal, picture = null) {
    for (let loaded = 1; loaded < pages && nextLink(shown); loaded += 1) {
      const address = nextLink(shown).getAttribute("href");
      join(shown, await load(address, { picture: picture?.file, signal }));
    }
  }

  /** More of the same, below; focus goes to the first new picture. */
  async #more(link) {
    if (this.#newest.busy) return;
    try {
      await this.#newest.run(link, async (signal) => {
        const page = await load(link.getAttribute("href"), { picture: this.#picture?.file, signal });
        const first = join(document, page);
        this.#notice.clear();
        this.#place.keep({ pages: (this.#place.entry.pages ?? 1) + 1 });
        first?.focus({ preventScroll: true });
      });
    } catch (error) {
      this.#explain(error, () => this.#more(link));
    }
  }
}

function here() {
  return location.pathname + location.search;
}
