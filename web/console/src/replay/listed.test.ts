import { expect, test } from "vitest";
import { rowsOf } from "./listed";
import { read } from "./tape";

const tape = (kind: string, frames: [string, unknown][]) => {
  const head = JSON.stringify({ v: 1, collab: "col_1", session: "ses_1", kind, since: 0 });
  const made = read([head, ...frames.map(([type, data], n) => JSON.stringify({ at: n, frame: { type, data } }))].join("\n"));
  if (made === null) throw new Error("it is one");
  return made;
};

test("files lie there from when they come until they are taken away", () => {
  const file = (n: number) => ({ n, file: `f${n}`, name: `${n}.png`, mime: "image/png", size: 1, by: "customer" });
  const made = tape("file", [["ready", { state: { files: [file(1)], largest: 9 } }], ["file", file(2)], ["removed", { file: "f1" }]]);
  expect([1, 2, 3].map((count) => rowsOf(made, count).map((row) => row.what))).toEqual([["1.png"], ["1.png", "2.png"], ["2.png"]]);
});

test("an address is said to be opened or refused once it is", () => {
  const made = tape("url", [["ready", { state: { links: [] } }], ["pushed", { n: 1, url: "https://a.example/", by: "agent", state: "shown" }],
    ["answered", { n: 1, taken: false, by: "customer" }]]);
  expect([1, 2, 3].map((count) => rowsOf(made, count).map((row) => row.state))).toEqual([[], ["shown"], ["refused"]]);
});
