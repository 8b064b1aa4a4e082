// A form with data-swap is sent without leaving the page. It, or the element that data-swap names by its id, is replaced
// by itself from the page that answers.

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('form[data-swap]')) return;
  event.preventDefault();
  if (event.submitter) event.submitter.disabled = true;
  void swap(form);
});

async function swap(form) {
  const id = form.dataset.swap || form.id;
  try {
    const next = document.importNode(await answerTo(form, id), true);
    document.getElementById(id).replaceWith(next);
    (next.querySelector('button') ?? next).focus();
    document.dispatchEvent(new CustomEvent('followspot:swapped', { detail: id }));
  } catch {
    // Signed out, refused or out of reach: the page as it is now says so, and nothing is sent twice.
    location.reload();
  }
}

async function answerTo(form, id) {
  const response = await fetch(form.action, {
    method: 'POST',
    body: new URLSearchParams(new FormData(form)),
  });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const next = page.getElementById(id);
  if (!response.ok || !next) throw new Error(`answered ${response.status}`);
  return next;
}
