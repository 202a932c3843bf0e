import assert from "node:assert/strict";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import type { Message, MessageOf } from "../schema/message.ts";
import { channelByType, channels } from "./channels.ts";
import { CursorSet } from "./cursor.ts";
import { DisplayGlScanoutUnix } from "./display.ts";
import { BitmapFmt, PathFlags } from "./enums.ts";
import { DisplayDrawStroke } from "./draw.ts";
import { InputsMousePosition } from "./inputs.ts";
import { MainMigrateSwitchHost } from "./main.ts";
import { SpicevmcCompressedData } from "./spicevmc.ts";

/** Asserts what `hex` means, and that the meaning gives `hex` again. */
function assertWire<T>(message: Message<string, T>, hex: string, value: T): void {
  const bytes = new Uint8Array(hex.replace(/\s/g, "").match(/../g)?.map((byte) => parseInt(byte, 16)) ?? []);
  assert.deepEqual(decode(message.wire, bytes, { exact: true }), value);
  assert.deepEqual(encodeBytes(message.wire, value), bytes);
}

const text = (characters: string): Uint8Array => new TextEncoder().encode(characters);

Deno.test("channelByType() finds the 11 channels of spice.proto under 1 to 11", () => {
  const names = Array.from({ length: 11 }, (_, i) => channelByType(i + 1)?.name);
  assert.deepEqual(names, Object.keys(channels));
  assert.equal(channelByType(0), undefined);
  assert.equal(channelByType(12), undefined);
});

Deno.test("webdav has the messages of base, spicevmc and port", () => {
  assert.deepEqual([...channels.webdav.byId.server.keys()], [1, 2, 3, 4, 5, 6, 7, 8, 100, 101, 102, 201, 202]);
  assert.deepEqual([...channels.webdav.byId.client.keys()], [1, 2, 3, 4, 5, 6, 101, 102, 201]);
});

Deno.test("a message's name narrows its value", () => {
  const widthOf = (message: MessageOf<typeof channels.display.server>): number => {
    if (message.name !== "DISPLAY_DRAW_COPY") return 0;
    const body = message.value.data.srcBitmap?.body;
    return body?.is === "BITMAP" && body.value.format === BitmapFmt["32BIT"] ? body.value.x : -1;
  };
  assert.equal(widthOf({ name: "DISPLAY_MARK", value: {} }), 0);
});

Deno.test("MAIN_MIGRATE_SWITCH_HOST: host and subject follow the body in order", () => {
  assertWire(MainMigrateSwitchHost, "0c17 0000 02000000 14000000 03000000 16000000 6100 4e3d00", {
    port: 5900,
    sport: 0,
    hostData: text("a\0"),
    certSubjectData: text("N=\0"),
  });
  assertWire(MainMigrateSwitchHost, "0000 0d17 02000000 14000000 00000000 00000000 6100", {
    port: 0,
    sport: 5901,
    hostData: text("a\0"),
    certSubjectData: null,
  });
});

Deno.test("DISPLAY_GL_SCANOUT_UNIX: the descriptor takes no bytes", () => {
  assertWire(DisplayGlScanoutUnix, "80020000 e0010000 000a0000 58523234 01000000", {
    width: 640,
    height: 480,
    stride: 2560,
    drmFourccFormat: 0x34325258,
    flags: 1,
  });
});

Deno.test("DISPLAY_DRAW_STROKE: the path comes before the line style, and STYLED is set by the style", () => {
  assertWire(
    DisplayDrawStroke,
    `00000000 01000000 02000000 03000000 04000000 00
     28000000 08 02 39000000 01 ff000000 0800 0000
     01000000 03 01000000 10000000 20000000
     10000000 20000000`,
    {
      base: {
        surfaceId: 0,
        box: { top: 1, left: 2, bottom: 3, right: 4 },
        clip: { shape: { is: "NONE", value: null } },
      },
      data: {
        path: { segments: [{ flags: PathFlags.BEGIN | PathFlags.END, points: [{ x: 16, y: 32 }] }] },
        attr: { flags: 0, styled: { style: [16, 32] } },
        brush: { paint: { is: "SOLID", value: 255 } },
        foreMode: 8,
        backMode: 0,
      },
    },
  );
});

Deno.test("CURSOR_SET without a cursor: the flag NONE stands for the missing header", () => {
  assertWire(CursorSet, "ffff 0200 01 0100", {
    position: { x: -1, y: 2 },
    visible: 1,
    cursor: { flags: 0, header: null, data: new Uint8Array() },
  });
});

Deno.test("INPUTS_MOUSE_POSITION: 11 bytes", () => {
  assertWire(InputsMousePosition, "0a000000 14000000 0300 01", { x: 10, y: 20, buttonsState: 3, displayId: 1 });
});

Deno.test("SPICEVMC_COMPRESSED_DATA: only LZ4 has a size", () => {
  assertWire(SpicevmcCompressedData, "01 05000000 aabb", {
    compression: { is: "LZ4", value: 5 },
    compressedData: new Uint8Array([0xaa, 0xbb]),
  });
  assertWire(SpicevmcCompressedData, "00 aabb", {
    compression: { is: "NONE", value: null },
    compressedData: new Uint8Array([0xaa, 0xbb]),
  });
});
