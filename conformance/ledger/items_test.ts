import assert from "node:assert/strict";
import { channels } from "../../protocol/messages/channels.ts";
import { arbitrary } from "../../protocol/schema/arbitrary.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import { type Channel, channel, message } from "../../protocol/schema/message.ts";
import { optionalPointer, u8 } from "../../protocol/schema/wire.ts";
import { areaOf, AREAS } from "./areas.ts";
import { allItems } from "./items.ts";
import { markBody } from "./mark_body.ts";
import { messageItems } from "./message_items.ts";

const ADDRESSES = new Set(allItems().map(({ address }) => address));

Deno.test("every item has an address of its own, and every area has items", () => {
  assert.equal(ADDRESSES.size, allItems().length);
  assert.deepEqual(new Set(allItems().map(({ area }) => area)), new Set(AREAS));
});

Deno.test("addresses that others rely on stay as they are", () => {
  for (
    const [address, area] of Object.entries({
      "link/server/SpiceLinkReply/error=NEED_SECURED": "link",
      "link/server/SpiceLinkResult/error=PERMISSION_DENIED": "auth",
      "headers/full/server/serials=counted": "headers",
      "lists/LIST/mini": "headers",
      "caps/display/COMPOSITE/client": "capabilities",
      "cursor/server/WAIT_FOR_CHANNELS": "base",
      "base/server/NOTIFY/severity=WARN": "base",
      "playback/server/SET_ACK": "sound",
      "main/server/MAIN_MOUSE_MODE/currentMode=CLIENT": "main",
      "main/client/MAIN_MIGRATE_CONNECTED": "migration",
      "inputs/client/INPUTS_MOUSE_PRESS/button=EXTRA": "inputs",
      "cursor-shape/COLOR16/FROM_CACHE": "cursor",
      "cache/palette/used": "display/basic",
      "monitors/server/heads=2": "display/basic",
      "image/BITMAP/8BIT/bottom-up/palette=from-cache": "display/basic",
      "image/GLZ_RGB/RGB16/top-down": "codecs",
      "display/server/DISPLAY_DRAW_COPY": "display/basic",
      "display/server/DISPLAY_DRAW_COPY/data.srcBitmap.body=LZ_RGB": "display/basic",
      "display/server/DISPLAY_DRAW_COPY/data.srcBitmap.body=QUIC": "codecs",
      "display/server/DISPLAY_DRAW_COPY/data.mask.bitmap=present": "display/draw",
      "display/server/DISPLAY_DRAW_FILL/data.brush.paint<PATTERN>.pat.body=BITMAP": "display/draw",
      "display/server/DISPLAY_STREAM_CREATE/codecType=VP9": "streams",
      "agent/client/VD_AGENT_CLIPBOARD_GRAB/types[]=UTF8_TEXT": "agent",
      "usbredir-packet/usb_redir_hello": "devices",
      "migration/semi-seamless/cancel": "migration",
    })
  ) {
    assert(ADDRESSES.has(address), address);
    assert.equal(areaOf(address).name, area, address);
  }
});

Deno.test("messageItems() of a made-up channel", () => {
  const Hello = message("HELLO", 1, { friend: optionalPointer(u8) });
  assert.deepEqual(messageItems([channel("made-up", 99, [Hello], [])]), [
    "made-up/server/HELLO",
    "made-up/server/HELLO/friend=absent",
    "made-up/server/HELLO/friend=present",
  ]);
});

Deno.test("what messages cover are items, and made-up values reach nearly all items of messages", () => {
  const left = new Set(messageItems());
  const list: readonly Channel[] = Object.values(channels);
  for (const channel of list) {
    for (const sender of ["client", "server"] as const) {
      for (const message of channel[sender]) {
        if (message.name === "BASE_LAST") continue;
        for (let seed = 0; seed < 60; seed++) {
          const body = encodeBytes(message.wire, arbitrary(message.wire, seed));
          for (const address of markBody(channel, sender, message, body).addresses) {
            left.delete(address);
            assert(ADDRESSES.has(address), `${address} is no item`);
          }
        }
      }
    }
  }
  assert(left.size < 0.05 * messageItems().length, `${left.size} not reached: ${[...left].slice(0, 9)}`);
});
