/** Every message of every capture is decoded without a byte left over and encoded again to the same bytes. */
import assert from "node:assert/strict";
import { captureNames, readCapture } from "../capture.ts";
import { assertRoundTrip } from "./assert_round_trip.ts";

/** Messages from client and server, and messages inside LIST messages. */
const EXPECTED: Readonly<Record<string, readonly [client: number, server: number, inLists: number]>> = {
  "agent-and-port": [96, 34, 0],
  "cursor-server-mouse": [18, 168, 0],
  "image-and-palette-cache": [18, 49, 0],
  "libspice-bare": [17, 33, 0],
  "libspice-bitmaps": [20, 97, 0],
  "libspice-bitmaps-glz": [20, 97, 0],
  "libspice-bitmaps-le": [18, 47, 0],
  "libspice-bitmaps-lz4": [20, 97, 0],
  "libspice-bitmaps-zlib-glz": [20, 97, 0],
  "libspice-blends": [19, 62, 0],
  "libspice-cache": [22, 126, 0],
  "libspice-cache-small": [23, 155, 0],
  "libspice-clips": [19, 67, 0],
  "libspice-composite": [22, 119, 0],
  "libspice-copies": [18, 51, 0],
  "libspice-copy-bits": [22, 131, 0],
  "libspice-cursor-forms": [21, 110, 0],
  "libspice-cursors": [35, 390, 0],
  "libspice-drops": [18, 51, 0],
  "libspice-fills": [18, 41, 0],
  "libspice-forms": [19, 63, 0],
  "libspice-forms-glz": [19, 63, 0],
  "libspice-forms-le": [18, 39, 0],
  "libspice-forms-le-lz": [18, 39, 0],
  "libspice-forms-lz": [19, 63, 0],
  "libspice-forms-lz4": [19, 61, 0],
  "libspice-forms-zlib-glz": [19, 63, 0],
  "libspice-full-headers": [133, 153, 0],
  "libspice-heads": [31, 194, 8],
  "libspice-inputs": [1085, 260, 0],
  "libspice-jpeg-zlib": [18, 39, 0],
  "libspice-layouts": [17, 38, 0],
  "libspice-lossy": [25, 63, 0],
  "libspice-masks": [19, 67, 0],
  "libspice-older-cache": [8, 58, 14],
  "libspice-older-link": [24, 122, 22],
  "libspice-migration-two-displays": [49, 94, 0],
  "libspice-modes": [20, 79, 0],
  "libspice-operands-bare": [19, 65, 0],
  "libspice-operands-glz": [20, 82, 0],
  "libspice-operands-jpeg": [20, 82, 0],
  "libspice-operands-lossy": [20, 93, 0],
  "libspice-operands-lz": [20, 82, 0],
  "libspice-operands-lz4": [20, 82, 0],
  "libspice-operands-masks": [18, 52, 0],
  "libspice-operands-masks-jpeg": [18, 52, 0],
  "libspice-operands-zlib-glz": [20, 82, 0],
  "libspice-palettes": [25, 190, 0],
  "libspice-photos-quic": [18, 39, 0],
  "libspice-ports-and-agent": [29, 52, 0],
  "libspice-purespice": [21, 18, 0],
  "libspice-refused": [0, 1, 0],
  "libspice-masks-plain": [17, 31, 0],
  "libspice-preferences": [27, 42, 0],
  "libspice-resize": [19, 83, 0],
  "libspice-rop3": [39, 464, 0],
  "libspice-rop3-degenerate": [21, 103, 0],
  "libspice-ropds": [45, 588, 0],
  "libspice-second-session": [30, 44, 0],
  "libspice-sound-raw": [21, 144, 0],
  "libspice-stream-clips": [26, 97, 0],
  "libspice-stream-late": [23, 60, 0],
  "libspice-stream-sized": [28, 94, 0],
  "libspice-streaming-agent": [33, 66, 0],
  "libspice-strokes": [20, 80, 0],
  "libspice-surfaces": [19, 64, 0],
  "libspice-switch-host": [15, 30, 0],
  "libspice-text": [20, 82, 0],
  "libspice-wrong-ticket": [0, 0, 0],
  "migration-seamless-source": [24, 42, 0],
  "migration-seamless-target": [19, 63, 0],
  "ops-auto-glz": [20, 84, 0],
  "ops-off": [20, 84, 0],
  "playback-opus": [11, 84, 0],
  "qemu-grub": [54, 831, 0],
  "qemu-linux-qxl": [796, 629, 0],
  "qemu-linux-virtio": [838, 1402, 0],
  "qemu-port-webdav": [15, 42, 0],
  "qemu-sasl": [0, 0, 0],
  "qemu-secured": [0, 0, 0],
  "qemu-smartcard-idle": [10, 14, 0],
  "qemu-text-std": [55, 44, 0],
  "qemu-usbredir": [48, 57, 0],
  "stream-mjpeg": [17, 70, 0],
  "surfaces": [18, 53, 0],
  "xspice-saffron": [628, 3290, 0],
  "xspice-spice-gtk": [262, 2610, 0],
};

Deno.test("the captures are those whose messages are counted here", () => {
  assert.deepEqual(captureNames(), Object.keys(EXPECTED).sort());
});

Deno.test("the captures hold more than 10,000 messages", () => {
  const messages = Object.values(EXPECTED).reduce((sum, [client, server]) => sum + client + server, 0);
  assert.ok(messages >= 10_000, `${messages}`);
});

for (const [name, [client, server, inLists]] of Object.entries(EXPECTED)) {
  Deno.test(`${name}: ${client} + ${server} + ${inLists} messages decode and encode to the same bytes`, () => {
    assert.deepEqual(assertRoundTrip(readCapture(name)), { client, server, inLists });
  });
}
