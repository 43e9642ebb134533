// Runs autoregressive models in the browser: their steps (playground/program/builder.py) by steps.wasm, as playground/sampling does in Python.

const FIELDS = [ // of `Job` in steps.c, in its order
  "table", "operations", "rows", "image", "output", "every_plane", "mixtures", "chained", "levels", "planes", "size", "images",
  "memory", "weights", "x", "noise", "missing", "wanted", "nats", "odds", "asked", "temperature", "scratch",
];
const LINE = 64; // bytes in a line of the processor's cache
const PAGE = 65536; // bytes in a page of WebAssembly's memory

// Lays arrays into a memory, one after another, and makes room for them.
class Layout {
  constructor(memory, end) {
    Object.assign(this, { memory, end, arrays: [] });
  }

  // Room for `length` numbers of a kind (Float32Array, ...): its address.
  place(kind, length) {
    const at = Math.ceil(this.end / LINE) * LINE;
    this.end = at + length * kind.BYTES_PER_ELEMENT;
    return { at, view: () => new kind(this.memory.buffer, at, length) };
  }

  grow() {
    const missing = this.end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
  }
}

// A model, ready to write.
export class Steps {
  // wasm: a WebAssembly.Module of steps.wasm; program: as playground/sampling/backends/wasm_backend.py describes it; file: bytes of model.safetensors.
  constructor(wasm, program, file) {
    const { memory, run } = new WebAssembly.Instance(wasm, { math: Math }).exports;
    Object.assign(this, { program, run, pixels: program.size ** 2 });
    const layout = new Layout(memory, memory.buffer.byteLength), table = program.table.flat();
    const places = {
      job: layout.place(Int32Array, FIELDS.length),
      table: layout.place(Int32Array, table.length),
      image: layout.place(Int32Array, program.image.length),
      output: layout.place(Int32Array, program.output.length),
      weights: layout.place(Float32Array, program.weights.size),
      scratch: layout.place(Float64Array, 3 * program.mixtures + 2 * program.levels),
    };
    layout.grow();
    const source = readWeights(file, program.tensors);
    places.table.view().set(table);
    places.image.view().set(program.image);
    places.output.view().set(program.output);
    copied(program.weights.copies, source, places.weights.view());
    this.labels = program.labels.map(({ at, features, copies }) => {
      return { at, features, biases: copied(copies, source, new Float32Array(program.classes * features)) };
    });
    Object.assign(this, { places, memory, begun: layout.end });
  }

  // Begins images.  labels: a class for each; noise (images, planes, size, size), uniforms in [0, 1), where anything is to be drawn;
  // given, likewise, in [0, 1], and known (images, size, size), 1 where a pixel of it is kept; scored: whether to say -log p of known
  // pixels, from row `scoredFrom` on; asked: a pixel whose values' logits are wanted.  Only the last run that was begun may go on.
  begin({ labels, noise = null, temperature = 1, given = null, known = null, scored = false, scoredFrom = 0, asked = -1 }) {
    const { program, pixels } = this, n = labels.length, { size, planes, levels } = program;
    const layout = new Layout(this.memory, this.begun);
    const places = {
      ...this.places,
      memory: layout.place(Float32Array, program.memory * n),
      x: layout.place(Float32Array, n * planes * pixels),
      noise: layout.place(Float32Array, n * planes * pixels),
      missing: layout.place(Uint8Array, n * pixels),
      wanted: layout.place(Uint8Array, size),
      nats: layout.place(Float64Array, n * pixels),
      odds: layout.place(Float64Array, planes * levels),
      temperature: layout.place(Float64Array, 1),
    };
    layout.grow();
    const memory = places.memory.view().fill(0), x = places.x.view().fill(0);
    for (const { at, features, biases } of this.labels) {
      labels.forEach((label, k) => memory.set(biases.subarray(label * features, (label + 1) * features), at * n + k * features));
    }
    if (noise) places.noise.view().set(noise);
    const missing = places.missing.view().fill(1), wanted = places.wanted.view().fill(0);
    if (known) {
      known.forEach((is, at) => (missing[at] = is ? 0 : 1));
      for (let at = 0; at < x.length; at++) {
        const image = Math.floor(at / (planes * pixels));
        if (known[image * pixels + (at % pixels)]) x[at] = given[at];
      }
    }
    missing.forEach((is, at) => is && (wanted[Math.floor((at % pixels) / size)] = 1));
    if (scored) wanted.fill(1, scoredFrom);
    if (asked >= 0) wanted[Math.floor(asked / size)] = 1;
    places.nats.view().fill(0);
    places.temperature.view()[0] = temperature;
    const numbers = { ...program, operations: program.table.length, images: n, asked };
    const job = this.places.job.view();
    FIELDS.forEach((field, k) => (job[k] = places[field] ? places[field].at : Number(numbers[field])));
    if (!scored) job[FIELDS.indexOf("nats")] = 0;
    if (asked < 0) job[FIELDS.indexOf("odds")] = 0;
    return new Run(this, places, missing);
  }
}

// Images being written.
class Run {
  constructor(steps, places, missing) {
    Object.assign(this, { steps, places, done: 0 });
    const images = Array.from({ length: missing.length / steps.pixels }, (_, k) => k * steps.pixels);
    this.end = 1 + Math.max(...images.map((at) => missing.subarray(at, at + steps.pixels).lastIndexOf(1))); // of the last missing pixel
  }

  // Writes all pixels before this one.
  until(pixel) {
    this.steps.run(this.steps.places.job.at, this.done, pixel);
    this.done = pixel;
    return this;
  }

  // The images so far, (images, planes, size, size) in [0, 1].
  get images() {
    return this.places.x.view().slice();
  }

  // -log p of each known pixel, (images, size, size), where that was asked for.
  get nats() {
    return this.places.nats.view().slice();
  }

  // Logits of the first image's values at the pixel `asked`, (planes, levels).
  get odds() {
    return this.places.odds.view().slice();
  }
}

// The numbers of some tensors, one after another, of a safetensors file: `tensors` are names and how many numbers each has.
export function readWeights(file, tensors) {
  const header = Number(new DataView(file).getBigUint64(0, true)), begin = 8 + header;
  const found = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, header)));
  const out = new Float32Array(tensors.reduce((sum, [, count]) => sum + count, 0));
  let to = 0;
  for (const [name, count] of tensors) {
    const { dtype, data_offsets: [first, last] } = found[name] ?? { dtype: "no", data_offsets: [0, 0] };
    const bytes = { F32: 4, BF16: 2 }[dtype];
    if (!bytes || last - first !== count * bytes) throw new Error(`model.safetensors should hold ${count} numbers named ${name}.`);
    const data = file.slice(begin + first, begin + last); // so that it begins at a multiple of 4
    if (bytes === 4) out.set(new Float32Array(data), to);
    else new Uint32Array(out.buffer, 4 * to, count).set(Uint32Array.from(new Uint16Array(data), (half) => half << 16)); // its upper half
    to += count;
  }
  return out;
}

// Does what wasm_backend.py calls copies.
function copied(copies, source, out) {
  const loop = (to, from, loops, depth) => {
    const [times, stepTo, stepFrom] = loops[depth] ?? [1, 0, 0];
    if (depth < loops.length - 1) for (let k = 0; k < times; k++) loop(to + k * stepTo, from + k * stepFrom, loops, depth + 1);
    else for (let k = 0; k < times; k++) out[to + k * stepTo] = source[from + k * stepFrom];
  };
  for (const [to, from, loops] of copies) loop(to, from, loops, 0);
  return out;
}
