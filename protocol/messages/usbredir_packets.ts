/**
 * usbredir packets: what goes through the data messages of a usbredir channel.
 *
 *   header  u32 type | u32 length | id, u32 or, with the capability 64BITS_IDS of both sides, u64
 *   body    `length` bytes: the fields below, then in data packets the payload
 *
 * A hello always has the short header. The host is the side with the device, the SPICE client; the guest is the one
 * that uses it. Some layouts depend on capabilities that both sides announced in their hellos: there is one declaration
 * for each, and {@link usbredirPacket} chooses. Source: usbredir usbredirproto.h, usbredirparser.c, protocol 0.7.1.
 */
import { hasCap } from "../capabilities.ts";
import { enumeration } from "../schema/enumeration.ts";
import { type Message, message, type MessageOf, sameAs } from "../schema/message.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  type Infer,
  REST,
  struct,
  textBytes,
  u16,
  u32,
  u64,
  u8,
} from "../schema/wire.ts";

/** Bytes of {@link UsbredirHeader32}. */
export const USBREDIR_HEADER32_BYTES = 12;
/** Bytes of {@link UsbredirHeader64}. */
export const USBREDIR_HEADER64_BYTES = 16;
/** Endpoints of a device: 16 out, then 16 in. */
export const USBREDIR_ENDPOINTS = 32;

/** Source: usbredirproto.h usb_redir_hello and following. */
export const UsbredirType = enumeration("usb_redir_type", 32, {
  HELLO: 0,
  DEVICE_CONNECT: 1,
  DEVICE_DISCONNECT: 2,
  RESET: 3,
  INTERFACE_INFO: 4,
  EP_INFO: 5,
  SET_CONFIGURATION: 6,
  GET_CONFIGURATION: 7,
  CONFIGURATION_STATUS: 8,
  SET_ALT_SETTING: 9,
  GET_ALT_SETTING: 10,
  ALT_SETTING_STATUS: 11,
  START_ISO_STREAM: 12,
  STOP_ISO_STREAM: 13,
  ISO_STREAM_STATUS: 14,
  START_INTERRUPT_RECEIVING: 15,
  STOP_INTERRUPT_RECEIVING: 16,
  INTERRUPT_RECEIVING_STATUS: 17,
  ALLOC_BULK_STREAMS: 18,
  FREE_BULK_STREAMS: 19,
  BULK_STREAMS_STATUS: 20,
  CANCEL_DATA_PACKET: 21,
  FILTER_REJECT: 22,
  FILTER_FILTER: 23,
  DEVICE_DISCONNECT_ACK: 24,
  START_BULK_RECEIVING: 25,
  STOP_BULK_RECEIVING: 26,
  BULK_RECEIVING_STATUS: 27,
  CONTROL_PACKET: 100,
  BULK_PACKET: 101,
  ISO_PACKET: 102,
  INTERRUPT_PACKET: 103,
  BUFFERED_BULK_PACKET: 104,
});

/** Capabilities, by bit number. Source: usbredirproto.h usb_redir_cap_. */
export const UsbredirCap = enumeration("usb_redir_cap", 32, {
  BULK_STREAMS: 0,
  CONNECT_DEVICE_VERSION: 1,
  FILTER: 2,
  DEVICE_DISCONNECT_ACK: 3,
  EP_INFO_MAX_PACKET_SIZE: 4,
  "64BITS_IDS": 5,
  "32BITS_BULK_LENGTH": 6,
  BULK_RECEIVING: 7,
});

/** Outcome of a request. Source: usbredirproto.h usb_redir_success and following. */
export const UsbredirStatus = enumeration("usb_redir_status", 8, {
  SUCCESS: 0,
  CANCELLED: 1,
  INVAL: 2,
  IOERROR: 3,
  STALL: 4,
  TIMEOUT: 5,
  BABBLE: 6,
});

/** Kind of an endpoint. Source: usbredirproto.h usb_redir_type_. */
export const UsbredirEndpointType = enumeration("usb_redir_ep_type", 8, {
  CONTROL: 0,
  ISO: 1,
  BULK: 2,
  INTERRUPT: 3,
  INVALID: 255,
});

/** Speed of a device. Source: usbredirproto.h usb_redir_speed_. */
export const UsbredirSpeed = enumeration("usb_redir_speed", 8, {
  LOW: 0,
  FULL: 1,
  HIGH: 2,
  SUPER: 3,
  UNKNOWN: 255,
});

/** Header without the capability 64BITS_IDS, and of every hello. */
export const UsbredirHeader32 = struct("UsbredirHeader32", {
  type: enumOf(UsbredirType),
  length: u32,
  id: u32,
}, { source: "usbredirproto-compat.h usb_redir_header_32bit_id", notes: { length: "bytes of the body" } });
/** Value of {@link UsbredirHeader32}. */
export type UsbredirHeader32 = Infer<typeof UsbredirHeader32>;

/** Header with the capability 64BITS_IDS. */
export const UsbredirHeader64 = struct("UsbredirHeader64", {
  type: enumOf(UsbredirType),
  length: u32,
  id: u64,
}, {
  source: "usbredirproto.h usb_redir_header",
  notes: { length: "bytes of the body", id: "the guest's number for a request; the answer repeats it" },
});
/** Value of {@link UsbredirHeader64}. */
export type UsbredirHeader64 = Infer<typeof UsbredirHeader64>;

const status = enumOf(UsbredirStatus);

/** Both ways, first: who speaks, and what it can do. */
export const UsbredirHello = message("usb_redir_hello", UsbredirType.HELLO, {
  version: textBytes(64),
  capabilities: array(u32, REST),
}, { source: "usbredirproto.h usb_redir_hello_header", notes: { version: "for people; NULs fill it" } });

/** Host: a device is there, after its interfaces and endpoints. */
export const UsbredirDeviceConnect = message("usb_redir_device_connect", UsbredirType.DEVICE_CONNECT, {
  speed: enumOf(UsbredirSpeed),
  deviceClass: u8,
  deviceSubclass: u8,
  deviceProtocol: u8,
  vendorId: u16,
  productId: u16,
  deviceVersionBcd: u16,
}, { source: "usbredirproto.h usb_redir_device_connect_header" });

/** {@link UsbredirDeviceConnect} without CONNECT_DEVICE_VERSION. */
export const UsbredirDeviceConnectNoVersion = message(
  "usb_redir_device_connect_no_device_version",
  UsbredirType.DEVICE_CONNECT,
  {
    speed: enumOf(UsbredirSpeed),
    deviceClass: u8,
    deviceSubclass: u8,
    deviceProtocol: u8,
    vendorId: u16,
    productId: u16,
  },
  { source: "usbredirproto-compat.h usb_redir_device_connect_header_no_device_version" },
);

/** Host: the device is gone. */
export const UsbredirDeviceDisconnect = message(
  "usb_redir_device_disconnect",
  UsbredirType.DEVICE_DISCONNECT,
  {},
  { source: "usbredirproto.h usb_redir_device_disconnect" },
);

/** Guest: reset the device. */
export const UsbredirReset = message("usb_redir_reset", UsbredirType.RESET, {}, {
  source: "usbredirproto.h usb_redir_reset",
});

/** Host: the interfaces of the current configuration. */
export const UsbredirInterfaceInfo = message("usb_redir_interface_info", UsbredirType.INTERFACE_INFO, {
  interfaceCount: u32,
  interface: bytes(32),
  interfaceClass: bytes(32),
  interfaceSubclass: bytes(32),
  interfaceProtocol: bytes(32),
}, {
  source: "usbredirproto.h usb_redir_interface_info_header",
  notes: { interfaceCount: "how many of the 32 entries hold" },
});

const endpoints = {
  type: array(enumOf(UsbredirEndpointType), USBREDIR_ENDPOINTS),
  interval: bytes(USBREDIR_ENDPOINTS),
  interface: bytes(USBREDIR_ENDPOINTS),
} as const;

/** Host: the endpoints; entry `n & 15 | (n & 0x80) >> 3` is endpoint address `n`. With BULK_STREAMS. */
export const UsbredirEpInfo = message("usb_redir_ep_info", UsbredirType.EP_INFO, {
  ...endpoints,
  maxPacketSize: array(u16, USBREDIR_ENDPOINTS),
  maxStreams: array(u32, USBREDIR_ENDPOINTS),
}, { source: "usbredirproto.h usb_redir_ep_info_header", notes: { maxPacketSize: "bytes" } });

/** {@link UsbredirEpInfo} with EP_INFO_MAX_PACKET_SIZE and without BULK_STREAMS. */
export const UsbredirEpInfoNoStreams = message("usb_redir_ep_info_no_max_streams", UsbredirType.EP_INFO, {
  ...endpoints,
  maxPacketSize: array(u16, USBREDIR_ENDPOINTS),
}, { source: "usbredirproto-compat.h usb_redir_ep_info_header_no_max_streams" });

/** {@link UsbredirEpInfo} with neither. */
export const UsbredirEpInfoPlain = message("usb_redir_ep_info_no_max_pktsz", UsbredirType.EP_INFO, endpoints, {
  source: "usbredirproto-compat.h usb_redir_ep_info_header_no_max_pktsz",
});

/** Guest: use this configuration. */
export const UsbredirSetConfiguration = message("usb_redir_set_configuration", UsbredirType.SET_CONFIGURATION, {
  configuration: u8,
}, { source: "usbredirproto.h usb_redir_set_configuration_header" });

/** Guest: which configuration is in use? */
export const UsbredirGetConfiguration = message("usb_redir_get_configuration", UsbredirType.GET_CONFIGURATION, {}, {
  source: "usbredirproto.h usb_redir_get_configuration",
});

/** Host: the configuration in use. */
export const UsbredirConfigurationStatus = message(
  "usb_redir_configuration_status",
  UsbredirType.CONFIGURATION_STATUS,
  { status, configuration: u8 },
  { source: "usbredirproto.h usb_redir_configuration_status_header" },
);

/** Guest: use this alternate setting. */
export const UsbredirSetAltSetting = message("usb_redir_set_alt_setting", UsbredirType.SET_ALT_SETTING, {
  interface: u8,
  alt: u8,
}, { source: "usbredirproto.h usb_redir_set_alt_setting_header" });

/** Guest: which alternate setting is in use? */
export const UsbredirGetAltSetting = message("usb_redir_get_alt_setting", UsbredirType.GET_ALT_SETTING, {
  interface: u8,
}, { source: "usbredirproto.h usb_redir_get_alt_setting_header" });

/** Host: the alternate setting in use. */
export const UsbredirAltSettingStatus = message("usb_redir_alt_setting_status", UsbredirType.ALT_SETTING_STATUS, {
  status,
  interface: u8,
  alt: u8,
}, { source: "usbredirproto.h usb_redir_alt_setting_status_header" });

/** Guest: keep transfers of this isochronous endpoint running. */
export const UsbredirStartIsoStream = message("usb_redir_start_iso_stream", UsbredirType.START_ISO_STREAM, {
  endpoint: u8,
  pktsPerUrb: u8,
  noUrbs: u8,
}, { source: "usbredirproto.h usb_redir_start_iso_stream_header" });

/** Guest: stop them. */
export const UsbredirStopIsoStream = message("usb_redir_stop_iso_stream", UsbredirType.STOP_ISO_STREAM, {
  endpoint: u8,
}, { source: "usbredirproto.h usb_redir_stop_iso_stream_header" });

/** Host: the stream runs, or has stopped. */
export const UsbredirIsoStreamStatus = message("usb_redir_iso_stream_status", UsbredirType.ISO_STREAM_STATUS, {
  status,
  endpoint: u8,
}, { source: "usbredirproto.h usb_redir_iso_stream_status_header" });

/** Guest: poll this interrupt endpoint. */
export const UsbredirStartInterruptReceiving = message(
  "usb_redir_start_interrupt_receiving",
  UsbredirType.START_INTERRUPT_RECEIVING,
  { endpoint: u8 },
  { source: "usbredirproto.h usb_redir_start_interrupt_receiving_header" },
);

/** Guest: poll it no longer. */
export const UsbredirStopInterruptReceiving = sameAs(
  "usb_redir_stop_interrupt_receiving",
  UsbredirType.STOP_INTERRUPT_RECEIVING,
  UsbredirStartInterruptReceiving,
);

/** Host: the endpoint is polled, or no longer. */
export const UsbredirInterruptReceivingStatus = message(
  "usb_redir_interrupt_receiving_status",
  UsbredirType.INTERRUPT_RECEIVING_STATUS,
  { status, endpoint: u8 },
  { source: "usbredirproto.h usb_redir_interrupt_receiving_status_header" },
);

/** Guest: allocate USB 3 bulk streams. */
export const UsbredirAllocBulkStreams = message("usb_redir_alloc_bulk_streams", UsbredirType.ALLOC_BULK_STREAMS, {
  endpoints: u32,
  noStreams: u32,
}, {
  source: "usbredirproto.h usb_redir_alloc_bulk_streams_header",
  notes: { endpoints: "bit n is entry n of EP_INFO" },
});

/** Guest: free them. */
export const UsbredirFreeBulkStreams = message("usb_redir_free_bulk_streams", UsbredirType.FREE_BULK_STREAMS, {
  endpoints: u32,
}, { source: "usbredirproto.h usb_redir_free_bulk_streams_header" });

/** Host: the streams there are. */
export const UsbredirBulkStreamsStatus = message("usb_redir_bulk_streams_status", UsbredirType.BULK_STREAMS_STATUS, {
  endpoints: u32,
  noStreams: u32,
  status,
}, { source: "usbredirproto.h usb_redir_bulk_streams_status_header" });

/** Guest: cancel the data packet with the same id. */
export const UsbredirCancelDataPacket = message("usb_redir_cancel_data_packet", UsbredirType.CANCEL_DATA_PACKET, {}, {
  source: "usbredirproto.h usb_redir_cancel_data_packet",
});

/** Guest: the filter forbids this device. */
export const UsbredirFilterReject = message("usb_redir_filter_reject", UsbredirType.FILTER_REJECT, {}, {
  source: "usbredirproto.h usb_redir_filter_reject",
});

/** Both ways: the sender's filter rules, `class,vendor,product,version,allow` joined by `|`, with a NUL. */
export const UsbredirFilterFilter = message("usb_redir_filter_filter", UsbredirType.FILTER_FILTER, {
  filter: textBytes(REST),
}, { source: "usbredirparser.c usbredirparser_send_filter_filter" });

/** Guest: has seen that the device is gone; a new one may come. */
export const UsbredirDeviceDisconnectAck = message(
  "usb_redir_device_disconnect_ack",
  UsbredirType.DEVICE_DISCONNECT_ACK,
  {},
  { source: "usbredirproto.h usb_redir_device_disconnect_ack" },
);

/** Guest: keep reading this bulk endpoint. */
export const UsbredirStartBulkReceiving = message("usb_redir_start_bulk_receiving", UsbredirType.START_BULK_RECEIVING, {
  streamId: u32,
  bytesPerTransfer: u32,
  endpoint: u8,
  noTransfers: u8,
}, { source: "usbredirproto.h usb_redir_start_bulk_receiving_header" });

/** Guest: read it no longer. */
export const UsbredirStopBulkReceiving = message("usb_redir_stop_bulk_receiving", UsbredirType.STOP_BULK_RECEIVING, {
  streamId: u32,
  endpoint: u8,
}, { source: "usbredirproto.h usb_redir_stop_bulk_receiving_header" });

/** Host: the endpoint is read, or no longer. */
export const UsbredirBulkReceivingStatus = message(
  "usb_redir_bulk_receiving_status",
  UsbredirType.BULK_RECEIVING_STATUS,
  { streamId: u32, endpoint: u8, status },
  { source: "usbredirproto.h usb_redir_bulk_receiving_status_header" },
);

/** Both ways: a control transfer, and its answer. */
export const UsbredirControlPacket = message("usb_redir_control_packet", UsbredirType.CONTROL_PACKET, {
  endpoint: u8,
  request: u8,
  requesttype: u8,
  status,
  value: u16,
  index: u16,
  length: u16,
  data: bytes(REST),
}, {
  source: "usbredirproto.h usb_redir_control_packet_header",
  notes: { length: "bytes wanted or moved; data are only in the packet that goes their way" },
});

/** Both ways: a bulk transfer, and its answer. `length` has its upper 16 bits in `lengthHigh`. */
export const UsbredirBulkPacket = message("usb_redir_bulk_packet", UsbredirType.BULK_PACKET, {
  endpoint: u8,
  status,
  length: u16,
  streamId: u32,
  lengthHigh: u16,
  data: bytes(REST),
}, {
  source: "usbredirproto.h usb_redir_bulk_packet_header",
  notes: { length: "bytes wanted or moved; data are only in the packet that goes their way" },
});

/** {@link UsbredirBulkPacket} without 32BITS_BULK_LENGTH. */
export const UsbredirBulkPacket16 = message("usb_redir_bulk_packet_16bit_length", UsbredirType.BULK_PACKET, {
  endpoint: u8,
  status,
  length: u16,
  streamId: u32,
  data: bytes(REST),
}, { source: "usbredirproto-compat.h usb_redir_bulk_packet_header_16bit_length" });

/** Both ways: isochronous data. */
export const UsbredirIsoPacket = message("usb_redir_iso_packet", UsbredirType.ISO_PACKET, {
  endpoint: u8,
  status,
  length: u16,
  data: bytes(REST),
}, { source: "usbredirproto.h usb_redir_iso_packet_header" });

/** Both ways: interrupt data; from guest to host only for endpoints that go out. */
export const UsbredirInterruptPacket = sameAs(
  "usb_redir_interrupt_packet",
  UsbredirType.INTERRUPT_PACKET,
  UsbredirIsoPacket,
);

/** Host: data of an endpoint under {@link UsbredirStartBulkReceiving}. */
export const UsbredirBufferedBulkPacket = message("usb_redir_buffered_bulk_packet", UsbredirType.BUFFERED_BULK_PACKET, {
  streamId: u32,
  length: countOf("data"),
  endpoint: u8,
  status,
  data: bytes("length"),
}, { source: "usbredirproto.h usb_redir_buffered_bulk_packet_header" });

/** All layouts, by type; of one type, those that need fewer capabilities first. */
export const usbredirPackets = [
  UsbredirHello,
  UsbredirDeviceConnectNoVersion,
  UsbredirDeviceConnect,
  UsbredirDeviceDisconnect,
  UsbredirReset,
  UsbredirInterfaceInfo,
  UsbredirEpInfoPlain,
  UsbredirEpInfoNoStreams,
  UsbredirEpInfo,
  UsbredirSetConfiguration,
  UsbredirGetConfiguration,
  UsbredirConfigurationStatus,
  UsbredirSetAltSetting,
  UsbredirGetAltSetting,
  UsbredirAltSettingStatus,
  UsbredirStartIsoStream,
  UsbredirStopIsoStream,
  UsbredirIsoStreamStatus,
  UsbredirStartInterruptReceiving,
  UsbredirStopInterruptReceiving,
  UsbredirInterruptReceivingStatus,
  UsbredirAllocBulkStreams,
  UsbredirFreeBulkStreams,
  UsbredirBulkStreamsStatus,
  UsbredirCancelDataPacket,
  UsbredirFilterReject,
  UsbredirFilterFilter,
  UsbredirDeviceDisconnectAck,
  UsbredirStartBulkReceiving,
  UsbredirStopBulkReceiving,
  UsbredirBulkReceivingStatus,
  UsbredirControlPacket,
  UsbredirBulkPacket16,
  UsbredirBulkPacket,
  UsbredirIsoPacket,
  UsbredirInterruptPacket,
  UsbredirBufferedBulkPacket,
] as const;

/** A decoded body: `name` tells the layout and narrows `value`. */
export type UsbredirBody = MessageOf<typeof usbredirPackets>;

/**
 * Which layout a packet has.
 *
 * @param type A value of {@link UsbredirType}.
 * @param caps Capability words that both sides announced, see {@link UsbredirCap}; none before the hellos.
 * @returns `undefined` for a type that is not known.
 */
export function usbredirPacket(type: number, caps: readonly number[]): Message | undefined {
  switch (type) {
    case UsbredirType.DEVICE_CONNECT:
      return hasCap(caps, UsbredirCap.CONNECT_DEVICE_VERSION) ? UsbredirDeviceConnect : UsbredirDeviceConnectNoVersion;
    case UsbredirType.EP_INFO:
      if (hasCap(caps, UsbredirCap.BULK_STREAMS)) return UsbredirEpInfo;
      return hasCap(caps, UsbredirCap.EP_INFO_MAX_PACKET_SIZE) ? UsbredirEpInfoNoStreams : UsbredirEpInfoPlain;
    case UsbredirType.BULK_PACKET:
      return hasCap(caps, UsbredirCap["32BITS_BULK_LENGTH"]) ? UsbredirBulkPacket : UsbredirBulkPacket16;
    default:
      return usbredirPackets.find((packet) => packet.id === type);
  }
}
