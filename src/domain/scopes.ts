import { ownKinds } from './own-channel.ts';

/** What a chat may be read with (dev.twitch.tv, "EventSub Subscription Types"). */
export const chatScope = 'user:read:chat';

/** All that anybody can be asked to allow here: each is for something that they can turn on. */
export const askedScopes: ReadonlySet<string> = new Set([chatScope, ...ownKinds.map(({ scope }) => scope)]);
