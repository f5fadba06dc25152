import { execFile } from 'node:child_process';

/** How a command ended. */
export interface End {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with which variables a command runs. */
export interface RunOptions {
  readonly cwd: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end, whatever its exit code; rejects when it cannot be started. */
export function run(command: string, args: readonly string[], { cwd, env = {} }: RunOptions): Promise<End> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

/** Runs a command and returns its stdout. Rejects with all its output when it fails. */
export async function runOrThrow(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await run(command, args, options);
  if (exitCode === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}:\n${stdout}\n${stderr}`);
}

/** Runs npm without its notices, from its cache if possible. */
export function npmInstall(folder: string, ...args: readonly string[]): Promise<string> {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  return runOrThrow('npm', ['install', ...quiet, ...args], { cwd: folder });
}
