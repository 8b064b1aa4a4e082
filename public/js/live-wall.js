// Keeps the live wall true: cards move as their streamers do, and the same page is asked for once a round while somebody
// looks. While somebody points at the cards, or has pressed Pause, each is brought up to date where it is and none moves.

import { gather } from './gather.js';
import { hold } from './hold.js';
import { morph } from './morph.js';
import { keepFresh } from './refresh.js';
import { settle } from './settle.js';

const wall = document.querySelector('[data-live-wall]');
const news = document.querySelector('[data-live-wall-news]');
let freshAt = Date.now();
let shownAt = freshAt;
// Twitch tells of a broadcast a while after it has begun.
const LATE_MS = 5 * 60_000;
// Of those who joined while the page was open: whether they went live since is news, that they are live is none.
const newsFrom = new Map();

const lookIn = keepFresh(Number(wall.dataset.refreshS), { show: showPage, fail: admitFailure });
const isHeld = hold(
  () => wall.querySelector('.live-cards:hover, .offline-cards:hover') !== null,
  () => 'behind' in wall.dataset && catchUp(),
);
const arriving = new Map();
const placeSoon = gather(placeCards);
wall.addEventListener('animationend', ({ target, animationName }) => {
  if (animationName === 'flare') target.closest('.just-live')?.classList.remove('just-live');
});
document.addEventListener('followspot:card', ({ detail }) => {
  const card = new DOMParser().parseFromString(detail, 'text/html').querySelector('li');
  arriving.set(card.id, card);
  placeSoon();
});

function showPage(page) {
  const next = page.querySelector('[data-live-wall]');
  // Signed out elsewhere, or the last favourite removed: it is another page now.
  if (!next) return location.reload();
  freshAt = Date.now();
  document.title = page.title;
  if (isHeld()) return showInPlace(next);
  show(next);
}

function show(next) {
  const before = liveIds();
  const focused = document.activeElement?.closest('[data-live-wall] [id]')?.id;
  const wanted = document.importNode(next, true);
  for (const { id } of wanted.querySelectorAll('.live-card, .offline-card'))
    if (!document.getElementById(id) && !newsFrom.has(id)) newsFrom.set(id, shownAt - LATE_MS);
  shownAt = Date.now();
  for (const list of ['.live-cards', '.offline-cards'])
    keepOrder(wanted.querySelector(list), wall.querySelector(list));
  for (const card of wall.querySelectorAll('.just-live'))
    keepLit(card, wanted.querySelector(`.live-cards > #${CSS.escape(card.id)}`));
  settle(() => morph(wall, wanted));
  announceNewSince(before);
  if (focused && !wall.contains(document.activeElement)) {
    document.getElementById(focused)?.querySelector('a')?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new Event('followspot:content'));
}

// What would have to move waits until all may, and the wall says that something does.
function showInPlace(next) {
  setBehind(placesIn(next) !== placesIn(wall));
  for (const part of next.querySelectorAll('.live-card, .offline-card, [data-freshness]'))
    refreshInPlace(part);
  document.dispatchEvent(new Event('followspot:content'));
}

function placesIn(page) {
  const cards = [...page.querySelectorAll('.live-card, .offline-card')];
  return String(cards.map((card) => `${card.classList[0]} ${card.id}`).toSorted());
}

function refreshInPlace(part) {
  const shown = document.getElementById(part.id);
  const isThere = shown !== null && shown.classList[0] === part.classList[0];
  if (!isThere) return false;
  const wanted = document.importNode(part, true);
  keepLit(shown, wanted);
  morph(shown, wanted);
  return true;
}

// A card that has just lit up goes on doing so: the server does not know of it.
function keepLit(shown, wanted) {
  if (shown.matches('.just-live')) wanted?.classList.add('just-live');
}

function placeCards() {
  const before = liveIds();
  settle(() => {
    for (const card of arriving.values()) placeCard(card);
  });
  arriving.clear();
  announceNewSince(before);
  document.dispatchEvent(new Event('followspot:content'));
}

// One card as the server sends it: it stays in its list, or moves to the other.
function placeCard(card) {
  const shown = document.getElementById(card.id);
  const list = wall.querySelector(`.${card.classList[0]}s`);
  if (!refreshInPlace(card)) {
    if (isHeld()) setBehind(true);
    // There is no such list yet, nobody to move, or a place among the others: the whole page knows how it looks now.
    else if (!shown || !list || (card.matches('.live-card') && !wentLive(card))) lookIn(Math.random() * 800);
    else move(shown, document.importNode(card, true), list);
  }
}

function move(shown, card, list) {
  const isFocused = shown.contains(document.activeElement);
  const left = shown.parentElement;
  const isLive = card.classList.contains('live-card');
  // The last one leaves: the page looks different without the list.
  if (left.children.length === 1) return lookIn(Math.random() * 800);
  shown.remove();
  list.prepend(card);
  if (isFocused) card.querySelector('a').focus({ preventScroll: true });
  const live = wall.querySelectorAll('.live-card').length;
  const tally = wall.querySelector('#wall-head .tally');
  tally.textContent = tally.textContent.replace(/^[\d,]+/, live.toLocaleString('en'));
  const offline = wall.querySelector('.offline-head .tally');
  const before = Number(offline.textContent.replaceAll(',', ''));
  offline.textContent = (before + (isLive ? -1 : 1)).toLocaleString('en');
  document.title = document.title.replace(/^\d+/, String(live));
}

function setBehind(is) {
  wall.toggleAttribute('data-behind', is);
}

function catchUp() {
  setBehind(false);
  lookIn(0);
}

function announceNewSince(before) {
  const arrived = [...wall.querySelectorAll('.live-card')].filter(({ id }) => !before.has(id));
  const cards = arrived.filter(wentLive);
  for (const card of cards) card.classList.add('just-live');
  if (cards.length) news.textContent = `${cards.map((card) => card.dataset.name).join(', ')} went live`;
}

function wentLive(card) {
  const start = card.querySelector('[data-time=uptime]')?.dateTime;
  return Date.parse(start) > (newsFrom.get(card.id) ?? 0);
}

// Nothing moves under the eyes: who went live comes first, who is new otherwise follows whom they follow on the server's
// page, and everybody else stays where they are until the page is opened anew.
function keepOrder(list, shown) {
  if (!list || !shown) return;
  const known = new Map([...shown.children].map((card, place) => [card.id, place]));
  const places = new Map();
  let last = -1;
  for (const card of list.children) {
    last = known.get(card.id) ?? last;
    places.set(card, !known.has(card.id) && wentLive(card) ? -1 : last);
  }
  list.append(...[...list.children].toSorted((a, b) => places.get(a) - places.get(b)));
}

function liveIds() {
  return new Set([...wall.querySelectorAll('.live-card')].map((card) => card.id));
}

function admitFailure() {
  const line = wall.querySelector('[data-freshness]');
  const since = new Date(freshAt).toLocaleTimeString('en-GB', { timeStyle: 'short' });
  line.classList.add('stale');
  line.textContent = `This page could not be refreshed since ${since}; it keeps trying.`;
}
