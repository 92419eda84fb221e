import { expect, test } from "vitest";
import en from "../i18n/en.json";
import { DEFAULTS } from "./bindings";
import { commandOf, isSend, sheet, Twice, type Stroke } from "./shortcuts";

const stroke = (change: Partial<Stroke>): Stroke => ({
  code: "", key: "", altKey: false, ctrlKey: false, metaKey: false, typing: false, ...change,
});

test("Alt and a letter work by place, also while typing", () => {
  // On a French keyboard the key in the place of A says q; an input method says Process.
  expect(commandOf(stroke({ code: "KeyA", key: "q", altKey: true }), false)).toBe("accept");
  expect(commandOf(stroke({ code: "KeyD", key: "Process", altKey: true, typing: true }), false)).toBe("decline");
  expect(commandOf(stroke({ code: "Digit3", altKey: true }), false)).toEqual({ nth: 3 });
});

test("plain keys are left alone inside inputs", () => {
  expect(commandOf(stroke({ key: "?" }), false)).toBe("help");
  expect(commandOf(stroke({ key: "?", typing: true }), false)).toBeNull();
  expect(commandOf(stroke({ code: "KeyI" }), true)).toBe("go_inbox");
  expect(commandOf(stroke({ code: "KeyI" }), false)).toBeNull();
  expect(commandOf(stroke({ code: "KeyI", typing: true }), true)).toBeNull();
});

test("AltGr, which is Ctrl and Alt, types and commands nothing", () => {
  expect(commandOf(stroke({ code: "KeyX", altKey: true, ctrlKey: true }), false)).toBeNull();
});

test("Enter sends, but not with Shift and never while an input method composes", () => {
  const enter = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };
  expect(isSend(enter)).toBe(true);
  expect(isSend({ ...enter, shiftKey: true })).toBe(false);
  expect(isSend({ ...enter, isComposing: true })).toBe(false);
  expect(isSend({ ...enter, keyCode: 229 })).toBe(false);
});

test("hanging up takes two strokes within a second, and a third is a new first", () => {
  const twice = new Twice();
  expect([0, 1500, 2400, 2500].map((at) => twice.press(at))).toEqual([false, false, true, false]);
});

test("every line of the sheet has its words", () => {
  for (const { command } of sheet(DEFAULTS)) expect(en).toHaveProperty([`key.${command}`]);
});

test("one's own keys command, are on the sheet, and those they replace do nothing", () => {
  const own = { ...DEFAULTS, accept: "KeyZ" };
  expect(commandOf(stroke({ code: "KeyZ", altKey: true }), false, own)).toBe("accept");
  expect(commandOf(stroke({ code: "KeyA", altKey: true }), false, own)).toBeNull();
  expect(sheet(own).find((line) => line.command === "accept")?.keys).toBe("Alt+Z");
});
