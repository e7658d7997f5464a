"use strict";
(() => {
  const text = document.getElementById("text");
  const hint = text.textContent;
  const rows = [...document.querySelectorAll(".task")];
  let chosen = null;

  const tell = (element) => { text.textContent = element ? element.dataset.why : hint; };
  const choose = (element) => {
    if (chosen) chosen.classList.remove("chosen");
    chosen = element;
    chosen.classList.add("chosen");
    tell(chosen);
  };
  const told = (event) => event.target.closest("[data-why]");

  document.addEventListener("click", (event) => { const element = told(event); if (element) choose(element); });
  document.addEventListener("pointerover", (event) => { tell(told(event) ?? chosen); });
  document.addEventListener("focusin", (event) => { const element = told(event); if (element) tell(element); });

  // Only names are reached with Tab; the arrows lead on to the marks beside them, and to the rows above and below.
  document.addEventListener("keydown", (event) => {
    const element = told(event);
    const row = element?.closest(".row");
    if (!row) return;
    const beside = [...row.querySelectorAll("[data-why]")];
    const at = beside.indexOf(element);
    const near = (step) => {
      const shown = rows.filter((other) => !other.hidden);
      return shown[shown.indexOf(row) + step]?.querySelector(".name");
    };
    const next = {
      ArrowRight: beside[at + 1], ArrowLeft: beside[at - 1], ArrowDown: near(1), ArrowUp: near(-1),
    }[event.key];
    if (next) { next.focus(); event.preventDefault(); }
  });

  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const narrow = () => {
    const wanted = filter.value.toLowerCase();
    for (const row of rows) row.hidden = !row.dataset.name.includes(wanted);
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = shown === rows.length ? `${shown} tasks` : `${shown} of ${rows.length} tasks`;
  };
  filter.addEventListener("input", narrow);
  narrow();

  // A link to a mark: the page's address with `#` and the mark's id.
  const linked = () => {
    const element = document.getElementById(location.hash.slice(1));
    if (element?.dataset.why) { element.scrollIntoView({ block: "center" }); choose(element); }
  };
  window.addEventListener("hashchange", linked);
  linked();
})();
