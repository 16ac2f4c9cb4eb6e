# syntax=docker/dockerfile:1

# docker build --build-arg VERSION=v0.1.0 --build-arg COMMIT=$(git rev-parse HEAD) --tag registry.example.com/floorkeeper:v0.1.0 .
#
# make image assembles the same without a container engine: it reads the last stage here, and both run make build.
ARG VERSION=devel
ARG COMMIT

# Go cross-compiles, so the builder runs on the machine's own platform whatever the target is. The digest is that of the
# official image, from https://github.com/docker-library/repo-info/blob/master/repos/golang/remote/1.26.8.md
FROM --platform=$BUILDPLATFORM golang:1.26.8@sha256:9d2f36f06329b2a141b9db99ffa32765cf695ee57b813ca29e245e8670bcbfff AS build
WORKDIR /src

# The modules change less often than the code: downloaded first, they stay in a layer of their own.
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download

COPY Makefile ./
COPY cmd cmd
COPY config config
COPY controller controller
COPY schedules schedules
COPY text text
COPY zones zones

ARG TARGETOS TARGETARCH
ARG VERSION COMMIT
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH make build VERSION=$VERSION COMMIT=$COMMIT

# Certificates, and nothing else: no shell, no libc, no zone files. The time zones are in the binary.
FROM scratch
ARG VERSION COMMIT
LABEL org.opencontainers.image.title="floorkeeper" \
      org.opencontainers.image.description="Raises the minReplicas of HorizontalPodAutoscalers before a known peak, and restores it afterwards" \
      org.opencontainers.image.source="https://github.com/floorkeeper/floorkeeper" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/bin/floorkeeper /floorkeeper
# A number, so that kubelet can verify runAsNonRoot.
USER 65532:65532
ENTRYPOINT ["/floorkeeper"]
