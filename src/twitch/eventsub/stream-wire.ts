import type { EventDraft } from './event.ts';
import { readFields, type Fields } from './fields.ts';
import type { EventSubMessage } from './message.ts';

type Reader = (fields: Fields, condition: Record<string, string>) => EventDraft;

// What everybody may hear of everybody.
const readers: Record<string, Reader> = {
  'stream.online': (fields) => {
    const broadcastId = fields.idOrNull('id');
    return {
      kind: 'live',
      payload: {
        broadcastId,
        startedAt: fields.time('started_at'),
        title: null,
        category: null,
        isRestart: false,
      },
      streamerId: fields.id('broadcaster_user_id'),
      happenedAt: fields.instant('started_at'),
      amount: null,
      relation: broadcastId === null ? null : { how: 'same', key: `live:${broadcastId}` },
    };
  },
  'stream.offline': (fields) => {
    // Told since June 2026 only.
    const broadcastId = fields.idOrNull('id');
    return {
      kind: 'offline',
      payload: { broadcastId, durationS: null, title: null, category: null },
      streamerId: fields.id('broadcaster_user_id'),
      happenedAt: null,
      amount: null,
      relation: broadcastId === null ? null : { how: 'same', key: `offline:${broadcastId}` },
    };
  },
  'channel.update': (fields) => ({
    kind: 'update',
    payload: {
      title: fields.text('title', 500),
      category: fields.text('category_name', 128),
      language: fields.text('language', 16),
      before: null,
    },
    streamerId: fields.id('broadcaster_user_id'),
    happenedAt: null,
    amount: null,
    relation: null,
  }),
  'channel.raid': (fields, condition) => {
    const from = fields.somebody('from_broadcaster_user');
    const to = fields.somebody('to_broadcaster_user');
    const viewers = fields.count('viewers');
    const shared = {
      happenedAt: null,
      amount: viewers,
      relation: { how: 'same' as const, key: `raid:${from.id}:${to.id}` },
    };
    // The same event comes to both sides; only what was asked tells about whom.
    const isOutgoing = !condition['to_broadcaster_user_id'] && Boolean(condition['from_broadcaster_user_id']);
    return isOutgoing
      ? {
          kind: 'raid-out',
          payload: { to, viewers },
          streamerId: fields.id('from_broadcaster_user_id'),
          ...shared,
        }
      : {
          kind: 'raid',
          payload: { from, viewers, sharedFrom: null },
          streamerId: fields.id('to_broadcaster_user_id'),
          ...shared,
        };
  },
};

/** Broadcasts, titles and raids; `null` for other types. Throws when what names a thing is not there. */
export function readStreamEvent({ type, event, condition }: EventSubMessage): EventDraft | null {
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
  return read ? read(readFields(event), condition) : null;
}
