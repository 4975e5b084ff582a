// form[data-autosubmit]: a GET form of filters is sent as soon as a box or a list changes; its button stays for everybody else.
export function start(root) {
  for (const form of root.querySelectorAll("form[data-autosubmit]")) {
    if (form.autosubmits) continue;
    form.autosubmits = true;
    form.addEventListener("change", (event) => {
      if (event.target.matches("input[type=checkbox], input[type=radio], select")) form.requestSubmit();
    });
  }
}
