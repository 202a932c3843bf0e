/** The smartcard channel: a card reader's messages, each behind the same header. */
import { channel, message, sameAs } from "../schema/message.ts";
import { bytes, countOf, enumOf, u32 } from "../schema/wire.ts";
import { baseClient, baseServer } from "./base.ts";
import { ChannelType, VscMessageType } from "./enums.ts";

/** A message to the reader. Source: spice.proto SmartcardChannel.data. */
export const SmartcardData = message("SMARTCARD_DATA", 101, {
  type: enumOf(VscMessageType),
  readerId: u32,
  length: countOf("data"),
  data: bytes("length"),
}, { source: "spice.proto SmartcardChannel.data" });

/** A message from the reader. Source: spice.proto SmartcardChannel.data. */
export const ClientSmartcardData = sameAs("SMARTCARD_DATA", 101, SmartcardData);

/** The smartcard channel. Source: spice.proto SmartcardChannel. */
export const smartcard = channel(
  "smartcard",
  ChannelType.SMARTCARD,
  [...baseServer, SmartcardData],
  [...baseClient, ClientSmartcardData],
);
