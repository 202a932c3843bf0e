import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Disconnecting, Notify, Ping, SetAck, WaitForChannels } from "../../protocol/messages/base.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { DisplayMark, DisplaySurfaceCreate, DisplaySurfaceDestroy } from "../../protocol/messages/display.ts";
import { LinkErr, NotifySeverity, NotifyVisibility } from "../../protocol/messages/enums.ts";
import { InputsInit, InputsKeyModifiers } from "../../protocol/messages/inputs.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message } from "../../protocol/schema/message.ts";
import { listOf, Script, type ScriptOptions } from "./testing/scripted_server.ts";

const DISPLAY = channels.display.type, INPUTS = channels.inputs.type, PLAYBACK = channels.playback.type;

/** A session with a display and an inputs channel. */
function ready(options: ScriptOptions = {}) {
  const script = new Script(options).begin([{ type: DISPLAY, id: 0 }, { type: INPUTS, id: 0 }]);
  const display = script.channel(DISPLAY), inputs = script.channel(INPUTS);
  display.takeNames();
  script.events.length = 0;
  return { script, display, inputs, modifiers: () => script.core.inputs!.modifiers };
}

const part = <T>({ id, wire }: Message<string, T>, value: T) => ({ id, body: encodeBytes(wire, value) });
const waitFor = (type: number, messageSerial: bigint, id = 0) => ({
  waitList: [{ channelType: type, channelId: id, messageSerial }],
});

Deno.test("PING is answered with its id and timestamp", () => {
  const { display } = ready();
  display.say(Ping, { id: 7, timestamp: 0xffff_ffff_ffff_fff1n, data: new Uint8Array(250_000) });
  assert.deepEqual(display.said, [{ name: "PONG", value: { id: 7, timestamp: 0xffff_ffff_ffff_fff1n } }]);
});

Deno.test("SET_ACK is answered with ACK_SYNC, and every window of messages with one ACK", () => {
  const { display } = ready();
  display.say(SetAck, { generation: 5, window: 3 });
  assert.deepEqual(display.said.splice(0), [{ name: "ACK_SYNC", value: { generation: 5 } }]);
  const acks = Array.from({ length: 10 }, () => {
    display.say(DisplayMark, {});
    return display.takeNames().length;
  });
  assert.deepEqual(acks, [0, 0, 1, 0, 0, 1, 0, 0, 1, 0]);
  // A new window counts anew: the message that sets it is the last of the old one.
  display.say(SetAck, { generation: 6, window: 2 });
  assert.deepEqual(display.takeNames(), ["ACK_SYNC"]);
  display.say(DisplayMark, {});
  display.say(DisplayMark, {});
  assert.deepEqual(display.takeNames(), ["ACK"]);
});

Deno.test("A LIST counts as one message of the ACK window, and its messages are handled in order", () => {
  const { script, display } = ready();
  display.say(SetAck, { generation: 1, window: 2 });
  display.takeNames();
  const pings = [1, 2, 3].map((id) => part(Ping, { id, timestamp: 0n, data: new Uint8Array(0) }));
  display.sayList(...pings);
  assert.deepEqual(display.said.splice(0).map(({ value }) => value), [1, 2, 3].map((id) => ({ id, timestamp: 0n })));
  display.sayList(part(DisplayMark, {}), part(DisplayMark, {}));
  assert.deepEqual(display.takeNames(), ["ACK"]);
  assert.equal(script.eventsOf("mark").length, 2);
});

Deno.test("The sub-messages of a full header come before its own message", () => {
  const { script, display } = ready({ session: { miniHeader: false } });
  const create = { surfaceId: 4, width: 1, height: 1, format: 32, flags: 0 };
  const own = encodeBytes(DisplaySurfaceDestroy.wire, { surfaceId: 4 });
  // The list's offsets count from the start of the body.
  const list = listOf([part(DisplaySurfaceCreate, create)]), view = new DataView(list.buffer);
  view.setUint32(2, view.getUint32(2, true) + own.length, true);
  display.sayBody(DisplaySurfaceDestroy.id, [own, list], own.length);
  assert.equal(script.core.closed, false, "destroyed after it was created");
  assert.equal(script.core.displays.get(0)!.surface(4), undefined);
});

Deno.test("WAIT_FOR_CHANNELS holds a channel back until the other has handled that serial", () => {
  for (const step of [1, 1000]) {
    const { script, display, inputs, modifiers } = ready({ step });
    inputs.say(WaitForChannels, waitFor(DISPLAY, 2n));
    inputs.say(InputsInit, { keyboardModifiers: 5 });
    assert.equal(modifiers(), 0);
    display.say(DisplayMark, {});
    assert.equal(modifiers(), 0);
    display.say(DisplayMark, {});
    assert.equal(modifiers(), 5);
    assert.deepEqual(script.events.map(({ type }) => type), ["mark", "mark", "modifiers"]);
  }
});

Deno.test("WAIT_FOR_CHANNELS does not hold back for what has been handled, or for a channel that is not there", () => {
  const { display, inputs, modifiers } = ready();
  display.say(DisplayMark, {});
  inputs.say(WaitForChannels, {
    waitList: [...waitFor(DISPLAY, 1n).waitList, ...waitFor(DISPLAY, 99n, 7).waitList],
  });
  inputs.say(InputsInit, { keyboardModifiers: 2 });
  assert.equal(modifiers(), 2);
});

Deno.test("WAIT_FOR_CHANNELS inside a LIST holds back the rest of the list and its ACK", () => {
  const { display, inputs, modifiers } = ready();
  inputs.say(SetAck, { generation: 1, window: 1 });
  inputs.takeNames();
  inputs.sayList(
    part(InputsInit, { keyboardModifiers: 1 }),
    part(WaitForChannels, waitFor(DISPLAY, 1n)),
    part(InputsKeyModifiers, { modifiers: 2 }),
  );
  assert.deepEqual([modifiers(), inputs.takeNames()], [1, []]);
  display.say(DisplayMark, {});
  assert.deepEqual([modifiers(), inputs.takeNames()], [2, ["ACK"]]);
});

Deno.test("Channels that wait for each other in turn go on as each condition is met", () => {
  const { script, display, inputs } = ready();
  display.say(WaitForChannels, waitFor(INPUTS, 1n));
  display.say(DisplayMark, {});
  display.say(WaitForChannels, waitFor(INPUTS, 3n));
  display.say(DisplayMark, {});
  assert.deepEqual(script.events, []);
  inputs.say(InputsInit, { keyboardModifiers: 1 });
  inputs.say(WaitForChannels, waitFor(DISPLAY, 2n));
  inputs.say(InputsKeyModifiers, { modifiers: 2 });
  assert.deepEqual(script.events.map(({ type }) => type), ["modifiers", "mark", "modifiers", "mark"]);
});

Deno.test("A message that waits is not handled yet, so that none goes on that waits for it", () => {
  const { display, inputs, modifiers } = ready();
  display.say(WaitForChannels, waitFor(INPUTS, 3n));
  inputs.say(WaitForChannels, waitFor(DISPLAY, 1n));
  inputs.say(InputsInit, { keyboardModifiers: 1 });
  assert.equal(modifiers(), 0);
});

Deno.test("A channel goes on when the one that it waits for ends", () => {
  const { display, inputs, modifiers } = ready();
  inputs.say(WaitForChannels, waitFor(DISPLAY, 9n));
  inputs.say(InputsInit, { keyboardModifiers: 7 });
  display.end();
  assert.equal(modifiers(), 7);
});

Deno.test("An error that comes to light because another channel ended is told once, as the end", () => {
  const { script, display, inputs } = ready();
  inputs.say(WaitForChannels, waitFor(DISPLAY, 9n));
  inputs.sayBody(InputsInit.id, [Uint8Array.of(1)]);
  assert.equal(script.core.closed, false);
  display.end();
  assert.deepEqual([script.failure.code, script.failure.wireName], ["truncated", "INPUTS_INIT"]);
  assert.equal(script.eventsOf("channel-closed").length, 1);
});

Deno.test("A channel that waits holds back no more than the limit, empty messages counted too", () => {
  const limits = { ...DEFAULT_LIMITS, waitingBytes: 10_000 };
  for (const size of [0, 900]) {
    for (const step of [1, 100_000]) {
      const { script, inputs } = ready({ session: { limits }, step });
      inputs.say(WaitForChannels, waitFor(DISPLAY, 1n));
      let said = 0;
      for (; !script.core.closed && said < 1000; said++) inputs.sayBody(4000, [new Uint8Array(size)]);
      assert.deepEqual([script.failure.code, script.failure.wireName], ["too-large", "WAIT_FOR_CHANNELS"]);
      assert.ok(said > 5 && said < 60, `${said} messages of ${size} bytes`);
    }
  }
});

Deno.test("A channel that does not wait may send more than the limit of waiting bytes at once", () => {
  const limits = { ...DEFAULT_LIMITS, waitingBytes: 1000 };
  const { script, display } = ready({ session: { limits } });
  display.say(Ping, { id: 1, timestamp: 0n, data: new Uint8Array(100_000) });
  assert.deepEqual([display.takeNames(), script.core.closed], [["PONG"], false]);
});

Deno.test("NOTIFY and DISCONNECTING become events of their channel", () => {
  const { script, inputs } = ready();
  const bytes = new TextEncoder().encode("keyboard\u{1f3b9}");
  const { WARN } = NotifySeverity, { HIGH } = NotifyVisibility;
  for (const terminator of [new Uint8Array(1), new Uint8Array(0)]) {
    inputs.say(Notify, { timeStamp: 1n, severity: WARN, visibility: HIGH, what: 3, message: bytes, terminator });
  }
  inputs.say(Disconnecting, { timeStamp: 1n, reason: LinkErr.PERMISSION_DENIED });
  const channel = { type: INPUTS, id: 0 };
  const notify = { type: "notify", channel, severity: WARN, what: 3, text: "keyboard\u{1f3b9}" };
  assert.deepEqual(script.events, [
    notify,
    notify,
    { type: "disconnecting", channel, reason: LinkErr.PERMISSION_DENIED },
  ]);
});

Deno.test("Messages that a channel does not have, and migration, are told as unsupported and do no harm", () => {
  const { script, display } = ready();
  display.sayBody(4711, [new Uint8Array(5)]);
  display.sayBody(1, [new Uint8Array(4)]);
  display.sayBody(2, [new Uint8Array(4)]);
  display.say(Ping, { id: 1, timestamp: 0n, data: new Uint8Array(0) });
  assert.deepEqual(script.unsupported, [
    "Cannot handle message 4711: the display channel has no message 4711",
    "Cannot handle MIGRATE: migration is not supported",
    "Cannot handle MIGRATE_DATA: migration is not supported",
  ]);
  assert.deepEqual([display.takeNames(), script.core.closed], [["PONG"], false]);
});

Deno.test("A channel whose messages nobody acts on is kept alive, and each message is told", () => {
  const script = new Script().begin([{ type: PLAYBACK, id: 0 }]);
  const playback = script.channel(PLAYBACK);
  playback.say(Ping, { id: 3, timestamp: 0n, data: new Uint8Array(0) });
  playback.sayBody(104, []);
  assert.deepEqual(playback.takeNames(), ["PONG"]);
  assert.deepEqual(script.unsupported, ["Cannot handle PLAYBACK_STOP: the playback channel is not supported"]);
});

Deno.test("Messages that break rules end the session with message, field and offset", () => {
  const { script, display } = ready();
  display.sayBody(DisplaySurfaceCreate.id, [new Uint8Array(10)]);
  const { code, wireName, path, offset } = script.failure;
  assert.deepEqual([code, wireName, path, offset], ["truncated", "DISPLAY_SURFACE_CREATE", "height", 8]);
});

Deno.test("A message over the limit ends the session as soon as its header is there", () => {
  const limits = { ...DEFAULT_LIMITS, messageBytes: 1000 };
  const { script, display } = ready({ session: { limits } });
  display.sayBytes(Uint8Array.of(102, 0, 0xe9, 3, 0, 0));
  assert.deepEqual([script.failure.code, script.failure.path], ["too-large", "header.size"]);
});

Deno.test("65,535 sub-messages of one LIST take little time", () => {
  const { script, display } = ready();
  const count = 65_535, body = new Uint8Array(2 + 4 * count + 6), view = new DataView(body.buffer);
  view.setUint16(0, count, true);
  for (let i = 0; i < count; i++) view.setUint32(2 + 4 * i, 2 + 4 * count, true);
  view.setUint16(2 + 4 * count, DisplayMark.id, true);
  const start = performance.now();
  display.sayBody(8, [body]);
  assert.equal(script.eventsOf("mark").length, count);
  assert.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
});
