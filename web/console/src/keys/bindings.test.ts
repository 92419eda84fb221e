import { beforeEach, expect, test } from "vitest";
import { bindings, BINDABLE, DEFAULTS, keep, keysOf, labelOf, read, rebind, reset } from "./bindings";

const alt = (code: string) => ({ code, altKey: true, ctrlKey: false, metaKey: false, shiftKey: false });

beforeEach(() => {
  localStorage.clear();
  keysOf("nobody");
});

test("a key that another command has is refused and says whose it is", () => {
  expect(rebind(DEFAULTS, "mute", alt("KeyH"))).toEqual({ ok: false, why: "taken", by: "hold" });
  expect(rebind(DEFAULTS, "mute", alt("KeyM"))).toEqual({ ok: true, bindings: DEFAULTS });
  const free = rebind(DEFAULTS, "mute", alt("KeyZ"));
  expect(free).toEqual({ ok: true, bindings: { ...DEFAULTS, mute: "KeyZ" } });
  // What was freed may be taken by another.
  expect(free.ok && rebind(free.bindings, "hold", alt("KeyM")).ok).toBe(true);
});

test("only Alt and a letter or a sign may be chosen; digits choose contacts", () => {
  for (const stroke of [alt("Digit1"), alt("F5"), { ...alt("KeyZ"), altKey: false }, { ...alt("KeyZ"), ctrlKey: true }]) {
    expect(rebind(DEFAULTS, "mute", stroke)).toEqual({ ok: false, why: "unusable" });
  }
  expect(rebind(DEFAULTS, "mute", alt("Period")).ok).toBe(true);
  expect([labelOf("KeyA"), labelOf("Period")]).toEqual(["Alt+A", "Alt+."]);
});

test("everybody has their own keys, and resetting forgets one's own only", () => {
  keysOf("alice");
  keep({ ...DEFAULTS, accept: "KeyZ" });
  keysOf("bob");
  expect(bindings()).toEqual(DEFAULTS);
  keep({ ...DEFAULTS, accept: "KeyQ" });
  keysOf("alice");
  expect(bindings().accept).toBe("KeyZ");
  reset();
  expect(bindings()).toEqual(DEFAULTS);
  keysOf("bob");
  expect(bindings().accept).toBe("KeyQ");
});

test("what is stored and cannot be used is passed over", () => {
  for (const text of [null, "", "7", "null", "[]", '{"accept":7}', '{"accept":"F5"}', '{"accept":"KeyD"}']) {
    expect(read(text)).toEqual(DEFAULTS);
  }
  expect(read('{"accept":"KeyZ","of a newer version":"KeyQ"}')).toEqual({ ...DEFAULTS, accept: "KeyZ" });
  expect(new Set(BINDABLE.map((command) => DEFAULTS[command])).size).toBe(BINDABLE.length);
});
