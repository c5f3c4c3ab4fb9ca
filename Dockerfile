# One image for both back ends. `docker build .`, or hardware/build-image.sh where no registry is in reach.
#
# Proxy back end, no privileges; page and metrics are on loopback, hence the host's network:
#   docker run --network host -v ./site:/etc/penstock:ro -v penstock:/var/lib/penstock penstock
#
# Kernel back end, in a namespace of its own that is given the ports it stands between. /proc/sys is read-only
# in a container, so what the engine would set comes from outside; penstock doctor names what is missing:
#   docker run --user root --cap-add NET_ADMIN \
#     --sysctl net.ipv4.ip_forward=1 \
#     --sysctl net.ipv4.tcp_early_demux=0 --sysctl net.ipv4.tcp_fwmark_accept=0 \
#     --sysctl net.ipv4.conf.all.send_redirects=0 --sysctl net.ipv4.conf.default.send_redirects=0 \
#     --sysctl net.ipv4.conf.all.accept_redirects=0 --sysctl net.ipv4.conf.default.accept_redirects=0 \
#     --sysctl net.ipv4.conf.all.rp_filter=1 --sysctl net.ipv4.conf.default.rp_filter=1 \
#     --sysctl net.ipv4.conf.all.src_valid_mark=1 --sysctl net.ipv4.conf.all.accept_source_route=0 …
# Forwarding is then on before the table stands: connect the ports after the container has started. An inline leg needs
# settings of its own device as well: a /proc/sys that can be written.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS packages
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates npm
# npm trusts what the system trusts: a site may reach its registry through a proxy of its own.
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
WORKDIR /opt/penstock
COPY package.json package-lock.json ./
# The package "node" keeps a second copy of the runtime, its headers and its manual.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/node/node_modules

FROM ${BASE}
RUN apt-get update \
  && apt-get install -y --no-install-recommends iproute2 libnftables1 netbase util-linux \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
# One user per process for the kernel back end, which starts as root and hands the rights out; the proxy back
# end runs as "penstock" throughout.
RUN for user in penstock penstock-engine penstock-inspector penstock-front; do \
    useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --user-group $user || exit 1; \
  done \
  && install -d -o penstock -g penstock /var/lib/penstock /run/penstock
COPY --from=packages /opt/penstock/node_modules /opt/penstock/node_modules
COPY package.json README.md /opt/penstock/
COPY rules /opt/penstock/rules
COPY policy /opt/penstock/policy
COPY hardware /opt/penstock/hardware
COPY test/plant /opt/penstock/test/plant
COPY gateway /opt/penstock/gateway
USER penstock
WORKDIR /opt/penstock
VOLUME /var/lib/penstock
# Asks the engine itself over its local socket, so it needs no port and no page.
HEALTHCHECK --interval=30s --timeout=10s --start-period=15s \
  CMD ["node_modules/.bin/node", "gateway/cli/penstock.ts", "status", "--config", "/etc/penstock/gateway.yaml"]
ENTRYPOINT ["node_modules/.bin/node", "--disable-warning=ExperimentalWarning", "gateway/cli/penstock.ts"]
CMD ["run", "--config", "/etc/penstock/gateway.yaml"]
