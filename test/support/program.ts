import path from 'node:path';
import { settingNames } from '../../src/settings.ts';
import { type Process, start } from './processes.ts';

/** The project's folder. */
const root = path.resolve(import.meta.dirname, '../..');

/** The program as `npm test` has built it. */
export const builtProgram = path.join(root, 'dist/src/main.js');

/** Runs the program's source, as any supported Node can; further arguments go to Node. */
export function sourceProgram(...nodeArguments: string[]): string[] {
  return [process.execPath, '--import', 'tsx', ...nodeArguments, path.join(root, 'src/main.ts')];
}

/** Starts a command that runs the program, in the project's folder. It ends without draining unless told otherwise. */
export function startProgram(
  command: string[],
  environment: Record<string, string | undefined> = {},
): Process {
  // Empty counts as unset, and keeps a developer's own .env out.
  const blank = Object.fromEntries(settingNames.map((name) => [name, '']));
  return start(command, {
    cwd: root,
    environment: { ...blank, NODE_ENV: undefined, VITEST: undefined, DRAIN_S: '0', ...environment },
  });
}
