import { spawn } from 'node:child_process';

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
/** How long a child may take to end after a signal, in milliseconds. */
const patience = 2_000;

/**
 * Runs a command to its end and resolves to its exit code (127: there is no such command). A signal to us ends
 * it and all of its children, and then us with 128 + the signal's number.
 */
export function run(command, args, env = process.env) {
  return new Promise((resolve) => {
    // A process group of its own, so that the children of npm end with it.
    const child = spawn(command, args, {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: process.platform !== 'win32',
    });
    const stopListening = onSignal((signal) => endGroup(child, signal));
    child.once('error', (error) => {
      stopListening();
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.once('close', (code, signal) => {
      stopListening();
      resolve(code ?? signals[signal] ?? 1);
    });
  });
}

function onSignal(act) {
  const entries = Object.keys(signals).map((signal) => [signal, () => act(signal)]);
  for (const [signal, listener] of entries) process.on(signal, listener);
  return () => entries.forEach(([signal, listener]) => process.off(signal, listener));
}

function endGroup(child, signal) {
  kill(child.pid, 'SIGTERM');
  const end = () => {
    kill(child.pid, 'SIGKILL');
    process.exit(signals[signal]);
  };
  child.removeAllListeners('close');
  child.once('close', end);
  setTimeout(end, patience);
}

function kill(pid, signal) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // It has ended by itself.
  }
}
