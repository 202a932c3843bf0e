import assert from "node:assert/strict";
import { clientLayout, monitorLayouts, serverLayout } from "./monitor_layouts.ts";

Deno.test("serverLayout() of one head, and of two on one surface with a gap in the ids", () => {
  const head = { monitorId: 0, surfaceId: 0, width: 640, height: 480, x: 0, y: 0, flags: 0 };
  assert.deepEqual(serverLayout({ maxAllowed: 1, heads: [head] }), [
    "monitors/server/heads=1",
    "monitors/server/at-max",
  ]);
  const found = serverLayout({ maxAllowed: 4, heads: [head, { ...head, monitorId: 2, x: 640 }] });
  assert.deepEqual(found, [
    "monitors/server/heads=2",
    "monitors/server/below-max",
    "monitors/server/sparse-ids",
    "monitors/server/moved",
    "monitors/server/shared-surface",
  ]);
  for (const layout of found) assert(monitorLayouts().includes(layout));
});

Deno.test("clientLayout() of many monitors, one of them off", () => {
  const monitor = { width: 640, height: 480, depth: 32, x: 0, y: 0 };
  const monitors = [monitor, { ...monitor, width: 0, height: 0 }, monitor, monitor];
  assert.deepEqual(clientLayout({ flags: 0, monitors, physicalSizes: null }), [
    "monitors/client/monitors=many",
    "monitors/client/sparse",
  ]);
});
