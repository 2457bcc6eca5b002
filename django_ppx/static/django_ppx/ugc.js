/*
 * django-ppx: what the page of a UGC reward gains from JavaScript; it works without. Files go up one by one as they
 * are chosen, dropped or taken with the camera, each with its progress; the form then sends the rest.
 */
const form = document.querySelector("form[data-ppx-ugc]");
const errors = document.querySelector("[data-ppx-errors]");
if (errors) errors.focus();
if (form && form.querySelector("[data-ppx-files]")) start();

function start() {
  const find = (selector) => form.querySelector(selector);
  const list = find("[data-ppx-list]");
  const drop = find("[data-ppx-drop]");
  const wait = find("[data-ppx-wait]");
  const words = form.dataset;
  const queue = [];
  let current = null;
  let removals = 0;
  let isSending = false; // as soon as everything has arrived

  const region = document.createElement("div");
  region.className = "ppx ppx-hidden";
  region.setAttribute("role", "status");
  document.body.appendChild(region);

  function say(text) {
    region.textContent = "";
    setTimeout(() => (region.textContent = text), 50);
  }

  function body(values) {
    const data = new FormData();
    ["csrfmiddlewaretoken", "form_key"].forEach((name) => data.append(name, form.elements[name].value));
    Object.entries(values).forEach(([name, value]) => data.append(name, value));
    return data;
  }

  /* One file: shown at once, sent when its turn comes */

  function add(file) {
    const item = find("template[data-ppx-file]").content.firstElementChild.cloneNode(true);
    const part = (name) => item.querySelector("[data-ppx-" + name + "]");
    const entry = { file, item, part, request: null };
    part("name").textContent = file.name;
    label(entry);
    part("retry").addEventListener("click", () => {
      fail(entry, "");
      enqueue(entry);
      part("remove").focus();
    });
    list.appendChild(item);
    item.ppxEntry = entry;
    preview(entry);
    const sort = file.type.split("/")[0];
    if (sort === "image" && file.size > words.photoBytes) fail(entry, words.photoTooLarge);
    else if (sort === "video" && file.size > words.videoBytes) fail(entry, words.videoTooLarge);
    else enqueue(entry);
  }

  function label(entry) {
    const button = entry.part("remove");
    button.setAttribute("aria-label", button.getAttribute("aria-label") + " " + entry.file.name);
    entry.part("progress").setAttribute("aria-label", entry.file.name);
  }

  function preview(entry) {
    if (!window.createImageBitmap || !entry.file.type.startsWith("image/")) return;
    createImageBitmap(entry.file, { resizeWidth: 240, resizeQuality: "medium" }).then((bitmap) => {
      if (entry.isDone) return;
      const canvas = document.createElement("canvas");
      canvas.className = "ppx-ugc__thumb";
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      entry.part("frame").replaceChildren(canvas);
    }, () => {});
  }

  function enqueue(entry) {
    entry.part("progress").hidden = false;
    queue.push(entry);
    next();
  }

  function next() {
    if (current) return;
    current = queue.shift() || null;
    if (current) send(current);
    else if (isSending && !removals) form.requestSubmit(find(".ppx-ugc__button"));
  }

  function send(entry) {
    const request = (entry.request = new XMLHttpRequest());
    request.open("POST", words.addUrl);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      // The last tenth is the shop looking at it.
      if (event.lengthComputable) entry.part("progress").value = (90 * event.loaded) / event.total;
    });
    request.addEventListener("loadend", () => {
      const answer = request.response;
      current = null;
      if (answer && answer.is_ok && !entry.item.isConnected) removeFromShop(answer.media.key);
      else if (answer && answer.is_ok) done(entry, answer.media);
      else if (entry.item.isConnected) fail(entry, (answer && answer.error) || words.failed, !answer || request.status === 503);
      next();
    });
    request.send(body({ files: entry.file }));
  }

  function done(entry, media) {
    entry.isDone = true;
    entry.part("remove").value = media.key;
    entry.part("name").textContent = media.name;
    ["progress", "failure", "retry"].forEach((name) => entry.part(name).remove());
    if (media.preview_url) {
      const image = new Image();
      image.className = "ppx-ugc__thumb";
      image.alt = "";
      image.addEventListener("load", () => entry.part("frame").replaceChildren(image));
      image.src = media.preview_url;
    } else if (media.is_video) {
      const use = entry.part("frame").querySelector("use");
      if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#ppx-icon-play"));
    }
    say(words.added + " " + media.name);
  }

  function fail(entry, sentence, canRetry) {
    const failure = entry.part("failure");
    failure.textContent = sentence;
    failure.hidden = !sentence;
    entry.part("retry").hidden = !(sentence && canRetry);
    entry.part("progress").hidden = Boolean(sentence);
    entry.part("progress").value = 0;
    entry.item.classList.toggle("ppx-ugc__item--failed", Boolean(sentence));
    if (!sentence) return;
    isSending = false; // Whoever sends should know that this one is not among it.
    say(entry.file.name + ": " + sentence);
  }

  function remove(button) {
    const item = button.closest("[data-ppx-item]");
    const entry = item.ppxEntry;
    const name = item.querySelector("[data-ppx-name]").textContent;
    const other = item.nextElementSibling || item.previousElementSibling;
    if (entry && queue.includes(entry)) queue.splice(queue.indexOf(entry), 1);
    item.remove();
    (other ? other.querySelector("[data-ppx-remove]") : find("[data-ppx-files]")).focus();
    say(words.removed + " " + name);
    if (button.value) removeFromShop(button.value);
    // One that is all there can't be called back: it is removed when the shop has answered.
    else if (entry && entry === current && entry.part("progress").value < 90) entry.request.abort();
  }

  function removeFromShop(key) {
    removals += 1;
    fetch(words.removeUrl, { method: "POST", body: body({ key }) }).catch(() => {}).then(() => {
      removals -= 1;
      next();
    });
  }

  /* Choosing, dropping, the camera */

  find("[data-ppx-add]").hidden = true;
  find("[data-ppx-camera]").hidden = !matchMedia("(pointer: coarse)").matches;
  find("[data-ppx-drop-hint]").hidden = !matchMedia("(pointer: fine)").matches;

  form.querySelectorAll("[data-ppx-files]").forEach((input) =>
    input.addEventListener("change", () => {
      Array.from(input.files).forEach(add);
      input.value = "";
    })
  );

  let depth = 0;
  const hasFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
  const mark = (change) => {
    depth = change ? Math.max(0, depth + change) : 0;
    drop.classList.toggle("ppx-ugc__drop--over", depth > 0);
  };
  document.addEventListener("dragenter", (event) => hasFiles(event) && mark(1));
  document.addEventListener("dragleave", (event) => hasFiles(event) && mark(-1));
  document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(0);
    Array.from(event.dataTransfer.files).forEach(add);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData) Array.from(event.clipboardData.files).forEach(add);
  });

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ppx-remove]");
    if (!button) return;
    event.preventDefault();
    remove(button);
  });

  /* Sending: when the last file has arrived, and once */

  form.addEventListener("submit", (event) => {
    if (current || queue.length || removals) {
      event.preventDefault();
      isSending = true;
      wait.textContent = words.wait;
    } else if (words.ppxIsSent) {
      event.preventDefault();
    } else {
      words.ppxIsSent = "1";
    }
  });
  addEventListener("pageshow", () => delete words.ppxIsSent);
}
