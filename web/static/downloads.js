// A download that cannot start says so; browsers drop it in silence.

export function keepDownloadsHonest(notice) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[download]");
    if (!link || link.dataset.found) return;
    event.preventDefault();
    start(link, notice);
  });
}

async function start(link, notice) {
  const reason = await whyNot(link.href);
  if (reason) {
    notice.say(reason);
    return;
  }
  link.dataset.found = "yes";
  link.click();
  delete link.dataset.found;
}

/** Why there is no file at `address`, in words; null where there is one. */
async function whyNot(address) {
  try {
    const response = await fetch(address, { method: "HEAD" });
    if (response.ok) return null;
    const { detail } = await (await fetch(address)).json();
    return `The original cannot be downloaded: ${detail}.`;
  } catch {
    return "The original cannot be downloaded: the server cannot be reached, or does not say why.";
  }
}
