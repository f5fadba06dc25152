/** `node command-client.mjs PORT [arguments]`: has the command line run by the test that listens there, and ends as it did. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const [port, ...args] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
socket.end(JSON.stringify({ args, folder: process.cwd(), environment: process.env }));
const { exitCode, stdout, stderr } = JSON.parse(await text(socket));
process.stderr.write(stderr);
process.stdout.write(stdout);
process.exitCode = exitCode;
