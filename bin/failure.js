// Old Nodes must be able to read this file: see node-version.js.

/** An error that needs no stack: its message tells people what to do. */
export function expected(message) {
  return Object.assign(new Error(message), { expected: true });
}

/** Ends the process with code 1: with the sentence of an expected error, with the stack of any other. */
export function fail(error) {
  console.error(error.expected ? error.message : error);
  process.exit(1);
}
