// A picture is made as small as the model needs it before it travels: 12 megapixels become some
// hundred kilobytes, upright and in the browser. What it cannot read goes as it is.

const LONG_SIDE = 1024; // px
const SMALL = 200 * 1024; // bytes; below that there is nothing to gain
const QUALITY = 0.92;

/** A File or Blob that shows the same as `file`, often a much smaller one. */
export async function shrink(file) {
  if (file.size <= SMALL) return file;
  const smaller = await redrawn(file).catch(() => null);
  return smaller && smaller.size < file.size ? named(smaller, file.name) : file;
}

/** As JPEG, on white where it was transparent, as the server would see it. Rejects what is not read. */
async function redrawn(file) {
  const whole = await createImageBitmap(file); // upright: EXIF's orientation is applied
  const scale = Math.min(1, LONG_SIDE / Math.max(whole.width, whole.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(whole.width * scale));
  canvas.height = Math.max(1, Math.round(whole.height * scale));
  const brush = canvas.getContext("2d", { alpha: false });
  brush.fillStyle = "white";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return new Promise((give) => canvas.toBlob(give, "image/jpeg", QUALITY));
}

function named(blob, name) {
  return new File([blob], name || "picture", { type: blob.type });
}
