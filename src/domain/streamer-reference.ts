import { AppError } from './errors.ts';

/** What a person typed to name a streamer: a login that can be looked up, or a name to search for. */
export type StreamerReference = { kind: 'login'; login: string } | { kind: 'name'; name: string };

const longestName = 100;

/**
 * Understands a login, `@login`, a display name in any script, or the address of a twitch.tv page.
 * @throws AppError `invalid` when it is none of these.
 */
export function parseStreamerReference(text: string): StreamerReference {
  const typed = text.normalize('NFC').trim();
  if (typed === '') throw invalid('Type the name of a streamer, or the address of their page on Twitch.');
  if (typed.length > 300) throw invalid('That is too long for the name of a streamer.');

  const address = /^(?:https?:\/\/)?(?:www\.|m\.|player\.|go\.)?twitch\.tv(?:[/?#](.*))?$/iu.exec(typed);
  if (address !== null) return fromAddress(address[1] ?? '');
  if (/^(?:[a-z]+:\/\/|[\p{L}\d-]+(?:\.[\p{L}\d-]+)+(?::\d+)?\/)/iu.test(typed))
    throw invalid('That is not the address of a page on Twitch. It should look like twitch.tv/name.');
  if (typed.includes('/'))
    throw invalid(
      'That is not a name on Twitch. Type a login, a display name or an address like twitch.tv/name.',
    );

  const name = typed.replace(/^@/, '');
  if (isLogin(name)) return { kind: 'login', login: name.toLowerCase() };
  if (Array.from(name).length > longestName || name === '' || hasControlCharacter(name)) {
    throw invalid('That does not look like the name of a streamer.');
  }
  return { kind: 'name', name };
}

/** A login as Twitch hands them out, in either case: 1 to 25 of letters, digits and underscore. */
export function isLogin(text: string): boolean {
  return /^[a-zA-Z0-9_]{1,25}$/.test(text);
}

function fromAddress(rest: string): StreamerReference {
  const fromQuery = /(?:^|[?&])channel=([^&#]*)/.exec(rest)?.[1];
  const login = fromQuery ?? rest.split(/[/?#]/)[0] ?? '';
  if (!isLogin(login))
    throw invalid('That address does not name a streamer. It should look like twitch.tv/name.');
  return { kind: 'login', login: login.toLowerCase() };
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
