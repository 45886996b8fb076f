// A picture on its way from another page to the search page. IndexedDB has room for every size,
// which sessionStorage has not; only the tab that sent a picture takes it.

import { Refusal } from "./server.js";

const NAME = "carried-picture";
const KEEPS_NOTHING = "This browser takes no picture along to another page. Choose it on the search page.";

/** Take a file along to the next page of this tab. Raises Refusal where the browser keeps nothing. */
export async function carry(file) {
  const key = `${performance.timeOrigin}-${Math.random()}`;
  const kept = { name: file.name, type: file.type, bytes: await file.arrayBuffer() };
  try {
    await inStore((store) => {
      store.clear(); // what a tab left that was closed on its way
      return store.put(kept, key);
    });
    sessionStorage.setItem(NAME, key);
  } catch {
    throw new Refusal(KEEPS_NOTHING);
  }
}

/** The file that the page before took along, once; else null. */
export async function arrived() {
  try {
    const key = sessionStorage.getItem(NAME);
    if (!key) return null;
    sessionStorage.removeItem(NAME);
    const { name, type, bytes } = await inStore((store) => takeOut(store, key));
    return new File([bytes], name, { type });
  } catch {
    return null;
  }
}

function takeOut(store, key) {
  const found = store.get(key);
  store.delete(key);
  return found;
}

/** What the request that `work(store)` makes resolves to, once all of it is written. */
async function inStore(work) {
  const opening = indexedDB.open(NAME);
  opening.onupgradeneeded = () => opening.result.createObjectStore(NAME);
  const database = await new Promise((give, fail) => {
    opening.onsuccess = () => give(opening.result);
    opening.onerror = () => fail(opening.error);
  });
  try {
    return await written(database.transaction(NAME, "readwrite"), work);
  } finally {
    database.close();
  }
}

function written(transaction, work) {
  return new Promise((give, fail) => {
    const request = work(transaction.objectStore(NAME));
    transaction.oncomplete = () => give(request.result);
    transaction.onabort = () => fail(transaction.error);
  });
}
