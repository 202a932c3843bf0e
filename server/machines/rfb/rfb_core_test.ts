import assert from "node:assert/strict";
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";
import { RfbCore } from "./rfb_core.ts";
import { RFB_LIMITS, type RfbLimits } from "./rfb_limits.ts";
import type { RfbOutput } from "./rfb_output.ts";

// What servers say.
const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part));
const u16 = (value: number) => [value >> 8 & 255, value & 255];
const u32 = (value: number) => [value >>> 24, value >> 16 & 255, value >> 8 & 255, value & 255];
const init = (width: number, height: number, name: string) =>
  bytes(u16(width), u16(height), new Array(16).fill(0), u32(name.length), name);
const open38 = (width: number, height: number, name = "x") =>
  bytes("RFB 003.008\n", [1, 1], u32(0), [...init(width, height, name)]);
const update = (...rects: number[][]) => bytes([0, 0], u16(rects.length), rects.flat());
const rect = (x: number, y: number, width: number, height: number, encoding: number, rest: number[] = []) => [
  ...u16(x),
  ...u16(y),
  ...u16(width),
  ...u16(height),
  ...u32(encoding),
  ...rest,
];
const pixels = (count: number, first = 0) => Array.from({ length: count }, (_, i) => [first + i & 255, 2, 3, 9]).flat();
const screens = (
  ...ids: number[]
) => [ids.length, 0, 0, 0, ...ids.flatMap((id) => [...u32(id), ...new Array(12).fill(7)])];

const newCore = (limits: Partial<RfbLimits> = {}, hasPassword = false) =>
  new RfbCore({ hasPassword, limits: { ...RFB_LIMITS, ...limits } });

/** Feeds in pieces and keeps what comes out, pixels copied. */
function feed(core: RfbCore, stream: Uint8Array, piece = stream.length): RfbOutput[] {
  const outputs: RfbOutput[] = [];
  for (let at = 0; at < stream.length; at += piece) {
    core.receive(stream.slice(at, at + piece));
    outputs.push(...polled(core));
  }
  return outputs;
}

function polled(core: RfbCore): RfbOutput[] {
  const outputs: RfbOutput[] = [];
  for (let output = core.poll(); output !== undefined; output = core.poll()) {
    outputs.push(output.do === "pixels" ? { ...output, pixels: output.pixels.slice() } : output);
  }
  return outputs;
}

const sent = (outputs: readonly RfbOutput[]) =>
  outputs.flatMap((output) => output.do === "send" ? [[...output.bytes]] : []);
const told = (outputs: readonly RfbOutput[]) => outputs.filter((output) => output.do !== "send");
const errorOf = (outputs: readonly RfbOutput[]) => {
  const last = outputs.at(-1);
  return last?.do === "close" ? `${last.error.code} ${last.error.offset}` : null;
};

/** A core that is past the handshake. */
function opened(name = "x", width = 40, height = 30): RfbCore {
  const core = newCore();
  feed(core, open38(width, height, name));
  assert.ok(core.ready);
  return core;
}

Deno.test("RfbCore answers RFB 3.8, sets format and encodings, and asks for the whole picture", () => {
  const outputs = feed(newCore(), open38(640, 480, "a name"));
  assert.deepEqual(told(outputs), [
    { do: "ready", name: "a name", width: 640, height: 480 },
    { do: "pointer", absolute: true },
  ]);
  const [version, security, shared, format, encodings, request, ...more] = sent(outputs);
  assert.deepEqual(version, [...bytes("RFB 003.008\n")]);
  assert.deepEqual([security, shared], [[1], [1]]);
  assert.deepEqual(format, [0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
  assert.deepEqual(encodings!.slice(0, 8), [2, 0, 0, 10, 0, 0, 0, 1]);
  assert.deepEqual(request, [3, 0, 0, 0, 0, 0, 2, 128, 1, 224]);
  assert.deepEqual(more, []);
});

Deno.test("RfbCore speaks 3.3 and 3.7, and takes odd versions for them", () => {
  for (
    const [says, answer, rest] of [
      ["003.003", "003.003", [u32(1)]],
      ["003.005", "003.003", [u32(1)]],
      ["003.007", "003.007", [[1, 1]]],
      ["003.889", "003.008", [[1, 1], u32(0)]],
      ["005.000", "003.008", [[1, 1], u32(0)]],
    ] as const
  ) {
    const outputs = feed(newCore(), bytes(`RFB ${says}\n`, ...rest.map((part) => [...part]), [...init(8, 6, "n")]));
    assert.deepEqual(sent(outputs)[0], [...bytes(`RFB ${answer}\n`)]);
    assert.equal(told(outputs)[0]?.do, "ready", says);
  }
});

Deno.test("RfbCore asks for the answer to a challenge, and says what became of it", () => {
  const challenge = Array.from({ length: 16 }, (_, i) => i);
  const core = newCore({}, true);
  const outputs = feed(core, bytes("RFB 003.008\n", [2, 16, 2], challenge));
  assert.deepEqual(told(outputs), [{ do: "challenge", challenge: Uint8Array.from(challenge) }]);
  core.answer(new Uint8Array(16).fill(5));
  assert.deepEqual(sent(polled(core)), [new Array(16).fill(5)]);
  assert.equal(errorOf(feed(core, bytes(u32(1), u32(3), "bad"))), "password-wrong 42");

  assert.equal(errorOf(feed(newCore(), bytes("RFB 003.008\n", [1, 2]))), "password-needed 14");
  assert.equal(errorOf(feed(newCore(), bytes("RFB 003.008\n", [1, 19]))), "unsupported 14");
  assert.equal(errorOf(feed(newCore(), bytes("RFB 003.008\n", [0], u32(4), "full"))), "refused 21");
  assert.equal(errorOf(feed(newCore(), bytes("RFB 003.003\n", u32(0), u32(0)))), "refused 20");
  assert.equal(errorOf(feed(newCore(), bytes("SSH-2.0-Open"))), "bad-version 12");
});

/** Every kind of rectangle and message. */
const SESSION = bytes(
  [...open38(40, 30, "QEMU (guest)")],
  [...update(rect(3, 4, 5, 2, 0, pixels(10)), rect(0, 0, 4, 4, 1, [...u16(36), ...u16(26)]), rect(9, 9, 0, 5, 0))],
  [2],
  [3, 0, 0, 0],
  u32(5),
  "hello",
  [1, 0, 0, 0],
  u16(1),
  [1, 2, 3, 4, 5, 6],
  [...update(
    rect(1, 0, 40, 30, -257),
    rect(0, 0, 40, 30, -258),
    rect(0, 0, 0, 0, -261, [5]),
    rect(2, 1, 3, 2, -239, [...pixels(6), 0b10100000, 0b01000000]),
    rect(1, 1, 1, 2, -314, [...u32(0), 1, 2, 3, 128, 4, 5, 6, 255]),
    rect(0, 0, 0, 0, -239),
  )],
  [...update(rect(0, 0, 60, 20, -308, screens(9)), rect(0, 0, 60, 1, 0, pixels(60)))],
  [0, 0, 255, 255],
  rect(0, 0, 50, 50, -223),
  rect(0, 0, 0, 0, -224),
);

Deno.test("RfbCore reads every kind of rectangle and message, in any pieces", () => {
  const whole = feed(newCore(), SESSION);
  const cursors = whole.flatMap((output) => output.do === "cursor" ? [output.shape] : []);
  const words = (from: number, count: number) => Uint32Array.from({ length: count }, (_, i) => 0x09030200 | from + i);
  assert.deepEqual(told(whole).filter((output) => output.do !== "cursor"), [
    { do: "ready", name: "QEMU (guest)", width: 40, height: 30 },
    { do: "updating" },
    { do: "pixels", area: { left: 3, top: 4, right: 8, bottom: 6 }, pixels: words(0, 10) },
    { do: "copy", area: { left: 0, top: 0, right: 4, bottom: 4 }, from: { x: 36, y: 26 } },
    { do: "updated" },
    { do: "bell" },
    { do: "updating" },
    { do: "pointer", absolute: true },
    { do: "leds", modifiers: 5 },
    { do: "updated" },
    { do: "updating" },
    { do: "resizable", can: true },
    { do: "size", width: 60, height: 20 },
    { do: "pixels", area: { left: 0, top: 0, right: 60, bottom: 1 }, pixels: words(0, 60) },
    { do: "updated" },
    { do: "updating" },
    { do: "size", width: 50, height: 50 },
    { do: "updated" },
  ]);
  const [masked, alpha, hidden] = cursors;
  assert.deepEqual(masked, {
    width: 3,
    height: 2,
    hotX: 2,
    hotY: 1,
    pixels: Uint32Array.of(0xff030200, 0, 0xff030202, 0, 0xff030204, 0),
    invert: null,
  });
  assert.deepEqual(alpha?.pixels, Uint32Array.of(0x80030201, 0xff060504));
  assert.equal(hidden, null);
  // One request after each update: for changes, or for all after a new size.
  assert.deepEqual(sent(whole).slice(5).map(([type, incremental]) => [type, incremental]), [
    [3, 0],
    [3, 1],
    [3, 1],
    [3, 0],
    [3, 0],
  ]);
  for (let piece = 1; piece < 90; piece++) {
    assert.deepEqual(feed(newCore(), SESSION, piece), whole, `pieces of ${piece}`);
  }
});

Deno.test("RfbCore gives a large rectangle on in bands, whatever the pieces", () => {
  const width = 1000, height = 200, core = opened("x", width, height);
  const body = new Uint8Array(4 * width * height), words = new Uint32Array(body.buffer);
  for (let i = 0; i < words.length; i++) words[i] = i;
  core.receive(update(rect(0, 0, width, height, 0)));
  polled(core);
  const picture = new Uint32Array(width * height);
  let rows = 0, most = 0;
  for (const output of feed(core, body, 77_777)) {
    if (output.do !== "pixels") continue;
    assert.deepEqual([output.area.left, output.area.top, output.area.right], [0, rows, width]);
    rows = output.area.bottom;
    most = Math.max(most, output.pixels.length);
    picture.set(output.pixels, output.area.top * width);
  }
  assert.deepEqual([rows, most], [height, 65_000]);
  assert.deepEqual(picture, words);
});

Deno.test("RfbCore reads a cursor's bytes as QEMU orders them only from QEMU", () => {
  const cursor = update(rect(0, 0, 1, 1, -314, [...u32(0), 1, 2, 3, 4]));
  const shape = (core: RfbCore) =>
    feed(core, cursor).flatMap((one) => one.do === "cursor" ? [one.shape?.pixels[0]] : []);
  assert.deepEqual(shape(opened("QEMU")), [0x04030201]);
  assert.deepEqual(shape(opened("QEMUlator")), [0x04010203]);
});

Deno.test("RfbCore takes QEMU's cursor for hidden when it comes again with its hot spot at 0, 0", () => {
  const core = opened("QEMU");
  const shows = (x: number, y: number, blue: number) =>
    feed(core, update(rect(x, y, 1, 1, -314, [...u32(0), blue, 2, 3, 4])))
      .flatMap((one) => one.do === "cursor" ? [one.shape !== null] : []);
  assert.deepEqual(shows(1, 0, 7), [true]);
  assert.deepEqual(shows(0, 0, 7), [false]);
  assert.deepEqual(shows(1, 0, 7), [true]);
  assert.deepEqual(shows(0, 0, 8), [true]);
  assert.deepEqual(shows(0, 0, 8), [true]);
});

Deno.test("RfbCore sends keys by place once the server knows them, by symbol before", () => {
  const core = opened();
  const keys = (...all: [number, boolean][]) => {
    for (const [scancode, down] of all) core.key(scancode, down);
    return sent(polled(core));
  };
  const key = (keysym: number, down: number) => [4, down, 0, 0, ...u32(keysym)];
  assert.deepEqual(
    keys([0x2a, true], [0x1e, true], [0x2a, false], [0x1e, false], [0xe050, true], [0xe050, false], [0x7e, true]),
    // The letter comes up as what it went down as.
    [key(0xffe1, 1), key(0x41, 1), key(0xffe1, 0), key(0x41, 0), key(0xff54, 1), key(0xff54, 0)],
  );
  feed(core, update(rect(0, 0, 40, 30, -258)));
  assert.deepEqual(keys([0x1e, true], [0xe050, false]), [
    [255, 0, 0, 1, ...u32(0x61), ...u32(0x1e)],
    [255, 0, 0, 0, ...u32(0xff54), ...u32(0xd0)],
  ]);
});

Deno.test("RfbCore sends places within the picture, buttons, and steps only when the server takes them", () => {
  const core = opened("QEMU");
  core.position(7, 8);
  core.button("LEFT", true);
  core.button("LEFT", true);
  core.motion(5, 5);
  core.position(4000, -3);
  core.button("SIDE", true);
  core.button("EXTRA", true);
  core.position(NaN, 2.9);
  const at = (buttons: number, x: number, y: number) => [5, buttons, ...u16(x), ...u16(y)];
  assert.deepEqual(sent(polled(core)), [at(0, 7, 8), at(1, 7, 8), at(1, 39, 0), at(129, 39, 0), at(129, 0, 2)]);
  feed(core, update(rect(0, 0, 40, 30, -257)));
  core.position(1, 1);
  core.motion(-3, 100_000);
  core.button("SIDE", false);
  assert.deepEqual(sent(polled(core)), [at(129, 0x7ffc, 0xfffe), at(1, 0x7fff, 0x7fff)]);
});

Deno.test("RfbCore presses the lock keys that differ, once", () => {
  const core = opened();
  const wants = (modifiers: number) => {
    core.wantLeds(modifiers);
    return sent(polled(core)).map((message) => [message[1], message.at(-1)]);
  };
  assert.deepEqual(wants(KeyboardModifierFlags.CAPS_LOCK), []);
  feed(core, update(rect(0, 0, 0, 0, -261, [KeyboardModifierFlags.NUM_LOCK])));
  assert.deepEqual(wants(KeyboardModifierFlags.CAPS_LOCK), [[1, 0x7f], [0, 0x7f], [1, 0xe5], [0, 0xe5]]);
  assert.deepEqual(wants(KeyboardModifierFlags.CAPS_LOCK), []);
});

Deno.test("RfbCore asks for a size when it can, and tells the answer", () => {
  const core = opened();
  core.resize(10, 10);
  assert.deepEqual(sent(polled(core)), []);
  assert.deepEqual(told(feed(core, update(rect(0, 0, 40, 30, -308, screens(9))))), [
    { do: "updating" },
    { do: "resizable", can: true },
    { do: "updated" },
  ]);
  assert.ok(core.resizable);
  core.resize(320, 200);
  assert.deepEqual(sent(polled(core)), [
    [251, 0, ...u16(320), ...u16(200), 1, 0, ...u32(9), 0, 0, 0, 0, ...u16(320), ...u16(200), 7, 7, 7, 7],
  ]);
  const answer = (status: number) => told(feed(core, update(rect(1, status, 320, 200, -308, screens(9)))));
  assert.deepEqual(answer(3), [
    { do: "updating" },
    { do: "size-answer", accepted: false, detail: "invalid layout" },
    { do: "resizable", can: false },
    { do: "updated" },
  ]);
  assert.deepEqual(answer(4), [
    { do: "updating" },
    { do: "size-answer", accepted: true, detail: "passed on to the guest" },
    { do: "updated" },
  ]);
  assert.deepEqual(answer(0).slice(2), [{ do: "size", width: 320, height: 200 }, { do: "updated" }]);
});

Deno.test("RfbCore asks for nothing while nobody watches, and then once", () => {
  const core = opened();
  core.watch(false);
  const types = () => sent(feed(core, update())).map(([type]) => type);
  assert.deepEqual([types(), types()], [[], []]);
  core.watch(true);
  core.watch(true);
  assert.deepEqual(sent(polled(core)).map(([type, incremental]) => [type, incremental]), [[3, 1]]);
  assert.deepEqual(types(), [3]);
});

Deno.test("RfbCore refuses what it did not ask for and what is too large, with the byte", () => {
  const error = (part: Uint8Array, limits: Partial<RfbLimits> = {}) => {
    const core = newCore(limits);
    feed(core, open38(40, 30));
    return errorOf(feed(core, part));
  };
  const start = open38(40, 30).length;
  assert.equal(error(Uint8Array.of(77)), `unknown-message ${start + 1}`);
  assert.equal(error(update(rect(0, 0, 1, 1, 16))), `unknown-encoding ${start + 16}`);
  assert.equal(error(update(rect(1, 0, 40, 1, 0))), `bad-value ${start + 16}`);
  assert.equal(error(update(rect(0, 30, 1, 1, 0))), `bad-value ${start + 16}`);
  assert.equal(error(update(rect(0, 0, 4, 4, 1, [...u16(37), 0, 0]))), `bad-value ${start + 20}`);
  assert.equal(error(update(rect(0, 0, 65_535, 65_535, -239))), `too-large ${start + 16}`);
  assert.equal(error(update(rect(0, 0, 65_535, 10, -223))), `too-large ${start + 16}`);
  assert.equal(error(update(rect(0, 0, 1, 1, -314, u32(6)))), `unknown-encoding ${start + 20}`);
  assert.equal(errorOf(feed(newCore({ maxPixels: 99 }), open38(10, 10))), `too-large ${start - 1}`);
  const core = opened();
  core.ended();
  assert.equal(errorOf(polled(core)), `closed ${start}`);
});

Deno.test("RfbCore cuts a long name and passes over its rest", () => {
  const core = newCore({ maxTextBytes: 4 });
  const outputs = feed(core, bytes([...open38(40, 30, "abcdefgh")], [2]), 3);
  assert.deepEqual(told(outputs).map((one) => one.do === "ready" ? one.name : one.do), ["abcd", "pointer", "bell"]);
});

Deno.test("RfbCore survives changed bytes: it stays within the picture, or closes once with a typed error", () => {
  let seed = 1;
  const random = (below: number) => {
    seed = Math.imul(seed, 1_664_525) + 1_013_904_223 >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
  let closed = 0;
  for (let run = 0; run < 3000; run++) {
    const stream = SESSION.slice();
    for (let n = 1 + random(4); n > 0; n--) stream[random(stream.length)] = random(256);
    const core = newCore({ maxSide: 4096, maxPixels: 2 ** 20, maxCursorPixels: 4096 }, true);
    const outputs = feed(core, stream, 1 + random(stream.length));
    let width = 0, height = 0;
    for (const [i, output] of outputs.entries()) {
      if (output.do === "ready" || output.do === "size") ({ width, height } = output);
      if (output.do === "pixels" || output.do === "copy") {
        const { left, top, right, bottom } = output.area;
        assert.ok(left < right && top < bottom && right <= width && bottom <= height);
      }
      if (output.do === "close") {
        closed++;
        assert.equal(i, outputs.length - 1);
        assert.deepEqual(feed(core, stream), []);
      }
    }
  }
  assert.ok(closed > 300 && closed < 3000, `${closed} of 3000 closed`);
});
