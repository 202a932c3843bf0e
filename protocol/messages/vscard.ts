/**
 * The bodies of smartcard messages.
 *
 * On the SPICE channel they are the data of SMARTCARD_DATA, whose header is little-endian. Between the server and its
 * device the same header is big-endian. The server passes bodies on as they are, so that the few numbers in them have
 * the order of whoever wrote them: server and client little-endian, QEMU's device big-endian.
 * Source: libcacard vscard_common.h; spice-server smartcard.cpp; spice-gtk channel-smartcard.c; QEMU
 * hw/usb/ccid-card-passthru.c.
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { decode } from "../schema/decode.ts";
import { enumeration } from "../schema/enumeration.ts";
import { type Message, message, type MessageOf } from "../schema/message.ts";
import { array, bytes, countOf, enumOf, type Infer, REST, struct, textBytes, u32, u32be } from "../schema/wire.ts";
import { VscMessageType } from "./enums.ts";

/** `VSCD`, read as a little-endian number. Source: vscard_common.h VSCARD_MAGIC. */
export const VSCARD_MAGIC = 0x44435356;
/** 0.0.2: 11 bits, 11 bits, 10 bits. Source: vscard_common.h VSCARD_VERSION. */
export const VSCARD_VERSION = 2;
/** The reader id of a ReaderAdd: the answer tells the id. Source: vscard_common.h VSCARD_UNDEFINED_READER_ID. */
export const VSCARD_UNDEFINED_READER_ID = 0xffffffff;
/** Bytes of {@link VscDeviceHeader}, and of the header on the channel. */
export const VSC_HEADER_BYTES = 12;

/** Source: vscard_common.h VSCErrorCode. */
export const VscErrorCode = enumeration("VSCErrorCode", 32, {
  SUCCESS: 0,
  GENERAL_ERROR: 1,
  CANNOT_ADD_MORE_READERS: 2,
  CARD_ALREAY_INSERTED: 3,
});

/** The header between the server and its device: all big-endian. The channel's own is in SMARTCARD_DATA. */
export const VscDeviceHeader = struct("VSCMsgHeader", {
  type: enumOf(VscMessageType, u32be),
  readerId: u32be,
  length: countOf("data", u32be),
  data: bytes("length"),
}, { source: "vscard_common.h VSCMsgHeader, spice-server smartcard.cpp smartcard_char_device_on_message_from_device" });
/** Value of {@link VscDeviceHeader}. */
export type VscDeviceHeader = Infer<typeof VscDeviceHeader>;

/** Both ways on the device's side, first; the server keeps it from the client. */
export const VscInit = message("VSC_Init", VscMessageType.Init, {
  magic: u32,
  version: u32be,
  capabilities: array(u32be, REST),
}, {
  source: "vscard_common.h VSCMsgInit, QEMU ccid-card-passthru.c ccid_card_vscard_send_init",
  notes: { magic: "VSCARD_MAGIC" },
});

/** To the client: how a ReaderAdd, ReaderRemove or CardRemove went. The reader id is that of the message's header. */
export const VscError = message("VSC_Error", VscMessageType.Error, { code: enumOf(VscErrorCode) }, {
  source: "vscard_common.h VSCMsgError",
  notes: { code: "as server and client write it; QEMU's device writes VscDeviceError" },
});

/** {@link VscError} as the device writes it; the server passes it on unchanged. */
export const VscDeviceError = message("VSC_Error_device", VscMessageType.Error, { code: enumOf(VscErrorCode, u32be) }, {
  source: "QEMU ccid-card-passthru.c ccid_card_vscard_send_error",
});

/** To the server: there is a reader. */
export const VscReaderAdd = message("VSC_ReaderAdd", VscMessageType.ReaderAdd, { name: textBytes(REST) }, {
  source: "vscard_common.h VSCMsgReaderAdd",
  notes: { name: "UTF-8, for people" },
});

/** To the server: the reader is gone. */
export const VscReaderRemove = message("VSC_ReaderRemove", VscMessageType.ReaderRemove, {}, {
  source: "vscard_common.h VSCMsgReaderRemove",
});

/** To the server: a card was inserted or reset, and answered this. */
export const VscAtr = message("VSC_ATR", VscMessageType.ATR, { atr: bytes(REST) }, {
  source: "vscard_common.h VSCMsgATR",
  notes: { atr: "ISO 7816-3 answer to reset" },
});

/** To the server: the card is gone. */
export const VscCardRemove = message("VSC_CardRemove", VscMessageType.CardRemove, {}, {
  source: "vscard_common.h VSCMsgCardRemove",
});

/** Both ways: a command for the card, or its answer. */
export const VscApdu = message("VSC_APDU", VscMessageType.APDU, { data: bytes(REST) }, {
  source: "vscard_common.h VSCMsgAPDU",
  notes: { data: "ISO 7816-4 APDU" },
});

/** To the client: answer with FlushComplete when all commands before this one are done. */
export const VscFlush = message("VSC_Flush", VscMessageType.Flush, {}, { source: "vscard_common.h VSCMsgFlush" });

/** To the server: the answer to Flush. */
export const VscFlushComplete = message("VSC_FlushComplete", VscMessageType.FlushComplete, {}, {
  source: "vscard_common.h VSCMsgFlushComplete",
});

/** All bodies on the channel, by type. */
export const vscMessages = [
  VscInit,
  VscError,
  VscReaderAdd,
  VscReaderRemove,
  VscAtr,
  VscCardRemove,
  VscApdu,
  VscFlush,
  VscFlushComplete,
] as const;

/** A decoded body: `name` tells which and narrows `value`. */
export type VscBody = MessageOf<typeof vscMessages>;

/**
 * Finds the body of a message.
 *
 * @param type A value of {@link VscMessageType}.
 * @returns Its declaration, or `undefined` for a type that is not known.
 */
export function vscMessageBody(type: number): Message | undefined {
  return vscMessages.find((message) => message.id === type);
}

/**
 * Decodes the body of a message.
 *
 * @param from The value of SMARTCARD_DATA or {@link VscDeviceHeader}.
 * @throws {ProtocolError} `unknown-message`, and what {@link decode} throws.
 */
export function decodeVscBody(from: { readonly type: number; readonly data: Uint8Array }, limits?: Limits): VscBody {
  const body = vscMessageBody(from.type);
  if (body === undefined) {
    throw new ProtocolError({ code: "unknown-message", message: "VSCMsgHeader", path: "type", detail: `${from.type}` });
  }
  const value = decode(body.wire, from.data, limits === undefined ? {} : { limits });
  // The name and the value come from one declaration of the list that VscBody is made of.
  return { name: body.name, value } as VscBody;
}
