/* Towns beside one another: the heat table, the radar with its figures, and of two towns the gap in parts. */
const MOST = data.colours.length, FEWEST_AXES = 3, MOST_AXES = 12;

/* ---- the heat table: towns × dimensions, or the indicators of a dimension × towns ---- */

const heated = (score, grade, tip) => ({
  node: score === null ? MISSING : heatWords(score, grade), kind: "heat-cell " + (grades.get(grade) || "gx"), tip,
});

function heatWords(score, grade) {
  const made = make("span", figure(score, 0));
  if (grade) made.append(" ", make("span", grade, "small"));
  return made;
}

function interval([rank, low, high, peers], words) {
  if (rank === null) return "";
  const svg = draw("svg", { viewBox: "0 0 300 40", width: "113", height: "15", role: "img", "aria-label": "名次" + words });
  const at = (place) => 14 + 272 * (1 - (place - 1) / Math.max(1, peers - 1));
  svg.append(draw("line", { x1: at(peers), y1: 20, x2: at(1), y2: 20, stroke: ink.band, "stroke-width": 3 }));
  if (low !== null && high !== null) svg.append(draw("line", { x1: at(high), y1: 20, x2: at(low), y2: 20, stroke: ink.accent, "stroke-width": 8 }));
  svg.append(draw("circle", { cx: at(rank), cy: 20, r: 9.5, fill: ink.paper, stroke: ink.accent, "stroke-width": 4 }));
  return svg;
}

function heatOfDimensions(year) {
  const told = data.dimensions.map((_, d) => d).filter((d) => year.towns.some((t) => t && t.dimensions[d] !== null));
  const heads = [["街镇", "left"], ...told.map((d) => [data.dimensions[d], "center"]), ["综合", "right"], ["等级", "center"],
    ["名次（区间）", "right"], ["左差右优", "center", true], ["较上年", "right"], ["满意度", "right"]];
  const best = shownTowns().slice().sort((a, b) => (year.towns[b] ? year.towns[b].score : -1) - (year.towns[a] ? year.towns[a].score : -1));
  const rows = best.map((t) => {
    const one = year.towns[t];
    if (!one) return [[names[t], ...heads.slice(1).map(() => MISSING)], "", t];
    return [[names[t], ...told.map((d) => heated(one.dimensions[d], one.grades[d])), { node: figure(one.score, 1), kind: "strong" },
      chip(one.grade), one.rank, interval(one.place, one.rank), one.change, one.satisfaction], "", t];
  });
  return [heads, rows, "各街镇各维度得分与排名区间", "横条为权重变动时名次的90%区间，左差右优；区间重叠的街镇，名次先后不宜解读。"];
}

function heatOfIndicators(year) {
  const towns = shownTowns(), layers = year.layers.filter((one) => one.group === state.dimension && one.scores.some((v) => v !== null));
  const heads = [["指标", "left"], ["全区", "right"], ...towns.map((t) => [names[t], "center"])];
  const rows = layers.map((one) => {
    const grade = one.columns.findIndex(([key]) => key === "grade"), value = one.columns.findIndex(([key]) => key === "value");
    return [[{ node: one.name, loose: true }, figure(one.scores[names.length], 0),
      ...towns.map((t) => heated(one.scores[t], one.rows[t][grade], value < 0 ? "" : "现状值 " + one.rows[t][value] + one.unit))]];
  });
  return [heads, rows, "各街镇" + state.dimension + "各项指标得分", "现状值见“指标现状值”一节；没有得分的为数据缺失或没有评价标准。"];
}

views.push(() => {
  const year = theYear(), [heads, rows, title, note] = state.dimension ? heatOfIndicators(year) : heatOfDimensions(year);
  fill(by("heat"), heads, rows);
  by("heat").classList.toggle("narrow", Boolean(state.dimension));
  by("h-towns").textContent = state.dimension ? state.dimension + "：各项指标得分" : "各维度得分";
  by("heat-title").textContent = title + "（" + year.year + "年）";
  by("heat-note").textContent = note;
});

/* ---- the radar: over dimensions, or over what the chosen dimension is made of ---- */

/* {what, names, of: town → scores, district} */
function axes(year) {
  if (!state.dimension) {
    const told = data.dimensions.map((_, d) => d).filter((d) => year.towns.some((t) => t && t.dimensions[d] !== null));
    return {
      what: "维度", names: told.map((d) => data.dimensions[d]), district: told.map((d) => year.district[d]),
      of: (t) => told.map((d) => year.towns[t] ? year.towns[t].dimensions[d] : null),
    };
  }
  const parts = year.layers.filter((one) => one.group === state.dimension && one.scores.slice(0, -1).some((v) => v !== null))
    .map((one) => [one.name, one.scores]);
  const aspects = year.aspects[state.dimension] || [], few = parts.length <= MOST_AXES || aspects.length < FEWEST_AXES;
  const found = few ? parts : aspects;
  return {
    what: few ? "指标" : "方面", names: found.map(([name]) => name), district: found.map(([, v]) => v[names.length]),
    of: (t) => found.map(([, v]) => v[t]),
  };
}

/* lines of about the same length; figures and Latin words are not cut */
function wrapped(name, width) {
  const step = Math.ceil(name.length / Math.ceil(name.length / width)), lines = [""];
  for (const part of name.match(/[0-9A-Za-z.%]+|./g) || []) {
    if (lines[lines.length - 1] && lines[lines.length - 1].length + part.length > step + 1) lines.push("");
    lines[lines.length - 1] += part;
  }
  return lines;
}

function radar(shape, drawn) {
  const known = [shape.district, ...drawn.map(shape.of)].flat().filter((v) => v !== null);
  if (shape.names.length < FEWEST_AXES || shape.names.length > 2 * MOST_AXES || !known.length) return null;
  const low = Math.max(0, Math.floor(Math.min(...known) / 10) * 10 - 20);
  const side = 16 * Math.min(9, Math.max(...shape.names.map((name) => name.length))) + 24, radius = 195;
  const centre = [radius + side, 270], height = 514 + (drawn.length + 1) * 27;
  const at = (i, value) => {
    const angle = 2 * Math.PI * i / shape.names.length - Math.PI / 2, reach = radius * Math.max(0, (value - low) / (100 - low));
    return [centre[0] + reach * Math.cos(angle), centre[1] + reach * Math.sin(angle)];
  };
  const svg = draw("svg", { viewBox: "0 0 " + 2 * centre[0] + " " + height, role: "img" });
  web(svg, shape.names, at, low, centre);
  outline(svg, shape.district, at, { stroke: ink.muted, "stroke-width": 2, "stroke-dasharray": "2 5" });
  drawn.forEach((t, n) => {
    outline(svg, shape.of(t), at, strokeOf(n));
    shape.of(t).forEach((v, i) => { if (v !== null) svg.append(mark(at(i, v), n)); });
  });
  const key = (y, words, line, dot) => svg.append(draw("line", { x1: centre[0] - 100, y1: y, x2: centre[0] - 40, y2: y, ...line }), ...dot,
    draw("text", { x: centre[0] - 26, y: y + 5, "font-size": 16, fill: ink.text }, words));
  drawn.forEach((t, n) => key(524 + n * 27, names[t], strokeOf(n), [mark([centre[0] - 70, 524 + n * 27], n)]));
  key(524 + drawn.length * 27, "全区", { stroke: ink.muted, "stroke-width": 2, "stroke-dasharray": "2 5" }, []);
  const told = (v) => shape.names.map((name, i) => name + figure(v[i], 1)).join("、");
  svg.setAttribute("aria-label", "各" + shape.what + "得分雷达图：" + [...drawn.map((t) => names[t] + "：" + told(shape.of(t))), "全区：" + told(shape.district)].join("；"));
  return svg;
}

function web(svg, labels, at, low, centre) {
  const path = (points) => "M" + points.map((p) => p.map((x) => x.toFixed(1)).join(",")).join("L") + "Z";
  for (const ring of [20, 40, 60, 80, 100].filter((r) => r > low + 5)) {
    svg.append(draw("path", { d: path(labels.map((_, i) => at(i, ring))), fill: "none", stroke: ink.hair }));
    const [x, y] = at(0, ring);
    svg.append(draw("text", { x: x + 4, y: y + 13, "font-size": 12, fill: ink.muted }, ring));
  }
  labels.forEach((name, i) => {
    const [x, y] = at(i, 100), [lx, ly] = at(i, 100 + (100 - low) * 0.09), lean = lx - centre[0];
    svg.append(draw("line", { x1: centre[0], y1: centre[1], x2: x, y2: y, stroke: ink.hair }));
    const anchor = Math.abs(lean) < 20 ? "middle" : lean > 0 ? "start" : "end", lines = wrapped(name, 9);
    const first = ly + 6 - (ly < centre[1] - 150 ? (lines.length - 1) * 17 : ly > centre[1] + 150 ? -8 : (lines.length - 1) * 8);
    lines.forEach((line, n) => svg.append(draw("text", { x: lx, y: first + n * 17, "font-size": 15, fill: ink.text, "text-anchor": anchor }, line)));
  });
}

/* a corner without a score breaks the outline: it never runs through zero */
function outline(svg, scores, at, look) {
  scores.forEach((v, i) => {
    const next = (i + 1) % scores.length;
    if (v === null || scores[next] === null) return;
    const [a, b] = [at(i, v), at(next, scores[next])];
    svg.append(draw("line", { x1: a[0].toFixed(1), y1: a[1].toFixed(1), x2: b[0].toFixed(1), y2: b[1].toFixed(1), ...look }));
  });
}

function strokeOf(n) {
  const dash = data.dashes[n].split(" ").filter(Boolean).map((x) => x * 0.5).join(" ");
  return { stroke: data.colours[n], "stroke-width": 2.4, "stroke-dasharray": dash };
}

function mark([x, y], n) {
  const corners = { 1: [[-5, -5], [5, -5], [5, 5], [-5, 5]], 2: [[0, -7], [6, 5], [-6, 5]], 3: [[0, -7], [7, 0], [0, 7], [-7, 0]] }[n];
  if (corners) return draw("polygon", { points: corners.map(([a, b]) => (x + a).toFixed(1) + "," + (y + b).toFixed(1)).join(" "), fill: data.colours[n], stroke: ink.paper });
  return draw("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 5.5, fill: n > 3 ? ink.paper : data.colours[n], stroke: n > 3 ? data.colours[n] : ink.paper, "stroke-width": n > 3 ? 2 : 1 });
}

function bar(points, widest) {
  const made = make("span", "", points < 0 ? "bar less" : "bar"), share = widest ? Math.abs(points) / widest * 50 : 0;
  made.style.width = share.toFixed(1) + "%";
  made.style.marginLeft = (points < 0 ? 50 - share : 50).toFixed(1) + "%";
  return made;
}

/* the radar's figures; of one town its distance from the district, of two theirs from one another */
function fillAxes(shape, drawn) {
  const scores = drawn.map(shape.of), heads = [[shape.what, "left"], ...drawn.map((t) => [names[t], "right"]), ["全区", "right"]];
  const other = drawn.length === 2 ? scores[1] : shape.district, told = drawn.length === 1 || (drawn.length === 2 && state.dimension);
  const gaps = told ? scores[0].map((v, i) => v === null || other[i] === null ? null : v - other[i]) : [];
  const widest = Math.max(0, ...gaps.map(Math.abs));
  if (told) heads.push(["差", "right"], ["落后｜领先", "center bar-cell", true]);
  const rows = shape.names.map((name, i) => [[{ node: name, loose: shape.what === "指标" }, ...scores.map((v) => figure(v[i], 1)), figure(shape.district[i], 1),
    ...(told ? [signed(gaps[i], 1), gaps[i] === null ? "" : bar(gaps[i], widest)] : [])]]);
  fill(document.querySelector("#axes table"), heads, rows);
  by("axes-title").textContent = "各" + shape.what + "得分" + (told ? "与" + (drawn.length === 2 ? "两镇之差" : "全区之差") : "");
}

function gap(year) {
  const two = state.towns.length === 2 && !state.dimension, [a, b] = state.towns;
  const found = two ? year.gaps[a + "-" + b] : null; /* chosen towns stand in the page's order, as pairs do */
  by("gap").hidden = !found;
  if (!found) return two ? year.untold : "";
  const [one, other, points] = [year.towns[a], year.towns[b], found[0]];
  const widest = Math.max(...points.map(Math.abs)), whole = points.reduce((x, y) => x + y, 0), rest = points[points.length - 1];
  const difference = (x, y) => x === null || y === null ? MISSING : signed(x - y, 1);
  const rows = data.dimensions.map((name, d) => [[name, figure(one.dimensions[d], 1), figure(other.dimensions[d], 1),
    difference(one.dimensions[d], other.dimensions[d]), signed(points[d], 2), bar(points[d], widest)]]);
  if (Math.abs(rest) > 1e-6) rows.push([[data.missing, "", "", "", signed(rest, 2), bar(rest, widest)]]);
  rows.push([["合计", figure(one.score, 1), figure(other.score, 1), difference(one.score, other.score), signed(whole, 2), ""], "sum"]);
  const heads = [["维度", "left"], [names[a], "right"], [names[b], "right"], ["得分差", "right"], ["贡献（分）", "right"], ["落后｜领先", "center bar-cell", true]];
  by("gap-title").textContent = "差距分解：" + names[a] + "减" + names[b];
  fill(document.querySelector("#gap table"), heads, rows);
  const named = found[1].map(([i, p]) => (i < 0 ? data.dimensions[-1 - i] + "居民感受" : data.indicators[i]) + signed(p, 2));
  by("gap-words").textContent = "各部分之和等于综合得分之差。" + (named.length ? "差距最大的指标：" + named.join("、") + "（分）。" : "");
  return "";
}

views.push(() => {
  const year = theYear(), shape = axes(year), drawn = state.towns.filter((t) => year.towns[t] || state.dimension).slice(0, MOST);
  const picture = radar(shape, drawn), untold = gap(year);
  by("overlay").replaceChildren(...(picture ? [picture] : []));
  const how = shape.what === "方面" ? "；方面得分为所含指标得分按权重的平均" : "";
  by("overlay-words").textContent = picture
    ? year.year + "年" + (state.dimension || "") + "各" + shape.what + "得分，越靠外越好" + how + (state.towns.length > MOST ? "；只画前" + MOST + "个街镇" : "") +
      (state.towns.length ? "" : "。选了街镇才画街镇，现在只画全区") + (untold ? "。" + untold : "")
    : "可比的" + shape.what + "不足" + FEWEST_AXES + "项，不画雷达图";
  by("axes").hidden = !by("gap").hidden;
  fillAxes(shape, drawn);
});
