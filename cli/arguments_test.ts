import assert from "node:assert/strict";
import { readArguments } from "./arguments.ts";
import { UsageError } from "./usage_error.ts";

const SPECS = [
  { name: "delay-ms", value: "MS", about: "" },
  { name: "text", value: "TEXT", about: "" },
  { name: "json", about: "" },
  { name: "at", value: "PLACE", repeats: true as const, about: "" },
];

Deno.test("readArguments() takes options anywhere, and all behind -- as arguments", () => {
  const args = readArguments(["--json", "a", "--text", "b c", "-", "--delay-ms=7", "--", "--json", "-3"], SPECS);
  assert.deepEqual(args.positionals, ["a", "-", "--json", "-3"]);
  assert.equal(args.flag("json"), true);
  assert.equal(args.text("text"), "b c");
  assert.equal(args.integer("delay-ms", 0, 10), 7);
  const none = readArguments([], SPECS);
  assert.equal(none.flag("json"), false);
  assert.equal(none.text("text"), undefined);
  assert.equal(none.integer("delay-ms", 0, 10), undefined);
});

Deno.test("readArguments() keeps every value of an option that may be said more than once", () => {
  assert.deepEqual(readArguments(["--at", "-1", "x", "--at=b"], SPECS).list("at"), ["-1", "b"]);
  assert.deepEqual(readArguments(["--text", "x"], SPECS).list("at"), []);
  assert.equal(readArguments(["--text", "x", "--text", "y"], SPECS).text("text"), "y");
});

Deno.test("readArguments() takes a number below zero for what it is", () => {
  const args = readArguments(["-3", "--delay-ms", "-7", "--text=-x"], SPECS);
  assert.deepEqual(args.positionals, ["-3"]);
  assert.equal(args.integer("delay-ms", -10, 10), -7);
  assert.equal(args.text("text"), "-x");
});

Deno.test("readArguments() says what is wrong with an option", () => {
  const refuses = (args: string[], message: RegExp) =>
    assert.throws(() => readArguments(args, SPECS), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  refuses(["--jsno"], /^there is no option --jsno \(did you mean --json\?\)$/);
  refuses(["-la"], /^there is no option -l \(an argument that begins with - goes behind --\)$/);
  refuses(["--zzzzzz"], /there is no option --zzzzzz/);
  refuses(["--text"], /^--text wants a value: --text TEXT or --text=TEXT$/);
  refuses(["--text", "--json"], /^--text wants a value/);
  refuses(["--json=yes"], /^--json takes no value$/);
  assert.throws(() => readArguments(["--delay-ms", "11"], SPECS).integer("delay-ms", 0, 10), {
    name: "UsageError",
    message: '--delay-ms: want a whole number from 0 to 10, not "11"',
  });
});
