// The parts of a page that change with the question, and putting new ones in their place.

const PARTS = ["chips", "summary", "results", "pages", "kept"];

/** Show what `page` (a parsed document) has in the place of what is shown. */
export function show(page) {
  const lost = focusedPart();
  for (const id of PARTS) swap(id, page);
  Object.assign(document.getElementById("results").dataset, page.getElementById("results").dataset);
  document.title = page.title;
  relabel(document);
  if (lost) catchFocus(lost);
}

/** More of the same, below. Gives the first new link. Works on documents that are not shown yet too. */
export function join(shown, page) {
  const first = page.querySelector("#results .open");
  for (const section of page.querySelectorAll("#results .section")) {
    const grid = shown.querySelector(`#results .section[data-relevance="${section.dataset.relevance}"] .grid`);
    if (grid) grid.append(...section.querySelector(".grid").children);
    else shown.getElementById("results").append(section);
  }
  shown.getElementById("pages").replaceChildren(...page.getElementById("pages").childNodes);
  relabel(shown);
  return first;
}

export function nextLink(shown) {
  return shown.querySelector("#pages a[rel=next]");
}

/** What every field of the form says now, to see later which ones somebody went on to change. */
export function values(form) {
  return new Map(fields(form).map((field) => [field.name, field.value]));
}

/** The form says what `page` says, unless somebody has changed it since `before`. */
export function fill(form, page, before) {
  const answered = new Map(fields(page.getElementById(form.id)).map((field) => [field.name, field]));
  for (const field of fields(form)) {
    const fresh = answered.get(field.name);
    const untouched = field.value === before.get(field.name);
    if (!fresh || !untouched) continue;
    if (field.options) field.replaceChildren(...[...fresh.options].map((option) => option.cloneNode(true)));
    if (field.value !== fresh.value) field.value = fresh.value;
  }
}

/** A field that somebody changes says all: the further values that went along with it go. */
export function dropKept(name) {
  for (const kept of document.querySelectorAll("#kept input")) if (kept.name === name) kept.remove();
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && field.type !== "file" && !field.closest("#kept"));
}

function swap(id, page) {
  const fresh = page.getElementById(id);
  document.getElementById(id)?.replaceChildren(...(fresh ? fresh.childNodes : []));
}

/** With scripts, pages follow each other below: no Previous, and Next loads more. */
export function relabel(shown) {
  const next = nextLink(shown);
  if (next) Object.assign(next, { textContent: "Load more", hidden: false });
  if (shown.querySelector("#chips [data-posted]")) shown.querySelector("#pages a[rel=prev]")?.remove();
}

/** Where the focus is, if that is about to be replaced. */
function focusedPart() {
  const focused = document.activeElement;
  const id = PARTS.find((part) => document.getElementById(part)?.contains(focused));
  return id && { id, place: links("chips").indexOf(focused) };
}

/** A chip's neighbour, else the box that is left to be filled; never the bare body. */
function catchFocus({ id, place }) {
  const rest = links("chips");
  const neighbour = id === "chips" ? rest[Math.min(place, rest.length - 1)] : null;
  const box = id === "chips" && matchMedia("(pointer: fine)").matches ? document.getElementById("q") : null;
  (neighbour ?? box ?? document.getElementById("main")).focus({ preventScroll: true });
}

function links(id) {
  return [...document.querySelectorAll(`#${id} a`)];
}
