// SDK-HMAC-SHA256 with the browser's own cryptography.

const ALGORITHM = "SDK-HMAC-SHA256";

const bytes = (text) => new TextEncoder().encode(text);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (text) => hex(await crypto.subtle.digest("SHA-256", bytes(text)));

/** Percent-encodes all but letters, digits and `-_.~`. */
export const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase());

/** Whether the browser offers its cryptography here: over HTTPS and on localhost, but not over plain HTTP elsewhere. */
export const canSign = () => Boolean(globalThis.crypto?.subtle);

/** The time as `YYYYMMDDTHHMMSSZ`. */
export const stamp = (date) => date.toISOString().replace(/[-:]|\.\d{3}/g, "");

/** The headers that sign a request. Its path and query values are not encoded yet. */
export async function sign({ method, segments, query, headers, body }, { accessKey, secretKey }) {
  const names = Object.keys(headers).sort();
  const pairs = query.map(([name, value]) => [encode(name), encode(value)]);
  pairs.sort((one, other) => (one.join("=") < other.join("=") ? -1 : 1));
  const canonical = [
    method,
    segments.map(encode).join("/") + "/",
    pairs.map((pair) => pair.join("=")).join("&"),
    names.map((name) => `${name}:${headers[name].trim()}\n`).join(""),
    names.join(";"),
    await sha256(body ?? ""),
  ].join("\n");
  const toSign = [ALGORITHM, headers["x-sdk-date"], await sha256(canonical)].join("\n");
  const key = await crypto.subtle.importKey("raw", bytes(secretKey), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = hex(await crypto.subtle.sign("HMAC", key, bytes(toSign)));
  return `${ALGORITHM} Access=${accessKey}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
}
