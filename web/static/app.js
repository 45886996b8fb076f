// Makes the page quicker; without this file it works all the same.
// `search.js` keeps results and address together, `picture.js` takes pictures by button, drop, paste.

import { start } from "./search.js";
import { takePictures } from "./picture.js";

const box = document.querySelector("[data-autofocus]");
if (box && matchMedia("(hover: hover) and (pointer: fine)").matches) box.focus();

const search = start();
takePictures(search);
