// Runs graphs (playground/graphs/) by onnxruntime-web, away from the page's thread.
//
// In: {id, load: [{key, graph, weights: [{path, url, from, to}]}, ...]} or {id, run: [{key, inputs: {name: feed}}, ...]}, with a feed
// {dtype, shape, data}, a drawing {dtype, shape, drawing, rules}, an upload {dtype, shape, photo: {file, fit, rules}}, or {call, name}, what an
// earlier call of the same run gave; or {id, game: order}, see match.js.  Out: {id, loaded, of} while it loads (bytes, and of how many);
// {id, found} of each call, {name: {data, shape}} with the `milliseconds` it took; and {id, done} or {id, error, said}, where `said` is true
// of an error that is a sentence for the visitor.
import { drawing } from "./drawing.js";
import { play } from "./match.js";
import { photo, Said } from "./photo.js";

let runtime;
const sessions = new Map(); // key -> a promise of a session

// The runtime does one thing at a time: two runs at once, or a run while a session is made, would disturb each other's memory.
let last = Promise.resolve();
const inTurn = (work) => (last = last.then(work, work));

async function start({ module, binary }, progress) {
  const { default: ort, ...named } = await import(module);
  const api = ort ?? named;
  api.env.wasm.numThreads = 1; // more want a page that is cross-origin isolated
  const unpacked = new Response(await bytes(binary, progress)).body.pipeThrough(new DecompressionStream("gzip"));
  api.env.wasm.wasmBinary = await new Response(unpacked).arrayBuffer();
  return api;
}

// The bytes [from, to) of a file, or all of it.  A server that knows no ranges sends the file from its start, and is stopped at `to`.
async function bytes(url, progress, from = 0, to = Infinity) {
  const headers = Number.isFinite(to) ? { Range: `bytes=${from}-${to - 1}` } : {};
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const partial = answer.status === 206, skipped = partial ? 0 : from;
  const wanted = Number.isFinite(to) ? to - from + skipped : Number(answer.headers.get("Content-Length")) || 0;
  progress(0, wanted);
  const parts = [], reader = answer.body.getReader();
  let length = 0;
  for (let part = await reader.read(); !part.done && !(to < Infinity && length >= wanted); part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    progress(part.value.length, 0);
  }
  reader.cancel().catch(() => {});
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) whole.set(part, at), (at += part.length);
  return whole.subarray(skipped, Number.isFinite(to) ? skipped + to - from : undefined);
}

async function open({ graph, weights }, progress) {
  const [ort, program, ...external] = await Promise.all([
    runtime,
    bytes(graph, progress),
    ...weights.map(async ({ path, url, from, to }) => {
      const data = new Uint8Array(to); // the graph counts from the file's start; what it does not read stays empty
      data.set(await bytes(url, progress, from, to), from);
      return { path, data };
    }),
  ]);
  return inTurn(() => ort.InferenceSession.create(program, { executionProviders: ["wasm"], externalData: external, logSeverityLevel: 3 }));
}

// Hands what each call gives to `tell`.
async function run(calls, tell) {
  const ort = await runtime, found = [];
  for (const { key, inputs } of calls) {
    const feeds = {};
    for (const [name, feed] of Object.entries(inputs)) {
      if (feed.drawing) feed.data = await drawing(feed.drawing, feed.shape[0], feed.rules);
      if (feed.photo) feed.data = await photo(feed.photo.file, feed.shape[0], feed.photo.fit, feed.photo.rules);
      feeds[name] = "call" in feed ? found[feed.call][feed.name] : new ort.Tensor(feed.dtype, typed(feed), feed.shape);
    }
    const session = await sessions.get(key);
    let began;
    found.push(await inTurn(() => ((began = performance.now()), session.run(feeds))));
    found.at(-1).milliseconds = { data: Float32Array.of(performance.now() - began), dims: [] };
    tell(Object.fromEntries(Object.entries(found.at(-1)).map(([name, { data, dims }]) => [name, { data: plain(data), shape: [...dims] }])));
  }
}

const TYPES = { float32: Float32Array, uint8: Uint8Array };
const list = (data) => (ArrayBuffer.isView(data) ? data : [data].flat(Infinity));
const typed = ({ dtype, data }) => (dtype === "int64" ? BigInt64Array.from(list(data), (v) => BigInt(Number(v))) : new TYPES[dtype](list(data)));
const plain = (data) => (data instanceof BigInt64Array ? Float64Array.from(data, Number) : data.slice());

onmessage = async ({ data: { id, ort, load, run: calls, game } }) => {
  const progress = (loaded, of) => postMessage({ id, loaded, of });
  try {
    let done = null;
    if (load) {
      if (!runtime) (runtime = start(ort, progress)).catch(() => (runtime = undefined)); // so that the next try begins anew
      for (const each of load) {
        if (sessions.has(each.key)) continue;
        sessions.set(each.key, open(each, progress));
        sessions.get(each.key).catch(() => sessions.delete(each.key));
      }
      await Promise.all(load.map(({ key }) => sessions.get(key)));
    } else if (game) {
      const { Tensor } = await runtime;
      const step = async (graph, feeds) => {
        const session = await sessions.get(`game/${graph}`);
        return inTurn(() => session.run(feeds));
      };
      done = await play(game, step, Tensor);
    } else await run(calls, (found) => postMessage({ id, found }));
    postMessage({ id, done });
  } catch (error) {
    postMessage({ id, error: error instanceof Said ? error.message : String(error), said: error instanceof Said });
  }
};
