import assert from "node:assert/strict";
import { drawCurves } from "./curve.ts";

Deno.test("drawCurves() puts the greatest value highest, and every name in the legend", () => {
  const curves = [{ name: "a < b", values: [1, 2, 4] }, { name: "c", values: [1, 1, 1] }];
  const svg = drawCurves([{ title: "t", xName: "n", xs: [1, 2, 4], curves }]);
  const lines = [...svg.matchAll(/points="([^"]*)"/g)].map(([, points]) => {
    return points!.split(" ").map((point) => Number(point.split(",")[1]));
  });
  assert.equal(lines.length, 2);
  assert.ok(lines[0]![0]! > lines[0]![1]! && lines[0]![1]! > lines[0]![2]!);
  assert.deepEqual(new Set(lines[1]).size, 1);
  assert.ok(svg.includes("a &lt; b") && !svg.includes("a < b"));
  assert.ok(Math.min(...lines.flat()) >= 30 && Math.max(...lines.flat()) <= 200);
});
