import base from "./playwright.config.ts";

/** Takes the pictures of docs/screens from a running demo: `make screens`. */
export default { ...base, testDir: "screens", workers: 1 };
