// Strokes: a drawing as a few characters of a link, and as a picture, as playground/drawing/strokes.py packs and paints them: change both
// together.  A script and no module, because the page's canvases, which are no modules, use it as well as drawing.js.
globalThis.playground_strokes = (() => {
  const GRID = 512, LIMIT = 2000, WIDEST = 128, FIRM = 10;
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  // --- strokes: {points: [[x, y, pressure], ...], colour, width, rectangle, pressed} in grid units ---

  const letters = (n) => {
    let text = "";
    for (; n >= 32; n = Math.floor(n / 32)) text += LETTERS[32 + (n % 32)];
    return text + LETTERS[n];
  };
  const zigzag = (n) => (n >= 0 ? 2 * n : -2 * n - 1);
  const signed = (n) => (n % 2 === 0 ? n / 2 : -(n + 1) / 2);

  function packOne(stroke) {
    let text = letters((stroke.rectangle ? 1 : 0) + (stroke.pressed ? 2 : 0)) + letters(stroke.colour) + letters(stroke.width) + letters(stroke.points.length);
    let [x, y, p] = [0, 0, 0];
    for (const point of stroke.points) {
      text += letters(zigzag(point[0] - x)) + letters(zigzag(point[1] - y)) + (stroke.pressed ? letters(zigzag(point[2] - p)) : "");
      [x, y, p] = point;
    }
    return text;
  }

  function pack(strokes) {
    let packed, length;
    for (const tolerance of [0.7, 1, 1.5, 2.2, 3.3]) {
      packed = strokes.map((stroke) => packOne(simplify(stroke, tolerance)));
      length = packed.reduce((sum, text) => sum + text.length, 0);
      if (length <= LIMIT) break;
    }
    while (length > LIMIT) length -= packed.shift().length;
    return packed.join("");
  }

  // The strokes of a packed drawing; throws "long", "damaged", or ["colours", a colour's number, how many there are].
  function unpack(packed, colours) {
    if (packed.length > LIMIT) throw "long";
    const numbers = [], strokes = [];
    let n = 0, shift = 0, at = 0;
    for (const letter of packed) {
      const value = LETTERS.indexOf(letter);
      if (value < 0 || shift > 15) throw "damaged";
      n += (value % 32) * 2 ** shift;
      shift += 5;
      if (value < 32) {
        numbers.push(n);
        n = shift = 0;
      }
    }
    const next = () => {
      if (at >= numbers.length) throw "damaged";
      return numbers[at++];
    };
    while (at < numbers.length) {
      const [flags, colour, width, count] = [next(), next(), next(), next()];
      const stroke = { points: [], colour, width, rectangle: flags % 2 === 1, pressed: (flags & 2) > 0 };
      let [x, y, p] = [0, 0, stroke.pressed ? 0 : FIRM];
      for (let k = 0; k < count; k++) {
        x += signed(next());
        y += signed(next());
        if (stroke.pressed) p += signed(next());
        stroke.points.push([x, y, p]);
      }
      if (!isSound(stroke)) throw "damaged";
      strokes.push(stroke);
    }
    for (const { colour } of strokes) if (colour >= colours) throw ["colours", colour, colours];
    return strokes;
  }

  const isSound = ({ points, colour, width, rectangle }) =>
    points.length >= 1 && (!rectangle || points.length === 2) && 1 <= width && width <= WIDEST && colour < 64 &&
    points.every(([x, y, p]) => Math.min(x, y) >= -GRID && Math.max(x, y) <= 2 * GRID && 0 <= p && p <= 15);

  function simplify(stroke, tolerance) {
    const points = stroke.points;
    if (points.length < 3) return stroke;
    const kept = new Set([0, points.length - 1]), spans = [[0, points.length - 1]];
    while (spans.length) {
      const [first, last] = spans.pop();
      let far = 0, where = -1;
      for (let i = first + 1; i < last; i++) {
        const d = distance(points[i], points[first], points[last]);
        if (d > far) [far, where] = [d, i];
      }
      if (far > tolerance) {
        kept.add(where);
        spans.push([first, where], [where, last]);
      }
    }
    return { ...stroke, points: points.filter((_, i) => kept.has(i)) };
  }

  function distance(point, start, end) {
    const way = end.map((v, i) => v - start[i]), off = point.map((v, i) => v - start[i]);
    const length = way.reduce((sum, w) => sum + w * w, 0);
    const t = length ? Math.min(1, Math.max(0, off.reduce((sum, o, i) => sum + o * way[i], 0) / length)) : 0;
    return Math.hypot(...off.map((o, i) => o - t * way[i]));
  }

  // --- painting, on the 2-D context of a square canvas ---

  // labels: whether it is a label map; of other drawings in several colours, none but ink covers ink.
  function paint(context, stroke, colours, labels) {
    context.save(); // the way in which a dab is laid on must not outlive it
    trace(context, stroke, colours, labels);
    context.restore();
  }

  function trace(context, stroke, colours, labels) {
    const scale = context.canvas.width / GRID, points = stroke.points.map(([x, y, p]) => [x * scale, y * scale, p]);
    context.fillStyle = context.strokeStyle = colours[stroke.colour];
    context.lineCap = context.lineJoin = "round";
    context.globalCompositeOperation = !labels && stroke.colour > 1 ? "darken" : "source-over";
    if (stroke.rectangle) {
      if (points.length < 2) return;
      const [[a, b], [c, d]] = points;
      context.fillRect(Math.min(a, c), Math.min(b, d), Math.abs(c - a), Math.abs(d - b));
      return;
    }
    const width = (p) => stroke.width * scale * (0.3 + 0.07 * p);
    context.beginPath();
    context.arc(points[0][0], points[0][1], width(points[0][2]) / 2, 0, 7);
    context.fill();
    if (stroke.pressed) {
      for (let i = 1; i < points.length; i++) {
        for (let k = 0; k < 8; k++) { // in parts, so that the width changes evenly
          const [from, to] = [k, k + 1].map((part) => points[i].map((v, c) => points[i - 1][c] + ((v - points[i - 1][c]) * part) / 8));
          context.lineWidth = (width(from[2]) + width(to[2])) / 2;
          context.beginPath();
          context.moveTo(from[0], from[1]);
          context.lineTo(to[0], to[1]);
          context.stroke();
        }
      }
    } else if (points.length > 1) { // one path, so that its joints are not painted twice
      context.lineWidth = width(FIRM);
      context.beginPath();
      points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
    }
  }

  // A label map has no colours between two labels: a pixel is a stroke's when half of it is covered.
  function paintCrisp(context, stroke, colours) {
    const side = context.canvas.width, single = board(side);
    paint(single, stroke, colours, true);
    const from = single.getImageData(0, 0, side, side).data, image = context.getImageData(0, 0, side, side), to = image.data;
    const colour = [1, 3, 5].map((i) => parseInt(colours[stroke.colour].slice(i, i + 2), 16));
    for (let i = 0; i < to.length; i += 4) if (from[i + 3] >= 128) [to[i], to[i + 1], to[i + 2]] = colour;
    context.putImageData(image, 0, 0);
  }

  const board = (side) => new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });

  return { GRID, FIRM, pack, unpack, simplify, paint, paintCrisp, board };
})();
