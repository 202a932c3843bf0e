import assert from "node:assert/strict";
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";
import { place, QemuInput, type QmpInput } from "./qemu_input.ts";

const HEADS = [
  { device: "vga0", output: 0, boundTablet: false },
  { device: "vga0", output: 1, boundTablet: true },
];

/** A QEMU that answers when told to. */
function fakeQemu() {
  const sent: QmpInput[] = [];
  let answer = Promise.withResolvers<unknown>();
  const input = new QemuInput(HEADS, (one) => {
    sent.push(one);
    return answer.promise;
  });
  input.setSize(0, { width: 1024, height: 768 });
  input.setSize(1, { width: 640, height: 480 });
  /** Answers, and lets what waits go out. */
  const next = async (error?: Error) => {
    const now = answer;
    answer = Promise.withResolvers<unknown>();
    if (error === undefined) now.resolve({});
    else now.reject(error);
    await new Promise((resolve) => setTimeout(resolve));
  };
  const take = async (): Promise<QmpInput[]> => {
    for (let before = -1; before !== sent.length;) {
      before = sent.length;
      await next();
    }
    return sent.splice(0);
  };
  return { input, sent, next, take };
}

const key = (data: number, down: boolean) => ({
  events: [{ type: "key", data: { down, key: { type: "number", data } } }],
});

Deno.test("keys go by number: extended ones with bit 7, pause by its own", async () => {
  const { input, take } = fakeQemu();
  for (const scancode of [0x1e, 0xe04b, 0xe046]) input.take({ kind: "key", scancode, down: true });
  input.take({ kind: "key", scancode: 0xe04b, down: false });
  input.take({ kind: "key", scancode: 0, down: true });
  assert.deepEqual(await take(), [key(0x1e, true), key(0xcb, true), key(0xc6, true), key(0xcb, false)]);
});

Deno.test("each button has its name", async () => {
  const { input, take } = fakeQemu();
  for (const button of ["LEFT", "MIDDLE", "RIGHT", "UP", "DOWN", "SIDE", "EXTRA"] as const) {
    input.take({ kind: "button", button, down: true });
  }
  const names = (await take()).map(({ events }) => events[0]?.type === "btn" ? events[0].data.button : null);
  assert.deepEqual(names, ["left", "middle", "right", "wheel-up", "wheel-down", "side", "extra"]);
});

Deno.test("a place is the middle of its pixel, which guests find however they round", () => {
  assert.equal(place(0, 1), 0x4000);
  for (const side of [1, 2, 3, 640, 1023, 1024, 1366, 1920, 2560, 4096]) {
    for (const at of [0, 1, side >> 1, side - 2, side - 1]) {
      if (at < 0 || at >= side) continue;
      const value = place(at, side);
      assert(value >= 0 && value <= 0x7fff);
      assert.equal(Math.floor(value * side / 0x8000), at, `${at} of ${side}`);
      assert.equal(Math.round(value * (side - 1) / 0x7fff), at, `${at} of ${side}, rounded`);
    }
  }
  assert.equal(place(-5, 100), place(0, 100));
  assert.equal(place(500, 100), place(99, 100));
});

Deno.test("places go to no device, but to the tablet of a head that has its own, and buttons follow", async () => {
  const { input, take } = fakeQemu();
  const press = { kind: "button", button: "LEFT", down: true } as const;
  input.take({ kind: "position", head: 0, x: 512, y: 384 });
  input.take(press);
  input.take({ kind: "position", head: 1, x: 0, y: 479 });
  input.take(press);
  input.take({ kind: "motion", dx: 1, dy: 2 });
  input.take(press);
  const all = await take(), btn = { type: "btn", data: { down: true, button: "left" } };
  const [x, y] = [{ type: "abs", data: { axis: "x", value: place(512, 1024) } }, {
    type: "abs",
    data: { axis: "y", value: place(384, 768) },
  }];
  assert.deepEqual(all[0], { events: [x, y] });
  assert.deepEqual(all[1], { events: [btn] });
  assert.equal(all[2]?.device, "vga0");
  assert.equal(all[2]?.head, 1);
  assert.deepEqual(all[3], { device: "vga0", head: 1, events: [btn] });
  assert.deepEqual(all[4], {
    events: [{ type: "rel", data: { axis: "x", value: 1 } }, { type: "rel", data: { axis: "y", value: 2 } }],
  });
  assert.deepEqual(all[5], { events: [btn] });
});

Deno.test("what waits is merged: the last place, the sum of steps; never across a button", async () => {
  const { input, sent, take } = fakeQemu();
  input.take({ kind: "key", scancode: 1, down: true });
  for (let i = 1; i <= 100; i++) input.take({ kind: "motion", dx: 1, dy: -2 });
  input.take({ kind: "button", button: "LEFT", down: true });
  for (let i = 1; i <= 100; i++) input.take({ kind: "position", head: 0, x: i, y: i });
  assert.equal(sent.length, 1);
  const all = (await take()).slice(1).map(({ events }) =>
    events.map(({ data }) => "value" in data ? data.value : "btn")
  );
  assert.deepEqual(all, [[100, -200], ["btn"], [place(100, 1024), place(100, 768)]]);
});

Deno.test("a head without a size, or that is not there, takes no place", async () => {
  const { input, take } = fakeQemu();
  input.setSize(0, null);
  input.take({ kind: "position", head: 0, x: 1, y: 1 });
  input.take({ kind: "position", head: 7, x: 1, y: 1 });
  assert.deepEqual(await take(), []);
});

Deno.test("a refusal of QEMU is passed over", async () => {
  const { input, sent, next } = fakeQemu();
  input.take({ kind: "key", scancode: 1, down: true });
  input.take({ kind: "key", scancode: 1, down: false });
  await next(new Error("no such device"));
  assert.deepEqual(sent, [key(1, true), key(1, false)]);
  await next();
});

Deno.test("a QEMU that takes nothing gets a bounded number of presses, and every release", async () => {
  const { input, take } = fakeQemu();
  for (let i = 0; i < 500; i++) {
    input.take({ kind: "key", scancode: 0x1e, down: true });
    input.take({ kind: "key", scancode: 0x1e, down: false });
  }
  const all = await take();
  assert(all.length < 700);
  assert.deepEqual(all.at(-1), key(0x1e, false));
});

Deno.test("lock keys are pressed where the machine's LEDs differ, once", async () => {
  const { CAPS_LOCK, NUM_LOCK } = KeyboardModifierFlags;
  const { input, take } = fakeQemu();
  input.take({ kind: "leds", modifiers: CAPS_LOCK });
  assert.deepEqual(await take(), [], "a machine that tells no LEDs is left alone");
  input.setLeds(NUM_LOCK);
  input.take({ kind: "leds", modifiers: CAPS_LOCK });
  input.take({ kind: "leds", modifiers: CAPS_LOCK });
  assert.deepEqual(await take(), [key(0x45, true), key(0x45, false), key(0x3a, true), key(0x3a, false)]);
});
