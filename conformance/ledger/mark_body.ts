/** What one message covers by itself, whatever came before it. */
import { Cursor } from "../../protocol/messages/cursor.ts";
import { ClientMigrateData, MigrateData } from "../../protocol/messages/base.ts";
import { DisplayMonitorsConfig } from "../../protocol/messages/display.ts";
import { SpiceImage } from "../../protocol/messages/image.ts";
import { ClientSmartcardData, SmartcardData } from "../../protocol/messages/smartcard.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { Channel, Message, Sender } from "../../protocol/schema/message.ts";
import type { Infer } from "../../protocol/schema/wire.ts";
import { cursorForm } from "./cursor_forms.ts";
import { markVscard } from "./device_items.ts";
import { imageForm } from "./image_forms.ts";
import { mark } from "./mark.ts";
import { messageAddresses, SHALLOW } from "./message_items.ts";
import { markMigrateData } from "./migration_items.ts";
import { serverLayout } from "./monitor_layouts.ts";

/** What was found in a message. */
export interface MarkedBody {
  /** Items that it covers. */
  readonly addresses: readonly string[];
  /** Images in it, in wire order. */
  readonly images: readonly SpiceImage[];
  /** Cursors in it. */
  readonly cursors: readonly Cursor[];
}

/**
 * Marks a message.
 *
 * @param message Its declaration.
 * @param body Its bytes without a header.
 * @throws {ProtocolError} It does not decode.
 */
export function markBody(channel: Channel, sender: Sender, message: Message, body: Uint8Array): MarkedBody {
  const images: SpiceImage[] = [], cursors: Cursor[] = [];
  const facets = mark(message.wire, decode(message.wire, body), {
    shallow: SHALLOW,
    onStruct: (struct, value) => {
      // A struct's value is what its declaration was inferred to.
      if (struct === SpiceImage) images.push(value as Infer<typeof SpiceImage>);
      else if (struct === Cursor) cursors.push(value as Infer<typeof Cursor>);
    },
  });
  const addresses = [
    ...messageAddresses(channel, sender, message, facets),
    ...[...images.map(imageForm), ...cursors.map(cursorForm)].filter((form) => form !== null),
    ...contents(message, body),
  ];
  return { addresses, images, cursors };
}

/** Of messages that carry others whole. */
function contents(message: Message, body: Uint8Array): string[] {
  switch (message) {
    case DisplayMonitorsConfig:
      return serverLayout(decode(DisplayMonitorsConfig.wire, body));
    case SmartcardData:
    case ClientSmartcardData:
      return ifSound(() => markVscard(decode(SmartcardData.wire, body)));
    case MigrateData:
    case ClientMigrateData:
      return ifSound(() => markMigrateData(body));
    default:
      return [];
  }
}

/** A message counts even if what it carries is opaque or damaged. */
function ifSound(read: () => string[]): string[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}
