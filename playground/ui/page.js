// What the page does without the server: the address, the link to share, sliders that move by themselves, and claims.  The scripts of
// the components stand in components/*.js; the page calls all of them by this object.
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

  // On a narrow page a menu stands for the pills: it shows the same view, and offers the same ones when it is opened.
  const menus = {}; // tab -> its menu
  function menu(tab, view) {
    if (!menus[tab]?.isConnected) menus[tab] = document.querySelector(`#tab-${tab} .menu select`);
    if (menus[tab] && menus[tab].value !== view) menus[tab].value = view;
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
        claim.classList.add("answered");
        claim.querySelector(`input[value="${CSS.escape(value)}"]`)?.click();
      });
    }
  }
  // What a class expected, under one's own guess: each option with how many chose it.  Asked for again while it is seen, since more answer.
  async function showTally(tab, claim, guess) {
    const mine = (showTally.last = {}), place = tab.querySelector(".guess");
    const options = [...tab.querySelectorAll(`fieldset[data-claim="${claim}"] label`)];
    const list = document.createElement("ol"), said = document.createElement("span");
    list.className = "tally";
    for (const old of document.querySelectorAll(".tally")) old.remove();
    const show = (counts) => {
      const all = counts.reduce((sum, count) => sum + count, 0);
      said.textContent = `In this room, ${counts[0]} of ${all} expected what is seen.`;
      const rows = options.map((option) => {
        const row = document.createElement("li"), count = counts[option.firstChild.value];
        row.className = `bar ${option.firstChild.value === "0" ? "discriminator" : ""}`;
        row.innerHTML = `<span></span><b>${count}</b><div aria-hidden="true"><i style="width:${(100 * count) / Math.max(all, 1)}%"></i></div>`;
        row.firstChild.textContent = option.textContent;
        return row;
      });
      list.replaceChildren(...rows);
    };
    let counts = await playground_visit.tally(claim, guess);
    if (!counts) return; // no room
    place.append(" ", said);
    place.after(list);
    while (showTally.last === mine && said.isConnected && tab.classList.contains("reveals")) {
      if (counts) show(counts);
      await new Promise((go) => setTimeout(go, 3000));
      counts = !document.hidden && list.checkVisibility() && (await playground_visit.tally(claim));
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
      tab.classList.add("reveals");
      showTally(tab, claim.dataset.claim, chosen.value);
      tab.querySelector(".guess").scrollIntoView({ block: "start" });
    },
    true,
  );

  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches(".menu select")) return;
    const pills = [...target.closest("[id^=tab-]").querySelectorAll(".views input")].map((pill) => pill.value);
    for (const option of target.options) option.hidden = !pills.includes(option.value);
  });
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

  const components = { ...window.playground_controls, ...window.playground_board, ...window.playground_sheets };
  return { address, values, ready, isReady, share, advance, halt, ...components };
})();
