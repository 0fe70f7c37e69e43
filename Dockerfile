# A small image with the binary, for linux/amd64 and linux/arm64, of the archives in dist/release (npm run release):
#
#     docker buildx build --platform linux/amd64,linux/arm64 --tag pollux .
#
# A server in it:
#
#     FROM ghcr.io/pollux-wasm/pollux
#     COPY app.wasm /
#     EXPOSE 8080
#     CMD ["serve", "/app.wasm"]
#
# The first process of a container is not ended by SIGTERM, unless it handles it, as `pollux serve` does: with `pollux run` say
# `docker run --init`.

# Docker's names for machines are not npm's.
FROM scratch AS amd64
ADD dist/release/pollux-linux-x64.tar.gz /

FROM scratch AS arm64
ADD dist/release/pollux-linux-arm64.tar.gz /

FROM ${TARGETARCH} AS archive

# glibc, certificates and a user, and nothing else: no shell.
FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=archive /*/bin/pollux /usr/local/bin/pollux
COPY --from=archive /*/share/doc/pollux/ /usr/local/share/doc/pollux/
ENTRYPOINT ["pollux"]
CMD ["--help"]
