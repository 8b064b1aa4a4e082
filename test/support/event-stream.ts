import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** One event as a browser understands it. */
export interface Received {
  id: string | null;
  event: string;
  data: string;
}

/** The reading end of Server-Sent Events, as strict as a browser and no more forgiving. */
export interface EventStream {
  status: number;
  headers: IncomingHttpHeaders;
  received: Received[];
  /** The ids of what was received under this name. */
  ids: (event?: string) => number[];
  /** All that came, as it came. */
  text: () => string;
  retryMs: () => number | null;
  /** Reads no further, so that what comes piles up at the sender. */
  pause: () => void;
  resume: () => void;
  /** Resolves when the first bytes have come. */
  begins: () => Promise<unknown>;
  /** Resolves when the other end has hung up. */
  ended: Promise<unknown>;
  close: () => void;
}

export async function openEventStream(
  url: string,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  const asking = request(url, { agent: false, headers: { Accept: 'text/event-stream', ...headers } });
  asking.on('error', () => null);
  asking.end();
  const [response] = await new Promise<[IncomingMessage]>((resolve, reject) => {
    asking.once('response', (answer: IncomingMessage) => resolve([answer]));
    asking.once('error', reject);
  });
  const received: Received[] = [];
  let text = '';
  let open = '';
  let retryMs: number | null = null;
  response.setEncoding('utf8');
  response.on('error', () => null);
  response.on('data', (chunk: string) => {
    text += chunk;
    const blocks = (open + chunk).split('\n\n');
    open = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = fieldsOf(block);
      const retry = fields.get('retry')?.at(-1);
      if (retry !== undefined) retryMs = Number(retry);
      const data = fields.get('data');
      if (data === undefined) continue;
      received.push({
        id: fields.get('id')?.at(-1) ?? null,
        event: fields.get('event')?.at(-1) ?? 'message',
        data: data.join('\n'),
      });
    }
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    received,
    ids: (event = 'stream-event') =>
      received.filter((each) => each.event === event).map(({ id }) => Number(id)),
    text: () => text,
    retryMs: () => retryMs,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    begins: async () => {
      if (text === '') await once(response, 'data');
    },
    ended: new Promise((resolve) => response.once('close', resolve)),
    close: () => void asking.destroy(),
  };
}

/** Every line end that the standard knows ends a line, so that a forged field would be seen here. */
function fieldsOf(block: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of block.split(/\r\n|[\r\n]/)) {
    const match = /^([^:]*):? ?(.*)$/s.exec(line);
    if (match === null || match[1] === '' || match[1] === undefined) continue;
    fields.set(match[1], [...(fields.get(match[1]) ?? []), match[2] ?? '']);
  }
  return fields;
}
