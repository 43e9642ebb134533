// What is on a canvas of the page, as a graph takes it; playground/imaging/canvas.py does the same.
import { Said } from "./photo.js";
import "./strokes.js";

const { board, paint, paintCrisp, unpack } = globalThis.playground_strokes;

// Levels (size, size, 3).  value: of a canvas, of the same size: its ImageData, or JSON with its picture "png", or else its "strokes".
// colours: those of the canvas, its paper first; crisp: whether there are no others.  rules: the sentences for what can't be used.
export async function drawing({ value, colours, crisp }, size, rules) {
  const { data } = value instanceof ImageData ? value : await read(value, colours, crisp, size, rules), levels = new Uint8Array(3 * size * size);
  for (let i = 0, k = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) levels[k++] = data[i + c];
  return levels;
}

async function read(value, colours, crisp, size, rules) {
  const { png, strokes } = JSON.parse(value || "{}"), sheet = board(size);
  if (png) {
    const bytes = Uint8Array.from(atob(png.split(",")[1]), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    if (picture.width !== size || picture.height !== size) throw new Error(`a canvas of ${picture.width} x ${picture.height} pixels`);
    sheet.drawImage(picture, 0, 0);
  } else {
    sheet.fillStyle = colours[0];
    sheet.fillRect(0, 0, size, size);
    for (const stroke of unpacked(strokes || "", colours.length, rules)) crisp ? paintCrisp(sheet, stroke, colours) : paint(sheet, stroke, colours);
  }
  return sheet.getImageData(0, 0, size, size);
}

function unpacked(packed, colours, rules) {
  try {
    return unpack(packed, colours);
  } catch (wrong) {
    const [name, ...values] = [wrong].flat();
    throw name in rules ? new Said(values.reduce((words, value) => words.replace("{}", value), rules[name])) : wrong;
  }
}
