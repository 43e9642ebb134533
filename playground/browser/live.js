// The live game, played in the page: what playground/ui/tabs/game/live_game.py does with the events of its view, by the worker's match.
// No event of Gradio's comes between two frames: the board is told of each by this script, and Gradio hears of the rounds at a pause.
import { evaluate, read } from "./answers.js";

const SKIP = { __type__: "update" }; // an output that stays as it is, as gr.skip() says it
const ROUNDS_TIME = 11; // ms of a frame in which rounds are played
const MEASURED = 250; // ms from one measuring to the next, while it plays
const LIVE = ["density", "painted", "loss", "d_rate", "g_rate", "lead", "wired", "field", "arrows", "speed", "rounds", "seed"];

export class Live {
  // computer: what runs graphs, compute.js; said: the description's part on the game, live_game.for_browser.
  constructor(computer, said) {
    Object.assign(this, { computer, said });
    this.records = [];
    this.playing = false;
    this.turn = 0; // a newer event ends what an older one began
    this.begun = null; // what the worker's match was begun with, as text; null: none, or the board shows another one
    this.line = Promise.resolve(); // one order after the other
  }

  board = () => document.querySelector("#game-board canvas.plane");

  // The values of an event's outputs; null for what is none of the game's.
  async answer(name, data) {
    const event = this.said.events[name];
    if (!event) return null;
    const state = this.state(event.reads.length ? Object.fromEntries(event.reads.map((field, i) => [field, data[i]])) : {});
    if (state.view !== "live") return Array(event.outputs).fill(SKIP);
    await this.load();
    this.watch();
    const turn = ++this.turn, answered = await this[event.does](state, turn);
    return [answered ?? SKIP, ...Array(event.outputs - 1).fill(SKIP)];
  }

  // The fields as the page's controls say them; `given`: those that an event has brought.
  state(given) {
    const values = { ...window.playground.values("game"), ...given };
    return Object.fromEntries(Object.entries(this.said.fields).map(([name, field]) => [name, read(field, values[name] ?? field.default)]));
  }

  // Loads the graphs, and says so in the place of the figures.
  async load() {
    const graphs = this.said.graphs.filter((graph) => !this.computer.loads.has(`game/${graph}`));
    if (!graphs.length) return this.loading;
    const places = graphs.map((graph) => ({ key: `game/${graph}`, graph: `${this.computer.at}${this.said.url}${graph}.onnx`, weights: [] }));
    this.loading = this.computer.fetch(places, (share) => this.show({ numbers: `<p class="empty">${this.said.loading} ${Math.round(100 * share)} %</p>` }));
    return this.loading;
  }

  watch() {
    const board = this.board();
    if (this.watched === board) return;
    this.watched = board;
    board.addEventListener("pause", () => (this.playing = false));
    board.addEventListener("other", () => ([this.playing, this.begun] = [false, null])); // the server has shown a match of its own
  }

  show(frame) {
    this.board()?.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  // --- events, by the names of live_game's functions ---

  // Other real points begin another match, and it plays.
  async other_points(state, turn) {
    await this.begin(state, turn);
    this.run(turn);
  }

  // A rule changes, while the game plays or rests.
  async change(state, turn) {
    const playing = this.playing;
    if (this.begun === null) await this.come(state, turn);
    else await this.order(state, { measure: true });
    if (playing && turn === this.turn) this.run(turn);
  }

  // A match that has come so far.
  async come(state, turn) {
    this.playing = false;
    await this.begin(state, turn);
    while (this.rounds < state.rounds && turn === this.turn) {
      await this.order(state, { move: { rounds: Math.min(this.said.every, state.rounds - this.rounds), until: Infinity }, measure: true });
      await new Promise(requestAnimationFrame);
    }
  }

  async play(state, turn) {
    if (this.begun === null) await this.come(state, turn);
    else if (this.rounds >= this.said.last) await this.begin(state, turn);
    this.run(turn);
  }

  async play_anew(state, turn) {
    await this.begin(state, turn);
    this.run(turn);
  }

  move_d = (state, turn) => this.one(state, turn, "D");
  move_g = (state, turn) => this.one(state, turn, "G");

  async one(state, turn, mover) {
    this.playing = false;
    if (this.begun === null) await this.come(state, turn);
    await this.order(state, { move: mover, measure: true });
  }

  // Pauses, and says how far it has come.
  async rounds_played(state, turn) {
    this.playing = false;
    if (this.begun === null) return state.rounds;
    await this.order(state, { measure: true });
    return this.rounds;
  }

  next_frame() {}

  // --- moves ---

  // Plays on until it is paused, has come to its end, or is seen no more.
  async run(turn) {
    if (this.playing && turn === this.running) return;
    this.playing = true;
    this.running = turn;
    let measured = -Infinity;
    while (this.playing && turn === this.turn && this.rounds < this.said.last && this.board()?.offsetParent) {
      const state = this.state({}), now = performance.now(), slow = state.speed === "slow";
      const measure = slow || state.field === "best" || now - measured >= MEASURED;
      if (measure) measured = now;
      const rounds = Math.min(this.said.rounds[state.speed] ?? 0, this.said.last - this.rounds);
      const move = slow ? (this.moves - this.lead <= this.rounds ? "D" : "G") : { rounds, until: ROUNDS_TIME };
      const painted = new Promise(requestAnimationFrame);
      await this.order(state, { move, measure });
      await (slow ? new Promise((go) => setTimeout(go, this.said.slow)) : painted);
    }
    if (turn === this.turn) {
      this.playing = false;
      if (this.begun !== null) await this.order(this.state({}), { measure: true });
    }
  }

  async begin(state, turn) {
    this.playing = false;
    [this.records, this.rounds, this.moves, this.lead, this.data] = [[], 0, 0, state.lead, undefined];
    this.losses = { d: [], g: [] };
    this.begun = String(turn);
    await this.order(state, { begin: state.seed, lead: state.lead, measure: true });
  }

  // One order to the worker, after those before it; the board shows the answer.
  order(state, order) {
    return (this.line = this.line.catch(() => {}).then(() => this.carry_out(state, order)));
  }

  async carry_out(state, order) {
    const painted = state.density === "painted", data = painted ? state.painted : state.density;
    if (data !== this.data) {
      const ink = painted ? this.ink() : new Float32Array(this.said.side ** 2);
      if (painted && !ink.some(Boolean)) {
        this.playing = false;
        this.data = undefined;
        return this.show({ numbers: this.said.empty });
      }
      Object.assign(order, { density: this.said.densities.indexOf(state.density), ink });
      this.data = data;
    }
    const loss = this.said.losses.map((name) => Number(name === state.loss));
    const rules = { d_rate: state.d_rate, g_rate: state.g_rate, loss, wired: Number(state.wired) };
    const seen = await this.computer.ask({ game: { ...order, rules } });
    this.answered(state, order, seen);
  }

  ink() {
    return document.querySelector("#game-painted canvas").ink(this.said.side);
  }

  answered(state, order, seen) {
    const { losses } = this.said, mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
    const rounds = Math.max(1, seen.rounds - this.rounds);
    [this.rounds, this.moves] = [seen.rounds, seen.moves];
    for (const who of ["d", "g"]) if (seen[`${who}_loss`] !== undefined) this.losses[who].push(...Array(rounds).fill(seen[`${who}_loss`]));
    const frame = { real: [...seen.real], made: [...seen.made], mover: typeof order.move === "string" ? order.move : "" };
    const shown = { none: [], used: [state.loss], both: [state.loss, ...losses.filter((name) => name !== state.loss)] }[state.arrows];
    frame.arrows = shown.map((name) => [...seen.arrows[losses.indexOf(name)]]);
    const field = state.field === "best" ? seen.best : seen.field;
    if (field) frame.field = btoa(String.fromCharCode(...field));
    if (seen.figures) {
      if (order.move) this.record(seen, mean);
      const said = { ...seen.figures, rounds: this.rounds, share: seen.figures.covered };
      Object.assign(frame, evaluate(this.said.words[state.density], { fields: said, outputs: [] }), { records: this.records });
    }
    this.show(frame);
  }

  // One more record: losses are means since the last one; of a player that has not moved, its last.
  record(seen, mean) {
    const last = this.records.at(-1) ?? [0, null, null, null];
    const value = (who, at) => (this.losses[who].length ? Math.round(1000 * mean(this.losses[who])) / 1000 : last[at]);
    this.records.push([this.moves, value("d", 1), value("g", 2), Math.round(1000 * seen.figures.divergence) / 1000]);
    this.losses = { d: [], g: [] };
    if (this.records.length > this.said.longest) this.records = this.records.filter((_, i) => i % 2 === 0);
  }
}
