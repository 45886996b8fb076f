// What is added to the library while a page is open: its counts follow, and new pictures are
// offered. Nothing that somebody looks at moves, and a server that is away is asked again later.

import { reloadMissing } from "./tiles.js";

const SOON = 5000; // ms between two looks while something happens
const LATE = 60000; // ms at most while nothing does

/** `home`: the address of the search page, beside which the API lies. */
export function watchLibrary(search, home) {
  const marked = document.querySelector("[data-revision]");
  if (marked) new Live(marked, search, new URL("api/v1/stats", home)).start();
}

class Live {
  #marked; // the element that says which state of the library the page shows
  #search;
  #stats;
  #seen; // that state when we looked last
  #offer = new Offer(() => this.#search.again());
  #wait = SOON;
  #timer = 0;
  #away = false;

  constructor(marked, search, stats) {
    this.#marked = marked;
    this.#search = search;
    this.#stats = stats;
    this.#seen = this.#shown;
  }

  get #shown() {
    const { revision, images } = this.#marked.dataset;
    return { revision: Number(revision), images: Number(images) };
  }

  start() {
    new MutationObserver(() => this.#catchUp()).observe(this.#marked, { attributeFilter: ["data-revision"] });
    document.addEventListener("visibilitychange", () => {
      this.#wait = SOON;
      this.#plan(0);
    });
    this.#plan(SOON);
  }

  /** Look again after so many ms, if anybody looks at the page. */
  #plan(wait) {
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.#look(), wait);
  }

  async #look() {
    const found = await read(this.#stats, (response) => response.json());
    if (found && this.#away) reloadMissing(document);
    this.#away = !found;
    const news = found && found.revision !== this.#seen.revision;
    if (news) await this.#follow(found);
    this.#wait = news ? SOON : Math.min(this.#shown.images ? LATE : 2 * SOON, this.#wait * 1.5);
    this.#plan(this.#wait);
  }

  async #follow(found) {
    const { images } = this.#shown;
    if (!images && found.images && (await this.#search.again({ quietly: true }))) return;
    const counted = await this.#count();
    if (counted) this.#seen = found;
    if (this.#marked.id === "results") this.#offer.show(found.images - images);
  }

  /** Numbers as the server writes them. Gives whether it did. */
  async #count() {
    const places = [...document.querySelectorAll("[data-live]")];
    if (!places.length) return true;
    const text = await read(location.href, (response) => response.text());
    const page = new DOMParser().parseFromString(text ?? "", "text/html");
    for (const place of places) {
      const fresh = page.querySelector(`[data-live="${place.dataset.live}"]`);
      if (fresh) place.replaceChildren(...fresh.childNodes);
    }
    return text !== null;
  }

  /** Another answer is shown: what it has is no news. */
  #catchUp() {
    this.#seen = this.#shown;
    this.#offer.show(0);
  }
}

/** The pill at the foot of the window. */
class Offer {
  #pill = document.createElement("div");
  #take = document.createElement("button");
  #closed = false;

  constructor(take) {
    const close = document.createElement("button");
    Object.assign(this.#take, { type: "button", className: "button primary" });
    Object.assign(close, { type: "button", className: "close", textContent: "×", ariaLabel: "Not now" });
    Object.assign(this.#pill, { className: "offer", role: "status", hidden: true });
    this.#take.addEventListener("click", () => this.#leave(take));
    close.addEventListener("click", () => this.#leave(() => (this.#closed = true)));
    this.#pill.append(this.#take, close);
    document.body.append(this.#pill);
  }

  show(count) {
    if (count <= 0) this.#closed = false;
    this.#pill.hidden = count <= 0 || this.#closed;
    const pictures = count === 1 ? "1 new picture" : `${count.toLocaleString("en")} new pictures`;
    const browsing = document.querySelector("#summary [data-live]");
    this.#take.textContent = browsing ? `${pictures}: show ${count === 1 ? "it" : "them"}` : `${pictures}: search again`;
  }

  #leave(then) {
    this.#pill.hidden = true;
    document.getElementById("main").focus({ preventScroll: true });
    then();
  }
}

/** What `take` makes of the answer; null where there is none, which is no news. */
async function read(address, take) {
  try {
    const response = await fetch(address);
    return response.ok ? await take(response) : null;
  } catch {
    return null;
  }
}
