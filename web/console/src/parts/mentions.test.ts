import { expect, test } from "vitest";
import type { Colleague } from "../wire/protocol";
import { asked, fill, handleOf, mentioned, pieces, suggest } from "./mentions";

const who = (agent: string, display: string): Colleague => ({ agent: `agent:${agent}`, display, device: "browser" });
const people = [who("alice", "Alice"), who("bob", "Bob"), who("bobby", "Bobby Tables"), who("zs", "张三"), who("k1", "Kim"), who("k2", "Kim")];

test("what is being written behind an @ is found at the caret, in Chinese without a space, and not in an address", () => {
  expect(asked("ask @bo", 7)).toEqual({ from: 4, needle: "bo" });
  expect(asked("@", 1)).toEqual({ from: 0, needle: "" });
  expect(asked("请@张", 3)).toEqual({ from: 1, needle: "张" });
  expect(asked("ask @bo now", 7)).toEqual({ from: 4, needle: "bo" });
  for (const text of ["write to a@bo", "ask @bob now", "no at"]) expect(asked(text, text.length)).toBeNull();
});

test("colleagues are offered by either of their names, oneself never", () => {
  expect(suggest(people, "bo", "agent:alice").map((p) => p.agent)).toEqual(["agent:bob", "agent:bobby"]);
  expect(suggest(people, "ZS", "agent:alice").map((p) => p.display)).toEqual(["张三"]);
  expect(suggest(people, "ali", "agent:alice")).toEqual([]);
});

test("the chosen one stands in place of what was written, and the caret behind it", () => {
  expect(fill("ask @bo now", 7, 4, "Bob")).toEqual({ text: "ask @Bob now", caret: 9 });
  expect(fill("@", 1, 0, "张三")).toEqual({ text: "@张三 ", caret: 4 });
});

test("a text is marked where it names somebody, the longest name first, and nowhere else", () => {
  expect(pieces("ask @Bobby Tables, not @bob or b@Bob", people)).toEqual([
    { text: "ask ", agent: null }, { text: "@Bobby Tables", agent: "agent:bobby" }, { text: ", not ", agent: null },
    { text: "@bob", agent: "agent:bob" }, { text: " or b@Bob", agent: null },
  ]);
  expect(mentioned("请@张三看，@张三", people)).toEqual(["agent:zs"]);
  expect(mentioned("@Bobs @nobody <b>@Bob</b>", people)).toEqual(["agent:bob"]);
  expect(pieces("", people)).toEqual([]);
});

test("two who are called the same are told apart by their user names", () => {
  expect(people.slice(4).map((p) => handleOf(people, p))).toEqual(["k1", "k2"]);
  expect(mentioned("@k2 and @Kim", people)).toEqual(["agent:k2"]);
});
