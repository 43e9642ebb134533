// The one script that knows how Gradio's page talks to its server: it hands the events of the page, by the names of their functions, to
// compute.js, and lets pass what that does not answer.  It stands in the page's head, before Gradio's own scripts, in a function of
// `at`: {code: address of the folder with compute.js, data: that of `browser/`, alone: in the static edition, which has no server, what is
// said of that}.  `?compute=server` leaves all to the server.
//
// What Gradio does not document, and tests/browser/test_intercept.py watches: an event outside the queue is a POST to gradio_api/run/predict,
// {fn_index, data, ...}; its answer is {data, ...} as below; window.gradio_config.dependencies has {id, api_name} of every event, where
// api_name is the function's name.
window.playground_computes = (at) => {
  if (new URLSearchParams(location.search).get("compute") === "server" && !at.alone) return;
  const server = window.fetch;
  const here = (path) => new URL(path, document.baseURI).href;
  let computer, started;
  const start = () =>
    (computer ??= (async () => {
      const [{ Computer }, description] = await Promise.all([
        import(here(`${at.code}compute.js`)),
        server(here(`${at.data}gestures.json`)).then((answer) => answer.json()),
      ]);
      let worker = null;
      try {
        worker = new Worker(here(`${at.code}worker.js`), { type: "module" });
      } catch (error) {
        console.warn(String(error));
      }
      const made = new Computer(here(at.data), description, worker, server.bind(window));
      if (at.alone) made.alone = new (await import(here(`${at.code}alone.js`))).Alone(made, here(at.data));
      return (started = made);
    })());

  const event = (index) => window.gradio_config?.dependencies.find(({ id }) => id === index);
  const named = (index) => event(index)?.api_name;

  const answered = (data) =>
    new Response(
      JSON.stringify({ data, is_generating: false, duration: 0, average_duration: 0, render_config: null, changed_state_ids: [] }),
      { headers: { "Content-Type": "application/json" } },
    );

  // Without a server: events are answered here, and what else is asked of it is refused with a sentence.
  const alone = async (pathname, options) => {
    if (pathname.endsWith("/gradio_api/run/predict")) {
      const said = JSON.parse(options.body);
      const asked = event(said.fn_index);
      try {
        return answered(await (await start()).alone.answer(asked, said));
      } catch (error) {
        console.warn(String(error)); // the last picture stays, and a tab's notice, its events' last output, says why
        if (!asked.api_name.includes("-")) return answered(asked.outputs.map(() => ({ __type__: "update" })));
        const words = '<p role="alert">This could not be loaded or computed in your browser; reload the page to try again.</p>';
        return answered(asked.outputs.map((_, i) => (i === asked.outputs.length - 1 ? words : { __type__: "update" })));
      }
    }
    const what = pathname.endsWith("/queue/join") ? (await start()).alone.label(named(JSON.parse(options.body).fn_index)) : "This";
    const words = `${what} ${at.alone}`;
    return new Response(JSON.stringify({ detail: words, error: words }), { status: 503, headers: { "Content-Type": "application/json" } });
  };

  window.fetch = async (resource, options) => {
    const { pathname } = new URL(resource?.url ?? resource, document.baseURI);
    if (at.alone && /\/gradio_api\/(?!info)/.test(pathname)) return alone(pathname, options);
    if (options?.method === "POST" && pathname.endsWith("/gradio_api/run/predict")) {
      try {
        const { fn_index, data } = JSON.parse(options.body);
        const answer = await (await start()).answer(named(fn_index), data);
        if (answer) return answered(answer);
      } catch (error) {
        console.warn(`The server answers: ${error}`);
      }
    }
    return server(resource, options);
  };
  // A control of the page has moved.  Returns whether what it gives is painted here, before Gradio hears of the movement.
  const moved = (id, value) => Boolean(started?.painter.moved(id, value));
  const slid = ({ target }) => {
    if (target.type === "range" && !target.closest(".strip, .dials")) moved(target.closest(".block")?.id, Number(target.value)); // Gradio's own
  };
  document.addEventListener("input", slid, true);
  window.playground_computes = { moved, start, named, server }; // the latter three for the page's tests
};
