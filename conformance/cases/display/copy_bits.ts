/** COPY_BITS: a box of the surface moves. */
import { DisplaySurfaceCreate } from "../../../protocol/messages/display.ts";
import { DisplayCopyBits } from "../../../protocol/messages/draw.ts";
import { SurfaceFmt } from "../../../protocol/messages/enums.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer } from "../../suite/client_peer.ts";
import { ClientScreen, SCREEN } from "../../suite/client_screen.ts";
import { bitmapOf, moveOf, surfaceImage } from "../../suite/draws.ts";
import { type Box, boxAt, contains, copyPicture, noise, paint, pixelAt } from "../../suite/pictures.ts";

const SOURCE = "spice-common canvas_base.c canvas_copy_bits, sw_canvas.c copy_region";
const ALL = boxAt(0, 0, SCREEN.width, SCREEN.height);

const DIRECTIONS: readonly (readonly [string, number, number])[] = [
  ["left", -5, 0],
  ["right", 5, 0],
  ["up", 0, -3],
  ["down", 0, 3],
  ["left_up", -4, -2],
  ["right_up", 4, -2],
  ["left_down", -4, 2],
  ["right_down", 4, 2],
];

export const copyBits = group("display/copy_bits", "Display: COPY_BITS");
for (const [name, dx, dy] of DIRECTIONS) {
  copyBits.client(name, {
    title: `moves a box ${name.replace("_", " and ")} onto itself`,
    requirement: "The client MUST copy the pixels as they were before, also where source and box overlap",
    source: SOURCE,
    level: "must",
    covers: ["display/server/DISPLAY_COPY_BITS/base.clip.shape=NONE"],
    run: async (peer) => {
      const screen = await painted(peer);
      await move(screen, boxAt(40 + dx, 30 + dy, 80, 40), 40, 30);
      await screen.mustShow();
    },
  });
}
copyBits
  .client("apart", {
    title: "copies a box to another place",
    requirement: "The client MUST leave the source as it is where the box does not cover it",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const screen = await painted(peer);
      await move(screen, boxAt(100, 60, 50, 30), 7, 11);
      await screen.mustShow();
    },
  })
  .client("clip", {
    title: "copies inside the clip alone",
    requirement: "The client MUST copy as if all at once, though the clip cuts source and box in parts",
    source: SOURCE,
    level: "must",
    covers: [
      "display/server/DISPLAY_COPY_BITS/base.clip.shape=RECTS",
      "display/server/DISPLAY_COPY_BITS/base.clip.shape<RECTS>.rects=filled",
    ],
    run: async (peer) => {
      const screen = await painted(peer);
      const clip = Array.from({ length: 12 }, (_, i) => boxAt(20 + 9 * i, 15 + 5 * (i % 5), 8, 12));
      await move(screen, boxAt(25, 20, 100, 50), 21, 17, clip);
      await screen.mustShow();
    },
  })
  .client("in_place", {
    title: "changes nothing when a box is copied onto itself",
    requirement: "The client MUST change no pixel",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const screen = await painted(peer);
      await move(screen, boxAt(10, 10, 50, 50), 10, 10);
      await screen.mustShow();
    },
  })
  .client("offscreen", {
    title: "moves pixels on the surface that the message names",
    requirement: "The client MUST copy on that surface, and on no other",
    source: "spice-gtk channel-display.c display_handle_copy_bits",
    level: "must",
    run: async (peer) => {
      const screen = await painted(peer), picture = noise(60, 40, 9), format = SurfaceFmt["32_xRGB"];
      await screen.send(DisplaySurfaceCreate, { surfaceId: 4, width: 60, height: 40, format, flags: 0 });
      await screen.copy(boxAt(0, 0, 60, 40), bitmapOf(picture), null, { surfaceId: 4 });
      await screen.send(DisplayCopyBits, moveOf(boxAt(10, 10, 50, 30), 5, 4, { surfaceId: 4 }));
      await screen.copy(boxAt(50, 30, 60, 40), surfaceImage(4, 60, 40), (x, y) => {
        return contains(boxAt(10, 10, 50, 30), x, y) ? pixelAt(picture, x - 5, y - 6) : pixelAt(picture, x, y);
      });
      await screen.mustShow();
    },
  })
  .client("outside", {
    title: "reads and writes nothing outside the surface",
    requirement: "The client SHOULD leave pixels alone whose source is outside the surface, and not crash",
    source: "spice-common canvas_base.c canvas_copy_bits (src_region)",
    level: "should",
    run: async (peer) => {
      const screen = await painted(peer);
      await move(screen, boxAt(0, 0, 60, 60), -20, -10);
      await move(screen, boxAt(100, 60, 100, 100), 90, 50);
      await move(screen, boxAt(10, 10, 20, 20), 5000, 5000);
      await screen.mustShow();
    },
  });

/** A client that shows noise. */
async function painted(peer: ClientPeer): Promise<ClientScreen> {
  const screen = await ClientScreen.open(peer), picture = noise(SCREEN.width, SCREEN.height, 8);
  await screen.copy(ALL, bitmapOf(picture), (x, y) => pixelAt(picture, x, y));
  return screen;
}

async function move(screen: ClientScreen, box: Box, x: number, y: number, clip: readonly Box[] | null = null) {
  await screen.send(DisplayCopyBits, moveOf(box, x, y, { clip }));
  const was = copyPicture(screen.expected);
  paint(screen.expected, box, (toX, toY, before) => {
    const fromX = toX - box.left + x, fromY = toY - box.top + y;
    return contains(ALL, fromX, fromY) ? pixelAt(was, fromX, fromY) : before;
  }, clip);
}
