import assert from "node:assert/strict";
import { wordsOfCaps } from "../capabilities.ts";
import { ProtocolError } from "../errors.ts";
import { arbitrary } from "../schema/arbitrary.ts";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import type { Message } from "../schema/message.ts";
import {
  AgentAudioVolumeSync,
  AgentCap,
  AgentClipboard,
  AgentClipboardGrab,
  AgentClipboardGrabNoSelection,
  AgentClipboardGrabNoSerial,
  AgentClipboardGrabPlain,
  AgentClipboardPlain,
  AgentClipboardRelease,
  AgentClipboardRequest,
  AgentClipboardRequestPlain,
  AgentFileXferData,
  AgentFileXferStatus,
  AgentGraphicsDeviceInfo,
  AgentMaxClipboard,
  agentMessageBody,
  agentMessages,
  AgentMessageType,
  AgentMonitorsConfig,
  AgentMouseButtons,
  AgentMouseState,
  ClipboardType,
  decodeAgentBody,
  fileXferDetail,
  FileXferResult,
  VDAgentMessage,
  VDIChunkHeader,
} from "./agent.ts";

const hex = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => parseInt(byte, 16));
const ascii = (text: string) => new TextEncoder().encode(text);
const SELECTION = wordsOfCaps([AgentCap.CLIPBOARD_SELECTION]);
const SERIAL = wordsOfCaps([AgentCap.CLIPBOARD_GRAB_SERIAL]);
const BOTH = wordsOfCaps([AgentCap.CLIPBOARD_SELECTION, AgentCap.CLIPBOARD_GRAB_SERIAL]);

/** Asserts what `text` means, and that the meaning gives `text` again. */
function assertWire<T>(message: Message<string, T>, text: string, value: T): void {
  assert.deepEqual(decode(message.wire, hex(text), { exact: true }), value);
  assert.deepEqual(encodeBytes(message.wire, value), hex(text));
}

Deno.test("every agent message comes back from its own encoding", () => {
  for (const { wire, name } of agentMessages) {
    for (let seed = 0; seed < 40; seed++) {
      const value: unknown = arbitrary<unknown>(wire, seed);
      assert.deepEqual(decode<unknown>(wire, encodeBytes<unknown>(wire, value), { exact: true }), value, name);
    }
  }
});

Deno.test("agent headers have the sizes of the reference's packed structs", () => {
  const message = { protocol: 1, type: AgentMessageType.REPLY, opaque: 0n, data: new Uint8Array(8) };
  assert.equal(encodeBytes(VDAgentMessage, message).length, 28);
  assert.equal(encodeBytes(VDIChunkHeader, { port: 1, size: 28 }).length, 8);
});

Deno.test("MOUSE_STATE counts its buttons from bit 1", () => {
  assertWire(AgentMouseState, "80020000 e0010000 02000000 01", {
    x: 640,
    y: 480,
    buttons: AgentMouseButtons.LBUTTON,
    displayId: 1,
  });
});

Deno.test("MONITORS_CONFIG with and without physical sizes", () => {
  const monitor = { height: 480, width: 640, depth: 32, x: -640, y: 0 };
  const head = "e0010000 80020000 20000000 80fdffff 00000000";
  assertWire(AgentMonitorsConfig, `01000000 01000000 ${head}`, { flags: 1, monitors: [monitor], physicalSizes: null });
  assertWire(AgentMonitorsConfig, `01000000 03000000 ${head} 2c01 9001`, {
    flags: 1,
    monitors: [monitor],
    physicalSizes: [{ height: 300, width: 400 }],
  });
});

Deno.test("MONITORS_CONFIG with more monitors than bytes is refused", () => {
  assert.throws(() => decode(AgentMonitorsConfig.wire, hex("ffffffff 00000000 00000000")), (error) => {
    return error instanceof ProtocolError && error.code === "bad-count";
  });
});

Deno.test("clipboard messages begin with the selection when both sides have the capability", () => {
  const reserved = new Uint8Array(3);
  assertWire(AgentClipboard, "01 000000 01000000 6869", { selection: 1, reserved, type: 1, data: ascii("hi") });
  assertWire(AgentClipboardPlain, "01000000 6869", { type: 1, data: ascii("hi") });
  assertWire(AgentClipboardRequest, "00 000000 02000000", {
    selection: 0,
    reserved,
    type: ClipboardType.IMAGE_PNG,
  });
  assertWire(AgentClipboardRequestPlain, "02000000", { type: ClipboardType.IMAGE_PNG });
  assertWire(AgentClipboardRelease, "02 000000", { selection: 2, reserved });
});

Deno.test("CLIPBOARD_GRAB has one layout for each pair of capabilities", () => {
  const reserved = new Uint8Array(3);
  assertWire(AgentClipboardGrab, "00000000 07000000 01000000 02000000", {
    selection: 0,
    reserved,
    serial: 7,
    types: [1, 2],
  });
  assertWire(AgentClipboardGrabNoSerial, "00000000 01000000", { selection: 0, reserved, types: [1] });
  assertWire(AgentClipboardGrabNoSelection, "07000000 01000000", { serial: 7, types: [1] });
  assertWire(AgentClipboardGrabPlain, "01000000 02000000", { types: [1, 2] });
  const grab = (caps: readonly number[]) => agentMessageBody(AgentMessageType.CLIPBOARD_GRAB, caps);
  assert.equal(grab(BOTH), AgentClipboardGrab);
  assert.equal(grab(SELECTION), AgentClipboardGrabNoSerial);
  assert.equal(grab(SERIAL), AgentClipboardGrabNoSelection);
  assert.equal(grab([]), AgentClipboardGrabPlain);
});

Deno.test("agentMessageBody() finds a layout of the right type for all 16 types, and none for others", () => {
  for (const caps of [[], SELECTION, SERIAL, BOTH]) {
    for (let type = 1; type <= 16; type++) assert.equal(agentMessageBody(type, caps)?.id, type);
    assert.equal(agentMessageBody(0, caps), undefined);
    assert.equal(agentMessageBody(17, caps), undefined);
  }
});

Deno.test("every layout is reached by some capabilities", () => {
  const reached = new Set(
    [[], SELECTION, SERIAL, BOTH].flatMap((caps) => {
      return Object.values(AgentMessageType).map((type) => agentMessageBody(type, caps)?.name);
    }),
  );
  assert.deepEqual([...reached].sort(), agentMessages.map(({ name }) => name).sort());
});

Deno.test("decodeAgentBody() names the layout and refuses unknown types", () => {
  const body = decodeAgentBody({ type: AgentMessageType.CLIPBOARD, data: hex("00000000 01000000 6869") }, SELECTION);
  assert.equal(body.name === "VD_AGENT_CLIPBOARD" && body.value.type, ClipboardType.UTF8_TEXT);
  assert.throws(() => decodeAgentBody({ type: 99, data: new Uint8Array() }, []), (error) => {
    return error instanceof ProtocolError && error.code === "unknown-message" && error.by === "remote";
  });
});

Deno.test("FILE_XFER_DATA keeps its 64-bit size", () => {
  assertWire(AgentFileXferData, "03000000 0200000000000000 6869", { id: 3, size: 2n, data: ascii("hi") });
});

Deno.test("fileXferDetail() reads what the result has, and null when the sender gave nothing", () => {
  const status = (text: string) => decode(AgentFileXferStatus.wire, hex(text));
  const full = status("01000000 04000000 0010000000000000");
  assert.equal(full.result, FileXferResult.NOT_ENOUGH_SPACE);
  assert.deepEqual(fileXferDetail(full), { is: "NOT_ENOUGH_SPACE", value: { diskFreeSpace: 4096n } });
  assert.deepEqual(fileXferDetail(status("01000000 02000000 00 0e000000")), {
    is: "ERROR",
    value: { errorType: 0, errorCode: 14 },
  });
  assert.equal(fileXferDetail(status("01000000 02000000")), null);
  assert.equal(fileXferDetail(status("01000000 04000000 00100000")), null);
  assert.equal(fileXferDetail(status("01000000 03000000 0010000000000000")), null);
});

Deno.test("MAX_CLIPBOARD may be -1, AUDIO_VOLUME_SYNC has a volume for each channel", () => {
  assertWire(AgentMaxClipboard, "ffffffff", { max: -1 });
  assertWire(AgentAudioVolumeSync, "01 00 02 ffff 0080", { isPlayback: 1, mute: 0, volume: [65535, 32768] });
});

Deno.test("GRAPHICS_DEVICE_INFO holds addresses of any length", () => {
  assertWire(AgentGraphicsDeviceInfo, "01000000 02000000 00000000 01000000 04000000 70636900", {
    displayInfo: [{ channelId: 2, monitorId: 0, deviceDisplayId: 1, deviceAddress: ascii("pci\0") }],
  });
});
