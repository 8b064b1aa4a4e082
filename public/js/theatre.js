// The theatre link changes the layout in place, so that the player plays on. It stays a link: where it leads is where it takes you.

const link = document.querySelector('[data-theatre]');
const house = document.querySelector('[data-playhouse]');

link?.addEventListener('click', (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.replaceState(null, '', link.href);
  house.dataset.layout = house.dataset.layout === 'theatre' ? 'open' : 'theatre';
  const label = link.querySelector('span');
  [link.href, link.dataset.otherHref] = [link.dataset.otherHref, link.href];
  [label.textContent, link.dataset.otherLabel] = [link.dataset.otherLabel, label.textContent];
  scrollTo({ top: 0 });
});
