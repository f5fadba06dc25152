import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { delimiter, sep } from 'node:path';

/** How a block of commands ended. */
export interface TerminalEnd {
  /** 128 + the signal's number if a signal ended the shell. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Running commands. */
export interface TerminalRun {
  readonly end: Promise<TerminalEnd>;
  /** What has been printed so far. */
  stdout(): string;
  /** Resolves when a match has been printed; rejects if the commands end without one. */
  printed(pattern: RegExp): Promise<void>;
  /** Like Ctrl-C: sends the signal to the shell and to everything it has started. */
  interrupt(): void;
}

/**
 * The environment of a user who has just logged in: nothing that leads to a service, nothing of the package manager that runs
 * this, no commands of a repository. `HOME` stays, for the caches of npm and pnpm.
 */
export function freshEnvironment(stateFolder: string): NodeJS.ProcessEnv {
  const foreign =
    /^(HUNYUAN|TENCENTCLOUD|OPENAI|COMFYUI|HOLODECK|VITEST|NODE|INIT|PNPM|npm|pnpm)_|^(VITEST|TEST|PROD|DEV|MODE|CI|NODE)$/;
  // How this machine reaches the registry. Everything else that npm and pnpm set is about the script that they run.
  const network = /^(NODE_EXTRA_CA_CERTS|npm_config_(registry|cache|cafile|proxy|https_proxy))$/;
  const kept = Object.entries(process.env).filter(([name]) => network.test(name) || !foreign.test(name));
  const isForeignPath = (path: string): boolean =>
    path.includes(`node_modules${sep}.bin`) || path.includes('node-gyp-bin');
  const paths = (process.env['PATH'] ?? '').split(delimiter).filter((path) => !isForeignPath(path));
  return { ...Object.fromEntries(kept), PATH: paths.join(delimiter), XDG_STATE_HOME: stateFolder };
}

/** Starts commands in bash and shows what they print. Each of them must succeed. */
export function startCommands(commands: string, cwd: string, environment: NodeJS.ProcessEnv): TerminalRun {
  const child = spawn('bash', ['-e', '-c', commands], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group, as in a terminal.
    detached: true,
  });
  return follow(child);
}

function follow(child: ChildProcess): TerminalRun {
  const texts = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  let over = false;
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text;
      process[stream].write(text);
      heard();
    });
  }
  const end = new Promise<TerminalEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      over = true;
      resolve({ exitCode: code ?? (signal === 'SIGINT' ? 130 : 143), ...texts });
      heard();
    });
  });
  return {
    end,
    stdout: () => texts.stdout,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const there = pattern.test(texts.stdout) || pattern.test(texts.stderr);
          if (!there && !over) return;
          listeners.delete(look);
          if (there) resolve();
          else reject(new Error(`The commands ended without printing ${pattern.source}.`));
        };
        listeners.add(look);
        look();
      }),
    interrupt() {
      if (child.pid !== undefined && !over) process.kill(-child.pid, 'SIGINT');
    },
  };
}
