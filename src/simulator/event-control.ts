import type { EventSub } from './eventsub/index.ts';
import { single } from './parameters.ts';

/*
 * Commands for EventSub and for what happens among people. All below `/control`.
 *
 *   POST /streamers/:login/raid           from (a login; the most watched other streamer unless given), viewers
 *   POST /streamers/:login/gift-bomb      total, by (a login; empty: anybody), anonymous=1
 *   POST /streamers/:login/subscribe      by; /resubscribe: by, months, message; /gift: by, to
 *   POST /streamers/:login/announce       message, by; /watch-streak: streak; /donate: amount in cents
 *   POST /streamers/:login/odd-notice     type, says
 *   POST /streamers/:login/follow         by; /cheer: bits, message; /hype-train, /poll, /prediction, /goal: step
 *   POST /streamers/:login/foreign-conduit  another program watches them, by a conduit of its own
 *   POST /streamers/:login/chat-ban       reader (a login): the chat refuses them; /chat-unban
 *   POST /eventsub/close                  code (4000 to 4007); /drop, /silence, /reconnect: all open sockets.
 *                                         Twitch notices what was dropped only after a while
 *   POST /eventsub/duplicate              count; /delay: ms, count; /hold; /release: order=kept or reversed
 *   POST /eventsub/revoke                 type (empty: all), status
 *   POST /eventsub/disable-shard          conduit, shard; /remove-conduit: conduit; empty: the first, all
 *   GET  /eventsub                        JSON: open sockets, subscriptions, deliveries
 *   POST /life                            on=1 or 0: whether anything happens by itself
 */

type Run = (given: URLSearchParams, login: string) => void;
type Add = (path: string, run: Run) => void;

/** Numbers of a command; throws when they are none. */
export type WholeNumber = (given: URLSearchParams, name: string) => number | null;

/** Adds the commands about one streamer; `raider` chooses who raids when nobody is named. */
export function addStreamerCommands(
  add: Add,
  eventSub: EventSub,
  wholeNumber: WholeNumber,
  raider: (target: string) => string,
): void {
  const at = (path: string, run: Run) => add(`/streamers/:login/${path}`, run);
  at('raid', (given, login) =>
    eventSub.raid(text(given, 'from') ?? raider(login), login, wholeNumber(given, 'viewers') ?? 120),
  );
  at('gift-bomb', (given, login) => {
    const giver = single(given, 'anonymous') === '1' ? null : by(given);
    eventSub.giftBomb(login, giver, Math.min(wholeNumber(given, 'total') ?? 10, 1_000));
  });
  at('subscribe', (given, login) => eventSub.subscribe(login, { by: by(given) }));
  at('resubscribe', (given, login) => {
    const months = wholeNumber(given, 'months') ?? undefined;
    eventSub.resubscribe(login, { by: by(given), months, message: text(given, 'message') });
  });
  at('gift', (given, login) => eventSub.gift(login, { by: by(given), to: text(given, 'to') }));
  at('announce', (given, login) =>
    eventSub.announce(login, text(given, 'message') ?? 'Back in five minutes', { by: by(given) }),
  );
  at('watch-streak', (given, login) =>
    eventSub.watchStreak(login, wholeNumber(given, 'streak') ?? 5, { by: by(given) }),
  );
  at('donate', (given, login) =>
    eventSub.donate(login, wholeNumber(given, 'amount') ?? 1_250, { by: by(given) }),
  );
  at('odd-notice', (given, login) => {
    const [type, says] = [
      text(given, 'type') ?? 'lantern_lit',
      text(given, 'says') ?? 'Somebody lit a lantern!',
    ];
    eventSub.oddNotice(login, type, says, { by: by(given) });
  });
  at('chat-ban', (given, login) => eventSub.banFromChat(login, text(given, 'reader') ?? ''));
  at('chat-unban', (given, login) => eventSub.unbanFromChat(login, text(given, 'reader') ?? ''));
  at('foreign-conduit', (_given, login) => void eventSub.addForeignConduit(login));
  at('follow', (given, login) => eventSub.follow(login, by(given)));
  at('cheer', (given, login) =>
    eventSub.cheer(login, wholeNumber(given, 'bits') ?? 100, text(given, 'message'), by(given)),
  );
  for (const [path, name] of [
    ['hype-train', 'hypeTrain'],
    ['poll', 'poll'],
    ['prediction', 'prediction'],
    ['goal', 'goal'],
  ] as const)
    at(path, (given, login) => eventSub[name](login, stepIn(given)));
}

/** Adds the commands about EventSub's transports. */
export function addTransportCommands(add: Add, eventSub: EventSub, wholeNumber: WholeNumber): void {
  const at = (path: string, run: Run) => add(`/eventsub/${path}`, run);
  at('close', (given) => eventSub.closeSockets(codeIn(wholeNumber(given, 'code') ?? 4000)));
  at('drop', () => eventSub.dropSockets());
  at('silence', () => eventSub.silence());
  at('reconnect', () => eventSub.reconnectSockets());
  at('duplicate', (given) => eventSub.duplicateNext(wholeNumber(given, 'count') ?? 1));
  at('delay', (given) =>
    eventSub.delayNext(wholeNumber(given, 'ms') ?? 1_000, wholeNumber(given, 'count') ?? 1),
  );
  at('hold', () => eventSub.holdBack());
  at('release', (given) => eventSub.release(single(given, 'order') === 'reversed' ? 'reversed' : 'kept'));
  at('revoke', (given) => {
    const status = text(given, 'status') ?? 'authorization_revoked';
    eventSub.revokeSubscriptions(text(given, 'type') ?? null, status);
  });
  at('disable-shard', (given) => eventSub.disableShard(text(given, 'conduit'), text(given, 'shard')));
  at('remove-conduit', (given) => eventSub.removeConduit(text(given, 'conduit')));
}

function by(given: URLSearchParams): string | undefined {
  return text(given, 'by');
}

/** An untouched form field is none. */
function text(given: URLSearchParams, name: string): string | undefined {
  const found = single(given, name) ?? '';
  return found === '' ? undefined : found;
}

function stepIn(given: URLSearchParams): 'begin' | 'progress' | 'end' {
  const step = single(given, 'step');
  return step === 'progress' || step === 'end' ? step : 'begin';
}

function codeIn(code: number): number {
  return code >= 4000 && code <= 4007 ? code : 4000;
}
