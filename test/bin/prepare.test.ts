import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endProcesses, isAlive, type Process, start } from '../support/processes.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Installs a compiler that copies; writes a line to calls.log for each thing that it does. */
const npm = `
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
appendFileSync('calls.log', 'install ' + process.argv.slice(2, 3) + '\\n');
mkdirSync('node_modules/typescript/bin', { recursive: true });
writeFileSync('node_modules/typescript/bin/package.json', '{ "type": "module" }');
writeFileSync('node_modules/typescript/package.json', '{}');
cpSync('compiler.js', 'node_modules/typescript/bin/tsc');
const lock = JSON.parse(readFileSync('package-lock.json'));
delete lock.packages['node_modules/other-system'];
writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock));
`;
const compiler = `
import { appendFileSync, cpSync, readdirSync } from 'node:fs';
appendFileSync('calls.log', 'build\\n');
for (const name of readdirSync('src', { recursive: true })) {
  if (name.endsWith('.ts')) cpSync('src/' + name, 'dist/src/' + name.replace('.ts', '.js'));
}
cpSync('package.json', 'dist/package.json');
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'followspot-prepare-'));
  cpSync(path.join(root, 'bin'), path.join(folder, 'bin'), { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  for (const name of ['src', 'migrations', 'npm']) mkdirSync(path.join(folder, name));
  write('tsconfig.json', '{}');
  write('tsconfig.build.json', '{}');
  write('npm/npm-cli.js', npm);
  write('compiler.js', compiler);
  write('src/main.ts', 'console.log("the app runs");');
  writeLock('1.0.0');
});

afterEach(() => {
  endProcesses();
  rmSync(folder, { recursive: true });
});

describe('npm start on a fresh clone', () => {
  it('installs, builds and runs, and says what it does', async () => {
    expect(await run()).toMatch(/Installing[\s\S]*Building[\s\S]*the app runs/);
    expect(calls()).toEqual(['install ci', 'build']);
  });

  it('does neither again on the second start', async () => {
    await run();
    expect(await run()).toBe('the app runs\n');
    expect(calls()).toEqual(['install ci', 'build']);
  });

  it('installs again when package-lock.json has changed', async () => {
    await run();
    writeLock('1.0.1');
    await run();
    expect(calls()).toEqual(['install ci', 'build', 'install ci', 'build']);
  });

  it('installs again when a package has vanished', async () => {
    await run();
    rmSync(path.join(folder, 'node_modules/typescript'), { recursive: true });
    await run();
    expect(calls()).toEqual(['install ci', 'build', 'install ci']);
  });

  it('builds again when a source has changed', async () => {
    await run();
    write('src/main.ts', 'console.log("it runs anew");');
    expect(await run()).toContain('it runs anew');
    expect(calls()).toEqual(['install ci', 'build', 'build']);
  });

  it('takes away what was built from a source that is gone', async () => {
    write('src/other.ts', '');
    await run();
    rmSync(path.join(folder, 'src/other.ts'));
    await run();
    expect(existsSync(path.join(folder, 'dist/src/other.js'))).toBe(false);
    expect(existsSync(path.join(folder, 'dist/src/main.js'))).toBe(true);
  });

  it('builds again when a part of dist is gone', async () => {
    await run();
    rmSync(path.join(folder, 'dist/src/main.js'));
    expect(await run()).toContain('the app runs');
  });

  it('runs the simulator when it is asked to', async () => {
    mkdirSync(path.join(folder, 'src/simulator'));
    write('src/simulator/main.ts', 'console.log("the simulator runs");');
    expect(await run('simulator')).toContain('the simulator runs');
  });
});

describe('npm start that cannot', () => {
  it('says in one sentence that Node is too old and which is needed', async () => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.18.3'}})`;
    const app = startApp(['--import', old, 'bin/start.js']);
    expect(await app.ended).toBe(1);
    expect(app.output()).toMatch(/^Followspot needs Node \^20\.19\.0 .* but this is Node 20\.18\.3: .*\n$/);
  });

  it.each(['20.19.0', '20.20.2', '22.12.0', '24.0.0', '26.1.0'])(
    'does not complain about Node %s',
    async (version) => {
      const fake = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${version}'}})`;
      const app = startApp(['--import', fake, 'bin/start.js']);
      expect(await app.ended).toBe(0);
    },
  );

  it.each(['18.20.8', '20.18.3', '21.7.3', '22.11.0', '23.11.0'])('refuses Node %s', async (version) => {
    const fake = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${version}'}})`;
    const app = startApp(['--import', fake, 'bin/start.js']);
    expect(await app.ended).toBe(1);
    expect(calls()).toEqual([]);
  });

  it('says that the packages could not be installed', async () => {
    write('npm/npm-cli.js', 'process.exit(7);');
    const app = startApp();
    expect(await app.ended).toBe(1);
    expect(app.output()).toMatch(/could not be installed: npm ci ended with code 7[^\n]*\n$/);
  });

  it('says that the build failed, and builds anew next time', async () => {
    write('compiler.js', `${compiler}process.exit(2);`);
    const app = startApp();
    expect(await app.ended).toBe(1);
    expect(app.output()).toMatch(/The build failed: tsc ended with code 2[^\n]*\n$/);
    expect(await startApp().ended).toBe(1);
  });

  it('knows what it can start', async () => {
    const app = startApp(['bin/start.js', 'nonsense']);
    expect(await app.ended).toBe(1);
    expect(app.output()).toBe('"nonsense" cannot be started. Known: app, simulator.\n');
  });
});

describe('A signal while packages are installed', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s ends npm, its children and the start', async (signal, code) => {
    write(
      'npm/npm-cli.js',
      `import { spawn } from 'node:child_process';
       const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
       console.log('children', process.pid, child.pid);
       setTimeout(() => {}, 60_000);`,
    );
    const app = startApp();
    const [, installer, grandchild] = await app.prints(/children (\d+) (\d+)/);
    app.kill(signal);
    expect(await app.ended).toBe(code);
    await vi.waitFor(() => expect([installer, grandchild].map(Number).filter(isAlive)).toEqual([]), 5_000);
  });
});

function startApp(command = ['bin/start.js']): Process {
  return start([process.execPath, ...command], {
    cwd: folder,
    environment: { npm_execpath: path.join(folder, 'npm/npm-cli.js') },
  });
}

async function run(...args: string[]): Promise<string> {
  const app = startApp(['bin/start.js', ...args]);
  const code = await app.ended;
  if (code !== 0) throw new Error(`It ended with ${code}:\n${app.output()}`);
  return app.output();
}

function calls(): string[] {
  const log = path.join(folder, 'calls.log');
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
}

function writeLock(version: string): void {
  const optional = { version: '1.0.0', optional: true };
  const packages = {
    '': {},
    'node_modules/typescript': { integrity: version },
    'node_modules/other-system': optional,
  };
  write('package-lock.json', JSON.stringify({ packages }));
}

function write(name: string, text: string): void {
  writeFileSync(path.join(folder, name), text);
}
