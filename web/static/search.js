// Results without a page load: fetch the page that the server renders anyway, swap its parts, and
// keep the address. The address is the state; only a picture that somebody brought lives in memory.

const PARTS = ["chips", "results", "pages"];

/** Pictures by their number in the history, so that Back finds them again. */
const pictures = new Map();

const state = { picture: null, number: 0, running: null, shown: location.pathname + location.search };

const form = document.getElementById("search");
const isSearchPage = document.body.dataset.page === "search";

export function start() {
  if (!form) return null;
  form.addEventListener("submit", submit);
  if (isSearchPage) {
    document.addEventListener("click", follow);
    addEventListener("popstate", goBack);
    for (const select of form.querySelectorAll("select")) select.addEventListener("change", refine);
    relabel(document);
  }
  return { withPicture, say };
}

/** Search with a picture; elsewhere than on the search page, the form carries it there. */
export function withPicture(file) {
  if (!isSearchPage) {
    const carried = new DataTransfer();
    carried.items.add(file);
    form.elements.image.files = carried.files;
    form.method = "post";
    form.enctype = "multipart/form-data";
    form.submit();
    return;
  }
  form.elements.image_id.value = "";
  hold(file);
  run(address());
}

export function say(words) {
  const notice = document.createElement("section");
  notice.className = "notice";
  notice.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.textContent = words;
  notice.append(line);
  document.querySelector("#results > .notice")?.remove();
  (document.getElementById("results") ?? document.getElementById("main")).prepend(notice);
}

function hold(file) {
  state.picture = file;
  state.number = file ? pictures.size + 1 : 0;
  if (file) pictures.set(state.number, file);
}

/** The form as an address, without what was left empty. */
function address(changes = {}) {
  const fields = new FormData(form);
  fields.delete("image");
  const asked = new URLSearchParams();
  for (const [name, value] of fields) if (value.trim()) asked.append(name, value.trim());
  for (const [name, value] of Object.entries(changes)) asked.set(name, value);
  const query = asked.toString();
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

function submit(event) {
  const button = event.submitter;
  if (button?.getAttribute("formmethod") === "post") {
    event.preventDefault();
    const file = form.elements.image.files[0];
    if (file) withPicture(file);
    return;
  }
  event.preventDefault();
  if (isSearchPage) run(address());
  else location.assign(address());
}

/** Filters act at once where there is something to filter. */
function refine() {
  run(address());
}

function follow(event) {
  const link = event.target.closest?.("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname !== form.getAttribute("action") || url.hash) return;
  event.preventDefault();
  if (link.rel === "next") {
    append(link);
    return;
  }
  const keeps = Boolean(link.closest(".chips")) && !link.closest("[data-posted]");
  if (!keeps) hold(null);
  run(url.pathname + url.search, { fromLink: true });
}

function goBack(event) {
  const url = location.pathname + location.search;
  if (url === state.shown && (event.state?.picture ?? 0) === state.number) return; // only the #hash
  const held = pictures.get(event.state?.picture);
  state.picture = held ?? null;
  state.number = held ? event.state.picture : 0;
  run(url, { push: false, fromLink: true });
}

async function run(url, { push = true, fromLink = false } = {}) {
  const results = document.getElementById("results");
  results.setAttribute("aria-busy", "true");
  const typed = form.elements.q.value;
  try {
    const page = await load(url);
    if (!page) return;
    if (push) history.pushState({ picture: state.number || null }, "", url);
    state.shown = url;
    for (const id of PARTS) swap(id, page);
    swap("summary", page);
    document.title = page.title;
    if (fromLink) {
      fill(page, typed);
      if (push) scrollTo(0, 0);
    }
    relabel(document);
    showPicture();
    results.removeAttribute("aria-busy");
  } catch (error) {
    results.removeAttribute("aria-busy");
    if (error.name !== "AbortError") say("The server cannot be reached. Is it still running?");
  }
}

/** The page behind an address; a newer request ends an older one. */
async function load(url) {
  state.running?.abort();
  state.running = new AbortController();
  const options = { signal: state.running.signal, headers: { Accept: "text/html" } };
  if (state.picture) {
    const sent = new FormData();
    for (const [name, value] of new URL(url, location.href).searchParams) sent.append(name, value);
    sent.append("image", state.picture, state.picture.name || "picture");
    Object.assign(options, { method: "POST", body: sent });
  }
  const response = await fetch(state.picture ? form.getAttribute("action") : url, options);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (page.getElementById("results")) return page;
  say(page.querySelector("main p")?.textContent ?? "Something went wrong in the server.");
  document.getElementById("results").removeAttribute("aria-busy");
  return null;
}

function swap(id, page) {
  const fresh = page.getElementById(id);
  document.getElementById(id).replaceChildren(...(fresh ? fresh.childNodes : []));
}

/** The form says what the address says, unless somebody has typed on meanwhile. */
function fill(page, typed) {
  for (const name of ["q", "image_id", "target", "collection", "folder", "taken_after", "taken_before", "orientation", "format", "sort"]) {
    if (name === "q" && form.elements.q.value !== typed) continue;
    form.elements[name].value = page.getElementById("search").elements[name].value;
  }
}

/** More of the same, below; focus goes to the first new picture. */
async function append(link) {
  link.setAttribute("aria-busy", "true");
  try {
    const url = new URL(link.href);
    const page = await load(url.pathname + url.search);
    if (!page) return;
    const first = page.querySelector("#results .open");
    for (const section of page.querySelectorAll("#results .section")) {
      const grid = document.querySelector(`#results .section[data-relevance="${section.dataset.relevance}"] .grid`);
      if (grid) grid.append(...section.querySelector(".grid").children);
      else document.getElementById("results").append(section);
    }
    swap("pages", page);
    relabel(document);
    first?.focus({ preventScroll: true });
  } catch (error) {
    if (error.name !== "AbortError") say("The server cannot be reached. Is it still running?");
  } finally {
    link.removeAttribute("aria-busy");
  }
}

/** With scripts, pages follow each other below: no Previous, and Next loads more. */
function relabel(root) {
  for (const link of root.querySelectorAll("#pages a[rel=next]")) {
    link.textContent = "Load more";
    link.hidden = false;
  }
  if (state.picture) root.querySelector("#pages a[rel=prev]")?.remove();
}

/** The picture in its chip; the server sends only a place for it. */
function showPicture() {
  const chip = document.querySelector("#chips [data-posted]");
  if (!chip || !state.picture) return;
  const image = document.createElement("img");
  image.alt = "";
  image.width = image.height = 52;
  image.src = URL.createObjectURL(state.picture);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src));
  image.addEventListener("error", () => image.remove());
  chip.prepend(image);
}
