/** Lines over a number of things that doubles, as an SVG picture for the docs. */

/** One line: a value for each x. */
export interface Curve {
  readonly name: string;
  readonly values: readonly number[];
}

/** What is drawn. */
export interface CurvePlot {
  readonly title: string;
  /** Name of the horizontal axis. */
  readonly xName: string;
  /** Its places, evenly spaced. */
  readonly xs: readonly number[];
  readonly curves: readonly Curve[];
}

const WIDTH = 360, HEIGHT = 240, LEFT = 44, RIGHT = 12, TOP = 30, BOTTOM = 40;
/** Told apart by colour and by dashes. */
const STYLES = [
  'stroke="#1f6feb"',
  'stroke="#b35900" stroke-dasharray="6 3"',
  'stroke="#1a7f37" stroke-dasharray="2 3"',
];
/** Steps between two lines of the grid. */
const STEPS = [0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500];

/**
 * Draws plots side by side, with one legend.
 * @param plots At least one; all with the same names of curves.
 * @returns An SVG file.
 */
export function drawCurves(plots: readonly CurvePlot[]): string {
  const names = plots[0]!.curves.map(({ name }) => name), height = HEIGHT + 16 * names.length + 12;
  const legend = names.map((name, i) => {
    const y = HEIGHT + 12 + 16 * i;
    return `<line x1="${LEFT}" y1="${y}" x2="${LEFT + 28}" y2="${y}" ${STYLES[i]} stroke-width="2"/>` +
      text(LEFT + 36, y + 4, name, "start");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH * plots.length} ${height}" ` +
    `font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...plots.map((plot, i) => `<g transform="translate(${WIDTH * i} 0)">\n${drawPlot(plot)}\n</g>`),
    ...legend,
    "</svg>\n",
  ].join("\n");
}

function drawPlot({ title, xName, xs, curves }: CurvePlot): string {
  const most = Math.max(...curves.flatMap(({ values }) => values));
  const step = STEPS.find((one) => most / one <= 5) ?? most, top = Math.ceil(most / step) * step;
  const x = (i: number) => LEFT + i * (WIDTH - LEFT - RIGHT) / Math.max(1, xs.length - 1);
  const y = (value: number) => HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
  const grid = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => {
    const value = Number((i * step).toFixed(2)), at = y(value).toFixed(1);
    return `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#d0d7de"/>` +
      text(LEFT - 6, Number(at) + 4, `${value}`, "end");
  });
  const lines = curves.map(({ values }, i) => {
    const points = values.map((value, j) => `${x(j).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline points="${points}" fill="none" ${STYLES[i]} stroke-width="2"/>`;
  });
  return [
    text(LEFT, 18, title, "start"),
    ...grid,
    ...xs.map((value, i) => text(x(i), HEIGHT - BOTTOM + 16, `${value}`, "middle")),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 32, xName, "middle"),
    ...lines,
  ].join("\n");
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
  const safe = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#1f2328">${safe}</text>`;
}
