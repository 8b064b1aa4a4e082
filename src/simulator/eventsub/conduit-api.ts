import type { Request } from 'express';
import { z } from 'zod';
import { pageOf } from '../paging.ts';
import { parametersOf, single } from '../parameters.ts';
import type { Answer, Handler } from './api.ts';
import { isCallback, isSecret } from './callbacks.ts';
import { shardTransportOnWire, type Conduit, type Conduits, type Shard } from './conduits.ts';
import { RequestError } from './request-error.ts';
import type { EventSubSettings } from './settings.ts';
import type { Sockets } from './sockets.ts';

export interface ConduitApiParts {
  settings: EventSubSettings;
  conduits: Conduits;
  sockets: Sockets;
  /** A shard has a new transport: starts what it needs. */
  onAttached: (conduit: Conduit, shard: Shard) => void;
}

type Route = (method: 'get' | 'post' | 'patch' | 'delete', path: string, handle: Handler) => void;

/** Twitch's `/eventsub/conduits` and `/eventsub/conduits/shards`, for app tokens. */
export function addConduitRoutes(route: Route, parts: ConduitApiParts): void {
  route(
    'get',
    '/conduits',
    forApp(() => answered(parts.conduits.all().map(conduitOnWire))),
  );
  route(
    'post',
    '/conduits',
    forApp((request) => create(parts, request.body)),
  );
  route(
    'patch',
    '/conduits',
    forApp((request) => resize(parts, request.body)),
  );
  route(
    'delete',
    '/conduits',
    forApp((request) => remove(parts, parametersOf(request))),
  );
  route(
    'get',
    '/conduits/shards',
    forApp((request) => shards(parts, parametersOf(request))),
  );
  route(
    'patch',
    '/conduits/shards',
    forApp((request) => attach(parts, request.body)),
  );
}

function forApp(handle: (request: Request) => Answer): Handler {
  return (request, grant) => {
    if (grant.userId !== null) throw new RequestError(401, 'conduits need an app access token');
    return handle(request);
  };
}

const countSchema = z.object({ shard_count: z.int().min(1).max(20_000) });
const resizeSchema = countSchema.extend({ id: z.string() });
const attachSchema = z.object({
  conduit_id: z.string(),
  shards: z
    .array(
      z.object({
        id: z.string(),
        transport: z.object({
          method: z.string(),
          session_id: z.string().optional(),
          callback: z.string().optional(),
          secret: z.string().optional(),
        }),
      }),
    )
    .min(1)
    .max(100),
});

function create({ conduits }: ConduitApiParts, body: unknown): Answer {
  const { shard_count } = read(countSchema, body);
  if (conduits.all().length >= 5) throw new RequestError(429, 'conduit limit exceeded');
  return answered([conduitOnWire(conduits.create(shard_count))]);
}

function resize({ conduits }: ConduitApiParts, body: unknown): Answer {
  const { id, shard_count } = read(resizeSchema, body);
  const conduit = known(conduits, id);
  conduits.resize(conduit, shard_count);
  return answered([conduitOnWire(conduit)]);
}

function remove({ conduits }: ConduitApiParts, parameters: URLSearchParams): Answer {
  conduits.remove(known(conduits, single(parameters, 'id')).id);
  return { status: 204 };
}

function shards({ conduits }: ConduitApiParts, parameters: URLSearchParams): Answer {
  const conduit = known(conduits, single(parameters, 'conduit_id'));
  const status = single(parameters, 'status');
  const found = [...conduit.shards.values()].filter((shard) => status === null || shard.status === status);
  const after = single(parameters, 'after');
  const page = pageOf(found, new URLSearchParams({ first: '100', ...(after === null ? {} : { after }) }));
  if (typeof page === 'string') throw new RequestError(400, page);
  const pagination = page.cursor === null ? {} : { cursor: page.cursor };
  return { status: 200, body: { data: page.items.map(shardOnWire), pagination } };
}

/** Also answers 202 when a shard was refused: the reasons are in `errors`. */
function attach(parts: ConduitApiParts, body: unknown): Answer {
  const { conduit_id, shards: wanted } = read(attachSchema, body);
  const conduit = known(parts.conduits, conduit_id);
  const data: object[] = [];
  const errors: object[] = [];
  for (const { id, transport } of wanted) {
    const shard = attached(parts, conduit, id, transport);
    if (typeof shard === 'string') errors.push({ id, message: shard, code: 'invalid_parameter' });
    else data.push(shardOnWire(shard));
  }
  return { status: 202, body: { data, errors } };
}

function attached(
  { conduits, sockets, settings, onAttached }: ConduitApiParts,
  conduit: Conduit,
  id: string,
  asked: z.infer<typeof attachSchema>['shards'][number]['transport'],
): Shard | string {
  const { method, session_id = '', callback = '', secret = '' } = asked;
  if (!/^(0|[1-9]\d{0,4})$/.test(id) || Number(id) >= conduit.shardCount)
    return 'The shard id is out of the range of the conduit.';
  let shard: Shard;
  if (method === 'websocket') {
    const session = sockets.find(session_id);
    if (session === null) return 'The websocket session is not connected.';
    const { connectedAt } = session;
    const transport = { method, sessionId: session_id, connectedAt, disconnectedAt: null } as const;
    shard = conduits.attach(conduit, id, transport, 'enabled');
  } else if (method === 'webhook') {
    if (!isCallback(callback, settings.allowsPlainCallbacks)) return 'The callback is not valid.';
    if (!isSecret(secret)) return 'The secret is not valid.';
    const status = 'webhook_callback_verification_pending';
    shard = conduits.attach(conduit, id, { method, callback, secret }, status);
  } else return 'The transport method is not supported.';
  onAttached(conduit, shard);
  return shard;
}

function known(conduits: Conduits, id: string | null): Conduit {
  const conduit = conduits.all().find((one) => one.id === id);
  if (conduit === undefined) throw new RequestError(404, 'conduit not found');
  return conduit;
}

function read<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new RequestError(400, 'missing or malformed fields in the request body');
  return parsed.data;
}

function answered(data: object[]): Answer {
  return { status: 200, body: { data } };
}

function conduitOnWire({ id, shardCount }: Conduit): object {
  return { id, shard_count: shardCount };
}

function shardOnWire({ id, status, transport }: Shard): object {
  return { id, status, transport: shardTransportOnWire(transport) };
}
