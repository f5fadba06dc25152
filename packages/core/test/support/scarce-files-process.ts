import { ImageClient } from '../../src/index.ts';
import { fault, ScriptedBackend } from './scripted-backend.ts';

// Runs a batch again, all tasks at once, against a provider that has forgotten their jobs.
const [outputDir = '', count = ''] = process.argv.slice(2);
const tasks = Array.from({ length: Number(count) }, (_, index) => ({ prompt: 'a cat', taskId: `cat-${index}` }));
const forgotten = fault({ kind: 'job-failed', outcome: 'lost', retryable: false });
const backend = new ScriptedBackend({ collect: tasks.map(() => forgotten) });
const client = new ImageClient(backend, { outputDir });
const results = await client.generateBatch(tasks);
await client.close();
const { submissions } = backend;
process.stdout.write(JSON.stringify({ submissions, present: results.filter(({ success }) => success).length }));
