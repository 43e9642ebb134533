// Runs autoregressive models away from the page's thread, one after another.
//
// In: {id, open: {key, wasm, program, weights}}, addresses of the files that `Steps` wants; {id, run: {key, graph, inputs, every}}, with a
// function of pixels.js and what it takes; {stop: id}.  Out: {id, loaded, of} while files come (bytes, and of how many); {id, pixels,
// images} after `every` pixels; and {id, done} or {id, error}, where `done` is what that function gives.
import { PIXELS } from "./pixels.js";
import { Steps } from "./steps.js";

const models = new Map(); // key -> a promise of its Steps
const stopped = new Set(); // ids of runs
let running = Promise.resolve();

async function bytes(url, progress) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  progress(0, Number(answer.headers.get("Content-Length")) || 0);
  const counted = new TransformStream({
    transform(part, out) {
      progress(part.length, 0);
      out.enqueue(part);
    },
  });
  return new Response(answer.body.pipeThrough(counted)).arrayBuffer();
}

async function open({ wasm, program, weights }, progress) {
  const [code, said, file] = await Promise.all([wasm, program, weights].map((url) => bytes(url, progress)));
  return new Steps(await WebAssembly.compile(code), JSON.parse(new TextDecoder().decode(said)), file);
}

// Lets messages come in.
const breath = () =>
  new Promise((go) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => go(port1.close());
    port2.postMessage(null);
  });

async function run(id, { key, graph, inputs, every = Infinity }) {
  const steps = await models.get(key);
  const found = await PIXELS[graph](steps, inputs, async (run, end) => {
    for (let next = every; run.done < end && !stopped.has(id); ) {
      run.until(Math.min(end, next, run.done + steps.program.size)); // a row at most, so that it can be stopped soon
      if (run.done >= next) {
        postMessage({ id, pixels: run.done, images: run.images });
        next = run.done + every;
      }
      await breath();
    }
    return run.done >= end;
  });
  stopped.delete(id);
  return found;
}

onmessage = async ({ data: { id, open: files, run: asked, stop } }) => {
  if (stop !== undefined) return stopped.add(stop);
  try {
    let done = null;
    if (files) {
      if (!models.has(files.key)) models.set(files.key, open(files, (loaded, of) => postMessage({ id, loaded, of })));
      await models.get(files.key).catch((error) => {
        models.delete(files.key); // so that the next try begins anew
        throw error;
      });
    } else {
      const before = running;
      running = (async () => (await before.catch(() => {}), run(id, asked)))();
      done = await running;
    }
    postMessage({ id, done });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
};
