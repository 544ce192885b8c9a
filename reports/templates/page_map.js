/* The map of towns with its table, and the change between two years. */
const shapes = all(".town-map .unit"), outlined = document.querySelector(".town-map .mark"), pickWay = by("pick-way");
const tip = by("tip"), pickEarlier = by("pick-earlier");
const townAt = (shape) => Number(shape.dataset.unit);

/* 景云街道：得分 78.2，等级 中 */
function told(layer, t) {
  const parts = layer.columns.map(([, title], i) => [title, layer.rows[t][i]]).slice(1).filter(([, words]) => !missing(words));
  return names[t] + "　" + layer.name + (layer.units ? "（" + layer.units + "）" : "") + "：" + (parts.map(([title, words]) => title + " " + words).join("，") || "没有数据");
}

function colour(layer) {
  const way = layer.ways[state.way] || layer.ways[0];
  for (const shape of shapes) {
    const t = townAt(shape), at = way.of[t], grade = layer.columns.findIndex(([key]) => key === "grade");
    shape.setAttribute("fill", at === null ? data.hatch : way.keys[at][1]);
    shape.setAttribute("aria-label", told(layer, t));
    shape.setAttribute("aria-pressed", state.towns.includes(t));
    shape.querySelector("title").textContent = names[t] + "　" + (layer.rows[t][grade] || "");
  }
  outlined.setAttribute("d", shapes.filter((shape) => state.towns.includes(townAt(shape))).map((shape) => shape.getAttribute("d")).join(" "));
  by("finding").textContent = theYear().year + "年，按" + way.what + "着色。" + way.finding;
  by("legend").replaceChildren(...way.keys.map(([words, fill]) => {
    const item = make("li"), key = draw("svg", { viewBox: "0 0 24 15", "aria-hidden": "true", class: "key" });
    key.append(draw("rect", { width: 24, height: 15, fill: fill || data.hatch }));
    item.append(key, words);
    return item;
  }));
  pickWay.replaceChildren(...layer.ways.map((one, i) => new Option("按" + one.what, i)));
  pickWay.value = layer.ways[state.way] ? state.way : 0;
  pickWay.disabled = layer.ways.length < 2;
}

function layerTable(layer) {
  const heads = layer.columns.map(([, title, align]) => [title, align]);
  const rows = shownTowns().map((t) => [layer.rows[t].map((words, i) => {
    const [key, , , kind] = layer.columns[i];
    if (kind === "grade") return chip(words);
    const good = key === "change" ? layer.improved[t] : null;
    return i === 0 ? names[t] : good === null || good === undefined ? words : make("span", words, good ? "better" : "worse");
  }), "", t]);
  fill(document.querySelector("#layer table"), heads, rows);
  by("layer-title").textContent = layer.title + "（" + theYear().year + "年）";
  by("layer-units").textContent = layer.units;
  by("layer-note").hidden = layer.key === data.total;
}

views.push(() => {
  const layer = by("layer") ? theLayer() : null;
  if (!layer) return;
  layerTable(layer);
  if (shapes.length) colour(layer);
});

for (const shape of shapes) {
  const t = townAt(shape), act = () => toggle(t);
  const over = () => { const layer = theLayer(); tip.textContent = layer ? told(layer, t) : names[t]; };
  shape.setAttribute("tabindex", "0");
  shape.setAttribute("role", "button");
  shape.addEventListener("click", act);
  shape.addEventListener("mouseenter", over);
  shape.addEventListener("focus", over);
  shape.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); }
  });
}
if (pickWay) pickWay.addEventListener("change", () => { state.way = Number(pickWay.value); changed(); });

/* ---- change between two years ---- */

const earlierYears = () => data.years.map((one) => one.year).filter((year) => year < state.year);

/* then an open mark, now a filled one; worse is left */
function dumbbell(then, now, low, high, less) {
  const svg = draw("svg", { viewBox: "0 0 220 18", width: "220", height: "18", "aria-hidden": "true" });
  const at = (v) => { const share = high > low ? (v - low) / (high - low) : 0.5; return 12 + 196 * (less ? 1 - share : share); };
  svg.append(draw("line", { x1: 12, y1: 9, x2: 208, y2: 9, stroke: ink.band, "stroke-width": 2 }));
  if (then !== null && now !== null) svg.append(draw("line", { x1: at(then), y1: 9, x2: at(now), y2: 9, stroke: ink.accent, "stroke-width": 3 }));
  if (then !== null) svg.append(draw("circle", { cx: at(then), cy: 9, r: 5, fill: ink.paper, stroke: ink.accent, "stroke-width": 2 }));
  if (now !== null) svg.append(draw("circle", { cx: at(now), cy: 9, r: 5.5, fill: ink.accent }));
  return svg;
}

/* the run's own figure against the year before (it knows boundary changes and chance), else the plain difference */
function changeOf(layer, t, then, adjacent) {
  const at = layer.columns.findIndex(([key]) => key === "change"), now = layer.values[t];
  if (adjacent && at >= 0) {
    const good = layer.improved[t], words = layer.rows[t][at], judged = layer.columns.some(([key]) => key === "value");
    return good === null ? words : make("span", words + (judged ? good ? " 变好" : " 变差" : ""), good ? "better" : "worse");
  }
  return now === null || then === null ? MISSING : signed(now - then, layer.decimals);
}

function fillChange() {
  const years = earlierYears(), layer = theLayer();
  by("change").hidden = !years.length || !layer;
  if (!years.length || !layer) return;
  if (!years.includes(state.earlier)) state.earlier = null;
  const earlier = state.earlier === null ? Math.max(...years) : state.earlier, before = layerOf(yearOf(earlier), layer.key);
  pickEarlier.replaceChildren(...years.map((year) => new Option(year + "年", year)));
  pickEarlier.value = earlier;
  const thenOf = (t) => before ? before.values[t] : null, towns = shownTowns();
  const known = names.flatMap((_, t) => [layer.values[t], thenOf(t)]).filter((v) => v !== null);
  const low = Math.min(...known), high = Math.max(...known);
  const heads = [["街镇", "left"], [earlier + "年", "right"], [state.year + "年", "right"], ["变化", "right"], ["左差右优", "center", true]];
  if (layer.better === "within") heads[4][0] = "低｜高";
  fill(document.querySelector("#change table"), heads, towns.map((t) => [[names[t], figure(thenOf(t), layer.decimals), figure(layer.values[t], layer.decimals),
    changeOf(layer, t, thenOf(t), earlier === state.year - 1), dumbbell(thenOf(t), layer.values[t], low, high, layer.better === "lower")], "", t]));
  by("change-title").textContent = layer.name + "：" + earlier + "年与" + state.year + "年";
  by("change-units").textContent = layer.unit ? "单位：" + layer.unit : "";
  by("change-words").textContent = "空心圆为" + earlier + "年，实心圆为" + state.year + "年。" +
    (earlier === state.year - 1 ? "指标的变化只有超出偶然波动的才注明变好、变差；区划有调整的街镇按调整后的范围比较。" : "两年之间指标、标准或权重有调整的，变化不全是工作所致。");
}

if (pickEarlier) {
  views.push(fillChange);
  pickEarlier.addEventListener("change", () => { state.earlier = Number(pickEarlier.value); changed(); });
}
