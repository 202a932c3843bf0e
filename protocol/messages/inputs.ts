/** The inputs channel: keyboard and mouse. */
import { channel, message, sameAs } from "../schema/message.ts";
import { bytes, enumOf, flagsOf, i32, REST, u32, u8 } from "../schema/wire.ts";
import { baseClient, baseServer } from "./base.ts";
import { ChannelType, KeyboardModifierFlags, MouseButton, MouseButtonMask } from "./enums.ts";

/** State of the lock keys at the start. Source: spice.proto InputsChannel.init. */
export const InputsInit = message("INPUTS_INIT", 101, { keyboardModifiers: flagsOf(KeyboardModifierFlags) }, {
  source: "spice.proto InputsChannel.init",
});

/** The guest's lock keys changed. Source: spice.proto InputsChannel.key_modifiers. */
export const InputsKeyModifiers = message("INPUTS_KEY_MODIFIERS", 102, { modifiers: flagsOf(KeyboardModifierFlags) }, {
  source: "spice.proto InputsChannel.key_modifiers",
});

/** Four motions or positions have arrived. Source: spice.proto InputsChannel.mouse_motion_ack. */
export const InputsMouseMotionAck = message("INPUTS_MOUSE_MOTION_ACK", 111, {}, {
  source: "spice.proto InputsChannel.mouse_motion_ack",
});

/** A key goes down. Source: spice.proto InputsChannel.key_down. */
export const InputsKeyDown = message("INPUTS_KEY_DOWN", 101, { code: u32 }, {
  source: "spice.proto InputsChannel.key_down",
  notes: { code: "bytes of the PC AT set 1 make code, first byte lowest" },
});

/** A key comes up. Source: spice.proto InputsChannel.key_up. */
export const InputsKeyUp = message("INPUTS_KEY_UP", 102, { code: u32 }, {
  source: "spice.proto InputsChannel.key_up",
  notes: { code: "bytes of the PC AT set 1 break code, first byte lowest" },
});

/** Set the guest's lock keys. Source: spice.proto InputsChannel.key_modifiers. */
export const ClientInputsKeyModifiers = sameAs("INPUTS_KEY_MODIFIERS", 103, InputsKeyModifiers);

/** Raw scan codes. Source: spice.proto InputsChannel.key_scancode. */
export const InputsKeyScancode = message("INPUTS_KEY_SCANCODE", 104, { data: bytes(REST) }, {
  source: "spice.proto InputsChannel.key_scancode",
});

/** The mouse moved, in server mouse mode. Source: spice.proto InputsChannel.mouse_motion. */
export const InputsMouseMotion = message("INPUTS_MOUSE_MOTION", 111, {
  dx: i32,
  dy: i32,
  buttonsState: flagsOf(MouseButtonMask),
}, { source: "spice.proto InputsChannel.mouse_motion" });

/** The mouse is somewhere, in client mouse mode. Source: spice.proto InputsChannel.mouse_position. */
export const InputsMousePosition = message("INPUTS_MOUSE_POSITION", 112, {
  x: u32,
  y: u32,
  buttonsState: flagsOf(MouseButtonMask),
  displayId: u8,
}, { source: "spice.proto InputsChannel.mouse_position" });

/** A button goes down. Source: spice.proto InputsChannel.mouse_press. */
export const InputsMousePress = message("INPUTS_MOUSE_PRESS", 113, {
  button: enumOf(MouseButton),
  buttonsState: flagsOf(MouseButtonMask),
}, { source: "spice.proto InputsChannel.mouse_press" });

/** A button comes up. Source: spice.proto InputsChannel.mouse_release. */
export const InputsMouseRelease = sameAs("INPUTS_MOUSE_RELEASE", 114, InputsMousePress);

/** The inputs channel. Source: spice.proto InputsChannel. */
export const inputs = channel(
  "inputs",
  ChannelType.INPUTS,
  [...baseServer, InputsInit, InputsKeyModifiers, InputsMouseMotionAck],
  [
    ...baseClient,
    InputsKeyDown,
    InputsKeyUp,
    ClientInputsKeyModifiers,
    InputsKeyScancode,
    InputsMouseMotion,
    InputsMousePosition,
    InputsMousePress,
    InputsMouseRelease,
  ],
);
