/** Surfaces, pictures and pointers of a server that wants no good. */
import { CursorInvalOne, CursorMove, CursorSet } from "../../../protocol/messages/cursor.ts";
import {
  DisplayInvalList,
  DisplayMark,
  DisplayMode,
  DisplayMonitorsConfig,
  DisplayStreamCreate,
  DisplayStreamData,
  DisplayStreamDestroy,
  DisplaySurfaceCreate,
  DisplaySurfaceDestroy,
} from "../../../protocol/messages/display.ts";
import { DisplayCopyBits, DisplayDrawCopy, DisplayDrawFill } from "../../../protocol/messages/draw.ts";
import { SurfaceFmt } from "../../../protocol/messages/enums.ts";
import { encodeBytes } from "../../../protocol/schema/encode.ts";
import type { ValueOf } from "../../../protocol/schema/message.ts";
import { mustCope } from "../../suite/alive.ts";
import { type ClientCase, group } from "../../suite/case.ts";
import type { Talk } from "../../suite/talk.ts";

type Copy = ValueOf<typeof DisplayDrawCopy>;
type Image = NonNullable<Copy["data"]["srcBitmap"]>;

/** Outside of every surface. */
const FAR = { left: -0x80000000, top: -0x80000000, right: 0x7fffffff, bottom: 0x7fffffff };
const BOX = { left: 0, top: 0, right: 16, bottom: 16 };
const PRIMARY = 1;

export const pictures = group("hostile/pictures", "Hostile servers: pictures")
  .client(
    "surface-huge",
    bears("a surface of 2³¹ × 2³¹ pixels", "display_handle_surface_create", async (display) => {
      for (const [width, height] of [[0x7fffffff, 0x7fffffff], [0xffffffff, 1], [0x10000, 0x10000]] as const) {
        const format = SurfaceFmt["32_xRGB"];
        await display.send(DisplaySurfaceCreate, { surfaceId: 9, width, height, format, flags: 0 });
      }
    }),
  )
  .client(
    "primary-huge",
    bears("a primary of 65535 × 65535 pixels", "display_handle_surface_create", async (display) => {
      await display.send(DisplaySurfaceDestroy, { surfaceId: 0 });
      const format = SurfaceFmt["32_xRGB"], size = { width: 65535, height: 65535 };
      await display.send(DisplaySurfaceCreate, { surfaceId: 0, ...size, format, flags: PRIMARY });
    }),
  )
  .client(
    "surface-empty",
    bears("a surface of no pixels", "display_handle_surface_create", async (display) => {
      const format = SurfaceFmt["32_xRGB"];
      await display.send(DisplaySurfaceCreate, { surfaceId: 9, width: 0, height: 0, format, flags: 0 });
      await display.send(DisplayDrawFill, fill(9));
    }),
  )
  .client(
    "surface-format",
    bears(
      "a surface of a format that nobody has defined",
      "display_handle_surface_create, spice_surface_format_to_pixman",
      async (display) => {
        for (const format of [0, 7, 255]) {
          await display.send(DisplaySurfaceCreate, { surfaceId: 10 + format, width: 8, height: 8, format, flags: 0 });
        }
      },
    ),
  )
  .client(
    "surface-twice",
    bears("a surface that is there already", "display_handle_surface_create", async (display) => {
      const format = SurfaceFmt["32_xRGB"];
      for (let i = 0; i < 3; i++) {
        await display.send(DisplaySurfaceCreate, { surfaceId: 9, width: 8, height: 8, format, flags: 0 });
      }
    }),
  )
  .client(
    "surface-missing",
    bears(
      "drawing on a surface that there is not",
      "display_handle_draw_fill (find_surface)",
      (display) => display.send(DisplayDrawFill, fill(1234)),
    ),
  )
  .client(
    "destroy-missing",
    bears(
      "the end of a surface that there is not",
      "display_handle_surface_destroy",
      (display) => display.send(DisplaySurfaceDestroy, { surfaceId: 0xffffffff }),
    ),
  )
  .client(
    "destroyed-primary",
    bears(
      "drawing on a primary that is gone",
      "display_handle_surface_destroy",
      async (display) => {
        await display.send(DisplaySurfaceDestroy, { surfaceId: 0 });
        await display.send(DisplayDrawFill, fill(0));
        await display.send(DisplayMark, {});
      },
    ),
  )
  .client(
    "fill-beyond",
    bears("a fill beyond its surface", "display_handle_draw_fill", async (display) => {
      await display.send(DisplayDrawFill, { ...fill(0), base: base(0, FAR) });
      await display.send(DisplayDrawFill, { ...fill(0), base: base(0, { left: 9, top: 9, right: 3, bottom: 3 }) });
    }),
  )
  .client(
    "copy-bits-beyond",
    bears("a move from beyond its surface", "display_handle_copy_bits", async (display) => {
      for (const srcPos of [{ x: -100, y: -100 }, { x: 0x7fffffff, y: -0x80000000 }, { x: 319, y: 199 }]) {
        await display.send(DisplayCopyBits, { base: base(0, BOX), srcPos });
      }
    }),
  )
  .client(
    "source-beyond",
    bears(
      "a copy from beyond its image",
      "display_handle_draw_copy, spice-common canvas_base.c canvas_draw_copy",
      async (display) => {
        for (
          const srcArea of [FAR, { left: 0, top: 0, right: 640, bottom: 640 }, {
            left: -8,
            top: -8,
            right: 8,
            bottom: 8,
          }]
        ) {
          const { base, data } = copy(bitmap({}));
          await display.send(DisplayDrawCopy, { base, data: { ...data, srcArea } });
        }
      },
    ),
  )
  .client(
    "bitmap-short",
    bears(
      "a bitmap with too few pixels",
      "spice-common canvas_base.c canvas_get_bits, CVE-2018-10873",
      async (display) => {
        for (const rows of [17, 1000, 0x7fffffff]) await spoilt(display, (image) => image.setUint32(ROWS, rows, true));
      },
    ),
  )
  .client(
    "bitmap-stride",
    bears(
      "a bitmap whose rows are shorter than its pixels",
      "spice-common canvas_base.c canvas_get_bits",
      async (display) => {
        for (const stride of [0, 4, 0x10000, 0xfffffffc]) {
          await spoilt(display, (image) => image.setUint32(STRIDE, stride, true));
        }
      },
    ),
  )
  .client(
    "bitmap-format",
    bears(
      "a bitmap of a format that nobody has defined, and one without its palette",
      "spice-common canvas_base.c canvas_get_bits",
      async (display) => {
        for (const format of [0, 11, 255, 5]) await spoilt(display, (image) => image.setUint8(FORMAT, format));
      },
    ),
  )
  .client(
    "not-cached",
    bears(
      "an image of a cache that does not hold it",
      "spice-common canvas_base.c canvas_get_image_internal (FROM_CACHE)",
      (display) => {
        const image: Image = { ...bitmap({}), id: 0x1234n, body: { is: "FROM_CACHE", value: null } };
        return display.send(DisplayDrawCopy, copy(image));
      },
      // Another display channel could bring it yet: spice-gtk waits for that.
      "should",
    ),
  )
  .client(
    "palette-not-cached",
    bears(
      "a palette of a cache that does not hold it",
      "spice-common canvas_base.c canvas_get_palette",
      async (display) => {
        const palette = { is: "PAL_FROM_CACHE", value: 0x4321n } as const;
        await display.send(
          DisplayDrawCopy,
          copy(bitmap({ format: 5, palette, stride: 16, data: new Uint8Array(256) })),
        );
      },
    ),
  )
  .client(
    "image-of-surface",
    bears(
      "an image of a surface that there is not, and of itself",
      "spice-common canvas_base.c canvas_get_image_internal (SURFACE)",
      async (display) => {
        for (const surfaceId of [77, 0xffffffff, 0]) {
          const image: Image = { ...bitmap({}), body: { is: "SURFACE", value: { surfaceId } } };
          await display.send(DisplayDrawCopy, copy(image));
        }
      },
    ),
  )
  .client(
    "image-type",
    bears("an image of a type that nobody has defined", "canvas_get_image_internal", async (display) => {
      for (const type of [2, 50, 255]) await spoilt(display, (image) => image.setUint8(TYPE, type));
    }),
  )
  .client(
    "pointer-beyond",
    bears(
      "an image that stands behind its message",
      "spice-common generated demarshallers, CVE-2018-10873",
      async (display) => {
        const body = encodeBytes(DisplayDrawCopy.wire, copy(bitmap({}))),
          view = new DataView(body.buffer, body.byteOffset);
        for (const offset of [body.length - 1, 0x7ffffff0, 0xffffffff, 1]) {
          view.setUint32(POINTER_AT, offset, true);
          await display.sendBody(DisplayDrawCopy.id, body.slice(), `DISPLAY_DRAW_COPY with its image at ${offset}`);
        }
      },
    ),
  )
  .client(
    "clip-count",
    bears(
      "a clip of 2³² - 1 rectangles",
      "spice-common generated demarshallers, CVE-2018-10873",
      (display) => {
        const body = new Uint8Array(40), view = new DataView(body.buffer);
        body[20] = 1;
        view.setUint32(21, 0xffffffff, true);
        return display.sendBody(DisplayDrawFill.id, body, "DISPLAY_DRAW_FILL of 2³² - 1 clip rectangles");
      },
    ),
  )
  .client(
    "heads",
    bears(
      "monitors that count wrong, and monitors of no size",
      "spice-gtk channel-display.c display_handle_monitors_config, CVE-2018-10873",
      async (display) => {
        await display.sendBody(
          DisplayMonitorsConfig.id,
          Uint8Array.of(255, 255, 1, 0),
          "MONITORS_CONFIG of 65535 heads",
        );
        const head = {
          monitorId: 0xffffffff,
          surfaceId: 99,
          width: 0,
          height: 0xffffffff,
          x: 0xffffffff,
          y: 1,
          flags: 7,
        };
        await display.send(DisplayMonitorsConfig, { maxAllowed: 0, heads: [head, head] });
        await display.send(DisplayMonitorsConfig, { maxAllowed: 1, heads: [] });
      },
    ),
  )
  .client(
    "inval-count",
    bears(
      "invalidations that are not there",
      "spice-gtk channel-display.c display_handle_inval_list, CVE-2018-10873",
      async (display) => {
        await display.sendBody(DisplayInvalList.id, Uint8Array.of(255, 255, 1), "INVAL_LIST of 65535 resources");
        await display.send(DisplayInvalList, {
          resources: [{ type: 9, id: 1n }, { type: 1, id: 0xffffffffffffffffn }],
        });
      },
    ),
  )
  .client(
    "stream-missing",
    bears(
      "frames of a stream that there is not",
      "spice-gtk channel-display.c display_handle_stream_data (get_stream_by_id)",
      async (display) => {
        for (const id of [0, 64, 0x7fffffff, 0xffffffff]) {
          await display.send(DisplayStreamData, { base: { id, multiMediaTime: 0 }, data: new Uint8Array(9) });
          await display.send(DisplayStreamDestroy, { id });
        }
      },
    ),
  )
  .client(
    "stream-number",
    bears(
      "a stream whose number would need a table of gigabytes",
      "spice-gtk channel-display.c display_handle_stream_create (grows its table to the id)",
      (display) => display.send(DisplayStreamCreate, stream(0x3fffffff)),
      "should",
    ),
  )
  .client(
    "stream-garbage",
    bears(
      "a stream whose frames are no pictures",
      "spice-gtk channel-display-mjpeg.c mjpeg_decoder_queue_frame",
      async (display) => {
        await display.send(DisplayStreamCreate, stream(1));
        for (const data of [new Uint8Array(0), new Uint8Array(500).fill(0xff), Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)]) {
          await display.send(DisplayStreamData, { base: { id: 1, multiMediaTime: 1000 }, data });
        }
      },
    ),
  )
  .client(
    "mode-odd",
    bears("a DISPLAY_MODE that no screen has", "display_handle_mode", async (display) => {
      await display.send(DisplayMode, { xRes: 0xffffffff, yRes: 0xffffffff, bits: 77 });
    }),
  )
  .client(
    "cursor-short",
    bearsCursor("a pointer with too few pixels", async (cursor) => {
      for (const type of [0, 1, 2, 3, 4, 5, 6, 77]) {
        await cursor.send(CursorSet, {
          ...POINTER,
          cursor: { flags: 0, header: shape(type, 32), data: Uint8Array.of(1) },
        });
      }
    }),
  )
  .client(
    "cursor-huge",
    bearsCursor("a pointer of 65535 × 65535 pixels", async (cursor) => {
      const header = { ...shape(0, 65535), hotSpotX: 65535, hotSpotY: 65535 };
      await cursor.send(CursorSet, { ...POINTER, cursor: { flags: 0, header, data: new Uint8Array(64) } });
    }),
  )
  .client(
    "cursor-not-cached",
    bearsCursor("a pointer of a cache that does not hold it", async (cursor) => {
      await cursor.send(CursorSet, { ...POINTER, cursor: { flags: 4, header: shape(0, 8), data: new Uint8Array(0) } });
      await cursor.send(CursorInvalOne, { id: 0xffffffffffffffffn });
      await cursor.send(CursorMove, { position: { x: -32768, y: 32767 } });
    }),
  );

/** Where a DISPLAY_DRAW_COPY without clip rectangles says where its image is. */
const POINTER_AT = 21;
/** Where the parts of a bitmap stand, from the start of its image. */
const TYPE = 8, FORMAT = 18, ROWS = 24, STRIDE = 28;

/** Sends the copy of a bitmap that is good but for a change. */
function spoilt(display: Talk, change: (image: DataView) => void): Promise<boolean> {
  const body = encodeBytes(DisplayDrawCopy.wire, copy(bitmap({})));
  const at = new DataView(body.buffer, body.byteOffset).getUint32(POINTER_AT, true);
  change(new DataView(body.buffer, body.byteOffset + at));
  return display.sendBody(DisplayDrawCopy.id, body, "DISPLAY_DRAW_COPY of a spoilt bitmap");
}

/** Image types whose bytes are one block. */
const PACKED = ["QUIC", "LZ_RGB", "GLZ_RGB", "JPEG", "LZ4"] as const;

for (const is of PACKED) {
  pictures.client(
    `garbage-${is.toLowerCase().replace("_", "-")}`,
    bears(
      `a ${is} image of bytes that are none`,
      "spice-common canvas_base.c canvas_get_image_internal",
      async (display) => {
        for (const data of [new Uint8Array(0), new Uint8Array(3), garbage(64), garbage(2000)]) {
          await display.send(DisplayDrawCopy, copy({ ...bitmap({}), body: { is, value: { data } } }));
        }
      },
    ),
  );
}

pictures.client(
  "lz-larger",
  bears(
    "an LZ image whose own size is not the image's",
    "spice-common lz.c lz_decode_begin, canvas_base.c canvas_get_lz",
    async (display) => {
      // magic, version, RGB32, width, height, stride, top-down: big-endian. Source: spice-common common/lz.c lz_decode_begin.
      const data = new Uint8Array(28 + 100), view = new DataView(data.buffer);
      const words = [0x20205a4c, 0x00010001, 8, 0x7fff, 0x7fff, 4 * 0x7fff, 1];
      for (const [i, word] of words.entries()) view.setUint32(4 * i, word);
      await display.send(DisplayDrawCopy, copy({ ...bitmap({}), body: { is: "LZ_RGB", value: { data } } }));
      view.setUint32(12, 16);
      view.setUint32(16, 16);
      view.setUint32(20, 4);
      data.fill(0xff, 28);
      await display.send(DisplayDrawCopy, copy({ ...bitmap({}), body: { is: "LZ_RGB", value: { data } } }));
    },
  ),
);

const POINTER = { position: { x: 0, y: 0 }, visible: 1 };

function shape(type: number, side: number) {
  return { unique: 7n, type, width: side, height: side, hotSpotX: 0, hotSpotY: 0 };
}

function garbage(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);
}

function base(surfaceId: number, box: typeof BOX) {
  return { surfaceId, box, clip: { shape: { is: "NONE", value: null } } } as const;
}

function fill(surfaceId: number): ValueOf<typeof DisplayDrawFill> {
  return {
    base: base(surfaceId, BOX),
    data: {
      brush: { paint: { is: "SOLID", value: 0xff0000 } },
      ropDescriptor: 8,
      mask: { flags: 0, pos: { x: 0, y: 0 }, bitmap: null },
    },
  };
}

function copy(srcBitmap: Image): Copy {
  const mask = { flags: 0, pos: { x: 0, y: 0 }, bitmap: null };
  return { base: base(0, BOX), data: { srcBitmap, srcArea: BOX, ropDescriptor: 8, scaleMode: 1, mask } };
}

/** A good bitmap of 16 × 16 pixels, but for what is given. */
function bitmap(wrong: Partial<Extract<Image["body"], { is: "BITMAP" }>["value"]>): Image {
  const value = {
    format: 8,
    flags: 4,
    x: 16,
    y: 16,
    stride: 64,
    palette: { is: "otherwise", value: null } as const,
    data: new Uint8Array(16 * 64),
    ...wrong,
  };
  return { id: 1n, flags: 0, width: 16, height: 16, body: { is: "BITMAP", value } };
}

function stream(id: number): ValueOf<typeof DisplayStreamCreate> {
  return {
    surfaceId: 0,
    id,
    flags: 1,
    codecType: 1,
    stamp: 0n,
    streamWidth: 16,
    streamHeight: 16,
    srcWidth: 16,
    srcHeight: 16,
    dest: BOX,
    clip: { shape: { is: "NONE", value: null } },
  };
}

/** A case of messages after which a client may go on or close, and nothing else. */
function bears(
  what: string,
  source: string,
  act: (display: Talk) => Promise<unknown>,
  level: "must" | "should" = "must",
): ClientCase {
  return {
    title: `bears ${what}`,
    requirement: `The client MUST close or go on at ${what}, and MUST NOT crash or hang`,
    source: source.includes(" ") ? source : `spice-gtk channel-display.c ${source}`,
    level,
    run: async (peer) => {
      await peer.main();
      const display = await peer.channel("display");
      await act(display);
      await mustCope(peer, display, what);
    },
  };
}

function bearsCursor(what: string, act: (cursor: Talk) => Promise<unknown>): ClientCase {
  return {
    title: `bears ${what}`,
    requirement: `The client MUST close or go on at ${what}, and MUST NOT crash or hang`,
    source: "spice-gtk channel-cursor.c set_cursor, CVE-2018-10873",
    level: "must",
    run: async (peer) => {
      await peer.main();
      const cursor = await peer.channel("cursor");
      await act(cursor);
      await mustCope(peer, cursor, what);
    },
  };
}
