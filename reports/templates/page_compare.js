/* Chosen towns beside one another: outlines, a table, and of two the gap in parts; lists narrowed by what they hold. */
(function () {
  "use strict";
  const held = JSON.parse(document.getElementById("data").textContent), all = held.compare;
  const by = (id) => document.getElementById(id), ink = all.ink;
  const boxes = Array.from(document.querySelectorAll("#choose input")), pickYear = by("pick-year");
  const MOST = all.colours.length, SPACE = document.querySelector("svg.shared").namespaceURI;

  function make(tag, words, kind) {
    const made = document.createElement(tag);
    made.textContent = words === undefined ? "" : words;
    if (kind) made.className = kind;
    return made;
  }

  function draw(tag, values, words) {
    const made = document.createElementNS(SPACE, tag);
    for (const [name, value] of Object.entries(values)) made.setAttribute(name, value);
    if (words !== undefined) made.textContent = words;
    return made;
  }

  const figure = (value, digits) => value === null ? "—" : value.toFixed(digits).replace("-", "−");
  const signed = (value, digits) => {
    const shown = figure(value, digits);
    if (Number(shown.replace("−", "-")) === 0) return shown.replace("−", "");
    return value > 0 ? "+" + shown : shown;
  };

  /* ---- outlines ---- */

  function radar(chosen, year) {
    const names = all.dimensions.map((name, d) => [name, d])
      .filter(([, d]) => chosen.some((t) => year.towns[t] && year.towns[t][5][d] !== null));
    const drawn = chosen.filter((t) => year.towns[t]).slice(0, MOST);
    if (names.length < 3 || !drawn.length) return null;
    const known = drawn.flatMap((t) => names.map(([, d]) => year.towns[t][5][d])).filter((v) => v !== null);
    const low = Math.max(0, Math.floor(Math.min(...known) / 10) * 10 - 20);
    const centre = [300, 262], radius = 195, height = 540 + drawn.length * 28;
    const at = (i, value) => {
      const angle = 2 * Math.PI * i / names.length - Math.PI / 2, reach = radius * Math.max(0, (value - low) / (100 - low));
      return [centre[0] + reach * Math.cos(angle), centre[1] + reach * Math.sin(angle)];
    };
    const path = (points) => "M" + points.map((p) => p.map((x) => x.toFixed(1)).join(",")).join("L") + "Z";
    const svg = draw("svg", { viewBox: "0 0 600 " + height, role: "img" });
    for (const ring of [20, 40, 60, 80, 100].filter((r) => r > low + 5)) {
      svg.append(draw("path", { d: path(names.map((_, i) => at(i, ring))), fill: "none", stroke: ink.hair }));
      const [x, y] = at(0, ring);
      svg.append(draw("text", { x: x + 4, y: y + 13, "font-size": 11, fill: ink.muted }, ring));
    }
    names.forEach(([name], i) => {
      const [x, y] = at(i, 100), [lx, ly] = at(i, 100 + (100 - low) * 0.1), lean = lx - centre[0];
      svg.append(draw("line", { x1: centre[0], y1: centre[1], x2: x, y2: y, stroke: ink.hair }));
      const anchor = Math.abs(lean) < 20 ? "middle" : lean > 0 ? "start" : "end";
      svg.append(draw("text", { x: lx, y: ly + 5, "font-size": 15, fill: ink.text, "text-anchor": anchor }, name));
    });
    drawn.forEach((t, n) => {
      const corners = names.map(([, d], i) => year.towns[t][5][d] === null ? null : at(i, year.towns[t][5][d]));
      corners.forEach((one, i) => {
        const next = corners[(i + 1) % corners.length];
        if (one && next) svg.append(line(one, next, n));
      });
      corners.filter(Boolean).forEach((point) => svg.append(mark(point, n)));
      const y = 520 + n * 28;
      svg.append(line([130, y], [190, y], n), mark([160, y], n));
      svg.append(draw("text", { x: 202, y: y + 5, "font-size": 15, fill: ink.text }, held.towns[t] + "　" + figure(year.towns[t][0], 1)));
    });
    svg.setAttribute("aria-label", "各维度得分雷达图：" + drawn.map((t) => held.towns[t] + "：" +
      names.map(([name, d]) => name + figure(year.towns[t][5][d], 1)).join("、")).join("；"));
    return svg;
  }

  function line(a, b, n) {
    const dash = all.dashes[n].split(" ").filter(Boolean).map((x) => x * 0.5).join(" ");
    return draw("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1], stroke: all.colours[n], "stroke-width": 2.4, "stroke-dasharray": dash });
  }

  function mark([x, y], n) {
    const corners = { 1: [[-5, -5], [5, -5], [5, 5], [-5, 5]], 2: [[0, -7], [6, 5], [-6, 5]], 3: [[0, -7], [7, 0], [0, 7], [-7, 0]] }[n];
    if (corners) return draw("polygon", { points: corners.map(([a, b]) => (x + a) + "," + (y + b)).join(" "), fill: all.colours[n], stroke: ink.paper });
    return draw("circle", { cx: x, cy: y, r: 5.5, fill: n > 3 ? ink.paper : all.colours[n], stroke: n > 3 ? all.colours[n] : ink.paper, "stroke-width": n > 3 ? 2 : 1 });
  }

  /* ---- tables ---- */

  function fill(table, heads, rows) {
    const head = make("tr");
    for (const [words, align] of heads) {
      const made = make("th", words, align);
      made.scope = "col";
      head.append(made);
    }
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(...rows.map(([cells, kind]) => {
      const made = make("tr", "", kind || "");
      cells.forEach((one, i) => {
        const cell = make("td", one instanceof Node ? "" : one, heads[i][1] + " keep");
        if (one instanceof Node) cell.append(one);
        made.append(cell);
      });
      return made;
    }));
    if (window.tijian) window.tijian.sortable(table);
  }

  function chip(grade) {
    const made = make("span", grade, "chip"), look = held.grades.find(([name]) => name === grade);
    if (look) { made.style.background = look[1]; made.style.color = look[2]; }
    return made;
  }

  function beside(chosen, year) {
    const heads = [["街镇", "left"], ["综合", "right"], ["等级", "center"], ["名次（区间）", "right"], ["较上年", "right"], ["满意度", "right"]]
      .concat(all.dimensions.map((name) => [name, "right"]));
    const rows = chosen.map((t) => {
      const one = year.towns[t];
      if (!one) return [[held.towns[t]].concat(heads.slice(1).map(() => "—"))];
      return [[held.towns[t], figure(one[0], 1), chip(one[1]), one[2], one[3], one[4]].concat(one[5].map((v) => figure(v, 1)))];
    });
    fill(document.querySelector("#beside table"), heads, rows);
  }

  function bar(points, widest) {
    const made = make("span", "", points < 0 ? "bar less" : "bar"), share = widest ? Math.abs(points) / widest * 50 : 0;
    made.style.width = share.toFixed(1) + "%";
    made.style.marginLeft = (points < 0 ? 50 - share : 50).toFixed(1) + "%";
    return made;
  }

  function gap(chosen, year) {
    const block = by("gap"), two = chosen.length === 2;
    const [a, b] = chosen, turned = two && a > b;
    const found = two ? year.gaps[turned ? b + "-" + a : a + "-" + b] : null;
    block.hidden = !found;
    if (!found) return two ? year.untold : "";
    const turn = (value) => turned ? -value : value, one = year.towns[a], other = year.towns[b];
    const points = found[0].map(turn), widest = Math.max(...points.map(Math.abs)), whole = points.reduce((x, y) => x + y, 0);
    const difference = (x, y) => x === null || y === null ? "—" : signed(x - y, 1);
    const rows = all.dimensions.map((name, d) => [[name, figure(one[5][d], 1), figure(other[5][d], 1), difference(one[5][d], other[5][d]), signed(points[d], 2), bar(points[d], widest)]]);
    const rest = points[points.length - 1];
    if (Math.abs(rest) > 1e-6) rows.push([[all.missing, "", "", "", signed(rest, 2), bar(rest, widest)]]);
    rows.push([["合计", figure(one[0], 1), figure(other[0], 1), difference(one[0], other[0]), signed(whole, 2), ""], "sum"]);
    const heads = [["维度", "left"], [held.towns[a], "right"], [held.towns[b], "right"], ["得分差", "right"], ["贡献（分）", "right"], ["落后｜领先", "center bar-cell fixed"]];
    by("gap-title").textContent = "差距分解：" + held.towns[a] + "减" + held.towns[b];
    fill(document.querySelector("#gap table"), heads, rows);
    const named = found[1].map(([i, p]) => (i < 0 ? all.dimensions[-1 - i] + "居民感受" : all.indicators[i]) + signed(turn(p), 2));
    by("gap-words").textContent = "各部分之和等于综合得分之差。" + (named.length ? "差距最大的指标：" + named.join("、") + "（分）。" : "");
    return "";
  }

  function show() {
    const year = all.years[pickYear ? Number(pickYear.value) : 0];
    const chosen = boxes.filter((box) => box.checked).map((box) => Number(box.value));
    const picture = radar(chosen, year);
    by("overlay").replaceChildren(...(picture ? [picture] : []));
    by("overlay-words").textContent = picture ? year.year + "年各维度得分，越靠外越好" + (chosen.length > MOST ? "；只画前" + MOST + "个街镇" : "") : "";
    by("beside").hidden = !chosen.length;
    beside(chosen, year);
    const untold = gap(chosen, year);
    by("chosen").textContent = chosen.length ? year.year + "年：" + chosen.map((t) => held.towns[t]).join("、") + (untold ? "。" + untold : "") : "请选两个以上街镇";
  }

  /* ---- lists narrowed ---- */

  function narrow(controls) {
    const rows = Array.from(document.querySelectorAll("#" + controls.dataset.filters + " table.t tbody tr"));
    const picks = Array.from(controls.querySelectorAll("select")), count = controls.querySelector(".count");
    const words = (cell) => cell.textContent.trim().split(/[、/]/);
    const act = () => {
      let shown = 0;
      for (const row of rows) {
        const fits = picks.every((pick) => {
          const cell = row.cells[Number(pick.dataset.at)];
          return !pick.value || cell.textContent.trim() === pick.value || words(cell).includes(pick.value);
        });
        row.hidden = !fits;
        shown += fits;
      }
      count.textContent = shown + "／" + rows.length + "行";
    };
    picks.forEach((pick) => pick.addEventListener("change", act));
    act();
  }

  document.querySelectorAll("[data-filters]").forEach(narrow);
  boxes.forEach((box) => box.addEventListener("change", show));
  by("choose-none").addEventListener("click", () => { boxes.forEach((box) => { box.checked = false; }); show(); });
  if (pickYear) pickYear.addEventListener("change", show);
  show();
})();
