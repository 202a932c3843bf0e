import assert from "node:assert/strict";
import { isValid, opens, type Ticket } from "./ticket.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const ticket: Ticket = { password: bytes("secret"), role: "view", untilMs: 100 };

Deno.test("opens() takes the very password and no other", () => {
  assert(opens(ticket, bytes("secret")));
  for (const wrong of ["", "s", "secre", "secret2", "Secret", "secret\0"]) assert(!opens(ticket, bytes(wrong)), wrong);
  assert(!opens(ticket, null));
  assert(opens({ ...ticket, password: null }, null) && opens({ ...ticket, password: null }, bytes("any")));
  assert(!opens({ ...ticket, password: bytes("") }, bytes("x")));
});

Deno.test("isValid() until the ticket's time, or for ever", () => {
  assert(isValid(ticket, 100) && !isValid(ticket, 100.1));
  assert(isValid({ ...ticket, untilMs: null }, Infinity));
});
