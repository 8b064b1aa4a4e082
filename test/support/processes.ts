import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A child process whose output is collected. */
export interface Process {
  /** -1 when it could not be started. */
  pid: number;
  /** Everything that it has written so far, both streams in one. */
  output(): string;
  /** Resolves as soon as the output matches; rejects when the process ends first. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves to the exit code, or to the name of the signal that ended it. */
  ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
  /** Closes our end of its output, as a log's reader that dies does. */
  stopReading(): void;
}

const running = new Set<ChildProcess>();

/** Starts a process, the first of a group of its own. `environment` is laid over ours; an undefined value takes a variable away. */
export function start(
  command: string[],
  options: { cwd: string; environment?: Record<string, string | undefined> },
): Process {
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'close').then(() => {
    running.delete(child);
    return child.exitCode ?? child.signalCode ?? -1;
  });
  return {
    pid: child.pid ?? -1,
    output: () => text,
    ended,
    kill: (signal) => void child.kill(signal),
    stopReading: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (match !== null) resolve(match);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.once('close', () => reject(new Error(`It ended without printing ${pattern}:\n${text}`)));
        look();
      }),
  };
}

/** Ends what tests have left running, with all of its children. For `afterEach`. */
export function endProcesses(): void {
  for (const { pid } of running) {
    // A negative id is the whole group: killing npm alone would orphan the app.
    if (pid !== undefined && isAlive(-pid)) process.kill(-pid, 'SIGKILL');
  }
}

/** Whether a process with this id lives, or, when it is negative, any of a group. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
