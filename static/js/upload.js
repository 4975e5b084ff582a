// input[type=file][data-upload data-upload-url]: streams the raw file with a progress bar that can be cancelled, then
// refreshes the region [data-upload-region] by loading its data-src. Without this module the plain form sends the file.
//
// PUT <data-upload-url>, body = the bytes, headers Content-Type, X-File-Name (percent-encoded), X-CSRFToken.
// Chosen fields of the form travel as query parameters: data-upload-fields="requirement criteria".
import { refresh } from "./load.js";

class Upload {
  constructor(input) {
    this.input = input;
    this.form = input.form;
    this.box = input.closest(".upload") ?? this.form;
    input.addEventListener("change", () => this.chosen());
    this.form?.addEventListener("submit", (event) => {
      const fallback = event.submitter?.dataset.uploadFallback !== undefined;
      if (fallback && !input.files.length && input.dataset.sent) event.preventDefault();
    });
    for (const button of this.box.querySelectorAll("[data-upload-fallback]")) button.hidden = true;
    this.drops();
  }

  drops() {
    this.box.addEventListener("dragover", (event) => event.preventDefault());
    this.box.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.input.files = event.dataTransfer.files;
      this.chosen();
    });
  }

  async chosen() {
    const files = [...this.input.files];
    this.input.value = "";
    for (const file of files) await this.send(file);
    const region = this.input.dataset.uploadRegion;
    if (this.input.dataset.sent && region) refresh(document.querySelector(region));
  }

  address() {
    const url = new URL(this.input.dataset.uploadUrl, location.href);
    for (const name of (this.input.dataset.uploadFields ?? "").split(" ").filter(Boolean)) {
      for (const value of new FormData(this.form).getAll(name)) url.searchParams.append(name, value);
    }
    return url;
  }

  send(file) {
    const row = new Row(file, this.input);
    this.box.append(row.node);
    const most = Number(this.input.dataset.uploadMax ?? 0);
    if (most && file.size > most) return row.fail(this.input.dataset.uploadTooLarge ?? "");
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open(this.input.dataset.uploadMethod ?? "PUT", this.address());
      request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
      request.setRequestHeader("X-CSRFToken", this.form?.elements.namedItem("csrfmiddlewaretoken")?.value ?? "");
      request.upload.addEventListener("progress", (event) => row.progress(event.loaded, event.total));
      request.addEventListener("load", () => done(this.finished(request, row)));
      request.addEventListener("error", () => done(row.fail(this.input.dataset.uploadBroken ?? "")));
      request.addEventListener("abort", () => done(row.node.remove()));
      row.cancel.addEventListener("click", () => request.abort());
      request.send(file);
    });
  }

  finished(request, row) {
    if (request.status >= 200 && request.status < 300) {
      this.input.dataset.sent = "1";
      row.node.remove();
      return;
    }
    let problem = {};
    try {
      problem = JSON.parse(request.responseText);
    } catch {
      // Not JSON: the words of the template stand in.
    }
    const first = Object.values(problem.errors ?? {})[0]?.[0];
    row.fail(first ?? problem.detail ?? this.input.dataset.uploadBroken ?? "");
  }
}

class Row {
  constructor(file, input) {
    this.node = document.createElement("div");
    this.node.className = "upload-row";
    const name = document.createElement("span");
    name.className = "upload-name";
    name.textContent = file.name;
    this.cancel = document.createElement("button");
    this.cancel.type = "button";
    this.cancel.className = "btn btn--sm";
    this.cancel.textContent = input.dataset.uploadCancel ?? "Cancel";
    this.bar = document.createElement("progress");
    this.bar.className = "bar";
    this.bar.setAttribute("aria-label", file.name);
    this.bar.max = file.size || 1;
    this.bar.value = 0;
    this.node.append(name, this.cancel, this.bar);
  }

  progress(loaded, total) {
    this.bar.max = total || 1;
    this.bar.value = loaded;
  }

  fail(words) {
    const message = document.createElement("p");
    message.setAttribute("role", "alert");
    message.className = "field-error";
    message.textContent = words;
    this.bar.replaceWith(message);
    this.cancel.remove();
  }
}

export function start(root) {
  for (const input of root.querySelectorAll('input[type="file"][data-upload]')) input.upload ??= new Upload(input);
}
