// The one script that knows how Gradio's page talks to its server: it hands the events of the page, by the names of their functions, to
// compute.js, and lets pass what that does not answer.  It stands in the page's head, before Gradio's own scripts, in a function of
// `at`: {code: address of the folder with compute.js, data: that of `browser/`, alone: in the static edition, which has no server, what is
// said of that}.  `?compute=server` leaves all to the server.
//
// What Gradio does not document, and tests/browser/test_intercept.py watches: an event outside the queue is a POST to gradio_api/run/predict,
// {fn_index, data, ...}; its answer is {data, ...} as below; window.gradio_config.dependencies has {id, api_name} of every event, where
// api_name is the function's name.  A file is a POST of a form to gradio_api/upload, answered by its path; gradio_api/upload_progress tells
// how much of it has come; the page shows it from gradio_api/file=PATH, and events name it as {path, url, ...}.
window.playground_computes = (at) => {
  const FAILED = "This could not be loaded or computed in your browser; reload the page to try again.";
  const computes = at.alone || new URLSearchParams(location.search).get("compute") !== "server";
  const server = window.fetch;
  const here = (path) => new URL(path, document.baseURI).href;
  const read = (answer) => (at.alone ? new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))) : answer).json(); // packed there
  let computer, started;
  const start = () =>
    (computer ??= (async () => {
      const [{ Computer }, description] = await Promise.all([
        import(here(`${at.code}compute.js`)),
        server(here(`${at.data}gestures.json${at.alone ? ".gz" : ""}`)).then(read),
      ]);
      let worker = null;
      try {
        worker = new Worker(here(`${at.code}worker.js`), { type: "module" });
      } catch (error) {
        console.warn(String(error));
      }
      const made = new Computer(here(at.data), description, worker, server.bind(window), files);
      if (at.alone) made.alone = new (await import(here(`${at.code}alone.js`))).Alone(made, here(at.data), FAILED, read);
      return (started = made);
    })());

  // --- uploads: a file stays in the page, under a path of its own, and is sent when the server is asked for something made of it ---

  const files = new Map(), sent = new Map(), shown = new Map(); // path -> file; the promise of its path on the server; its address in the page
  const DONE = 'data: {"msg": "done"}\n\n';
  const OURS = /in-this-page\/\d+\/[^"/?]*/;
  const json = (value) => new Response(JSON.stringify(value), { headers: { "Content-Type": "application/json" } });

  const keep = (form) =>
    json(
      form.getAll("files").map((file) => {
        const path = `in-this-page/${files.size}/${file.name.replace(/[^\w.]/g, "-")}`;
        files.set(path, file);
        shown.set(path, URL.createObjectURL(file));
        return path;
      }),
    );

  async function send(path) {
    const form = new FormData();
    form.append("files", files.get(path));
    const answer = await server(here("gradio_api/upload"), { method: "POST", body: form });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json())[0];
  }

  // A request's body, with the paths by which the server knows its files.
  async function forServer(body) {
    for (let ours = OURS.exec(body); ours; ours = OURS.exec(body)) {
      if (!sent.has(ours[0])) sent.set(ours[0], send(ours[0]));
      sent.get(ours[0]).catch(() => sent.delete(ours[0]));
      body = body.replaceAll(ours[0], JSON.stringify(await sent.get(ours[0])).slice(1, -1));
    }
    return body;
  }

  const place = (source) => shown.get(OURS.exec(source)?.[0]) ?? source;
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  const src = { configurable: true, enumerable: true, get, set(source) { set.call(this, place(source)); } };
  Object.defineProperty(HTMLImageElement.prototype, "src", src);
  HTMLImageElement.prototype.setAttribute = function (name, value) {
    Element.prototype.setAttribute.call(this, name, name === "src" ? place(value) : value);
  };

  const event = (index) => window.gradio_config?.dependencies.find(({ id }) => id === index);
  const named = (index) => event(index)?.api_name;

  const answered = (data) => json({ data, is_generating: false, duration: 0, average_duration: 0, render_config: null, changed_state_ids: [], used_cache: null });

  // Outputs stay as they are, and a tab's notice, its events' last output, says why.
  function noticed(asked, sentence) {
    const words = document.createElement("p");
    words.role = "alert";
    words.textContent = sentence;
    const last = asked.api_name.includes("-") ? asked.outputs.length - 1 : -1;
    return answered(asked.outputs.map((_, i) => (i === last ? words.outerHTML : { __type__: "update" })));
  }

  // Without a server: events are answered here, and what else is asked of it is refused with a sentence.
  const alone = async (pathname, options) => {
    if (pathname.endsWith("/gradio_api/run/predict")) {
      const said = JSON.parse(options.body);
      const asked = event(said.fn_index);
      try {
        return answered(await (await start()).alone.answer(asked, said));
      } catch (error) {
        console.warn(String(error));
        return noticed(asked, FAILED);
      }
    }
    const what = pathname.endsWith("/queue/join") ? (await start()).alone.label(named(JSON.parse(options.body).fn_index)) : "This";
    const words = `${what} ${at.alone}`;
    return new Response(JSON.stringify({ detail: words, error: words }), { status: 501, headers: { "Content-Type": "application/json" } });
  };

  // The server's answer to a request, whose files it has or gets.
  async function ask(resource, options) {
    if (!OURS.test(options?.body)) return server(resource, options);
    const sending = async () => server(resource, { ...options, body: await forServer(options.body) });
    try {
      const answer = await sending();
      if (!(await answer.clone().text()).includes("no longer on the server")) return answer;
      sent.clear(); // it clears old files away
      return await sending();
    } catch (error) {
      return noticed(event(JSON.parse(options.body).fn_index), error.message);
    }
  }

  window.fetch = async (resource, options) => {
    const { pathname } = new URL(resource?.url ?? resource, document.baseURI);
    if (options?.method === "POST" && pathname.endsWith("/gradio_api/upload")) return keep(options.body);
    if (pathname.endsWith("/gradio_api/upload_progress")) return new Response(DONE, { headers: { "Content-Type": "text/event-stream" } });
    if (at.alone && /\/gradio_api\/(?!info)/.test(pathname)) return alone(pathname, options);
    let overtaken; // what was painted of a newer movement while the server was asked: its answer would put an older picture back
    if (computes && options?.method === "POST" && pathname.endsWith("/gradio_api/run/predict")) {
      try {
        const { fn_index, data } = JSON.parse(options.body);
        const computer = await start(), answer = await computer.answer(named(fn_index), data);
        if (answer) return answered(answer);
        overtaken = () => computer.overtaken(named(fn_index), data).catch(() => null);
      } catch (error) {
        console.warn(`The server answers: ${error}`);
      }
    }
    const theirs = await ask(resource, options), newer = await overtaken?.();
    if (newer) return answered(newer);
    if (!pathname.endsWith("/gradio_api/run/predict")) return theirs;
    const asked = event(JSON.parse(options.body).fn_index);
    const late = asked?.api_name === "open_link" && window.playground_visit.overtook();
    return late ? answered(asked.outputs.map(() => ({ __type__: "update" }))) : theirs;
  };
  // A control of the page has moved; say() gives its value.  Returns the promise of whether what it gives was painted here, if anything can be.
  const moved = (id, say) => started?.painter.moved(id, say);
  const slid = ({ target }) => {
    if (target.type === "range" && !target.closest(".strip, .dials")) moved(target.closest(".block")?.id, () => Number(target.value)); // Gradio's own
  };
  document.addEventListener("input", slid, true);
  const isOld = (img, src) => Boolean(started?.painter.isOld(img, src));
  const script = (name) => import(here(`${at.code}${name}`));
  window.playground_computes = { moved, isOld, script, start, named, server, forServer }; // the latter four for the page's tests
};
