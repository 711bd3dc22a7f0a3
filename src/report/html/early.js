// Before anything is drawn: views are shown one at a time, in the theme that was chosen before.
document.documentElement.classList.add("live");
try {
  const theme = localStorage.getItem("flowgate-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A page from a file may have nowhere to keep it.
}
