/**
 * Our client with a seeded defect, for the suite to notice: it speaks the control protocol as our client does.
 *
 * defective_client.ts PORT PASSWORD DEFECT
 */
import { runClient } from "../adapters/saffron_client.ts";
import { CLIENT_DEFECTS } from "./client_defects.ts";
import { startTamperProxy } from "./tamper_proxy.ts";

if (import.meta.main) {
  const [port, password = "", name] = Deno.args, defect = CLIENT_DEFECTS.find((one) => one.name === name);
  if (defect === undefined && name !== "none") throw new TypeError(`There is no defect ${name}`);
  await using proxy = startTamperProxy(Number(port), defect?.tampering ?? {});
  await runClient(`spice://127.0.0.1:${proxy.port}`, password);
}
