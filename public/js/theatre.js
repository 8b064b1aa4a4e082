// The theatre link changes the layout in place, so that the player plays on. It stays a link: where it leads is where it
// takes you. The way back leads out, and so does Escape.

const link = document.querySelector('[data-theatre]');
const house = document.querySelector('[data-playhouse]');
const isTheatre = () => location.search.includes('theatre=1');

link.addEventListener('click', (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  toggle();
});
document.addEventListener('keydown', ({ key, target }) => {
  if (key === 'Escape' && isTheatre() && !target.matches('input')) toggle();
});
addEventListener('popstate', arrange);
// A page that was asked for before may have come after.
document.addEventListener('followspot:content', arrange);

function toggle() {
  const isStep = history.state?.isTheatre;
  if (isTheatre()) history.replaceState(null, '', link.href);
  else history.pushState({ isTheatre: true }, '', link.href);
  arrange();
  scrollTo({ top: 0 });
  // The next step back leads to where one came from.
  if (isStep) history.back();
}

// The server's page has the same words.
function arrange() {
  house.dataset.layout = isTheatre() ? 'theatre' : 'open';
  link.search = isTheatre() ? '' : 'theatre=1';
  link.querySelector('span').textContent = isTheatre() ? 'Leave theatre' : 'Theatre layout';
}
