/** The port channel: a named byte stream that opens and closes. */
import { channel, message, sameAs } from "../schema/message.ts";
import { countOf, enumOf, pointer, textBytes, u8 } from "../schema/wire.ts";
import { ChannelType, PortEventType } from "./enums.ts";
import { spicevmcClient, spicevmcServer } from "./spicevmc.ts";

/** Name and state of the port. Source: spice.proto PortChannel.init. */
export const PortInit = message("PORT_INIT", 201, {
  nameSize: countOf("name"),
  name: pointer(textBytes("nameSize"), "eager"),
  opened: u8,
}, { source: "spice.proto PortChannel.init", notes: { name: "with its NUL", opened: "1 or 0" } });

/** The guest opened or closed the port, or sent a break. Source: spice.proto PortChannel.event. */
export const PortEvent = message("PORT_EVENT", 202, { event: enumOf(PortEventType) }, {
  source: "spice.proto PortChannel.event",
});

/** The client opened or closed the port, or sent a break. Source: spice.proto PortChannel.event. */
export const ClientPortEvent = sameAs("PORT_EVENT", 201, PortEvent);

/** Messages from the server of every channel of this kind. Source: spice.proto PortChannel. */
export const portServer = [...spicevmcServer, PortInit, PortEvent] as const;

/** Messages from the client of every channel of this kind. Source: spice.proto PortChannel. */
export const portClient = [...spicevmcClient, ClientPortEvent] as const;

/** The port channel. Source: spice.proto PortChannel. */
export const port = channel("port", ChannelType.PORT, portServer, portClient);
