import type { Knex } from 'knex';
import type { NewStreamEvent } from '../domain/stream-event.ts';
import {
  beginBroadcast,
  findBroadcasts,
  noBroadcastChanges,
  restartWithinMs,
  saveBroadcastChanges,
} from './broadcasts.ts';
import type { BroadcastChanges, BroadcastRow } from './broadcasts.ts';
import { chunksOf } from './chunks.ts';
import { endOf, endPrevious, recallStart } from './late-broadcasts.ts';
import type { ToldStreams } from './late-broadcasts.ts';
import { toChannelRow } from './streamer-rows.ts';
import type { StreamerRow } from './streamer-rows.ts';
import { isKey } from './text.ts';

/** The columns of a streamer that events change, and `login`, which an INSERT needs. */
const stateColumns = [
  'id',
  'login',
  'title',
  'category',
  'language',
  'broadcast_id',
  'broadcast_started_at',
  'viewers',
  'thumbnail_url',
  'last_live_at',
  'absent_since',
  'unavailable_since',
  'heard_at',
  'retitled_at',
  'ended_broadcast_id',
] as const;

/** What is read along and left as it is. */
const otherColumns = ['polled_at', 'profiled_at', 'withdrawn_kinds'] as const;

type StateRow = Pick<StreamerRow, (typeof stateColumns)[number] | (typeof otherColumns)[number]>;

/** A streamer within a transaction: changed by `applyEvent`, written by `saveChannels`. */
export interface Channel {
  row: StateRow;
  /** The present broadcast, or else the last one. */
  broadcast: BroadcastRow | null;
  /** While one is present, the one before it that it does not go on with. */
  previous: BroadcastRow | null;
  isChanged: boolean;
  changes: BroadcastChanges;
}

/** The streamers that are known, locked in the order of ids. */
export async function holdChannels(
  transaction: Knex.Transaction,
  streamerIds: string[],
): Promise<Map<string, Channel>> {
  const rows: StateRow[] = [];
  for (const ids of chunksOf([...new Set(streamerIds)].filter(isKey).toSorted())) {
    rows.push(
      ...(await transaction('streamers')
        .select<StateRow[]>([...stateColumns, ...otherColumns])
        .whereIn('id', ids)
        .orderBy('id')
        .forUpdate()),
    );
  }
  const streamIds = rows.flatMap((row) =>
    [row.broadcast_id, row.ended_broadcast_id].filter((id) => id !== null),
  );
  const broadcasts = await findBroadcasts(transaction, streamIds);
  const changes = noBroadcastChanges();
  return new Map(
    rows.map((row) => {
      const previous = row.broadcast_id === null ? null : broadcasts.get(row.ended_broadcast_id ?? '');
      const broadcast = broadcastOf(row, broadcasts);
      return [row.id, { row, broadcast, previous: previous ?? null, isChanged: false, changes }];
    }),
  );
}

/** Writes what has changed. */
export async function saveChannels(
  transaction: Knex.Transaction,
  channels: Map<string, Channel>,
): Promise<void> {
  const changed = [...channels.values()].filter(({ isChanged }) => isChanged);
  for (const chunk of chunksOf(changed)) {
    await transaction('streamers')
      .insert(
        chunk.map(
          ({ row: { polled_at: _polled, profiled_at: _profiled, withdrawn_kinds: _withdrawn, ...row } }) =>
            row,
        ),
      )
      .onConflict('id')
      .merge(stateColumns.slice(2));
  }
  for (const changes of new Set(changed.map((channel) => channel.changes))) {
    await saveBroadcastChanges(transaction, changes);
  }
}

/**
 * What an event says about the present, unless something later is known already. Returns it completed by
 * what we know and Twitch does not tell along.
 */
export function applyEvent(
  channel: Channel,
  event: NewStreamEvent,
  { now, told }: { now: number; told: ToldStreams },
): NewStreamEvent {
  if (event.kind === 'live') return goLive(channel, event, now, told);
  if (event.kind === 'offline') return goOffline(channel, event, now, told);
  if (event.kind === 'update') return retitle(channel, event, now);
  return event;
}

function goLive(
  channel: Channel,
  event: NewStreamEvent & { kind: 'live' },
  now: number,
  told: ToldStreams,
): NewStreamEvent {
  const { row } = channel;
  const { broadcastId: id } = event.payload;
  const payload = {
    ...event.payload,
    title: event.payload.title ?? (row.title || null),
    category: event.payload.category ?? (row.category || null),
  };
  if (id === null || !isKey(id)) return { ...event, payload };
  const startedAt = timeOf(event.payload.startedAt) ?? event.at.getTime();
  if (id !== row.broadcast_id) {
    if (isOutdated(row, id, startedAt)) {
      recallStart(channel, { id, startedAt }, told);
      return { ...event, payload };
    }
    const { broadcast, isRestart, cut } = beginBroadcast(
      { id, streamerId: row.id, startedAt },
      channel.broadcast,
      row.last_live_at,
    );
    if (cut !== null) channel.changes.broadcasts.set(cut.id, cut);
    channel.previous = isRestart ? null : (cut ?? channel.broadcast);
    remember(channel, broadcast, startedAt);
    Object.assign(row, {
      ended_broadcast_id: row.broadcast_id ?? row.ended_broadcast_id,
      broadcast_id: id,
      broadcast_started_at: startedAt,
      viewers: null,
      thumbnail_url: null,
      last_live_at: Math.max(row.last_live_at ?? 0, startedAt),
      absent_since: null,
    });
    payload.isRestart = isRestart;
  }
  Object.assign(row, { heard_at: now, unavailable_since: null });
  channel.isChanged = true;
  const { isRestart } = payload;
  return {
    ...event,
    amount: isRestart ? 0 : event.amount,
    payload: { ...payload, isRestart, broadcastId: channel.broadcast?.id ?? id },
  };
}

function goOffline(
  channel: Channel,
  event: NewStreamEvent & { kind: 'offline' },
  now: number,
  told: ToldStreams,
): NewStreamEvent {
  const { row, broadcast } = channel;
  const at = event.at.getTime();
  const about = streamEndedBy(event, channel, told);
  const words = { title: row.title || null, category: row.category || null };
  if (row.broadcast_id !== null && about !== row.broadcast_id) {
    const ended = about === null ? null : endPrevious(channel, at, told);
    return ended === null ? event : { ...event, payload: { ...endOf(ended), ...words } };
  }
  if (about === null) {
    // Its start was never told: a start that is told later must not light it up again.
    if (at > (row.last_live_at ?? 0)) Object.assign(row, { last_live_at: at, heard_at: now });
    channel.isChanged = true;
    return event;
  }
  const ended = broadcast === null ? null : { ...broadcast, ended_at: Math.max(at, broadcast.started_at) };
  if (ended !== null) remember(channel, ended, null);
  Object.assign(row, {
    ended_broadcast_id: row.broadcast_id ?? row.ended_broadcast_id,
    broadcast_id: null,
    broadcast_started_at: null,
    viewers: null,
    thumbnail_url: null,
    last_live_at: at,
    absent_since: null,
    heard_at: now,
  });
  channel.isChanged = true;
  return { ...event, payload: { ...endOf(ended), ...words } };
}

/** Of the present stream and the one before, the one that an end is about; `null` when it is neither. */
export function streamEndedBy(
  event: NewStreamEvent & { kind: 'offline' },
  { row, broadcast }: Channel,
  told: ToldStreams,
): string | null {
  const { broadcastId: id } = event.payload;
  const { broadcast_id: present, ended_broadcast_id: last } = row;
  if (id !== null) return id === present || id === last ? id : null;
  const at = event.at.getTime();
  if (present !== null) return at >= (row.broadcast_started_at ?? 0) ? present : last;
  return broadcast !== null && isAbout(broadcast, at, told.endedAt(row.id, last)) ? last : null;
}

function retitle(channel: Channel, event: NewStreamEvent & { kind: 'update' }, now: number): NewStreamEvent {
  const { row, broadcast } = channel;
  const at = event.at.getTime();
  if (at < (row.retitled_at ?? 0)) return event;
  const isBlank = row.polled_at === null && row.profiled_at === null && row.retitled_at === null;
  const before = isBlank ? null : { title: row.title, category: row.category };
  const { title, category, language } = toChannelRow({ id: row.id, ...event.payload });
  const isNew = title !== row.title || category !== row.category;
  Object.assign(row, { title, category, language, retitled_at: Math.min(at, now + clockSkewMs) });
  channel.isChanged = true;
  if (isNew && row.broadcast_id !== null && broadcast !== null) remember(channel, broadcast, at);
  return { ...event, payload: { ...event.payload, before } };
}

/** A time from the far future must not keep all that follows from counting. */
const clockSkewMs = 10 * 60_000;

/** Makes it the channel's broadcast; with a time, the present title is its title since then. */
function remember(channel: Channel, broadcast: BroadcastRow, titledAt: number | null): void {
  channel.broadcast = broadcast;
  channel.changes.broadcasts.set(broadcast.id, broadcast);
  const { title, category } = channel.row;
  if (titledAt === null || (title === '' && category === '')) return;
  const at = Math.max(titledAt, broadcast.started_at);
  const { titles } = channel.changes;
  const same = titles.findIndex((entry) => entry.broadcast_id === broadcast.id && entry.at === at);
  if (same !== -1) titles.splice(same, 1);
  titles.push({ broadcast_id: broadcast.id, at, title, category });
}

/** Events come late and out of order: a start from before what we know last changes nothing. */
function isOutdated(row: StateRow, id: string, startedAt: number): boolean {
  if (id === row.ended_broadcast_id) return true;
  const knownUntil = row.broadcast_id === null ? row.last_live_at : row.broadcast_started_at;
  return startedAt < (knownUntil ?? 0);
}

/**
 * An end that was found by comparing is told by push, too: more exactly, and up to ten minutes apart. One that push
 * has told is told again within moments, if at all.
 */
function isAbout({ ended_at: known }: BroadcastRow, at: number, toldAt: number | null): boolean {
  return known !== null && Math.abs(known - at) <= (toldAt === null ? 10 * 60_000 : restartWithinMs);
}

function broadcastOf(row: StateRow, broadcasts: Map<string, BroadcastRow>): BroadcastRow | null {
  const id = row.broadcast_id ?? row.ended_broadcast_id;
  if (id === null) return null;
  const known = broadcasts.get(id);
  if (known !== undefined) return known;
  if (row.broadcast_id === null || row.broadcast_started_at === null) return null;
  // On air since before broadcasts were kept.
  return {
    id: row.broadcast_id,
    streamer_id: row.id,
    stream_id: row.broadcast_id,
    started_at: row.broadcast_started_at,
    ended_at: null,
    peak_viewers: null,
  };
}

function timeOf(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
