// Reads flowcharts with Mermaid itself, and compares what it has read with what stands in the files: how many nodes and edges.
//
//     node mermaid.mjs FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

// The packages lie in the folder that this is called from.
const require = createRequire(join(process.cwd(), "package.json"));
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<!doctype html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import(pathToFileURL(join(process.cwd(), "node_modules/mermaid/dist/mermaid.core.mjs")));
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  if (text.length > 50000) throw new Error(`${file}: longer than Mermaid takes by default`);
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const lines = text.split("\n");
  const nodes = lines.filter((line) => /^ +(?:n|note)\d+[^ ]*"|^ +legend\[/.test(line)).length;
  const edges = lines.filter((line) => /^ {2}n\d+ \S/.test(line)).length;
  const read = [[...db.getVertices().values()].length, db.getEdges().length];
  if (read[0] !== nodes || read[1] !== edges || edges > 500) throw new Error(`${file}: ${nodes} nodes and ${edges} edges, read as ${read}`);
}
