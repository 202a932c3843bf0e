/** What the messages of one channel cover: each by itself, and as steps of what goes on in the session. */
import { CursorInvalAll, CursorInvalOne, CursorReset } from "../../protocol/messages/cursor.ts";
import {
  DisplayInvalAllPalettes,
  DisplayInvalAllPixmaps,
  DisplayInvalList,
  DisplayInvalPalette,
} from "../../protocol/messages/display.ts";
import {
  ClientMainAgentData,
  MainAgentConnected,
  MainAgentConnectedTokens,
  MainAgentData,
} from "../../protocol/messages/main.ts";
import { ClientSpicevmcData, SpicevmcData } from "../../protocol/messages/spicevmc.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { Channel, Message, Sender } from "../../protocol/schema/message.ts";
import { AgentMarker } from "./agent_items.ts";
import type { CacheMarker } from "./cache_steps.ts";
import { UsbredirMarker } from "./device_items.ts";
import { markBody } from "./mark_body.ts";
import { MigrationMarker } from "./migration_items.ts";

/** Follows one channel of one session. */
export class ChannelMarker {
  readonly #migration = new MigrationMarker();
  readonly #usbredir = new UsbredirMarker();
  #agent = new AgentMarker();

  /** For a channel from its first message on; `caches` are those of its session. */
  constructor(readonly channel: Channel, readonly channelId: number, readonly caches: CacheMarker) {}

  /**
   * Takes the next message.
   *
   * @param body Its bytes without a header.
   * @returns The items that it covers; none for a message that the channel does not have.
   * @throws {ProtocolError} It does not decode, or what it carries does not.
   */
  receive(from: Sender, type: number, body: Uint8Array): string[] {
    const message = this.channel.byId[from].get(type);
    if (message === undefined) return [];
    const { addresses, images, cursors } = markBody(this.channel, from, message, body);
    return [
      ...addresses,
      ...this.#migration.receive(from, message.name),
      ...images.flatMap((image) => this.caches.image(image, this.channelId)),
      ...cursors.flatMap((cursor) => this.caches.cursor(cursor, this.channelId)),
      ...this.#step(from, message, body),
    ];
  }

  #step(from: Sender, message: Message, body: Uint8Array): string[] {
    const { caches, channelId } = this;
    switch (message) {
      case DisplayInvalList:
        return caches.dropImages(decode(DisplayInvalList.wire, body).resources.map(({ id }) => id));
      case DisplayInvalAllPixmaps:
        return caches.dropAllImages();
      case DisplayInvalPalette:
        return caches.dropPalettes(decode(DisplayInvalPalette.wire, body).id, channelId);
      case DisplayInvalAllPalettes:
        return caches.dropPalettes(null, channelId);
      case CursorInvalOne:
        return caches.dropCursors(decode(CursorInvalOne.wire, body).id, channelId, "INVAL_ONE");
      case CursorInvalAll:
        return caches.dropCursors(null, channelId, "INVAL_ALL");
      case CursorReset:
        return caches.dropCursors(null, channelId, "RESET");
      case MainAgentConnected:
      case MainAgentConnectedTokens:
        this.#agent = new AgentMarker();
        return [];
      case MainAgentData:
      case ClientMainAgentData:
        return this.#agent.receive(from, decode(MainAgentData.wire, body).data);
      case SpicevmcData:
      case ClientSpicevmcData:
        return this.channel.name === "usbredir" ? this.#usbredir.receive(from, body) : [];
      default:
        return [];
    }
  }
}
