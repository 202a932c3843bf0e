/** Every message of every capture is decoded without a byte left over and encoded again to the same bytes. */
import assert from "node:assert/strict";
import { captureNames, readCapture } from "../capture.ts";
import { assertRoundTrip } from "./assert_round_trip.ts";

/** Messages from client and server, and messages inside LIST messages. */
const EXPECTED: Readonly<Record<string, readonly [client: number, server: number, inLists: number]>> = {
  "agent-and-port": [96, 34, 0],
  "cursor-server-mouse": [18, 168, 0],
  "image-and-palette-cache": [18, 49, 0],
  "migration-seamless-source": [24, 42, 0],
  "migration-seamless-target": [19, 63, 0],
  "ops-auto-glz": [20, 84, 0],
  "ops-off": [20, 84, 0],
  "playback-opus": [11, 84, 0],
  "qemu-grub": [54, 831, 0],
  "qemu-port-webdav": [15, 42, 0],
  "qemu-smartcard-idle": [10, 14, 0],
  "qemu-usbredir": [48, 57, 0],
  "stream-mjpeg": [17, 70, 0],
  "surfaces": [18, 53, 0],
  "two-display-channels-shared-cache": [25, 76, 2],
};

Deno.test("the captures are those whose messages are counted here", () => {
  assert.deepEqual(captureNames(), Object.keys(EXPECTED).sort());
});

for (const [name, [client, server, inLists]] of Object.entries(EXPECTED)) {
  Deno.test(`${name}: ${client} + ${server} + ${inLists} messages decode and encode to the same bytes`, () => {
    assert.deepEqual(assertRoundTrip(readCapture(name)), { client, server, inLists });
  });
}
