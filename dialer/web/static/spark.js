// A sparkline: the last minutes of one figure, kept by the page alone.

import { draw } from "./build.js";

const POINTS = 180; // three minutes at a view a second
const FEWEST = 30; // so that the first seconds are not stretched over the whole width
const WIDTH = 180;
const HEIGHT = 34;

export class Spark {
  constructor(svg, { top = null } = {}) {
    this.svg = svg;
    this.top = top; // the figure's fixed upper end, or null: the highest seen
    this.values = [];
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("preserveAspectRatio", "none");
    this.area = draw("path", { fill: "currentColor", opacity: 0.13 });
    this.line = draw("path", {
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.6,
      "stroke-linejoin": "round",
      "vector-effect": "non-scaling-stroke",
    });
    svg.replaceChildren(this.area, this.line);
  }

  add(value) {
    this.values.push(value ?? 0);
    if (this.values.length > POINTS) this.values.shift();
    const top = this.top ?? Math.max(1, ...this.values);
    const step = WIDTH / (Math.max(FEWEST, this.values.length) - 1);
    const start = WIDTH - (this.values.length - 1) * step;
    const at = (index) => (start + index * step).toFixed(1);
    const points = this.values.map(
      (value, index) => `${at(index)},${(HEIGHT - 2 - (Math.min(value, top) / top) * (HEIGHT - 4)).toFixed(1)}`,
    );
    const path = `M${points.join("L")}`;
    this.line.setAttribute("d", path);
    this.area.setAttribute("d", `${path}L${at(this.values.length - 1)},${HEIGHT}L${at(0)},${HEIGHT}Z`);
  }
}
