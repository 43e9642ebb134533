// An upload as a graph takes it: decoded as playground/imaging/decode.py does it, upright and on white, and scaled as Pillow scales.

export class Said extends Error {} // a sentence for the visitor

let last = {}; // what was decoded last, which the next event may ask for again

// file (a Blob) as levels (size, size, 3) of RGB.  fit: "crop" for its middle square, "pad" for the whole of it between white bars.  rules:
// limits and sentences, as imaging/decode.py has them.  Throws Said where it can't be used.
export async function photo(file, size, fit, rules) {
  if (last.file !== file || last.size !== size || last.fit !== fit) last = { file, size, fit, levels: await read(file, size, fit, rules) };
  return last.levels;
}

async function read(file, size, fit, rules) {
  if (!file.size) throw new Said(rules.empty);
  if (file.size > rules.bytes) throw new Said(rules.large);
  const bytes = new Uint8Array(await file.arrayBuffer()), [width, height] = sides(new DataView(bytes.buffer)) ?? [];
  if (width === undefined) throw new Said(rules.unknown);
  const pixels = width * height;
  if (pixels > rules.pixels) throw new Said(rules.many.replace("{}", pixels > rules.countable ? "too many" : `${width} x ${height}`));
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none" }).catch(() => {
    throw new Said(rules.damaged);
  });
  return fit === "pad" ? padded(bitmap, size) : cropped(bitmap, size);
}

// Width and height as the file's first bytes say them; undefined where it is none of the formats that are taken.
function sides(view) {
  const text = (at, length) => String.fromCharCode(...new Uint8Array(view.buffer, at, Math.max(0, Math.min(length, view.byteLength - at))));
  const three = (at) => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  try {
    if (text(0, 8) === "\x89PNG\r\n\x1a\n") return [view.getUint32(16), view.getUint32(20)];
    if (/^GIF8[79]a/.test(text(0, 6))) return [view.getUint16(6, true), view.getUint16(8, true)];
    if (text(0, 2) === "BM" && view.getUint32(14, true) === 12) return [view.getUint16(18, true), view.getUint16(20, true)];
    if (text(0, 2) === "BM") return [view.getInt32(18, true), Math.abs(view.getInt32(22, true))];
    if (text(0, 4) === "RIFF" && text(8, 7) === "WEBPVP8") {
      const bits = () => view.getUint32(21, true);
      return { " ": () => [26, 28].map((at) => view.getUint16(at, true) & 0x3fff), L: () => [1 + (bits() & 0x3fff), 1 + ((bits() >> 14) & 0x3fff)], X: () => [three(24), three(27)] }[text(15, 1)]();
    }
    if (text(0, 3) !== "\xff\xd8\xff") return undefined;
    for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
      const marker = view.getUint16(at);
      if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    }
  } catch {
    return undefined; // it ends too early
  }
}

function cropped(bitmap, size) {
  const side = Math.min(bitmap.width, bitmap.height);
  return resized(bitmap, [size, size], [(bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side]);
}

function padded(bitmap, size) {
  const scale = size / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, even(side * scale)));
  const inner = resized(bitmap, [width, height], [0, 0, bitmap.width, bitmap.height]);
  const [left, top] = [even((size - width) / 2), even((size - height) / 2)], levels = new Uint8Array(3 * size * size).fill(255);
  for (let y = 0; y < height; y++) levels.set(inner.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((top + y) * size + left));
  return levels;
}

// Python's round(): of two whole numbers that are equally near, the even one.
const even = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

// The box (left, top, width, height) of a bitmap in so many pixels, as Image.resize(..., LANCZOS, box) of Pillow gives it, level for level.
function resized(bitmap, [width, height], [left, top, box_width, box_height]) {
  const across = weights(bitmap.width, left, box_width, width), down = weights(bitmap.height, top, box_height, height);
  const BAND = 256, narrow = new Uint8Array(3 * width * bitmap.height);
  const context = new OffscreenCanvas(bitmap.width, Math.min(BAND, bitmap.height)).getContext("2d", { willReadFrequently: true });
  for (let y = 0; y < bitmap.height; y += BAND) {
    context.fillStyle = "white";
    context.fillRect(0, 0, bitmap.width, BAND);
    context.drawImage(bitmap, 0, -y);
    const rows = Math.min(BAND, bitmap.height - y), { data } = context.getImageData(0, 0, bitmap.width, rows);
    for (let row = 0; row < rows; row++) blend(data, 4 * row * bitmap.width, 4, across, narrow, 3 * (y + row) * width, 3);
  }
  bitmap.close();
  const levels = new Uint8Array(3 * width * height);
  for (let x = 0; x < width; x++) blend(narrow, 3 * x, 3 * width, down, levels, 3 * x, 3 * width);
  return levels;
}

// One line of pixels, `step` apart from `from` on, blended into another.
function blend(source, from, step, line, target, to, stride) {
  for (const { first, shares } of line) {
    let [r, g, b] = [HALF, HALF, HALF], at = from + first * step;
    for (let k = 0; k < shares.length; k++, at += step) {
      r += source[at] * shares[k];
      g += source[at + 1] * shares[k];
      b += source[at + 2] * shares[k];
    }
    target[to] = level(r);
    target[to + 1] = level(g);
    target[to + 2] = level(b);
    to += stride;
  }
}

const ONE = 2 ** 22, HALF = ONE / 2; // Pillow calculates in so many parts of a level
const level = (sum) => Math.min(255, Math.max(0, Math.floor(sum / ONE)));

// Of each pixel of a line that `length` of an `all` long one, from `start` on, are blended into: the first one, and their shares.
function weights(all, start, length, count) {
  const scale = length / count, wide = Math.max(scale, 1), reach = 3 * wide, line = [];
  for (let i = 0; i < count; i++) {
    const centre = start + (i + 0.5) * scale, first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const after = Math.min(all, Math.trunc(centre + reach + 0.5)), shares = new Float64Array(after - first);
    for (let k = 0; k < shares.length; k++) shares[k] = lanczos((first + k - centre + 0.5) / wide);
    const sum = shares.reduce((a, b) => a + b, 0);
    line.push({ first, shares: shares.map((share) => Math.sign(share) * Math.floor(Math.abs((share / sum) * ONE) + 0.5)) });
  }
  return line;
}

const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos = (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0);
