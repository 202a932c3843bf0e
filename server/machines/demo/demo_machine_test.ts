import assert from "node:assert/strict";
import type { Vdi } from "../../core/vdi.ts";
import { type DemoClock, DemoMachine } from "./demo_machine.ts";

/** A clock that goes when told. */
class TestClock implements DemoClock {
  now = Date.UTC(2026, 0, 2, 9, 41, 7);
  timers: { at: number; call: () => void }[] = [];
  readonly nowMs = () => this.now;
  readonly after = (ms: number, call: () => void) => {
    const timer = { at: this.now + ms, call };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((one) => one !== timer));
  };

  pass(ms: number): void {
    for (const end = this.now + ms;;) {
      const next = this.timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) return void (this.now = end);
      this.timers = this.timers.filter((one) => one !== next);
      this.now = Math.max(this.now, next.at);
      next.call();
    }
  }
}

/** Writes down what is called. */
class TestVdi implements Vdi {
  readonly calls: string[] = [];
  readonly identity = (name: string | null, uuid: Uint8Array | null) => this.#note("identity", name, uuid?.length);
  readonly head = (head: number, size: unknown) => this.#note("head", head, size);
  readonly resizable = (head: number, can: boolean) => this.#note("resizable", head, can);
  readonly draw = (head: number) => this.#note("draw", head);
  readonly drawing = (head: number, going: boolean) => this.#note("drawing", head, going);
  readonly cursor = (head: number) => this.#note("cursor", head);
  readonly leds = (modifiers: number) => this.#note("leds", modifiers);
  readonly mouseModes = (modes: unknown) => this.#note("mouseModes", modes);

  take(): string[] {
    return this.calls.splice(0);
  }

  #note(...call: unknown[]): void {
    this.calls.push(JSON.stringify(call));
  }
}

async function start(options = {}) {
  const clock = new TestClock(), vdi = new TestVdi(), machine = new DemoMachine({ clock, ...options });
  await machine.start(vdi, () => assert.fail("it does not end by itself"));
  return { clock, vdi, machine };
}

Deno.test("DemoMachine has its heads once it has started", async () => {
  const { vdi, machine } = await start({ heads: 2, width: 640, height: 480, name: "Two" });
  const calls = vdi.take();
  assert.equal(calls[0], '["identity","Two",16]');
  assert.equal(calls[1], '["mouseModes",{"absolute":true,"relative":true}]');
  assert.deepEqual(calls.filter((call) => call.startsWith('["head"')), [
    '["head",0,{"width":640,"height":480}]',
    '["head",1,{"width":640,"height":480}]',
  ]);
  assert.ok(calls.includes('["draw",0]') && calls.includes('["draw",1]') && calls.includes('["leds",0]'));
  assert.ok(calls.includes('["cursor",0]') && calls.includes('["cursor",1]'));
  await machine.stop();
});

Deno.test("DemoMachine draws by itself only while someone watches", async () => {
  const { clock, vdi, machine } = await start();
  vdi.take();
  clock.pass(10_000);
  assert.deepEqual([vdi.take(), clock.timers.length], [[], 0]);
  machine.watched(1);
  assert.ok(vdi.take().length > 0, "the clock is put right");
  let frames = 0;
  for (let i = 0; i < 100; i++) {
    clock.pass(10);
    if (vdi.take().length > 0) frames++;
  }
  assert.ok(frames >= 14 && frames <= 17, `${frames} frames a second`);
  machine.watched(0);
  clock.pass(10_000);
  assert.deepEqual([vdi.take(), clock.timers.length], [[], 0]);
  await machine.stop();
});

Deno.test("DemoMachine answers input also while nobody watches, and is silent once stopped", async () => {
  const { clock, vdi, machine } = await start();
  vdi.take();
  machine.input({ kind: "key", scancode: 0x3a, down: true });
  assert.ok(vdi.take().includes('["leds",4]'));
  machine.watched(2);
  await machine.stop();
  vdi.take();
  machine.input({ kind: "key", scancode: 0x1e, down: true });
  machine.watched(1);
  clock.pass(5000);
  assert.deepEqual([vdi.take(), clock.timers.length], [[], 0]);
});

Deno.test("DemoMachine takes any input without throwing", async () => {
  const { machine } = await start({ width: 320, height: 200 });
  for (const value of [NaN, -1, 1e9, Infinity, 0.5]) {
    machine.input({ kind: "position", head: value, x: value, y: value });
    machine.input({ kind: "position", head: 0, x: value, y: value });
    machine.input({ kind: "motion", dx: value, dy: value });
    machine.input({ kind: "key", scancode: value, down: true });
    machine.input({ kind: "leds", modifiers: value });
    machine.input({ kind: "button", button: "LEFT", down: true });
    machine.input({ kind: "resize", head: 0, width: value === 1e9 ? 500 : value, height: 300 });
    machine.input({ kind: "resize", head: value, width: 500, height: 300 });
  }
  await machine.stop();
});

Deno.test("DemoMachine refuses numbers outside their ranges", () => {
  for (const options of [{ heads: 0 }, { heads: 5 }, { width: 100 }, { height: 1e6 }, { uuid: new Uint8Array(3) }]) {
    assert.throws(() => new DemoMachine(options), { name: "RangeError", message: /^Cannot make a demo machine: / });
  }
});
