// The streamer page follows its streamer: the bill changes in place. The stage is set anew only for who comes on air;
// a player that runs is touched only when its channel has another name, by which alone Twitch knows it.

import { morph } from './morph.js';
import { keepFresh } from './refresh.js';
import { settle } from './settle.js';

const house = document.querySelector('[data-playhouse]');
const lookIn = keepFresh(Number(house.dataset.refreshS), { show });

document.addEventListener('followspot:card', ({ detail }) => {
  const card = new DOMParser().parseFromString(detail, 'text/html').querySelector('li');
  // Not everybody who watches asks in the same instant.
  if (card?.id === `streamer-${house.dataset.streamer}`) lookIn(Math.random() * 700);
});

function show(page, { redirected, url }) {
  const next = page.querySelector('[data-playhouse]');
  if (next?.dataset.streamer !== house.dataset.streamer) return;
  if (redirected) history.replaceState(history.state, '', new URL(url).pathname + location.search);
  document.title = page.title;
  if (next.dataset.login !== house.dataset.login) {
    house.dataset.login = next.dataset.login;
    for (const id of ['stage', 'audience']) setAnew(id, page);
  }
  settle(() => {
    showChat(page.getElementById('audience'));
    for (const part of ['bill', 'stage', 'since-away']) update(part, page.getElementById(part));
  });
  document.dispatchEvent(new Event('followspot:content'));
}

// Who is unavailable has none. A chat that runs is left alone.
function showChat(next) {
  const shown = document.getElementById('audience');
  if (!next) shown?.remove();
  else if (!shown) document.getElementById('bill').after(document.importNode(next, true));
}

// A frame that is led elsewhere would be a step on the way back; a new one is none.
function setAnew(id, page) {
  const next = page.getElementById(id);
  if (next) document.getElementById(id)?.replaceWith(document.importNode(next, true));
}

function update(id, next) {
  const shown = document.getElementById(id);
  if (id === 'stage' && shown.querySelector('iframe')) return;
  morph(shown, document.importNode(next, true));
}
