/** The usbredir channel: a USB device's packets as a byte stream. */
import { channel } from "../schema/message.ts";
import { ChannelType } from "./enums.ts";
import { spicevmcClient, spicevmcServer } from "./spicevmc.ts";

/** The usbredir channel. Source: spice.proto UsbredirChannel. */
export const usbredir = channel("usbredir", ChannelType.USBREDIR, spicevmcServer, spicevmcClient);
