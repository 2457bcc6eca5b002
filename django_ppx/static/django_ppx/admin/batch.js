/* Makes the codes of a batch while its page is open, step by step. Without this script the button does each step. */

const box = document.querySelector("[data-ppx-batch]");
const form = box?.querySelector("[data-ppx-batch-step]");
const bar = box?.querySelector("progress");
const text = box?.querySelector("[data-ppx-batch-text]");
const problem = box?.querySelector("[data-ppx-batch-problem]");
let isLeaving = false;

async function step() {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
    redirect: "error",
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.text);
  bar.value = told.made;
  text.textContent = told.text;
  return told.is_running;
}

async function run() {
  form.hidden = true;
  isLeaving = false;
  problem.textContent = "";
  try {
    let isRunning = true;
    while (isRunning && !isLeaving) isRunning = await step();
    // A reload would break off the way to the page that the person asked for.
    if (!isLeaving) location.reload();
  } catch {
    if (!isLeaving) problem.textContent = box.dataset.ppxBatchFailed;
  }
  form.hidden = false; // leaving may be a download, and the page stays
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  addEventListener("beforeunload", () => {
    isLeaving = true;
  });
  run();
}
