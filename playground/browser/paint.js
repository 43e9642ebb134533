// Paints the pictures that a moved control gives as soon as they are computed.  Gradio's page takes some 20 ms from an event to its request;
// it hears of the movement as well, gets the same answer, and writes the words.
import { evaluate } from "./answers.js";

const KEPT = 20; // sources of a picture
const RECENT = 1000; // ms in which Gradio's page asks for a movement at the latest

export class Painter {
  constructor(computer) {
    this.computer = computer;
    this.controls = {}; // id of a control's element -> the events that it moves, {name, event, field}
    this.wanted = new Map(); // id -> the newest value that is not painted yet, while another one is
    this.newest = {}; // event -> what was painted last, {field, fields, at, answer}
    for (const [name, event] of Object.entries(computer.description.events)) {
      for (const [id, field] of Object.entries(event.moves)) (this.controls[id] ??= []).push({ name, event, field });
    }
    this.sources = new Map(); // picture's element -> those that it was given here, the newest last
    // a preset, say: what it sets was not painted here
    document.addEventListener("click", () => ([this.newest, this.sources] = [{}, new Map()]), true);
  }

  // A control has a new value.  While one is being painted, only the newest of those that come waits.  Returns whether any is painted here.
  moved(id, value) {
    if (!this.controls[id]) return false;
    const busy = this.wanted.has(id);
    this.wanted.set(id, { value });
    if (!busy) this.follow(id).catch((error) => console.warn(String(error)));
    return true;
  }

  async follow(id) {
    try {
      for (let done; done !== this.wanted.get(id); ) {
        done = this.wanted.get(id);
        for (const each of this.controls[id]) await this.paint(each, done.value);
      }
    } finally {
      this.wanted.delete(id);
    }
  }

  async paint({ name, event, field }, value) {
    const { computer } = this, said = window.playground.values(event.tab);
    if (!said) return; // nothing has moved since the page was opened
    const fields = computer.fields(event, event.reads.map((other) => (other === field ? value : said[other])));
    const record = computer.record(event, fields);
    if (!record || !computer.isReady(record) || (event.view && fields.view !== event.view)) return;
    const mine = (this.newest[name] = { field, fields, at: performance.now(), answer: this.answer(record, fields) });
    const answer = [await mine.answer].flat();
    if (this.newest[name] !== mine) return;
    for (const [img, { src, alt }] of this.given(event, answer)) {
      img.src = src;
      if (alt) img.alt = alt;
    }
  }

  // The pictures of an answer, which are shown now or by Gradio's page in a moment: [element, {src, alt}] each.
  given(event, answer) {
    const pictures = [];
    for (const [place, id] of Object.entries(event.pictures)) {
      const img = document.querySelector(`#${id} img`), picture = answer[place], src = picture?.src ?? picture?.props?.picture;
      if (!img || !src) continue;
      this.sources.set(img, [...(this.sources.get(img) ?? []).filter((other) => other !== src).slice(1 - KEPT), src]);
      pictures.push([img, { src, alt: picture.alt }]);
    }
    return pictures;
  }

  // Whether a source that Gradio's page brings was given here, and a newer one since.
  isOld(img, src) {
    const sources = this.sources.get(img) ?? [];
    return sources.includes(src) && sources.at(-1) !== src;
  }

  async answer(record, fields, extra = []) {
    return evaluate(record.answer, { fields, extra, outputs: await this.computer.run(record, fields, extra) });
  }

  // What was painted last, if an event of Gradio's with these fields is about the same movement or one before it: a promise.
  known(name, fields) {
    const newest = this.newest[name];
    if (!newest || performance.now() - newest.at > RECENT) return undefined;
    const rest = (all) => JSON.stringify({ ...all, [newest.field]: null });
    return rest(fields) === rest(newest.fields) ? newest.answer : undefined;
  }
}
