// What the page has to say besides its results: it stays in sight, and takes nothing away.

const LONGEST_WAIT = 120; // seconds; whoever is to wait longer is not kept waiting

export class Notice {
  #place;
  #shown = null;
  #clock = 0;

  /** `place`: the element at whose beginning notices appear. */
  constructor(place) {
    this.#place = place;
  }

  /**
   * Say something until the next answer. With `retrySeconds`, `again` is called after so long.
   * An error interrupts (role=alert); a remark waits for its turn (role=status).
   */
  say(words, { title = "", requestId = "", retrySeconds = 0, again = null, role = "alert" } = {}) {
    this.clear();
    const text = element("div", { role });
    if (title) text.append(element("h2", {}, title));
    text.append(element("p", {}, words));
    this.#shown = element("section", { className: "notice said" });
    this.#shown.append(text, this.#closer());
    this.#place.prepend(this.#shown);
    if (again && retrySeconds > 0 && retrySeconds <= LONGEST_WAIT) this.#countDown(retrySeconds, again);
    if (requestId) this.#shown.append(hint("Request ", element("code", {}, requestId)));
  }

  clear() {
    clearInterval(this.#clock);
    this.#shown?.remove();
    this.#shown = null;
  }

  /** Outside of the alert, which would be read out again every second. */
  #countDown(seconds, again) {
    const left = element("span", {}, String(seconds));
    const now = element("button", { type: "button", className: "button" }, "Try now");
    const start = () => {
      clearInterval(this.#clock);
      again();
    };
    now.addEventListener("click", start);
    this.#shown.append(hint("Trying again in ", left, " s. "), now);
    this.#clock = setInterval(() => {
      left.textContent = String(--seconds);
      if (seconds <= 0) start();
    }, 1000);
  }

  #closer() {
    const button = element("button", { type: "button", className: "close", ariaLabel: "Close this message" }, "×");
    button.addEventListener("click", () => {
      this.clear();
      this.#place.focus({ preventScroll: true });
    });
    return button;
  }
}

function hint(...parts) {
  const line = element("p", { className: "hint" });
  line.append(...parts);
  return line;
}

function element(name, properties = {}, words = "") {
  const made = Object.assign(document.createElement(name), properties);
  if (words) made.textContent = words;
  return made;
}
