/** Why a vendor's connection came to nothing, in a sentence that says what to do. `code` is of Node or OpenSSL. */
export function failureText(code: string, place: string): string {
  if (code === 'ECONNREFUSED') {
    return `${place} takes no connection: no session is open there now. Look at the session's page.`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${place} cannot be found by its name.`;
  if (['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code)) {
    return `${place} cannot be reached from here; a firewall may be between.`;
  }
  if (/VERIFY|SELF_SIGNED|CERT_|ISSUER/.test(code) && !/ALERT/.test(code)) {
    return `${place} is not the box that made these credentials: its certificate is of another authority. Nothing was sent.`;
  }
  if (/ALERT_CERTIFICATE_EXPIRED/.test(code)) return `${place} says that the certificate has ended.`;
  if (code === 'reset' || code === 'ECONNRESET' || code === 'EPIPE' || /ALERT/.test(code)) {
    return `${place} closed the connection. If it does so at once every time, the session has been ended or the target is not in it.`;
  }
  return `The connection to ${place} broke (${code}).`;
}
