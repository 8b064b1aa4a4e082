import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Answers that wait behind others on their connection. */
const waiting = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Has an answer that waits behind others on its connection close with that. It was never given the socket, and Node
 * before 24 leaves it open for ever, with all that waits for its end.
 */
export function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  if (response.socket !== null) return;
  const known = waiting.get(socket);
  const answers = known ?? new Set<ServerResponse>();
  answers.add(response);
  response.once('close', () => answers.delete(response));
  if (known !== undefined) return;
  waiting.set(socket, answers);
  socket.once('close', () => setImmediate(closeAll, answers));
}

/** Those that Node has closed itself are gone by then. */
function closeAll(answers: Set<ServerResponse>): void {
  for (const answer of answers) {
    answer.destroy();
    answer.emit('close');
  }
}
