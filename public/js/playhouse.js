// The streamer page follows its streamer: the bill changes in place. The stage is set anew only for who comes on air;
// a player that runs is never touched.

import { morph } from './morph.js';
import { keepFresh } from './refresh.js';

const house = document.querySelector('[data-playhouse]');
const lookIn = keepFresh(Number(house.dataset.refreshS), { show });

document.addEventListener('followspot:card', ({ detail }) => {
  const card = new DOMParser().parseFromString(detail, 'text/html').querySelector('li');
  // Not everybody who watches asks in the same instant.
  if (card?.id === `streamer-${house.dataset.streamer}`) lookIn(Math.random() * 700);
});

function show(page, { redirected, url }) {
  if (page.querySelector('[data-playhouse]')?.dataset.streamer !== house.dataset.streamer) return;
  if (redirected) history.replaceState(null, '', url);
  document.title = page.title;
  for (const part of ['bill', 'stage', 'since-away']) update(part, page.getElementById(part));
  document.dispatchEvent(new Event('followspot:content'));
}

function update(id, next) {
  const shown = document.getElementById(id);
  if (id === 'stage' && shown.querySelector('iframe')) return;
  morph(shown, document.importNode(next, true));
}
