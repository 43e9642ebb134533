// What a visitor asks of an autoregressive model, in the browser: the graphs of playground/graphs/pixels.py that its steps compute.
//
// Each takes a model's `Steps`, what is asked, and `advance(run, end)`, which does run.until(end) bit by bit, and resolves to false if it
// was stopped; then the function gives null, or what is there.
import { uniforms } from "./noise.js";

const TOGETHER = 8; // images at a time, so that they stay in the processor's cache

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const repeated = (numbers, times) => {
  const out = new Float32Array(numbers.length * times);
  for (let k = 0; k < times; k++) out.set(numbers, k * numbers.length);
  return out;
};

// One image of a class: x (planes, size, size) in [0, 1], and how many pixels are done.
async function write(steps, { label, seed, temperature }, advance) {
  const run = steps.begin({ labels: [label], noise: uniforms(seed, 1, steps.program.planes * steps.pixels), temperature });
  await advance(run, steps.pixels);
  return { x: run.images, pixels: run.done };
}

// How each plane of one pixel of x was drawn: probabilities of its values (planes, levels), the noise, and its value.
async function odds(steps, { x, label, seed, temperature, pixel }, advance) {
  const run = steps.begin({ labels: [label], given: x, known: new Uint8Array(steps.pixels).fill(1), asked: pixel });
  if (!(await advance(run, pixel + 1))) return null;
  const { planes, levels } = steps.program, logits = run.odds.map((value) => value / temperature), { pixels } = steps;
  const plane = Array.from({ length: planes }, (_, c) => c), uniform = uniforms(seed, 1, planes * pixels);
  return {
    probabilities: plane.flatMap((c) => Array.from(softmax(logits.subarray(c * levels, (c + 1) * levels)))),
    noise: plane.map((c) => uniform[c * pixels + pixel]),
    drawn: plane.map((c) => Math.round(x[c * pixels + pixel] * (levels - 1))),
  };
}

// -log p(x_i | all before it, y) of the pixels in the first `rows` rows of x, in nats: (classes, size, size).
async function score(steps, { x, rows = steps.program.size }, advance) {
  const { classes, size } = steps.program, labels = Array.from({ length: classes }, (_, k) => k);
  const known = new Uint8Array(classes * steps.pixels).fill(1);
  const run = steps.begin({ labels, given: repeated(x, classes), known, scored: true });
  return (await advance(run, rows * size)) ? { nats: run.nats } : null;
}

// The index that a uniform number draws, of shares in proportion to exp(logits).
function drawn(logits, noise) {
  const shares = softmax(logits);
  let index = 0;
  for (let passed = shares[0]; index < shares.length - 1 && noise >= passed; passed += shares[index]) index++;
  return index;
}

function softmax(logits) {
  const highest = Math.max(...logits), weights = logits.map((value) => Math.exp(value - highest)), total = sum(weights);
  return weights.map((weight) => weight / total);
}

// x (size, size) in {0, 1}: each pixel of the digit, in [-1, 1], white as often as it is bright.
function binarise(steps, { digit, seed }) {
  const noise = uniforms(seed, 1, steps.pixels);
  return { x: noise.map((u, at) => (u < Math.fround(Math.fround(digit[at] + 1) / 2) ? 1 : 0)) };
}

// Keeps the rows first to last (the latter excluded) of x (size, size) and writes the others, `count` times: `complete` in
// playground/graphs/pixels.py, which see.
async function complete(steps, { x, first, last, label, seed, temperature, tries, count = 8 }, advance) {
  const { size, classes } = steps.program, { pixels } = steps;
  const ahead = tries > 0 && 0 < first && first < last, all = ahead ? tries : count;
  const noise = uniforms(seed, all, 2 * pixels); // the second plane's first number chooses the class
  let labels = Array(all).fill(label);
  if (label < 0) {
    const rows = first === 0 ? last : 0, said = await score(steps, { x, rows }, advance);
    if (!said) return null;
    const evidence = Array.from({ length: classes }, (_, y) => -sum(said.nats.subarray(y * pixels, y * pixels + rows * size)));
    labels = labels.map((_, k) => drawn(evidence, noise[(2 * k + 1) * pixels]));
  }
  const images = new Float32Array(all * pixels), weights = [];
  for (let begin = 0; begin < all; begin += TOGETHER) {
    const some = labels.slice(begin, begin + TOGETHER), known = new Uint8Array(some.length * pixels);
    const own = new Float32Array(some.length * pixels);
    for (let k = 0; k < some.length; k++) {
      known.fill(1, k * pixels + first * size, k * pixels + last * size);
      own.set(noise.subarray(2 * (begin + k) * pixels, (2 * (begin + k) + 1) * pixels), k * pixels);
    }
    const given = repeated(x, some.length), scoring = { scored: ahead, scoredFrom: first };
    const run = steps.begin({ labels: some, noise: own, temperature, given, known, ...scoring });
    if (!(await advance(run, ahead ? pixels : run.end))) return null;
    images.set(run.images, begin * pixels);
    const nats = run.nats;
    for (let k = 0; k < some.length; k++) weights.push(-sum(nats.subarray(k * pixels, (k + 1) * pixels)));
  }
  if (!ahead) return { images, labels, worth: 0 };
  const chosen = Array.from(uniforms(seed, count, 1, all), (u) => drawn(weights, u));
  const kept = new Float32Array(count * pixels);
  chosen.forEach((from, to) => kept.set(images.subarray(from * pixels, (from + 1) * pixels), to * pixels));
  return { images: kept, labels: chosen.map((k) => labels[k]), worth: 1 / sum(softmax(weights).map((share) => share ** 2)) };
}

export const PIXELS = { write, odds, score, binarise, complete };
