import { z } from 'zod';
import type { Page } from '../wire.ts';

/** An id that is not an account's: opaque, as Twitch gave it. */
const id = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const count = z.number().int().nonnegative();
const instant = z.iso.datetime({ offset: true }).pipe(z.coerce.date());

// One field of another type is not worth a subscription.
const conditions = z
  .record(z.string(), z.unknown())
  .catch({})
  .transform((wire) =>
    Object.fromEntries(
      Object.entries(wire).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
  );

const transport = z.union([
  z
    .object({ method: z.literal('webhook'), callback: z.string() })
    .transform(({ callback }) => ({ method: 'webhook' as const, callback })),
  z
    .object({ method: z.literal('websocket'), session_id: z.string() })
    .transform((wire) => ({ method: 'websocket' as const, sessionId: wire.session_id })),
  z
    .object({ method: z.literal('conduit'), conduit_id: z.string() })
    .transform((wire) => ({ method: 'conduit' as const, conduitId: wire.conduit_id })),
]);

const subscription = z
  .object({
    id,
    status: z.string().max(128),
    type: z.string().max(128),
    version: z.string().max(32).catch('1'),
    condition: conditions,
    transport,
    cost: count.catch(0),
    created_at: instant.catch(() => new Date(0)),
  })
  .transform(({ created_at: createdAt, ...rest }) => ({ ...rest, createdAt }));
/** What Twitch has been asked to tell. `status` is an open set: `enabled`, `…pending`, else dead. */
export type Subscription = z.output<typeof subscription>;

const conduit = z
  .object({ id, shard_count: count })
  .transform((wire) => ({ id: wire.id, shardCount: wire.shard_count }));
/** A lasting way for subscriptions, of one or more shards. */
export type Conduit = z.output<typeof conduit>;

const shard = z
  .object({
    id: z.union([z.string(), count.transform(String)]),
    status: z.string().catch('unknown'),
    transport: z.object({ session_id: z.string().nullish() }).nullish().catch(null),
  })
  .transform((wire) => ({
    id: wire.id,
    status: wire.status,
    sessionId: wire.transport?.session_id || null,
  }));
/** One end of a conduit; `sessionId` is that of the socket on which it ends. */
export type Shard = z.output<typeof shard>;

const shardFault = z.object({
  id: z.union([z.string(), count.transform(String)]).catch(''),
  message: z.string().catch(''),
  code: z.string().catch(''),
});
/** Why a shard was not attached. */
export type ShardFault = z.output<typeof shardFault>;

const list = z.object({
  data: z.array(z.unknown()),
  total_cost: count.nullish().catch(null),
  max_total_cost: count.nullish().catch(null),
  pagination: z.object({ cursor: z.string().nullish() }).nullish().catch(null),
});

/** A page of a list; `cursor` is `null` at the end, the totals where none are told. */
export interface ListPage<T> extends Page<T> {
  cursor: string | null;
  totalCost: number | null;
  maxTotalCost: number | null;
}

/** Readers of lists, and of single things, which come as lists of one. Each throws if the body is none. */
export const readSubscriptions = (body: unknown): ListPage<Subscription> => readList(body, subscription);
export const readConduits = (body: unknown): ListPage<Conduit> => readList(body, conduit);
export const readShards = (body: unknown): ListPage<Shard> => readList(body, shard);

/** The answer to a creation; throws if what was created cannot be read. */
export function readCreated(body: unknown): {
  subscription: Subscription;
  totalCost: number | null;
  maxTotalCost: number | null;
} {
  const { data, total_cost: totalCost = null, max_total_cost: maxTotalCost = null } = list.parse(body);
  return { subscription: subscription.parse(data[0]), totalCost, maxTotalCost };
}

/** The one conduit of an answer. */
export const readConduit = (body: unknown): Conduit => conduit.parse(list.parse(body).data[0]);

/** Which shards were not attached: an answer of 202 may name some. */
export function readShardFaults(body: unknown): ShardFault[] {
  return z.object({ errors: z.array(shardFault).nullish() }).parse(body).errors ?? [];
}

/** The id in the body of a 409. Twitch tells it since April 2026, beside the message or as an item. */
export function readExistingId(body: unknown): string | null {
  const holder = z.object({ id: id.optional().catch(undefined), data: z.unknown().optional() }).parse(body);
  const item = Array.isArray(holder.data) ? (holder.data[0] as unknown) : holder.data;
  return holder.id ?? z.object({ id }).safeParse(item).data?.id ?? null;
}

function readList<T>(body: unknown, schema: z.ZodType<T>): ListPage<T> {
  const wire = list.parse(body);
  const page: Page<T> = { items: [], skipped: [] };
  for (const item of wire.data) {
    const read = schema.safeParse(item);
    if (read.success) page.items.push(read.data);
    else page.skipped.push(item);
  }
  return {
    ...page,
    cursor: wire.pagination?.cursor || null,
    totalCost: wire.total_cost ?? null,
    maxTotalCost: wire.max_total_cost ?? null,
  };
}
