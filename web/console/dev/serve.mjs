// The built console with the headers of the real server, beside the pretended centre: what screenshots and a
// look at the content security policy are taken from. `node dev/serve.mjs [port]`.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { attach } from "./centre.mjs";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const csp = "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; "
  + "script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

let handle = (_req, _res, next) => next();
const server = createServer((req, res) => {
  res.setHeader("Content-Security-Policy", csp);
  handle(req, res, () => {
    const path = normalize(req.url.split("?")[0]).replace(/^\/console/, "");
    const file = extname(path) !== "" && existsSync(join(dist, path)) ? join(dist, path) : join(dist, "index.html");
    res.setHeader("Content-Type", types[extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(res);
  });
});
attach((own) => {
  handle = own;
}, server);
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/console/`));
