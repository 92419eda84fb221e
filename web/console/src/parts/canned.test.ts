import { expect, test } from "vitest";
import { fillCanned, findCanned } from "./canned";

const canned = [{ name: "hello", text: "Hello ${customer}" }, { name: "bye", text: "Bye" }];

test("a slash and a beginning find replies, a text with a slash in it does not", () => {
  expect(findCanned(canned, "/").map((c) => c.name)).toEqual(["hello", "bye"]);
  expect(findCanned(canned, "/HE").map((c) => c.name)).toEqual(["hello"]);
  expect(findCanned(canned, "/hello there")).toEqual([]);
  expect(findCanned(canned, "and/or")).toEqual([]);
});

test("names are filled in as text, whatever they contain", () => {
  expect(fillCanned("Hello ${customer}, ${agent} here, ${other}", { customer: "$1<b>", agent: "${customer}" }))
    .toBe("Hello $1<b>, ${customer} here, ${other}");
});
