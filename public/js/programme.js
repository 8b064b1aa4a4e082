// The latest events, live: each goes to its place by time, one that is written anew takes the place of the old. Nothing
// moves while somebody points at the list, reads in it with the keyboard, or has pressed Pause: what arrives waits.

import { gather } from './gather.js';
import { hold, togglePause } from './hold.js';
import { follow } from './live-events.js';
import { settle } from './settle.js';

const programme = document.querySelector('[data-programme]');
const list = programme.querySelector('.events');
const state = programme.querySelector('[data-programme-state]');
const news = programme.querySelector('[data-programme-news]');
const pause = programme.querySelector('[data-programme-pause]');
const label = pause.querySelector('span');
const icon = pause.querySelector('.icon');
const most = Number(programme.dataset.most);
const states = {
  live: 'Connected',
  waiting: 'Reconnecting…',
  offline: 'Not connected',
  turns: 'Every few seconds',
};

const waiting = new Map();
// How many the button tells of.
let told = 0;
let isPaused = false;
let untold = 0;
let telling;

const isHeld = hold(isRead, release);
const showSoon = gather(() => (isHeld() ? tellOfWaiting() : showWaiting()));
pause.hidden = false;
pause.addEventListener('click', () => {
  if (isPaused || told === 0) isPaused = togglePause();
  tellState();
  showWaiting();
});
document.addEventListener('followspot:swapped', showRead);
document.addEventListener('followspot:content', () => isHeld() || showRead());

follow(programme.dataset.follow, Number(programme.dataset.after), {
  onEvent: arrive,
  onCard: (html) => document.dispatchEvent(new CustomEvent('followspot:card', { detail: html })),
  onState(name) {
    state.dataset.state = name;
    tellState();
    if (name === 'live') document.dispatchEvent(new Event('followspot:reached'));
  },
});

// Whoever has paused is connected all the same, but nothing moves.
function tellState() {
  const name = state.dataset.state;
  const isStill = isPaused && (name === 'live' || name === 'turns');
  state.toggleAttribute('data-paused', isStill);
  if (name === 'signed-out') state.replaceChildren(linkToSignIn());
  else state.textContent = isStill ? 'Paused' : (states[name] ?? '');
}

// The page leads there by itself.
function linkToSignIn() {
  return Object.assign(document.createElement('a'), {
    href: location.href,
    textContent: 'Signed out. Sign in again',
  });
}

function arrive(html) {
  const event = parse(html);
  if (!event || isOlder(event, waiting.get(event.id))) return;
  waiting.set(event.id, event);
  showSoon();
}

function parse(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const event = page.querySelector('li.event');
  return event && document.importNode(event, true);
}

function isOlder(event, other) {
  return other && Number(other.dataset.sequence) > Number(event.dataset.sequence);
}

// Once the button tells of something, the way to it may not take that away. Whoever was put on the heading does not read.
function isRead() {
  const part = told > 0 ? programme : list;
  return part.matches(':hover') || part.querySelector(':focus:not(h2)') !== null;
}

function release() {
  showWaiting();
  showRead();
}

function showWaiting() {
  if (waiting.size > 0 && !isPaused) {
    settle(() => {
      for (const event of waiting.values()) show(event);
      trim();
      drawLine();
    });
    waiting.clear();
    document.dispatchEvent(new Event('followspot:content'));
  }
  tellOfWaiting();
}

function tellOfWaiting() {
  told = waiting.size;
  label.textContent = wordsOfPause();
  icon.toggleAttribute('hidden', isPaused || told > 0);
}

function wordsOfPause() {
  if (told === 0) return isPaused ? 'Resume' : 'Pause';
  return isPaused ? `Show ${told} new` : `${told} waiting`;
}

function show(event) {
  const old = document.getElementById(event.id);
  if (isOlder(event, old)) return;
  if (old) {
    if (old.matches('.event-new')) markNew(event);
    return old.replaceWith(event);
  }
  const at = Number(event.dataset.at);
  const id = Number(event.dataset.eventId);
  const later = [...list.querySelectorAll('.event')].findLast(
    ({ dataset }) => Number(dataset.at) > at || (Number(dataset.at) === at && Number(dataset.eventId) > id),
  );
  if (later) later.after(event);
  else list.prepend(event);
  event.classList.add('event-arrived');
  markNew(event);
  programme.querySelector('[data-programme-empty]').hidden = true;
  untold += 1;
  telling ??= setTimeout(tell, 1_500);
}

// As the page would show it after a reload. What is shown is also what *Mark all as read* reaches to.
function markNew(event) {
  event.classList.add('event-new');
  const badge = Object.assign(document.createElement('span'), {
    className: 'event-badge',
    textContent: 'New',
  });
  event.querySelector('.event-foot').prepend(badge, ' ');
  const upTo = document.querySelector('[data-read-up-to]');
  if (upTo) upTo.value = Math.max(Number(upTo.value), Number(event.dataset.eventId));
}

// What counts as read by now: the user said so, perhaps elsewhere, or comes back to a page that stayed open.
function showRead() {
  const mark = Number(document.getElementById('since-away').dataset.keep);
  const read = [...list.querySelectorAll('.event-new')].filter(({ dataset }) => dataset.eventId <= mark);
  if (read.length === 0) return;
  settle(() => {
    for (const event of read) {
      event.classList.remove('event-new');
      event.querySelector('.event-badge').remove();
    }
    drawLine();
  });
}

// Above the first that is read, as the page draws it.
function drawLine() {
  const line = list.querySelector('[data-event-line]') ?? newLine();
  const firstRead = list.querySelector('.event:not(.event-new)');
  if (firstRead && firstRead !== list.querySelector('.event')) firstRead.before(line);
  else line.remove();
}

function newLine() {
  const line = Object.assign(document.createElement('li'), { className: 'event-line' });
  line.dataset.eventLine = '';
  line.append(Object.assign(document.createElement('span'), { textContent: 'Seen before' }));
  return line;
}

function trim() {
  const events = [...list.querySelectorAll('.event')];
  for (const event of events.slice(most)) event.remove();
}

// Not one announcement for each of fifty gifts.
function tell() {
  news.textContent = untold === 1 ? '1 new event' : `${untold} new events`;
  untold = 0;
  telling = undefined;
}
