/**
 * Prints a typeface of the demo machine: the glyphs of a TrueType font at one size, as coverage of 16 levels.
 *
 * Needs the Debian package `fonts-dejavu-core`. Heights are drawn to whole pixels (base line, x height, height of
 * capitals), so that small text is sharp; nothing else is hinted.
 *
 * Usage: deno run --allow-read _tools/generate_faces.ts <name of a face>
 *
 * Source: the OpenType specification, tables head, maxp, hhea, hmtx, cmap (format 4), loca and glyf.
 */

interface Wanted {
  readonly font: string;
  /** Pixels to the em. */
  readonly size: number;
  readonly constant: string;
  readonly title: string;
}

const FONTS = "/usr/share/fonts/truetype/dejavu";

const WANTED: Readonly<Record<string, Wanted>> = {
  sans: { font: "DejaVuSans", size: 13, constant: "SANS", title: "Text of windows." },
  sans_bold: { font: "DejaVuSans-Bold", size: 13, constant: "SANS_BOLD", title: "Titles." },
  mono: { font: "DejaVuSansMono", size: 13, constant: "MONO", title: "Text whose columns matter." },
};

/** Heights of letters in font units: the base line, x height and capitals, each with how far round letters go over. */
interface Heights {
  readonly xHeight: number;
  readonly capHeight: number;
  readonly over: number;
}

interface Glyph {
  readonly advance: number;
  readonly left: number;
  /** Rows from the base line up to the top row. */
  readonly up: number;
  readonly width: number;
  readonly height: number;
  /** 0 to 15 a pixel. */
  readonly coverage: readonly number[];
}

type OutlinePoint = { readonly x: number; readonly y: number; readonly on: boolean };
type Contour = readonly OutlinePoint[];

/** A TrueType font: outlines and widths by glyph number. */
class Font {
  readonly unitsPerEm: number;
  readonly #view: DataView;
  readonly #tables = new Map<string, number>();
  readonly #longLoca: boolean;
  readonly #wideGlyphs: number;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0, at = 12; i < this.#view.getUint16(4); i++, at += 16) {
      const tag = String.fromCharCode(...bytes.subarray(at, at + 4));
      this.#tables.set(tag, this.#view.getUint32(at + 8));
    }
    this.unitsPerEm = this.#view.getUint16(this.#at("head") + 18);
    this.#longLoca = this.#view.getInt16(this.#at("head") + 50) === 1;
    this.#wideGlyphs = this.#view.getUint16(this.#at("hhea") + 34);
  }

  /** Number of the glyph of a code point; 0 for none. */
  glyphOf(codePoint: number): number {
    const view = this.#view, cmap = this.#at("cmap");
    for (let i = 0; i < view.getUint16(cmap + 2); i++) {
      const table = cmap + view.getUint32(cmap + 8 + i * 8);
      if (view.getUint16(table) !== 4) continue;
      const twice = view.getUint16(table + 6), ends = table + 14, starts = ends + twice + 2;
      for (let at = 0; at < twice; at += 2) {
        if (view.getUint16(ends + at) < codePoint) continue;
        const start = view.getUint16(starts + at);
        if (start > codePoint) return 0;
        const delta = view.getUint16(starts + twice + at), offsetAt = starts + twice * 2 + at;
        const offset = view.getUint16(offsetAt);
        if (offset === 0) return codePoint + delta & 0xffff;
        const glyph = view.getUint16(offsetAt + offset + (codePoint - start) * 2);
        return glyph === 0 ? 0 : glyph + delta & 0xffff;
      }
    }
    return 0;
  }

  /** Font units from one letter's start to the next's. */
  advanceOf(glyph: number): number {
    return this.#view.getUint16(this.#at("hmtx") + Math.min(glyph, this.#wideGlyphs - 1) * 4);
  }

  /** Closed curves of on and off (quadratic) points. */
  contoursOf(glyph: number): Contour[] {
    const view = this.#view, loca = this.#at("loca");
    const start = this.#longLoca ? view.getUint32(loca + glyph * 4) : view.getUint16(loca + glyph * 2) * 2;
    const end = this.#longLoca ? view.getUint32(loca + glyph * 4 + 4) : view.getUint16(loca + glyph * 2 + 2) * 2;
    if (start === end) return [];
    const at = this.#at("glyf") + start, count = view.getInt16(at);
    return count >= 0 ? this.#simple(at + 10, count) : this.#compound(at + 10);
  }

  #simple(at: number, count: number): Contour[] {
    const view = this.#view, ends: number[] = [];
    for (let i = 0; i < count; i++, at += 2) ends.push(view.getUint16(at));
    at += 2 + view.getUint16(at); // instructions
    const points = (ends.at(-1) ?? -1) + 1, flags: number[] = [];
    while (flags.length < points) {
      const flag = view.getUint8(at++);
      flags.push(flag);
      for (let repeat = flag & 8 ? view.getUint8(at++) : 0; repeat > 0; repeat--) flags.push(flag);
    }
    const axis = (short: number, same: number): number[] => {
      let value = 0;
      return flags.map((flag) => {
        if (flag & short) value += flag & same ? view.getUint8(at++) : -view.getUint8(at++);
        else if (!(flag & same)) value += view.getInt16((at += 2) - 2);
        return value;
      });
    };
    const xs = axis(2, 16), ys = axis(4, 32);
    return ends.map((end, i) => {
      const first = i === 0 ? 0 : ends[i - 1]! + 1;
      return xs.slice(first, end + 1).map((x, k) => ({ x, y: ys[first + k]!, on: (flags[first + k]! & 1) !== 0 }));
    });
  }

  #compound(at: number): Contour[] {
    const view = this.#view, contours: Contour[] = [];
    for (let flags = 0x20; flags & 0x20;) {
      flags = view.getUint16(at);
      const glyph = view.getUint16(at + 2), wide = (flags & 1) !== 0;
      if (!(flags & 2)) throw new Error("compound glyph placed by points");
      const dx = wide ? view.getInt16(at + 4) : view.getInt8(at + 4);
      const dy = wide ? view.getInt16(at + 6) : view.getInt8(at + 5);
      at += wide ? 8 : 6;
      let [xx, xy, yx, yy] = [1, 0, 0, 1];
      const fixed = () => view.getInt16((at += 2) - 2) / 16384;
      if (flags & 8) xx = yy = fixed();
      else if (flags & 0x40) [xx, yy] = [fixed(), fixed()];
      else if (flags & 0x80) [xx, xy, yx, yy] = [fixed(), fixed(), fixed(), fixed()];
      for (const contour of this.contoursOf(glyph)) {
        contours.push(contour.map(({ x, y, on }) => ({ x: x * xx + y * yx + dx, y: x * xy + y * yy + dy, on })));
      }
    }
    return contours;
  }

  #at(table: string): number {
    const at = this.#tables.get(table);
    if (at === undefined) throw new Error(`the font has no ${table} table`);
    return at;
  }
}

/** Highest point of a letter. */
function topOf(font: Font, letter: string): number {
  return Math.max(...font.contoursOf(font.glyphOf(letter.codePointAt(0)!)).flat().map(({ y }) => y));
}

/** From font units to pixels up, with the heights of letters on whole pixels. */
function fitHeight(scale: number, { xHeight, capHeight, over }: Heights): (y: number) => number {
  const knots = [[-over, 0], [0, 0]];
  for (const height of [xHeight, capHeight]) knots.push([height, Math.round(height * scale)]);
  knots.splice(3, 0, [xHeight + over, knots[2]![1]!]);
  knots.push([capHeight + over, knots.at(-1)![1]!]);
  return (y) => {
    if (y < -over) return (y + over) * scale;
    for (let i = 1; i < knots.length; i++) {
      const [x0, y0] = knots[i - 1]!, [x1, y1] = knots[i]!;
      if (y <= x1!) return y0! + (y1! - y0!) * (y - x0!) / (x1! - x0!);
    }
    return knots.at(-1)![1]! + (y - capHeight - over) * scale;
  };
}

/** Straight edges of a contour, as x0 y0 x1 y1. */
function edgesOf(contour: Contour): number[][] {
  const points: OutlinePoint[] = [];
  contour.forEach((point, i) => {
    const before = contour.at(i - 1)!;
    if (!point.on && !before.on) points.push({ x: (point.x + before.x) / 2, y: (point.y + before.y) / 2, on: true });
    points.push(point);
  });
  const first = points.findIndex(({ on }) => on), turned = [...points.slice(first), ...points.slice(0, first + 1)];
  const edges: number[][] = [];
  for (let i = 1, from = turned[0]!; i < turned.length; i++) {
    const point = turned[i]!;
    if (point.on) {
      edges.push([from.x, from.y, point.x, point.y]);
      from = point;
      continue;
    }
    const to = turned[++i]!;
    for (let step = 1, last = from; step <= 8; step++) {
      const t = step / 8, u = 1 - t;
      const x = u * u * from.x + 2 * u * t * point.x + t * t * to.x;
      const y = u * u * from.y + 2 * u * t * point.y + t * t * to.y;
      edges.push([last.x, last.y, x, y]);
      last = { x, y, on: true };
    }
    from = to;
  }
  return edges;
}

/** Share of each pixel that the outline covers, by 16 rows a pixel and exact spans. */
function rasterize(edges: readonly number[][], width: number, height: number): number[] {
  const ROWS = 16, cover = new Array<number>(width * height).fill(0);
  for (let row = 0; row < height * ROWS; row++) {
    const y = (row + 0.5) / ROWS, crossings: { x: number; turn: number }[] = [];
    for (const [x0, y0, x1, y1] of edges as [number, number, number, number][]) {
      if ((y0 <= y) === (y1 <= y)) continue;
      crossings.push({ x: x0 + (x1 - x0) * (y - y0) / (y1 - y0), turn: y0 < y1 ? 1 : -1 });
    }
    crossings.sort((a, b) => a.x - b.x);
    for (let i = 0, winding = 0; i + 1 < crossings.length; i++) {
      winding += crossings[i]!.turn;
      if (winding === 0) continue;
      const from = crossings[i]!.x, to = crossings[i + 1]!.x;
      for (let x = Math.floor(from); x < Math.min(to, width); x++) {
        const at = Math.floor(row / ROWS) * width + x;
        cover[at]! += Math.max(0, Math.min(to, x + 1) - Math.max(from, x)) / ROWS;
      }
    }
  }
  return cover;
}

function drawGlyph(font: Font, glyph: number, size: number, fit: (y: number) => number): Glyph {
  const scale = size / font.unitsPerEm, advance = Math.round(font.advanceOf(glyph) * scale);
  const edges = font.contoursOf(glyph).flatMap(edgesOf)
    .map(([x0, y0, x1, y1]) => [x0! * scale, fit(y0!), x1! * scale, fit(y1!)]);
  if (edges.length === 0) return { advance, left: 0, up: 0, width: 0, height: 0, coverage: [] };
  const xs = edges.flatMap(([x0, , x1]) => [x0!, x1!]), ys = edges.flatMap(([, y0, , y1]) => [y0!, y1!]);
  const left = Math.floor(Math.min(...xs)), up = Math.ceil(Math.max(...ys));
  const width = Math.ceil(Math.max(...xs)) - left, height = up - Math.floor(Math.min(...ys));
  const placed = edges.map(([x0, y0, x1, y1]) => [x0! - left, up - y0!, x1! - left, up - y1!]);
  const coverage = rasterize(placed, width, height).map((share) => Math.min(15, Math.round(share * 15)));
  return { advance, left, up, width, height, coverage };
}

/** Bytes of one glyph: five numbers (left and up offset by 128), then two pixels a byte, the first in the high half. */
function pack({ advance, left, up, width, height, coverage }: Glyph): number[] {
  const bytes = [advance, left + 128, up + 128, width, height];
  for (let i = 0; i < coverage.length; i += 2) bytes.push(coverage[i]! << 4 | (coverage[i + 1] ?? 0));
  return bytes;
}

/** Printable Latin-1, then a few signs of our own windows. */
function codePoints(): number[] {
  const latin1 = [...Array(256).keys()].filter((c) => c >= 0x20 && c < 0x7f || c >= 0xa0);
  return [...latin1, ...Array.from("–—‘’“”•…€←↑→↓⇧↵", (sign) => sign.codePointAt(0)!)];
}

if (import.meta.main) {
  const wanted = WANTED[Deno.args[0] ?? ""];
  if (wanted === undefined) {
    console.error(`usage: generate_faces.ts ${Object.keys(WANTED).join(" | ")}`);
    Deno.exit(2);
  }
  const font = new Font(await Deno.readFile(`${FONTS}/${wanted.font}.ttf`));
  const xHeight = topOf(font, "x"), capHeight = topOf(font, "H"), over = topOf(font, "o") - xHeight;
  const fit = fitHeight(wanted.size / font.unitsPerEm, { xHeight, capHeight, over });
  const bytes: number[] = [];
  let characters = "";
  for (const codePoint of codePoints()) {
    const glyph = font.glyphOf(codePoint);
    if (glyph === 0) continue;
    characters += String.fromCodePoint(codePoint);
    bytes.push(...pack(drawGlyph(font, glyph, wanted.size, fit)));
  }
  const base64 = btoa(String.fromCharCode(...bytes));
  const escaped = JSON.stringify(characters).replace("\u00a0", "\\u00a0").replace("\u00ad", "\\u00ad");
  const text = [
    "// Generated by _tools/generate_faces.ts: do not edit. Licence: see README.md.",
    'import type { FaceData } from "../face.ts";',
    "",
    `/** ${wanted.title} Source: DejaVu fonts 2.37, ${wanted.font}.ttf at ${wanted.size} pixels to the em. */`,
    `export const ${wanted.constant}: FaceData = {`,
    `  characters: ${escaped},`,
    "  glyphs:",
    ...(base64.match(/.{1,110}/g) ?? []).map((line, i) => `    ${i === 0 ? "" : "+ "}"${line}"`),
    "};",
  ];
  console.log(text.join("\n"));
}
