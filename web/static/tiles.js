// A picture that cannot be loaded gets a state of its own in the place of the browser's torn icon.

const FRAMES = ".open, .frame, .chip";

/** Now and from now on: what is put on the page later is watched too. */
export function markMissing(root) {
  root.addEventListener("error", (event) => mark(event.target), { capture: true }); // it does not bubble
  root.addEventListener("load", (event) => unmark(event.target), { capture: true });
  for (const image of root.querySelectorAll("img")) {
    if (image.complete && image.getAttribute("src") && !image.naturalWidth) mark(image);
  }
}

/** Ask once more for what is missing, when the server is back. */
export function reloadMissing(root) {
  for (const image of root.querySelectorAll(".missing img")) image.src = image.getAttribute("src");
}

function mark(image) {
  const frame = image.closest?.(FRAMES);
  if (!frame || frame.hasAttribute("data-posted")) return;
  frame.classList.add("missing");
  if (frame.classList.contains("chip") || frame.querySelector(".gone")) return;
  const words = document.createElement("span");
  words.className = "gone";
  words.textContent = "Not available";
  frame.append(words);
}

function unmark(image) {
  const frame = image.closest?.(".missing");
  frame?.classList.remove("missing");
  frame?.querySelector(".gone")?.remove();
}
