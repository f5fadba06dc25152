// Names that each entry point exports, by require().
const exported = {};
for (const entry of process.argv.slice(2)) exported[entry] = Object.keys(require(entry)).sort();
console.log(JSON.stringify(exported));
