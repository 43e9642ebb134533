// What a hand does, computed in the page: Gradio's events, known by the names of their functions, answered by graphs in a worker.
import { evaluate, read, tensor } from "./answers.js";
import { Live } from "./live.js";
import { Painter } from "./paint.js";

const SKIP = { __type__: "update" }; // an output that stays as it is, as gr.skip() says it
const RETRY = 3000; // ms after which what could not be loaded is tried again
const REST = 250; // ms without a new event after which the hand rests

// A sentence for the visitor, in a tab's notice.
function alert(sentence) {
  const words = document.createElement("p");
  words.role = "alert";
  words.textContent = sentence;
  return words.outerHTML;
}

// What is said instead of an answer: the values of the event's outputs.
class Refused extends Error {
  constructor(answer) {
    super("Nothing is drawn.");
    this.answer = answer;
  }
}

const tensors = (found) => Object.fromEntries(Object.entries(found).map(([name, { data, shape }]) => [name, tensor(data, shape)]));

export class Computer {
  // at: the address of the folder `browser/`, with a slash at its end.  description: what `describe` in browser/__init__.py says.
  // fetch: the browser's own.  files: path -> file of what was uploaded.
  constructor(at, description, worker, fetch, files) {
    Object.assign(this, { at, description, worker, fetch, files });
    this.waiting = new Map(); // id -> what becomes of a message to the worker
    this.loads = new Map(); // key of a graph -> the promise that it is loaded
    this.ready = new Set(); // keys of loaded graphs
    this.answered = {}; // model's graph of steps -> what it was asked last, and the promise of what it gave
    this.last = 0; // when an event came
    this.count = 0;
    this.live = new Live(this, description.scripts.live);
    this.painter = new Painter(this);
    if (!worker) return this.fail("this browser allows no worker");
    worker.onmessage = ({ data }) => this.heard(data);
    worker.onerror = (event) => this.fail(event.message || "the worker did not start");
  }

  fail(message) {
    this.failed = message;
    for (const { reject } of this.waiting.values()) reject(new Error(message));
    this.waiting.clear();
  }

  heard({ id, loaded, of, found, done, error, said }) {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    if (loaded !== undefined) return waiting.progress?.(loaded, of);
    if (found) return waiting.progress(found);
    this.waiting.delete(id);
    error === undefined ? waiting.resolve(done) : waiting.reject(Object.assign(new Error(error), { said }));
  }

  ask(message, progress, worker = this.worker) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      if (this.failed) return reject(new Error(this.failed));
      this.waiting.set(id, { resolve, reject, progress });
      worker.postMessage({ id, ...message });
    });
  }

  // What runs the steps of autoregressive models, so that a long run keeps no graph waiting.
  get writer() {
    if (!this.writing) {
      this.writing = new Worker(new URL("steps-worker.js", import.meta.url), { type: "module" });
      this.writing.onmessage = ({ data }) => this.heard(data);
      this.writing.onerror = (event) => this.fail(event.message || "the worker that writes did not start");
    }
    return this.writing;
  }

  // The fields that an event's values say.
  fields(event, data) {
    const specs = this.description.fields[event.tab];
    return Object.fromEntries(event.reads.map((name, i) => [name, read(specs[name], data[i])]));
  }

  // What an event gets beside its fields: of an upload its file, null where there is none.  Undefined where the file isn't here.
  extra = (event, data) => data.slice(event.reads.length).map((value) => (value?.path === undefined ? value : this.files.get(value.path)));

  // The record that answers an event with these fields and extra values; undefined where the server has to.
  record(event, fields, extra = []) {
    let record = event.record;
    while (record?.options) {
      const { field, length, options } = record;
      if (field === undefined) record = options[extra[record.extra] === null ? "none" : "given"];
      else record = options[String(length ? fields[field].length : fields[field])];
    }
    return record?.calls ? record : undefined;
  }

  key = ({ graph, model }) => `${model}/${graph}`;

  // Loads the graphs of a record; `progress(share)` gets the part of them that is there.
  load = (record, progress) => this.open(record.calls.map((call) => this.place(call)), progress);

  // Loads graphs, each {key, graph, weights} as the worker wants it, or {key, steps}.
  open(places, progress) {
    const missing = places.filter(({ key }) => !this.loads.has(key));
    if (missing.length) {
      let [there, all] = [0, 0];
      const onLoaded = (loaded, of) => {
        there += loaded;
        all += of;
        progress?.(all ? there / all : 0);
      };
      const graphs = missing.filter(({ steps }) => !steps), steps = missing.filter(({ steps }) => steps).map(({ steps }) => steps);
      const loading = Promise.all([
        graphs.length && this.ask({ ort: this.runtime(), load: graphs }, onLoaded),
        ...steps.map((open) => this.ask({ open }, onLoaded, this.writer)),
      ]);
      for (const { key } of missing) {
        this.loads.set(key, loading.then(() => this.ready.add(key)));
        this.loads.get(key).catch(() => setTimeout(() => this.loads.delete(key), RETRY));
      }
    }
    return Promise.all(places.map(({ key }) => this.loads.get(key)));
  }

  runtime() {
    const { module, binary } = this.description.runtime;
    return { module: this.at + module, binary: this.at + binary };
  }

  place(call) {
    const { url, graphs } = this.description.models[call.model], { reads, steps } = graphs[call.graph];
    if (steps) return { key: this.key(call), steps: this.steps(call.model) };
    const weights = Object.entries(reads).map(([path, [from, to]]) => ({ path, url: `${this.at}${url}${path}`, from, to }));
    return { key: this.key(call), graph: `${this.at}${url}${call.graph}.onnx`, weights };
  }

  graph = ({ model, graph }) => this.description.models[model].graphs[graph];

  steps(model) {
    const url = `${this.at}${this.description.models[model].url}`;
    return { key: model, wasm: this.at + this.description.runtime.steps, program: `${url}steps.json`, weights: `${url}model.safetensors` };
  }

  isReady = (record) => record.calls.every((call) => this.ready.has(this.key(call)));

  // The outputs of a record's calls, each {name: value}; `onOutputs(outputs)` is called after each.  Calls that follow one another in one worker
  // are one message.
  async run(record, fields, extra, onOutputs) {
    const outputs = [];
    let refused;
    const heard = (found) => {
      const { refuses } = record.calls[outputs.push(found) - 1];
      if (refuses && found.empty) refused ??= new Refused(refuses);
      if (!refused) onOutputs?.(outputs);
    };
    while (outputs.length < record.calls.length) {
      const first = outputs.length, call = record.calls[first];
      let last = first + 1;
      if (!this.graph(call).steps) while (last < record.calls.length && !this.graph(record.calls[last]).steps) last++;
      const calls = record.calls.slice(first, last).map((call) => this.feeds(call, { fields, extra, outputs }));
      if (this.graph(call).steps) heard(this.written(call, await this.write(call, calls[0].inputs)));
      else await this.ask({ run: calls }, (found) => heard(tensors(found)));
      if (refused) throw refused;
    }
    return outputs;
  }

  // A call as the worker wants it; what another one of the same message gives is named by its place there.
  feeds(call, said) {
    const takes = this.graph(call).inputs, inputs = {}, before = said.outputs.length;
    for (const [name, node] of Object.entries(call.inputs)) {
      const [dtype, shape] = takes[name];
      if (node?.$ === "output" && node.call >= before) inputs[name] = { call: node.call - before, name: node.name };
      else {
        const value = evaluate(node, said), { drawings, uploads } = this.description;
        if (value?.drawing) inputs[name] = { dtype, shape, ...value, rules: drawings };
        else if (value?.file) inputs[name] = { dtype, shape, photo: { ...value, rules: uploads } };
        else inputs[name] = { dtype, shape, data: value?.data ?? value };
      }
    }
    return { key: this.key(call), inputs };
  }

  // What a call of steps gives, as the worker has it.  What was just asked is not asked again: while a slider shows more of an image, the
  // image is the same, and so are the odds of its pixel.
  async write({ graph, model }, feeds) {
    const number = ({ dtype, data }) => (dtype === "int64" ? Math.trunc(Number(data)) : Number(data));
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, feed.shape.length ? feed.data : number(feed)]));
    const asked = { run: { key: model, graph, inputs } }, name = JSON.stringify(asked), key = this.key({ graph, model });
    if (this.answered[key]?.name !== name) {
      const found = this.ask(asked, null, this.writer);
      this.answered[key] = { name, found };
      found.catch(() => delete this.answered[key]);
    }
    return this.answered[key].found;
  }

  written(call, found) {
    const gives = this.graph(call).outputs, list = (value) => (ArrayBuffer.isView(value) ? value : [value].flat());
    return Object.fromEntries(Object.entries(gives).map(([name, [, shape]]) => [name, tensor(list(found[name]), shape)]));
  }

  // Waits until the hand rests; false if a newer event of this name has come meanwhile.
  async rests(name) {
    const mine = ((this.turns ??= {})[name] = (this.turns[name] ?? 0) + 1);
    while (performance.now() - this.last < REST) await new Promise((go) => setTimeout(go, REST));
    return this.turns[name] === mine;
  }

  // Gradio's description of the event of this name.
  dependency = (name) => window.gradio_config.dependencies.find((dependency) => dependency.api_name === name);

  // The values of the outputs of an event that the server was asked for, if a newer movement was painted here meanwhile; else null.
  async overtaken(name, data) {
    const event = this.description.events[name], newer = event && this.painter.known(name, this.fields(event, data));
    return newer ? [...[await newer].flat(), ""] : null;
  }

  // The values of an event's outputs, or null where the server has to give them.  now: also what waits for the hand's rest.
  async answer(name, data, now = false) {
    const event = this.description.events[name];
    if (!event) return this.live.answer(name, data);
    const nothing = Array(event.outputs + 1).fill(SKIP); // the last output is the tab's notice
    this.last = performance.now();
    if (event.rest && !now && !(await this.rests(name))) return nothing;
    const fields = this.fields(event, data), extra = this.extra(event, data), record = this.record(event, fields, extra);
    if (event.view && fields.view !== event.view) return nothing;
    if (!record || extra.includes(undefined)) return null;
    if (!this.isReady(record)) {
      const loading = this.load(record, (share) => this.alone?.loading(event, share));
      if (!this.alone) {
        loading.catch((error) => console.warn(`The server answers: ${error.message}`));
        return null; // until it is loaded
      }
      this.alone.loading(event);
      await loading.finally(() => this.alone.loaded(event));
    }
    await this.painter.caughtUp(event);
    try {
      const answer = await (this.painter.known(name, fields) ?? this.painter.answer(record, fields, extra));
      this.painter.given(event, [answer].flat());
      return [...(event.single ? [answer] : answer), ""]; // and nothing to say in the notice
    } catch (error) {
      if (error.answer) return [...error.answer, ""];
      if (error.said) return [...nothing.slice(1), alert(error.message)];
      throw error;
    }
  }
}
