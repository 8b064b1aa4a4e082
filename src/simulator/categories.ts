/** What a thumbnail of the category shows; each has a drawing in `scenes.ts`. */
export type Scene =
  | 'studio'
  | 'dungeon'
  | 'sea'
  | 'space'
  | 'city'
  | 'orchard'
  | 'blocks'
  | 'board'
  | 'canvas'
  | 'kitchen'
  | 'music'
  | 'rails'
  | 'pixel'
  | 'snow';

export interface Category {
  /** A string of digits, as Twitch has it. */
  id: string;
  name: string;
  scene: Scene;
  /** What streamers who write English call a broadcast of it. */
  titles: readonly string[];
}

/** Every category of the simulated world. None of them exists. */
export const categories = {
  talk: category('600101', 'Fireside Talk', 'studio', [
    'Tea, mail and your questions',
    'Slow morning, long answers',
    'Reading your letters by the window ☕',
  ]),
  languages: category('600102', 'Language Café', 'studio', [
    'Ten words you will need on a train',
    'Practice hour: ask me anything, slowly',
  ]),
  dungeon: category('600103', 'Lantern Keep', 'dungeon', [
    'Floor 40 with one lantern left',
    'No maps, no torches, no regrets',
    'The goblin accountant is back',
  ]),
  sea: category('600104', 'Tidewalkers', 'sea', [
    'Sailing north until something happens',
    'Crew of four, one bucket',
    'Charting the fog islands',
  ]),
  space: category('600105', 'Starfreight', 'space', [
    'Hauling ice past the ring',
    'First jump with the new engine 🚀',
    'Docking practice, please clap',
  ]),
  city: category('600106', 'Neon Circuit', 'city', [
    'Rain laps until sunrise',
    'Chasing four tenths on the harbour track',
    'Season 3, round 7',
  ]),
  orchard: category('600107', 'Hollow Orchard', 'orchard', [
    'Year two: the pears are ready',
    'A barn for every chicken',
    'Quiet planting, good music',
  ]),
  blocks: category('600108', 'Blockwright', 'blocks', [
    'A cathedral out of nothing but slate',
    'Hardcore day 212',
    'You draw it, I build it',
  ]),
  board: category('600109', 'Paper Kingdoms', 'board', [
    'Ranked, and slightly afraid',
    'Teaching the opening that everybody hates',
    'Viewer matches all evening',
  ]),
  canvas: category('600110', 'Sketchbook', 'canvas', [
    'Ink only, no undo',
    'Painting the harbour at blue hour',
    'Portrait queue: 12 to go',
  ]),
  kitchen: category('600111', 'Night Market Kitchen', 'kitchen', [
    'Dumplings, the slow way',
    'Chat picks the spices 🌶️',
    'Bread, then more bread',
  ]),
  music: category('600112', 'Bedroom Orchestra', 'music', [
    'Writing one song before midnight',
    'Looping the weather report',
    'Piano requests, left hand only',
  ]),
  rails: category('600113', 'Tiny Locomotives', 'rails', [
    'A timetable that works (it does not)',
    'Building the mountain line',
    'Signal box night shift 🚂',
  ]),
  pixel: category('600114', 'Retro Relay', 'pixel', [
    'Any% attempts, on pace until the ice cave',
    'Relay week: our team is last and happy',
    'Learning the wall skip',
  ]),
  snow: category('600115', 'Deep Winter', 'snow', [
    'Night 9: the stove is cold',
    'One match, one axe',
    'Walking the long ridge',
  ]),
  maker: category('600116', "Maker's Bench", 'canvas', [
    'A keyboard out of walnut',
    'Repairing your broken radios',
    'Soldering, badly, with love',
  ]),
} as const satisfies Record<string, Category>;

export type CategoryKey = keyof typeof categories;

/** The category of that name in any case, or `null`. */
export function categoryNamed(name: string): Category | null {
  const wanted = name.toLowerCase();
  return Object.values<Category>(categories).find((known) => known.name.toLowerCase() === wanted) ?? null;
}

function category(id: string, name: string, scene: Scene, titles: readonly string[]): Category {
  return { id, name, scene, titles };
}
