// Loaded before a script that runs TypeScript: what Node has compiled once, it takes from here in later starts. Started processes and
// threads read the variable.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/holodeck', import.meta.url));
module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
