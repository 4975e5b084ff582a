// button[data-opens="#dialog"] opens a native dialog; form[data-confirm="#dialog"] asks in it before it is sent.
// In the dialog, button[data-yes] sends and <form method="dialog"> closes. Without script the form is sent at once,
// so what cannot be undone also has a page of its own that asks.
export function start(root) {
  for (const button of root.querySelectorAll("[data-opens]")) {
    button.hidden = false;
    button.onclick = () => document.querySelector(button.dataset.opens)?.showModal();
  }
  for (const form of root.querySelectorAll("form[data-confirm]")) {
    const dialog = document.querySelector(form.dataset.confirm);
    if (!dialog || form.asks) continue;
    form.asks = true;
    form.addEventListener("submit", (event) => {
      if (form.agreed) return;
      event.preventDefault();
      const by = event.submitter;
      dialog.querySelector("[data-yes]").onclick = () => {
        form.agreed = true;
        dialog.close();
        form.requestSubmit(by);
      };
      dialog.showModal();
    });
  }
}
