/** Byte streams to and from a device: what usbredir, port and webdav have in common. */
import { message, sameAs } from "../schema/message.ts";
import { bytes, match, nothing, REST, tagOf, u32 } from "../schema/wire.ts";
import { baseClient, baseServer } from "./base.ts";
import { DataCompressionType } from "./enums.ts";

/** Part of the stream from the device. Source: spice.proto SpicevmcChannel.data. */
export const SpicevmcData = message("SPICEVMC_DATA", 101, { data: bytes(REST) }, {
  source: "spice.proto SpicevmcChannel.data",
});

/** Part of the stream from the device, compressed. Source: spice.proto CompressedData. */
export const SpicevmcCompressedData = message("SPICEVMC_COMPRESSED_DATA", 102, {
  type: tagOf("compression", DataCompressionType),
  compression: match("type", { NONE: nothing, LZ4: u32 }),
  compressedData: bytes(REST),
}, { source: "spice.proto CompressedData", notes: { compression: "LZ4: bytes after decompression" } });

/** Part of the stream to the device. Source: spice.proto SpicevmcChannel.data. */
export const ClientSpicevmcData = sameAs("SPICEVMC_DATA", 101, SpicevmcData);

/** Part of the stream to the device, compressed. Source: spice.proto CompressedData. */
export const ClientSpicevmcCompressedData = sameAs("SPICEVMC_COMPRESSED_DATA", 102, SpicevmcCompressedData);

/** Messages from the server of every channel of this kind. Source: spice.proto SpicevmcChannel. */
export const spicevmcServer = [...baseServer, SpicevmcData, SpicevmcCompressedData] as const;

/** Messages from the client of every channel of this kind. Source: spice.proto SpicevmcChannel. */
export const spicevmcClient = [...baseClient, ClientSpicevmcData, ClientSpicevmcCompressedData] as const;
