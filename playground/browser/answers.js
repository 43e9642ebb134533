// A recorded answer (playground/graphs/recording.py), put into effect: names become the values that a state and its graphs' outputs give.

import * as draw from "./noise.js";

// An array of a graph's, or a field's: {data, shape}.  What has no shape left is a number.
const tensor = (data, shape) => (shape.length ? { data, shape } : Number(data[0]));

function item(of, at) {
  if (typeof of === "string") return of[at];
  const { data, shape } = of;
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return tensor(data.subarray ? data.subarray(at * size, (at + 1) * size) : data.slice(at * size, (at + 1) * size), shape.slice(1));
}

const OPERATIONS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "**": (a, b) => a ** b,
  "//": (a, b) => Math.floor(a / b),
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
};

// The value of a recorded one.  said: {fields: name -> value, outputs: [name -> value, a call's each]}.
export function evaluate(node, said) {
  if (node === null || typeof node !== "object") return node;
  if (Array.isArray(node)) return node.map((part) => evaluate(part, said));
  const value = (name) => evaluate(node[name], said);
  switch (node.$) {
    case undefined:
      return Object.fromEntries(Object.keys(node).map((name) => [name, value(name)]));
    case "field":
      return said.fields[node.name];
    case "extra":
      return said.extra[node.at];
    case "output":
      return said.outputs[node.call][node.name];
    case "item":
      return item(value("of"), node.at);
    case "choose":
      return evaluate(node.of[Number(value("at"))], said);
    case "position":
      return node.in.indexOf(value("of"));
    case "beside":
      return beside(value("of"));
    case "colours": {
      const sound = value("of").map((text, i) => (/^#[0-9a-f]{6}$/i.test(text) ? text : node.usual[i]));
      return sound.flatMap((text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)));
    }
    case "noise":
      return { data: draw[node.kind](value("seed"), node.count, node.length, node.first), shape: [node.count, node.length] };
    case "points": {
      const shares = Array.from(value("of").data), between = ([low, high], t) => fixed(low + (high - low) * t, 2);
      return shares.map((share, i) => `${between(node.x, i / (shares.length - 1))},${between(node.y, share)}`).join(" ");
    }
    case "text":
      return value("of").join("");
    case "format":
      return format(value("value"), node.spec);
    case "drawing":
      return { drawing: { value: value("of"), colours: node.palette, crisp: node.crisp } };
    case "photo":
      return { file: value("of"), fit: value("fit") };
    case "picture": {
      const picture = value("value");
      return (picture.source ??= source(picture)); // it may be painted before the rest of its answer is there
    }
    default:
      return calculated(OPERATIONS[node.$], value("a"), value("b"));
  }
}

// An operation on two numbers, or on each number of an array.
function calculated(operation, a, b) {
  if (a?.data) return { ...a, data: a.data.map((each) => operation(each, b)) };
  if (b?.data) return { ...b, data: b.data.map((each) => operation(a, each)) };
  return operation(a, b);
}

// Python's format(value, spec) for the specs that the page's words use; a spec that begins with U+2212 has a true minus sign, and "#.3g" no
// point at its end.
export function format(value, spec) {
  if (typeof value !== "number") return String(value);
  if (spec.startsWith("\u2212")) return format(value, spec.slice(1)).replace("-", "\u2212");
  const [, alternate, grouped, digits, kind] = /^(#?)(,?)(?:\.(\d+))?([fgd%]?)$/.exec(spec);
  const places = digits === undefined ? 6 : Number(digits);
  switch (kind) {
    case "f": {
      const [whole, part] = fixed(value, places).split(".");
      return (grouped ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole) + (part ? `.${part}` : "");
    }
    case "%":
      return `${fixed(100 * value, places)}%`;
    case "g":
      return general(value, places || 1, alternate);
    default:
      return grouped ? String(value).replace(/\B(?=(\d{3})+$)/g, ",") : String(value);
  }
}

// As Python has it: -0.001 with two digits is -0.00.
const fixed = (value, places) => (Object.is(Math.sign(value), -0) || value < 0 ? `-${Math.abs(value).toFixed(places)}` : value.toFixed(places));

function general(value, places, alternate) {
  const [mantissa, exponent] = value.toExponential(places - 1).split("e");
  const trimmed = (text) => (alternate || !text.includes(".") ? text : text.replace(/\.?0+$/, ""));
  if (exponent >= -4 && exponent < places) return trimmed(value.toFixed(places - 1 - exponent));
  return `${trimmed(mantissa)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

// --- pictures ---

const sheet = document.createElement("canvas");

// A picture's levels as ImageData: (height, width) of grey ones, or (height, width, 3).
export function image({ data, shape }) {
  const [height, width, channels] = shape, pixels = new ImageData(width, height);
  for (let i = 0, k = 0; i < data.length; k += 4) {
    if (channels === 3) {
      pixels.data[k] = data[i++];
      pixels.data[k + 1] = data[i++];
      pixels.data[k + 2] = data[i++];
    } else pixels.data[k] = pixels.data[k + 1] = pixels.data[k + 2] = data[i++];
    pixels.data[k + 3] = 255;
  }
  return pixels;
}

// Pictures of one height as one, from left to right.
function beside(pictures) {
  const [height, width, ...rest] = pictures[0].shape, row = width * (rest[0] ?? 1);
  const data = new Uint8Array(pictures.length * height * row);
  pictures.forEach(({ data: each }, k) => {
    for (let y = 0; y < height; y++) data.set(each.subarray(y * row, (y + 1) * row), (y * pictures.length + k) * row);
  });
  return { data, shape: [height, pictures.length * width, ...rest] };
}

function source(picture) {
  const pixels = image(picture);
  [sheet.width, sheet.height] = [pixels.width, pixels.height];
  sheet.getContext("2d", { willReadFrequently: true }).putImageData(pixels, 0, 0);
  return sheet.toDataURL("image/png");
}

// --- fields: what page/state.py reads from a component's value ---

const within = (value, { low, high }) => Math.min(Math.max(value, low), high);

export function read(field, value) {
  const usual = () => (value === field.default ? undefined : read(field, field.default));
  switch (field.kind) {
    case "choice":
      return field.options.includes(value) ? value : usual();
    case "number":
    case "whole": {
      const number = value === null || value === "" ? NaN : Number(value);
      return Number.isFinite(number) ? within(field.kind === "whole" ? Math.trunc(number) : number, field) : usual();
    }
    case "text":
      return [...String(value ?? "")].filter((c) => field.allowed.includes(c)).join("").slice(0, field.longest);
    case "vector": {
      const numbers = String(value).split(",").map(Number);
      const sound = numbers.length === field.length && numbers.every(Number.isFinite);
      return sound ? { data: numbers.map((number) => within(number, field)), shape: [field.length] } : usual();
    }
    default:
      return value;
  }
}

export { tensor };
