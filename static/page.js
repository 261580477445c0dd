// A page of ours, loaded without going there. Its pieces are made by the server and taken over as nodes, so that
// nothing has to be parsed here and captured text stays text.

export function loadPage(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.onload = () => (request.status === 200 ? resolve(request.response) : reject(new Error(request.status)));
    request.onerror = () => reject(new Error("no answer"));
    request.send();
  });
}
