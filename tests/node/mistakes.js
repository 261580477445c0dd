// An Express application that makes the mistakes which break signatures: as a receiver it answers with the
// bytes that it would have hashed, as a sender it signs wrongly and posts to the URL that it is given.
import { createHmac } from "node:crypto";
import express from "express";

const app = express();

// Receivers: each answers with what it takes for the signed body.
app.post("/receive/parsed", express.json(), (request, response) => {
  response.type("bytes").send(Buffer.from(JSON.stringify(request.body)));
});

app.post("/receive/text-as-latin1", express.raw({ type: "*/*" }), (request, response) => {
  response.type("bytes").send(Buffer.from(request.body.toString("latin1"), "utf8"));
});

app.post("/receive/base64-event", express.raw({ type: "*/*" }), (request, response) => {
  response.type("bytes").send(Buffer.from(request.body.toString("base64")));
});

// Senders: ?to=URL&secret=SECRET, and a callback as Blaxel sends it but for one thing.
const payload = JSON.stringify({ status_code: 200, response_body: "café & crème", timestamp: 1735891200 });
const digest = (secret, content, hash = "sha256", encoding = "hex") =>
  createHmac(hash, secret).update(content).digest(encoding);

const senders = {
  base64: ({ secret, seconds }) => ["sha256=" + digest(secret, payload, "sha256", "base64"), seconds],
  "timestamp-signed": ({ secret, seconds }) => ["sha256=" + digest(secret, `${seconds}.${payload}`), seconds],
  milliseconds: ({ secret, seconds }) => ["sha256=" + digest(secret, payload), seconds * 1000],
  object: ({ secret, seconds }) => ["sha256=" + digest(secret, String(JSON.parse(payload))), seconds],
  sha1: ({ secret, seconds }) => ["sha256=" + digest(secret, payload, "sha1"), seconds],
};

app.post("/send/:mistake", async (request, response) => {
  const { to, secret } = request.query;
  const seconds = Math.floor(Date.now() / 1000);
  const [signature, timestamp] = senders[request.params.mistake]({ secret, seconds });
  const sent = await fetch(to, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Blaxel-Signature": signature,
      "X-Blaxel-Timestamp": String(timestamp),
    },
    body: payload,
  });
  response.sendStatus(sent.status);
});

const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0)); // the test that started it has ended
