import {
  bindSocket,
  closeDescriptor,
  openSocket,
  receive,
  type SocketOption,
  sendBytes,
  setIntegerOption,
} from './libc.ts';

/**
 * A non-blocking netlink socket that the kernel logs the packets of one NFLOG group to. The kernel's
 * answer to the subscription is the first thing to read from it. Needs CAP_NET_ADMIN; reading does not.
 * @throws SystemCallError
 */
export function openPacketLog(group: number): number {
  const fd = openSocket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_NETFILTER);
  try {
    setIntegerOption(fd, SO_RCVBUFFORCE, ReceiveBuffer);
    bindSocket(fd, netlinkAddress());
    sendBytes(fd, subscription(group));
    return fd;
  } catch (cause) {
    closeDescriptor(fd);
    throw cause;
  }
}

/**
 * The generation of the nftables rulesets in this network namespace: the kernel raises it with every
 * transaction of anybody, and not when an element ends by itself.
 * @throws SystemCallError
 */
export function readRulesetGeneration(): number {
  const fd = openSocket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
  try {
    bindSocket(fd, netlinkAddress());
    sendBytes(fd, message((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN, NLM_F_REQUEST, 0, []));
    // One message, its first attribute NFTA_GEN_ID in network byte order, at once.
    const answer = new Uint8Array(256);
    receive(fd, answer);
    return new DataView(answer.buffer).getUint32(MessageHeader + 4, false);
  } finally {
    closeDescriptor(fd);
  }
}

/**
 * A non-blocking netlink socket that can be read whenever a transaction of anybody has changed the nftables rulesets
 * of this network namespace. Needs no right. @throws SystemCallError
 */
export function openRulesetNews(): number {
  const fd = openSocket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_NETFILTER);
  try {
    bindSocket(fd, netlinkAddress(1 << (NFNLGRP_NFTABLES - 1)));
    return fd;
  } catch (cause) {
    closeDescriptor(fd);
    throw cause;
  }
}

/** `struct sockaddr_nl`: the kernel chooses the port number. `groups` is a set of bits. */
function netlinkAddress(groups = 0): Uint8Array {
  const address = new Uint8Array(12);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  return address;
}

/** Binds the group; headers only; numbered, so that loss shows; flushed every 100 ms or 64 packets. */
function subscription(group: number): Uint8Array {
  const attributes = [
    attribute(NFULA_CFG_CMD, [NFULNL_CFG_CMD_BIND]),
    attribute(NFULA_CFG_MODE, [0, 0, 0, CopiedBytes, NFULNL_COPY_PACKET, 0]),
    attribute(NFULA_CFG_TIMEOUT, [0, 0, 0, 10]),
    attribute(NFULA_CFG_QTHRESH, [0, 0, 0, 64]),
    attribute(NFULA_CFG_FLAGS, [0, NFULNL_CFG_F_SEQ]),
  ].flat();
  const type = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_CONFIG;
  return message(type, NLM_F_REQUEST | NLM_F_ACK, group, attributes);
}

/** A netfilter netlink message: `struct nlmsghdr`, `struct nfgenmsg`, attributes. */
function message(type: number, flags: number, resource: number, attributes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array([...new Uint8Array(MessageHeader), ...attributes]);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint16(18, resource, false);
  return bytes;
}

/** A netlink attribute, padded to four bytes. */
function attribute(type: number, value: readonly number[]): readonly number[] {
  const length = 4 + value.length;
  return [length, 0, type, 0, ...value, ...Array<number>(-length & 3).fill(0)];
}

/** Bytes of each packet that are logged: the longest IPv4 header and the two ports. */
const CopiedBytes = 64;
/** Socket buffer, bytes: 90 000 packets in 3 s were read without loss with it. */
const ReceiveBuffer = 8 * 1024 * 1024;

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const NETLINK_NETFILTER = 12;
const SO_RCVBUFFORCE: SocketOption = { name: 'SO_RCVBUFFORCE', level: 1, number: 33 };
/** Both headers of a message. */
const MessageHeader = 20;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NFNL_SUBSYS_ULOG = 4;
const NFULNL_MSG_CONFIG = 1;
const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_GETGEN = 16;
const NFNLGRP_NFTABLES = 7;
const NFULA_CFG_CMD = 1;
const NFULA_CFG_MODE = 2;
const NFULA_CFG_TIMEOUT = 4;
const NFULA_CFG_QTHRESH = 5;
const NFULA_CFG_FLAGS = 6;
const NFULNL_CFG_CMD_BIND = 1;
const NFULNL_COPY_PACKET = 2;
const NFULNL_CFG_F_SEQ = 1;
