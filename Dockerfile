# syntax=docker/dockerfile:1
ARG NODE_VERSION=24.21.0
ARG GO_VERSION=1.26.8

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The compiler is a package per platform, which npm counts as optional; this stage needs it.
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY workers ./workers
RUN npm run build && npm prune --omit=dev --omit=optional

# The render engine: a static program that renders what repositories contain, locked away from everything else.
FROM golang:${GO_VERSION}-bookworm AS engine
ARG TARGETARCH=amd64
WORKDIR /engine
COPY engine/go.mod engine/go.sum ./
RUN go mod download
COPY engine ./
# Charts can see Helm's version.
RUN CGO_ENABLED=0 GOARCH=${TARGETARCH} go build -trimpath \
    -ldflags="-s -w -X helm.sh/helm/v4/internal/version.version=v4.3.1" -o /slipway-engine .

FROM node:${NODE_VERSION}-bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates git openssh-client \
    && rm -rf /var/lib/apt/lists/*
COPY --from=engine /slipway-engine /usr/local/bin/
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
