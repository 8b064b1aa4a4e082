// The streamer page follows its streamer: the bill changes in place. The stage is set anew only for who comes on air;
// a player that runs is never touched.

import { morph } from './morph.js';

const house = document.querySelector('[data-playhouse]');
let timer;

document.addEventListener('followspot:card', ({ detail }) => {
  const card = new DOMParser().parseFromString(detail, 'text/html').querySelector('li');
  if (card?.id !== `streamer-${house.dataset.streamer}`) return;
  clearTimeout(timer);
  // Not everybody who watches asks in the same instant.
  timer = setTimeout(() => void refresh(), Math.random() * 700);
});

async function refresh() {
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(15_000) });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const part of ['bill', 'stage']) update(part, page.getElementById(part));
    document.dispatchEvent(new Event('followspot:content'));
  } catch {
    // The next change, or a reload, shows it.
  }
}

function update(id, next) {
  const shown = document.getElementById(id);
  if (!next || (id === 'stage' && shown.querySelector('iframe'))) return;
  morph(shown, document.importNode(next, true));
}
