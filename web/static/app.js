// Makes the page quicker; without this file it works all the same.
// `search.js` keeps results and address together, the others each do one thing beside it.

import { keepDownloadsHonest } from "./downloads.js";
import { watchLibrary } from "./live.js";
import { Notice } from "./notice.js";
import { takePictures } from "./picture.js";
import { Search } from "./search.js";
import { markMissing } from "./tiles.js";

const box = document.querySelector("[data-autofocus]");
if (box && matchMedia("(hover: hover) and (pointer: fine)").matches) box.focus();

const form = document.getElementById("search");
if (form) {
  const notice = new Notice(document.getElementById("main"));
  const search = new Search(form, notice);
  search.start();
  takePictures(search, notice);
  keepDownloadsHonest(notice);
  watchLibrary(search, form.action);
}
markMissing(document);
