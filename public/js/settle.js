// A change takes nothing from under the eyes. Whoever has scrolled keeps what stands first on the screen where it is,
// also in browsers that do not see to it; what has to move glides, and what goes to another row fades in there. Who wants
// little motion sees it moved at once.

const MOVABLE =
  '.since-away, .live-card, .programme, .event, .event-line, #wall-offline, .offline-card, .show-all, .footer';
// Added to a glide that is under way.
const GLIDE = { duration: 450, easing: 'cubic-bezier(0.2, 0, 0, 1)', composite: 'add' };
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

export function settle(change) {
  const before = placesOf(document.querySelectorAll(MOVABLE));
  const read = scrollY > 0 ? [...before].filter(([part, place]) => isRead(part, place)) : [];
  change();
  keepFirst(read);
  if (!stillness.matches) glide(before, placesOf(before.keys()));
}

// What is hidden, or gone, has none.
function placesOf(parts) {
  const places = [...parts].map((part) => [part, part.getBoundingClientRect()]);
  return new Map(places.filter(([, { width }]) => width > 0));
}

// Its beginning is on the screen, and nothing lies over it.
function isRead(part, { left, top, width }) {
  return top >= 0 && top < innerHeight && part.contains(document.elementFromPoint(left + width / 2, top + 1));
}

// In a grid others come into a row, which is nothing to scroll for. A list at the side is not what a page is scrolled for
// either, so what begins on the left half is preferred.
function keepFirst(read) {
  const stayed = [...read]
    .map(([part, was]) => ({ was, is: part.getBoundingClientRect() }))
    .filter(({ was, is }) => is.width > 0 && was.left === is.left);
  const { was, is } = stayed.find((each) => each.is.left < innerWidth / 2) ?? stayed[0] ?? {};
  if (was && was.top !== is.top) scrollBy({ top: is.top - was.top, behavior: 'instant' });
}

function glide(before, after) {
  for (const [part, is] of after) {
    if (!isSeen(before.get(part)) && !isSeen(is)) continue;
    const shift = shiftOf(part);
    // What it stands in takes it along.
    const outer = shiftOf(part.parentElement.closest(MOVABLE));
    const [x, y] = [shift.x - outer.x, shift.y - outer.y];
    if (x !== 0 && y !== 0) part.animate({ opacity: [0, 1] }, { ...GLIDE, composite: 'replace' });
    else if (x !== 0 || y !== 0) part.animate({ translate: [`${x}px ${y}px`, '0px 0px'] }, GLIDE);
  }

  function shiftOf(part) {
    const [was, is] = [before.get(part), after.get(part)];
    return was && is ? { x: was.x - is.x, y: was.y - is.y } : { x: 0, y: 0 };
  }
}

function isSeen({ top, bottom }) {
  return bottom > 0 && top < innerHeight;
}
