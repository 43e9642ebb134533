// The way a visitor goes through the page: back and forward, taps that come before the page has read its address, the opening, the guided
// hour, presenting, and the code of an address for a phone's camera.
window.playground_visit = (() => {
  const OF_PAGE = ["stop", "guide", "embed", "present", "room", "compute", "__theme"]; // what an address says of the page and of no tab
  const root = document.documentElement, began = new URLSearchParams(location.search);
  const named = (tab) => document.getElementById(`tab-${tab}-button`);
  const pill = (tab, view) => document.querySelector(`#tab-${tab} .views input[value="${CSS.escape(view)}"]`);

  // --- what the address says of the page ---

  for (const mode of ["embed", "present"]) root.classList.toggle(mode, began.get(mode) === "1");
  const plain = ![...began.keys()].some((name) => !["lang", "room", "compute", "__theme"].includes(name)); // it says nothing of a tab
  root.classList.toggle("arriving", plain);
  if (began.has("guide")) root.dataset.guide = began.get("guide");
  if (/^([1-9]|1[0-2])$/.test(began.get("stop"))) {
    const open = document.createElement("style");
    open.textContent = `.hour, .hour [data-stop="${began.get("stop")}"] { display: block !important; }`;
    document.head.append(open);
  }

  // --- the address: another tab or view is a place of its own for back and forward, all else replaces what is said of the same place ---

  const usual = {}; // tab -> the view that it opens with
  const first = () => document.querySelector("[role=tab][id$=-button]")?.dataset.tabId;
  const place = (said) => [said.get("tab") ?? first(), said.get("view") ?? usual[said.get("tab") ?? first()]];
  let going = null; // the place that *back* goes to, till it is there

  function address(said, view) {
    usual[said.get("tab")] = view;
    const before = new URLSearchParams(location.search), same = String(place(said)) === String(place(before));
    if (going && !same) return; // on its way
    for (const name of OF_PAGE) if (before.has(name)) said.set(name, before.get(name));
    history[same ? "replaceState" : "pushState"](null, "", `?${said}`);
  }

  const soon = (found, then, tries = 60) => {
    const element = found();
    if (element) then(element);
    else if (tries) requestAnimationFrame(() => soon(found, then, tries - 1));
  };
  addEventListener("popstate", () => {
    const [tab, view] = (going = place(new URLSearchParams(location.search)));
    setTimeout(() => (going = null), 1000);
    named(tab)?.click();
    if (view) soon(() => pill(tab, view), (input) => input.checked || input.click());
  });

  // --- what is tapped before the page has read its address is not undone by it ---

  let hasOpened = false, touched = false;
  const early = [];
  const column = (input) => document.getElementById(`${input.closest("[id^=tab-]").id.slice(4)}-view-${input.value}`);
  const tapped = ({ target }) => {
    if (hasOpened) return;
    touched = true;
    const what = target.closest("[role=tab], .views input, .preset");
    if (what) early.push(what);
  };
  for (const event of ["pointerdown", "keydown"]) document.addEventListener(event, () => (touched = true), { capture: true, once: true });
  document.addEventListener("click", tapped, true);
  function opened() {
    hasOpened = true;
    for (const what of early) {
      if (!what.matches("input")) plain || what.ariaSelected === "true" || what.click();
      else if (!what.checked) what.click();
      // a page that is still being made tells its server of the view before
      else if (column(what)?.matches(".closed")) ["input", "change"].forEach((event) => what.dispatchEvent(new Event(event, { bubbles: true })));
    }
  }
  const overtook = () => touched && plain; // the visitor was faster than the answer to an address that says nothing

  // --- buttons of the page's head ---

  const link = () => {
    const said = new URLSearchParams(location.search);
    ["embed", "present"].forEach((name) => said.delete(name));
    if (room) said.set("room", room);
    return `${location.origin}${location.pathname}${said.size ? `?${said}` : ""}`;
  };
  const code = async (text) => (await window.playground_computes.script("qr.mjs")).renderSVG(text, { ecc: "L", border: 4 });

  async function showCode() {
    const dialog = document.querySelector("dialog.code");
    dialog.querySelector("div").innerHTML = await code(link());
    dialog.querySelector("a").textContent = dialog.querySelector("a").href = link();
    dialog.showModal();
  }

  // --- a class: who opened a link with a room stays in it while the tab is open ---

  const drawn = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(36)).join("");
  const kept = (storage, name, value) => {
    try {
      if (value) window[storage].setItem(name, value);
      return window[storage].getItem(name);
    } catch {
      return value; // a browser that keeps nothing, or a frame that may not
    }
  };
  const room = kept("sessionStorage", "room", began.get("room"));
  let voter;

  // The room's tally of a claim, the right option first, after this visitor's guess if there is one; null where there is no room.
  async function tally(claim, guess) {
    if (!room) return null;
    voter ??= kept("localStorage", "voter", kept("localStorage", "voter") ?? drawn());
    const said = { room, claim }, body = JSON.stringify({ ...said, voter, guess: Number(guess) });
    const asked = guess === undefined ? [`room?${new URLSearchParams(said)}`] : ["room", { method: "POST", body }];
    const answer = await fetch(...asked).catch(() => null); // the static edition has no rooms
    return answer?.ok ? answer.json() : null;
  }

  function openRoom() {
    const said = new URLSearchParams(location.search);
    said.set("room", drawn());
    said.set("guide", "hour");
    location.search = said;
  }

  function present(on) {
    root.classList.toggle("present", on);
    const said = new URLSearchParams(location.search);
    on ? said.set("present", "1") : said.delete("present");
    history.replaceState(null, "", `?${said}`);
    (on ? root.requestFullscreen?.() : document.fullscreenElement && document.exitFullscreen())?.catch(() => {}); // a frame may forbid it
  }
  document.addEventListener("fullscreenchange", () => document.fullscreenElement || (root.classList.contains("present") && present(false)));
  document.addEventListener("keydown", (event) => event.key === "Escape" && root.classList.contains("present") && present(false));

  const does = { play: () => root.classList.remove("arriving"), code: showCode, present: () => present(true), leave: () => present(false), print, room: openRoom };
  document.addEventListener("click", ({ target }) => does[target.closest("[data-does]")?.dataset.does]?.());

  // A worksheet's codes lead to its stops.
  if (["worksheet", "key"].includes(root.dataset.guide)) {
    soon(() => document.querySelector(".sheet .to"), () => {
      for (const box of document.querySelectorAll(".sheet .to")) {
        code(new URL(box.querySelector("a").getAttribute("href"), link()).href).then((svg) => box.insertAdjacentHTML("beforeend", svg));
      }
    }, 6000);
  }

  // --- the glossary answers under the pointer, to a tap and to the keyboard ---

  const says = () => document.getElementById("says");
  function explain(term) {
    const words = document.querySelector(`.glossary [data-term="${term.dataset.term}"] dd`)?.textContent;
    if (!words) return;
    const box = says(), at = term.getBoundingClientRect();
    box.textContent = words;
    term.setAttribute("aria-describedby", box.id);
    box.style.left = `${Math.max(12, Math.min(at.left, innerWidth - box.offsetWidth - 12))}px`;
    const below = at.bottom + 6, fits = below + box.offsetHeight < innerHeight;
    box.style.top = `${fits ? below : at.top - box.offsetHeight - 6}px`;
  }
  const quiet = () => says() && (says().textContent = "");
  for (const event of ["pointerover", "focusin", "click"]) {
    document.addEventListener(event, ({ target }) => {
      const term = target.closest?.(".term");
      term ? explain(term) : event !== "focusin" && quiet();
    });
  }
  document.addEventListener("focusout", ({ target }) => target.closest?.(".term") && quiet());
  document.addEventListener("keydown", ({ key }) => key === "Escape" && quiet());
  document.addEventListener("scroll", quiet, { capture: true, passive: true });

  // In print everything is open, and closed again after it.  What is in an accordion of Gradio's is made when it is first opened, which takes
  // longer than a browser waits that prints at once: so it is made before, unseen, when the pointer leaves the page on its way to the browser's menu.
  const ACCORDION = ".gr-accordion > button:not(.open)", CLOSED = `details:not([open]) > summary, ${ACCORDION}`, MAKING = ".making > button";
  const isMade = ({ nextElementSibling: made, parentElement: whole }) =>
    whole.matches(".lesson") ? made?.querySelector("[data-testid=markdown] p") : made?.textContent.trim(); // of a lesson the networks come first
  function make() {
    if (!hasOpened) return;
    const empty = [...document.querySelectorAll(ACCORDION)].filter((head) => head.checkVisibility() && !isMade(head));
    for (const head of empty) {
      head.parentElement.classList.add("making");
      head.click();
    }
    const close = () => document.querySelectorAll(MAKING).forEach((head) => (head.parentElement.classList.remove("making"), head.click()));
    if (empty.length) soon(() => empty.every(isMade), close, 600);
  }
  root.addEventListener("mouseleave", make);
  addEventListener("blur", make);
  document.addEventListener("click", (event) => { // whoever opens one meanwhile finds it open
    const head = event.isTrusted && event.target.closest(MAKING);
    if (head) (event.stopImmediatePropagation(), head.parentElement.classList.remove("making"));
  }, true);
  const printed = [];
  const unfold = () => {
    printed.push(...document.querySelectorAll(MAKING));
    printed.forEach((head) => head.parentElement.classList.remove("making"));
    const closed = [...document.querySelectorAll(CLOSED)].filter((head) => head.checkVisibility());
    printed.push(...closed);
    closed.forEach((head) => head.click());
  };
  addEventListener("beforeprint", unfold);
  addEventListener("afterprint", () => printed.splice(0).forEach((head) => head.click()));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    unfold();
    soon(() => printed.every(isMade), () => setTimeout(() => print(), 300), 300);
  });

  return { address, opened, overtook, tally };
})();
