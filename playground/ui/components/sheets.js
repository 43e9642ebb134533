// The scripts of Compare: sheets of sixteen digits, and tables that can be sorted.
window.playground_sheets = (() => {
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
      const button = window.playground.isReady() && document.getElementById(start);
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

  return { sheets, table };
})();
