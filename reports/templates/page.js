/* The comparison page: choose what the map shows, mark a town, sort tables. Without it every table still stands. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const all = (chosen) => Array.from(document.querySelectorAll(chosen));
  const grades = new Map(data.grades.map(([name, ground, ink]) => [name, { ground, ink }]));
  const order = data.grades.map(([name]) => name).concat(data.severities);
  let layer = 0, way = 0, town = -1;

  function make(tag, words, kind) {
    const made = document.createElement(tag);
    if (words) made.textContent = words;
    if (kind) made.className = kind;
    return made;
  }

  /* ---- sorting ---- */

  const missing = (words) => words === "" || words === "—";

  function figure(words) {
    const found = /^[↑↓→]?\s*约?([+−-]?\d+(?:\.\d+)?)\s*(万|亿)?/.exec(words);
    if (!found) return null;
    return Number(found[1].replace("−", "-")) * ({ 万: 1e4, 亿: 1e8 }[found[2]] || 1);
  }

  function ordered(texts) {
    const told = texts.filter((words) => !missing(words));
    if (told.every((words) => figure(words) !== null)) return (a, b) => figure(a) - figure(b);
    if (told.every((words) => order.includes(words))) return (a, b) => order.indexOf(a) - order.indexOf(b);
    return (a, b) => a.localeCompare(b, "zh-Hans-CN");
  }

  function sort(table, at, head) {
    const body = table.tBodies[0], rows = Array.from(body.rows);
    const words = (row) => row.cells[at].textContent.trim();
    const compare = ordered(rows.map(words));
    const down = head.getAttribute("aria-sort") === "ascending";
    rows.sort((one, two) => {
      const a = words(one), b = words(two);
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      return down ? compare(b, a) : compare(a, b);
    });
    body.append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  function sortable(table) {
    Array.from(table.tHead.rows[0].cells).forEach((head, at) => {
      if (head.classList.contains("fixed")) return;
      const button = make("button", "", "");
      button.type = "button";
      button.title = "按此列排序";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, at, head));
      head.append(button);
    });
  }

  /* ---- the map and its table ---- */

  const shapes = all(".unit"), mark = document.querySelector(".mark");
  const pickLayer = by("pick-layer"), pickWay = by("pick-way"), pickTown = by("pick-town");

  function colour() {
    const shown = data.layers[layer].ways[way];
    for (const shape of shapes) {
      const at = shown.of[Number(shape.dataset.unit)];
      shape.setAttribute("fill", at === null ? data.hatch : shown.keys[at][1]);
    }
    by("finding").textContent = shown.finding;
    by("legend").replaceChildren(...shown.keys.map(([words, fill]) => {
      const item = make("li"), key = make("span", "", fill ? "key" : "key hatched");
      if (fill) key.style.background = fill;
      item.append(key, words);
      return item;
    }));
  }

  function cell(words, align, kind) {
    const made = make("td", kind === "grade" ? "" : words, align + " keep");
    if (kind === "grade" && words) {
      const chip = make("span", words, "chip"), look = grades.get(words);
      if (look) { chip.style.background = look.ground; chip.style.color = look.ink; }
      made.append(chip);
    }
    return made;
  }

  function fillTable() {
    const shown = data.layers[layer], table = document.querySelector("#layer table");
    const head = make("tr"), body = table.tBodies[0];
    for (const [title, align] of shown.columns) {
      const made = make("th", title, align);
      made.scope = "col";
      head.append(made);
    }
    table.tHead.replaceChildren(head);
    body.replaceChildren(...shown.rows.map((row, at) => {
      const made = make("tr");
      made.dataset.unit = at;
      made.append(...row.map((words, i) => cell(words, shown.columns[i][1], shown.columns[i][2])));
      made.addEventListener("click", () => choose(at));
      return made;
    }));
    by("layer-title").textContent = shown.title;
    by("layer-units").textContent = shown.units;
    sortable(table);
  }

  function show(at) {
    layer = at;
    way = 0;
    fillTable();
    if (mark) {
      pickWay.replaceChildren(...data.layers[at].ways.map((one, i) => new Option(one.what, i)));
      pickWay.disabled = data.layers[at].ways.length < 2;
      colour();
    }
    choose(town);
  }

  function tell() {
    const shown = data.layers[layer];
    if (town < 0) return "";
    const parts = shown.rows[town].slice(1).map((words, i) => shown.columns[i + 1][0] + " " + words);
    return data.towns[town] + "　" + shown.title.replace(/^各街镇/, "") + (shown.units ? "（" + shown.units + "）" : "") + "：" + parts.join(" · ");
  }

  function choose(at) {
    town = at;
    const shape = shapes.find((one) => Number(one.dataset.unit) === at);
    if (mark) mark.setAttribute("d", shape ? shape.getAttribute("d") : "");
    for (const one of shapes) one.setAttribute("aria-pressed", one === shape);
    for (const row of all("#layer tbody tr")) row.classList.toggle("chosen", Number(row.dataset.unit) === at);
    for (const row of all("#heat tbody tr")) row.classList.toggle("chosen", row.cells[0].textContent === data.towns[at]);
    const columns = document.querySelector("#values thead tr").cells.length - data.towns.length;
    for (const row of all("#values tr")) {
      for (let i = 0; i < data.towns.length; i++) row.cells[columns + i].classList.toggle("chosen-column", i === at);
    }
    pickTown.value = at;
    by("told").textContent = tell();
  }

  function pressed(made, act) {
    made.addEventListener("click", act);
    made.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); }
    });
  }

  /* ---- beginning ---- */

  document.documentElement.classList.add("js");
  window.tijian = { sortable };
  all("table.t").filter((table) => !table.closest("#layer, #choose")).forEach(sortable);
  if (data.layers.length) {
    for (const shape of shapes) {
      const at = Number(shape.dataset.unit);
      shape.setAttribute("tabindex", "0");
      shape.setAttribute("role", "button");
      shape.setAttribute("aria-label", data.towns[at]);
      pressed(shape, () => choose(town === at ? -1 : at));
    }
    all("#heat tbody tr").forEach((row) => {
      row.addEventListener("click", () => choose(data.towns.indexOf(row.cells[0].textContent)));
    });
    pickLayer.addEventListener("change", () => show(Number(pickLayer.value)));
    if (mark) pickWay.addEventListener("change", () => { way = Number(pickWay.value); colour(); });
    pickTown.addEventListener("change", () => choose(Number(pickTown.value)));
    show(Number(pickLayer.value));
  }
  const services = all(".service"), pickService = by("pick-service");
  if (pickService) {
    const pick = () => services.forEach((one, i) => { one.hidden = i !== Number(pickService.value); });
    pickService.addEventListener("change", pick);
    pick();
  }
})();
