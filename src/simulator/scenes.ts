import type { Painter } from './brush.ts';
import type { Scene } from './categories.ts';
import { interiors } from './interiors.ts';
import { landscapes } from './landscapes.ts';
import { screens } from './screens.ts';

/** What the screen of a broadcast shows, by the scene of its category. */
export const scenes: Readonly<Record<Scene, Painter>> = { ...interiors, ...landscapes, ...screens };
