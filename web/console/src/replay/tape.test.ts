import { expect, test } from "vitest";
import { base, due, read } from "./tape";

const HEAD = '{"v":1,"collab":"col_1","session":"ses_1","kind":"form","since":1000}';
const line = (at: number, type: string): string => JSON.stringify({ at, frame: { type, data: {} } });

test("entries are in order, a torn line is passed over, and the end is that of the last", () => {
  const tape = read([HEAD, line(0, "ready"), line(50, "filled"), '{"at":60,"fra', line(40, "filled"), '{"at":90,"full":true}', ""].join("\n"));
  expect(tape?.entries.map((e) => [e.at, e.type])).toEqual([[0, "ready"], [50, "filled"], [50, "filled"]]);
  expect([tape?.length, tape?.isFull, tape?.kind]).toEqual([90, true, "form"]);
});

test("what is no recording, or a later one's, is none", () => {
  for (const text of ["", "{}", '{"v":2,"kind":"form"}', '{"v":1,"kind":"dance"}']) expect(read(text)).toBeNull();
});

test("what is due at a time is found, and where to begin for it", () => {
  const tape = read([HEAD, line(0, "ready"), line(10, "filled"), line(20, "ready"), line(20, "filled"), line(30, "ended")].join("\n"));
  if (tape === null) throw new Error("it is one");
  expect([-1, 0, 9, 10, 20, 29, 99].map((ms) => due(tape, ms))).toEqual([0, 1, 1, 2, 4, 4, 5]);
  expect([0, 1, 2, 3, 4, 5].map((count) => base(tape, count))).toEqual([0, 0, 0, 2, 2, 2]);
});
