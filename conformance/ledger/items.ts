/** Everything that the protocol offers, one item each: what the ledger counts. Nothing here is written by hand. */
import { agentItems } from "./agent_items.ts";
import { type Area, areaOf } from "./areas.ts";
import { cacheSteps } from "./cache_steps.ts";
import { capabilityItems } from "./capability_items.ts";
import { cursorForms } from "./cursor_forms.ts";
import { deviceItems } from "./device_items.ts";
import { imageForms } from "./image_forms.ts";
import { linkItems } from "./link_items.ts";
import { messageItems } from "./message_items.ts";
import { migrationItems } from "./migration_items.ts";
import { monitorLayouts } from "./monitor_layouts.ts";

/** One thing that a peer can send or do. */
export interface Item {
  /** Its name for ever, as `display/server/DISPLAY_DRAW_COPY/data.srcBitmap.body=LZ_RGB`. */
  readonly address: string;
  readonly area: Area;
}

/** @returns All items, in the order of the protocol. */
export function allItems(): Item[] {
  const addresses = [
    ...linkItems(),
    ...capabilityItems(),
    ...messageItems(),
    ...imageForms(),
    ...cursorForms(),
    ...cacheSteps(),
    ...monitorLayouts(),
    ...migrationItems(),
    ...agentItems(),
    ...deviceItems(),
  ];
  return addresses.map((address) => ({ address, area: areaOf(address) }));
}
