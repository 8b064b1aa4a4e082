// A change takes nothing from under the eyes. Whoever has scrolled keeps what stands first on the screen where it is,
// also in browsers that do not see to it; what has to move glides. Who wants little motion sees it moved at once.

const MOVABLE =
  '.since-away, .live-card, .programme, .event, .event-line, #wall-offline, .offline-card, .show-all, .audience, .footer';
// Added to a glide that is under way.
const GLIDE = { duration: 450, easing: 'cubic-bezier(0.2, 0, 0, 1)', composite: 'add' };
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

export function settle(change) {
  const before = [...document.querySelectorAll(MOVABLE)].map((part) => [part, part.getBoundingClientRect()]);
  change();
  const stayed = before.filter(([part]) => part.isConnected);
  keepFirst(stayed);
  if (!stillness.matches) glide(stayed);
}

function keepFirst(parts) {
  const first = parts.find(([, { top, bottom }]) => top >= 0 && bottom > top && top < innerHeight);
  if (!first || scrollY === 0) return;
  const [part, was] = first;
  scrollBy({ top: part.getBoundingClientRect().top - was.top, behavior: 'instant' });
}

function glide(parts) {
  const shifts = new Map();
  for (const [part, was] of parts) {
    const is = part.getBoundingClientRect();
    shifts.set(part, { x: was.x - is.x, y: was.y - is.y, seen: isSeen(was) || isSeen(is) });
  }
  for (const [part, { x, y, seen }] of shifts) {
    // What it stands in takes it along.
    const outer = shifts.get(part.parentElement.closest(MOVABLE)) ?? { x: 0, y: 0 };
    const from = `${x - outer.x}px ${y - outer.y}px`;
    if (seen && from !== '0px 0px') part.animate({ translate: [from, '0px 0px'] }, GLIDE);
  }
}

function isSeen({ top, bottom }) {
  return bottom > 0 && top < innerHeight;
}
