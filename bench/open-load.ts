import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** How long, in milliseconds, each answer was waited for that began after the settling. */
export interface OpenLoad {
  served: number[];
  /** 503 with `Retry-After`. */
  refused: number[];
  /** Anything else, or nothing. */
  lost: number;
}

/** Made beforehand: what waits in a full backlog would be measured by the second. */
const connections = 1_000;
const patienceMs = 10_000;

/** Asks so many times a second, answered or not: visitors do not wait for each other. */
export async function openLoad(
  url: string,
  cookies: string[],
  { perS, seconds, settlingS }: { perS: number; seconds: number; settlingS: number },
): Promise<OpenLoad> {
  const { port, pathname } = new URL(url);
  const requests = cookies.map(
    (cookie) => `GET ${pathname} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`,
  );
  const result: OpenLoad = { served: [], refused: [], lost: 0 };
  const idle: Socket[] = [];
  const open = new Map<Socket, (status: number) => void>();
  let beginning = 0;
  let asked = 0;

  function ask(): void {
    const socket = idle.pop();
    const sentAt = performance.now();
    const counts = sentAt - beginning > settlingS * 1_000;
    if (socket === undefined) {
      if (counts) result.lost += 1;
      return;
    }
    open.set(socket, (status) => {
      if (!counts) return;
      const took = performance.now() - sentAt;
      if (status === 200) result.served.push(took);
      else if (status === 503) result.refused.push(took);
      else result.lost += 1;
    });
    socket.write(requests[asked % requests.length] ?? '');
  }

  async function join(): Promise<void> {
    const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
    const answer = readAnswers((status) => {
      open.get(socket)?.(status);
      open.delete(socket);
      idle.push(socket);
    });
    socket.on('data', answer);
    socket.on('error', () => null);
    socket.on('close', () => {
      open.get(socket)?.(0);
      open.delete(socket);
    });
    await once(socket, 'connect');
    idle.push(socket);
  }

  for (let count = 0; count < connections; count += 50) {
    await Promise.all(Array.from({ length: 50 }, join));
  }

  beginning = performance.now();
  while (performance.now() - beginning < (settlingS + seconds) * 1_000) {
    const due = ((performance.now() - beginning) / 1_000) * perS;
    for (; asked < due; asked += 1) ask();
    await wait(2);
  }
  const giveUpAt = performance.now() + patienceMs;
  while (open.size > 0 && performance.now() < giveUpAt) await wait(20);
  for (const socket of [...idle, ...open.keys()]) socket.destroy();
  await wait(50);
  return result;
}

/** Tells the status of each answer once all of it has come; a refusal without `Retry-After` is none. */
function readAnswers(tell: (status: number) => void): (chunk: Buffer) => void {
  let missing = 0;
  let status = 0;
  let head = '';
  return (chunk) => {
    if (missing === 0) {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      status = Number(head.slice(9, 12));
      if (status === 503 && !/\r\nretry-after: \d/i.test(head)) status = 0;
      const length = /\r\ncontent-length: (\d+)/i.exec(head.slice(0, end))?.[1];
      missing = Number(length) + end + 4 - head.length;
      head = '';
    } else missing -= chunk.length;
    if (missing <= 0) {
      missing = 0;
      tell(status);
    }
  };
}
