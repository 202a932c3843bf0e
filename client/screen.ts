/** What the heads of a session show, and waiting for it. */
import { drawCursor } from "../canvas/cursor.ts";
import type { Rect } from "../canvas/rect.ts";
import { readRgba } from "../canvas/surface.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { MouseMode } from "../protocol/messages/enums.ts";
import type { Head } from "./core/events.ts";
import type { SessionCore } from "./core/session_core.ts";
import type { EventStream } from "./event_stream.ts";
import { comparePictures, cropPicture, type Picture } from "./picture.ts";

/** A monitor of the machine. Heads are numbered from 0 through all display channels. */
export interface ScreenHead extends Head {
  /** Number of its display channel. */
  readonly display: number;
}

/** What to take a picture of. */
export interface PictureOptions {
  /** Number of the head. Default: 0. */
  readonly head?: number;
  /** Draw the pointer into it. Default: false. */
  readonly cursor?: boolean;
  /** Part of the head, in its pixels. Default: all. */
  readonly region?: Rect;
}

/** How long to wait. */
export interface WaitOptions extends PictureOptions {
  /** After this the wait fails, milliseconds. Default: 10000. */
  readonly timeoutMs?: number;
}

/** How long the picture must not change. */
export interface QuietOptions extends WaitOptions {
  /** Milliseconds. Default: 300. */
  readonly quietMs?: number;
}

/** When to take a screenshot. */
export interface ScreenshotOptions extends QuietOptions {
  /**
   * How long a complete picture may go on changing before it is taken all the same, milliseconds. Default: 2000. A text
   * cursor that blinks, or a film, never rests.
   */
  readonly settleMs?: number;
}

/** A picture, and whether the screen was at rest when it was taken. */
export interface Screenshot extends Picture {
  /** False for a picture that was taken while it still changed. */
  readonly quiet: boolean;
}

/** The pictures of a session. */
export class Screen {
  readonly #core: SessionCore;
  readonly #events: EventStream;
  /** When each display channel last changed, by its number. */
  readonly #changedMs = new Map<number, number>();

  /** Made by `connect`, as a part of the session. */
  constructor(core: SessionCore, events: EventStream) {
    this.#core = core;
    this.#events = events;
    events.listen((event) => {
      switch (event.type) {
        case "primary":
        case "primary-destroyed":
        case "mark":
        case "draw":
        case "heads":
          this.#changedMs.set(event.display, performance.now());
      }
    });
  }

  /** The heads that show something now, in the order of display channels and monitors. */
  get heads(): readonly ScreenHead[] {
    return [...this.#core.displays].toSorted(([a], [b]) => a - b)
      .flatMap(([display, channel]) => channel.heads.map((head) => ({ display, ...head })));
  }

  /**
   * What a head shows now, complete or not.
   *
   * @param options Which head, and which part of it.
   * @returns Its pixels, copied.
   * @throws {ProtocolError} `unexpected`: there is no such head.
   */
  picture(options: PictureOptions = {}): Picture {
    const head = this.heads[options.head ?? 0];
    const channel = head === undefined ? undefined : this.#core.displays.get(head.display);
    const surface = head === undefined ? undefined : channel?.surface(head.surfaceId);
    if (head === undefined || surface === undefined) throw noPicture(options.head ?? 0, this.heads.length);
    const area = { left: head.x, top: head.y, right: head.x + head.width, bottom: head.y + head.height };
    const picture = readRgba(surface, area);
    const cursor = this.#core.cursors.get(head.display)?.cursor;
    if (options.cursor && cursor?.image && cursor.visible) {
      const { x, y } = this.#pointed(head.display) ?? cursor;
      drawCursor(picture, cursor.image, x - head.x, y - head.y);
    }
    return options.region === undefined ? picture : cropPicture(picture, options.region);
  }

  /**
   * Where the pointer of a display is by our own doing: in client mouse mode the server sends its shape, and not its
   * place. Source: spice server/cursor-channel.cpp CursorChannel::process_cmd, which sends moves in server mode only.
   */
  #pointed(display: number): { readonly x: number; readonly y: number } | null {
    const pointed = this.#core.inputs?.pointed;
    return this.#core.main?.mouseMode === MouseMode.CLIENT && pointed?.display === display ? pointed : null;
  }

  /**
   * Waits until the server has sent the head's picture whole and nothing has changed for a while, then takes it. A
   * screen that does not come to rest is taken after `settleMs`, and `quiet` is then false.
   *
   * @param options Which head, which part of it, and how long to wait.
   * @returns The picture, and whether it was at rest.
   * @throws {ProtocolError} `timeout`: there was no complete picture; or what ended the session.
   */
  async screenshot(options: ScreenshotOptions = {}): Promise<Screenshot> {
    const { settleMs = 2000, timeoutMs = 10_000 } = options;
    const start = performance.now();
    if (!await this.#until(timeoutMs, () => this.#complete(options) ? true : null)) {
      if (this.heads[options.head ?? 0] === undefined) throw noPicture(options.head ?? 0, this.heads.length);
      throw timeout("find a picture", `the server did not send the picture whole within ${timeoutMs} ms`);
    }
    const left = Math.min(settleMs, timeoutMs - (performance.now() - start));
    const quiet = await this.#until(left, () => this.#quiet(options));
    return { ...this.picture(options), quiet };
  }

  /**
   * Waits until a complete picture has not changed for `quietMs`.
   *
   * @param options Which head, and how long to wait.
   * @throws {ProtocolError} `timeout`, or what ended the session.
   */
  async waitQuiet(options: QuietOptions = {}): Promise<void> {
    const { quietMs = 300, timeoutMs = 10_000, head = 0 } = options;
    if (await this.#until(timeoutMs, () => this.#quiet(options))) return;
    if (this.heads[head] === undefined) throw noPicture(head, this.heads.length);
    throw timeout("find stillness", `head ${head} was not still for ${quietMs} ms within ${timeoutMs} ms`);
  }

  /**
   * Waits until a region of a head equals, or differs from, a picture of the region's size.
   *
   * @param expected The picture.
   * @param wanted Which of the two.
   * @param options Which head, which part of it, and how long to wait.
   * @returns The head's region at that moment.
   * @throws {ProtocolError} `timeout`, with how much still differs, or that the sizes do; or what ended the session.
   */
  async waitFor(expected: Picture, wanted: "equal" | "different", options: WaitOptions = {}): Promise<Picture> {
    const timeoutMs = options.timeoutMs ?? 10_000;
    let last = "there was no picture";
    let found: Picture | null = null;
    const waited = await this.#until(timeoutMs, () => {
      if (!this.#complete(options)) return null;
      const picture = this.picture(options);
      if (picture.width !== expected.width || picture.height !== expected.height) {
        last =
          `the region has ${picture.width} × ${picture.height} pixels, the picture ${expected.width} × ${expected.height}`;
        return null;
      }
      const difference = comparePictures(picture, expected);
      last = difference === null ? "nothing differs" : `${difference.pixels} pixels differ`;
      found = picture;
      return (difference === null) === (wanted === "equal") ? true : null;
    });
    if (waited && found !== null) return found;
    throw timeout("find the picture", `${last} after ${timeoutMs} ms`);
  }

  /**
   * Waits until no pixel of a region has changed for a while, however often the same is drawn again. What happens
   * outside of the region does not matter.
   *
   * @param options Which head, which part of it, and how long to wait.
   * @returns The head's region at that moment.
   * @throws {ProtocolError} `timeout`, or what ended the session.
   */
  async waitStill(options: QuietOptions = {}): Promise<Picture> {
    const { quietMs = 300, timeoutMs = 10_000 } = options;
    let last: Picture | null = null;
    let sinceMs = 0;
    const waited = await this.#until(timeoutMs, () => {
      if (!this.#complete(options)) {
        last = null;
        return null;
      }
      const picture = this.picture(options);
      if (last === null || !isSame(last, picture)) {
        last = picture;
        sinceMs = performance.now();
      }
      const quiet = performance.now() - sinceMs;
      return quiet >= quietMs ? true : quietMs - quiet;
    });
    if (waited && last !== null) return last;
    if (this.heads[options.head ?? 0] === undefined) throw noPicture(options.head ?? 0, this.heads.length);
    throw timeout("find stillness", `the region changed again within ${quietMs} ms, for ${timeoutMs} ms`);
  }

  /** Whether the server has vouched for the head's picture. */
  #complete({ head: number = 0 }: PictureOptions): boolean {
    const head = this.heads[number];
    return head !== undefined && this.#core.displays.get(head.display)!.marked;
  }

  /** @returns True when the head is complete and has been quiet, milliseconds until that can be, or `null`. */
  #quiet(options: QuietOptions): true | number | null {
    if (!this.#complete(options)) return null;
    const { quietMs = 300, head = 0 } = options;
    const quiet = performance.now() - (this.#changedMs.get(this.heads[head]!.display) ?? 0);
    return quiet >= quietMs ? true : quietMs - quiet;
  }

  /**
   * Asks `check` at once and after each change until it answers `true`.
   * @param check Answers `true`, `null` to be asked again after a change, or milliseconds after which to ask again.
   * @returns False when the time is over.
   * @throws {ProtocolError} The session ended.
   */
  #until(timeoutMs: number, check: () => true | null | number): Promise<boolean> {
    if (this.#core.closed) return Promise.reject(over());
    return new Promise((resolve, reject) => {
      let again: ReturnType<typeof setTimeout> | undefined;
      const finish = (settle: () => void) => {
        clearTimeout(again);
        clearTimeout(limit);
        stop();
        settle();
      };
      const ask = () => {
        clearTimeout(again);
        try {
          const answer = check();
          if (answer === true) finish(() => resolve(true));
          else if (answer !== null) again = setTimeout(ask, answer);
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const stop = this.#events.listen((event) => {
        if (event.type === "closed") {
          finish(() => reject(event.error ?? over()));
        } else if (CHANGES.has(event.type)) {
          // Once for a burst of changes: the next turn of the event loop sees them all.
          clearTimeout(again);
          again = setTimeout(ask, 0);
        }
      });
      const limit = setTimeout(() => finish(() => resolve(false)), timeoutMs);
      ask();
    });
  }
}

/** Events after which a picture may differ. */
const CHANGES: ReadonlySet<string> = new Set(["primary", "primary-destroyed", "mark", "draw", "heads", "cursor"]);

function noPicture(head: number, heads: number): ProtocolError {
  const detail = heads === 0 ? "the machine shows nothing" : `there are ${heads} heads, numbered from 0`;
  return new ProtocolError({ by: "local", code: "unexpected", action: "show", message: `head ${head}`, detail });
}

function timeout(action: string, detail: string): ProtocolError {
  return new ProtocolError({ by: "local", code: "timeout", action, message: "on the screen", detail });
}

function over(): ProtocolError {
  return new ProtocolError({
    by: "local",
    code: "closed",
    action: "look",
    message: "on",
    detail: "the session is over",
  });
}

function isSame(a: Picture, b: Picture): boolean {
  return a.width === b.width && a.height === b.height && comparePictures(a, b) === null;
}
