// Keys for “Moderate”, and counting ticks in its grid. Every key presses a button or follows a link of the page.

const page = document.querySelector("[data-ppx-moderate]");
const grid = document.querySelector("[data-ppx-bulk]");

function find(name) {
  return page.querySelector(`[data-ppx-${name}]`);
}

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
}

/** Sends a form as its own button would, and once only: a key held down must not decide on the next one too. */
function send(form, button) {
  if (!form || form.dataset.ppxSent) return;
  form.dataset.ppxSent = "1";
  form.requestSubmit(button);
}

function toggle(details, isOpen) {
  if (!details) return;
  details.open = isOpen;
  details.querySelector(isOpen ? "textarea, button" : "summary")?.blur();
  details.querySelector("summary").focus();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const reject = find("reject");
  if (event.key === "Escape" && reject?.open) {
    toggle(reject, false);
    return;
  }
  // A player has keys of its own.
  if (isTyping(event.target) || event.target.closest("video")) return;
  if (/^[1-9]$/.test(event.key) && reject?.open) {
    const button = reject.querySelectorAll("button[name=reason]")[Number(event.key) - 1];
    if (button) send(button.form, button);
    return;
  }
  const follow = (name) => find(name)?.click();
  const help = find("help");
  const actions = {
    a: () => send(find("approve")),
    r: () => toggle(reject, !reject?.open),
    s: () => follow("next"),
    u: () => send(find("undo")),
    "?": () => toggle(help, !help?.open),
    ArrowRight: () => follow("next"),
    ArrowLeft: () => follow("previous"),
  };
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function countTicks() {
  const boxes = [...grid.querySelectorAll("[name=submissions]")];
  const told = grid.querySelector("[data-ppx-ticked]");
  const all = grid.querySelector("[data-ppx-tick-all]");

  function tell() {
    const count = boxes.filter((box) => box.checked).length;
    told.textContent = count ? ` · ${count} ${told.dataset.ppxTickedText}` : "";
  }

  all.hidden = false;
  all.addEventListener("click", () => {
    const isOn = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = isOn;
    tell();
  });
  grid.addEventListener("change", tell);
  tell();
}

if (page) document.addEventListener("keydown", onKey);
if (grid) countTicks();
