/* The comparison page: the data, and what all its parts use. The files are joined into one function (page/html.py).
   Without a script every table still stands. */
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const all = (chosen, within) => Array.from((within || document).querySelectorAll(chosen));
const grades = new Map(data.grades), ink = data.ink;
const order = data.grades.map(([name]) => name).concat(data.severities);
const SPACE = document.querySelector("svg.shared").namespaceURI;
const MISSING = "—";

function make(tag, words, kind) {
  const made = document.createElement(tag);
  if (words !== undefined && words !== null) made.textContent = words;
  if (kind) made.className = kind;
  return made;
}

function draw(tag, values, words) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(values)) made.setAttribute(name, value);
  if (words !== undefined) made.textContent = words;
  return made;
}

/* half away from zero, as in the reports */
function figure(value, digits) {
  if (value === null || value === undefined) return MISSING;
  const step = 10 ** digits, exact = Math.floor(Math.abs(value) * step + 0.5 + 1e-7) / step;
  return (value < 0 && exact ? "−" : "") + exact.toFixed(digits);
}

function signed(value, digits) {
  const shown = figure(value, digits);
  return value > 0 && /[1-9]/.test(shown) ? "+" + shown : shown;
}

function chip(grade) {
  return grade ? make("span", grade, "chip " + (grades.get(grade) || "gx")) : "";
}

/* ---- sorting ---- */

const missing = (words) => words === "" || words === MISSING;

function number(words) {
  const found = /^[↑↓→]?\s*约?([+−-]?\d+(?:\.\d+)?)\s*(万|亿)?/.exec(words);
  if (!found) return null;
  return Number(found[1].replace("−", "-")) * ({ 万: 1e4, 亿: 1e8 }[found[2]] || 1);
}

function ordered(texts) {
  const told = texts.filter((words) => !missing(words));
  if (told.every((words) => number(words) !== null)) return (a, b) => number(a) - number(b);
  if (told.every((words) => order.includes(words))) return (a, b) => order.indexOf(a) - order.indexOf(b);
  return (a, b) => a.localeCompare(b, "zh-Hans-CN");
}

function sort(table, at, down) {
  const body = table.tBodies[0], heads = table.tHead.rows[0].cells;
  const rows = Array.from(body.rows).map((row) => [row, row.cells[at].textContent.trim()]);
  const compare = ordered(rows.map(([, words]) => words));
  rows.sort(([, a], [, b]) => {
    if (missing(a) || missing(b)) return missing(a) - missing(b);
    return down ? compare(b, a) : compare(a, b);
  });
  body.append(...rows.map(([row]) => row));
  for (const head of heads) head.removeAttribute("aria-sort");
  heads[at].setAttribute("aria-sort", down ? "descending" : "ascending");
  table.dataset.sorted = heads[at].textContent + (down ? "\n-" : "\n+");
}

/* a button in every head cell; a table that is filled anew stays sorted as it was, where it still has the column */
function sortable(table) {
  const [title, way] = (table.dataset.sorted || "").split("\n");
  Array.from(table.tHead.rows[0].cells).forEach((head, at) => {
    if (head.classList.contains("fixed")) return;
    const button = make("button");
    button.type = "button";
    button.title = "按此列排序";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, at, head.getAttribute("aria-sort") === "ascending"));
    head.append(button);
    if (way && head.textContent === title) sort(table, at, way === "-");
  });
}

/* heads: [title, align, fixed]; rows: [cells, class, place of the town]; a cell: words, an element, or {node, kind, tip} */
function fill(table, heads, rows) {
  const head = make("tr"), focused = Array.from(table.tHead.querySelectorAll("button")).indexOf(document.activeElement);
  for (const [title, align, fixed] of heads) {
    const made = make("th", title, align + (fixed ? " fixed" : ""));
    made.scope = "col";
    head.append(made);
  }
  table.tHead.replaceChildren(head);
  table.tBodies[0].replaceChildren(...rows.map(([cells, kind, town]) => {
    const made = make("tr", "", kind || "");
    if (town !== undefined) made.dataset.town = town;
    cells.forEach((one, i) => made.append(cellOf(one, heads[i][1])));
    return made;
  }));
  sortable(table);
  if (focused >= 0) (table.tHead.querySelectorAll("button")[focused] || table).focus();
}

function cellOf(one, align) {
  const held = one && one.node !== undefined ? one : { node: one };
  const cell = make("td", "", align + (held.loose ? "" : " keep") + (held.kind ? " " + held.kind : ""));
  cell.append(held.node);
  if (held.tip) cell.title = held.tip;
  return cell;
}
