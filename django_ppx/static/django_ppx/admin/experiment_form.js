/* The planner follows the form: posts it as it stands and puts the answer in. Without this script a button does it. */

const WAIT_MS = 350;

function setUp(panel) {
  const form = panel.closest("form");
  const answer = panel.querySelector("[data-ppx-planner-answer]");
  const status = panel.querySelector("[data-ppx-planner-status]");
  const assume = panel.querySelector("[data-ppx-planner-assume]");
  if (!form || !answer) return;
  panel.querySelector("[data-ppx-planner-button]").hidden = true;
  let timer = 0;
  let newest = 0;

  const load = async () => {
    newest += 1;
    const mine = newest;
    answer.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(panel.dataset.ppxPlanner, { method: "POST", body: new FormData(form), redirect: "error" });
      if (!response.ok) throw new Error(String(response.status));
      const html = await response.text();
      if (mine !== newest) return;
      const fresh = new DOMParser().parseFromString(html, "text/html");
      answer.replaceChildren(...document.adoptNode(fresh.body).childNodes);
      if (assume && answer.querySelector("[data-ppx-plan-asks]")) assume.open = true;
      status.textContent = "";
    } catch {
      if (mine === newest) status.textContent = panel.dataset.ppxPlannerFailed;
    }
    if (mine === newest) answer.removeAttribute("aria-busy");
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(load, WAIT_MS);
  };

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}

document.querySelectorAll("[data-ppx-planner]").forEach(setUp);

/* What others are compared with matters only where nobody is left out. */
const holdout = document.querySelector("#id_holdout_percent");
const control = document.querySelector(".form-row.field-control_label");
if (holdout && control) {
  const fit = () => { control.hidden = Number(holdout.value) > 0; };
  holdout.addEventListener("input", fit);
  fit();
}
