/** Every input that broke an oracle once, tried again. */
import assert from "node:assert/strict";
import { AllocationMeter } from "./allocation_meter.ts";
import { judge } from "./campaign.ts";
import { readCrashes } from "./crash_file.ts";
import { targets } from "./targets.ts";

for (const { name, target: targetName, input, reason } of readCrashes()) {
  Deno.test(`${name} (${reason.slice(0, 100)}) ends well`, () => {
    const target = targets.find(({ name }) => name === targetName);
    assert.ok(target !== undefined, `there is no target ${targetName} any more`);
    const meter = new AllocationMeter();
    meter.install();
    try {
      judge(target, input, meter, () => performance.now());
    } finally {
      meter.uninstall();
    }
  });
}
