# syntax=docker/dockerfile:1
# The versions are those of sandbox/programs/table.ts. The checksums come with the official releases.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The compiler is a package per platform, which npm counts as optional; this stage needs it.
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY workers ./workers
RUN npm run build && npm prune --omit=dev --omit=optional

FROM debian:bookworm-slim AS programs
ARG TARGETARCH=amd64
ARG HELM_VERSION=v4.3.1
ARG KUSTOMIZE_VERSION=v5.8.1
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /programs
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN archive="helm-${HELM_VERSION}-linux-${TARGETARCH}.tar.gz" \
    && curl -fsSLO "https://get.helm.sh/${archive}" \
    && curl -fsSL "https://get.helm.sh/${archive}.sha256sum" | sha256sum -c - \
    && tar -xzf "${archive}" --strip-components=1 "linux-${TARGETARCH}/helm" \
    && rm "${archive}"
RUN archive="kustomize_${KUSTOMIZE_VERSION}_linux_${TARGETARCH}.tar.gz" \
    && base="https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2F${KUSTOMIZE_VERSION}" \
    && curl -fsSLO "${base}/${archive}" \
    && curl -fsSL "${base}/checksums.txt" | grep " ${archive}\$" | sha256sum -c - \
    && tar -xzf "${archive}" kustomize \
    && rm "${archive}"

FROM node:${NODE_VERSION}-bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates git openssh-client util-linux \
    && rm -rf /var/lib/apt/lists/*
COPY --from=programs /programs/helm /programs/kustomize /usr/local/bin/
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
# Slipway writes only to one volume, so the root file system can be read-only.
ENV NODE_ENV=production SLIPWAY_CONFIG=/etc/slipway/server.yaml
RUN mkdir /var/lib/slipway && chown 1000:1000 /var/lib/slipway
VOLUME /var/lib/slipway
USER 1000:1000
EXPOSE 8080 9090
# docs/decisions/memory.md
ENV MALLOC_ARENA_MAX=2
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=40", "/app/dist/src/main.js"]
CMD ["run"]
