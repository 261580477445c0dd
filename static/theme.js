// The theme, changed without leaving the page. The cookie lets the server render the page in it from the start.

const YEAR_SECONDS = 31_536_000;

export function startThemes() {
  const form = document.getElementById("theme");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const theme = event.submitter.value;
    const age = theme === "auto" ? 0 : YEAR_SECONDS;
    document.cookie = `callback_inspector_theme=${theme}; Path=/; Max-Age=${age}; SameSite=Strict`;
    if (theme === "auto") {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = theme;
    }
    for (const button of form.elements.theme) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  });
}
