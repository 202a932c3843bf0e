import assert from "node:assert/strict";
import type { Rect } from "../../../canvas/rect.ts";
import type { Drawable, MachineInput } from "../../core/vdi.ts";
import { Desktop, type DesktopOutput } from "./desktop.ts";
import { FACES } from "./faces.ts";
import { mix, Painter } from "./painter.ts";
import { TASKBAR_HEIGHT, taskbarButtons } from "./taskbar.ts";
import { THEME } from "./theme.ts";

const START = Date.UTC(2026, 0, 2, 9, 41, 7);
const SIZE = { width: 1024, height: 768 };

/** A viewer: it knows only what it was told. */
class Viewer {
  readonly heads: { width: number; height: number; pixels: Uint32Array }[] = [];
  outputs: DesktopOutput[] = [];
  constructor(readonly desktop: Desktop) {
    this.take();
  }

  /** Takes what there is and returns it. */
  take(): DesktopOutput[] {
    this.outputs = [];
    for (let output = this.desktop.poll(); output !== undefined; output = this.desktop.poll()) {
      this.outputs.push(output);
      if (output.kind === "head") {
        this.heads[output.head] = { ...output.size, pixels: new Uint32Array(output.size.width * output.size.height) };
      } else if (output.kind === "draw") draw(this.heads[output.head]!, output.drawable);
    }
    return this.outputs;
  }

  do(...inputs: MachineInput[]): Drawable[] {
    for (const input of inputs) this.desktop.input(input, START);
    return this.drawn();
  }

  tick(nowMs: number): Drawable[] {
    this.desktop.tick(nowMs);
    return this.drawn();
  }

  drawn(): Drawable[] {
    return this.take().flatMap((output) => output.kind === "draw" ? [output.drawable] : []);
  }

  window(title: string) {
    return this.desktop.windows.find((one) => one.title === title)!;
  }

  cursor(head = 0) {
    return this.outputs.findLast((output) => output.kind === "cursor" && output.head === head);
  }

  /** Its picture is the desktop's, and the desktop painted anew is no other. */
  assertRight(what: string): void {
    this.heads.forEach(({ pixels }, head) =>
      assertSame(pixels, this.desktop.pixels(head), `${what}: told, head ${head}`)
    );
    this.desktop.repaint();
    this.heads.forEach(({ pixels }, head) =>
      assertSame(pixels, this.desktop.pixels(head), `${what}: anew, head ${head}`)
    );
    this.take();
  }
}

function draw({ width, height, pixels }: Viewer["heads"][number], drawable: Drawable): void {
  const { left, top, right, bottom } = drawable.area;
  assert.ok(left >= 0 && top >= 0 && left < right && top < bottom && right <= width && bottom <= height);
  const before = drawable.kind === "copy" ? pixels.slice() : pixels;
  for (let y = top, i = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, i++) {
      const at = y * width + x;
      if (drawable.kind === "fill") pixels[at] = drawable.color;
      else if (drawable.kind === "pixels") pixels[at] = drawable.pixels[i]!;
      else pixels[at] = before[(drawable.from.y + y - top) * width + drawable.from.x + x - left]!;
    }
  }
}

function assertSame(a: Uint32Array, b: Uint32Array, what: string): void {
  const at = a.findIndex((pixel, i) => pixel !== b[i]);
  assert.equal(at, -1, `${what}: pixel ${at} differs`);
}

function open(heads = 1): Viewer {
  return new Viewer(new Desktop(Array.from({ length: heads }, () => SIZE), START));
}

function at(x: number, y: number, head = 0): MachineInput {
  return { kind: "position", head, x, y };
}

function left(down: boolean): MachineInput {
  return { kind: "button", button: "LEFT", down };
}

function press(...scancodes: number[]): MachineInput[] {
  return scancodes.flatMap((scancode) => [true, false].map((down) => ({ kind: "key", scancode, down }) as const));
}

function cut({ pixels, width }: Viewer["heads"][number], { left, top, right, bottom }: Rect): Uint32Array {
  const out: number[] = [];
  for (let y = top; y < bottom; y++) out.push(...pixels.subarray(y * width + left, y * width + right));
  return Uint32Array.from(out);
}

/** Whether a text stands anywhere in an area, in one colour on any ground that the letters are mixed with. */
function shows(viewer: Viewer, area: Rect, text: string, ink: number, paper: number, face = FACES.mono): boolean {
  const width = [...text].reduce((sum, sign) => sum + face.glyphs.get(sign)!.advance, 0), height = 11;
  const wanted = { width, height, pixels: new Uint32Array(width * height).fill(paper) };
  new Painter(wanted).text(0, 11, text, face, ink);
  const { pixels, width: stride } = viewer.heads[0]!;
  for (let y = area.top; y + height <= area.bottom; y++) {
    for (let x = area.left; x + width <= area.right; x++) {
      if (wanted.pixels.every((pixel, i) => pixels[(y + Math.floor(i / width)) * stride + x + i % width] === pixel)) {
        return true;
      }
    }
  }
  return false;
}

Deno.test("Desktop shows every head from the start", () => {
  const viewer = open(2);
  assert.deepEqual(viewer.heads.map(({ width, height }) => ({ width, height })), [SIZE, SIZE]);
  viewer.assertRight("start");
  assert.notDeepEqual(viewer.heads[0]!.pixels, viewer.heads[1]!.pixels);
});

Deno.test("Desktop draws nothing when nothing changes", () => {
  const viewer = open();
  assert.deepEqual(viewer.tick(START), []);
  viewer.do(at(500, 30));
  assert.deepEqual(viewer.do(at(500, 30)), []);
});

Deno.test("Desktop moves a window by a copy", () => {
  const viewer = open(), { frame } = viewer.window("Notes");
  viewer.do(at(frame.left + 60, frame.top + 12), left(true));
  const inside = { ...frame, top: frame.top + 12, bottom: frame.bottom - 12 };
  const before = cut(viewer.heads[0]!, inside);
  const drawn = viewer.do(at(frame.left + 100, frame.top + 82));
  const after = viewer.window("Notes").frame;
  assert.deepEqual([after.left - frame.left, after.top - frame.top], [40, 70]);
  assert.ok(drawn.some(({ kind }) => kind === "copy"), "a copy was drawn");
  const shifted = {
    left: inside.left + 40,
    right: inside.right + 40,
    top: inside.top + 70,
    bottom: inside.bottom + 70,
  };
  assertSame(cut(viewer.heads[0]!, shifted), before, "moved window");
  viewer.assertRight("dragged");
  viewer.do(left(false), at(400, 400));
  assert.deepEqual(viewer.window("Notes").frame, after);
});

Deno.test("Desktop keeps a dragged window in reach", () => {
  const viewer = open(2), { frame } = viewer.window("Notes");
  viewer.do(at(frame.left + 60, frame.top + 12), left(true), at(0, 767), at(1023, 0, 1), at(1023, 767, 1));
  const end = viewer.window("Notes").frame;
  assert.ok(end.left <= 2048 - 64 && end.top <= 768 - TASKBAR_HEIGHT - 32, JSON.stringify(end));
  viewer.assertRight("far away");
});

Deno.test("Desktop closes a window and opens it again from the bar", () => {
  const viewer = open(), { frame } = viewer.window("Notes");
  viewer.do(at(frame.right - 17, frame.top + 17), left(true), left(false));
  assert.equal(viewer.window("Notes").open, false);
  viewer.assertRight("closed");
  const button = taskbarButtons(SIZE.width, 5)[0]!;
  viewer.do(at(button.left + 5, SIZE.height - TASKBAR_HEIGHT + 10), left(true), left(false));
  assert.deepEqual(viewer.window("Notes"), { title: "Notes", frame, open: true });
  viewer.assertRight("opened");
});

Deno.test("Desktop types into the frontmost window", () => {
  const viewer = open(), { frame } = viewer.window("Notes");
  const has = (text: string) => shows(viewer, frame, text, THEME.ink, THEME.paper);
  assert.ok(!has("Spice #1"));
  viewer.do({ kind: "key", scancode: 0x2a, down: true }, ...press(0x1f), { kind: "key", scancode: 0x2a, down: false });
  viewer.do(...press(0x19, 0x17, 0x2e, 0x12, 0x39), { kind: "key", scancode: 0x36, down: true }, ...press(0x04));
  viewer.do({ kind: "key", scancode: 0x36, down: false }, ...press(0x02, 0x03));
  assert.ok(has("Spice #12"));
  viewer.do(...press(0x0e));
  assert.ok(has("Spice #1") && !has("Spice #12"));
  viewer.do(...press(0x1c, 0x10));
  assert.ok(!has("Spice #1q") && has("q"));
  viewer.assertRight("typed");
});

Deno.test("Desktop scrolls the log by a copy", () => {
  const viewer = open();
  let second = 1;
  for (; second < 14; second++) viewer.tick(START + second * 1000);
  const { frame } = viewer.window("Log");
  const drawn = viewer.tick(START + second * 1000);
  const copy = drawn.find(({ kind }) => kind === "copy");
  assert.ok(copy?.kind === "copy" && copy.from.y - copy.area.top === 17 && copy.from.x > frame.left);
  assert.ok(shows(viewer, frame, `up 0 min ${second} s`, THEME.nightInk, THEME.night));
  viewer.assertRight("scrolled");
  viewer.do(at(frame.left + 60, frame.top + 60), { kind: "button", button: "UP", down: true });
  assert.ok(shows(viewer, frame, "up 0 min 3 s", THEME.nightInk, THEME.night));
  viewer.assertRight("looked back");
});

Deno.test("Desktop shows the time of day", () => {
  const viewer = open(), { frame } = viewer.window("Clock"), face = FACES.bold;
  assert.ok(shows(viewer, frame, "09:41:07", THEME.ink, THEME.frameBack, face));
  viewer.tick(START + 60_000);
  assert.ok(shows(viewer, frame, "09:42:07", THEME.ink, THEME.frameBack, face));
  viewer.assertRight("a minute later");
});

Deno.test("Desktop puts the time on the bar right, also when input comes first", () => {
  const viewer = open(), bar = { left: 900, right: 1024, top: SIZE.height - TASKBAR_HEIGHT, bottom: SIZE.height };
  const before = cut(viewer.heads[0]!, bar);
  viewer.desktop.input({ kind: "leds", modifiers: 0 }, START + 60_000);
  viewer.take();
  assert.notDeepEqual(cut(viewer.heads[0]!, bar), before);
  viewer.assertRight("a minute later");
});

Deno.test("Desktop drags no longer when another button press takes over", () => {
  const viewer = open(), { frame } = viewer.window("Notes"), button = taskbarButtons(SIZE.width, 5)[4]!;
  viewer.do(at(frame.left + 60, frame.top + 12), left(true));
  viewer.do(at(button.left + 5, SIZE.height - 20), left(true));
  const there = viewer.window("Notes").frame;
  viewer.do(at(300, 300));
  assert.deepEqual(viewer.window("Notes").frame, there);
  viewer.assertRight("taken over");
});

Deno.test("Desktop shows on its page what came", () => {
  const viewer = open(), { frame } = viewer.window("Input"), area = { ...frame, top: frame.top + 34 };
  const has = (text: string, face = FACES.sans) => shows(viewer, area, text, THEME.ink, THEME.frameBack, face);
  viewer.do(at(123, 45));
  assert.ok(has("123, 45 on head 1"));
  viewer.do({ kind: "key", scancode: 0xe04b, down: true });
  assert.ok(has("Left (e04b)"));
  viewer.do({ kind: "button", button: "UP", down: true }, { kind: "button", button: "UP", down: false });
  assert.ok(has("up 1, down 0"));
  viewer.do({ kind: "motion", dx: -3, dy: 4 });
  assert.ok(has("-3, +4") && has("120, 49 on head 1"));
  assert.ok(!shows(viewer, area, "Middle", THEME.ink, THEME.accent, FACES.sans));
  viewer.do({ kind: "button", button: "MIDDLE", down: true });
  assert.ok(shows(viewer, area, "Middle", THEME.ink, THEME.accent, FACES.sans));
  viewer.do({ kind: "leds", modifiers: 2 });
  assert.ok(shows(viewer, area, "Num", THEME.ink, THEME.accent, FACES.sans));
  assert.ok(shows(viewer, area, "leds    2", THEME.accentInk, THEME.paper));
});

Deno.test("Desktop toggles LEDs once a press", () => {
  const viewer = open(), key = (scancode: number, down: boolean): MachineInput => ({ kind: "key", scancode, down });
  const leds = () => viewer.outputs.flatMap((output) => output.kind === "leds" ? [output.modifiers] : []);
  viewer.do(key(0x3a, true), key(0x3a, true), key(0x3a, false));
  assert.deepEqual(leds(), [4]);
  viewer.do(key(0x45, true), key(0x45, false), key(0x3a, true));
  assert.deepEqual(leds(), [6, 2]);
  viewer.do({ kind: "leds", modifiers: 0xff });
  assert.deepEqual(leds(), [7]);
});

Deno.test("Desktop gives the pointer a shape for what can be done", () => {
  const viewer = open(), { frame } = viewer.window("Notes"), shapes = new Set<unknown>();
  const places = [[frame.left + 50, frame.top + 9], [frame.left + 50, frame.top + 90], [
    frame.right - 17,
    frame.top + 17,
  ]];
  for (const [x, y] of [...places, [20, 400]] as [number, number][]) {
    viewer.do(at(x, y));
    const told = viewer.cursor();
    assert.ok(told?.kind === "cursor" && told.cursor.visible && told.cursor.shape !== null);
    shapes.add(told.cursor.shape);
  }
  assert.equal(shapes.size, 4);
  assert.ok(mix(0, 0xffffff, 128) === 0x808080);
});

Deno.test("Desktop moves its own pointer by steps, from head to head", () => {
  const viewer = open(2);
  viewer.do({ kind: "motion", dx: -5000, dy: -5000 }, { kind: "motion", dx: 1030, dy: 10 });
  const [first, second] = [viewer.cursor(0), viewer.cursor(1)];
  assert.ok(first?.kind === "cursor" && !first.cursor.visible);
  assert.ok(second?.kind === "cursor" && second.cursor.visible);
  assert.deepEqual(second.cursor.at, { x: 6, y: 10 });
});

Deno.test("Desktop gives a head the size that is wished for", () => {
  const viewer = open(2);
  viewer.do({ kind: "resize", head: 1, width: 640, height: 480 });
  assert.deepEqual([viewer.heads[1]!.width, viewer.heads[1]!.height], [640, 480]);
  viewer.assertRight("smaller");
  viewer.do({ kind: "resize", head: 0, width: 1300, height: 900 });
  viewer.assertRight("larger");
  viewer.do({ kind: "resize", head: 0, width: 9, height: 1e9 }, { kind: "resize", head: 7, width: 800, height: 600 });
  assert.deepEqual(viewer.desktop.sizes, [{ width: 320, height: 4096 }, { width: 640, height: 480 }]);
});

Deno.test("Desktop: what was drawn step by step equals all of it painted anew", () => {
  for (let seed = 1; seed <= 4; seed++) {
    let state = seed * 0x9e3779b9 >>> 0;
    const random = (below: number) => {
      state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x6d2b79f5 >>> 0;
      return (state >>> 8) % below;
    };
    const heads = 1 + seed % 2, small = Array.from({ length: heads }, () => ({ width: 560, height: 420 }));
    const viewer = new Viewer(new Desktop(small, START));
    let nowMs = START, last = "";
    for (let step = 0; step < 120; step++) {
      const head = random(heads), choice = random(16);
      const { frame } = viewer.desktop.windows[random(5)]!;
      const inputs: MachineInput[] = choice < 3 ? [at(random(560), random(420), head)] : choice < 6
        ? [
          at(frame.left % 560 + random(40), frame.top + random(30), Math.min(heads - 1, frame.left < 560 ? 0 : 1)),
          left(true),
        ]
        : choice < 8
        ? [left(true), at(random(560), random(420), head), at(random(560), random(420), head)]
        : choice < 9
        ? [left(false)]
        : choice < 10
        ? [at(50 + random(480), 420 - 20, head), left(true), left(false)]
        : choice < 11
        ? press([0x0e, 0x1c, 0x3a, 0xe04b, 0xe048, 0xe053, 0x45][random(7)]!, 0x10 + random(30))
        : choice < 12
        ? [{ kind: "motion", dx: random(200) - 100, dy: random(200) - 100 }]
        : choice < 13
        ? [{ kind: "button", button: random(2) ? "UP" : "DOWN", down: true }]
        : choice < 14
        ? [
          at(frame.right % 560 - 17, frame.top + 17, Math.min(heads - 1, frame.right < 560 ? 0 : 1)),
          left(true),
          left(false),
        ]
        : choice < 15 && random(6) === 0
        ? [{ kind: "resize", head, width: 400 + random(300), height: 300 + random(200) }]
        : [];
      nowMs += random(3) * 400;
      for (const input of inputs) viewer.desktop.input(input, nowMs);
      if (choice >= 13) viewer.desktop.tick(nowMs);
      viewer.take();
      last = `seed ${seed}, step ${step}: ${JSON.stringify(inputs)}`;
      viewer.heads.forEach(({ pixels }, i) => assertSame(pixels, viewer.desktop.pixels(i), `${last}: told, head ${i}`));
      if (step % 4 === 0) viewer.assertRight(last);
    }
    viewer.assertRight(last);
  }
});
