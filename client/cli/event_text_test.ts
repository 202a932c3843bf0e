import assert from "node:assert/strict";
import { channels } from "../../protocol/messages/channels.ts";
import { capabilityNames } from "./capability_names.ts";
import { eventToJson, eventToLine, formatUuid } from "./event_text.ts";

const MAIN = { type: channels.main.type, id: 0 };

Deno.test("capabilityNames() tells those without a name by their number", () => {
  assert.deepEqual(capabilityNames(null, [0b1001, 0b10]), ["PROTOCOL_AUTH_SELECTION", "MINI_HEADER", 33]);
  assert.deepEqual(capabilityNames(channels.main.type, [0x8000_0002]), ["NAME_AND_UUID", 31]);
  assert.deepEqual(capabilityNames(99, [4]), [2]);
});

Deno.test("eventToLine() puts an event on one line", () => {
  assert.equal(
    eventToLine({ type: "primary", display: 0, width: 640, height: 480 }),
    "primary display=0 width=640 height=480",
  );
  const notify = { type: "notify", channel: MAIN, severity: 1, what: 0, text: 'key "x"\n' } as const;
  assert.equal(eventToLine(notify), 'notify channel="main 0" severity=WARN what=WARN_GENERAL text="key \\"x\\"\\n"');
  assert.equal(
    eventToLine({ type: "mouse-mode", supported: 3, current: 2 }),
    'mouse-mode current=client offered=["server","client"]',
  );
});

Deno.test("eventToJson() leaves out pixels and keeps names", () => {
  const image = { width: 2, height: 1, hotX: 0, hotY: 0, pixels: new Uint32Array(2), invert: null };
  const cursor = { image, visible: true, x: 5, y: 6 };
  assert.deepEqual(eventToJson({ type: "cursor", display: 1, cursor }), {
    ...{ type: "cursor", display: 1, x: 5, y: 6, visible: true },
    shape: { width: 2, height: 1 },
  });
  assert.deepEqual(eventToJson({ type: "channels", channels: [MAIN, { type: 77, id: 2 }] }), {
    type: "channels",
    channels: ["main 0", "77 2"],
  });
});

Deno.test("formatUuid() writes a UUID as everyone does", () => {
  assert.equal(formatUuid(Uint8Array.from({ length: 16 }, (_, i) => i * 17)), "00112233-4455-6677-8899-aabbccddeeff");
});
