// A picture to search with: by button, dropped anywhere, or pasted.

export function takePictures(search) {
  if (!search) return;
  const take = (file) => {
    if (!file) return;
    const { maxBytes, maxWords } = document.getElementById("image").dataset;
    if (file.size > Number(maxBytes)) search.say(`${file.name} is larger than ${maxWords}.`);
    else search.withPicture(file);
  };
  takeByButton(take);
  takeDropped(take);
  takePasted(take);
}

function takeByButton(take) {
  const input = document.getElementById("image");
  const opener = document.querySelector("#pick > summary");
  if (!input || !opener) return;
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    input.click();
  });
  input.addEventListener("change", () => {
    const file = input.files[0];
    take(file);
    if (file) input.value = "";
  });
}

function takeDropped(take) {
  const veil = document.getElementById("drop");
  const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) veil.hidden = true;
  });
  addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!carriesFile(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
}

function takePasted(take) {
  addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
}
