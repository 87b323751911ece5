// The same messages to the same provider by Nodemailer's pool. Arguments: port, connections, messages, authority file; the token comes on standard input.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const nodemailer = createRequire(process.argv[6] + "/")("nodemailer");
const [port, connections, total] = process.argv.slice(2, 5).map(Number);
const accessToken = await new Promise(resolve => process.stdin.once("data", data => resolve(String(data).trim())));
const transport = nodemailer.createTransport({
  host: "localhost", port, requireTLS: true, pool: true, maxConnections: connections, maxMessages: Infinity,
  tls: { ca: readFileSync(process.argv[5]) }, auth: { type: "OAuth2", user: "noreply@contoso.example", accessToken },
});
const text = "A line of seventy-two letters that looks like the text of a usual mail\r\n".repeat(56);
const message = { from: "noreply@contoso.example", to: "someone@example.org", subject: "Bench", text };
let left = total;
// As many at once as there are connections, twice over, so that none waits for the next message.
await Promise.all(Array.from({ length: connections * 2 }, async () => { while (left-- > 0) await transport.sendMail(message); }));
transport.close();
const { user, system } = process.cpuUsage();
console.log(user + system);
process.exit(0);
