// The theme changes in place: the form is still sent, but nobody's video starts anew for it.

document.addEventListener('submit', (event) => {
  const form = event.target;
  const choice = event.submitter?.value;
  if (!form.matches('[data-theme-form]') || !choice) return;
  event.preventDefault();
  show(choice);
  const body = new URLSearchParams(new FormData(form, event.submitter));
  fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => {});
});

function show(choice) {
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const button of document.querySelectorAll('[data-theme-form] button')) {
    button.setAttribute('aria-pressed', String(button.value === choice));
  }
}
