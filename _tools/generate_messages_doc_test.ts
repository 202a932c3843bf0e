import assert from "node:assert/strict";
import { channels } from "../protocol/messages/channels.ts";
import * as enums from "../protocol/messages/enums.ts";
import { usbredirPackets } from "../protocol/messages/usbredir_packets.ts";
import { metaOf } from "../protocol/schema/enumeration.ts";
import type { Channel, Message } from "../protocol/schema/message.ts";
import { messagesDoc, SOURCES } from "./generate_messages_doc.ts";

const texts = new Map<string, string>();
for (const file of SOURCES) {
  texts.set(file, await Deno.readTextFile(new URL(`../protocol/${file}`, import.meta.url)));
}
const page = messagesDoc(texts);
const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);

Deno.test("messagesDoc() has a section for each message, once", () => {
  const messages = new Set<Message>(usbredirPackets);
  for (const { server, client } of Object.values<Channel>(channels)) {
    for (const one of [...server, ...client]) messages.add(one);
  }
  const wanted = [...messages].map(({ name, id }) => `${name} (${id})`).sort();
  assert.ok(wanted.length > 150, `${wanted.length}`);
  const listed = new Set(wanted);
  assert.deepEqual(headings.filter((heading) => listed.has(heading)).sort(), wanted);
});

Deno.test("messagesDoc() has a section for each enumeration and for what its links name", () => {
  for (const one of Object.values(enums)) {
    const { name, members } = metaOf(one);
    assert.ok(headings.includes(`Enum ${name}`), name);
    for (const [member, value] of Object.entries(members)) {
      assert.ok(
        page.includes(`${value} | ${member} |`) || page.includes(`0x${value.toString(16)} | ${member} |`),
        member,
      );
    }
  }
  const anchors = new Set(
    headings.map((heading) => heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")),
  );
  const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor!);
  assert.ok(links.length > 200, `${links.length}`);
  assert.deepEqual([...new Set(links)].filter((anchor) => !anchors.has(anchor)), []);
});

Deno.test("messagesDoc() says what a message is about, and its source", () => {
  assert.match(
    page,
    /#### MAIN_INIT \(103\)\n\nThe session begins\. Source: spice\.proto MainChannel\.init\.\n\n\| Offset/,
  );
  assert.match(page, /#### DISPLAY_DRAW_BLEND \(305\)\n\n[^\n]+\n\nLaid out as `DISPLAY_DRAW_COPY`\./);
  assert.match(page, /#### MAIN_MIGRATE_END \(112\)\n\n[^\n]+\n\nNo body\./);
});

Deno.test("messagesDoc() gives the same page again", () => {
  assert.equal(messagesDoc(texts), page);
});

Deno.test("messagesDoc() needs the text of every source", () => {
  assert.throws(() => messagesDoc(new Map()), /no text of messages\/base\.ts/);
});
