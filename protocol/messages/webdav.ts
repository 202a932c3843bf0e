/** The webdav channel: a port that carries HTTP to a folder of the client. */
import { channel } from "../schema/message.ts";
import { ChannelType } from "./enums.ts";
import { portClient, portServer } from "./port.ts";

/** The webdav channel. Source: spice.proto WebDAVChannel. */
export const webdav = channel("webdav", ChannelType.WEBDAV, portServer, portClient);
