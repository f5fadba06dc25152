// Names that each entry point exports, by import().
const exports = {};
for (const entry of process.argv.slice(2)) exports[entry] = Object.keys(await import(entry)).sort();
console.log(JSON.stringify(exports));
