// Loaded before a script of this repository: an older Node cannot even read the script, and would say so in many lines.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `This repository needs Node 22.18 or newer, and this is ${process.versions.node}: run "npx --yes pnpm@12.4.2 install", which brings one, or install it from https://nodejs.org.`,
  );
  process.exit(2);
}
