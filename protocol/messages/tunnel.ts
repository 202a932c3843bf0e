/** The tunnel channel, of which only the number is left. */
import { channel } from "../schema/message.ts";
import { ChannelType } from "./enums.ts";

/** The tunnel channel: it has no messages, not even the base ones. Source: spice.proto TunnelChannel. */
export const tunnel = channel("tunnel", ChannelType.TUNNEL, [], []);
