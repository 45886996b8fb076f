// A picture to search with: by button, dropped anywhere, or pasted.

export function takePictures(search, notice) {
  const take = async (files) => {
    if (!files.length) return;
    const file = files.find((one) => one.type.startsWith("image/")) ?? files[0];
    const answered = await search.withPicture(file);
    if (answered && files.length > 1) {
      notice.say(`You brought ${files.length} files. Only one is searched with: ${file.name}.`, { role: "status" });
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
