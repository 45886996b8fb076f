// Asks the server for a page; what it refuses becomes an error that says why in words.

const UNREACHABLE = "The server cannot be reached. Is it still running?";
const REASONS = {
  413: "That is too large for the server.",
  429: "Too many searches at once.",
  503: "The server is not ready yet.",
};
const BROKEN = "Something went wrong in the server.";

/** Why there is no answer: in words for people, and what helps to find it in a log. */
export class Refusal extends Error {
  constructor(words, { title = "", requestId = "", retrySeconds = 0, page = null } = {}) {
    super(words);
    Object.assign(this, { title, requestId, retrySeconds, page });
  }
}

/** The page at `address`, asked with `picture` (a File) if there is one. Raises Refusal. */
export async function load(address, { picture = null, signal }) {
  const [response, text] = await ask(address, picture, signal);
  const page = new DOMParser().parseFromString(text, "text/html");
  if (response.ok && page.getElementById("results")) return page;
  throw refusal(response, page);
}

async function ask(address, picture, signal) {
  const headers = { Accept: "text/html" };
  try {
    const response = picture
      ? await fetch(pathOf(address), { method: "POST", body: posted(address, picture), headers, signal })
      : await fetch(address, { headers, signal });
    return [response, await response.text()];
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(UNREACHABLE);
  }
}

function posted(address, picture) {
  const body = new FormData();
  for (const [name, value] of new URL(address, location.href).searchParams) body.append(name, value);
  body.append("image", picture, picture.name || "picture");
  return body;
}

function pathOf(address) {
  return new URL(address, location.href).pathname;
}

function refusal(response, page) {
  const said = page.querySelector("#results .notice, main .welcome");
  return new Refusal(said?.querySelector("p")?.textContent ?? REASONS[response.status] ?? BROKEN, {
    title: said?.querySelector("h1")?.textContent,
    requestId: response.status >= 500 ? response.headers.get("X-Request-Id") ?? "" : "",
    retrySeconds: Number(response.headers.get("Retry-After")) || 0,
    page: page.getElementById("results") ? page : null,
  });
}
