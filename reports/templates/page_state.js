/* What is chosen (year, towns, dimension, what the map shows), kept in the address so that a view can be marked and sent. */
const pickYear = by("pick-year"), pickDimension = by("pick-dimension"), pickLayer = by("pick-layer");
const boxes = all("#pick-towns .boxes input"), findTown = by("find-town");
const codes = data.towns.map(([code]) => code), names = data.towns.map(([, name]) => name);
const state = { year: data.years[0].year, towns: [], dimension: "", layer: data.total, way: 0, earlier: null, section: "", lists: {} };
const views = []; /* functions that show a part of the page as chosen */
let written = "";

const yearOf = (year) => data.years.find((one) => one.year === year);
const theYear = () => yearOf(state.year);
/* the towns shown: those chosen in the page's order, or all */
const shownTowns = () => state.towns.length ? state.towns : names.map((_, i) => i);
const layerOf = (year, key) => year.layers.find((one) => one.key === key);
const theLayer = () => layerOf(theYear(), state.layer);

function subject() {
  return state.dimension || "全部维度";
}

/* ---- the address ---- */

function toAddress() {
  const held = new URLSearchParams();
  if (state.year !== data.years[0].year) held.set("year", state.year);
  if (state.towns.length) held.set("towns", state.towns.map((t) => codes[t]).join(","));
  if (state.dimension) held.set("dimension", state.dimension);
  if (state.layer !== (state.dimension || data.total)) held.set("indicator", state.layer);
  if (state.way) held.set("way", state.way);
  if (state.earlier !== null) held.set("earlier", state.earlier);
  for (const [list, picked] of Object.entries(state.lists)) {
    for (const [key, value] of Object.entries(picked)) if (value) held.set(list + "." + key, value);
  }
  if (state.section) held.set("at", state.section);
  written = "#" + held.toString();
  if (written !== location.hash && (written !== "#" || location.hash)) location.replace(written);
}

function fromAddress() {
  const held = new URLSearchParams(location.hash.slice(1));
  const year = Number(held.get("year"));
  state.year = yearOf(year) ? year : data.years[0].year;
  const wanted = (held.get("towns") || "").split(",");
  state.towns = codes.map((code, i) => wanted.includes(code) ? i : -1).filter((i) => i >= 0);
  state.dimension = data.dimensions.includes(held.get("dimension")) ? held.get("dimension") : "";
  state.layer = held.get("indicator") || state.dimension || data.total;
  state.way = Number(held.get("way")) || 0;
  state.earlier = held.has("earlier") ? Number(held.get("earlier")) : null;
  state.lists = {};
  for (const [key, value] of held) {
    const [list, column] = key.split(".");
    if (column) (state.lists[list] = state.lists[list] || {})[column] = value;
  }
  state.section = by(held.get("at") || "") ? held.get("at") : "";
}

/* ---- the controls ---- */

/* what of the chosen dimension the map can show in the chosen year */
function offered() {
  const layers = theYear().layers, group = state.dimension;
  return layers.filter((one) => one.key === (group || data.total) || (group && one.group === group));
}

function fillLayers() {
  if (!pickLayer) return;
  const found = offered();
  if (!found.some((one) => one.key === state.layer) && found.length) state.layer = found[0].key;
  pickLayer.replaceChildren(...found.map((one) => new Option(one.key === state.dimension ? one.name + "（维度得分）" : one.name, one.key)));
  pickLayer.value = state.layer;
  pickLayer.disabled = found.length < 2;
}

function showControls() {
  if (pickYear) pickYear.value = state.year;
  pickDimension.value = state.dimension;
  fillLayers();
  boxes.forEach((box, i) => { box.checked = state.towns.includes(i); });
  const picked = state.towns.map((t) => names[t]);
  by("picked").textContent = !picked.length ? "全部" + names.length + "个" : picked.length > 2 ? "已选" + picked.length + "个" : picked.join("、");
  by("chosen").textContent = state.year + "年 · " + subject() + " · " + (picked.length ? picked.join("、") : "全部街镇");
}

function show() {
  showControls();
  for (const view of views) view();
}

function changed() {
  show();
  toAddress();
}

function toggle(town, on) {
  const held = new Set(state.towns);
  if (on === undefined ? !held.has(town) : on) held.add(town); else held.delete(town);
  state.towns = codes.map((_, i) => i).filter((i) => held.has(i));
  changed();
}

function find() {
  const wanted = findTown.value.trim();
  const fits = names.map((name) => name.includes(wanted));
  boxes.forEach((box, i) => { box.closest("label").hidden = !fits[i]; });
  by("found").textContent = wanted ? "找到" + fits.filter(Boolean).length + "个" : "";
}

function goTo(id) {
  const section = by(id), head = section.querySelector("h2") || section;
  state.section = id === "main" ? "" : id;
  head.tabIndex = -1;
  head.focus({ preventScroll: true });
  section.scrollIntoView();
  toAddress();
}

function listen() {
  if (pickYear) pickYear.addEventListener("change", () => { state.year = Number(pickYear.value); changed(); });
  pickDimension.addEventListener("change", () => {
    state.dimension = pickDimension.value;
    state.layer = state.dimension || data.total;
    state.way = 0;
    changed();
  });
  if (pickLayer) pickLayer.addEventListener("change", () => { state.layer = pickLayer.value; state.way = 0; changed(); });
  boxes.forEach((box, i) => box.addEventListener("change", () => toggle(i, box.checked)));
  findTown.addEventListener("input", find);
  by("choose-none").addEventListener("click", () => { state.towns = []; changed(); });
  /* all that the search leaves */
  by("choose-all").addEventListener("click", () => {
    const held = boxes.map((box, i) => box.closest("label").hidden ? -1 : i).filter((i) => i >= 0);
    state.towns = codes.map((_, i) => i).filter((i) => held.includes(i) || state.towns.includes(i));
    changed();
  });
  const panel = by("pick-towns");
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { panel.open = false; panel.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => { if (!panel.contains(event.target)) panel.open = false; });
  all("nav a, a.skip").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    goTo(link.getAttribute("href").slice(1));
  }));
  window.addEventListener("hashchange", () => {
    if (location.hash === written) return;
    fromAddress();
    show();
    if (state.section) by(state.section).scrollIntoView();
  });
}
