/** What our client puts on the wire, judged by Wireshark's dissector, which shares no code with us nor with SPICE. */
import assert from "node:assert/strict";
import { connect, decode, ImageCompression, type Message, type Session } from "../../mod.ts";
import { AckSync, Pong } from "../../protocol/messages/base.ts";
import { DisplayInit } from "../../protocol/messages/display.ts";
import {
  ClientInputsKeyModifiers,
  InputsKeyDown,
  InputsKeyUp,
  InputsMouseMotion,
  InputsMousePosition,
  InputsMousePress,
  InputsMouseRelease,
} from "../../protocol/messages/inputs.ts";
import { MainMouseModeRequest } from "../../protocol/messages/main.ts";
import type { Capture } from "../capture.ts";
import { assertRoundTrip } from "../golden/assert_round_trip.ts";
import { assertTsharkAgrees } from "../peers/assert_tshark_agrees.ts";
import { type Qemu, startQemu } from "../peers/qemu.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startTap } from "../peers/tap.ts";
import type { Dissected } from "../peers/tshark.ts";
import type { LIVE_SESSIONS } from "../peers/tshark_weaknesses.ts";

const NEEDS = ["qemu-system-x86", "qemu-system-common", "tshark"];
const CHANNELS = ["main", "display", "inputs", "cursor"];

peerTest({
  name: "tshark reads a session with mini headers and a relative mouse as we meant it",
  needs: NEEDS,
  fn: async () => {
    await using qemu = await startQemu({ vga: "qxl", boot: { kind: "none" } });
    const dissected = await judge(qemu, "mini headers", async (session) => {
      await session.keyboard.press(["a", "up", "ctrl+alt+f2"]);
      await session.keyboard.type("Hi!");
      await session.pointer.moveBy(5, -7);
      for (const button of ["LEFT", "MIDDLE", "RIGHT"] as const) await session.pointer.click(null, { button });
      await session.pointer.wheel(-2);
      await session.pointer.wheel(1);
    });
    const down = [0x1e, 0x48e0, 0x1d, 0x38, 0x3c, 0x2a, 0x23, 0x17, 0x2a, 0x02];
    const up = [0x9e, 0xc8e0, 0xbc, 0xb8, 0x9d, 0xa3, 0xaa, 0x97, 0x82, 0xaa];
    assert.deepEqual(valuesOf(dissected, "Client KEY_DOWN", "spice.keyboard_key_code"), down);
    assert.deepEqual(valuesOf(dissected, "Client KEY_UP", "spice.keyboard_key_code"), up);
    assert.ok(valuesOf(dissected, "Client MOUSE_MOTION", "spice.point32.y").includes(-7));
    assert.equal(named(dissected, "Client MOUSE_PRESS").length, 6);
    assert.equal(named(dissected, "Client MOUSE_RELEASE").length, 6);
  },
});

peerTest({
  name: "tshark reads a session with full headers, an absolute mouse and unix sockets as we meant it",
  needs: NEEDS,
  fn: async () => {
    await using qemu = await startQemu({ vga: "qxl", boot: { kind: "none" }, tablet: true, unix: true });
    await useTablet(qemu);
    const dissected = await judge(qemu, "full headers", async (session) => {
      await session.keyboard.press("enter");
      await session.pointer.move({ x: 10, y: 20 });
      await session.pointer.drag({ x: 30, y: 40 }, { x: 100, y: 120 });
    });
    const places = named(dissected, "Client MOUSE_POSITION").map(({ values }) =>
      ["spice.point32.x", "spice.point32.y", "spice.button_state"].map((field) => Number(values(field)[0]))
    );
    assert.deepEqual([places[0], places[1], places.at(-1)], [[10, 20, 0], [30, 40, 0], [100, 120, 1]]);
    for (const channel of CHANNELS) {
      const sent = dissected.filter(({ connection, from, is }) =>
        connection.channel.name === channel && from === "client" && typeof is !== "string"
      );
      const serials = sent.map(({ values }) => Number(values("spice.serial")[0]));
      assert.deepEqual(serials, sent.map((_, i) => i + 1), `serials of ${channel}`);
    }
  },
});

/** A session through a tap; all that passed is read by our schema and by tshark, which must agree. */
async function judge(
  qemu: Qemu,
  name: typeof LIVE_SESSIONS[number],
  drive: (session: Session) => Promise<void>,
): Promise<Dissected[]> {
  await using tap = await startTap(qemu.uri, { unix: qemu.socketPath !== null });
  {
    const preferredCompression = ImageCompression.LZ;
    await using session = await connect(tap.uri, { miniHeader: name === "mini headers", preferredCompression });
    await drive(session);
    await session.screen.screenshot();
  }
  const capture = await tap.finish();
  assertWhole(capture, name);
  const { client, server } = assertRoundTrip(capture);
  assert.ok(client > 20 && server > 20, `${client} and ${server} messages`);
  const dissected = await assertTsharkAgrees(capture, name, [...FIELDS, "spice.serial"]);
  for (const one of dissected) assertSameValues(one);
  return dissected;
}

/** Four channels, the headers asked for, and nothing that our client left half said. */
function assertWhole({ connections }: Capture, headers: string): void {
  assert.deepEqual(connections.map(({ channel }) => channel.name).toSorted(), CHANNELS.toSorted());
  for (const connection of connections) {
    assert.equal(`${connection.headers} headers`, headers);
    assert.equal(connection.link.error, 0);
    assert.equal(connection.cutOff.client, 0, `${connection.channel.name}: bytes of half a message`);
  }
}

/** QEMU's tablet gives client mouse mode once something selects it; SeaBIOS does not. */
async function useTablet({ qmp }: Qemu): Promise<void> {
  const monitor = (line: string) => qmp.execute("human-monitor-command", { "command-line": line });
  const tablet = /Mouse #(\d+): QEMU HID Tablet/.exec(String(await monitor("info mice")));
  assert.ok(tablet, "QEMU has a tablet");
  await monitor(`mouse_set ${tablet[1]}`);
}

/** A message whose fields tshark reads: what each field of tshark's must hold. */
interface Reading {
  readonly message: Message;
  readonly fields: readonly string[];
  expected(body: Uint8Array): bigint[];
}

function reading<T>(
  message: Message<string, T>,
  fields: Readonly<Record<string, (value: T) => number | bigint>>,
): Reading {
  return {
    message,
    fields: Object.keys(fields),
    expected: (body) => Object.values(fields).map((read) => BigInt(read(decode(message.wire, body)))),
  };
}

/** tshark reads button and mask (u8, u16) as mask and display (u16, u8). Source: spice.proto InputsChannel.mouse_press. */
const PRESS_FIELDS = {
  "spice.button_state": ({ button, buttonsState }: { button: number; buttonsState: number }) =>
    button | (buttonsState & 0xff) << 8,
  "spice.mouse_display_id": ({ buttonsState }: { buttonsState: number }) => buttonsState >> 8,
};

const READINGS: readonly Reading[] = [
  reading(AckSync, { "spice.red_set_ack_generation": ({ generation }) => generation }),
  reading(Pong, { "spice.ping_id": ({ id }) => id, "spice.timestamp": ({ timestamp }) => timestamp }),
  reading(MainMouseModeRequest, { "spice.current_mouse_mode_flags": ({ mode }) => mode }),
  reading(DisplayInit, {
    "spice.display_init_cache_id": ({ pixmapCacheId }) => pixmapCacheId,
    "spice.display_init_cache_size": ({ pixmapCacheSize }) => pixmapCacheSize,
    "spice.display_init_glz_dict_id": ({ glzDictionaryId }) => glzDictionaryId,
    "spice.display_init_dict_window_size": ({ glzDictionaryWindowSize }) => glzDictionaryWindowSize,
  }),
  reading(InputsKeyDown, { "spice.keyboard_key_code": ({ code }) => code }),
  reading(InputsKeyUp, { "spice.keyboard_key_code": ({ code }) => code }),
  reading(ClientInputsKeyModifiers, { "spice.keyboard_modifiers": ({ modifiers }) => modifiers }),
  reading(InputsMouseMotion, {
    "spice.point32.x": ({ dx }) => dx,
    "spice.point32.y": ({ dy }) => dy,
    "spice.button_state": ({ buttonsState }) => buttonsState,
  }),
  reading(InputsMousePosition, {
    "spice.point32.x": ({ x }) => x,
    "spice.point32.y": ({ y }) => y,
    "spice.button_state": ({ buttonsState }) => buttonsState,
    "spice.mouse_display_id": ({ displayId }) => displayId,
  }),
  reading(InputsMousePress, PRESS_FIELDS),
  reading(InputsMouseRelease, PRESS_FIELDS),
];
const FIELDS = [...new Set(READINGS.flatMap(({ fields }) => fields))];
/** Its one byte is left unread: see the weaknesses of tshark. */
const UNREAD = "DISPLAY_PREFERRED_COMPRESSION";

/** Every field of a message from our client has, in tshark's eyes, the value that our schema gives it. */
function assertSameValues({ is, from, values }: Dissected): void {
  if (typeof is === "string" || from !== "client" || is.body.length === 0 || is.declaration?.name === UNREAD) return;
  const known = READINGS.find(({ message }) => message === is.declaration);
  assert.ok(known, `${is.declaration?.name}: no fields of tshark's are named here`);
  const read = known.fields.map((field) => values(field)).flat();
  assert.deepEqual(read, known.expected(is.body), `${is.declaration?.name} at ${is.offset}`);
}

function named(dissected: readonly Dissected[], name: string): Dissected[] {
  return dissected.filter((one) => one.name === name);
}

function valuesOf(dissected: readonly Dissected[], name: string, field: string): number[] {
  return named(dissected, name).flatMap(({ values }) => values(field).map(Number));
}
