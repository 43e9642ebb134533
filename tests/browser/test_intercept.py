"""How Gradio's page talks to its server: what browser/intercept.js believes of it, and no documentation promises.

Where a new Gradio speaks otherwise, a test here fails, and that one script has to follow.
"""

import json
from urllib.parse import urlsplit

from tests.browser.conftest import changed, open_view, opened, settled

WALK = """async (computed) => {
    const computer = await window.playground_computes.start(), event = computer.description.events["latent-walk"];
    const said = window.playground.values("latent"), data = event.reads.map((field) => said[field]);
    await computer.load(computer.record(event, computer.fields(event, data)));
    const body = JSON.stringify({ data, fn_index: computer.dependency("latent-walk").id, session_hash: "protocol" });
    const asked = computed ? window.fetch : window.playground_computes.server;
    return (await asked("gradio_api/run/predict", { method: "POST", headers: { "Content-Type": "application/json" }, body })).json();
}"""


def walk(page) -> None:
    box = page.locator("#latent-map .map").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])


def event_of(page, request) -> dict:
    """Gradio's description of the event that a request is about."""
    index = request.post_data_json["fn_index"]
    found = page.evaluate("index => gradio_config.dependencies.filter(({ id }) => id === index)", index)
    assert len(found) == 1
    return found[0]


def test_an_event_outside_the_queue_is_a_post_of_its_number_and_its_values_and_a_stream_is_joined_and_told_of_in_messages(page):
    opened(page, "/?compute=server")
    with page.expect_response(lambda answer: "predict" in answer.url) as answer:
        walk(page)
    request = answer.value.request
    assert request.method == "POST" and urlsplit(request.url).path == "/gradio_api/run/predict"
    event = event_of(page, request)
    assert event["api_name"].startswith("latent-") and len(request.post_data_json["data"]) == len(event["inputs"])
    told = answer.value.json()
    assert len(told["data"]) == len(event["outputs"]) and told["is_generating"] is False
    # A stream
    page.locator("#tab-game-button").click()
    open_view(page, "game", "search")
    told = []
    page.expose_function("told", lambda words: told.append(words))
    page.evaluate(
        """() => {
            const fetch = window.fetch, Source = window.EventSource;
            window.EventSource = class extends Source { constructor(...all) { super(...all); window.told(`source ${all[0]}`); } };
            window.fetch = async (...all) => {
                const answer = await fetch(...all), url = String(all[0]?.url ?? all[0]);
                if (url.includes("/queue/join")) window.told(`joined ${await answer.clone().text()}`);
                if (url.includes("/queue/data")) {
                    const reader = answer.clone().body.pipeThrough(new TextDecoderStream()).getReader();
                    const hear = async () => { for (let part; !(part = await reader.read()).done; ) window.told(part.value); };
                    hear().catch(() => {}); // Gradio hangs up
                }
                return answer;
            };
        }"""
    )
    with page.expect_request(
        lambda request: request.url.endswith("/gradio_api/queue/join?") or "/gradio_api/queue/join" in request.url
    ) as join:
        page.locator("#game-search").click()
    asked = join.value.post_data_json
    assert join.value.method == "POST" and event_of(page, join.value)["api_name"] == "game-search" and asked["session_hash"]
    changed(page, "#game-found", None)
    for _ in range(100):
        messages = [json.loads(line.removeprefix("data: ")) for line in "".join(told).splitlines() if line.startswith("data: ")]
        if any(message["msg"] == "process_completed" for message in messages):
            break
        page.wait_for_timeout(200)
    joined = next(json.loads(line.removeprefix("joined ")) for line in told if line.startswith("joined "))
    mine = [message for message in messages if message.get("event_id") == joined["event_id"]]
    kinds = [message["msg"] for message in mine]
    assert "process_starts" in kinds and "process_generating" in kinds and kinds[-1] == "process_completed"
    outputs = len(event_of(page, join.value)["outputs"])
    assert all(len(message["output"]["data"]) == outputs for message in mine if message["msg"] == "process_generating")


def test_the_page_asks_by_fetch_which_the_script_replaces_and_what_that_answers_has_the_servers_keys_and_names(page):
    opened(page)
    before = settled(page, "#latent-digit")
    page.evaluate(
        """() => {
            const fetch = window.fetch;
            window.asked = [];
            window.fetch = (...all) => (window.asked.push([String(all[0]?.url ?? all[0]), all[1]?.method]), fetch(...all));
        }"""
    )
    walk(page)
    changed(page, "#latent-digit", before)
    page.wait_for_function("() => window.asked.some(([url, method]) => url.includes('/gradio_api/run/predict') && method === 'POST')")
    # The same keys
    here, there = (page.evaluate(WALK, computed) for computed in (True, False))
    assert here.keys() == there.keys()
    assert {key: type(value) for key, value in here.items() if key != "data"} == {
        key: type(value) if not isinstance(value, float) else type(here[key]) for key, value in there.items() if key != "data"
    }
    # Each event that the browser computes has its name once, and its notice last
    described = page.evaluate("async () => (await playground_computes.start()).description.events")
    events = page.evaluate(
        "() => gradio_config.dependencies.map(({ api_name, outputs, inputs, queue }) => [api_name, outputs, inputs, queue])"
    )
    for name, told in described.items():
        found = [event for event in events if event[0] == name]
        assert len(found) == 1, name
        _, outputs, inputs, queue = found[0]
        assert len(outputs) == told["outputs"] + 1 and len(inputs) >= len(told["reads"]) and queue is False, name
