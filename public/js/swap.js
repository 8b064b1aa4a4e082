// A form with data-swap and an id is sent without leaving the page, and replaced by itself from the page that answers.

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('form[data-swap]')) return;
  event.preventDefault();
  if (event.submitter) event.submitter.disabled = true;
  void swap(form);
});

async function swap(form) {
  try {
    const next = await answerTo(form);
    form.replaceWith(next);
    next.querySelector('button')?.focus();
  } catch {
    // Signed out, refused or out of reach: the page as it is now says so, and nothing is sent twice.
    location.reload();
  }
}

async function answerTo(form) {
  const response = await fetch(form.action, {
    method: 'POST',
    body: new URLSearchParams(new FormData(form)),
  });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const next = page.getElementById(form.id);
  if (!response.ok || !next) throw new Error(`answered ${response.status}`);
  return next;
}
