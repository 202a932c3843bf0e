import assert from "node:assert/strict";
import { channels } from "../../protocol/messages/channels.ts";
import { MouseButton, MouseButtonMask } from "../../protocol/messages/enums.ts";
import { InputsInit, InputsKeyModifiers, InputsMouseMotionAck } from "../../protocol/messages/inputs.ts";
import type { InputsChannel } from "./inputs_channel.ts";
import { ledNames } from "./inputs_channel.ts";
import { Script } from "./testing/scripted_server.ts";

const INPUTS = channels.inputs.type;

/** A session with an inputs channel: what it is told to do, and what its server hears. */
function begin() {
  const script = new Script().begin([{ type: INPUTS, id: 0 }]);
  const server = script.channel(INPUTS);
  return {
    script,
    inputs: script.core.inputs!,
    /** @returns What the server heard since. */
    after: (act: (inputs: InputsChannel) => void) => {
      act(script.core.inputs!);
      script.settle();
      return server.said.splice(0).map(({ name, value }) => [name.replace("INPUTS_", ""), value]);
    },
    ack: () => server.say(InputsMouseMotionAck, {}),
  };
}

Deno.test("Keys go out as make and break codes, and the held ones are known", () => {
  const { inputs, after } = begin();
  assert.deepEqual(after(() => inputs.key({ down: true, scancode: 0x1e })), [["KEY_DOWN", { code: 0x1e }]]);
  assert.deepEqual(after(() => inputs.key({ down: true, scancode: 0xe048 })), [["KEY_DOWN", { code: 0x48e0 }]]);
  assert.deepEqual([...inputs.heldKeys], [0x1e, 0xe048]);
  assert.deepEqual(after(() => inputs.key({ down: false, scancode: 0xe048 })), [["KEY_UP", { code: 0xc8e0 }]]);
  assert.deepEqual(after(() => inputs.key({ down: false, scancode: 0x1e })), [["KEY_UP", { code: 0x9e }]]);
  assert.equal(inputs.heldKeys.size, 0);
});

Deno.test("The guest's LEDs are known, and can be asked for", () => {
  const { script, inputs, after } = begin();
  script.channel(INPUTS).say(InputsInit, { keyboardModifiers: 2 });
  assert.equal(inputs.modifiers, 2);
  script.channel(INPUTS).say(InputsKeyModifiers, { modifiers: 5 });
  assert.equal(inputs.modifiers, 5);
  assert.deepEqual(script.eventsOf("modifiers").map(({ modifiers }) => modifiers), [2, 5]);
  assert.deepEqual(after(() => inputs.setModifiers(3)), [["KEY_MODIFIERS", { modifiers: 3 }]]);
  assert.deepEqual(ledNames(5), ["SCROLL_LOCK", "CAPS_LOCK"]);
});

Deno.test("Buttons and the wheel go out with the state of all buttons", () => {
  const { inputs, after } = begin();
  const { LEFT, UP } = MouseButton, mask = MouseButtonMask;
  assert.deepEqual(after(() => inputs.press("LEFT")), [["MOUSE_PRESS", { button: LEFT, buttonsState: mask.LEFT }]]);
  assert.deepEqual(after(() => inputs.press("UP")), [
    ["MOUSE_PRESS", { button: UP, buttonsState: mask.LEFT | mask.UP }],
  ]);
  assert.deepEqual(after(() => inputs.release("UP")), [
    ["MOUSE_RELEASE", { button: UP, buttonsState: mask.LEFT }],
  ]);
  assert.deepEqual(after(() => inputs.moveTo(1, 2, 0)), [
    ["MOUSE_POSITION", { x: 1, y: 2, buttonsState: mask.LEFT, displayId: 0 }],
  ]);
  assert.deepEqual(after(() => inputs.release("LEFT")), [["MOUSE_RELEASE", { button: LEFT, buttonsState: 0 }]]);
});

Deno.test("Eight positions are in flight at most; then the newest waits for an ACK of four", () => {
  const { script, inputs, after, ack } = begin();
  const sent = after(() => {
    for (let x = 1; x <= 20; x++) inputs.moveTo(x, x, 0);
  });
  assert.equal(sent.length, 8);
  assert.equal(inputs.motionInFlight, 8);
  assert.deepEqual(after(ack), [["MOUSE_POSITION", { x: 20, y: 20, buttonsState: 0, displayId: 0 }]]);
  assert.equal(inputs.motionInFlight, 5);
  assert.deepEqual(after(ack), []);
  assert.equal(inputs.motionInFlight, 1);
  assert.equal(script.eventsOf("motion-ack").length, 2);
  after(ack);
  assert.equal(inputs.motionInFlight, 0);
});

Deno.test("Steps that wait are added up, none is lost", () => {
  const { inputs, after, ack } = begin();
  let dx = 0, messages = 0;
  const take = (sent: unknown[][]) => {
    for (const [name, value] of sent as [string, { dx: number }][]) {
      assert.equal(name, "MOUSE_MOTION");
      dx += value.dx;
      messages++;
    }
  };
  take(after(() => {
    for (let i = 0; i < 100; i++) inputs.moveBy(1, -1);
  }));
  assert.deepEqual([dx, messages], [8, 8]);
  take(after(ack));
  assert.deepEqual([dx, messages], [100, 9]);
});

Deno.test("A button takes waiting motion with it, so that it is pressed at the right place", () => {
  const { inputs, after } = begin();
  after(() => {
    for (let x = 0; x < 9; x++) inputs.moveTo(x, 0, 2);
  });
  assert.deepEqual(after(() => inputs.press("RIGHT")).map(([name]) => name), ["MOUSE_POSITION", "MOUSE_PRESS"]);
});

Deno.test("fence() fills the bunch up, so that the server must acknowledge", () => {
  for (let moves = 0; moves < 8; moves++) {
    const { inputs, after } = begin();
    after(() => {
      for (let x = 0; x < moves; x++) inputs.moveTo(x, 0, 0);
    });
    const sent = after(() => inputs.fence());
    assert.deepEqual(sent.map(([name]) => name), Array.from({ length: 4 - moves % 4 }, () => "MOUSE_MOTION"));
    assert.equal(inputs.motionInFlight % 4, 0);
    assert.ok(sent.every(([, value]) => JSON.stringify(value) === '{"dx":0,"dy":0,"buttonsState":0}'));
  }
});

Deno.test("fence() waits while eight are in flight, and goes behind the motion that waits", () => {
  const { inputs, after, ack } = begin();
  after(() => {
    for (let x = 1; x <= 9; x++) inputs.moveTo(x, 0, 0);
  });
  assert.deepEqual(after(() => inputs.fence()), []);
  assert.deepEqual(after(() => inputs.fence()), []);
  const names = after(ack).map(([name]) => name);
  assert.deepEqual(names, ["MOUSE_POSITION", "MOUSE_MOTION", "MOUSE_MOTION", "MOUSE_MOTION"]);
  assert.equal(inputs.motionInFlight, 8);
  assert.deepEqual([...after(ack), ...after(ack)], []);
  assert.equal(inputs.motionInFlight, 0);
});

Deno.test("fence() of server mode fills the bunch up with places, which a server then ignores", () => {
  const { inputs, after } = begin();
  assert.deepEqual(inputs.pointed, null);
  after(() => inputs.moveTo(7, 8, 1));
  assert.deepEqual(inputs.pointed, { x: 7, y: 8, display: 1 });
  after(() => inputs.moveBy(3, 4));
  const place = ["MOUSE_POSITION", { x: 7, y: 8, buttonsState: 0, displayId: 1 }];
  assert.deepEqual(after(() => inputs.fence("server")), [place, place]);
});

Deno.test("mark() fills the room for what is not acknowledged, and ACKs make room again", () => {
  const { inputs, after, ack } = begin();
  for (let marks = 1; marks <= 8; marks++) {
    after(() => inputs.mark());
    assert.equal(inputs.isFull, marks === 8);
  }
  after(ack);
  assert.deepEqual([inputs.isFull, inputs.motionInFlight], [false, 4]);
});

Deno.test("An ACK that nobody waits for does no harm", () => {
  const { inputs, after, ack } = begin();
  assert.deepEqual(after(ack), []);
  assert.equal(inputs.motionInFlight, 0);
});
