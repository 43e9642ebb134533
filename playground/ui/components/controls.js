// The scripts of the controls in controls.py, and of pictures and their pixel picker.
window.playground_controls = (() => {
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
      for (let sent; sent !== newest; ) {
        sent = newest;
        const painted = await sent.painting;
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

  return { picture, picker, sender, map, strip, dials, subpixels };
})();
