/**
 * The demo desktop: input and time in, drawables out. It does no I/O and reads no clock.
 *
 * Heads stand side by side, the first on the left; windows may reach over their borders. Everything is painted from the
 * state of the desktop: what changes is marked as damage and painted again at the end of each call.
 */
import { intersectRects, isEmptyRect, type Rect } from "../../../canvas/rect.ts";
import type { Drawable, MachineButton, MachineCursor, MachineInput } from "../../core/vdi.ts";
import type { Change } from "./app.ts";
import { ClockApp } from "./clock_app.ts";
import { type CursorName, CURSORS } from "./cursors.ts";
import { DesktopHead } from "./desktop_head.ts";
import { InputApp } from "./input_app.ts";
import { Keyboard } from "./keyboard.ts";
import { LogApp } from "./log_app.ts";
import { NotesApp } from "./notes_app.ts";
import type { Painter } from "./painter.ts";
import { PictureApp } from "./picture_app.ts";
import { contains, moved, overlaps, without } from "./rect_set.ts";
import { paintTaskbar, taskbarButtons } from "./taskbar.ts";
import { keyStroke } from "./us_keys.ts";
import { Window } from "./window.ts";

/** What the desktop tells who shows it. Take effect in order. */
export type DesktopOutput =
  /** A head appears or changes its size; it is then black. */
  | { readonly kind: "head"; readonly head: number; readonly size: { readonly width: number; readonly height: number } }
  | { readonly kind: "draw"; readonly head: number; readonly drawable: Drawable }
  | { readonly kind: "cursor"; readonly head: number; readonly cursor: MachineCursor }
  /** Flags of `KeyboardModifierFlags`. */
  | { readonly kind: "leds"; readonly modifiers: number };

/** How large a head may be, in pixels; a wish for another size gets the nearest. */
export const HEAD_LIMITS = { minWidth: 320, minHeight: 200, maxWidth: 4096, maxHeight: 4096 } as const;
/** How much of a window's title stays in reach. */
const REACH = 64;

/** The desktop. */
export class Desktop {
  readonly #heads: DesktopHead[];
  /** In the order of the bar. */
  readonly #windows: readonly Window[];
  /** From the back to the front. */
  #order: Window[];
  readonly #keyboard = new Keyboard();
  readonly #buttons = new Set<MachineButton>();
  readonly #pointer = { head: 0, x: 0, y: 0 };
  /** The pointer moves by steps: only the head that it is on shows it. */
  #relative = false;
  #drag: { readonly window: Window; readonly dx: number; readonly dy: number } | null = null;
  /** What was last told about the pointer, a head. */
  readonly #cursors: (MachineCursor & { readonly name: CursorName })[] = [];
  readonly #output: DesktopOutput[] = [];
  #nowMs: number;

  /**
   * @param sizes Pixels of each head, 1 to 4 of them; see {@link HEAD_LIMITS}.
   * @param nowMs Local time: milliseconds since 1970 as a clock on the wall shows them.
   */
  constructor(sizes: readonly { readonly width: number; readonly height: number }[], nowMs: number) {
    this.#nowMs = nowMs;
    this.#heads = sizes.map((size, number) => newHead(number, size.width, size.height));
    const second = Math.min(1, sizes.length - 1), third = Math.min(2, sizes.length - 1);
    this.#windows = [
      new Window(new NotesApp(), { head: 0, x: 0.07, y: 0.1 }),
      new Window(new LogApp(nowMs), { head: third, x: 0.03, y: 0.93 }),
      new Window(new PictureApp(nowMs), { head: second, x: 0.96, y: 0.94 }),
      new Window(new ClockApp(nowMs), { head: second, x: 0.55, y: 0.86 }),
      new Window(new InputApp(), { head: 0, x: 0.95, y: 0.1 }),
    ];
    const [notes, log, picture, clock, page] = this.#windows;
    this.#order = [log!, picture!, clock!, page!, notes!];
    this.#log("desktop started");
    for (const window of this.#windows) window.app.takeChanges();
    this.#layOut();
    const first = this.#heads[0]!;
    Object.assign(this.#pointer, { x: first.width >> 1, y: first.height >> 1 });
    for (const { number, width, height } of this.#heads) {
      this.#output.push({ kind: "head", head: number, size: { width, height } });
    }
    this.#output.push({ kind: "leds", modifiers: this.#keyboard.leds });
    this.#finish();
  }

  /** Sizes of the heads, in pixels. */
  get sizes(): readonly { readonly width: number; readonly height: number }[] {
    return this.#heads.map(({ width, height }) => ({ width, height }));
  }

  /** What a head shows: width × height pixels, 0x00RRGGBB. */
  pixels(head: number): Uint32Array {
    return this.#heads[head]!.pixels;
  }

  /** The windows in the order of the bar, with their frames on the desktop; for who looks on. */
  get windows(): readonly { readonly title: string; readonly frame: Rect; readonly open: boolean }[] {
    return this.#windows.map(({ app, frame, open }) => ({ title: app.title, frame, open }));
  }

  /** Takes input. What it has no use for is shown on the input page and dropped. */
  input(input: MachineInput, nowMs: number): void {
    this.#setTime(nowMs);
    const { leds } = this.#keyboard;
    switch (input.kind) {
      case "key":
        this.#keyboard.key(input.scancode, input.down);
        if (input.down) this.#type(input.scancode);
        break;
      case "position":
        this.#point(input.head, input.x, input.y);
        break;
      case "motion":
        this.#step(input.dx, input.dy);
        break;
      case "button":
        this.#button(input.button, input.down);
        break;
      case "leds":
        this.#keyboard.setLeds(input.modifiers);
        break;
      case "resize":
        this.#resize(input.head, input.width, input.height);
        break;
    }
    if (this.#keyboard.leds !== leds) this.#output.push({ kind: "leds", modifiers: this.#keyboard.leds });
    const seen = { input, keyboard: this.#keyboard, pointer: this.#pointer, buttons: this.#buttons };
    for (const { app } of this.#windows) app.see(seen);
    this.#finish();
  }

  /** Time passed: clocks go on, pictures move. */
  tick(nowMs: number): void {
    this.#setTime(nowMs);
    for (const window of this.#windows) if (window.open) window.app.tick(nowMs);
    this.#finish();
  }

  /** When to call {@link tick} next: local time in milliseconds. */
  get wakeAt(): number {
    const wakes = this.#windows.map(({ app, open }) => open ? app.wakeAt(this.#nowMs) : null);
    const minute = (Math.floor(this.#nowMs / 60_000) + 1) * 60_000;
    return wakes.reduce<number>((first, wake) => Math.min(first, wake ?? first), minute);
  }

  /** What is to be told next; undefined for nothing. */
  poll(): DesktopOutput | undefined {
    return this.#output.shift();
  }

  /** Marks everything as not painted, and paints it. */
  repaint(): void {
    for (const head of this.#heads) head.damage(head.area);
    this.#finish();
  }

  get #front(): Window | null {
    return this.#order.findLast(({ open }) => open) ?? null;
  }

  #paint(head: DesktopHead, painter: Painter): void {
    const front = this.#front, { taskbar } = head;
    painter.picture(head.x, 0, head.wallpaper);
    const work = painter.at(0, 0, head.workArea);
    for (const window of this.#order) if (window.open) window.paint(work, window === front);
    paintTaskbar(painter.at(taskbar.left, taskbar.top), head.width, this.#windows, front, this.#nowMs);
  }

  /** Applies what apps changed, paints, and tells about the pointer. */
  #finish(): void {
    for (const window of this.#windows) {
      for (const change of window.app.takeChanges()) if (window.open) this.#apply(window, change);
    }
    for (const head of this.#heads) {
      this.#draw(head, head.repaint((painter) => this.#paint(head, painter)));
    }
    this.#showCursor();
  }

  #draw(head: DesktopHead, drawables: readonly Drawable[]): void {
    for (const drawable of drawables) this.#output.push({ kind: "draw", head: head.number, drawable });
  }

  #apply(window: Window, change: Change): void {
    const area = window.placed(change.area), above = this.#above(window);
    if (change.kind === "scroll" && !above.some(({ outer }) => overlaps(outer, area))) {
      return this.#move(area, moved(area, 0, -change.rows), area);
    }
    const visible = above.reduce<Rect[]>((parts, { solid }) => without(parts, solid), [area]);
    for (const part of visible) for (const head of this.#heads) head.damage(intersectRects(part, head.workArea));
  }

  #above(window: Window): Window[] {
    return this.#order.slice(this.#order.indexOf(window) + 1).filter(({ open }) => open);
  }

  /**
   * Pixels of windows move.
   *
   * @param from Where they were; nothing covers them.
   * @param to Where they go, of the same size.
   * @param all What is right afterwards: what of it is not copied is damaged.
   */
  #move(from: Rect, to: Rect, all: Rect): void {
    const dx = to.left - from.left, dy = to.top - from.top;
    for (const head of this.#heads) {
      const source = intersectRects(from, head.workArea);
      const target = intersectRects(intersectRects(moved(source, dx, dy), head.workArea), all);
      const stale = isEmptyRect(target) ? [all] : without([all], target);
      if (!isEmptyRect(target)) {
        this.#draw(head, [head.copy(target, { x: target.left - dx, y: target.top - dy })]);
      }
      for (const part of stale) head.damage(intersectRects(part, head.workArea));
    }
  }

  #damage(area: Rect): void {
    for (const head of this.#heads) head.damage(area);
  }

  #damageBars(): void {
    for (const head of this.#heads) head.damage(head.taskbar);
  }

  #setTime(nowMs: number): void {
    const minute = Math.floor(this.#nowMs / 60_000);
    this.#nowMs = nowMs;
    if (Math.floor(nowMs / 60_000) !== minute) this.#damageBars();
  }

  #log(line: string): void {
    for (const { app } of this.#windows) app.log(line);
  }

  #type(scancode: number): void {
    const stroke = keyStroke(scancode, this.#keyboard);
    if (stroke !== null) this.#front?.app.stroke(stroke);
  }

  #point(number: number, x: number, y: number): void {
    const head = this.#heads[number];
    if (head === undefined || !Number.isFinite(x) || !Number.isFinite(y)) return;
    this.#relative = false;
    this.#pointer.head = number;
    this.#pointer.x = Math.max(0, Math.min(head.width - 1, Math.trunc(x)));
    this.#pointer.y = Math.max(0, Math.min(head.height - 1, Math.trunc(y)));
    this.#dragTo();
  }

  #step(dx: number, dy: number): void {
    if (!Number.isFinite(dx) || !Number.isFinite(dy)) return;
    const last = this.#heads.at(-1)!, before = this.#place();
    const x = Math.max(0, Math.min(last.x + last.width - 1, before.x + Math.trunc(dx)));
    const head = this.#heads.findLast((one) => one.x <= x)!;
    this.#relative = true;
    this.#pointer.head = head.number;
    this.#pointer.x = x - head.x;
    this.#pointer.y = Math.max(0, Math.min(head.height - 1, before.y + Math.trunc(dy)));
    this.#dragTo();
  }

  /** Where the pointer is on the desktop. */
  #place(): { x: number; y: number } {
    return { x: this.#heads[this.#pointer.head]!.x + this.#pointer.x, y: this.#pointer.y };
  }

  #button(button: MachineButton, down: boolean): void {
    if (button === "UP" || button === "DOWN") {
      const { x, y } = this.#place(), window = this.#windowAt(x, y);
      if (down && window?.partAt(x, y) === "content") window.app.wheel(button === "UP" ? -1 : 1);
      return;
    }
    if (down) this.#buttons.add(button);
    else this.#buttons.delete(button);
    if (button !== "LEFT") return;
    if (down) return this.#press();
    if (this.#drag !== null) this.#log(`${this.#drag.window.app.title.toLowerCase()} dropped`);
    this.#drag = null;
  }

  #press(): void {
    this.#drag = null; // Another viewer may press while one drags.
    const { x, y } = this.#place(), task = this.#taskAt(x, y);
    if (task !== null) return this.#show(task);
    const window = this.#windowAt(x, y);
    if (window === null) return;
    this.#raise(window);
    const part = window.partAt(x, y), at = window.inContent(x, y);
    if (part === "close") this.#close(window);
    else if (part === "title") this.#drag = { window, dx: x - window.x, dy: y - window.y };
    else if (part === "content") window.app.press(at.x, at.y);
  }

  /** The window at a place of the desktop; null on the wallpaper and the bars. */
  #windowAt(x: number, y: number): Window | null {
    const head = this.#heads[this.#pointer.head]!;
    if (y >= head.workArea.bottom) return null;
    return this.#order.findLast((window) => window.open && window.partAt(x, y) !== null) ?? null;
  }

  /** The window whose button on a bar is at a place of the desktop. */
  #taskAt(x: number, y: number): Window | null {
    const { taskbar, width } = this.#heads[this.#pointer.head]!,
      place = { left: x, top: y, right: x + 1, bottom: y + 1 };
    const buttons = taskbarButtons(width, this.#windows.length);
    const found = buttons.findIndex((button) => contains(moved(button, taskbar.left, taskbar.top), place));
    return this.#windows[found] ?? null;
  }

  #show(window: Window): void {
    if (!window.open) {
      this.#damage(this.#front?.outer ?? window.outer);
      window.open = true;
      window.app.tick(this.#nowMs);
      this.#log(`${window.app.title.toLowerCase()} opened`);
      this.#damage(window.outer);
      this.#damageBars();
    }
    this.#raise(window);
  }

  #close(window: Window): void {
    this.#log(`${window.app.title.toLowerCase()} closed`);
    this.#damage(window.outer);
    window.open = false;
    // The next one comes to the front: its title and its shadow say so.
    this.#damage(this.#front?.outer ?? window.outer);
    this.#damageBars();
  }

  #raise(window: Window): void {
    const before = this.#order.at(-1)!;
    this.#damageFront(window);
    this.#order = [...this.#order.filter((one) => one !== window), window];
    if (before !== window) this.#damage(window.outer);
  }

  /** A window is about to come to the front. */
  #damageFront(window: Window): void {
    const front = this.#front;
    if (front === null || front === window) return;
    this.#damage(front.outer);
    this.#damage(window.outer);
    this.#damageBars();
  }

  #dragTo(): void {
    if (this.#drag === null) return;
    const { window, dx, dy } = this.#drag, { x, y } = this.#place(), from = window.frame, before = window.outer;
    Object.assign(window, this.#inReach(window, x - dx, y - dy));
    if (window.x === from.left && window.y === from.top) return;
    window.dragged = true;
    // It is the frontmost, so its pixels can be moved; what it uncovers, its shadow and its corners are painted.
    this.#move(from, window.frame, window.frame);
    for (const part of [...without([before], window.frame), ...without([window.outer], window.frame)]) {
      this.#damage(part);
    }
    for (const corner of window.corners) this.#damage(corner);
  }

  /** The place nearest to a wish where a window's title can still be taken hold of. */
  #inReach(window: Window, x: number, y: number): { x: number; y: number } {
    const last = this.#heads.at(-1)!, right = last.x + last.width;
    const kept = Math.max(REACH - window.width, Math.min(right - REACH, x)), middle = kept + window.width / 2;
    const head = this.#heads.findLast((one) => one.x <= middle) ?? this.#heads[0]!;
    return { x: kept, y: Math.max(0, Math.min(head.workArea.bottom - REACH / 2, y)) };
  }

  /** Places heads side by side and windows on them, and has all painted. */
  #layOut(): void {
    let x = 0;
    for (const head of this.#heads) {
      head.x = x;
      x += head.width;
    }
    for (const window of this.#windows) {
      const { place } = window, work = this.#heads[place.head]!.workArea;
      const wanted = window.dragged ? window : {
        x: work.left + Math.max(0, Math.round((work.right - work.left - window.width) * place.x)),
        y: Math.max(0, Math.round((work.bottom - window.height) * place.y)),
      };
      Object.assign(window, this.#inReach(window, wanted.x, wanted.y));
    }
    for (const head of this.#heads) head.damage(head.area);
  }

  #resize(number: number, width: number, height: number): void {
    const before = this.#heads[number];
    if (before === undefined || !(width > 0 && height > 0)) return;
    const head = newHead(number, width, height);
    if (head.width === before.width && head.height === before.height) return;
    this.#heads[number] = head;
    this.#drag = null;
    this.#output.push({ kind: "head", head: number, size: { width: head.width, height: head.height } });
    this.#layOut();
    this.#log(`head ${number + 1} is ${head.width} × ${head.height}`);
    const under = this.#heads[this.#pointer.head]!;
    this.#pointer.x = Math.min(this.#pointer.x, under.width - 1);
    this.#pointer.y = Math.min(this.#pointer.y, under.height - 1);
  }

  #showCursor(): void {
    const { x, y } = this.#place(), window = this.#windowAt(x, y);
    const name = this.#drag !== null
      ? "move"
      : window !== null
      ? window.cursorAt(x, y)
      : this.#taskAt(x, y) !== null
      ? "hand"
      : "arrow";
    for (const { number } of this.#heads) {
      const here = number === this.#pointer.head, visible = here || !this.#relative;
      const at = here ? { x: this.#pointer.x, y: this.#pointer.y } : null, before = this.#cursors[number];
      // A pointer that viewers place themselves need not be told where it is.
      const still = !this.#relative || before?.at?.x === at?.x && before?.at?.y === at?.y;
      if (before?.name === name && before.visible === visible && still) continue;
      const cursor = { shape: CURSORS[name], visible, at };
      this.#cursors[number] = { ...cursor, name };
      this.#output.push({ kind: "cursor", head: number, cursor });
    }
  }
}

function newHead(number: number, width: number, height: number): DesktopHead {
  const { minWidth, minHeight, maxWidth, maxHeight } = HEAD_LIMITS;
  const within = (value: number, least: number, most: number) => Math.max(least, Math.min(most, Math.trunc(value)));
  return new DesktopHead(number, within(width, minWidth, maxWidth), within(height, minHeight, maxHeight));
}
