// What the page does without the server: pictures that keep their place, downloads, the address, and the link to share.
window.playground = (() => {
  const { language, say } = window.playground_language;

  // The query that a tab's controls say; ui/state.py reads it, and writes the same.
  function query(tab, spec, values) {
    const said = new URLSearchParams({ tab });
    if (language !== "en") said.set("lang", language);
    spec.forEach(({ name, kind, default: usual }, i) => {
      let value = values[i];
      if (kind === "strokes") [value, usual] = [value, usual].map((v) => JSON.parse(v || "{}").strokes || "");
      if (kind === "vector" || kind === "several") [value, usual] = [value, usual].map((v) => String(v));
      if (value === null || value === undefined || value === usual) return;
      if (kind === "flag") value = value ? "1" : "0";
      if (kind === "number") value = String(+Number(value).toPrecision(4));
      said.set(name, value);
    });
    return said;
  }

  // Where a menu stands for the pills, it offers the same views.
  function menu(tab, view) {
    const select = document.querySelector(`#tab-${tab} .menu select`);
    if (!select) return;
    const pills = [...document.querySelectorAll(`#tab-${tab} .views input`)].map((pill) => pill.value);
    for (const option of select.options) option.hidden = !pills.includes(option.value);
    select.value = view;
  }

  let waiting, hasOpened = false;
  const said = {}; // tab -> field -> the value of its control
  const values = (tab) => said[tab];
  const ready = () => {
    hasOpened = true; // the link that the page was opened with has been read
    window.playground_visit.opened();
    score();
  };
  const isReady = () => hasOpened;
  function address(tab, spec, values) {
    said[tab] = Object.fromEntries(spec.map(({ name }, i) => [name, values[i]]));
    menu(tab, said[tab].view);
    if (!hasOpened || !document.getElementById(`tab-${tab}`)?.offsetParent) return; // another tab is open
    clearTimeout(waiting); // browsers allow few changes of the address a second
    const usual = spec.find(({ name }) => name === "view")?.default;
    waiting = setTimeout(() => window.playground_visit.address(query(tab, spec, values), usual), 300);
  }

  async function share(tab, spec, values) {
    const link = `${location.origin}${location.pathname}?${query(tab, spec, values)}`;
    const button = document.querySelector(`#tab-${tab} .share`);
    const usual = (button.dataset.usual ??= button.textContent); // a second click finds the first one's answer there
    try {
      await navigator.clipboard.writeText(link);
      const uploads = [...document.querySelectorAll(`#tab-${tab} .no-part-of-links img`)];
      const without = uploads.some((img) => img.offsetParent); // one is seen in the open view
      button.textContent = without ? "Copied, without your picture" : "Copied";
      setTimeout(() => (button.textContent = usual), without ? 4000 : 1500);
    } catch {
      prompt(say("Copy this link"), link); // no clipboard without https, or inside some frames
    }
  }

  // Whether the picture has been given a newer source since this one; see browser/paint.js.
  const isOld = (img, src) => window.playground_computes.isOld?.(img, src);

  // One <img> that stays while its source changes, so that nothing flickers.
  function picture(element, name, props, watch) {
    const img = element.querySelector("img");
    const pixelated = Boolean(element.querySelector(".pixelated"));
    const show = () => {
      if (!props.value || isOld(img, props.value.src)) return;
      if (!props.value.src) img.removeAttribute("src"); // nothing is drawn
      else if (img.src !== props.value.src) img.src = props.value.src; // it may be painted already
      img.alt = props.value.alt;
    };
    show();
    watch("value", show);
    downloads(element, img, name, pixelated);
  }

  // The button in `element` saves what `img` shows; squares for pixels are enlarged.
  function downloads(element, img, name, pixelated) {
    element.querySelector(".download").addEventListener("click", () => {
      const scale = pixelated ? Math.max(1, Math.round(560 / img.naturalWidth)) : 1;
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [img.naturalWidth * scale, img.naturalHeight * scale];
      const context = canvas.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.drawImage(img, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = `${name}.png`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // Safari reads it some time after the click
      });
    });
  }

  // A picture of which one pixel is chosen, by a click or the arrow keys; see pixel_picker in components/pixel_picker.py.
  function picker(element, props, watch, trigger) {
    const [box, img, mark] = [".picker", "img", ".mark"].map((part) => element.querySelector(part));
    const size = () => props.size ?? Number(box.dataset.size); // Gradio drops it if the picture comes before the tab was ever open
    const at = () => String(props.value).split(",").map((v) => Math.min(Number(v), size() - 1));
    const show = () => {
      if (props.picture && !isOld(img, props.picture)) img.src = props.picture;
      const [row, column] = at(), share = 100 / size();
      Object.assign(mark.style, { top: `${row * share}%`, left: `${column * share}%`, width: `${share}%`, height: `${share}%` });
      box.setAttribute("aria-description", `row ${row + 1}, column ${column + 1}`);
    };
    const go = (...to) => {
      props.value = to.map((v) => Math.max(0, Math.min(size() - 1, v))).join(",");
      show();
      trigger("input");
    };
    box.addEventListener("pointerdown", (event) => {
      const { left, top, width, height } = img.getBoundingClientRect();
      go(Math.floor(((event.clientY - top) / height) * size()), Math.floor(((event.clientX - left) / width) * size()));
    });
    box.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!step) return;
      event.preventDefault();
      const [row, column] = at();
      go(row + step[0], column + step[1]);
    });
    watch(["value", "picture", "size"], show);
    show();
    downloads(element, img, "pixels", true);
  }

  const advancing = {}; // slider -> what moves it next

  // A slider that moves by itself: `step` after each `pause` (ms), several at once where that is too fast for this machine, from where it is,
  // or from its beginning if it is `anew` or at its end; until something else moves it.
  function advance(slider, step, anew, pause) {
    const input = document.querySelector(`${slider} input[type=range]`);
    if (!input?.offsetParent) return; // another view is open
    halt(slider);
    const go = (to) => {
      const began = performance.now();
      input.value = to;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      advancing[slider] = setTimeout(() => {
        const alone = input.offsetParent && Number(input.value) === to, end = Number(input.max); // another model's images may be smaller
        const steps = Math.max(1, Math.floor((performance.now() - began) / pause));
        if (alone && to < end) go(Math.min(end, (Math.floor(to / step) + steps) * step));
      }, pause);
    };
    go(anew || Number(input.value) >= Number(input.max) ? 0 : Number(input.value));
  }

  const halt = (slider) => clearTimeout(advancing[slider]);

  // Says a control's value: where the browser computes what it gives, `seen()` at once; and to Gradio `value()` from time to time, the last one
  // always, and after its picture is on the screen, which Gradio's work would keep waiting.  `behind()`: Gradio has
  // an older one of the hand's yet, and none that another has said.
  function sender(element, props, trigger, value, seen = value) {
    const wait = (ms) => new Promise((go) => setTimeout(go, ms));
    let newest, heard, busy = false, last = 0;
    const send = async () => {
      newest = { painting: window.playground_computes?.moved?.(element.closest(".block").id, seen) };
      if (busy) return;
      busy = true;
      heard = props.value;
      for (let told; told !== newest; ) {
        told = newest;
        const painted = await told.painting;
        if (painted) await new Promise(requestAnimationFrame);
        await wait(last + (painted ? 100 : 40) - performance.now());
        last = performance.now();
        heard = props.value = value();
        trigger("input");
      }
      busy = false;
    };
    return Object.assign(send, { behind: () => busy && props.value === heard });
  }

  function map(element, { reach, colours }, props, watch, trigger) {
    const box = element.querySelector(".map");
    const [img, canvas, place] = ["img", "canvas", ".place"].map((part) => box.querySelector(part));
    let at = String(props.value).split(",").map(Number);
    let kept = at; // where the last click was
    const dots = () => {
      canvas.width = canvas.height = 1176;
      const context = canvas.getContext("2d");
      for (const [x, y, label] of JSON.parse(props.dots || "[]")) {
        context.beginPath();
        context.arc((1 + x / 1000) * 588, (1 - y / 1000) * 588, 5, 0, 7);
        context.fillStyle = colours[label];
        context.fill();
      }
    };
    const draw = () => {
      place.style.left = `${50 * (1 + at[0] / reach)}%`;
      place.style.top = `${50 * (1 - at[1] / reach)}%`;
      box.setAttribute("aria-description", `z1 ${at[0].toFixed(2)}, z2 ${at[1].toFixed(2)}`);
    };
    const show = () => {
      if (props.picture) img.src = props.picture;
      if (!send.behind()) at = String(props.value).split(",").map(Number);
      draw();
    };
    const send = sender(element, props, trigger, () => at.map((v) => +v.toFixed(3)).join(","));
    const go = (to) => {
      at = to.map((v) => Math.max(-reach, Math.min(reach, v)));
      draw();
      send();
    };
    const under = (event) => {
      const { left, top, width, height } = img.getBoundingClientRect();
      return [(2 * (event.clientX - left) / width - 1) * reach, (1 - 2 * (event.clientY - top) / height) * reach];
    };
    box.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" || event.buttons) go(under(event));
    });
    box.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse") box.setPointerCapture(event.pointerId);
      go((kept = under(event)));
    });
    box.addEventListener("pointerup", (event) => (kept = under(event)));
    box.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && go(kept));
    box.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
      if (!step) return;
      event.preventDefault();
      go((kept = [at[0] + step[0], at[1] + step[1]]));
    });
    watch("value", () => (show(), (kept = at)));
    watch("picture", show);
    watch("dots", dots);
    show();
    dots();
  }

  function strip(element, tiles, props, watch, trigger) {
    const [img, place, input] = ["img", ".place", "input"].map((part) => element.querySelector(part));
    const draw = () => (place.style.left = `${((input.value * (tiles - 1) + 0.5) / tiles) * 100}%`);
    const show = () => {
      if (props.picture) img.src = props.picture;
      if (!send.behind()) input.value = props.value;
      draw();
    };
    const send = sender(element, props, trigger, () => +input.value);
    const go = () => (draw(), send());
    input.addEventListener("input", go);
    const follow = (event) => {
      if (event.pointerType !== "mouse" && !event.buttons) return;
      const { left, width } = img.getBoundingClientRect();
      input.value = (((event.clientX - left) / width) * tiles - 0.5) / (tiles - 1);
      go();
    };
    img.addEventListener("pointermove", follow);
    img.addEventListener("pointerdown", follow);
    watch(["value", "picture"], show);
    show();
  }

  function dials(element, props, watch, trigger) {
    const inputs = [...element.querySelectorAll("input")];
    const show = () => {
      const values = String(props.value).split(",");
      inputs.forEach((input, i) => (send.behind() || (input.value = values[i] ?? 0), (input.disabled = i >= (props.active ?? inputs.length))));
    };
    const send = sender(element, props, trigger, () => inputs.map((input) => +input.value).join(","));
    inputs.forEach((input) => {
      input.addEventListener("input", send);
      input.addEventListener("dblclick", () => ((input.value = 0), send())); // back to the digit's own code
    });
    watch(["value", "active"], show);
    show();
  }

  function subpixels(element, props, watch, trigger) {
    const buttons = [...element.querySelectorAll("button")], next = { ".": "1", 1: "0", 0: "." };
    const letters = () => [...String(props.value ?? "").padEnd(buttons.length, ".")];
    const show = () => {
      const odds = JSON.parse(props.odds || "[]");
      letters().slice(0, buttons.length).forEach((letter, i) => {
        const free = letter === ".", lit = free ? odds[i] ?? 0 : +letter;
        buttons[i].classList.toggle("given", !free);
        buttons[i].style.setProperty("--lit", lit);
        buttons[i].querySelector("b").textContent = free ? `${Math.round(100 * lit)}%` : lit ? "lit" : "dark";
      });
    };
    buttons.forEach((button, i) =>
      button.addEventListener("click", () => {
        const now = letters();
        now[i] = next[now[i]];
        props.value = now.join("");
        show();
        trigger("input");
      }),
    );
    watch(["value", "odds"], show);
    show();
  }

  // A canvas at the screen's resolution; `draw(context, width, height, colour)` works in CSS pixels.
  function painted(canvas, aspect, draw) {
    const width = canvas.clientWidth, height = width / aspect;
    if (!width) return;
    const scale = Math.max(1, window.devicePixelRatio || 1), style = getComputedStyle(canvas);
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context, width, height, (name) => style.getPropertyValue(`--${name}`).trim());
  }

  function board(element, props, watch, trigger) {
    const [plane, curves] = element.querySelectorAll("canvas"), numbers = element.querySelector(".numbers");
    let frame = {}, loading = "", playing = false, timer; // loading: how much is there of what plays, in words
    const paint = () => {
      if (!frame.field) return;
      painted(plane, 1, (...where) => paint_plane({ ...frame, loading }, ...where));
      plane.setAttribute("aria-label", frame.alt);
    };
    const paint_course = () => painted(curves, 3.6, (...where) => paint_curves(frame.records ?? [], ...where));
    const accept = (next) => {
      ({ loading = "", ...next } = next);
      frame = { ...frame, ...next };
      if (next.numbers) numbers.innerHTML = next.numbers;
      paint();
      if (next.records) paint_course();
      if (!loading) plane.dataset.frame = JSON.stringify(frame); // for the page's tests
    };
    const show = () => {
      if (!props.value) return;
      const next = JSON.parse(props.value);
      if (next.match < frame.match) return; // it was on its way when another match began
      accept(next);
      plane.dispatchEvent(new Event("other"));
      playing = (next.play ?? playing) && Boolean(plane.offsetParent); // another tab of the page ends it
      clearTimeout(timer);
      if (playing) timer = setTimeout(() => requestAnimationFrame(() => playing && trigger("input")), frame.wait);
    };
    plane.addEventListener("pause", () => (playing = false));
    plane.addEventListener("frame", ({ detail }) => accept(detail)); // of a match that is played here, browser/live.js
    watch("value", show);
    new ResizeObserver(() => (paint(), paint_course())).observe(plane);
    show();
  }

  const pause = (board) => document.querySelector(`${board} canvas`).dispatchEvent(new Event("pause"));

  const field = document.createElement("canvas"); // of what D says, a pixel a cell

  function paint_plane(frame, context, side, _, colour) {
    const bytes = atob(frame.field), cells = Math.sqrt(bytes.length);
    const green = [1, 3, 5].map((i) => parseInt(colour("discriminator").slice(i, i + 2), 16));
    field.width = field.height = cells;
    const image = new ImageData(cells, cells);
    for (let i = 0; i < bytes.length; i++) image.data.set([...green, bytes.charCodeAt(i) * 0.6], 4 * i);
    field.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(field, 0, 0, side, side);
    const at = (value, i) => (i % 2 ? 1 - value / 1000 : 1 + value / 1000) * (side / 2);
    const dots = (points, name, radius) => {
      context.fillStyle = colour(name);
      context.beginPath();
      for (let i = 0; i < points.length; i += 2) {
        const [x, y] = [at(points[i], 0), at(points[i + 1], 1)];
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 7);
      }
      context.fill();
    };
    dots(frame.real, "real", side / 220);
    frame.arrows.forEach((ends, other) => {
      context.strokeStyle = colour(other ? "words" : "generator");
      context.lineWidth = other ? 0.8 : 1.8;
      context.beginPath();
      for (let i = 0; i < ends.length; i += 2) {
        const [x, y] = [at(frame.made[i], 0), at(frame.made[i + 1], 1)];
        let [dx, dy] = [(ends[i] * side) / 2000, (-ends[i + 1] * side) / 2000];
        const length = Math.hypot(dx, dy), longest = side / 10;
        if (length < 1) continue;
        if (length > longest) [dx, dy] = [(dx * longest) / length, (dy * longest) / length];
        context.moveTo(x, y);
        context.lineTo(x + dx, y + dy);
        context.moveTo(x + 0.7 * dx - 0.15 * dy, y + 0.7 * dy + 0.15 * dx);
        context.lineTo(x + dx, y + dy);
        context.lineTo(x + 0.7 * dx + 0.15 * dy, y + 0.7 * dy - 0.15 * dx);
      }
      context.stroke();
    });
    dots(frame.made, "generated", side / 190);
    if (frame.mover || frame.loading) {
      context.font = "600 15px system-ui, sans-serif";
      context.fillStyle = colour(frame.loading ? "words" : frame.mover === "D" ? "discriminator-ink" : "generator-ink");
      context.fillText(say(frame.loading || (frame.mover === "D" ? "D moved: its field changed" : "G moved: its points changed")), 12, 24);
    }
  }

  function paint_curves(records, context, width, height, colour) {
    const gap = 34, wide = width / 2 - gap - 6, high = height - 12;
    const last = records.length ? Math.max(records[records.length - 1][0], 1) : 1;
    context.font = "11px system-ui, sans-serif";
    const panel = (left, low, top, lines) => {
      context.fillStyle = colour("quiet");
      context.strokeStyle = colour("hair");
      context.lineWidth = 1;
      context.textAlign = "right";
      for (const mark of [low, 0, Math.log(2), 2, top].filter((v, i, all) => v >= low && v <= top && all.indexOf(v) === i)) {
        const y = 6 + high * (1 - (mark - low) / (top - low));
        context.beginPath(); context.moveTo(left, y); context.lineTo(left + wide, y); context.stroke();
        context.fillText(mark.toFixed(mark % 1 ? 2 : 0).replace("-", "\u2212"), left - 5, y + 4);
      }
      for (const [index, name] of lines) {
        context.strokeStyle = colour(name);
        context.lineWidth = 1.6;
        context.beginPath();
        let begun = false;
        for (const record of records) {
          if (record[index] === null) continue;
          const x = left + (wide * record[0]) / last;
          const y = 6 + high * (1 - (Math.min(top, Math.max(low, record[index])) - low) / (top - low));
          begun ? context.lineTo(x, y) : context.moveTo(x, y);
          begun = true;
        }
        context.stroke();
      }
    };
    panel(gap, -2, 4, [[1, "discriminator"], [2, "generator"]]);
    panel(width / 2 + gap, 0, Math.log(2), [[3, "words"]]);
  }

  // Sheets of sixteen digits, one a model; a digit of one of them is chosen by a click or the arrow keys: "model,index".
  function sheets(element, start, props, watch, trigger) {
    const box = element.querySelector(".sheets");
    const chosen = () => {
      const [, name, index] = /^(.*),(\d+)$/.exec(props.value) ?? [null, "", 0];
      return { name, index: +index };
    };
    const mark = () => {
      const at = chosen();
      for (const card of box.children) {
        const place = card.querySelector(".mark");
        place.hidden = card.dataset.name !== at.name;
        place.style.left = `${25 * (at.index % 4)}%`;
        place.style.top = `${25 * Math.floor(at.index / 4)}%`;
      }
    };
    const choose = (name, index) => {
      props.value = `${name},${index}`;
      mark();
      trigger("input");
    };
    const make = (name, title) => {
      const card = document.createElement("figure");
      card.className = "picture generated pixelated";
      card.dataset.name = name;
      card.innerHTML = `<div class="frame" tabindex="0" role="application" aria-roledescription="sixteen digits"><img alt="">
        <div class="mark" hidden></div></div><progress max="1"></progress><figcaption><b></b> <span></span></figcaption>`;
      Object.assign(card.querySelector("b"), { textContent: title, title: name });
      const frame = card.querySelector(".frame");
      frame.addEventListener("pointerdown", (event) => {
        const { left, top, width, height } = frame.querySelector("img").getBoundingClientRect();
        const place = (at, size) => Math.max(0, Math.min(3, Math.floor((at / size) * 4)));
        choose(name, 4 * place(event.clientY - top, height) + place(event.clientX - left, width));
      });
      frame.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -4, ArrowDown: 4 }[event.key];
        if (!step) return;
        event.preventDefault();
        const at = chosen();
        const to = at.name === name ? at.index + step : 0;
        if (to >= 0 && to < 16) choose(name, to);
      });
      return card;
    };
    // The button may be mounted later than the sheets are, when a link opens this tab.
    const ask = () => {
      const button = hasOpened && document.getElementById(start);
      if (button) button.click();
      else setTimeout(ask, 100);
    };
    let last;
    const show = () => {
      if (props.sheets === last) return;
      last = props.sheets;
      const cards = new Map([...box.children].map((card) => [card.dataset.name, card]));
      const { drawn, wanted } = JSON.parse(last || '{"drawn": []}');
      box.replaceChildren(
        ...drawn.map(({ name, title, src, alt, caption, done }) => {
          const card = cards.get(name) ?? make(name, title);
          const img = card.querySelector("img");
          if (src) img.src = src;
          else img.removeAttribute("src");
          card.querySelector(".frame").setAttribute("aria-label", alt);
          card.querySelector("span").textContent = caption;
          card.querySelector("progress").value = done;
          card.classList.toggle("whole", done === 1);
          return card;
        }),
      );
      mark();
      if (wanted) setTimeout(ask, 0); // some sheets are still to be made
    };
    watch("sheets", show);
    watch("value", mark);
    show();
  }

  // A table whose rows are sorted by a column when its heading is pressed; cells say by what in data-value, and without one come last.
  function table(element) {
    element.addEventListener("click", (event) => {
      const heading = event.target.closest("th[aria-sort]");
      if (!heading) return;
      const up = heading.getAttribute("aria-sort") !== "ascending";
      heading.parentElement.querySelectorAll("th").forEach((other) => other.setAttribute("aria-sort", "none"));
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      const body = heading.closest("table").tBodies[0];
      const value = (row) => row.cells[heading.cellIndex].dataset.value;
      const compare = (a, b) => (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b) * (up ? 1 : -1);
      const rows = [...body.rows].map((row) => [value(row), row]);
      rows.sort(([a], [b]) => (a === undefined) - (b === undefined) || (a === undefined ? 0 : compare(a, b)));
      body.append(...rows.map(([, row]) => row));
    });
  }

  // Claims: a prediction is made before it is revealed.  Guesses and the score stay in this browser; the guess with value 0 is right.
  const guesses = () => {
    try {
      return JSON.parse(localStorage.getItem("guesses")) || {};
    } catch {
      return {};
    }
  };
  function score() {
    const made = Object.values(guesses());
    const right = made.filter((value) => value === "0").length;
    const said = made.length ? `${right} of your ${made.length} predictions were right.` : "Choose what you expect, then reveal it.";
    document.querySelectorAll(".score").forEach((place) => (place.textContent = said));
    for (const [name, value] of Object.entries(guesses())) {
      document.querySelectorAll(`fieldset[data-claim="${name}"]`).forEach((claim) => {
        claim.classList.add("told");
        claim.querySelector(`input[value="${CSS.escape(value)}"]`)?.click();
      });
    }
  }
  // What a class expected, beside one's own guess; and again while more of the class answer.
  async function told(place, claim, guess) {
    const mine = (told.last = {});
    let counts = await playground_visit.tally(claim, guess);
    const said = document.createElement("span");
    if (counts) place.append(" ", said);
    while (counts && said.isConnected && told.last === mine) {
      const all = counts.reduce((sum, count) => sum + count, 0);
      said.textContent = `In this room, ${counts[0]} of ${all} expected what is seen.`;
      await new Promise((go) => setTimeout(go, 3000));
      counts = await playground_visit.tally(claim);
    }
  }
  document.addEventListener(
    "click",
    (event) => {
      const tab = event.target.closest("[id^=tab-]"), reveal = event.target.closest(".look");
      if (tab && event.target.closest(".preset, .views label, .dice")) tab.classList.remove("reveals");
      if (!reveal) return;
      const claim = reveal.closest(".claim").querySelector("fieldset"), chosen = claim.querySelector("input:checked");
      if (!chosen) {
        event.stopImmediatePropagation(); // nothing is revealed yet
        tab.querySelector(".score").textContent = "Choose what you expect first.";
        claim.querySelector("input").focus();
        return;
      }
      try {
        localStorage.setItem("guesses", JSON.stringify({ ...guesses(), [claim.dataset.claim]: chosen.value }));
      } catch {} // a browser that keeps nothing
      score();
      const verdict = chosen.value === "0" ? "right" : "not what is seen";
      tab.querySelector(".guess").textContent = `${claim.dataset.claim}. You said: ${chosen.parentElement.textContent}. That is ${verdict}.`;
      told(tab.querySelector(".guess"), claim.dataset.claim, chosen.value);
      tab.classList.add("reveals");
      tab.querySelector(".guess").scrollIntoView({ block: "start" });
    },
    true,
  );

  document.addEventListener("change", ({ target }) => {
    if (target.matches(".menu select")) target.closest("[id^=tab-]").querySelector(`.views input[value="${target.value}"]`).click();
  });

  // A view's "Why?" opens the lesson of its tab at the paragraph that explains it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".explain");
    if (!button) return;
    const lesson = button.closest("[id^=tab-]").querySelector(".lesson");
    const paragraph = () => lesson.querySelector(`.${button.dataset.why}`)?.parentElement;
    if (!paragraph()?.offsetParent) lesson.querySelector("button").click();
    const show = (tries) => {
      const found = paragraph();
      if (!found?.offsetParent && tries) return setTimeout(show, 50, tries - 1);
      found?.setAttribute("tabindex", "-1");
      found?.focus({ preventScroll: true });
      found?.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    };
    show(40);
  });

  const controls = { picture, picker, map, strip, dials, subpixels, board, sheets, table };
  return { address, values, ready, isReady, share, pause, advance, halt, sender, ...controls };
})();
