// Days are the viewer's own: the server knows only UTC's.

const list = document.querySelector('[data-days]');
const names = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' });

if (list) {
  const heading = list.querySelector('[data-event-day]');
  for (const day of list.querySelectorAll('[data-event-day]')) day.remove();
  let last = '';
  for (const event of list.querySelectorAll('.event')) {
    const name = names.format(new Date(Number(event.dataset.at)));
    if (name !== last) {
      const day = heading.cloneNode(true);
      day.querySelector('time').replaceWith(name);
      event.before(day);
    }
    last = name;
  }
}
