import { expect, test } from "vitest";
import type { FactRow, Recorded } from "../wire/rest";
import { marksOf } from "./marks";

const film: Recorded = { collab: "col_1", kind: "screen", started: 1000, ended: 9000 };
const noted = (at: number, act: string, what: string, collab = "col_1"): FactRow => ({ at, what: { type: "collab_noted", collab, by: "customer", act, what } });

test("pauses and the leave to see are places of the recording, and nothing else is", () => {
  const facts = [noted(900, "consent", "view"), { at: 1500, what: { type: "collab_joined", collab: "col_1" } }, noted(2000, "pause", ""),
    noted(2500, "pause", "", "col_2"), noted(3000, "resume", ""), noted(4000, "consent", "control"), noted(5000, "revoke", "view"), noted(9900, "consent", "view")];
  expect(marksOf(facts, film)).toEqual({ lost: null, marks: [
    { at: 1000, act: "pause" }, { at: 2000, act: "resume" }, { at: 4000, act: "revoke" }, { at: 8000, act: "consent" },
  ] });
});

test("a recording that could not go on says why", () => {
  expect(marksOf([noted(9000, "unrecorded", "full")], film)).toEqual({ marks: [], lost: "full" });
  expect(marksOf([noted(9000, "unrecorded", "something new")], film).lost).toBeNull();
});
