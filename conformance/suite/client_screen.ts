/** A display channel of a client that is judged, and the picture that it should show. */
import { DisplayDrawCopy, DisplayDrawFill } from "../../protocol/messages/draw.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { ClientChannel } from "./client_channel.ts";
import type { ClientPeer, Script } from "./client_peer.ts";
import { copyOf, type CopyWhere, fillOf, type Where } from "./draws.ts";
import { blank, type Box, mustBeSame, paint, type Picture, readShot } from "./pictures.ts";
import type { Talk } from "./talk.ts";

/** Size of the primary surface: small, and with no side a multiple of the other. */
export const SCREEN = { width: 160, height: 100 } as const;

/** A client's display, drawn on. */
export class ClientScreen extends ClientChannel {
  /** What the client should show; cases draw on it as they tell the client to. */
  expected: Picture;

  constructor(peer: ClientPeer, talk: Talk, size: { width: number; height: number }) {
    super(peer, talk);
    this.expected = blank(size.width, size.height);
  }

  /** Starts the client and waits for its display channel, whose primary surface is black. */
  static async open(peer: ClientPeer, script: Script = {}): Promise<ClientScreen> {
    const size = script.size ?? SCREEN;
    await peer.main({ size, channels: [{ name: "display" }], ...script });
    const screen = new ClientScreen(peer, await peer.channel("display"), size);
    if (script.greet === undefined) await screen.fill({ top: 0, left: 0, bottom: size.height, right: size.width }, 0);
    return screen;
  }

  /** Sends DRAW_FILL, and draws the same on what is expected unless another surface or operation is meant. */
  async fill(box: Box, color: number, where: Where = {}): Promise<void> {
    await this.send(DisplayDrawFill, fillOf(box, color, where));
    if ((where.surfaceId ?? 0) === 0 && where.ropd === undefined) {
      paint(this.expected, box, () => color, where.clip ?? null);
    }
  }

  /**
   * Sends DRAW_COPY, and paints what it should show.
   * @param shown The pixels of the box, from its corner; `null` when the case paints them itself.
   */
  async copy(
    box: Box,
    image: SpiceImage,
    shown: ((x: number, y: number, before: number) => number) | null,
    where: CopyWhere = {},
  ): Promise<void> {
    await this.send(DisplayDrawCopy, copyOf(box, image, where));
    if (shown === null) return;
    paint(this.expected, box, (x, y, before) => shown(x - box.left, y - box.top, before), where.clip ?? null);
  }

  /** What the client shows when it has handled all that was sent. */
  async shot(): Promise<Picture> {
    await this.handled();
    return await readShot(await this.peer.control.ask("shot", { display: 0 }));
  }

  /** Fails unless the client shows what is expected. */
  async mustShow(): Promise<void> {
    mustBeSame(await this.shot(), this.expected, "the client");
  }

  /** Goes on or closes, but does not crash, hang, or draw anything else than expected. */
  async mustNotBeHarmed(): Promise<void> {
    if (await this.copes()) await this.mustShow();
  }
}
