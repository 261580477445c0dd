// The link /login#TOKEN: the token leaves the address bar at once and is sent as the form would send it.

const form = document.getElementById("login");
const token = decodeURIComponent(location.hash.slice(1));

if (form && token) {
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.token.value = token;
  form.requestSubmit();
}
