/* Makes the codes of a batch while its page is open, step by step. Without this script the button does each step. */

const box = document.querySelector("[data-ppx-batch]");
const form = box?.querySelector("[data-ppx-batch-step]");
const bar = box?.querySelector("progress");
const text = box?.querySelector("[data-ppx-batch-text]");
const problem = box?.querySelector("[data-ppx-batch-problem]");

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
  problem.textContent = "";
  try {
    while (await step());
    location.reload();
  } catch {
    problem.textContent = box.dataset.ppxBatchFailed;
    form.hidden = false;
  }
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  run();
}
