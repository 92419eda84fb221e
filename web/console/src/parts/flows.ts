// Which flows may serve a contact.
import type { FlowInfo, Medium } from "../wire/protocol";

/** A call with pictures is served by the flows for calls: automation has no picture of its own. */
export function serves(flow: FlowInfo, medium: Medium): boolean {
  return flow.media.includes(medium) || (medium === "video" && flow.media.includes("voice"));
}
