// The page in another language than English, by ?lang=he: English sentences become that language's as they come into the page, whoever
// says them, Gradio, the server or a script.  The catalogue is browser/he.json: messages with "{}" where the program puts something in.
window.playground_language = (() => {
  const page = document.documentElement;
  const language = new URLSearchParams(location.search).get("lang") === "he" ? "he" : "en";
  const ATTRIBUTES = ["title", "aria-label", "alt", "placeholder", "aria-valuetext", "aria-description", "aria-roledescription", "label"];
  const SAME = "script, style, code, pre, textarea, .katex, [translate=no]"; // what is the same in all languages
  const LESSON = ".lesson [data-testid=markdown]"; // which is Hebrew, but for titles of papers
  const HEBREW = /[\u0590-\u05ff]/;
  let messages, templates, sentences;

  // --- a text in the other language ---

  // The parts of a template's text in place of its "{}", or of "{0}", "{1}" where the translation has them in an order of its own.
  const filled = (said, parts) => {
    let next = 0;
    return said.replace(/\{(\d?)\}/g, (_, place) => parts[place === "" ? next++ : place]);
  };

  // The translation of a whole message, or undefined.  Templates of little more than "{}" are for what is no list.
  function translated(text, isList) {
    const said = messages.get(text) ?? messages.get(text[0].toLowerCase() + text.slice(1)); // some begin a sentence
    if (said !== undefined) return said;
    for (const { begins, pattern, said, isShort } of templates) {
      if (isList && isShort) return;
      const found = text.startsWith(begins) && pattern.exec(text);
      if (found) return filled(said, found.slice(1).map((one) => part(one)));
    }
  }

  // A part of a message: a message itself, a list of such, or something that is the same in all languages.
  const SEPARATORS = [/(^\u00b7 | \u00b7 )/, /((?<=[.?!]) )/, /(; )/, /(\.$)/, /(: )/, /(, )/]; // the widest first; a comma may be within one
  function part(text, level = 0) {
    if (!/[a-z]/i.test(text)) return text;
    const [, before, core, after] = /^(\s*)(.*?)(\s*)$/s.exec(text);
    const list = () => core.split(SEPARATORS[level]).map((one, i) => (i % 2 ? one : part(one, level + 1))).join("");
    return before + (translated(core, level < SEPARATORS.length - 1) ?? (level < SEPARATORS.length ? list() : core)) + after;
  }

  // What is written from left to right (formulas, figures, names) stands apart from the Hebrew around it, so that its signs keep their places.
  function isolated(text) {
    const minus = text.replace(/(?<=^|[\s(])-(?=\d)/g, "\u2212"); // and no hyphen, which would belong to the Hebrew
    const whole = minus.replace(/([\u05d0-\u05ea])-(?=\S)/g, "$1\u2011"); // a prefix is not torn off
    return whole.replace(/\u2066[^\u2069]*\u2069|[^\u0590-\u05ff\u2066\u2067\u2069\u00b7\u2011;]+/g, (run) => (run[0] === "\u2066" ? run : apart(run)));
  }

  const OUTSIDE = "[\\s,.:!?…\"'“”\u05f3\u05f4\u2013\u2014\u05be-]*"; // what stands around it and belongs to the Hebrew
  const RUN = new RegExp(`^(${OUTSIDE}[●■→]?\\s*)(.*?)(${OUTSIDE})$`, "s");
  const [LEAD, TRAIL] = [new RegExp(`^.${OUTSIDE}`), new RegExp(`${OUTSIDE}.$`)]; // a bracket that belongs to it, too
  const SENTENCES = /((?<=\S)[.?!]\s+(?=\S))/; // one that ends with a formula, and the next, that begins with one
  function apart(run) {
    if (SENTENCES.test(run)) return run.split(SENTENCES).map((one, i) => (i % 2 ? one : apart(one))).join("");
    let [, before, core, after] = RUN.exec(run);
    const count = (sign) => core.split(sign).length;
    const begin = () => ([before, core] = [before + LEAD.exec(core)[0], core.replace(LEAD, "")]);
    const finish = () => ([core, after] = [core.replace(TRAIL, ""), TRAIL.exec(core)[0] + after]);
    while (/^[)\]]/.test(core) || (/^[([]/.test(core) && count(/[([]/) > count(/[)\]]/))) begin();
    while (/[([]$/.test(core) || (/[)\]]$/.test(core) && count(/[)\]]/) > count(/[([]/))) finish();
    if (count(/[([]/) !== count(/[)\]]/)) return run.split(/([()[\]])/).map((one, i) => (i % 2 ? one : apart(one))).join(""); // one is closed later
    const [, inner, end] = /^(.*?)([\s,.:]*)$/s.exec(core);
    return /^\w*$/.test(inner) ? run : `${before}\u2066${inner}\u2069${end}${after}`;
  }

  const known = new Map(); // what has been said lately
  function say(text) {
    if (!messages) return text;
    let said = known.get(text);
    if (said === undefined) {
      const [, before, core, after] = /^(\s*)(.*?)(\s*)$/s.exec(text);
      said = before + isolated(part(core.replace(/\s+/g, " "))) + after;
      if (known.size > 5000) known.clear();
      known.set(text, said);
    }
    return said;
  }

  // --- the page ---

  const shown = new WeakMap(); // text node -> the text that it was given here
  function text(node) {
    const said = node.data, above = node.parentElement;
    if (shown.get(node) === said || !/\w/.test(said) || !above || above.closest(SAME)) return;
    const here = above.closest(LESSON) ? isolated(said) : say(said);
    const now = above.ownerSVGElement && HEBREW.test(here) ? `\u2067${here}\u2069` : here;
    shown.set(node, now);
    if (now !== said) node.data = now;
  }

  function attribute(element, name) {
    const said = element.getAttribute(name);
    if (!said || /[\u0590-\u05ff\u2066]/.test(said) || element.closest(SAME)) return;
    const now = say(said);
    if (now !== said) element.setAttribute(name, now);
  }

  // A dropdown's choice is the value of an input, of which no observer hears: Gradio says it in English, and the page shows it in Hebrew.
  const { set, ...value } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  function chosen(input) {
    const show = (said) => {
      const here = say(String(said));
      set.call(input, HEBREW.test(here) ? here : said);
    };
    Object.defineProperty(input, "value", { ...value, set: show });
    show(input.value);
  }

  function attributes(element) {
    if (element.matches("input[role=combobox]")) chosen(element);
    for (const name of ATTRIBUTES) if (element.hasAttribute(name)) attribute(element, name);
    const link = element.matches('a[href^="?"]:not(.language)') && element.getAttribute("href");
    if (link && !/[?&]lang=/.test(link)) element.setAttribute("href", link === "?" ? `?lang=${language}` : `${link}&lang=${language}`);
  }

  // A sentence in which terms are buttons is translated as a whole; the catalogue has it with its own buttons.
  function sentence(place) {
    const why = place.querySelector(".explain"), said = place.textContent.slice(0, why ? -why.textContent.length : undefined);
    const now = sentences[said.trim().replace(/\s+/g, " ")];
    if (!now) return;
    place.innerHTML = `${now} `;
    if (why) place.append(why);
  }

  function all(node) {
    if (node.nodeType === Node.TEXT_NODE) return text(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    new Set([...node.querySelectorAll("p > .term")].map((term) => term.parentElement)).forEach(sentence);
    attributes(node);
    const walk = document.createTreeWalker(node, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) walk.currentNode.nodeType === Node.TEXT_NODE ? text(walk.currentNode) : attributes(walk.currentNode);
  }

  function follow() {
    new MutationObserver((changes) => {
      for (const { type, target, attributeName, addedNodes } of changes) {
        if (type === "characterData") text(target);
        else if (type === "attributes") attribute(target, attributeName);
        else addedNodes.forEach(all);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
    all(page);
    const about = document.querySelector("meta[name=description]");
    if (about) about.content = say(about.content);
  }

  async function load() {
    const { messages: said, lessons, sentences: marked } = await (await fetch("browser/he.json")).json();
    const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    [messages, sentences] = [new Map(Object.entries(said)), marked];
    templates = Object.entries(said)
      .filter(([message]) => message.includes("{}"))
      .map(([message, said]) => ({ said, parts: message.split("{}"), length: message.replaceAll("{}", "").length }))
      .sort((a, b) => b.length - a.length) // the one that says most of it itself comes first
      .map(({ said, parts, length }) => ({ said, isShort: length < 12, begins: parts[0], pattern: new RegExp(`^${parts.map(literal).join("((?:(?! \u00b7 ).)*?)")}$`, "s") }));
    follow();
    return lessons;
  }

  // Tab -> its lesson; null in English, and where the catalogue does not come: then the page stays English.
  let loading = null;
  if (language !== "en") {
    Object.assign(page, { lang: language, dir: "rtl" });
    page.style.visibility = "hidden"; // no word is seen in two languages
    loading = load()
      .catch((error) => console.warn(`The page stays English: ${error}`))
      .finally(() => (page.style.visibility = ""));
  }
  const lessons = async (english) => ({ ...english, ...(await loading) });

  // The switch: the same state in the other language.
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest?.("a.language");
    if (!chosen) return;
    event.preventDefault();
    const said = new URLSearchParams(location.search);
    if (chosen.lang === "en") said.delete("lang");
    else said.set("lang", chosen.lang);
    location.assign(`${location.pathname}?${said}`);
  });

  return { language, say, lessons };
})();
