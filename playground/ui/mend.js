// What Gradio's markup lacks, and Gradio does not document; tests/browser/test_every_view.py fails where a new Gradio writes it otherwise.
//   - each radio button has a name of its own, and another one when it is chosen: with one name a row is one stop of the Tab key, and arrow keys move in it;
//   - an empty plot has a label that no reader may have.
(() => {
  let rows = 0;
  const ROW = "fieldset:has(> .wrap input[type=radio])";
  const name = (row) => {
    row.dataset.row ??= `row-${++rows}`;
    row.querySelectorAll(`input:not([name="${row.dataset.row}"])`).forEach((input) => (input.name = row.dataset.row));
  };
  const within = (node, selector) => [...(node.matches(selector) ? [node] : []), ...node.querySelectorAll(selector)];
  const mend = ({ target, addedNodes }) => {
    const row = target.closest?.("fieldset");
    if (row) return row.matches(ROW) && name(row);
    for (const node of addedNodes) { // and not the whole target: the page opens by thousands of changes
      if (node.nodeType !== 1) continue;
      within(node, ROW).forEach(name);
      within(node, "div.empty[aria-label]").forEach((plot) => plot.removeAttribute("aria-label"));
    }
  };
  const observed = { childList: true, subtree: true, attributeFilter: ["name"] };
  new MutationObserver((changes) => changes.forEach(mend)).observe(document, observed);
})();
