# syntax=docker/dockerfile:1

# docker build --build-arg VERSION=v0.1.0 --build-arg COMMIT=$(git rev-parse HEAD) --tag ghcr.io/floorkeeper/floorkeeper:v0.1.0 .

# Go cross-compiles, so the builder runs on the machine's own platform whatever the target is.
FROM --platform=$BUILDPLATFORM golang:1.26.8 AS build
WORKDIR /src

# The modules change less often than the code: downloaded first, they stay in a layer of their own.
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download

COPY cmd cmd
COPY config config
COPY controller controller
COPY schedules schedules
COPY text text
COPY zones zones

ARG TARGETOS TARGETARCH
ARG VERSION=devel
ARG COMMIT
ARG CLI=github.com/floorkeeper/floorkeeper/cmd/internal/cli
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X $CLI.Version=$VERSION -X $CLI.Commit=$COMMIT" -o /floorkeeper ./cmd/floorkeeper

# Certificates, and nothing else: no shell, no libc, no zone files. The time zones are in the binary.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /floorkeeper /floorkeeper
# A number, so that kubelet can verify runAsNonRoot.
USER 65532:65532
ENTRYPOINT ["/floorkeeper"]
