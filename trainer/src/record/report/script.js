// Shows a chart's numbers under the pointer.
for (const figure of document.querySelectorAll("figure.chart")) {
  const chart = JSON.parse(figure.dataset.chart);
  const svg = figure.querySelector("svg");
  const tip = figure.appendChild(document.createElement("div"));
  tip.className = "tip";
  const rule = svg.appendChild(document.createElementNS(svg.namespaceURI, "line"));
  rule.setAttribute("class", "rule");
  const [x0, x1, left, right] = chart.x;
  const [, , bottom, top] = chart.y;
  const hide = () => { tip.style.display = "none"; rule.style.display = "none"; };
  const show = value => Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6 || value === 0
    ? String(Number(value.toPrecision(5))) : value.toExponential(3);
  const near = (points, x) => points.reduce((a, b) => Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a);
  hide();
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect();
    const place = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
    const series = chart.series.filter(s => s.points.length);
    if (!series.length || place < left - 8 || place > right + 8) return hide();
    const wanted = x0 + (place - left) / (right - left) * (x1 - x0);
    const found = series.map(s => [s, near(s.points, wanted)]);
    const x = near(found.map(f => f[1]), wanted)[0];
    const at = left + (x - x0) / (x1 - x0) * (right - left);
    for (const [name, v] of [["x1", at], ["x2", at], ["y1", top], ["y2", bottom]]) rule.setAttribute(name, v);
    const lines = found.map(([s, p]) => series.length > 1 ? `${s.name} ${show(p[1])}` : show(p[1]));
    tip.replaceChildren(...[`${chart.across} ${show(x)}`, ...lines].map(text => {
      const line = document.createElement("div");
      line.textContent = text;
      return line;
    }));
    rule.style.display = tip.style.display = "block";
    const px = at * box.width / svg.viewBox.baseVal.width;
    tip.style.top = `${top * box.height / svg.viewBox.baseVal.height}px`;
    tip.style.left = px > box.width / 2 ? "auto" : `${px + 12}px`;
    tip.style.right = px > box.width / 2 ? `${box.width - px + 12}px` : "auto";
  });
}
