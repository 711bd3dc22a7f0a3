#!/usr/bin/env node
// Starts the program of the package that npm has installed for this machine, and ends as it ends.
const { spawnSync } = require("node:child_process");

const file = process.platform === "win32" ? "flowgate.exe" : "flowgate";
const name = `flowgate-${process.platform}-${process.arch}`;
let program;
try {
    program = require.resolve(`${name}/bin/${file}`);
} catch {
    console.error(`flowgate: the package ${name} is not installed; either there is none for this machine, or optional packages were left out`);
    process.exit(2);
}
const { status, signal, error } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (error) {
    console.error(`flowgate: ${error.message}`);
    process.exit(2);
}
if (signal) {
    process.kill(process.pid, signal);
}
process.exit(status ?? 2);
