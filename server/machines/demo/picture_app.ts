/** A moving picture: slow waves of colour, 15 frames a second. */
import { App } from "./app.ts";
import { mix, type Painter } from "./painter.ts";

const WIDTH = 320;
const HEIGHT = 180;
const FRAME_MS = 1000 / 15;
const COLORS = [0x1f3a5f, 0x2f6f7e, 0x7fb5a0, 0xf3dfb0, 0xf0a95b, 0xc8604a, 0x5b3a5e, 0x1f3a5f];

/** The moving picture. */
export class PictureApp extends App {
  override readonly title = "Picture";
  override readonly width = WIDTH;
  override readonly height = HEIGHT;
  readonly #frame = { width: WIDTH, height: HEIGHT, pixels: new Uint32Array(WIDTH * HEIGHT) };
  readonly #palette = Uint32Array.from({ length: 1024 }, (_, i) => {
    const at = i / 1024 * (COLORS.length - 1), from = Math.floor(at);
    return mix(COLORS[from]!, COLORS[from + 1]!, Math.round((at - from) * 255));
  });
  #number: number;

  constructor(nowMs: number) {
    super();
    this.#number = Math.floor(nowMs / FRAME_MS);
    this.#draw();
  }

  override paint(painter: Painter): void {
    painter.picture(0, 0, this.#frame);
  }

  override tick(nowMs: number): void {
    const number = Math.floor(nowMs / FRAME_MS);
    if (number === this.#number) return;
    this.#number = number;
    this.#draw();
    this.damage(0, 0, WIDTH, HEIGHT);
  }

  override wakeAt(nowMs: number): number {
    return Math.ceil((Math.floor(nowMs / FRAME_MS) + 1) * FRAME_MS);
  }

  /** Sums of waves of the column, of the row and of both, looked up in a ring of colours. */
  #draw(): void {
    const t = this.#number / 15 % 100_000, { pixels } = this.#frame;
    const wave = (length: number, at: (i: number) => number) => Float64Array.from({ length }, (_, i) => at(i));
    const columns = wave(WIDTH, (x) => 170 * Math.sin(x / 61 + t * 0.7) + 90 * Math.sin(x / 23 - t * 0.4));
    const rows = wave(HEIGHT, (y) => 150 * Math.sin(y / 37 - t * 0.5) + 60 * Math.sin(y / 17 + t * 0.9));
    const both = wave(WIDTH + HEIGHT, (i) => 120 * Math.sin(i / 47 + t * 0.3));
    for (let y = 0, at = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        pixels[at++] = this.#palette[columns[x]! + rows[y]! + both[x + y]! + t * 40 & 1023]!;
      }
    }
  }
}
