// Makes the npm packages: `flowgate`, which starts the program, and one package with the program for one kind of machine, of which npm
// installs the one that fits.
//
//     node packages/npm/build.mjs OUT VERSION TARGET=PROGRAM...
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MACHINES = {
    "x86_64-unknown-linux-musl": { os: "linux", cpu: "x64" },
    "aarch64-unknown-linux-musl": { os: "linux", cpu: "arm64" },
    "x86_64-apple-darwin": { os: "darwin", cpu: "x64" },
    "aarch64-apple-darwin": { os: "darwin", cpu: "arm64" },
    "x86_64-pc-windows-msvc": { os: "win32", cpu: "x64" },
};

const [out, version, ...programs] = process.argv.slice(2);
if (!out || !/^\d+\.\d+\.\d+/.test(version ?? "") || programs.length === 0) {
    console.error("usage: node packages/npm/build.mjs OUT VERSION TARGET=PROGRAM...");
    process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const common = { version, license: "MIT OR Apache-2.0", description: "Static linter and CI gate for what no-code platforms export" };

function write(folder, manifest, files) {
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
        copyFileSync(join(root, name), join(folder, name));
    }
    for (const [from, to] of files) {
        copyFileSync(from, join(folder, to));
        chmodSync(join(folder, to), 0o755);
    }
}

const optionalDependencies = {};
for (const pair of programs) {
    const at = pair.indexOf("=");
    const [target, program] = [pair.slice(0, at), pair.slice(at + 1)];
    const machine = MACHINES[target];
    if (!machine) {
        console.error(`there is no machine for ${target}; there are: ${Object.keys(MACHINES).join(", ")}`);
        process.exit(2);
    }
    const name = `flowgate-${machine.os}-${machine.cpu}`;
    const file = machine.os === "win32" ? "flowgate.exe" : "flowgate";
    write(join(out, name), { name, ...common, os: [machine.os], cpu: [machine.cpu], files: ["bin"] }, [[program, `bin/${file}`]]);
    optionalDependencies[name] = version;
}
const manifest = { name: "flowgate", ...common, bin: { flowgate: "bin/flowgate.js" }, files: ["bin"], engines: { node: ">=18" }, optionalDependencies };
write(join(out, "flowgate"), manifest, [[join(here, "flowgate.js"), "bin/flowgate.js"]]);
copyFileSync(join(root, "README.md"), join(out, "flowgate", "README.md"));
