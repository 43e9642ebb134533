// Paints the pictures that a moved control gives as soon as they are computed.  Gradio's page takes some 20 ms from an event to its request;
// it hears of the movement afterwards, gets the same answer, and writes the words.
import { evaluate } from "./answers.js";

const KEPT = 20; // sources of a picture
// Clicks that end no movement: in an accordion's head, also when a script makes it before a print; and those by which a hand moves or draws.
const SETS_NOTHING = ".gr-accordion > button, .map, .strip, canvas";
const RECENT = 1000; // ms in which Gradio's page asks for a movement at the latest

export class Painter {
  constructor(computer) {
    this.computer = computer;
    this.controls = {}; // id of a control's element -> the events that it moves, {name, event, field}
    this.said = {}; // id -> what says the control's newest value
    this.next = {}; // id -> the promise of the turn that has not begun yet
    this.last = {}; // id -> the promise of the newest turn
    this.newest = {}; // event -> what was painted last, {field, fields, at, answer}
    for (const [name, event] of Object.entries(computer.description.events)) {
      for (const [id, field] of Object.entries(event.moves)) (this.controls[id] ??= []).push({ name, event, field });
    }
    this.sources = new Map(); // picture's element -> those that it was given here, the newest last
    // What a preset, say, sets was not painted here.
    document.addEventListener("click", ({ target }) => target.closest(SETS_NOTHING) || ([this.newest, this.sources] = [{}, new Map()]), true);
  }

  // A control has a new value, say().  One turn follows another; of the values that come meanwhile, only the newest is painted.  Returns the
  // promise that this one or a newer one has had its turn: whether it was painted here.
  moved(id, say) {
    if (!this.controls[id]) return undefined;
    this.said[id] = say;
    this.next[id] ??= this.last[id] = (this.last[id] ?? Promise.resolve()).then(() => this.turn(id));
    return this.next[id];
  }

  async turn(id) {
    delete this.next[id];
    let painted = false;
    try {
      const value = this.said[id]();
      for (const each of this.controls[id]) painted = (await this.paint(each, value)) || painted;
    } catch (error) {
      console.warn(String(error));
    }
    return painted;
  }

  async paint({ name, event, field }, value) {
    const { computer } = this, said = window.playground.values(event.tab);
    if (!said) return false; // nothing has moved since the page was opened
    const fields = computer.fields(event, event.reads.map((other) => (other === field ? value : said[other])));
    const record = computer.record(event, fields);
    if (!record || !computer.isReady(record) || (event.view && fields.view !== event.view)) return false;
    const mine = (this.newest[name] = { field, fields, at: performance.now() });
    mine.answer = this.answer(record, fields, [], (outputs) => {
      if (outputs.length !== record.paints || this.newest[name] !== mine) return;
      const answer = event.single ? [record.answer] : record.answer, pictures = {};
      for (const place in event.pictures) pictures[place] = evaluate(answer[place], { fields, extra: [], outputs });
      for (const [img, { src, alt }] of this.given(event, pictures)) {
        img.src = src;
        if (alt) img.alt = alt;
      }
    });
    await mine.answer;
    return true;
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

  async answer(record, fields, extra = [], onOutputs) {
    return evaluate(record.answer, { fields, extra, outputs: await this.computer.run(record, fields, extra, onOutputs) });
  }

  // Waits for the turns of what the controls that move an event say by now: what was painted before them is older than the event.
  caughtUp = (event) => Promise.all(Object.keys(event.moves).map((id) => this.last[id]));

  // What was painted last, if an event of Gradio's with these fields is about the same movement or one before it: a promise.
  known(name, fields) {
    const newest = this.newest[name];
    if (!newest || performance.now() - newest.at > RECENT) return undefined;
    const rest = (all) => JSON.stringify({ ...all, [newest.field]: null });
    return rest(fields) === rest(newest.fields) ? newest.answer : undefined;
  }
}
