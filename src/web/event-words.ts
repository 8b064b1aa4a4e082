import type { EventBody, EventKind, EventPayloads, ShownEvent } from '../domain/stream-event.ts';
import { type Saying, sayings } from './event-sayings.ts';
import { ago } from './format.ts';
import { name, phrase, plain, type Phrase } from './phrase.ts';

/** A file of `views/partials/icons`. */
export type EventIcon =
  | 'live'
  | 'moon'
  | 'pencil'
  | 'arrive'
  | 'leave'
  | 'person'
  | 'star'
  | 'gift'
  | 'megaphone'
  | 'heart'
  | 'spark'
  | 'bars'
  | 'flag'
  | 'bell'
  | 'clock';

/** What an entry says to people, below the name of its streamer. */
export interface EventWords {
  icon: EventIcon;
  sentence: Phrase;
  /** More about it, in lines of their own. */
  details: Phrase[];
  /** What somebody wrote: a title, a message. `null` for none. */
  quote: string | null;
}

/** Puts an entry into words, for any kind. */
export function describeEvent(event: EventBody): EventWords {
  const words = { details: [], quote: null, ...sayingOf(event) };
  const sharedFrom = 'sharedFrom' in event.payload ? event.payload.sharedFrom : null;
  return {
    ...words,
    quote: words.quote === '' ? null : words.quote,
    details:
      sharedFrom === null
        ? words.details
        : [...words.details, phrase`In the shared chat of ${name(sharedFrom.name)}`],
  };
}

/** The same in one line of plain text: "went live: Ink and rain · Art". Without the streamer's name. */
export function plainText(event: EventBody): string {
  const { sentence, details, quote } = describeEvent(event);
  const rest = [...(quote === null ? [] : [quote]), ...details.map(plain)].join(' · ');
  return [plain(sentence), rest]
    .filter((part) => part !== '')
    .join(': ')
    .replaceAll(/\s+/g, ' ');
}

/** All that the partial of an entry shows: two with the same key are the same to the letter. */
export function eventKey(event: ShownEvent, isNew: boolean, now: Date): unknown[] {
  const { id, login, displayName, profileImageUrl } = event.streamer;
  return [
    isNew ? `${event.id} new` : event.id,
    event.sequence,
    id,
    login,
    displayName,
    profileImageUrl,
    ago(event.at, now),
  ];
}

type Entry<Kind extends EventKind> = {
  [Each in Kind]: { kind: Each; payload: EventPayloads[Each] };
}[Kind];

/** Spelt by kind, for the compiler to see that saying and payload belong together. */
function sayingOf<Kind extends EventKind>(event: Entry<Kind>): Saying {
  return sayings[event.kind](event.payload);
}
