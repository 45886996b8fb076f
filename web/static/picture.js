// A picture to search with: by button, dropped anywhere, or pasted.

export function takePictures(search, notice) {
  const take = async (files) => {
    if (!files.length) return;
    const [first, ...others] = files;
    const answered = await search.withPicture(first);
    if (answered && others.length) {
      notice.say(`You brought ${files.length} files. Only the first is searched with: ${first.name}.`, { role: "status" });
    }
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
    take([...input.files]);
    input.value = "";
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
    take([...event.dataTransfer.files]);
  });
}

function takePasted(take) {
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files);
  });
}
