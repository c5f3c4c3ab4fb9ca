import type { ServerConfig } from 'ssh2';

/** Strong algorithms alone, all of them in OpenSSH since 7.4 (2016). The host key is Ed25519. */
export function sshServerOptions(hostKey: string): ServerConfig {
  return {
    hostKeys: [hostKey],
    ident: 'penstock',
    algorithms: {
      kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp256'],
      serverHostKey: ['ssh-ed25519'],
      cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr', 'aes128-ctr'],
      hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
      compress: ['none'],
    },
  };
}
