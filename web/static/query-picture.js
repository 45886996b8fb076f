// The picture that somebody searches with: it lives in memory, under a key that the history keeps.

import { Refusal } from "./server.js";
import { shrink } from "./shrink.js";

const THUMB = 52; // px

export class QueryPictures {
  #byKey = new Map();

  /** The picture of a history entry, or null: a page that was loaded again has none. */
  find(key) {
    return this.#byKey.get(key) ?? null;
  }

  /** Ready to be sent; in no entry of the history yet. Raises Refusal for what is empty or too large. */
  async prepare(file) {
    if (!file.size) throw new Refusal(`${file.name || "The picture"} is empty: there is no picture in it.`);
    const small = await shrink(file);
    const { maxBytes, maxWords } = document.getElementById("image").dataset; // what the server takes
    if (small.size > Number(maxBytes)) throw new Refusal(`${file.name || "The picture"} is larger than ${maxWords}.`);
    // Keys of an earlier load of the page are still in the history: none may come again.
    return { key: `${performance.timeOrigin}-${this.#byKey.size + 1}`, file: small, name: file.name };
  }

  keep(picture) {
    if (picture) this.#byKey.set(picture.key, picture);
  }
}

/** The picture in its chip; the server sends only a place for it. */
export function showInChip(picture) {
  const chip = document.querySelector("#chips [data-posted]");
  if (!chip || !picture) return;
  const image = new Image(THUMB, THUMB);
  image.alt = "";
  image.src = URL.createObjectURL(picture.file);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src));
  image.addEventListener("error", () => {
    URL.revokeObjectURL(image.src);
    image.replaceWith(symbol());
    if (picture.name) chip.querySelector("span").textContent = picture.name;
  });
  chip.prepend(image);
}

/** For what this browser cannot show, such as HEIC. */
function symbol() {
  const place = document.createElement("i");
  place.className = "symbol";
  const icon = document.querySelector("#pick .icon");
  if (icon) place.append(icon.cloneNode(true));
  return place;
}
