#!/usr/bin/env node
// Nothing is imported before the version is known: an old Node must be able to read this file.
const minimum = [22, 13] as const;

function isOldNode(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major < minimum[0] || (major === minimum[0] && minor < minimum[1]);
}

/** The Node that a checkout of this repository brings, looked for from this file upward. */
async function findRepositoryNode(): Promise<string | undefined> {
  const { existsSync } = await import('node:fs');
  const { dirname, join } = await import('node:path');
  const { fileURLToPath } = await import('node:url');
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const node = join(folder, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(join(folder, 'pnpm-workspace.yaml')) && existsSync(node)) return node;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

async function continueWith(node: string): Promise<number> {
  const { spawn } = await import('node:child_process');
  const { constants } = await import('node:os');
  // The variable keeps a wrong guess from starting itself for ever.
  const env = { ...process.env, HOLODECK_NODE_CHECKED: '1' };
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit', env });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

async function main(): Promise<number> {
  if (isOldNode()) {
    const node = process.env['HOLODECK_NODE_CHECKED'] === undefined ? await findRepositoryNode() : undefined;
    if (node !== undefined) return continueWith(node);
    // In both languages: the catalogue may be beyond this Node.
    console.error(
      `error: holodeck-image needs Node ${minimum.join('.')} or newer; this is ${process.versions.node}. Install a newer one from https://nodejs.org.\n` +
        `错误：holodeck-image 需要 Node ${minimum.join('.')} 或更新版本；当前是 ${process.versions.node}。请从 https://nodejs.org 安装。`,
    );
    return 2;
  }
  const args = process.argv.slice(2);
  if (args.length === 1 && ['-V', '--version'].includes(args[0] as string)) {
    // Scripts ask for it often, and none of the commands must be loaded for it.
    const { packageVersion } = await import('./package-version.ts');
    console.log(packageVersion());
    return 0;
  }
  const { runCommandLine } = await import('./command-line.ts');
  return runCommandLine(args);
}

const exitCode = await main();
// What was written to a pipe may still be on its way; nothing that a library left open may hold the process.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
