// The script of the live game's board, of controls.py: the plane, and the curves below it, painted from a few numbers a frame.
window.playground_board = (() => {
  const { say } = window.playground_language;

  // A canvas at the screen's resolution; `draw(context, width, height, colour)` works in CSS pixels.
  function painted(canvas, draw) {
    const width = canvas.clientWidth, height = canvas.clientHeight;
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
      painted(plane, (...where) => paint_plane({ ...frame, loading }, ...where));
      plane.setAttribute("aria-label", frame.alt);
    };
    const paint_course = () => painted(curves, (...where) => paint_curves(frame.records ?? [], ...where));
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
    document.dispatchEvent(new Event("board")); // browser/live.js may wait for it
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

  return { board, pause };
})();
