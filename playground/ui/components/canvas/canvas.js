// The drawing canvas. browser/strokes.js packs and paints its strokes.
const { GRID, FIRM, pack, unpack, simplify, ...painting } = playground_strokes;
const { kind, size, palette, width: own_width, label } = constants;
const sheet = element.querySelector("canvas");
const slider = element.querySelector("input");
const button = (name) => element.querySelector(`[data-do="${name}"]`);

// --- painting ---

const board = (side) => { const c = document.createElement("canvas"); c.width = c.height = side; return c.getContext("2d", { willReadFrequently: true }); };
const layer = board(1), settled = board(size), scratch = board(size); // what is on the screen, what is sent; without the live stroke
const colours = palette.map(([, css]) => css), labels = kind === "labels";
const paint = (context, stroke) => painting.paint(context, stroke, colours, labels);
const paint_sent = labels ? (context, stroke) => painting.paintCrisp(context, stroke, colours) : paint;

function settle() {
  for (const [context, painter] of [[layer, paint], [settled, paint_sent]]) {
    context.fillStyle = palette[0][1];
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    strokes().forEach((stroke) => painter(context, stroke));
  }
  sheet.dataset.strokes = pack(strokes()); // for the page's tests
  show();
}

function show() {
  const context = sheet.getContext("2d");
  context.drawImage(layer.canvas, 0, 0);
  if (live) paint(context, live);
  if (cursor) { // where the keyboard's pen is
    const x = (cursor[0] / GRID) * sheet.width, y = (cursor[1] / GRID) * sheet.height, arm = sheet.width / 40;
    context.lineWidth = sheet.width / 200; context.strokeStyle = "#CC79A7";
    context.beginPath(); context.moveTo(x - arm, y); context.lineTo(x + arm, y); context.moveTo(x, y - arm); context.lineTo(x, y + arm); context.stroke();
  }
  button("undo").disabled = now === 0;
  button("redo").disabled = now === history.length - 1;
}

// A tab that is hidden at the start has no size yet, and a window may move to another screen.
new ResizeObserver(() => {
  const side = Math.round(sheet.clientWidth * Math.max(1, window.devicePixelRatio || 1));
  if (!side || side === sheet.width) return;
  sheet.width = sheet.height = layer.canvas.width = layer.canvas.height = side;
  settle();
}).observe(sheet);

// --- what has been drawn: every state is a list of strokes, and undo goes back one state ---

let history = [[]], now = 0, live = null, pointer = null, cursor = null;
let tool = kind === "labels" ? "rectangle" : "pen", colour = 1;
const widths = { pen: own_width, eraser: Math.max(24, 2 * own_width), rectangle: own_width };
const strokes = () => history[now];

function become(next) {
  history = [...history.slice(Math.max(0, now - 99), now + 1), next];
  now = history.length - 1;
  settle();
}

// --- sending ---

function drawn() {
  scratch.drawImage(settled.canvas, 0, 0);
  if (live) paint_sent(scratch, live);
  return scratch;
}

const value = () => JSON.stringify({ png: drawn().canvas.toDataURL("image/png"), strokes: pack(live ? [...strokes(), live] : strokes()) });
sheet.said = value; // for the page's tests
const send = playground.sender(element, props, trigger, value, () => drawn().getImageData(0, 0, size, size));

// --- drawing ---

function begin(point, pressed) {
  live = { points: [point], colour: tool === "eraser" ? 0 : colour, width: widths[tool], rectangle: tool === "rectangle", pressed };
}

function go(point) {
  const last = live.points[live.points.length - 1];
  if (live.rectangle) live.points[1] = point;
  else if (point[0] !== last[0] || point[1] !== last[1]) live.points.push(point);
}

function end() {
  const stroke = simplify(live, 0.7);
  live = null;
  const [a, b] = stroke.points;
  if (stroke.rectangle && (!b || a[0] === b[0] || a[1] === b[1])) return show();
  become([...strokes(), stroke]);
  send();
}

function place(event) {
  const box = sheet.getBoundingClientRect();
  const within = (v) => Math.max(-GRID / 8, Math.min(GRID * 9 / 8, Math.round(v * GRID)));
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height), event.pointerType === "pen" ? Math.round(event.pressure * 15) : FIRM];
}

sheet.addEventListener("pointerdown", (event) => {
  if (pointer !== null || event.button !== 0) return;
  if (live) end();
  event.preventDefault();
  sheet.focus({ preventScroll: true });
  sheet.setPointerCapture(event.pointerId);
  pointer = event.pointerId; cursor = null;
  begin(place(event), event.pointerType === "pen");
  show(); send();
});
sheet.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) return;
  const moves = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
  (moves.length ? moves : [event]).forEach((move) => go(place(move)));
  show(); send();
});
for (const name of ["pointerup", "pointercancel"]) sheet.addEventListener(name, (event) => {
  if (event.pointerId !== pointer) return;
  pointer = null;
  if (live) end();
});

// --- tools ---

function choose(name) {
  tool = name;
  for (const each of ["pen", "rectangle", "eraser"]) button(each).setAttribute("aria-pressed", String(each === name));
  slider.value = widths[tool]; slider.disabled = tool === "rectangle";
}

function pick(index) {
  colour = index;
  if (tool === "eraser") choose(kind === "labels" ? "rectangle" : "pen");
  swatches.forEach((swatch, i) => swatch.setAttribute("aria-checked", String(swatch_colour[i] === index)));
}

function change(by) {
  if (live || now + by < 0 || now + by >= history.length) return;
  now += by;
  settle(); send();
}

function clear() {
  if (live) return;
  if (strokes().length) { become([]); send(); }
}

const actions = { pen: () => choose("pen"), rectangle: () => choose("rectangle"), eraser: () => choose("eraser"), undo: () => change(-1), redo: () => change(1), clear };
for (const name in actions) button(name).addEventListener("click", actions[name]);
slider.addEventListener("input", () => { widths[tool] = Number(slider.value); });
button("rectangle").hidden = kind !== "labels";

const swatches = [], swatch_colour = [];
if (palette.length > 2) palette.forEach(([name, css], index) => {
  if (index === 0 && kind !== "labels") return; // paper is what the eraser leaves
  const swatch = document.createElement("button");
  swatch.type = "button"; swatch.setAttribute("role", "radio"); swatch.title = name;
  const chip = document.createElement("i");
  chip.style.background = css;
  swatch.append(chip, name);
  swatch.addEventListener("click", () => pick(index));
  element.querySelector(".palette").append(swatch);
  swatches.push(swatch); swatch_colour.push(index);
});

// --- keyboard: arrows move the pen, space puts it down and lifts it ---

element.addEventListener("keydown", (event) => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, command = event.ctrlKey || event.metaKey;
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (pointer !== null || event.altKey) return;
  if (command && key === "z") change(event.shiftKey ? 1 : -1);
  else if (command && key === "y") change(1);
  else if (command) return;
  else if (key === "p") choose("pen");
  else if (key === "e") choose("eraser");
  else if (key === "r" && kind === "labels") choose("rectangle");
  else if (key === "[" || key === "]") { slider.value = widths[tool] = Math.max(+slider.min, Math.min(+slider.max, widths[tool] + (key === "]" ? 2 : -2))); }
  else if ((key === "Delete" || key === "Backspace") && event.target === sheet) clear();
  else if (event.target !== sheet) return;
  else if (key === " ") {
    cursor ??= [GRID / 2, GRID / 2, FIRM];
    if (live) end(); else { begin([...cursor], false); show(); send(); }
  } else if (key in arrows) {
    cursor ??= [GRID / 2, GRID / 2, FIRM];
    const step = event.shiftKey ? 4 : 16;
    cursor = [0, 1].map((i) => Math.max(0, Math.min(GRID, cursor[i] + step * arrows[key][i]))).concat(FIRM);
    if (live) { go([...cursor]); send(); }
    show();
  } else return;
  event.preventDefault();
});
sheet.addEventListener("blur", () => { if (live && pointer === null) end(); cursor = null; show(); });

// --- what the server says: a preset, an example, the address ---

function read() {
  let given;
  try { given = unpack(JSON.parse(props.value || "{}").strokes || "", colours.length); } catch { return; }
  if (pack(given) !== pack(strokes())) become(given);
}
watch("value", () => { if (!live && !send.behind()) read(); });

// A drawing that lies ready, as if a hand had drawn it.
sheet.take = (packed) => {
  if (live) end();
  become(unpack(packed, colours.length));
  send();
};

sheet.setAttribute("aria-label", `${label}. Draw with mouse, pen or finger; or move with the arrow keys and press space to put the pen down and to lift it.`);
slider.max = Math.max(24, 3 * own_width);
slider.min = Math.max(1, Math.round(own_width / 3));
choose(tool); pick(1);
read();
history = [strokes()]; now = 0; // what was there at the start is no step to undo
settle();

// The ink of side x side pixels, row after row, from 0 to 255, as `strokes.render` has it: four times as fine, and averaged.
sheet.ink = (side) => {
  const fine = board(4 * side), ink = new Float32Array(side * side);
  fine.fillStyle = palette[0][1];
  fine.fillRect(0, 0, 4 * side, 4 * side);
  (live ? [...strokes(), live] : strokes()).forEach((stroke) => paint(fine, stroke));
  const levels = fine.getImageData(0, 0, 4 * side, 4 * side).data;
  for (let i = 0; i < levels.length / 4; i++) ink[Math.floor(i / (16 * side)) * side + Math.floor((i % (4 * side)) / 4)] += levels[4 * i] / 16;
  return ink.map(Math.round);
};
