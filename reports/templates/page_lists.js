/* Lists narrowed by what they hold, the table of values, one service at a time, printing; and the beginning of it all. */

/* ---- lists narrowed ---- */

const LONG = 100; /* characters that a cell of a list shows at once */
const wordsOf = (cell) => cell.textContent.trim().split(/[、/]/);

function narrow(controls) {
  const list = controls.dataset.filters, table = document.querySelector("#" + list + " table.t");
  const heads = Array.from(table.tHead.rows[0].cells).map((head) => head.dataset.key);
  const rows = Array.from(table.tBodies[0].rows).map((row) => [row, row.textContent]);
  const picks = all("select", controls), search = controls.querySelector("input"), count = controls.querySelector(".count");
  const said = make("p", "", "below narrowed"); /* on paper, where the controls are not */
  controls.after(said);
  const own = picks.map((pick) => pick.dataset.key);
  const fields = search ? [...picks, search] : picks;
  const act = () => {
    const wanted = picks.filter((pick) => pick.value).map((pick) => [heads.indexOf(pick.dataset.key), [pick.value]]);
    /* what is chosen for the whole page holds here too, unless the list's own filter says otherwise */
    const followed = [[["unit_name", "town"], state.towns.map((t) => names[t])], [["subject", "dimension"], state.dimension ? [state.dimension] : []]]
      .map(([keys, values]) => [heads.findIndex((key) => keys.includes(key) && own.includes(key)), values])
      .filter(([at, values]) => at >= 0 && values.length && !wanted.some(([other]) => other === at));
    wanted.push(...followed);
    const sought = search ? search.value.trim().toLowerCase().split(/\s+/).filter(Boolean) : [];
    let shown = 0;
    for (const [row, words] of rows) {
      const fits = wanted.every(([at, values]) => values.includes(row.cells[at].textContent.trim()) || wordsOf(row.cells[at]).some((word) => values.includes(word))) &&
        sought.every((part) => words.toLowerCase().includes(part));
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = "显示" + shown + "条，共" + rows.length + "条" + (followed.length ? "（只列所选街镇、维度）" : "");
    const told = fields.filter((field) => field.value.trim()).map((field) => field.closest("label").firstChild.textContent.trim() + "：" + field.value.trim());
    said.textContent = [...told, count.textContent].join("；");
    said.hidden = shown === rows.length;
  };
  for (const field of fields) {
    field.addEventListener(field === search ? "input" : "change", () => {
      (state.lists[list] = state.lists[list] || {})[field.dataset.key] = field.value.trim();
      act();
      toAddress();
    });
  }
  controls.querySelector(".clear").addEventListener("click", () => { state.lists[list] = {}; restore(); toAddress(); });
  const restore = () => {
    const held = state.lists[list] || {};
    for (const field of fields) {
      field.value = held[field.dataset.key] || "";
      if (field.selectedIndex < 0) field.selectedIndex = 0; /* a word the list does not hold */
    }
    act();
  };
  views.push(restore);
}

/* long cells show their beginning and a button for the rest; in print all of it */
function clamp(cell) {
  const words = make("div", cell.textContent, "clamp"), button = make("button", "全文", "more");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    const open = words.classList.toggle("open");
    button.textContent = open ? "收起" : "全文";
    button.setAttribute("aria-expanded", open);
  });
  cell.replaceChildren(words, button);
}

/* ---- values ---- */

views.push(() => {
  const year = theYear(), towns = shownTowns(), fixed = 4; /* dimension, indicator, unit, district */
  const heads = [["维度", "left"], ["指标", "left"], ["单位", "left"], ["全区", "right"], ...towns.map((t) => [names[t], "right"])];
  const rows = year.values.filter((row) => !state.dimension || row[0] === state.dimension)
    .map((row) => [[row[0], { node: row[1], loose: true }, row[2], row[3], ...towns.map((t) => row[fixed + t])]]);
  fill(document.querySelector("#values table"), heads, rows);
  by("values-title").textContent = "各街镇" + (state.dimension || "各项") + "指标现状值（" + year.year + "年）";
});

/* ---- printing one part ---- */

function printOne(section) {
  document.body.classList.add("one");
  section.classList.add("only");
  window.print();
  section.classList.remove("only");
  document.body.classList.remove("one");
}

/* ---- beginning ---- */

document.documentElement.classList.add("js");
all("table.t").filter((table) => !table.closest("#towns, #profile, #layer, #change, #values")).forEach(sortable);
all("[data-filters]").forEach(narrow);
all("#listed td, #reviewed td").filter((cell) => cell.textContent.length > LONG).forEach(clamp);
all("main > section").forEach((section) => {
  const button = make("button", "打印本节", "print-one");
  button.type = "button";
  button.addEventListener("click", () => printOne(section));
  section.querySelector("h2").after(button);
});
const services = all(".service"), pickService = by("pick-service");
if (pickService) {
  const pick = () => services.forEach((one, i) => { one.hidden = i !== Number(pickService.value); });
  pickService.addEventListener("change", pick);
  pick();
}
listen();
fromAddress();
show();
if (state.section) by(state.section).scrollIntoView({ behavior: "instant" });
