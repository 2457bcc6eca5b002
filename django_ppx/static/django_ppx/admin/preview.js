/* The live preview: posts the form as it stands and shows the answer in the frame beside it. */

const WAIT_MS = 350;
const MAX_FILE_BYTES = 3 * 1024 * 1024;
const FRAME_WIDTHS = { phone: 375, desktop: 780 };

function setUp(panel) {
  const form = panel.closest("form");
  const frame = panel.querySelector("[data-ppx-preview-frame]");
  const status = panel.querySelector("[data-ppx-preview-status]");
  if (!form || !frame) return;
  panel.querySelectorAll("[data-ppx-preview-needs-script]").forEach((part) => {
    part.hidden = false;
    part.querySelectorAll("input").forEach((input) => { input.disabled = false; });
  });
  let timer = 0;
  let newest = 0;

  const typed = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data.entries()]) {
      if (value instanceof File && (value.size === 0 || value.size > MAX_FILE_BYTES)) data.delete(name);
    }
    return data;
  };

  const fit = () => {
    const chosen = form.elements.preview_width?.value || "desktop";
    const width = FRAME_WIDTHS[chosen] || FRAME_WIDTHS.desktop;
    const room = frame.parentElement.clientWidth;
    const scale = Math.min(1, room / width);
    frame.style.width = `${Math.max(width, room / scale > width && chosen === "desktop" ? room : width)}px`;
    frame.style.marginInline = scale === 1 && chosen === "phone" ? "auto" : "";
    frame.style.transform = scale < 1 ? `scale(${scale})` : "";
    const height = frame.contentDocument?.body?.scrollHeight || 0;
    if (height) {
      frame.style.height = `${height}px`;
      frame.parentElement.style.height = `${Math.ceil(height * scale)}px`;
    }
  };

  const put = (html) => {
    const shown = frame.contentDocument;
    if (!frame.srcdoc || !shown?.body) {
      frame.srcdoc = html;
      return;
    }
    const fresh = new DOMParser().parseFromString(html, "text/html");
    shown.documentElement.dataset.ppxScheme = fresh.documentElement.dataset.ppxScheme;
    const [before, after] = [shown.getElementById("ppx-theme"), fresh.getElementById("ppx-theme")];
    if (before && after && before.href !== after.href) before.href = after.getAttribute("href");
    shown.body.replaceWith(shown.adoptNode(fresh.body));
    fit();
  };

  const load = async () => {
    newest += 1;
    const mine = newest;
    try {
      const answer = await fetch(panel.dataset.ppxPreview, { method: "POST", body: typed(), redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (mine !== newest) return;
      put(html);
      status.textContent = "";
    } catch {
      if (mine === newest) status.textContent = panel.dataset.ppxPreviewFailed;
    }
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(load, WAIT_MS);
  };

  frame.addEventListener("load", () => {
    fit();
    const watcher = new ResizeObserver(fit);
    watcher.observe(frame.contentDocument.documentElement);
    watcher.observe(frame.parentElement);
  });
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  document.addEventListener("formset:added", soon);
  document.addEventListener("formset:removed", soon);
  load();
}

document.querySelectorAll("[data-ppx-preview]").forEach(setUp);

/* Frames whose whole page came with ours grow to what is in them. */
document.querySelectorAll("iframe[data-ppx-fit]").forEach((frame) => {
  const fit = () => {
    const body = frame.contentDocument?.body;
    if (body) frame.style.height = `${body.scrollHeight + 4}px`;
  };
  frame.addEventListener("load", fit);
  fit();
});

/* A colour field says which colour it holds. */
document.querySelectorAll("input[type=color]").forEach((input) => {
  const shown = document.createElement("code");
  shown.className = "ppx-color";
  const say = () => { shown.textContent = input.value; };
  input.addEventListener("input", say);
  input.after(shown);
  say();
});
