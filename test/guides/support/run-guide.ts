import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from 'vitest';

import { commandLine } from '../../support/command-line.ts';
import { compileCache } from '../../support/compile-cache.ts';
import { withPackages } from '../../support/packages.ts';
import { openCommandDoor } from './command-door.ts';
import type { CommandDoor } from './command-door.ts';
import { writeElectronStandIn } from './electron-stand-in.ts';
import { root } from './guide-blocks.ts';
import type { Block, Guide } from './guide-blocks.ts';
import { startServices } from './guide-services.ts';

const debianPython = '/usr/bin/python3';

/**
 * Follows a guide as a reader would, in an empty folder: writes the files (`file=`), runs the commands and the programs, and compares
 * what they write with the `text` blocks after them (`...` stands for anything).
 */
export async function runGuide(guide: Guide): Promise<void> {
  // Inside the repository, so that the packages resolve.
  const temporary = join(root, 'test', '.tmp');
  mkdirSync(temporary, { recursive: true });
  const folder = mkdtempSync(join(temporary, `${guide.name.replace('.md', '')}-`));
  const services = await startServices(guide.services);
  const door = await openCommandDoor();
  const reader = new Reader(guide, folder, services.variables, door);
  try {
    for (const block of guide.blocks) await reader.follow(block);
    // A guide whose commands reach no service proves nothing.
    if (!guide.services.includes('none')) expect(services.submissions()).toBeGreaterThan(0);
  } finally {
    await reader.close();
    door.close();
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Reader {
  readonly #guide: Guide;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  /** Servers that a guide started; they run until it ends. */
  readonly #background: ChildProcess[] = [];
  /** The guide's addresses, and their replacements here. */
  readonly #addresses = new Map<string, string>();
  /** Of the last block; undefined when it could not be run here. */
  #output: string | undefined = '';
  #snippets = 0;

  constructor(guide: Guide, folder: string, variables: Readonly<Record<string, string>>, door: CommandDoor) {
    this.#guide = guide;
    this.#folder = folder;
    const bin = join(folder, '.bin');
    mkdirSync(bin);
    const script = (name: string, body: string): void =>
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    const node = `exec ${JSON.stringify(process.execPath)}`;
    script('node', `${node} "$@"`);
    // Debian keeps the packages of Python with its own interpreter.
    if (existsSync(debianPython)) script('python3', `exec ${debianPython} "$@"`);
    const [cli, client] = [commandLine, door.client].map((words) =>
      words.map((word) => JSON.stringify(word)).join(' '),
    );
    // What reads its input needs a process of its own.
    const run = `case " $* " in *" - "*) ${node} ${cli} "$@" ;; esac\nNODE_OPTIONS= ${node} ${client} "$@"`;
    script('holodeck-image', run);
    script('pnpm', `[ "$1" = holodeck ] || exit 1\nshift\n${run}`);
    mkdirSync(join(folder, '.home'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    writeElectronStandIn(folder);
    this.#environment = {
      PATH: [bin, join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(':'),
      ...compileCache,
      HOME: join(folder, '.home'),
      LANG: 'C.UTF-8',
      NODE_OPTIONS: `${withPackages.join(' ')} --disable-warning=ExperimentalWarning`,
      ...variables,
    };
  }

  async follow(block: Block): Promise<void> {
    const { language, attributes, code } = block;
    const { file, needs } = attributes;
    if (typeof needs === 'string' && !this.#has(needs)) {
      console.warn(`${this.#at(block)} is left out: ${needs} is not installed here.`);
      this.#output = undefined;
      return;
    }
    if (typeof file === 'string') this.#write(file, code);
    else if (language === 'text') this.#compare(block);
    else if (language === 'sh') await this.#shell(block);
    else if (language === 'ts') {
      this.#snippets += 1;
      const name = `snippet-${this.#snippets}.ts`;
      this.#write(name, code);
      await this.#run(block, `node ${name}`);
    } else throw new Error(`${this.#at(block)}: a block of ${language} needs file=.`);
  }

  /** Whether a command is installed, and a module of Python after its colon. */
  #has(needs: string): boolean {
    const [command = '', module] = needs.split(':');
    const args = module === undefined ? ['--version'] : ['-c', `import ${module}`];
    return spawnSync(command, args, { stdio: 'ignore', env: this.#environment }).status === 0;
  }

  #at({ line }: Block): string {
    return `docs/guides/${this.#guide.name}:${line}`;
  }

  #write(file: string, code: string): void {
    const path = join(this.#folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.#localize(code));
  }

  #localize(text: string): string {
    let result = text;
    for (const [shown, here] of this.#addresses) result = result.replaceAll(shown, here);
    return result;
  }

  async #shell(block: Block): Promise<void> {
    const lines: string[] = [];
    for (const line of block.code.split('\n')) {
      const packages = /^npm install (?:--save-dev )?(@holodeck\/.*)$/.exec(line)?.[1];
      if (packages !== undefined) {
        // Installed from tarballs in test/packages; here they only have to exist.
        for (const name of packages.split(' ')) {
          const there = existsSync(join(root, 'node_modules', name, 'package.json'));
          expect(there, `${this.#at(block)}: ${name}`).toBe(true);
        }
      } else if (/^(?:pnpm holodeck|holodeck-image) (?:emulate|serve) /.test(line))
        await this.#startServer(block, line);
      else lines.push(line);
    }
    if (lines.some((line) => line.trim() !== '' && !line.startsWith('#'))) await this.#run(block, lines.join('\n'));
  }

  async #run(block: Block, script: string): Promise<void> {
    const state = join(this.#folder, '.environment');
    // Exports stay for the next block, as in a reader's terminal.
    const body = `set -e\n[ -f ${JSON.stringify(state)} ] && . ${JSON.stringify(state)}\n${this.#localize(script)}\nexport -p > ${JSON.stringify(state)}\n`;
    const child = spawn('bash', ['--norc', '-c', body], { cwd: this.#folder, env: this.#environment });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    this.#output = output;
    const expected = Number(block.attributes['exit'] ?? 0);
    if (code !== expected) throw new Error(`${this.#at(block)} ended with ${code}, not ${expected}:\n${output}`);
  }

  /** Starts emulators or a gateway on free ports, because the guide's ports may be in use here. */
  async #startServer(block: Block, line: string): Promise<void> {
    const shown = Number(/--port (\d+)/.exec(line)?.[1] ?? 0);
    const words = line.replace(/^(?:pnpm holodeck|holodeck-image) /, '').replace(/--port \d+/, '--port 0');
    const cli = commandLine.map((word) => JSON.stringify(word)).join(' ');
    const command = `exec node ${cli} ${words}`;
    const child = spawn('bash', ['--norc', '-c', command], { cwd: this.#folder, env: this.#environment });
    this.#background.push(child);
    let output = '';
    const running = new Promise<void>((resolve, reject) => {
      const look = (text: string): void => {
        output += text;
        if (/GET \/__ledger|\/docs$/m.test(output)) resolve();
      };
      child.stdout.setEncoding('utf8').on('data', look);
      child.stderr.setEncoding('utf8').on('data', look);
      child.once('close', () => reject(new Error(`${this.#at(block)}: the server ended:\n${output}`)));
    });
    await running;
    this.#output = output;
    const ports = [...output.matchAll(/^(?:export \w+=|Serving )http:\/\/127\.0\.0\.1:(\d+)/gm)].map(
      ([, port]) => port,
    );
    for (const [index, port] of ports.entries()) {
      this.#addresses.set(`127.0.0.1:${shown + index}`, `127.0.0.1:${port}`);
    }
    // The reader pastes the lines.
    for (const [, name = '', value = ''] of output.matchAll(/^export (\w+)=(.*)$/gm)) this.#environment[name] = value;
  }

  #compare(block: Block): void {
    if (this.#output === undefined) return;
    const pattern = block.code
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => this.#localize(line).split('...').map(escape).join('.*'))
      .join('\n(?:.*\n)*?');
    expect(this.#output, this.#at(block)).toMatch(new RegExp(`^${pattern}$`, 'm'));
  }

  async close(): Promise<void> {
    for (const child of this.#background) {
      if (child.exitCode !== null) continue;
      child.kill('SIGINT');
      await once(child, 'close');
    }
  }
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** The TypeScript of a guide, by file name. */
export function typeScriptOf(guide: Guide): readonly (readonly [file: string, code: string])[] {
  let snippets = 0;
  return guide.blocks
    .filter(({ language }) => language === 'ts')
    .map(({ attributes, code }) => {
      if (typeof attributes['file'] === 'string') return [attributes['file'], code];
      snippets += 1;
      return [`snippet-${snippets}.ts`, code];
    });
}

/** The text of a file of the repository. */
export function readFromRoot(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
