"""A page's own talk with playground/browser/steps-worker.js, for tests and benchmarks."""

# key, name, program and addresses -> a worker that has the model, and ask(message, heard) -> its answer
WORKER = """([key, name, program]) => {
    window.worker ??= new Worker("/playground/browser/steps-worker.js", { type: "module" });
    window.asked ??= 0;
    window.ask ??= (message, heard) => new Promise((resolve, reject) => {
        const id = ++asked;
        const hear = ({ data }) => {
            if (data.id !== id) return;
            if (!("done" in data) && !("error" in data)) return heard?.(data, id);
            worker.removeEventListener("message", hear);
            "error" in data ? reject(new Error(data.error)) : resolve(data.done);
        };
        worker.addEventListener("message", hear);
        worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
        worker.postMessage({ id, ...message });
    });
    const files = {
        wasm: "/playground/browser/steps.wasm",
        program: URL.createObjectURL(new Blob([JSON.stringify(program)])),
        weights: `/pretrained/${name}/model.safetensors`,
    };
    return ask({ open: { key, ...files } });
}"""

# key, graph and inputs -> what the function of pixels.js gives
ASK = """async ([key, graph, inputs]) => {
    const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
    const done = await ask({ run: { key, graph, inputs } });
    return Object.fromEntries(Object.entries(done).map(([name, value]) => [name, plain(value)]));
}"""
