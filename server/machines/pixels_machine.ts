/** A machine that a program paints: a framebuffer and damage in, input events out. */
import type { Rect } from "../../canvas/rect.ts";
import type { Drawable, Machine, MachineCursor, MachineEnd, MachineInput, MouseModes, Vdi } from "../core/vdi.ts";

/** How the machine is made. */
export interface PixelsOptions {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Name that viewers are told. */
  readonly name?: string;
  /** UUID that viewers are told, 16 bytes. */
  readonly uuid?: Uint8Array;
  /** Let viewers ask for another size: `onInput` gets `resize`, and should call {@link PixelsMachine.resize}. */
  readonly resizable?: boolean;
  /** Called for each input event. */
  readonly onInput?: (input: MachineInput) => void;
}

/**
 * One head of pixels.
 *
 * @example
 * ```ts ignore
 * import { PixelsMachine, SpiceServer } from "../../mod.ts";
 *
 * const machine = new PixelsMachine({ width: 640, height: 480, onInput: (input) => console.log(input) });
 * await using server = new SpiceServer({ machine });
 * console.log(await server.listen({ port: 5930 }));
 * setInterval(() => {
 *   machine.pixels.fill(Math.random() * 0xffffff);
 *   machine.damage();
 * }, 1000);
 * ```
 */
export class PixelsMachine implements Machine {
  /** width × height pixels 0x00RRGGBB, rows from the top; paint here, then call {@link damage}. */
  pixels: Uint32Array;
  readonly #options: PixelsOptions;
  #width: number;
  #height: number;
  #vdi: Vdi | null = null;
  #ended: ((end: MachineEnd) => void) | null = null;

  /** Makes a machine; it shows itself once a server starts it. */
  constructor(options: PixelsOptions) {
    this.#options = options;
    this.#width = options.width;
    this.#height = options.height;
    this.pixels = new Uint32Array(options.width * options.height);
  }

  /** Pixels a row. */
  get width(): number {
    return this.#width;
  }

  /** Rows. */
  get height(): number {
    return this.#height;
  }

  /** Shows what was painted. @param area Where; all of it unless given. */
  damage(area: Rect = { left: 0, top: 0, right: this.#width, bottom: this.#height }): void {
    const left = Math.max(0, area.left), top = Math.max(0, area.top);
    const right = Math.min(this.#width, area.right), bottom = Math.min(this.#height, area.bottom);
    if (left >= right || top >= bottom) return;
    const width = right - left;
    let pixels = this.pixels.subarray(top * this.#width, bottom * this.#width);
    if (width !== this.#width) {
      const cut = new Uint32Array(width * (bottom - top));
      for (let y = top; y < bottom; y++) {
        cut.set(this.pixels.subarray(y * this.#width + left, y * this.#width + right), (y - top) * width);
      }
      pixels = cut;
    }
    this.#vdi?.draw(0, { kind: "pixels", area: { left, top, right, bottom }, pixels });
  }

  /** Draws without the framebuffer: fills and moves are cheap to send. `pixels` is not changed by it. */
  draw(drawable: Drawable): void {
    this.#vdi?.draw(0, drawable);
  }

  /** Shows another pointer. */
  cursor(cursor: MachineCursor): void {
    this.#vdi?.cursor(0, cursor);
  }

  /** Shows other keyboard LEDs: flags of `KeyboardModifierFlags`. */
  leds(modifiers: number): void {
    this.#vdi?.leds(modifiers);
  }

  /** Has other pointer devices from now on; at first it has a tablet and a mouse. */
  mouseModes(modes: MouseModes): void {
    this.#vdi?.mouseModes(modes);
  }

  /** Changes the size; the framebuffer is new and black. */
  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
    this.pixels = new Uint32Array(width * height);
    this.#vdi?.head(0, { width, height });
  }

  /** Ends the machine, and with it the server that shows it. */
  end(message: string): void {
    this.#ended?.({ code: null, message });
  }

  start(vdi: Vdi, ended: (end: MachineEnd) => void): Promise<void> {
    this.#vdi = vdi;
    this.#ended = ended;
    vdi.identity(this.#options.name ?? null, this.#options.uuid ?? null);
    vdi.mouseModes({ absolute: true, relative: true });
    vdi.head(0, { width: this.#width, height: this.#height });
    vdi.resizable(0, this.#options.resizable ?? false);
    this.damage();
    return Promise.resolve();
  }

  input(input: MachineInput): void {
    this.#options.onInput?.(input);
  }

  watched(): void {}

  stop(): Promise<void> {
    this.#vdi = null;
    return Promise.resolve();
  }
}
