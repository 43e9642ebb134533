// The static edition, where no server answers: links, tabs, views, presets, claims and dice, from what the builder of the edition wrote.
// Outputs of an event are told apart by the ids of components; `finished` are answers that the server gave when the edition was written.
const SKIP = { __type__: "update" };
const update = (changes) => ({ ...changes, __type__: "update" });

export class Alone {
  // failed: what is said where something can't be loaded or computed.  read: reads the JSON of an answer.
  constructor(computer, at, failed, read) {
    Object.assign(this, { computer, at, failed, read });
    this.described = computer.description.alone;
    this.fetched = {};
    this.mentioned = new Set(); // names of the events that a sentence was said of
  }

  // The values of an event's outputs; `event` is Gradio's description of it.
  async answer(event, { data, event_data: about }) {
    const name = event.api_name, { tabs, states, left } = this.described;
    if (name === "open_link") return this.inOrder(event, await this.open(event));
    if (name === "switch_tab") return this.inOrder(event, await this.switched(data, about.index));
    if (name in states) return this.fits(name.split("-")[0], await this.finished(name));
    for (const [tab, { order }] of Object.entries(tabs)) {
      const values = () => Object.fromEntries(order.map((field, i) => [field, data[i]]));
      if (name === `${tab}-view`) return this.inOrder(event, await this.pictures(tab, values(), event.outputs.at(-1)));
      if (name === `${tab}-dice`) return this.inOrder(event, await this.rolled(tab, values(), event.outputs.at(-1)));
      if (name === `${tab}-models`) return this.inOrder(event, new Map([[this.described.tabs[tab].card, this.measured(tab, values())]]));
    }
    if (!(name in left)) return (await this.computer.answer(name, data)) ?? this.sentence(event, name);
    const { reads, view, of_upload } = left[name], values = Object.fromEntries(reads.map((field, i) => [field, data[i]]));
    const uploaded = data.slice(reads.length).some((value) => value?.path);
    if (values.view !== view || (of_upload && !uploaded)) return this.inOrder(event, new Map());
    const found = uploaded ? null : await this.written(name, values);
    return found ? this.inOrder(event, found) : this.sentence(event, name);
  }

  // How much of what computes an event's pictures is there, in their own place; without a share: nobody knows yet.
  loading({ pictures }, share) {
    for (const id of Object.values(pictures)) {
      const frame = document.querySelector(`#${id} .frame`);
      if (!frame) continue;
      const bar = frame.querySelector("progress") ?? frame.appendChild(document.createElement("progress"));
      bar.ariaLabel = this.described.loading;
      if (share !== undefined) bar.value = Math.min(share, 1);
    }
  }

  loaded = ({ pictures }) => Object.values(pictures).forEach((id) => document.querySelector(`#${id} .frame progress`)?.remove());

  async finished(name) {
    return (this.fetched[name] ??= await this.read(await this.computer.fetch(`${this.at}finished/${name}.json.gz`)));
  }

  inOrder = (event, values) => event.outputs.map((id) => (values.has(id) ? values.get(id) : SKIP));

  // The name of what an event shows.
  label = (name) => this.described.labels[name] ?? "This";

  // What stays with a server says so, by name, in the tab's notice, which is the last output; what only comes along with other
  // answers, once.
  sentence(event, name) {
    const words = name.split("-")[0] in this.described.tabs ? this.words(name) : "";
    return this.inOrder(event, new Map(words ? [[event.outputs.at(-1), words]] : []));
  }

  words(name) {
    if (this.described.left[name]?.once && this.mentioned.has(name)) return "";
    this.mentioned.add(name);
    return `<p role="alert">${this.label(name)} ${this.described.sentence}</p>`;
  }

  // Component -> value of what a server once said to an event that it alone can answer, for the usual values of the fields on which the
  // event depends, or for each option of them; else null, and its pictures, which no longer fit, are faint.
  async written(name, values) {
    const { tab, view, on, choices, pictures } = this.described.left[name], usual = this.usual(tab);
    const asUsual = (field) => same(values[field], usual[field]);
    const place = (field) => this.computer.description.fields[tab][field].options.indexOf(values[field]);
    let answer = null;
    if (on.every(asUsual)) answer = await this.finished(`${tab}-view-${view}`);
    else if (choices && on.every((field) => choices.includes(field) || asUsual(field))) {
      answer = await this.finished([name, ...choices.map(place)].join("-"));
    }
    for (const id of pictures) document.getElementById(id)?.classList.toggle("outdated", !answer);
    return answer && new Map(this.computer.dependency(name).outputs.filter((id) => id in answer).map((id) => [id, answer[id]]));
  }

  // A finished answer, after which all pictures of a tab fit.
  fits(tab, answer) {
    for (const element of document.querySelectorAll(`#tab-${tab} .outdated`)) element.classList.remove("outdated");
    return answer;
  }

  usual = (tab) => Object.fromEntries(this.described.tabs[tab].order.map((field) => [field, this.computer.description.fields[tab][field].default]));

  // What was measured of the models of a view.
  measured(tab, values) {
    const { models, cards } = this.described.tabs[tab];
    return [...new Set((models[values.view ?? ""] ?? []).map((field) => values[field]))].map((model) => cards[model] ?? "").join("");
  }

  // Component -> value of what a state shows.  notice: the component that says so where something can't be computed.
  async pictures(tab, values, notice) {
    const { views, card, controls, reads } = this.described.tabs[tab], shown = new Map();
    for (const [view, column] of Object.entries(views)) shown.set(column, update({ elem_classes: view === values.view ? ["stage"] : ["stage", "closed"] }));
    const usual = this.usual(tab), asUsual = (reads[values.view] ?? []).every((field) => field === "view" || same(values[field], usual[field]));
    const whole = `${tab}-view-${values.view ?? ""}`;
    if (asUsual) for (const [id, value] of Object.entries(await this.finished(whole))) shown.set(Number(id), value);
    else if (tab === this.computer.live.said.tab) await this.computer.live.shows(values);
    for (const [name, event] of Object.entries(this.computer.description.events)) {
      if (event.tab !== tab || (event.view && event.view !== values.view)) continue;
      const { outputs } = this.computer.dependency(name), data = event.reads.map((field) => values[field]);
      try {
        const answer = await this.computer.answer(name, [...data, ...Array(event.extra).fill(null)], true);
        answer?.slice(0, -1).forEach((value, i) => shown.set(outputs[i], value));
        if (answer?.at(-1)) shown.set(notice, (shown.notice = answer.at(-1))); // what of it can't be used
      } catch (error) {
        console.warn(String(error)); // the last picture stays
        shown.set(notice, `<p role="alert">${this.failed}</p>`);
      }
    }
    for (const [name, left] of Object.entries(this.described.left)) {
      if (left.tab !== tab || left.view !== values.view || left.of_upload) continue;
      const found = await this.written(name, values), words = found ? "" : this.words(name);
      for (const [id, value] of found ?? []) shown.set(id, value);
      if (words) shown.set(notice, (shown.notice = words));
    }
    for (const [field, id] of Object.entries(controls)) {
      if (shown.has(id)) shown.set(id, { value: values[field], ...shown.get(id) }); // a control that is an output, too
    }
    return shown.set(card, this.measured(tab, values));
  }

  // What the server answered to the preset or claim that has exactly these values; null where none has.
  async asWritten(tab, values) {
    const { order } = this.described.tabs[tab], usual = this.usual(tab);
    if (tab === this.computer.live.said.tab && values.view === "live") return null; // played here
    const plain = (value) => (String(value).startsWith("{") ? JSON.parse(value).strokes : value);
    const has = (fields) => order.every((field) => same(plain(values[field]), plain(fields[field] ?? usual[field])));
    const [name] = Object.entries(this.described.states).find(([name, fields]) => name.startsWith(`${tab}-`) && has(fields)) ?? [];
    if (!name) return null;
    const { outputs } = this.computer.dependency(name), said = await this.finished(name);
    const [words, notice] = outputs.slice(-2); // those of the button, which nobody pressed
    return this.fits(tab, new Map(outputs.map((id, i) => [id, said[i]]).filter(([id]) => id !== words && id !== notice)));
  }

  async everything(tab, values, notice) {
    const written = await this.asWritten(tab, values);
    if (written) return written;
    const shown = await this.pictures(tab, values, notice);
    for (const [field, id] of Object.entries(this.described.tabs[tab].controls)) if (!shown.has(id)) shown.set(id, values[field]);
    return shown;
  }

  async rolled(tab, values, notice) {
    const { rolls, controls } = this.described.tabs[tab], options = rolls[values.view ?? ""] ?? [];
    const rolled = { ...values, ...options[Math.floor(Math.random() * options.length)] };
    return controls ? this.everything(tab, rolled, notice) : new Map();
  }

  async switched(data, index) {
    const tabs = Object.keys(this.described.tabs), tab = tabs[index], { order } = this.described.tabs[tab];
    const before = tabs.slice(0, index).reduce((sum, name) => sum + this.described.tabs[name].order.length, 0);
    return this.pictures(tab, Object.fromEntries(order.map((field, i) => [field, data[before + i]])));
  }

  // What the address says; the page as it was written shows the usual state already.
  async open(event) {
    const query = new URLSearchParams(location.search);
    query.delete("lang"); // language.js reads it
    const tabs = Object.keys(this.described.tabs);
    const [selected, notice] = event.outputs, said = query.get("tab") ?? tabs[0], tab = tabs.includes(said) ? said : tabs[0];
    if (![...query.keys()].length) return new Map();
    const specs = this.computer.description.fields[tab], wrong = [];
    const given = said === tab ? [...query].filter(([field]) => field in specs) : [];
    const values = given.length ? this.usual(tab) : { ...this.described.tabs[tab].opening };
    for (const [field, text] of given) {
      const value = fromAddress(specs[field], text);
      if (value === undefined) wrong.push(field);
      else values[field] = value;
    }
    const shown = await this.everything(tab, values, notice);
    const warning =
      said !== tab
        ? `There is no tab '${said.slice(0, 40)}' in this page; this is the first one.`
        : wrong.length && `Part of this link was not valid and has been corrected: ${wrong.join(", ")}.`;
    const words = document.createElement("p");
    words.textContent = warning || "";
    return shown.set(selected, update({ selected: tab })).set(notice, warning ? words.outerHTML : (shown.notice ?? ""));
  }
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// The value of a field's component for the text of an address; undefined where it can't be used as written.
function fromAddress(spec, text) {
  const number = Number(text);
  switch (spec.kind) {
    case "choice":
      return spec.options.includes(text) ? text : undefined;
    case "several":
      return text.split(",").every((name) => spec.options.includes(name)) ? text.split(",") : undefined;
    case "flag":
      return { 1: true, 0: false }[text];
    case "whole":
    case "number":
      return text !== "" && number >= spec.low && number <= spec.high && (spec.kind === "number" || Number.isInteger(number)) ? number : undefined;
    case "vector":
      return text.split(",").length === spec.length && text.split(",").every((v) => v >= spec.low && v <= spec.high) ? text : undefined;
    case "strokes":
      return /^[ -~]{0,2000}$/.test(text) ? JSON.stringify({ strokes: text }) : undefined;
    default:
      return text;
  }
}
