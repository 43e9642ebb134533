// The live game in the page: answers the events of its view as playground/ui/tabs/game/live_game.py does, by the match in the worker.
// No event of Gradio's stands between two frames: this script tells the board of each, and Gradio hears of the rounds at a pause.
import { evaluate, read } from "./answers.js";

const SKIP = { __type__: "update" }; // an output that stays as it is, as gr.skip() says it
const ROUNDS_TIME = 11; // ms of a frame in which rounds are played
const MEASURED = 250; // ms from one measuring to the next, while it plays

class Empty extends Error {} // nothing is painted where real points should lie

export class Live {
  // computer: what runs graphs, compute.js.  said: what live_game.for_browser tells.
  constructor(computer, said) {
    Object.assign(this, { computer, said });
    this.fields = computer.description.fields[said.tab];
    this.playing = false;
    this.begun = false; // whether the board shows the worker's match
    this.turn = 0; // a newer event ends what an older one began
    this.line = Promise.resolve(); // one order to the worker after the other
  }

  board = () => document.querySelector("#game-board canvas.plane");

  // The values of an event's outputs; null for what is none of the game's.  What takes longer goes on after the answer.
  async answer(name, data) {
    const event = this.said.events[name];
    if (!event) return null;
    const nothing = Array(event.outputs).fill(SKIP);
    const state = this.state(Object.fromEntries(event.reads.map((field, i) => [field, data[i]])));
    if (event.does === "next_frame" && !this.begun) return null; // of a match that the server plays
    if (state.view !== "live" || event.does === "next_frame") return nothing;
    await this.load();
    this.watch();
    if (event.does === "change" && this.playing) return nothing; // the next frame will follow the new rule
    const done = this[event.does](state, ++this.turn).catch((error) => this.fail(error));
    return event.does === "rounds_played" ? [await done] : nothing;
  }

  // For what is no event of the view's own (a link, the dice): shows the match of these values of the tab's controls.
  async shows(values) {
    const state = this.state(values);
    if (state.view !== "live") return;
    await this.load();
    const turn = ++this.turn;
    const begin = async () => {
      // Gradio makes a tab when it is first opened, after this answer; then board.js says that the board is there
      while (!this.board()) await new Promise((go) => document.addEventListener("board", go, { once: true }));
      if (turn !== this.turn) return;
      this.watch();
      await this.come(state, turn);
    };
    begin().catch((error) => this.fail(error));
  }

  // The fields as the page's controls say them; `given`: those that an event has brought.
  state(given = {}) {
    const values = { ...window.playground.values(this.said.tab), ...given };
    return Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, read(field, values[name] ?? field.default)]));
  }

  // Loads the graphs, and lets the board say how much of them is there.
  load() {
    const at = this.computer.at + this.computer.description.runtime.game;
    const places = this.said.graphs.map((graph) => ({ key: `game/${graph}`, graph: `${at}${graph}.onnx`, weights: [] }));
    return this.computer.open(places, (share) => this.show({ loading: `${this.said.loading} ${Math.round(100 * share)} %` }));
  }

  watch() {
    const board = this.board();
    if (this.watched === board) return;
    this.watched = board;
    board.addEventListener("pause", () => (this.playing = false));
    board.addEventListener("other", () => (this.playing = this.begun = false)); // the server has shown a match of its own
  }

  fail(error) {
    this.playing = false;
    if (error instanceof Empty) this.show({ numbers: this.said.empty });
    else throw error;
  }

  show(frame) {
    this.board()?.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  // --- events, by the names of live_game's functions ---

  // Other real points begin another match, and it plays.
  async other_points(state, turn) {
    await this.begin(state);
    await this.run(turn);
  }

  // A rule changes, while the game rests.
  async change(state, turn) {
    await (this.begun ? this.order(state, { measure: true }) : this.come(state, turn));
  }

  // A match that has come so far.  quiet: the board shows it already, as the server played it.
  async come(state, turn, quiet = false) {
    await this.begin(state, quiet);
    while (this.rounds < state.rounds && turn === this.turn) {
      const rounds = Math.min(this.said.every, state.rounds - this.rounds);
      if (quiet) this.show({ loading: `${this.said.loading} ${Math.round((100 * this.rounds) / state.rounds)} %` });
      await Promise.all([
        this.order(state, { move: { rounds, until: Infinity }, measure: true, quiet }),
        quiet || new Promise(requestAnimationFrame),
      ]);
    }
  }

  // Goes on where it was paused; anew after the last round.
  async play(state, turn) {
    if (!this.begun) await this.come(state, turn, true);
    if (this.rounds >= this.said.last) await this.begin(state);
    await this.run(turn);
  }

  async play_anew(state, turn) {
    await this.begin(state);
    await this.run(turn);
  }

  move_d = (state, turn) => this.one(state, turn, "D");
  move_g = (state, turn) => this.one(state, turn, "G");

  async one(state, turn, mover) {
    this.playing = false;
    if (!this.begun) await this.come(state, turn, true);
    await this.order(state, { move: mover, measure: true });
  }

  // Pauses a match, and says how far it has come.
  async rounds_played(state) {
    this.playing = false;
    if (!this.begun) return SKIP;
    await this.order(state, { measure: true });
    return this.rounds;
  }

  // --- moves ---

  // Plays on until it is paused, has come to its end, or is seen no more.
  async run(turn) {
    this.playing = true;
    let measured = -Infinity;
    while (this.playing && turn === this.turn && this.rounds < this.said.last && this.board()?.offsetParent) {
      const state = this.state(), slow = state.speed === "slow", now = performance.now();
      const measure = slow || state.field === "best" || now - measured >= MEASURED;
      if (measure) measured = now;
      const rounds = Math.min(this.said.rounds[state.speed], this.said.last - this.rounds);
      const move = slow ? (this.moves - this.lead <= this.rounds ? "D" : "G") : { rounds, until: ROUNDS_TIME };
      const next = slow ? new Promise((go) => setTimeout(go, this.said.slow)) : new Promise(requestAnimationFrame);
      await Promise.all([this.order(state, { move, measure }), next]);
    }
    if (turn !== this.turn) return;
    this.playing = false;
    if (this.begun) await this.order(this.state(), { measure: true });
  }

  async begin(state, quiet = false) {
    this.playing = false;
    Object.assign(this, { begun: false, records: [], losses: { d: [], g: [] }, rounds: 0, moves: 0, lead: state.lead });
    await this.order(state, { begin: state.seed, lead: state.lead, measure: true, quiet });
  }

  // One order to the worker, after those before it; the board shows the answer.
  order(state, order) {
    return (this.line = this.line.catch(() => {}).then(() => this.carry_out(state, order)));
  }

  async carry_out(state, order) {
    const painted = state.density === "painted", data = painted ? state.painted : state.density;
    if (data !== this.data || order.begin !== undefined) { // a new match has no data yet, whatever an order before it has sent
      const ink = painted ? document.querySelector("#game-painted canvas").ink(this.said.side) : new Float32Array(this.said.side ** 2);
      this.data = undefined;
      if (painted && !ink.some(Boolean)) throw new Empty();
      Object.assign(order, { density: this.said.densities.indexOf(state.density), ink });
    }
    const loss = this.said.losses.map((name) => Number(name === state.loss));
    const rules = { d_rate: state.d_rate, g_rate: state.g_rate, loss, wired: Number(state.wired) };
    const seen = await this.computer.ask({ game: { ...order, rules } });
    this.data = data;
    if (order.begin !== undefined) this.begun = true;
    if (this.begun) this.answered(state, order, seen);
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
      const said = { ...seen.figures, rounds: this.rounds };
      Object.assign(frame, evaluate(this.said.words[state.density], { fields: said, outputs: [] }), { records: this.records });
    }
    if (!order.quiet) this.show(frame);
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
