import { between, pick, seedOf, type Random } from './random.ts';
import { WorldError, type World } from './world.ts';

/** Somebody in a chat. */
export interface Somebody {
  id: string;
  login: string;
  name: string;
}

/** The person of that login; `undefined`: anybody, made up. Throws `WorldError` for a login that nobody has. */
export function somebody(world: World, random: Random, login?: string): Somebody {
  if (login === undefined) return madeUp(random);
  const account = world.find(login);
  if (account === null) throw new WorldError(`There is no account named ${login}.`);
  return { id: account.id, login: account.login, name: account.displayName };
}

function madeUp(random: Random): Somebody {
  const name = `${pick(random, firsts)}${pick(random, seconds)}${between(random, 1, 99)}`;
  return { id: String(20_000_000 + (seedOf(name) % 70_000_000)), login: name.toLowerCase(), name };
}

const firsts = ['Sleepy', 'Brave', 'Quiet', 'Salty', 'Lucky', 'Rusty', 'Velvet', 'Tiny', 'Windy', 'Merry'];
const seconds = [
  'Teapot',
  'Heron',
  'Biscuit',
  'Comet',
  'Anchor',
  'Walnut',
  'Puffin',
  'Ladder',
  'Magpie',
  'Fern',
];
