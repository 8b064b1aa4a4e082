// Keeps the live wall true: asks for the same page once a round while somebody looks, and changes only what changed.

const wall = document.querySelector('[data-live-wall]');
const news = document.querySelector('[data-live-wall-news]');
const roundMs = Number(wall.dataset.refreshS) * 1000;
let lookedAt = Date.now();
let freshAt = lookedAt;
let timer;

schedule();
document.addEventListener('visibilitychange', schedule);

function schedule() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(() => void look(), Math.max(0, lookedAt + roundMs - Date.now()));
}

async function look() {
  const asked = Date.now();
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(15_000) });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const next = page.querySelector('[data-live-wall]');
    if (!response.ok) throw new Error(`answered ${response.status}`);
    // Signed out elsewhere, or the last favourite removed: it is another page now.
    if (!next) return location.reload();
    show(next);
    document.title = page.title;
    freshAt = asked;
  } catch {
    admitFailure();
  }
  lookedAt = asked;
  schedule();
}

function show(next) {
  const before = liveIds();
  const focused = document.activeElement?.closest('[data-live-wall] [id]')?.id;
  const wanted = document.importNode(next, true);
  for (const list of ['.live-cards', '.offline-cards'])
    keepOrder(wanted.querySelector(list), wall.querySelector(list));
  morph(wall, wanted);
  const arrived = [...wall.querySelectorAll('.live-card')].filter((card) => !before.has(card.id));
  for (const card of arrived) card.classList.add('just-live');
  if (arrived.length) news.textContent = `${arrived.map((card) => card.dataset.name).join(', ')} went live`;
  if (focused && !wall.contains(document.activeElement)) {
    document.getElementById(focused)?.querySelector('a')?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new Event('followspot:content'));
}

// Nothing moves under the eyes: who is new comes first, everybody else stays where they are until the page is opened anew.
function keepOrder(list, shown) {
  if (!list || !shown) return;
  const places = new Map([...shown.children].map((card, place) => [card.id, place]));
  const placeOf = (card) => places.get(card.id) ?? -1;
  list.append(...[...list.children].toSorted((a, b) => placeOf(a) - placeOf(b)));
}

function liveIds() {
  return new Set([...wall.querySelectorAll('.live-card')].map((card) => card.id));
}

function admitFailure() {
  const line = wall.querySelector('[data-freshness]');
  const since = new Date(freshAt).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  line.classList.add('stale');
  line.textContent = `This page could not be refreshed since ${since}; it keeps trying.`;
}

// Makes one element like the other and leaves alone what is equal. Children with an id are matched by it, the others by place.
function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeName !== to.nodeName || from.id !== to.id) from.replaceWith(to);
  else if (from.nodeType === Node.ELEMENT_NODE) morphElement(from, to);
  else from.nodeValue = to.nodeValue;
}

function morphElement(from, to) {
  for (const name of from.getAttributeNames()) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes)
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  morphChildren(from, [...to.childNodes]);
}

function morphChildren(parent, wanted) {
  const known = new Map([...parent.children].filter((child) => child.id).map((child) => [child.id, child]));
  const kept = new Set(wanted.map((child) => known.get(child.id)).filter(Boolean));
  let place = parent.firstChild;
  for (const child of wanted) {
    const match = known.get(child.id);
    if (match) {
      while (place && place !== match && !kept.has(place)) place = dropped(place);
      if (match === place) place = place.nextSibling;
      else parent.insertBefore(match, place);
      morph(match, child);
    } else if (place && !child.id && !place.id && place.nodeName === child.nodeName) {
      const next = place.nextSibling;
      morph(place, child);
      place = next;
    } else {
      parent.insertBefore(child, place);
    }
  }
  while (place) place = dropped(place);
}

function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
